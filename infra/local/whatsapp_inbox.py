"""How a message that the office sent looks on the phone that receives it."""

from datetime import datetime

from infra.local.whatsapp_requests import (
    ButtonMessage,
    LinkMessage,
    ListMessage,
    SendRequest,
    TemplateMessage,
    TextBody,
)
from infra.local.whatsapp_state import ChatMessage, Option
from infra.local.whatsapp_templates import TemplateCatalogue

Interactive = ButtonMessage | ListMessage | LinkMessage


def as_it_arrives(request: SendRequest, templates: TemplateCatalogue, message_id: str, at: datetime) -> ChatMessage:
    """The message, not yet on a phone (`phone_id` is empty). Raises a wrong template's `GraphError`."""
    message = ChatMessage(
        id=message_id,
        phone_id="",
        from_office=True,
        at=at,
        type=request.type,
        callback=request.biz_opaque_callback_data,
    )
    content = request.require_content()
    match content:
        case TextBody():
            return message.model_copy(update={"text": content.body})
        case TemplateMessage():
            return _template(message, content, templates)
        case _:
            return _interactive(message, content)


def _template(message: ChatMessage, content: TemplateMessage, templates: TemplateCatalogue) -> ChatMessage:
    text, replies = templates.render(content)
    options = tuple(Option(id=reply.payload, title=reply.title) for reply in replies)
    return message.model_copy(update={"text": text, "options": options, "template": content.name})


def _interactive(message: ChatMessage, content: Interactive) -> ChatMessage:
    shown: dict[str, object] = {
        "style": content.type,
        "text": content.body.body,
        "header": content.header.text if content.header else "",
        "footer": content.footer.text if content.footer else "",
    }
    return message.model_copy(update=shown | _action(content))


def _action(content: Interactive) -> dict[str, object]:
    match content:
        case ButtonMessage():
            replies = (button.reply for button in content.action.buttons)
            return {"options": tuple(Option(id=reply.id, title=reply.title) for reply in replies)}
        case ListMessage():
            return {"list_label": content.action.button, "options": _rows(content)}
        case LinkMessage():
            parameters = content.action.parameters
            return {"list_label": parameters.display_text, "link_url": parameters.url}


def _rows(content: ListMessage) -> tuple[Option, ...]:
    return tuple(
        Option(id=row.id, title=row.title, description=row.description, section=section.title)
        for section in content.action.sections
        for row in section.rows
    )
