"""What every test can ask for: the Firestore emulator, a project of its own in it, and a client."""

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from infra.local.firestore import FirestoreEmulator

if TYPE_CHECKING:
    from google.cloud import firestore
    from playwright.sync_api import Browser

# Refusals: no test is skipped, expected to fail, tried again or quietly left out.
pytest_plugins = ["tests.refusals", "pytester"]

# Short: the same examples every time, so that an unrelated change never meets a new failure.
# Long (`pytest --hypothesis-profile=long`): new examples every time, to find it.
settings.register_profile("short", max_examples=50, derandomize=True, deadline=None)
settings.register_profile("long", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile("short")


@pytest.fixture(scope="session")
def firestore_emulator() -> Iterator[FirestoreEmulator]:
    """One emulator for the whole run, empty at its start."""
    with FirestoreEmulator() as emulator:
        yield emulator


@pytest.fixture
def project_id() -> str:
    """A project that no other test writes to."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def firestore_client(firestore_emulator: FirestoreEmulator, project_id: str) -> "Iterator[firestore.Client]":
    """A client of the emulator, in this test's project."""
    # Half a second, which the pure tests do not pay.
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415 - see above
    from google.cloud import firestore  # noqa: PLC0415 - see above

    with pytest.MonkeyPatch.context() as environment:
        # The client has no argument for an emulator, and reads the variable only while it is made.
        environment.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.host)
        client = firestore.Client(project=project_id, credentials=AnonymousCredentials())
    yield client
    client.close()


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """One Chromium for the whole run: Playwright starts once in a process."""
    from tests.browser.launching import launched  # noqa: PLC0415 - most tests need no browser

    with launched() as chrome:
        yield chrome
