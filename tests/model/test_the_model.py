"""The office keeps the procedure, whatever comes in whatever order."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from infra.local.firestore import FirestoreEmulator
from tests.model.acts import ACTS
from tests.model.machine import drive
from tests.model.office import Office
from tests.model.tally import Tally

LONG = "long"
STEPS_OF_THE_LONG_FORM = 20_000
STEPS_OF_AN_EXAMPLE = 100
EXAMPLES_OF_THE_LONG_FORM, EXAMPLES_OF_THE_SHORT_FORM = 330, 16


def is_long() -> bool:
    return settings.get_current_profile_name() == LONG


def test_an_office_driven_at_random_keeps_the_procedure(
    firestore_emulator: FirestoreEmulator, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = Tally()
    how = settings(
        max_examples=EXAMPLES_OF_THE_LONG_FORM if is_long() else EXAMPLES_OF_THE_SHORT_FORM,
        stateful_step_count=STEPS_OF_AN_EXAMPLE,
        suppress_health_check=list(HealthCheck),
    )
    drive(Office, firestore_emulator.host, tally, how)
    with capsys.disabled():
        print(f"\n{tally.told()}")  # noqa: T201 - the figures of a run are to be read
    if folder := os.environ.get("ADUAN_PROMISES"):
        tally.write(Path(folder))
    assert (tally.lost, tally.doubled) == (0, 0)
    if is_long():
        assert tally.total >= STEPS_OF_THE_LONG_FORM
        assert {act for act in ACTS if not tally.acts[act]} == set(), "an act never worked"
