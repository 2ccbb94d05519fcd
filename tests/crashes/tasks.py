"""Every alarm that can ring, every message that can leave, every file to be fetched, and what the sweep finds."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from aduan import settings as names
from aduan.adapters.task_bodies import read_check
from aduan.bootstrap import House
from aduan.environment import Setting
from aduan.procedure.complaint import Alarm, AlarmKind, Complaint
from aduan.procedure.definition import Procedure
from aduan.procedure.office_file import read
from aduan.service.channel import Failure
from infra.local.whatsapp_faults import Endpoint
from infra.local.whatsapp_phone import Phone
from tests.crashes import scenes
from tests.crashes.scenario import Request, Scenario, at, only_task, task_of, the_sweep
from tests.crashes.scenes import AT_STEP, just_after, step_2, unapproved, waiting
from tests.crashes.stage import Build, Scene, Stage
from tests.crashes.webhooks import one_code
from tests.end_to_end.world import ADMIN, World

PROCEDURE: Final = read(names.SHIPPED_OFFICE / "procedure.toml", Procedure)
_DAYS = timedelta(days=40)
_MOST_ALARMS = 60


# Alarms


def checks() -> Iterator[Scenario]:
    """Each step's first rung, and once each a further rung, the daily list, and all that is no rung."""
    for step in PROCEDURE.steps:
        yield _check(f"rung 1 of step {step.number}", AT_STEP[step.number], AlarmKind.RUNG, 1)
    ladder = next(step for step in PROCEDURE.steps if len(step.overrun.rungs) > 1)
    build, last = AT_STEP[ladder.number], len(ladder.overrun.rungs)
    yield _check(f"rung 2 of step {ladder.number}", build, AlarmKind.RUNG, 2)
    yield _check(f"daily list of step {ladder.number}", build, AlarmKind.RUNG, last + 1)
    reminders = len(PROCEDURE.approval.reminders)
    of_their_own = {
        AlarmKind.RUNG: (),
        AlarmKind.WAIT_LIMIT: (("the wait's limit", waiting, 0),),
        AlarmKind.TOTAL: (("the whole time", AT_STEP[6], 1),),
        AlarmKind.APPROVAL: (("approval", unapproved, 1), ("approval, daily", unapproved, reminders + 1)),
    }
    for kind in AlarmKind:
        for name, build, rung in of_their_own[kind]:
            yield _check(name, build, kind, rung)


def _check(name: str, build: Build, kind: AlarmKind, rung: int) -> Scenario:
    def request(stage: Stage, scene: Scene) -> Request:
        standing = _only_complaint(stage.world).alarm

        def rings_for_it(body: bytes) -> bool:
            return read_check(body) == (scene.complaint, standing)

        queue = stage.world.house.settings[names.SLA_QUEUE]
        return task_of(stage, "sla_check", only_task(stage, queue, lambda task: rings_for_it(task.body)))

    return Scenario("check", name, "sla_check", at(_until(build, kind, rung), request))


def _until(build: Build, kind: AlarmKind, rung: int) -> Build:
    """On until this alarm is due; those before it ring."""

    def wait(world: World, citizen: Phone) -> None:
        build(world, citizen)
        for _ in range(_MOST_ALARMS):
            alarm = _only_complaint(world).alarm
            assert isinstance(alarm, Alarm), "nothing rings any more"
            world.clock.now = max(world.clock.now, alarm.at)
            if (alarm.kind, alarm.rung) == (kind, rung):
                return
            world.settle()
        raise AssertionError(f"{kind} {rung} never comes")

    return wait


def _only_complaint(world: World) -> Complaint:
    house: House = world.house
    (due,) = house.store.due_alarms(world.clock.now + _DAYS, 2)
    loaded = house.store.complaint(due.id)
    assert loaded is not None
    return loaded.value


# What leaves


def sends() -> Iterator[Scenario]:
    """Each kind of message, and an answer that WhatsApp refuses in each way."""
    settled = just_after(("settle", ADMIN))
    yield _send("a reply", scenes.draft_to_be_answered)
    yield _send("an answer", settled)
    yield _send("an answer by template", scenes.window_closed)
    yield _send("an alert", just_after(("receive", ADMIN), ("ask_database_admin", ADMIN)))
    for failure in Failure:
        yield _send(f"an answer, refused: {failure.name}", settled, REFUSALS[failure])


def _refuse(failure: Failure) -> Callable[[World], None]:
    return lambda world: world.whatsapp.fail_next(code=one_code(failure))


REFUSALS: Final[Mapping[Failure, Callable[[World], None]]] = MappingProxyType(
    {
        **{failure: _refuse(failure) for failure in Failure if failure is not Failure.UNKNOWN},
        Failure.UNKNOWN: lambda world: world.whatsapp.fail_next(http=200, after_accept=True),
    }
)
"""What WhatsApp does with the next message; UNKNOWN: takes it, and we never learn so."""


def _send(name: str, build: Build, trouble: Callable[[World], None] | None = None) -> Scenario:
    return Scenario("send", name, "send_message", at(build, _task("send_message", names.MESSAGE_QUEUE)), trouble)


def _task(target: str, queue: Setting[str]) -> Callable[[Stage, Scene], Request]:
    def request(stage: Stage, _: Scene) -> Request:
        return task_of(stage, target, only_task(stage, stage.world.house.settings[queue]))

    return request


def fetches() -> Iterator[Scenario]:
    """A file that is to be fetched, and one that WhatsApp does not give at the first time."""
    request = _task("fetch_media", names.MEDIA_QUEUE)
    for name, trouble in FETCHES.items():
        yield Scenario("fetch", name, "fetch_media", at(scenes.file_to_be_fetched, request), trouble)


FETCHES: Final[Mapping[str, Callable[[World], None] | None]] = MappingProxyType(
    {
        "a picture": None,
        "a picture, WhatsApp is down": lambda world: world.whatsapp.fail_next(http=503, endpoint=Endpoint.MEDIA),
        "a picture, its link is gone": lambda world: world.whatsapp.fail_next(http=404, endpoint=Endpoint.DOWNLOAD),
    }
)


# What the sweep finds


def sweeps() -> Iterator[Scenario]:
    """Nothing, each thing that can be lost, and all of them together."""
    yield _sweep("nothing", step_2)
    yield _sweep("a lost alarm", _lost(step_2, minutes=11))
    yield _sweep("a lost message", _lost(scenes.draft_to_be_answered, minutes=2))
    yield _sweep("a lost file", _lost(scenes.file_to_be_fetched, minutes=2))
    yield _sweep("everything at once", _lost(scenes.file_to_be_fetched, minutes=11))


def terms() -> Iterator[Scenario]:
    """What is past its term, each kind alone where one is enough, and an erasure whose process was killed before."""
    yield _sweep("a silent draft past its term", _later(_reminded, days=30))
    yield _sweep("messages and rows past their term", _later(scenes.closed_with_file, days=366))
    yield _sweep("a closed complaint and its citizen past their term", _later(scenes.closed_with_file, days=731))
    yield _sweep("a citizen who is being forgotten", _forgotten(scenes.closed_with_file))
    yield _sweep("a citizen who is being forgotten while they are served", _forgotten(scenes.waiting))
    yield _sweep("a citizen who wrote again while being forgotten", _written_again(_forgotten(scenes.step_2)))


def _reminded(world: World, citizen: Phone) -> None:
    scenes.draft(world, citizen)
    world.advance(minutes=11)


def _later(build: Build, days: float) -> Build:
    def pass_time(world: World, citizen: Phone) -> None:
        build(world, citizen)
        world.clock.now += timedelta(days=days)

    return pass_time


def _forgotten(build: Build) -> Build:
    """The office's command began it, and came no further."""

    def forget(world: World, citizen: Phone) -> None:
        build(world, citizen)
        erasures = world.house.erasing.erasures
        known = erasures.known_as(citizen.record.phone or "")
        assert known is not None
        erasures.forget(known, world.clock.now)

    return forget


def _written_again(build: Build) -> Build:
    def write(world: World, citizen: Phone) -> None:
        build(world, citizen)
        scenes.draft(world, citizen)

    return write


def _sweep(name: str, build: Build) -> Scenario:
    return Scenario("sweep", name, "sweep", at(build, lambda stage, _: the_sweep(stage)))


def _lost(build: Build, minutes: float) -> Build:
    """Every task is lost, and so much time goes by."""

    def lose(world: World, citizen: Phone) -> None:
        build(world, citizen)
        world.tasks.drop_all()
        world.clock.now += timedelta(minutes=minutes)

    return lose
