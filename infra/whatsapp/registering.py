"""`templates`: what Meta has becomes what `templates.toml` says, after the difference was shown."""

from collections.abc import Mapping
from typing import Any, Final

from infra.whatsapp.answers import Registered
from infra.whatsapp.office import Office
from infra.whatsapp.templates_file import Template
from infra.whatsapp.verdicts import TEMPLATE, Verdict, tell

_IN_USE: Final = "APPROVED"
_WAIT: Final = "Wait for the end of Meta's review, then run this again."
_EDITABLE: Final = (_IN_USE, "REJECTED", "PAUSED")


def register(office: Office, templates: Mapping[str, Template], *, edit: bool) -> None:
    """Create what is missing, change what differs. `edit`: those too that are in use.

    Meta reviews a changed template again, and does not send it meanwhile: what the program sends then is lost.
    """
    known = {(one.name, one.language): one for one in office.templates()}
    for name, template in templates.items():
        with office.trying(f"Meta does not take {name}"):
            there = known.get((name, template.language))
            if there is None:
                _create(office, name, template)
            else:
                _compare(office, template, there, edit=edit)
    tell_strangers(office, list(known.values()), templates)


def tell_states(office: Office, templates: Mapping[str, Template]) -> None:
    """How each template stands at Meta, and where it differs. Changes nothing."""
    known = {(one.name, one.language): one for one in office.templates()}
    for name, template in templates.items():
        there = known.get((name, template.language))
        if there is None:
            office.screen.bad(f"{name}: Meta does not have it", do="Run `templates`.")
            continue
        if there.status in TEMPLATE and there.status != _IN_USE and not TEMPLATE[there.status].remedy:
            office.screen.bad(f"{name}: {TEMPLATE[there.status].words}", do=_WAIT)
        else:
            _tell(office, template, there)
        if difference(template, there):
            office.screen.bad(f"{name}: its text at Meta is another than here", do="Run `templates --dry-run`.")
    tell_strangers(office, list(known.values()), templates)


def tell_strangers(office: Office, known: list[Registered], templates: Mapping[str, Template]) -> None:
    """Name those at Meta that are not here; nothing is done to them."""
    here = {(name, template.language) for name, template in templates.items()}
    for one in known:
        if (one.name, one.language) not in here:
            office.screen.note(f"{one.name} ({one.language}) is at Meta and not in templates.toml: it is let be")


def difference(template: Template, there: Registered) -> list[str]:
    """What differs, as lines to show. Examples are for Meta's review only: they count where it rejected them."""
    old, new = _parts(there.components), _parts(template.components)
    names = ["body", "buttons", *(["examples"] if there.status == "REJECTED" else [])]
    return [line for name in names if old[name] != new[name] for line in (f"- {old[name]}", f"+ {new[name]}")]


def _parts(components: list[dict[str, Any]]) -> dict[str, str]:
    by_type = {str(part.get("type")).lower(): part for part in components}
    body, buttons = by_type.get("body", {}), by_type.get("buttons", {}).get("buttons", [])
    texts = [f"[{one.get('text')}]{'' if one.get('type') == 'QUICK_REPLY' else one.get('type')}" for one in buttons]
    # A header or footer that somebody gave it at Meta is a difference, too.
    others = [f"<{kind}>" for kind in by_type if kind not in ("body", "buttons")]
    examples = body.get("example", {}).get("body_text", [[]])[0]
    return {"body": body.get("text", ""), "buttons": " ".join(texts + others), "examples": ", ".join(examples)}


def _create(office: Office, name: str, template: Template) -> None:
    office.screen.note(f"{name}: new at Meta")
    office.screen.lines(f"+ {text}" for text in _parts(template.components).values())
    body = {
        "name": name, "language": template.language, "category": template.category, "components": template.components
    }  # fmt: skip
    answer = office.graph.write(f"{office.account}/message_templates", body)
    if answer is not None:
        _tell(office, template, Registered.of({"name": name, "language": template.language} | answer))


def _compare(office: Office, template: Template, there: Registered, *, edit: bool) -> None:
    lines = difference(template, there)
    if not lines:
        _tell(office, template, there)
        return
    office.screen.note(f"{there.name}: differs")
    office.screen.lines(lines)
    if there.status not in _EDITABLE:
        verdict = TEMPLATE.get(there.status, Verdict(there.status))
        office.screen.bad(f"{there.name} cannot be changed now: {verdict.words}", do=verdict.remedy or _WAIT)
    elif there.status == _IN_USE and not edit:
        office.screen.bad(
            f"{there.name} is in use, and was not changed",
            do="Meta reviews a change, for a day at most, and does not send the template meanwhile: what the program "
            "sends by it then is lost. Run `templates --edit` when the office is closed.",
        )
    else:
        # The category of one that is in use stays; of another it is set anew.
        body: dict[str, object] = {"components": template.components}
        if there.status != _IN_USE:
            body["category"] = template.category
        if office.graph.write(there.id, body) is not None:
            office.screen.good(f"{there.name}: changed; Meta reviews it now")


def _tell(office: Office, template: Template, there: Registered) -> None:
    why = "" if there.rejected_reason == "NONE" else there.rejected_reason
    tell(office.screen, there.name, TEMPLATE, there.status, why)
    if there.category != template.category:
        office.screen.bad(
            f"{there.name}: Meta counts it as {there.category}, not as {template.category}",
            do="Marketing costs more and does not reach all: within 60 days ask for a review in WhatsApp Manager.",
        )
