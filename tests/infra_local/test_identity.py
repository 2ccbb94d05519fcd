"""Tokens of the local stand-in are what Google's own library accepts, and nothing else is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from google.auth import exceptions

from infra.local.identity import LocalIdentity, certs_app
from tests.infra_local.receiver import serving
from tests.infra_local.tokens import header, unverified, verified

OFFICER = "kasi@disdukcapil.example"
URL = "https://sla-check.example/"


@pytest.fixture(scope="module")
def identity() -> LocalIdentity:
    return LocalIdentity()


def test_an_oidc_token_verifies_and_says_what_cloud_tasks_says(identity: LocalIdentity) -> None:
    claims = verified(identity.mint_oidc(OFFICER, URL), identity.oidc_certs(), audience=URL)

    assert claims["iss"] == "https://accounts.google.com"
    assert claims["email"] == OFFICER
    assert claims["email_verified"] is True
    assert claims["exp"] - claims["iat"] == 3600
    assert header(identity.mint_oidc(OFFICER, URL))["alg"] == "RS256"


def test_an_iap_assertion_verifies_and_says_what_identity_aware_proxy_says(identity: LocalIdentity) -> None:
    claims = verified(identity.mint_iap(OFFICER, "/aud"), identity.iap_certs(), audience="/aud")

    assert claims["iss"] == "https://cloud.google.com/iap"
    assert claims["email"] == OFFICER
    assert claims["sub"].startswith("accounts.google.com:")
    assert claims["exp"] - claims["iat"] == 600
    assert header(identity.mint_iap(OFFICER, "/aud"))["alg"] == "ES256"


def test_the_two_issuers_keys_do_not_stand_for_each_other(identity: LocalIdentity) -> None:
    with pytest.raises(exceptions.MalformedError):
        verified(identity.mint_oidc(OFFICER, URL), identity.iap_certs())


def test_a_token_of_another_machine_is_refused(identity: LocalIdentity) -> None:
    certs = identity.oidc_certs()
    stranger = LocalIdentity().mint_oidc(OFFICER, URL)

    with pytest.raises(exceptions.MalformedError):
        verified(stranger, certs)


def test_a_claim_can_be_replaced_and_left_out(identity: LocalIdentity) -> None:
    token = identity.mint_oidc(OFFICER, URL, email_verified=False, sub=None)

    claims = verified(token, identity.oidc_certs())

    assert claims["email_verified"] is False
    assert "sub" not in claims


def test_the_times_come_from_the_given_clock() -> None:
    then = datetime(2020, 2, 1, tzinfo=UTC)
    identity = LocalIdentity(clock=lambda: then)

    token = identity.mint_iap(OFFICER, "/aud")

    assert unverified(token)["iat"] == then.timestamp()
    with pytest.raises(exceptions.InvalidValue, match="expired"):
        verified(token, identity.iap_certs())


def test_keys_in_a_folder_outlive_a_restart(tmp_path: Path) -> None:
    before = LocalIdentity(tmp_path / "keys")
    token = before.mint_oidc(OFFICER, URL)

    after = LocalIdentity(tmp_path / "keys")

    assert after.oidc_certs().keys() == before.oidc_certs().keys()
    assert after.iap_certs() == before.iap_certs()
    assert verified(token, after.oidc_certs())["email"] == OFFICER


def test_private_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    LocalIdentity(tmp_path / "keys")

    modes = {file.stat().st_mode & 0o777 for file in (tmp_path / "keys").iterdir()}
    assert modes == {0o600}


def test_after_a_rotation_the_new_key_signs_and_old_tokens_still_verify(tmp_path: Path) -> None:
    identity = LocalIdentity(tmp_path)
    old = identity.mint_iap(OFFICER, "/aud")

    identity.rotate()

    new = identity.mint_iap(OFFICER, "/aud")
    assert header(new)["kid"] != header(old)["kid"]
    for certs in (identity.iap_certs(), LocalIdentity(tmp_path).iap_certs()):
        assert verified(old, certs)["email"] == verified(new, certs)["email"]


def _rotate_twice(identity: LocalIdentity) -> None:
    identity.rotate()
    identity.rotate()


@pytest.mark.parametrize("retire", [lambda identity: identity.rotate(overlap=False), _rotate_twice])
def test_a_withdrawn_key_verifies_nothing(tmp_path: Path, retire: Callable[[LocalIdentity], None]) -> None:
    identity = LocalIdentity(tmp_path)
    old = identity.mint_oidc(OFFICER, URL)

    retire(identity)

    for certs in (identity.oidc_certs(), LocalIdentity(tmp_path).oidc_certs()):
        with pytest.raises(exceptions.MalformedError, match="not found"):
            verified(old, certs)


def test_a_reopened_folder_signs_with_the_newest_key(tmp_path: Path) -> None:
    identity = LocalIdentity(tmp_path)
    identity.rotate()

    again = LocalIdentity(tmp_path).mint_oidc(OFFICER, URL)

    assert header(again)["kid"] == header(identity.mint_oidc(OFFICER, URL))["kid"]


def test_the_keys_are_served_as_google_serves_them(identity: LocalIdentity) -> None:
    with serving(certs_app(identity)) as origin:
        oidc = httpx.get(f"{origin}/oidc/certs", trust_env=False)
        iap = httpx.get(f"{origin}/iap/certs", trust_env=False)

    assert oidc.json().keys() == identity.oidc_certs().keys()
    assert iap.json() == identity.iap_certs()
    assert "max-age" in oidc.headers["Cache-Control"]
    assert verified(identity.mint_oidc(OFFICER, URL), oidc.json())["email"] == OFFICER


def test_certificates_are_valid_for_years_on_either_side_of_a_turned_clock(identity: LocalIdentity) -> None:
    (pem,) = identity.oidc_certs().values()
    certificate = x509.load_pem_x509_certificate(pem.encode())

    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc > timedelta(days=3000)
