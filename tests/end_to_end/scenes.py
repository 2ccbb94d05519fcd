"""Scenes that several tests begin with: complaints that stand where they are wanted, and what phones have been told."""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from infra.local.whatsapp_phone import Phone
from infra.local.whatsapp_state import ChatMessage
from tests.end_to_end.world import ADMIN, KABID, KASI, NINE_ON_TUESDAY, SET_FORMAT, STAFF, World, a_world

ANSWER = "Silakan ambil hari Senin."
NOTE = "Perlu cek arsip."
EVERY_STEP = tuple(range(1, 9))
MINUTES = MappingProxyType({1: 10, 2: 10, 3: 30, 4: 30, 5: 30, 6: 30, 7: 10, 8: 10})
"""IKMT-PIAK-01-06, 'Waktu' of each step."""

_NUMBER = re.compile(r"ADU-\d{6}-[0-9A-Z]{5}")
_TO_FOUR = ("forward", ADMIN, {"note": NOTE})
_TO_SEVEN = (_TO_FOUR, ("respond", KASI, {"note": NOTE, "answer": ANSWER}))
_Act = tuple[str, str, Mapping[str, Any]]
_WAY_TO: Mapping[int, tuple[_Act, ...]] = MappingProxyType(
    {
        2: (),
        3: (("receive", ADMIN, {}),),
        4: (_TO_FOUR,),
        5: (_TO_FOUR, ("verify", KASI, {"note": NOTE})),
        6: (_TO_FOUR, ("forward", KASI, {"note": NOTE})),
        7: _TO_SEVEN,
        8: (*_TO_SEVEN, ("answer", ADMIN, {"answer": ANSWER})),
    }
)
_WAY_OUT: Mapping[int, _Act] = MappingProxyType(
    {
        2: ("receive", ADMIN, {}),
        3: ("forward", ADMIN, {"note": NOTE}),
        4: ("verify", KASI, {"note": NOTE}),
        5: ("respond", KASI, {"note": NOTE, "answer": ANSWER}),
        6: ("respond", KABID, {"note": NOTE, "answer": ANSWER}),
        7: ("answer", ADMIN, {"answer": ANSWER}),
    }
)


@contextmanager
def another_world(firestore_host: str, **options: Any) -> Iterator[World]:
    """A world in a project of its own, for as long as its scene lasts."""
    project = f"test-{uuid.uuid4().hex[:12]}"
    with (
        closing(firestore.Client(project=project, credentials=AnonymousCredentials())) as client,
        a_world(firestore_host, project, client, **options) as world,
    ):
        yield world


@dataclass(frozen=True)
class Case:
    """One citizen's complaint, and the step to which it was brought. `known_as`: what stands in its number."""

    step: int
    known_as: str
    citizen: Phone

    @property
    def address(self) -> str:
        """Its number, once the citizen has been told of one; before that its draft's address."""
        return f"{'ADU' if any(numbers_in(message.text) for message in self.citizen.inbox) else 'D'}-{self.known_as}"


def submitted(world: World, phone: str = "+6281234567890") -> str:
    """A complaint in the set format; its number, as the citizen is told it."""
    citizen = world.citizen(phone, name="Siti")
    assert citizen.write(SET_FORMAT) == HTTPStatus.OK
    world.settle()
    return numbers_in(citizen.inbox[-1].text)[0]


def standing_at(world: World, step: int) -> Case:
    """A complaint that enters a step now; what comes before took no time. For step 8 WhatsApp must report nothing."""
    phone = f"+62812345678{step:02}"
    if step == 1:
        citizen = world.citizen(phone)
        assert citizen.write("Selamat pagi") == HTTPStatus.OK
        world.settle()
        return Case(1, world.complaints("?status=draft")[0]["id"].removeprefix("D-"), citizen)
    number = submitted(world, phone)
    for act, email, fields in _WAY_TO[step]:
        answer = world.act(number, act, email, **fields)
        assert answer.status_code == HTTPStatus.OK, answer.text
    world.settle()
    return Case(step, number.removeprefix("ADU-"), world.citizen(phone))


def finish(world: World, case: Case) -> int:
    """End the step as its actor does; the HTTP status."""
    if case.step == 1:
        status = case.citizen.write(SET_FORMAT)
    elif case.step == 8:
        status = world.whatsapp.status(case.citizen.inbox[-1].id, "delivered")
    else:
        act, email, fields = _WAY_OUT[case.step]
        status = world.act(case.address, act, email, **fields).status_code
    assert isinstance(status, int)
    world.settle()
    return status


def numbers_in(text: str) -> list[str]:
    """Every complaint's number that a text names, in order."""
    return _NUMBER.findall(text)


# Answers on their way

FAILED = "gagal terkirim"
"""What the alert about an answer that failed says."""
UNKNOWN: Mapping[str, Any] = MappingProxyType({"http": 200, "after_accept": True})
"""A fault: WhatsApp takes the message, and we never learn so, for its answer is no JSON."""
CITIZEN = "+6281234567890"


def approved(world: World, answer: str = ANSWER, phone: str = CITIZEN) -> str:
    """A complaint at step 7, with an answer that the Kepala Seksi has given."""
    number = submitted(world, phone)
    world.did(number, "forward", ADMIN, note=NOTE)
    world.did(number, "respond", KASI, note=NOTE, answer=answer)
    return number


def answered(world: World, phone: str = CITIZEN) -> str:
    number = approved(world, phone=phone)
    world.did(number, "answer", ADMIN, answer=ANSWER)
    return number


def copies(world: World, text: str = ANSWER, phone: str = CITIZEN) -> list[ChatMessage]:
    """Every copy of an answer on the citizen's phone."""
    return [message for message in world.citizen(phone).inbox if text in message.text]


def report(world: World, message: ChatMessage, state: Any, code: int | None = None) -> None:
    assert world.whatsapp.status(message.id, state, code=code) == HTTPStatus.OK
    world.settle()


# What was told


def minute(at: datetime | str, since: datetime = NINE_ON_TUESDAY) -> float:
    """Minutes from the world's beginning to a moment, which may be one of the portal's."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return (moment - since).total_seconds() / 60


def inbox(world: World, email: str) -> tuple[ChatMessage, ...]:
    """All that came to the phone of a member of staff."""
    name, _, phone = STAFF[email]
    return world.whatsapp.staff(phone, name).inbox


def told(world: World, about: str = "", since: datetime = NINE_ON_TUESDAY) -> dict[float, list[str]]:
    """Who was told of something, by the minute, in the order of `STAFF`; who was told twice stands there twice."""
    heard: dict[float, list[str]] = defaultdict(list)
    for email in STAFF:
        for message in inbox(world, email):
            if about in message.text:
                heard[minute(message.at, since)].append(email)
    return dict(sorted(heard.items()))


def events(complaint: Mapping[str, Any], *types: str) -> list[dict[str, Any]]:
    """A complaint's record, or just its events of these types."""
    return [event for event in complaint["events"] if not types or event["type"] in types]


def checks(world: World) -> list[str]:
    """The names of the alarms that are set, soonest first."""
    return [task.name for task in world.tasks.pending("sla-checks")]
