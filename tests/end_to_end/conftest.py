"""One world a test, on the emulator that all share."""

import os
from collections.abc import Iterator

import pytest
import structlog
from google.cloud import firestore

from aduan import logs
from infra.local.firestore import FirestoreEmulator
from tests.end_to_end.world import World, a_world


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
    structlog.configure(processors=logs.processors({}))
    yield
    structlog.reset_defaults()


@pytest.fixture
def world(
    firestore_emulator: FirestoreEmulator, project_id: str, firestore_client: firestore.Client
) -> Iterator[World]:
    """An office whose every minute counts, at nine on an ordinary Tuesday."""
    with a_world(firestore_emulator.host, project_id, firestore_client) as world:
        yield world
