"""The entry points, one for each function that is deployed."""

import os

from flask import Request, Response, current_app, has_app_context

from aduan import bootstrap, handlers
from aduan.answer_headers import secure

bootstrap.start(os.environ)
if has_app_context():  # functions-framework's own, which answers some requests by itself
    current_app.after_request(secure)


def whatsapp_webhook(request: Request) -> Response:
    """Take what WhatsApp sends."""
    return handlers.whatsapp_webhook(bootstrap.house(), request)


def staff_portal(request: Request) -> Response:
    """Show the staff their pages."""
    return handlers.staff_portal(bootstrap.house(), request)


def sla_check(request: Request) -> Response:
    """Look at a complaint whose alarm rang."""
    return handlers.sla_check(bootstrap.house(), request)


def send_message(request: Request) -> Response:
    """Let one message leave."""
    return handlers.send_message(bootstrap.house(), request)


def fetch_media(request: Request) -> Response:
    """Fetch the file of one message."""
    return handlers.fetch_media(bootstrap.house(), request)


def sweep(request: Request) -> Response:
    """Mend what the tasks missed."""
    return handlers.sweep(bootstrap.house(), request)
