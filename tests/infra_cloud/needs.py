"""What each account is for, and so what it must be allowed. Whatever Terraform grants beside this is a mistake."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aduan.settings import FIELD_KEY, MEDIA_STORE, OTEL_TRACES_EXPORTER, USED_BY

SLA_CHECK, SEND_MESSAGE, FETCH_MEDIA = "sla_check", "send_message", "fetch_media"
TASK_HANDLERS: Final = (SLA_CHECK, SEND_MESSAGE, FETCH_MEDIA)
"""The functions that Cloud Tasks calls, each from a queue of its own."""

ASKS: Final[Mapping[str, frozenset[str]]] = {
    # An update begins or moves a complaint (alarm, replies, alerts), and may bring a file; a status may send again.
    "whatsapp_webhook": frozenset({SLA_CHECK, SEND_MESSAGE, FETCH_MEDIA}),
    # An act moves a complaint and tells people. No file comes in here.
    "staff_portal": frozenset({SLA_CHECK, SEND_MESSAGE}),
    # An overrun escalates, tells people, and sets the next alarm.
    "sla_check": frozenset({SLA_CHECK, SEND_MESSAGE}),
    # A refusal is told to the admins; a row tries again later; an opened gate lets the others go. A failed send is an
    # act of the complaint, which sets its alarm.
    "send_message": frozenset({SLA_CHECK, SEND_MESSAGE}),
    # What cannot be had now is tried again later.
    "fetch_media": frozenset({FETCH_MEDIA}),
    # Every task that was lost, of every kind.
    "sweep": frozenset({SLA_CHECK, SEND_MESSAGE, FETCH_MEDIA}),
}
"""The queues, by the function that they call, into which each function puts tasks."""

FILES: Final[Mapping[str, str]] = {
    "fetch_media": "roles/storage.objectUser",  # keeps a file, over one that is there: that is also a deletion
    "staff_portal": "roles/storage.objectViewer",  # shows it; with the list, so that 'gone' is not 'forbidden'
    "sweep": "roles/storage.objectUser",  # deletes the files of what is past its term
}
"""What a function that knows MEDIA_STORE does there."""

PUBLIC: Final[Mapping[str, str]] = {
    "whatsapp_webhook": "Meta calls it, and proves itself by its signature",
    "public_page": "citizens open it, and prove themselves by an unguessable token",
}
"""The functions that anybody may call, as far as they are there. `staff_portal` is open to IAP only."""

KMS_SETTING: Final = "FIELD_KMS_KEY"


@dataclass(frozen=True, order=True)
class Grant:
    """`who` may do what `role` says `on` something: the addresses that Terraform has for both."""

    who: str
    role: str
    on: str


def function_needs(target: str) -> set[Grant]:
    """What the calls of one function need."""
    who = f"google_service_account.function[{target}]"
    used = {setting.name: setting for setting in USED_BY[target]}
    needs = {Grant(who, "roles/datastore.user", "project")} if FIELD_KEY.name in used else set()
    needs |= {
        Grant(who, "roles/secretmanager.secretAccessor", f"google_secret_manager_secret.setting[{name}]")
        for name, setting in used.items()
        if setting.secret
    }
    needs |= {
        Grant(who, "roles/cloudtasks.enqueuer", f"google_cloud_tasks_queue.queue[{queue}]") for queue in ASKS[target]
    }
    # A task carries a token of this account's: who asks for one must be allowed to speak in its name.
    needs |= {Grant(who, "roles/iam.serviceAccountUser", "google_service_account.tasks")} if ASKS[target] else set()
    if MEDIA_STORE.name in used:
        needs.add(Grant(who, FILES[target], "google_storage_bucket.media"))
    if KMS_SETTING in used:
        needs.add(Grant(who, "roles/cloudkms.cryptoKeyDecrypter", "google_kms_crypto_key.field_key"))
    if OTEL_TRACES_EXPORTER.name in used:
        needs.add(Grant(who, "roles/cloudtrace.agent", "project"))  # writes spans, and reads none
    return needs


def caller_needs() -> set[Grant]:
    """Who may call which function."""
    invoker, service = "roles/run.invoker", "google_cloud_run_v2_service.function[{}]"
    handlers = {Grant("google_service_account.tasks", invoker, service.format(target)) for target in TASK_HANDLERS}
    public = {Grant("allUsers", invoker, service.format(target)) for target in PUBLIC if target in USED_BY}
    return {
        *handlers,
        *public,
        Grant("google_service_account.scheduler", invoker, service.format("sweep")),
        Grant("google_project_service_identity.iap", invoker, service.format("staff_portal")),
        Grant("var.staff_members", "roles/iap.httpsResourceAccessor", service.format("staff_portal")),
    }


def release_needs() -> set[Grant]:
    """What a release's two accounts do. The one that builds runs others' code, and changes nothing that runs."""
    build, deploy = "google_service_account.build", "google_service_account.deploy"
    project = {
        "roles/cloudbuild.builds.editor",  # starts the checks as the other account, and waits for them
        "roles/logging.logWriter",  # its own log
        "roles/run.sourceDeveloper",  # makes revisions from source, moves traffic
        "roles/serviceusage.serviceUsageConsumer",  # asks for all this in the project's name
    }
    smoked = ("WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN")  # the smoke test signs and shakes hands as Meta would
    return {
        Grant(build, "roles/logging.logWriter", "project"),
        Grant(build, "roles/storage.objectViewer", "google_storage_bucket.sources"),
        Grant(build, "roles/artifactregistry.writer", "google_artifact_registry_repository.images"),
        *(Grant(deploy, role, "project") for role in project),
        *(
            Grant(deploy, "roles/iam.serviceAccountUser", f"google_service_account.function[{target}]")
            for target in USED_BY
        ),
        Grant(deploy, "roles/iam.serviceAccountUser", build),
        *(
            Grant(deploy, "roles/secretmanager.secretAccessor", f"google_secret_manager_secret.setting[{name}]")
            for name in smoked
        ),
    }
