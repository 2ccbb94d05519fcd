"""What a citizen may ask of the office: a copy of everything, in one page; and to be forgotten, whatever breaks."""

import base64
import json
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from aduan import settings as names
from aduan.bootstrap import House
from aduan.procedure.personal import ERASED
from aduan.service.erasing import Erasing
from aduan.service.oversize import LONGEST_RAW
from aduan.settings import Settings
from infra.local.firestore import FirestoreEmulator
from infra.record.__main__ import main
from tests.crashes.project import Project
from tests.end_to_end.erased import (
    CITIZEN,
    JPEG,
    NIK,
    closed_complaint,
    count,
    documents,
    files,
    leads,
    traces,
)
from tests.end_to_end.scenes import another_world
from tests.end_to_end.world import ADMIN, KASI, SET_FORMAT, World, connect

OTHER_NIK, OTHER_PHONE = "3402015508850003", "0857 1111 2222"


@pytest.fixture
def world(firestore_emulator: FirestoreEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An office that the environment names."""
    with another_world(firestore_emulator.host) as world:
        monkeypatch.setenv("ADUAN_RUN_DIR", str(tmp_path / "nothing runs"))
        for name in ("GOOGLE_CLOUD_PROJECT", "FIRESTORE_EMULATOR_HOST", "MEDIA_STORE", "CALENDAR_FILE"):
            monkeypatch.setenv(name, world.environment[name])
        yield world


def lived_in(world: World) -> str:
    """A closed complaint, and an open one in which staff write of the citizen and of somebody else."""
    closed_complaint(world)
    citizen = world.citizen(CITIZEN)
    assert citizen.write("BANTUAN") == HTTPStatus.OK
    assert citizen.write(f"Layanan: KK\nNama: Siti Aminah\nNIK: {NIK}\nAduan: KK adik saya {OTHER_NIK} keliru.") == 200
    world.settle()
    number = str(world.complaints("?status=open")[0]["number"])
    world.did(number, "receive", ADMIN)
    note = f"NIK {NIK[:4]} {NIK[4:8]} {NIK[8:12]} {NIK[12:]} cocok; {OTHER_NIK} dan {OTHER_PHONE} milik adiknya. {KASI}"
    world.did(number, "forward", ADMIN, note=note)
    return number


def exported(tmp_path: Path) -> str:
    page = tmp_path / "siti.html"
    assert main(["export", CITIZEN, "--to", str(page)]) == 0
    assert stat.S_IMODE(page.stat().st_mode) & 0o077 == 0
    return page.read_text("utf-8")


def test_the_copy_holds_everything_that_the_citizen_wrote_and_was_told_and_their_files(
    world: World, tmp_path: Path
) -> None:
    number = lived_in(world)
    page = exported(tmp_path)
    wanted = (
        "Siti Aminah", NIK, CITIZEN, "KTP elektronik", "KTP saya belum jadi", "foto KK", "Silakan ambil hari Senin.",
        "Arsip ada di Jetis", "BANTUAN", number, f"KK adik saya {OTHER_NIK} keliru",
        base64.b64encode(JPEG).decode(), "Kepala Seksi",
    )  # fmt: skip
    assert [text for text in wanted if text not in page] == []


def test_what_concerns_others_is_masked_in_it(world: World, tmp_path: Path) -> None:
    lived_in(world)
    page = exported(tmp_path)
    note = next(line for line in page.splitlines() if "milik adiknya" in line)
    assert f"{NIK[:4]} {NIK[4:8]} {NIK[8:12]} {NIK[12:]} cocok" in note
    assert (OTHER_NIK in note, OTHER_PHONE in note) == (False, False)
    assert "@office.test" not in page


def test_a_copy_is_never_written_over_a_file(world: World, tmp_path: Path) -> None:
    lived_in(world)
    exported(tmp_path)
    assert main(["export", CITIZEN, "--to", str(tmp_path / "siti.html")]) == 2


@pytest.mark.parametrize("command", [["export", "--to", "nothing.html"], ["erase", "--of", "PROJECT"]])
def test_of_somebody_unknown_nothing_is_kept_and_nothing_is_written(
    world: World, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    project = world.environment["GOOGLE_CLOUD_PROJECT"]
    assert main([command[0], "0899 9999 9999", *(project if one == "PROJECT" else one for one in command[1:])]) == 1
    assert list(tmp_path.glob("*.html")) == []


def test_nobody_is_erased_in_a_project_that_was_not_meant(world: World) -> None:
    closed_complaint(world)
    stood = documents(world)
    assert main(["erase", CITIZEN, "--of", "another-project"]) == 2
    assert documents(world) == stood


def erase(world: World) -> int:
    """By the number as people write it."""
    return main(["erase", CITIZEN.replace("+62", "0"), "--of", world.environment["GOOGLE_CLOUD_PROJECT"]])


def test_who_asks_for_it_is_forgotten_and_the_record_is_whole_afterwards(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    lived_in(world)
    assert erase(world) == 0
    assert (traces(world), leads(world), files(world)) == ([], [], [])
    assert [count(world, name) for name in ("citizens", "citizen_aliases", "complaint_keys", "outbox")] == [0] * 4
    assert erase(world) == 1
    assert CITIZEN[3:] not in capsys.readouterr().out
    assert main(["check", "--heads"]) == 0
    assert main(["check"]) == 0


def test_another_citizen_of_the_same_number_is_told_of_and_is_copied_and_erased_by_their_id(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, user_id = world.environment["GOOGLE_CLOUD_PROJECT"], "ID.12345678901234567"
    numbered, nameless = world.citizen(CITIZEN), world.whatsapp.citizen(bsuid=user_id)
    assert numbered.write(SET_FORMAT.replace("Siti Aminah", "Siti Pertama")) == HTTPStatus.OK
    assert nameless.write("Selamat pagi") == HTTPStatus.OK
    numbered.change_user_id(user_id, deliver=False)
    assert numbered.write(SET_FORMAT.replace("Siti Aminah", "Siti Kedua")) == HTTPStatus.OK
    world.settle()
    assert count(world, "citizens") == 2

    page = tmp_path / "siti.html"
    assert main(["export", CITIZEN, "--to", str(page)]) == 1
    assert ("Siti Kedua" in page.read_text("utf-8"), "Siti Pertama" in page.read_text("utf-8")) == (True, False)
    (other,) = re.findall("[0-9a-f]{64}", capsys.readouterr().out.splitlines()[-1].partition(",")[0])
    assert main(["erase", user_id, "--of", project]) == 1
    assert f"Citizen {other} " in capsys.readouterr().out
    assert count(world, "citizens") == 1
    assert main(["erase", CITIZEN, "--of", project]) == 1
    assert capsys.readouterr().out.splitlines()[1].startswith(f"Citizen {other} ")

    first = tmp_path / "first.html"
    assert main(["export", other, "--to", str(first)]) == 0
    assert "Siti Pertama" in first.read_text("utf-8")
    assert main(["erase", other, "--of", project]) == 0
    assert (traces(world), count(world, "citizens")) == ([], 0)
    assert main(["check", "--heads"]) == 0


def test_what_was_too_long_for_one_document_is_copied_whole_and_erased_with_its_message(
    world: World, tmp_path: Path
) -> None:
    assert world.citizen(CITIZEN).write("x" * LONGEST_RAW + "the end") == HTTPStatus.OK
    world.settle()
    assert count(world, "unreadable") == 2
    page = tmp_path / "siti.html"
    assert main(["export", CITIZEN, "--to", str(page)]) == 0
    (whole,) = re.findall(r'href="data:application/json;base64,([^"]+)"', page.read_text("utf-8"))
    assert json.loads(base64.b64decode(whole))["text"]["body"].endswith("xthe end")
    assert erase(world) == 0
    assert (traces(world), count(world, "unreadable")) == ([], 0)


def test_of_what_was_too_long_the_copy_has_what_is_left_after_its_term(world: World, tmp_path: Path) -> None:
    citizen = world.citizen(CITIZEN)
    assert [citizen.write(text) for text in (SET_FORMAT, "x" * LONGEST_RAW)] == [HTTPStatus.OK] * 2
    world.clock.now += timedelta(days=31)
    assert world.sweep().status_code == HTTPStatus.OK
    assert count(world, "unreadable") == 0
    page = tmp_path / "siti.html"
    assert main(["export", CITIZEN, "--to", str(page)]) == 0
    assert "xxx" in page.read_text("utf-8")
    assert "data:application/json" not in page.read_text("utf-8")


def test_what_could_not_be_read_is_under_no_name_and_the_office_is_told(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    lived_in(world)
    assert erase(world) == 0
    assert "could not be read is under no name and goes at its own term" in capsys.readouterr().out


class Killed(BaseException):
    """The process is no more."""


class Dying:
    """A connection's calls, of which one is the last; `after`: it still arrives."""

    def __init__(self, calls: Any, last: int, *, after: bool) -> None:
        self._calls, self._left, self._after = calls, last, after

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._calls, name)
        return self._counted(call) if name in {"get", "query", "commit"} else call

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Killed
            answer = call(*arguments)
            if self._left == 0:
                raise Killed
            return answer

        return counted


def dying(world: World, last: int, *, after: bool) -> Erasing:
    """The use case behind the command, in a process that will not live to its end."""
    house = House(Settings(world.environment), world.clock)
    connect(house, world.environment["FIRESTORE_EMULATOR_HOST"])
    house.connection._calls = Dying(house.connection.calls, last, after=after)  # type: ignore[assignment]  # noqa: SLF001 - as a process dies: beneath everything
    return house.erasing


def dies(world: World, last: int, *, after: bool) -> bool:
    """False where it came to its end before that."""
    try:
        dying(world, last, after=after).forget(CITIZEN)
    except Killed:
        return True
    return False


def shown_in_part(world: World, number: str) -> bool:
    """Whether a page would show some of a complaint's texts, and not the others."""
    shown = world.complaint(number)
    texts = {shown["description"], *(event["note"] for event in shown["events"] if event["note"])}
    return ERASED in texts and texts != {ERASED}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_of_its_calls_the_command_shows_nothing_in_part_and_the_same_again_finishes_it(
    world: World, after: bool
) -> None:
    number, kept = lived_in(world), world.house.settings[names.MEDIA_STORE].removeprefix("file://")
    shutil.copytree(kept, f"{kept}-as-it-was")
    with Project(world.environment["FIRESTORE_EMULATOR_HOST"], world.client.project) as project:
        stood, points = project.read(), 0
        while dies(world, points + 1, after=after):
            points += 1
            assert not shown_in_part(world, number)
            world.house.erasing.forget(CITIZEN)
            assert (traces(world), leads(world), files(world), count(world, "erasures")) == ([], [], [], 0)
            project.restore(stood)
            shutil.copytree(f"{kept}-as-it-was", kept, dirs_exist_ok=True)
    assert main(["check", "--heads"]) == 0
    assert points >= 20
