"""A message that is larger than a document of the record can be, cut to fit. The whole of it is kept beside it.

WhatsApp lets people write 65,536 characters, and its webhooks hold 3 MB. A document holds 1,048,576 bytes, and sealing
adds a third: without this, such a message could never be kept, and would be sent to us again for days.
"""

from dataclasses import replace
from typing import Final

from aduan.service import limits
from aduan.service.channel import InboundMessage, Media

TOO_LARGE: Final = "too large for one document"
"""Why the whole of a message was kept in parts."""

LONGEST_TEXT: Final = 65_536
"""Characters, of four bytes at most: 350,000 bytes when sealed."""

LONGEST_RAW: Final = 300_000
"""Characters of JSON, which is ASCII: 400,000 bytes when sealed."""

_LONGEST_NAME: Final = 255


def fitting(message: InboundMessage) -> InboundMessage:
    """The same message if it fits into a document, or one with its longest parts cut off."""
    cut = replace(
        message,
        raw=limits.shortened(message.raw, LONGEST_RAW),
        text=_cut(message.text, LONGEST_TEXT),
        form={key: limits.shortened(value, limits.TEXT) for key, value in message.form.items()}
        if message.form
        else message.form,
        media=_cut_media(message.media) if message.media else None,
        profile_name=_cut(message.profile_name, _LONGEST_NAME),
    )
    return message if cut == message else cut


def _cut(text: str | None, limit: int) -> str | None:
    return text if text is None else limits.shortened(text, limit)


def _cut_media(media: Media) -> Media:
    return replace(
        media,
        mime_type=_cut(media.mime_type, _LONGEST_NAME),
        sha256=_cut(media.sha256, _LONGEST_NAME),
        filename=_cut(media.filename, _LONGEST_NAME),
    )
