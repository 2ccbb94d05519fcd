"""The desk: an act is done once, what stands before a person, what they may do, and what they may look for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aduan.procedure.complaint import Complaint, Status
from aduan.procedure.definition import ActName
from aduan.procedure.errors import NeverAllowed, NotNow, OutOfDate, WrongField
from aduan.procedure.roles import Role, StaffMember
from aduan.service.case_files import Window
from aduan.service.desk import Work, complaint_id
from aduan.service.errors import RequestReused, Unknown
from aduan.service.ports import Commit, Filters
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
    NIK,
    SET_FORMAT,
    FullHouse,
    full_house,
    member,
    with_a_complaint,
    without,
)

# One act


def test_an_act_is_recorded_in_its_persons_name_and_kept_with_its_request() -> None:
    house = with_a_complaint()
    given = house.given()

    after = house.desk.act(ANI, house.complaint.id, ActName.RECEIVE, given)

    assert (after.value.step, after.value.holder) == (3, ANI.email)
    request = house.store.requests[given.request_id]
    assert (request.email, request.act, request.complaint) == (ANI.email, "receive", after.value.id)
    assert request.expire_at == house.clock.now + timedelta(days=30)  # the term of requests
    assert house.store.record[after.value.id][-1].actor == ANI.email


def test_the_same_request_again_is_the_same_act_and_answers_with_the_complaint_as_it_is_now() -> None:
    house = with_a_complaint()
    given = house.given()
    house.desk.act(ANI, house.complaint.id, ActName.RECEIVE, given)
    house.do(ActName.FORWARD, ANI)
    before = house.complaint

    again = house.desk.act(ANI, before.id, ActName.RECEIVE, given)

    assert again.value == before == house.complaint
    assert again.value.step == 4


def test_a_request_that_was_used_for_an_act_that_is_still_possible_is_not_done_twice() -> None:
    house = with_a_complaint()
    house.do(ActName.RECEIVE, ANI)
    given = house.given(note="Mohon cek.")
    complaint = house.complaint.id
    house.desk.act(ANI, complaint, ActName.ASK_DATABASE_ADMIN, given)
    house.do(ActName.REPLY_DATA_CHECK, GANI)

    house.desk.act(ANI, complaint, ActName.ASK_DATABASE_ADMIN, given)

    assert house.complaint.data_check is None


@pytest.mark.parametrize("what", ["another person", "another act", "another complaint"])
def test_a_request_that_was_used_for_something_else_is_refused(what: str) -> None:
    house = with_a_complaint()
    first = house.complaint.id
    given = house.given()
    house.desk.act(ANI, first, ActName.RECEIVE, given)
    house.hear("ADUAN BARU", SET_FORMAT)
    second = house.complaint.id
    who = BUDI if what == "another person" else ANI
    act = ActName.TAKE_OVER if what == "another act" else ActName.RECEIVE
    complaint = second if what == "another complaint" else first

    words = r"^Permintaan ini sudah dipakai untuk tindakan lain\. Muat ulang halaman, lalu ulangi\.$"
    with pytest.raises(RequestReused, match=words):
        house.desk.act(who, complaint, act, given)


def test_of_two_at_once_with_one_request_both_are_answered_and_one_act_is_done() -> None:
    house = with_a_complaint()
    given = house.given()
    store = house.store
    before = store.complaint(house.complaint.id)
    assert before is not None
    house.desk.act(ANI, before.value.id, ActName.RECEIVE, given)
    done = len(store.events(house.desk.open(before.value.id)))
    store.complaints.put(before.value.id, before)  # as the other one still saw it

    answered = house.desk.act(ANI, before.value.id, ActName.RECEIVE, given)

    assert answered.value.id == before.value.id
    assert len(store.events(answered)) == done


def test_an_act_on_what_is_not_there_is_unknown_before_anything_else() -> None:
    house = with_a_complaint()
    with pytest.raises(Unknown, match=r"^261124-WRONG$"):
        house.desk.act(GANI, "261124-WRONG", ActName.SETTLE, house.given())


def test_a_missing_field_is_told_before_a_right_is_asked_for() -> None:
    house = with_a_complaint()
    with pytest.raises(WrongField):
        house.desk.act(GANI, house.complaint.id, ActName.SETTLE, house.given())
    with pytest.raises(NeverAllowed):
        house.desk.act(GANI, house.complaint.id, ActName.SETTLE, house.given(note="x", answer="y"))


def test_an_old_page_is_told_as_such_to_whoever_covers_a_vacant_desk_too() -> None:
    house = with_a_complaint(*without(ANI, BUDI))
    with pytest.raises(OutOfDate):
        house.desk.act(CITRA, house.complaint.id, ActName.RECEIVE, house.given(version=0))
    complaint = house.do(ActName.SETTLE, CITRA)
    assert complaint.status is Status.ANSWERED


def test_who_stands_above_a_staffed_desk_does_not_act_there() -> None:
    house = with_a_complaint()
    with pytest.raises(NotNow):
        house.do(ActName.SETTLE, CITRA)
    house = with_a_complaint(*without(ANI, BUDI))
    with pytest.raises(NotNow):
        house.do(ActName.SETTLE, EKO)  # CITRA is nearer


def test_whoever_is_at_the_lowest_desk_or_beside_the_ladder_covers_none() -> None:
    house = with_a_complaint(*without(CITRA, DODI, EKO, FITRI))
    house.do(ActName.FORWARD, ANI)
    for who in (ANI, GANI):
        with pytest.raises((NotNow, NeverAllowed)):
            house.do(ActName.RESPOND, who)


def test_a_question_leads_the_next_message_to_the_complaint_that_asked() -> None:
    house = with_a_complaint()
    asking = house.do(ActName.RECEIVE, ANI)
    assert house.store.commits[-1].citizen is None
    house.hear("ADUAN BARU")
    given = house.given(version=asking.version, question="Kapan?")
    house.desk.act(ANI, asking.id, ActName.ASK_COMPLAINANT, given)
    assert house.citizen.current == asking.id


def test_a_question_to_whoever_is_at_this_complaint_anyway_writes_nothing_of_them() -> None:
    house = with_a_complaint()
    house.do(ActName.RECEIVE, ANI)
    house.do(ActName.ASK_COMPLAINANT, ANI)
    assert house.store.commits[-1].citizen is None


# Who it is


def test_a_member_is_who_is_on_the_list_and_active() -> None:
    away = member("away", Role.WHATSAPP_ADMIN, active=False)
    house = full_house(ANI, away)
    assert house.desk.member(ANI.email) == ANI
    assert house.desk.member(ANI.email.upper()) == ANI
    assert house.desk.member(away.email) is None
    assert house.desk.member("siapa@office.test") is None


# What stands before a person


def ids(complaints: tuple[Complaint, ...]) -> list[str]:
    """Their ids, in order."""
    return [complaint.id for complaint in complaints]


def three() -> tuple[FullHouse, list[Complaint]]:
    """Three registered complaints, a minute apart."""
    house = full_house()
    for _ in range(3):
        house.wait(1).hear("ADUAN BARU", SET_FORMAT)
    return house, house.complaints


def lists(work: Work) -> dict[str, list[str]]:
    """Each of the lists that is not empty."""
    return {name: ids(getattr(work, name)) for name in Work.__dataclass_fields__ if getattr(work, name)}


def test_new_complaints_wait_for_the_admins_soonest_deadline_first() -> None:
    house, complaints = three()
    assert lists(house.desk.work(ANI)) == {"waiting_for_desk": ids(tuple(complaints))}
    for who in (CITRA, EKO, FITRI, GANI):
        assert lists(house.desk.work(who)) == {}


def test_what_somebody_took_up_is_in_their_hands_and_before_nobody_else() -> None:
    house, (first, second, third) = three()
    house.desk.act(ANI, second.id, ActName.RECEIVE, house.given(version=second.version))
    assert lists(house.desk.work(ANI)) == {"held": [second.id], "waiting_for_desk": [first.id, third.id]}
    assert lists(house.desk.work(BUDI)) == {"waiting_for_desk": [first.id, third.id]}


def test_what_was_forwarded_waits_for_the_section_of_its_unit() -> None:
    house = with_a_complaint()
    house.do(ActName.FORWARD, ANI)
    assert lists(house.desk.work(CITRA)) == {"waiting_for_desk": [house.complaint.id]}
    for who in (ANI, DODI, EKO):
        assert lists(house.desk.work(who)) == {}


def test_what_waits_for_a_vacant_desk_stands_before_the_next_rung() -> None:
    house = with_a_complaint(*without(ANI, BUDI, CITRA, DODI))
    assert lists(house.desk.work(EKO)) == {"waiting_for_desk": [house.complaint.id]}
    assert lists(house.desk.work(FITRI)) == {}


def test_a_complaint_that_waits_for_its_citizen_stays_in_its_holders_hands() -> None:
    house = with_a_complaint()
    house.do(ActName.RECEIVE, ANI)
    house.do(ActName.ASK_COMPLAINANT, ANI)
    assert lists(house.desk.work(ANI)) == {"held": [house.complaint.id]}


def test_an_answer_waits_for_approval_by_others_than_who_drafted_it() -> None:
    house = with_a_complaint()
    house.do(ActName.SETTLE, ANI)
    for who in (CITRA, EKO, FITRI):
        assert house.desk.work(who).to_approve == (house.complaint,)
    for who in (ANI, DODI, GANI):
        assert house.desk.work(who).to_approve == ()


def test_a_data_check_stands_before_the_adb_of_its_unit() -> None:
    elsewhere = GANI.model_copy(update={"email": "x@office.test", "units": ("civil_registration",)})
    house = with_a_complaint(*EVERYBODY, elsewhere)
    house.do(ActName.RECEIVE, ANI)
    house.do(ActName.ASK_DATABASE_ADMIN, ANI)
    assert lists(house.desk.work(GANI)) == {"data_checks": [house.complaint.id]}
    for who in (ANI, CITRA, elsewhere):
        assert house.desk.work(who).data_checks == ()


def test_a_draft_stands_before_the_admins_from_its_reminder_on() -> None:
    house = full_house()
    house.hear("Selamat pagi")
    assert lists(house.desk.work(ANI)) == {}
    house.ring()
    assert lists(house.desk.work(ANI))["drafts"] == [house.complaint.id]
    assert house.desk.work(CITRA).drafts == ()
    vacant = full_house(*without(ANI, BUDI))
    vacant.hear("Selamat pagi")
    vacant.ring()
    assert ids(vacant.desk.work(CITRA).drafts) == [vacant.complaint.id]


@pytest.mark.parametrize(("minutes", "is_stuck"), [(10, False), (10.1, True)])
def test_an_answer_that_is_late_in_arriving_is_shown_to_the_admins(minutes: float, is_stuck: bool) -> None:
    house = with_a_complaint()
    house.do(ActName.SETTLE, ANI)
    house.wait(minutes)
    assert bool(house.desk.work(ANI).undelivered) is is_stuck
    assert house.desk.work(ANI).waiting_for_desk == ()
    assert house.desk.work(CITRA).undelivered == ()


def test_an_answer_that_failed_is_shown_at_once_and_one_without_a_deadline_is_not() -> None:
    house = with_a_complaint()
    complaint = house.do(ActName.SETTLE, ANI)
    loaded = house.store.complaint(complaint.id)
    assert loaded is not None
    failed = complaint.model_copy(update={"send_failed": True, "due_at": None})
    house.store.complaints.put(complaint.id, replace(loaded, value=failed))
    assert house.desk.work(ANI).undelivered == (failed,)
    silent = complaint.model_copy(update={"due_at": None})
    house.store.complaints.put(complaint.id, replace(loaded, value=silent))
    assert house.wait(99).desk.work(ANI).undelivered == ()


def test_late_work_that_nobody_answered_yet_is_no_answer_that_did_not_arrive() -> None:
    house = with_a_complaint()
    house.wait(15)
    work = house.desk.work(ANI)
    assert (ids(work.waiting_for_desk), work.undelivered) == ([house.complaint.id], ())


def test_an_answer_that_arrived_is_not_shown_as_stuck() -> None:
    house = with_a_complaint()
    complaint = house.do(ActName.SETTLE, ANI)
    loaded = house.store.complaint(complaint.id)
    assert loaded is not None
    arrived = complaint.model_copy(update={"step": None, "send_failed": True, "holder_role": Role.WHATSAPP_ADMIN})
    house.store.complaints.put(complaint.id, replace(loaded, value=arrived))
    assert house.desk.work(ANI).undelivered == ()


def many(house: FullHouse, number: int, **changes: object) -> list[str]:
    """The complaint again and again, each due a minute after the last; their ids, soonest first."""
    one = house.store.complaint(house.complaint.id)
    assert one is not None
    begun = len(list(house.store.complaints))
    names = [f"261124-{begun + count:05}" for count in range(number)]
    for count, name in enumerate(names):
        due = house.clock.now + timedelta(minutes=begun + count)
        copy = one.value.model_copy(update={"id": name, "due_at": due, "seq": 0, **changes})
        house.store.commit(Commit(complaint=replace(one, value=copy, mark=None)))
    return names


def test_nobody_has_more_than_fifty_before_their_eyes_and_the_next_page_is_asked_for() -> None:
    house = with_a_complaint()
    held = many(house, 60, holder=ANI.email)
    free = many(house, 60)

    work = house.desk.work(ANI)

    assert ids(work.held) == held[:50]
    assert len(work.waiting_for_desk) == 50
    assert set(ids(work.waiting_for_desk)) <= {house.complaint.id, *free[:50]}
    everything = house.desk.listed(Filters(), None)
    assert len(everything.items) == 50
    rest = house.desk.listed(Filters(), everything.next)
    last = house.desk.listed(Filters(), rest.next)
    assert {*ids(everything.items), *ids(rest.items), *ids(last.items)} == {house.complaint.id, *held, *free}
    assert last.next is None


def test_what_nobody_took_up_is_seen_behind_any_number_that_colleagues_hold() -> None:
    house = with_a_complaint()
    house.do(ActName.RECEIVE, BUDI)
    many(house, 120, holder=BUDI.email)
    (free,) = many(house, 1, holder=None)
    assert ids(house.desk.work(ANI).waiting_for_desk) == [free]


def test_an_answer_that_failed_is_seen_behind_any_number_that_wait() -> None:
    house = with_a_complaint()
    many(house, 120)
    (failed,) = many(house, 1, status=Status.ANSWERED, send_failed=True)
    assert ids(house.desk.work(ANI).undelivered) == [failed]


def test_two_desks_of_one_person_show_fifty_together() -> None:
    both = member("dua", Role.WHATSAPP_ADMIN, acting_for=(Role.SECTION_HEAD,))
    house = with_a_complaint(*EVERYBODY, both)
    at_first = many(house, 40)
    many(house, 40, holder_role=Role.SECTION_HEAD)
    work = house.desk.work(both)
    assert len(work.waiting_for_desk) == 50
    assert set(at_first) <= set(ids(work.waiting_for_desk))


# What they may do


def test_what_is_offered_is_what_is_possible_with_the_desks_that_they_cover() -> None:
    house = with_a_complaint()
    assert set(house.desk.possible(ANI, house.complaint)) == {ActName.RECEIVE, ActName.SETTLE, ActName.FORWARD}
    assert set(house.desk.possible(CITRA, house.complaint)) == {ActName.RECEIVE}
    assert house.desk.possible(GANI, house.complaint) == ()
    vacant = with_a_complaint(*without(ANI, BUDI))
    everything = {ActName.RECEIVE, ActName.SETTLE, ActName.FORWARD}
    assert set(vacant.desk.possible(CITRA, vacant.complaint)) == everything
    assert set(vacant.desk.possible(EKO, vacant.complaint)) == {ActName.RECEIVE}


class Counting(InMemoryStaffList):
    """A staff list that knows how often the whole of it was read."""

    reads = 0

    def members(self) -> tuple[StaffMember, ...]:
        self.reads += 1
        return super().members()


@pytest.mark.parametrize("gone", [(), (ANI, BUDI), (ANI, BUDI, CITRA)], ids=len)
def test_for_a_whole_list_it_is_the_same_and_the_staff_list_is_read_once(gone: tuple[StaffMember, ...]) -> None:
    staff = Counting(*without(*gone))
    house = FullHouse(store=InMemoryStore(staff))
    house.hear(SET_FORMAT, "ADUAN BARU", SET_FORMAT)
    house.do(ActName.RECEIVE, EKO)
    complaints = house.complaints
    for who in without(*gone):
        alone = {c.id: house.desk.possible(who, c) for c in complaints}
        staff.reads = 0
        assert house.desk.possible_among(who, complaints) == alone
        assert staff.reads == (who.role in (Role.SECTION_HEAD, Role.DIVISION_HEAD, Role.AGENCY_HEAD))


def test_for_an_empty_list_nothing_is_read() -> None:
    staff = Counting(*EVERYBODY)
    house = FullHouse(store=InMemoryStore(staff))
    assert house.desk.possible_among(EKO, []) == {}
    assert staff.reads == 0


def test_what_somebody_holds_is_judged_by_their_own_roles() -> None:
    house = with_a_complaint(*without(ANI, BUDI))
    house.do(ActName.RECEIVE, CITRA)
    assert house.complaint.holder == CITRA.email
    assert ActName.SETTLE in house.desk.possible(CITRA, house.complaint)


# What they may see, and look for


def test_the_file_of_a_complaint_has_all_that_its_page_shows() -> None:
    house = with_a_complaint()
    house.do(ActName.RECEIVE, ANI)
    loaded = house.desk.open(house.complaint.id)

    file = house.desk.file(loaded)

    assert (file.complaint, file.citizen) == (house.complaint, house.citizen)
    assert file.events == house.desk.events(loaded) == house.store.record[house.complaint.id]
    assert [message.text for message in file.conversation.inbound] == [SET_FORMAT]
    assert len(file.conversation.outbound) == 1


def test_of_a_record_the_part_before_an_event_can_be_seen() -> None:
    house = with_a_complaint()
    house.do(ActName.RECEIVE, ANI)
    loaded = house.desk.open(house.complaint.id)
    record = house.store.record[house.complaint.id]
    earlier = tuple(event for event in record if event.seq < record[-1].seq)

    assert earlier
    assert house.desk.events(loaded, record[-1].seq) == earlier
    assert house.desk.file(loaded, Window(events=record[-1].seq)).events == earlier


def test_a_complaint_whose_citizen_is_gone_still_has_a_file() -> None:
    house = with_a_complaint()
    loaded = house.desk.open(house.complaint.id)
    gone = replace(loaded, value=loaded.value.model_copy(update={"citizen": "nobody"}))
    assert house.desk.file(gone).citizen is None


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("ADU-261124-23456", "261124-23456"),
        ("adu-261124-abcde", "261124-ABCDE"),
        ("D-261124-23456", "261124-23456"),
        ("d-261124-abcde", "261124-ABCDE"),
    ],
)
def test_an_address_leads_to_its_complaint_however_it_is_written(address: str, found: str) -> None:
    assert complaint_id(address) == found


@pytest.mark.parametrize("address", ["", "261124-23456", "X-261124-23456", "ADU261124"])
def test_any_other_address_leads_nowhere(address: str) -> None:
    with pytest.raises(Unknown) as unknown:
        complaint_id(address)
    assert unknown.value.args == (address,)


def test_a_number_a_nik_or_a_phone_number_is_looked_for_and_nothing_else() -> None:
    house = with_a_complaint()
    desk, store = house.desk, house.store
    assert desk.lookup(" adu-261124-abcde ") == "261124-ABCDE"
    assert desk.lookup(" 3402 0141 0790 0001 ") == Filters(found_by=store.lookup_hashes("nik", NIK))
    assert desk.lookup("0812-3456-7890") == Filters(found_by=store.lookup_hashes("phone", "+6281234567890"))
    with pytest.raises(Unknown) as unknown:
        desk.lookup(" Siti Aminah ")
    assert unknown.value.args == (" Siti Aminah ",)


@pytest.mark.parametrize("wanted", [NIK, "+6281234567890"])
def test_what_was_looked_for_is_found(wanted: str) -> None:
    house = with_a_complaint()
    filters = house.desk.lookup(wanted)
    assert isinstance(filters, Filters)
    assert [c.id for c in house.desk.listed(filters, None).items] == [house.complaint.id]


def test_a_person_who_holds_two_roles_has_the_work_of_both_desks_once() -> None:
    both: StaffMember = member("rangkap", Role.WHATSAPP_ADMIN, acting_for=(Role.SECTION_HEAD,))
    house = with_a_complaint(*EVERYBODY, both)
    house.wait(1).hear("ADUAN BARU", SET_FORMAT)
    first, second = house.complaints
    house.wait(1).do(ActName.FORWARD, ANI)
    assert ids(house.desk.work(both).waiting_for_desk) == [first.id, second.id]


# What it costs, and what it leaves alone


def test_a_draft_is_registered_by_the_desk_in_its_citizens_name() -> None:
    house = full_house()
    house.hear("Selamat pagi", "KTP")
    house.ring()
    with pytest.raises(WrongField):
        house.desk.act(ANI, house.complaint.id, ActName.REGISTER, house.given(category="passport", description="x"))
    given = house.given(category="family_card", description="KK saya salah ketik.")
    after = house.desk.act(ANI, house.complaint.id, ActName.REGISTER, given).value
    assert (after.status, after.category, after.description) == (Status.OPEN, "family_card", "KK saya salah ketik.")


def test_an_act_that_asks_nothing_leads_no_message_elsewhere() -> None:
    house = with_a_complaint()
    first = house.complaint
    house.hear("ADUAN BARU")
    second = house.complaint.id
    house.desk.act(ANI, first.id, ActName.RECEIVE, house.given(version=first.version))
    assert house.citizen.current == second


@pytest.mark.parametrize("who", [ANI, GANI], ids=lambda who: who.name)
def test_for_whoever_covers_no_desk_the_staff_list_is_not_read(who: StaffMember) -> None:
    staff = Counting(*EVERYBODY)
    house = FullHouse(store=InMemoryStore(staff))
    house.hear(SET_FORMAT)
    house.do(ActName.FORWARD, BUDI)
    staff.reads = 0
    with pytest.raises((NotNow, NeverAllowed)):
        house.do(ActName.RESPOND, who)
    house.desk.possible(who, house.complaint)
    assert staff.reads == 0


def test_for_what_somebody_holds_themselves_the_staff_list_is_not_read() -> None:
    staff = Counting(*EVERYBODY)
    house = FullHouse(store=InMemoryStore(staff))
    house.hear(SET_FORMAT)
    house.do(ActName.FORWARD, ANI)
    house.do(ActName.TAKE_OVER, CITRA)
    staff.reads = 0
    assert ActName.RESPOND in house.desk.possible(CITRA, house.complaint)
    assert staff.reads == 0


def put(house: FullHouse, complaint: Complaint) -> None:
    """Let it stand otherwise."""
    loaded = house.store.complaint(complaint.id) or house.store.complaint(house.complaint.id)
    assert loaded is not None
    house.store.complaints.put(complaint.id, replace(loaded, value=complaint))


def test_what_waits_for_its_citizen_and_whose_holder_is_gone_comes_last() -> None:
    house, (first, second, third) = three()
    put(house, first.model_copy(update={"status": Status.WAITING, "due_at": None, "holder": "gone@office.test"}))
    put(house, second.model_copy(update={"due_at": house.clock.now + timedelta(hours=2)}))
    assert ids(house.desk.work(ANI).waiting_for_desk) == [third.id, second.id, first.id]


def test_what_is_at_no_step_is_in_nobodys_hands() -> None:
    house = with_a_complaint()
    put(house, house.complaint.model_copy(update={"holder": ANI.email, "step": None}))
    assert house.desk.work(ANI).held == ()
    put(house, house.complaint.model_copy(update={"holder": ANI.email, "step": 3}))
    assert len(house.desk.work(ANI).held) == 1


def test_what_is_wanted_is_found_behind_a_page_of_what_is_not() -> None:
    house = with_a_complaint()
    one = house.complaint
    role = Role.SECTION_HEAD
    for number in range(130):
        unit = "civil_registration" if number >= 115 else "population_registration"
        due = house.clock.now + timedelta(minutes=number)
        moved = {"id": f"261124-{number:05}", "unit": unit, "due_at": due, "holder_role": role, "step": 4}
        put(house, one.model_copy(update=moved))
    assert ids(house.desk.work(DODI).waiting_for_desk) == [f"261124-{number:05}" for number in range(115, 130)]


@pytest.mark.parametrize("what", ["another complaint", "another act", "another request"])
def test_whoever_may_never_do_it_is_answered_as_done_only_for_the_very_act_that_they_did(what: str) -> None:
    staff = InMemoryStaffList(*EVERYBODY)
    house = FullHouse(store=InMemoryStore(staff))
    house.hear(SET_FORMAT, "ADUAN BARU", SET_FORMAT)
    first, second = house.complaints
    given = house.given(version=first.version)
    house.desk.act(ANI, first.id, ActName.RECEIVE, given)
    moved = ANI.model_copy(update={"role": Role.DATABASE_ADMIN})

    assert house.desk.act(moved, first.id, ActName.RECEIVE, given).value.id == first.id
    other = house.given(version=first.version) if what == "another request" else given
    complaint = second.id if what == "another complaint" else first.id
    act = ActName.TAKE_OVER if what == "another act" else ActName.RECEIVE
    with pytest.raises(NeverAllowed):
        house.desk.act(moved, complaint, act, other)


def test_a_draft_that_is_registered_as_it_was_shown_keeps_its_numbers() -> None:
    house = full_house()
    house.hear("KK saya 3402010101080002 salah, telepon suami 0812 3456 7890")
    house.ring()
    shown = "KK warga 3402••••••••••02 salah, telepon suami 0812••••••90"
    given = house.given(category="family_card", description=shown)
    after = house.desk.act(ANI, house.complaint.id, ActName.REGISTER, given).value
    assert after.description == "KK warga 3402010101080002 salah, telepon suami 0812 3456 7890"
