"""Citizens' messages through the webhook: claimed once, none lost, each given to whom it belongs."""

import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from google.cloud import firestore

from aduan.procedure.complaint import Complaint, Status
from aduan.service.channel import Address
from aduan.service.model import Citizen, Message
from infra.local.firestore import FirestoreEmulator
from infra.local.whatsapp_exchange import Answer
from infra.local.whatsapp_payloads import Spread
from infra.local.whatsapp_phone import Phone
from tests.end_to_end.world import ADMIN, SET_FORMAT, World, a_world

PICTURE = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture(scope="module")
def office(firestore_emulator: FirestoreEmulator) -> Iterator[World]:
    """One world for all these tests, each with citizens of its own."""
    project = "messages-in"
    client = firestore.Client(project=project)
    with a_world(firestore_emulator.host, project, client, auto_status=None) as world:
        yield world
    client.close()


@pytest.fixture
def siti(office: World, request: pytest.FixtureRequest) -> Phone:
    """A citizen whom this test alone knows."""
    return office.citizen(_phone_of(request.node.nodeid), name="Siti")


def _phone_of(test: str) -> str:
    return f"+62857{zlib.crc32(test.encode()) % 10**8:08}"


class Known:
    """What the office knows of one person: by the name that WhatsApp has for them."""

    def __init__(self, office: World, phone: str | None = None, bsuid: str | None = None) -> None:
        """Look it up now."""
        self.office = office
        self.inbound = office.house.store.inbound("wamid.unknown", Address(phone=phone, bsuid=bsuid))

    @property
    def citizen(self) -> Citizen:
        assert self.inbound.citizen is not None
        return self.inbound.citizen.value

    @property
    def complaint(self) -> Complaint:
        assert self.inbound.complaint is not None
        return self.inbound.complaint.value

    @property
    def messages(self) -> tuple[Message, ...]:
        """Those of the current complaint."""
        assert self.inbound.complaint is not None
        return self.office.house.store.conversation(self.inbound.complaint).inbound

    @property
    def kept(self) -> int:
        """All of this person, whatever they belong to."""
        return self._count("messages")

    @property
    def complaints(self) -> int:
        return self._count("complaints")

    def _count(self, collection: str) -> int:
        where = firestore.FieldFilter("citizen", "==", self.citizen.id)
        return len(list(self.office.client.collection(collection).where(filter=where).stream()))


def known(office: World, phone: Phone) -> Known:
    return Known(office, phone.record.phone, phone.record.bsuid)


def held_back(send: Callable[..., Answer], *arguments: Any, **more: Any) -> Answer:
    """The webhook of a message, to be posted later."""
    return send(*arguments, deliver=False, **more)


# Once


def test_one_webhook_three_times_at_once_is_one_complaint(office: World, siti: Phone) -> None:
    webhook = held_back(siti.write, SET_FORMAT)
    assert office.whatsapp.post(webhook, webhook, webhook, at_once=True) == [200, 200, 200]
    office.settle()
    seen = known(office, siti)
    assert (seen.complaints, seen.kept, seen.complaint.seq) == (1, 1, 1)
    assert len(siti.inbox) == 1
    assert str(seen.complaint.number) in siti.inbox[0].text


def test_a_webhook_that_comes_again_days_later_is_nothing_new(office: World, siti: Phone) -> None:
    webhook = held_back(siti.write, SET_FORMAT)
    office.whatsapp.post(webhook)
    before = known(office, siti).complaint
    assert office.whatsapp.post(webhook, webhook) == [200, 200]
    assert known(office, siti).complaint == before


@pytest.mark.parametrize("spread", Spread)
def test_a_batch_of_three_messages_and_two_statuses_is_all_five(office: World, spread: Spread) -> None:
    numbers, statuses = [], []
    for place in range(2):
        answered = office.citizen(_phone_of(f"answered {spread} {place}"))
        answered.write(SET_FORMAT)
        number = str(known(office, answered).complaint.number)
        office.did(number, "settle", ADMIN, note="Data benar.", answer="Silakan diambil.")
        numbers.append(number)
        statuses.append(office.whatsapp.status(answered.inbox[-1].id, "delivered", deliver=False))
    citizens = [office.citizen(_phone_of(f"writes {spread} {place}"), name=f"Warga {place}") for place in range(3)]
    messages = [held_back(citizen.write, SET_FORMAT) for citizen in citizens]
    mixed = [messages[0], statuses[0], messages[1], statuses[1], messages[2]]
    assert office.whatsapp.post(office.whatsapp.batch(mixed, spread)) == [200]
    office.settle()
    for citizen in citizens:
        assert str(known(office, citizen).complaint.number) in citizen.inbox[-1].text
    assert [office.complaint(number)["step"] for number in numbers] == [None, None]


def test_ten_pictures_at_the_same_moment_are_one_draft_ten_messages_and_one_reply(office: World, siti: Phone) -> None:
    album = [held_back(siti.send_image, PICTURE) for _ in range(10)]
    assert office.whatsapp.post(*album, at_once=True) == [200] * 10
    office.settle()
    seen = known(office, siti)
    assert (seen.complaints, seen.complaint.status, len(seen.messages)) == (1, Status.DRAFT, 10)
    assert len({message.file.media_id for message in seen.messages if message.file}) == 10
    assert len(siti.inbox) == 1


def test_an_album_whose_caption_is_the_complaint_is_one_complaint(office: World, siti: Phone) -> None:
    album = [held_back(siti.send_image, PICTURE, caption=SET_FORMAT if place == 4 else "") for place in range(10)]
    assert office.whatsapp.post(*album, at_once=True) == [200] * 10
    office.settle()
    seen = known(office, siti)
    assert (seen.complaints, seen.complaint.status, len(seen.messages)) == (1, Status.OPEN, 10)
    assert str(seen.complaint.number) in siti.inbox[-1].text
    assert len(siti.inbox) <= 2  # where a picture came first, it was asked what it is about


def test_two_citizens_who_write_at_the_same_moment_have_a_complaint_each(office: World) -> None:
    citizens = [office.citizen(_phone_of(f"at once {place}")) for place in range(5)]
    webhooks = [held_back(citizen.write, SET_FORMAT) for citizen in citizens]
    assert office.whatsapp.post(*webhooks, at_once=True) == [200] * 5
    assert len({known(office, citizen).complaint.number for citizen in citizens}) == 5


# What cannot be read


def test_a_bad_item_sinks_nothing_of_its_batch(office: World, siti: Phone) -> None:
    batch = office.whatsapp.batch([held_back(siti.write, SET_FORMAT)], Spread.ONE_VALUE)
    value = batch["entry"][0]["changes"][0]["value"]
    bad: list[Any] = [
        None,
        5,
        "text",
        [],
        {},
        {"type": "text"},
        {"id": "wamid.X", "type": "text"},
        {"id": 7, "from": {}},
    ]
    value["messages"] = [*bad[:4], *value["messages"], *bad[4:]]
    value["contacts"] = [*value["contacts"], None, {"profile": 3}]
    value["statuses"] = [None, {"id": "wamid.Y"}, {"id": "wamid.Y", "status": "exploded"}]
    batch["entry"] += [None, {"changes": [None, {"field": 1}]}]
    before = len(list(office.client.collection("unreadable").stream()))
    assert office.whatsapp.post(batch) == [200]
    assert known(office, siti).complaint.status is Status.OPEN
    assert len(list(office.client.collection("unreadable").stream())) > before


def _own(phone: Phone) -> str:
    """The newest message that this person wrote."""
    return next(message.id for message in reversed(phone.conversation) if not message.from_office)


QUESTION, RECEIVED, UNREADABLE, SILENT = "Layanan", "sudah kami terima", "belum dapat kami baca", ""
MESSAGES: dict[str, tuple[Callable[[Phone], Answer], str]] = {
    "text": (lambda phone: phone.write("Selamat pagi"), QUESTION),
    "image": (lambda phone: phone.send_image(PICTURE), RECEIVED),
    "video": (lambda phone: phone.send_video(PICTURE), RECEIVED),
    "document": (lambda phone: phone.send_document(b"%PDF-1.7", "kk.pdf"), RECEIVED),
    "voice": (lambda phone: phone.send_voice(b"OggS"), RECEIVED),
    "location": (lambda phone: phone.send_location(-7.88, 110.32, "Kantor Bupati"), RECEIVED),
    "contacts": (lambda phone: phone.send_contact("Budi", "+6281200000009"), RECEIVED),
    "sticker": (lambda phone: phone.send_sticker(b"RIFF"), UNREADABLE),
    "order": (lambda phone: phone.send_order(), UNREADABLE),
    "unsupported": (lambda phone: phone.send_unsupported(), UNREADABLE),
    "lost picture": (lambda phone: phone.send_lost_image(), UNREADABLE),
    "unknown": (lambda phone: phone.send("hologram", {"hologram": {"depth": 3}}), UNREADABLE),
    "form of bad JSON": (lambda phone: phone.fill_form("{"), UNREADABLE),
    "form that is a list": (lambda phone: phone.fill_form("[1]"), UNREADABLE),
    "form with other fields": (lambda phone: phone.fill_form({"colour": "red"}), QUESTION),
    "text without text": (lambda phone: phone.send("text", {}), UNREADABLE),
    "button": (lambda phone: phone.send("button", {"button": {"payload": "continue", "text": "Lanjutkan"}}), QUESTION),
    "reaction": (lambda phone: phone.send("reaction", {"reaction": {"message_id": "wamid.1", "emoji": "🙏"}}), SILENT),
    "reaction taken back": (lambda phone: phone.send("reaction", {"reaction": {"message_id": "wamid.1"}}), SILENT),
    "edit": (
        lambda phone: phone.send(
            "edit", {"edit": {"original_message_id": "wamid.1", "message": {"type": "text", "text": {"body": "Siang"}}}}
        ),
        SILENT,
    ),
    "revoke": (lambda phone: phone.send("revoke", {"revoke": {"original_message_id": "wamid.1"}}), SILENT),
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_every_type_of_message_is_accepted_kept_and_answered_kindly(office: World, siti: Phone, kind: str) -> None:
    send, answer = MESSAGES[kind]
    assert send(siti) == 200
    office.settle()
    assert known(office, siti).kept == 1
    replies = [message.text for message in siti.inbox]
    assert len(replies) == (1 if answer else 0)
    assert all(answer.casefold() in reply.casefold() for reply in replies)


def test_in_an_open_complaint_every_type_is_kept_with_it_and_moves_nothing(world: World) -> None:
    citizens = {kind: world.citizen(_phone_of(kind)) for kind in MESSAGES if kind != "button"}
    for citizen in citizens.values():
        citizen.write(SET_FORMAT)
    world.settle()
    before = {kind: known(world, citizen).complaint for kind, citizen in citizens.items()}
    world.clock.now += timedelta(minutes=2)
    assert {kind: MESSAGES[kind][0](citizen) for kind, citizen in citizens.items()} == dict.fromkeys(citizens, 200)
    world.settle()
    after = {kind: known(world, citizen) for kind, citizen in citizens.items()}
    counts = {kind: 1 if MESSAGES[kind][1] else 0 for kind in citizens}
    assert {kind: len(seen.messages) for kind, seen in after.items()} == dict.fromkeys(citizens, 2)
    assert {kind: seen.complaint.unread for kind, seen in after.items()} == counts
    assert {kind: len(citizen.inbox) - 1 for kind, citizen in citizens.items()} == counts
    for kind, seen in after.items():
        moved = {"seq", "messages", "unread"}
        assert seen.complaint.model_dump(exclude=moved) == before[kind].model_dump(exclude=moved)


def test_a_form_filled_in_on_the_phone_is_a_complaint(office: World, siti: Phone) -> None:
    form = {"service": "identity_card", "name": "Siti", "nik": "3402014107900001", "description": "KTP belum jadi juga"}
    assert siti.fill_form(form) == 200
    assert known(office, siti).complaint.status is Status.OPEN


def test_a_picture_with_the_set_format_under_it_is_a_complaint_with_its_picture(office: World, siti: Phone) -> None:
    assert siti.send_image(PICTURE, caption=SET_FORMAT) == 200
    seen = known(office, siti)
    assert seen.complaint.status is Status.OPEN
    file = seen.messages[0].file
    assert file is not None
    assert file.media_type == "image/jpeg"


# Who it is


def _sent_to(office: World, name: str) -> dict[str, Any]:
    """The newest message that was handed to WhatsApp for this number or user id."""
    return next(sent.payload for sent in reversed(office.whatsapp.sent) if sent.to == name)


@pytest.mark.parametrize(("contacts", "in_from"), [(True, False), (False, False), (True, True)])
def test_somebody_without_a_number_is_served_and_later_known_by_both_names(
    office: World, contacts: bool, in_from: bool
) -> None:
    bsuid, phone = f"ID.{_phone_of(f'{contacts} {in_from}')[1:]}", _phone_of(f"{contacts} {in_from} phone")
    nameless = office.whatsapp.citizen(bsuid=bsuid, name="Tono", contacts=contacts, bsuid_in_from=in_from)
    assert nameless.write("Selamat pagi") == 200
    office.settle()
    assert nameless.inbox
    assert _sent_to(office, bsuid)["recipient"] == bsuid
    first = Known(office, bsuid=bsuid)

    both = office.whatsapp.citizen(phone, bsuid, name="Tono", contacts=True, bsuid_in_from=False)
    assert both.write(SET_FORMAT) == 200
    office.settle()
    for joined in (Known(office, bsuid=bsuid), Known(office, phone=phone), Known(office, phone, bsuid)):
        assert (joined.citizen.id, joined.complaint.id) == (first.citizen.id, first.complaint.id)
        assert (joined.citizen.phone, joined.citizen.bsuid) == (phone, bsuid)
    assert not office.whatsapp.dropped


def test_whoever_changes_their_number_keeps_their_complaint_and_is_answered_there(office: World, siti: Phone) -> None:
    siti.write(SET_FORMAT)
    before, new = known(office, siti), _phone_of("her new number")
    assert siti.change_number(new) == 200
    office.clock.now += timedelta(minutes=2)
    assert siti.write("STATUS") == 200
    office.settle()
    after = Known(office, phone=new)
    assert (after.citizen.id, after.citizen.phone) == (before.citizen.id, new)
    assert after.complaint.version == before.complaint.version
    assert str(before.complaint.number) in str(_sent_to(office, new))
    assert str(before.complaint.number) in siti.inbox[-1].text


def test_whoever_gets_a_number_that_was_given_up_does_not_see_its_former_owners_complaint(
    office: World, siti: Phone
) -> None:
    siti.write(SET_FORMAT)
    before = known(office, siti)
    given_up = str(before.citizen.phone)
    assert siti.change_number(_phone_of("another number of hers")) == 200
    stranger = office.whatsapp.citizen(phone=given_up, name="Tono")
    assert stranger.write("STATUS") == 200
    office.settle()
    assert str(before.complaint.number) not in str([message.text for message in stranger.inbox])
    assert stranger.write(SET_FORMAT) == 200
    after = Known(office, phone=given_up)
    assert after.citizen.id != before.citizen.id
    assert after.complaint.id != before.complaint.id


def test_whoever_gets_another_user_id_keeps_their_complaint(office: World) -> None:
    citizen = office.whatsapp.citizen(bsuid="ID.00000000000000001", name="Tono")
    citizen.write(SET_FORMAT)
    before = Known(office, bsuid="ID.00000000000000001")
    assert citizen.change_user_id("ID.00000000000000002") == 200
    after = Known(office, bsuid="ID.00000000000000002")
    assert (after.citizen.id, after.complaint.number) == (before.citizen.id, before.complaint.number)
    assert after.citizen.bsuid == "ID.00000000000000002"


# Many


def test_messages_to_an_open_complaint_are_added_and_counted_and_move_nothing(office: World, siti: Phone) -> None:
    siti.write(SET_FORMAT)
    office.settle()
    before = office.complaint(str(known(office, siti).complaint.number))
    for text in ("Sudah dicek pak?", "Ini fotonya", "Terima kasih"):
        office.clock.now += timedelta(seconds=30)
        siti.write(text)
    office.settle()
    seen = known(office, siti)
    after = office.complaint(str(seen.complaint.number))
    assert (seen.complaint.unread, len(seen.messages)) == (3, 4)
    for name in ("version", "step", "status", "holder_role", "holder", "due_at", "description"):
        assert after[name] == before[name]
    assert [event["type"] for event in after["events"]] == ["submitted", *["message_added"] * 3]
    assert len(siti.inbox) == 2


@pytest.mark.parametrize("first", ["Selamat pagi", SET_FORMAT], ids=["draft", "open"])
def test_a_flood_is_kept_whole_and_answered_a_few_times(office: World, siti: Phone, first: str) -> None:
    webhooks = [held_back(siti.write, first), *[held_back(siti.write, f"tolong {n}") for n in range(29)]]
    assert office.whatsapp.post(webhooks[0]) == [200]
    for start in range(1, 30, 10):
        assert set(office.whatsapp.post(*webhooks[start : start + 10], at_once=True)) == {200}
    office.settle()
    assert len(known(office, siti).messages) == 30
    assert len(siti.inbox) <= 4
