"""Meta's errors in an operator's words: the one table of what each means and what to do about it.

What the program does about an error by itself stands in `aduan.adapters.whatsapp_errors`. Source: Meta, Cloud API,
"Error codes", and Graph API, "Handle errors", November 2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aduan.adapters.whatsapp_payload import ErrorReport


@dataclass(frozen=True)
class Explanation:
    """What an error means, and what to do."""

    meaning: str
    remedy: str


SAME_APP: Final = (
    "Copy the secret from the app's dashboard, Settings, Basic, of the token's own app, into the secret "
    "whatsapp-app-secret; then deploy whatsapp-webhook anew. With a wrong one every message of WhatsApp is refused."
)
_NEW: Final = (
    "Make a new token of the system user (Meta Business settings, System users): of this app, without an end, with "
    "whatsapp_business_messaging and whatsapp_business_management. Put it into the secret "
    "whatsapp-access-token, then deploy send-message and fetch-media anew."
)
_RIGHTS: Final = (
    "In Meta Business settings give the system user full control of the app and of the WhatsApp account, then make a "
    "new token with whatsapp_business_messaging and whatsapp_business_management. `check` shows what a token has."
)
_LATER: Final = (
    "Wait some minutes, look at https://metastatus.com, and try again. Messages wait and go out by themselves."
)
_SLOWER: Final = "Wait; the program sends again by itself. If it comes back often, fewer messages must be sent at once."
_MANAGER: Final = "Open WhatsApp Manager, Account quality: it names the reason, and the way to ask for a review."
_RELEASE: Final = "The program and Meta's rules differ: tell whoever maintains it, with the line above."
_TEMPLATES: Final = "Run `templates`: it shows what Meta has and what this folder has, and registers the difference."
_TEXT: Final = "Mend the text in infra/whatsapp/templates.toml, then run `templates` again."
_FILE: Final = "Nothing here: the citizen has to send the file again, in another form."

EXPLANATIONS: Final[Mapping[int | tuple[int, int], Explanation]] = {
    # The token and its rights
    0: Explanation("Meta does not know who asks: the token has ended, or was withdrawn.", _NEW),
    3: Explanation("The app may not do this.", _RIGHTS),
    10: Explanation("The token lacks a right, or lost it.", _RIGHTS),
    15: Explanation("This needs the app's own token, made of its id and WHATSAPP_APP_SECRET.", SAME_APP),
    101: Explanation("There is no such app.", SAME_APP),
    190: Explanation("The token is wrong, or was withdrawn.", _NEW),
    (190, 458): Explanation("The app was removed from the account.", _RIGHTS),
    (190, 460): Explanation("The token was withdrawn, for a password was changed.", _NEW),
    (190, 463): Explanation("The token's time has ended.", _NEW),
    (190, 467): Explanation("The token was withdrawn.", _NEW),
    131005: Explanation("The token may not do this.", _RIGHTS),
    # Ids and requests
    33: Explanation("The phone number was deleted.", "Set WHATSAPP_PHONE_NUMBER_ID to the number's new id."),
    100: Explanation("Meta takes a value of the request for wrong; its sentence says which.",
                     "Compare it with what you typed and with the settings. Otherwise: " + _RELEASE),
    (100, 33): Explanation("What the id names does not exist, or this token may not see it.",
                           "Compare WHATSAPP_PHONE_NUMBER_ID (and --account) with WhatsApp Manager. If they are right: "
                           + _RIGHTS),
    131008: Explanation("Something is missing in the request.", _RELEASE),
    131009: Explanation("A value of the request is wrong.", "Look at the number: +62 …; otherwise: " + _RELEASE),
    2500: Explanation("Meta does not know this address.", "Look at WHATSAPP_API_VERSION: like v26.0."),
    # The webhook
    2200: Explanation("Meta called the callback and did not get its challenge back. Nothing was changed.",
                      "HTTP 403: the function has another WHATSAPP_VERIFY_TOKEN than you. HTTP 404: the address is "
                      "wrong. HTTP 0 or a time-out: Meta does not reach it, or its certificate is not good. HTTP 5xx: "
                      "look at the log of whatsapp-webhook. HTTP 200 with another text: something else answers there."),
    # Meta's own state
    1: Explanation("Meta has a fault, or did not understand.", _LATER),
    2: Explanation("Meta is overloaded, or out of service for a moment.", _LATER),
    131000: Explanation("Meta has a fault.", _LATER),
    131016: Explanation("WhatsApp is overloaded, or out of service for a moment.", _LATER),
    131057: Explanation("Meta is working on the account.", _LATER),
    133004: Explanation("Meta's server is out of service for a moment.", _LATER),
    # Too much
    4: Explanation("The app asked Meta too often within an hour.", "Wait an hour."),
    80007: Explanation("The WhatsApp account asked Meta too often.", "Wait an hour."),
    130429: Explanation("More messages a second than the number may send.", _SLOWER),
    131056: Explanation("Too many messages to one person at once.", _SLOWER),
    # The account
    368: Explanation("Meta has restricted the account, for a breach of its rules.", _MANAGER),
    131031: Explanation("Meta has locked the account.", _MANAGER),
    131037: Explanation("The number's name is not approved yet.",
                        "In WhatsApp Manager, Phone numbers: ask for the display name, and wait for its approval."),
    131042: Explanation("The bill cannot be paid.", "In WhatsApp Manager, Payment settings: mend the way of paying."),
    131045: Explanation("The number is not registered rightly.", "Register the number again in WhatsApp Manager."),
    131048: Explanation("People have blocked or reported the number: Meta lets few messages through.", _MANAGER),
    133010: Explanation("The number is not registered with the Cloud API.",
                        "Register it: WhatsApp Manager, Phone numbers, or POST /<number id>/register with its PIN."),
    # Who receives
    131021: Explanation("The number is the office's own.", "Choose another number."),
    131026: Explanation("The message cannot reach this number: no WhatsApp there, or one that is too old.",
                        "Look whether that phone has a new WhatsApp and has accepted its terms."),
    131030: Explanation("The office's number is a test number, which writes to listed phones only.",
                        "Add the phone in the app's dashboard, WhatsApp, API setup; or use the real number."),
    131047: Explanation("The person wrote more than 24 hours ago: only a template goes.", "Send a template."),
    131050: Explanation("The person does not want marketing.", "Look whether the template counts as marketing."),
    131051: Explanation("WhatsApp does not pass this kind of message on.", _FILE),
    131052: Explanation("WhatsApp could not fetch the file.", _FILE),
    131053: Explanation("WhatsApp could not store the file.", _FILE),
    131062: Explanation("This kind of message needs a phone number.", _RELEASE),
    # Sending a template
    132000: Explanation("The template at Meta has another number of variables than what was sent.", _TEMPLATES),
    132001: Explanation("Meta has no approved template of this name in this language.", _TEMPLATES),
    132005: Explanation("With its values the template's text is too long.", _TEXT),
    132007: Explanation("The template's text breaks Meta's rules.", _TEXT),
    132012: Explanation("A value has another form than the template at Meta says.", _TEMPLATES),
    132015: Explanation("Meta has paused the template, for people disliked it.",
                        "Wait: the first time it goes on after 3 hours, the second after 6. Better its text meanwhile: "
                        + _TEMPLATES),
    132016: Explanation("Meta has stopped the template for good.",
                        "Give it a new name, in templates.toml and in the office's messages.toml, and a better text. "
                        "Then: " + _TEMPLATES),
    132018: Explanation("A value of the template is not allowed.", _RELEASE),
    # Registering a template
    (100, 2388019): Explanation("The account has as many templates as it may have.",
                                "Remove some in WhatsApp Manager, or verify the business for a higher limit."),
    (100, 2388023): Explanation("A template of this name was just deleted.",
                                "Meta keeps a deleted name for 30 days: wait, or choose another name."),
    (100, 2388024): Explanation("Meta has a template of this name in this language already.", _TEMPLATES),
    (100, 2388040): Explanation("A part of the template is too long.", _TEXT),
    (100, 2388072): Explanation("The body is not as Meta wants it.", _TEXT),
    (100, 2388293): Explanation("Too many variables for so few words.", _TEXT),
    (100, 2388299): Explanation("The text begins or ends with a variable.", _TEXT),
}  # fmt: skip
"""By code, or by code and subcode."""

_RANGES: Final = (
    (range(200, 300), Explanation("The token lacks a right, or lost it.", _RIGHTS)),
    (range(132000, 133000), Explanation("Meta does not send this template as it was asked to.", _TEMPLATES)),
)
# These share their code with another error: only Meta's sentence tells them apart.
_SENTENCES: Final = (
    ("token signature", Explanation("WHATSAPP_APP_SECRET is not the secret of the token's app.", SAME_APP)),
    ("appsecret_proof", Explanation(
        "The app asks for a proof with every call, which the program does not give.",
        "In the app's dashboard, Settings, Advanced: switch 'Require App Secret' off.",
    )),
)  # fmt: skip
_NOT_META: Final = Explanation("What answered is not Meta.", "Look at WHATSAPP_API_BASE, and at a proxy in between.")
_UNKNOWN: Final = Explanation(
    "This table does not know the error.",
    "Look it up: https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes",
)
_SERVER_AT_FAULT: Final = 500


def explained(error: ErrorReport, status: int) -> Explanation:
    """What an error means: by Meta's sentence, code and subcode; without a code by the HTTP `status`."""
    if error.code is None:
        return EXPLANATIONS[2] if status >= _SERVER_AT_FAULT else _NOT_META
    code, subcode = error.code, error.error_subcode
    found = [explanation for words, explanation in _SENTENCES if words in (error.message or "")]
    keys: tuple[int | tuple[int, int], ...] = (code,) if subcode is None else ((code, subcode), code)
    found += [EXPLANATIONS[key] for key in keys if key in EXPLANATIONS]
    found += [explanation for codes, explanation in _RANGES if code in codes]
    return found[0] if found else _UNKNOWN
