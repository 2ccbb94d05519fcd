"""Every exception to a rule says why it is one."""

import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import TOP, python_files

RUFF = TOP / ".ruff.toml"
NOQA = re.compile(r"#\s*(?:ruff:\s*)?noqa(?P<rules>:\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)?(?P<reason>.*)")
REASON = re.compile(r" - \S.{5,}")
A_RULE = re.compile(r'"[A-Z]+[0-9]*"')


def noqas(path: Path) -> Iterator[tuple[int, str]]:
    """Each comment of a file that silences ruff, and its line."""
    if "noqa" not in path.read_text("utf-8"):
        return
    with path.open("rb") as source:
        for token in tokenize.tokenize(source.readline):
            if token.type == tokenize.COMMENT and (found := NOQA.search(token.string)):
                yield token.start[0], found[0]


def is_explained(comment: str) -> bool:
    """Whether such a comment names its rules and says why."""
    found = NOQA.fullmatch(comment)
    return found is not None and found["rules"] is not None and REASON.match(found["reason"]) is not None


def unexplained(settings: str) -> list[str]:
    """The lines of ruff's settings that name an exception, without a comment on them or right above them.

    A comment counts for all the lines below it, as far as they name exceptions.
    """
    wrong, explained, inside = [], False, False
    for line in settings.splitlines():
        inside = (inside or line.startswith(("ignore = ", "[lint.per-file-ignores]"))) and line != "]"
        if not inside:
            continue
        above = line.strip().startswith("#")
        if A_RULE.search(line) and not (explained or "#" in line):
            wrong.append(line.strip())
        explained = above or (explained and bool(A_RULE.search(line)) and line.startswith('"'))
    return wrong


def test_every_line_that_ruff_is_to_pass_over_says_which_rule_and_why() -> None:
    found = {
        f"{path.relative_to(TOP)}:{line}": comment
        for path in python_files("functions", "infra", "tests")
        for line, comment in noqas(path)
    }
    assert {where: comment for where, comment in found.items() if not is_explained(comment)} == {}
    assert found


def test_every_exception_in_ruffs_settings_says_why() -> None:
    assert unexplained(RUFF.read_text("utf-8")) == []


def test_the_rules_of_security_are_on_and_nothing_turns_them_off_but_where_it_says_so() -> None:
    lint = tomllib.loads(RUFF.read_text("utf-8"))["lint"]
    assert "S" in lint["select"]
    assert [rule for rule in lint["ignore"] if rule.startswith("S") and rule[1:].isdigit()] == []
    ours = {where: rules for where, rules in lint["per-file-ignores"].items() if where.startswith("functions")}
    assert [rule for rules in ours.values() for rule in rules if rule.startswith("S")] == []
    assert list((TOP / "functions").rglob("*ruff.toml")) == []


@pytest.mark.parametrize(
    ("comment", "explained"),
    [
        ("# noqa", False),
        ("# noqa: S311", False),
        ("# noqa: S311 jitter, no secret", False),
        ("# noqa: S311 - ", False),
        ("# noqa: S311 - jitter, no secret", True),
        ("# noqa: S311, S105 - jitter, no secret", True),
        ("# ruff: noqa", False),
    ],
)
def test_a_comment_is_judged_by_its_reason(comment: str, explained: bool, tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text(f"x = 1  {comment}\n", "utf-8")
    assert [is_explained(found) for _, found in noqas(source)] == [explained]


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ('ignore = [\n    "S101",\n]', ['"S101",']),
        ('ignore = [\n    "S101", # tests\n]', []),
        ('ignore = [\n    # tests\n    "S101",\n    "S102",\n]', ['"S102",']),
        ('[lint.per-file-ignores]\n"a" = ["S101"]', ['"a" = ["S101"]']),
        ('[lint.per-file-ignores]\n# both\n"a" = ["S101"]\n"b" = ["S102"]', []),
        ('[lint.per-file-ignores]\n"a" = [\n    "S101", # tests\n    "S102",\n]', ['"S102",']),
        ('select = [\n    "S101",\n]', []),
    ],
)
def test_an_exception_is_judged_by_its_comment(settings: str, wrong: list[str]) -> None:
    assert unexplained(settings) == wrong
