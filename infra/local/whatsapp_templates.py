"""The approved templates of the simulated account: what Meta checks at a send, and the text it shows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from infra.local.whatsapp_errors import (
    PARAMETER_COUNT,
    TEMPLATE_PARAMETER,
    TEMPLATE_TOO_LONG,
    TEMPLATE_UNKNOWN,
    GraphError,
)
from infra.local.whatsapp_requests import ButtonComponent, TemplateMessage, TextComponent

MAX_RENDERED = 1024
_FORBIDDEN = re.compile(r"[\n\r\t]| {5}")
_PLACEHOLDER = re.compile(r"\{\{(\d+)\}\}")


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A template's button as the phone shows it, with what it sends back."""

    payload: str
    title: str


@dataclass(frozen=True, slots=True)
class TemplateCatalogue:
    """`counts`: name → (parameters, quick-reply buttons). `bodies` and `buttons` are what the phone shows.

    `stopped`: those that were approved once and may not be sent now, with the code of the refusal.
    """

    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    bodies: Mapping[str, str] = field(default_factory=dict)
    buttons: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stopped: Mapping[str, int] = field(default_factory=dict)
    language: str = "id"

    def render(self, message: TemplateMessage) -> tuple[str, tuple[QuickReply, ...]]:
        """The text and buttons that the phone shows. Raises `GraphError` 132000, 132001, 132005 or 132018.

        Of a stopped one: 132015 or 132016.
        """
        if message.name in self.stopped:
            raise GraphError(self.stopped[message.name], f"template name ({message.name}) is not sent at present")
        if message.name not in self.counts or message.language.code != self.language:
            details = f"template name ({message.name}) does not exist in {message.language.code}"
            raise GraphError(TEMPLATE_UNKNOWN, details)
        parameter_count, button_count = self.counts[message.name]
        values = _checked_values(message, parameter_count)
        text = self._filled(message.name, values)
        if len(text) > MAX_RENDERED:
            raise GraphError(TEMPLATE_TOO_LONG, f"body: the translated text has {len(text)} characters")
        return text, self._quick_replies(message, button_count)

    def _filled(self, name: str, values: Sequence[str]) -> str:
        every_value = " · ".join(f"{{{{{number}}}}}" for number in range(1, len(values) + 1))
        body = self.bodies.get(name, f"{name}: {every_value}" if values else name)
        return _PLACEHOLDER.sub(lambda match: _value_for(match, values), body)

    def _quick_replies(self, message: TemplateMessage, count: int) -> tuple[QuickReply, ...]:
        titles = self.buttons.get(message.name, [f"Tombol {number}" for number in range(1, count + 1)])
        payloads = {
            part.index: part.parameters[0].payload for part in message.components if isinstance(part, ButtonComponent)
        }
        beyond = [index for index in payloads if index >= count]
        if beyond:
            raise GraphError(TEMPLATE_PARAMETER, f"buttons: Button at index {beyond[0]} not found in template")
        # Meta sends the button's text back when the send gave it no payload.
        return tuple(QuickReply(payloads.get(at, titles[at]), titles[at]) for at in range(count))


def _checked_values(message: TemplateMessage, expected: int) -> list[str]:
    values = [
        parameter.text
        for part in message.components
        if isinstance(part, TextComponent)
        for parameter in part.parameters
    ]
    if len(values) != expected:
        details = f"body: number of localizable_params ({len(values)}) does not match {expected}"
        raise GraphError(PARAMETER_COUNT, details)
    for value in values:
        if _FORBIDDEN.search(value):
            details = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
            raise GraphError(TEMPLATE_PARAMETER, details)
    return values


def _value_for(match: re.Match[str], values: Sequence[str]) -> str:
    number = int(match.group(1))
    return values[number - 1] if 1 <= number <= len(values) else match.group(0)
