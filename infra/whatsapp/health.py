"""`health`: would a message go out now, and would one come in?"""

from collections.abc import Mapping

from infra.whatsapp.answers import Entity
from infra.whatsapp.checking import number
from infra.whatsapp.office import Office
from infra.whatsapp.registering import tell_states
from infra.whatsapp.subscribing import standing
from infra.whatsapp.templates_file import Template
from infra.whatsapp.verdicts import ENTITY, LIMIT, SPEED


def health(office: Office, templates: Mapping[str, Template], callback: str | None) -> None:
    """Number, limits, what Meta says of all that takes part, templates, webhook. `callback`: where it should go."""
    screen = office.screen
    screen.heading("The number")
    with office.trying("Meta does not show the number"):
        number(office)
        _limits(office)
        screen.heading("Can messages be sent?")
        _entities(office)
    screen.heading("The templates")
    with office.trying("Meta does not show the templates"):
        tell_states(office, templates)
    screen.heading("Do messages come in?")
    with office.trying("Meta does not show the webhook"):
        standing(office, callback)


def _limits(office: Office) -> None:
    facts = office.number
    limit, speed = facts.whatsapp_business_manager_messaging_limit, facts.throughput.level
    office.screen.note(f"people to whom it may write first, in 24 hours: {LIMIT.get(limit, limit)}")
    office.screen.note(f"throughput: {SPEED.get(speed, speed)}")


def _entities(office: Office) -> None:
    entities = office.number.health_status.entities
    if not entities:
        office.screen.note("Meta says nothing about it")
    for entity in entities:
        _entity(office, entity)


def _entity(office: Office, entity: Entity) -> None:
    screen, name = office.screen, ENTITY.get(entity.entity_type, entity.entity_type)
    if entity.can_send_message == "AVAILABLE":
        screen.good(f"{name}: yes")
    elif entity.can_send_message == "LIMITED":
        screen.bad(f"{name}: with limits", do=" ".join(entity.additional_info) or "Look at WhatsApp Manager.")
    elif entity.can_send_message == "BLOCKED":
        for problem in entity.errors:
            solution = problem.possible_solution or "Look at WhatsApp Manager."
            screen.bad(f"{name}: no ({problem.error_code}) {problem.error_description}", do=solution)
        if not entity.errors:
            screen.bad(f"{name}: no, and Meta does not say why", do="Look at WhatsApp Manager.")
    else:
        screen.note(f"{name}: Meta says {entity.can_send_message}, which is not known here")
