"""A real browser, and one office a module that it looks at."""

import os
from collections.abc import Iterator

import pytest
import structlog
from playwright.sync_api import Browser

from infra.local.firestore import FirestoreEmulator
from tests.browser.place import Place, a_place


@pytest.fixture(autouse=True, scope="session")
def _firestore_host(firestore_emulator: FirestoreEmulator) -> Iterator[None]:
    """Google's client reads the emulator's address from the environment, whenever it is made."""
    before = os.environ.get("FIRESTORE_EMULATOR_HOST")
    os.environ["FIRESTORE_EMULATOR_HOST"] = firestore_emulator.host
    yield
    if before is None:
        del os.environ["FIRESTORE_EMULATOR_HOST"]


@pytest.fixture(autouse=True, scope="session")
def _logs_as_in_production() -> Iterator[None]:
    """One line of JSON an event, as in the cloud, where the default would draw a picture of every stack for seconds."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    )
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def place(firestore_emulator: FirestoreEmulator, browser: Browser) -> Iterator[Place]:
    """An office at nine on an ordinary Tuesday, behind the stand-in for Identity-Aware Proxy."""
    with a_place(firestore_emulator.host, browser) as place:
        yield place
