"""The fields of each act's form, checked before anything is asked about rights or state."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict

from aduan.procedure.definition import ActName, Procedure
from aduan.procedure.errors import WrongField
from aduan.service import limits

NOTE_MOST = 4000
REQUEST_LEAST, REQUEST_MOST = 16, 64

REQUIRED: Mapping[ActName, tuple[str, ...]] = MappingProxyType(
    {
        ActName.REGISTER: ("category", "description"),
        ActName.DISMISS: ("note",),
        ActName.RECEIVE: (),
        ActName.SETTLE: ("note", "answer"),
        ActName.FORWARD: ("note",),
        ActName.VERIFY: ("note",),
        ActName.RESPOND: ("note", "answer"),
        ActName.ANSWER: ("answer",),
        ActName.RESEND: (),
        ActName.APPROVE: (),
        ActName.REFUSE: ("note",),
        ActName.ASK_COMPLAINANT: ("question",),
        ActName.ASK_DATABASE_ADMIN: ("note",),
        ActName.REPLY_DATA_CHECK: ("note",),
        ActName.TAKE_OVER: (),
    }
)
"""What each act's form must hold (contract: 'Staff portal')."""

_MISSING = {
    "category": "Pilih layanan yang diadukan.",
    "description": "Tulis isi aduan.",
    "note": "Tulis Catatan Tindak Lanjut.",
    "answer": "Tulis jawaban untuk pemohon.",
    "question": "Tulis pertanyaan untuk pemohon.",
}
MOST = {
    "answer": limits.TEXT,
    "question": limits.TEXT,
}


class ActFields(BaseModel):
    """What came with an act, as typed, with line breaks as on Unix, whichever way a browser sent them.

    `messages`: so many of the citizen's were shown to whoever acts; None, all of them.
    """

    model_config = ConfigDict(frozen=True)

    request_id: str
    version: int
    messages: int | None = None
    note: str | None = None
    answer: str | None = None
    question: str | None = None
    category: str | None = None
    description: str | None = None

    @classmethod
    def typed(cls, given: Mapping[str, Any]) -> "ActFields":
        """From a form or a JSON object. Raises `WrongField` for what every act needs."""
        wrong: dict[str, str] = {}
        request_id, version = given.get("request_id"), _integer(given.get("version"))
        if not isinstance(request_id, str) or not REQUEST_LEAST <= len(request_id) <= REQUEST_MOST:
            request_id = ""
            wrong["request_id"] = f"Harus {REQUEST_LEAST} sampai {REQUEST_MOST} huruf. Muat ulang halaman, lalu ulangi."
        if version is None:
            wrong["version"] = "Harus bilangan bulat. Muat ulang halaman, lalu ulangi."
        texts = {name: given.get(name) for name in _MISSING}
        for name, text in texts.items():
            if text is not None and not isinstance(text, str):
                wrong[name] = "Harus berupa teks."
        if wrong:
            raise WrongField(wrong)
        cleaned = {name: _clean(text) for name, text in texts.items()}
        return cls(request_id=request_id, version=version or 0, messages=_integer(given.get("messages")), **cleaned)


def checked(name: ActName, fields: ActFields, procedure: Procedure) -> ActFields:
    """The fields, with just those that the act takes. Raises `WrongField` naming each that is missing or wrong."""
    wrong: dict[str, str] = {}
    for field in REQUIRED[name]:
        text = getattr(fields, field)
        if not text:
            wrong[field] = _MISSING[field]
        elif len(text) > (most := MOST.get(field, NOTE_MOST)):
            wrong[field] = f"Terlalu panjang: {len(text)} huruf, paling banyak {most}. Mohon persingkat."
    if "category" in REQUIRED[name] and "category" not in wrong and procedure.service(fields.category or "") is None:
        wrong["category"] = "Layanan ini tidak dikenal. Pilih dari daftar."
    if wrong:
        raise WrongField(wrong)
    others = {field: None for field in _MISSING if field not in REQUIRED[name]}
    return fields.model_copy(update=others)


# Neither Firestore nor a reader wants them (of a browser's line breaks the \n stays); the last two would show the
# letters after them in another order.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202d\u202e]")


def _clean(text: str | None) -> str | None:
    if text is None:
        return None
    return _CONTROLS.sub("", text).strip()


def _integer(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None
