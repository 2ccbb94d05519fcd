"""Every form of every page, found in its HTML: taken from our own page, and from nowhere else."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from werkzeug.test import TestResponse

from aduan.portal.proof import FormProof
from tests.pages.tally import Kind, Tally
from tests.portal.scene import ACTIVE, ADB, ADMIN, ANSWER, KADIS, KASI, NOTE, STRANGER, Scene, proof_of

HOST = "localhost"


@dataclass(frozen=True)
class Form:
    """One form as it stands in a page: where it is sent, and what it sends."""

    page: str
    email: str
    action: str
    fields: Mapping[str, str]

    @property
    def name(self) -> str:
        return f"{self.action} of {self.page} for {self.email}"


class Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self, page: str, email: str, markup: str) -> None:
        super().__init__()
        self.page, self.email = page, email
        self.found: list[Form] = []
        self.methods: list[str] = []
        self._fields: dict[str, str] | None = None
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.methods.append(given.get("method", "get"))
            self._fields = {} if given.get("method") == "post" else None
            if self._fields is not None:
                self.found.append(Form(self.page, self.email, given["action"].partition("#")[0], self._fields))
        elif tag in {"input", "textarea", "select"} and self._fields is not None and "name" in given:
            self._fields[given["name"]] = given.get("value", "x")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None


@pytest.fixture
def forms(scene: Scene) -> list[Form]:
    """All forms of a portal in which complaints stand at every kind of step, for everybody."""
    return list(_forms(scene, _addresses(scene)))


def _addresses(scene: Scene) -> Iterator[str]:
    phones = iter(f"+62812555000{place:02}" for place in range(20))

    def new() -> str:
        return scene.complain(phone=next(phones))

    yield scene.draft()
    yield new()
    for act, email, fields in (
        ("receive", ADMIN, {}),
        ("forward", ADMIN, {"note": NOTE}),
        ("settle", ADMIN, {"note": NOTE, "answer": ANSWER}),
        ("ask_database_admin", ADMIN, {"note": NOTE}),
    ):
        number = new()
        if act == "ask_database_admin":
            scene.act(number, "receive", ADMIN)
        scene.act(number, act, email, **fields)
        yield number
    responded = new()
    scene.act(responded, "forward", ADMIN, note=NOTE)
    scene.act(responded, "respond", KASI, note=NOTE, answer=ANSWER)
    yield responded


def _forms(scene: Scene, addresses: Iterator[str]) -> Iterator[Form]:
    pages = ["/", "/aduan", "/saluran", "/petugas", "/petugas/tambah", f"/petugas/{ADMIN}"]
    pages += [f"/aduan/{address}" for address in addresses]
    for page in pages:
        for email in ACTIVE:
            answer = scene.get(page, email)
            if answer.status_code == 200:
                yield from Forms(page, email, answer.text).found


def test_the_forms_that_are_found_are_those_of_every_route(scene: Scene, forms: list[Form]) -> None:
    adapter = scene.app.url_map.bind(HOST)
    found = {str(adapter.match(form.action, method="POST")[0]) for form in forms}
    assert found == {rule.endpoint for rule in scene.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert {form.email for form in forms} == set(ACTIVE)
    acts = {form.action.rpartition("/")[2] for form in forms if form.action.startswith("/aduan/")}
    assert acts >= {"receive", "forward", "settle", "unmask", "approve", "refuse", "register", "dismiss", "answer"}


def sent(
    scene: Scene, form: Form, token: str | None, headers: Mapping[str, str], email: str | None = None
) -> TestResponse:
    fields = {name: value for name, value in form.fields.items() if name != "csrf_token"}
    data = fields if token is None else {**fields, "csrf_token": token}
    proof = proof_of(email or form.email)
    return scene.app.test_client().post(form.action, data=data, headers={**proof, **headers})


Forgery = Callable[[Scene, Form], TestResponse]
TOKENS: Mapping[str, Callable[[Scene, Form], str | None]] = {
    "none": lambda _, __: None,
    "empty": lambda _, __: "",
    "made up": lambda _, __: "x" * 40,
    "long": lambda _, __: "x" * 100_000,
    "another person's": lambda scene, form: scene.token(KADIS if form.email != KADIS else ADB),
    "a stranger's": lambda scene, _: scene.token(STRANGER),
    "of another secret": lambda scene, form: FormProof("another secret", scene.clock).token(form.email),
    "cut": lambda _, form: form.fields["csrf_token"][:-1],
    "in capitals": lambda _, form: form.fields["csrf_token"].upper(),
    "of yesterday": lambda scene, form: _yesterdays(scene, form.email),
}
PLACES: Mapping[str, Mapping[str, str]] = {
    "another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://jahat.test"},
    "another site, by the browser alone": {"Sec-Fetch-Site": "cross-site"},
    "another site, by its origin alone": {"Origin": "https://jahat.test"},
    "a neighbour of our domain": {"Sec-Fetch-Site": "same-site", "Origin": "https://lain.localhost"},
    "a site that ends as we do": {"Origin": "https://jahat-localhost"},
    "a site that begins as we do": {"Origin": "https://localhost.jahat.test"},
    "another port": {"Origin": "https://localhost:8443"},
    "no site": {"Origin": "file://"},
    "a sandboxed file of ours": {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    "a name that says who we are": {"Origin": "https://localhost@jahat.test"},
}


def _yesterdays(scene: Scene, email: str) -> str:
    scene.clock.now -= timedelta(hours=13)
    token = scene.token(email)
    scene.clock.now += timedelta(hours=13)
    return token


def test_no_form_is_taken_without_its_own_token_or_from_another_place(
    scene: Scene, forms: list[Form], tally: Tally
) -> None:
    before = [scene.complaint(row["number"]) for row in scene.get_json("/aduan")["complaints"]]
    found: dict[str, str] = {}
    for form in forms:
        # Everything for one form of each kind, and the plainest forgeries for all the others.
        whole = form in one_of_each(forms)
        for name, token in TOKENS.items() if whole else [("none", TOKENS["none"])]:
            status = sent(scene, form, token(scene, form), {}).status_code
            found[f"{form.name}, token {name}"] = "" if status == 403 else str(status)
        for name, headers in PLACES.items() if whole else [("another site", PLACES["another site"])]:
            status = sent(scene, form, form.fields["csrf_token"], headers).status_code
            found[f"{form.name}, from {name}"] = "" if status == 403 else str(status)

    tally.expect_nothing(Kind.FORMS, found)
    assert [scene.complaint(str(complaint.number)) for complaint in before] == before


def one_of_each(forms: list[Form]) -> list[Form]:
    """One form for each act and each other route."""
    return [*{form.action.rpartition("/")[2]: form for form in forms}.values()]


OWN_PLACES: Mapping[str, Mapping[str, str]] = {
    "a browser that says nothing": {},
    "a browser of today": {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    "with our origin": {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
    "through a proxy that ends TLS": {"Origin": "https://localhost"},
    "a window that was restored": {"Sec-Fetch-Site": "none"},
}


def test_each_form_is_taken_from_our_own_page(scene: Scene, forms: list[Form]) -> None:
    refused = [
        (form.name, place)
        for form in one_of_each(forms)
        for place, headers in OWN_PLACES.items()
        if "Formulir sudah kedaluwarsa" in sent(scene, form, form.fields["csrf_token"], headers).text
    ]
    assert refused == []


def test_what_is_asked_for_is_never_a_change(scene: Scene, forms: list[Form], tally: Tally) -> None:
    """GET with a form's fields in the address: what a picture on another site could ask for."""
    found: dict[str, str] = {}
    for form in forms:
        headers = proof_of(form.email)
        answer = scene.app.test_client().get(form.action, query_string={**form.fields}, headers=headers)
        found[form.name] = "" if answer.status_code in (200, 403, 404, 405) else str(answer.status_code)
    tally.expect_nothing(Kind.FORMS, found)
