"""`subscribe`: WhatsApp's messages come to the office's webhook. And how that stands, for `health`.

Two things at Meta must be right: the app's webhook (its address, which Meta tries at once, and the field `messages`),
and the account's list of apps. Either without the other lets no message through, so one command does both.
"""

from typing import Final

from infra.whatsapp.office import FIELD, OBJECT, Office

_SUBSCRIBE: Final = "Run `subscribe --callback <address>`; `terraform output webhook_url` tells the address."
_OVERRIDE: Final = (
    "Somebody gave the number an address of its own, at Meta. Remove it: POST /<number id> with "
    '{"webhook_configuration": {"override_callback_uri": ""}}.'
)


def subscribe(office: Office, callback: str) -> None:
    """Set address, verify token and field; then put the app on the account's list. What is subscribed stays so."""
    screen, app_id = office.screen, office.token.app_id
    known = office.subscription()
    fields = sorted({FIELD, *(field.name for field in known.fields)} if known else {FIELD})
    if known and known.callback_url != callback:
        screen.note(f"the address was {known.callback_url}")
    body = {
        "object": OBJECT, "callback_url": callback, "verify_token": office.secrets.verify, "fields": ",".join(fields),
        "include_values": "true",
    }  # fmt: skip
    office.graph.write(f"{app_id}/subscriptions", body, token=office.working_app_token)
    # Also where it is on the list already: that takes away an address of the account's own, which would come first.
    office.graph.write(f"{office.account}/subscribed_apps", {})
    if not office.graph.dry_run:
        screen.note("Meta has called the address and got its challenge back.")
        standing(office, callback)


def standing(office: Office, callback: str | None) -> None:
    """Whether messages come, and where to. `callback`: where they should."""
    screen = office.screen
    with office.trying("Meta does not show the app's webhook"):
        known = office.subscription()
        if known is None or not known.active:
            screen.bad("the app has no webhook for WhatsApp: no message comes", do=_SUBSCRIBE)
        elif FIELD not in {field.name for field in known.fields}:
            screen.bad(f"the app's webhook does not hear of {FIELD}: no message comes", do=_SUBSCRIBE)
        elif callback and known.callback_url != callback:
            screen.bad(f"webhooks go to {known.callback_url}, not to {callback}", do=_SUBSCRIBE)
        else:
            screen.good(f"webhooks go to {known.callback_url}")
    with office.trying("Meta does not show the account's apps"):
        app = office.subscribed()
        if app is None:
            screen.bad("the app is not on the account's list: no message comes", do=_SUBSCRIBE)
        elif app.override_callback_uri:
            screen.bad(f"the account sends its webhooks elsewhere: {app.override_callback_uri}", do=_SUBSCRIBE)
        else:
            screen.good("the app is on the account's list")
    with office.trying("Meta does not show the number"):
        own = office.number.webhook_configuration.phone_number
        if own:
            screen.bad(f"the number sends its webhooks elsewhere: {own}", do=_OVERRIDE)
