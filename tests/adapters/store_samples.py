"""Complaints, citizens, messages and rows for the tests of stores."""

from datetime import UTC, datetime, timedelta

from aduan.procedure.complaint import (
    Answer,
    Approved,
    Breach,
    Complaint,
    DataCheck,
    RungTold,
    Status,
    Wait,
)
from aduan.procedure.events import Event, EventType
from aduan.procedure.personal import Identifier
from aduan.procedure.roles import Role
from aduan.service.channel import Address, MessageKind
from aduan.service.model import Citizen, Message, OutboxRow, RowKind
from aduan.service.ports import Commit, Loaded, Store

T0 = datetime(2026, 11, 24, 2, 0, 0, 123456, tzinfo=UTC)
PHONE, BSUID = Address(phone="+6281200000001"), Address(bsuid="ID.1234567890")
BOTH = Address(phone=PHONE.phone, bsuid=BSUID.bsuid)
NAME, NIK, TEXT = "Siti Rahmawati", "3402014505900001", "KTP saya belum jadi sejak Maret"


def minutes(count: float, microseconds: int = 0) -> timedelta:
    return timedelta(minutes=count, microseconds=microseconds)


def a_citizen(citizen_id: str = "c1", **more: object) -> Citizen:
    known = {"phone": PHONE.phone, "name": NAME, "last_message_at": T0}
    return Citizen.model_validate({"id": citizen_id, **known, **more})


def a_message(wamid: str = "wamid.1", complaint: str | None = "K1", **more: object) -> Message:
    given = {
        "citizen": "c1",
        "kind": MessageKind.TEXT,
        "text": TEXT,
        "raw": f'{{"from": "{PHONE.phone}", "body": "{TEXT}"}}',
        "at": T0,
        "received_at": T0 + minutes(1),
    }
    return Message.model_validate({"wamid": wamid, "complaint": complaint, **given, **more})


def a_row(row_id: str = "n1", **more: object) -> OutboxRow:
    given = {
        "kind": RowKind.NOTICE,
        "complaint": "K1",
        "to_citizen": "c1",
        "message": f'{{"body": "Yth. {NAME}"}}',
        "created_at": T0,
        "next_at": T0,
    }
    return OutboxRow.model_validate({"id": row_id, **given, **more})


def a_full_complaint(complaint_id: str = "K1") -> Complaint:
    """One with something in every field that has a shape of its own."""
    answer = Answer.written("KTP Anda dapat diambil.", "kasi@example.org", Role.SECTION_HEAD)
    return Complaint(
        id=complaint_id,
        citizen="c1",
        status=Status.WAITING,
        number=f"ADU-{complaint_id}",
        form={"name": NAME, "nik": NIK, "description": TEXT},
        identifiers=(
            Identifier(kind="nik", value="3402014107900001"),
            Identifier(kind="phone", value="+6281234567890"),
        ),
        step=4,
        holder_role=Role.SECTION_HEAD,
        started_at=T0,
        wait=Wait(
            since=T0,
            question="Nomor KK berapa?",
            limit_at=T0 + minutes(90),
            due_at=T0 + minutes(10),
            step_left=timedelta(minutes=7, microseconds=1),
            rung_left=None,
            total_left=timedelta(days=3, microseconds=999_999),
        ),
        waited=timedelta(seconds=90.5),
        data_check=DataCheck(asked_by="kasi@example.org", at=T0),
        breaches=(
            Breach(
                step=3,
                entry=2,
                due_at=T0,
                noticed_at=T0 + minutes(1),
                rungs=(RungTold(rung=1, at=T0, told=(Role.SECTION_HEAD, Role.DIVISION_HEAD)),),
            ),
        ),
        answer=answer,
        approved=Approved(email="kasi@example.org", role=Role.SECTION_HEAD, at=T0, text_sha256=answer.sha256),
    )


def begun(complaint: Complaint, kind: EventType = EventType.SUBMITTED) -> tuple[Complaint, tuple[Event, ...]]:
    """A complaint with the event that tells all of it."""
    changes = {name: getattr(complaint, name) for name in complaint.model_fields_set}
    event = Event(seq=1, type=kind, at=T0, step=1, actor="complainant", note=TEXT, changes=changes)
    return complaint.after(event), (event,)


def put(store: Store, complaint: Complaint, key: str | None = None) -> Loaded[Complaint]:
    """Store a complaint, and read it back."""
    after, events = begun(complaint)
    store.commit(Commit(complaint=Loaded(after, key or store.new_key()), events=events))
    return read(store, complaint.id)


def read(store: Store, complaint_id: str) -> Loaded[Complaint]:
    loaded = store.complaint(complaint_id)
    assert loaded is not None
    return loaded


def one_more(loaded: Loaded[Complaint], note: str | None = None, **changes: object) -> Commit:
    """The commit of one more event of a complaint."""
    seq = loaded.value.seq + 1
    event = Event(seq=seq, type=EventType.MESSAGE_ADDED, at=T0, step=None, note=note, changes=changes)
    return Commit(complaint=Loaded(loaded.value.after(event), loaded.key, loaded.mark), events=(event,))


def first_message(store: Store, sender: Address, wamid: str = "wamid.1") -> str:
    """Store a citizen by their first message; return their id."""
    found = store.inbound(wamid, sender)
    citizen = a_citizen(store.new_citizen_id(sender), phone=sender.phone, bsuid=sender.bsuid)
    store.commit(
        Commit(
            citizen=Loaded(citizen, store.new_key()),
            new_aliases=found.missing_aliases,
            moved_aliases=found.moved_aliases,
            message=a_message(wamid, complaint=None),
        )
    )
    return citizen.id
