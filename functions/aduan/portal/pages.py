"""What can be looked at: my work, all complaints, one complaint."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Flask, Response, g, render_template, request

from aduan.portal.act_forms import NOTHING_TRIED, Attempt
from aduan.portal.addresses import address_of, complaint_at
from aduan.portal.names import STATUSES
from aduan.portal.older import read_window
from aduan.portal.parts import Parts, as_json, found_at, see_other, what, who
from aduan.portal.problems import Explain, Problem
from aduan.portal.reading import wants_json
from aduan.portal.record_view import Happening, breach_name, happenings, since_version
from aduan.portal.representation import complaint_json, page_json, row_json
from aduan.portal.search import FIELDS, SearchReader, WrongFilter, looked_up, mark_of
from aduan.portal.views import GROUPS
from aduan.procedure.complaint import Complaint
from aduan.procedure.errors import WrongField
from aduan.service.case_files import NEWEST, Window
from aduan.service.errors import Unknown
from aduan.service.ports import Loaded, Page
from aduan.service.staffing import STAFF_ROLES


def register(app: Flask, parts: Parts) -> dict[str, Explain]:
    """The routes, and by endpoint the pages of refusals that keep what was typed."""

    @app.get("/")
    def work() -> Response:
        return _work(parts)

    @app.get("/aduan")
    def complaints() -> Response:
        return _complaints(parts)

    @app.post("/cari")
    def find() -> Response:
        return _find(parts)

    @app.get("/aduan/<number>")
    def complaint(number: str) -> Response:
        return _complaint(parts, number)

    def explain(_: Exception, problem: Problem) -> Response | None:
        return _list(parts, Page(()), problem) if problem.fields or request.endpoint == "find" else None

    def at_its_newest(_: Exception, problem: Problem) -> Response | None:
        return _complaint_refused(parts, problem)

    return {"complaints": explain, "find": explain, "complaint": at_its_newest}


def _work(parts: Parts) -> Response:
    member, now = who(), parts.clock()
    work = parts.desk.work(member)
    if wants_json(request):
        return as_json({code: [row_json(c) for c in getattr(work, code)] for code, _ in GROUPS})
    groups = parts.views.work(member, work, now)
    rows = [row for _, _, group in groups for row in group]
    late = sum(row.timing.is_late for row in rows)
    ill = parts.watching.is_ill()
    return Response(render_template("work.html", groups=groups, count=len(rows), late=late, now=now, ill=ill))


def _complaints(parts: Parts) -> Response:
    reader = SearchReader(request.args, parts.office.workflow.procedure, parts.office.timezone)
    search = reader.read(parts.desk, parts.clock())
    if wants_json(request):
        return as_json(page_json(search.run(parts.desk)))
    mark = mark_of(search.filters)
    if mark not in {"", request.args.get("q", "").strip()}:
        return found_at(f"/aduan?{urlencode({**_asked(), 'q': mark})}")
    return _list(parts, search.run(parts.desk))


def _find(parts: Parts) -> Response:
    """A NIK or a phone number is looked for without standing in an address, where it would be logged and remembered."""
    typed = str(what().readable().get("q", "")).strip()
    try:
        found = looked_up(parts.desk, typed)
        if isinstance(found, str):
            return see_other(f"/aduan/{address_of(complaint_at(parts.desk, found).value)}")
    except WrongFilter as wrong:
        raise WrongField({"q": str(wrong)}) from wrong
    except Unknown as unknown:
        raise WrongField({"q": "Tidak ada aduan dengan nomor ini."}) from unknown
    return see_other(f"/aduan?{urlencode({'q': mark_of(found)})}")


def _complaint(parts: Parts, number: str) -> Response:
    loaded, window = complaint_at(parts.desk, number), read_window(request.args)
    if number != address_of(loaded.value):
        return found_at(f"/aduan/{address_of(loaded.value)}")
    if wants_json(request):
        return as_json(complaint_json(loaded.value, parts.desk.events(loaded, window.events)))
    return case_page(parts, loaded, window=window)


def _complaint_refused(parts: Parts, problem: Problem) -> Response | None:
    """Which part is wanted was not understood: the newest, which says so."""
    if not problem.fields:
        return None
    return case_page(parts, complaint_at(parts.desk, (request.view_args or {})["number"]), problem=problem)


def _asked() -> dict[str, str]:
    """The filters that the address has, without the page."""
    given = {name: request.args.get(name, "").strip() for name in FIELDS if name != "cursor"}
    return {name: value for name, value in given.items() if value}


def _list(parts: Parts, page: Page[Complaint], problem: Problem | None = None) -> Response:
    asked, people, procedure = _asked(), parts.views.people(), parts.office.workflow.procedure
    html = render_template(
        "complaints.html",
        rows=parts.views.rows(page.items, people, parts.clock()),
        given={name: asked.get(name, "") for name in FIELDS},
        looked_for=what().text("q") if "body" in g else "",  # one that was too large was not read
        is_filtered=bool(asked),
        is_narrowed=bool(asked.keys() - {"q"}),
        is_first=not request.args.get("cursor"),
        first=f"/aduan?{urlencode(asked)}" if asked else "/aduan",
        following=f"/aduan?{urlencode({**asked, 'cursor': page.next})}" if page.next else None,
        statuses=[(status.value, words) for status, words in STATUSES.items()],
        steps=[(str(step.number), parts.office.step(step.number)) for step in procedure.steps],
        roles=[(role.value, procedure.titles[role]) for role in STAFF_ROLES],
        holders=[(email, member.name) for email, member in people.members.items() if member.active],
        errors=(problem.fields if problem else None) or {},
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
    window: Window = NEWEST,
) -> Response:
    """A complaint's page; after a refusal with what was wrong, what was typed, and what happened meanwhile."""
    case, now = parts.desk.file(loaded, window), parts.clock()
    people = parts.views.people()
    meanwhile: Sequence[Happening] = ()
    if problem is not None and problem.version is not None:
        meanwhile = happenings(since_version(case.events, attempt.typed.get("version")), people)
    html = render_template(
        "complaint.html",
        case=parts.views.case(who(), case, people, now, attempt, unmasked=unmasked),
        attempt=attempt,
        problem=problem,
        meanwhile=meanwhile,
        people=people,
        breach_name=lambda breach: breach_name(parts.office, breach),
    )
    return Response(html, problem.status if problem else 200)
