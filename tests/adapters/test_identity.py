"""Only Google's own, current, fitting proof of who calls is taken: wrong in any one thing, it is none."""

import hmac
import re
import time
from collections.abc import Mapping
from types import MappingProxyType

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from google.auth import jwt
from google.auth.crypt import EsSigner, RSASigner

from aduan.adapters.certificates import CertificateCache, Published
from aduan.adapters.identity import IapIdentity, TaskIdentity
from aduan.service.errors import Unproven
from infra.local.identity import LocalIdentity
from tests.infra_local.cloud_tasks_bench import identity
from tests.infra_local.tokens import encoded, pem, signed, unpadded

ROBOT = "tasks@aduan.iam.gserviceaccount.com"
OFFICER = "kasi@disdukcapil.example"
URL = "https://sla-check.example/"
BACKEND = "/projects/1234/locations/asia-southeast2/services/staff-portal"
NOW, DAY = int(time.time()), 86_400  # of the collection: what is compared with it is far away

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def cache(keys: Mapping[str, str]) -> CertificateCache:
    return CertificateCache("", fetch=lambda _: Published(keys))


@pytest.fixture(scope="module")
def tasks() -> TaskIdentity:
    return TaskIdentity(cache(identity().oidc_certs() | {"own": pem(RSA_KEY)}), audience=URL, email=ROBOT)


@pytest.fixture(scope="module")
def proxy() -> IapIdentity:
    return IapIdentity(cache(identity().iap_certs() | {"own": pem(EC_KEY)}), audience=BACKEND)


@pytest.fixture(scope="module")
def stranger() -> LocalIdentity:
    return LocalIdentity()


def oidc(header: Mapping[str, object] = MappingProxyType({}), /, **changed: object) -> str:
    """Cloud Tasks' token but for what is changed, rightly signed; what is None is left out."""
    right = jwt.decode(identity().mint_oidc(ROBOT, URL), verify=False)
    return signed(RSASigner(RSA_KEY, "own"), right | changed, header)


def iap(header: Mapping[str, object] = MappingProxyType({}), /, **changed: object) -> str:
    """The proxy's assertion but for what is changed, rightly signed; what is None is left out."""
    right = jwt.decode(identity().mint_iap(OFFICER, BACKEND), verify=False)
    return signed(EsSigner(EC_KEY, "own"), right | changed, header)


# Tasks and the scheduler.


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_service_accounts_token_is_proof(tasks: TaskIdentity, scheme: str) -> None:
    tasks.verify(f"{scheme} {identity().mint_oidc(ROBOT, URL)}")


WRONG_CLAIMS: list[dict[str, object]] = [
    {"iss": None},
    {"iss": "https://accounts.example"},
    {"iss": "accounts.google.com"},
    {"iss": "https://cloud.google.com/iap"},
    {"aud": None},
    {"aud": ""},
    {"aud": "https://send-message.example/"},
    {"aud": URL.rstrip("/")},
    {"aud": [URL]},
    {"exp": None},
    {"exp": NOW - 60},
    {"exp": str(NOW + 60)},
    {"iat": None},
    {"iat": NOW + DAY},
    {"iat": "now"},
    {"nbf": NOW + DAY},
    {"nbf": "now"},
    {"nbf": True},
    {"email": None},
    {"email": ""},
    {"email": "scheduler@aduan.iam.gserviceaccount.com"},
    {"email": ROBOT.upper()},
    {"email": [ROBOT]},
]
UNVERIFIED: list[dict[str, object]] = [
    {"email_verified": None},
    {"email_verified": False},
    {"email_verified": "true"},
    {"email_verified": 1},
]


@pytest.mark.parametrize("claims", WRONG_CLAIMS + UNVERIFIED, ids=str)
def test_a_token_that_says_one_thing_wrong_is_no_proof(tasks: TaskIdentity, claims: dict[str, object]) -> None:
    with pytest.raises(Unproven):
        tasks.verify(f"Bearer {oidc(**claims)}")


@pytest.mark.parametrize(("claim", "apart"), [("exp", -10), ("iat", 20), ("nbf", 20), ("nbf", -1.5)])
def test_clocks_may_differ_by_some_seconds(tasks: TaskIdentity, claim: str, apart: float) -> None:
    tasks.verify(f"Bearer {oidc(**{claim: int(time.time()) + apart})}")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer a",
        "Bearer a.b",
        "Bearer a.b.c",
        "Bearer a.b.c.d",
        "Bearer ..",
        "Bearer é.é.é",
        "Bearer \udcff.\udcff.\udcff",
        f"Bearer {encoded([])}.{encoded({})}.Yw",
        f"Bearer {encoded('RS256')}.{encoded({})}.Yw",
        f"Bearer {unpadded(b'[' * 5_000)}.e30.Yw",
        "Bearer " + "a" * 100_000,
    ],
    ids=lambda header: ascii(header)[:30],
)
def test_what_is_no_bearer_token_is_no_proof(tasks: TaskIdentity, header: str | None) -> None:
    with pytest.raises(Unproven):
        tasks.verify(header)


@pytest.mark.parametrize("form", ["{}", "Basic {}", "Token {}", "Bearer{}", "Bearer, {}", "Bearer x {}", "Bearer {} x"])
def test_a_good_token_in_a_bad_header_is_no_proof(tasks: TaskIdentity, form: str) -> None:
    with pytest.raises(Unproven):
        tasks.verify(form.format(identity().mint_oidc(ROBOT, URL)))


def test_a_right_token_that_is_longer_than_any_of_googles_is_not_even_read(tasks: TaskIdentity) -> None:
    with pytest.raises(Unproven, match="too long"):
        tasks.verify(f"Bearer {oidc(padding='x' * 8_192)}")


def test_a_strangers_signature_is_no_proof_even_under_a_known_keys_id(
    tasks: TaskIdentity, stranger: LocalIdentity
) -> None:
    own_claims = jwt.decode(oidc(), verify=False)
    strange = RSASigner(rsa.generate_private_key(public_exponent=65537, key_size=2048), "own")
    for token in (stranger.mint_oidc(ROBOT, URL), signed(strange, own_claims, {})):
        with pytest.raises(Unproven):
            tasks.verify(f"Bearer {token}")


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_that_was_changed_is_no_proof(tasks: TaskIdentity, part: int) -> None:
    parts = oidc().split(".")
    parts[part] = oidc({"typ": "jwt"}, sub="another").split(".")[part]
    with pytest.raises(Unproven):
        tasks.verify(f"Bearer {'.'.join(parts)}")


@pytest.mark.parametrize("key_id", [None, "", "unknown", 1, ["own"], {}])
def test_a_token_must_name_its_key(tasks: TaskIdentity, key_id: object) -> None:
    with pytest.raises(Unproven):
        tasks.verify(f"Bearer {oidc({'kid': key_id})}")


@pytest.mark.parametrize("algorithm", [None, "", "none", "rs256", "HS256", "ES256", "RS512", ["RS256"], {}, 1])
def test_a_token_of_another_algorithm_is_no_proof(tasks: TaskIdentity, algorithm: object) -> None:
    token = oidc({"alg": algorithm})
    for forged in (token, f"{token.rpartition('.')[0]}."):
        with pytest.raises(Unproven):
            tasks.verify(f"Bearer {forged}")


def test_a_token_with_a_condition_that_nobody_here_knows_is_no_proof(tasks: TaskIdentity) -> None:
    """RFC 7515, 4.1.11: who does not know what `crit` names must refuse."""
    for named in (["b64"], [], "exp"):
        with pytest.raises(Unproven):
            tasks.verify(f"Bearer {oidc({'crit': named})}")


def test_the_public_key_taken_for_a_secret_is_no_proof(tasks: TaskIdentity) -> None:
    covered = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': 'own'})}.{oidc().split('.')[1]}"
    mac = hmac.digest(pem(RSA_KEY).encode(), covered.encode(), "sha256")
    with pytest.raises(Unproven):
        tasks.verify(f"Bearer {covered}.{unpadded(mac)}")


def test_keys_turn_without_a_refusal() -> None:
    turning = LocalIdentity()
    seconds = [0.0]
    certs = CertificateCache("", lambda _: Published(turning.oidc_certs()), seconds=lambda: seconds[0])
    tasks = TaskIdentity(certs, URL, ROBOT)
    before = turning.mint_oidc(ROBOT, URL)
    tasks.verify(f"Bearer {before}")

    turning.rotate()
    seconds[0] += 60
    tasks.verify(f"Bearer {turning.mint_oidc(ROBOT, URL)}")
    tasks.verify(f"Bearer {before}")

    turning.rotate(overlap=False)
    seconds[0] += 3_600
    tasks.verify(f"Bearer {turning.mint_oidc(ROBOT, URL)}")
    with pytest.raises(Unproven):
        tasks.verify(f"Bearer {before}")


# Staff.


@pytest.mark.parametrize("email", [OFFICER, "Kasi@Disdukcapil.EXAMPLE"])
def test_the_proxys_assertion_says_who_it_is_in_lower_case(proxy: IapIdentity, email: str) -> None:
    assert proxy.email(identity().mint_iap(email, BACKEND)) == OFFICER


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": None},
        {"iss": "https://accounts.google.com"},
        {"iss": "https://cloud.google.com/iap/"},
        {"aud": None},
        {"aud": "/projects/1234/locations/asia-southeast2/services/another"},
        {"aud": [BACKEND]},
        {"exp": None},
        {"exp": NOW - 60},
        {"iat": None},
        {"iat": NOW + DAY},
        {"nbf": NOW + DAY},
        {"email": None},
        {"email": ""},
        {"email": 1},
        {"email": [OFFICER]},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": f"\N{KELVIN SIGN}{OFFICER[1:]}"},
    ],
    ids=str,
)
def test_an_assertion_that_says_one_thing_wrong_names_nobody(proxy: IapIdentity, claims: dict[str, object]) -> None:
    with pytest.raises(Unproven):
        proxy.email(iap(**claims))


@pytest.mark.parametrize("assertion", [None, "", "a.b.c", "..", OFFICER])
def test_what_is_no_assertion_names_nobody(proxy: IapIdentity, assertion: str | None) -> None:
    with pytest.raises(Unproven):
        proxy.email(assertion)


def test_a_strangers_assertion_names_nobody(proxy: IapIdentity, stranger: LocalIdentity) -> None:
    own_claims = jwt.decode(iap(), verify=False)
    strange = EsSigner(ec.generate_private_key(ec.SECP256R1()), "own")
    for token in (stranger.mint_iap(OFFICER, BACKEND), signed(strange, own_claims, {})):
        with pytest.raises(Unproven):
            proxy.email(token)


@pytest.mark.parametrize("algorithm", [None, "none", "HS256", "RS256", "ES384"])
def test_an_assertion_of_another_algorithm_names_nobody(proxy: IapIdentity, algorithm: str | None) -> None:
    with pytest.raises(Unproven):
        proxy.email(iap({"alg": algorithm}))


def test_a_right_signature_of_the_other_issuers_kind_proves_nothing() -> None:
    """Even were both kinds of key published in one place."""
    both = cache({"rsa": pem(RSA_KEY), "ec": pem(EC_KEY)})
    task_claims, iap_claims = jwt.decode(oidc(), verify=False), jwt.decode(iap(), verify=False)
    tasks, proxy = TaskIdentity(both, URL, ROBOT), IapIdentity(both, BACKEND)
    tasks.verify(f"Bearer {signed(RSASigner(RSA_KEY, 'rsa'), task_claims, {})}")
    proxy.email(signed(EsSigner(EC_KEY, "ec"), iap_claims, {}))

    with pytest.raises(Unproven, match="algorithm"):
        tasks.verify(f"Bearer {signed(EsSigner(EC_KEY, 'ec'), task_claims, {})}")
    with pytest.raises(Unproven, match="algorithm"):
        proxy.email(signed(RSASigner(RSA_KEY, "rsa"), iap_claims, {}))


def test_a_key_that_does_not_fit_the_algorithm_proves_nothing() -> None:
    swapped = cache({"own": pem(EC_KEY)}), cache({"own": pem(RSA_KEY)})
    with pytest.raises(Unproven):
        TaskIdentity(swapped[0], URL, ROBOT).verify(f"Bearer {oidc()}")
    with pytest.raises(Unproven):
        IapIdentity(swapped[1], BACKEND).email(iap())


# Both.


def test_the_examples_of_wrong_tokens_are_wrong_in_one_thing_only(tasks: TaskIdentity, proxy: IapIdentity) -> None:
    tasks.verify(f"Bearer {oidc()}")
    assert proxy.email(iap()) == OFFICER


def test_a_refusal_says_why_and_never_repeats_what_was_sent(tasks: TaskIdentity, stranger: LocalIdentity) -> None:
    tokens = [oidc(**claims) for claims in WRONG_CLAIMS]
    for token in [*tokens, stranger.mint_oidc(ROBOT, URL), "aaaa.bbbb.cccc"]:
        with pytest.raises(Unproven) as refusal:
            tasks.verify(f"Bearer {token}")
        assert re.fullmatch(r"[a-z ,']+", str(refusal.value))
        assert refusal.value.__cause__ is None
        assert refusal.value.__context__ is None or refusal.value.__suppress_context__


def test_an_identity_without_an_audience_or_an_address_cannot_be_set_up() -> None:
    with pytest.raises(ValueError, match="audience"):
        IapIdentity(cache({}), audience="")
    with pytest.raises(ValueError, match="audience"):
        TaskIdentity(cache({}), audience="", email=ROBOT)
    with pytest.raises(ValueError, match="whose"):
        TaskIdentity(cache({}), audience=URL, email="")
