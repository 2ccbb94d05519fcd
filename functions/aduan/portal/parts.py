"""What the routes share: the use cases, the views, the proof, and who is asking."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, g, jsonify, make_response, redirect

from aduan.portal.office import Office
from aduan.portal.proof import FormProof
from aduan.portal.reading import Body
from aduan.portal.views import Views
from aduan.procedure.roles import StaffMember
from aduan.service.attachments import Attachments
from aduan.service.desk import Desk
from aduan.service.health import Watching
from aduan.service.ports import Clock
from aduan.service.staffing import Staffing
from aduan.service.unmasking import Unmasking


@dataclass(frozen=True)
class Parts:
    """One portal's."""

    desk: Desk
    unmasking: Unmasking
    staffing: Staffing
    watching: Watching
    attachments: Attachments
    office: Office
    views: Views
    proof: FormProof
    clock: Clock


def who() -> StaffMember:
    """Who is asking: proven, on the list and active, or the request would not have come this far."""
    member: StaffMember = g.member
    return member


def what() -> Body:
    """What came with the request."""
    body: Body = g.body
    return body


def as_json(content: Mapping[str, object]) -> Response:
    """A JSON answer."""
    return jsonify(content)


def see_other(path: str) -> Response:
    """After an act: look at it with GET, so that a reload repeats nothing."""
    return _redirect(path, 303)


def found_at(path: str) -> Response:
    """The same thing under the address that it has now."""
    return _redirect(path, 302)


def _redirect(path: str, status: int) -> Response:
    return make_response(redirect(path, status))
