"""The file of a message as it comes in, what WhatsApp says of it, and the edges of fetching it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aduan.service.channel import Media, MessageKind
from aduan.service.fetching import LOST, Fetching, file_of
from aduan.service.media import LARGEST, MediaError, MediaFailure, MediaLink, digest
from aduan.service.model import AttachedFile, FileState, Message
from aduan.service.ports import Commit
from tests.service.fakes import FakeMediaSource, InMemoryMediaStore, InMemoryStore, RecordingTasks
from tests.service.house_of_fakes import HouseOfFakes
from tests.service.talk import NINE, message

PICTURE = b"\xff\xd8\xff a picture"
WEEK = timedelta(days=7)


def test_a_file_is_known_by_all_that_whatsapp_says_of_it_and_due_at_once() -> None:
    media = Media("1", mime_type="audio/ogg", sha256="abc", filename="suara.ogg", voice=True)
    given = replace(message(kind=MessageKind.AUDIO), media=media)
    assert file_of(given, NINE, NINE + WEEK) == AttachedFile(
        media_id="1",
        media_type="audio/ogg",
        sha256="abc",
        filename="suara.ogg",
        voice=True,
        fetch_at=NINE,
        expire_at=NINE + WEEK,
    )


def test_a_file_that_whatsapp_lost_is_missing_from_the_beginning_and_text_has_none() -> None:
    lost = file_of(replace(message(kind=MessageKind.IMAGE), media=None, file_lost=True), NINE, NINE + WEEK)
    assert lost == AttachedFile(media_id=None, state=FileState.MISSING, reason=LOST)
    assert file_of(message("Halo"), NINE, NINE + WEEK) is None


class Keys(InMemoryMediaStore):
    """A store that notes the key with which a file was sealed."""

    key: str | None = None

    def keep(self, message_id: str, content: bytes, key: str) -> None:
        self.key = key
        super().keep(message_id, content, key)


class Sized(FakeMediaSource):
    """WhatsApp says how large a file is."""

    size: int | None = None

    def locate(self, media_id: str) -> MediaLink:
        return replace(super().locate(media_id), size=self.size)


class Place:
    """One picture that came in."""

    def __init__(self) -> None:
        self.house = HouseOfFakes()
        self.house.hear(message(kind=MessageKind.IMAGE))
        self.source, self.media, self.tasks = Sized({"1": PICTURE}), Keys(), RecordingTasks()
        self.fetching = Fetching(self.house.store, self.source, self.media, self.tasks, self.house.clock)

    @property
    def store(self) -> InMemoryStore:
        return self.house.store

    @property
    def message(self) -> Message:
        (kept,) = (one for one in self.store.messages if one.file)
        return kept

    @property
    def file(self) -> AttachedFile:
        assert self.message.file is not None
        return self.message.file

    def changed(self, **fields: object) -> None:
        """Let the file stand otherwise."""
        loaded = self.store.message(self.message.id)
        assert loaded is not None
        after = loaded.value.model_copy(update={"file": self.file.model_copy(update=fields)})
        self.store.commit(Commit(known_message=replace(loaded, value=after)))

    def fetch(self, fault: MediaFailure | None = None) -> AttachedFile:
        """Its task comes."""
        self.source.faults = [MediaError(fault, "in this test")] if fault else []
        self.fetching.fetch(self.message.id)
        return self.file


def test_a_file_is_sealed_with_its_citizens_key() -> None:
    place = Place()
    place.fetch()
    loaded = place.store.message(place.message.id)
    assert loaded is not None
    assert place.media.key == loaded.key


def test_a_message_without_a_file_or_one_that_whatsapp_does_not_have_is_left_alone() -> None:
    place = Place()
    place.house.hear("Halo")
    text = next(one for one in place.store.messages if one.file is None)
    place.fetching.fetch(text.id)
    place.fetching.fetch("no such message")
    place.changed(media_id=None)
    place.fetch()
    assert (place.source.calls, place.file.attempts) == ([], 0)


@pytest.mark.parametrize(("size", "is_kept"), [(None, True), (LARGEST, True), (LARGEST + 1, False)])
def test_what_is_too_large_by_whatsapps_own_word_is_not_even_downloaded(size: int | None, is_kept: bool) -> None:
    place = Place()
    place.source.size = size
    file = place.fetch()
    assert (file.state is FileState.KEPT) is is_kept
    assert place.source.calls == (["locate", "download"] if is_kept else ["locate"])
    if not is_kept:
        assert (file.state, file.reason) == (FileState.MISSING, "Berkas lebih besar dari 16 MB")


def test_the_first_task_of_a_file_is_never_too_early_and_later_ones_may_be_by_two_seconds() -> None:
    place = Place()
    place.changed(fetch_at=place.house.clock.now + timedelta(hours=1))
    assert place.fetch().state is FileState.KEPT
    for seconds, goes in ((2.1, False), (2, True)):
        again = Place()
        again.changed(attempts=1, fetch_at=again.house.clock.now + timedelta(seconds=seconds))
        assert (again.fetch().state is FileState.KEPT) is goes
    timeless = Place()
    timeless.changed(attempts=1, fetch_at=None)
    assert timeless.fetch().state is FileState.KEPT


@pytest.mark.parametrize(("before", "is_over"), [(timedelta(seconds=15), True), (timedelta(seconds=16), False)])
def test_a_file_is_tried_again_only_within_its_week(before: timedelta, is_over: bool) -> None:
    place = Place()
    place.house.clock.now = place.message.at + WEEK - before
    file = place.fetch(MediaFailure.LATER)
    assert (file.state is FileState.MISSING) is is_over
    assert file.reason == ("WhatsApp tidak lagi menyimpan berkas ini" if is_over else "WhatsApp belum dapat dihubungi")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (MediaFailure.DAMAGED, "Berkas dari WhatsApp tidak utuh"),
        (MediaFailure.TOO_LARGE, "Berkas lebih besar dari 16 MB"),
        (MediaFailure.NO_ROOM, "WhatsApp tidak lagi menyimpan berkas ini"),
        (MediaFailure.OPERATOR, "WhatsApp tidak lagi menyimpan berkas ini"),
    ],
)
def test_at_the_end_of_the_week_the_reason_is_what_says_most(fault: MediaFailure, reason: str) -> None:
    place = Place()
    place.house.clock.now = place.message.at + WEEK
    file = place.fetch(fault)
    assert (file.state, file.reason, file.fetch_at) == (FileState.MISSING, reason, None)


HEX = "ab" * 32


@pytest.mark.parametrize(
    ("claim", "read"),
    [
        (None, None),
        ("", None),
        (HEX, HEX),
        (HEX.upper(), HEX),
        ("q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=", HEX),
        ("q6urq6urq6urq6urq6urq6urq6ur*q6urq6urq6urq6urq6s=", None),
        ("q6ur", None),
        ("no hash", None),
        ("é" * 44, None),
    ],
)
def test_a_hash_is_read_as_whatsapp_writes_it_and_anything_else_is_none(claim: str | None, read: str | None) -> None:
    assert digest(claim) == read


def test_an_error_says_what_and_why() -> None:
    assert str(MediaError(MediaFailure.GONE, "404")) == "gone: 404"
