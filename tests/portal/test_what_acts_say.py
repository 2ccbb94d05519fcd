"""What the forms say of sending and approval is what happens: in every office, to whoever reads it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest

from aduan.portal.act_forms import FormMaker
from aduan.procedure.acts import StaffAct, Submit
from aduan.procedure.complaint import Complaint, Status
from aduan.procedure.definition import ActName, Procedure
from aduan.procedure.errors import NotNow
from aduan.procedure.office_file import read
from aduan.procedure.roles import Actor, Role, StaffMember
from aduan.procedure.workflow import Workflow
from tests.portal.html import Page
from tests.portal.scene import ADMIN, KASI, Scene
from tests.procedure.cases import APPROVED_FIRST, BANTUL, EVERY_MINUTE, FIELDS, FORM, OFFICES, Case

CONTOH = Workflow(read(OFFICES / "contoh" / "procedure.toml", Procedure), EVERY_MINUTE)


def member(role: Role, *acting_for: Role) -> StaffMember:
    names = "-".join((role, *acting_for))
    return StaffMember(email=f"{names}@kantor.test", name=names, role=role, acting_for=acting_for, active=True)


AN_ADMIN, A_SECTION, A_DIVISION = map(member, (Role.WHATSAPP_ADMIN, Role.SECTION_HEAD, Role.DIVISION_HEAD))
FOR_ADMIN, FOR_SECTION = (
    member(Role.SECTION_HEAD, Role.WHATSAPP_ADMIN), member(Role.WHATSAPP_ADMIN, Role.SECTION_HEAD),
)  # fmt: skip
Before = Sequence[tuple[ActName, StaffMember]]
RECEIVED, TAKEN = (ActName.RECEIVE, AN_ADMIN), (ActName.TAKE_OVER, A_SECTION)
FORWARDED, RESPONDED = (ActName.FORWARD, AN_ADMIN), (ActName.RESPOND, A_SECTION)

SENT_THEN_APPROVED = "Jawaban langsung dikirim ke pemohon, lalu menunggu persetujuan."
SENT_AND_APPROVED = "Jawaban langsung dikirim ke pemohon. Dengan ini Anda juga menyetujuinya."
APPROVED_THEN_SENT = "Jawaban diserahkan untuk disetujui dulu, baru dikirim ke pemohon."
HANDED_OVER = "Jawaban diserahkan untuk dikirim."
HANDED_OVER_AND_APPROVED = f"{HANDED_OVER} Dengan ini Anda juga menyetujuinya."
ANSWERED = "Jawaban dikirim ke pemohon lewat WhatsApp."
ANSWERED_AS_APPROVED = f"{ANSWERED} Bila isinya diubah, jawaban menunggu persetujuan lagi."
ANSWERED_UNCHANGED = f"{ANSWERED} Isinya harus tetap seperti yang disetujui."


@dataclass(frozen=True)
class Said:
    """In an office, after these acts, what an act's form says to somebody."""

    office: Workflow
    before: Before
    act: ActName
    by: StaffMember
    words: str


SAYINGS: Mapping[str, Said] = {
    "Bantul's Admin WA settles": Said(BANTUL, [RECEIVED], ActName.SETTLE, AN_ADMIN, SENT_THEN_APPROVED),
    "a section head for one settles": Said(BANTUL, [], ActName.SETTLE, FOR_ADMIN, SENT_THEN_APPROVED),
    "a section head settles": Said(BANTUL, [RECEIVED, TAKEN], ActName.SETTLE, A_SECTION, SENT_AND_APPROVED),
    "a section head responds": Said(BANTUL, [FORWARDED], ActName.RESPOND, A_SECTION, HANDED_OVER_AND_APPROVED),
    "who acts for one responds": Said(BANTUL, [FORWARDED], ActName.RESPOND, FOR_SECTION, HANDED_OVER_AND_APPROVED),
    "Bantul's Admin WA answers": Said(BANTUL, [FORWARDED, RESPONDED], ActName.ANSWER, AN_ADMIN, ANSWERED_AS_APPROVED),
    "a section head answers": Said(BANTUL, [FORWARDED, RESPONDED, TAKEN], ActName.ANSWER, A_SECTION, ANSWERED),
    "an Admin WA settles, approved first": Said(
        APPROVED_FIRST, [RECEIVED], ActName.SETTLE, AN_ADMIN, APPROVED_THEN_SENT
    ),
    "a section head settles, approved first": Said(
        APPROVED_FIRST, [RECEIVED, TAKEN], ActName.SETTLE, A_SECTION, SENT_AND_APPROVED
    ),
    "an Admin WA answers, approved first": Said(
        APPROVED_FIRST, [FORWARDED, RESPONDED], ActName.ANSWER, AN_ADMIN, ANSWERED_UNCHANGED
    ),
    "Contoh's Petugas settles": Said(CONTOH, [], ActName.SETTLE, AN_ADMIN, SENT_THEN_APPROVED),
    "Contoh's Kepala Regu settles": Said(CONTOH, [TAKEN], ActName.SETTLE, A_SECTION, SENT_THEN_APPROVED),
    "Contoh's Kepala Regu responds": Said(CONTOH, [FORWARDED], ActName.RESPOND, A_SECTION, HANDED_OVER),
    "Contoh's Manajer responds": Said(
        CONTOH, [FORWARDED, (ActName.TAKE_OVER, A_DIVISION)], ActName.RESPOND, A_DIVISION, HANDED_OVER_AND_APPROVED
    ),
    "Contoh's Petugas answers": Said(CONTOH, [FORWARDED, RESPONDED], ActName.ANSWER, AN_ADMIN, ANSWERED),
}

HOLDS: Mapping[str, Callable[[Complaint, StaffMember], bool]] = {
    "Anda juga menyetujuinya": lambda done, by: done.approved is not None and done.approved.email == by.email,
    "dikirim ke pemohon lewat": lambda done, _: done.status is Status.ANSWERED,
    "langsung dikirim": lambda done, _: done.status is Status.ANSWERED,
    "lalu menunggu persetujuan": lambda done, _: done.awaits_approval,
    "disetujui dulu": lambda done, _: (done.status, done.approved) == (Status.OPEN, None),
    "diserahkan untuk dikirim": lambda done, _: done.holder_role is Role.WHATSAPP_ADMIN,
}
"""What a form says of the act as it stands, and whether it came to be so."""


def led(office: Workflow, before: Before) -> Case:
    case = Case(office)
    case.do(Submit(form={**FORM, "service": office.procedure.services[0].code}))
    for act, by in before:
        case.staff(act, Actor.of(by))
    return case


@pytest.mark.parametrize("which", SAYINGS)
def test_what_is_said_follows_the_procedure_and_the_reader_and_comes_true(which: str) -> None:
    said = SAYINGS[which]
    case = led(said.office, said.before)

    words = FormMaker(said.office.procedure, case.complaint, said.by).form(said.act).explanation
    assert words == said.words

    case.staff(said.act, Actor.of(said.by))
    assert [phrase for phrase, holds in HOLDS.items() if phrase in words and not holds(case.complaint, said.by)] == []


@pytest.mark.parametrize("which", [which for which, said in SAYINGS.items() if said.act is ActName.ANSWER])
def test_what_is_said_of_a_changed_answer_comes_true(which: str) -> None:
    said = SAYINGS[which]
    case = led(said.office, said.before)
    changed = StaffAct(name=said.act, actor=Actor.of(said.by), answer=f"{FIELDS[said.act]['answer']} Terima kasih.")
    if said.words == ANSWERED_UNCHANGED:
        with pytest.raises(NotNow):
            case.do(changed)
        return

    done = case.do(changed).complaint

    assert done.status is Status.ANSWERED
    assert done.awaits_approval or said.words != ANSWERED_AS_APPROVED


def test_the_page_says_it_to_each_of_its_readers(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)
    assert SENT_THEN_APPROVED in Page(scene.get(f"/aduan/{number}", ADMIN).text).text

    scene.act(number, "take_over", KASI)
    assert SENT_AND_APPROVED in Page(scene.get(f"/aduan/{number}", KASI).text).text
