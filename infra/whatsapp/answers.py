"""What Graph answers, as far as the commands read it; anything may be missing.

Source: Meta's reference of debug_token, app subscriptions, subscribed_apps, message_templates, phone number and
health_status (v26.0), November 2026.
"""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.whatsapp.refusals import NoAnswer


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_missing(cls, answer: Any) -> Any:
        return {k: v for k, v in answer.items() if v is not None} if isinstance(answer, dict) else answer

    @classmethod
    def of(cls, answer: object) -> Self:
        """Read one. Raises `NoAnswer` for another shape than Meta's."""
        try:
            return cls.model_validate(answer)
        except ValidationError as error:
            place = ".".join(map(str, error.errors(include_url=False)[0]["loc"])) or "the whole"
            raise NoAnswer(f"Meta answered in a shape that is not known here, at {place}") from None


class Granted(_Answer):
    """A right, and the accounts for which it was given; None: all of the system user's."""

    scope: str
    target_ids: list[str] | None = None


class TokenFacts(_Answer):
    """`debug_token`. Times are Unix seconds, 0: never."""

    app_id: str = ""
    application: str = "?"
    type: str = "?"
    is_valid: bool = False
    expires_at: int = 0
    data_access_expires_at: int = 0
    scopes: list[str] = []
    granular_scopes: list[Granted] = []


class Problem(_Answer):
    """Why an entity cannot send."""

    error_code: int | None = None
    error_description: str = "no explanation"
    possible_solution: str = ""


class Entity(_Answer):
    """One of those that take part in a sending: PHONE_NUMBER, WABA, BUSINESS, APP."""

    entity_type: str
    id: str = ""
    can_send_message: str = "?"
    errors: list[Problem] = []
    additional_info: list[str] = []


class Health(_Answer):
    """`health_status`."""

    can_send_message: str = "?"
    entities: list[Entity] = []


class Throughput(_Answer):
    """STANDARD: 80 messages a second; HIGH: 1,000."""

    level: str = "not told"


class WebhookAddresses(_Answer):
    """Where a number's webhooks go: its own address before the account's, before the app's."""

    phone_number: str | None = None
    whatsapp_business_account: str | None = None
    application: str | None = None


class Number(_Answer):
    """The phone number."""

    display_phone_number: str = "?"
    verified_name: str = "?"
    quality_rating: str = ""
    status: str = ""
    name_status: str = ""
    throughput: Throughput = Throughput()
    whatsapp_business_manager_messaging_limit: str = "not told"
    health_status: Health = Health()
    webhook_configuration: WebhookAddresses = WebhookAddresses()


class AccountFacts(_Answer):
    """The WhatsApp Business Account."""

    name: str = "?"
    account_review_status: str = ""


class WebhookField(_Answer):
    """A field of webhooks."""

    name: str


class Subscription(_Answer):
    """What an app hears of, and where."""

    object: str = ""
    callback_url: str = ""
    active: bool = False
    fields: list[WebhookField] = []


class App(_Answer):
    """An app that gets the account's webhooks."""

    id: str = ""
    name: str = "?"


class SubscribedApp(_Answer):
    """The same, with the account's own address for it."""

    app: App = Field(default=App(), alias="whatsapp_business_api_data")
    override_callback_uri: str | None = None


class Registered(_Answer):
    """A template at Meta."""

    id: str
    name: str
    language: str
    status: str = "?"
    category: str = "?"
    rejected_reason: str = "NONE"
    components: list[dict[str, Any]] = []
