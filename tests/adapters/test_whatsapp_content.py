"""What every type of message becomes, with all the oddities that have been seen."""

import json

import pytest

from aduan.service.channel import Address, InboundMessage, Media, MessageKind
from tests.adapters.whatsapp_samples import PHONE, SENT_AT, Part, message, read_one, text_message

FILE: Part = {"id": "2754859441498128", "mime_type": "image/jpeg", "sha256": "SfInY0gGKTsJ="}
MEDIA = Media("2754859441498128", "image/jpeg", "SfInY0gGKTsJ=")


def interactive(kind: str, content: object, **fields: object) -> Part:
    return message("interactive", {"type": kind, kind: content}, **fields)


def form(response: object) -> Part:
    return interactive("nfm_reply", {"name": "flow", "body": "Sent", "response_json": response})


def test_a_text_message_is_read_whole() -> None:
    sent = text_message("KTP saya belum jadi", context={"from": "62274000", "id": "wamid.B"})
    assert read_one(sent) == InboundMessage(
        wamid="wamid.A",
        at=SENT_AT,
        sender=Address(PHONE),
        kind=MessageKind.TEXT,
        raw=json.dumps(sent, separators=(",", ":")),
        text="KTP saya belum jadi",
        in_reply_to="wamid.B",
    )


@pytest.mark.parametrize("context", [None, {}, [], "wamid.B", {"id": None}, {"forwarded": True}])
def test_a_context_without_an_id_points_nowhere(context: object) -> None:
    assert read_one(text_message(context=context)).in_reply_to is None


@pytest.mark.parametrize(
    ("sent", "reply_id", "text"),
    [
        (message("button", {"payload": "buka:7", "text": "Buka jawaban"}), "buka:7", "Buka jawaban"),
        (message("button", {"text": "Buka jawaban"}), "Buka jawaban", "Buka jawaban"),
        (message("button", {"payload": "buka:7"}), "buka:7", None),
        (interactive("button_reply", {"id": "ya", "title": "Ya"}), "ya", "Ya"),
        (interactive("button_reply", {"id": "ya"}), "ya", None),
        (interactive("list_reply", {"id": "ktp", "title": "KTP", "description": "KTP-el"}), "ktp", "KTP"),
    ],
)
def test_a_tap_says_which_option_and_its_words(sent: Part, reply_id: str, text: str | None) -> None:
    read = read_one(sent)
    assert (read.kind, read.reply_id, read.text) == (MessageKind.REPLY, reply_id, text)


@pytest.mark.parametrize(
    ("answers", "fields"),
    [
        ({"nama": "Siti", "flow_token": "x"}, {"nama": "Siti"}),
        ({"setuju": True, "jumlah": 2, "kosong": None}, {"setuju": "true", "jumlah": "2", "kosong": ""}),
        (
            {"layanan": ["KTP", "KK"], "lain": [1, {"a": "é"}]},
            {"layanan": "KTP, KK", "lain": '[1, {"a": "é"}]'},
        ),
        ({"isi": "a\u0000b\ud800"}, {"isi": "a\ufffdb\ufffd"}),
        ({}, {}),
    ],
)
def test_a_form_is_its_fields_as_text(answers: Part, fields: dict[str, str]) -> None:
    read = read_one(form(json.dumps(answers)))
    assert (read.kind, read.form) == (MessageKind.FORM, fields)


@pytest.mark.parametrize("response", ["", "{", "[]", "null", '"nama"', None, {"a": "b"}, 7, "[" * 99_999])
def test_a_form_that_is_no_json_object_is_kept_as_unreadable(response: object) -> None:
    read = read_one(form(response))
    assert (read.kind, read.form) == (MessageKind.UNREADABLE, None)


@pytest.mark.parametrize("kind", ["image", "video", "document", "sticker", "audio"])
def test_a_file_is_named_by_its_id_with_its_caption(kind: str) -> None:
    read = read_one(message(kind, FILE | {"caption": "Surat kehilangan"}))
    assert (read.kind, read.media, read.text) == (MessageKind(kind), MEDIA, "Surat kehilangan")


def test_a_file_may_lack_everything_but_its_id() -> None:
    read = read_one(message("image", {"id": "1", "caption": None, "sha256": 5, "mime_type": []}))
    assert (read.media, read.text) == (Media("1", sha256="5"), None)


def test_a_document_keeps_its_name_and_a_voice_message_is_told_from_a_sound_file() -> None:
    document = read_one(message("document", FILE | {"filename": "KK.pdf"})).media
    voice = read_one(message("audio", FILE | {"voice": True})).media
    sound = read_one(message("audio", FILE | {"voice": False})).media
    assert document
    assert document.filename == "KK.pdf"
    assert voice
    assert voice.voice
    assert sound
    assert not sound.voice


def test_a_file_that_whatsapp_could_not_store_keeps_its_caption() -> None:
    errors = [{"code": 131052, "title": "Media download error"}]
    read = read_one(message("image", FILE | {"caption": "KK"}, errors=errors))
    assert (read.kind, read.media, read.text) == (MessageKind.UNREADABLE, None, "KK")
    assert read.file_lost


def test_a_file_without_an_id_keeps_its_caption() -> None:
    read = read_one(message("image", {"caption": "KK"}))
    assert (read.kind, read.media, read.text) == (MessageKind.UNREADABLE, None, "KK")
    assert read.file_lost


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({"latitude": -7.888, "longitude": 110.33}, "-7.888, 110.33"),
        (
            {"latitude": -7.888, "longitude": 110.33, "name": "Balai Desa", "address": "Jl. Parangtritis"},
            "-7.888, 110.33 Balai Desa Jl. Parangtritis",
        ),
        ({"latitude": "-7.888", "longitude": 110, "name": None}, "-7.888, 110.0"),
    ],
)
def test_a_location_is_its_latitude_longitude_and_name(place: Part, text: str) -> None:
    read = read_one(message("location", place))
    assert (read.kind, read.text) == (MessageKind.LOCATION, text)


def test_shared_contacts_are_names_and_numbers() -> None:
    cards: list[Part] = [
        {"name": {"formatted_name": "Pak RT"}, "phones": [{"phone": "+62 811-1"}, {"phone": "+62 811-2"}]},
        {"name": {"formatted_name": "Bu Lurah"}},
        {"phones": "rusak"},
    ]
    read = read_one(message("contacts", cards))
    assert (read.kind, read.text) == (MessageKind.CONTACTS, "Pak RT +62 811-1 +62 811-2\nBu Lurah")


@pytest.mark.parametrize(
    ("reaction", "text"),
    [
        ({"message_id": "wamid.B", "emoji": "\N{THUMBS UP SIGN}"}, "\N{THUMBS UP SIGN}"),
        ({"message_id": "wamid.B", "emoji": ""}, ""),
        ({"message_id": "wamid.B"}, ""),
    ],
)
def test_a_reaction_points_to_its_message_and_is_empty_when_taken_back(reaction: Part, text: str) -> None:
    read = read_one(message("reaction", reaction, context={"id": "wamid.C"}))
    assert (read.kind, read.in_reply_to, read.text) == (MessageKind.REACTION, "wamid.B", text)


@pytest.mark.parametrize(("order", "text"), [({"text": "Mau ini", "catalog_id": "1"}, "Mau ini"), ({}, None)])
def test_an_order_is_its_words(order: Part, text: str | None) -> None:
    read = read_one(message("order", order))
    assert (read.kind, read.text) == (MessageKind.ORDER, text)


def test_an_edit_has_the_new_words_and_points_to_the_old_message() -> None:
    new = {"type": "text", "text": {"body": "KTP, bukan KK"}, "context": {"id": "wamid.C"}}
    read = read_one(message("edit", {"original_message_id": "wamid.B", "message": new}))
    assert (read.kind, read.text, read.in_reply_to) == (MessageKind.EDIT, "KTP, bukan KK", "wamid.B")


def test_an_edited_caption_keeps_its_file() -> None:
    new = {"type": "image", "image": FILE | {"caption": "KK lama"}}
    read = read_one(message("edit", {"original_message_id": "wamid.B", "message": new}))
    assert (read.text, read.media) == ("KK lama", MEDIA)


INNER_EDIT: Part = {"original_message_id": "wamid.C", "message": text_message()}


@pytest.mark.parametrize("new", [None, [], {}, {"type": []}, {"type": "edit", "edit": INNER_EDIT}, {"type": "text"}])
def test_an_edit_without_readable_words_still_says_what_it_edits(new: object) -> None:
    read = read_one(message("edit", {"original_message_id": "wamid.B", "message": new}))
    assert (read.kind, read.text, read.in_reply_to) == (MessageKind.EDIT, None, "wamid.B")


def test_a_revoked_message_is_pointed_to() -> None:
    read = read_one(message("revoke", {"original_message_id": "wamid.B"}))
    assert (read.kind, read.text, read.in_reply_to) == (MessageKind.REVOKE, None, "wamid.B")


@pytest.mark.parametrize(
    "sent",
    [
        message("unsupported", None, errors=[{"code": 131051, "title": "Message type unknown"}]),
        message("poll", {"question": "?"}),
        text_message(type=None),
        text_message(type=["text"]),
        message("text", None),
        message("text", {}),
        message("text", {"body": None}),
        message("text", {"body": ["a"]}),
        message("text", "Halo"),
        message("button", {}),
        message("interactive", {}),
        message("interactive", {"type": "button_reply"}),
        interactive("button_reply", {"title": "Ya"}),
        interactive("call_permission_reply", {"response": "accept"}),
        message("image", None),
        message("image", {}),
        message("location", {"latitude": 91, "longitude": 0}),
        message("location", {"latitude": 0, "longitude": float("nan")}),
        message("location", {"latitude": 0}),
        message("contacts", [7]),
        message("reaction", {"emoji": "x"}),
        message("edit", {}),
        message("revoke", {}),
        message("system", {"type": "user_identity_changed", "wa_id": "628"}),
        message("system", {"type": "user_changed_number"}),
        message("system", {}),
    ],
)
def test_what_cannot_be_read_is_kept_as_an_unreadable_message(sent: Part) -> None:
    read = read_one(sent)
    assert (read.kind, read.sender, read.at) == (MessageKind.UNREADABLE, Address(PHONE), SENT_AT)
    assert (read.text, read.media, read.form, read.reply_id) == (None, None, None, None)
    assert read.raw == json.dumps(sent, separators=(",", ":"))


def test_words_that_the_database_refuses_are_replaced_and_kept_escaped() -> None:
    read = read_one(text_message("NIK\0 \ud83d \N{THUMBS UP SIGN} \udc00", id="wamid.\0"))
    assert read.text == "NIK\ufffd \ufffd \N{THUMBS UP SIGN} \ufffd"
    assert read.wamid == "wamid.\ufffd"
    assert read.raw.isascii()
    assert json.loads(read.raw)["text"]["body"] == "NIK\0 \ud83d \N{THUMBS UP SIGN} \udc00"
