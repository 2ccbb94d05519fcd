"""The client and the server that it talks to, for the tests of WhatsApp's API."""

from collections.abc import Iterator

import pytest

from aduan.adapters.whatsapp_api import WhatsAppApi
from tests.adapters.whatsapp_samples import NUMBER_ID
from tests.adapters.whatsapp_server import ACCESS_KEY, QUICK, Answer, WhatsAppServer, whatsapp_server


@pytest.fixture(scope="module")
def running() -> Iterator[WhatsAppServer]:
    with whatsapp_server() as server:
        yield server


@pytest.fixture(scope="module")
def api(running: WhatsAppServer) -> Iterator[WhatsAppApi]:
    """One for all, as in the cloud: whatever one answer does to it, the next message goes out."""
    client = WhatsAppApi(running.base + "/", "v26.0", NUMBER_ID, ACCESS_KEY, QUICK)
    yield client
    client.close()


@pytest.fixture
def server(running: WhatsAppServer) -> WhatsAppServer:
    running.answer = Answer()
    running.requests.clear()
    return running


@pytest.fixture
def fresh(server: WhatsAppServer, api: WhatsAppApi) -> WhatsAppApi:
    """The client without a connection."""
    api.close()
    server.connections = 0
    return api
