"""The Terraform files as plain values: texts without their quotes, expressions as `${…}`, blocks as dictionaries."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hcl2

TERRAFORM = Path(__file__).resolve().parents[2] / "infra" / "terraform"
FILES = tuple(sorted(TERRAFORM.glob("*.tf")))

Block = dict[str, Any]


@cache
def parsed(path: Path) -> Block:
    """One file. Raises lark's errors where it is no HCL."""
    content: Block = _plain(hcl2.loads(path.read_text("utf-8")))
    return content


def resources(kind: str | None = None) -> dict[tuple[str, str], Block]:
    """Every resource by kind and name; of one kind, if one is named. A name that is given twice fails."""
    found: dict[tuple[str, str], Block] = {}
    for path in FILES:
        for entry in parsed(path).get("resource", ()):
            for this, named in entry.items():
                for name, block in named.items():
                    assert (this, name) not in found, f"{this}.{name} stands twice"
                    found[this, name] = block
    return {key: block for key, block in found.items() if kind in {None, key[0]}}


def resource(kind: str, name: str) -> Block:
    return resources(kind)[kind, name]


def local(name: str) -> Any:
    """A local value, which one file defines."""
    (value,) = (block[name] for path in FILES for block in parsed(path).get("locals", ()) if name in block)
    return value


def named(kind: str) -> dict[str, Block]:
    """Every variable, or output, by its name."""
    return {name: block for path in FILES for entry in parsed(path).get(kind, ()) for name, block in entry.items()}


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, at any depth, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_plain(key): _plain(part) for key, part in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, str) and value.startswith('"') and value.endswith('"'):
        return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return value
