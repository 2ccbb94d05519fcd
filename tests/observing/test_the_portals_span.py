"""The staff portal's span: from when somebody was let in to their answer, and of nobody else."""

import re
from collections.abc import Iterator

import pytest

from aduan.traces import Tracing
from infra.local.identity import certs_app
from tests.doors.forging import Forger
from tests.doors.people import ADMIN, LEFT, OUTSIDERS
from tests.doors.premises import ASSERTION, JSON, Premises
from tests.infra_local.receiver import serving
from tests.observing.test_traces import SPAN, W3C, Kept

SAMPLED = {"traceparent": W3C}
WHOLE = [f"staff_portal server below {SPAN}", "staff_portal ends", "flush"]


@pytest.fixture(scope="module")
def office() -> Iterator[Premises]:
    identity = Forger()
    with serving(certs_app(identity)) as certs:
        yield Premises(identity, certs)


@pytest.fixture
def kept(office: Premises) -> Kept:
    """What an instance records that has served somebody already."""
    kept = Kept()
    office.house.tracing = Tracing(lambda: kept)
    with office.house.tracing.of("staff_portal"):
        pass
    return kept


@pytest.mark.parametrize(
    "path", ["/", "/aduan/ADU-261124-7K3QX", "/nowhere"], ids=["a page", "no complaint", "no page"]
)
def test_who_is_let_in_has_a_span_that_ends_with_the_answer(office: Premises, kept: Kept, path: str) -> None:
    office.ask("staff_portal", path=path, headers={**office.assertion(ADMIN.email), **SAMPLED})
    assert kept.told == WHOLE


def test_it_ends_after_a_fault_too(office: Premises, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_reach(complaint_id: str) -> None:
        raise ValueError(complaint_id)

    monkeypatch.setattr(office.store, "complaint", out_of_reach)
    path, headers = "/aduan/ADU-261124-7K3QX", {**office.assertion(ADMIN.email), **SAMPLED}
    assert office.ask("staff_portal", path=path, headers=headers).status == 500
    assert kept.told == WHOLE


@pytest.mark.parametrize("email", [LEFT[0].email, *OUTSIDERS.values()])
def test_who_is_not_on_the_list_makes_none(office: Premises, kept: Kept, email: str) -> None:
    assert office.ask("staff_portal", headers={**office.assertion(email), **SAMPLED}).status == 403
    assert kept.told == []


@pytest.mark.parametrize("proof", [{}, {ASSERTION: "not a token"}], ids=["none", "wrong"])
def test_who_is_not_proven_makes_none_and_builds_no_exporter(office: Premises, proof: dict[str, str]) -> None:
    built: list[Kept] = []

    def build() -> Kept:
        built.append(Kept())
        return built[-1]

    office.house.tracing = Tracing(build)
    assert [office.ask("staff_portal", headers={**proof, **SAMPLED}).status for _ in range(3)] == [401] * 3
    assert built == []


def test_a_form_that_is_not_ours_makes_none(office: Premises, kept: Kept) -> None:
    headers = {**office.assertion(ADMIN.email), **SAMPLED, **JSON, "X-Requested-With": ""}
    assert office.ask("staff_portal", "POST", "/cari", headers, json={"q": "1"}).status == 403
    assert kept.told == []


def test_the_pages_clothes_make_none_whoever_asks_for_them(office: Premises, kept: Kept) -> None:
    page = office.ask("staff_portal", headers=office.assertion(ADMIN.email)).text
    (css,) = re.findall(r"/berkas/\w+/portal.css", page)
    assert office.ask("staff_portal", path=css, headers=SAMPLED).status == 200
    assert kept.told == []
