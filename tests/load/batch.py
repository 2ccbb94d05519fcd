"""A batch of 1,000 updates, which is as many as Meta sends in one webhook: is all of it kept, and how soon.

400 messages of 100 citizens, 500 statuses of 250 messages of ours, and 100 items that nobody can read, in one body;
then the same body once more, as when our answer came too late. The webhook is served as in the cloud; once its
emulators stand beside it, and once every call to them takes 15 ms longer.
"""

import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from infra.local import office
from infra.local.cloud_tasks import CloudTasksEmulator
from infra.local.firestore import FirestoreEmulator
from infra.local.functions import FUNCTIONS
from infra.local.identity import LocalIdentity
from infra.local.whatsapp import WhatsAppSimulator
from infra.local.whatsapp_courier import SIGNATURE_HEADER, as_meta_writes_it
from infra.local.whatsapp_payloads import Payload, Spread, envelope
from tests.bench import sides, traffic
from tests.load.far_away import far_away
from tests.load.posting import Answered, request

CITIZENS: Final = 100
MESSAGES_OF_EACH: Final = 4
ROWS: Final = 250
STATUSES_OF_EACH: Final = ("sent", "delivered")
UNREADABLE: Final = 100
META_GIVES: Final = 1.0  # second
LATENCIES: Final[Mapping[str, float]] = {"beside it": 0.0, "15 ms away": 0.015}
_TEXTS: Final = (traffic.SET_FORMAT, "Mohon dipercepat.", "Saya bisa datang hari apa saja.", "Terima kasih.")
_PROJECT: Final = "load-batch"


@dataclass(frozen=True)
class Timed:
    """One batch: seconds until its answer and until that of its repeat, and what was found kept afterwards."""

    where: str
    first: float
    again: float
    statuses: tuple[int, int]
    kept: Mapping[str, int]
    whole: bool


def measure() -> list[Timed]:
    """Once for each distance."""
    return [_measure(where, latency) for where, latency in LATENCIES.items()]


def _measure(where: str, latency: float) -> Timed:
    whatsapp = WhatsAppSimulator(
        traffic.NUMBER_ID, traffic.TOKEN, traffic.SECRET, traffic.VERIFY, steered=True, auto_status=None
    )
    with _webhook(latency) as (port, database):
        known = [_written(whatsapp, f"+62813{number:08}", traffic.SET_FORMAT) for number in range(ROWS)]
        for payload in known:
            _post(port, _signed(whatsapp, payload))
        rows = [row.id for row in database.collection("outbox").stream()]
        before = _documents(database)
        body = _signed(whatsapp, _batch(whatsapp, rows))
        first, again = _post(port, body), _post(port, body)
        kept = {kind: count - before[kind] for kind, count in _documents(database).items()}
        sent = sum(row.get("state") == "sent" for row in database.collection("outbox").stream())
    kept["rows that were sent"] = sent
    return Timed(where, first.seconds, again.seconds, (first.status, again.status), kept, _is_whole(kept))


def _post(port: int, signed: tuple[bytes, dict[str, str]]) -> Answered:
    body, headers = signed
    return request(port, "POST", "/", headers, body)


def _is_whole(kept: Mapping[str, int]) -> bool:
    """Nothing lost, nothing double: a message's event for each but the first, and one more that it was submitted."""
    messages = CITIZENS * MESSAGES_OF_EACH
    expected = {
        "messages": messages, "complaints": CITIZENS, "citizens": CITIZENS, "events": messages,
        "unreadable": UNREADABLE, "rows that were sent": ROWS,
    }  # fmt: skip
    return expected.items() <= kept.items()


@contextmanager
def _webhook(latency: float) -> Iterator[tuple[int, firestore.Client]]:
    with ExitStack() as stack:
        logs = stack.enter_context(tempfile.TemporaryDirectory(prefix="aduan-batch-"))
        emulator = stack.enter_context(FirestoreEmulator())
        tasks = stack.enter_context(CloudTasksEmulator(LocalIdentity(), autostart=False))
        os.environ["FIRESTORE_EMULATOR_HOST"] = emulator.host  # the client has no argument for it
        database = firestore.Client(project=_PROJECT, credentials=AnonymousCredentials())
        stack.enter_context(closing(database))
        office.seat(database)
        settings = {
            **sides.environment(),
            "GOOGLE_CLOUD_PROJECT": _PROJECT,
            "FIRESTORE_EMULATOR_HOST": stack.enter_context(_at(emulator.host, latency)),
            "CLOUD_TASKS_EMULATOR_HOST": stack.enter_context(_at(tasks.address, latency)),
        }
        port = stack.enter_context(sides.function(FUNCTIONS / "main.py", "whatsapp_webhook", settings, Path(logs)))
        yield port, database


@contextmanager
def _at(address: str, latency: float) -> Iterator[str]:
    if not latency:
        yield address
        return
    with far_away(address, latency) as farther:
        yield farther


def _batch(whatsapp: WhatsAppSimulator, rows: list[str]) -> Payload:
    """All of it in one body, mixed; the messages of one citizen in their order."""
    items = [_statuses(whatsapp, row) for row in rows]
    items += [_odd(whatsapp, number) for number in range(UNREADABLE)]
    order = [*range(CITIZENS)] * MESSAGES_OF_EACH + [None] * len(items)
    random.Random(1).shuffle(order)  # noqa: S311 - the same mixture every time
    left, turns, payloads = iter(items), Counter[int](), list[Payload]()
    for citizen in order:
        if citizen is None:
            payloads.append(next(left))
        else:
            payloads.append(_written(whatsapp, f"+62812{citizen:08}", _TEXTS[turns[citizen]]))
            turns[citizen] += 1
    return whatsapp.batch(payloads, Spread.CHANGES)


def _written(whatsapp: WhatsAppSimulator, phone: str, text: str) -> Payload:
    payload = whatsapp.citizen(phone, name="Siti").write(text, deliver=False)
    if isinstance(payload, int):
        raise TypeError("the message was delivered")
    return payload


def _statuses(whatsapp: WhatsAppSimulator, row: str) -> Payload:
    at = str(int(time.time()))
    statuses = [
        {"id": f"wamid.{row}", "status": state, "timestamp": at, "biz_opaque_callback_data": row}
        for state in STATUSES_OF_EACH
    ]
    return envelope(whatsapp.account, {"statuses": statuses})


def _odd(whatsapp: WhatsAppSimulator, number: int) -> Payload:
    """A message without an id."""
    return envelope(whatsapp.account, {"messages": [{"type": "text", "odd": number}]})


def _signed(whatsapp: WhatsAppSimulator, payload: Payload) -> tuple[bytes, dict[str, str]]:
    body = as_meta_writes_it(payload)
    return body, {SIGNATURE_HEADER: whatsapp.sign(body), "Content-Type": "application/json"}


def _documents(database: firestore.Client) -> Counter[str]:
    kinds: dict[str, Any] = {kind: database.collection(kind) for kind in _KINDS}
    kinds["events"] = database.collection_group("events")
    return Counter({kind: sum(1 for _ in query.select([]).stream()) for kind, query in kinds.items()})


_KINDS: Final = ("messages", "complaints", "citizens", "unreadable", "outbox")


def figures(measured: Sequence[Timed]) -> dict[str, Any]:
    """For whoever keeps them."""
    updates = CITIZENS * MESSAGES_OF_EACH + ROWS * len(STATUSES_OF_EACH) + UNREADABLE
    return {"updates": updates, "seconds_that_meta_gives": META_GIVES, "measured": [asdict(each) for each in measured]}
