"""Where a complaint can stand when something happens to it: each scene brings one citizen's there."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from aduan.procedure.definition import ActName
from aduan.service.fields import REQUIRED
from infra.local.whatsapp_phone import Phone
from tests.crashes.stage import Build, nothing
from tests.end_to_end.world import ADMIN, KASI, SET_FORMAT, World

FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "category": "identity_card",
        "description": "KTP saya belum jadi sejak dua bulan lalu.",
        "note": "Perlu cek arsip.",
        "answer": "Silakan ambil hari Senin.",
        "question": "Berapa nomor KK Anda?",
    }
)
"""What is typed into each field that an act may ask for."""

NEVER: Final = 131026
"""WhatsApp's code for a message that it will never accept."""


def fields_of(act: str) -> dict[str, Any]:
    """What an act's form needs."""
    return {name: FIELDS[name] for name in REQUIRED[ActName(act)]} if act in list(ActName) else {}


def do(world: World, address: str, *acts: tuple[str, str]) -> None:
    """These acts, one after the other, each by somebody; what they bring about waits."""
    for act, email in acts:
        answer = world.act(address, act, email, **fields_of(act))
        assert answer.status_code == HTTPStatus.OK, (act, answer.text)


def submit(world: World, citizen: Phone) -> str:
    """A complaint in the set format, and everything that follows from it; its number."""
    assert citizen.write(SET_FORMAT) == HTTPStatus.OK
    world.settle()
    (complaint,) = world.complaints()
    return str(complaint["number"])


def after(*acts: tuple[str, str]) -> Build:
    """Where these acts bring a complaint, with all that they bring about."""

    def build(world: World, citizen: Phone) -> None:
        do(world, submit(world, citizen), *acts)
        world.settle()

    return build


def just_after(*acts: tuple[str, str]) -> Build:
    """The same, but what the last act brings about still waits to be done."""

    def build(world: World, citizen: Phone) -> None:
        number = submit(world, citizen)
        do(world, number, *acts[:-1])
        world.settle()
        do(world, number, acts[-1])

    return build


def draft(world: World, citizen: Phone) -> None:
    assert citizen.write("Selamat pagi") == HTTPStatus.OK
    world.settle()


def draft_to_be_answered(_world: World, citizen: Phone) -> None:
    """The reply to a first message still waits."""
    assert citizen.write("Selamat pagi") == HTTPStatus.OK


def _delivered(build: Build) -> Build:
    def and_delivered(world: World, citizen: Phone) -> None:
        build(world, citizen)
        assert world.whatsapp.status(citizen.inbox[-1].id, "delivered") == HTTPStatus.OK
        world.settle()

    return and_delivered


def answer_failed(world: World, citizen: Phone) -> None:
    number = submit(world, citizen)
    world.whatsapp.fail_next(code=NEVER)
    do(world, number, ("settle", ADMIN))
    world.settle()


def window_closed(world: World, citizen: Phone) -> None:
    """The citizen wrote more than a day ago; the answer waits to be sent."""
    day = timedelta(hours=25)
    assert citizen.write(SET_FORMAT, at=world.clock.now - day) == HTTPStatus.OK
    world.settle()
    (complaint,) = world.complaints()
    do(world, complaint["number"], ("settle", ADMIN))


def file_to_be_fetched(world: World, citizen: Phone) -> None:
    """A picture came, and waits at WhatsApp."""
    submit(world, citizen)
    assert citizen.send_image(b"\xff\xd8\xff\xe0 a picture") == HTTPStatus.OK


def closed_with_file(world: World, citizen: Phone) -> None:
    """Everything that one complaint leaves: messages, a picture, notes, an answer that arrived."""
    file_to_be_fetched(world, citizen)
    world.settle()
    (complaint,) = world.complaints()
    do(world, complaint["number"], *_ANSWERED)
    world.settle()
    assert world.whatsapp.status(citizen.inbox[-1].id, "delivered") == HTTPStatus.OK
    world.settle()


_FORWARD = ("forward", ADMIN)
_ANSWERED = (_FORWARD, ("respond", KASI), ("answer", ADMIN))

step_2 = after()
step_3 = after(("receive", ADMIN))
unapproved = after(("settle", ADMIN))
undelivered = after(*_ANSWERED)
waiting = after(("receive", ADMIN), ("ask_complainant", ADMIN))

AT_STEP: Final[Mapping[int, Build]] = MappingProxyType(
    {
        1: draft,
        2: step_2,
        3: step_3,
        4: after(_FORWARD),
        5: after(_FORWARD, ("verify", KASI)),
        6: after(_FORWARD, ("forward", KASI)),
        7: after(_FORWARD, ("respond", KASI)),
        8: undelivered,
    }
)
"""A complaint that has just come to each step."""

SCENES: Final[Mapping[str, Build]] = MappingProxyType(
    {
        "before anything": nothing,
        "a draft": draft,
        **{f"step {step}": build for step, build in AT_STEP.items() if step != 1},
        "waiting for the citizen": waiting,
        "a data check": after(("receive", ADMIN), ("ask_database_admin", ADMIN)),
        "answered, not approved": unapproved,
        "delivered, not approved": _delivered(unapproved),
        "the answer failed": answer_failed,
        "closed": _delivered(undelivered),
    }
)
"""Every standing in which a message or an act may come."""
