"""What the pages show and offer, and how they are built: for anybody, on any device, whatever was written to us."""

import re
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from aduan.procedure.definition import ActName
from tests.portal.html import Page
from tests.portal.scene import ACTIVE, ADB, ADMIN, ADMIN2, ANSWER, KABID, KADIS, KASI, NIK, NOTE, STRANGER, TEXT, Scene

XSS = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"


def of(response: TestResponse) -> Page:
    return Page(response.text)


def every_page(scene: Scene) -> Iterator[TestResponse]:
    """Each page at least once, with refusals."""
    number, other, draft = scene.complain(), scene.complain(phone="+6281200000002"), scene.draft()
    scene.act(number, "receive", ADMIN)
    scene.act(number, "ask_database_admin", ADMIN, note=NOTE)
    scene.act(other, "settle", ADMIN, note=NOTE, answer=ANSWER)
    scene.minutes(40)
    scene.ring(number)
    for email in ACTIVE:
        for path in ("/", "/aduan", f"/aduan/{number}", f"/aduan/{other}", f"/aduan/{draft}"):
            yield scene.get(path, email)
    for path in ("/petugas", "/petugas/tambah", f"/petugas/{ADMIN}"):
        yield scene.get(path, KADIS)
    yield scene.get("/aduan?status=x&from=y&step=z")
    yield scene.get("/nowhere")
    yield scene.get("/", STRANGER)
    yield scene.get("/", None)
    yield scene.post_form(f"/aduan/{number}/respond", KASI, scene.fields(number))
    yield scene.post_form(
        f"/aduan/{number}/respond", KASI, {"version": 1, "request_id": "r" * 16, "note": "x", "answer": "y"}
    )
    yield scene.post_form("/petugas/tambah", KADIS, {"name": ""})
    yield scene.post_form("/cari", ADMIN, {"q": "x"})


def test_every_page_is_well_built(scene: Scene) -> None:
    pages = list(every_page(scene))

    assert len(pages) > 30
    for response in pages:
        page = of(response)
        assert response.status_code in {200, 400, 401, 403, 404, 409}
        assert response.mimetype == "text/html"
        assert page.all("html")[0].attributes["lang"] == "id"
        assert len(page.all("h1")) == 1
        assert [len(page.all(tag)) for tag in ("header", "main", "footer")] == [1, 1, 1]
        assert page.all("a")[0].attributes["href"] == "#isi"
        assert page.all("title")[0].text.endswith("– Aduan")
        assert not page.all("script", "style", "iframe")
        assert not [
            e for e in page.elements if "style" in e.attributes or any(n.startswith("on") for n in e.attributes)
        ]
        ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
        assert len(ids) == len(set(ids)), ids


def test_every_field_has_a_label_and_every_reference_leads_somewhere(scene: Scene) -> None:
    for response in every_page(scene):
        page = of(response)
        ids = {element.attributes.get("id") for element in page.elements}
        labelled = {label.attributes.get("for") for label in page.all("label")}
        for field in page.all("input", "select", "textarea"):
            if field.attributes.get("type") != "hidden":
                assert field.attributes["id"] in labelled, field
        for element in page.elements:
            for name in ("aria-describedby", "aria-labelledby"):
                assert set(element.attributes.get(name, "").split()) <= ids
            href = element.attributes.get("href", "")
            assert not href.startswith("#") or href[1:] in ids, href


def test_every_form_that_changes_something_carries_its_token(scene: Scene) -> None:
    for response in every_page(scene):
        for form in response.text.split("<form")[1:]:
            opening, body = form.split(">")[0], form.split("</form>")[0]
            if 'method="post"' in opening:
                assert 'name="csrf_token"' in body
            if re.search(r'action="/aduan/[^"/]+/', opening):
                assert 'name="version"' in body
                assert re.search(r'name="request_id" value="[\w-]{16,64}"', body)


def test_nothing_that_was_written_to_us_becomes_markup(scene: Scene) -> None:
    number = scene.complain(XSS)
    scene.act(number, "receive", ADMIN)
    scene.act(number, "ask_complainant", ADMIN, question=XSS)
    scene.write(XSS)
    scene.act(number, "forward", ADMIN, note=XSS)
    scene.act(number, "respond", KASI, note=XSS, answer=XSS)
    scene.write(XSS, "+6281299990000")

    refused = scene.post_form(
        f"/aduan/{number}/answer", ADMIN, {"answer": XSS, "note": XSS, "version": XSS, "request_id": XSS}
    )

    for response in (scene.get("/"), scene.get("/aduan?status=draft"), scene.get(f"/aduan/{number}"), refused):
        page = of(response)
        assert not page.all("script", "img")
        assert "<script>alert(1)</script>" in page.text
        assert "{{ 7*7 }}" in page.text or "49" not in page.text
        assert not [element for element in page.elements if "onerror" in element.attributes]


def test_numbers_of_persons_are_masked_on_a_complaints_page(scene: Scene) -> None:
    number = scene.complain(f"NIK saya {NIK} salah, telepon 0812 3456 7890.")
    scene.write(f"KK saya {NIK[:-1]}7")
    scene.act(number, "forward", ADMIN, note=f"Sudah dicek {NIK}.")
    scene.act(number, "respond", KASI, note=NOTE, answer=f"NIK {NIK} benar.")

    page = scene.get(f"/aduan/{number}", KASI).text

    assert NIK not in page
    assert NIK[:-1] not in page
    assert "0812 3456 7890" not in page
    assert "+6281234567890" not in page
    assert page.count("3402••••••••••01") >= 4


def test_the_form_that_registers_a_draft_shows_a_number_only_once_that_is_recorded(scene: Scene) -> None:
    address = scene.draft(f"KK saya {NIK} belum jadi, telepon 0812 3456 7890.")
    scene.minutes(11)
    scene.ring(address)

    page = scene.get(f"/aduan/{address}").text
    assert "KK saya 3402••••••••••01 belum jadi" in of(scene.get(f"/aduan/{address}")).all("textarea")[0].text
    assert (NIK in page, "0812 3456 7890" in page) == (False, False)

    shown = scene.post_form(f"/aduan/{address}/unmask", ADMIN, scene.fields(address))
    assert f"KK saya {NIK} belum jadi" in of(shown).all("textarea")[0].text
    assert scene.complaint(address).seq == 3


# My work


def test_an_empty_desk_says_so(scene: Scene) -> None:
    assert "Tidak ada pekerjaan yang menunggu Anda" in of(scene.get("/")).text


def test_the_likely_act_is_one_tap_away(scene: Scene) -> None:
    number = scene.complain()

    page = scene.get("/").text
    (form,) = re.findall(rf'<form method="post" action="/aduan/{number}/receive">(.*?)</form>', page, re.DOTALL)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    answer = scene.post_form(f"/aduan/{number}/receive", ADMIN, fields)

    assert answer.status_code == 303
    after = scene.get("/").text
    assert f'href="/aduan/{number}#act-settle"' in after
    assert "Sedang saya pegang" in after


def test_what_is_late_is_said_in_words_and_counted(scene: Scene) -> None:
    number = scene.complain()
    assert "Sisa 10 menit" in of(scene.get("/")).text

    scene.minutes(10)
    assert "terlambat" not in of(scene.get("/")).text.lower()
    scene.minutes(5)
    page = of(scene.get("/"))

    assert "1 pekerjaan, 1 terlambat" in page.text
    assert "Terlambat 5 menit" in page.text
    assert "1 terlambat" in page.all("title")[0].text
    assert number in page.text


def test_the_group_with_the_soonest_deadline_comes_first(scene: Scene) -> None:
    held = scene.complain()
    scene.act(held, "receive", ADMIN)
    scene.complain(phone="+6281200000002")

    headings = [heading.text.split(" (")[0] for heading in of(scene.get("/")).all("h2")]

    assert headings == ["Menunggu di meja saya", "Sedang saya pegang"]


def test_marks_say_what_is_new_and_what_came_by_escalation(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)
    scene.minutes(31)
    scene.ring(number)
    scene.write("Bagaimana kabarnya?")

    page = of(scene.get("/", KASI)).text

    assert "Dieskalasi" in page
    assert "1 pesan baru" in page


def test_while_the_office_is_closed_the_page_says_when_time_goes_on(scene: Scene) -> None:
    scene.minutes(8 * 60)
    scene.complain()

    page = of(scene.get("/")).text

    assert "Di luar jam layanan: waktu tahap berhenti sampai Rabu, 25 November 2026 pukul 07.30 WIB." in page
    assert "Sisa 10 menit" in page


def test_each_kind_of_work_is_before_the_one_whose_it_is(scene: Scene) -> None:
    asked, answered, failed = (scene.complain(phone=f"+628120000000{i}") for i in range(3))
    scene.act(asked, "receive", ADMIN)
    scene.act(asked, "ask_database_admin", ADMIN, note=NOTE)
    scene.act(answered, "settle", ADMIN, note=NOTE, answer=ANSWER)
    scene.deliver(answered)
    scene.act(failed, "settle", ADMIN, note=NOTE, answer=ANSWER)
    draft = scene.draft()
    scene.minutes(11)
    scene.ring(draft)

    def work(email: str) -> dict[str, list[str]]:
        groups = scene.get_json("/", email)
        return {name: [row["number"] or row["id"] for row in rows] for name, rows in groups.items() if rows}

    assert work(ADMIN) == {"held": [asked], "undelivered": [failed], "drafts": [draft]}
    assert work(ADMIN2) == {"undelivered": [failed], "drafts": [draft]}
    assert work(ADB) == {"data_checks": [asked]}
    assert set(work(KASI)) == {"to_approve"}
    assert answered in work(KASI)["to_approve"]


# One complaint


def test_the_heading_says_where_it_stands(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)

    (heading,) = of(scene.get(f"/aduan/{number}")).all("h1")

    assert " ".join(heading.text.split()) == f"Aduan {number}, KTP elektronik Tahap 3: Verifikasi oleh Admin WA"


def test_only_acts_that_this_person_may_do_now_are_offered(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)
    complaint = scene.complaint(number)

    for email in ACTIVE:
        member = scene.staff.member(email)
        assert member is not None
        page = scene.get(f"/aduan/{number}", email).text
        offered = set(re.findall(rf'action="/aduan/{number}/(\w+)"', page)) - {"unmask"}
        assert offered == {act.value for act in scene.desk.possible(member, complaint)}, email


@pytest.mark.parametrize(
    ("before", "email", "first"),
    [
        ([], ADMIN, ActName.RECEIVE),
        ([("receive", ADMIN, {})], ADMIN, ActName.SETTLE),
        ([("receive", ADMIN, {})], ADMIN2, ActName.TAKE_OVER),
        ([("forward", ADMIN, {"note": NOTE})], KASI, ActName.RESPOND),
        (
            [("forward", ADMIN, {"note": NOTE}), ("respond", KASI, {"note": NOTE, "answer": ANSWER})],
            ADMIN,
            ActName.ANSWER,
        ),
        ([("settle", ADMIN, {"note": NOTE, "answer": ANSWER})], KABID, ActName.APPROVE),
        ([("receive", ADMIN, {}), ("ask_database_admin", ADMIN, {"note": NOTE})], ADB, ActName.REPLY_DATA_CHECK),
    ],
)
def test_the_likeliest_act_stands_first(
    scene: Scene, before: list[tuple[str, str, dict[str, str]]], email: str, first: ActName
) -> None:
    number = scene.complain()
    for act, by, fields in before:
        scene.act(number, act, by, **fields)

    offered = re.findall(rf'action="/aduan/{number}/(\w+)"', scene.get(f"/aduan/{number}", email).text)

    assert offered[0] == first


def test_at_step_7_the_answer_is_filled_with_what_was_approved_to_the_letter(scene: Scene) -> None:
    answer = f"\n Baris satu & <dua>.\n\nNIK {NIK}.\n"
    number = scene.complain()
    scene.act(number, "forward", ADMIN, note=NOTE)
    scene.act(number, "respond", KASI, note=NOTE, answer=answer)

    field = of(scene.get(f"/aduan/{number}")).with_id("answer-answer")
    shown = field.text.removeprefix("\n").replace("\n", "\r\n")  # as a browser reads and sends it
    scene.post_form(f"/aduan/{number}/answer", ADMIN, scene.fields(number, answer=shown))

    complaint = scene.complaint(number)
    assert complaint.answer is not None
    assert complaint.approved is not None
    assert complaint.approved.text_sha256 == complaint.answer.sha256


def test_who_holds_it_is_said_and_taking_over_is_explained(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)

    page = of(scene.get(f"/aduan/{number}", KASI)).text
    plain = of(scene.get(f"/aduan/{number}", ADB)).text

    assert "Hanya Siti Rahayu yang dapat bertindak. Bila perlu, ambil alih lebih dulu." in page
    assert "Batas waktunya tidak berubah" in page
    assert "ambil alih" not in plain


def test_the_eight_steps_show_their_minutes_and_who_was_late(scene: Scene) -> None:
    number = scene.complain()
    scene.minutes(4)
    scene.act(number, "receive", ADMIN)
    scene.minutes(31)
    scene.ring(number)
    scene.minutes(2)

    steps = [" ".join(item.text.split()) for item in of(scene.get(f"/aduan/{number}")).all("li") if "ol" in item.within]
    lines = [line for line in steps if re.match(r"\d ", line)]

    assert len(lines) == 8
    assert "4 dari 10 menit, tepat waktu. Oleh Siti Rahayu." in lines[1]
    assert "31 dari 30 menit, terlambat. Oleh Otomatis." in lines[2]
    assert "2 dari 30 menit. Sekarang di sini." in lines[3]
    assert "Belum. Waktunya 30 menit." in lines[4]


def test_time_that_was_waited_for_the_complainant_is_not_counted(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)
    scene.minutes(5)
    scene.act(number, "ask_complainant", ADMIN, question="KK nomor berapa?")
    scene.minutes(60)
    assert "5 dari 30 menit" in of(scene.get(f"/aduan/{number}")).text
    assert "Waktu berhenti: menunggu pemohon" in of(scene.get(f"/aduan/{number}")).text

    scene.write("Tidak tahu.")
    scene.minutes(3)

    assert "8 dari 30 menit" in of(scene.get(f"/aduan/{number}")).text


def test_the_conversation_shows_both_sides_attachments_and_what_is_new(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)
    scene.write("Ini fotonya", media="image/jpeg")

    page = of(scene.get(f"/aduan/{number}")).text

    assert "Ini fotonya Foto Sedang diambil dari WhatsApp." in page
    assert "Pesan baru dari pemohon" in page
    assert "menunggu dikirim" in page
    assert TEXT in page


def test_dates_are_written_out(scene: Scene) -> None:
    number = scene.complain()

    assert "Selasa, 24 November 2026 pukul 09.00 WIB" in of(scene.get(f"/aduan/{number}")).text


# Refusals keep what was typed


def test_a_wrong_field_is_named_beside_it_and_in_a_summary_that_leads_to_it(scene: Scene) -> None:
    number = scene.complain()

    answer = scene.post_form(f"/aduan/{number}/settle", ADMIN, scene.fields(number, note=NOTE, answer="x" * 4097))
    page = of(answer)

    assert answer.status_code == 400
    error = page.with_id("settle-answer-error").text
    assert "4097" in error
    assert page.with_id("settle-answer").attributes["aria-invalid"] == "true"
    assert "settle-answer-error" in page.with_id("settle-answer").attributes["aria-describedby"]
    assert "#settle-answer" in [link.attributes["href"] for link in page.all("a")]
    assert page.with_id("settle-note").text.strip() == NOTE
    assert page.with_id("settle-answer").text.strip() == "x" * 4097


def test_a_conflict_tells_what_happened_meanwhile_and_keeps_what_was_typed(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)
    typed = scene.fields(number, note="Catatan panjang saya.", answer="Jawaban panjang saya.")
    scene.act(number, "take_over", KASI)

    answer = scene.post_form(f"/aduan/{number}/settle", ADMIN, typed)
    page = of(answer)

    assert answer.status_code == 409
    (summary,) = [element.text for element in page.elements if element.attributes.get("role") == "alert"]
    assert "Aduan diambil oleh Dewi Lestari (Kepala Seksi)" in " ".join(summary.split())
    assert "Aduan diterima" not in summary
    kept = [field.text.strip() for field in page.all("textarea")]
    assert kept == ["Catatan panjang saya.", "Jawaban panjang saya."]


def test_after_a_conflict_what_was_typed_goes_on_in_the_same_act_where_it_is_possible(scene: Scene) -> None:
    number = scene.complain()
    typed = scene.fields(number, note="Catatan saya.", answer="Jawaban saya.")
    scene.act(number, "receive", ADMIN)

    refused = scene.post_form(f"/aduan/{number}/settle", ADMIN, typed)
    form = refused.text.split(f'action="/aduan/{number}/settle"')[1].split("</form>")[0]
    hidden = dict(re.findall(r'name="(version|request_id|csrf_token)" value="([^"]*)"', form))
    texts = {name: of(refused).with_id(f"settle-{name}").text.strip() for name in ("note", "answer")}

    assert refused.status_code == 409
    assert scene.post_form(f"/aduan/{number}/settle", ADMIN, {**hidden, **texts}).status_code == 303


def test_an_old_form_keeps_what_was_typed_and_can_be_sent_again(scene: Scene) -> None:
    number = scene.complain()
    fields = {**scene.fields(number, note="Catatan saya.", answer="Jawaban saya."), "csrf_token": scene.token(ADMIN)}
    scene.minutes(13 * 60)

    refused = scene.post_form(f"/aduan/{number}/settle", ADMIN, fields)
    form = refused.text.split(f'action="/aduan/{number}/settle"')[1].split("</form>")[0]
    hidden = dict(re.findall(r'name="(version|request_id|csrf_token)" value="([^"]*)"', form))
    texts = {name: of(refused).with_id(f"settle-{name}").text.strip() for name in ("note", "answer")}

    assert refused.status_code == 403
    assert texts == {"note": "Catatan saya.", "answer": "Jawaban saya."}
    assert scene.complaint(number).step == 2
    assert scene.post_form(f"/aduan/{number}/settle", ADMIN, {**hidden, **texts}).status_code == 303


def test_a_word_to_the_program_is_no_new_message_and_hides_none(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)
    scene.minutes(1)
    scene.write("Alamat di KK saya juga salah.")
    scene.minutes(1)
    scene.write("STATUS")
    new = [item.text for item in of(scene.get(f"/aduan/{number}")).all("li") if "(baru)" in item.text]
    assert len(new) == 1
    assert "Alamat di KK saya juga salah." in new[0]
