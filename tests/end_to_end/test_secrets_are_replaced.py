"""Each secret is replaced while citizens write, in the order of `infra/runbook.md`: nothing lost, nothing twice.

The office's key has a test of its own: `test_the_key_is_replaced.py`.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

import httpx

from aduan.bootstrap import House
from aduan.settings import Settings
from tests.end_to_end.scenes import copies, events, numbers_in, submitted
from tests.end_to_end.world import ADMIN, SET_FORMAT, World
from tests.portal.html import Page

HOUR = timedelta(hours=1)
APP = {"app_secret": "after-the-reset"}
VERIFY = {"verify_token": "another-token"}
ACCESS = {"access_token": "a-newer-token"}
"""What Meta's console gives."""


def release(world: World, settings: Mapping[str, str]) -> None:
    """The next release: new processes, which read the secrets anew."""
    world.house = House(Settings({**world.environment, **settings}), world.clock)


def numbers_of(world: World, phone: str) -> list[str]:
    """The numbers that a citizen was told, each time that one was told."""
    return numbers_in(" ".join(message.text for message in world.citizen(phone).inbox))


def write(world: World, phone: str) -> int:
    answer = world.citizen(phone, name="Siti").write(SET_FORMAT)
    world.settle()
    assert isinstance(answer, int)
    return answer


def deliver_again(world: World) -> int:
    """Time goes on until Meta has tried again all that was refused; how often it tried."""
    tried = 0
    for _ in range(48):
        if not world.whatsapp.undelivered:
            return tried
        world.clock.now += HOUR
        tried += world.whatsapp.redeliver()
        world.settle()
    raise AssertionError("Meta still tries")


def test_what_meta_signs_with_a_new_app_secret_waits_at_meta_until_the_release_that_knows_it(world: World) -> None:
    release(world, {"WHATSAPP_APP_SECRET": "app-secret"})
    assert write(world, "+628120000001") == HTTPStatus.OK
    held = b'{"object": "whatsapp_business_account", "entry": []}'
    by_the_old_one = world.whatsapp.sign(held)

    world.whatsapp.replace_secrets(**APP)
    for phone in ("+628120000001", "+628120000002", "+628120000003"):
        assert write(world, phone) == HTTPStatus.UNAUTHORIZED
    assert numbers_of(world, "+628120000002") == []

    release(world, {"WHATSAPP_APP_SECRET": "after-the-reset,app-secret"})
    assert write(world, "+628120000004") == HTTPStatus.OK
    assert deliver_again(world) == 3
    assert world.whatsapp.post_body(held, signature=by_the_old_one) == HTTPStatus.OK  # signed before the reset
    told = [numbers_of(world, f"+62812000000{index}") for index in (1, 2, 3, 4)]
    assert [len(numbers) for numbers in told] == [1] * 4
    assert len({number for numbers in told for number in numbers}) == 4
    assert len(events(world.complaint(told[0][0]), "message_added")) == 1  # the first wrote twice

    release(world, {"WHATSAPP_APP_SECRET": "after-the-reset"})
    assert write(world, "+628120000005") == HTTPStatus.OK
    assert world.whatsapp.post_body(held, signature=by_the_old_one) == HTTPStatus.UNAUTHORIZED


def test_a_verify_token_is_asked_for_at_a_handshake_only_and_messages_come_in_meanwhile(world: World) -> None:
    assert world.whatsapp.handshake()
    release(world, {"WHATSAPP_VERIFY_TOKEN": "another-token"})
    assert not world.whatsapp.handshake()
    assert write(world, "+628120000001") == HTTPStatus.OK
    world.whatsapp.replace_secrets(**VERIFY)
    assert world.whatsapp.handshake()
    assert len(numbers_of(world, "+628120000001")) == 1


def test_an_access_token_that_is_replaced_before_it_ends_stops_nothing(world: World) -> None:
    submitted(world, "+628120000001")
    world.whatsapp.replace_secrets(**ACCESS)
    release(world, {"WHATSAPP_ACCESS_TOKEN": "a-newer-token"})
    submitted(world, "+628120000002")
    assert world.get("/saluran").json()["rows_waiting"] == 0


def test_an_access_token_that_ended_first_holds_up_replies_until_the_release_and_each_goes_once(world: World) -> None:
    world.whatsapp.replace_secrets(**ACCESS)
    phones = [f"+62812000000{index}" for index in (1, 2, 3)]
    assert [write(world, phone) for phone in phones] == [HTTPStatus.OK] * 3
    world.advance(minutes=30)
    assert [len(world.citizen(phone).inbox) for phone in phones] == [0, 0, 0]
    assert world.get("/saluran").json()["token_refused"] is not None

    release(world, {"WHATSAPP_ACCESS_TOKEN": "a-newer-token"})
    world.advance(minutes=16)
    assert [len(numbers_of(world, phone)) for phone in phones] == [1, 1, 1]
    assert [len(copies(world, "sudah terdaftar", phone)) for phone in phones] == [1, 1, 1]
    assert world.get("/saluran").json()["token_refused"] is None


def test_a_form_that_was_open_while_the_portals_secret_was_replaced_is_sent_once_more_with_what_was_typed(
    world: World,
) -> None:
    number = submitted(world)
    world.did(number, "receive", ADMIN)
    form = fields_of(world.get(f"/aduan/{number}", html=True).text, "forward")
    release(world, {"PORTAL_SECRET": "another secret of thirty-two letters"})
    refused = sent(world, number, {**form, "note": "Perlu cek arsip lama."})
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "Perlu cek arsip lama." in refused.text
    assert world.complaint(number)["step"] == 3
    again = sent(world, number, fields_of(refused.text, "forward") | {"note": "Perlu cek arsip lama."})
    assert again.status_code == HTTPStatus.SEE_OTHER
    assert world.complaint(number)["step"] == 4


def fields_of(page: str, act: str) -> dict[str, str]:
    """The hidden fields of an act's form."""
    (form,) = re.findall(rf"<form[^>]+/{act}[^>]*>.*?</form>", page, re.DOTALL)
    hidden = [one.attributes for one in Page(form).elements if one.attributes.get("type") == "hidden"]
    return {field["name"]: field["value"] for field in hidden}


def sent(world: World, number: str, fields: dict[str, str]) -> httpx.Response:
    """The act's form, as a browser posts it."""
    return world.http.post(
        f"{world.urls['staff_portal']}/aduan/{number}/forward", data=fields, headers=world.headers(ADMIN)
    )
