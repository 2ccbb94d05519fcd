"""The office keeps the procedure, whatever comes in whatever order."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from infra.local.firestore import FirestoreEmulator
from tests.model.acts import ACTS
from tests.model.case import BUDGET
from tests.model.ladder import LADDER, REMINDED_OF_APPROVAL
from tests.model.machine import drive
from tests.model.office import Office
from tests.model.tally import Tally

LONG = "long"
STEPS_OF_THE_LONG_FORM = 20_000
STEPS_OF_AN_EXAMPLE = 100
EXAMPLES_OF_THE_LONG_FORM, EXAMPLES_OF_THE_SHORT_FORM = 330, 16
ROUNDS_OF_THE_SHORT_FORM = 6
"""At most: what chance draws follows from every constant of the code, and one round may miss a rare act."""

ALARMS = {
    "reminder", "escalation", "total", "wait_limit", "daily", "approval daily",
    *(f"rung {rung} of step {step}" for step, ladder in LADDER.items() for rung in range(1, len(ladder) + 1)),
    *(f"approval {rung}" for rung in range(1, len(REMINDED_OF_APPROVAL) + 1)),
}  # fmt: skip


def is_long() -> bool:
    return settings.get_current_profile_name() == LONG


def _missing(tally: Tally) -> set[str]:
    """What a run must have seen: every act, every step, and a complaint at its end."""
    steps = {f"step {step}" for step in BUDGET if not tally.entered[step]}
    return {act for act in ACTS if not tally.acts[act]} | steps | ({"closed"} - set(tally.ends))


def test_an_office_driven_at_random_keeps_the_procedure(
    firestore_emulator: FirestoreEmulator, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = Tally()
    how = settings(
        max_examples=EXAMPLES_OF_THE_LONG_FORM if is_long() else EXAMPLES_OF_THE_SHORT_FORM,
        stateful_step_count=STEPS_OF_AN_EXAMPLE,
        suppress_health_check=list(HealthCheck),
    )
    for seed in (None,) if is_long() else range(ROUNDS_OF_THE_SHORT_FORM):
        drive(Office, firestore_emulator.host, tally, how, seed)
        if not _missing(tally):
            break
    with capsys.disabled():
        print(f"\n{tally.told()}")  # noqa: T201 - the figures of a run are to be read
    if folder := os.environ.get("ADUAN_PROMISES"):
        tally.write(Path(folder))
    assert (tally.lost, tally.doubled) == (0, 0)
    assert _missing(tally) == set(), "never happened"
    if is_long():
        assert tally.total >= STEPS_OF_THE_LONG_FORM
        assert {alarm for alarm in ALARMS if not tally.rang[alarm]} == set(), "an alarm never rang"
        assert {news for news in ("delivered", "closed", "send_failed") if not tally.sent[news]} == set()
