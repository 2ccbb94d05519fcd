"""A few thousand of the cases of `make fuzz`: each way of damage, and some by chance. None fails, and none is lost."""

from random import Random

import pytest
from google.cloud import firestore

from infra.local.firestore import FirestoreEmulator
from tests.fuzz.cases import FORGED, Case, case, damaged, listed_count
from tests.fuzz.damage import DAMAGES, VAST, WHOLE
from tests.fuzz.grounds import HONEST_PEOPLE, Ground, over_http
from tests.fuzz.payloads import BASES
from tests.fuzz.trying import Tried, attempt, batch

SEED = 20261125
A_FEW, VERY_FEW = 10, 2
"""Bases for one way of damage; of the vast ones fewer, which take a tenth of a second each."""


def drawn(damage: str, seconds: int) -> list[Case]:
    """This damage, of some bases at a place each; the same ones every time."""
    chance = Random(f"{SEED} {damage}")  # noqa: S311 - the same every time
    bases = chance.sample(list(BASES), VERY_FEW if damage in VAST else A_FEW)
    return [damaged(SEED, number, seconds, base, damage) for number, base in enumerate(bases)]


def expect_clean(tried: Tried, cases: int) -> None:
    """All were tried, and nothing was wrong."""
    assert [str(failure) for failure in tried.failures] == []
    assert tried.cases == cases


def test_every_type_is_served_undamaged(memory: Ground) -> None:
    tried = Tried(SEED, memory.name)
    attempt(memory, 0, [case(SEED, number, memory.seconds()) for number in range(len(BASES))], tried)
    expect_clean(tried, len(BASES))
    assert tried.served == HONEST_PEOPLE
    assert set(tried.bases) == set(BASES)


@pytest.mark.parametrize("damage", [*DAMAGES, *VAST, *WHOLE, *FORGED])
def test_a_damage_fails_nothing_and_loses_nothing_and_the_next_are_served(memory: Ground, damage: str) -> None:
    tried = Tried(SEED, memory.name)
    cases = drawn(damage, memory.seconds())
    attempt(memory, 0, cases, tried)
    expect_clean(tried, len(cases))
    assert tried.served == HONEST_PEOPLE


@pytest.mark.parametrize("number", range(2))
def test_what_chance_makes_of_webhooks_fails_nothing_and_loses_nothing(memory: Ground, number: int) -> None:
    tried = Tried(SEED, memory.name)
    batch(memory, SEED, number + 1, tried, whole_list=False)
    expect_clean(tried, 100)


def test_over_http_and_the_emulator_it_is_the_same(
    firestore_emulator: FirestoreEmulator, project_id: str, firestore_client: firestore.Client
) -> None:
    tried = Tried(SEED, "emulator")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.host)
        with over_http(firestore_emulator, project_id, firestore_client) as ground:
            cases = [case(SEED, number, ground.seconds(), whole_list=False) for number in range(500, 560)]
            attempt(ground, 0, cases, tried)
    expect_clean(tried, 60)
    assert tried.served == HONEST_PEOPLE


def test_a_case_follows_from_the_seed_and_its_number_alone() -> None:
    numbers = [0, len(BASES), 5_000, listed_count() - 1, listed_count(), 90_000]
    once = [case(7, number, 1_700_000_000) for number in numbers]
    assert [case(7, number, 1_700_000_000) for number in reversed(numbers)] == once[::-1]
    assert case(8, 90_000, 1_700_000_000) != once[-1]


def test_the_list_has_every_damage_of_every_part_of_every_type() -> None:
    assert listed_count() > 40_000
    kinds = {case(7, number, 1_700_000_000).kind for number in range(len(BASES), len(BASES) + len(DAMAGES))}
    assert kinds == set(DAMAGES)
