"""Who may do what: the contract's tables, once, as the tests read them.

A function, a route or an act that has no rule here fails the tests, and so does a rule of something that is gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol

from aduan.procedure.complaint import Complaint
from aduan.procedure.roles import RANKS, Role, above

LADDER = frozenset(RANKS)
SECTION_AND_ABOVE = LADDER - {Role.WHATSAPP_ADMIN}
UNMASK = "unmask"


class Person(Protocol):
    """Somebody on the staff list, active, as far as a rule asks."""

    @property
    def email(self) -> str: ...

    @property
    def roles(self) -> tuple[Role, ...]: ...

    @property
    def units(self) -> tuple[str, ...] | None: ...


# The functions (contract: 'Functions')


class Proof(StrEnum):
    """How a function knows its caller."""

    SIGNATURE = "X-Hub-Signature-256"
    ASSERTION = "the proxy's assertion, then the staff list"
    TASKS = "the tasks' service account, for this very address"
    SCHEDULER = "the scheduler's service account, for this very address"


@dataclass(frozen=True)
class Door:
    """One function: by which methods, and for whom. A handshake (GET) has a proof of its own."""

    methods: frozenset[str]
    proof: Proof


FUNCTIONS: Mapping[str, Door] = {
    "whatsapp_webhook": Door(frozenset({"GET", "POST"}), Proof.SIGNATURE),
    "staff_portal": Door(frozenset({"GET", "HEAD", "POST"}), Proof.ASSERTION),
    "sla_check": Door(frozenset({"POST"}), Proof.TASKS),
    "send_message": Door(frozenset({"POST"}), Proof.TASKS),
    "fetch_media": Door(frozenset({"POST"}), Proof.TASKS),
    "sweep": Door(frozenset({"POST"}), Proof.SCHEDULER),
}


# The portal's routes (contract: 'Staff portal')


class For(StrEnum):
    """For whom a route is."""

    EVERYBODY = "everybody: it says nothing about anybody"
    STAFF = "who is proven, listed and active"
    KEEPERS = "of these, the Kepala Dinas and the ADB, or who acts for them"
    ACTS = "of these, whom the table of acts names"


KEEPERS = frozenset({Role.AGENCY_HEAD, Role.DATABASE_ADMIN})

ROUTES: Mapping[tuple[str, str], For] = {
    ("GET", "/berkas/<digest>/<name>"): For.EVERYBODY,
    ("GET", "/"): For.STAFF,
    ("GET", "/aduan"): For.STAFF,
    ("POST", "/cari"): For.STAFF,
    ("GET", "/aduan/<number>"): For.STAFF,
    ("GET", "/aduan/<number>/lampiran/<file>"): For.STAFF,
    ("POST", "/aduan/<number>/<act>"): For.ACTS,
    ("GET", "/saluran"): For.STAFF,
    ("GET", "/petugas"): For.KEEPERS,
    ("GET", "/petugas/tambah"): For.KEEPERS,
    ("POST", "/petugas/tambah"): For.KEEPERS,
    ("GET", "/petugas/<email>"): For.KEEPERS,
    ("POST", "/petugas/<email>"): For.KEEPERS,
}


def may_enter(route: For, member: Person | None) -> bool:
    """Whether a route answers this person; `member` None: not proven, not listed or not active."""
    if route is For.EVERYBODY:
        return True
    if member is None:
        return False
    return route is not For.KEEPERS or not KEEPERS.isdisjoint(member.roles)


# The acts (contract: the table of acts, and what stands below it)


class Turn(StrEnum):
    """Whose act it is, of those whose role may do it."""

    DESK = "the holder; while nobody holds it, the step's desk"
    DESK_OR_ABOVE = "the same, or any rung above while nobody holds it"
    TAKER = "the step's desk or any rung above, but not the holder"
    APPROVER = "whoever may approve, but not what they drafted as Admin WA"
    ASKING = "as for the desk, but not while the ADB is asked already"
    DATABASE_ADMIN = "the ADB, while it is asked"
    ONLOOKER = "the desk that it stands before, or its holder; and the ADB, while it is asked"


@dataclass(frozen=True)
class Act:
    """A row of the table: at which steps, by which roles ever, and whose turn it has to be."""

    steps: frozenset[int]
    ever: frozenset[Role]
    turn: Turn


def _act(steps: set[int], ever: frozenset[Role] | set[Role], turn: Turn = Turn.DESK) -> Act:
    return Act(frozenset(steps), frozenset(ever), turn)


_ANYWHERE: set[int] = set()  # these turns do not ask for the step


ACTS: Mapping[str, Act] = {
    "register": _act({1}, {Role.WHATSAPP_ADMIN}),
    "dismiss": _act({1}, {Role.WHATSAPP_ADMIN}),
    "receive": _act({2}, LADDER, Turn.DESK_OR_ABOVE),
    "settle": _act({2, 3}, LADDER),  # above the Admin WA: whoever took it over
    "forward": _act({2, 3, 4}, LADDER),
    "verify": _act({4}, SECTION_AND_ABOVE),
    "respond": _act({4, 5, 6}, SECTION_AND_ABOVE),
    "answer": _act({7}, LADDER),
    "resend": _act({8}, {Role.WHATSAPP_ADMIN}),
    "approve": _act(_ANYWHERE, SECTION_AND_ABOVE, Turn.APPROVER),
    "refuse": _act(_ANYWHERE, SECTION_AND_ABOVE, Turn.APPROVER),
    "ask_complainant": _act({3, 4, 5, 6}, LADDER),
    "ask_database_admin": _act({3, 4, 5, 6}, LADDER, Turn.ASKING),
    "reply_data_check": _act({3, 4, 5, 6}, {Role.DATABASE_ADMIN}, Turn.DATABASE_ADMIN),
    "take_over": _act({3, 4, 5, 6, 7}, LADDER, Turn.TAKER),
    UNMASK: _act(_ANYWHERE, LADDER, Turn.ONLOOKER),
}
DESKS: Mapping[int, Role] = {
    1: Role.WHATSAPP_ADMIN,
    2: Role.WHATSAPP_ADMIN,
    3: Role.WHATSAPP_ADMIN,
    4: Role.SECTION_HEAD,
    5: Role.SECTION_HEAD,
    6: Role.DIVISION_HEAD,
    7: Role.WHATSAPP_ADMIN,
    8: Role.WHATSAPP_ADMIN,
}


def answer(name: str, member: Person | None, complaint: Complaint, vacant: frozenset[Role] = frozenset()) -> HTTPStatus:
    """What the contract answers to a whole and well-formed act of somebody who is proven to be somebody.

    `vacant`: the desks with nobody active in the complaint's unit; meanwhile the next rung that has somebody is
    'the step's desk' too.
    """
    rule = ACTS[name]
    if member is None:
        return HTTPStatus.FORBIDDEN
    desks = _desks(member, vacant)
    if _never(rule, name, member, desks, complaint):
        return HTTPStatus.FORBIDDEN
    in_unit = member.units is None or complaint.unit is None or complaint.unit in member.units
    return HTTPStatus.OK if in_unit and _is_turn(rule, member, desks, complaint) else HTTPStatus.CONFLICT


def _desks(member: Person, vacant: frozenset[Role]) -> frozenset[Role]:
    """The desks at which somebody sits: their own, those they act for, and the vacant ones that fall to them."""
    fallen = {desk for desk in vacant if (next_rung := _next_rung(desk, vacant)) and next_rung in member.roles}
    return frozenset({*member.roles, *fallen})


def _next_rung(desk: Role, vacant: frozenset[Role]) -> Role | None:
    return next((role for role in above(desk) if role not in vacant), None)


def _never(rule: Act, name: str, member: Person, desks: frozenset[Role], complaint: Complaint) -> bool:
    if rule.turn is Turn.ONLOOKER and complaint.data_check is not None and Role.DATABASE_ADMIN in member.roles:
        return False
    if not desks & rule.ever:
        return True
    draft = complaint.answer
    own = draft is not None and (draft.by, draft.role) == (member.email, Role.WHATSAPP_ADMIN)
    return name == "approve" and complaint.awaits_approval and own


def _is_turn(rule: Act, member: Person, desks: frozenset[Role], complaint: Complaint) -> bool:
    if rule.turn is Turn.APPROVER:
        return complaint.awaits_approval
    if rule.turn is Turn.ONLOOKER:
        return _may_look(member, desks, complaint)
    if complaint.step is None or complaint.step not in rule.steps:
        return False
    if rule.turn is Turn.DATABASE_ADMIN:
        return complaint.data_check is not None
    asks_again = rule.turn is Turn.ASKING and complaint.data_check is not None
    return not asks_again and _stands_there(rule.turn, member, desks, complaint, DESKS[complaint.step])


def _may_look(member: Person, desks: frozenset[Role], complaint: Complaint) -> bool:
    if complaint.data_check is not None and Role.DATABASE_ADMIN in member.roles:
        return True
    if complaint.holder is not None:
        return complaint.holder == member.email
    return complaint.holder_role in desks


def _stands_there(turn: Turn, member: Person, desks: frozenset[Role], complaint: Complaint, desk: Role) -> bool:
    at_desk, outranks = desk in desks, not set(above(desk)).isdisjoint(member.roles)
    if turn is Turn.TAKER:
        return complaint.holder != member.email and (at_desk or outranks)
    if complaint.holder is not None:
        return complaint.holder == member.email and (at_desk or outranks)
    return at_desk or (turn is Turn.DESK_OR_ABOVE and outranks)
