"""What the program asks of Firestore and Cloud Tasks is bounded, for it is what an office pays for and waits for."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from aduan.adapters.task_bodies import read_fetch
from infra.cost.data import read
from infra.local.firestore import FirestoreEmulator
from infra.local.readme import README
from tests.bench import bare, journeys, ways
from tests.bench.journeys import Cost, silent_world
from tests.end_to_end.world import SET_FORMAT, World

MEASURE_ANEW = "infra/cost/measured.toml is out of date: make cost MEASURE=1"


@pytest.fixture
def world(firestore_emulator: FirestoreEmulator) -> Iterator[World]:
    """WhatsApp reports only what a test lets it report."""
    with silent_world(firestore_emulator.host) as world:
        yield world


def over(costs: Mapping[str, Cost]) -> dict[str, Cost]:
    """The messages that ask too much before their 200."""
    return {
        message: cost
        for message, cost in costs.items()
        if cost.calls > journeys.MOST_CALLS or cost.tasks > journeys.most_tasks(message)
    }


def test_a_message_asks_three_calls_and_one_task_before_its_200_and_two_tasks_where_a_step_begins(world: World) -> None:
    costs = journeys.messages(world)
    assert over(costs) == {}
    assert {cost.tasks for cost in costs.values()} == {1, 2}


def test_a_picture_asks_one_task_more_than_a_text_and_nothing_else(world: World) -> None:
    writer = world.citizen("+6281234500003", name="Siti")
    assert writer.write(SET_FORMAT) == 200
    world.settle()
    spent = []
    for send in (lambda: writer.write("Mohon dipercepat."), lambda: writer.send_image(journeys.PICTURE)):
        world.advance(minutes=11)  # so that each is answered
        spent.append(journeys.cost(world, send))
    text, picture = spent
    assert picture == replace(text, tasks=text.tasks + 1)


def test_a_file_is_fetched_with_one_read_and_one_write(world: World) -> None:
    writer = world.citizen("+6281234500003", name="Siti")
    assert writer.write(SET_FORMAT) == 200
    world.settle()
    assert writer.send_image(journeys.PICTURE) == 200
    (message,) = [read_fetch(task.body) for task in world.tasks.pending("media")]
    fetched = journeys.cost(world, lambda: world.house.fetching.fetch(message))
    assert fetched == Cost(calls=2, reads=1, writes=1, tasks=0)


def test_the_bare_function_of_the_benchmark_makes_the_same_calls(world: World) -> None:
    costs = journeys.messages(world)
    assert costs[journeys.FIRST] == Cost(*bare.ASKS[bare.FIRST])
    assert costs[journeys.TURN] == Cost(*bare.ASKS[bare.NEXT])


def test_an_act_over_json_asks_six_calls_and_five_writes_at_most(world: World) -> None:
    costs = journeys.acts(world)
    assert {act: cost for act, cost in costs.items() if cost.calls > 6 or cost.writes > 5} == {}
    assert len(costs) == 13


def test_a_whole_complaint_on_the_longest_way_is_at_most_forty_writes_and_a_hundred_reads(world: World) -> None:
    whole = journeys.whole(world)
    assert whole.writes <= journeys.MOST_WRITES
    assert whole.reads <= journeys.MOST_READS
    assert f"{whole.reads} reads, {whole.writes} writes" in README.read_text("utf-8")


@pytest.mark.parametrize("name", ways.WAYS)
def test_a_complaint_takes_what_the_page_of_costs_says_on_each_way(
    firestore_emulator: FirestoreEmulator, name: str
) -> None:
    assert ways.way(firestore_emulator.host, name) == read().measured.ways[name], MEASURE_ANEW


def test_a_look_reads_what_the_page_of_costs_says(firestore_emulator: FirestoreEmulator) -> None:
    assert ways.pages(firestore_emulator.host) == read().measured.pages, MEASURE_ANEW


def test_a_sweep_that_finds_nothing_reads_what_the_docs_say(firestore_emulator: FirestoreEmulator) -> None:
    sweep = ways.sweep(firestore_emulator.host)
    assert sweep == read().measured.sweep, MEASURE_ANEW
    assert f"| a sweep that finds nothing due | {sweep.reads} reads |" in README.read_text("utf-8")


def test_the_longest_way_is_the_same_in_the_benchmark_and_on_the_page(world: World) -> None:
    whole, longest = journeys.whole(world), read().measured.ways["longest"]
    assert (whole.reads, whole.writes, whole.tasks) == (longest.reads, longest.writes, longest.tasks_set)
