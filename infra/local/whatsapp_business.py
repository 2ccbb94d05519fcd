"""What the simulated Meta knows of the office: its app, its token, its account, its number and its templates.

Everything may be changed by a test while it runs. Shapes: Meta's reference of debug_token, app subscriptions,
subscribed_apps, message_templates, phone number and health_status (v26.0).
"""

import hmac
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from infra.local.whatsapp_errors import (
    APP_TOKEN_NEEDED,
    EXPIRED_SUBCODE,
    INVALID_PARAMETER,
    NAME_TAKEN_SUBCODE,
    PERMISSION_DENIED,
    PERMISSION_MISSING,
    TEMPLATE_DISABLED,
    TEMPLATE_PAUSED,
    TOKEN_INVALID,
    GraphError,
    JsonObject,
)
from infra.local.whatsapp_payloads import Account
from infra.local.whatsapp_templates import TemplateCatalogue

MESSAGING: Final = "whatsapp_business_messaging"
OBJECT: Final = "whatsapp_business_account"
MANAGEMENT: Final = "whatsapp_business_management"

_EDITABLE: Final = ("APPROVED", "REJECTED", "PAUSED")
_STOPPED: Final = {"PAUSED": TEMPLATE_PAUSED, "DISABLED": TEMPLATE_DISABLED}
_MISSING_RIGHT: Final = {MESSAGING: PERMISSION_DENIED, MANAGEMENT: PERMISSION_MISSING}


@dataclass
class Token:
    """The office's access token. `expires_at` is in Unix seconds, 0: never; `targets` None: all accounts."""

    kind: str = "SYSTEM_USER"
    expires_at: int = 0
    is_valid: bool = True
    scopes: list[str] = field(default_factory=lambda: [MANAGEMENT, MESSAGING, "public_profile"])
    targets: list[str] | None = None


@dataclass
class Business:
    """See the module. `health` holds the entities of `health_status`, by type; `refused` are templates' errors."""

    account: Account
    app_id: str = "634974688087057"
    app_name: str = "Aduan"
    business_id: str = "506914307656634"
    token: Token = field(default_factory=Token)
    number: JsonObject = field(default_factory=dict)
    waba: JsonObject = field(default_factory=dict)
    health: dict[str, JsonObject] = field(default_factory=dict)
    subscribed: bool = True
    override: str | None = None
    subscription: JsonObject | None = None
    templates: dict[str, JsonObject] = field(default_factory=dict)
    refused: dict[str, GraphError] = field(default_factory=dict)
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, Sequence[str]] = field(default_factory=dict)
    stopped: dict[str, int] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.number = {
            "display_phone_number": self.account.display_phone_number, "verified_name": "Aduan Disdukcapil",
            "quality_rating": "GREEN", "status": "CONNECTED", "name_status": "APPROVED",
            "code_verification_status": "VERIFIED", "platform_type": "CLOUD_API", "throughput": {"level": "STANDARD"},
            "whatsapp_business_manager_messaging_limit": "TIER_2K",
        } | self.number  # fmt: skip
        self.waba = {"name": "Disdukcapil", "account_review_status": "APPROVED"} | self.waba
        ids = {
            "PHONE_NUMBER": self.account.phone_number_id, "WABA": self.account.business_account_id,
            "BUSINESS": self.business_id, "APP": self.app_id,
        }  # fmt: skip
        here = {
            kind: {"entity_type": kind, "id": known, "can_send_message": "AVAILABLE"} for kind, known in ids.items()
        }
        self.health = here | self.health
        for name, counts in self.counts.items():
            self._take_over(name, counts)

    @property
    def catalogue(self) -> TemplateCatalogue:
        """What may be sent, as it stands at each moment."""
        return TemplateCatalogue(self.counts, self.bodies, self.buttons, self.stopped)

    @property
    def app_token(self) -> str:
        """The app's own token, as Meta lets it be written."""
        return f"{self.app_id}|{self.account.app_secret}"

    def authorise(self, given: str, scope: str) -> None:
        """Let the office's token pass, if it has the right. Raises `GraphError` 10, 190 or 200."""
        if not hmac.compare_digest(self.account.access_token.encode(), given.encode()):
            raise self._wrong(given)
        if not self.token.is_valid:
            raise GraphError(
                TOKEN_INVALID, "Error validating access token: Session has expired", subcode=EXPIRED_SUBCODE
            )
        if scope and scope not in self.token.scopes:
            raise GraphError(_MISSING_RIGHT[scope], f"Requires {scope} permission to manage the object")

    def authorise_app(self, given: str) -> None:
        """Let the app's own token pass. Raises `GraphError` 15 or 190."""
        if hmac.compare_digest(self.app_token.encode(), given.encode()):
            return
        if hmac.compare_digest(self.account.access_token.encode(), given.encode()):
            raise GraphError(APP_TOKEN_NEEDED, "(#15) This method must be called with an app access token.")
        raise self._wrong(given)

    def debugged(self) -> JsonObject:
        """What `debug_token` says of the office's token."""
        token = self.token
        about: JsonObject = {
            "app_id": self.app_id, "type": token.kind, "application": self.app_name, "data_access_expires_at": 0,
            "expires_at": token.expires_at, "is_valid": token.is_valid, "scopes": token.scopes, "user_id": "1220",
        }  # fmt: skip
        granular = [{"scope": scope} for scope in token.scopes if scope != "public_profile"]
        if token.targets is not None:
            granular = [one | {"target_ids": token.targets} for one in granular]  # type: ignore[misc]  # JSON's values
        about["granular_scopes"] = granular
        if not token.is_valid:
            about["error"] = {"code": 190, "message": "Session has expired", "subcode": EXPIRED_SUBCODE}
        return {"data": about}

    def health_of(self, *kinds: str) -> JsonObject:
        """`health_status` of a node: the worst of the entities that take part."""
        entities = [self.health[kind] for kind in kinds if kind in self.health]
        states = {entity["can_send_message"] for entity in entities}
        worst = next((state for state in ("BLOCKED", "LIMITED") if state in states), "AVAILABLE")
        return {"can_send_message": worst, "entities": entities}

    def subscribe(self, url: str | None, fields: Sequence[str] = ("messages",)) -> None:
        """The app's webhooks go there from now on; None: nowhere."""
        named = [{"name": name, "version": "v26.0"} for name in fields]
        known = {"object": OBJECT, "callback_url": url, "active": True, "fields": named}
        self.subscription = known if url else None

    def create(self, body: Mapping[str, Any]) -> JsonObject:
        """A new template, which waits for its review. Raises `GraphError` 100."""
        with self.lock:
            name = str(body["name"])
            if name in self.refused:
                raise self.refused[name]
            if name in self.templates:
                words = "There is already Indonesian content for this template. Create a new template instead."
                raise GraphError(
                    INVALID_PARAMETER, "Invalid parameter", subcode=NAME_TAKEN_SUBCODE,
                    user=("Content in This Language Already Exists", words),
                )  # fmt: skip
            known = {key: body[key] for key in ("name", "language", "category", "components")}
            self.templates[name] = known | {"id": str(900_000_000_000_001 + len(self.templates)), "status": "PENDING"}
            return {key: self.templates[name][key] for key in ("id", "status", "category")}

    def edit(self, name: str, body: Mapping[str, Any]) -> JsonObject:
        """Another text for a template, which waits for its review again. Raises `GraphError` 100."""
        with self.lock:
            if name in self.refused:
                raise self.refused[name]
            if self.templates[name]["status"] not in _EDITABLE:
                words = "Only templates that are approved, rejected or paused can be edited."
                raise GraphError(
                    INVALID_PARAMETER, "Invalid parameter", user=("Message template cannot be edited", words)
                )
            self.templates[name] |= {key: body[key] for key in ("components", "category") if key in body}
            self.review(name, "PENDING")
            return {"success": True}

    def review(self, name: str, status: str, reason: str = "NONE") -> None:
        """Meta decides on a template, or stops it."""
        with self.lock:
            template = self.templates[name]
            template |= {"status": status, "rejected_reason": reason}
            self.counts.pop(name, None)
            self.stopped.pop(name, None)
            if status in _STOPPED:
                self.stopped[name] = _STOPPED[status]
            if status == "APPROVED":
                parts = {part["type"]: part for part in template["components"]}
                body, buttons = parts["BODY"]["text"], parts.get("BUTTONS", {}).get("buttons", [])
                self.bodies[name], self.buttons[name] = body, [button["text"] for button in buttons]
                self.counts[name] = len(set(re.findall(r"{{\d+}}", body))), len(buttons)

    def _take_over(self, name: str, counts: tuple[int, int]) -> None:
        """A template that was approved before the simulator began."""
        values = " · ".join(f"{{{{{number}}}}}" for number in range(1, counts[0] + 1))
        body = {"type": "BODY", "text": self.bodies.get(name, f"{name}: {values}")}
        titles = self.buttons.get(name, [f"Tombol {number}" for number in range(1, counts[1] + 1)])
        buttons = {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": title} for title in titles]}
        self.templates[name] = {
            "id": str(900_000_000_000_001 + len(self.templates)), "name": name, "language": "id", "status": "APPROVED",
            "category": "UTILITY", "components": [body, *([buttons] if titles else [])],
        }  # fmt: skip

    def _wrong(self, given: str) -> GraphError:
        signed = given.startswith(f"{self.app_id}|")
        why = "Invalid OAuth access token signature." if signed else "Cannot parse access token"
        return GraphError(TOKEN_INVALID, why if signed else f"Invalid OAuth access token - {why}")
