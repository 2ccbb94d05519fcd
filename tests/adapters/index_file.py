"""What `infra/firestore.indexes.json` says."""

import json
from pathlib import Path
from typing import Any

INFRA = Path(__file__).resolve().parents[2] / "infra"

Indexes = list[dict[str, Any]]


def composites() -> Indexes:
    """The indexes over several fields."""
    indexes: Indexes = _file()["indexes"]
    return indexes


def exempted() -> set[tuple[str, str]]:
    """Collection and field of what is in no index."""
    overrides = _file()["fieldOverrides"]
    return {(one["collectionGroup"], one["fieldPath"]) for one in overrides if one["indexes"] == []}


def _file() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((INFRA / "firestore.indexes.json").read_text("utf-8"))
    return content
