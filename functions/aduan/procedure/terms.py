"""How long what is kept is kept, in days: UU 27/2022 wants personal data to go when its purpose is over.

Each least is what the program itself needs to keep its promises; the office may choose more.
"""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aduan.procedure.office_file import Misplaced

# WhatsApp sends a webhook again for seven days: until then a message must be known for one that came before.
_Sendings = Annotated[int, Field(ge=8)]
# WhatsApp tries for thirty days to deliver what we sent, and tells then what became of it.
_Deliveries = Annotated[int, Field(ge=31)]


class Terms(BaseModel):
    """Days from when a thing came in (messages, media, unreadable), was made (outbox, requests), or moved last."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    drafts: _Sendings  # without a word of the citizen's; or given up, from then on
    messages: _Sendings
    media: _Sendings
    outbox: _Deliveries
    requests: Annotated[int, Field(ge=2)]  # a form that stayed open over night may still be sent twice
    unreadable: _Sendings
    complaints: Annotated[int, Field(ge=4)]  # closed; 'belum selesai' may be said for three days
    source: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        """A file is found by its message, and both belong to a complaint."""
        if self.media > self.messages:
            raise Misplaced(("media",), f"files are kept no longer than their messages ({self.messages} days)")
        if self.messages > self.complaints:
            raise Misplaced(("messages",), f"messages are kept no longer than complaints ({self.complaints} days)")
        return self
