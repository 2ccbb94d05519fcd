"""The page of costs is what its tables make of it; a month adds up; and what it takes from Terraform stands there."""

import re
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from infra.cost import month as months
from infra.cost import terraform
from infra.cost.__main__ import main
from infra.cost.data import FROM_MEMORY, Assumed, Price, as_toml, read
from infra.cost.month import Month
from infra.cost.page import PAGE, markdown
from infra.cost.strain import borne, lasting, of_machines, strains
from tests.bench import sizes

TERRAFORM = Path(terraform.__file__).parents[1] / "terraform"
DATA = read()
SIZES = sorted(DATA.assumed.sizes.values())
PRICE = Price(
    what="reads", unit="documents", per=100, usd=2, free=50, free_each="day",
    source="https://example.org/prices", seen=date(2026, 11, 30),
)  # fmt: skip


def text(name: str) -> str:
    return (TERRAFORM / name).read_text("utf-8")


# The page


def test_the_page_is_what_the_tables_make_of_it() -> None:
    assert PAGE.read_text("utf-8") == markdown(DATA), "infra/cost.md has drifted: make cost"
    assert main(["check"]) == 0


def test_what_was_measured_is_read_as_it_was_written() -> None:
    assert tomllib.loads(as_toml(DATA.measured)) == DATA.measured.model_dump()


def test_a_figure_that_changes_changes_the_page() -> None:
    dearer = {**DATA.prices, "firestore_reads": DATA.prices["firestore_reads"].model_copy(update={"usd": 9.87})}
    assert "9.87 for 100,000" in markdown(type(DATA)(DATA.measured, dearer, DATA.limits, DATA.assumed))


# Prices


@pytest.mark.parametrize("name", DATA.prices)
def test_every_price_has_a_source_and_a_day_and_is_on_the_page(name: str) -> None:
    price, page = DATA.prices[name], PAGE.read_text("utf-8")
    assert price.seen <= DATA.measured.day
    assert price.source.startswith("https://") or (price.source == FROM_MEMORY and "https://" in price.confirm)
    assert f"{price.source} | {price.seen} |" in page


@pytest.mark.parametrize("source", ["", "somebody said so", "http://example.org", "from memory"])
def test_a_price_of_nobody_is_refused(source: str) -> None:
    with pytest.raises(ValidationError, match="source"):
        Price.model_validate({**PRICE.model_dump(), "source": source})


@pytest.mark.parametrize(("quantity", "dollars"), [(0, 0), (1499, 0), (1500, 0), (1600, 2), (3000, 30)])
def test_what_is_free_is_subtracted_once_for_each_day(quantity: int, dollars: int) -> None:
    assert PRICE.cost(quantity, days=30) == pytest.approx(dollars)


@pytest.mark.parametrize("a_day", SIZES)
def test_a_month_has_each_price_once_and_is_their_sum(a_day: int) -> None:
    month = Month(DATA, a_day)
    assert [line.key for line in month.lines] == list(DATA.prices)
    assert month.quantities.keys() == DATA.prices.keys()
    assert month.google + month.whatsapp == pytest.approx(sum(line.usd for line in month.lines))


def test_an_empty_office_pays_for_no_reads_and_no_message() -> None:
    month = Month(DATA, 0)
    assert month.quantities["firestore_reads"] == DATA.measured.sweep.reads * 288 * 30
    assert month.whatsapp == 0
    assert month.google < 5


def test_a_mix_that_is_not_whole_is_refused() -> None:
    with pytest.raises(ValidationError, match="one whole"):
        Assumed.model_validate({**DATA.assumed.model_dump(), "mix": {"short": 0.5}})


def test_the_mix_is_of_ways_that_were_measured() -> None:
    assert DATA.assumed.mix.keys() == DATA.measured.ways.keys()


# Limits


def test_a_limit_is_reached_at_what_it_bears() -> None:
    for what in [strain.what for strain in strains(DATA, 1)]:
        most = borne(DATA, what)
        below, above = (next(s for s in strains(DATA, a_day) if s.what == what) for a_day in (most, most + 1))
        assert below.share <= 1 < above.share


def test_people_come_first_in_every_office_and_then_the_machines_in_their_order() -> None:
    assert {lasting(DATA, a_day)[0].key for a_day in SIZES} == {"people"}
    bears = [most for _, most in of_machines(DATA)]
    assert bears == sorted(bears)
    assert bears[0] > DATA.limits["people"].value


def test_every_limit_of_the_table_is_asked() -> None:
    assert {strain.key for strain in strains(DATA, 1)} == DATA.limits.keys()


# What stands in Terraform


def test_instances_threads_and_rates_are_those_of_terraform() -> None:
    assert terraform.instances().keys() == terraform.concurrency().keys() == DATA.measured.processor.milliseconds.keys()
    assert set(terraform.queue_rates()) == set(months.TASK_TARGETS)
    assert sum(terraform.instances().values()) == sum(
        map(int, re.findall(r"instances   = (\d+)", text("functions.tf")))
    )


def test_the_counts_of_things_are_those_of_terraform() -> None:
    assert text("alerts.tf").count(" conditions {") == months.ALERT_CONDITIONS
    assert len(re.findall(r"^    [A-Z_]+ += ", text("secrets.tf"), re.MULTILINE)) == months.SECRETS
    assert f'retention = "{DATA.assumed.backups_kept * months.DAY}s"' in text("firestore.tf")
    assert f"age                   = {months.WARM_DAYS}\n" in text("media.tf")
    assert 'schedule         = "*/5 * * * *"' in text("scheduler.tf")
    assert len(re.findall(r"google_cloud_scheduler_job", text("scheduler.tf"))) == 1
    assert DATA.limits["sweeping"].value == months.SWEEPS_A_DAY * 285
    assert "timeout     = 285" in text("functions.tf")


# Firestore's rules of size


def test_a_document_has_the_size_of_firestores_own_example() -> None:
    task = {"type": "Personal", "done": False, "priority": 1, "description": "Learn Cloud Firestore"}
    assert sizes.stored("users/jeff/tasks/my_task_id", task) == 147


def test_a_field_has_two_entries_one_of_a_term_has_one_and_one_that_is_exempted_none() -> None:
    names = (16 + 9 + 2) + 16  # of the document, and of what is above it
    assert sizes.indexed("messages/1", {"kind": "text"}) == 2 * (names + 5 + 5 + 32)
    assert sizes.indexed("messages/1", {"expire_at": datetime(2026, 11, 30, tzinfo=UTC)}) == names + 10 + 8 + 32
    assert sizes.indexed("messages/1", {"text": "long"}) == 0
