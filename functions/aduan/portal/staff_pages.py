"""The staff list: who may do what, and who changed that."""

from flask import Flask, Response, g, render_template, request

from aduan.portal.office import Office
from aduan.portal.parts import Parts, as_json, see_other, what, who
from aduan.portal.problems import Explain, Problem
from aduan.portal.reading import Body, wants_json
from aduan.portal.representation import StaffJson
from aduan.procedure.roles import StaffMember
from aduan.service.masking import masked
from aduan.service.model import StaffChange
from aduan.service.staffing import STAFF_ROLES, TypedMember, mark

_KEPT = (400, 403, 409)
"""The refusals after which a form is shown again."""

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
        return _list(parts)

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
        parts.staffing.row(who(), email)  # to change somebody is not to add them
        return _saved(parts, email)

    def explain(_: Exception, problem: Problem) -> Response | None:
        return _refused(parts, problem, **(request.view_args or {}))

    return {"add_member": explain, "change_member": explain}


def _list(parts: Parts) -> Response:
    members, changes = parts.staffing.listed(who())
    if wants_json(request):
        return as_json({"staff": [_json(member) for member in members]})
    told = [(change, changed(parts.office, change)) for change in changes]
    return Response(render_template("staff.html", members=members, changes=told, people=parts.views.people()))


def _refused(parts: Parts, problem: Problem, email: str | None = None) -> Response | None:
    """The form again, with what was typed."""
    if "body" not in g or not parts.staffing.may(who()) or problem.status not in _KEPT:
        return None
    return _form(parts, _typed(what(), email), email, problem)


def _saved(parts: Parts, email: str | None) -> Response:
    what().readable()
    saved = parts.staffing.save(who(), _typed(what(), email))
    return as_json(_json(saved)) if wants_json(request) else see_other("/petugas")


def _typed(body: Body, email: str | None) -> TypedMember:
    return TypedMember(
        email=email or body.text("email"),
        name=body.text("name"),
        role=body.text("role"),
        whatsapp=body.text("whatsapp"),
        active=body.fields.get("active") in (True, "1"),
        acting_for=body.texts("acting_for"),
        units=body.texts("units"),
        seen=body.text("seen") if email else mark(None),  # to add somebody is not to change them
    )


def _typed_of(member: StaffMember | None) -> TypedMember:
    """A row as its form shows it; a new one is active."""
    if member is None:
        return TypedMember("", "", "", "", active=True, acting_for=(), units=(), seen=mark(None))
    return TypedMember(
        email=member.email,
        name=member.name,
        role=member.role,
        whatsapp=member.whatsapp,
        active=member.active,
        acting_for=tuple(member.acting_for),
        units=member.units or (),
        seen=mark(member),
    )


def _form(parts: Parts, typed: TypedMember, email: str | None, problem: Problem | None = None) -> Response:
    html = render_template(
        "member.html",
        typed_member=typed,
        email=email,
        problem=problem,
        errors=(problem.fields if problem else None) or {},
        labels=_LABELS,
        roles=[(role.value, parts.office.title(role)) for role in STAFF_ROLES],
        units=[(unit.code, unit.name) for unit in parts.office.workflow.procedure.units],
    )
    return Response(html, problem.status if problem else 200)


def _json(member: StaffMember) -> StaffJson:
    return {
        "email": member.email,
        "name": member.name,
        "role": member.role,
        "whatsapp": masked(member.whatsapp),
        "active": member.active,
        "acting_for": list(member.acting_for),
        "units": list(member.units) if member.units is not None else None,
        "seen": mark(member),
    }


def changed(office: Office, change: StaffChange) -> list[str]:
    """A change in words, field by field; numbers masked."""
    if change.before is None:
        return [f"Ditambahkan sebagai {_words(office, 'role', change.after.get('role'))}"]
    before, after = change.before, change.after
    return [
        f"{label}: {_words(office, name, before.get(name))} menjadi {_words(office, name, after.get(name))}"
        for name, label in _LABELS.items()
        if before.get(name) != after.get(name)
    ]


def _words(office: Office, name: str, value: object) -> str:
    if name == "active":
        return "ya" if value else "tidak"
    if name == "units":
        return ", ".join(office.unit(str(code)) for code in value) if isinstance(value, list | tuple) else "semua"
    if name == "acting_for":
        roles = value if isinstance(value, list | tuple) else ()
        return ", ".join(_role_name(office, role) for role in roles) or "tidak ada"
    if name == "role":
        return _role_name(office, value)
    return masked(str(value or "kosong"))


def _role_name(office: Office, value: object) -> str:
    """Others write to the list too: what is no role of ours is shown as it stands there."""
    return next((office.title(role) for role in STAFF_ROLES if role == value), str(value))
