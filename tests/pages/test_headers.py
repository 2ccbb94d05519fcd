"""Every answer of the portal, whoever asks for what and how, wears the headers that keep it harmless."""

import re
from collections.abc import Iterator

from flask import Response
from werkzeug.test import TestResponse

from aduan.answer_headers import HEADERS
from aduan.portal.reading import LARGEST_BODY
from aduan.service.channel import MessageKind
from tests.pages.requests import every_request, paths
from tests.pages.tally import Kind, Tally
from tests.portal.scene import ADMIN, Scene, proof_of
from tests.portal.test_attachments import HTML, PDF, send

OWN = "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; "
POLICIES = {
    OWN + "frame-ancestors 'none'",
    "sandbox; default-src 'none'",
    HEADERS["Content-Security-Policy"],
}
TYPES = {
    "text/html; charset=utf-8", "application/json", "application/problem+json", "text/css; charset=utf-8",
    "image/svg+xml", "application/pdf", "application/octet-stream",
}  # fmt: skip
ASSET = re.compile(r"/berkas/[0-9a-f]{16}/[a-z.]+")


def faults(answer: TestResponse, path: str) -> Iterator[str]:
    """What a scanner would say."""
    for name, value in HEADERS.items():
        said = answer.headers.getlist(name)
        if len(said) != 1:
            yield f"{name} {len(said)} times"
        elif name not in {"Content-Security-Policy", "Cache-Control"} and said != [value]:
            yield f"{name}: {said}"
    if answer.headers["Content-Security-Policy"] not in POLICIES:
        yield answer.headers["Content-Security-Policy"]
    may_be_kept = ASSET.fullmatch(path) is not None and answer.status_code in (200, 304)
    if not may_be_kept and answer.headers["Cache-Control"] != "no-store":
        yield answer.headers["Cache-Control"]
    if answer.status_code != 304 and answer.headers.get("Content-Type") not in TYPES:
        yield str(answer.headers.get("Content-Type"))
    forbidden = {"Set-Cookie", "Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(answer.headers.keys())
    yield from forbidden
    if answer.status_code >= 500:
        yield str(answer.status_code)


def test_every_answer_to_everybody_on_every_route(scene: Scene, tally: Tally) -> None:
    number = scene.complain()
    shown, unknown = send(scene, PDF, MessageKind.DOCUMENT), send(scene, HTML, MessageKind.DOCUMENT)
    clothes = ASSET.findall(scene.get("/").text)
    values = {
        "number": [number, "ADU-261124-AAAAA"],
        "file": [shown, unknown, "0" * 64],
        "act": ["receive", "unmask", "nothing"],
        "email": [ADMIN],
        "digest": [clothes[0].split("/")[2], "0" * 16],
        "name": ["portal.css", "icon.svg"],
    }
    client, found, statuses = scene.app.test_client(), {}, set()
    for name, asked in every_request(scene, values):
        answer = client.open(asked.path, method=asked.method, headers={**asked.headers})
        found[name] = sorted(faults(answer, asked.path))
        statuses.add(answer.status_code)
        answer.close()

    tally.expect_nothing(Kind.HEADERS, found)
    assert statuses >= {200, 206, 304, 400, 401, 403, 404, 405, 416}


def test_answers_to_bodies_that_cannot_be_taken(scene: Scene, tally: Tally) -> None:
    number = scene.complain()
    bodies = {"too large": b"x" * (LARGEST_BODY + 1), "no form": b"\xff\xfe", "nothing": b"", "form": b"csrf_token=x"}
    types = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "text/plain"]
    values = {"number": [number], "act": ["settle"], "email": [ADMIN], "file": ["0"], "digest": ["0"], "name": ["x"]}
    client, found = scene.app.test_client(), {}
    for path in paths(scene, values):
        for name, body in bodies.items():
            for kind in types:
                answer = client.post(path, data=body, content_type=kind, headers=proof_of(ADMIN))
                found[f"{path} {name} {kind}"] = sorted(faults(answer, path))

    tally.expect_nothing(Kind.HEADERS, found)


def test_a_fault_of_our_own_wears_them_too(scene: Scene, tally: Tally) -> None:
    def broken() -> Response:
        raise RuntimeError("a fault")

    scene.app.add_url_rule("/broken", view_func=broken)
    answer = scene.get("/broken")
    assert answer.status_code == 500
    tally.expect_nothing(Kind.HEADERS, {"broken": [fault for fault in faults(answer, "/broken") if fault != "500"]})


def test_a_page_needs_nothing_that_its_policy_forbids(scene: Scene, tally: Tally) -> None:
    number = scene.complain()
    pages = {path: scene.get(path, email).text for path in ("/", "/aduan", f"/aduan/{number}", "/saluran", "/x")
             for email in (ADMIN,)} | {"/petugas": scene.get("/petugas", "kadis@kantor.test").text}  # fmt: skip
    inline = re.compile(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:|data:|<iframe|<object|<embed|<base|https?://")
    tally.expect_nothing(Kind.HEADERS, {path: inline.findall(page) for path, page in pages.items()})
