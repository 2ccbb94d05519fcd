"""What the reader of an office's files says is wrong, and on which line."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator

from aduan.procedure.office_file import KeyPath, Misplaced, OfficeFileError, parse, read


class Table(BaseModel):
    """As the office's models are."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Remind(Table):
    """One member of a union."""

    kind: Literal["remind"]
    about: str


class Alert(Table):
    """The other member of it."""

    kind: Literal["alert"]
    roles: tuple[str, ...]


class Way(Table):
    """A table in a table in a list."""

    to: str
    when: str = ""


class Step(Table):
    """A table in a list."""

    code: str
    minutes: int = Field(gt=0)
    ways: tuple[Way, ...] = ()
    leads: dict[str, str] = {}
    overrun: Annotated[Remind | Alert, Field(discriminator="kind")] | None = None
    since: str = Field(default="", alias="from")


class Instruction(Table):
    """The whole file, with a check across its tables."""

    name: str
    steps: tuple[Step, ...] = ()
    limits: dict[str, int] = {}

    @model_validator(mode="after")
    def _ways_lead_to_steps(self) -> Self:
        codes = {step.code for step in self.steps}
        for index, step in enumerate(self.steps):
            for number, way in enumerate(step.ways):
                if way.to not in codes:
                    raise Misplaced(("steps", index, "ways", number, "to"), f"leads to no step '{way.to}'")
            for outcome, code in step.leads.items():
                if code not in codes:
                    raise Misplaced(("steps", index, "leads", outcome), f"leads to no step '{code}'")
        return self


RIGHT = '''\
# the first line
name = "Aduan"

[limits]
"a.b" = 1

[[steps]]
code = "submit"   # [[steps]]
minutes = 10
from = """
[[steps]]
minutes = 0 \\"""
"""

[[steps.ways]]
to = "receive"

[[steps.ways]]
when = "x = [1, \\" #"
to = "submit"

[[steps]]
code = "receive"
minutes = 30
leads.verified = "submit"
ways = [
  { to = "submit" },
  { when = 'a, "b"', to = "receive" },
]

[steps.overrun]
kind = "alert"
roles = [
  "a",
  "b", "c",
]
'''


def problems(text: str) -> list[str]:
    with pytest.raises(OfficeFileError) as refused:
        parse(text, name="procedure.toml", model=Instruction)
    return str(refused.value).splitlines()


def test_a_right_file_becomes_its_model() -> None:
    instruction = parse(RIGHT, name="procedure.toml", model=Instruction)
    assert [step.code for step in instruction.steps] == ["submit", "receive"]
    assert instruction.steps[0].since == '[[steps]]\nminutes = 0 """\n'


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("# the first line\nname", "# here\nnom", "name: is missing"),
        ('name = "Aduan"', "name = 5 # here", "name: must be a valid string (found 5)"),
        ('"a.b" = 1', '"a.b" = "x" # here', "limits.a.b: must be a valid integer, unable to parse string as"),
        ("minutes = 10", "minutes = 0 # here", "steps[0].minutes: must be greater than 0 (found 0)"),
        ("minutes = 10", "minutes = [] # here", "steps[0].minutes: must be a valid integer (found [])"),
        ("minutes = 30", "minutes = 0 # here", "steps[1].minutes: must be greater than 0 (found 0)"),
        ('[[steps]]\ncode = "receive"', "[[steps]] # here", "steps[1].code: is missing"),
        ('to = "receive"', "to = {} # here", "steps[0].ways[0].to: must be a valid string (found a table)"),
        ('to = "submit"', 'to = "x" # here', "steps[0].ways[1].to: leads to no step 'x'"),
        ('verified = "submit"', 'verified = "x" # here', "steps[1].leads.verified: leads to no step 'x'"),
        ('to = "receive" }', 'to = "x" } # here', "steps[1].ways[1].to: leads to no step 'x'"),
        ('{ to = "submit" }', "5 # here\n", "steps[1].ways[0]: must be a table (found 5)"),
        ('"b", "c"', '"b", 7 # here\n', "steps[1].overrun.roles[2]: must be a valid string (found 7)"),
        ("roles = [", 'roles = "a" # here\nx = [', 'steps[1].overrun.roles: must be a list (found "a")'),
        ('[steps.overrun]\nkind = "alert"', "[steps.overrun] # here", "steps[1].overrun: "),
        ("minutes = 30", "minute = 30 # here", "steps[1].minute: is not a key that belongs here (allowed: "),
    ],
)
def test_a_problem_names_its_line_and_its_key_and_what_was_expected_and_found(
    right: str, wrong: str, message: str
) -> None:
    assert right in RIGHT
    text = RIGHT.replace(right, wrong, 1)
    line = text[: text.index("# here")].count("\n") + 1
    assert any(said.startswith(f"procedure.toml, line {line}: {message}") for said in problems(text))


def test_an_unknown_key_is_told_which_keys_are_allowed_where_it_stands() -> None:
    for wrong, allowed in [
        ("[limits]", "steps, name, limits"),
        ("minutes = 30", "code, minutes, ways, leads, overrun, from"),
        ('when = "x = [1, \\" #"', "to, when"),
    ]:
        text = RIGHT.replace(wrong, f"nonsense = 1\n{wrong}", 1)
        (said,) = problems(text)
        assert said.endswith(f"(allowed: {', '.join(sorted(allowed.split(', ')))})")


def test_several_problems_are_told_one_a_line_in_the_order_of_the_file() -> None:
    text = RIGHT.replace("minutes = 10", "minutes = -1").replace("minutes = 30", "minutes = 0")
    assert problems(text.replace('"a.b" = 1', '"a.b" = [1]')) == [
        "procedure.toml, line 5: limits.a.b: must be a valid integer (found [1])",
        "procedure.toml, line 9: steps[0].minutes: must be greater than 0 (found -1)",
        "procedure.toml, line 24: steps[1].minutes: must be greater than 0 (found 0)",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = 1\nsteps = x\n", "line 2: is not valid TOML near column 9: Invalid value"),
        ("name = 1\nname = 2\n", "line 2: is not valid TOML near column 9: Cannot overwrite a value"),
        ("name = 1\n\n[steps", "line 3: is not valid TOML: Expected ']' at the end of a table declaration"),
        ("name = 1\nday = 2026-02-30\n", "line 2: is not valid TOML near column 7: Invalid date or datetime"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_with_the_line(text: str, message: str) -> None:
    assert problems(text)[0].startswith(f"procedure.toml, {message}")


def test_a_long_wrong_value_is_cut() -> None:
    (said,) = problems(RIGHT.replace("minutes = 10", f"minutes = '{'9' * 5000}x'", 1))
    assert len(said) < 200


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_table_key_and_item_is_found_on_the_line_where_it_stands(tmp_path: Path, newline: str) -> None:
    """A model that refuses everything makes each value of the file name its line, which must show its key."""

    class Refuses(BaseModel):
        @model_validator(mode="before")
        @classmethod
        def _misplace(cls, data: dict[str, object]) -> dict[str, object]:
            raise Misplaced(wanted, f"not one of {len(data)} keys is right")

    file = tmp_path / "any.toml"
    file.write_bytes(RIGHT.replace("\n", newline).encode())
    lines = RIGHT.splitlines()
    for wanted, value in leaves(tomllib.loads(RIGHT)):
        with pytest.raises(OfficeFileError) as refused:
            read(file, Refuses)
        shown = lines[int(str(refused.value).split("line ")[1].split(":")[0]) - 1]
        assert str(wanted[-1] if isinstance(wanted[-1], str) else value) in shown


def leaves(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from leaves(below, (*path, index))
    else:
        yield path, value


def test_a_file_saved_by_notepad_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "procedure.toml"
    file.write_bytes(b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n").encode())
    assert read(file, Instruction).name == "Aduan"


def test_a_file_in_another_encoding_is_refused_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "procedure.toml"
    file.write_bytes('# satu\nname = "café"\n'.encode("latin-1"))
    with pytest.raises(OfficeFileError, match=r"^procedure\.toml, line 2: must be saved as UTF-8 text$"):
        read(file, Instruction)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OfficeFileError, match=r"^none\.toml: cannot be read: No such file or directory$"):
        read(tmp_path / "none.toml", Instruction)
