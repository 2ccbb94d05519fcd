"""Meta's words for a state, in an operator's words, and what to do where the state is bad."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from infra.whatsapp.screen import Screen

_MANAGER: Final = "Open WhatsApp Manager, Account quality, and follow what it says."
_MESSAGES: Final = "Look at what was sent this week: whom it reached unasked, and which template people disliked."
_NAME: Final = "In WhatsApp Manager, Phone numbers, mend the display name and ask for its review."
_REGISTER: Final = "In WhatsApp Manager, Phone numbers, register the number with the Cloud API."


@dataclass(frozen=True)
class Verdict:
    """What a state means. `remedy`: empty where it is good."""

    words: str
    remedy: str = ""


QUALITY: Final[Mapping[str, Verdict]] = {
    "GREEN": Verdict("high"),
    "YELLOW": Verdict("medium: some people have blocked the number", _MESSAGES),
    "RED": Verdict("low: many people have blocked or reported the number", _MESSAGES),
    "UNKNOWN": Verdict("not rated yet"),
    "NA": Verdict("not rated yet"),
}

STATUS: Final[Mapping[str, Verdict]] = {
    "CONNECTED": Verdict("connected"),
    "PENDING": Verdict("waits to be registered", _REGISTER),
    "UNVERIFIED": Verdict("not verified", "In WhatsApp Manager, Phone numbers, verify the number by its code."),
    "OFFLINE": Verdict("not registered", _REGISTER),
    "DISCONNECTED": Verdict("not registered", _REGISTER),
    "FLAGGED": Verdict("in danger: its quality is low", _MESSAGES),
    "RESTRICTED": Verdict("has reached its limit: it answers people who wrote, and nobody else",
                          "Wait 24 hours. If it comes back, verify the business for a higher limit."),
    "RATE_LIMITED": Verdict("slowed down by Meta", "Wait an hour."),
    "BANNED": Verdict("banned", _MANAGER),
    "DELETED": Verdict("deleted", "Set WHATSAPP_PHONE_NUMBER_ID to the new number's id."),
    "MIGRATED": Verdict("moved to another account", "Set WHATSAPP_PHONE_NUMBER_ID to its new id."),
}  # fmt: skip

NAME: Final[Mapping[str, Verdict]] = {
    "APPROVED": Verdict("approved"),
    "AVAILABLE_WITHOUT_REVIEW": Verdict("may be used without a review"),
    "PENDING_REVIEW": Verdict("being reviewed"),
    "DECLINED": Verdict("declined", _NAME),
    "EXPIRED": Verdict("no longer valid", _NAME),
    "NONE": Verdict("none given", _NAME),
}

REVIEW: Final[Mapping[str, Verdict]] = {
    "APPROVED": Verdict("approved"),
    "PENDING": Verdict("being reviewed"),
    "REJECTED": Verdict("rejected", _MANAGER),
}

TEMPLATE: Final[Mapping[str, Verdict]] = {
    "APPROVED": Verdict("approved"),
    "PENDING": Verdict("being reviewed: until that is done it cannot be sent; a day at most"),
    "IN_APPEAL": Verdict("being reviewed once more"),
    "REJECTED": Verdict("rejected", "Mend the text in infra/whatsapp/templates.toml and run `templates` again, or "
                                    "ask for another review in WhatsApp Manager."),
    "PAUSED": Verdict("paused, for people disliked it", "Wait (3 hours, the second time 6), or better its text."),
    "DISABLED": Verdict("stopped for good", "Give it a new name, in templates.toml and in the office's messages.toml."),
    "LIMIT_EXCEEDED": Verdict("over the account's number of templates", "Remove some in WhatsApp Manager."),
    "ARCHIVED": Verdict("put aside, for it was not used for a year", "Bring it back in WhatsApp Manager."),
    "PENDING_DELETION": Verdict("being deleted", "Wait until it is gone, then give it a new name."),
    "DELETED": Verdict("deleted", "Meta keeps the name for 30 days: give it a new one."),
}  # fmt: skip

LIMIT: Final[Mapping[str, str]] = {
    "TIER_NOT_SET": "not set yet: nothing was sent",
    "TIER_50": "50",
    "TIER_250": "250",
    "TIER_1K": "1,000",
    "TIER_2K": "2,000",
    "TIER_10K": "10,000",
    "TIER_100K": "100,000",
    "TIER_UNLIMITED": "no limit",
}

SPEED: Final[Mapping[str, str]] = {
    "STANDARD": "80 messages a second",
    "HIGH": "1,000 messages a second",
    "NOT_APPLICABLE": "none: the number is not registered",
}

ENTITY: Final[Mapping[str, str]] = {
    "PHONE_NUMBER": "the phone number",
    "WABA": "the WhatsApp account",
    "BUSINESS": "the business",
    "APP": "the app",
    "MESSAGE_TEMPLATE": "the template",
}


def tell(screen: Screen, what: str, table: Mapping[str, Verdict], state: str, why: str = "") -> None:
    """One state: good, bad with what to do, or not known here; nothing where Meta told none. `why`: its reason."""
    if not state:
        return
    verdict = table.get(state)
    if verdict is None:
        screen.note(f"{what}: Meta says {state}, which is not known here")
    elif verdict.remedy:
        screen.bad(f"{what}: {verdict.words}{f' ({why})' if why else ''}", do=verdict.remedy)
    else:
        screen.good(f"{what}: {verdict.words}")
