"""The phone page: a citizen's and a staff member's phone in the browser, for a developer or a technician.

It shows what the simulated WhatsApp holds and lets a person write and tap. Only for one's own machine.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    render_template,
    request,
    send_file,
    send_from_directory,
)

from infra.local.whatsapp_errors import JsonObject
from infra.local.whatsapp_exchange import Answer, Exchange
from infra.local.whatsapp_phone import Phone
from infra.local.whatsapp_state import ChatMessage
from infra.local.whatsapp_text import pieces
from infra.local.whatsapp_voice import voice_note

FOLDER = Path(__file__).parent / "phone"
STAFF_TEMPLATE = "aduan_alert"
LAST_MESSAGES = 200
LONGEST_WAIT_SECONDS = 10.0
SHORT_WAIT_SECONDS = 0.5
SAMPLE_PLACE = (-6.1754, 106.8272, "Monumen Nasional", "Gambir, Jakarta Pusat")
SHOWN_AS_IMAGE = ("image/jpeg", "image/png", "image/webp", "image/gif")
PLAYED = ("audio/ogg", "video/mp4")
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

AddCitizen = Callable[[str | None, str | None, str], Phone]


class PageProblem(Exception):
    """What a person typed cannot be used; the text says what is wrong, in Indonesian."""


@dataclass(frozen=True, slots=True)
class PhonePage:
    """The page's addresses. `links` are shown beside the phones under 'Buka portal sebagai'."""

    exchange: Exchange
    add_citizen: AddCitizen
    links: tuple[tuple[str, str], ...]
    office_name: str
    timezone: str
    closing: threading.Event

    def blueprint(self) -> Blueprint:
        """Page, files, state, and one address for each thing that a person can do on a phone."""
        routes = Blueprint("phone", __name__, template_folder=str(FOLDER))
        routes.before_request(_refuse_other_sites)
        routes.after_request(_with_headers)
        routes.register_error_handler(PageProblem, _explain)
        routes.register_error_handler(LookupError, _gone)
        routes.add_url_rule("/", "page", self.page)
        routes.add_url_rule("/phone/files/<path:name>", "files", _file)
        routes.add_url_rule("/phone/state", "state", self.state)
        routes.add_url_rule("/phone/media/<media_id>", "media", self.media)
        routes.add_url_rule("/phone/citizens", "add", self.add, methods=["POST"])
        routes.add_url_rule("/phone/<phone_id>/text", "text", self.text, methods=["POST"])
        routes.add_url_rule("/phone/<phone_id>/tap", "tap", self.tap, methods=["POST"])
        routes.add_url_rule("/phone/<phone_id>/image", "image", self.image, methods=["POST"])
        routes.add_url_rule("/phone/<phone_id>/voice", "voice", self.voice, methods=["POST"])
        routes.add_url_rule("/phone/<phone_id>/location", "location", self.location, methods=["POST"])
        routes.add_url_rule("/phone/<phone_id>/read", "read", self.read, methods=["POST"])
        return routes

    def page(self) -> str:
        """The page itself."""
        return render_template("index.html", links=self.links, office_name=self.office_name, timezone=self.timezone)

    def state(self) -> Response:
        """Everything on all phones, once it is newer than `known`; 204 if it is not within `wait` seconds."""
        known = request.args.get("known", default=-1, type=int)
        wait = request.args.get("wait", default=LONGEST_WAIT_SECONDS, type=float)
        revision = self._newer_than(known, min(wait, LONGEST_WAIT_SECONDS))
        if revision == known:
            return Response(status=204)
        phones = [self._phone(record.id) for record in self.exchange.book.phones()]
        return jsonify(revision=revision, phones=phones)

    def media(self, media_id: str) -> Response:
        """A file of a conversation, for the page (the office must use the Graph API)."""
        media = self.exchange.book.media(media_id)
        if media is None:
            abort(404)
        plain = media.mime_type.split(";")[0]
        safe = plain if plain in SHOWN_AS_IMAGE + PLAYED else "application/octet-stream"
        # Byte ranges: without them a player cannot tell how long a voice note is.
        return send_file(BytesIO(media.content), mimetype=safe, conditional=True, etag=media.id)

    def add(self) -> Response:
        """Put another citizen's phone on the table: with a number, or with a user id only."""
        form = _json()
        name = str(form.get("name", "")).strip()
        if not name:
            raise PageProblem("Isi nama warga.")
        phone = None if form.get("without_number") else e164(str(form.get("phone", "")))
        return jsonify(id=self.add_citizen(phone, None, name).id)

    def text(self, phone_id: str) -> Response:
        """Send what was typed."""
        typed = str(_json().get("text", "")).strip()
        if not typed:
            raise PageProblem("Tulis pesan lebih dahulu.")
        return _told(self._on(phone_id).write(typed))

    def tap(self, phone_id: str) -> Response:
        """Tap an option of a message."""
        form = _json()
        return _told(self._on(phone_id).tap(str(form.get("option", "")), on=str(form.get("message", ""))))

    def image(self, phone_id: str) -> Response:
        """Send a picture; the body is the file."""
        if request.mimetype not in SHOWN_AS_IMAGE:
            raise PageProblem("Pilih foto berjenis JPEG, PNG, WebP atau GIF.")
        return _told(self._on(phone_id).send_image(request.get_data(), request.mimetype))

    def voice(self, phone_id: str) -> Response:
        """Send a silent voice note."""
        return _told(self._on(phone_id).send_voice(voice_note()))

    def location(self, phone_id: str) -> Response:
        """Send the sample place."""
        return _told(self._on(phone_id).send_location(*SAMPLE_PLACE))

    def read(self, phone_id: str) -> Response:
        """The person looks at this phone."""
        return _told(self._on(phone_id).read())

    def _newer_than(self, known: int, wait: float) -> int:
        revision = self.exchange.book.revision
        # In short steps, so that closing the server does not wait for a page that is looking.
        while revision == known and wait > 0 and not self.closing.is_set():
            revision = self.exchange.book.wait_for_change(known, min(wait, SHORT_WAIT_SECONDS))
            wait -= SHORT_WAIT_SECONDS
        return revision

    def _on(self, phone_id: str) -> Phone:
        return Phone(self.exchange, self.exchange.book.phone(phone_id).id)

    def _phone(self, phone_id: str) -> JsonObject:
        record = self.exchange.book.phone(phone_id)
        conversation = self.exchange.book.conversation(phone_id)
        texts = {message.id: _without_marks(message.text) for message in conversation}
        return {
            "id": record.id,
            "name": record.name,
            "number": record.phone or "tanpa nomor (BSUID)",
            "staff": record.staff or any(message.template == STAFF_TEMPLATE for message in conversation),
            "typing_ms": int(self.exchange.typing_for(phone_id).total_seconds() * 1000),
            "messages": [_shown(message, texts) for message in conversation[-LAST_MESSAGES:]],
        }


def e164(typed: str) -> str:
    """A number as people in Indonesia type it, as E.164. Raises `PageProblem`."""
    digits = re.sub(r"[\s.()-]", "", typed)
    number = "+62" + digits[1:] if digits.startswith("0") else "+" + digits.lstrip("+")
    if not re.fullmatch(r"\+[1-9]\d{7,14}", number):
        raise PageProblem("Nomor tidak dikenali. Contoh: 0812 3456 7890 atau +62 812 3456 7890.")
    return number


def _shown(message: ChatMessage, texts: dict[str, str]) -> JsonObject:
    return {
        "id": message.id,
        "from_office": message.from_office,
        "at": message.at.isoformat(),
        "type": message.type,
        "style": message.style,
        "header": message.header,
        "pieces": [
            {"text": piece.text, "marks": [mark.value for mark in piece.marks], "link": piece.link}
            for piece in pieces(message.text)
        ],
        "footer": message.footer,
        "options": [option.model_dump() for option in message.options],
        "list_label": message.list_label,
        "link_url": message.link_url,
        "media_url": f"/phone/media/{message.media_id}" if message.media_id else None,
        "media_type": message.media_type.split(";")[0],
        "filename": message.filename,
        "quoted": texts.get(message.reply_to or "", ""),
        "reaction": message.reaction,
        "template": message.template,
        "state": message.state.value,
    }


def _without_marks(text: str) -> str:
    return "".join(piece.text for piece in pieces(text))


def _told(answer: Answer) -> Response:
    return jsonify(webhook=answer if isinstance(answer, int) else None)


def _json() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _file(name: str) -> Response:
    return send_from_directory(FOLDER, name, max_age=0)


def _refuse_other_sites() -> None:
    # Another site's page can neither set this header nor learn what stands on the phones.
    if request.method == "POST" and request.headers.get("X-Requested-With") != "phone-page":
        abort(403)


def _with_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _explain(problem: PageProblem) -> tuple[Response, int]:
    return jsonify(problem=str(problem)), 400


def _gone(_: LookupError) -> tuple[Response, int]:
    return jsonify(problem="Ponsel atau tombol itu tidak ada lagi. Muat ulang halaman."), 404
