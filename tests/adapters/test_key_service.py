"""The office's key is unwrapped by Cloud KMS: once, with its checksums, and no failure gives anything away."""

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import google_crc32c
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, Response, jsonify, request

import aduan
from aduan.adapters import key_service
from aduan.adapters.key_service import KeyService, office_key
from aduan.adapters.sealing import OfficeKey
from infra.local.key_service import InTheCloud, KeyServiceStandIn
from tests.infra_local.receiver import serving

KMS_KEY = "projects/office/locations/asia-southeast2/keyRings/aduan/cryptoKeys/field-key"
KEY = bytes(range(32))
PLAIN = {"plaintext": base64.b64encode(KEY).decode(), "plaintextCrc32c": str(google_crc32c.value(KEY))}


@pytest.fixture
def stand_in() -> KeyServiceStandIn:
    return KeyServiceStandIn({})


@pytest.fixture
def service(stand_in: KeyServiceStandIn) -> Iterator[KeyService]:
    with serving(stand_in.app()) as address:
        yield KeyService(KMS_KEY, address.removeprefix("http://"))


def answering(answer: Callable[[], Response | tuple[Response, int]]) -> Flask:
    """A key service that gives one answer, whatever it is asked."""
    app = Flask(__name__)
    app.add_url_rule("/<path:_>", view_func=lambda _: answer(), methods=["POST"])
    return app


def test_what_a_key_wrapped_it_unwraps_by_whichever_version(stand_in: KeyServiceStandIn, service: KeyService) -> None:
    before = stand_in.wrap(KMS_KEY, KEY)
    stand_in.rotate(KMS_KEY)
    after = stand_in.wrap(KMS_KEY, KEY)
    assert before != after
    assert [service.unwrapped(before), service.unwrapped(after)] == [KEY, KEY]


def test_the_stand_in_wraps_over_http_as_it_unwraps(stand_in: KeyServiceStandIn, service: KeyService) -> None:
    asked = stand_in.app().test_client().post(f"/v1/{KMS_KEY}:encrypt", json={"plaintext": PLAIN["plaintext"]})
    assert service.unwrapped(base64.b64decode(asked.get_json()["ciphertext"])) == KEY


def test_what_another_key_wrapped_is_refused(stand_in: KeyServiceStandIn, service: KeyService) -> None:
    foreign = stand_in.wrap(KMS_KEY.replace("field-key", "another"), KEY)
    with pytest.raises(ConnectionError, match="did not unwrap"):
        service.unwrapped(foreign)


@pytest.mark.parametrize("in_cloud", ["staff-portal", "x"])
def test_the_stand_in_does_not_start_in_the_cloud(in_cloud: str) -> None:
    with pytest.raises(InTheCloud):
        KeyServiceStandIn({"K_SERVICE": in_cloud})


@pytest.mark.parametrize(
    "answer",
    [
        lambda: (jsonify(PLAIN), 503),
        lambda: (jsonify({"error": {"code": 403, "message": "no right"}}), 403),
        lambda: Response("<html>", 200),
        lambda: jsonify({}),
        lambda: jsonify({**PLAIN, "plaintext": "no base64!"}),
        lambda: jsonify({**PLAIN, "plaintextCrc32c": "1"}),
        lambda: jsonify({"plaintext": PLAIN["plaintext"]}),
    ],
)
def test_any_other_answer_is_one_error_that_repeats_nothing(
    answer: Callable[[], Response | tuple[Response, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(answering(answer)) as address, pytest.raises(ConnectionError) as failed:
        KeyService(KMS_KEY, address.removeprefix("http://")).unwrapped(b"what was wrapped, in many bytes")
    told = f"{failed.value!r} {failed.value.__cause__!r} {capsys.readouterr().out}"
    assert "office_key_not_unwrapped" in told
    for secret in (KEY, b"what was wrapped, in many bytes"):
        assert base64.b64encode(secret).decode() not in told
        assert repr(secret)[2:-1] not in told


def test_a_service_that_is_not_there_is_a_connection_error() -> None:
    with pytest.raises(ConnectionError):
        KeyService(KMS_KEY, "127.0.0.1:9").unwrapped(bytes(60))


# In the cloud


@pytest.fixture
def credentials(tmp_path: Path) -> Iterator[tuple[Flask, list[str | None]]]:
    """A token service and a key service in one, and the proofs that the second is shown."""
    app, shown = Flask(__name__), list[str | None]()

    @app.post("/token")
    def token() -> Response:
        return jsonify({"access_token": "token-of-the-instance", "expires_in": 3600})

    @app.post("/v1/<path:_>")
    def decrypt(_: str) -> Response:
        shown.append(request.headers.get("Authorization"))
        return jsonify(PLAIN)

    with serving(app) as address, pytest.MonkeyPatch.context() as environment:
        (tmp_path / "account.json").write_text(json.dumps(_account(f"{address}/token")), "utf-8")
        environment.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))
        environment.setenv("NO_PROXY", "127.0.0.1")
        environment.setattr(key_service, "_GOOGLES", address)
        yield app, shown


def _account(token_uri: str) -> Mapping[str, str]:
    """A service account, made for this test."""
    private = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account", "client_email": "staff-portal@office.test", "private_key": private.decode(),
        "token_uri": token_uri, "project_id": "office", "private_key_id": "1",
    }  # fmt: skip


def test_googles_service_is_shown_the_identity_of_the_instance(credentials: tuple[Flask, list[str | None]]) -> None:
    _, shown = credentials
    assert KeyService(KMS_KEY).unwrapped(bytes(60)) == KEY
    assert shown == ["Bearer token-of-the-instance"]


def test_without_an_identity_it_is_a_connection_error_too(
    credentials: tuple[Flask, list[str | None]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, shown = credentials
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "no such file"))
    with pytest.raises(ConnectionError):
        KeyService(KMS_KEY).unwrapped(bytes(60))
    assert shown == []


# The ring that is made of it


class Unwrapping:
    """Unwraps at once, or when it is let; `fail` is how often it fails first."""

    def __init__(self, fail: int = 0) -> None:
        self.asked = 0
        self.fail = fail
        self.gate = threading.Event()

    def __call__(self, wrapped: bytes) -> bytes:
        self.asked += 1
        assert self.gate.wait(30)
        if self.asked <= self.fail:
            raise ConnectionError("Cloud KMS did not unwrap the office's key")
        return wrapped[:32]


def test_sixteen_threads_at_once_have_it_unwrapped_once() -> None:
    unwrap = Unwrapping()
    office = OfficeKey(bytes(60), unwrap=unwrap)
    with ThreadPoolExecutor(16) as pool:
        names = [pool.submit(lambda: office.names) for _ in range(16)]
        unwrap.gate.set()
        assert {one.result() for one in names} == {OfficeKey(bytes(32)).names}
    assert unwrap.asked == 1


def test_who_waits_while_it_fails_fails_with_it_and_the_next_one_asks_again() -> None:
    unwrap = Unwrapping(fail=1)
    office = OfficeKey(bytes(60), unwrap=unwrap)
    started = threading.Barrier(5)

    def ask(_: int) -> object:
        started.wait(30)
        return office.names

    with ThreadPoolExecutor(5) as pool:
        asked = [pool.submit(ask, number) for number in range(4)]
        started.wait(30)
        unwrap.gate.set()
        outcomes = [one.exception() for one in asked]
    assert any(isinstance(outcome, ConnectionError) for outcome in outcomes)
    assert all(outcome is None or isinstance(outcome, ConnectionError) for outcome in outcomes)
    assert office.names == OfficeKey(bytes(32)).names
    assert unwrap.asked == 2


def test_a_key_that_kms_unwraps_to_another_length_is_refused_without_being_repeated() -> None:
    with pytest.raises(ValueError, match="32 bytes") as wrong:
        OfficeKey(b"q" * 60, unwrap=lambda wrapped: wrapped[:16]).new_data_key()
    assert "qq" not in str(wrong.value)


def test_nothing_is_asked_and_nothing_of_googles_is_imported_before_the_key_is_used() -> None:
    program = (
        "import sys;"
        "from aduan.adapters.key_service import office_key;"
        f"office_key((bytes(60),), {KMS_KEY!r}, None);"
        "print([name for name in ('requests', 'google.auth', 'google_crc32c', 'cryptography') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(aduan.__file__).parents[1])},
    )
    assert done.stdout == "[]\n"


def test_without_a_key_of_kms_the_ring_is_of_the_keys_themselves() -> None:
    def names(*keys: bytes, **more: Any) -> tuple[str, ...]:
        return office_key(keys, more.get("service"), None).names

    assert names(KEY, bytes(32)) == OfficeKey(KEY, bytes(32)).names
