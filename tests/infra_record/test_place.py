"""Where the record is looked for: what runs here, or what the environment names, and never a guess between the two."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.firestore import free_port
from infra.local.running import ADDRESSES
from infra.record.place import NoPlace, found

HERE, CLOUD = "aduan-local", "an-office"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[str]:
    """The folder of an office that runs: something listens where its Firestore should; its 'host:port'."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        told(tmp_path, host)
        yield host


def told(folder: Path, host: str) -> None:
    environment = {"GOOGLE_CLOUD_PROJECT": HERE, "FIRESTORE_EMULATOR_HOST": host}
    (folder / ADDRESSES).write_text(json.dumps(environment), "utf-8")


@pytest.mark.parametrize("named", [{}, {"GOOGLE_CLOUD_PROJECT": HERE}])
def test_what_runs_here_is_taken(tmp_path: Path, running: str, named: dict[str, str]) -> None:
    place = found(named, tmp_path)
    assert (place.project, place.emulator) == (HERE, running)


def test_the_project_that_is_named_is_taken_where_nothing_runs(tmp_path: Path) -> None:
    told(tmp_path, f"127.0.0.1:{free_port()}")  # left by an office that ended
    place = found({"GOOGLE_CLOUD_PROJECT": CLOUD}, tmp_path)
    assert (place.project, place.emulator) == (CLOUD, None)
    assert "cloud" in place.words


def test_two_that_might_be_meant_are_not_guessed_between(tmp_path: Path, running: str) -> None:
    with pytest.raises(NoPlace, match=f"GOOGLE_CLOUD_PROJECT names {CLOUD}: stop it, or unset that"):
        found({"GOOGLE_CLOUD_PROJECT": CLOUD, "FIRESTORE_EMULATOR_HOST": running}, tmp_path)


def test_where_there_is_nothing_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoPlace, match="start one with `make run`, or set GOOGLE_CLOUD_PROJECT"):
        found({}, tmp_path)


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoPlace, match="FIRESTORE_EMULATOR_HOST is wrong"):
        found({"GOOGLE_CLOUD_PROJECT": CLOUD, "FIRESTORE_EMULATOR_HOST": "nowhere"}, tmp_path)


def test_in_the_cloud_the_key_and_the_media_must_be_named_where_they_are_needed(tmp_path: Path) -> None:
    place = found({"GOOGLE_CLOUD_PROJECT": CLOUD}, tmp_path)
    with pytest.raises(NoPlace, match="FIELD_KEY is missing"):
        _ = place.office_key
    with pytest.raises(NoPlace, match="MEDIA_STORE is missing"):
        _ = place.media
