"""The staff list, which its keepers change on the portal's pages."""

import json
from collections.abc import Iterator
from typing import Final

from aduan.service.staffing import mark
from tests.crashes.scenario import Request, Scenario, at
from tests.crashes.stage import Scene, Stage, nothing
from tests.end_to_end.world import ADMIN2, KADIS

NEW: Final = "baru@office.test"
ADDED: Final = "/petugas/tambah"
CHANGED: Final = "/petugas/<email>"


def scenarios() -> Iterator[Scenario]:
    """Somebody new, and somebody who goes on leave."""
    yield Scenario("staff list", "somebody is added", "staff_portal", at(nothing, _added))
    yield Scenario("staff list", "somebody is changed", "staff_portal", at(nothing, _changed))


def _added(stage: Stage, _: Scene) -> Request:
    typed = {"name": "Gita", "role": "whatsapp_admin", "whatsapp": "+6281100000007", "active": True}
    return _request(stage, ADDED, {**typed, "email": NEW})


def _changed(stage: Stage, _: Scene) -> Request:
    member = stage.world.house.staff.member(ADMIN2)
    assert member is not None
    typed = {"name": member.name, "role": member.role, "whatsapp": member.whatsapp, "active": False}
    return _request(stage, CHANGED.replace("<email>", ADMIN2), {**typed, "seen": mark(member)})


def _request(stage: Stage, path: str, typed: dict[str, object]) -> Request:
    json_both_ways = {"Accept": "application/json", "Content-Type": "application/json", "X-Requested-With": "test"}
    return Request("staff_portal", path, json.dumps(typed).encode(), stage.world.headers(KADIS, **json_both_ways))
