"""What the cloud loads: six plain functions, no client and no connection at import, nobody above them."""

import ast
import os
import subprocess
import sys

import pytest

from aduan.settings import USED_BY
from infra.local import functions
from infra.release import services
from tests.architecture.tree import TOP, imported_modules, python_files

MAIN = TOP / "functions" / "main.py"
TARGETS = (
    "whatsapp_webhook",
    "staff_portal",
    "sla_check",
    "send_message",
    "fetch_media",
    "sweep",
)
MAIN_MAY_IMPORT = ("aduan.answer_headers", "aduan.bootstrap", "aduan.handlers", "flask", "functions_framework")
LINES_OF_MAIN = 100

# Ends with 1 and a line that says so if importing main opened a socket or loaded a cloud client.
IMPORT_MAIN = """
import sys
opened = []
sys.addaudithook(lambda event, arguments: opened.append(event) if event.startswith('socket.') else None)
{before}
import main
clients = [name for name in ('google.cloud.firestore', 'google.cloud.tasks_v2', 'google.cloud.storage', 'grpc')
           if name in sys.modules]
print('opened:', sorted(set(opened) & {{'socket.connect', 'socket.getaddrinfo', 'socket.gethostbyname'}}),
      'clients:', clients)
"""
NOTHING = "opened: [] clients: []\n"


def import_main(before: str = "") -> str:
    """Import the entry points in a Python of their own and with no setting; return what that did."""
    run = subprocess.run(
        [sys.executable, "-c", IMPORT_MAIN.format(before=before)],
        env={"PYTHONPATH": str(MAIN.parent), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_importing_the_entry_points_opens_no_socket_and_loads_no_cloud_client() -> None:
    assert import_main() == NOTHING


@pytest.mark.parametrize(
    ("before", "seen"),
    [
        ("import socket; socket.socket().connect_ex(('127.0.0.1', 9))", "socket.connect"),
        ("import google.cloud.firestore", "google.cloud.firestore"),
        ("import google.cloud.tasks_v2", "google.cloud.tasks_v2"),
    ],
)
def test_a_connection_or_a_client_at_import_is_seen(before: str, seen: str) -> None:
    assert seen in import_main(before)


def test_every_target_is_a_plain_function_of_the_entry_module() -> None:
    tree = ast.parse(MAIN.read_text("utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert set(TARGETS) <= defined


def test_the_entry_module_is_entry_points_and_nothing_else() -> None:
    source = MAIN.read_text("utf-8")
    foreign = {
        name
        for name in imported_modules(ast.parse(source))
        if not name.startswith(MAIN_MAY_IMPORT) and name.partition(".")[0] not in sys.stdlib_module_names
    }
    assert foreign == set()
    assert len(source.splitlines()) <= LINES_OF_MAIN


def test_nothing_in_the_cloud_imports_what_stays_at_home_or_the_entry_points() -> None:
    above = ("infra", "tests", "main")
    found = {
        str(path.relative_to(TOP)): [
            name for name in imported_modules(ast.parse(path.read_text("utf-8"))) if name.partition(".")[0] in above
        ]
        for path in python_files("functions")
    }
    assert {name: modules for name, modules in found.items() if modules} == {}
    assert found


def test_what_runs_here_and_what_is_deployed_are_the_same_functions() -> None:
    assert sorted(services.TARGETS) == sorted(TARGETS) == sorted(functions.TARGETS) == sorted(USED_BY)
