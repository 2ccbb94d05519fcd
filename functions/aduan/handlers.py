"""What each function does with a request: is it allowed in, what does it say, one use case, and a status.

The doors are alike: a method that is not theirs is 405, a body over 4 MiB 413, a wrong or missing proof 401, told
without detail and before anything is read, parsed or imported. Only a request that is proven has spans. What goes wrong
unforeseen is one line of the log, and a 500 that says nothing.
"""

import io
from collections.abc import Callable
from functools import wraps

import structlog
from flask import Request, Response
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    RequestEntityTooLarge,
    Unauthorized,
)

from aduan import logs
from aduan import settings as names
from aduan.bootstrap import House

log = structlog.get_logger()

LARGEST_BODY = 4 * 1024 * 1024

Handler = Callable[[House, Request], Response]


def _watched(handler: Handler) -> Handler:
    @wraps(handler)
    def answer(house: House, request: Request) -> Response:
        logs.of_request(handler.__name__, request.headers)
        try:
            return handler(house, request)
        except HTTPException:
            raise
        except Exception as error:
            log.exception("failed")
            raise InternalServerError from error

    return answer


@_watched
def whatsapp_webhook(house: House, request: Request) -> Response:
    """Meta's handshake (GET) and updates (POST). 200 means: kept. 5xx makes Meta send the same again."""
    _enter(request, "GET", "POST")
    from aduan.adapters.whatsapp_proof import answer_handshake, verify_signature

    if request.method == "GET":
        challenge = answer_handshake(request.args, house.settings[names.WHATSAPP_VERIFY_TOKEN])
        return _text(challenge, 200) if challenge is not None else _text("", 403)
    raw = request.get_data()
    secrets = house.settings[names.WHATSAPP_APP_SECRET]
    if not verify_signature(raw, request.headers.get("X-Hub-Signature-256"), secrets):
        log.warning("signature_refused")
        raise Unauthorized
    with house.tracing.of("whatsapp_webhook"):
        return _text("", 200 if _take(house, raw) else 500)


def _take(house: House, raw: bytes) -> bool:
    """Every item of a batch by itself; False if one could not be kept. The others then come again as repeats."""
    from aduan.adapters.whatsapp_webhook import read_webhook
    from aduan.service.batch import Batches

    batch = read_webhook(raw, house.settings[names.WHATSAPP_PHONE_NUMBER_ID], house.clock())
    for why in batch.ignored:
        log.info("change_ignored", why=why)
    return Batches(house.intake, house.delivery, house.store, house.clock).take(batch)


@_watched
def staff_portal(house: House, request: Request) -> Response:
    """The staff's pages, a Flask application of their own: it proves who asks, and has its span from there on."""
    with house.portal.request_context(request.environ):
        response = house.portal.full_dispatch_request()
    # The framework reads what is left of a request before it sends an answer, however long that is: nothing is left.
    request.environ |= {"wsgi.input": io.BytesIO(), "wsgi.input_terminated": True}
    return response


@_watched
def sla_check(house: House, request: Request) -> Response:
    """An alarm rang."""
    _enter(request, "POST")
    _prove(house.task_identity(names.SLA_CHECK_URL).verify, request)
    from aduan.adapters.task_bodies import read_check

    try:
        complaint, alarm = read_check(request.get_data())
    except ValueError as error:
        return _refuse(error)
    logs.about(complaint)
    with house.tracing.of("sla_check"):
        changed = house.checking.check(complaint, alarm)
    log.info("checked", alarm=alarm.kind.value, rung=alarm.rung, changed=changed)
    return _text("", 200)


@_watched
def send_message(house: House, request: Request) -> Response:
    """One row of the outbox is to leave. 503 where it must come again."""
    _enter(request, "POST")
    _prove(house.task_identity(names.SEND_MESSAGE_URL).verify, request)
    from aduan.adapters.task_bodies import read_row
    from aduan.service.errors import NotYet

    try:
        ref = read_row(request.get_data())
    except ValueError as error:
        return _refuse(error)
    logs.about(ref.complaint)
    try:
        with house.tracing.of("send_message"):
            house.sending.send(ref)
    except NotYet as reason:
        log.info("message_waits", row=ref.row, why=str(reason))
        return _text("", 503)
    return _text("", 200)


@_watched
def fetch_media(house: House, request: Request) -> Response:
    """The file of a message is to be fetched. What cannot be had now has a task of its own for later: 200."""
    _enter(request, "POST")
    _prove(house.task_identity(names.FETCH_MEDIA_URL).verify, request)
    from aduan.adapters.task_bodies import read_fetch

    try:
        message = read_fetch(request.get_data())
    except ValueError as error:
        return _refuse(error)
    with house.tracing.of("fetch_media"):
        house.fetching.fetch(message)
    return _text("", 200)


@_watched
def sweep(house: House, request: Request) -> Response:
    """Cloud Scheduler, every five minutes. 500 where something could not be mended, so that it is seen."""
    _enter(request, "POST")
    _prove(house.task_identity(names.SWEEP_URL, names.SCHEDULER_SERVICE_ACCOUNT).verify, request)
    from aduan.service.health import Watching

    with house.tracing.of("sweep"):
        swept = house.sweeping.sweep()
    waited = Watching(house.channel_log, house.clock).longest_wait()
    log.info("waiting_to_leave", oldest_s=int(waited.total_seconds()))
    return _text("", 500 if swept.failed else 200)


def _enter(request: Request, *methods: str) -> None:
    if request.method not in methods:
        raise MethodNotAllowed(valid_methods=methods)
    request.max_content_length = LARGEST_BODY
    if (request.content_length or 0) > LARGEST_BODY:
        raise RequestEntityTooLarge


def _prove(verify: Callable[[str | None], None], request: Request) -> None:
    from aduan.service.errors import Unproven

    try:
        verify(request.headers.get("Authorization"))
    except Unproven as error:
        log.warning("proof_refused", why=str(error))
        raise Unauthorized from error


def _refuse(error: ValueError) -> Response:
    log.error("body_refused", why=str(error))
    return _text("", 400)


def _text(body: str, status: int) -> Response:
    return Response(body, status, content_type="text/plain; charset=utf-8")
