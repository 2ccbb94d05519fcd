"""Everything that can be asked of the portal: each of its routes, by everybody, in every way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.portal.scene import ADMIN, KADIS, STRANGER, Scene, proof_of

METHODS = ("GET", "HEAD", "POST", "PUT", "OPTIONS", "BREW")
PEOPLE: Mapping[str, str | None] = {"nobody": None, "stranger": STRANGER, "staff": ADMIN, "head": KADIS}
WAYS: Mapping[str, Mapping[str, str]] = {
    "page": {"Accept": "text/html"},
    "json": {"Accept": "application/json", "X-Requested-With": "test"},
    "part": {"Range": "bytes=1-2"},
    "no part": {"Range": "bytes=900000000-"},
    "known": {"If-None-Match": "*"},
}
OF_A_BROWSER_THAT_LOOKS = frozenset({"part", "no part", "known"})


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    person: str | None
    headers: Mapping[str, str]


def paths(scene: Scene, values: Mapping[str, list[str]]) -> Iterator[str]:
    """The address of every route with each of `values` in its places, and what is no route."""
    for rule in scene.app.url_map.iter_rules():
        filled: list[dict[str, str]] = [{}]
        for name in sorted(rule.arguments):
            filled = [{**known, name: value} for known in filled for value in values[name]]
        for known in filled:
            yield (rule.build(known) or ("", "/"))[1]
    yield from ("/nowhere", "//", "/static/x", "/aduan/%00", "/aduan?step=x&cursor=%ff")


def every_request(scene: Scene, values: Mapping[str, list[str]]) -> Iterator[tuple[str, Asked]]:
    """With a name for each."""
    for path in paths(scene, values):
        for method in METHODS:
            for who, email in PEOPLE.items():
                for way, headers in WAYS.items():
                    if way in OF_A_BROWSER_THAT_LOOKS and method != "GET":
                        continue
                    proof = proof_of(email) if email else {}
                    yield f"{method} {path} {who} {way}", Asked(method, path, email, {**headers, **proof})
