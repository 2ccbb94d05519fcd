"""A citizen's file, from our own address: with the type that we chose, and so that nothing in it can act."""

import io
from typing import Final

from flask import Flask, Response, send_file

from aduan.portal.addresses import complaint_at
from aduan.portal.file_view import download_name
from aduan.portal.parts import Parts
from aduan.service.attachments import Attachment
from aduan.service.file_types import DOWNLOAD, SHOWN

HEADERS: Final = {
    # A file is no page: whatever stands in it, no script of it runs, and it asks for nothing and sends nothing.
    "Content-Security-Policy": "sandbox; default-src 'none'",
    # A picture of an identity card stays on no shared computer's disk, and is erased where it is erased.
    "Cache-Control": "no-store",
}


def register(app: Flask, parts: Parts) -> None:
    """The one route."""

    @app.get("/aduan/<number>/lampiran/<file>")
    def attachment(number: str, file: str) -> Response:
        complaint = complaint_at(parts.desk, number).value
        found = parts.attachments.find(complaint, file)
        name = download_name(complaint, found.message.value, found.file)
        return _sent(found, parts.attachments.read(found), name)


def _sent(found: Attachment, content: bytes, name: str) -> Response:
    """All of it, or the part that a player asks for."""
    kept_type = found.file.kept_type if found.file.kept_type in SHOWN else DOWNLOAD
    response = send_file(
        io.BytesIO(content), kept_type, as_attachment=kept_type == DOWNLOAD, download_name=name, conditional=True,
        etag=found.message.value.id,
    )  # fmt: skip
    response.headers.update(HEADERS)
    return response
