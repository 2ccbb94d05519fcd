"""The exchange between phones and the office: what WhatsApp itself does, without HTTP around it.

Messages of citizens become webhooks, accepted sends become messages on phones, and statuses follow.
"""

import base64
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus

from infra.local import whatsapp_payloads as payloads
from infra.local.whatsapp_courier import Courier
from infra.local.whatsapp_errors import WINDOW_CLOSED, GraphError, JsonObject
from infra.local.whatsapp_inbox import as_it_arrives
from infra.local.whatsapp_payloads import Account, Payload, Spread
from infra.local.whatsapp_requests import SendRequest
from infra.local.whatsapp_schedule import JobKind, Schedule
from infra.local.whatsapp_state import ChatMessage, MessageState, PhoneBook, PhoneRecord
from infra.local.whatsapp_templates import TemplateCatalogue

CONVERSATION_WINDOW = timedelta(hours=24)
TYPING_FOR = timedelta(seconds=25)
STATUS_PAUSE = timedelta(milliseconds=300)
STATUS_ORDER = (MessageState.SENT, MessageState.DELIVERED, MessageState.READ)

Answer = int | Payload
"""The HTTP status of the webhook's answer (0: no answer), or a payload that was not to be delivered."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A send that WhatsApp accepted. `to` is E.164 or a user id; `payload` is the request's body."""

    id: str
    to: str
    type: str
    payload: JsonObject
    callback: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How this WhatsApp behaves. `auto_status`: how far statuses go by themselves; None: none are sent.

    `late_window_error`: a send outside the 24-hour window is accepted and fails by a status. `early_status`:
    the status `sent` arrives before the send itself is answered.
    """

    auto_status: MessageState | None = MessageState.DELIVERED
    late_window_error: bool = False
    early_status: bool = False


@dataclass
class _Journal:
    sent: list[Sent] = field(default_factory=list)
    dropped: list[JsonObject] = field(default_factory=list)
    typing_until: dict[str, datetime] = field(default_factory=dict)


class Exchange:
    """Thread safe. No lock is held while a webhook is on its way."""

    def __init__(
        self,
        *,
        account: Account,
        book: PhoneBook,
        courier: Courier,
        schedule: Schedule,
        clock: Callable[[], datetime],
        templates: TemplateCatalogue,
        behaviour: Behaviour,
    ) -> None:
        self.account = account
        self.book = book
        self.courier = courier
        self.clock = clock
        self.templates = templates
        self.behaviour = behaviour
        self._schedule = schedule
        self._lock = threading.Lock()
        self._journal = _Journal()

    @property
    def sent(self) -> tuple[Sent, ...]:
        """All accepted sends, oldest first."""
        with self._lock:
            return tuple(self._journal.sent)

    @property
    def dropped(self) -> tuple[JsonObject, ...]:
        """Sends answered with 200 and thrown away, as Meta does with a user id in `to`."""
        with self._lock:
            return tuple(self._journal.dropped)

    def from_citizen(self, message: ChatMessage, content: JsonObject, *, deliver: bool) -> Answer:
        """A phone sends a message: it is in the conversation, opens the window, and goes out as a webhook."""
        sender = self._wrote(message)
        payload = payloads.citizen_message(self.account, sender, message, content)
        return self._deliver(payload, message, deliver=deliver)

    def from_system(self, message: ChatMessage, system: JsonObject, changed: PhoneRecord, *, deliver: bool) -> Answer:
        """WhatsApp says that a phone has another number or user id from now on."""
        before = self.book.phone(message.phone_id)
        self.book.save_message(message)
        self.book.save_phone(changed)
        payload = payloads.system_message(self.account, before, message, system)
        return self._deliver(payload, message, deliver=deliver)

    def accept(self, request: SendRequest, body: JsonObject, *, fail_with: GraphError | None = None) -> str:
        """Take one send and put it on its phone. Returns its wamid; raises the `GraphError` of a refusal."""
        message_id = new_wamid()
        if request.to_is_user_id:
            with self._lock:
                self._journal.dropped.append(body)
            return message_id
        message = as_it_arrives(request, self.templates, message_id, self.clock())
        closed = self._window_error(request)
        if closed is not None and not self.behaviour.late_window_error:
            raise closed
        self._take_in(message, request, body)
        self._plan_statuses(message_id, fail_with or closed)
        return message_id

    def report(
        self,
        message_id: str,
        state: MessageState,
        *,
        error: GraphError | None = None,
        at: datetime | None = None,
        deliver: bool = True,
    ) -> Answer:
        """Send one status of an accepted message, in whatever order a test likes. Raises `KeyError`."""
        payload = self._status(message_id, state, error, at)
        return self.courier.post(payload) if deliver else payload

    def read_by_citizen(self, phone_id: str, *, deliver: bool) -> Answer:
        """The phone's owner read everything that came: one webhook with all statuses (200 if none)."""
        unread = [
            message.id
            for message in self.book.conversation(phone_id)
            if message.from_office and message.state in (MessageState.SENT, MessageState.DELIVERED)
        ]
        if not unread:
            return HTTPStatus.OK
        read = [self._status(message_id, MessageState.READ) for message_id in unread]
        payload = payloads.merge(read, Spread.ONE_VALUE)
        return self.courier.post(payload) if deliver else payload

    def read_by_office(self, message_id: str, *, typing: bool) -> bool:
        """The office's read receipt, with its typing sign; False for a message that nobody wrote."""
        message = self.book.message(message_id)
        if message is None or message.from_office:
            return False
        self.book.save_message(message.model_copy(update={"state": MessageState.READ}))
        if typing:
            with self._lock:
                self._journal.typing_until[message.phone_id] = self.clock() + TYPING_FOR
        self.book.note_change()
        return True

    def typing_for(self, phone_id: str) -> timedelta:
        """How much longer the phone shows that the office is typing; zero if it does not."""
        with self._lock:
            until = self._journal.typing_until.get(phone_id)
        return max(timedelta(), until - self.clock()) if until else timedelta()

    def _wrote(self, message: ChatMessage) -> PhoneRecord:
        with self.book.locked():
            sender = self.book.phone(message.phone_id)
            latest = max(filter(None, (sender.last_wrote_at, message.at)))
            sender = self.book.save_phone(sender.model_copy(update={"last_wrote_at": latest}))
            self.book.save_message(message)
        return sender

    def _deliver(self, payload: Payload, message: ChatMessage, *, deliver: bool) -> Answer:
        if not deliver:
            return payload
        status = self.courier.post(payload)
        if status == HTTPStatus.OK:
            self._advance(message, MessageState.DELIVERED)
        return status

    def _window_error(self, request: SendRequest) -> GraphError | None:
        recipient = self.book.find(phone=request.to, bsuid=request.recipient)
        wrote = recipient.last_wrote_at if recipient else None
        if request.type == "template" or (wrote is not None and self.clock() - wrote < CONVERSATION_WINDOW):
            return None
        details = "Message failed to send because more than 24 hours have passed since the customer last replied"
        return GraphError(WINDOW_CLOSED, details)

    def _take_in(self, message: ChatMessage, request: SendRequest, body: JsonObject) -> None:
        to = request.to or request.recipient or ""
        sent = Sent(message.id, to, request.type, body, request.biz_opaque_callback_data, message.at)
        recipient = self._recipient(request)
        with self._lock:
            self._journal.sent.append(sent)
            self._journal.typing_until.pop(recipient.id, None)
        self.book.save_message(message.model_copy(update={"phone_id": recipient.id}))

    def _recipient(self, request: SendRequest) -> PhoneRecord:
        """Every number has WhatsApp here: a first message to one puts a new phone on the table."""
        with self.book.locked():
            known = self.book.find(phone=request.to, bsuid=request.recipient)
            if known is not None:
                return known
            phone = "+" + request.to.lstrip("+") if request.to else None
            name = phone or request.recipient or ""
            return self.book.add_phone(PhoneRecord(id="", name=name, phone=phone, bsuid=request.recipient))

    def _plan_statuses(self, message_id: str, failure: GraphError | None) -> None:
        if failure is not None:
            self._plan(partial(self.report, message_id, MessageState.FAILED, error=failure), place=1)
            return
        states = _states_up_to(self.behaviour.auto_status)
        if states and self.behaviour.early_status:
            self.report(message_id, states[0])
            states = states[1:]
        for place, state in enumerate(states):
            self._plan(partial(self.report, message_id, state), place)

    def _plan(self, run: Callable[[], object], place: int) -> None:
        self._schedule.add(JobKind.STATUS, run, after=STATUS_PAUSE * place)

    def _status(
        self,
        message_id: str,
        state: MessageState,
        error: GraphError | None = None,
        at: datetime | None = None,
    ) -> Payload:
        message = self._known(message_id)
        self._advance(message, state)
        recipient = self.book.phone(message.phone_id)
        return payloads.delivery_status(
            self.account, recipient, message, state=state, at=at or self.clock(), error=error
        )

    def _known(self, message_id: str) -> ChatMessage:
        message = self.book.message(message_id)
        if message is None:
            raise KeyError(message_id)
        return message

    def _advance(self, message: ChatMessage, state: MessageState) -> None:
        with self.book.locked():
            now = self._known(message.id)
            if _rank(state) > _rank(now.state):
                self.book.save_message(now.model_copy(update={"state": state}))


def new_wamid() -> str:
    """A message id as WhatsApp's: base64 of bytes, so with '+', '/' and '=' in it."""
    return "wamid." + base64.b64encode(secrets.token_bytes(33)).decode()


def _states_up_to(last: MessageState | None) -> tuple[MessageState, ...]:
    return () if last is None else STATUS_ORDER[: STATUS_ORDER.index(last) + 1]


def _rank(state: MessageState) -> int:
    return list(MessageState).index(state)
