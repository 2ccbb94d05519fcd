"""The steps of a release after the checks: deploy, try, move. Each may be repeated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from infra.release.gcloud import Gcloud, GcloudFailed
from infra.release.services import CANDIDATE, TARGETS, Standing, service_of, standing
from infra.smoke.checks import Release, problems

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Knowledge:
    """What Meta knows, and the smoke test with it; see `Release`."""

    app_secret: str
    verify_token: str
    phone_number_id: str
    test_number: str
    name: str

    def of(self, urls: Mapping[str, str], suffix: str) -> Release:
        """A release at these addresses, by target."""
        outside = ("whatsapp_webhook", "staff_portal")
        return Release(
            webhook=urls["whatsapp_webhook"],
            portal=urls["staff_portal"],
            handlers={target: url for target, url in urls.items() if target not in outside},
            app_secret=self.app_secret,
            verify_token=self.verify_token,
            phone_number_id=self.phone_number_id,
            test_number=self.test_number,
            name=f"{self.name}-{suffix}",
        )


def deploy(gcloud: Gcloud, build_account: str) -> None:
    """A revision of each function from this source, without traffic. Its image is built as `build_account`.

    All else of a service is Terraform's: what is not named here stays as it is.
    """
    for target in TARGETS:
        gcloud.run(
            "run", "deploy", service_of(target), "--source", ".", "--function", target,
            "--base-image", "python313", "--set-build-env-vars", "GOOGLE_FUNCTION_SOURCE=functions/main.py",
            "--build-service-account", build_account, "--no-traffic", "--tag", CANDIDATE,
        )  # fmt: skip


def smoke(gcloud: Gcloud, knowledge: Knowledge, tell: Tell) -> list[str]:
    """Try the candidates; what is wrong with them."""
    urls = {target: standing(gcloud, target).candidate_url for target in TARGETS}
    return problems(knowledge.of(urls, "candidate"), tell)


def move(gcloud: Gcloud, knowledge: Knowledge, tell: Tell) -> list[str]:
    """Give the candidates all traffic, and try once more; if anything is wrong, all of it goes back. What is wrong."""
    before = {target: standing(gcloud, target) for target in TARGETS}
    try:
        for target, stood in before.items():
            _give(gcloud, target, f"{stood.candidate}=100")
        wrong = problems(knowledge.of({target: stood.url for target, stood in before.items()}, "live"), tell)
    except GcloudFailed as failure:
        tell(f"BAD  {failure}")
        wrong = ["traffic"]
    if wrong:
        _move_back(gcloud, before, tell)
    return wrong


def _move_back(gcloud: Gcloud, before: Mapping[str, Standing], tell: Tell) -> None:
    """Each by itself: one that cannot be moved holds up no other."""
    for target, stood in before.items():
        try:
            _give(gcloud, target, ",".join(stood.shares))
            tell(f"back {service_of(target)}: {','.join(stood.shares)}")
        except GcloudFailed:
            tell(f"BAD  {service_of(target)} could not be moved back to {','.join(stood.shares)}: do it by hand")


def _give(gcloud: Gcloud, target: str, shares: str) -> None:
    gcloud.run("run", "services", "update-traffic", service_of(target), "--to-revisions", shares)
