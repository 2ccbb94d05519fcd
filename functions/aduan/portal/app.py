"""The staff portal: one Flask application, in which nothing is reached without a proof of who asks."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from flask import Flask, Response, g, request
from jinja2 import StrictUndefined
from markupsafe import Markup
from werkzeug.exceptions import MethodNotAllowed, NotFound, RequestEntityTooLarge

from aduan import logs
from aduan.answer_headers import secure
from aduan.portal import acts, attachments, channel_page, pages, problems, staff_pages
from aduan.portal.foreign_text import legible
from aduan.portal.office import Office
from aduan.portal.parts import Parts
from aduan.portal.proof import ASSERTION, FormProof, NotListed, can_be_listed
from aduan.portal.reading import LARGEST_BODY, read_body
from aduan.portal.views import Views, request_id
from aduan.service.attachments import Attachments
from aduan.service.desk import Desk
from aduan.service.health import Watching
from aduan.service.masking import masked
from aduan.service.media import MediaStore
from aduan.service.ports import ChannelLog, Clock
from aduan.service.staffing import Staffing
from aduan.service.unmasking import Unmasking

Identify = Callable[[str | None], str]
"""The address, in lower case, that an assertion proves. Raises `Unproven`."""

Span = Callable[[], AbstractContextManager[None]]
"""What a request is served in, once it is known whose it is."""

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ASSETS: Final = {"portal.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A file of the pages. Its address changes with its content, so it may be kept for good."""

    name: str
    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:16]

    @property
    def address(self) -> str:
        # Not under /static/: the functions framework answers there itself, and only with 404.
        return f"/berkas/{self.digest}/{self.name}"


def create_portal(
    desk: Desk, channel_log: ChannelLog, media: MediaStore, identify: Identify, secret: str, clock: Clock,
    timezone: ZoneInfo, span: Span = nullcontext,
) -> Flask:  # fmt: skip
    """The application. `identify` reads Identity-Aware Proxy's assertion; `secret` signs the tokens of forms.

    `span` is asked for at each request that is let in, and lasts until it is answered.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_MEMORY_SIZE=LARGEST_BODY, PROVIDE_AUTOMATIC_OPTIONS=False
    )
    app.url_map.merge_slashes = False
    parts = _parts(desk, channel_log, media, secret, clock, timezone)
    _guard(app, parts, identify)
    _record(app, span)
    _dress(app, parts)
    explain = {**pages.register(app, parts), **acts.register(app, parts), **staff_pages.register(app, parts)}
    attachments.register(app, parts)
    channel_page.register(app, parts)
    problems.register(app, explain)
    app.after_request(_secure)
    return app


def _parts(
    desk: Desk, channel_log: ChannelLog, media: MediaStore, secret: str, clock: Clock, timezone: ZoneInfo
) -> Parts:
    office = Office(desk.settling.workflow, timezone)
    unmasking = Unmasking(desk)
    return Parts(
        desk=desk,
        unmasking=unmasking,
        staffing=Staffing(desk.staff, office.workflow.procedure, clock),
        watching=Watching(channel_log, clock),
        attachments=Attachments(desk.store, media),
        office=office,
        views=Views(desk, office, unmasking),
        proof=FormProof(secret, clock),
        clock=clock,
    )


def _guard(app: Flask, parts: Parts, identify: Identify) -> None:
    """Who asks, whether they are staff, and whether a form of ours sent it: in this order, before anything else."""

    @app.before_request
    def enter() -> None:
        if request.endpoint == "asset":  # the pages' clothes: they say nothing, and a refusal wears them too
            return
        logs.about((request.view_args or {}).get("number"))
        email = identify(request.headers.get(ASSERTION))
        g.email = email
        member = parts.desk.member(email) if can_be_listed(email) else None
        if member is None:
            raise NotListed
        g.member = member
        if (request.content_length or 0) > LARGEST_BODY:
            raise RequestEntityTooLarge
        if request.method == "POST" and not isinstance(request.routing_exception, MethodNotAllowed):
            g.body = read_body(request)
            parts.proof.check(request, g.body, member.email)


def _record(app: Flask, span: Span) -> None:
    """After the guard, so that no stranger makes a span; the pages' clothes are everybody's, and make none."""

    @app.before_request
    def begin() -> None:
        if "member" in g:
            g.span = ExitStack()
            g.span.enter_context(span())

    @app.teardown_request
    def end(_: BaseException | None) -> None:
        if "span" in g:
            g.span.close()


def _dress(app: Flask, parts: Parts) -> None:
    """What every page wears: its files, its words, and the words' filters."""
    assets = _assets()

    @app.get("/berkas/<digest>/<name>")
    def asset(digest: str, name: str) -> Response:
        found = assets.get(name)
        if found is None or found.digest != digest:
            raise NotFound
        return Response(found.content, content_type=found.media_type)

    @app.context_processor
    def words() -> dict[str, object]:
        member = g.get("member")
        return {
            "member": member,
            "keeps_staff": member is not None and parts.staffing.may(member),
            "csrf_token": lambda: parts.proof.token(g.member.email),
            "request_id": request_id,
            "office": parts.office,
            "now": parts.clock(),
            "here": request.full_path.rstrip("?"),
            "assets": {name: found.address for name, found in assets.items()},
        }

    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        named=parts.office.named,
        masked=masked,
        legible=legible,
        time=_time(parts),
        hour=parts.office.hour,
        when=lambda at: parts.office.when(at, parts.clock()),
    )


def _time(parts: Parts) -> Callable[[datetime], Markup]:
    def time(at: datetime) -> Markup:
        return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), parts.office.time(at))

    return time


def _assets() -> dict[str, Asset]:
    folder = files("aduan.portal") / "static"
    return {name: Asset(name, (folder / name).read_bytes(), kind) for name, kind in _ASSETS.items()}


def _secure(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _POLICY)  # a citizen's file has one of its own
    if request.endpoint == "asset" and response.status_code == 200:  # noqa: PLR2004 - HTTP's own number
        response.headers["Cache-Control"] = _FOR_GOOD
    return secure(response)
