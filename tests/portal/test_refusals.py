"""What is refused, in the contract's order, in its form; and that nothing a client sends breaks the portal."""

import json
from typing import Any

import pytest

from aduan.procedure.roles import Role
from aduan.service.model import StaffChange
from tests.portal.scene import ADB, ADMIN, ADMIN2, ANSWER, JSON, KABID, KADIS, KASI, NOTE, Scene, content, proof_of

LARGE = 4 * 1024 * 1024


def test_refusals_come_in_the_order_of_the_contract(scene: Scene) -> None:
    number = scene.complain()
    version = scene.complaint(number).version
    mends: list[tuple[str, Any]] = []
    attempt: dict[str, Any] = {
        "proof": {},
        "mark": {},
        "path": "/aduan/ADU-261124-00000/approve",
        "fields": {"version": version + 1},
        "email": "",
    }

    def answer() -> int:
        headers = {"Accept": "application/json", **attempt["proof"], **attempt["mark"]}
        return scene.app.test_client().post(attempt["path"], json=attempt["fields"], headers=headers).status_code

    # Everything is wrong at once; each mending brings the next refusal to light.
    mends = [
        ("proof", proof_of("orang@lain.test")),
        ("proof", proof_of(ADMIN)),
        ("mark", {"X-Requested-With": "test"}),
        ("path", f"/aduan/{number}/approve"),
        ("fields", {"version": version + 1, "request_id": "r" * 16}),
        ("proof", proof_of(KASI)),
    ]
    statuses = [answer()]
    for what, mended in mends:
        attempt[what] = mended
        statuses.append(answer())

    assert statuses == [401, 403, 403, 404, 400, 403, 409]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/aduan/ADU-261124-ABCDE", 404),
        ("/aduan/ADU-", 404),
        ("/aduan/D-", 404),
        ("/aduan/ADU-..", 404),
        ("/aduan/ADU-__x__", 404),
        ("/aduan/ADU-%00", 404),
        ("/aduan/ADU-%ff%fe", 404),
        ("/aduan/%F0%9F%98%80", 404),
        ("/aduan/" + "ADU-" + "A" * 3000, 404),
        ("/aduan/12", 404),
        ("/nowhere", 404),
        ("/aduan/", 404),
        ("/petugas/nobody@kantor.test", 403),
    ],
)
def test_an_address_that_leads_nowhere(scene: Scene, path: str, status: int) -> None:
    assert scene.get(path).status_code == status
    assert scene.get(path, Accept="application/json").status_code == status


def test_a_draft_does_not_answer_to_a_number_that_it_has_not_got(scene: Scene) -> None:
    address = scene.draft()
    number = address.replace("D-", "ADU-")

    assert scene.get(f"/aduan/{address}").status_code == 200
    assert scene.get(f"/aduan/{number}").status_code == 404
    fields = scene.fields(address, note=NOTE, category="identity_card", description="KTP saya hilang.")
    for act in ("dismiss", "register", "receive", "unmask"):
        assert scene.post_json(f"/aduan/{number}/{act}", ADMIN, fields).status_code == 404


def test_what_was_a_draft_is_found_under_its_number(scene: Scene) -> None:
    number = scene.complain()

    answer = scene.get(f"/aduan/D-{number.removeprefix('ADU-')}")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/aduan/{number}")
    assert scene.get(f"/aduan/{number.lower()}").headers["Location"] == f"/aduan/{number}"


def test_an_unknown_act_is_not_found(scene: Scene) -> None:
    number = scene.complain()

    for act in ("close", "RECEIVE", "receive%00", "receive/"):
        assert scene.post_json(f"/aduan/{number}/{act}", ADMIN, scene.fields(number)).status_code == 404


def test_a_complaint_that_is_not_there_is_told_before_its_fields(scene: Scene) -> None:
    assert scene.post_json("/aduan/ADU-261124-ABCDE/settle", ADMIN, {}).status_code == 404


def test_a_problem_is_a_document_with_what_is_wrong(scene: Scene) -> None:
    number = scene.complain()

    answer = scene.post_json(f"/aduan/{number}/settle", ADMIN, scene.fields(number, note=" ", answer="x" * 4097))

    assert answer.content_type == "application/problem+json"
    assert answer.status_code == 400
    problem = content(answer)
    assert problem.keys() == {"status", "title", "detail", "fields"}
    assert problem["status"] == 400
    assert problem["fields"].keys() == {"note", "answer"}
    assert "4097" in problem["fields"]["answer"]


def test_a_conflict_tells_the_version_that_stands_now(scene: Scene) -> None:
    number = scene.complain()
    old = scene.fields(number)
    scene.act(number, "receive", ADMIN)

    answer = scene.post_json(f"/aduan/{number}/receive", ADMIN2, old)

    assert answer.status_code == 409
    problem = content(answer)
    assert problem.keys() == {"status", "title", "detail", "version"}
    assert problem["version"] == scene.complaint(number).version


def test_who_holds_it_is_named_to_who_does_not(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)

    answer = scene.post_json(f"/aduan/{number}/settle", ADMIN2, scene.fields(number, note=NOTE, answer=ANSWER))

    assert answer.status_code == 409
    assert ADMIN in content(answer)["detail"]


@pytest.mark.parametrize(
    ("email", "act"),
    [(ADB, "receive"), (ADB, "unmask"), (ADMIN, "approve"), (ADMIN, "refuse"), (KABID, "reply_data_check")],
)
def test_a_role_that_may_never_do_it_is_403(scene: Scene, email: str, act: str) -> None:
    number = scene.complain()

    answer = scene.post_json(f"/aduan/{number}/{act}", email, scene.fields(number, note=NOTE))

    assert (answer.status_code, content(answer)["title"]) == (403, "Tidak berwenang")


@pytest.mark.parametrize("email", [ADMIN, ADMIN2])
def test_nobody_approves_their_own_draft_as_plh_too(scene: Scene, email: str) -> None:
    number = scene.complain()
    acting = scene.staff.member(ADMIN2)
    assert acting is not None
    plh = acting.model_copy(update={"acting_for": (Role.SECTION_HEAD,)})
    change = StaffChange(at=scene.clock.now, by=KADIS, email=ADMIN2, before=None, after={})
    scene.staff.save(plh, change, scene.staff.loaded(ADMIN2).mark)
    scene.act(number, "settle", ADMIN2, note=NOTE, answer=ANSWER)

    assert scene.post_json(f"/aduan/{number}/approve", email, scene.fields(number)).status_code == 403


BAD_BODIES: list[tuple[str, bytes, str]] = [
    ("no JSON", b"{", "application/json"),
    ("no object", b"[1]", "application/json"),
    ("null", b"null", "application/json"),
    ("no UTF-8", b'{"note": "\xff"}', "application/json"),
    (
        "half a character",
        b'{"version": 1, "request_id": "request-000000000001", "note": "\\ud800"}',
        "application/json",
    ),
    ("half a character as id", b'{"version": 1, "request_id": "\\ud800aaaaaaaaaaaaaaaaaaaa"}', "application/json"),
    ("nested", b"[" * 100_000, "application/json"),
    ("huge number", b'{"version": ' + b"9" * 10_000 + b"}", "application/json"),
    ("huge version", b'{"request_id": "request-000000000001", "version": "' + b"9" * 5000 + b'"}', "application/json"),
    ("NUL", b'{"version": 1, "request_id": "request-000000000001", "note": "a\\u0000b"}', "application/json"),
    ("array as text", b'{"version": 1, "request_id": "request-000000000001", "note": ["a"]}', "application/json"),
    ("object as version", b'{"version": {}, "request_id": "request-000000000001"}', "application/json"),
    ("true as version", b'{"version": true, "request_id": "request-000000000001"}', "application/json"),
    ("a fraction as version", b'{"version": 1.5, "request_id": "request-000000000001"}', "application/json"),
    ("NaN as version", b'{"version": NaN, "request_id": "request-000000000001"}', "application/json"),
    ("short id", b'{"version": 1, "request_id": "short"}', "application/json"),
    ("long id", b'{"version": 1, "request_id": "' + b"x" * 65 + b'"}', "application/json"),
    ("nothing", b"", "application/json"),
    ("no type", b"version=1", ""),
    ("another type", b"<a/>", "text/xml"),
    ("form of no UTF-8", b"version=1&request_id=request-000000000001&note=%ff%fe", "application/x-www-form-urlencoded"),
    ("form without an end", b"--x\r\nContent-Disposition: form-data; name=note", "multipart/form-data; boundary=x"),
    ("form without a boundary", b"--x", "multipart/form-data"),
]


@pytest.mark.parametrize(("body", "kind"), [row[1:] for row in BAD_BODIES], ids=[row[0] for row in BAD_BODIES])
def test_a_body_that_cannot_be_read_is_400_and_changes_nothing(scene: Scene, body: bytes, kind: str) -> None:
    number = scene.complain()
    before = scene.complaint(number)

    headers = {**proof_of(ADMIN), **JSON}
    answer = scene.app.test_client().post(f"/aduan/{number}/forward", data=body, content_type=kind, headers=headers)

    assert answer.status_code == 400, answer.text
    assert content(answer)["fields"]
    assert scene.complaint(number) == before


@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_body_over_4_mib_is_413(scene: Scene, kind: str) -> None:
    number = scene.complain()

    for headers in ({**proof_of(ADMIN), **JSON}, proof_of(ADMIN)):
        answer = scene.app.test_client().post(
            f"/aduan/{number}/forward", data=b"x" * (LARGE + 1), content_type=kind, headers=headers
        )
        assert answer.status_code == 413


def test_a_body_of_just_4_mib_is_read(scene: Scene) -> None:
    number = scene.complain()
    empty = json.dumps(scene.fields(number, note=""))
    body = json.dumps(scene.fields(number, note="x" * (LARGE - len(empty))))

    answer = scene.app.test_client().post(
        f"/aduan/{number}/forward", data=body, content_type="application/json", headers={**proof_of(ADMIN), **JSON}
    )

    assert len(body) == LARGE
    assert (answer.status_code, list(content(answer)["fields"])) == (400, ["note"])
