"""The files of a complaint, as staff may open them: its own, and only those that are kept."""

from dataclasses import replace

import pytest

from aduan.service.attachments import Attachments
from aduan.service.channel import MessageKind
from aduan.service.errors import Unknown
from aduan.service.model import FileState, Message
from aduan.service.ports import Commit
from tests.service.fakes import InMemoryMediaStore
from tests.service.full_house import SET_FORMAT, FullHouse, with_a_complaint
from tests.service.talk import message


def with_a_picture(**file: object) -> tuple[FullHouse, Attachments, Message]:
    """A complaint to which a picture was added, with its file as it is now."""
    house = with_a_complaint()
    house.hear(message(kind=MessageKind.IMAGE))
    (kept,) = (one for one in house.store.messages if one.file)
    loaded = house.store.message(kept.id)
    assert loaded is not None
    assert kept.file is not None
    after = kept.model_copy(update={"file": kept.file.model_copy(update=file)})
    house.store.commit(Commit(known_message=replace(loaded, value=after)))
    return house, Attachments(house.store, InMemoryMediaStore({kept.id: b"bytes"})), after


def test_a_file_that_is_kept_is_found_with_its_message_and_read() -> None:
    house, attachments, kept = with_a_picture(state=FileState.KEPT)

    found = attachments.find(house.complaint, kept.id)

    assert (found.message.value, found.file) == (kept, kept.file)
    assert attachments.read(found) == b"bytes"


@pytest.mark.parametrize("state", [FileState.WANTED, FileState.MISSING])
def test_a_file_that_is_not_kept_is_none(state: FileState) -> None:
    house, attachments, kept = with_a_picture(state=state)
    with pytest.raises(Unknown, match=r"^this message has no file that is kept$"):
        attachments.find(house.complaint, kept.id)


def test_a_message_without_a_file_has_none() -> None:
    house, attachments, _ = with_a_picture(state=FileState.KEPT)
    first = next(one for one in house.store.messages if one.file is None)
    with pytest.raises(Unknown, match=r"^this message has no file that is kept$"):
        attachments.find(house.complaint, first.id)


def test_the_file_of_another_complaint_is_unknown_in_this_one() -> None:
    house, attachments, kept = with_a_picture(state=FileState.KEPT)
    house.hear("ADUAN BARU", SET_FORMAT)
    for message_id in (kept.id, "no such message"):
        with pytest.raises(Unknown, match=r"^no such message in this complaint$"):
            attachments.find(house.complaint, message_id)


def test_a_file_is_opened_with_the_key_of_its_own_citizen() -> None:
    house, attachments, kept = with_a_picture(state=FileState.KEPT)
    loaded = house.store.message(kept.id)
    assert loaded is not None
    attachments.media.keep(kept.id, b"as it was kept", loaded.key)
    assert attachments.read(attachments.find(house.complaint, kept.id)) == b"as it was kept"


def test_of_an_erased_complaint_no_file_is_known_though_one_is_still_there() -> None:
    house, attachments, kept = with_a_picture(state=FileState.KEPT)
    erased = house.complaint.model_copy(update={"erased_at": house.clock.now})
    with pytest.raises(Unknown, match=r"^no such message in this complaint$"):
        attachments.find(erased, kept.id)
