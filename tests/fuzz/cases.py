"""The cases: first everything that can be listed, then chance. Each follows from the seed and its number alone."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from random import Random
from types import MappingProxyType
from typing import Any, Final

from tests.fuzz.damage import DAMAGES, VAST, WHOLE, spots, written
from tests.fuzz.payloads import BASES, ROW, Json, message, senders, value, webhook

SECRET: Final = "app-secret"  # noqa: S105 - of the WhatsApp that tests play
_PEOPLE: Final = 10
_UNDAMAGED: Final = "undamaged"

FORGED: Final[Mapping[str, Callable[[bytes], str | None]]] = MappingProxyType(
    {
        "no signature": lambda _body: None,
        "empty signature": lambda _body: "",
        "another secret": lambda body: signature(body, "another-secret"),
        "no secret": lambda body: signature(body, ""),
        "another body": lambda body: signature(body + b" "),
        "no prefix": lambda body: signature(body).removeprefix("sha256="),
        "cut off": lambda body: signature(body)[:-1],
        "upper case": lambda body: signature(body).upper(),
        "no hex": lambda _body: "sha256=" + "\xe9" * 64,
        "another hash": lambda body: "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha512).hexdigest(),
    }
)


def signature(body: bytes, secret: str = SECRET) -> str:
    """The header by which a body is proved to be WhatsApp's."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Case:
    """One webhook. `kind` is what was done to it, `base` what it was; `forged` names how its signature is wrong."""

    number: int
    kind: str
    base: str
    body: bytes
    forged: str | None = None

    @property
    def is_undamaged(self) -> bool:
        return self.kind == _UNDAMAGED

    def sent(self, row: str) -> tuple[bytes, str | None]:
        """The body and its signature, as they go; `row` is the id of a row of the outbox that is there."""
        body = self.body.replace(ROW.encode(), row.encode())
        return body, FORGED[self.forged](body) if self.forged else signature(body)


@dataclass(frozen=True)
class _Listed:
    """One damage of one part of one base."""

    base: str
    place: int
    damage: str


@cache
def _listed() -> Sequence[_Listed]:
    """Every damage of every part of every base."""
    found = []
    for base, build in BASES.items():
        places = len(spots(build("", 0, 0)))
        found += [_Listed(base, place, damage) for place in range(places) for damage in DAMAGES]
    return found


def damaged(seed: int, number: int, seconds: int, base: str, damage: str) -> Case:
    """One base, damaged in one way at a place by chance: of one part, of the body as it goes, or of its signature."""
    chance = Random(f"{seed}/{number}")  # noqa: S311 - as below
    draw = _Draw(
        chance, number, base, _built(base, f"wamid.{seed}.{number}", seconds, number % _PEOPLE), "", seconds, 0
    )
    if damage in WHOLE:
        return Case(number, damage, base, WHOLE[damage](chance, written(draw.tree)))
    if damage in FORGED:
        return Case(number, damage, base, written(draw.tree), forged=damage)
    _damage(draw.tree, chance, damage)
    return Case(number, damage, base, written(draw.tree))


def listed_count() -> int:
    """How many cases are listed: every base as it is, and every damage of every part of it."""
    return len(BASES) + len(_listed())


def case(seed: int, number: int, seconds: int, *, whole_list: bool = True) -> Case:
    """One case. `seconds`: Unix time, of a moment before it is sent. `whole_list` False: chance from the start."""
    chance = Random(f"{seed}/{number}")  # noqa: S311 - to be drawn again from the seed, no secret
    prefix = f"wamid.{seed}.{number}"
    place = number % _PEOPLE
    bases = list(BASES)
    if number < len(bases):
        base = bases[number]
        return Case(number, _UNDAMAGED, base, written(_built(base, prefix, seconds, place)))
    if whole_list and number < listed_count():
        listed = _listed()[number - len(bases)]
        tree = _built(listed.base, prefix, seconds, place)
        _damage(tree, chance, listed.damage, listed.place)
        return Case(number, listed.damage, listed.base, written(tree))
    return _by_chance(chance, number, prefix, seconds, place)


def _built(base: str, prefix: str, seconds: int, place: int) -> Json:
    """A base of one's own, to be damaged: its parts are the same for all."""
    return deepcopy(BASES[base](prefix, seconds, place))


def _by_chance(chance: Random, number: int, prefix: str, seconds: int, place: int) -> Case:
    base = chance.choice(list(BASES))
    tree = _built(base, prefix, seconds, place)
    way = chance.choices(list(_WAYS), weights=[weight for weight, _ in _WAYS.values()])[0]
    return _WAYS[way][1](_Draw(chance, number, base, tree, prefix, seconds, place))


@dataclass(frozen=True)
class _Draw:
    """What a case is drawn with."""

    chance: Random
    number: int
    base: str
    tree: Json
    prefix: str
    seconds: int
    place: int


def _once(draw: _Draw) -> Case:
    damage = draw.chance.choice(list(DAMAGES))
    _damage(draw.tree, draw.chance, damage)
    return Case(draw.number, damage, draw.base, written(draw.tree))


def _several(draw: _Draw) -> Case:
    for _ in range(draw.chance.randint(2, 4)):
        _damage(draw.tree, draw.chance, draw.chance.choice(list(DAMAGES)))
    return Case(draw.number, "several damages", draw.base, written(draw.tree))


def _vast(draw: _Draw) -> Case:
    damage = draw.chance.choice(list(VAST))
    _damage(draw.tree, draw.chance, damage)
    return Case(draw.number, damage, draw.base, written(draw.tree))


def _exchanged(draw: _Draw) -> Case:
    """A part in another's place."""
    (holder, key), (other, its) = draw.chance.choices(spots(draw.tree), k=2)
    holder[key] = deepcopy(other[its])
    return Case(draw.number, "another's part", draw.base, written(draw.tree))


def _among_good_ones(draw: _Draw) -> Case:
    """A damaged message or status in the midst of a batch."""
    damage = draw.chance.choice(list(DAMAGES))
    tree = draw.tree
    first = tree["entry"][0]["changes"][0]["value"]
    around = [_good(draw, n) for n in range(draw.chance.randint(1, 4))]
    lists = first.get("messages", []), [parts for name, parts in first.items() if name in {"messages", "statuses"}]
    for parts in lists[1]:
        _damage(parts, draw.chance, damage)
    first["messages"] = [*around, *lists[0]]
    return Case(draw.number, f"in a batch: {damage}", draw.base, written(tree))


def _good(draw: _Draw, n: int) -> Json:
    return message("text", senders((draw.place + n) % _PEOPLE)["number"], f"{draw.prefix}.good.{n}", draw.seconds)


def _many(draw: _Draw) -> Case:
    """A batch of many, of which some are damaged."""
    bodies = []
    for n in range(draw.chance.randint(5, 30)):
        base = draw.chance.choice(list(BASES))
        tree = _built(base, f"{draw.prefix}.{n}", draw.seconds, draw.chance.randrange(_PEOPLE))
        if draw.chance.random() < 0.3:
            _damage(tree["entry"][0]["changes"][0], draw.chance, draw.chance.choice(list(DAMAGES)))
        bodies.append(tree)
    spread = draw.chance.random() < 0.5
    tree = webhook(value())
    tree["entry"] = [entry for body in bodies for entry in body["entry"]]
    if spread:
        tree["entry"] = [{"id": "1", "changes": [change for entry in tree["entry"] for change in entry["changes"]]}]
    return Case(draw.number, "batch of many", "many", written(tree))


def _as_it_goes(draw: _Draw) -> Case:
    way = draw.chance.choice(list(WHOLE))
    return Case(draw.number, way, draw.base, WHOLE[way](draw.chance, written(draw.tree)))


def _forged(draw: _Draw) -> Case:
    way = draw.chance.choice(list(FORGED))
    return Case(draw.number, f"forged: {way}", draw.base, written(draw.tree), forged=way)


_WAYS: Final[Mapping[str, tuple[float, Callable[[_Draw], Case]]]] = MappingProxyType(
    {
        "once": (25, _once),
        "several": (30, _several),
        "vast": (0.4, _vast),
        "exchanged": (10, _exchanged),
        "among good ones": (15, _among_good_ones),
        "many": (2, _many),
        "as it goes": (8, _as_it_goes),
        "forged": (9.6, _forged),
    }
)
"""By name: how often, of a hundred, and how."""


def _damage(tree: Any, chance: Random, damage: str, place: int | None = None) -> None:
    there = spots(tree)
    if not there:
        return
    holder, key = there[place] if place is not None else chance.choice(there)
    (DAMAGES.get(damage) or VAST[damage])(chance, holder, key)
