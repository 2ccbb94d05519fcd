"""Logs are as in production, and say nothing: the cases are made to be logged as errors."""

from collections.abc import Iterator

import pytest
import structlog

from tests.fuzz.grounds import Ground, in_memory


def _nothing(_logger: object, _method: str, _event: object) -> dict[str, object]:
    raise structlog.DropEvent


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(processors=[_nothing])
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def memory() -> Ground:
    """The real handler, over a Firestore in memory."""
    return in_memory()
