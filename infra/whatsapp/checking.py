"""`check`: is what the office was given of one piece, and does it have the rights?"""

from datetime import UTC, datetime, timedelta
from typing import Final

from infra.whatsapp.answers import AccountFacts
from infra.whatsapp.explanations import EXPLANATIONS, SAME_APP
from infra.whatsapp.office import Office
from infra.whatsapp.refusals import Refused
from infra.whatsapp.verdicts import NAME, QUALITY, REVIEW, STATUS, tell

RIGHTS: Final = ("whatsapp_business_messaging", "whatsapp_business_management")
SOON: Final = timedelta(days=30)
_SYSTEM_USER: Final = "SYSTEM_USER"


def check(office: Office, now: datetime) -> None:
    """Look at token, app secret, number and account. `now` is aware."""
    screen = office.screen
    screen.heading("The token")
    with office.trying("Meta does not take the token (WHATSAPP_ACCESS_TOKEN)"):
        if office.token.is_valid:
            _token(office, now)
            screen.heading("The app secret")
            _app_secrets(office)
        else:
            screen.bad("the token is not valid", do=EXPLANATIONS[190].remedy)
    screen.heading("The number")
    with office.trying("Meta does not show the number (WHATSAPP_PHONE_NUMBER_ID)"):
        number(office)
        screen.heading("The account")
        _account(office)


def number(office: Office) -> None:
    """Which number it is, and how it stands."""
    facts, screen = office.number, office.screen
    screen.good(f"{facts.display_phone_number}, '{facts.verified_name}'")
    tell(screen, "status", STATUS, facts.status)
    tell(screen, "name", NAME, facts.name_status)
    tell(screen, "quality", QUALITY, facts.quality_rating)


def _token(office: Office, now: datetime) -> None:
    facts, screen, remedy = office.token, office.screen, EXPLANATIONS[190].remedy
    screen.good(f"of the app '{facts.application}' ({facts.app_id})")
    if facts.type == _SYSTEM_USER:
        screen.good("of a system user")
    else:
        screen.bad(f"not of a system user, but of kind {facts.type}: it ends with that person's session", do=remedy)
    for words, seconds in (("it ends", facts.expires_at), ("its right to data ends", facts.data_access_expires_at)):
        _end(office, words, seconds, now)
    for right in RIGHTS:
        _right(office, right)


def _end(office: Office, words: str, seconds: int, now: datetime) -> None:
    if not seconds:
        office.screen.good(f"{words}: never")
        return
    end = datetime.fromtimestamp(seconds, UTC)
    told = f"{words}: {end:%d %B %Y %H:%M} UTC, in {(end - now).days} days"
    if end - now > SOON:
        office.screen.good(told)
    else:
        office.screen.bad(told, do=EXPLANATIONS[190].remedy)


def _right(office: Office, right: str) -> None:
    facts, screen, remedy = office.token, office.screen, EXPLANATIONS[10].remedy
    if right not in facts.scopes:
        screen.bad(f"the right {right} is missing", do=remedy)
        return
    targets = next((one.target_ids for one in facts.granular_scopes if one.scope == right), None)
    known = {office.named_account, None} if office.named_account else set()
    if targets and known and not known & set(targets):
        screen.bad(f"the right {right} is for other accounts: {', '.join(targets)}", do=remedy)
        return
    whose = f", for account {', '.join(targets)}" if targets else ""
    screen.good(f"the right {right}{whose}")


def _app_secrets(office: Office) -> None:
    """Whoever can ask as the app has its secret. Of several one must fit: the others are on their way in or out."""
    screen, fitting = office.screen, 0
    several = len(office.secrets.app) > 1
    for place, secret in enumerate(office.secrets.app, 1):
        which = f"secret {place} of {len(office.secrets.app)}" if several else "the secret"
        try:
            office.graph.read(office.token.app_id, {"fields": "id,name"}, token=office.app_token(secret))
        except Refused as why:
            screen.note(f"{which} does not fit: ({why.error.code})")
        else:
            fitting += 1
            screen.good(f"{which} is the app's")
    if not fitting:
        screen.bad("WHATSAPP_APP_SECRET is not the secret of the token's app", do=SAME_APP)


def _account(office: Office) -> None:
    screen = office.screen
    told, found = office.named_account, office.account_of_number
    if told and found and told != found:
        screen.bad(f"the number is in account {found}, not in {told}", do="Give --account as WhatsApp Manager has it.")
        return
    with office.trying("Meta does not show the account"):
        facts = AccountFacts.of(office.graph.fields(office.account, ("name", "account_review_status")))
        screen.good(f"'{facts.name}' ({office.account})")
        tell(screen, "review", REVIEW, facts.account_review_status)
