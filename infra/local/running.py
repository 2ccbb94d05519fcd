"""Is `make run` running, and what did it tell its functions?"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.local.firestore import is_free

ADDRESSES: Final = "addresses.json"
"""In the folder of its state: what the functions were told, for other programs beside them."""


def told_by_run(folder: Path) -> Mapping[str, str] | None:
    """The environment of its functions; None where it does not run."""
    addresses = folder / ADDRESSES
    if not addresses.exists():
        return None
    told: Mapping[str, str] = json.loads(addresses.read_text("utf-8"))
    port = int(told["FIRESTORE_EMULATOR_HOST"].rpartition(":")[2])
    return None if is_free(port) else told
