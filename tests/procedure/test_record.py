"""What the record says: of every event who did it, in which role, at which step, in which words."""

from typing import NamedTuple

import pytest

from aduan.procedure.acts import AddMessage, Delivered, Discard, Draft, SendFailed, Submit
from aduan.procedure.definition import ActName
from aduan.procedure.effects import SendAnswer, TellComplainant, TellStaff
from aduan.procedure.personal import Identifier
from aduan.procedure.roles import Role
from tests.procedure.cases import ADB, ADMIN, COLLEAGUE, FORM, SECTION, Case, left_alone, standing_at

ADMINS, KASI, KABID, KADIS = (
    Role.WHATSAPP_ADMIN,
    Role.SECTION_HEAD,
    Role.DIVISION_HEAD,
    Role.AGENCY_HEAD,
)
NEXT_DAY = 16 * 60  # minutes from the start to the opening of the next day, where every minute counts

NIK = Identifier(kind="nik", value="3402014107900001")
PHONE = Identifier(kind="phone", value="+6281234567890")


class Row(NamedTuple):
    """One event, as the complaint's page shows it."""

    type: str
    step: int | None
    actor: str = "system"
    role: Role | None = None
    note: str | None = None


def record(case: Case, since: int = 0) -> list[Row]:
    """Every event, without the fields that it set."""
    return [Row(e.type.value, e.step, e.actor, e.role, e.note) for e in case.events[since:]]


def by(name: str, step: int | None, actor: str, role: Role | None = None, note: str | None = None) -> Row:
    """An event that somebody brought about."""
    return Row(name, step, actor, role, note)


def test_the_longest_way_with_a_wait_a_data_check_and_a_failed_sending() -> None:
    case = Case()
    case.at(1).do(Draft(form={"name": "Budi"}, asking="nik"))
    case.at(2).submit()
    case.at(3).staff(ActName.RECEIVE, ADMIN)
    case.at(4).staff(ActName.TAKE_OVER, SECTION, note="Saya bantu.")
    case.at(5).staff(ActName.TAKE_OVER, ADMIN)
    case.at(6).staff(ActName.ASK_DATABASE_ADMIN, ADMIN)
    case.at(7).staff(ActName.ASK_COMPLAINANT, ADMIN)
    case.at(8).staff(ActName.REPLY_DATA_CHECK, ADB)
    case.ring()
    case.at(1450).staff(ActName.FORWARD, ADMIN)
    case.at(1451).staff(ActName.RESPOND, SECTION)
    case.at(1452).staff(ActName.ANSWER, ADMIN)
    case.failed()
    case.staff(ActName.RESEND, COLLEAGUE)
    case.delivered()

    assert record(case) == [
        by("message_added", 1, "complainant"),
        by("submitted", 1, "complainant"),
        by("received", 2, ADMIN.email, ADMINS),
        by("taken_over", 3, SECTION.email, KASI, "Saya bantu."),
        by("taken_over", 3, ADMIN.email, ADMINS),
        by("data_check_asked", 3, ADMIN.email, ADMINS, "Mohon cek data ganda."),
        by("waiting", 3, ADMIN.email, ADMINS, "Kapan Anda merekam data?"),
        by("data_check_answered", 3, ADB.email, Role.DATABASE_ADMIN, "Tidak ganda."),
        Row("resumed", 3, note="Batas waktu tunggu pemohon habis."),
        by("forwarded", 3, ADMIN.email, ADMINS, "Perlu cek arsip."),
        by("verified", 4, SECTION.email, KASI),
        by("responded", 5, SECTION.email, KASI, "Sudah dicek."),
        by("answered", 7, ADMIN.email, ADMINS),
        Row("send_failed", 8, note="131026"),
        by("answered", 8, COLLEAGUE.email, ADMINS, "Jawaban dikirim ulang."),
        by("delivered", 8, "complainant"),
        Row("closed", None),
    ]


LATE = "Waktu tahap ini habis. Diberitahukan kepada: "
DAILY = "Masuk daftar harian. Diberitahukan kepada: Kepala Bidang, Kepala Dinas."


def test_a_step_that_nobody_takes_up() -> None:
    case = standing_at(2)
    left_alone(case, NEXT_DAY)

    assert record(case, since=1) == [
        Row("breached", 2),
        Row("alerted", 2, note=f"{LATE}Admin WA, Kepala Seksi."),
        Row("alerted", 2, note=f"{LATE}Kepala Bidang."),
        Row("alerted", 2, note=f"{LATE}Kepala Dinas."),
        Row("breached", 2),
        Row("alerted", 2, note="Total waktu habis dan aduan belum dijawab. Diberitahukan kepada: Kepala Dinas."),
        Row("reminded", 2, note=DAILY),
    ]
    assert [(breach.step, breach.entry) for breach in case.complaint.breaches] == [(2, 2), (None, 0)]


MISSING = "Yang belum ada: hasil verifikasi dan Catatan Tindak Lanjut"


def test_an_escalation_says_why_what_was_done_and_what_is_missing() -> None:
    case = standing_at(3)
    case.at(1).staff(ActName.ASK_DATABASE_ADMIN, ADMIN)
    case.at(2).staff(ActName.ASK_COMPLAINANT, ADMIN)
    case.at(12).do(AddMessage())
    left_alone(case, 70)

    escalations = [row.note for row in record(case) if row.type == "escalated"]
    assert escalations == [
        (
            "Dieskalasi otomatis: tahap 3 (Verifikasi oleh Admin WA) melewati 30 menit. "
            "Yang sudah dilakukan: dipegang oleh ani@bantul.test, pemohon pernah ditanya. "
            f"{MISSING}, jawaban ADB."
        ),
        (
            "Dieskalasi otomatis: tahap 4 (Verifikasi oleh Kepala Seksi) melewati 30 menit. "
            "Yang sudah dilakukan: belum ada petugas yang mengambil, pemohon pernah ditanya. "
            f"{MISSING}, jawaban ADB."
        ),
    ]
    assert next(row for row in record(case) if row.type in ("escalated", "breached")) == Row("breached", 3)


def test_an_escalation_without_wait_or_data_check_names_neither() -> None:
    case = standing_at(3)
    case.ring()

    assert record(case)[-1] == Row(
        "escalated",
        3,
        note="Dieskalasi otomatis: tahap 3 (Verifikasi oleh Admin WA) melewati 30 menit. "
        f"Yang sudah dilakukan: dipegang oleh ani@bantul.test. {MISSING}.",
    )


def test_an_approval_that_nobody_gives() -> None:
    case = standing_at(8)
    case.at(1).delivered()
    left_alone(case, NEXT_DAY)

    waiting = "Jawaban belum disetujui. Diberitahukan kepada: "
    assert record(case, since=5) == [
        Row("reminded", None, note=f"{waiting}Kepala Seksi."),
        Row("reminded", None, note=f"{waiting}Kepala Bidang."),
        Row("reminded", None, note=f"{waiting}Kepala Dinas."),
        Row("reminded", None, note=DAILY),
    ]


def test_a_refusal_and_the_corrected_answer() -> None:
    case = standing_at(8)
    case.at(1).delivered()
    case.at(2).staff(ActName.REFUSE, SECTION)
    case.at(3).staff(ActName.RESPOND, SECTION)
    case.at(4).staff(ActName.ANSWER, ADMIN)
    case.at(5).delivered()

    assert record(case, since=5) == [
        by("refused", None, SECTION.email, KASI, "Data belum sesuai."),
        by("verified", 4, SECTION.email, KASI),
        by("responded", 5, SECTION.email, KASI, "Sudah dicek."),
        by("answered", 7, ADMIN.email, ADMINS),
        by("delivered", 8, "complainant"),
        Row("closed", None),
    ]


def test_a_draft_that_was_reminded_and_comes_to_a_vacant_desk() -> None:
    case = Case(vacant=frozenset({ADMINS}))
    case.ring()
    case.submit()

    assert record(case) == [
        Row("reminded", 1),
        by("submitted", 1, "complainant"),
        Row("alerted", 2, note="Belum ada petugas di meja ini. Diberitahukan kepada: Kepala Seksi."),
    ]


def test_a_draft_that_is_dismissed_by_the_desk_and_one_that_its_citizen_gives_up() -> None:
    dismissed, given_up = standing_at(1), standing_at(1)
    dismissed.staff(ActName.DISMISS, ADMIN)
    given_up.do(Discard())

    assert record(dismissed) == [by("dismissed", 1, ADMIN.email, ADMINS, "Ucapan terima kasih.")]
    assert record(given_up) == [by("dismissed", 1, "complainant")]
    assert given_up.complaint.messages == 1


def test_a_reply_ends_the_wait_in_the_citizens_name_and_an_act_in_the_holders() -> None:
    replied, acted = standing_at(3), standing_at(3)
    for case in (replied, acted):
        case.at(1).staff(ActName.ASK_COMPLAINANT, ADMIN)
    replied.at(2).do(AddMessage())
    acted.at(2).staff(ActName.FORWARD, ADMIN)

    assert record(replied, since=3) == [by("message_added", 3, "complainant"), by("resumed", 3, "complainant")]
    assert record(acted, since=3) == [
        by("resumed", 3, ADMIN.email, ADMINS),
        by("forwarded", 3, ADMIN.email, ADMINS, "Perlu cek arsip."),
    ]


def test_a_late_act_is_noticed_in_the_programs_name() -> None:
    case = standing_at(3)
    case.at(31).staff(ActName.TAKE_OVER, COLLEAGUE)

    assert record(case, since=2) == [Row("breached", 3), by("taken_over", 3, COLLEAGUE.email, ADMINS)]


@pytest.mark.parametrize("step", range(2, 8))
def test_a_message_is_added_at_the_step_where_the_complaint_stands(step: int) -> None:
    case = standing_at(step)
    case.do(AddMessage())
    assert record(case)[-1] == by("message_added", step, "complainant")
    assert case.complaint.unread == 1


def test_what_the_citizen_and_the_desk_are_told_in_order() -> None:
    case = standing_at(3)
    case.staff(ActName.ASK_DATABASE_ADMIN, ADMIN)
    case.staff(ActName.ASK_COMPLAINANT, ADMIN)
    case.staff(ActName.SETTLE, ADMIN)
    case.failed()
    case.staff(ActName.REFUSE, SECTION)

    answer = case.complaint.answer
    assert answer is not None
    assert [effect.model_dump(exclude_none=True) for effect in case.effects] == [
        {"reason": "registered"},
        {"roles": (Role.DATABASE_ADMIN,), "reason": "data_check", "step": 3},
        {"reason": "question", "text": "Kapan Anda merekam data?"},
        {"text": "KTP Anda bisa diambil.", "text_sha256": answer.sha256, "sending": 1},
        {"roles": (ADMINS,), "reason": "send_failed", "step": 8},
        {"reason": "correction_follows"},
    ]
    kinds = [TellComplainant, TellStaff, TellComplainant, SendAnswer, TellStaff, TellComplainant]
    assert [type(effect) for effect in case.effects] == kinds


def test_a_draft_remembers_who_may_be_looked_for_by_it_and_a_submission_too() -> None:
    drafted, submitted = Case(), Case()
    drafted.do(Draft(form={"name": "Budi"}, asking="nik", identifiers=(NIK,)))
    submitted.do(Submit(form=FORM, identifiers=(NIK, PHONE)))

    assert (drafted.complaint.identifiers, drafted.complaint.messages) == ((NIK,), 1)
    assert (submitted.complaint.identifiers, submitted.complaint.messages) == ((NIK, PHONE), 1)
    assert (submitted.complaint.asking, submitted.complaint.category) == (None, "identity_card")
    assert submitted.complaint.form == FORM


def test_a_second_submission_in_a_draft_counts_one_message_more() -> None:
    case = Case()
    case.do(Draft(form={}, asking="name"))
    case.do(Draft(form={}, asking="name"))
    case.submit()
    assert case.complaint.messages == 3


def test_news_of_another_text_is_no_news() -> None:
    case = standing_at(8)
    other = "0" * 64

    assert case.do(Delivered(at=case.now, text_sha256=other)).events == ()
    assert case.do(SendFailed(text_sha256=other, sending=1, reason="131026")).events == ()


def test_who_approves_a_delivered_answer_approves_and_the_program_closes() -> None:
    case = Case()
    case.submit()
    case.staff(ActName.RECEIVE, ADMIN)
    case.staff(ActName.SETTLE, ADMIN)
    case.delivered()
    since = len(case.events)
    case.staff(ActName.APPROVE, SECTION)
    assert record(case, since) == [by("approved", None, SECTION.email, KASI), Row("closed", None)]
