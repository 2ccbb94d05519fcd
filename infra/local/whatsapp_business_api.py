"""The Graph API's addresses for whoever sets an office up: token, app, account, number and templates."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, jsonify, request

from infra.local.whatsapp_business import MANAGEMENT, OBJECT, Business
from infra.local.whatsapp_courier import Courier
from infra.local.whatsapp_errors import (
    CALLBACK_FAILED,
    INVALID_PARAMETER,
    PARAMETER_MISSING,
    GraphError,
    JsonObject,
    object_missing,
)

PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class BusinessApi:
    """The handlers, with what they need."""

    business: Business
    courier: Courier

    def add_to(self, routes: Blueprint, version: str) -> None:
        """The addresses, which stand before those of any other id."""
        account, app_id = self.business.account, self.business.app_id
        waba = account.business_account_id
        for name, path, handler, method in (
            ("debug_token", "debug_token", self.debug_token, "GET"),
            ("app", app_id, self.app, "GET"),
            ("subscriptions", f"{app_id}/subscriptions", self.subscriptions, "GET"),
            ("subscribe_fields", f"{app_id}/subscriptions", self.subscribe_fields, "POST"),
            ("waba", waba, self.waba, "GET"),
            ("subscribed_apps", f"{waba}/subscribed_apps", self.subscribed_apps, "GET"),
            ("subscribe_app", f"{waba}/subscribed_apps", self.subscribe_app, "POST"),
            ("message_templates", f"{waba}/message_templates", self.message_templates, "GET"),
            ("create_template", f"{waba}/message_templates", self.create_template, "POST"),
            ("number", account.phone_number_id, self.number, "GET"),
            ("edit_template", "<template_id>", self.edit_template, "POST"),
        ):
            routes.add_url_rule(f"{version}/{path}", name, handler, methods=[method])

    def debug_token(self) -> Response:
        """What the token in the question is; asked with itself, or with the app's."""
        if bearer() != self.business.app_token:
            self.business.authorise(bearer(), "")
        if request.args.get("input_token") != self.business.account.access_token:
            message = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
            return jsonify(data={"error": message, "is_valid": False, "scopes": []})
        return jsonify(self.business.debugged())

    def app(self) -> Response:
        """The app, for its own token: whoever can ask has its secret."""
        self.business.authorise_app(bearer())
        return _node(self.business.app_id, {"name": self.business.app_name}, "Application")

    def subscriptions(self) -> Response:
        """Which webhooks go where."""
        self.business.authorise_app(bearer())
        return jsonify(data=[self.business.subscription] if self.business.subscription else [])

    def subscribe_fields(self) -> Response:
        """Set the callback: Meta asks it for its challenge first, and changes nothing if that fails."""
        self.business.authorise_app(bearer())
        given = _body()
        for name in ("object", "callback_url", "fields", "verify_token"):
            if not given.get(name):
                raise GraphError(PARAMETER_MISSING, f"The parameter {name} is required.")
        if given["object"] != OBJECT:
            raise GraphError(INVALID_PARAMETER, f"Param object must be one of {{{OBJECT}}}")
        url = given["callback_url"]
        problem = self.courier.unconfirmed(url, given["verify_token"], secrets.token_hex(8))
        if problem is not None:
            said = f"(#2200) Callback verification failed with the following errors: {problem}"
            raise GraphError(CALLBACK_FAILED, said)
        self.business.subscribe(url, [name.strip() for name in given["fields"].split(",")])
        self.courier.url = url
        return jsonify(success=True)

    def waba(self) -> Response:
        """The account."""
        self._manage()
        account = self.business.account.business_account_id
        health = self.business.health_of("WABA", "BUSINESS", "APP")
        known = self.business.waba | {"health_status": health}
        return _node(account, known, "WhatsAppBusinessAccount")

    def subscribed_apps(self) -> Response:
        """Which apps get the account's webhooks."""
        self._manage()
        if not self.business.subscribed:
            return jsonify(data=[])
        link = f"https://www.facebook.com/games/?app_id={self.business.app_id}"
        one: JsonObject = {
            "whatsapp_business_api_data": {"id": self.business.app_id, "name": self.business.app_name, "link": link}
        }
        if self.business.override:
            one["override_callback_uri"] = self.business.override
        return jsonify(data=[one])

    def subscribe_app(self) -> Response:
        """The app of the token gets the account's webhooks from now on, at the app's own callback."""
        self._manage()
        self.business.subscribed, self.business.override = True, None
        return jsonify(success=True)

    def message_templates(self) -> Response:
        """One page of the templates."""
        self._manage()
        wanted = request.args.get("fields", "name,status,category,language,components,id").split(",")
        size, first = int(request.args.get("limit", PAGE)), int(request.args.get("after", 0))
        known = list(self.business.templates.values())
        rows = [{key: one[key] for key in (*wanted, "id") if key in one} for one in known[first : first + size]]
        paging: JsonObject = {"cursors": {"before": str(first), "after": str(first + size)}}
        if first + size < len(known):
            paging["next"] = f"{request.base_url}?after={first + size}"
        return jsonify(data=rows, paging=paging)

    def create_template(self) -> Response:
        """A new template."""
        self._manage()
        return jsonify(self.business.create(_body()))

    def edit_template(self, template_id: str) -> Response:
        """Another text for a template."""
        self._manage()
        names = [name for name, one in self.business.templates.items() if one["id"] == template_id]
        if not names:
            raise object_missing(template_id)
        return jsonify(self.business.edit(names[0], _body()))

    def number(self) -> Response:
        """The office's number."""
        self._manage()
        callback = (self.business.subscription or {}).get("callback_url")
        webhooks = {"application": callback} | ({"whatsapp_business_account": self.business.override})
        health = self.business.health_of("PHONE_NUMBER", "WABA", "BUSINESS", "APP")
        known = {"health_status": health, "webhook_configuration": _set(webhooks)} | self.business.number
        return _node(self.business.account.phone_number_id, known, "WhatsAppBusinessPhoneNumber")

    def _manage(self) -> None:
        self.business.authorise(bearer(), MANAGEMENT)


def bearer() -> str:
    """The token of the request, nothing if it has none."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind == "Bearer" else ""


def _node(node_id: str, known: Mapping[str, object], kind: str) -> Response:
    """Those of its fields that are asked for. Raises `GraphError` 100 for one that it does not have."""
    wanted = [name for name in request.args.get("fields", "").split(",") if name and name != "id"]
    for name in wanted:
        if name not in known:
            details = f"Tried accessing nonexisting field ({name}) on node type ({kind})"
            raise GraphError(INVALID_PARAMETER, details)
    return jsonify({name: known[name] for name in wanted} | {"id": node_id})


def _body() -> JsonObject:
    given = request.get_json(silent=True)
    return given if isinstance(given, dict) else request.form.to_dict()


def _set(values: Mapping[str, object | None]) -> JsonObject:
    return {name: value for name, value in values.items() if value is not None}
