"""The office at Meta: whose token it is, which app, number and account, each asked once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from infra.whatsapp.answers import Number, Registered, SubscribedApp, Subscription, TokenFacts
from infra.whatsapp.graph import Graph
from infra.whatsapp.refusals import NoAnswer, Refused
from infra.whatsapp.screen import Screen

OBJECT: Final = "whatsapp_business_account"
FIELD: Final = "messages"

_NUMBER: Final = (
    "display_phone_number", "verified_name", "quality_rating", "status", "name_status", "throughput",
    "whatsapp_business_manager_messaging_limit", "health_status", "webhook_configuration",
)  # fmt: skip
_TEMPLATE: Final = "id,name,language,status,category,rejected_reason,components"


class NoAccount(Exception):
    """Meta did not say which account the number belongs to."""


@dataclass(frozen=True)
class Secrets:
    """What the operator's environment knows. `app` has more than one while the app's secret is replaced."""

    token: str
    app: tuple[str, ...] = ()
    verify: str = ""


@dataclass
class Office:
    """One number, through its token. Everything raises `Refused` or `NoAnswer`."""

    graph: Graph
    screen: Screen
    secrets: Secrets
    number_id: str
    named_account: str | None = None

    @cached_property
    def token(self) -> TokenFacts:
        """What the token is; a token may be asked about with itself."""
        return TokenFacts.of(self.graph.read("debug_token", {"input_token": self.secrets.token}).get("data"))

    @cached_property
    def number(self) -> Number:
        """The phone number, with the health of all that takes part in sending from it."""
        return Number.of(self.graph.fields(self.number_id, _NUMBER))

    @property
    def account_of_number(self) -> str | None:
        """The account of which Meta says that the number is in it."""
        entities = self.number.health_status.entities
        return next((entity.id for entity in entities if entity.entity_type == "WABA" and entity.id), None)

    @property
    def account(self) -> str:
        """The WhatsApp Business Account's id. Raises `NoAccount`."""
        found = self.named_account or self.account_of_number
        if found is None:
            raise NoAccount(
                "Meta does not say which account the number is in: give --account, as WhatsApp Manager has it"
            )
        return found

    def app_token(self, secret: str) -> str:
        """The app's own token."""
        return f"{self.token.app_id}|{secret}"

    @cached_property
    def working_app_token(self) -> str:
        """The app's own token with the first secret that fits, or with the first one."""
        for secret in self.secrets.app:
            with self.silent():
                self.graph.read(self.token.app_id, {"fields": "id"}, token=self.app_token(secret))
                return self.app_token(secret)
        return self.app_token(self.secrets.app[0])

    def subscription(self) -> Subscription | None:
        """The app's webhook for WhatsApp."""
        path = f"{self.token.app_id}/subscriptions"
        rows = self.graph.read(path, {}, token=self.working_app_token).get("data", [])
        return next((one for one in map(Subscription.of, rows) if one.object == OBJECT), None)

    def subscribed(self) -> SubscribedApp | None:
        """Our app among those that get the account's webhooks."""
        rows = self.graph.read(f"{self.account}/subscribed_apps", {}).get("data", [])
        return next((one for one in map(SubscribedApp.of, rows) if one.app.id == self.token.app_id), None)

    def templates(self) -> list[Registered]:
        """All templates of the account."""
        return [
            Registered.of(row) for row in self.graph.pages(f"{self.account}/message_templates", {"fields": _TEMPLATE})
        ]

    @contextmanager
    def trying(self, what: str) -> Iterator[None]:
        """Tell a refusal, as the reason why `what` is bad, and go on."""
        try:
            yield
        except (Refused, NoAnswer) as why:
            self.screen.refused(what, why)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Take a refusal for a no."""
        try:
            yield
        except Refused:
            return
