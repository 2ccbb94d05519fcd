"""Step 1 as citizens really write it: out of order, misspelt, by voice, with a tap, all at once or word by word."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aduan.procedure.acts import Draft
from aduan.service import limits
from aduan.service.channel import Buttons, Choices, MessageKind
from aduan.service.wording import term_in_words
from tests.service.talk import CONVERSATION, PROCEDURE, WORDS, Talk, expect_deliverable, message

NIK = "3402014107900001"
STORY = "KTP saya belum jadi sejak dua bulan lalu."
SET_FORMAT = f"Layanan: KTP\nNama: Siti Aminah\nNIK: {NIK}\nAduan: {STORY}"
WHOLE: Mapping[str, str] = {"service": "identity_card", "name": "Siti Aminah", "nik": NIK, "description": STORY}
FIELDS = {field.key: field for field in PROCEDURE.form.fields}


def without(*keys: str) -> dict[str, str]:
    """The whole form but for these."""
    return {key: value for key, value in WHOLE.items() if key not in keys}


def asked(key: str, *keys: str) -> Talk:
    """A talk in which `key` is being asked for, and so are `keys` still to come."""
    return Talk(without(key, *keys), key)


def at_the_confirmation() -> Talk:
    return Talk(dict(WHOLE), "confirm")


# All at once


@pytest.mark.parametrize(
    "text",
    [
        SET_FORMAT,
        SET_FORMAT.replace(": ", ":"),
        SET_FORMAT.upper(),
        f"*Nama* : Siti Aminah\n*No KTP* : 3402 0141 0790 0001\n*Kategori* : ktp-el\n*Keluhan* : {STORY}",
        f"Assalamualaikum pak 🙏\n\nnama lengkap = Siti Aminah\nnik = {NIK}\njenis layanan = e-ktp\nmasalah = {STORY}",
        f"1. Layanan: KTP\n2. Nama: Siti Aminah\n3. NIK: 3402.0141.0790.0001\n4. Isi aduan:\n{STORY}",
    ],
)
def test_a_whole_complaint_in_one_message_is_submitted_without_a_question(text: str) -> None:
    talk = Talk().say(text)
    assert talk.submitted
    assert {key: value.casefold() for key, value in talk.form.items()} == {
        key: value.casefold() for key, value in WHOLE.items()
    }


def test_the_set_format_under_a_picture_is_as_good() -> None:
    assert Talk().send(MessageKind.IMAGE, SET_FORMAT).submitted


def test_the_form_on_the_phone_is_as_good() -> None:
    assert Talk().take(message(kind=MessageKind.FORM, form=dict(WHOLE))).submitted


@pytest.mark.parametrize("form", [{}, {"colour": "red"}, {"name": "", "nik": " "}])
def test_a_form_with_nothing_in_it_is_asked_for_field_by_field(form: dict[str, str]) -> None:
    assert Talk().take(message(kind=MessageKind.FORM, form=form)).asking == "service"


@pytest.mark.parametrize("missing", ["service", "name", "nik", "description"])
def test_what_is_missing_from_the_set_format_is_asked_for_and_nothing_else(missing: str) -> None:
    lines = [line for line in SET_FORMAT.splitlines() if not line.startswith(FIELDS[missing].label)]
    talk = Talk().say("\n".join(lines).replace("KTP saya", "Berkas saya"))
    assert talk.asking == missing
    assert talk.reply.endswith(FIELDS[missing].question)
    assert set(talk.form) == set(WHOLE) - {missing}


def test_a_wrong_nik_in_the_set_format_costs_one_correction_and_a_confirmation() -> None:
    talk = Talk().say(SET_FORMAT.replace(NIK, "34020141079"))
    assert (talk.asking, talk.turn.prompt) == ("nik", "wrong:nik:")
    assert talk.say(f"maaf ini yang benar {NIK} pak").asking == "confirm"
    assert talk.say("iya kak").submitted


def test_a_service_that_is_told_by_the_complaint_is_not_asked_for_but_confirmed() -> None:
    talk = Talk().say(SET_FORMAT.removeprefix("Layanan: KTP\n"))
    assert (talk.asking, talk.form) == ("confirm", WHOLE)


# Word by word


@pytest.mark.parametrize(
    "opening",
    [
        "P",
        "assalamualaikum",
        "Assalamu'alaikum warahmatullahi wabarakatuh",
        "Asslamualaikum wr. wb. pak/bu admin",
        "Selamat pagi bapak ibu admin 🙏🙏",
        "Permisi min mau tanya",
        "halooo saya mau lapor",
        "🙏",
        "...",
    ],
)
def test_a_greeting_is_greeted_and_taken_for_nothing_else(opening: str) -> None:
    talk = Talk().say(opening)
    assert talk.form == {}
    assert PROCEDURE.office in talk.reply
    assert talk.reply.endswith(FIELDS["service"].question)


@pytest.mark.parametrize("key", ["service", "name", "nik", "description"])
@pytest.mark.parametrize("text", ["Selamat siang pak", "assalamualaikum", "terima kasih kak"])
def test_a_greeting_in_between_is_no_answer_and_no_mistake(key: str, text: str) -> None:
    talk = asked(key).say(text)
    assert (talk.asking, talk.form) == (key, without(key))
    assert talk.reply == FIELDS[key].question


def test_a_story_first_is_kept_with_the_service_that_it_names() -> None:
    talk = Talk().say("Assalamualaikum, saya mau tanya KTP anak saya kok belum jadi ya padahal sdh 2 bulan 😢")
    assert talk.asking == "name"
    assert talk.form["service"] == "identity_card"
    assert "belum jadi" in talk.form["description"]
    talk.say("nama saya Siti Aminah", "NIK 3402 0141 0790 0001")
    assert (talk.asking, talk.form["name"], talk.form["nik"]) == ("confirm", "Siti Aminah", NIK)


def test_a_story_that_names_two_services_or_none_is_kept_and_the_service_asked_for() -> None:
    for story in ("KTP dan KK saya salah ketik namanya, mohon diperbaiki", "Sudah tiga kali ke kantor tidak dilayani"):
        talk = Talk().say(story)
        assert (talk.asking, talk.form["description"]) == ("service", story)
        assert talk.reply.endswith(FIELDS["service"].question)
        assert talk.tap("service:family_card").asking == "name"


def test_a_first_word_that_names_the_service_is_kept() -> None:
    assert Talk().say("mau tanya ktp pak").form == {"service": "identity_card"}


def test_the_story_told_where_the_service_was_asked_for_is_not_asked_for_again() -> None:
    talk = Talk().say("Halo", "kartu keluarga saya belum jadi jadi sudah 2 minggu pak")
    assert talk.asking == "name"
    assert set(talk.form) == {"service", "description"}


def test_the_story_told_where_the_name_was_asked_for_is_no_name() -> None:
    talk = Talk({"service": "identity_card"}, "name").say("KTP saya sudah dua bulan belum jadi juga sampai sekarang")
    assert (talk.asking, set(talk.form)) == ("name", {"service", "description"})


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("KTP", "identity_card"),
        ("e-ktp 🙏", "identity_card"),
        ("kk", "family_card"),
        ("Kartu Keluarga kak", "family_card"),
        ("akte lahir anak", "birth_certificate"),
        ("AKTA KELAHIRAN", "birth_certificate"),
        ("surat pindah", "relocation"),
        ("lainnya", "other"),
    ],
)
def test_a_service_can_be_written_instead_of_chosen(text: str, service: str) -> None:
    talk = asked("service", "name").say(text)
    assert (talk.form["service"], talk.asking) == (service, "name")


@pytest.mark.parametrize("text", ["SIM", "ktp atau kk", "yg itu"])
def test_a_service_that_is_not_known_is_offered_as_a_list_again(text: str) -> None:
    talk = asked("service").say(text)
    assert talk.asking == "service"
    assert isinstance(talk.turn.reply, Choices)
    assert talk.reply == FIELDS["service"].correction


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Siti Aminah", "Siti Aminah"),
        ("nama saya siti aminah", "siti aminah"),
        ("Saya  Siti   Aminah", "Siti Aminah"),
        (f"Siti Aminah, NIK {NIK}", "Siti Aminah"),
        (f"Siti Aminah\n{NIK}", "Siti Aminah"),
        ("Hj. Siti Aminah, S.Pd., M.Pd.", "Hj. Siti Aminah, S.Pd., M.Pd."),
        ("Selamat", "Selamat"),
    ],
)
def test_a_name_is_taken_out_of_what_surrounds_it(text: str, name: str) -> None:
    assert asked("name").say(text).form["name"] == name


def test_a_nik_sent_with_the_name_is_not_asked_for() -> None:
    assert asked("name", "nik").say(f"Siti Aminah NIK {NIK}").asking == "confirm"


@pytest.mark.parametrize("text", ["ya", "oke kak", "12345", "🙏"])
def test_what_cannot_be_a_name_is_asked_for_again(text: str) -> None:
    talk = asked("name").say(text)
    assert (talk.asking, "name" in talk.form) == ("name", False)


@pytest.mark.parametrize(
    "text",
    [
        NIK,
        "3402 0141 0790 0001",
        "3402.0141.0790.0001",
        "34O2O141O79OOOO1",
        f"NIK: {NIK}",
        f"nik saya {NIK} pak",
        f"No KK 3402010101200005, NIK {NIK}",
        f"{NIK} no kk: 3402010101200005",
    ],
)
def test_a_nik_is_read_however_it_was_written(text: str) -> None:
    assert asked("nik").say(text).form["nik"] == NIK


def test_a_wrong_nik_twice_is_corrected_twice_and_then_right() -> None:
    talk = asked("nik").say("3402")
    assert talk.reply == FIELDS["nik"].correction
    assert talk.say("340201410790000").reply == FIELDS["nik"].correction
    assert talk.say(NIK).asking == "confirm"


def test_a_story_longer_than_the_form_holds_is_cut_and_not_asked_for_again() -> None:
    long = "KTP saya belum jadi. " * 190
    talk = asked("description").say(long)
    assert talk.asking == "confirm"
    assert len(talk.form["description"]) == FIELDS["description"].most


@pytest.mark.parametrize("text", ["rusak", "?", "x" * 9])
def test_a_complaint_of_a_few_letters_is_asked_for_more(text: str) -> None:
    assert asked("description").say(text).reply == FIELDS["description"].correction


# What is no text


@pytest.mark.parametrize(
    "kind", [MessageKind.AUDIO, MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.DOCUMENT, MessageKind.LOCATION]
)
def test_what_is_sent_first_without_words_is_acknowledged_and_the_question_asked(kind: MessageKind) -> None:
    text = "-7.88806, 110.32889 Kantor Bupati Bantul" if kind is MessageKind.LOCATION else None
    talk = Talk().send(kind, text)
    assert (talk.form, talk.asking) == ({}, "service")
    assert WORDS.conversation.media_kept in talk.reply
    assert talk.reply.endswith(FIELDS["service"].question)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (MessageKind.LOCATION, "-7.88806, 110.32889 Kantor Bupati Bantul"),
        (MessageKind.CONTACTS, "Budi Santoso +6281200000009"),
        (MessageKind.ORDER, "Pesanan saya yang kemarin itu"),
    ],
)
@pytest.mark.parametrize("key", ["service", "name", "nik", "description"])
def test_a_place_or_a_card_is_no_answer_to_a_question(kind: MessageKind, text: str, key: str) -> None:
    assert asked(key).send(kind, text).form == without(key)


@pytest.mark.parametrize("kind", [MessageKind.STICKER, MessageKind.UNREADABLE, MessageKind.ORDER])
def test_what_cannot_be_read_is_told_kindly_with_the_question_again(kind: MessageKind) -> None:
    talk = asked("nik").send(kind)
    assert talk.reply == f"{WORDS.conversation.unreadable}\n\n{FIELDS['nik'].question}"


def test_words_under_a_picture_are_words() -> None:
    talk = Talk().send(MessageKind.IMAGE, STORY)
    assert talk.form == {"service": "identity_card", "description": STORY}
    assert asked("nik").send(MessageKind.IMAGE, NIK).form["nik"] == NIK


def test_a_picture_at_the_confirmation_is_acknowledged_and_the_confirmation_stays() -> None:
    talk = at_the_confirmation().send(MessageKind.IMAGE)
    assert talk.asking == "confirm"
    assert talk.reply.startswith(WORDS.conversation.media_kept)


# The confirmation


@pytest.mark.parametrize(
    "text",
    [
        "ya",
        "Ya.",
        "iyaaa",
        "y",
        "ya kak",
        "Iya pak, sudah benar 🙏",
        "sdh betul bu",
        "OKE",
        "kirim",
        "👍",
        "siap kirim",
    ],
)
def test_a_yes_submits_as_a_tap_does(text: str) -> None:
    assert at_the_confirmation().say(text).submitted


def test_the_button_submits() -> None:
    assert at_the_confirmation().tap("confirm:send").submitted


@pytest.mark.parametrize("text", ["belum", "salah", "tidak pak", "Ubah"])
def test_a_no_asks_what_is_to_be_changed(text: str) -> None:
    talk = at_the_confirmation().say(text)
    assert (talk.asking, talk.form) == ("edit", WHOLE)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("ubah nama", "name"),
        ("NIK saya salah", "nik"),
        ("layanan salah pak", "service"),
        ("ganti keluhan", "description"),
    ],
)
def test_a_no_that_names_the_part_asks_for_just_that(text: str, key: str) -> None:
    talk = at_the_confirmation().say(text)
    assert (talk.asking, talk.form) == (key, without(key))


@pytest.mark.parametrize("text", ["tidak ada yang salah", "tidak ada masalah", "bagaimana ya ini", "sudah lama sekali"])
def test_what_is_no_clear_word_leaves_the_confirmation_as_it_is(text: str) -> None:
    talk = at_the_confirmation().say(text)
    assert (talk.asking, talk.form) == ("confirm", WHOLE)


@pytest.mark.parametrize("key", ["service", "name", "nik", "description"])
def test_a_part_is_changed_by_taps_and_only_that_part(key: str) -> None:
    talk = at_the_confirmation().tap("confirm:edit", f"edit:{key}")
    assert talk.asking == key
    talk.say(
        {"service": "KK", "name": "Siti Aisyah", "nik": "3402014107900002", "description": "Salah ketik di KTP"}[key]
    )
    assert talk.asking == "confirm"
    assert {name for name in WHOLE if talk.form[name] != WHOLE[name]} == {key}


def test_a_part_is_changed_by_writing_its_line_again_and_shown_before_it_is_sent() -> None:
    talk = at_the_confirmation().say("Nama: Siti Aisyah")
    assert (talk.asking, talk.form["name"]) == ("confirm", "Siti Aisyah")
    assert "Siti Aisyah" in talk.reply


def test_a_corrected_nik_is_taken_at_the_confirmation() -> None:
    talk = at_the_confirmation().say("maaf NIK nya salah, yang benar 3402014107900002")
    assert (talk.asking, talk.form["nik"]) == ("confirm", "3402014107900002")


@pytest.mark.parametrize("text", ["sudah benar", "ya"])
def test_who_was_asked_what_to_change_may_find_nothing(text: str) -> None:
    assert Talk(dict(WHOLE), "edit").say(text).asking == "confirm"


@pytest.mark.parametrize("asking", [None, "service", "name", "nik", "description", "confirm", "edit"])
@pytest.mark.parametrize("text", ["batal", "Batal pak", "BATALKAN", "gak jadi", "tidak jadi kak 🙏"])
def test_a_draft_can_be_given_up_at_any_time(asking: str | None, text: str) -> None:
    assert Talk(without(asking or ""), asking).say(text).discarded


def test_the_confirmation_shows_everything_but_the_middle_of_the_nik() -> None:
    talk = Talk(without("nik"), "nik").say(NIK)
    assert isinstance(talk.turn.reply, Buttons)
    for shown in ("KTP elektronik", "Siti Aminah", STORY):
        assert shown in talk.reply
    assert NIK not in talk.reply


# Buttons


@pytest.mark.parametrize("key", ["name", "nik", "description"])
@pytest.mark.parametrize(
    "tapped", ["confirm:send", "confirm:edit", "service:identity_card", "continue", "Lanjutkan", "?"]
)
def test_a_button_tapped_late_or_twice_is_no_answer_to_the_question_that_stands(key: str, tapped: str) -> None:
    talk = asked(key).tap(tapped)
    assert (talk.asking, talk.form) == (key, without(key))
    assert talk.reply == FIELDS[key].question


@pytest.mark.parametrize("key", FIELDS)
def test_a_part_chosen_for_a_change_twice_is_asked_for_and_that_is_all(key: str) -> None:
    talk = at_the_confirmation().tap("confirm:edit", f"edit:{key}", f"edit:{key}")
    assert (talk.form, talk.asking) == (without(key), key)


def test_a_service_tapped_twice_is_chosen_once_and_another_one_changes_it() -> None:
    talk = Talk().tap("service:family_card", "service:family_card")
    assert (talk.asking, talk.form) == ("name", {"service": "family_card"})
    assert talk.tap("service:birth_certificate").form == {"service": "birth_certificate"}


def test_a_service_that_is_not_offered_is_not_taken() -> None:
    assert Talk().tap("service:passport").form == {}


def test_every_button_says_what_it_does_when_it_is_tapped() -> None:
    for service in PROCEDURE.services:
        assert Talk().tap(f"service:{service.code}").form == {"service": service.code}


# Whatever comes

KINDS = st.sampled_from(sorted(MessageKind))
WRITTEN = st.one_of(
    st.text(max_size=5000),
    st.sampled_from(
        ["ya", "batal", "tidak", "KTP", "Siti Aminah", NIK, SET_FORMAT, STORY, "ubah NIK", "p", "x" * 4096]
    ),
    st.lists(st.sampled_from(["Nama:", "NIK=", "Aduan :", "KK", NIK, "\n", "Siti", STORY]), max_size=12).map(" ".join),
)
TAPS = st.one_of(
    st.none(),
    st.text(max_size=300),
    st.sampled_from(
        ["confirm:send", "confirm:edit", "confirm:cancel", "edit:nik", "edit:", "service:kk", "service:other"]
    ),
)
MESSAGES = st.builds(
    lambda kind, text, tap, form: message(
        text, kind, tap if kind is MessageKind.REPLY else None, form if kind is MessageKind.FORM else None
    ),
    KINDS, st.none() | WRITTEN, TAPS, st.dictionaries(st.sampled_from([*WHOLE, "other"]), WRITTEN, max_size=4),
)  # fmt: skip


@given(st.lists(MESSAGES, max_size=8))
def test_whatever_comes_has_one_reply_that_whatsapp_takes(messages: list[object]) -> None:
    talk = Talk()
    for inbound in messages:
        assert isinstance(inbound, type(message()))
        talk.take(inbound)
        if not isinstance(talk.turn.act, Draft):
            return


@given(st.lists(WRITTEN.filter(lambda text: "ubah" not in text), max_size=6))
def test_what_was_filled_in_once_stays_filled_in(texts: list[str]) -> None:
    talk = Talk()
    for text in texts:
        before = set(talk.form)
        talk.say(text)
        if not isinstance(talk.turn.act, Draft):
            return
        named = talk.turn.prompt.startswith("ask:")
        assert before <= set(talk.form) or named


@given(st.dictionaries(st.sampled_from(sorted(WHOLE)), st.text(min_size=1, max_size=4096)), st.text(max_size=600))
def test_a_confirmation_fits_whatever_the_draft_holds(form: dict[str, str], preface: str) -> None:
    expect_deliverable(CONVERSATION.confirmation(form, preface))


def test_the_longest_draft_is_shown_as_far_as_it_fits() -> None:
    reply = CONVERSATION.confirmation({**WHOLE, "description": "x" * 4000})
    assert limits.BUTTON_BODY - 20 < len(reply.body) <= limits.BUTTON_BODY
    assert reply.body.endswith(WORDS.conversation.confirm.partition("{summary}")[2])


@pytest.mark.parametrize("days", [{"messages": 365, "complaints": 730}, {"messages": 90, "complaints": 400}])
def test_the_first_greeting_says_what_is_kept_and_for_how_long_by_the_offices_own_terms(days: dict[str, int]) -> None:
    terms = PROCEDURE.terms.model_copy(update=days)
    talk = replace(CONVERSATION, procedure=PROCEDURE.model_copy(update={"terms": terms}))
    reply = talk.take({}, None, message("Selamat pagi")).reply
    said = getattr(reply, "body", "")
    assert f"hapus setelah {term_in_words(days['messages'])}" in said
    assert f"data aduan {term_in_words(days['complaints'])} setelah aduan selesai" in said
    assert "\n\n\n" not in said
    again = talk.take({}, "service", message("Selamat pagi")).reply
    assert "tahun" not in getattr(again, "body", "")
