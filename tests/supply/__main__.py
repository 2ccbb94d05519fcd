"""`make audit`: known holes of every package, and secrets in the tree and its history.

Ends with 1 where there is one, and with 2 where the advisory service does not answer: then nothing is known of any
package, and no deployment goes on. `ADUAN_PROMISES` names a folder for the figures (supply.json).
"""

import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.supply.audit import Judged, NotReached, found_in, judged
from tests.supply.exceptions import Exceptions
from tests.supply.locks import TOP, versions
from tests.supply.scanning import Secret, history, secrets_in, tree

CLEAN: Final = 0
FOUND: Final = 1
NOT_KNOWN: Final = 2


def main() -> int:
    """Look for both, say what was found, keep the figures."""
    exceptions, now = Exceptions.read(), datetime.now(UTC)
    pinned = versions()
    try:
        holes: Judged | None = judged(found_in(pinned), exceptions.hole, len(pinned), now.date())
    except NotReached as reason:
        holes = None
        _say(f"NOT KNOWN: the advisory service did not answer ({reason})")
    lines, files = tree(TOP)
    past = history(TOP)
    known = {entry.sha256 for entry in exceptions.no_secret}
    secrets = [one for one in secrets_in([*lines, *(past.lines if past else ())]) if one.sha256 not in known]
    if past is None or not past.whole:
        _say("NOT KNOWN: secrets in the history, of which this is not the whole")
    _keep(
        {
            "at": now.isoformat(timespec="seconds"),
            "packages": len(pinned),
            "asked": holes is not None,
            "holes": len(holes.open) if holes else None,
            "holes_excepted": len(holes.excepted) if holes else None,
            "exceptions": {"holes": len(exceptions.hole), "no_secrets": len(exceptions.no_secret)},
            "secrets": len(secrets),
            "files": files,
            "commits": past.commits if past else 0,
            "whole_history": past is not None and past.whole,
        }
    )
    return verdict(holes, secrets)


def verdict(holes: Judged | None, secrets: Sequence[Secret]) -> int:
    """Say what was found; the exit code. `holes` None: nobody answered."""
    for secret in secrets:
        _say(f"SECRET: {secret}")
    for hole in holes.open if holes else ():
        _say(f"HOLE: {hole}")
    for idle in holes.idle if holes else ():
        _say(f"EXCEPTION that nothing needs, or whose day is over: {idle.id} of {idle.package}")
    if secrets or (holes is not None and not holes.is_clean):
        return FOUND
    return NOT_KNOWN if holes is None else CLEAN


def _keep(figures: dict[str, Any]) -> None:
    text = json.dumps(figures, indent=2)
    sys.stdout.write(f"supply: {text}\n")
    if folder := os.environ.get("ADUAN_PROMISES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / "supply.json").write_text(f"{text}\n", "utf-8")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
