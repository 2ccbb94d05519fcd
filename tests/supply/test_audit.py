"""No package has a known hole; and where nobody can be asked, that is said, and no deployment goes on without."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.architecture.tree import TOP
from tests.infra_local.receiver import Answer, Received, Receiver
from tests.supply.__main__ import verdict
from tests.supply.audit import Broken, Found, Judged, NotReached, found_in, judged
from tests.supply.exceptions import LONGEST, Exceptions, Hole
from tests.supply.locks import versions
from tests.supply.notes import Notes
from tests.supply.scanning import Secret

FLASK = {"flask": "3.1.3", "jinja2": "3.1.6"}
TODAY = date(2026, 11, 25)
A_HOLE = Found("flask", "3.1.3", ("PYSEC-1", "CVE-1"), ("3.1.4",))
LET_BE = Hole(
    id="CVE-1", package="flask", since=TODAY, until=TODAY + timedelta(days=30), why="Only on a system that is not ours."
)


@pytest.fixture
def osv() -> Iterator[Receiver]:
    """A service that knows one hole, in Flask."""
    with Receiver() as service:
        service.answer = _knows_flask
        yield service


def _knows_flask(asked: Received) -> Answer:
    query = json.loads(asked.body)
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.1.4"}]}]
    affected = [{"package": {"name": "flask", "ecosystem": "PyPI"}, "ranges": ranges}]
    hole = {"id": "PYSEC-1", "aliases": ["CVE-1"], "summary": "x", "affected": affected}
    knows = query["package"]["name"] == "flask" and query["version"] == "3.1.3"
    return Answer(body=json.dumps({"vulns": [hole]} if knows else {}).encode())


def test_no_package_has_a_known_hole_or_it_is_said_that_nobody_could_be_asked(notes: Notes) -> None:
    pinned, exceptions = versions(), Exceptions.read().hole
    try:
        outcome = judged(found_in(pinned), exceptions, len(pinned), datetime.now(UTC).date())
    except NotReached as reason:
        notes.not_checked(f"known holes of {len(pinned)} packages ({reason}). `make audit` where there is a network")
        return
    assert [str(hole) for hole in outcome.open] == []
    assert outcome.idle == (), "exceptions that nothing needs, or whose day is over"
    notes.checked(f"known holes of {len(pinned)} packages: {len(outcome.excepted)} excepted")


def test_every_package_of_every_list_is_asked_for_by_name_and_version(osv: Receiver) -> None:
    pinned = versions()
    assert found_in(pinned | FLASK, osv.url) == (A_HOLE,)
    asked = [json.loads(request.body) for request in osv.requests]
    assert {query["package"]["name"]: query["version"] for query in asked} == pinned | FLASK


def test_nothing_is_deployed_that_was_not_audited() -> None:
    checks = (TOP / "infra" / "release" / "checks.yaml").read_text("utf-8").split("\n  - id: ")[1:]
    audit = next(step for step in checks if step.startswith("audit\n"))
    assert ".venv/bin/python -m tests.supply\n" in audit
    assert "allowFailure" not in audit
    steps = (TOP / "cloudbuild.yaml").read_text("utf-8").split("\n  - id: ")[1:]
    by_id = {step.partition("\n")[0]: step for step in steps}
    assert "infra/release/checks.yaml" in by_id["check"]
    assert "waitFor: [check]" in by_id["deploy"]


def test_a_service_that_refuses_is_no_clean_bill(osv: Receiver) -> None:
    osv.answer = lambda _: Answer(503)
    with pytest.raises(NotReached):
        found_in(FLASK, osv.url)


def test_a_service_that_is_not_there_is_no_clean_bill() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    with pytest.raises(NotReached):
        found_in(FLASK, url)


def test_pip_audit_that_fails_by_itself_is_no_want_of_an_answer(osv: Receiver) -> None:
    with pytest.raises(Broken):
        found_in({"flask": "no version"}, osv.url)


A_SECRET = Secret("Secret Keyword", "x.py:1", "0000 0000 0000 0000")


@pytest.mark.parametrize(
    ("holes", "secrets", "code", "says"),
    [
        (judged([], [], 1, TODAY), [], 0, ""),
        (judged([A_HOLE], [], 1, TODAY), [], 1, "HOLE: flask 3.1.3: PYSEC-1, CVE-1, mended in 3.1.4"),
        (judged([A_HOLE], [LET_BE], 1, TODAY), [], 0, ""),
        (judged([], [LET_BE], 1, TODAY), [], 1, "EXCEPTION"),
        (judged([], [], 1, TODAY), [A_SECRET], 1, "SECRET: x.py:1"),
        (None, [], 2, ""),
        (None, [A_SECRET], 1, "SECRET: x.py:1"),
    ],
)
def test_make_audit_ends_with_0_only_where_all_was_asked_and_nothing_found(
    holes: Judged | None, secrets: list[Secret], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verdict(holes, secrets) == code
    assert says in capsys.readouterr().err


# Exceptions


def test_a_hole_is_open_until_it_is_excepted_by_any_of_its_names() -> None:
    assert judged([A_HOLE], [], 1, TODAY).open == (A_HOLE,)
    outcome = judged([A_HOLE], [LET_BE], 1, TODAY)
    assert (outcome.open, outcome.excepted, outcome.is_clean) == ((), (A_HOLE,), True)


@pytest.mark.parametrize(
    ("hole", "exception", "today"),
    [
        (replace(A_HOLE, package="jinja2"), LET_BE, TODAY),
        (replace(A_HOLE, ids=("PYSEC-2",)), LET_BE, TODAY),
        (A_HOLE, LET_BE, TODAY - timedelta(days=1)),
        (A_HOLE, LET_BE, LET_BE.until + timedelta(days=1)),
    ],
    ids=["another package", "another hole", "before its day", "after its last day"],
)
def test_an_exception_excepts_one_hole_of_one_package_for_its_time(hole: Found, exception: Hole, today: date) -> None:
    outcome = judged([hole], [exception], 1, today)
    assert (outcome.open, outcome.idle) == ((hole,), (exception,))


def test_an_exception_that_nothing_needs_is_to_go() -> None:
    outcome = judged([], [LET_BE], 1, TODAY)
    assert (outcome.idle, outcome.is_clean) == ((LET_BE,), False)


@pytest.mark.parametrize(
    ("entry", "right"),
    [
        ('since = 2026-11-25\nuntil = 2027-01-01\nwhy = "Only on a system that is not ours."', True),
        ('until = 2027-01-01\nwhy = "Only on a system that is not ours."', False),
        ('since = 2026-11-25\nwhy = "Only on a system that is not ours."', False),
        ("since = 2026-11-25\nuntil = 2027-01-01", False),
        ('since = 2026-11-25\nuntil = 2027-01-01\nwhy = "later"', False),
        (f"since = 2026-11-25\nuntil = {TODAY + LONGEST}\nwhy = 'Only on a system that is not ours.'", True),
        (f"since = 2026-11-25\nuntil = {TODAY + LONGEST + timedelta(days=1)}\nwhy = 'Only on another system.'", False),
    ],
)
def test_an_exception_needs_its_day_its_end_and_its_reason(tmp_path: Path, entry: str, right: bool) -> None:
    file = tmp_path / "exceptions.toml"
    file.write_text(f'[[hole]]\nid = "CVE-1"\npackage = "flask"\n{entry}\n', "utf-8")
    if right:
        assert len(Exceptions.read(file).hole) == 1
    else:
        with pytest.raises(ValidationError):
            Exceptions.read(file)
