"""Logs are as in production, and say nothing: the cases are made to be logged as errors."""

from collections.abc import Iterator

import pytest
import structlog

from tests.fuzz.grounds import Ground, in_memory
from tests.fuzz.workers import be_silent


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    be_silent()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def memory() -> Ground:
    """The real handler, over a Firestore in memory."""
    return in_memory()
