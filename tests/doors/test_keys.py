"""Signing keys over HTTP, as the functions read them: asked for seldom, found when they turn, kept through outages."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from aduan.adapters.certificates import PAUSE, CertificateCache
from aduan.adapters.identity import IapIdentity
from infra.local.identity import LocalIdentity
from tests.doors.people import ADMIN, SCHEDULER_ACCOUNT
from tests.doors.premises import IAP_AUDIENCE, URLS, Premises
from tests.infra_local.receiver import Answer, Received, Receiver

HOUR = timedelta(hours=1)
FLOOD = 200


@dataclass
class KeyServer:
    """Google's, for both issuers, and a clock that a test moves."""

    receiver: Receiver
    issuer: LocalIdentity = field(default_factory=LocalIdentity)
    seconds: float = 1_000.0
    is_down: bool = False

    def answer(self, asked: Received) -> Answer:
        if self.is_down:
            return Answer(503)
        keys = self.issuer.oidc_certs() if asked.target == "/oidc/certs" else self.issuer.iap_certs()
        return Answer(200, [("Cache-Control", "max-age=3600")], json.dumps(keys).encode())

    @property
    def questions(self) -> int:
        return len(self.receiver.requests)

    def pass_time(self, span: timedelta) -> None:
        self.seconds += span.total_seconds()

    def cache(self, issuer: str) -> CertificateCache:
        return CertificateCache(f"{self.receiver.url}/{issuer}/certs", seconds=lambda: self.seconds)


@pytest.fixture
def keys() -> Iterator[KeyServer]:
    with Receiver() as receiver:
        server = KeyServer(receiver)
        receiver.answer = server.answer
        yield server


@pytest.fixture
def premises(keys: KeyServer, office: Premises) -> Premises:
    """An office that reads its keys there, by the clock of the test."""
    another = Premises(office.identity, keys.receiver.url)
    another.house.iap_identity = IapIdentity(keys.cache("iap"), IAP_AUDIENCE)
    another.house.oidc_certificates = keys.cache("oidc")
    return another


@pytest.fixture
def stranger(office: Premises) -> "Bearers":
    """Whose tokens are signed with keys that nobody publishes."""
    return Bearers.of(office.identity)


@dataclass(frozen=True)
class Bearers:
    """A member of staff and the scheduler, each with a token that one issuer signed."""

    staff: str
    scheduler: str

    @classmethod
    def of(cls, issuer: LocalIdentity) -> "Bearers":
        return cls(issuer.mint_iap(ADMIN.email, IAP_AUDIENCE), issuer.mint_oidc(SCHEDULER_ACCOUNT, URLS["sweep"]))

    def come(self, premises: Premises) -> list[int]:
        """What both doors answer."""
        staff = premises.ask("staff_portal", headers={"X-Goog-IAP-JWT-Assertion": self.staff})
        scheduler = premises.ask("sweep", "POST", headers={"Authorization": f"Bearer {self.scheduler}"})
        return [staff.status, scheduler.status]


IN, OUT = [200, 200], [401, 401]


def test_keys_are_asked_for_once_however_many_come(premises: Premises, keys: KeyServer) -> None:
    bearers = Bearers.of(keys.issuer)
    assert [bearers.come(premises) for _ in range(20)] == [IN] * 20
    assert keys.questions == 2  # one for each issuer


def test_a_key_that_turned_is_found_at_its_first_token_and_the_old_one_stays_good(
    premises: Premises, keys: KeyServer
) -> None:
    old = Bearers.of(keys.issuer)
    assert old.come(premises) == IN

    keys.issuer.rotate()
    keys.pass_time(PAUSE)
    assert Bearers.of(keys.issuer).come(premises) == IN
    assert old.come(premises) == IN
    assert keys.questions == 4


def test_a_key_that_was_withdrawn_is_good_no_longer_once_the_keys_are_read_again(
    premises: Premises, keys: KeyServer
) -> None:
    old = Bearers.of(keys.issuer)
    assert old.come(premises) == IN

    keys.issuer.rotate(overlap=False)
    keys.pass_time(HOUR)
    assert old.come(premises) == OUT


def test_a_flood_of_unknown_keys_asks_no_more_than_once_in_a_pause_and_shuts_nobody_out(
    premises: Premises, keys: KeyServer, stranger: Bearers
) -> None:
    known = Bearers.of(keys.issuer)
    assert known.come(premises) == IN
    for pauses in (1, 2, 3):
        keys.pass_time(PAUSE)
        assert all(stranger.come(premises) == OUT for _ in range(FLOOD // 3))
        assert known.come(premises) == IN
        assert keys.questions == 2 + 2 * pauses


@pytest.mark.parametrize("outage", [timedelta(minutes=5), HOUR, 24 * HOUR])
def test_an_outage_of_the_key_server_refuses_nobody_whose_key_is_known(
    premises: Premises, keys: KeyServer, stranger: Bearers, outage: timedelta
) -> None:
    known = Bearers.of(keys.issuer)
    assert known.come(premises) == IN

    keys.is_down = True
    keys.pass_time(outage)
    assert [known.come(premises) for _ in range(10)] == [IN] * 10
    assert stranger.come(premises) == OUT
    assert keys.questions <= 2 + 2

    keys.is_down = False
    keys.issuer.rotate()
    keys.pass_time(PAUSE)
    assert Bearers.of(keys.issuer).come(premises) == IN


def test_an_outage_at_the_start_lets_nobody_in_unproven_and_is_over_within_a_pause(
    premises: Premises, keys: KeyServer
) -> None:
    known, keys.is_down = Bearers.of(keys.issuer), True
    assert [known.come(premises) for _ in range(10)] == [OUT] * 10
    assert keys.questions == 2

    keys.is_down = False
    keys.pass_time(PAUSE)
    assert known.come(premises) == IN
