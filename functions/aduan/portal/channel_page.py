"""How it goes with WhatsApp, for everybody at a desk: nobody should wonder why no answer comes."""

from flask import Flask, Response, render_template, request

from aduan.portal.parts import Parts, as_json
from aduan.portal.reading import wants_json
from aduan.portal.representation import ChannelJson
from aduan.service.channel import Failure
from aduan.service.health import MOST_COUNTED, STUCK, Health


def register(app: Flask, parts: Parts) -> None:
    """The route."""

    @app.get("/saluran")
    def channel() -> Response:
        health = parts.watching.look()
        if wants_json(request):
            return as_json(_json(health))
        oldest = health.waiting_since
        return Response(
            render_template(
                "channel.html",
                health=health,
                refused=health.state.failure is Failure.OPERATOR,
                stopped=health.state.failure is Failure.STOP,
                stuck=oldest is not None and parts.clock() - oldest >= STUCK,
                waiting=f"lebih dari {MOST_COUNTED}" if health.waiting > MOST_COUNTED else str(health.waiting),
            )
        )


def _json(health: Health) -> ChannelJson:
    """`token_refused` and `queue_stopped` are since when, or null."""
    state = health.state
    since = state.since.isoformat() if state.since else None
    return {
        "last_webhook": health.last_heard.isoformat() if health.last_heard else None,
        "last_accepted_send": health.last_accepted.isoformat() if health.last_accepted else None,
        "token_refused": since if state.failure is Failure.OPERATOR else None,
        "queue_stopped": since if state.failure is Failure.STOP else None,
        "code": state.code,
        "detail": state.detail,
        "rows_waiting": health.waiting,
        "waiting_since": health.waiting_since.isoformat() if health.waiting_since else None,
    }
