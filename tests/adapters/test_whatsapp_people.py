"""Who a message is from; and that two people are never taken for one."""

import pytest

from aduan.service.channel import Address, MessageKind
from tests.adapters.whatsapp_samples import (
    BSUID,
    PHONE,
    WA_ID,
    Part,
    contact,
    message,
    read_one,
    read_value,
)

OTHER = "628999"
OTHER_BSUID = "ID.999"


def named(number: str | None = None, user_id: str | None = None, wamid: str = "wamid.A") -> Part:
    return message("text", {"body": "Halo"}, **{"from": number, "from_user_id": user_id, "id": wamid})


@pytest.mark.parametrize(
    ("sent", "contacts", "sender"),
    [
        (named(WA_ID), [], Address(PHONE)),
        (named(PHONE), [], Address(PHONE)),
        (named(WA_ID, BSUID), [], Address(PHONE, BSUID)),
        (named(None, BSUID), [], Address(None, BSUID)),
        (named(BSUID), [], Address(None, BSUID)),
        (named(BSUID, OTHER_BSUID), [], Address(None, OTHER_BSUID)),
        (named(), [contact(WA_ID)], Address(PHONE)),
        (named(), [contact(None, BSUID)], Address(None, BSUID)),
        (named(), [contact(BSUID)], Address(None, BSUID)),
        (named(WA_ID), [contact(WA_ID, BSUID)], Address(PHONE, BSUID)),
        (named(None, BSUID), [contact(WA_ID, BSUID)], Address(PHONE, BSUID)),
        (named(BSUID), [contact(WA_ID)], Address(PHONE, BSUID)),
        (named(WA_ID), [contact(None, BSUID)], Address(PHONE, BSUID)),
        (named(OTHER), [contact(WA_ID, BSUID)], Address("+" + OTHER, BSUID)),
    ],
)
def test_a_sender_is_put_together_from_the_message_and_its_contact(
    sent: Part, contacts: list[Part], sender: Address
) -> None:
    assert read_one(sent, contacts).sender == sender


@pytest.mark.parametrize("profile", [None, "Siti", {}, {"name": None}, {"name": ""}, {"name": ["Siti"]}])
def test_a_name_that_is_missing_is_none(profile: object) -> None:
    assert read_one(named(WA_ID), [contact() | {"profile": profile}]).profile_name is None


def test_each_message_of_several_people_has_its_own_contact() -> None:
    batch = read_value(
        messages=[named(OTHER, wamid="1"), named(None, BSUID, wamid="2"), named("628777", wamid="3")],
        contacts=[contact(WA_ID, BSUID, "Siti"), contact(OTHER, OTHER_BSUID, "Budi")],
    )
    assert [(each.sender, each.profile_name) for each in batch.messages] == [
        (Address("+" + OTHER, OTHER_BSUID), "Budi"),
        (Address(PHONE, BSUID), "Siti"),
        (Address("+628777"), None),
    ]


def test_several_messages_beside_one_contact_are_not_all_its_own() -> None:
    batch = read_value(
        messages=[named(WA_ID, wamid="1"), named(None, OTHER_BSUID, wamid="2"), named(wamid="3")],
        contacts=[contact(WA_ID)],
    )
    assert [each.sender for each in batch.messages] == [
        Address(PHONE),
        Address(None, OTHER_BSUID),
        Address(PHONE),
    ]


def test_a_contact_with_another_user_id_is_another_person() -> None:
    read = read_one(named(None, OTHER_BSUID), [contact(WA_ID, BSUID)])
    assert (read.sender, read.profile_name) == (Address(None, OTHER_BSUID), None)


def test_a_message_that_names_nobody_beside_several_contacts_is_not_guessed() -> None:
    batch = read_value(messages=[named()], contacts=[contact(WA_ID), contact(OTHER)])
    assert (batch.messages, len(batch.unreadable)) == ((), 1)


@pytest.mark.parametrize("bad", [None, 7, "x", {}, {"wa_id": ""}, {"wa_id": ["628"]}])
def test_a_bad_contact_costs_no_message(bad: object) -> None:
    batch = read_value(messages=[named(WA_ID)], contacts=[bad, contact(WA_ID, BSUID)])
    assert [each.sender for each in batch.messages] == [Address(PHONE, BSUID)]


def changed(system: Part, **fields: object) -> Part:
    return message("system", {"body": "User Siti changed from A to B"} | system, **fields)


@pytest.mark.parametrize(
    ("sent", "before", "after"),
    [
        (
            changed({"type": "user_changed_number", "wa_id": OTHER}),
            Address(PHONE),
            Address("+" + OTHER),
        ),
        (
            changed({"type": "user_changed_number", "new_wa_id": int(OTHER)}),
            Address(PHONE),
            Address("+" + OTHER),
        ),
        (
            changed(
                {
                    "type": "user_changed_number",
                    "wa_id": OTHER,
                    "user_id": OTHER_BSUID,
                    "previous_user_id": BSUID,
                },
                from_user_id=OTHER_BSUID,
            ),
            Address(PHONE, BSUID),
            Address("+" + OTHER, OTHER_BSUID),
        ),
        (
            changed(
                {"type": "user_changed_user_id", "user_id": OTHER_BSUID, "previous_user_id": BSUID},
                **{"from": None},
            ),
            Address(None, BSUID),
            Address(None, OTHER_BSUID),
        ),
        (
            changed({"type": "user_changed_user_id", "user_id": OTHER_BSUID}, from_user_id=BSUID),
            Address(PHONE, BSUID),
            Address(None, OTHER_BSUID),
        ),
        (
            changed({"type": "user_changed_user_id", "user_id": OTHER_BSUID}, from_user_id=OTHER_BSUID),
            Address(PHONE),
            Address(None, OTHER_BSUID),
        ),
    ],
)
def test_a_changed_number_or_user_id_says_who_it_was_and_who_it_is(sent: Part, before: Address, after: Address) -> None:
    read = read_one(sent)
    assert (read.kind, read.sender, read.new_sender) == (MessageKind.NUMBER_CHANGED, before, after)
    assert read.text is None


def test_a_change_of_somebody_unknown_is_kept_raw() -> None:
    sent = changed({"type": "user_changed_user_id", "user_id": OTHER_BSUID}, **{"from": None})
    batch = read_value(messages=[sent])
    assert (batch.messages, len(batch.unreadable)) == ((), 1)
