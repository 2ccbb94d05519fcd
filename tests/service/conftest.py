"""Log lines as in the cloud: for somebody at a terminal a picture of every stack would be drawn, for seconds."""

from collections.abc import Iterator

import pytest
import structlog

from aduan import logs


@pytest.fixture(autouse=True, scope="session")
def _logs_as_in_the_cloud() -> Iterator[None]:
    structlog.configure(processors=logs.processors({}))
    yield
    structlog.reset_defaults()
