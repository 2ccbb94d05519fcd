"""The sweep lets go of what is past its term: page after page, and one that cannot go holds up no other."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from aduan.adapters.sealing import CannotOpen
from aduan.procedure.complaint import Complaint
from aduan.service.channel import MessageKind
from aduan.service.errors import NotYet
from aduan.service.fetching import Fetching
from aduan.service.media import MediaLink
from aduan.service.model import AttachedFile, FileState
from aduan.service.ports import Commit, Loaded
from aduan.service.terms import Ended, Terms
from tests.adapters.store_samples import a_citizen, a_message, a_row
from tests.service.fake_erasures import InMemoryErasures
from tests.service.fakes import FakeMediaSource, InMemoryMediaStore
from tests.service.full_house import SET_FORMAT
from tests.service.house_of_fakes import HouseOfFakes
from tests.service.talk import PROCEDURE, message

JPEG = b"\xff\xd8\xff a card"


def drafts(many: int) -> HouseOfFakes:
    """So many drafts, all past their term."""
    house = HouseOfFakes()
    house.hear("Halo")
    first = house.store.complaint(house.complaint.id)
    assert first is not None
    for number in range(1, many):
        other = first.value.model_copy(update={"id": f"K{number}"})
        house.store.complaints.put(other.id, Loaded(other, first.key))
    house.clock.now += timedelta(days=PROCEDURE.terms.drafts)
    return house


@pytest.mark.parametrize("many", [0, 1, 99, 100, 101, 250])
def test_all_that_is_due_goes_page_after_page(many: int) -> None:
    house = drafts(many) if many else HouseOfFakes()
    ended = Terms(house.erasing).end()
    assert (ended.erased, ended.failed) == (many, 0)
    assert [one for one in house.complaints if one.erased_at is None] == []
    assert house.store.erasures == {}
    assert Terms(house.erasing).end() == Ended()


@dataclass
class Stuck(InMemoryMediaStore):
    """A place for files that does not answer."""

    broken: bool = True

    def drop(self, message_id: str, key: str) -> None:
        if self.broken:
            raise NotYet("out of reach")
        super().drop(message_id, key)


def test_what_cannot_go_is_reported_and_holds_up_nothing_else_and_goes_when_it_can() -> None:
    house = HouseOfFakes(media=Stuck())
    house.hear(message(kind=MessageKind.IMAGE))
    house.store.complaints.put("K1", replace(only(house), value=only(house).value.model_copy(update={"id": "K1"})))
    house.clock.now += timedelta(days=PROCEDURE.terms.drafts)
    ended = Terms(house.erasing).end()
    assert (ended.erased, ended.failed) == (1, 1)
    assert all(one.erased_at is not None for one in house.complaints)  # its key is gone all the same
    assert len(house.store.erasures) == len(house.store.messages) == 1
    assert isinstance(house.media, Stuck)
    house.media.broken = False
    ended = Terms(house.erasing).end()
    assert (ended.erased, ended.failed) == (1, 0)
    assert len(house.store.erasures) == len(house.store.messages) == 0


@dataclass
class OneUnopened(InMemoryMediaStore):
    """One file is under a key that is not there."""

    unopened: str = ""

    def drop(self, message_id: str, key: str) -> None:
        if message_id == self.unopened:
            raise CannotOpen("this data key was not wrapped by the office's key")
        super().drop(message_id, key)


def test_a_message_whose_file_cannot_go_stays_and_holds_up_no_other_message() -> None:
    media = OneUnopened()
    house = HouseOfFakes(media=media)
    house.hear(SET_FORMAT, message(kind=MessageKind.IMAGE), "Mohon dibantu.")
    (media.unopened,) = [one.id for one in house.store.messages if one.file]
    house.clock.now += timedelta(days=PROCEDURE.terms.messages)
    ended = Terms(house.erasing).end()
    assert [one.id for one in house.store.messages] == [media.unopened]
    assert ended.failed >= 1


def test_of_many_messages_just_the_one_whose_file_cannot_go_is_left() -> None:
    media = OneUnopened()
    house = HouseOfFakes(media=media)
    for number in range(350):
        file = AttachedFile(media_id="1") if number == 0 else None
        due_at = house.clock.now + timedelta(seconds=number)
        house.store.commit(Commit(message=a_message(f"wamid.due {number}", None, file=file, expire_at=due_at)))
    (media.unopened,) = [one.id for one in house.store.messages if one.file]
    house.clock.now += timedelta(hours=1)
    assert Terms(house.erasing).end() == Ended(dropped=349, failed=1)
    assert [one.id for one in house.store.messages] == [media.unopened]


def test_of_many_rows_none_is_left() -> None:
    house = HouseOfFakes()
    rows = tuple(a_row(f"n{number}", expire_at=house.clock.now) for number in range(250))
    house.store.commit(Commit(new_rows=rows))
    assert Terms(house.erasing).end() == Ended(dropped=250)
    assert len(house.store.rows) == 0


def test_what_two_parts_of_a_sweep_did_is_one_sum() -> None:
    assert Ended(erased=1, dropped=20, failed=300) + Ended(4, 50, 600) == Ended(5, 70, 900)


def only(house: HouseOfFakes) -> Loaded[Complaint]:
    loaded = house.store.complaint(house.complaint.id)
    assert loaded is not None
    return loaded


class Broken(InMemoryErasures):
    """A list that cannot be read."""

    def due_complaints(self, until: object, limit: int) -> tuple[str, ...]:
        del until, limit
        raise ConnectionError("out of reach")


def test_a_list_that_cannot_be_read_fails_alone() -> None:
    house = HouseOfFakes()
    house.hear(SET_FORMAT)
    house.clock.now += timedelta(days=PROCEDURE.terms.outbox)
    ended = Terms(replace(house.erasing, erasures=Broken(house.store))).end()
    assert (ended.failed, ended.dropped) == (1, len(house.to_siti()) + 1)
    assert len(house.store.rows) == 0


def test_a_file_goes_at_the_end_of_its_own_term_and_its_message_says_so() -> None:
    house = HouseOfFakes()
    terms = PROCEDURE.terms.model_copy(update={"media": 10})
    workflow = house.erasing.workflow
    shorter = replace(workflow, procedure=workflow.procedure.model_copy(update={"terms": terms}))
    house.intake = replace(house.intake, settling=replace(house.intake.settling, workflow=shorter))
    house.hear(SET_FORMAT, message(kind=MessageKind.IMAGE))
    source = FakeMediaSource({"1": JPEG})
    (name,) = [one.id for one in house.store.messages if one.file]
    Fetching(house.store, source, house.media, house.tasks, house.clock).fetch(name)
    assert house.media.kept == {name: JPEG}
    house.clock.now += timedelta(days=10)
    assert Terms(house.erasing).end() == Ended(dropped=1)
    assert house.media.kept == {}
    loaded = house.store.message(name)
    assert loaded is not None
    assert loaded.value.file is not None
    assert (loaded.value.file.state, loaded.value.file.filename, loaded.value.wants_file) == (
        FileState.ERASED,
        None,
        False,
    )
    Fetching(house.store, source, house.media, house.tasks, house.clock).fetch(name)
    assert house.media.kept == {}


def test_of_a_file_at_the_end_of_its_term_only_stays_that_it_was_there() -> None:
    house = HouseOfFakes()
    at = house.clock.now
    wanted = AttachedFile(media_id="1", attempts=3, fetch_at=at, expire_at=at, filename="siti.jpg", reason="belum")
    kept = a_message(file=wanted)
    house.store.commit(Commit(message=kept))
    assert Terms(house.erasing).end() == Ended(dropped=1)
    loaded = house.store.message(kept.id)
    assert loaded is not None
    assert loaded.value.file == AttachedFile(media_id="1", attempts=3, state=FileState.ERASED)
    assert Terms(house.erasing).end() == Ended()


class Earlier(InMemoryErasures):
    """Its lists were read a moment ago: a citizen and a file were due by then."""

    def due_citizens(self, until: datetime, limit: int) -> tuple[str, ...]:
        del until, limit
        return (a_citizen().id,)

    def due_files(self, until: datetime, limit: int) -> tuple[str, ...]:
        del until, limit
        return (a_message().id,)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_file_that_is_gone_since_the_list_was_read_is_nothing_to_be_dropped(*, is_there: bool) -> None:
    house = HouseOfFakes()
    if is_there:
        house.store.commit(Commit(message=a_message()))
    assert Terms(replace(house.erasing, erasures=Earlier(house.store))).end() == Ended()


class ErasedMeanwhile(FakeMediaSource):
    """While a file comes, its complaint is erased."""

    house: HouseOfFakes

    def download(self, link: MediaLink) -> bytes:
        assert self.house.erasing.complaint(self.house.complaint.id, asked=True)
        return super().download(link)


def test_a_file_that_arrives_after_its_complaint_was_erased_is_not_kept() -> None:
    house = HouseOfFakes()
    house.hear(SET_FORMAT, message(kind=MessageKind.IMAGE))
    (name,) = [one.id for one in house.store.messages if one.file]
    source = ErasedMeanwhile({"1": JPEG})
    source.house = house
    Fetching(house.store, source, house.media, house.tasks, house.clock).fetch(name)
    assert house.media.kept == {}


@pytest.mark.parametrize("is_open", [True, False])
def test_a_citizen_whose_complaint_stands_is_looked_at_again_when_that_may_have_changed(*, is_open: bool) -> None:
    house = HouseOfFakes()
    house.hear(SET_FORMAT)
    if not is_open:
        closed = only(house).value.model_copy(update={"erase_at": house.clock.now + timedelta(days=700)})
        house.store.complaints.put(closed.id, replace(only(house), value=closed))
    house.clock.now += timedelta(days=PROCEDURE.terms.messages)
    assert Terms(house.erasing).end().erased == 0
    wanted = house.clock.now + timedelta(days=30) if is_open else only(house).value.erase_at
    assert house.citizen.erase_at == wanted


@pytest.mark.parametrize("since", [timedelta(), timedelta(days=3)])
def test_a_citizen_whose_complaint_could_not_go_in_time_is_looked_at_again_in_a_day(since: timedelta) -> None:
    house = HouseOfFakes()
    house.hear(SET_FORMAT)
    house.clock.now += timedelta(days=PROCEDURE.terms.messages)
    late = only(house).value.model_copy(update={"erase_at": house.clock.now - since})
    house.store.complaints.put(late.id, replace(only(house), value=late))
    ended = Terms(replace(house.erasing, erasures=Broken(house.store))).end()
    assert (ended.erased, ended.failed) == (0, 1)
    assert house.citizen.erase_at == house.clock.now + timedelta(days=1)


@pytest.mark.parametrize("until", [None, timedelta(microseconds=1)])
def test_a_citizen_whose_term_has_moved_since_the_list_was_read_is_kept(until: timedelta | None) -> None:
    house = HouseOfFakes()
    known = a_citizen(erase_at=house.clock.now + until if until else None)
    house.store.commit(Commit(citizen=Loaded(known, "key")))
    assert Terms(replace(house.erasing, erasures=Earlier(house.store))).end() == Ended()
    assert list(house.store.citizens) == [known]


def test_a_citizen_who_is_gone_since_the_list_was_read_is_passed_over() -> None:
    house = HouseOfFakes()
    assert Terms(replace(house.erasing, erasures=Earlier(house.store))).end() == Ended()


def test_a_citizen_whose_complaint_is_not_there_any_more_is_looked_at_again() -> None:
    house = HouseOfFakes()
    house.store.commit(Commit(citizen=Loaded(a_citizen(erase_at=house.clock.now), "key")))

    class Listed(InMemoryErasures):
        def complaints_of(self, citizen_id: str, limit: int) -> tuple[str, ...]:
            del citizen_id, limit
            return ("K gone",)

    assert Terms(replace(house.erasing, erasures=Listed(house.store))).end() == Ended()
    (citizen,) = house.store.citizens
    assert citizen.erase_at == house.clock.now + timedelta(days=30)


def test_a_citizen_who_writes_at_that_very_moment_is_kept() -> None:
    house = HouseOfFakes()
    house.store.commit(Commit(citizen=Loaded(a_citizen(erase_at=house.clock.now), "key")))

    class Meanwhile(InMemoryErasures):
        def complaints_of(self, citizen_id: str, limit: int) -> tuple[str, ...]:
            del limit
            loaded = house.store.citizen(citizen_id)
            assert loaded is not None
            house.store.commit(Commit(citizen=loaded))
            return ()

    ended = Terms(replace(house.erasing, erasures=Meanwhile(house.store))).end()
    assert ended == Ended()
    assert house.store.citizen("c1") is not None
