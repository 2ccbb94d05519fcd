"""What proves that a webhook, or the handshake before the first, is Meta's."""

import hashlib
import hmac

import pytest

from aduan.adapters.whatsapp_proof import answer_handshake, verify_signature

RAW = b'{"entry": [1]}'


def signed(raw: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("secrets", [["kunci"], ["baru", "kunci"], ["kunci", "lama"], ["", "kunci"]])
def test_a_signature_by_any_of_the_secrets_is_a_proof(secrets: list[str]) -> None:
    assert verify_signature(RAW, signed(RAW, "kunci"), secrets)


@pytest.mark.parametrize(
    ("header", "secrets"),
    [
        (None, ["kunci"]),
        ("", ["kunci"]),
        (signed(RAW, "lain"), ["kunci"]),
        (signed(RAW + b" ", "kunci"), ["kunci"]),
        (signed(RAW, "kunci").removeprefix("sha256="), ["kunci"]),
        (signed(RAW, "kunci").replace("sha256", "sha1"), ["kunci"]),
        (signed(RAW, "kunci")[:-1], ["kunci"]),
        (signed(RAW, "kunci"), []),
        (signed(RAW, ""), [""]),
        ("sha256=é\udcff", ["kunci"]),
    ],
)
def test_anything_else_proves_nothing(header: str | None, secrets: list[str]) -> None:
    assert not verify_signature(RAW, header, secrets)


HANDSHAKE = {"hub.mode": "subscribe", "hub.verify_token": "sandi", "hub.challenge": "1158201444"}


def test_a_handshake_with_the_right_token_is_answered_with_its_challenge() -> None:
    assert answer_handshake(HANDSHAKE, "sandi") == "1158201444"


@pytest.mark.parametrize(
    ("changed", "token"),
    [
        ({"hub.verify_token": "salah"}, "sandi"),
        ({"hub.verify_token": "sandí"}, "sandi"),
        ({"hub.mode": "unsubscribe"}, "sandi"),
        ({"hub.verify_token": ""}, ""),
        ({"hub.verify_token": "\udcff"}, "sandi"),
    ],
)
def test_a_handshake_with_another_token_or_without_one_set_is_refused(changed: dict[str, str], token: str) -> None:
    assert answer_handshake(HANDSHAKE | changed, token) is None


@pytest.mark.parametrize("missing", sorted(HANDSHAKE))
def test_a_handshake_that_lacks_a_part_is_refused(missing: str) -> None:
    assert answer_handshake({k: v for k, v in HANDSHAKE.items() if k != missing}, "sandi") is None
