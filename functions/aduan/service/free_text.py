"""How citizens write where nobody gives them a form: greetings, courtesies, a yes, a no, a NIK among other words.

Only what can be told for certain is read out of a text; whatever else it says is kept as it was written.
"""

import re
from typing import Final

from aduan.procedure.form import nik

_WORD = re.compile(r"\w+")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")  # 'iyaaa'; two of a letter are a word's own, as in 'maaf'
_SIXTEEN_DIGITS = re.compile(r"(?<![\w])(?:\d[ .\-/]?){15}\d(?!\w)")
_OF_A_FAMILY_CARD = re.compile(r"\b(?:kk|kartu keluarga)\b[^\d\n]*$", re.IGNORECASE)
_OF_A_PERSON = re.compile(r"\b(?:nik|ktp)\b[^\d\n]*$", re.IGNORECASE)
_JUST_BEFORE = 30  # characters before a number that may say what it is
_NAME_BEFORE = re.compile(r"^(?:nama(?:\s+lengkap)?(?:\s+saya)?|perkenalkan|saya)(?:\s+adalah)?\s+", re.IGNORECASE)
_NIK_BEFORE = frozenset({"", "nik", "ktp", "no", "nomor"})


def _vocabulary(words: str) -> frozenset[str]:
    return frozenset(words.split())


_THUMBS_UP: Final = "\N{THUMBS UP SIGN}"
_YES = _vocabulary(
    "ya iya y yes yup yoi kirim kirimkan benar bener betul sudah sdh udah ok oke okey okay siap setuju sip lanjut "
    "lanjutkan"
)
_NO = _vocabulary(
    "ubah tidak tdk tak gak ga nggak ngga enggak belum blm salah ganti bukan koreksi edit perbaiki keliru"
)
_CANCEL = frozenset({"batal", "batalkan", "dibatalkan", "cancel", "tidak jadi", "gak jadi", "ga jadi", "nggak jadi"})
_COURTESY = _vocabulary(
    "pak bapak bpk bu ibu mas mbak mba kak kakak min admin bang om tante gan dong kok nih deh sih saja aja terima "
    "kasih terimakasih makasih makasi trims tolong mohon"
)
_GREETING = _vocabulary(
    "assalamualaikum assalamu asalamu wr wb warahmatullahi warohmatullahi wabarakatuh wabarokatuh waalaikumsalam "
    "salam selamat met pagi siang sore malam halo hallo hello hai hi hei hey permisi punten kulonuwun nuwun sewu p "
    "ping tes test"
)
_INTRODUCTION = _vocabulary(
    "saya sy aku kami mau ingin pengen pingin hendak maaf izin ijin numpang tanya bertanya nanya lapor melapor "
    "melaporkan mengadu mengadukan ngadu adu aduan pengaduan info bantuan bantu dibantu yth ya di tempat mengenai "
    "tentang soal"
)
_NAMES_TOO = frozenset({"salam", "selamat"})


def says_yes(text: str) -> bool:
    """'ya', 'iya kak', 'sudah benar pak 🙏', or a thumb."""
    words = _without_courtesy(text)
    return (bool(words) and _YES.issuperset(words)) or (not words and _THUMBS_UP in text)


def says_no(text: str) -> bool:
    """'belum', 'salah pak', 'ubah nama'."""
    words = _without_courtesy(text)[:3]
    return not _NO.isdisjoint(words) and "ada" not in words  # 'tidak ada yang salah' is a yes


def cancels(text: str) -> bool:
    """'batal', 'tidak jadi pak'."""
    return plainly(text) in _CANCEL


def plainly(text: str) -> str:
    """A text's words in lower case, without courtesies: 'STATUS kak 🙏' is 'status'."""
    return " ".join(_without_courtesy(text))


def is_greeting(text: str) -> bool:
    """Nothing but a greeting and courtesies: no answer to any question. A single 'Selamat' may be somebody's name."""
    words = _words(text)
    return bool(words) and (_GREETING | _COURTESY).issuperset(words) and " ".join(words) not in _NAMES_TOO


def substance(text: str) -> str:
    """What a text says after its greeting and introduction, in lower case and without punctuation."""
    words = _words(text)
    opening = _GREETING | _COURTESY | _INTRODUCTION
    while words and words[0] in opening:
        words.pop(0)
    return " ".join(words)


def mentions(text: str, words: frozenset[str]) -> bool:
    """Whether any of these words, in lower case, stands in a text."""
    return not words.isdisjoint(_words(text))


def nik_within(text: str) -> str | None:
    """The one NIK in a text. A family card's number looks the same, so one that is called that is none."""
    found = [match for match in _SIXTEEN_DIGITS.finditer(text) if nik(match[0])]
    before = {match: text[max(0, match.start() - _JUST_BEFORE) : match.start()] for match in found}
    named = [match for match in found if _OF_A_PERSON.search(before[match])]
    others = [match for match in found if not _OF_A_FAMILY_CARD.search(before[match])]
    niks = {nik(match[0]) for match in (named or others)}
    return niks.pop() if len(niks) == 1 else None


def name_within(text: str) -> str:
    """A name as it was given: 'nama saya Siti Aminah, NIK 3402…' is 'Siti Aminah'."""
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    number = _SIXTEEN_DIGITS.search(first_line)
    words = (first_line[: number.start()] if number else first_line).split()
    while number and words and words[-1].strip(".,:;=(-").casefold() in _NIK_BEFORE:
        words.pop()
    return _NAME_BEFORE.sub("", " ".join(words)).rstrip(" ,;(-") or first_line.strip()


def _words(text: str) -> list[str]:
    words = [_DRAWN_OUT.sub(r"\1", word) for word in _WORD.findall(text.casefold())]
    return ["assalamualaikum" if word.endswith("laikum") else word for word in words]  # it is spelt in twenty ways


def _without_courtesy(text: str) -> list[str]:
    return [word for word in _words(text) if word not in _COURTESY]
