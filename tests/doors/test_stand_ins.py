"""What stands in for Google on a developer's machine does not start in the cloud, and is not believed there."""

import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Mapping

import pytest

import infra.local
from aduan.settings import USED_BY
from infra.local.firestore import free_port, is_free
from tests.architecture.tree import TOP
from tests.doors.tally import Tally
from tests.test_settings import CLOUD

STAND_INS = sorted(module.name for module in pkgutil.walk_packages(infra.local.__path__, "infra.local."))
REFUSED = "infra.local is for one machine only: it does not start where K_SERVICE is set\n"


def run(*arguments: str, environment: Mapping[str, str], told: str = "") -> subprocess.CompletedProcess[str]:
    """A Python of its own, that knows this tree and what it is told."""
    surroundings = {"PATH": os.defpath, "PYTHONPATH": f"{TOP / 'functions'}{os.pathsep}{TOP}", **environment}
    return subprocess.run(
        [sys.executable, *arguments], env=surroundings, cwd=TOP, input=told, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


def test_all_stand_ins_are_found() -> None:
    assert {f"infra.local.{name}" for name in ("iap", "identity", "cloud_tasks", "whatsapp", "firestore")} <= set(
        STAND_INS
    )


@pytest.mark.parametrize("module", ["infra.local", "infra.local.demo_data", "infra.local.prerequisites"])
def test_what_is_started_by_hand_refuses_in_the_cloud(tally: Tally, module: str) -> None:
    started = run("-m", module, environment={"K_SERVICE": "staff-portal"})

    refused = (started.returncode, started.stdout, started.stderr) == (1, "", REFUSED)
    assert tally.door("stand-ins", f"python -m {module}", may=False, was_in=not refused) is None


SERVE_IAP = """
from werkzeug.serving import make_server
from infra.local.iap import create_iap
from infra.local.identity import LocalIdentity
app = create_iap('http://127.0.0.1:9', LocalIdentity(), 'an audience', lambda: [])
server = make_server('127.0.0.1', {port}, app)
print('it listens')
"""


def test_the_stand_in_for_the_proxy_serves_here_and_refuses_in_the_cloud(tally: Tally) -> None:
    port = free_port()
    here = run("-c", SERVE_IAP.format(port=port), environment={})
    assert here.stdout == "it listens\n", here.stderr

    there = run("-c", SERVE_IAP.format(port=port), environment={"K_SERVICE": "staff-portal"})
    refused = (there.returncode, there.stdout, there.stderr) == (1, "", REFUSED) and is_free(port)
    assert tally.door("stand-ins", "the proxy", may=False, was_in=not refused) is None


IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except SystemExit:
        continue
    print(name)
"""


def test_no_stand_in_can_be_imported_in_the_cloud_whatever_runs_it(tally: Tally) -> None:
    came_in = run("-c", IMPORT_ALL, *STAND_INS, environment={"K_SERVICE": "staff-portal"}).stdout.split()

    assert tally.doors("stand-ins", {name: (False, name in came_in) for name in STAND_INS}) == []


# The other way round: what the stand-ins sign, and the keys that everybody knows

START = """
import json, sys
from aduan.bootstrap import start
for environment in json.load(sys.stdin):
    try:
        start(environment)
    except SystemExit as refusal:
        print(refusal)
    else:
        print('it starts')
"""
EMULATOR = {"FIRESTORE_EMULATOR_HOST": "127.0.0.1:9"}
LOCAL_KEYS = {
    "OIDC_CERTS_URL": "http://127.0.0.1:8104/oidc/certs",
    "IAP_CERTS_URL": "http://127.0.0.1:8104/iap/certs",
}
KNOWN_TO_ALL = ("FIELD_KEY", "PORTAL_SECRET")


def in_the_cloud(function: str, without: str = "", **more: str) -> dict[str, str]:
    """What a function is told there, beside an emulator by mistake; without one setting, or with others."""
    told = {name: text for name, text in CLOUD.items() if name != without}
    return {**told, **EMULATOR, "FUNCTION_TARGET": function, **more}


def test_no_function_believes_the_stand_ins_keys_or_uses_those_of_development_in_the_cloud(tally: Tally) -> None:
    """Not even beside an emulator: whoever sets one there must not bring their own keys with it."""
    tries = {function: (in_the_cloud(function), "it starts") for function in USED_BY}
    for function, used in USED_BY.items():
        names = {setting.name for setting in used}
        for name in sorted(names & LOCAL_KEYS.keys()):
            tries[f"{function} with {name}"] = in_the_cloud(function, **{name: LOCAL_KEYS[name]}), f"{name} is wrong"
        for name in sorted(names & set(KNOWN_TO_ALL)):
            tries[f"{function} without {name}"] = in_the_cloud(function, without=name), f"{name} is missing"

    said = run("-c", START, environment={}, told=json.dumps([told for told, _ in tries.values()])).stdout.splitlines()

    assert len(said) == len(tries)
    outcomes = {
        what: (what in USED_BY, line == "it starts" or expected not in line)
        for (what, (_, expected)), line in zip(tries.items(), said, strict=True)
    }
    assert tally.doors("stand-ins", outcomes) == []
