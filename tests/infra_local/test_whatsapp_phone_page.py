"""The phone page over HTTP: what it shows, what a person can do on it, and what it does not let in."""

import json
import struct
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from infra.local import phone_page
from infra.local.whatsapp_text import Mark, Piece, pieces
from infra.local.whatsapp_voice import FRAME_SAMPLES, FRAMES_A_PAGE, voice_note
from tests.infra_local.whatsapp_office import SITI, Office, open_office

PAGE = {"X-Requested-With": "phone-page"}
LINKS = [("Admin WA: Rina", "http://127.0.0.1/admin"), ("<b>Kasi</b>", "http://127.0.0.1/kasi")]


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office(links=LINKS, office_name="Disdukcapil Bantul") as office:
        yield office


def press(office: Office, path: str, **body: object) -> httpx.Response:
    return office.graph.post(f"/phone/{path}", json=body, headers=PAGE)


def phones(office: Office) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = office.graph.get("/phone/state").json()["phones"]
    return shown


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Elements()
    parser.feed(page)
    return parser.found


def test_the_page_says_that_it_is_no_whatsapp_and_links_to_the_portal(office: Office) -> None:
    page = office.graph.get("/").text

    assert "bukan WhatsApp sungguhan" in page
    assert 'href="http://127.0.0.1/admin"' in page
    assert "&lt;b&gt;Kasi&lt;/b&gt;" in page
    assert "<b>Kasi</b>" not in page


def test_the_page_asks_for_nothing_outside_and_has_no_inline_code(office: Office) -> None:
    answer = office.graph.get("/")
    found = elements(answer.text)

    fetched = [
        attributes.get("src") or attributes.get("href") for tag, attributes in found if tag in ("script", "link", "img")
    ]
    assert all(address and address.startswith(("/phone/files/", "data:,")) for address in fetched)
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]
    assert not [tag for tag, attributes in found if tag == "style" or (tag == "script" and "src" not in attributes)]
    assert not [attributes for _, attributes in found if "style" in attributes]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_every_file_of_the_page_is_served(office: Office) -> None:
    files = [file.name for file in phone_page.FOLDER.iterdir() if file.suffix in (".js", ".css")]
    assert len(files) >= 3
    for name in files:
        answer = office.graph.get(f"/phone/files/{name}")
        assert answer.status_code == 200
        assert "//cdn" not in answer.text
        assert "innerHTML" not in answer.text
    assert office.graph.get("/phone/files/../../phone_page.py").status_code == 404


def test_a_person_writes_taps_and_sends_files_on_the_page(office: Office) -> None:
    phone = press(office, "citizens", name="Siti", phone="0812 3456 7890").json()["id"]
    assert press(office, f"{phone}/text", text="Halo").json() == {"webhook": 200}
    reply = {"type": "reply", "reply": {"id": "yes", "title": "Ya"}}
    interactive = {"type": "button", "body": {"text": "*Benar?*"}, "action": {"buttons": [reply]}}
    asked = office.sent_id(type="interactive", interactive=interactive)

    press(office, f"{phone}/tap", message=asked, option="yes")
    picture = office.graph.post(f"/phone/{phone}/image", content=b"jpeg", headers=PAGE | {"Content-Type": "image/jpeg"})
    press(office, f"{phone}/voice")
    press(office, f"{phone}/location")

    assert picture.json() == {"webhook": 200}
    kinds = [message["type"] for message in office.messages]
    assert kinds == ["text", "interactive", "image", "audio", "location"]
    (shown,) = phones(office)
    assert (shown["name"], shown["number"], shown["staff"]) == ("Siti", SITI, False)
    assert [message["from_office"] for message in shown["messages"]] == [
        False,
        True,
        False,
        False,
        False,
        False,
    ]
    assert shown["messages"][2]["quoted"] == "Benar?"
    assert office.graph.get(shown["messages"][3]["media_url"]).content == b"jpeg"


def test_a_citizen_without_a_number_can_be_added(office: Office) -> None:
    phone = press(office, "citizens", name="Budi", without_number=True).json()["id"]
    press(office, f"{phone}/text", text="Halo")

    assert "from" not in office.messages[0]
    assert phones(office)[0]["number"] == "tanpa nomor (BSUID)"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0812 3456 7890", "+6281234567890"),
        ("+62 812-3456-7890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("+1 (650) 555-1234", "+16505551234"),
    ],
)
def test_a_number_is_read_as_people_type_it(typed: str, number: str) -> None:
    assert phone_page.e164(typed) == number


@pytest.mark.parametrize(
    "body", [{"name": "", "phone": "081234567890"}, {"name": "A", "phone": "12"}, {"name": "A", "phone": "x"}]
)
def test_a_name_or_number_that_cannot_be_used_is_explained(office: Office, body: dict[str, str]) -> None:
    answer = press(office, "citizens", **body)
    assert answer.status_code == 400
    assert answer.json()["problem"]
    assert phones(office) == []


def test_who_received_an_alert_is_staff(office: Office) -> None:
    values = [{"type": "text", "text": value} for value in ("ADU-1", "14.05")]
    components = [{"type": "body", "parameters": values}]
    template = {"name": "aduan_alert", "language": {"code": "id"}, "components": components}
    office.sent_id(to="+62811", type="template", template=template)
    office.sim.staff("+62822", "Kasi Budi")
    office.sim.citizen(SITI)

    assert [(phone["number"], phone["staff"]) for phone in phones(office)] == [
        ("+62811", True),
        ("+62822", True),
        (SITI, False),
    ]
    assert phones(office)[0]["messages"][0]["options"][0]["title"] == "Saya tangani"


def test_looking_at_a_phone_reads_its_messages(office: Office) -> None:
    phone = office.sim.citizen(SITI)
    phone.write("Halo")
    office.sent_id()
    press(office, f"{phone.id}/read")
    assert office.statuses[0]["status"] == "read"


def test_the_state_comes_when_it_changes_and_204_when_it_does_not(office: Office) -> None:
    revision = office.graph.get("/phone/state").json()["revision"]
    assert office.graph.get(f"/phone/state?known={revision}&wait=0.05").status_code == 204

    office.sim.citizen(SITI)

    assert office.graph.get(f"/phone/state?known={revision}").json()["revision"] > revision


def test_another_site_can_change_nothing(office: Office) -> None:
    answer = office.graph.post("/phone/citizens", json={"name": "Siti", "phone": SITI})
    assert answer.status_code == 403
    assert phones(office) == []


def test_a_phone_or_button_that_is_gone_is_explained(office: Office) -> None:
    phone = office.sim.citizen(SITI)
    assert press(office, "99/text", text="Halo").status_code == 404
    assert press(office, f"{phone.id}/tap", message="x", option="y").status_code == 404
    assert press(office, f"{phone.id}/text", text="  ").status_code == 400


def test_a_file_that_could_be_run_is_only_downloaded(office: Office) -> None:
    phone = office.sim.citizen(SITI)
    phone.send_document(b"<script>", "a.html", "text/html")
    answer = office.graph.get(phones(office)[0]["messages"][0]["media_url"])
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


BOLD, ITALIC, STRIKE, MONO = (Mark.BOLD,), (Mark.ITALIC,), (Mark.STRIKE,), (Mark.MONO,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("biasa", [Piece("biasa")]),
        ("*tebal* biasa", [Piece("tebal", BOLD), Piece(" biasa")]),
        ("_miring_ ~coret~", [Piece("miring", ITALIC), Piece(" "), Piece("coret", STRIKE)]),
        ("*tebal _dan miring_*", [Piece("tebal ", BOLD), Piece("dan miring", BOLD + ITALIC)]),
        ("```*apa adanya*```", [Piece("*apa adanya*", MONO)]),
        ("2*3*4 dan a_b_c", [Piece("2*3*4 dan a_b_c")]),
        ("* bukan *", [Piece("* bukan *")]),
        ("*dua\nbaris*", [Piece("*dua\nbaris*")]),
        ("<b>&amp;</b>", [Piece("<b>&amp;</b>")]),
        (
            "lihat https://a.id/x_y_z.",
            [Piece("lihat "), Piece("https://a.id/x_y_z", link="https://a.id/x_y_z"), Piece(".")],
        ),
        ("javascript:alert(1)", [Piece("javascript:alert(1)")]),
    ],
)
def test_marks_are_read_as_whatsapp_reads_them(text: str, expected: list[Piece]) -> None:
    assert list(pieces(text)) == expected


def test_the_voice_note_is_an_ogg_file_of_the_right_length() -> None:
    note = voice_note(seconds=2)
    assert note.startswith(b"OggS")
    assert note[28:36] == b"OpusHead"
    last = note.rindex(b"OggS")
    (position,) = struct.unpack_from("<q", note, last + 6)
    assert position == 2 * FRAMES_A_PAGE * FRAME_SAMPLES == 2 * 48_000


def test_the_state_holds_no_secret(office: Office) -> None:
    office.sim.citizen(SITI).write("Halo")
    shown = json.dumps(phones(office)) + office.graph.get("/").text
    assert office.sim.account.access_token not in shown
    assert office.sim.account.app_secret not in shown
