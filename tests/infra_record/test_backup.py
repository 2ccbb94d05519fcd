"""What was put aside comes back as it was, value for value; what does not is said."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from infra.record.backup import Refused, back_up, restore
from infra.record.checking import check
from infra.record.exports import EmulatorExports
from infra.record.folder import Files, Folder
from infra.record.manifest import MANIFEST, SWORN, NoBackup, read_sworn
from infra.record.place import Place
from tests.infra_record.conftest import Office
from tests.infra_record.test_checking import Record, hashed


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(f"{tmp_path}/a backup")


def bring_back(office: Office, place: Place, folder: Folder, over: str | None = None) -> list[str]:
    return list(restore(office.database, office.exports, folder, place.media, over))


def test_all_comes_back_as_it_was(office: Office, place: Place, folder: Folder, tmp_path: Path) -> None:
    before = office.documents()
    assert {path.split("/")[0] for path in before} >= {
        "complaints", "citizens", "citizen_aliases", "messages", "outbox", "requests", "staff",
    }  # fmt: skip
    manifest = back_up(office.database, office.exports, folder, place.media)
    assert sum(manifest.figures.documents.values()) == len(before)
    assert manifest.media == Files(count=2, bytes=6)

    office.exports.clear()
    (tmp_path / "media" / "in" / "4a").unlink()
    assert office.documents() == {}

    assert bring_back(office, place, folder) == []
    assert office.documents() == before
    assert (tmp_path / "media" / "in" / "4a").read_text("utf-8") == "sealed"
    assert [line for one in check(office.database, office.database.now()) for line in one.wrong] == []


def test_what_was_written_since_is_gone_after_a_restore_over_it(office: Office, place: Place, folder: Folder) -> None:
    before = office.documents()
    back_up(office.database, office.exports, folder, place.media)
    complaint = office.ids["closed"]
    Record(office.client, f"complaints/{complaint}", office.events(complaint)).put_behind()
    assert bring_back(office, place, folder, over=office.database.project) == []
    assert office.documents() == before


@pytest.mark.parametrize("over", [None, "", "another-project"])
def test_nothing_is_restored_over_what_stands_unless_its_name_is_said(
    office: Office, place: Place, folder: Folder, over: str | None
) -> None:
    back_up(office.database, office.exports, folder, place.media)
    office.client.document("staff/new@office.test").set({"name": "Gita"})
    before = office.documents()
    with pytest.raises(Refused, match=f"say OVER={office.database.project}$"):
        bring_back(office, place, folder, over)
    assert office.documents() == before


def test_one_backup_is_never_written_over_another(office: Office, place: Place, folder: Folder) -> None:
    back_up(office.database, office.exports, folder, place.media)
    before = folder.read(MANIFEST)
    with pytest.raises(Refused, match="name another folder"):
        back_up(office.database, office.exports, folder, place.media)
    assert folder.read(MANIFEST) == before


OTHER_HASHES = "the newest hashes of the complaints are not those of the backup"


def test_a_number_of_documents_that_is_not_the_manifests_is_noticed(
    office: Office, place: Place, folder: Folder
) -> None:
    back_up(office.database, office.exports, folder, place.media)
    manifest = json.loads(folder.read(MANIFEST))
    manifest["figures"]["documents"]["staff"] += 1
    folder.write(MANIFEST, [json.dumps(manifest)])
    over = office.database.project
    assert bring_back(office, place, folder, over) == ["staff: 6 documents, and the backup has 7"]


@pytest.mark.parametrize("lost", [False, True], ids=["changed", "not there"])
def test_the_first_complaint_whose_newest_hash_is_not_the_backups_is_named(
    office: Office, place: Place, folder: Folder, lost: bool
) -> None:
    back_up(office.database, office.exports, folder, place.media)
    manifest, heads = json.loads(folder.read(MANIFEST)), list(folder.lines(SWORN))
    complaint = json.loads(heads[-1])[0]
    heads[-1:] = [] if lost else [json.dumps([complaint, 1, "0" * 64]) + "\n"]
    manifest["figures"]["heads_sha256"] = "0" * 64
    folder.write(MANIFEST, [json.dumps(manifest)])
    folder.write(SWORN, heads)
    over = office.database.project
    assert bring_back(office, place, folder, over) == [OTHER_HASHES, f"the first of them is {complaint}"]


def test_a_lost_file_is_noticed(office: Office, place: Place, folder: Folder) -> None:
    back_up(office.database, office.exports, folder, place.media)
    Path(folder.url, "media", "in", "4a").unlink()
    lines = bring_back(office, place, folder, over=office.database.project)
    assert lines == ["media: 1 files of 0 bytes were brought back, and the backup was made with 2 files of 6 bytes"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (MANIFEST, None, "there is no backup in"),
        (MANIFEST, "{}", "is not this program's, or was changed"),
        (SWORN, None, "is not whole"),
    ],
)
def test_what_is_no_whole_backup_is_refused_and_deletes_nothing(
    office: Office, place: Place, folder: Folder, name: str, content: str | None, words: str
) -> None:
    back_up(office.database, office.exports, folder, place.media)
    Path(folder.url, name).unlink()
    if content is not None:
        folder.write(name, [content])
    before = office.documents()
    with pytest.raises(NoBackup, match=words):
        bring_back(office, place, folder, over=office.database.project)
    assert office.documents() == before


class BusyExports(EmulatorExports):
    """An emulator in which somebody writes, some times, while it exports."""

    times = 0

    def __init__(self, office: Office, times: int) -> None:
        super().__init__(office.database)
        self._office = office
        self.times = times

    def export(self, folder: str, at: datetime) -> None:
        super().export(folder, at)
        if self.times:
            self.times -= 1
            self._office.client.collection("requests").add({"at": self.times})


def test_an_export_during_which_something_was_written_is_made_again(
    office: Office, place: Place, folder: Folder
) -> None:
    manifest = back_up(office.database, BusyExports(office, 2), folder, place.media)
    assert sum(manifest.figures.documents.values()) == len(office.documents())
    assert bring_back(office, place, folder, over=office.database.project) == []


def test_an_export_that_is_never_of_one_moment_is_no_backup(office: Office, place: Place, folder: Folder) -> None:
    with pytest.raises(Refused, match="try again when less is happening"):
        back_up(office.database, BusyExports(office, 99), folder, place.media)
    assert not folder.has(MANIFEST)


# A record that was rewritten to its end is whole in itself; the backup knows better


def against(office: Office, folder: Folder) -> list[str]:
    looked = check(office.database, office.database.now(), None, read_sworn(folder))
    return [line for one in looked for line in one.wrong]


def test_a_record_that_goes_on_after_a_backup_agrees_with_it(office: Office, place: Place, folder: Folder) -> None:
    back_up(office.database, office.exports, folder, place.media)
    complaint = office.ids["closed"]
    events = office.events(complaint)
    more = hashed(events[-1] | {"seq": len(events) + 1, "previous": events[-1]["hash"]})
    record = Record(office.client, f"complaints/{complaint}", events)
    record.put(len(events) + 1, more)
    record.set_head(seq=len(events) + 1, event_hash=more["hash"])
    assert against(office, folder) == []


def test_a_record_rewritten_to_its_end_shows_against_a_backup(office: Office, place: Place, folder: Folder) -> None:
    back_up(office.database, office.exports, folder, place.media)
    complaint = office.ids["closed"]
    events = office.events(complaint)
    record, previous = Record(office.client, f"complaints/{complaint}", events), events[0]["hash"]
    for number in range(2, len(events) + 1):
        event = hashed(record.event(number, previous=previous, actor="somebody@office.test"))
        record.put(number, event)
        previous = event["hash"]
    record.set_head(event_hash=previous)
    assert [line for one in check(office.database, office.database.now()) for line in one.wrong] == []
    assert against(office, folder) == [
        f"ADU-{complaint}: event {len(events)}, or one before it, was rewritten since the backup"
    ]


def test_a_complaint_that_is_gone_shows_against_a_backup(office: Office, place: Place, folder: Folder) -> None:
    back_up(office.database, office.exports, folder, place.media)
    complaint = office.ids["alone"]
    office.client.recursive_delete(office.client.collection("complaints").document(complaint))
    lines = [line for line in against(office, folder) if not line.startswith("message ")]
    assert lines == [f"ADU-{complaint}: is gone, and the backup has it"]


def test_a_backups_hashes_that_were_changed_prove_nothing(office: Office, place: Place, folder: Folder) -> None:
    back_up(office.database, office.exports, folder, place.media)
    folder.write(SWORN, list(folder.lines(SWORN))[:-1])
    with pytest.raises(NoBackup, match="one of the two was changed"):
        against(office, folder)
