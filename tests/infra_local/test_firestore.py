"""The emulator is started, emptied, kept over a restart, and gone at the end."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from infra.local.firestore import EmulatorFailure, FirestoreEmulator, Snapshots

if TYPE_CHECKING:
    from google.cloud import firestore

PROJECT = "aduan-local"


@contextmanager
def documents(emulator: FirestoreEmulator) -> Iterator[httpx.Client]:
    """Speak to the documents of the kept project over HTTP."""
    base = f"http://{emulator.host}/v1/projects/{PROJECT}/databases/(default)/documents"
    with httpx.Client(base_url=base, trust_env=False, headers={"Authorization": "Bearer owner"}) as client:
        yield client


def write(emulator: FirestoreEmulator, name: str) -> None:
    """Create one document."""
    fields = {"fields": {"name": {"stringValue": name}}}
    with documents(emulator) as client:
        client.post("/complaints", params={"documentId": name}, json=fields).raise_for_status()


def names(emulator: FirestoreEmulator) -> list[str]:
    """Return the documents that are there."""
    with documents(emulator) as client:
        found = client.get("/complaints").raise_for_status().json()
    return [document["fields"]["name"]["stringValue"] for document in found.get("documents", [])]


def test_data_are_kept_over_restarts_and_nothing_runs_after_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "with a space"
    with FirestoreEmulator(persist_to=folder) as first:
        assert names(first) == []
        write(first, "one")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", first.port)).close()

    with FirestoreEmulator(persist_to=folder) as second:
        assert names(second) == ["one"]
        write(second, "two")
    assert len(list(folder.iterdir())) == 1


def test_a_copy_is_kept_while_it_runs_for_a_process_that_is_killed(tmp_path: Path) -> None:
    with FirestoreEmulator(persist_to=tmp_path) as first:
        write(first, "one")
        first.keep()
        latest = Snapshots(tmp_path).latest()
        assert latest
        assert latest.is_file()


def test_clearing_one_project_leaves_the_others(
    firestore_emulator: FirestoreEmulator, firestore_client: "firestore.Client", project_id: str
) -> None:
    firestore_client.document("complaints/one").create({})
    firestore_emulator.clear("another-project")
    assert firestore_client.document("complaints/one").get().exists
    firestore_emulator.clear(project_id)
    assert not firestore_client.document("complaints/one").get().exists


def test_an_emulator_without_a_folder_refuses_to_keep(firestore_emulator: FirestoreEmulator) -> None:
    with pytest.raises(EmulatorFailure, match="without persist_to"):
        firestore_emulator.keep()


def test_a_port_that_is_taken_is_refused_though_an_emulator_answers_there(
    firestore_emulator: FirestoreEmulator,
) -> None:
    port = firestore_emulator.port
    with pytest.raises(EmulatorFailure, match=f"port {port} is taken"), FirestoreEmulator(port=port):
        pass


def test_an_emulator_that_ends_at_its_start_is_a_failure(tmp_path: Path) -> None:
    copy = tmp_path / "1" / "firestore"
    copy.mkdir(parents=True)
    (copy / "firestore.overall_export_metadata").write_text("not a copy", "utf-8")
    with pytest.raises(EmulatorFailure, match="ended with"), FirestoreEmulator(persist_to=tmp_path):
        pass


def test_a_copy_that_breaks_off_leaves_the_one_before_it(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    with snapshots.writing() as first:
        (first / "data").write_text("whole", "utf-8")
    latest = snapshots.latest()

    with pytest.raises(OSError, match="disk full"), snapshots.writing():
        raise OSError("disk full")

    assert snapshots.latest() == latest
    assert (tmp_path / "1" / "data").read_text("utf-8") == "whole"


def test_the_eleventh_copy_is_later_than_the_second(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    for _ in range(11):
        with snapshots.writing():
            pass
    assert [entry.name for entry in tmp_path.iterdir()] == ["11"]
