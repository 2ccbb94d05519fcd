"""A simulated WhatsApp Cloud API, for development and tests only: it is not WhatsApp, and reaches nobody.

The functions talk to it through `WHATSAPP_API_BASE` exactly as to Meta, and it talks to their webhook exactly
as Meta does: signed, repeated until answered with 200, in batches, with statuses. A person uses it through
the phone page at `/`; a test uses the Python API of `WhatsAppSimulator` and `Phone`.
"""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from infra.local import whatsapp_payloads as payloads
from infra.local.phone_page import PhonePage
from infra.local.whatsapp_business import Business
from infra.local.whatsapp_business_api import BusinessApi
from infra.local.whatsapp_courier import Courier, doubling_pause
from infra.local.whatsapp_errors import GraphError, JsonObject
from infra.local.whatsapp_exchange import Answer, Behaviour, Exchange, Sent
from infra.local.whatsapp_faults import Endpoint, Fault, FaultPlan
from infra.local.whatsapp_graph import GraphApi
from infra.local.whatsapp_payloads import Account, Payload, Spread
from infra.local.whatsapp_phone import Phone
from infra.local.whatsapp_schedule import JobKind, Schedule
from infra.local.whatsapp_state import MessageState, PhoneBook, PhoneRecord

LARGEST_BODY = 20 * 1024 * 1024
POLL_SECONDS = 0.02  # how soon the server notices that it is to stop


def real_time() -> datetime:
    """The clock of real mode."""
    return datetime.now(UTC)


class WhatsAppSimulator:
    """One office's number at a simulated WhatsApp. Thread safe.

    With the default clock statuses and repeated webhooks happen by themselves in a background thread; with a
    clock of the caller's (`steered`) they wait for `flush_statuses` and `redeliver`. `templates` maps a name
    to its numbers of parameters and of quick-reply buttons. `folder` keeps the conversations.
    """

    def __init__(
        self,
        phone_number_id: str,
        access_token: str,
        app_secret: str,
        verify_token: str,
        *,
        clock: Callable[[], datetime] = real_time,
        webhook_url: str | None = None,
        templates: Mapping[str, tuple[int, int]] | None = None,
        template_bodies: Mapping[str, str] | None = None,
        template_buttons: Mapping[str, Sequence[str]] | None = None,
        auto_status: MessageState | Literal["sent", "delivered", "read"] | None = "delivered",
        late_window_error: bool = False,
        early_status: bool = False,
        steered: bool | None = None,
        pause: Callable[[int], timedelta] = doubling_pause,
        folder: Path | None = None,
        links: Sequence[tuple[str, str]] = (),
        office_name: str = "Aduan",
        timezone: str = "Asia/Jakarta",
    ) -> None:
        account = Account(phone_number_id, access_token, app_secret, verify_token)
        self.business = Business(
            account,
            counts=dict(templates or {}),
            bodies=dict(template_bodies or {}),
            buttons=dict(template_buttons or {}),
        )
        self.business.subscribe(webhook_url)
        catalogue = self.business.catalogue
        behaviour = Behaviour(MessageState(auto_status) if auto_status else None, late_window_error, early_status)
        self._steered = clock is not real_time if steered is None else steered
        self._schedule = Schedule(clock, steered=self._steered)
        self._courier = Courier(account, self._schedule, clock, url=webhook_url, pause=pause)
        self._faults = FaultPlan()
        self._closing = threading.Event()
        self.account = account
        self.book = PhoneBook(folder)
        self.exchange = Exchange(
            account=account,
            book=self.book,
            courier=self._courier,
            schedule=self._schedule,
            clock=clock,
            templates=catalogue,
            behaviour=behaviour,
        )
        self.app = self._build_app(links, office_name, timezone)
        self.base_url = ""

    @property
    def webhook_url(self) -> str | None:
        """Where webhooks go; may be set once the functions' address is known."""
        return self._courier.url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self._courier.url = url
        self.business.subscribe(url)

    @property
    def sent(self) -> tuple[Sent, ...]:
        """All accepted sends since the start, oldest first."""
        return self.exchange.sent

    @property
    def dropped(self) -> tuple[JsonObject, ...]:
        """Sends with a user id in `to`: answered with 200, and thrown away."""
        return self.exchange.dropped

    @property
    def undelivered(self) -> int:
        """How many webhooks wait to be sent again."""
        return self._courier.undelivered

    @property
    def phones(self) -> tuple[Phone, ...]:
        """Every phone, in the order they were added."""
        return tuple(Phone(self.exchange, record.id) for record in self.book.phones())

    def citizen(
        self,
        phone: str | None = None,
        bsuid: str | None = None,
        name: str = "Warga",
        *,
        contacts: bool = True,
        bsuid_in_from: bool = False,
    ) -> Phone:
        """A citizen's phone: by number (E.164), by user id, or both; with neither it gets a user id.

        The same number or user id gives the same phone again.
        """
        bsuid = bsuid or (None if phone else f"ID.{secrets.randbelow(10**17):017d}")
        wanted = PhoneRecord(id="", name=name, phone=phone, bsuid=bsuid, contacts=contacts, bsuid_in_from=bsuid_in_from)
        return self._phone(wanted)

    def staff(self, phone: str, name: str) -> Phone:
        """A staff member's phone: the page shows it under 'Ponsel petugas'."""
        return self._phone(PhoneRecord(id="", name=name, phone=phone, staff=True))

    def post(self, *webhooks: Answer, at_once: bool = False) -> list[int]:
        """Send payloads made with `deliver=False`, in order or all at the same moment; the HTTP statuses."""
        bodies = [_payload(webhook) for webhook in webhooks]
        if at_once:
            return self._courier.post_at_once(bodies)
        return [self._courier.post(body) for body in bodies]

    def batch(self, webhooks: Sequence[Answer], spread: Spread = Spread.CHANGES) -> Payload:
        """Several payloads merged into one webhook body, to be given to `post`."""
        return payloads.merge([_payload(webhook) for webhook in webhooks], spread)

    def post_body(self, body: bytes, *, signature: str | Literal[True] | None = True) -> int:
        """Send any bytes once: signed rightly (True), with another signature, or with none (None)."""
        return self._courier.post_body(body, signature=signature)

    def sign(self, body: bytes) -> str:
        """The right signature of a raw body."""
        return self._courier.signature(body)

    def replace_secrets(self, **secrets: str) -> None:
        """Let Meta's side have others from now on (`access_token`, `app_secret`, `verify_token`), as its console does.

        What is sent again is signed anew.
        """
        self.account = replace(self.account, **secrets)
        self.exchange.account = self._courier.account = self.business.account = self.account

    def handshake(self) -> bool:
        """Let the office confirm its webhook; True when it gave the challenge back."""
        return self._courier.handshake(secrets.token_hex(8))

    def status(
        self,
        message_id: str,
        state: MessageState | Literal["sent", "delivered", "read", "failed"],
        *,
        code: int | None = None,
        at: datetime | None = None,
        deliver: bool = True,
    ) -> Answer:
        """Send one status of an accepted send, in any order; `code` is the error of a `failed` one."""
        error = GraphError(code, "Failed in the simulated WhatsApp") if code is not None else None
        return self.exchange.report(message_id, MessageState(state), error=error, at=at, deliver=deliver)

    def flush_statuses(self) -> int:
        """Steered mode: send all waiting statuses, in order. Returns how many."""
        return self._schedule.run(JobKind.STATUS, only_due=False)

    def redeliver(self, *, only_due: bool = True) -> int:
        """Steered mode: send failed webhooks again, those due by the clock or all. Returns how many."""
        return self._schedule.run(JobKind.WEBHOOK, only_due=only_due)

    def fail_next(
        self,
        *,
        code: int | None = None,
        http: int | None = None,
        timeout: float | None = None,
        times: int = 1,
        after_accept: bool = False,
        as_status: bool = False,
        endpoint: Endpoint = Endpoint.MESSAGES,
    ) -> None:
        """Let the next requests go wrong; see `Fault`. `timeout` is in seconds."""
        self._faults.add(Fault(endpoint, code, http, timeout, after_accept, as_status), times)

    def forget_faults(self) -> None:
        """Nothing goes wrong any more that was planned to."""
        self._faults.forget()

    def down(self, *, graph: bool = True, webhooks: bool = False) -> None:
        """An outage: the Graph API answers 503, and/or webhooks are held back until `up`."""
        self._faults.set_down(down=graph)
        if webhooks:
            self._courier.hold()

    def up(self) -> None:
        """The outage is over; webhooks that were held are due at once (steered mode: call `redeliver`)."""
        self._faults.set_down(down=False)
        self._courier.release()

    @contextmanager
    def serve(self, port: int = 0, host: str = "127.0.0.1") -> Iterator["WhatsAppSimulator"]:
        """Serve Graph API and phone page while the block runs; `base_url` is set from then on."""
        server = make_server(host, port, self.app, threaded=True, request_handler=_QuietRequestHandler)
        self.base_url = f"http://{host}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._closing.set()
            server.shutdown()
            thread.join()
            server.server_close()
            self.close()

    def close(self) -> None:
        """End the background work and close the file."""
        self._closing.set()
        self._schedule.close()
        self._courier.close()
        self.book.close()

    def _phone(self, wanted: PhoneRecord) -> Phone:
        with self.book.locked():
            known = self.book.find(phone=wanted.phone, bsuid=wanted.bsuid)
            if known is None:
                return Phone(self.exchange, self.book.add_phone(wanted).id)
            given = wanted.model_dump(exclude_none=True, exclude={"id", "staff"})
            merged = known.model_copy(update=given | {"staff": known.staff or wanted.staff})
            return Phone(self.exchange, self.book.save_phone(merged).id)

    def _build_app(self, links: Sequence[tuple[str, str]], office_name: str, timezone: str) -> Flask:
        app = Flask(__name__, static_folder=None)
        app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
        app.register_blueprint(
            GraphApi(self.exchange, self._faults, BusinessApi(self.business, self._courier), self._closing).blueprint()
        )
        page = PhonePage(self.exchange, self.citizen, tuple(links), office_name, timezone, self._closing)
        app.register_blueprint(page.blueprint())
        return app


class _QuietRequestHandler(WSGIRequestHandler):
    """A page that asks for news all the time would fill the terminal."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of requests; errors are still written."""


def _payload(webhook: Answer) -> Payload:
    if isinstance(webhook, int):
        raise TypeError("this message was delivered already: make it with deliver=False")
    return webhook
