"""Files: from a webhook's media id to the bytes, as the Graph API gives them."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.whatsapp_faults import Endpoint
from tests.infra_local.whatsapp_office import SITI, Office, open_office


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as office:
        office.sim.citizen(SITI).write("Halo")
        yield office


def media_of(office: Office) -> dict[str, Any]:
    image: dict[str, Any] = office.messages[-1]["image"]
    return image


def test_a_picture_is_fetched_by_its_id_and_its_hash_fits(office: Office) -> None:
    content = b"\xff\xd8 a picture"
    office.sim.citizen(SITI).send_image(content)
    image = media_of(office)

    where = office.graph.get(f"/v26.0/{image['id']}").json()
    picture = office.graph.get(where["url"])

    digest = hashlib.sha256(content)
    assert picture.content == content
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert image["sha256"] == base64.b64encode(digest.digest()).decode()
    assert where == {
        "messaging_product": "whatsapp",
        "url": where["url"],
        "mime_type": "image/jpeg",
        "sha256": digest.hexdigest(),
        "file_size": len(content),
        "id": image["id"],
    }


def test_a_file_needs_the_token_at_both_addresses(office: Office) -> None:
    office.sim.citizen(SITI).send_image(b"x")
    path = f"/v26.0/{media_of(office)['id']}"
    url = office.graph.get(path).json()["url"]
    for address in (path, url):
        assert office.graph.get(address, headers={"Authorization": "Bearer no"}).status_code == 401


def test_a_files_address_lives_five_minutes_and_its_id_seven_days(office: Office) -> None:
    office.sim.citizen(SITI).send_image(b"x")
    path = f"/v26.0/{media_of(office)['id']}"
    url = office.graph.get(path).json()["url"]

    office.clock.pass_by(minutes=5)
    assert office.graph.get(url).status_code == 200
    office.clock.pass_by(seconds=1)
    assert office.graph.get(url).status_code == 404
    office.clock.pass_by(days=6)
    assert office.graph.get(path).status_code == 200
    office.clock.pass_by(days=1)
    assert office.graph.get(path).json()["error"]["error_subcode"] == 33


def test_a_forged_address_and_an_unknown_id_give_nothing(office: Office) -> None:
    office.sim.citizen(SITI).send_image(b"x")
    media_id = media_of(office)["id"]
    forged = f"/whatsapp_business/attachments/?mid={media_id}&ext=99999999999&hash=00"
    assert office.graph.get(forged).status_code == 404
    assert office.graph.get("/whatsapp_business/attachments/").status_code == 404
    assert office.graph.get("/v26.0/12345").status_code == 400


@pytest.mark.parametrize("endpoint", [Endpoint.MEDIA, Endpoint.DOWNLOAD])
def test_fetching_a_file_can_go_wrong_too(office: Office, endpoint: Endpoint) -> None:
    office.sim.citizen(SITI).send_image(b"x")
    office.sim.fail_next(http=500, endpoint=endpoint)
    assert office.send().status_code == 200

    path = f"/v26.0/{media_of(office)['id']}"
    first = office.graph.get(path)
    answers = [first.status_code]
    if first.status_code == 200:
        answers += [office.graph.get(first.json()["url"]).status_code for _ in range(2)]

    assert answers == ([500] if endpoint is Endpoint.MEDIA else [200, 500, 200])
