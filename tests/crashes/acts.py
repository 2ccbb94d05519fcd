"""Every act of the contract, in the first scene in which somebody on the staff list is offered it."""

import json
import secrets
from collections.abc import Iterator

from aduan.portal.names import ACTS
from aduan.procedure.complaint import Complaint
from aduan.procedure.definition import ActName
from aduan.procedure.roles import StaffMember
from aduan.service.unmasking import ACT as UNMASK
from aduan.service.unmasking import Unmasking
from tests.crashes.outcome import Record, office_key
from tests.crashes.scenario import Begin, Request, Scenario
from tests.crashes.scenes import SCENES, fields_of
from tests.crashes.stage import Scene, Stage
from tests.end_to_end.world import STAFF, World


def scenarios() -> Iterator[Scenario]:
    """One for each act that the portal knows: a new one joins by itself."""
    yield from map(scenario_of, ACTS)


def scenario_of(act: str) -> Scenario:
    """One act, wherever it is offered."""
    return Scenario("act", act, "staff_portal", _wherever_it_is_offered(act))


def _wherever_it_is_offered(act: str) -> Begin:
    def begin(stage: Stage) -> tuple[Scene, Request]:
        for build in SCENES.values():
            scene = stage.scene(build)
            for complaint in _complaints(stage, scene):
                for email in STAFF:
                    if act in _offered(stage.world, email, complaint):
                        return scene, _request(stage, scene, act, email, complaint.version)
        raise AssertionError(f"no scene offers the act {act!r} to anybody: add one to tests/crashes/scenes.py")

    return begin


def _complaints(stage: Stage, scene: Scene) -> list[Complaint]:
    return [loaded.value for loaded in Record(scene.documents, office_key(stage)).complaints]


def _offered(world: World, email: str, complaint: Complaint) -> tuple[str, ...]:
    desk = world.house.desk
    member = desk.member(email)
    assert isinstance(member, StaffMember)
    seen_in_full = (UNMASK,) if Unmasking(desk).may(member, complaint) else ()
    return (*desk.possible(member, complaint), *seen_in_full)


def _request(stage: Stage, scene: Scene, act: str, email: str, version: int) -> Request:
    assert act in [*ActName, UNMASK], f"what does the form of {act!r} ask for?"
    body = {"version": version, "request_id": secrets.token_hex(16), **fields_of(act)}
    json_both_ways = {"Accept": "application/json", "Content-Type": "application/json", "X-Requested-With": "test"}
    headers = stage.world.headers(email, **json_both_ways)
    return Request("staff_portal", f"/aduan/{scene.address}/{act}", json.dumps(body).encode(), headers)
