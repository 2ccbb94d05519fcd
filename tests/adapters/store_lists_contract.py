"""What every `Store` promises of its lists, and every `StaffList`. Run on the real ones and on the fakes."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from aduan.procedure.complaint import Complaint, DataCheck, Status, Wait
from aduan.procedure.personal import Identifier
from aduan.procedure.roles import Role, StaffMember
from aduan.service.model import StaffChange
from aduan.service.ports import Conflict, DueAlarm, Filters, StaffList, Store
from tests.adapters.store_samples import T0, minutes, put

Promise = Callable[[Store], None]
StaffPromise = Callable[[StaffList], None]
PROMISES: list[Promise] = []
STAFF_PROMISES: list[StaffPromise] = []

KASI, ADMIN = "kasi@example.org", "admin@example.org"
HOUR = timedelta(hours=1)


def promise(test: Promise) -> Promise:
    """Have a test run on every store."""
    PROMISES.append(test)
    return test


def staff_promise(test: StaffPromise) -> StaffPromise:
    """Have a test run on every staff list."""
    STAFF_PROMISES.append(test)
    return test


def standing(name: str, due: float | None, **more: object) -> Complaint:
    """An open complaint at step 3, due some minutes after T0."""
    given = {
        "status": Status.OPEN,
        "step": 3,
        "holder_role": Role.WHATSAPP_ADMIN,
        "started_at": T0,
        "due_at": None if due is None else T0 + minutes(due),
        "rung_at": None if due is None else T0 + minutes(due),
    }
    return Complaint.model_validate({"id": name, "citizen": "c1", **given, **more})


def a_wait(limit: float) -> Wait:
    return Wait(
        since=T0,
        question="?",
        limit_at=T0 + minutes(limit),
        due_at=T0,
        step_left=None,
        rung_left=None,
        total_left=None,
    )


NIK, PHONE = Identifier(kind="nik", value="1"), Identifier(kind="phone", value="1")
SECTION = {"step": 4, "holder_role": Role.SECTION_HEAD}
ASKED = {"data_check": DataCheck(asked_by=KASI, at=T0)}
CLOSED = {"status": Status.CLOSED, "step": None, "holder_role": None}
A_HOUSE_FULL = (
    standing("A", 30),
    standing("B", 10, holder=ADMIN, identifiers=(NIK, PHONE)),
    standing("C", 20, **SECTION, started_at=T0 - HOUR),
    standing("D", 20, **SECTION, holder=KASI, **ASKED),
    standing("E", None, **SECTION, holder=KASI, status=Status.WAITING, wait=a_wait(15)),
    standing("F", 40, step=8, status=Status.ANSWERED, started_at=T0 - 2 * HOUR, identifiers=(PHONE,)),
    standing("G", 5, step=None, status=Status.ANSWERED, holder_role=Role.SECTION_HEAD),
    standing("H", None, **CLOSED, closed_at=T0 + HOUR, identifiers=(NIK,)),
    standing("I", None, **CLOSED, closed_at=T0 + 2 * HOUR, started_at=T0 - HOUR),
    standing("J", 1, step=1, status=Status.DRAFT),
    standing("K", 12, step=3, **ASKED, identifiers=(NIK,)),
)


def asked(store: Store, filters: Filters) -> Filters:
    """These filters, with the hashes of what is looked for in place of its kind."""
    hashes = (hashed for kind in filters.found_by for hashed in store.lookup_hashes(kind, "1"))
    return replace(filters, found_by=tuple(hashes))


def ids(store: Store, filters: Filters, limit: int = 50) -> str:
    return "".join(complaint.id for complaint in store.listed(asked(store, filters), None, limit).items)


def fill(store: Store) -> None:
    for complaint in A_HOUSE_FULL:
        put(store, complaint)


LISTS = (
    (Filters(), "GBKECDAFIH"),  # E is waiting until minute 15; C began before D
    (Filters(statuses=(Status.DRAFT,)), "J"),
    (Filters(statuses=(Status.OPEN, Status.CLOSED)), "BKCDAIH"),
    (Filters(step=4), "ECD"),
    (Filters(role=Role.SECTION_HEAD), "GECD"),
    (Filters(role=Role.DATABASE_ADMIN), "KD"),
    (Filters(check_open=True, step=4), "D"),
    (Filters(check_open=True, role=Role.WHATSAPP_ADMIN), "K"),
    (Filters(holder=KASI), "ED"),
    (Filters(holder=KASI, statuses=(Status.OPEN,)), "D"),
    (Filters(found_by=("nik",)), "BKH"),
    (Filters(found_by=("phone",), statuses=(Status.ANSWERED,)), "F"),
    (Filters(found_by=("unknown",)), ""),
    (Filters(late_at=T0 + minutes(20)), "GBK"),
    (Filters(late_at=T0 + minutes(20, 1)), "GBKCD"),
    (Filters(late_at=T0 + HOUR, statuses=(Status.WAITING, Status.CLOSED)), ""),
    (Filters(late_at=T0 + HOUR, statuses=(Status.WAITING, Status.CLOSED), holder=KASI), ""),
    (Filters(since=T0 - HOUR, until=T0), "CI"),
    (Filters(since=T0, step=4, role=Role.SECTION_HEAD), "ED"),
    (Filters(until=T0, late_at=T0 + HOUR), "CF"),
)


@promise
def a_list_has_what_is_asked_for_soonest_deadline_first_and_closed_ones_last(store: Store) -> None:
    fill(store)
    assert [(ids(store, filters), filters) for filters, _ in LISTS] == [(found, f) for f, found in LISTS]


@promise
def every_combination_of_filters_is_answered_by_its_own_words(store: Store) -> None:
    fill(store)
    order = ids(store, EVERYTHING)
    for filters in _combinations():
        assert ids(store, filters) == "".join(sorted(_expected(filters), key=order.index))


EVERYTHING = Filters(statuses=tuple(Status))


def _combinations() -> list[Filters]:
    """All pairs and more: each filter absent or given."""
    given: tuple[dict[str, object], ...] = (
        {"statuses": (Status.OPEN, Status.ANSWERED, Status.DRAFT)},
        {"step": 3},
        {"role": Role.WHATSAPP_ADMIN},
        {"holder": ADMIN},
        {"found_by": ("nik",)},
        {"late_at": T0 + minutes(20)},
        {"since": T0},
    )
    chosen = itertools.product((False, True), repeat=len(given))
    named = ([one for one, wanted in zip(given, row, strict=True) if wanted] for row in chosen)
    return [Filters(**{name: value for one in parts for name, value in one.items()}) for parts in named]  # type: ignore[arg-type]


def _expected(f: Filters) -> list[str]:
    shown = f.statuses or [status for status in Status if status is not Status.DRAFT]
    return [
        c.id
        for c in A_HOUSE_FULL
        if c.status in shown
        and f.step in {None, c.step}
        and f.role in {None, c.holder_role}
        and f.holder in {None, c.holder}
        and (not f.found_by or any(one.kind in f.found_by for one in c.identifiers))
        and (f.late_at is None or (c.due_at is not None and c.due_at < f.late_at))
        and (f.since is None or c.started_at >= f.since)
    ]


@promise
def the_pages_of_a_list_are_the_list(store: Store) -> None:
    fill(store)
    for filters in (Filters(), Filters(found_by=("nik",)), Filters(holder=KASI), Filters(since=T0 - HOUR)):
        for limit in (1, 2, 3, 10, 11):
            shown, cursor = "", None
            for _ in range(len(A_HOUSE_FULL) + 1):
                page = store.listed(asked(store, filters), cursor, limit)
                assert 0 < len(page.items) <= limit
                shown, cursor = shown + "".join(c.id for c in page.items), page.next
                if cursor is None:
                    break
            assert shown == ids(store, filters)


@promise
def a_page_goes_on_past_what_the_other_filters_leave_out(store: Store) -> None:
    for number in range(12):
        put(store, standing(f"L{number:02}", number, holder=KASI, step=3 if number < 9 else 4))
    page = store.listed(Filters(holder=KASI, step=4), None, 2)
    assert [complaint.id for complaint in page.items] == ["L09", "L10"]
    rest = store.listed(Filters(holder=KASI, step=4), page.next, 2)
    assert ([complaint.id for complaint in rest.items], rest.next) == (["L11"], None)


@promise
def a_cursor_that_was_not_made_here_is_refused(store: Store) -> None:
    fill(store)
    cursor = store.listed(Filters(), None, 2).next
    assert cursor is not None
    for foreign in ("", ".", "x", f"{cursor}x", f"x{cursor}", "é.ü"):
        with pytest.raises(ValueError, match="cursor"):
            store.listed(Filters(), foreign, 2)


@promise
def an_alarm_is_due_at_its_very_moment_oldest_first(store: Store) -> None:
    fill(store)
    due = store.due_alarms(T0 + minutes(12), 50)
    assert [complaint.id for complaint in due] == ["J", "G", "B", "K"]
    b = next(c for c in A_HOUSE_FULL if c.id == "B")
    assert b.alarm is not None
    assert due[2] == DueAlarm("B", b.alarm.at, b.number, b.unit)
    assert [complaint.id for complaint in store.due_alarms(T0 + minutes(12), 2)] == ["J", "G"]
    assert "E" in {complaint.id for complaint in store.due_alarms(T0 + minutes(15), 50)}


@promise
def only_what_stands_after_its_last_rung_is_listed_daily(store: Store) -> None:
    put(store, standing("A", 10, daily=True))
    put(store, standing("B", 5))
    put(store, standing("C", 11, daily=True))
    put(store, standing("D", 1, daily=True))
    assert [complaint.id for complaint in store.daily_due(T0 + minutes(10))] == ["D", "A"]


# The staff list

SITI = StaffMember(email=KASI, name="Siti", role=Role.SECTION_HEAD, active=True, units=("capil",))
BUDI = StaffMember(
    email=ADMIN, name="Budi", role=Role.WHATSAPP_ADMIN, acting_for=(Role.SECTION_HEAD, Role.DIVISION_HEAD)
)


def change_of(member: StaffMember, after_minutes: float) -> StaffChange:
    after: dict[str, object] = {"active": member.active}
    return StaffChange(
        at=T0 + minutes(after_minutes), by="kabid@example.org", email=member.email, before=None, after=after
    )


@staff_promise
def a_person_is_found_by_their_email_whatever_its_case(staff: StaffList) -> None:
    staff.save(SITI, change_of(SITI, 0))
    assert staff.member("Kasi@Example.org") == SITI
    assert staff.member("nobody@example.org") is None
    assert staff.member("a/b") is None


@staff_promise
def those_in_a_role_are_also_those_who_act_for_it(staff: StaffList) -> None:
    staff.save(SITI, change_of(SITI, 0))
    staff.save(BUDI, change_of(BUDI, 1))
    assert staff.members() == (BUDI, SITI)
    assert staff.at(Role.SECTION_HEAD) == (BUDI, SITI)
    assert staff.at(Role.DIVISION_HEAD) == (BUDI,)
    assert staff.at(Role.AGENCY_HEAD) == ()


@staff_promise
def every_change_of_the_list_is_kept_newest_first(staff: StaffList) -> None:
    staff.save(SITI, change_of(SITI, 0))
    gone = SITI.model_copy(update={"active": False, "units": None})
    staff.save(gone, change_of(gone, 1), staff.loaded(KASI).mark)
    assert staff.member(KASI) == gone
    assert staff.changes(10) == (change_of(gone, 1), change_of(SITI, 0))
    assert staff.changes(1) == (change_of(gone, 1),)


@staff_promise
def of_two_writers_of_one_row_the_second_conflicts_and_its_change_is_not_kept(staff: StaffList) -> None:
    staff.save(SITI, change_of(SITI, 0))
    found = staff.loaded("Kasi@Example.org")
    assert found.value == SITI
    gone = SITI.model_copy(update={"active": False})
    staff.save(gone, change_of(gone, 1), found.mark)
    with pytest.raises(Conflict):
        staff.save(SITI.model_copy(update={"whatsapp": "+6281100000001"}), change_of(SITI, 2), found.mark)
    assert staff.member(KASI) == gone
    assert staff.changes(10) == (change_of(gone, 1), change_of(SITI, 0))


@staff_promise
def of_two_who_add_one_person_the_second_conflicts(staff: StaffList) -> None:
    found = staff.loaded(KASI)
    assert (found.value, found.mark) == (None, None)
    staff.save(SITI, change_of(SITI, 0))
    with pytest.raises(Conflict):
        staff.save(SITI.model_copy(update={"name": "Another"}), change_of(SITI, 1), found.mark)
    assert staff.member(KASI) == SITI
