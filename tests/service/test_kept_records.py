"""What is kept beside complaints: frozen, silent in its errors, and known by names that give nothing away."""

import hashlib
from datetime import UTC, datetime

import pytest
from pydantic import BaseModel, ValidationError

from aduan.service.channel import Address, DeliveryState, MessageKind
from aduan.service.model import (
    AttachedFile,
    ChannelState,
    Citizen,
    FileState,
    Message,
    OutboxRow,
    Request,
    RowKind,
    RowState,
    StaffChange,
    is_somebody_else,
    message_id,
)
from aduan.service.ports import Filters, Inbound, Loaded, RowRef

NINE = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ROW = OutboxRow(id="n-1", kind=RowKind.NOTICE, complaint=None, message="{}", created_at=NINE, next_at=None)
MESSAGE = Message(
    wamid="wamid.1", citizen=None, complaint=None, at=NINE, received_at=NINE, kind=MessageKind.TEXT, raw="{}"
)
KEPT: list[BaseModel] = [
    Citizen(id="c", last_message_at=NINE),
    AttachedFile(media_id="1"),
    MESSAGE,
    ROW,
    ChannelState(),
    Request(id="r", email="a@b.test", act="receive", complaint="c"),
    StaffChange(at=NINE, by="a@b.test", email="b@b.test", before=None, after={}),
]


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: type(kept).__name__)
def test_a_record_is_not_changed_in_place(kept: BaseModel) -> None:
    for name in type(kept).model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(kept, name, None)


@pytest.mark.parametrize("kind", [type(kept) for kept in KEPT], ids=lambda kind: kind.__name__)
def test_what_cannot_be_read_is_not_repeated_by_the_error(kind: type[BaseModel]) -> None:
    with pytest.raises(ValidationError) as refused:
        kind.model_validate({name: {"Siti Aminah": 1} for name in kind.model_fields})
    assert "Siti" not in str(refused.value)


def said(kept: BaseModel) -> dict[str, object]:
    """Whatever it says that is neither empty nor a name of its kind."""
    return {name: value for name, value in kept.model_dump().items() if value not in (None, "", 0, False)}


def test_a_record_that_was_given_no_more_says_no_more() -> None:
    assert said(KEPT[0]) == {"id": "c", "last_message_at": NINE}
    assert said(KEPT[1]) == {"media_id": "1", "state": FileState.WANTED}
    assert said(ROW) == {
        "id": "n-1", "kind": RowKind.NOTICE, "message": "{}", "state": RowState.PENDING, "created_at": NINE,
    }  # fmt: skip
    assert said(ChannelState()) == {}
    nothing = {name for name, value in ROW.model_dump().items() if value is None}
    assert nothing >= {
        "to_citizen",
        "to_staff",
        "fallback",
        "text_sha256",
        "attempted_at",
        "accepted_at",
        "wamid",
        "error",
    }
    assert (ROW.by_template, ROW.attempts, ROW.copies, ROW.sending) == (False, 0, 0, 0)
    empty = {name for name, value in ChannelState().model_dump().items() if value is None}
    assert empty == {"failure", "code", "since", "probe_at", "mended_at"}
    assert (ChannelState().detail, ChannelState().probes) == ("", 0)
    citizen = {name for name, value in KEPT[0].model_dump().items() if value is None}
    assert citizen == {"phone", "bsuid", "name", "current", "prompted", "prompted_at"}
    assert (MESSAGE.text, MESSAGE.file) == (None, None)


def test_a_message_is_kept_under_a_hash_of_its_wamid_whatever_that_holds() -> None:
    assert message_id("wamid.1") == MESSAGE.id == hashlib.sha256(b"wamid.1").hexdigest()
    assert message_id("wamid.\ud800") == hashlib.sha256(b"wamid.\xed\xa0\x80").hexdigest()


@pytest.mark.parametrize(
    ("file", "wants"),
    [
        (None, False),
        (AttachedFile(media_id="1"), True),
        (AttachedFile(media_id="1", state=FileState.KEPT), False),
        (AttachedFile(media_id=None, state=FileState.MISSING), False),
    ],
)
def test_a_message_wants_its_file_until_it_is_kept_or_missing(file: AttachedFile | None, wants: bool) -> None:
    assert MESSAGE.model_copy(update={"file": file}).wants_file is wants


@pytest.mark.parametrize(
    ("known", "sender", "is_another"),
    [("A", "A", False), ("A", "B", True), (None, "B", False), ("A", None, False), (None, None, False)],
)
def test_a_number_is_somebody_elses_where_both_business_ids_are_known_and_differ(
    known: str | None, sender: str | None, is_another: bool
) -> None:
    citizen = Citizen(id="c", phone="+62811", bsuid=known, last_message_at=NINE)
    assert is_somebody_else(citizen, Address(phone="+62811", bsuid=sender)) is is_another
    assert citizen.address == Address(phone="+62811", bsuid=known)


def test_an_address_is_never_of_nobody() -> None:
    for nobody in ({}, {"phone": ""}, {"bsuid": ""}):
        with pytest.raises(ValueError, match=r"^an address needs a phone number or a business-scoped user id$"):
            Address(**nobody)
    assert Address(bsuid="A").phone is None


def test_whatsapps_words_for_a_state_are_ours() -> None:
    assert [RowState.of(state) for state in DeliveryState] == [
        RowState.SENT, RowState.DELIVERED, RowState.READ, RowState.FAILED,
    ]  # fmt: skip


def test_a_row_is_found_with_the_people_that_it_concerns() -> None:
    row = ROW.model_copy(update={"complaint": "c", "to_citizen": "w", "to_staff": "s"})
    assert RowRef.to(row) == RowRef(row="n-1", complaint="c", citizen="w", staff="s")
    assert RowRef("x") == RowRef("x", None, None, None)


def test_what_was_not_asked_for_is_not_asked() -> None:
    assert Filters() == Filters((), None, None, None, (), check_open=False)
    assert {Filters().late_at, Filters().since, Filters().until} == {None}
    assert Loaded("x", "key").mark is None
    found = Inbound(claimed=False, citizen=None, complaint=None)
    assert (found.missing_aliases, found.moved_aliases, found.reserved_id) == ((), (), None)
