"""Who may do which act, when: asked before every act of staff, and for the buttons on a page.

The order of refusals is the contract's: first what a role may never do, then what is not possible here and
now.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from aduan.procedure.acts import StaffAct
from aduan.procedure.complaint import Complaint, Status
from aduan.procedure.course import Course
from aduan.procedure.definition import ActName, Procedure
from aduan.procedure.errors import NeverAllowed, NotNow, OutOfDate
from aduan.procedure.roles import Actor, Role, above, at_least


class Turn(Enum):
    """Whose act it is."""

    DESK = auto()  # the holder's; anybody's at the step's desk while nobody holds it
    DESK_OR_ABOVE = auto()  # the desk's, or a rung's above it
    TAKER = auto()  # the same, but not the holder's own
    APPROVER = auto()  # of the rank that approves, or above, but never who drafted the answer as Admin WA
    DATABASE_ADMIN = auto()  # the ADB's, when it was asked


@dataclass(frozen=True)
class Rule:
    """One row of the table of acts."""

    statuses: frozenset[Status]
    turn: Turn
    perform: Callable[[Course, StaffAct], None]


def permit(procedure: Procedure, complaint: Complaint, act: StaffAct, rule: Rule) -> Role:
    """The role in which the person acts. Raises `NeverAllowed`, `OutOfDate` or `NotNow`."""
    actor = act.actor
    if not _ever(procedure, act.name, rule, actor):
        raise NeverAllowed("Peran Anda tidak berwenang melakukan tindakan ini.")
    if rule.turn is Turn.APPROVER and complaint.awaits_approval and _drafted(complaint, act):
        raise NeverAllowed("Jawaban ini Anda tulis sendiri. Persetujuan harus dari orang lain.")
    if act.version is not None and act.version != complaint.version:
        raise OutOfDate("Aduan ini sudah berubah sejak Anda membukanya. Periksa dulu, lalu ulangi.")
    if complaint.status not in rule.statuses:
        raise NotNow("Tindakan ini tidak bisa dilakukan pada keadaan aduan sekarang.")
    if not actor.serves(complaint.unit):
        raise NotNow("Aduan ini milik unit lain.")
    if rule.turn is Turn.APPROVER:
        return _approving_role(procedure, complaint, actor)
    return _role_at_step(procedure, complaint, act, rule)


def _ever(procedure: Procedure, name: ActName, rule: Rule, actor: Actor) -> bool:
    """Whether this role, or one that the person stands for, may ever do this act at some step."""
    if rule.turn is Turn.DATABASE_ADMIN:
        return Role.DATABASE_ADMIN in actor.roles
    if rule.turn is Turn.APPROVER:
        return bool(set(actor.roles) & set(at_least(procedure.approval.at_least)))
    allowed: set[Role] = set()
    for step in procedure.steps:
        if name in step.acts:
            allowed.add(step.holder_role)
            if rule.turn is Turn.DESK_OR_ABOVE or ActName.TAKE_OVER in step.acts:
                allowed.update(above(step.holder_role))
    return bool(allowed & {*actor.roles, *actor.covers})


def _drafted(complaint: Complaint, act: StaffAct) -> bool:
    answer = complaint.answer
    own_draft = answer is not None and answer.by == act.actor.email and answer.role is Role.WHATSAPP_ADMIN
    return act.name is ActName.APPROVE and own_draft


def _approving_role(procedure: Procedure, complaint: Complaint, actor: Actor) -> Role:
    if not complaint.awaits_approval:
        raise NotNow("Jawaban aduan ini tidak sedang menunggu persetujuan.")
    approvers = at_least(procedure.approval.at_least)
    return next(role for role in actor.roles if role in approvers)


def _role_at_step(procedure: Procedure, complaint: Complaint, act: StaffAct, rule: Rule) -> Role:
    if complaint.step is None or act.name not in procedure.step(complaint.step).acts:
        raise NotNow("Tindakan ini tidak ada pada tahap aduan sekarang.")
    if rule.turn is Turn.DATABASE_ADMIN:
        if complaint.data_check is None:
            raise NotNow("Tidak ada cek data yang sedang diminta untuk aduan ini.")
        return Role.DATABASE_ADMIN
    desk = procedure.step(complaint.step).holder_role
    _refuse_out_of_turn(procedure, complaint, act.actor, desk, rule.turn)
    return act.actor.role_at(desk)


def _refuse_out_of_turn(procedure: Procedure, complaint: Complaint, actor: Actor, desk: Role, turn: Turn) -> None:
    may_stand_here = actor.sits_at(desk) or actor.outranks(desk)
    if turn is Turn.TAKER:
        if complaint.holder == actor.email:
            raise NotNow("Aduan ini sudah Anda pegang.")
        if not may_stand_here:
            raise NotNow(f"Aduan ini ada di meja {procedure.titles[desk]}, di atas kewenangan Anda.")
        return
    if complaint.holder is not None:
        if complaint.holder != actor.email or not may_stand_here:
            raise NotNow(f"Aduan ini sedang dipegang oleh {complaint.holder}. Ambil alih dulu bila perlu.")
        return
    if not (actor.sits_at(desk) or (turn is Turn.DESK_OR_ABOVE and may_stand_here)):
        raise NotNow(f"Aduan ini menunggu {procedure.titles[desk]}.")
