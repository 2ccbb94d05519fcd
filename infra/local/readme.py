"""Makes what the README shows of the code: the procedure's picture (Mermaid) and table, and the settings.

`python -m infra.local.readme` rewrites the README's marked sections; a test says when they have drifted.
"""

from collections.abc import Mapping
from pathlib import Path

from aduan.procedure.definition import CLOSED, Procedure, Step
from aduan.procedure.events import EventType
from aduan.procedure.office_file import read
from aduan.procedure.roles import Role
from aduan.settings import SETTINGS, USED_BY

TOP = Path(__file__).resolve().parents[2]
README = TOP / "README.md"
PROCEDURE = TOP / "functions" / "aduan" / "offices" / "bantul" / "procedure.toml"


def mermaid(procedure: Procedure) -> str:
    """A flowchart: steps with actor and minutes, their ways, escalations dashed, ladders as notes."""
    lines = ["flowchart TD"]
    lines += [f"    {step.code}{_box(procedure, step)}" for step in procedure.steps]
    lines += ['    closed(["closed, once approved"])']
    for step in procedure.steps:
        lines += [f"    {step.code} -- {outcome} --> {target}" for outcome, target in step.leads.items()]
        if step.overrun.escalate_to:
            late = f"after {step.standard.minutes}: escalated"
            lines.append(f'    {step.code} -. "{late}" .-> {step.overrun.escalate_to}')
    lines.append(f"    {_answered(procedure)} -. refused .-> {procedure.approval.refused_to}")
    lines += [line for step in procedure.steps for line in _note(procedure, step)]
    lines.append("    classDef note fill:none,stroke-dasharray:2 4")
    return "\n".join(lines)


def _box(procedure: Procedure, step: Step) -> str:
    text = f"{step.number} {step.code}<br/>{procedure.titles[step.actor]}, {step.standard.minutes} minutes"
    return f'(["{text}"])' if step.actor is Role.COMPLAINANT else f'["{text}"]'


def _answered(procedure: Procedure) -> str:
    """The step that stands between the answer and the end."""
    return next(step.leads[EventType.ANSWERED] for step in procedure.steps if EventType.ANSWERED in step.leads)


def _note(procedure: Procedure, step: Step) -> list[str]:
    """What happens at a step that overruns and stays where it is, as a box beside it."""
    if step.overrun.escalate_to:
        return []
    said = _overrun(procedure, step, "<br/>")
    return [f'    {step.code}_late["{said}"]:::note', f"    {step.code} -.- {step.code}_late"]


def _overrun(procedure: Procedure, step: Step, then: str) -> str:
    """What the end of a step's minutes brings about, in words."""
    overrun, minutes = step.overrun, step.standard.minutes
    if overrun.remind_complainant:
        return f"after {minutes}: the complainant is reminded"
    if overrun.escalate_to:
        return f"after {minutes}: escalates to {overrun.escalate_to}"
    told = [f"after {minutes * number}: {procedure.named(rung)}" for number, rung in enumerate(overrun.rungs, start=1)]
    daily = [f"then daily: {procedure.named(overrun.daily)}"] if overrun.daily else []
    return then.join([*told, *daily])


def table(procedure: Procedure) -> str:
    """The instruction's table in Markdown, with what leads where and what an overrun brings about."""
    head = ("no", "step", "actor", "requirements", "minutes", "output", "leads to", "when the minutes end (ours)")
    rows = [_row(procedure, step) for step in procedure.steps]
    total = ("", "**Total Waktu**", "", "", f"**{procedure.total.minutes}**", "", "", _total(procedure))
    return "\n".join(_line(cells) for cells in (head, ("---",) * len(head), *rows, total))


def _row(procedure: Procedure, step: Step) -> tuple[str, ...]:
    ends = [f"{outcome} → {_number(procedure, target)}" for outcome, target in step.leads.items()]
    overrun = step.overrun
    if overrun.escalate_to:
        late = f"escalates → {_number(procedure, overrun.escalate_to)}"
    else:
        late = _overrun(procedure, step, "; ")
    standard = step.standard
    requirements, minutes, output = standard.requirements, str(standard.minutes), standard.output
    name = f"`{step.code}`<br>{step.name}"
    actor = procedure.titles[step.actor]
    return str(step.number), name, actor, requirements, minutes, output, "<br>".join(ends), late


def _number(procedure: Procedure, code: str) -> str:
    return CLOSED if code == CLOSED else str(procedure.coded(code).number)


def _total(procedure: Procedure) -> str:
    return f"not yet answered: {procedure.named(procedure.total.alert)}, once"


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def settings_table() -> str:
    """Every setting: what it means, what holds without it, who asks for it."""
    head = ("name", "meaning", "default", "used by")
    users = {
        setting.name: [f"`{target}`" for target, used in USED_BY.items() if setting in used] for setting in SETTINGS
    }
    everybody = len(USED_BY)
    rows = [
        (
            f"`{setting.name}`",
            setting.meaning,
            setting.default.words,
            "all" if len(users[setting.name]) == everybody else ", ".join(users[setting.name]),
        )
        for setting in SETTINGS
    ]
    return "\n".join(_line(cells) for cells in (head, ("---",) * len(head), *rows))


def sections(procedure: Procedure) -> Mapping[str, str]:
    """What stands between the marks of each name."""
    return {
        "procedure:picture": f"```mermaid\n{mermaid(procedure)}\n```",
        "procedure:table": table(procedure),
        "settings:table": settings_table(),
    }


def rewritten(readme: str, procedure: Procedure) -> str:
    """The README with its marked sections made anew. Raises `LookupError` where a mark is missing."""
    for name, text in sections(procedure).items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if readme.count(start) != 1 or readme.count(end) != 1:
            raise LookupError(f"README.md must hold <!-- {name} --> and its end, once")
        before, rest = readme.split(start)
        readme = f"{before}{start}{text}\n{end}{rest.split(end)[1]}"
    return readme


def main() -> None:
    """Rewrite the README."""
    readme = README.read_text("utf-8")
    README.write_text(rewritten(readme, read(PROCEDURE, Procedure)), "utf-8")


if __name__ == "__main__":
    main()
