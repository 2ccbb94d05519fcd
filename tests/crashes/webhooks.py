"""Every kind of webhook: what a citizen can send, when; what WhatsApp reports of an answer; what cannot be read."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from aduan.adapters.whatsapp_errors import CODES
from aduan.service.channel import DeliveryState, Failure, MessageKind
from aduan.service.self_service import Command
from infra.local.whatsapp_exchange import Answer
from infra.local.whatsapp_phone import Phone
from tests.crashes.scenario import Request, Scenario, at, webhook_of
from tests.crashes.scenes import SCENES, draft, step_3, unapproved, undelivered
from tests.crashes.stage import Build, Scene, Stage, nothing
from tests.end_to_end.world import SET_FORMAT

Write = Callable[[Phone], Answer]

_PICTURE: Final = b"\xff\xd8\xff\xe0 a picture"
_FORM: Final = {
    "service": "identity_card",
    "name": "Siti Aminah",
    "nik": "3402014107900001",
    "description": "KTP saya belum jadi sejak dua bulan lalu.",
}
_OF_A_MESSAGE: Final = frozenset({MessageKind.REACTION, MessageKind.EDIT, MessageKind.REVOKE})
"""These point to an earlier message, so none begins a conversation."""

_ALIKE_WHEN_ADDED: Final = frozenset(
    {
        *(MessageKind.VIDEO, MessageKind.DOCUMENT, MessageKind.STICKER, MessageKind.AUDIO),  # as a picture is
        *(MessageKind.LOCATION, MessageKind.CONTACTS),  # as a text is
        MessageKind.ORDER,  # as what cannot be read is
    }
)
"""To an open complaint these are added just as another kind is; each of them begins a conversation all the same."""

_LEAVES_TRACES: Final = frozenset({MessageKind.NUMBER_CHANGED})


def _own(phone: Phone) -> str:
    """The first message that the citizen wrote."""
    return next(message.id for message in phone.conversation if not message.from_office)


def _tap_a_service(phone: Phone) -> Answer:
    row = {"id": "service:identity_card", "title": "KTP elektronik"}
    return phone.send("interactive", {"interactive": {"type": "list_reply", "list_reply": row}}, deliver=False)


MESSAGES: Final[Mapping[MessageKind, Write]] = MappingProxyType(
    {
        MessageKind.TEXT: lambda phone: phone.write("Mohon dibantu, KTP saya belum jadi juga.", deliver=False),
        MessageKind.REPLY: _tap_a_service,
        MessageKind.FORM: lambda phone: phone.fill_form(_FORM, deliver=False),
        MessageKind.IMAGE: lambda phone: phone.send_image(_PICTURE, deliver=False),
        MessageKind.VIDEO: lambda phone: phone.send_video(b"a video", deliver=False),
        MessageKind.DOCUMENT: lambda phone: phone.send_document(b"%PDF-1.7", "kk.pdf", deliver=False),
        MessageKind.STICKER: lambda phone: phone.send_sticker(b"RIFF", deliver=False),
        MessageKind.AUDIO: lambda phone: phone.send_voice(b"OggS", deliver=False),
        MessageKind.LOCATION: lambda phone: phone.send_location(-7.88, 110.33, deliver=False),
        MessageKind.CONTACTS: lambda phone: phone.send_contact("Budi", "+6281200000000", deliver=False),
        MessageKind.REACTION: lambda phone: phone.react("👍", phone.inbox[-1].id, deliver=False),
        MessageKind.EDIT: lambda phone: phone.edit(_own(phone), "Selamat siang", deliver=False),
        MessageKind.REVOKE: lambda phone: phone.revoke(_own(phone), deliver=False),
        MessageKind.ORDER: lambda phone: phone.send_order(deliver=False),
        MessageKind.NUMBER_CHANGED: lambda phone: phone.change_number(_next_number(phone), deliver=False),
        MessageKind.UNREADABLE: lambda phone: phone.send_unsupported(deliver=False),
    }
)
"""How a citizen sends each kind."""


def _next_number(phone: Phone) -> str:
    return f"+6281699{phone.id:0>6}"


def _tap(payload: str) -> Callable[[Scene], Write]:
    """A tap on the button of a template that was about the scene's complaint."""

    def of(scene: Scene) -> Write:
        button = {"payload": payload.format(complaint=scene.complaint), "text": "Buka"}
        return lambda phone: phone.send("button", {"button": button}, deliver=False)

    return of


def _word(text: str) -> Callable[[Scene], Write]:
    return lambda _: lambda phone: phone.write(text, deliver=False)


COMMANDS: Final[Mapping[Command, tuple[Build, Callable[[Scene], Write]]]] = MappingProxyType(
    {
        Command.STATUS: (step_3, _word("STATUS")),
        Command.NEW_COMPLAINT: (step_3, _word("ADUAN BARU")),
        Command.HELP: (step_3, _word("BANTUAN")),
        Command.ACKNOWLEDGED: (step_3, _tap("acknowledged:{complaint}")),
        Command.ANSWER: (undelivered, _tap("answer:{complaint}")),
        Command.QUESTION: (SCENES["waiting for the citizen"], _tap("question:{complaint}")),
    }
)
"""Each command, where it has something to answer."""

_OF_EVERY_STATUS: Final = ("waiting for the citizen", "answered, not approved", "delivered, not approved", "closed")
"""Where a text is another thing than at an open complaint."""


def scenarios() -> Iterator[Scenario]:
    """All of them."""
    for kind in MessageKind:
        if kind not in _OF_A_MESSAGE:
            yield _message(kind, "first", nothing)
        if kind not in _ALIKE_WHEN_ADDED:
            yield _message(kind, "to an open complaint", step_3)
    yield from (_message(kind, "in a draft", draft) for kind in (MessageKind.TEXT, MessageKind.FORM, MessageKind.IMAGE))
    for name in _OF_EVERY_STATUS:
        yield _message(MessageKind.TEXT, f"at: {name}", SCENES[name])
    yield _scenario("the set format, first", nothing, lambda phone: phone.write(SET_FORMAT, deliver=False))
    for command in Command:
        build, write = COMMANDS[command]
        yield Scenario("webhook", f"command {command.name}", "whatsapp_webhook", at(build, _commanded(write)))
    yield from _statuses()
    yield Scenario("webhook", "no JSON", "whatsapp_webhook", at(step_3, lambda stage, _: webhook_of(stage, b"{")))
    yield Scenario("webhook", "a message without an id", "whatsapp_webhook", at(step_3, _without_an_id))
    yield Scenario("webhook", "a batch", "whatsapp_webhook", at(undelivered, _batch))


def _message(kind: MessageKind, when: str, build: Build) -> Scenario:
    return _scenario(f"{kind.name} {when}", build, MESSAGES[kind], fresh=kind in _LEAVES_TRACES)


def _scenario(name: str, build: Build, write: Write, *, fresh: bool = False) -> Scenario:
    def request(stage: Stage, scene: Scene) -> Request:
        return webhook_of(stage, write(scene.citizen))

    return Scenario("webhook", name, "whatsapp_webhook", at(build, request, fresh=fresh))


def _commanded(write: Callable[[Scene], Write]) -> Callable[[Stage, Scene], Request]:
    return lambda stage, scene: webhook_of(stage, write(scene)(scene.citizen))


def _statuses() -> Iterator[Scenario]:
    """Of an answer: each state, and each failure that a status can bring."""
    for state in DeliveryState:
        if state is not DeliveryState.FAILED:
            yield _status(state.name, undelivered, state)
    yield _status("DELIVERED, without approval", unapproved, DeliveryState.DELIVERED)
    for failure in Failure:
        if failure in CODES:  # whether a send was accepted is never in doubt where a status tells of it
            yield _status(f"FAILED: {failure.name}", undelivered, DeliveryState.FAILED, one_code(failure))


def one_code(failure: Failure) -> int:
    """A code of WhatsApp's for a failure."""
    first = CODES[failure][0]
    return first if isinstance(first, int) else first.start


def _status(name: str, build: Build, state: DeliveryState, code: int | None = None) -> Scenario:
    def request(stage: Stage, scene: Scene) -> Request:
        return webhook_of(stage, _reported(stage, scene, state.value, code))

    return Scenario("webhook", f"status {name}", "whatsapp_webhook", at(build, request))


def _reported(stage: Stage, scene: Scene, state: Any, code: int | None = None) -> Answer:
    """A status of the newest message on the citizen's phone, which is the answer."""
    answer = [message for message in scene.citizen.inbox if message.at <= scene.now][-1]
    return stage.world.whatsapp.status(answer.id, state, code=code, deliver=False)


def _without_an_id(stage: Stage, scene: Scene) -> Request:
    payload = scene.citizen.write("tanpa nomor", deliver=False)
    assert not isinstance(payload, int)
    del payload["entry"][0]["changes"][0]["value"]["messages"][0]["id"]
    return webhook_of(stage, payload)


def _batch(stage: Stage, scene: Scene) -> Request:
    """Two people, one of them new, and a status."""
    new = stage.world.citizen("+6281699999999", name="Joko")
    parts = [
        scene.citizen.write("Terima kasih", deliver=False),
        new.write("Selamat pagi", deliver=False),
        _reported(stage, scene, "delivered"),
    ]
    return webhook_of(stage, stage.world.whatsapp.batch(parts))
