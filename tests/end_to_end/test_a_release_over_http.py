"""A release as the build makes it: tried from outside at real functions, then given all the traffic, or none."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from infra.local.firestore import free_port
from infra.release import steps
from infra.release.__main__ import MISUSED, WELL, WRONG, main
from infra.release.gcloud import Gcloud
from infra.release.services import TARGETS, NoCandidate, service_of, standing
from infra.release.steps import Knowledge
from infra.smoke.checks import CHECKS, TEXT, Release, problems
from tests.architecture.tree import TOP
from tests.end_to_end.world import World
from tests.infra_cloud.cloud_run_stand_in import SERVED_BEFORE, CloudRun
from tests.infra_local.receiver import Answer, Receiver

REGION = "asia-southeast2"
TEST_NUMBER = "6281200000099"
ALL = [check.__name__ for check in CHECKS]
KNOWLEDGE = Knowledge("app-secret", "verify-me", "111222333", TEST_NUMBER, "build-1")


def quiet(_line: str) -> None:
    """Nobody reads along."""


def release(urls: dict[str, str], **changes: str) -> Release:
    return Knowledge(**{**vars(KNOWLEDGE), **changes}).of(urls, "candidate")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def cloud(world: World, tmp_path: Path) -> CloudRun:
    """Cloud Run, whose services lead to this world's functions."""
    return CloudRun(tmp_path, world.urls, world.urls)


@pytest.fixture
def gcloud(cloud: CloudRun) -> Gcloud:
    return Gcloud(REGION, cloud.program)


@pytest.fixture
def deployed(cloud: CloudRun, gcloud: Gcloud) -> CloudRun:
    steps.deploy(gcloud, "build@p")
    return cloud


def all_at(revision: str) -> dict[str, dict[str, int]]:
    return {service_of(target): {f"{service_of(target)}-{revision}": 100} for target in TARGETS}


def test_a_sound_release_passes_and_the_test_number_has_its_draft_once(world: World) -> None:
    told: list[str] = []
    for _ in range(2):  # a step that is repeated sends the same message
        assert problems(release(world.urls), told.append) == []
    assert [line[:5] for line in told] == ["ok   "] * 2 * len(CHECKS)
    (draft,) = world.complaints("?status=draft")
    assert draft["number"] is None
    citizens = [row.to_dict() or {} for row in world.client.collection("messages").stream()]
    assert len(citizens) == 1


def test_what_the_draft_says_can_be_told_from_a_citizens(world: World) -> None:
    assert problems(release(world.urls), quiet) == []
    (draft,) = world.complaints("?status=draft")
    assert world.get(f"/aduan/{draft['id']}", html=True).text.count(TEXT) >= 1


def answering(status: int) -> Callable[[object], Answer]:
    return lambda _: Answer(status, body=b"anything")


@pytest.mark.parametrize(
    ("status", "found"),
    [
        # A door that lets everybody in.
        (HTTPStatus.OK, [name for name in ALL if name != "signed_message"]),
        # One that keeps nothing.
        (HTTPStatus.INTERNAL_SERVER_ERROR, ALL),
        # One that refuses everybody, Meta too.
        (HTTPStatus.UNAUTHORIZED, ["handshake", "stranger_shakes_hands", "signed_message"]),
        (HTTPStatus.FORBIDDEN, ["handshake", "forged_signature", "signed_message"]),
        # A redirect to somewhere else than IAP's door.
        (HTTPStatus.FOUND, ALL),
        # The placeholder that Terraform puts there, or no service at all.
        (HTTPStatus.NOT_FOUND, [name for name in ALL if name != "handlers_are_shut"]),
    ],
)
def test_a_release_that_answers_wrongly_is_found_out(receiver: Receiver, status: int, found: list[str]) -> None:
    receiver.answer = answering(status)
    assert problems(release(dict.fromkeys(TARGETS, receiver.url)), quiet) == found


@pytest.mark.parametrize("target", TARGETS)
def test_one_function_that_lets_strangers_in_is_found_out(world: World, receiver: Receiver, target: str) -> None:
    receiver.answer = answering(HTTPStatus.OK)
    found = problems(release({**world.urls, target: receiver.url}), quiet)
    outside = {"whatsapp_webhook": ALL[:3], "staff_portal": ["portal_is_shut"]}
    assert found == outside.get(target, ["handlers_are_shut"])


def redirecting(address: str) -> Callable[[object], Answer]:
    return lambda _: Answer(HTTPStatus.FOUND, [("Location", address)])


def test_iaps_door_counts_as_shut_and_anothers_does_not(receiver: Receiver, world: World) -> None:
    for address, found in (
        ("https://accounts.google.com/o/oauth2/v2/auth?client_id=1", []),
        ("https://accounts.google.com.example/", ["portal_is_shut"]),
    ):
        receiver.answer = redirecting(address)
        assert problems(release({**world.urls, "staff_portal": receiver.url}), quiet) == found


def test_nobody_at_home_is_a_problem_and_no_crash() -> None:
    told: list[str] = []
    assert problems(release(dict.fromkeys(TARGETS, f"http://127.0.0.1:{free_port()}")), told.append) == ALL
    assert all("no answer (ConnectionRefusedError" in line for line in told)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"app_secret": "another"}, ["signed_message"]),
        ({"app_secret": "app-secret, next-app-secret"}, []),
        ({"verify_token": "another"}, ["handshake"]),
    ],
)
def test_a_secret_that_is_not_metas_is_found_out(world: World, change: dict[str, str], found: list[str]) -> None:
    assert problems(release(world.urls, **change), quiet) == found


def test_no_secret_and_no_answers_text_is_told(receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(HTTPStatus.OK, body=b"NIK 3402014107900001")
    told: list[str] = []
    problems(release(dict.fromkeys(TARGETS, receiver.url)), told.append)
    assert not re.search("app-secret|verify-me|3402014107900001|6281200000099", "\n".join(told))


def test_every_function_is_deployed_without_traffic_and_nothing_but_its_code_is_named(deployed: CloudRun) -> None:
    named = {
        "--source", "--function", "--base-image", "--set-build-env-vars", "--build-service-account", "--no-traffic",
        "--tag", "--region", "--quiet",
    }  # fmt: skip
    assert [asked[2] for asked in deployed.asked] == [service_of(target) for target in TARGETS]
    for target, asked in zip(TARGETS, deployed.asked, strict=True):
        assert {part for part in asked if part.startswith("--")} == named
        assert asked[asked.index("--function") + 1] == target
    assert deployed.serving == all_at(SERVED_BEFORE)


def test_a_release_that_passes_gets_all_the_traffic(deployed: CloudRun, gcloud: Gcloud) -> None:
    assert steps.smoke(gcloud, KNOWLEDGE, quiet) == []
    assert deployed.serving == all_at(SERVED_BEFORE)
    assert steps.move(gcloud, KNOWLEDGE, quiet) == []
    assert deployed.serving == all_at("00008-new")


def test_a_release_that_fails_once_it_is_live_goes_back_to_where_it_was(deployed: CloudRun, gcloud: Gcloud) -> None:
    gcloud.run("run", "services", "update-traffic", "sweep", "--to-revisions", "sweep-a=90,sweep-b=10")
    before = deployed.serving
    wrong = Knowledge(**{**vars(KNOWLEDGE), "app_secret": "another"})
    assert steps.move(gcloud, wrong, quiet) == ["signed_message"]
    assert deployed.serving == before
    assert before["sweep"] == {"sweep-a": 90, "sweep-b": 10}


@pytest.mark.parametrize("target", TARGETS)
def test_a_move_that_breaks_off_anywhere_goes_back_and_says_what_could_not(
    deployed: CloudRun, gcloud: Gcloud, target: str
) -> None:
    service = service_of(target)
    told: list[str] = []
    deployed.fail(f"run services update-traffic {service} ")
    assert steps.move(gcloud, KNOWLEDGE, told.append) == ["traffic"]
    assert deployed.serving == all_at(SERVED_BEFORE)
    by_hand = [line for line in told if "by hand" in line]
    assert len(by_hand) == 1
    assert service in by_hand[0]


def test_a_service_without_a_candidate_is_named(cloud: CloudRun, gcloud: Gcloud) -> None:
    assert cloud.serving == all_at(SERVED_BEFORE)
    with pytest.raises(NoCandidate, match="staff-portal"):
        standing(gcloud, "staff_portal")


def test_the_commands_of_the_build_run_one_after_another(deployed: CloudRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{deployed.folder}{os.pathsep}{os.environ['PATH']}")
    told = {
        "REGION": REGION, "BUILD_ACCOUNT": "build@p", "BUILD_ID": "b", "TEST_NUMBER": TEST_NUMBER,
        "WHATSAPP_APP_SECRET": "app-secret", "WHATSAPP_VERIFY_TOKEN": "verify-me\n",
        "WHATSAPP_PHONE_NUMBER_ID": "111222333",
    }  # fmt: skip
    assert [main([step], told) for step in ("deploy", "smoke", "move")] == [WELL, WELL, WELL]
    assert deployed.serving == all_at("00008-new")
    assert main(["smoke"], {**told, "WHATSAPP_APP_SECRET": "another"}) == WRONG
    assert main(["smoke"], {name: text for name, text in told.items() if name != "TEST_NUMBER"}) == MISUSED
    assert main(["fly"], told) == MISUSED
    deployed.fail("run deploy sweep")
    assert main(["deploy"], told) == WRONG


def test_whoever_deploys_needs_no_package() -> None:
    asked = subprocess.run(
        [sys.executable, "-S", "-m", "infra.release", "fly"],
        env={"PYTHONPATH": f"{TOP / 'functions'}{os.pathsep}{TOP}", "REGION": REGION}, cwd=TOP,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (asked.returncode, "deploy|smoke|move" in asked.stderr) == (MISUSED, True)


def test_each_sweep_tells_how_long_the_oldest_message_has_waited(world: World) -> None:
    def waited() -> int:
        with capture_logs() as logs:
            assert world.sweep().status_code == HTTPStatus.OK
        return next(int(line["oldest_s"]) for line in logs if line["event"] == "waiting_to_leave")

    assert waited() == 0
    world.citizen(name="Siti").write("Halo")  # its reply waits for a task that nobody runs
    world.clock.now = world.clock.now.replace(minute=7)
    assert waited() == 7 * 60
