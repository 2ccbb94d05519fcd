"""A stand-in for Identity-Aware Proxy before the staff portal on one machine: for development and tests.

Where the real one asks for a Google account, this one asks 'Masuk sebagai siapa?' and believes the answer.
From then on each request reaches the portal with the signed assertion that Identity-Aware Proxy would add.

    /_masuk            who is it? (`as=email` answers at once, `lanjut=/path` says where to go then)
    /_keluar           forget who it was
    anything else      forwarded to the portal
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import httpx
from flask import Flask, Request, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from infra.local.identity import IapMinter

ASSERTION_HEADER = "X-Goog-IAP-JWT-Assertion"
COOKIE = "aduan_masuk_sebagai"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_ANSWER_WITHIN_SECONDS = 60.0
_EMAIL = re.compile(r"[^@\s;,\"\\]+@[^@\s;,\"\\]+", re.ASCII)
# RFC 9110, 7.6.1: these speak of one connection, not of the request.
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to sign in as; `role_label` is what the list says of them, in Indonesian."""

    email: str
    name: str
    role_label: str


def create_iap(
    upstream: str,
    identity: IapMinter,
    audience: str,
    people: Callable[[], Sequence[Person]],
    client: httpx.Client | None = None,
) -> Flask:
    """The proxy as a WSGI app. `upstream` is the portal's origin ('http://127.0.0.1:8081').

    `people` is asked at each showing of the list. Another email than theirs may sign in too, by `as=`: the
    real proxy lets in whoever the Google project allows, and the portal itself has to refuse them.
    """
    # No static folder: every path but our two belongs to the portal.
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    portal = _Portal(upstream, identity, audience, client or _new_client())

    @app.get("/_masuk")
    def sign_in() -> BaseResponse:
        chosen = request.args.get("as")
        if chosen is None:
            return _picker(people(), request.cookies.get(COOKIE), _onward())
        if not _EMAIL.fullmatch(chosen.strip()):
            return _picker(people(), None, _onward(), f"“{chosen}” bukan alamat email.", 400)
        response = redirect(_onward(), 303)
        response.set_cookie(COOKIE, chosen.strip().lower(), httponly=True, samesite="Lax")
        return response

    @app.get("/_keluar")
    def sign_out() -> BaseResponse:
        response = redirect("/_masuk", 303)
        response.delete_cookie(COOKIE)
        return response

    @app.route("/", defaults={"path": ""}, methods=METHODS, provide_automatic_options=False)
    @app.route("/<path:path>", methods=METHODS, provide_automatic_options=False)
    def forward(**_path: str) -> BaseResponse:  # read from the request instead, as it was sent
        email = request.cookies.get(COOKIE, "")
        return portal.answer(request, email) if _EMAIL.fullmatch(email) else _ask_first(people())

    return app


class _Portal:
    """The portal behind the proxy."""

    def __init__(self, upstream: str, identity: IapMinter, audience: str, client: httpx.Client) -> None:
        self._upstream = httpx.URL(upstream)
        self._origin = upstream.rstrip("/")
        self._identity = identity
        self._audience = audience
        self._client = client

    def answer(self, incoming: Request, email: str) -> BaseResponse:
        assertion = self._identity.mint_iap(email, self._audience)
        outgoing = httpx.Request(
            incoming.method,
            self._upstream.copy_with(raw_path=_target(incoming).encode("ascii")),
            headers=[*_request_headers(incoming), (ASSERTION_HEADER, assertion)],
            content=incoming.get_data(cache=False) or None,
        )
        try:
            answer = self._client.send(outgoing, stream=True)
        except httpx.TransportError as error:
            return _unreachable(error)
        response = Response(_body(answer), answer.status_code, self._response_headers(incoming, answer))
        response.call_on_close(answer.close)
        # A redirect stays as the portal wrote it, but for what names the portal itself.
        response.autocorrect_location_header = False
        return response

    def _response_headers(self, incoming: Request, answer: httpx.Response) -> list[tuple[str, str]]:
        headers = _end_to_end(answer.headers.multi_items())
        return [(name, self._seen_from_outside(incoming, name, value)) for name, value in headers]

    def _seen_from_outside(self, incoming: Request, name: str, value: str) -> str:
        inside, outside = self._origin, incoming.host_url.rstrip("/")
        names_us = value == inside or value.startswith((f"{inside}/", f"{inside}?", f"{inside}#"))
        return outside + value.removeprefix(inside) if name.lower() == "location" and names_us else value


def _new_client() -> httpx.Client:
    # No kept connections: a portal that restarted would leave them dead.
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(trust_env=False, limits=limits, timeout=_ANSWER_WITHIN_SECONDS)


def _target(incoming: Request) -> str:
    """Path and query as they were sent: decoding and encoding again would make / and %2F the same."""
    raw = incoming.environ.get("REQUEST_URI") or incoming.environ.get("RAW_URI") or ""
    if raw.startswith("/") and raw.isascii():
        return str(raw)
    query = incoming.query_string.decode("latin-1")
    return quote(incoming.path) + (f"?{query}" if query else "")


def _request_headers(incoming: Request) -> list[tuple[str, str]]:
    """What the browser sent, without what only the proxy may say. Host stays, for links to come out right."""
    own = ("cookie", "content-length")
    kept = [
        (name, value)
        for name, value in _end_to_end(incoming.headers.items())
        if name.lower() not in own and not name.lower().startswith(("x-goog-", "x-forwarded-"))
    ]
    cookies = "; ".join(
        part for part in incoming.headers.get("Cookie", "").split("; ") if not part.startswith(f"{COOKIE}=")
    )
    forwarded = [("X-Forwarded-For", incoming.remote_addr or ""), ("X-Forwarded-Proto", incoming.scheme)]
    return [*kept, *([("Cookie", cookies)] if cookies else []), *forwarded]


def _end_to_end(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    everything = list(headers)
    named = {
        option.strip().lower()
        for name, value in everything
        if name.lower() == "connection"
        for option in value.split(",")
    }
    return [(name, value) for name, value in everything if name.lower() not in _HOP_BY_HOP | named]


def _body(answer: httpx.Response) -> Iterator[bytes]:
    """As it comes, still compressed if it was: Content-Encoding and Content-Length stay true."""
    yield from answer.iter_raw()


def _onward() -> str:
    """Where to go after signing in: a path of this host only, never '//elsewhere'."""
    path = request.args.get("lanjut", "/")
    return path if re.match(r"/(?![/\\])", path) else "/"


def _ask_first(people: Sequence[Person]) -> BaseResponse:
    """A person gets the list; a program, or a form sent after signing out, gets a plain 401."""
    if request.method in ("GET", "HEAD") and "text/html" in request.headers.get("Accept", ""):
        return _picker(people, None, _target(request))
    return Response("Belum masuk. Buka /_masuk untuk memilih petugas.\n", 401, mimetype="text/plain")


def _picker(
    people: Sequence[Person], current: str | None, onward: str, problem: str | None = None, status: int = 200
) -> BaseResponse:
    choices = [(person, _address(person, onward), person.email.lower() == current) for person in people]
    page = render_template("iap_masuk.html", choices=choices, current=current, problem=problem)
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-store"
    return response


def _address(person: Person, onward: str) -> str:
    return "/_masuk?" + urlencode({"as": person.email, "lanjut": onward})


def _unreachable(error: httpx.TransportError) -> BaseResponse:
    late = isinstance(error, httpx.TimeoutException)
    detail = "terlalu lama menjawab" if late else "belum dapat dihubungi"
    text = f"Portal petugas {detail}. Silakan muat ulang halaman ini sebentar lagi.\n"
    return Response(text, 504 if late else 502, mimetype="text/plain")
