"""What can be looked at: my work, all complaints, one complaint."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Flask, Response, redirect, render_template, request

from aduan.portal.act_forms import NOTHING_TRIED, Attempt
from aduan.portal.addresses import address_of, complaint_at
from aduan.portal.names import STATUSES
from aduan.portal.parts import Parts, as_json, who
from aduan.portal.problems import Explain, Problem
from aduan.portal.reading import wants_json
from aduan.portal.record_view import Happening, breach_name, happenings, since_version
from aduan.portal.representation import complaint_json, page_json, row_json
from aduan.portal.search import FIELDS, SearchReader
from aduan.portal.views import GROUPS
from aduan.procedure.complaint import Complaint
from aduan.procedure.notes import ROLE_NAMES, named
from aduan.service.ports import Loaded, Page
from aduan.service.staffing import STAFF_ROLES


def register(app: Flask, parts: Parts) -> dict[str, Explain]:
    """The routes, and by endpoint the pages of refusals that keep what was typed."""

    @app.get("/")
    def work() -> Response:
        return _work(parts)

    @app.get("/aduan")
    def complaints() -> Response:
        reader = SearchReader(request.args, parts.office.workflow.procedure, parts.office.timezone)
        page = reader.read(parts.desk, parts.clock()).run(parts.desk)
        return as_json(page_json(page)) if wants_json(request) else _list(parts, page)

    @app.get("/aduan/<number>")
    def complaint(number: str) -> Response:
        loaded = complaint_at(parts.desk, number)
        if number.upper() != address_of(loaded.value):
            found: Response = redirect(f"/aduan/{address_of(loaded.value)}", 302, Response=Response)
            return found
        if wants_json(request):
            return as_json(complaint_json(loaded.value, parts.desk.events(loaded)))
        return case_page(parts, loaded)

    def explain_list(_: Exception, problem: Problem) -> Response | None:
        return _list(parts, Page(()), problem) if problem.fields else None

    return {"complaints": explain_list}


def _work(parts: Parts) -> Response:
    member, now = who(), parts.clock()
    work = parts.desk.work(member)
    if wants_json(request):
        return as_json({code: [row_json(c) for c in getattr(work, code)] for code, _ in GROUPS})
    groups = parts.views.work(member, work, now)
    rows = [row for _, _, group in groups for row in group]
    late = sum(row.timing.is_late for row in rows)
    return Response(render_template("work.html", groups=groups, count=len(rows), late=late, now=now))


def _list(parts: Parts, page: Page[Complaint], problem: Problem | None = None) -> Response:
    given = {name: request.args.get(name, "") for name in FIELDS}
    asked = {name: value for name, value in given.items() if value and name != "cursor"}
    procedure = parts.office.workflow.procedure
    html = render_template(
        "complaints.html",
        rows=parts.views.rows(page.items, parts.views.people(), parts.clock()),
        given=given,
        is_filtered=bool(asked),
        is_first=not given["cursor"],
        first=f"/aduan?{urlencode(asked)}" if asked else "/aduan",
        following=f"/aduan?{urlencode({**asked, 'cursor': page.next})}" if page.next else None,
        statuses=[(status.value, words) for status, words in STATUSES.items()],
        steps=[(str(step.number), parts.office.step(step.number)) for step in procedure.steps],
        roles=[(role.value, ROLE_NAMES[role]) for role in STAFF_ROLES],
        errors=problem.fields if problem else {},
        problem=problem,
    )
    return Response(html, problem.status if problem else 200)


def case_page(
    parts: Parts,
    loaded: Loaded[Complaint],
    attempt: Attempt = NOTHING_TRIED,
    problem: Problem | None = None,
    *,
    unmasked: bool = False,
) -> Response:
    """A complaint's page; after a refusal with what was wrong, what was typed, and what happened meanwhile."""
    case, now = parts.desk.file(loaded), parts.clock()
    people = parts.views.people()
    meanwhile: Sequence[Happening] = ()
    if problem is not None and problem.version is not None:
        version = attempt.typed.get("version")
        seen = int(version) if str(version).isascii() and str(version).isdigit() and len(str(version)) < 10 else -1
        meanwhile = happenings(since_version(case.events, seen), people)
    html = render_template(
        "complaint.html",
        case=parts.views.case(who(), case, people, now, attempt, unmasked=unmasked),
        attempt=attempt,
        problem=problem,
        meanwhile=meanwhile,
        people=people,
        breach_name=lambda breach: breach_name(parts.office, breach),
        named=named,
    )
    return Response(html, problem.status if problem else 200)
