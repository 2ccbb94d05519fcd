"""Every act of the contract, by a form and by JSON: what it leads to, and that a repeat is one act."""

from collections.abc import Mapping
from typing import Any

import pytest

from aduan.portal.names import ACTS
from tests.portal.html import Page
from tests.portal.scene import ADB, ADMIN, ADMIN2, ANSWER, KABID, KADIS, KASI, NIK, NOTE, PHONE, Scene, content

Step = tuple[str, str, Mapping[str, str]]
FORWARD: Step = ("forward", ADMIN, {"note": NOTE})
RECEIVE: Step = ("receive", ADMIN, {})
SETTLE: Step = ("settle", ADMIN, {"note": NOTE, "answer": ANSWER})
RESPOND: Step = ("respond", KASI, {"note": NOTE, "answer": ANSWER})
ASK_ADB: Step = ("ask_database_admin", ADMIN, {"note": NOTE})
DRAFT = "draft"

# what was done before, the act itself, and where that leads: status, step, holder
ACTS_AND_ENDS: list[tuple[list[Step | str], Step, tuple[str, int | None, str | None]]] = [
    ([DRAFT], ("register", ADMIN, {"category": "identity_card", "description": "KTP hilang."}), ("open", 2, None)),
    ([DRAFT], ("dismiss", ADMIN, {"note": "Ucapan terima kasih."}), ("closed", None, None)),
    ([], RECEIVE, ("open", 3, ADMIN)),
    ([], ("receive", KASI, {}), ("open", 3, KASI)),
    ([], SETTLE, ("answered", 8, None)),
    ([RECEIVE], SETTLE, ("answered", 8, None)),
    ([RECEIVE], FORWARD, ("open", 4, None)),
    ([FORWARD], ("forward", KASI, {"note": NOTE}), ("open", 6, None)),
    ([FORWARD], ("verify", KASI, {"note": NOTE}), ("open", 5, KASI)),
    ([FORWARD], RESPOND, ("open", 7, None)),
    ([FORWARD, ("verify", KASI, {"note": NOTE})], RESPOND, ("open", 7, None)),
    ([FORWARD, ("forward", KASI, {"note": NOTE})], ("respond", KABID, RESPOND[2]), ("open", 7, None)),
    ([FORWARD, RESPOND], ("answer", ADMIN, {"answer": ANSWER}), ("answered", 8, None)),
    ([SETTLE], ("resend", ADMIN, {}), ("answered", 8, None)),
    ([SETTLE], ("approve", KASI, {}), ("answered", 8, None)),
    ([SETTLE], ("refuse", KASI, {"note": "Salah loket."}), ("open", 4, None)),
    ([RECEIVE], ("ask_complainant", ADMIN, {"question": "KK nomor berapa?"}), ("waiting", 3, ADMIN)),
    ([RECEIVE], ASK_ADB, ("open", 3, ADMIN)),
    ([RECEIVE, ASK_ADB], ("reply_data_check", ADB, {"note": "Data ditemukan."}), ("open", 3, ADMIN)),
    ([RECEIVE], ("take_over", ADMIN2, {}), ("open", 3, ADMIN2)),
    ([RECEIVE], ("take_over", KADIS, {}), ("open", 3, KADIS)),
    ([RECEIVE], ("unmask", ADMIN, {}), ("open", 3, ADMIN)),
    ([RECEIVE, ASK_ADB], ("unmask", ADB, {}), ("open", 3, ADMIN)),
]
IDS = [
    "-".join([*(step if isinstance(step, str) else step[0] for step in before), act[0]])
    for before, act, _ in ACTS_AND_ENDS
]


def begun(scene: Scene, before: list[Step | str]) -> str:
    """A complaint with which this was done. Its address."""
    address = scene.draft() if DRAFT in before else scene.complain()
    for act in before:
        if not isinstance(act, str):
            scene.act(address, act[0], act[1], **act[2])
    return address


def end(scene: Scene, address: str) -> tuple[str, int | None, str | None]:
    stands = scene.complaint(address)
    return stands.status.value, stands.step, stands.holder


def test_every_act_is_in_the_table() -> None:
    assert {act[0] for _, act, _ in ACTS_AND_ENDS} == set(ACTS)


@pytest.mark.parametrize(("before", "act", "leads_to"), ACTS_AND_ENDS, ids=IDS)
def test_an_act_by_json_answers_with_the_complaint(
    scene: Scene, before: list[Step | str], act: Step, leads_to: tuple[str, int | None, str | None]
) -> None:
    address = begun(scene, before)

    told = scene.act(address, act[0], act[1], **act[2])

    assert (told["status"], told["step"], told["holder"]) == leads_to == end(scene, address)
    stored = scene.get_json(f"/aduan/{told['number'] or address}")
    assert stored == {name: value for name, value in told.items() if name not in ("nik", "phone")}


@pytest.mark.parametrize(("before", "act", "leads_to"), ACTS_AND_ENDS, ids=IDS)
def test_an_act_by_the_form_on_the_page_leads_back_to_the_complaint(
    scene: Scene, before: list[Step | str], act: Step, leads_to: tuple[str, int | None, str | None]
) -> None:
    address = begun(scene, before)
    name, email, fields = act
    page = scene.get(f"/aduan/{address}", email).text
    form = page.split(f'action="/aduan/{address}/{name}')[1].split("</form>")[0]
    hidden = {
        field: form.split(f'name="{field}" value="')[1].split('"')[0]
        for field in ("csrf_token", "version", "request_id")
    }
    assert [field for field in fields if f'name="{field}"' not in form] == []

    answer = scene.post_form(f"/aduan/{address}/{name}", email, {**hidden, **fields})

    assert end(scene, address) == leads_to
    if name == "unmask":
        assert answer.status_code == 200
    else:
        assert answer.status_code == 303, answer.text
        assert answer.headers["Location"] == f"/aduan/{scene.complaint(address).number or address}"
        assert scene.get(answer.headers["Location"], email).status_code == 200


@pytest.mark.parametrize(("before", "act", "leads_to"), ACTS_AND_ENDS, ids=IDS)
def test_the_same_request_twice_is_one_act(
    scene: Scene, before: list[Step | str], act: Step, leads_to: tuple[str, int | None, str | None]
) -> None:
    address = begun(scene, before)
    name, email, fields = act
    once = scene.fields(address, **fields)
    first = content(scene.post_json(f"/aduan/{address}/{name}", email, once))

    again = scene.post_json(f"/aduan/{address}/{name}", email, once)

    assert again.status_code == 200
    assert content(again)["events"] == first["events"]
    assert end(scene, address) == leads_to
    somebody = ADMIN2 if email == ADMIN else ADMIN
    assert scene.post_json(f"/aduan/{address}/{name}", somebody, once).status_code in {403, 409}


def test_a_request_id_that_was_used_for_something_else_is_a_conflict(scene: Scene) -> None:
    number, other = scene.complain(), scene.complain(phone="+6281299998888")
    once = scene.fields(number)
    assert scene.post_json(f"/aduan/{number}/receive", ADMIN, once).status_code == 200

    for path, more in ((f"/aduan/{other}/receive", {}), (f"/aduan/{number}/forward", {"note": NOTE})):
        fields = {**once, **more, "version": scene.complaint(path.split("/")[2]).version}
        answer = scene.post_json(path, ADMIN, fields)
        assert (answer.status_code, "dipakai" in content(answer)["detail"]) == (409, True)


def test_unmasking_shows_the_numbers_once_and_is_recorded(scene: Scene) -> None:
    text = f"NIK saya {NIK} salah."
    number = scene.complain(text)
    once = scene.fields(number)

    shown = content(scene.post_json(f"/aduan/{number}/unmask", ADMIN, once))
    again = content(scene.post_json(f"/aduan/{number}/unmask", ADMIN, once))

    assert (shown["nik"], shown["phone"], shown["description"]) == (NIK, PHONE, text)
    assert "nik" not in again
    assert again["description"] == "NIK saya 3402••••••••••01 salah."
    last = again["events"][-1]
    assert (last["type"], last["actor"], last["role"]) == ("unmasked", ADMIN, "whatsapp_admin")
    assert scene.complaint(number).version == once["version"]


def test_unmasking_is_for_the_desk_that_holds_it(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)

    statuses = {
        email: scene.post_json(f"/aduan/{number}/unmask", email, scene.fields(number)).status_code
        for email in (ADMIN, ADMIN2, KASI, KABID, KADIS, ADB)
    }

    assert statuses == {ADMIN: 200, ADMIN2: 409, KASI: 409, KABID: 409, KADIS: 409, ADB: 403}


def test_the_page_after_unmasking_shows_the_numbers_and_the_next_one_does_not(scene: Scene) -> None:
    number = scene.complain(f"KTP saya hilang, hubungi saya di 0812 3456 7890, NIK {NIK}.")

    shown = scene.post_form(f"/aduan/{number}/unmask", ADMIN, scene.fields(number))
    once: dict[str, Any] = scene.fields(number)
    scene.post_form(f"/aduan/{number}/unmask", ADMIN, once)
    again = scene.post_form(f"/aduan/{number}/unmask", ADMIN, once)

    assert NIK in shown.text
    assert PHONE in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert again.status_code == 303
    page = scene.get(f"/aduan/{number}").text
    assert NIK not in page
    assert PHONE not in page
    assert "0812 3456 7890" not in page
    assert "NIK dan nomor telepon ditampilkan" in page


def test_a_message_that_comes_while_somebody_writes_stays_new(scene: Scene) -> None:
    number = scene.complain()
    page = Page(scene.get(f"/aduan/{number}").text)
    seen = {one.attributes["value"] for one in page.all("input") if one.attributes.get("name") == "messages"}
    assert seen == {str(scene.complaint(number).messages)}
    scene.write("Jangan dikirim ke alamat lama.")
    fields = scene.fields(number, note=NOTE, answer=ANSWER, messages=seen.pop())
    assert scene.post_form(f"/aduan/{number}/settle", ADMIN, fields).status_code == 303
    assert scene.complaint(number).unread == 1
    assert "(baru)" in scene.get(f"/aduan/{number}").text


def test_an_act_from_a_list_leaves_what_was_not_read_there_unread(scene: Scene) -> None:
    number = scene.complain()
    scene.write("Mohon segera.")
    page = Page(scene.get("/").text)
    (seen,) = {one.attributes["value"] for one in page.all("input") if one.attributes.get("name") == "messages"}
    scene.post_form(f"/aduan/{number}/receive", ADMIN, scene.fields(number, messages=seen))
    assert (scene.complaint(number).step, scene.complaint(number).unread) == (3, 1)
