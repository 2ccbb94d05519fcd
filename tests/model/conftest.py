"""The emulator's address where Google's client looks for it, and no log lines for tens of thousands of steps."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from infra.local.firestore import FirestoreEmulator


@pytest.fixture(autouse=True, scope="session")
def _firestore_host(firestore_emulator: FirestoreEmulator) -> Iterator[None]:
    """Google's client reads the emulator's address from the environment, whenever it is made."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.host)
        yield


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()
