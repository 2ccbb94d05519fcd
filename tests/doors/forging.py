"""Tokens that are right but for one thing, for both kinds of issuer."""

import hmac
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from google.auth.crypt import EsSigner, RSASigner

from infra.local.identity import IAP_ISSUER, OIDC_ISSUER, LocalIdentity
from tests.infra_local.tokens import encoded, pem, signed, unpadded, unverified

OWN = "own"
"""The id of a key that is published and with which a test may sign whatever it likes."""

Kind = Literal["task", "staff"]
ANOTHER = "another@office.test"
NOTHING: Mapping[str, object] = MappingProxyType({})


class Forger(LocalIdentity):
    """The local issuers, each with one more published key."""

    def __init__(self) -> None:
        super().__init__()
        self._rsa, self._ec = _new_rsa(), _new_ec()

    def oidc_certs(self) -> dict[str, str]:
        return {**super().oidc_certs(), OWN: pem(self._rsa)}

    def iap_certs(self) -> dict[str, str]:
        return {**super().iap_certs(), OWN: pem(self._ec)}

    def right(self, kind: Kind, email: str, audience: str) -> Mapping[str, object]:
        """The claims of a good token."""
        mint = self.mint_oidc if kind == "task" else self.mint_iap
        return unverified(mint(email, audience))

    def forged(
        self,
        kind: Kind,
        claims: Mapping[str, object],
        header: Mapping[str, object] = NOTHING,
        *,
        stranger: bool = False,
    ) -> str:
        """A token signed with the published key, or with a stranger's under its id; what is None is left out."""
        signer: RSASigner | EsSigner
        if kind == "task":
            signer = RSASigner(_new_rsa() if stranger else self._rsa, OWN)
        else:
            signer = EsSigner(_new_ec() if stranger else self._ec, OWN)
        return signed(signer, claims, header)

    def signed_with_the_public_key(self, kind: Kind, claims: Mapping[str, object], algorithm: str) -> str:
        """The classic: what is published, taken for the secret of an HMAC."""
        published = (self.oidc_certs() if kind == "task" else self.iap_certs())[OWN]
        covered = f"{encoded({'alg': algorithm, 'typ': 'JWT', 'kid': OWN})}.{encoded(claims)}"
        return f"{covered}.{unpadded(hmac.digest(published.encode(), covered.encode(), 'sha256'))}"


def _new_rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _new_ec() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Forgeries:
    """Every way in which a token of one kind, for one door, can be wrong."""

    forger: Forger
    kind: Kind
    email: str
    audience: str

    def all(self) -> Iterator[tuple[str, str]]:
        """By what is wrong with it, each token."""
        right = self.forger.right(self.kind, self.email, self.audience)
        for claims in self._claims():
            yield f"the claims {claims}", self.forger.forged(self.kind, {**right, **claims})
        for header in self._headers():
            yield f"the header {header}", self.forger.forged(self.kind, right, header)
        yield from self._signatures(right)
        yield from self._shapes(right)

    def good(self) -> str:
        """The same with nothing wrong: or the others would prove nothing."""
        return self.forger.forged(self.kind, self.forger.right(self.kind, self.email, self.audience))

    def _claims(self) -> Iterator[dict[str, object]]:
        now = int(time.time())
        own, other = (OIDC_ISSUER, IAP_ISSUER) if self.kind == "task" else (IAP_ISSUER, OIDC_ISSUER)
        wrong: dict[str, Sequence[object]] = {
            "iss": (None, "", "https://accounts.example", other, f"{own}/", own.removeprefix("https://"), [own], 1),
            "aud": (None, "", "another", f"{self.audience}/", self.audience[:-1], [self.audience], 1),
            "exp": (None, now - 60, str(now + 60), "", [], {}),
            "iat": (None, now + 86_400, "now", [], {}),
            "nbf": (now + 86_400, str(now), True, []),
            "email": (None, "", 1, [self.email], {"email": self.email}, "\N{KELVIN SIGN}asi@office.test"),
            "email_verified": (False, "true", "false", 1, 0, "", []),
        }
        yield from ({name: value} for name, values in wrong.items() for value in values)
        if self.kind == "task":  # who the proxy lets in is asked of the staff list instead
            yield {"email": ANOTHER}
            yield {"email": self.email.upper()}
            yield {"email_verified": None}

    def _headers(self) -> Iterator[dict[str, object]]:
        right, other = ("RS256", "ES256") if self.kind == "task" else ("ES256", "RS256")
        strings = ("", "none", "None", "HS256", "HS512", "RS512", "PS256", "EdDSA", other, right.lower())
        wrong: dict[str, Sequence[object]] = {
            "alg": (None, *strings, [right], {}, 1, True),
            "kid": (None, "", "unknown", 1, [OWN], {}, f"{OWN} ", "../own"),
            "crit": (["b64"], [], "exp"),
        }
        yield from ({name: value} for name, values in wrong.items() for value in values)

    def _signatures(self, right: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        forger, kind = self.forger, self.kind
        good = forger.forged(kind, right)
        head, claims, signature = good.split(".")
        other = forger.forged(kind, {**right, "sub": "another"}).split(".")
        unsigned = encoded({"alg": "none", "typ": "JWT", "kid": OWN})
        yield "a stranger's key under a known id", forger.forged(kind, right, stranger=True)
        yield "the other issuer's key", forger.forged("staff" if kind == "task" else "task", right)
        yield "no algorithm and no signature", f"{unsigned}.{claims}."
        yield "no algorithm and a good signature", f"{unsigned}.{claims}.{signature}"
        yield "the public key as a secret", forger.signed_with_the_public_key(kind, right, "HS256")
        algorithm = "RS256" if kind == "task" else "ES256"
        yield "the public key as a secret, hidden", forger.signed_with_the_public_key(kind, right, algorithm)
        yield "another token's claims", f"{head}.{other[1]}.{signature}"
        yield "another token's signature", f"{head}.{claims}.{other[2]}"
        yield "no signature", f"{head}.{claims}."
        yield "a cut signature", good[:-8]
        yield "nothing but zeros", f"{head}.{claims}.{unpadded(bytes(64))}"

    def _shapes(self, right: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        good = self.forger.forged(self.kind, right)
        head, claims, signature = good.split(".")
        shapes = [
            "", " ", ".", "..", "...", "a", "a.b", "a.b.c", "null", "{}", "é.é.é", "\x00", head, f"{head}.{claims}",
            f".{claims}.{signature}", f"{head}..{signature}", f"{good}.", f"{good}.{signature}", f"{good} {good}",
            f"{good},{good}", self.email, "a" * 100_000, f"{unpadded(b'[' * 5_000)}.e30.YQ",
            f"{encoded([])}.{claims}.{signature}", f"{head}.{encoded([])}.{signature}", f"{unpadded(b'{}')}.e30.YQ",
            self.forger.forged(self.kind, {**right, "padding": "x" * 8_192}),
        ]  # fmt: skip
        yield from ((f"the shape {number}", shape) for number, shape in enumerate(shapes))
