"""The staff list: who may do what, and who changed that."""

from flask import Flask, Response, g, render_template, request

from aduan.portal.office import Office
from aduan.portal.parts import Parts, as_json, see_other, what, who
from aduan.portal.problems import Explain, Problem
from aduan.portal.reading import Body, wants_json
from aduan.portal.representation import Json, time_json
from aduan.procedure.notes import ROLE_NAMES
from aduan.procedure.roles import Role, StaffMember
from aduan.service.errors import Unknown
from aduan.service.masking import masked
from aduan.service.model import StaffChange
from aduan.service.staffing import STAFF_ROLES, TypedMember, mark

_LABELS = {
    "name": "Nama",
    "role": "Peran",
    "acting_for": "Plh/Plt",
    "units": "Unit",
    "active": "Aktif",
    "whatsapp": "Nomor WhatsApp",
}


def register(app: Flask, parts: Parts) -> dict[str, Explain]:
    """The routes, and the page of their refusals."""

    @app.get("/petugas")
    def staff() -> Response:
        members, changes = parts.staffing.listed(who())
        if wants_json(request):
            return as_json({"staff": [_json(member) for member in members]})
        told = [(change, changed(parts.office, change)) for change in changes]
        people = parts.views.people()
        return Response(render_template("staff.html", members=members, changes=told, people=people))

    @app.get("/petugas/tambah")
    def new_member() -> Response:
        parts.staffing.listed(who())
        return _form(parts, _typed_of(None), None)

    @app.get("/petugas/<email>")
    def member(email: str) -> Response:
        found = parts.staffing.row(who(), email)
        return as_json(_json(found)) if wants_json(request) else _form(parts, _typed_of(found), found.email)

    @app.post("/petugas/tambah")
    def add_member() -> Response:
        return _saved(parts, None)

    @app.post("/petugas/<email>")
    def change_member(email: str) -> Response:
        if parts.staffing.may(who()):
            parts.staffing.row(who(), email)  # to change somebody is not to add them
        return _saved(parts, email)

    def explain(_: Exception, problem: Problem) -> Response | None:
        email = (request.view_args or {}).get("email")
        if "body" not in g or not parts.staffing.may(who()) or problem.status == Unknown_STATUS:
            return None
        return _form(parts, _typed(what(), email), email, problem)

    return {"add_member": explain, "change_member": explain}
