"""A complaint as JSON has just the fields of the contract, whatever happened to it."""

from datetime import datetime, timedelta
from typing import Any

from aduan.procedure.events import EventType
from tests.portal.scene import ADMIN, ANSWER, KASI, NIK, NOTE, Scene
from tests.portal.test_lists import HEAD

COMPLAINT = {*HEAD, "description", "answer", "events"}


def times(content: Any) -> list[str]:
    """Every value under a name that ends like a time's."""
    if isinstance(content, list):
        return [time for item in content for time in times(item)]
    if isinstance(content, dict):
        own = [value for name, value in content.items() if name == "at" or name.endswith("_at")]
        return [value for value in own if value] + [time for item in content.values() for time in times(item)]
    return []


def test_a_complaint_that_everything_happened_to(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)
    scene.minutes(31)
    scene.ring(number)
    scene.act(number, "respond", KASI, note=NOTE, answer=ANSWER)
    scene.act(number, "answer", ADMIN, answer=ANSWER)

    told = scene.get_json(f"/aduan/{number}")

    assert told.keys() == COMPLAINT
    assert (told["answer"], told["status"], told["step"]) == (ANSWER, "answered", 8)
    assert told["approved_by"].keys() == {"email", "role", "at", "text_sha256"}
    assert (told["approved_by"]["email"], told["approved_by"]["role"]) == (KASI, "section_head")
    assert [event["seq"] for event in told["events"]] == list(range(1, len(told["events"]) + 1))
    assert all(event.keys() == {"seq", "type", "at", "step", "actor", "role", "note"} for event in told["events"])
    assert {event["type"] for event in told["events"]} <= {kind.value for kind in EventType}
    (breach,) = told["breaches"]
    assert breach.keys() == {"step", "due_at", "noticed_at", "ended_at", "rungs"}
    (rung,) = breach["rungs"]
    assert (rung.keys(), rung["told"]) == ({"rung", "at", "told"}, ["section_head"])
    found = times(told)
    assert len(found) > 10
    assert {datetime.fromisoformat(time).utcoffset() for time in found} == {timedelta(0)}


def test_a_complaint_that_waits_has_no_deadline(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)

    told = scene.act(number, "ask_complainant", ADMIN, question="KK nomor berapa?")

    assert (told["status"], told["paused"], told["due_at"], told["holder"]) == ("waiting", True, None, ADMIN)


def test_the_answer_is_the_text_itself_and_description_and_notes_are_masked(scene: Scene) -> None:
    text, answer = f"NIK saya {NIK} salah.", f"NIK {NIK} sudah benar."
    number = scene.complain(text)

    told = scene.act(number, "settle", ADMIN, note=f"Dicek: {NIK}.", answer=answer)

    assert (told["description"], told["answer"]) == ("NIK saya 3402••••••••••01 salah.", answer)
    notes = [event["note"] for event in told["events"] if event["note"]]
    assert notes == ["Dicek: 3402••••••••••01."]


def test_my_work_as_json_has_the_groups_of_the_page(scene: Scene) -> None:
    number = scene.complain()

    work = scene.get_json("/")

    assert work.keys() == {"held", "waiting_for_desk", "to_approve", "data_checks", "undelivered", "drafts"}
    assert [row["number"] for row in work["waiting_for_desk"]] == [number]
