"""`make check-office`: a technician's slips are named with file and line; right files are read out."""

import re
import shutil
from pathlib import Path

import pytest

from aduan.settings import SHIPPED_OFFICE
from infra.office.__main__ import main

OFFICES = SHIPPED_OFFICE.parent
SHIPPED = sorted(folder for folder in OFFICES.iterdir() if folder.is_dir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example, as a technician begins with it."""
    return Path(shutil.copytree(OFFICES / "contoh", tmp_path / "kantor"))


def change(file: Path, right: str, wrong: str) -> int:
    """Make a slip; its line."""
    text = file.read_text("utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong, 1), "utf-8")
    return text.count("\n", 0, text.index(right)) + 1


@pytest.mark.parametrize("office", SHIPPED, ids=lambda folder: folder.name)
def test_every_office_that_is_shipped_may_open(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(office)]) == 0
    assert capsys.readouterr().err == ""


def test_right_files_are_read_out_for_whoever_knows_the_office(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(folder)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Perumda Air Minum Tirta Saloka: 5 steps, 180 minutes\n")
    assert "| 3 | `inspect`, Pemeriksaan di lapangan | Kepala Regu |" in said
    days = re.findall(r"^(Senin|Selasa|Rabu|Kamis|Jumat|Sabtu|Minggu), \d+ \w+ \d{4}: (.+)$", said, re.MULTILINE)
    assert len(days) == 7
    assert dict(days)["Minggu"] == "Minggu"
    assert "nobody has confirmed these hours yet" in said
    change(folder / "calendar.toml", "confirmed = false", "confirmed = true")
    assert main([str(folder)]) == 0
    assert "nobody has confirmed" not in capsys.readouterr().out


def test_the_slips_of_all_files_are_named_at_once_with_their_lines(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    minutes = change(folder / "procedure.toml", "minutes = 180", "minutes = 200")
    hours = change(folder / "calendar.toml", '[["08:00", "12:00"]]', '[["12:00", "08:00"]]')
    words = change(folder / "messages.toml", 'confirm_send = "Kirim"', f'confirm_send = "{"Kirim " * 6}"')
    assert main([str(folder)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"procedure.toml, line {minutes}: total.minutes: the steps add up to 180 minutes"
    assert lines[1].startswith(f"calendar.toml, line {hours}: weekly.saturday[0]")
    assert lines[2].startswith(f"messages.toml, line {words}: conversation.confirm_send: ")
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("file", "right", "wrong", "said"),
    [
        (
            "messages.toml",
            'alert = "aduan_alert"',
            'alert = "keluhan_alert"',
            "messages.toml: templates.alert: 'keluhan_alert' does not stand in infra/whatsapp/templates.toml",
        ),
        (
            "procedure.toml",
            "messages = 180\nmedia = 90\noutbox = 60\nrequests = 30\nunreadable = 14\ncomplaints = 365",
            "messages = 366\nmedia = 366\noutbox = 60\nrequests = 30\nunreadable = 14\ncomplaints = 366",
            "procedure.toml: terms.media: infra/bucket-lifecycle.json removes files after 365 days already",
        ),
    ],
)
def test_what_the_house_around_the_functions_does_not_have_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], file: str, right: str, wrong: str, said: str
) -> None:
    change(folder / file, right, wrong)
    assert main([str(folder)]) == 1
    assert capsys.readouterr().err == f"{said}\n"


def test_a_folder_without_files_is_no_office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    missing = "cannot be read: No such file or directory"
    names = ("procedure.toml", "calendar.toml", "messages.toml")
    assert capsys.readouterr().err.splitlines() == [f"{name}: {missing}" for name in names]
