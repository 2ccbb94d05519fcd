"""`send-test`: one template to one phone, in the program's own words and shape."""

from aduan.adapters.whatsapp_api import message_body
from aduan.adapters.whatsapp_payload import Accepted
from aduan.service.channel import Address
from aduan.service.channel import Template as Message
from infra.whatsapp.office import Office
from infra.whatsapp.refusals import NoAnswer
from infra.whatsapp.templates_file import Template

# A tap on the button comes back as what it is under an alert: seen, and nothing more.
_PAYLOAD = "acknowledged"


def send_test(office: Office, phone: str, name: str, template: Template) -> None:
    """Send `template`, filled with its examples, to `phone` (E.164). Raises `Refused`, `NoAnswer`."""
    payloads = (_PAYLOAD,) * len(template.buttons)
    message = Message(name, tuple(template.examples), payloads, template.language)
    answer = office.graph.write(f"{office.number_id}/messages", message_body(Address(phone), message))
    if answer is None:
        return
    try:
        wamid = Accepted.model_validate(answer).messages[0].id
    except ValueError:
        raise NoAnswer("Meta took the message and gave it no id: look at the phone") from None
    office.screen.good(f"Meta took {name} for {phone} ({wamid})")
    office.screen.note("It must be on the phone within seconds. If it is not, run `health`: Meta takes a message")
    office.screen.note("first, and says later, to the webhook, that it did not arrive.")
