"""The Firestore emulator, started for as long as it is needed and never longer.

The jar is started itself: the ``gcloud`` wrapper leaves processes behind. Data survives a restart through
exports, which the emulator makes only when asked (its ``--export-on-exit`` writes nothing) and reads only at
its start. So a copy is taken at the end, and every few seconds in between for the sake of a killed process.

What the emulator does not keep over a restart: a document's ``create_time`` and ``update_time`` are those of
the import.
"""

import contextlib
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from infra.local import prerequisites
from infra.local.tether import Tethered

START_SECONDS = 60.0
POLL_SECONDS = 0.05
EXPORT_SECONDS = 60.0
KEEP_EVERY_SECONDS = 10.0
EXPORT_NAME = "firestore"


class EmulatorFailure(Exception):
    """The emulator did not start, or refused what it was asked."""


class FirestoreEmulator:
    """A Firestore emulator on this machine, as a context manager.

    With ``persist_to`` the data of ``project`` is read from that folder at the start and kept there; without
    it everything is gone at the end.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        persist_to: Path | None = None,
        project: str = "aduan-local",
        log: Path | None = None,
        keep_every: float = KEEP_EVERY_SECONDS,
    ) -> None:
        """Take a free port if none is given; ``log`` gets what the emulator prints, otherwise it is dropped.

        ``keep_every`` is in seconds: the most that a killed process can lose.
        """
        self.port = port or free_port()
        self._project = project
        self._snapshots = Snapshots(persist_to) if persist_to else None
        self._log = log
        self._keep_every = keep_every
        self._stopping = threading.Event()
        self._keeper: threading.Thread | None = None
        self._http = httpx.Client(base_url=f"http://{self.host}", timeout=EXPORT_SECONDS, trust_env=False)
        self._program: Tethered | None = None

    @property
    def host(self) -> str:
        """The value of ``FIRESTORE_EMULATOR_HOST``."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Start the emulator and return when it answers.

        Raises:
            EmulatorFailure: Its port is taken, it ended, or it did not answer in time.
            MissingPrerequisite: There is no Java or no emulator, and none could be had.
        """
        if not is_free(self.port):
            # Whoever listens there might answer like an emulator, and be somebody else's.
            raise EmulatorFailure(f"port {self.port} is taken")
        command = self._command()
        with (self._log or Path(os.devnull)).open("wb") as output:
            self._program = Tethered(command, output=output)
        try:
            self._wait_until_it_answers(self._program)
        except BaseException:
            self._program.stop()
            raise
        if self._snapshots:
            self._keeper = threading.Thread(target=self._keep_until_stopped, daemon=True)
            self._keeper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep the data, if they are to be kept, and end the emulator."""
        self._stopping.set()
        try:
            if self._keeper:
                self._keeper.join()
            if self._snapshots:
                self.keep()
        finally:
            self._http.close()
            if self._program:
                self._program.stop()

    def clear(self, project: str) -> None:
        """Delete every document of ``project``."""
        _expect_ok(self._http.delete(f"/emulator/v1/projects/{project}/databases/(default)/documents"))

    def export(self, project: str, folder: Path) -> Path:
        """Write the documents of ``project`` into the existing ``folder``; return the file to start from."""
        order = {
            "database": f"projects/{project}/databases/(default)",
            "export_directory": str(folder.resolve()),
            "export_name": EXPORT_NAME,
        }
        _expect_ok(self._http.post(f"/emulator/v1/projects/{project}:export", json=order))
        return _entry_of(folder)

    def keep(self) -> None:
        """Take a copy of the data now.

        Raises:
            EmulatorFailure: It could not be taken, or the emulator was started without ``persist_to``.
        """
        if self._snapshots is None:
            raise EmulatorFailure("nothing to keep the data in: the emulator was started without persist_to")
        with self._snapshots.writing() as folder:
            self.export(self._project, folder)

    def _command(self) -> list[str | Path]:
        jar = prerequisites.firestore_jar()
        java = prerequisites.java(at_least=prerequisites.java_release_for(jar))
        command: list[str | Path] = [
            java,
            # A short life of small requests: the optimising compiler and a parallel collector cost more than they give.
            # Measured, 30 pages of the portal: 0.46 instead of 1.95 s of its time.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Duser.language=en",
            "-cp",
            jar,
            prerequisites.EMULATOR_CLASS,
            "--host=127.0.0.1",
            f"--port={self.port}",
        ]
        latest = self._snapshots.latest() if self._snapshots else None
        if latest:
            command.append(f"--seed_from_export={latest}")
        return command

    def _wait_until_it_answers(self, program: Tethered) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if program.exit_code is not None:
                raise EmulatorFailure(f"the Firestore emulator ended with {program.exit_code}")
            with contextlib.suppress(httpx.TransportError):
                _expect_ok(self._http.get("/"))
                return
            time.sleep(POLL_SECONDS)
        raise EmulatorFailure(f"the Firestore emulator did not answer within {START_SECONDS:.0f} s")

    def _keep_until_stopped(self) -> None:
        while not self._stopping.wait(self._keep_every):
            try:
                self.keep()
            except (EmulatorFailure, httpx.HTTPError, OSError) as error:
                # The next round, or the end, tries again; the last good copy stands.
                print(f"firestore: could not keep a copy of the data: {error}", file=sys.stderr, flush=True)


class Snapshots:
    """Copies of the data, numbered; the highest is whole, for it gets its name only when it is written."""

    def __init__(self, folder: Path) -> None:
        """Keep the copies in ``folder``, which is made if it is missing."""
        self._folder = folder

    def latest(self) -> Path | None:
        """Return the file to start from; None if nothing was kept yet."""
        numbers = self._numbers()
        return _entry_of(self._folder / str(numbers[-1])) if numbers else None

    @contextlib.contextmanager
    def writing(self) -> Iterator[Path]:
        """Give a folder to write a copy into; it becomes the latest when the block ends well."""
        self._folder.mkdir(parents=True, exist_ok=True)
        numbers = self._numbers()
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=".part-") as part:
            copy = Path(part) / "copy"
            copy.mkdir()
            yield copy
            copy.rename(self._folder / str(numbers[-1] + 1 if numbers else 1))
        for number in numbers:
            shutil.rmtree(self._folder / str(number))

    def _numbers(self) -> list[int]:
        if not self._folder.is_dir():
            return []
        return sorted(int(entry.name) for entry in self._folder.iterdir() if entry.name.isdecimal())


def free_port() -> int:
    """Return a port of this machine that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this port of this machine now."""
    with socket.socket() as probe:
        # As servers do: a port that was left a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _entry_of(copy: Path) -> Path:
    return copy.resolve() / EXPORT_NAME / f"{EXPORT_NAME}.overall_export_metadata"


def _expect_ok(answer: httpx.Response) -> None:
    if answer.is_error:
        raise EmulatorFailure(f"the Firestore emulator answered {answer.status_code}: {answer.text}")
