"""`gcloud`, as the steps of a release use it."""

import json
import subprocess
from dataclasses import dataclass
from typing import Any


class GcloudFailed(Exception):
    """A command ended with an error, which it told on the build's log."""


@dataclass(frozen=True)
class Gcloud:
    """The program, in one region."""

    region: str
    program: str = "gcloud"

    def run(self, *arguments: str) -> None:
        """Do something. What it says goes to the log. Raises `GcloudFailed`."""
        self._called(arguments, captured=False)

    def read(self, *arguments: str) -> Any:
        """Ask for something; what it answers, out of JSON. Raises `GcloudFailed`."""
        return json.loads(self._called((*arguments, "--format", "json"), captured=True))

    def _called(self, arguments: tuple[str, ...], *, captured: bool) -> str:
        command = [self.program, *arguments, "--region", self.region, "--quiet"]
        done = subprocess.run(  # noqa: S603 - the commands of this folder, none of which anybody else writes
            command, stdout=subprocess.PIPE if captured else None, text=True, check=False
        )
        if done.returncode != 0:
            raise GcloudFailed(" ".join(arguments[:3]))
        return done.stdout or ""
