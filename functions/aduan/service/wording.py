"""The office's words (`messages.toml`), and how they become messages that WhatsApp takes."""

import string
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict

from aduan.procedure.definition import Step
from aduan.procedure.effects import AlertReason
from aduan.service import limits
from aduan.service.channel import Template, Text

_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
_DAYS_OF_A_YEAR = 365
_ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


def local_time(at: datetime, timezone: ZoneInfo) -> str:
    """'Selasa, 24 November 2026 pukul 14.05 WIB'."""
    there = at.astimezone(timezone)
    day = f"{_DAYS[there.weekday()]}, {there.day} {_MONTHS[there.month - 1]} {there.year}"
    return f"{day} pukul {there:%H.%M} {_ZONES.get(timezone.key, timezone.key)}"


def term_in_words(days: int) -> str:
    """'90 hari', or '2 tahun' where it is whole years."""
    years, rest = divmod(days, _DAYS_OF_A_YEAR)
    return f"{days} hari" if rest else f"{years} tahun"


def _known(*names: str, most: int = limits.TEXT) -> AfterValidator:
    """A text may only name what the program fills in, and is no longer than WhatsApp takes it (`most` characters).

    A slip is found at the start, not when a citizen writes.
    """

    def check(text: str) -> str:
        used = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        if strange := used - set(names):
            expected = ", ".join(f"{{{name}}}" for name in names) or "none"
            raise ValueError(f"unknown placeholder {{{min(strange)}}}, expected {expected}")
        if len(text.strip()) > most:
            raise ValueError(f"must have at most {most} characters")
        return text.strip()

    return AfterValidator(check)


Plain = Annotated[str, _known()]
Button = Annotated[str, _known(most=limits.BUTTON_TITLE)]
ListLabel = Annotated[str, _known(most=limits.LIST_LABEL)]
Numbered = Annotated[str, _known("number")]
Stepped = Annotated[str, _known("number", "step", "name")]


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TemplateNames(_Words):
    """The names under which Meta has approved the templates."""

    alert: str
    answer: str
    question: str
    reminder: str
    rating: str


class ConversationWords(_Words):
    """What the program says while a complaint is being made."""

    greeting: Annotated[str, _known("office", "kept")]
    kept: Annotated[str, _known("messages", "complaints")]
    choose_service: ListLabel
    media_kept: Plain
    unreadable: Plain
    confirm: Annotated[str, _known("summary")]
    confirmation: Plain
    confirm_send: Button
    confirm_edit: Button
    confirm_cancel: Button
    choose_field: Plain
    choose_field_label: ListLabel
    cancelled: Plain
    help: Annotated[str, _known("format", "kept")]
    nothing_open: Plain
    added: Numbered


class StatusWords(_Words):
    """The answers to 'STATUS'."""

    draft: Annotated[str, _known("missing")]
    open: Annotated[str, _known("number", "step", "due")]
    waiting: Annotated[str, _known("number", "question")]
    answered: Numbered
    closed: Numbered


class NoticeWords(_Words):
    """What the complainant is told about a complaint."""

    registered: Numbered
    incomplete: Annotated[str, _known("missing", "question")]
    question: Annotated[str, _known("number", "text")]
    answer: Annotated[str, _known("number", "text")]
    correction_follows: Numbered


class AlertWords(_Words):
    """What staff are told, each as the end of 'Pemberitahuan aduan … untuk petugas:'."""

    step_late: Stepped
    escalated: Stepped
    desk_vacant: Stepped
    total_late: Stepped
    approval_waiting: Stepped
    send_failed: Stepped
    data_check: Stepped
    still_standing: Annotated[str, _known("numbers")]
    still_standing_title: Plain
    still_standing_more: Annotated[str, _known("numbers", "count")]
    acknowledge: Plain


class Words(_Words):
    """Everything that a citizen or a member of staff reads on WhatsApp."""

    templates: TemplateNames
    conversation: ConversationWords
    status: StatusWords
    notices: NoticeWords
    alerts: AlertWords

    def alert(self, reason: AlertReason, number: str, step: Step | None, link: str) -> Template:
        """One complaint, named by its number; nothing personal in it."""
        at_step = {"step": step.number if step else "–", "name": step.name if step else "–"}
        what = getattr(self.alerts, reason.value).format(number=number, **at_step)
        return self._alert(number, what, link)

    def daily_list(self, numbers: Sequence[str], link: str) -> Template:
        """All complaints that stand after their last rung, as many by name as a template holds."""
        shown, more = list(numbers), 0
        while True:
            listed = ", ".join(shown)
            if more:
                listed = self.alerts.still_standing_more.format(numbers=listed, count=more)
            what = self.alerts.still_standing.format(numbers=listed)
            if len(what) + len(self.alerts.still_standing_title) + len(link) <= limits.TEMPLATE_PARAMETERS:
                return self._alert(self.alerts.still_standing_title, what, link)
            shown.pop()
            more += 1

    def _alert(self, title: str, what: str, link: str) -> Template:
        parameters = (title, limits.template_parameter(what), link)
        return Template(self.templates.alert, parameters, payloads=("acknowledged",))

    def framed(self, frame: str, number: str, text: str) -> Text:
        """A text of staff in its frame; one so long that the frame would not fit is sent by itself."""
        whole = frame.format(number=number, text=text)
        return Text(whole if len(whole) <= limits.TEXT else text)
