"""The stand-in for Identity-Aware Proxy, before a real server that plays the portal."""

import gzip
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from infra.local.iap import ASSERTION_HEADER, COOKIE, Person, create_iap
from tests.infra_local.cloud_tasks_bench import identity
from tests.infra_local.receiver import Answer, Receiver, serving
from tests.infra_local.tokens import verified

# Everything here speaks plain HTTP: reading the authorities of TLS would only take time.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
AUDIENCE = "/projects/1/apps/aduan"
KASI = "kasi@disdukcapil.example"
ADMIN = "admin.wa@disdukcapil.example"
PEOPLE = (
    Person(ADMIN, "Siti Rahayu", "Admin WA"),
    Person(KASI, "Budi <b>Santoso</b>", "Kepala Seksi"),
)
NAVIGATION = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@dataclass(frozen=True, slots=True)
class Office:
    """A portal, and a browser before the proxy that stands before it."""

    portal: Receiver
    browser: httpx.Client
    origin: str

    def asserted(self) -> str:
        """The email in the assertion of the last request that reached the portal."""
        (assertion,) = self.portal.requests[-1].headers.get_all(ASSERTION_HEADER, [])
        return str(verified(assertion, identity().iap_certs(), AUDIENCE)["email"])


@pytest.fixture
def office() -> Iterator[Office]:
    with Receiver() as portal:
        app = create_iap(portal.url, identity(), AUDIENCE, lambda: PEOPLE)
        with serving(app) as origin, httpx.Client(base_url=origin, trust_env=False, verify=NO_TLS) as browser:
            yield Office(portal, browser, origin)


def sign_in(office: Office, email: str = KASI) -> None:
    office.browser.get("/_masuk", params={"as": email})


@pytest.mark.parametrize("path", ["/", "/aduan?late=1", "/_masuk"])
def test_a_first_visit_is_asked_who_it_is_and_reaches_no_portal(office: Office, path: str) -> None:
    page = office.browser.get(path, headers=NAVIGATION)

    assert page.status_code == 200
    assert "Masuk sebagai siapa?" in page.text
    for person in PEOPLE:
        assert person.role_label in page.text
        assert person.email in page.text
    assert "Budi &lt;b&gt;Santoso" in page.text
    assert office.portal.requests == []


def test_the_page_loads_nothing_and_runs_nothing(office: Office) -> None:
    page = office.browser.get("/", headers=NAVIGATION)

    assert "<script" not in page.text
    assert "http" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(("method", "accept"), [("POST", "text/html"), ("GET", "application/json"), ("DELETE", "*/*")])
def test_a_program_or_a_form_without_a_person_is_answered_401(office: Office, method: str, accept: str) -> None:
    assert office.browser.request(method, "/aduan", headers={"Accept": accept}).status_code == 401
    assert office.portal.requests == []


def test_who_was_chosen_is_vouched_for_at_each_request(office: Office) -> None:
    sign_in(office, KASI.upper())
    for _ in range(2):
        office.browser.get("/aduan")
        assert office.asserted() == KASI

    sign_in(office, ADMIN)
    office.browser.get("/aduan")
    assert office.asserted() == ADMIN


def test_after_choosing_one_is_where_one_wanted_to_be(office: Office) -> None:
    page = office.browser.get("/aduan?late=1&role=section_head", headers=NAVIGATION).text
    link = next(part for part in page.split('"') if part.startswith("/_masuk?as=kasi"))

    answer = office.browser.get(link.replace("&amp;", "&"))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/aduan?late=1&role=section_head")


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere"])
def test_choosing_never_leads_to_another_host(office: Office, elsewhere: str) -> None:
    answer = office.browser.get("/_masuk", params={"as": KASI, "lanjut": elsewhere})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("name", ["kasi", "kasi@", "a b@c", "a;b@c"])
def test_what_is_no_email_is_not_taken(office: Office, name: str) -> None:
    answer = office.browser.get("/_masuk", params={"as": name})

    assert answer.status_code == 400
    assert "bukan alamat email" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_somebody_outside_the_list_is_vouched_for_too(office: Office) -> None:
    sign_in(office, "stranger@elsewhere.example")
    office.browser.get("/")
    assert office.asserted() == "stranger@elsewhere.example"


def test_signing_out_forgets(office: Office) -> None:
    sign_in(office)
    assert office.browser.get("/_keluar").headers["Location"] == "/_masuk"

    assert "Masuk sebagai siapa?" in office.browser.get("/", headers=NAVIGATION).text
    assert office.portal.requests == []


def test_a_request_reaches_the_portal_as_it_was_sent(office: Office) -> None:
    sign_in(office)
    office.browser.post(
        "/aduan/ADU-261124-7K3QZ/settle?a=1&a=%2F&b=%20x",
        content=b"note=a%26b",
        headers={"Content-Type": "application/x-www-form-urlencoded", "X-Requested-With": "test"},
    )

    request = office.portal.requests[-1]
    assert request.method == "POST"
    assert request.target == "/aduan/ADU-261124-7K3QZ/settle?a=1&a=%2F&b=%20x"
    assert request.body == b"note=a%26b"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["X-Requested-With"] == "test"
    assert request.headers["Host"] == office.origin.removeprefix("http://")


@pytest.mark.parametrize("path", ["/a%2Fb", "/static/page.css", "/a//b", "/_masuk/x"])
def test_every_other_path_is_the_portals_undecoded(office: Office, path: str) -> None:
    sign_in(office)
    office.browser.get(office.origin + path)
    assert office.portal.targets == [path]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_method_is_forwarded(office: Office, method: str) -> None:
    sign_in(office)
    office.portal.answer = lambda _: Answer(405)
    assert office.browser.request(method, "/aduan").status_code == 405
    assert office.portal.requests[-1].method == method


@pytest.mark.parametrize("name", [ASSERTION_HEADER, ASSERTION_HEADER.lower(), "X-Goog-Iap-Jwt-Assertion"])
def test_an_assertion_that_somebody_brings_along_is_dropped(office: Office, name: str) -> None:
    sign_in(office)
    forged = identity().mint_iap("kadis@disdukcapil.example", AUDIENCE)

    office.browser.get("/", headers={name: forged, "X-Goog-Authenticated-User-Email": "kadis"})

    assert office.asserted() == KASI
    assert "X-Goog-Authenticated-User-Email" not in office.portal.requests[-1].headers


def test_the_portals_cookies_pass_and_the_proxys_own_does_not(office: Office) -> None:
    sign_in(office)
    office.portal.answer = lambda _: Answer(200, [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Path=/")])
    answer = office.browser.get("/")
    assert answer.headers.get_list("Set-Cookie") == ["a=1", "b=2; Path=/"]

    office.browser.get("/")

    sent = office.portal.requests[-1].headers["Cookie"]
    assert sorted(sent.split("; ")) == ["a=1", "b=2"]
    assert COOKIE not in sent


def test_what_speaks_of_one_connection_stays_on_it(office: Office) -> None:
    sign_in(office)
    office.portal.answer = lambda _: Answer(200, [("Connection", "X-Mine"), ("X-Mine", "1"), ("X-Kept", "2")])

    answer = office.browser.get("/", headers={"Connection": "close, X-Hop", "X-Hop": "1", "TE": "trailers"})

    assert "X-Hop" not in office.portal.requests[-1].headers
    assert "TE" not in office.portal.requests[-1].headers
    assert "X-Mine" not in answer.headers
    assert answer.headers["X-Kept"] == "2"


def test_a_compressed_answer_arrives_as_it_left(office: Office) -> None:
    sign_in(office)
    body = gzip.compress(b"Selamat pagi" * 100)
    office.portal.answer = lambda _: Answer(200, [("Content-Encoding", "gzip")], body)

    answer = office.browser.get("/")

    assert answer.text == "Selamat pagi" * 100
    assert answer.headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/aduan/1", "/aduan/1"),
        ("{portal}/aduan/1?x=1", "{proxy}/aduan/1?x=1"),
        ("{portal}", "{proxy}"),
        ("{portal}@elsewhere.example/", "{portal}@elsewhere.example/"),
        ("https://elsewhere.example/", "https://elsewhere.example/"),
    ],
)
def test_a_redirect_leads_back_through_the_proxy(office: Office, location: str, expected: str) -> None:
    sign_in(office)
    names = {"portal": office.portal.url, "proxy": office.origin}
    office.portal.answer = lambda _: Answer(303, [("Location", location.format(**names))])

    answer = office.browser.post("/aduan/1/receive")

    assert (answer.status_code, answer.headers["Location"]) == (303, expected.format(**names))


def test_a_portal_that_is_not_there_is_said_plainly() -> None:
    with Receiver() as gone:
        app = create_iap(gone.url, identity(), AUDIENCE, lambda: PEOPLE)
    browser = app.test_client()
    browser.set_cookie(COOKIE, KASI)

    answer = browser.get("/")

    assert answer.status_code == 502
    assert "belum dapat dihubungi" in answer.text


def test_a_portal_that_is_too_slow_is_said_plainly(office: Office) -> None:
    slow = httpx.Client(transport=httpx.MockTransport(_too_slow))
    app = create_iap(office.portal.url, identity(), AUDIENCE, lambda: PEOPLE, slow)
    browser = app.test_client()
    browser.set_cookie(COOKIE, KASI)

    answer = browser.get("/")

    assert answer.status_code == 504
    assert "terlalu lama" in answer.text


def _too_slow(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("no answer", request=request)


def test_an_empty_list_says_so() -> None:
    app = create_iap("http://127.0.0.1:1", identity(), AUDIENCE, list)
    assert "Daftar petugas masih kosong." in app.test_client().get("/_masuk").text
