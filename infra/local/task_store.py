"""The tasks of the local Cloud Tasks stand-in, kept in SQLite so that they survive a restart.

Ended tasks stay as tombstones of their names, and so that a delivery can be repeated on purpose.
"""

import re
import sqlite3
import threading
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from google.cloud import tasks_v2

from infra.local.task_times import due_at

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    parent TEXT NOT NULL,
    project TEXT NOT NULL,
    queue TEXT NOT NULL,
    due INTEGER NOT NULL,
    message BLOB NOT NULL,
    previous_status INTEGER,
    ended INTEGER
);
CREATE INDEX IF NOT EXISTS tasks_live ON tasks (due, seq) WHERE ended IS NULL;
"""
_NO_LIMIT = -1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUEUE = r"projects/(?P<project>[A-Za-z0-9:.-]+)/locations/[A-Za-z0-9-]+/queues/(?P<queue>[A-Za-z0-9-]{1,100})"
QUEUE_NAME = re.compile(_QUEUE)
TASK_NAME = re.compile(rf"(?P<parent>{_QUEUE})/tasks/(?P<task>[A-Za-z0-9_-]{{1,500}})")


class NameTakenError(Exception):
    """A task of this name exists, or existed too recently."""


@dataclass(frozen=True, slots=True)
class StoredTask:
    """A task and what the stand-in must remember about it.

    `seq` counts tasks in the order of their creation. `previous_status` is the HTTP status of the last
    attempt, None if there was none or it got no answer.
    """

    seq: int
    task: tasks_v2.Task
    previous_status: int | None

    @property
    def due(self) -> datetime:
        """When it is to be sent next."""
        return due_at(self.task)

    @property
    def queue(self) -> str:
        """The queue's own name, without project and location."""
        return queue_of(self.task.name)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which tasks are meant: all, those of a project, those of a queue (full or own name), or both."""

    queue: str | None = None
    project: str | None = None


EVERYTHING = Selection()


class TaskStore:
    """One SQLite database, shared by the threads of one process. `path` is a file, or ':memory:'."""

    def __init__(self, path: str | Path) -> None:
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """End the connection; nothing can be asked after this."""
        with self._lock:
            self._database.close()

    def add(self, task: tasks_v2.Task, now: datetime, tombstone: timedelta) -> None:
        """Keep a new task. Raises NameTakenError while the name lives, or ended less than `tombstone` ago."""
        match = TASK_NAME.fullmatch(task.name)
        if match is None:
            raise ValueError(f"not a task name: {task.name}")
        row = match.groupdict() | _stored(task) | {"name": task.name, "expired": _micros(now - tombstone)}
        with self._lock:
            self._database.execute("DELETE FROM tasks WHERE name = :name AND ended <= :expired", row)
            added = self._database.execute(
                "INSERT OR IGNORE INTO tasks (name, parent, project, queue, due, message)"
                " VALUES (:name, :parent, :project, :queue, :due, :message)",
                row,
            )
        if added.rowcount == 0:
            raise NameTakenError(task.name)

    def live(self, name: str) -> StoredTask | None:
        """The task of this name, if it has not ended."""
        return next(iter(self._read("SELECT * FROM tasks WHERE name = :name AND ended IS NULL", name=name)), None)

    def ever(self, name: str) -> StoredTask | None:
        """The latest task of this name, ended or not."""
        return next(iter(self._read("SELECT * FROM tasks WHERE name = :name", name=name)), None)

    def all_live(self, selection: Selection = EVERYTHING) -> list[StoredTask]:
        """Soonest first; of those due at one moment, the oldest first."""
        return self._soonest(selection, _NO_LIMIT)

    def first(self, selection: Selection = EVERYTHING, without: Collection[int] = ()) -> StoredTask | None:
        """The live task that is due soonest, leaving out those numbered in `without`."""
        soonest = self._soonest(selection, len(without) + 1)
        return next((stored for stored in soonest if stored.seq not in without), None)

    def page(self, parent: str, after_seq: int, size: int) -> list[StoredTask]:
        """At most `size` live tasks of a queue that were created after the one numbered `after_seq`."""
        return self._read(
            "SELECT * FROM tasks WHERE ended IS NULL AND parent = :parent AND seq > :after ORDER BY seq LIMIT :size",
            parent=parent,
            after=after_seq,
            size=size,
        )

    def postpone(self, seq: int, task: tasks_v2.Task, previous_status: int | None) -> None:
        """Keep what an attempt has changed. Does nothing if the task was deleted meanwhile."""
        self._change(
            "UPDATE tasks SET due = :due, message = :message, previous_status = :status"
            " WHERE seq = :seq AND ended IS NULL",
            **_stored(task),
            seq=seq,
            status=previous_status,
        )

    def end(self, seq: int, now: datetime) -> None:
        """The task ran, or was deleted; its name stays taken for a while."""
        statement = "UPDATE tasks SET ended = :now WHERE seq = :seq AND ended IS NULL"
        self._change(statement, now=_micros(now), seq=seq)

    def end_all(self, selection: Selection, now: datetime) -> int:
        """End every live task of the selection. Returns how many there were."""
        return self._change(
            "UPDATE tasks SET ended = :now WHERE ended IS NULL"
            " AND (:queue IS NULL OR :queue IN (queue, parent)) AND (:project IS NULL OR :project = project)",
            **asdict(selection),
            now=_micros(now),
        )

    def forget_ended(self, selection: Selection = EVERYTHING, before: datetime | None = None) -> None:
        """Drop ended tasks, and so free their names: all, or those that ended at `before` or earlier."""
        self._change(
            "DELETE FROM tasks WHERE ended IS NOT NULL AND (:before IS NULL OR ended <= :before)"
            " AND (:queue IS NULL OR :queue IN (queue, parent)) AND (:project IS NULL OR :project = project)",
            **asdict(selection),
            before=_micros(before) if before else None,
        )

    def _soonest(self, selection: Selection, limit: int) -> list[StoredTask]:
        return self._read(
            "SELECT * FROM tasks WHERE ended IS NULL"
            " AND (:queue IS NULL OR :queue IN (queue, parent)) AND (:project IS NULL OR :project = project)"
            " ORDER BY due, seq LIMIT :limit",
            **asdict(selection),
            limit=limit,
        )

    def _read(self, statement: str, **values: object) -> list[StoredTask]:
        with self._lock:
            cursor = self._database.execute(statement, values)
            cursor.row_factory = sqlite3.Row
            rows: list[sqlite3.Row] = cursor.fetchall()
        return [
            StoredTask(row["seq"], tasks_v2.Task.deserialize(row["message"]), row["previous_status"]) for row in rows
        ]

    def _change(self, statement: str, **values: object) -> int:
        with self._lock:
            return self._database.execute(statement, values).rowcount


def _stored(task: tasks_v2.Task) -> dict[str, object]:
    return {"due": _micros(due_at(task)), "message": tasks_v2.Task.serialize(task)}


def queue_of(name: str) -> str:
    """The queue's own name out of a full task or queue name."""
    return name.split("/")[5]


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
