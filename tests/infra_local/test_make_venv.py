"""The virtual environment is made with any Python that is new enough, or it is said what is missing."""

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import TOP
from tests.infra_local.test_prerequisites import program

SCRIPT = TOP / "infra" / "local" / "make_venv.sh"
OLD_PYTHON = "exit 1"
WITHOUT_VENV = f'case "$2" in *ensurepip*) exit 1 ;; *--version*|pip) exit 1 ;; esac; exec "{sys.executable}" "$@"'


def make_venv(folder: Path, *, path: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script as make does, seeing only ``path``."""
    return subprocess.run(
        ["/bin/sh", SCRIPT, folder / ".venv"],
        env={"PATH": path, "LANG": "C", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def with_tools(folder: Path, *names: str) -> str:
    """Give a search path with only these system programs on it."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).symlink_to(f"/usr/bin/{name}")
    return str(folder)


def test_an_environment_with_pip_is_made_in_a_folder_with_spaces(tmp_path: Path) -> None:
    folder = tmp_path / "a clone with spaces"
    made = make_venv(folder, path=os.defpath, PYTHON=sys.executable)
    assert made.returncode == 0, made.stderr
    pip = subprocess.run(
        [folder / ".venv/bin/python", "-m", "pip", "--version"], capture_output=True, text=True, check=True
    )
    assert str(folder) in pip.stdout


def test_no_python_that_is_new_enough_is_said_with_what_to_do(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3", OLD_PYTHON)
    made = make_venv(tmp_path, path=with_tools(tmp_path / "bin"))
    assert made.returncode != 0
    assert "No Python 3.11 or newer was found" in made.stderr
    assert "make PYTHON=" in made.stderr


def test_an_old_python_is_passed_over_for_a_newer_one(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3.12", OLD_PYTHON)
    program(tmp_path / "bin" / "python3", f'exec "{sys.executable}" "$@"')
    made = make_venv(tmp_path, path=with_tools(tmp_path / "bin", "rm"))
    assert made.returncode == 0, made.stderr
    assert (tmp_path / ".venv/bin/python").exists()


def test_a_python_without_venv_is_helped_by_uv(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3", WITHOUT_VENV)
    program(tmp_path / "bin" / "uv", 'echo "$@"')
    made = make_venv(tmp_path, path=with_tools(tmp_path / "bin", "rm"))
    assert made.stdout.startswith("venv --quiet --seed --python")
    assert made.returncode == 0


def test_a_python_without_venv_and_without_help_is_said_with_what_to_do(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3", WITHOUT_VENV)
    program(tmp_path / "bin" / "id", "echo 1000")
    made = make_venv(tmp_path, path=with_tools(tmp_path / "bin", "rm"))
    assert made.returncode != 0
    assert "apt-get install python3-venv" in made.stderr
