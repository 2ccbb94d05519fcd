"""IKMT-PIAK-01-06 from the first message to the closed complaint, each of its three ways, over HTTP."""

from tests.end_to_end.world import ADMIN, ADMIN2, KABID, KASI, World


def types(complaint: dict[str, object]) -> list[str]:
    events = complaint["events"]
    assert isinstance(events, list)
    return [event["type"] for event in events]


def steps_completed(complaint: dict[str, object]) -> list[tuple[int, str]]:
    wanted = {"submitted", "received", "verified", "forwarded", "responded", "answered", "delivered"}
    events = complaint["events"]
    assert isinstance(events, list)
    return [(event["step"], event["type"]) for event in events if event["type"] in wanted]


def test_the_admin_settles_it_and_a_section_head_approves(world: World) -> None:
    number = world.submit()
    world.did(number, "receive", ADMIN)
    complaint = world.did(number, "settle", ADMIN, note="Data benar.", answer="KTP Anda sudah bisa diambil.")
    assert (complaint["status"], complaint["step"], complaint["holder_role"]) == (
        "answered",
        None,
        "section_head",
    )
    assert "KTP Anda sudah bisa diambil." in world.citizen().inbox[-1].text

    assert world.act(number, "approve", ADMIN).status_code == 403
    assert world.act(number, "approve", ADMIN2).status_code == 403
    closed = world.did(number, "approve", KASI)
    assert closed["status"] == "closed"
    assert closed["approved_by"]["email"] == KASI
    assert steps_completed(closed) == [
        (1, "submitted"), (2, "received"), (3, "verified"), (7, "answered"), (8, "delivered"),
    ]  # fmt: skip
    assert closed["breaches"] == []


def test_the_drafter_may_not_approve_even_as_acting_section_head(world: World) -> None:
    world.put_staff(ADMIN, acting_for=["section_head"])
    number = world.submit()
    world.did(number, "settle", ADMIN, note="Data benar.", answer="Sudah jadi.")
    assert world.act(number, "approve", ADMIN).status_code == 403
    assert world.did(number, "approve", KASI)["status"] == "closed"


def test_the_section_settles_it(world: World) -> None:
    number = world.submit()
    world.did(number, "receive", ADMIN)
    world.did(number, "forward", ADMIN, note="Perlu cek arsip.")
    world.did(number, "verify", KASI, note="Bisa diselesaikan di sini.")
    world.did(number, "respond", KASI, note="Data valid.", answer="Silakan ambil hari Senin.")
    closed = world.did(number, "answer", ADMIN, answer="Silakan ambil hari Senin.")
    assert closed["status"] == "closed"
    assert closed["approved_by"]["role"] == "section_head"
    assert steps_completed(closed) == [
        (1, "submitted"), (2, "received"), (3, "forwarded"), (4, "verified"), (5, "responded"), (7, "answered"),
        (8, "delivered"),
    ]  # fmt: skip


def test_the_division_settles_it(world: World) -> None:
    number = world.submit()
    world.did(number, "forward", ADMIN, note="Perlu cek arsip.")
    world.did(number, "forward", KASI, note="Di luar wewenang seksi.")
    world.did(number, "respond", KABID, note="Data valid.", answer="Silakan ambil hari Senin.")
    closed = world.did(number, "answer", ADMIN, answer="Silakan ambil hari Senin.")
    assert closed["status"] == "closed"
    assert closed["approved_by"]["role"] == "division_head"
    assert steps_completed(closed) == [
        (1, "submitted"), (2, "received"), (3, "forwarded"), (4, "forwarded"), (6, "responded"), (7, "answered"),
        (8, "delivered"),
    ]  # fmt: skip
