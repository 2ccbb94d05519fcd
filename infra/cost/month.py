"""A month of so many complaints a day: how much of everything that has a price, and what it costs."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

from aduan.procedure.definition import Procedure
from aduan.procedure.office_file import read
from aduan.procedure.terms import Terms
from aduan.service.desk import PAGE
from infra.cost.data import Data, Page, Way
from infra.local.readme import PROCEDURE

GIB: Final = 2**30
DAY: Final = 24 * 60 * 60
SWEEPS_A_DAY: Final = 288
SECRETS: Final = 5
ALERT_CONDITIONS: Final = 6
WARM_DAYS: Final = 90
"""infra/terraform/media.tf: so long a file lies in the dearer class."""

TASK_TARGETS: Final = ("sla_check", "send_message", "fetch_media")
PORTAL: Final = "staff_portal"


@cache
def _terms() -> Terms:
    """The office's own."""
    return read(PROCEDURE, Procedure).terms


@dataclass(frozen=True)
class Line:
    """One line of the bill."""

    key: str
    quantity: float
    usd: float


@dataclass(frozen=True)
class Month:
    """In the third year: as much comes as ends, and the storage grows by the bare record alone."""

    data: Data
    a_day: float

    @cached_property
    def lines(self) -> list[Line]:
        """Every price once."""
        days = self.data.assumed.days_a_month
        quantities = self.quantities
        return [
            Line(key, quantities[key], price.cost(quantities[key], days)) for key, price in self.data.prices.items()
        ]

    @property
    def google(self) -> float:
        return sum(line.usd for line in self.lines if not line.key.startswith("whatsapp"))

    @property
    def whatsapp(self) -> float:
        return sum(line.usd for line in self.lines if line.key.startswith("whatsapp"))

    @property
    def complaints(self) -> float:
        return self.a_day * self.data.assumed.days_a_month

    # Of one complaint, on the average of its ways

    def mean(self, count: str) -> float:
        """Of a count that every way has."""
        return sum(share * float(getattr(way, count)) for way, share in self._ways)

    def mean_by(self, counts: str) -> Mapping[str, float]:
        """Of counts by function or by collection."""
        total: defaultdict[str, float] = defaultdict(float)
        for way, share in self._ways:
            for name, count in getattr(way, counts).items():
                total[name] += share * count
        return total

    def mean_ending(self, count: str) -> float:
        """Of what the ends of its terms ask for."""
        return sum(share * float(getattr(way.ending, count)) for way, share in self._ways)

    @property
    def _ways(self) -> list[tuple[Way, float]]:
        return [(self.data.measured.ways[name], share) for name, share in self.data.assumed.mix.items()]

    # Staff

    @property
    def staff(self) -> int:
        """On the list: as many as so many complaints need, and who is no desk's; never fewer than were measured."""
        assumed = self.data.assumed
        needed = math.ceil(self.a_day / assumed.complaints_a_person) + assumed.people_beside
        return max(needed, self.data.measured.staff)

    @property
    def open_at_once(self) -> float:
        """What a list has to show, of its fifty."""
        assumed = self.data.assumed
        return self.a_day / assumed.service_hours * assumed.hours_a_complaint

    @property
    def looks(self) -> Mapping[str, float]:
        """Pages that staff open for one complaint, by page."""
        assumed, acts = self.data.assumed, self.mean_by("invocations")[PORTAL]
        lists = assumed.list_pages_a_person * self.staff / max(self.a_day, 1)
        return {
            "work": acts * assumed.work_pages_an_act,
            "complaint": acts * assumed.complaint_pages_an_act,
            "list": lists,
        }

    def page_reads(self, page: Page) -> float:
        """Of one look: the page, its rows, and the staff list."""
        rows = max(0.0, min(self.open_at_once, PAGE + 1) - 1)
        return page.reads + rows * page.per_complaint + (self.staff - self.data.measured.staff) * page.per_member

    def page_bytes(self, page: Page) -> float:
        rows = max(0.0, min(self.open_at_once, PAGE) - 1)
        return page.bytes + rows * page.bytes_per_complaint + self.data.assumed.answer_extra

    @property
    def reads_of_looking(self) -> float:
        """For one complaint."""
        return sum(looks * self.page_reads(self.data.measured.pages[page]) for page, looks in self.looks.items())

    # Requests

    @property
    def requests(self) -> Mapping[str, float]:
        """For one complaint, by function."""
        asked = self.mean_by("invocations")
        return {**asked, PORTAL: asked[PORTAL] + sum(self.looks.values())}

    def seconds(self, target: str) -> float:
        """That a request of a function is paid for: its time, in whole tenths."""
        cloud, processor = self.data.assumed.cloud, self.data.measured.processor.milliseconds[target]
        asked = self.mean_by("invocations")[target] or 1
        trips, tasks = self.mean_by("round_trips")[target] / asked, self.mean_by("tasks")[target] / asked
        if target == "sweep":
            trips, tasks = self.data.measured.sweep.round_trips, 0
        beside = {"send_message": cloud.whatsapp_ms, "fetch_media": cloud.whatsapp_ms + cloud.bucket_ms}.get(target, 0)
        if target == PORTAL:
            trips = max(trips, *(page.round_trips for page in self.data.measured.pages.values()))
        took = processor + trips * cloud.firestore_ms + tasks * cloud.tasks_ms + beside
        return math.ceil(took / 100) / 10

    @property
    def instance_seconds(self) -> float:
        """Paid for in a month, as if no two requests ever shared an instance; each instance's start with it."""
        cloud, days = self.data.assumed.cloud, self.data.assumed.days_a_month
        answering = sum(count * self.seconds(target) for target, count in self.requests.items()) * self.complaints
        sweeping = SWEEPS_A_DAY * days * self.seconds("sweep")
        return answering + sweeping + cloud.starts_a_day * days * cloud.start_seconds

    # What is kept

    @cached_property
    def kept_days(self) -> Mapping[str, int]:
        """By collection, the office's own terms; what is left of a complaint after its term is not counted."""
        terms = _terms()
        own = {"messages": terms.messages, "outbox": terms.outbox, "requests": terms.requests}
        return {name: own.get(name, terms.complaints) for name in self.mean_by("stored")}

    def kept_gib(self, *sizes: str) -> float:
        """Of all collections; `sizes` are 'stored' and 'indexed'."""
        each = sum(self.mean_by(size)[name] * days for size in sizes for name, days in self.kept_days.items())
        return self.a_day * each / GIB

    # The bill

    @cached_property
    def quantities(self) -> Mapping[str, float]:
        """By price."""
        return {**self._firestore(), **self._functions(), **self._files(), **self._fixed(), **self._messages()}

    def _firestore(self) -> dict[str, float]:
        days, sweep, assumed = self.data.assumed.days_a_month, self.data.measured.sweep, self.data.assumed
        reads = self.mean("reads") + self.mean_ending("reads") + self.reads_of_looking
        written = self.mean("writes") * sum(self.mean_by("stored").values()) / sum(self.mean_by("writes_to").values())
        return {
            "firestore_reads": reads * self.complaints + sweep.reads * SWEEPS_A_DAY * days,
            "firestore_writes": (self.mean("writes") + self.mean_ending("writes")) * self.complaints,
            "firestore_deletes": (self.mean("deletes") + self.mean_ending("deletes")) * self.complaints,
            "firestore_storage": self.kept_gib("stored", "indexed"),
            "firestore_pitr": written * self.a_day * 7 / GIB,
            "firestore_backups": self.kept_gib("stored") * assumed.backups_kept,
        }

    def _functions(self) -> dict[str, float]:
        days, cloud = self.data.assumed.days_a_month, self.data.assumed.cloud
        asked = self.requests
        delivered = sum(asked[target] for target in TASK_TARGETS)
        return {
            "run_cpu": self.instance_seconds,
            "run_memory": self.instance_seconds * cloud.memory_gib,
            "run_requests": sum(asked.values()) * self.complaints + SWEEPS_A_DAY * days,
            "tasks": (self.mean("tasks_set") + delivered) * self.complaints,
            "network": self._sent_gib(),
            "logging": self._logged_gib(),
        }

    def _sent_gib(self) -> float:
        assumed, pages = self.data.assumed, self.data.measured.pages
        looked = sum(looks * self.page_bytes(pages[page]) for page, looks in self.looks.items())
        answers = (self.requests["whatsapp_webhook"] + self.mean_by("invocations")[PORTAL]) * assumed.answer_extra
        sends = (self.mean("replies") + self.mean("templates")) * assumed.send_bytes
        return (looked + answers + sends) * self.complaints / GIB

    def _logged_gib(self) -> float:
        assumed, sweep = self.data.assumed, self.data.measured.sweep
        ours = self.mean("log_bytes") + self.mean("log_lines") * assumed.log_line_extra
        clouds = (
            sum(self.requests.values()) * assumed.request_log_bytes + self.mean("commits") * assumed.audit_log_bytes
        )
        swept = sweep.log_bytes + sweep.log_lines * assumed.log_line_extra + assumed.request_log_bytes
        return ((ours + clouds) * self.complaints + swept * SWEEPS_A_DAY * assumed.days_a_month) / GIB

    def _files(self) -> dict[str, float]:
        assumed, pictures = self.data.assumed, self.mean_by("invocations")["fetch_media"]
        gb_a_day = pictures * self.a_day * assumed.picture_kib * 1024 / 1e9
        return {
            "bucket_standard": gb_a_day * WARM_DAYS,
            "bucket_nearline": gb_a_day * (_terms().media - WARM_DAYS),
            "bucket_writes": pictures * self.complaints * 2,
            "bucket_reads": pictures * self.complaints * assumed.picture_views,
        }

    def _fixed(self) -> dict[str, float]:
        """What an office pays for without a single complaint."""
        assumed, starts = self.data.assumed, self.data.assumed.cloud.starts_a_day * self.data.assumed.days_a_month
        return {
            "scheduler": 1,
            "kms_versions": assumed.key_versions,
            "kms_operations": starts,
            "secret_versions": SECRETS,
            "secret_accesses": starts * assumed.cloud.secrets_a_start,
            "monitoring": ALERT_CONDITIONS,
            "build": assumed.releases * assumed.build_minutes,
            "registry": assumed.image_gib,
        }

    def _messages(self) -> dict[str, float]:
        late_answers = self.data.assumed.outside_window
        return {
            "whatsapp_service": self.mean("replies") * self.complaints,
            "whatsapp_utility": (self.mean("templates") + late_answers) * self.complaints,
        }
