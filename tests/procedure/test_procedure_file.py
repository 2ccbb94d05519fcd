"""Bantul's file is the instruction, row by row; one that does not hang together is refused by its line."""

from collections.abc import Iterable
from typing import NamedTuple

import pytest

from aduan.procedure.definition import WALKS, ActName, Procedure
from aduan.procedure.events import EventType
from aduan.procedure.office_file import OfficeFileError, parse
from aduan.procedure.roles import RANKS, Role
from tests.procedure.cases import OFFICES, PROCEDURE

TEXT = (OFFICES / "bantul" / "procedure.toml").read_text("utf-8")


class Row(NamedTuple):
    """A row of the instruction's table, in its own words."""

    actor: str
    requirements: str
    minutes: int
    output: str
    ways: dict[str, str]


INSTRUCTION = {
    1: Row("Pemohon", "pengaduan via whatsapp", 10, "aduan permasalahan", {"submitted": "receive"}),
    2: Row("Admin WA", "permasalahan", 10, "aduan", {"received": "verify_admin"}),
    3: Row(
        "Admin WA",
        "data",
        30,
        "catatan tindak lanjut",
        {"verified": "answer", "forwarded": "verify_section"},
    ),
    4: Row(
        "Kepala Seksi",
        "data",
        30,
        "catatan tindak lanjut",
        {"verified": "respond_section", "forwarded": "respond_division"},
    ),
    5: Row("Kepala Seksi", "catatan tindak lanjut", 30, "catatan tindak lanjut", {"responded": "answer"}),
    6: Row("Kepala Bidang", "catatan tindak lanjut", 30, "catatan tindak lanjut", {"responded": "answer"}),
    7: Row("Admin WA", "catatan tindak lanjut", 10, "penyelesaian pengaduan", {"answered": "deliver"}),
    8: Row("Pemohon", "jawaban aduan", 10, "jawaban aduan", {"delivered": "closed"}),
}
"""IKMT-PIAK-01-06, 30 January 2023; the ways are its words 'jika dapat', 'jika tidak' and its arrows."""

OVERRUNS = {
    1: "remind",
    2: [["whatsapp_admin", "section_head"], ["division_head"], ["agency_head"]],
    3: "verify_section",
    4: "respond_division",
    5: [["division_head"], ["agency_head"]],
    6: [["agency_head"]],
    7: [["section_head"], ["division_head"], ["agency_head"]],
    8: [["whatsapp_admin"]],
}


@pytest.mark.parametrize("number", INSTRUCTION)
def test_a_step_is_its_row_of_the_instruction(number: int) -> None:
    step, row = PROCEDURE.step(number), INSTRUCTION[number]

    assert PROCEDURE.titles[step.actor] == row.actor
    assert step.standard.requirements.casefold() == row.requirements
    assert step.standard.minutes == row.minutes
    assert step.standard.output.casefold() == row.output
    assert row.ways.items() <= step.leads.items()
    assert set(step.leads) - set(row.ways) <= {"dismissed"}
    assert f"baris {number}" in step.source


def test_the_file_has_the_rows_of_the_instruction_and_no_other() -> None:
    assert [step.number for step in PROCEDURE.steps] == list(INSTRUCTION)
    assert PROCEDURE.total.minutes == 160 == sum(row.minutes for row in INSTRUCTION.values())


def test_at_least_a_section_head_approves() -> None:
    assert PROCEDURE.approval.at_least is Role.SECTION_HEAD


@pytest.mark.parametrize("number", OVERRUNS)
def test_what_an_overrun_brings_about_is_marked_as_ours(number: int) -> None:
    overrun = PROCEDURE.step(number).overrun
    rungs = [list(rung) for rung in overrun.rungs]

    assert OVERRUNS[number] == ("remind" if overrun.remind_complainant else overrun.escalate_to or rungs)
    assert overrun.source.startswith("ours: ")


def one_of(names: Iterable[str]) -> str:
    """A list of words as the reader gives it."""
    *most, last = (f"'{name!s}'" for name in names)
    return f"{', '.join(most)} or {last}"


STEPS = ", ".join(step.code for step in PROCEDURE.steps)

WRONG = {
    "a way to an unknown step": (
        'verified = "answer", forwarded = "verify_section"',
        'verified = "answers", forwarded = "verify_section"',
        f"steps[2].leads.verified: unknown step 'answers', expected one of {STEPS}",
    ),
    "a step that leads nowhere": (
        'leads = { answered = "deliver" }',
        "leads = {}",
        "steps[6].leads: the step leads nowhere: name at least one way on",
    ),
    "a way that is no event": (
        'leads = { answered = "deliver" }',
        'leads = { replied = "deliver" }',
        f'steps[6].leads.replied: must be {one_of(EventType)} (found "replied")',
    ),
    "minutes of zero": (
        'standard = { requirements = "Permasalahan", minutes = 10',
        'standard = { requirements = "Permasalahan", minutes = 0',
        "steps[1].standard.minutes: must be greater than 0 (found 0)",
    ),
    "minutes below zero": (
        'standard = { requirements = "Permasalahan", minutes = 10',
        'standard = { requirements = "Permasalahan", minutes = -10',
        "steps[1].standard.minutes: must be greater than 0 (found -10)",
    ),
    "a rung without a role": (
        'rungs = [["division_head"], ["agency_head"]]',
        'rungs = [["division_head"], []]',
        "steps[4].overrun.rungs[1]: must name at least one role (found [])",
    ),
    "a rung with an unknown role": (
        'rungs = [["agency_head"]]\n',
        'rungs = [["mayor"]]\n',
        f'steps[5].overrun.rungs[0][0]: must be {one_of(Role)} (found "mayor")',
    ),
    "a rung with the complainant": (
        'rungs = [["agency_head"]]\n',
        'rungs = [["complainant"]]\n',
        "steps[5].overrun.rungs[0][0]: a member of staff cannot have the role 'complainant' (found \"complainant\")",
    ),
    "an unknown actor": (
        'actor = "division_head"',
        'actor = "kabid"',
        f'steps[5].actor: must be {one_of(Role)} (found "kabid")',
    ),
    "an actor without a desk": (
        'actor = "division_head"',
        'actor = "database_admin"',
        f"steps[5].desk: a step of 'database_admin' needs a desk on the ladder ({', '.join(RANKS)})",
    ),
    "a total that does not add up": (
        "minutes = 160",
        "minutes = 150",
        "total.minutes: the steps add up to 160 minutes",
    ),
    "an unknown unit": (
        'name = "Akta kelahiran"\nunit = "civil_registration"',
        'name = "Akta kelahiran"\nunit = "births"',
        "services[5].unit: unknown unit 'births', expected one of population_registration, civil_registration",
    ),
    "a step's code twice": (
        'code = "verify_section"',
        'code = "verify_admin"',
        "steps[3].code: the code 'verify_admin' is used twice",
    ),
    "a service's code twice": (
        'code = "family_card"',
        'code = "identity_card"',
        "services[1].code: the code 'identity_card' is used twice",
    ),
    "a unit's code twice": (
        'code = "civil_registration"',
        'code = "population_registration"',
        "units[1].code: the code 'population_registration' is used twice",
    ),
    "a field's key twice": (
        'key = "nik"',
        'key = "name"',
        "form.fields[2].key: the key 'name' is used twice",
    ),
    "a form without a service": (
        'key = "service"',
        'key = "topic"',
        "form.fields: the form needs a field 'service' with check = 'service', and 'description' with check = 'text'",
    ),
    "a form that asks for no text": (
        'check = "text"',
        'check = "name"',
        "form.fields: the form needs a field 'service' with check = 'service', and 'description' with check = 'text'",
    ),
    "a label too long for a row": (
        'label = "NIK"',
        'label = "Nomor Induk Kependudukan Anda"',
        'form.fields[2].label: must have at most 24 characters (found "Nomor Induk Kependudukan Anda")',
    ),
    "a desk without a title": (
        'agency_head = "Kepala Dinas"\n',
        "",
        "titles: needs a title for agency_head",
    ),
    "two desks without a title": (
        'division_head = "Kepala Bidang"\nagency_head = "Kepala Dinas"\n',
        "",
        "titles: needs a title for division_head, agency_head",
    ),
    "an answer that nobody could send": (
        'at_least = "section_head"\nwhen = "after_sending"',
        'at_least = "division_head"\nwhen = "before_sending"',
        "steps[4].actor: with before_sending, who responds must be of the rank that approves, 'division_head'",
    ),
    "files kept longer than their messages": (
        "media = 365 ",
        "media = 366 ",
        "terms.media: files are kept no longer than their messages (365 days)",
    ),
    "messages kept longer than complaints": (
        "complaints = 730 ",
        "complaints = 364 ",
        "terms.messages: messages are kept no longer than complaints (364 days)",
    ),
    "a number out of order": (
        "number = 5",
        "number = 6",
        "steps[4].number: steps are numbered in order: expected 5",
    ),
    "a key that does not belong": (
        'code = "receive"\n',
        'code = "receive"\ncolour = "blue"\n',
        (
            "steps[1].colour: is not a key that belongs here "
            "(allowed: actor, acts, code, desk, leads, name, number, overrun, source, standard)"
        ),
    ),
    "a rule without its source": (
        'source = "ours: one alert"',
        'source = ""',
        'steps[7].overrun.source: must have at least 1 character (found "")',
    ),
    "an act that cannot end its step": (
        'acts = ["receive", "settle", "forward"]',
        'acts = ["receive", "respond", "forward"]',
        "steps[1].acts[1]: 'respond' ends steps by verified, responded: no such way leads on from here",
    ),
    "an act that stops half way": (
        'leads = { answered = "deliver" }\nacts = ["answer", "take_over"]',
        'leads = { forwarded = "deliver" }\nacts = ["take_over"]',
        "steps[1].acts[1]: 'settle' ends steps by received, verified, answered: no such way leads on from here",
    ),
    "an act that nobody knows": (
        'acts = ["receive", "settle", "forward"]',
        'acts = ["receive", "solve", "forward"]',
        f'steps[1].acts[1]: must be {one_of(ActName)} (found "solve")',
    ),
    "an escalation to an unknown step": (
        'escalate_to = "respond_division"',
        'escalate_to = "division"',
        f"steps[3].overrun.escalate_to: unknown step 'division', expected one of {STEPS}",
    ),
    "an escalation that leads backwards": (
        'escalate_to = "respond_division"',
        'escalate_to = "verify_admin"',
        "steps[3].overrun.escalate_to: 'verify_admin' is no later step of staff: an escalation leads onward",
    ),
    "an escalation in a ring": (
        'escalate_to = "respond_division"',
        'escalate_to  = "verify_section"',
        "steps[3].overrun.escalate_to: 'verify_section' is no later step of staff: an escalation leads onward",
    ),
    "an escalation to the citizen": (
        'escalate_to = "respond_division"',
        'escalate_to = "deliver"',
        "steps[3].overrun.escalate_to: 'deliver' is no later step of staff: an escalation leads onward",
    ),
    "an overrun of two kinds": (
        'escalate_to = "respond_division"',
        'escalate_to = "respond_division"\nrungs = [["agency_head"]]',
        "steps[3].overrun: an overrun is exactly one of remind_complainant, escalate_to, or rungs",
    ),
    "a daily list without rungs": (
        'escalate_to = "respond_division"',
        'escalate_to = "respond_division"\ndaily = ["agency_head"]',
        "steps[3].overrun.daily: only a step with rungs can be listed daily",
    ),
    "a reminder of the citizen at a later step": (
        'rungs = [["agency_head"]]\ndaily = ["division_head", "agency_head"]',
        "remind_complainant = true",
        "steps[5].overrun: the first step reminds the complainant, and no other: it runs on the citizen's own time",
    ),
    "a beginning without its way": (
        'leads = { submitted = "receive", dismissed = "closed" }\nacts = ["register", "dismiss"]',
        'leads = { submitted = "receive" }\nacts = ["register"]',
        "steps[0].leads: the first step needs the way 'dismissed'",
    ),
    "an answer that nobody delivers": (
        'leads = { answered = "deliver" }',
        'leads = { answered = "closed" }',
        "steps[6].leads.answered: must lead to a step of 'complainant' that leads on by delivered = 'closed' alone",
    ),
    "an answer that a step of staff delivers": (
        'leads = { answered = "deliver" }',
        'leads = { answered = "receive" }',
        "steps[6].leads.answered: must lead to a step of 'complainant' that leads on by delivered = 'closed' alone",
    ),
    "a delivery with another way out": (
        'leads = { delivered = "closed" }',
        'leads = { delivered = "closed", dismissed = "closed" }',
        "steps[6].leads.answered: must lead to a step of 'complainant' that leads on by delivered = 'closed' alone",
    ),
    "a key that does not belong to an overrun": (
        'source = "ours: one alert"',
        'source = "ours: one alert"\ncolour = "blue"',
        (
            "steps[7].overrun.colour: is not a key that belongs here (allowed: daily, escalate_to, "
            "remind_complainant, rungs, source)"
        ),
    ),
    "a refusal to an unknown step": (
        'refused_to = "verify_section"',
        'refused_to = "verify"',
        f"approval.refused_to: unknown step 'verify', expected one of {STEPS}",
    ),
    "a refusal to the citizen": (
        'refused_to = "verify_section"',
        'refused_to = "deliver"',
        "approval.refused_to: 'deliver' is no step of staff",
    ),
    "an approval beside the ladder": (
        'at_least = "section_head"',
        'at_least = "database_admin"',
        "approval.at_least: must be one of whatsapp_admin, section_head, division_head, agency_head",
    ),
}

LATER_REMINDER = '[steps.overrun]\nremind_complainant = true\nsource = "ours: the alert"'

ELSEWHERE = {
    "an actor without a desk": "[[steps]]\nnumber = 6",
    "a form that asks for no text": "[[form.fields]]",
    "a desk without a title": "[titles]",
    "two desks without a title": "[titles]",
    "messages kept longer than complaints": "messages = 365",
    "an answer that nobody could send": 'actor = "section_head"\nstandard = { requirements = "Catatan',
    "an act that stops half way": 'acts = ["receive", "settle", "forward"]',
    "a form without a service": "[[form.fields]]",
    "an overrun of two kinds": '[steps.overrun]\nescalate_to = "respond_division"\nrungs',
    "a daily list without rungs": 'daily = ["agency_head"]',
    "a reminder of the citizen at a later step": LATER_REMINDER,
    "a key that does not belong": "colour",
    "a key that does not belong to an overrun": "colour",
    "a delivery with another way out": 'leads = { answered = "deliver" }',
    "a service's code twice": 'code = "identity_card"\nname = "Kartu Keluarga"',
    "a step's code twice": 'code = "verify_admin"\nname = "Verifikasi oleh Kepala Seksi"',
    "a unit's code twice": 'code = "population_registration"\nname = "Pelayanan Pencatatan Sipil"',
    "a field's key twice": 'key = "name"\nlabel = "NIK"',
    "a number out of order": 'number = 6\ncode = "respond_section"',
    "a rule without its source": 'source = ""',
    "an unknown unit": 'unit = "births"',
}
"""Where the line that is told is not the first of the wrong text: a part of the file that begins on it."""


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_file_is_refused_with_its_line_and_what_was_expected(what: str) -> None:
    right, wrong, said = WRONG[what]
    text = TEXT.replace(right, wrong, 1)
    assert text != TEXT
    line = text.count("\n", 0, text.index(ELSEWHERE.get(what, wrong))) + 1

    assert refusal(text) == f"procedure.toml, line {line}: {said}"


def test_a_step_that_no_way_leads_to_is_refused() -> None:
    last = TEXT[TEXT.index("[[steps]]\nnumber = 8") :]
    lost = last.replace("number = 8", "number = 9").replace('"deliver"', '"lost"')
    text = TEXT.replace("minutes = 160", "minutes = 170") + "\n" + lost
    line = text.count("\n", 0, text.index("[[steps]]\nnumber = 9")) + 1

    assert refusal(text) == f"procedure.toml, line {line}: steps[8]: no way leads to the step 'lost'"


def test_where_a_settlement_is_approved_first_it_must_be_able_to_go_on_as_if_forwarded() -> None:
    """Steps without 'forwarded' may be settled, but only where a settlement goes out at once."""
    alone = TEXT.replace(
        'leads = { verified = "answer", forwarded = "verify_section" }', 'leads = { verified = "answer" }'
    )
    alone = alone.replace('acts = ["receive", "settle", "forward"]', 'acts = ["receive", "settle"]')
    alone = alone.replace('acts = ["settle", "forward", "ask', 'acts = ["settle", "ask')

    parse(alone, name="procedure.toml", model=Procedure)
    said = refusal(alone.replace('when = "after_sending"', 'when = "before_sending"'))

    assert "steps[1].acts[1]: 'settle' ends steps by received, verified, answered" in said


def refusal(text: str) -> str:
    """What the reader says of a file that it does not take."""
    with pytest.raises(OfficeFileError) as refused:
        parse(text, name="procedure.toml", model=Procedure)
    return str(refused.value)


@pytest.mark.parametrize("act", [act for act in ActName if act not in WALKS])
def test_an_act_that_ends_no_step_has_no_ways(act: ActName) -> None:
    assert all(step.ways(act) == () for step in PROCEDURE.steps)


def test_there_is_no_service_of_an_unknown_code() -> None:
    assert PROCEDURE.service("passport") is None
    assert [PROCEDURE.service(service.code) for service in PROCEDURE.services] == list(PROCEDURE.services)


def test_people_read_a_service_by_its_name_and_everything_else_as_it_was_written() -> None:
    fields = {field.key: field for field in PROCEDURE.form.fields}
    read = {key: PROCEDURE.worded(field, "identity_card") for key, field in fields.items()}
    assert read == dict.fromkeys(fields, "identity_card") | {"service": "KTP elektronik"}
    assert PROCEDURE.worded(fields["service"], "no service") == "no service"
