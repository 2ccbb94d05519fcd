"""A file's way from WhatsApp to us: what is tried again and when, what is given up and why, and what is left alone."""

import base64
import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from aduan.service import limits
from aduan.service.channel import MessageKind
from aduan.service.checking import Checking
from aduan.service.fetching import LOST, REASONS, Fetching, file_of
from aduan.service.media import LARGEST, MediaError, MediaFailure
from aduan.service.model import AttachedFile, FileState, Message
from aduan.service.ports import Commit
from aduan.service.sweeping import Sweeping
from aduan.service.terms import Terms
from tests.adapters.store_samples import a_message
from tests.service.fakes import FakeClock, FakeMediaSource, InMemoryMediaStore, InMemoryStore, RecordingTasks
from tests.service.house_of_fakes import HouseOfFakes
from tests.service.talk import PROCEDURE, message

PICTURE = b"\xff\xd8\xff a picture"
NO_HASH = base64.b64encode(bytes(32)).decode().replace("A", "A*", 1)
"""As long as one and in its letters, but for one that base64 does not have."""

SHA256 = hashlib.sha256(PICTURE).hexdigest()
NO_ATTEMPT = "an attempt more than there should be"


@dataclass
class Scene:
    """One message with a file that WhatsApp has."""

    clock: FakeClock = field(default_factory=FakeClock)
    store: InMemoryStore = field(default_factory=InMemoryStore)
    source: FakeMediaSource = field(default_factory=lambda: FakeMediaSource({"1": PICTURE}))
    media: InMemoryMediaStore = field(default_factory=InMemoryMediaStore)
    tasks: RecordingTasks = field(default_factory=RecordingTasks)
    claim: str | None = None  # the webhook's hash

    def __post_init__(self) -> None:
        """The message comes in."""
        self.fetching = Fetching(self.store, self.source, self.media, self.tasks, self.clock)
        self.began = self.clock.now
        kept = a_message(
            at=self.began,
            file=AttachedFile(
                media_id="1", sha256=self.claim, fetch_at=self.began, expire_at=self.began + limits.MEDIA_LIFE
            ),
        )
        self.id = kept.id
        self.store.commit(Commit(message=kept))

    @property
    def message(self) -> Message:
        loaded = self.store.message(self.id)
        assert loaded is not None
        return loaded.value

    @property
    def file(self) -> AttachedFile:
        assert self.message.file is not None
        return self.message.file

    def fetch(self, *faults: MediaFailure | None) -> AttachedFile:
        """One task, with what goes wrong in its calls."""
        self.source.faults = [None if fault is None else MediaError(fault, "in this test") for fault in faults]
        self.fetching.fetch(self.id)
        return self.file

    def fail_until(self, end: datetime, fault: MediaFailure) -> list[float]:
        """Every attempt that is due until then fails; the seconds between them."""
        waits = []
        while self.file.fetch_at is not None and self.file.fetch_at <= end:
            waits.append((self.file.fetch_at - self.clock.now).total_seconds())
            self.clock.now = self.file.fetch_at
            self.fetch(fault)
        return waits[1:]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_file_is_kept_with_the_type_that_we_chose(scene: Scene) -> None:
    file = scene.fetch()
    assert (file.state, file.kept_type, file.size, file.fetch_at) == (FileState.KEPT, "image/jpeg", len(PICTURE), None)
    assert scene.media.kept == {scene.id: PICTURE}
    assert scene.source.calls == ["locate", "download"]
    assert scene.tasks.fetches == []


@pytest.mark.parametrize("claims", [None, SHA256, SHA256.upper(), "no hash at all", NO_HASH])
def test_a_right_hash_or_one_that_is_none_is_no_obstacle(scene: Scene, claims: str | None) -> None:
    scene.source.claims = claims
    assert scene.fetch().state is FileState.KEPT


@pytest.mark.parametrize(("claim", "state"), [(SHA256, FileState.KEPT), ("00" * 32, FileState.WANTED)])
def test_where_the_link_has_no_hash_the_webhooks_counts(claim: str, state: FileState) -> None:
    assert Scene(claim=claim).fetch().state is state


def test_where_both_have_one_the_links_counts() -> None:
    scene = Scene(claim="00" * 32)
    scene.source.claims = SHA256
    assert scene.fetch().state is FileState.KEPT


def test_a_link_that_ran_out_is_asked_for_once_more_in_the_same_attempt(scene: Scene) -> None:
    assert scene.fetch(None, MediaFailure.LINK_GONE).state is FileState.KEPT
    assert scene.source.calls == ["locate", "download", "locate", "download"]


def test_a_second_link_that_ran_out_too_is_for_later(scene: Scene) -> None:
    file = scene.fetch(None, MediaFailure.LINK_GONE, None, MediaFailure.LINK_GONE)
    assert (file.state, file.reason) == (FileState.WANTED, REASONS[MediaFailure.LINK_GONE])


@pytest.mark.parametrize("failure", [MediaFailure.LATER, MediaFailure.OPERATOR])
def test_what_may_work_later_is_tried_for_the_files_week_at_doubling_waits(scene: Scene, failure: MediaFailure) -> None:
    file = scene.fetch(failure)
    assert (file.state, file.reason, file.attempts) == (FileState.WANTED, REASONS[failure], 1)
    assert scene.tasks.fetches == [(scene.id, scene.began + timedelta(seconds=15))]

    waits = scene.fail_until(scene.began + timedelta(hours=5), failure)
    assert waits[:9] == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert set(waits[7:]) == {3600}
    assert scene.fetch().state is FileState.WANTED, NO_ATTEMPT  # a task that comes too early

    scene.fail_until(scene.began + limits.MEDIA_LIFE, failure)
    assert (scene.file.state, scene.file.reason) == (FileState.MISSING, REASONS[MediaFailure.GONE])
    assert scene.clock.now < scene.began + limits.MEDIA_LIFE <= scene.clock.now + timedelta(hours=1)


@pytest.mark.parametrize("failure", [MediaFailure.GONE, MediaFailure.DAMAGED])
def test_what_is_gone_or_damaged_is_tried_eight_times(scene: Scene, failure: MediaFailure) -> None:
    scene.fetch(failure)
    scene.fail_until(scene.began + timedelta(days=1), failure)
    assert (scene.file.state, scene.file.attempts, scene.file.reason) == (FileState.MISSING, 8, REASONS[failure])
    assert scene.clock.now == scene.began + timedelta(seconds=15 * (2**7 - 1))


def test_what_is_too_large_is_not_even_asked_for_again(scene: Scene) -> None:
    file = scene.fetch(None, MediaFailure.TOO_LARGE)
    assert (file.state, file.reason) == (FileState.MISSING, "Berkas lebih besar dari 16 MB")
    assert (file.fetch_at, file.expire_at) == (None, None)  # there is nothing of it to be erased
    assert scene.tasks.fetches == []


def test_our_own_store_that_takes_nothing_is_tried_again(scene: Scene) -> None:
    scene.media.full = True
    assert scene.fetch().reason == REASONS[MediaFailure.NO_ROOM]
    scene.media.full, scene.clock.now = False, scene.began + timedelta(seconds=15)
    assert (scene.fetch().state, scene.file.reason) == (FileState.KEPT, None)


def test_what_is_kept_missing_or_unknown_is_left_alone(scene: Scene) -> None:
    scene.fetch()
    before = scene.message
    scene.fetching.fetch(scene.id)
    scene.fetching.fetch("nothing")
    assert scene.source.calls == ["locate", "download"]
    assert scene.message == before


def test_two_seconds_early_is_early_enough(scene: Scene) -> None:
    scene.fetch(MediaFailure.LATER)
    scene.clock.now = scene.began + timedelta(seconds=12.9)
    assert scene.fetch().attempts == 1
    scene.clock.now = scene.began + timedelta(seconds=13)
    assert scene.fetch().state is FileState.KEPT


class OutrunStore(InMemoryStore):
    """Another attempt writes first."""

    def commit(self, commit: Commit) -> None:
        if commit.known_message is not None and commit.known_message.value.file is not None:
            loaded = self.message(commit.known_message.value.id)
            assert loaded is not None
            self.messages.put(loaded.value.id, loaded)
        super().commit(commit)


@pytest.mark.parametrize("fault", [None, MediaFailure.LATER, MediaFailure.TOO_LARGE])
def test_where_another_attempt_wrote_first_its_word_stands(fault: MediaFailure | None) -> None:
    scene = Scene(store=OutrunStore())
    assert scene.fetch(fault).attempts == 0
    assert scene.tasks.fetches == []


def test_the_file_that_both_attempts_kept_stays() -> None:
    scene = Scene(store=OutrunStore())
    scene.fetch()
    assert scene.media.kept == {scene.id: PICTURE}


class ErasedStore(InMemoryStore):
    """While a file comes, its term ends."""

    def commit(self, commit: Commit) -> None:
        if (known := commit.known_message) is not None and known.value.file is not None:
            file = known.value.file.model_copy(update={"state": FileState.ERASED})
            self.messages.put(known.value.id, replace(known, value=known.value.model_copy(update={"file": file})))
        super().commit(commit)


def test_a_file_that_arrives_after_its_term_is_not_kept() -> None:
    scene = Scene(store=ErasedStore())
    assert scene.fetch().state is FileState.ERASED
    assert scene.media.kept == {}


def test_a_queue_that_is_down_leaves_the_next_attempt_to_the_sweep(scene: Scene) -> None:
    class Down(RecordingTasks):
        def send(self, *_: object, **__: object) -> None:
            raise ConnectionError

    Fetching(scene.store, FakeMediaSource(), scene.media, Down(), scene.clock).fetch(scene.id)
    assert (scene.file.attempts, scene.file.state) == (1, FileState.WANTED)
    scene.clock.now += timedelta(minutes=5)
    assert scene.store.due_fetches(scene.clock.now, 10) == (scene.id,)


# With the message


def picture() -> HouseOfFakes:
    """A house in which a picture has just come."""
    house = HouseOfFakes()
    house.hear(message(kind=MessageKind.IMAGE))
    return house


def test_the_task_for_a_picture_is_asked_for_with_those_of_its_reply() -> None:
    house = picture()
    (kept,) = house.store.messages
    assert house.tasks.fetches == [(kept.id, None)]
    assert house.tasks.sent
    until = house.clock.now + timedelta(days=PROCEDURE.terms.media)
    assert kept.file == AttachedFile(media_id="1", fetch_at=house.clock.now, expire_at=until)


def test_a_text_has_no_file_and_a_lost_one_asks_for_nothing() -> None:
    assert file_of(message("Halo"), FakeClock().now, FakeClock().now) is None
    house = HouseOfFakes()
    house.hear("Halo")
    assert house.tasks.fetches == []


def test_the_sweep_asks_again_for_what_has_been_due_for_a_minute() -> None:
    house = picture()
    (kept,) = house.store.messages
    checking = Checking(house.intake.settling, house.store, house.store.staff, house.tasks, house.clock)
    sweeping = Sweeping(checking, house.store, house.tasks, Terms(house.erasing), house.clock)
    house.clock.now += timedelta(seconds=59)
    assert sweeping.sweep().media == 0
    house.clock.now += timedelta(seconds=1)
    assert sweeping.sweep().media == 1
    assert house.tasks.fetches[1:] == [(kept.id, house.clock.now)]


def test_a_message_that_was_stored_before_files_were_fetched_still_loads() -> None:
    before = a_message().model_dump(exclude={"file"}) | {"media_id": "1", "media_type": "image/jpeg"}
    assert Message.model_validate(before).file is None


def test_staff_read_what_stands_in_the_way_of_a_file() -> None:
    assert REASONS == {
        MediaFailure.LATER: "WhatsApp belum dapat dihubungi",
        MediaFailure.OPERATOR: "WhatsApp menolak sambungan kantor",
        MediaFailure.LINK_GONE: "WhatsApp belum memberikan berkas ini",
        MediaFailure.GONE: "WhatsApp tidak lagi menyimpan berkas ini",
        MediaFailure.DAMAGED: "Berkas dari WhatsApp tidak utuh",
        MediaFailure.NO_ROOM: "Tempat penyimpanan kantor belum dapat dipakai",
        MediaFailure.TOO_LARGE: "Berkas lebih besar dari 16 MB",
    }
    assert LOST == "WhatsApp gagal menerima berkas ini dari pemohon"


def test_sixteen_mebibytes_are_the_most() -> None:
    assert LARGEST == 16_777_216
