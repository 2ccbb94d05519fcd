"""What Terraform sets that decides what can be borne: instances, threads and the queues' rates."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parents[1] / "terraform"
_BLOCK: Final = r"^    (\w+) = \{\n(.*?)^    \}"


def instances() -> Mapping[str, int]:
    """How many of each function there may be at once; one processor each."""
    return _numbers("functions.tf", "instances")


def concurrency() -> Mapping[str, int]:
    """How many requests one instance answers at once."""
    return _numbers("functions.tf", "concurrency")


def queue_rates() -> Mapping[str, int]:
    """Tasks a second, by the function that they are for."""
    return _numbers("queues.tf", "per_second")


@cache
def _numbers(file: str, name: str) -> Mapping[str, int]:
    """One setting of each block of a file. Raises LookupError where a block, or any, has none."""
    blocks = re.findall(_BLOCK, (_HERE / file).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    found = {block: re.search(rf"^      {name} += (\d+)", body, re.MULTILINE) for block, body in blocks}
    if not found or None in found.values():
        raise LookupError(f"{file} does not say its {name} as it did")
    return {block: int(match.group(1)) for block, match in found.items() if match}
