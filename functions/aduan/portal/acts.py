"""What can be done with a complaint: every act comes in by one route."""

from flask import Flask, Response, g, request

from aduan.portal.act_forms import Attempt
from aduan.portal.addresses import address_of, complaint_at
from aduan.portal.names import ACTS
from aduan.portal.older import read_window
from aduan.portal.pages import case_page
from aduan.portal.parts import Parts, as_json, see_other, what, who
from aduan.portal.problems import Explain, Problem
from aduan.portal.reading import wants_json
from aduan.portal.representation import complaint_json
from aduan.procedure.complaint import Complaint
from aduan.procedure.definition import ActName
from aduan.procedure.errors import ProcedureError
from aduan.service.desk import complaint_id
from aduan.service.errors import RequestReused, Unknown
from aduan.service.fields import ActFields
from aduan.service.ports import Loaded
from aduan.service.unmasking import ACT as UNMASK

_OF_DRAFTS = frozenset({ActName.REGISTER, ActName.DISMISS})


def register(app: Flask, parts: Parts) -> dict[str, Explain]:
    """The route, and the page of its refusals."""

    @app.post("/aduan/<number>/<act>")
    def perform(number: str, act: str) -> Response:
        if act not in ACTS:
            raise Unknown(act)
        try:
            return _perform(parts, number, act)
        except (ProcedureError, RequestReused):
            # A complaint that is not there is the first reason; of one that is, the version that it has now is told.
            g.version = complaint_at(parts.desk, number).value.version
            raise

    def explain(_: Exception, problem: Problem) -> Response | None:
        return _refused(parts, problem, **(request.view_args or {}))

    return {"perform": explain}


def _perform(parts: Parts, number: str, act: str) -> Response:
    fields = ActFields.typed(what().readable())
    if act == UNMASK:
        return _unmask(parts, number, fields)
    if act in _OF_DRAFTS:
        complaint_at(parts.desk, number)  # a draft does not answer to a number that it has not got yet
    done = parts.desk.act(who(), complaint_id(number), ActName(act), fields)
    return _done(parts, done)


def _done(parts: Parts, done: Loaded[Complaint]) -> Response:
    if wants_json(request):
        return as_json(complaint_json(done.value, parts.desk.events(done)))
    return see_other(f"/aduan/{address_of(done.value)}")


def _unmask(parts: Parts, number: str, fields: ActFields) -> Response:
    """Answers once with what it asks for, in the answer itself: a redirect would have to keep it somewhere."""
    loaded, window = complaint_at(parts.desk, number), read_window(request.args)
    unmasked = parts.unmasking.unmask(who(), loaded.value.id, fields)
    if not unmasked.in_full:
        return _done(parts, unmasked.loaded)
    if not wants_json(request):
        return case_page(parts, unmasked.loaded, unmasked=True, window=window)
    seen = parts.unmasking.seen(unmasked)
    return as_json({**complaint_json(unmasked.loaded.value, parts.desk.events(unmasked.loaded), unmasked=True), **seen})


def _refused(parts: Parts, problem: Problem, number: str, act: str) -> Response | None:
    """The complaint as it is now, with what was typed: nobody should write it twice."""
    if act not in ACTS or "body" not in g:
        return None
    try:
        loaded = complaint_at(parts.desk, number)
    except Unknown:
        return None
    return case_page(parts, loaded, Attempt(act, what().fields, problem.fields or {}), problem)
