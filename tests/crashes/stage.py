"""A world that can be set back: each run of a scenario begins where its scene stands, and at the same moment."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from aduan import settings as names
from infra.local.whatsapp_exchange import Sent
from infra.local.whatsapp_phone import Phone
from tests.between import Between
from tests.crashes.process import Zygote
from tests.crashes.project import Documents, Project
from tests.crashes.queues import Queues, Waiting
from tests.end_to_end.scenes import another_world
from tests.end_to_end.world import TASKS_ACCOUNT, World

Build = Callable[[World, Phone], None]
"""Brings the complaint of one citizen, who has not written before, to where a scene begins."""

_FIRST_PHONE: Final = 6281500000000


@dataclass(frozen=True)
class Scene:
    """How everything stands at one moment. `complaint` is the id of the only one; None: there is none yet, or more."""

    citizen: Phone
    complaint: str | None
    documents: Documents
    tasks: Waiting
    now: datetime

    @property
    def address(self) -> str:
        """Of the complaint, in the portal."""
        head = self.documents[f"complaints/{self.complaint}"]
        return str(head.fields["number"].string_value or f"D-{self.complaint}")


@dataclass
class Stage:
    """The world, the man in the middle of each process under test, and the maker of those."""

    world: World
    between: Between
    zygote: Zygote
    project: Project
    queues: Queues
    _scenes: dict[Build, Scene] = field(default_factory=dict)
    _phones: Iterator[int] = field(default_factory=lambda: itertools.count(_FIRST_PHONE))
    _mark: int = 0

    def scene(self, build: Build) -> Scene:
        """A scene, built at the first use."""
        if build not in self._scenes:
            self._scenes[build] = self.fresh_scene(build)
        return self._scenes[build]

    def fresh_scene(self, build: Build) -> Scene:
        """The same with a citizen of its own, for a scenario that leaves traces on a phone."""
        if self._scenes:
            self.set_back(self._scenes[nothing])
        citizen = self.world.citizen(f"+{next(self._phones)}", name="Siti")
        build(self.world, citizen)
        documents = self.project.read()
        heads = [path.split("/") for path in documents if path.startswith("complaints/") and path.count("/") == 1]
        complaint = heads[0][1] if len(heads) == 1 else None
        return Scene(citizen, complaint, documents, self.queues.saved(), self.world.clock.now)

    def set_back(self, scene: Scene) -> None:
        """As the scene stood. What is on the phones stays there, and is counted from here on."""
        self.world.clock.now = scene.now
        self.project.restore(scene.documents)
        self.queues.restore(scene.tasks)
        shutil.rmtree(self.files, ignore_errors=True)
        self._mark = len(self.world.whatsapp.sent)

    @property
    def files(self) -> Path:
        """Where media are kept."""
        return Path(urlsplit(self.world.environment["MEDIA_STORE"]).path)

    @property
    def sent(self) -> tuple[Sent, ...]:
        """What WhatsApp took over since the scene was set."""
        return self.world.whatsapp.sent[self._mark :]


def nothing(_world: World, _citizen: Phone) -> None:
    """Nobody has written yet."""


@contextmanager
def a_stage(firestore_host: str) -> Iterator[Stage]:
    """A world in which WhatsApp reports only what it is told to."""
    with another_world(firestore_host, auto_status=None) as world:
        project = world.environment[names.GOOGLE_CLOUD_PROJECT.name]
        tasks, whatsapp = world.tasks.address, world.whatsapp.base_url
        with (
            Between(firestore=firestore_host, tasks=tasks, whatsapp=whatsapp, in_turn=True) as between,
            Project(firestore_host, project) as record,
            Queues.of(world.tasks) as queues,
            Zygote({**world.environment, **between.environment}, _warming(world)) as zygote,
        ):
            stage = Stage(world, between, zygote, record, queues)
            stage.scene(nothing)
            yield stage


def _warming(world: World) -> list[dict[str, object]]:
    """Requests after which the keys are known: of a task without a body, and of somebody who cannot be on the list."""
    token = world.identity.mint_oidc(TASKS_ACCOUNT, world.urls["sla_check"])
    return [
        {"target": "sla_check", "method": "POST", "headers": {"Authorization": f"Bearer {token}"}},
        {"target": "staff_portal", "method": "GET", "headers": world.headers("nobody")},
    ]
