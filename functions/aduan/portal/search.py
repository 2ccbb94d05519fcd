"""The filters of the list, read from its address: all of them optional, each wrong one named."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from aduan.portal.addresses import complaint_at, is_address
from aduan.portal.reading import is_readable
from aduan.procedure.complaint import Complaint, Status
from aduan.procedure.definition import Procedure
from aduan.procedure.errors import WrongField
from aduan.procedure.roles import Role
from aduan.service.desk import Desk
from aduan.service.errors import Unknown
from aduan.service.ports import Filters, Page
from aduan.service.staffing import EMAIL_MOST, STAFF_ROLES

T = TypeVar("T")

_YEARS = range(2000, 2100)
_DAY = timedelta(days=1)
_MARK = re.compile(r"[0-9a-f]{64}(?:-[0-9a-f]{64}){0,9}")
"""The keyed hashes by which a NIK or phone is found: in an address they may stand, it may not."""

_SEARCHABLE = "Tulis nomor aduan, 16 angka NIK, atau nomor telepon."
FIELDS = ("q", "status", "step", "role", "holder", "from", "to", "late", "cursor")


class WrongFilter(ValueError):
    """One filter cannot be what was typed; says what it should be."""


@dataclass(frozen=True)
class Search:
    """What was asked for: filters, a number where one was looked for, and the page."""

    filters: Filters
    address: str | None = None
    cursor: str | None = None

    def run(self, desk: Desk) -> Page[Complaint]:
        """The complaints. Raises `WrongField` for a cursor that was not made here."""
        if self.address is not None:
            return self._one(desk, self.address)
        try:
            return desk.listed(self.filters, self.cursor)
        except ValueError as error:
            raise WrongField({"cursor": "Halaman ini tidak dikenal. Mulai lagi dari halaman pertama."}) from error

    def _one(self, desk: Desk, address: str) -> Page[Complaint]:
        try:
            complaint = complaint_at(desk, address).value
        except Unknown:
            return Page(())
        return Page((complaint,) if matches(complaint, self.filters) else ())


def matches(complaint: Complaint, filters: Filters) -> bool:
    """Whether one complaint, found by its number, is among what the other filters ask for."""
    if filters.role is Role.DATABASE_ADMIN:
        at_desk = complaint.data_check is not None
    else:
        at_desk = filters.role in {None, complaint.holder_role}
    due, since, until = filters.late_at, filters.since, filters.until
    return (
        complaint.status in (filters.statuses or set(Status) - {Status.DRAFT})
        and filters.step in {None, complaint.step}
        and at_desk
        and filters.holder in {None, complaint.holder}
        and (due is None or (complaint.due_at is not None and complaint.due_at < due))
        and (since is None or complaint.started_at >= since)
        and (until is None or complaint.started_at < until)
    )


def looked_up(desk: Desk, text: str) -> str | Filters:
    """A complaint's address, or the filter that finds a NIK, a phone, or the mark that stands for one in an address.

    Raises `WrongFilter`.
    """
    if is_address(text):
        return text
    if _MARK.fullmatch(text):
        return Filters(found_by=tuple(text.split("-")))
    try:
        found = desk.lookup(text)
    except Unknown as unknown:
        raise WrongFilter(_SEARCHABLE) from unknown
    if isinstance(found, str):  # it begins like a number, and is none
        raise WrongFilter(_SEARCHABLE)
    return found


def mark_of(filters: Filters) -> str:
    """What stands in an address for the NIK or phone that is looked for."""
    return "-".join(filters.found_by)


class SearchReader:
    """Reads one address's filters; collects what is wrong with them."""

    def __init__(self, given: Mapping[str, str], procedure: Procedure, zone: ZoneInfo) -> None:
        """`given` as typed: what is empty was not asked for."""
        self._given = {name: given.get(name, "").strip() for name in FIELDS}
        self._steps = {step.number for step in procedure.steps}
        self._zone = zone
        self._wrong: dict[str, str] = {}

    def read(self, desk: Desk, now: datetime) -> Search:
        """What is asked for. Raises `WrongField` naming each filter that is wrong."""
        first, last = self._one("from", self._day), self._one("to", self._day)
        if first and last and last < first:
            self._wrong["to"] = "Tanggal akhir harus sama dengan atau sesudah tanggal awal."
        filters = Filters(
            statuses=self._one("status", self._statuses) or (),
            step=self._one("step", self._step),
            role=self._one("role", self._role),
            holder=self._one("holder", self._holder),
            late_at=now if self._one("late", self._late) else None,
            since=self._midnight(first) if first else None,
            until=self._midnight(last + _DAY) if last else None,
        )
        search = self._looked_up(desk, replace(Search(filters), cursor=self._one("cursor", str)))
        if self._wrong:
            raise WrongField(self._wrong)
        return search

    def _one(self, name: str, read: Callable[[str], T]) -> T | None:
        """One filter's value, or None where it is not asked for or wrong."""
        text = self._given[name]
        if not text:
            return None
        if not is_readable(text):
            self._wrong[name] = "Ada huruf yang tidak terbaca. Mohon tulis ulang."
            return None
        try:
            return read(text)
        except WrongFilter as wrong:
            self._wrong[name] = str(wrong)
            return None

    def _looked_up(self, desk: Desk, search: Search) -> Search:
        def look(text: str) -> Search:
            found = looked_up(desk, text)
            if isinstance(found, str):
                return replace(search, address=found)
            return replace(search, filters=replace(search.filters, found_by=found.found_by))

        return self._one("q", look) or search

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    @staticmethod
    def _day(text: str) -> date:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if day.year not in _YEARS:
            raise WrongFilter("Tulis tanggal sebagai tahun-bulan-hari, misalnya 2026-11-24.")
        return day

    @staticmethod
    def _statuses(text: str) -> tuple[Status, ...]:
        if text not in set(Status):
            raise WrongFilter("Pilih status dari daftar.")
        return (Status(text),)

    def _step(self, text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() and len(text) == 1 else 0
        if number not in self._steps:
            raise WrongFilter("Pilih tahap dari daftar.")
        return number

    @staticmethod
    def _role(text: str) -> Role:
        if text not in STAFF_ROLES:
            raise WrongFilter("Pilih peran dari daftar.")
        return Role(text)

    @staticmethod
    def _holder(text: str) -> str:
        if len(text) > EMAIL_MOST or "@" not in text or not text.isprintable():
            raise WrongFilter("Tulis alamat email petugas.")
        return text.lower()

    @staticmethod
    def _late(text: str) -> bool:
        if text not in {"0", "1"}:
            raise WrongFilter("Harus 1 atau 0.")
        return text == "1"
