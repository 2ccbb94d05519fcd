"""What `infra/runbook.md` lets a technician do, done as it stands there, where no cloud is needed."""

import json
import re
from datetime import timedelta
from http import HTTPStatus

from infra.local.firestore import FirestoreEmulator
from tests.architecture.tree import TOP
from tests.end_to_end.scenes import another_world, numbers_in
from tests.end_to_end.test_another_office import FORMAT, OFFICE, wita
from tests.end_to_end.world import CONTINUOUS, SCHEDULER_ACCOUNT, SET_FORMAT, World

RUNBOOK = (TOP / "infra" / "runbook.md").read_text("utf-8")


def test_the_first_member_of_staff_is_put_on_the_list_and_may_put_the_others_there(world: World) -> None:
    (address,) = re.findall(r'"https://firestore\.googleapis\.com/(v1/projects/[^"]+)"', RUNBOOK)
    (body,) = re.findall(r"-d '(\{\"fields\".*?\}\})'", RUNBOOK, re.DOTALL)
    host, email = world.environment["FIRESTORE_EMULATOR_HOST"], address.rpartition("/")[2]
    assert world.get("/petugas", email).status_code == HTTPStatus.FORBIDDEN

    written = world.http.patch(
        f"http://{host}/{address.replace('$P', world.client.project)}", json=json.loads(body),
        headers={"Authorization": "Bearer owner"},
    )  # fmt: skip

    assert written.status_code == HTTPStatus.OK
    assert "Tidak ada pekerjaan yang menunggu Anda saat ini" in world.get("/", email, html=True).text
    assert "Tambah petugas" in world.get("/petugas", email, html=True).text


def test_while_a_queue_stands_still_the_portal_says_so_and_what_waited_leaves_once(world: World) -> None:
    phones = [f"+62812000000{index}" for index in (1, 2, 3)]
    for phone in phones:
        assert world.citizen(phone, name="Siti").write(SET_FORMAT) == HTTPStatus.OK
    for _ in range(4):  # no task runs, and the sweep asks for each again
        world.clock.now += timedelta(minutes=5)
        token = world.identity.mint_oidc(SCHEDULER_ACCOUNT, world.urls["sweep"])
        assert world.call("sweep", token=token).status_code == HTTPStatus.OK
    assert world.get("/saluran").json()["rows_waiting"] >= len(phones)
    assert "Ada pesan yang lama belum terkirim" in world.get("/saluran", html=True).text
    assert [len(world.citizen(phone).inbox) for phone in phones] == [0, 0, 0]

    world.settle()

    told = [numbers_in(" ".join(message.text for message in world.citizen(phone).inbox)) for phone in phones]
    assert [len(numbers) for numbers in told] == [1, 1, 1]
    assert world.get("/saluran").json()["rows_waiting"] == 0


def test_where_every_minute_counts_the_time_is_still_told_in_the_offices_own_zone(
    firestore_emulator: FirestoreEmulator,
) -> None:
    now = wita("2026-11-29 23:55")  # a Sunday
    with another_world(firestore_emulator.host, office=OFFICE, calendar=CONTINUOUS, now=now) as world:
        citizen = world.citizen(name="Siti")
        for text in (FORMAT.format(service="bocor"), "STATUS"):
            assert citizen.write(text) == HTTPStatus.OK
            world.settle()
        assert numbers_in(citizen.inbox[0].text)[0].startswith("ADU-261129-")
        assert citizen.inbox[-1].text.endswith("Senin, 30 November 2026 pukul 00.15 WITA.")
