"""What somebody is told whose act is refused: in Indonesian, and with the way out."""

from collections.abc import Callable

import pytest

from aduan.procedure.acts import AddMessage, StaffAct, Submit
from aduan.procedure.course import Course
from aduan.procedure.definition import ActName
from aduan.procedure.errors import NeverAllowed, NotNow, OutOfDate, ProcedureError, WrongField
from aduan.procedure.roles import Actor
from tests.procedure.cases import (
    ADB,
    ADMIN,
    ADMIN_FOR_SECTION,
    APPROVED_FIRST,
    COLLEAGUE,
    EVERY_MINUTE,
    FORM,
    MONDAY,
    OTHER_SECTION,
    PROCEDURE,
    SECTION,
    Case,
    standing_at,
)


def settled_by(actor: Actor) -> Case:
    """An answer on its way that this person wrote."""
    case = standing_at(2)
    case.staff(ActName.SETTLE, actor)
    return case


def closed() -> Case:
    """Approved and delivered."""
    case = settled_by(ADMIN)
    case.staff(ActName.APPROVE, SECTION)
    case.delivered()
    return case


def approved() -> Case:
    """Approved, and still on its way."""
    case = settled_by(ADMIN)
    case.staff(ActName.APPROVE, SECTION)
    return case


def checked_twice() -> Case:
    """The ADB was asked, and has not answered."""
    case = standing_at(3)
    case.staff(ActName.ASK_DATABASE_ADMIN, ADMIN)
    return case


def waited_out() -> Case:
    """Every minute for which a complaint may wait was waited."""
    case = standing_at(3)
    case.staff(ActName.ASK_COMPLAINANT, ADMIN)
    case.ring()
    return case


Refused = tuple[type[ProcedureError], str, Callable[[], object]]

REFUSALS: dict[str, Refused] = {
    "a role that may never": (
        NeverAllowed,
        "Peran Anda tidak berwenang melakukan tindakan ini.",
        lambda: standing_at(4).staff(ActName.VERIFY, ADMIN),
    ),
    "their own draft": (
        NeverAllowed,
        "Jawaban ini Anda tulis sendiri. Persetujuan harus dari orang lain.",
        lambda: settled_by(ADMIN_FOR_SECTION).staff(ActName.APPROVE, ADMIN_FOR_SECTION),
    ),
    "an old page": (
        OutOfDate,
        "Aduan ini sudah berubah sejak Anda membukanya. Periksa dulu, lalu ulangi.",
        lambda: standing_at(3).staff(ActName.SETTLE, ADMIN, version=1),
    ),
    "another status": (
        NotNow,
        "Tindakan ini tidak bisa dilakukan pada keadaan aduan sekarang.",
        lambda: standing_at(8).staff(ActName.SETTLE, ADMIN),
    ),
    "another unit": (
        NotNow,
        "Aduan ini milik unit lain.",
        lambda: standing_at(4).staff(ActName.VERIFY, OTHER_SECTION),
    ),
    "nothing to approve": (
        NotNow,
        "Jawaban aduan ini tidak sedang menunggu persetujuan.",
        lambda: approved().staff(ActName.APPROVE, SECTION),
    ),
    "another step": (
        NotNow,
        "Tindakan ini tidak ada pada tahap aduan sekarang.",
        lambda: standing_at(5).staff(ActName.VERIFY, SECTION),
    ),
    "no data check": (
        NotNow,
        "Tidak ada cek data yang sedang diminta untuk aduan ini.",
        lambda: standing_at(4).staff(ActName.REPLY_DATA_CHECK, ADB),
    ),
    "their own already": (
        NotNow,
        "Aduan ini sudah Anda pegang.",
        lambda: standing_at(3).staff(ActName.TAKE_OVER, ADMIN),
    ),
    "a higher desk": (
        NotNow,
        "Aduan ini ada di meja Kepala Bidang, di atas kewenangan Anda.",
        lambda: standing_at(6).staff(ActName.TAKE_OVER, SECTION),
    ),
    "in other hands": (
        NotNow,
        "Aduan ini sedang dipegang oleh ani@bantul.test. Ambil alih dulu bila perlu.",
        lambda: standing_at(3).staff(ActName.SETTLE, COLLEAGUE),
    ),
    "at another desk": (
        NotNow,
        "Aduan ini menunggu Kepala Bidang.",
        lambda: standing_at(6).staff(ActName.RESPOND, SECTION),
    ),
    "asked twice": (
        NotNow,
        "Cek data sudah diminta dan belum dijawab.",
        lambda: checked_twice().staff(ActName.ASK_DATABASE_ADMIN, ADMIN),
    ),
    "no more waiting": (
        NotNow,
        "Waktu tunggu untuk pemohon pada aduan ini sudah habis.",
        lambda: waited_out().staff(ActName.ASK_COMPLAINANT, ADMIN),
    ),
    "another text than was approved": (
        NotNow,
        "Jawaban harus sama dengan yang disetujui. Pejabat yang menyetujui dapat mengubahnya.",
        lambda: standing_at(7, APPROVED_FIRST).staff(ActName.ANSWER, ADMIN, answer="Lain."),
    ),
    "a service that there is not": (
        WrongField,
        "Ada isian yang perlu diperbaiki.",
        lambda: standing_at(1).staff(ActName.REGISTER, ADMIN, category="passport"),
    ),
    "registered already": (NotNow, "Aduan ini sudah terdaftar.", lambda: standing_at(2).do(Submit(form=FORM))),
    "finished": (NotNow, "Aduan ini sudah selesai.", lambda: closed().do(AddMessage())),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_refusal_says_what_is_in_the_way(what: str) -> None:
    kind, words, attempt = REFUSALS[what]
    with pytest.raises(kind) as refused:
        attempt()
    assert (type(refused.value), refused.value.detail, str(refused.value)) == (kind, words, words)


def test_a_wrong_field_says_what_to_do_about_it() -> None:
    with pytest.raises(WrongField) as refused:
        standing_at(1).staff(ActName.REGISTER, ADMIN, category="passport")
    assert refused.value.fields == {"service": "Layanan ini tidak dikenal. Pilih dari daftar."}


def test_a_refusal_of_the_citizens_act_names_it_too() -> None:
    with pytest.raises(NotNow) as refused:
        standing_at(2).do(Submit(form=FORM))
    assert (refused.value.act, refused.value.step) == ("Submit", 2)


NO_ANSWER: dict[ActName, str] = {
    ActName.RESEND: "Belum ada jawaban yang bisa dikirim ulang.",
    ActName.APPROVE: "Belum ada jawaban yang bisa disetujui.",
}


@pytest.mark.parametrize("name", NO_ANSWER)
def test_a_head_that_was_harmed_and_has_no_answer_is_refused_and_nothing_is_sent(name: ActName) -> None:
    case = standing_at(8)
    case.complaint = case.complaint.model_copy(update={"answer": None})
    with pytest.raises(NotNow) as refused:
        case.staff(name, COLLEAGUE if name is ActName.RESEND else SECTION)
    assert refused.value.detail == NO_ANSWER[name]


PROGRAM_ERRORS: dict[str, Callable[[], object]] = {
    "the complaint stands at no step": lambda: (
        Course(PROCEDURE, EVERY_MINUTE, MONDAY, frozenset(), closed().complaint).step
    ),
    "the act's form asks for this field": lambda: standing_at(3).do(
        StaffAct(name=ActName.SETTLE, actor=ADMIN, note="Tanpa jawaban.")
    ),
}


@pytest.mark.parametrize("words", PROGRAM_ERRORS)
def test_what_only_the_program_can_get_wrong_is_no_refusal(words: str) -> None:
    with pytest.raises(LookupError, match=f"^{words}$"):
        PROGRAM_ERRORS[words]()
