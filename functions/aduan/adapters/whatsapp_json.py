"""WhatsApp's JSON, read so that nothing in it costs the rest, and written to be kept."""

import json
from typing import Final

# Python refuses to read longer whole numbers (4,300 digits); no number of WhatsApp's has more than 20.
_LONGEST_NUMBER: Final = 40


class Objects:
    """Reads one body. Of what stands twice under one name the last is read, and `named_twice` tells that it does."""

    def __init__(self) -> None:
        self.named_twice = False
        self.decoder = json.JSONDecoder(parse_int=_whole_number, object_pairs_hook=self._object)

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        fields = dict(pairs)
        self.named_twice = self.named_twice or len(fields) < len(pairs)
        return fields


def kept(part: object) -> str:
    """A part of a webhook as JSON in ASCII, so that a character that the database refuses is still there, escaped."""
    return json.dumps(part, separators=(",", ":"))


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits
