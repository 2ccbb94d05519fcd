"""Finding and obtaining what is not Python, on machines made up in a folder."""

import hashlib
import http.server
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.prerequisites import (
    EMULATOR_CLASS,
    EMULATOR_VERSION,
    Machine,
    MissingPrerequisite,
    chromium,
    download,
    firestore_jar,
    java,
    java_release,
    java_release_for,
    main,
)

PUBLISHED = b"the jar as published" * 100_000
JAR_IN_SDK = Path("platform/cloud-firestore-emulator/cloud-firestore-emulator.jar")


def program(path: Path, script: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)
    return path


def java_program(path: Path, version: str) -> Path:
    """Write a program that answers like a Java runtime of this version."""
    return program(path, f"""echo 'openjdk version "{version}" 2025-04-15' >&2""")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with nothing on it."""
    return Machine(environment={"PATH": str(tmp_path / "bin")}, home=tmp_path / "home", root=tmp_path)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where a web server on this machine publishes one file."""
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "emulator.jar").write_bytes(PUBLISHED)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type]  # socketserver hands them over

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(("version", "release"), [("17.0.15", 17), ("11", 11), ("1.8.0_392", 8), ("25-ea", 25)])
def test_the_release_of_a_java_is_read_from_its_own_answer(tmp_path: Path, version: str, release: int) -> None:
    assert java_release(java_program(tmp_path / "java", version)) == release


@pytest.mark.parametrize("script", ["exit 1", "echo 'no Java runtime present' >&2; exit 1", "exec true"])
def test_a_program_called_java_that_does_not_run_is_none(tmp_path: Path, script: str) -> None:
    assert java_release(program(tmp_path / "java", script)) == 0


def test_a_java_home_goes_before_the_search_path(tmp_path: Path, machine: Machine) -> None:
    java_program(tmp_path / "bin" / "java", "17.0.1")
    chosen = java_program(tmp_path / "jdk" / "bin" / "java", "21.0.2")
    environment = {**machine.environment, "JAVA_HOME": str(tmp_path / "jdk")}
    assert java(machine=Machine(environment=environment)) == chosen


def test_a_java_that_is_too_old_is_passed_over(tmp_path: Path, machine: Machine) -> None:
    java_program(tmp_path / "jdk" / "bin" / "java", "1.8.0_392")
    chosen = java_program(tmp_path / "bin" / "java", "17.0.1")
    environment = {**machine.environment, "JAVA_HOME": str(tmp_path / "jdk")}
    assert java(at_least=17, machine=Machine(environment=environment)) == chosen


def test_the_release_that_a_jar_needs_is_read_from_the_jar(tmp_path: Path) -> None:
    jar = tmp_path / "emulator.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr(EMULATOR_CLASS.replace(".", "/") + ".class", bytes.fromhex("cafebabe00000041") + b"...")
    assert java_release_for(jar) == 21


@pytest.mark.parametrize("folder", ["home/google-cloud-sdk", "usr/lib/google-cloud-sdk", "named"])
def test_the_emulator_of_an_installed_sdk_is_used(tmp_path: Path, machine: Machine, folder: str) -> None:
    jar = tmp_path / folder / JAR_IN_SDK
    jar.parent.mkdir(parents=True)
    jar.touch()
    environment = {**machine.environment, "CLOUDSDK_ROOT": str(tmp_path / "named")}
    assert firestore_jar(Machine(environment=environment, home=machine.home, root=tmp_path)) == jar


def test_the_sdk_is_found_behind_the_link_on_the_search_path(tmp_path: Path, machine: Machine) -> None:
    jar = tmp_path / "somewhere" / JAR_IN_SDK
    jar.parent.mkdir(parents=True)
    jar.touch()
    gcloud = program(tmp_path / "somewhere" / "bin" / "gcloud", "exit 0")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gcloud").symlink_to(gcloud)
    assert firestore_jar(machine) == jar


def test_a_kept_copy_is_used_again(tmp_path: Path, machine: Machine) -> None:
    kept = tmp_path / "cache" / "aduan" / f"cloud-firestore-emulator-v{EMULATOR_VERSION}.jar"
    kept.parent.mkdir(parents=True)
    kept.touch()
    environment = {**machine.environment, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert firestore_jar(Machine(environment=environment, home=machine.home, root=tmp_path)) == kept


def test_a_download_arrives_whole(tmp_path: Path, address: str) -> None:
    target = tmp_path / "cache" / "kept.jar"
    download(f"{address}/emulator.jar", hashlib.sha256(PUBLISHED).hexdigest(), target)
    assert target.read_bytes() == PUBLISHED
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize(
    ("name", "sha256", "message"),
    [
        ("emulator.jar", "0" * 64, "not what was published"),
        ("missing.jar", "0" * 64, "could not fetch .* put it at .*kept.jar"),
    ],
)
def test_a_download_that_is_not_as_published_leaves_nothing(
    tmp_path: Path, address: str, name: str, sha256: str, message: str
) -> None:
    target = tmp_path / "cache" / "kept.jar"
    with pytest.raises(MissingPrerequisite, match=message):
        download(f"{address}/{name}", sha256, target)
    assert list(target.parent.iterdir()) == []


def test_a_browser_that_only_advertises_itself_is_passed_over(tmp_path: Path, machine: Machine) -> None:
    program(tmp_path / "bin" / "chromium", "echo 'install the real one' >&2; exit 1")
    chosen = program(tmp_path / "bin" / "google-chrome", "echo 'Google Chrome 140'")
    assert chromium(machine) == chosen


def test_an_unknown_name_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jvaa"]) == 2
    assert "java, firestore, chromium" in capsys.readouterr().err


def test_this_machine_has_all_that_the_tests_need(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["java", "firestore", "chromium"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["java", "firestore", "chromium"]
    assert all(Path(line.partition(": ")[2]).is_file() for line in lines)
