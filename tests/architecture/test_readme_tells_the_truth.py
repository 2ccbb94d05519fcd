"""What the README shows of the procedure and the settings is what the code has."""

import re

import pytest

from aduan.procedure.definition import Procedure
from aduan.procedure.office_file import read
from infra.local.readme import PROCEDURE, README, mermaid, rewritten, sections, table

BANTUL = read(PROCEDURE, Procedure)
MAKE_ANEW = "python -m infra.local.readme"


@pytest.mark.parametrize("name", ["procedure:picture", "procedure:table", "settings:table"])
def test_the_readme_shows_what_the_files_say(name: str) -> None:
    found = re.findall(rf"<!-- {name} -->\n(.*?)\n?<!-- /{name} -->", README.read_text("utf-8"), re.DOTALL)
    assert found == [sections(BANTUL)[name]], f"README.md has drifted; make it anew with: {MAKE_ANEW}"


def test_a_file_that_changes_changes_the_readme() -> None:
    total = BANTUL.total.model_copy(update={"minutes": 170})
    changed = BANTUL.model_copy(update={"total": total})
    readme = README.read_text("utf-8")

    assert rewritten(readme, BANTUL) == readme
    assert "**170**" in rewritten(readme, changed)


def test_a_readme_without_its_marks_is_not_passed_over() -> None:
    with pytest.raises(LookupError, match="procedure:picture"):
        rewritten("# Aduan\n", BANTUL)


def test_the_picture_shows_every_step_every_way_and_every_escalation() -> None:
    picture = mermaid(BANTUL)
    for step in BANTUL.steps:
        assert f"{step.number} {step.code}<br/>" in picture
        for outcome, target in step.leads.items():
            assert f"    {step.code} -- {outcome} --> {target}\n" in picture
        assert (f"    {step.code} -. " in picture) == (step.overrun.escalate_to is not None or step.number == 8)
        assert (f"    {step.code}_late[" in picture) == (step.overrun.escalate_to is None)


def test_the_table_has_a_row_for_each_step_and_its_total() -> None:
    rows = table(BANTUL).splitlines()
    assert [row.split(" | ")[0] for row in rows[2:]] == [*(f"| {step.number}" for step in BANTUL.steps), "| "]
    assert {row.count("|") for row in rows} == {9}
    assert "| **160** |" in rows[-1]
