"""What a business may send through the Cloud API: read and checked as Meta checks it.

The limits are those of Meta's message reference (v26.0). `read_send_request` turns a JSON body into a
`SendRequest` or raises the `GraphError` that Meta would answer.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.local.whatsapp_errors import INVALID_PARAMETER, PARAMETER_MISSING, UNSUPPORTED_TYPE, GraphError

MAX_LIST_ROWS = 10
SUPPORTED_TYPES = ("text", "interactive", "template")
_BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,128}")


Model = TypeVar("Model", bound=BaseModel)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class LongBody(_Part):
    """The body of a text or list message."""

    body: str = Field(alias="text", min_length=1, max_length=4096)


class ShortBody(_Part):
    """The body of a message with buttons or a link."""

    body: str = Field(alias="text", min_length=1, max_length=1024)


class TextBody(_Part):
    """Content of a text message."""

    body: str = Field(min_length=1, max_length=4096)
    preview_url: bool = False


class Caption(_Part):
    """A header or a footer; only text headers are simulated."""

    type: Literal["text"] = "text"
    text: str = Field(min_length=1, max_length=60)


class Reply(_Part):
    """What a reply button shows, and the id it sends back."""

    id: str = Field(min_length=1, max_length=256)
    title: str = Field(min_length=1, max_length=20)


class ReplyButton(_Part):
    """One button below a message."""

    type: Literal["reply"]
    reply: Reply


class Row(_Part):
    """One row of a list."""

    id: str = Field(min_length=1, max_length=200)
    title: str = Field(min_length=1, max_length=24)
    description: str = Field(default="", max_length=72)


class Section(_Part):
    """A group of rows; its title is required when there are several."""

    title: str = Field(default="", max_length=24)
    rows: tuple[Row, ...] = Field(min_length=1, max_length=MAX_LIST_ROWS)


class ButtonAction(_Part):
    """One to three reply buttons with different ids and titles."""

    buttons: tuple[ReplyButton, ...] = Field(min_length=1, max_length=3)

    @model_validator(mode="after")
    def _all_differ(self) -> Self:
        _refuse_repeats("button id", [button.reply.id for button in self.buttons])
        _refuse_repeats("button title", [button.reply.title for button in self.buttons])
        return self


class ListAction(_Part):
    """A list of at most ten rows in all."""

    button: str = Field(min_length=1, max_length=20)
    sections: tuple[Section, ...] = Field(min_length=1, max_length=10)

    @model_validator(mode="after")
    def _fits_a_list(self) -> Self:
        rows = [row.id for section in self.sections for row in section.rows]
        if len(rows) > MAX_LIST_ROWS:
            raise ValueError(f"Total row count exceed max allowed count: {MAX_LIST_ROWS}")
        if len(self.sections) > 1 and not all(section.title for section in self.sections):
            raise ValueError("Section title is required when there is more than one section")
        _refuse_repeats("row id", rows)
        return self


class LinkParameters(_Part):
    """Label and address of a link button."""

    display_text: str = Field(min_length=1, max_length=20)
    url: str = Field(pattern=r"^https?://\S+$")


class LinkAction(_Part):
    """A button that opens a page."""

    name: Literal["cta_url"]
    parameters: LinkParameters


class ButtonMessage(_Part):
    """Text with reply buttons."""

    type: Literal["button"]
    body: ShortBody
    action: ButtonAction
    header: Caption | None = None
    footer: Caption | None = None


class ListMessage(_Part):
    """Text with a list."""

    type: Literal["list"]
    body: LongBody
    action: ListAction
    header: Caption | None = None
    footer: Caption | None = None


class LinkMessage(_Part):
    """Text with a link button."""

    type: Literal["cta_url"]
    body: ShortBody
    action: LinkAction
    header: Caption | None = None
    footer: Caption | None = None


Interactive = Annotated[ButtonMessage | ListMessage | LinkMessage, Field(discriminator="type")]


class TextParameter(_Part):
    """A value for a placeholder of a template."""

    type: Literal["text"]
    text: str = Field(min_length=1)


class PayloadParameter(_Part):
    """What a template's quick-reply button sends back."""

    type: Literal["payload"]
    payload: str = Field(min_length=1, max_length=256)


class TextComponent(_Part):
    """The values for a template's header or body, in order."""

    type: Literal["header", "body"]
    parameters: tuple[TextParameter, ...] = ()


class ButtonComponent(_Part):
    """The payload of the template's button number `index`, from 0."""

    type: Literal["button"]
    sub_type: Literal["quick_reply"]
    index: int = Field(ge=0, le=9)
    parameters: tuple[PayloadParameter, ...] = Field(min_length=1, max_length=1)


Component = Annotated[TextComponent | ButtonComponent, Field(discriminator="type")]


class Language(_Part):
    """A template's translation."""

    code: str = Field(min_length=2)


class TemplateMessage(_Part):
    """A template by name, with its values."""

    name: str = Field(min_length=1, max_length=512)
    language: Language
    components: tuple[Component, ...] = ()


Content = TextBody | ButtonMessage | ListMessage | LinkMessage | TemplateMessage


class SendRequest(_Part):
    """A checked request to send one message to `to` (E.164) or to `recipient` (BSUID)."""

    messaging_product: Literal["whatsapp"]
    recipient_type: Literal["individual"] = "individual"
    to: str | None = Field(default=None, min_length=1)
    recipient: str | None = Field(default=None, pattern=_BSUID.pattern)
    type: Literal["text", "interactive", "template"] = "text"
    text: TextBody | None = None
    interactive: Interactive | None = None
    template: TemplateMessage | None = None
    biz_opaque_callback_data: str | None = Field(default=None, max_length=512)

    def require_content(self) -> Content:
        """What is sent. Raises `GraphError` 131008 when the part that `type` names is not there."""
        content = {"text": self.text, "interactive": self.interactive, "template": self.template}[self.type]
        if content is None:
            raise GraphError(PARAMETER_MISSING, f"The parameter {self.type} is required.")
        return content

    @property
    def to_is_user_id(self) -> bool:
        """A business-scoped user id in `to`: Meta answers 200 and sends nothing."""
        return self.to is not None and _BSUID.fullmatch(self.to) is not None


class TypingIndicator(_Part):
    """'sedang mengetik…' on the citizen's phone."""

    type: Literal["text"]


class ReadReceipt(_Part):
    """The office has read the message, and perhaps is typing."""

    messaging_product: Literal["whatsapp"]
    status: Literal["read"]
    message_id: str
    typing_indicator: TypingIndicator | None = None


def read_send_request(body: Mapping[str, Any]) -> SendRequest:
    """Check one send request. Raises `GraphError` 100, 131008 or 131051."""
    if body.get("type", "text") not in SUPPORTED_TYPES:
        raise GraphError(UNSUPPORTED_TYPE, f"Message type {body.get('type')!r} is not simulated.")
    request = _validated(SendRequest, body)
    if request.to is None and request.recipient is None:
        raise GraphError(INVALID_PARAMETER, "The parameter to is required.")
    request.require_content()
    return request


def read_receipt(body: Mapping[str, Any]) -> ReadReceipt:
    """Check a read receipt. Raises `GraphError` 100 or 131008."""
    return _validated(ReadReceipt, body)


def _validated(model: type[Model], body: Mapping[str, Any]) -> Model:
    try:
        return model.model_validate(dict(body))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "body"
        missing = first["type"] == "missing"
        raise GraphError(
            PARAMETER_MISSING if missing else INVALID_PARAMETER, f"Param {where}: {first['msg']}"
        ) from problem


def _refuse_repeats(what: str, values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise ValueError(f"Every {what} must be different")
