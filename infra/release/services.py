"""The services on Cloud Run: what serves now, and what waits to."""

from dataclasses import dataclass
from typing import Final

from aduan.settings import USED_BY
from infra.release.gcloud import Gcloud

TARGETS: Final = tuple(USED_BY)
CANDIDATE: Final = "candidate"
"""The tag under which a new revision can be reached before it has any traffic."""


class NoCandidate(Exception):
    """A service has no revision under the tag."""


@dataclass(frozen=True)
class Standing:
    """One service: its address, the shares of its traffic ('revision=percent'), the candidate and its address."""

    url: str
    shares: tuple[str, ...]
    candidate: str
    candidate_url: str


def service_of(target: str) -> str:
    """A service's name, as Terraform gave it (infra/terraform/functions.tf)."""
    return target.replace("_", "-")


def standing(gcloud: Gcloud, target: str) -> Standing:
    """How a service stands now. Raises `NoCandidate`."""
    service = service_of(target)
    status = gcloud.read("run", "services", "describe", service)["status"]
    traffic = status["traffic"]
    tagged = [part for part in traffic if part.get("tag") == CANDIDATE]
    if not tagged:
        raise NoCandidate(service)
    shares = tuple(f"{part['revisionName']}={part['percent']}" for part in traffic if part.get("percent"))
    return Standing(status["url"], shares, tagged[0]["revisionName"], tagged[0]["url"])
