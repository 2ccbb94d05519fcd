"""The commands as they are typed: what they print, and how they end."""

from pathlib import Path

import pytest

from infra.record.__main__ import main
from infra.record.place import Place
from tests.infra_record.conftest import Office


@pytest.fixture(autouse=True)
def _named(office: Office, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names the office; nothing else runs here."""
    monkeypatch.setenv("ADUAN_RUN_DIR", str(tmp_path / "nothing runs"))
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", office.database.project)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", str(place.emulator))
    monkeypatch.setenv("MEDIA_STORE", place.media.url)


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What was printed, without where."""
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("The record of test-")
    return lines


def test_a_check_counts_and_ends_well(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert told(capsys) == [f"5 complaints, {office.database.count('events')} events, 0 touched"]
    assert main(["check", "--heads"]) == 0
    assert told(capsys) == [f"5 complaints, {office.database.count('events')} events, 0 touched"]


def test_a_check_names_what_was_touched_and_ends_with_one(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    complaint = office.ids["closed"]
    office.client.document(f"complaints/{complaint}/events/000004").update({"actor": "somebody@office.test"})
    assert main(["check"]) == 1
    events = office.database.count("events")
    assert told(capsys) == [f"ADU-{complaint}: event 4 was changed", f"5 complaints, {events} events, 1 touched"]


def test_one_complaint_is_checked_by_its_number(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    closed, draft = office.ids["closed"], office.ids["draft"]
    office.client.document(f"complaints/{draft}/events/000001").delete()
    assert main(["check", f"ADU-{closed}"]) == 0
    assert told(capsys) == [f"1 complaints, {len(office.events(closed))} events, 0 touched"]
    assert main(["check", f"ADU-{closed}", f"D-{draft}"]) == 1
    assert told(capsys)[0] == f"D-{draft}: event 1 is missing"


def test_a_number_that_there_is_not_is_an_error_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "ADU-261124-NONE0"]) == 2
    assert capsys.readouterr().err == "there is no complaint 261124-NONE0\n"


def test_a_backup_is_made_refused_a_second_time_and_restored(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, documents = str(tmp_path / "backup"), office.documents()
    assert main(["backup", "--to", folder]) == 0
    assert told(capsys)[0].startswith(f"{len(documents)} documents and 2 files of 6 bytes, as of ")
    assert main(["backup", "--to", folder]) == 2
    assert main(["restore", "--from", folder]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert main(["restore", "--from", folder, "--over", office.database.project]) == 0
    assert told(capsys) == ["All is as the backup says; now check the record."]
    assert office.documents() == documents
    assert main(["check", "--against", folder]) == 0


def test_a_replay_says_how_many_are_equal_and_leaves_nothing_behind(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    before = office.documents()
    assert main(["replay"]) == 0
    assert told(capsys) == ["5 heads are equal, 0 are not"]
    office.client.document(f"complaints/{office.ids['waiting']}").update({"version": 99})
    assert main(["replay"]) == 1
    assert told(capsys) == [f"ADU-{office.ids['waiting']}: 'version' is another", "4 heads are equal, 1 are not"]
    assert office.documents().keys() == before.keys()


def test_a_replay_into_a_database_that_is_not_empty_is_refused(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    before = office.documents()
    assert main(["replay", "--into", office.database.project]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert office.documents() == before
