"""A `gcloud` for tests: a program that keeps what Cloud Run would, and writes down what it was asked."""

import json
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.release.services import TARGETS, service_of

SERVED_BEFORE = "00007-old"

_PROGRAM = """#!{python}
import json, pathlib, sys

folder = pathlib.Path({folder!r})
asked = sys.argv[1:]
with (folder / "asked").open("a") as log:
    log.write(json.dumps(asked) + "\\n")
state = json.loads((folder / "state").read_text())
if any(" ".join(asked).startswith(start) for start in json.loads((folder / "failing").read_text())):
    sys.exit("ERROR: (gcloud) PERMISSION_DENIED")
option = {{asked[i]: asked[i + 1] for i in range(len(asked) - 1) if asked[i].startswith("--")}}
if asked[:2] == ["run", "deploy"]:
    service = state[asked[2]]
    service["traffic"] = [part for part in service["traffic"] if part.get("percent")]
    new = {{"revisionName": asked[2] + "-00008-new", "tag": option["--tag"], "url": service["new"]}}
    service["traffic"].append(new)
elif asked[:3] == ["run", "services", "describe"]:
    print(json.dumps({{"status": {{"url": state[asked[3]]["url"], "traffic": state[asked[3]]["traffic"]}}}}))
elif asked[:3] == ["run", "services", "update-traffic"]:
    service = state[asked[3]]
    shares = [share.split("=") for share in option["--to-revisions"].split(",")]
    tagged = [dict(part, percent=0) for part in service["traffic"] if "tag" in part]
    service["traffic"] = [{{"revisionName": name, "percent": int(percent)}} for name, percent in shares] + tagged
else:
    sys.exit("ERROR: (gcloud) Invalid choice")
(folder / "state").write_text(json.dumps(state))
"""


@dataclass(frozen=True)
class CloudRun:
    """Every service, with all traffic at an old revision. `urls` and `candidate_urls` are by target."""

    folder: Path
    urls: Mapping[str, str]
    candidate_urls: Mapping[str, str]

    def __post_init__(self) -> None:
        self.fail()
        services = {
            service_of(target): {
                "url": self.urls[target],
                "new": self.candidate_urls[target],
                "traffic": [{"revisionName": f"{service_of(target)}-{SERVED_BEFORE}", "percent": 100}],
            }
            for target in TARGETS
        }
        (self.folder / "state").write_text(json.dumps(services), "utf-8")
        program = Path(self.program)
        program.write_text(_PROGRAM.format(python=sys.executable, folder=str(self.folder)), "utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    @property
    def program(self) -> str:
        return str(self.folder / "gcloud")

    def fail(self, *starts: str) -> None:
        """From now on, refuse every command that begins like one of these."""
        (self.folder / "failing").write_text(json.dumps(starts), "utf-8")

    @property
    def asked(self) -> list[list[str]]:
        return [json.loads(line) for line in (self.folder / "asked").read_text("utf-8").splitlines()]

    @property
    def serving(self) -> dict[str, dict[str, int]]:
        """By service: the revisions with traffic, and how much of it."""
        state: dict[str, Any] = json.loads((self.folder / "state").read_text("utf-8"))
        return {
            name: {part["revisionName"]: part["percent"] for part in service["traffic"] if part.get("percent")}
            for name, service in state.items()
        }
