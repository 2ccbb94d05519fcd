"""Every route of the application, by every way that must not lead in."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from werkzeug.routing import Rule

from aduan.portal.proof import FormProof
from tests.portal.scene import ACTIVE, ADB, ADMIN, JSON, KADIS, KASI, LEFT, STRANGER, Scene, proof_of

CLOTHES = "asset"
"""The stylesheet and the icon: they say nothing about anybody, and a refusal wears them too."""

VALUES = {"number": "ADU-261124-ABCDE", "act": "receive", "email": ADMIN, "file": "0" * 64}


def routes(scene: Scene) -> Iterator[tuple[str, str, Rule]]:
    """Method and path of every route, with values in its places."""
    for rule in scene.app.url_map.iter_rules():
        if rule.endpoint != CLOTHES:
            _, path = rule.build({name: VALUES[name] for name in rule.arguments}) or ("", "")
            for method in sorted(rule.methods or ()):
                yield method, path, rule


def test_the_only_route_without_a_guard_is_the_pages_clothes(scene: Scene) -> None:
    found = [(method, path) for method, path, _ in routes(scene)]
    unguarded = {rule.endpoint for rule in scene.app.url_map.iter_rules()} - {
        rule.endpoint for *_, rule in routes(scene)
    }

    assert unguarded == {CLOTHES}
    assert ("POST", "/aduan/ADU-261124-ABCDE/receive") in found
    assert len(found) > 10


@pytest.mark.parametrize(
    ("assertion", "status"),
    [
        (None, 401),
        ("", 401),
        ("anything", 401),
        (f"I am {STRANGER}", 403),
        (f"I am {LEFT}", 403),
        ("I am ../staff", 403),
        ("I am a/b@kantor.test", 403),
        ("I am ", 403),
    ],
)
def test_no_route_answers_who_is_not_proven_listed_and_active(scene: Scene, assertion: str | None, status: int) -> None:
    headers = {} if assertion is None else {"X-Goog-IAP-JWT-Assertion": assertion}
    client = scene.app.test_client()

    answers = {
        (method, path): client.open(path, method=method, headers={**headers, **more}).status_code
        for method, path, _ in routes(scene)
        for more in ({}, JSON)
    }

    assert set(answers.values()) == {status}, answers


@pytest.mark.parametrize("email", ACTIVE)
def test_no_form_is_taken_that_is_not_ours(scene: Scene, email: str) -> None:
    other = KASI if email == ADMIN else ADMIN
    tokens = ["", "x", "x" * 10_000, scene.token(other), FormProof("another secret", scene.clock).token(email)]
    client = scene.app.test_client()

    for method, path, _ in routes(scene):
        if method == "POST":
            for token in tokens:
                answer = client.post(path, data={"csrf_token": token}, headers=proof_of(email))
                assert answer.status_code == 403, (path, token)
            assert client.post(path, headers=proof_of(email)).status_code == 403
            without_mark = {**proof_of(email), "Accept": "application/json"}
            assert client.post(path, json={}, headers=without_mark).status_code == 403


def test_staff_pages_are_for_the_kepala_dinas_and_the_adb_only(scene: Scene) -> None:
    allowed = {
        email
        for email in ACTIVE
        for path in ("/petugas", "/petugas/tambah", f"/petugas/{ADMIN}")
        if scene.get(path, email).status_code == 200
    }

    assert allowed == {KADIS, ADB}
    assert scene.get(f"/petugas/{ADMIN}", KASI).status_code == 403


def test_a_token_is_good_for_twelve_hours(scene: Scene) -> None:
    number, token = scene.complain(), scene.token(ADMIN)
    fields = {**scene.fields(number), "csrf_token": token}

    scene.clock.now += timedelta(hours=12, seconds=1)
    assert scene.post_form(f"/aduan/{number}/receive", ADMIN, fields).status_code == 403
    scene.clock.now -= timedelta(seconds=1)
    assert scene.post_form(f"/aduan/{number}/receive", ADMIN, fields).status_code == 303


def test_who_leaves_the_list_is_out_at_the_next_request(scene: Scene) -> None:
    assert scene.get("/").status_code == 200
    fields = {"name": "Siti", "role": "whatsapp_admin", "whatsapp": "0811 0000 001"}
    page = scene.get(f"/petugas/{ADMIN}", KADIS).text
    seen = page.split('name="seen" value="')[1].split('"')[0]

    assert scene.post_form(f"/petugas/{ADMIN}", KADIS, {**fields, "seen": seen}).status_code == 303

    assert scene.get("/").status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/"),
        ("POST", "/aduan"),
        ("DELETE", "/aduan/ADU-261124-ABCDE"),
        ("GET", "/aduan/ADU-261124-ABCDE/receive"),
        ("PUT", "/aduan/ADU-261124-ABCDE/receive"),
        ("OPTIONS", "/"),
        ("PATCH", "/petugas"),
    ],
)
def test_a_wrong_method_is_405_and_names_the_right_ones(scene: Scene, method: str, path: str) -> None:
    answer = scene.app.test_client().open(path, method=method, headers=proof_of(ADMIN))

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"] or "POST" in answer.headers["Allow"]


def test_every_answer_carries_the_headers_that_keep_it_safe(scene: Scene) -> None:
    number = scene.complain()
    answers = [
        scene.get("/"),
        scene.get(f"/aduan/{number}"),
        scene.get("/", None),
        scene.get("/nothing"),
        scene.get("/aduan", ADMIN, Accept="application/json"),
    ]

    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


def test_the_stylesheet_is_kept_for_good_under_the_address_of_its_content(scene: Scene) -> None:
    address = scene.get("/").text.split('rel="stylesheet" href="')[1].split('"')[0]

    answer = scene.get(address, None)

    assert answer.status_code == 200
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    elsewhere = scene.get("/berkas/0000000000000000/portal.css", None)
    assert (elsewhere.status_code, elsewhere.headers["Cache-Control"]) == (404, "no-store")
