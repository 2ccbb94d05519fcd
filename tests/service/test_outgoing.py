"""What an act sends out: which rows, to whom, in which words, under which ids."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from aduan.procedure.definition import ActName
from aduan.procedure.effects import AlertReason, Effect, TellStaff
from aduan.procedure.roles import Role, StaffMember
from aduan.procedure.workflow import Transition
from aduan.service.channel import MessageKind, OutboundMessage, Template, Text
from aduan.service.model import OUTBOUND, OutboxRow, RowKind, RowState, StaffChange
from aduan.service.outgoing import SWEEP_AFTER, row_id
from aduan.service.ports import DueAlarm
from tests.service.fakes import InMemoryStaffList, InMemoryStore
from tests.service.full_house import (
    ANI,
    BUDI,
    CITRA,
    DODI,
    EKO,
    EVERYBODY,
    FITRI,
    GANI,
    OTHER_UNIT,
    SET_FORMAT,
    STAFF_URL,
    UNIT,
    FullHouse,
    said,
    with_a_complaint,
    without,
)
from tests.service.talk import message


def newest(house: FullHouse, kind: RowKind) -> OutboxRow:
    """The last row of a kind."""
    return [row for row in house.store.rows if row.kind is kind][-1]


def fallback(row: OutboxRow) -> OutboundMessage | None:
    """What goes out where the window is closed."""
    return None if row.fallback is None else OUTBOUND.validate_json(row.fallback)


def number(house: FullHouse) -> str:
    """The complaint's."""
    return house.complaints[0].number or ""


def test_a_registration_is_told_with_its_number() -> None:
    house = with_a_complaint()

    row = newest(house, RowKind.NOTICE)

    assert said(row) == Text(
        f"Aduan Anda sudah terdaftar dengan nomor *{number(house)}*. Mohon simpan nomor ini. Kirim *STATUS* untuk "
        "melihat perkembangannya."
    )
    assert (row.fallback, row.complaint, row.to_citizen) == (None, house.complaint.id, house.citizen.id)
    assert (row.state, row.attempts, row.to_staff) == (RowState.PENDING, 0, None)


def test_every_row_is_the_sweeps_to_find_a_minute_after_it_was_made() -> None:
    house = with_a_complaint()
    house.do(ActName.SETTLE, ANI)

    rows = list(house.store.rows)

    assert {row.kind for row in rows} == {RowKind.NOTICE, RowKind.ANSWER}
    for row in rows:
        assert row.next_at == row.created_at + SWEEP_AFTER
    assert rows[-1].created_at == house.clock.now


def test_every_row_is_kept_for_the_term_of_the_outbox_from_when_it_was_made() -> None:
    answered, standing = with_a_complaint(), left_alone(with_a_complaint())
    complaint = answered.do(ActName.SETTLE, ANI)
    answered.hear(message("Lihat jawaban", MessageKind.REPLY, f"answer:{complaint.id}"))

    rows = [*answered.store.rows, *standing.store.rows]

    assert len([row for row in rows if row.kind is RowKind.ANSWER]) == 2  # the second for the tap
    assert {(row.kind, row.complaint is None) for row in rows} == {
        (RowKind.NOTICE, False), (RowKind.ANSWER, False), (RowKind.ALERT, False), (RowKind.ALERT, True),
    }  # fmt: skip
    assert {row.expire_at - row.created_at for row in rows if row.expire_at} == {timedelta(days=90)}
    assert all(row.expire_at for row in rows)


def test_an_answer_carries_its_text_its_hash_its_sending_and_a_template_for_a_closed_window() -> None:
    house = with_a_complaint()
    complaint = house.do(ActName.SETTLE, ANI)

    row = newest(house, RowKind.ANSWER)

    assert complaint.answer is not None
    assert said(row) == Text(f"Jawaban aduan {number(house)}:\n\nKTP Anda bisa diambil.")
    assert fallback(row) == Template("aduan_answer", (number(house),), (f"answer:{complaint.id}",))
    assert (row.text_sha256, row.sending) == (complaint.answer.sha256, 1)
    assert (row.complaint, row.to_citizen, row.to_staff) == (complaint.id, complaint.citizen, None)
    assert row.id.startswith("a-")


def test_a_question_is_framed_with_the_number_and_has_a_template_too() -> None:
    house = with_a_complaint()
    house.do(ActName.RECEIVE, ANI)
    complaint = house.do(ActName.ASK_COMPLAINANT, ANI)

    row = newest(house, RowKind.NOTICE)

    assert said(row) == Text(f"Pertanyaan tentang aduan {number(house)}:\n\nKapan Anda merekam data?")
    assert fallback(row) == Template("aduan_question", (number(house),), (f"question:{complaint.id}",))


def test_a_refusal_is_told_without_its_reason() -> None:
    house = with_a_complaint()
    house.do(ActName.SETTLE, ANI)
    house.do(ActName.REFUSE, CITRA)

    row = newest(house, RowKind.NOTICE)

    assert said(row) == Text(
        f"Jawaban aduan {number(house)} sedang kami periksa kembali. Jawaban yang sudah diperbaiki akan menyusul."
    )
    assert row.fallback is None


def test_a_text_that_fills_a_message_by_itself_goes_without_its_frame() -> None:
    house = with_a_complaint()
    house.do(ActName.SETTLE, ANI, answer="x" * 4096)
    assert said(newest(house, RowKind.ANSWER)) == Text("x" * 4096)


def test_a_draft_is_reminded_of_what_is_missing_and_by_template_outside_the_window() -> None:
    house = with_a_complaint()
    house.hear("ADUAN BARU", "KTP")
    house.ring()

    row = newest(house, RowKind.NOTICE)

    assert fallback(row) == Template("aduan_reminder", ("Nama, NIK, Aduan",), ("continue",))
    assert said(row) == Text(
        "Aduan Anda belum lengkap, jadi belum bisa kami proses. Yang belum ada: Nama, NIK, Aduan.\n\n"
        "Siapa nama lengkap Anda, sesuai KTP?"
    )


# Staff


def alert(what: str, house: FullHouse) -> Template:
    """The words of an alert about Siti's complaint."""
    link = f"{STAFF_URL}/aduan/{number(house)}"
    return Template("aduan_alert", (number(house), what, link), ("acknowledged",))


def _late(house: FullHouse) -> None:
    house.ring()


def _escalated(house: FullHouse) -> None:
    house.do(ActName.RECEIVE, ANI)
    house.ring()


def _checked(house: FullHouse) -> None:
    house.do(ActName.RECEIVE, ANI)
    house.do(ActName.ASK_DATABASE_ADMIN, ANI)


def _unapproved(house: FullHouse) -> None:
    house.do(ActName.SETTLE, ANI)
    house.ring()
    house.ring()


ALERTS: dict[str, tuple[Callable[[FullHouse], None], set[str], str]] = {
    "a late step": (
        _late,
        {ANI.email, BUDI.email, CITRA.email},
        "melewati batas waktu tahap 2 (Admin WA menerima aduan)",
    ),
    "an escalation": (_escalated, {CITRA.email}, "dieskalasi ke meja Anda, tahap 4 (Verifikasi oleh Kepala Seksi)"),
    "a data check": (_checked, {GANI.email}, "memerlukan cek data dari ADB"),
}


@pytest.mark.parametrize("what", ALERTS)
def test_an_alert_goes_to_each_of_its_desk_and_unit_with_the_number_and_a_link(what: str) -> None:
    happen, told, words = ALERTS[what]
    house = with_a_complaint()
    happen(house)

    assert {email for email, _ in house.alerts()} == told
    assert [message for _, message in house.alerts()] == [alert(words, house)] * len(told)
    rows = [row for row in house.store.rows if row.kind is RowKind.ALERT]
    assert len({row.id for row in rows}) == len(told)
    assert {(row.complaint, row.to_citizen) for row in rows} == {(house.complaint.id, None)}


def test_an_unapproved_answer_is_told_to_the_section_of_its_unit() -> None:
    house = with_a_complaint()
    _unapproved(house)

    words = alert("sudah dijawab dan menunggu persetujuan", house)
    assert [email for email, message in house.alerts() if message == words] == [CITRA.email]


def test_a_vacant_desk_is_told_to_the_next_rung() -> None:
    house = with_a_complaint(*without(CITRA))
    house.do(ActName.FORWARD, ANI)

    words = "menunggu di tahap 4 (Verifikasi oleh Kepala Seksi), tetapi belum ada petugas di meja itu"
    assert house.alerts() == [(EKO.email, alert(words, house))]


def test_an_alert_about_a_draft_at_no_step_names_its_address() -> None:
    house = with_a_complaint()
    draft = house.complaint.model_copy(update={"number": None, "step": None})
    effect = TellStaff(roles=(Role.SECTION_HEAD,), reason=AlertReason.STEP_LATE, step=None)

    (row,) = house.outgoing.rows(Transition(draft, (), (effect,)), house.store, (CITRA,), house.clock.now)

    link = f"{STAFF_URL}/aduan/D-{draft.id}"
    words = "melewati batas waktu tahap – (–)"
    assert said(row) == Template("aduan_alert", (f"D-{draft.id}", words, link), ("acknowledged",))


# The daily list


def left_alone(house: FullHouse) -> FullHouse:
    """Nobody does anything until the list of the next morning."""
    while not any(row.complaint is None for row in house.store.rows):
        house.ring()
    return house


def daily(house: FullHouse) -> dict[str | None, str]:
    """Whom the list is told, and what is on it."""
    rows = [row for row in house.store.rows if row.complaint is None and row.kind is RowKind.ALERT]
    listed = {}
    for row in rows:
        message = said(row)
        assert isinstance(message, Template)
        assert message.parameters[0] == "Daftar harian"
        assert message.parameters[2] == f"{STAFF_URL}/aduan?late=1"
        listed[row.to_staff] = message.parameters[1]
    return listed


def test_what_stands_after_its_last_rung_is_listed_once_a_day_to_the_heads() -> None:
    house = left_alone(with_a_complaint())
    words = f"masih melewati batas waktu: {number(house)}"
    assert daily(house) == {EKO.email: words, FITRI.email: words}
    before = len(house.store.rows)

    house.ring()

    assert len(house.store.rows) == before + 2  # the next day's
    ids = [row.id for row in house.store.rows if row.complaint is None]
    assert len(set(ids)) == 4


def test_the_first_complaint_that_is_due_makes_the_list_of_all_and_the_others_find_it_made() -> None:
    house = with_a_complaint()
    house.hear("ADUAN BARU", SET_FORMAT)
    first, second = house.complaints
    while not any(row.complaint is None for row in house.store.rows):
        alarm = min((c.alarm.at, c.id, c.alarm) for c in house.complaints if c.alarm)
        house.clock.now = max(house.clock.now, alarm[0])
        house.checking.check(alarm[1], alarm[2])
    listed = daily(house)
    numbers = ", ".join(sorted((first.number or "", second.number or "")))
    assert listed[EKO.email] == f"masih melewati batas waktu: {numbers}"

    for complaint in house.complaints:
        house.checking.check(complaint.id, complaint.alarm)

    assert daily(house) == listed
    assert len([row for row in house.store.rows if row.complaint is None]) == 2


def test_the_list_of_a_head_of_some_units_names_no_complaint_of_another() -> None:
    elsewhere = EKO.model_copy(update={"email": "lain@office.test", "units": ("civil_registration",)})
    house = left_alone(with_a_complaint(*without(), elsewhere))
    assert set(daily(house)) == {EKO.email, FITRI.email}


def test_an_id_tells_its_kind_and_what_it_is_for() -> None:
    ids = {
        row_id(RowKind.ANSWER, "c", 1, 0),
        row_id(RowKind.NOTICE, "c", 1, 0),
        row_id(RowKind.NOTICE, "c", 10),
        row_id(RowKind.ALERT, "c", 1, 0, DODI.email),
    }
    assert len(ids) == 4
    assert {one[:2] for one in ids} == {"a-", "n-", "s-"}
    assert {len(one) for one in ids} == {34}
    assert row_id(RowKind.ANSWER, "c", 1, 0) in ids


def test_an_id_is_the_same_in_every_release_so_that_none_makes_a_row_anew() -> None:
    assert row_id(RowKind.ANSWER, "261124-23456", 1, 0) == "a-ce2035386dbbdf01139d338f7d05dc56"
    house = left_alone(with_a_complaint())
    (theirs,) = (row for row in house.store.rows if row.complaint is None and row.to_staff == EKO.email)
    assert theirs.id == row_id(RowKind.ALERT, "daily", date(2026, 11, 25), EKO.email)


# Who is there, in this unit and on this day


def test_an_alert_to_a_desk_that_is_vacant_in_this_unit_goes_to_the_next_rung() -> None:
    house = with_a_complaint(*without(CITRA))  # DODI sits there for the other unit
    house.ring()
    assert {email for email, _ in house.alerts()} == {ANI.email, BUDI.email, EKO.email}


@pytest.mark.parametrize("reason", [AlertReason.SEND_FAILED, AlertReason.STILL_STANDING])
def test_who_is_told_is_asked_of_the_complaints_own_unit_whatever_it_is_about(reason: AlertReason) -> None:
    house = with_a_complaint()
    effect = TellStaff(roles=(Role.SECTION_HEAD,), reason=reason, step=4)
    told = Transition(house.complaint, (), (effect,))

    def among(*people: StaffMember) -> list[str | None]:
        return [row.to_staff for row in house.outgoing.rows(told, house.store, people, house.clock.now)]

    assert among(CITRA, DODI, EKO) == [CITRA.email]
    assert among(DODI, EKO) == [EKO.email]  # DODI sits there for the other unit


def two_standing(*staff: StaffMember) -> FullHouse:
    """A complaint of each unit, neither of which anybody takes up."""
    house = with_a_complaint(*staff)
    house.hear("ADUAN BARU", SET_FORMAT.replace("Layanan: KTP", "Layanan: Akta kelahiran"))
    assert {complaint.unit for complaint in house.complaints} == {UNIT, OTHER_UNIT}
    return house


def ring_all(house: FullHouse, until: datetime) -> None:
    """Every alarm on time, up to then."""
    while due := [(c.alarm.at, c.id, c.alarm) for c in house.complaints if c.alarm and c.alarm.at <= until]:
        at, name, alarm = min(due)
        house.clock.now = max(house.clock.now, at)
        house.checking.check(name, alarm)


MIDNIGHT = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
"""Where every minute counts, the office opens then, by its own clock."""


def test_a_head_of_one_unit_is_listed_its_own_complaints_and_the_head_of_all_both() -> None:
    house = two_standing(*without(EKO), EKO.model_copy(update={"units": (UNIT,)}))
    ring_all(house, MIDNIGHT - timedelta(minutes=1))
    house.clock.now = MIDNIGHT
    first, second = house.complaints
    for complaint in (first, second):
        house.checking.check(complaint.id, complaint.alarm)
    assert daily(house) == {
        EKO.email: f"masih melewati batas waktu: {first.number}",
        FITRI.email: f"masih melewati batas waktu: {', '.join(sorted((first.number or '', second.number or '')))}",
    }


def test_one_list_a_day_is_one_by_the_offices_day() -> None:
    house = two_standing()
    ring_all(house, MIDNIGHT - timedelta(minutes=1))
    house.clock.now = MIDNIGHT
    first, second = house.complaints
    house.checking.check(first.id, first.alarm)
    assert len(daily(house)) == 2
    house.clock.now = MIDNIGHT + timedelta(hours=10)  # the next day in UTC too

    house.checking.check(second.id, second.alarm)

    assert len([row for row in house.store.rows if row.complaint is None and row.kind is RowKind.ALERT]) == 2


class CountingStore(InMemoryStore):
    """A store that counts how often it is asked for all that stands."""

    asked = 0

    def daily_due(self, until: datetime) -> tuple[DueAlarm, ...]:
        self.asked += 1
        return super().daily_due(until)


def test_what_stands_is_asked_for_once_for_all_heads_and_not_where_every_list_is_made() -> None:
    store = CountingStore(InMemoryStaffList(*EVERYBODY))
    house = FullHouse(store=store)
    house.hear(SET_FORMAT)
    house.hear("ADUAN BARU", SET_FORMAT)
    ring_all(house, MIDNIGHT)
    assert (len(daily(house)), store.asked) == (2, 1)


def test_whoever_joins_during_the_day_is_told_by_the_next_check() -> None:
    house = two_standing(*without(FITRI), FITRI.model_copy(update={"active": False}))
    ring_all(house, MIDNIGHT - timedelta(minutes=1))
    first, second = house.complaints
    house.clock.now = MIDNIGHT
    house.checking.check(first.id, first.alarm)
    assert set(daily(house)) == {EKO.email}
    joined = StaffChange(at=house.clock.now, by=EKO.email, email=FITRI.email, before=None, after={})
    house.store.staff.save(FITRI, joined, house.store.staff.loaded(FITRI.email).mark)

    house.checking.check(second.id, second.alarm)

    assert set(daily(house)) == {EKO.email, FITRI.email}


def test_a_draft_that_only_waits_for_its_yes_is_shown_whole_with_what_is_missing() -> None:
    house = with_a_complaint()
    complaint = house.complaint
    message, _ = house.outgoing.reminder(complaint)
    incomplete = house.outgoing.words.notices.incomplete
    preface = incomplete.format(missing="konfirmasi Anda", question="").strip()
    assert message == house.outgoing.conversation.confirmation(complaint.form, preface)


@pytest.mark.parametrize(
    ("asking", "asked"), [("nik", "NIK"), (None, "nama"), ("service", "nama"), ("confirm", "nama")]
)
def test_a_reminder_asks_what_stands_or_else_the_first_that_is_missing(asking: str | None, asked: str) -> None:
    house = with_a_complaint()
    draft = house.complaint.model_copy(update={"form": {"service": "identity_card"}, "asking": asking})
    message, _ = house.outgoing.reminder(draft)
    assert asked in getattr(message, "body", "").rpartition("\n\n")[2]


def test_an_effect_that_nobody_knows_is_an_error_of_the_program() -> None:
    house = with_a_complaint()
    with pytest.raises(TypeError, match=r"^an effect without a way out: Effect$"):
        house.outgoing.rows(Transition(house.complaint, (), (Effect(),)), house.store, (), house.clock.now)


def test_an_alert_is_the_sweeps_to_find_too() -> None:
    house = with_a_complaint()
    house.ring()
    row = newest(house, RowKind.ALERT)
    assert (row.created_at, row.next_at) == (house.clock.now, house.clock.now + SWEEP_AFTER)
