"""Step 1 at its edges: how long a story is, what another line of the same message mends, a button out of turn."""

import pytest

from aduan.procedure.acts import Draft
from aduan.procedure.definition import Procedure
from aduan.procedure.office_file import read
from aduan.service.channel import MessageKind
from aduan.service.conversation import Conversation
from aduan.service.wording import Words
from tests.service.talk import CONVERSATION, OFFICE, WORDS, Talk, message
from tests.service.test_conversation import FIELDS, NIK, SET_FORMAT, STORY, WHOLE, asked, at_the_confirmation, without

# A story where something else was asked for


@pytest.mark.parametrize(
    ("key", "text", "is_story"),
    [
        ("service", "KTP hilang di pasar Bantul", False),
        ("service", "KTP hilang di pasar Bantul kemarin", True),
        ("name", "Siti Aminah Binti Haji Abdul Rahman Wahid", False),
        ("name", "KTP Siti Aminah belum jadi sampai hari ini", True),
    ],
)
def test_more_words_than_an_answer_has_are_a_story(key: str, text: str, is_story: bool) -> None:
    talk = asked(key, "description").say(text)
    assert talk.form.get("description") == (text if is_story else None)
    assert talk.form.get(key) == {"service": "identity_card", "name": None if is_story else text}[key]


@pytest.mark.parametrize(
    ("text", "is_story"),
    [("KTP rusak kena banjir", True), ("KTP rusak kena hujan", True), ("KTP sobek kena api", False)],
)
def test_twenty_characters_first_are_a_story(text: str, is_story: bool) -> None:
    assert len("ktp rusak kena hujan") == 20  # what is counted is what is left without marks
    assert Talk().say(text).form.get("description") == (text if is_story else None)


def test_a_second_story_is_no_nik_and_is_told_so() -> None:
    talk = asked("nik").say("sudah dua bulan saya menunggu KTP tetapi belum jadi juga")
    assert (talk.asking, talk.form) == ("nik", without("nik"))
    assert talk.reply == FIELDS["nik"].correction


# The set format, with a line that cannot be read


def test_a_service_that_is_not_known_but_told_by_the_complaint_is_not_asked_for() -> None:
    talk = Talk().say(f"Layanan: yang kemarin\nNama: Siti Aminah\nNIK: {NIK}\nAduan: {STORY}")
    assert (talk.asking, talk.form) == ("confirm", WHOLE)


def test_a_wrong_nik_beside_a_right_one_is_not_asked_for() -> None:
    talk = Talk().say(f"Layanan: KTP\nNama: Siti Aminah\nNIK: 12345\nAduan: {STORY} NIK saya {NIK}")
    assert (talk.asking, talk.form["nik"]) == ("confirm", NIK)


def test_a_right_nik_mends_no_service_that_is_not_known() -> None:
    talk = Talk().say(f"Layanan: SIM\nNama: Siti Aminah\nNIK: 12345\nAduan: Sudah lama belum jadi. NIK saya {NIK}")
    assert (talk.asking, talk.form["nik"]) == ("service", NIK)
    assert talk.reply.endswith(f"\n\n{FIELDS['service'].correction}")


# At the confirmation


def test_whoever_taps_the_change_is_asked_which_part() -> None:
    talk = at_the_confirmation().tap("confirm:edit")
    assert (talk.asking, talk.form) == ("edit", WHOLE)
    assert talk.reply == WORDS.conversation.choose_field


def test_whoever_was_asked_which_part_just_names_it() -> None:
    talk = at_the_confirmation().tap("confirm:edit").say("nama")
    assert (talk.asking, talk.form) == ("name", without("name"))


@pytest.mark.parametrize("tapped", ["continue", "?", "Lanjutkan"])
def test_another_button_leaves_the_confirmation_as_it_is(tapped: str) -> None:
    talk = at_the_confirmation().tap(tapped)
    assert (talk.asking, talk.form) == ("confirm", WHOLE)


def test_a_first_picture_is_greeted_acknowledged_and_followed_by_the_question() -> None:
    talk = Talk().send(MessageKind.IMAGE)
    parts = talk.reply.split("\n\n")
    assert parts[-2:] == [WORDS.conversation.media_kept, FIELDS["service"].question]
    assert talk.reply.startswith(WORDS.conversation.greeting.partition("{")[0])


def test_a_submission_has_the_name_by_which_the_rest_of_its_album_is_known() -> None:
    assert at_the_confirmation().tap("confirm:send").turn.prompt == Talk().say(SET_FORMAT).turn.prompt == "submitted"


def test_the_summary_is_a_line_for_each_field_with_the_niks_middle_hidden_and_nothing_else() -> None:
    form = {**WHOLE, "description": f"{STORY} Nomor KK 3402014107900099."}
    assert CONVERSATION.summary(form) == (
        "*Layanan:* KTP elektronik\n*Nama:* Siti Aminah\n*NIK:* 3402••••••••••01\n"
        f"*Aduan:* {STORY} Nomor KK 3402014107900099."
    )
    assert CONVERSATION.summary({"name": "Siti"}) == "*Layanan:* \n*Nama:* Siti\n*NIK:* \n*Aduan:* "


# Another office's form: no NIK, a field of its own


CONTOH = OFFICE.parent / "contoh"
ELSEWHERE = Conversation(read(CONTOH / "procedure.toml", Procedure), read(CONTOH / "messages.toml", Words))


def turn(form: dict[str, str], asking: str | None, text: str) -> Draft:
    """What a message makes of a draft there."""
    act = ELSEWHERE.take(form, asking, message(text)).act
    assert isinstance(act, Draft)
    return act


def test_a_nik_that_no_form_asks_for_is_a_number_like_any_other() -> None:
    begun = turn({}, None, f"Air mati di rumah saya sejak kemarin, NIK {NIK}")
    assert begun.form == {"service": "no_water", "description": f"Air mati di rumah saya sejak kemarin, NIK {NIK}"}
    whole = {**begun.form, "customer_number": "00881234", "name": "Siti"}
    assert turn(whole, "confirm", f"salah, NIK saya {NIK}").asking == "edit"


def test_a_story_goes_to_the_complaint_and_not_to_an_offices_own_field() -> None:
    assert "customer_number" not in turn({}, None, "Air mati di rumah saya sejak kemarin sore").form


def test_what_is_too_long_for_an_offices_own_field_is_asked_for_again_and_not_cut() -> None:
    asked = turn({"service": "leak"}, "customer_number", "nomor pelanggan saya 00881234")
    assert (asked.form, asked.asking) == ({"service": "leak"}, "customer_number")
    assert turn({"service": "leak"}, "customer_number", "00881234").form["customer_number"] == "00881234"
