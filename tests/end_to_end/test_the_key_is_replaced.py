"""The office's key is replaced while the office works: nothing becomes unreadable, nobody becomes somebody else."""

import itertools
import re
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

import pytest

from aduan.adapters.sealing import OfficeKey
from infra.local.key_service import KeyServiceStandIn
from infra.record.__main__ import main
from infra.record.database import Change, Database
from infra.record.rewrapping import rewrap
from tests.end_to_end.lives import (
    NEW,
    OLD,
    SET_FORMAT,
    Lives,
    events,
    expect_a_sound_record,
    keys_in_use,
    record_of,
    ring_text,
    stored,
    use,
)
from tests.end_to_end.scenes import numbers_in
from tests.end_to_end.world import World
from tests.infra_local.receiver import serving

KMS_KEY = "projects/office/locations/asia-southeast2/keyRings/aduan/cryptoKeys/field-key"


def rewrap_command(world: World, monkeypatch: pytest.MonkeyPatch, folder: Path, *keys: bytes) -> int:
    """`python -m infra.record rewrap`, as an operator has it."""
    monkeypatch.setenv("ADUAN_RUN_DIR", str(folder / "nothing runs"))
    for name, value in {**world.environment, "FIELD_KEY": ring_text(*keys)}.items():
        monkeypatch.setenv(name, value)
    return main(["rewrap"])


def test_a_key_is_replaced_without_a_stop_and_the_old_one_may_then_be_thrown_away(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lives = Lives(world)
    use(world, OLD)
    lives.begin()
    world.whatsapp.post_body(b"no webhook")
    for ring in ((OLD, NEW), (NEW, OLD)):
        use(world, *ring)
        lives.expect_all()
        lives.begin()
        lives.go_on()
        lives.expect_all()
    assert len(keys_in_use(world)) == 2
    before = events(world)

    assert rewrap_command(world, monkeypatch, tmp_path, NEW, OLD) == 0
    told = capsys.readouterr().out
    assert re.search(r"[1-9]\d* documents were put under key \w{8}, 0 are to be looked at again, 0 stay", told)
    assert len(keys_in_use(world)) == 1
    assert events(world) == before  # the record is append-only, for this too
    lives.expect_all()

    use(world, NEW)
    lives.expect_all()
    lives.begin()
    lives.go_on()
    lives.expect_all()
    assert rewrap_command(world, monkeypatch, tmp_path, NEW) == 0
    assert "\n0 documents were put under key" in capsys.readouterr().out
    assert expect_a_sound_record(world) == len(lives.numbers) == 4
    assert lives.looks == 1 + 2 + 2 + 3 + 3 + 3 + 4


def test_while_one_release_follows_another_both_serve_the_same_citizens(world: World) -> None:
    lives = Lives(world)
    for before, after in itertools.pairwise([(OLD,), (OLD, NEW), (NEW, OLD)]):
        for ring in (before, after, before, after):
            use(world, *ring)
            lives.begin()
            lives.go_on()
            lives.expect_all()
    assert expect_a_sound_record(world) == len(lives.numbers) == 8


class Crash(Exception):
    """The operator's machine fails."""


class FailingDatabase(Database):
    """One whose connection fails at the n-th request that changes something: before it, or with its answer."""

    left = 0
    lost_answer = False

    def change(self, changes: Sequence[Change]) -> list[bool]:
        self.left -= 1
        if self.left < 0 and self.lost_answer:
            super().change(changes)
        if self.left < 0:
            raise Crash
        return super().change(changes)


def finished(failing: FailingDatabase, world: World, requests: int) -> bool:
    """One run, of which this many requests go through; whether it came to its end, and left nothing."""
    failing.left = requests
    try:
        return sum(one.missed for one in rewrap(failing, world.house.office_key, size=1)) == 0
    except Crash:
        return False


@pytest.mark.parametrize("lost_answer", [False, True])
def test_rewrapping_may_stop_anywhere_and_goes_on_where_it_stopped(world: World, lost_answer: bool) -> None:
    lives = Lives(world)
    use(world, OLD)
    lives.begin()
    lives.begin()
    use(world, NEW, OLD)
    failing = FailingDatabase(world.client.project, emulator=world.environment["FIRESTORE_EMULATOR_HOST"], page=3)
    failing.lost_answer = lost_answer
    crashes = 0
    with failing:
        while not finished(failing, world, requests=crashes):
            crashes += 1
            assert crashes < 100
        lives.expect_all()
    assert crashes >= 4
    assert len(keys_in_use(world)) == 1
    use(world, NEW)
    lives.expect_all()
    assert expect_a_sound_record(world) == 2


def test_what_is_written_while_it_is_rewrapped_is_neither_lost_nor_left_behind(world: World) -> None:
    lives = Lives(world)
    use(world, OLD)
    lives.begin()
    lives.begin()
    use(world, NEW, OLD)
    with record_of(world) as record:
        for batch in rewrap(record, world.house.office_key, size=5):
            assert batch.unopened == ()
            lives.go_on()
        lives.begin()
        left = list(rewrap(record, world.house.office_key))
    assert [one.missed for one in left] == [0] * len(left)
    assert len(keys_in_use(world)) == 1
    use(world, NEW)
    lives.expect_all()


class SlowDatabase(Database):
    """Somebody writes to what was read, before it is changed."""

    meanwhile = staticmethod(lambda: None)

    def change(self, changes: Sequence[Change]) -> list[bool]:
        type(self).meanwhile()
        return super().change(changes)


def test_a_document_that_was_written_meanwhile_is_left_as_it_is_and_said(world: World) -> None:
    lives = Lives(world)
    use(world, OLD)
    lives.begin()
    use(world, NEW, OLD)
    slow = SlowDatabase(world.client.project, emulator=world.environment["FIRESTORE_EMULATOR_HOST"])
    SlowDatabase.meanwhile = staticmethod(lives.go_on)
    with slow:
        done = list(rewrap(slow, world.house.office_key))
    assert sum(one.missed for one in done) > 0
    with record_of(world) as record:
        assert sum(one.missed for one in rewrap(record, world.house.office_key)) == 0
    use(world, NEW)
    lives.expect_all()
    assert expect_a_sound_record(world) == 1


def test_who_gets_a_number_that_was_given_up_is_somebody_else_and_who_gave_it_up_is_not(world: World) -> None:
    lives = Lives(world)
    use(world, OLD)
    number = lives.begin()
    (given_up,) = lives.numbers
    siti = world.citizen(given_up)
    assert siti.change_number("+6281299990000") == HTTPStatus.OK
    use(world, NEW, OLD)
    with record_of(world) as record:
        assert sum(one.missed for one in rewrap(record, world.house.office_key)) == 0
    use(world, NEW)
    stranger = world.whatsapp.citizen(phone=given_up, name="Tono")
    for phone in (stranger, siti):
        assert phone.write("STATUS") == HTTPStatus.OK
        world.settle()
    assert number not in " ".join(message.text for message in stranger.inbox)
    assert number in siti.inbox[-1].text


def test_who_wrote_while_they_were_erased_is_known_under_the_new_key_too(world: World) -> None:
    use(world, OLD)
    lives = Lives(world)
    lives.begin()
    (phone,) = lives.numbers
    erasing = world.house.erasing
    known = erasing.erasures.known_as(phone)
    assert known is not None
    begun = erasing.erasures.forget(known, world.clock())
    with record_of(world) as record:
        assert sum(one.missed for one in rewrap(record, OfficeKey(NEW, OLD))) > 0  # her names lead to nobody yet
    siti = world.citizen(phone)
    assert siti.write(SET_FORMAT) == HTTPStatus.OK
    world.settle()
    use(world, NEW, OLD)
    with record_of(world) as record:
        assert sum(one.missed for one in rewrap(record, world.house.office_key)) == 0
        world.house.erasing.finish(begun)
        assert sum(one.missed for one in rewrap(record, world.house.office_key)) == 0
    use(world, NEW)
    (number,) = numbers_in(siti.inbox[-1].text)
    assert siti.write("STATUS") == HTTPStatus.OK
    world.settle()
    assert number in siti.inbox[-1].text


def test_without_the_older_key_nothing_is_changed_and_each_document_is_named(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lives = Lives(world)
    use(world, OLD)
    lives.begin()
    before = {one.path: one.document for one in stored(world)}
    assert rewrap_command(world, monkeypatch, tmp_path, NEW) == 1
    named = re.findall(r"^(\S+) is under none of these keys$", capsys.readouterr().out, re.MULTILINE)
    sealed = {path for path, document in before.items() if "key" in document or "hashed_under" in document}
    assert set(named) == sealed
    assert {one.path: one.document for one in stored(world)} == before


# By Cloud KMS


def test_in_the_cloud_the_key_is_unwrapped_once_for_a_process_and_never_leaves_it(world: World) -> None:
    service = KeyServiceStandIn({})
    with serving(service.app()) as address:
        host = address.removeprefix("http://")
        wrapped = service.wrap(KMS_KEY, OLD)
        settings = {"FIELD_KMS_KEY": KMS_KEY, "KMS_EMULATOR_HOST": host}
        use(world, wrapped, **settings)
        lives = Lives(world)
        lives.begin()
        lives.go_on()
        lives.expect_all()
        assert service.unwrapped == 1

        service.rotate(KMS_KEY)  # KMS keeps the versions of its key: no release is needed
        use(world, wrapped, **settings)
        lives.expect_all()
        assert service.unwrapped == 2

        use(world, service.wrap(KMS_KEY, NEW), wrapped, **settings)
        lives.begin()
        with record_of(world) as record:
            list(rewrap(record, world.house.office_key))
        use(world, service.wrap(KMS_KEY, NEW), **settings)
        lives.expect_all()
        assert service.unwrapped == 5


def test_what_comes_while_kms_is_away_is_answered_5xx_and_served_when_it_is_back(world: World) -> None:
    service = KeyServiceStandIn({})
    with serving(service.app()) as address:
        host = address.removeprefix("http://")
        use(world, service.wrap(KMS_KEY, OLD), FIELD_KMS_KEY=KMS_KEY, KMS_EMULATOR_HOST=host)
        service.refusing = True
        citizen = world.citizen()
        assert citizen.write(SET_FORMAT) == HTTPStatus.INTERNAL_SERVER_ERROR
        assert world.get("/aduan?q=0812-3456-7890").status_code == HTTPStatus.SERVICE_UNAVAILABLE
        service.refusing = False
        world.whatsapp.redeliver(only_due=False)
        world.settle()
        assert len(numbers_in(citizen.inbox[-1].text)) == 1
