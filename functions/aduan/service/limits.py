"""What WhatsApp accepts, in one place: every length is in characters, every count in items.

Whoever builds a message cuts it to these before it is written to the outbox; WhatsApp refuses a longer one
for good, it does not cut it. Each figure names the page of Meta's Cloud API documentation
that gives it, as read in November 2026.
"""

import re
from datetime import timedelta
from typing import Final

# "Text messages"
TEXT: Final = 4096

# "Interactive reply buttons messages"
BUTTONS: Final = 3
BUTTON_BODY: Final = 1024
BUTTON_TITLE: Final = 20
BUTTON_ID: Final = 256

# "Interactive list messages": the rows are counted over all sections together
LIST_BODY: Final = 4096
LIST_LABEL: Final = 20
LIST_ROWS: Final = 10
ROW_TITLE: Final = 24
ROW_DESCRIPTION: Final = 72
ROW_ID: Final = 200

# "Interactive reply buttons messages", "Interactive list messages", "Template components"
HEADER: Final = 60
FOOTER: Final = 60

# "Template components": the whole body, its fixed words and all its parameters together. What a template's fixed
# words may take is kept free for them (tests/infra_whatsapp holds infra/whatsapp/templates.toml to it).
TEMPLATE_BODY: Final = 1024
TEMPLATE_FIXED_WORDS: Final = 124
TEMPLATE_PARAMETERS: Final = TEMPLATE_BODY - TEMPLATE_FIXED_WORDS

# "Messages API": biz_opaque_callback_data
CALLBACK: Final = 512

# "Send messages", customer service windows: counted from the citizen's last message
WINDOW: Final = timedelta(hours=24)

# "Throughput" and "Pair rate limits": one message to one person in six seconds, 45 of them may go at once
PAIR_INTERVAL: Final = timedelta(seconds=6)
PAIR_BURST: Final = 45
NUMBER_PER_SECOND: Final = 80

# "Media", "Receiving messages": how long WhatsApp keeps a received file
MEDIA_LIFE: Final = timedelta(days=7)

_ELLIPSIS: Final = "…"
_EMPTY_PARAMETER: Final = "-"
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def shortened(text: str, limit: int) -> str:
    """`text` in at most `limit` characters (one or more), ending in an ellipsis if something was cut off."""
    if len(text) <= limit:
        return text
    return text[: limit - len(_ELLIPSIS)].rstrip() + _ELLIPSIS


def template_parameter(text: str, limit: int = TEMPLATE_PARAMETERS) -> str:
    """`text` as it may stand in a template parameter: on one line, single spaces, at most `limit` characters.

    WhatsApp refuses a parameter with a line break, a tab, or more than four spaces in a row, and an empty
    one: an empty text becomes a dash. Source: "Template components".
    """
    return shortened(" ".join(_CONTROLS.sub(" ", text).split()), limit) or _EMPTY_PARAMETER
