"""Everything that `make run` starts, put together: emulators, the functions, the phone page, IAP's stand-in."""

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from wsgiref.types import WSGIApplication

import httpx
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from werkzeug.serving import WSGIRequestHandler, make_server

from aduan.procedure.roles import Role
from aduan.settings import SHIPPED_OFFICE
from infra.local import functions, office
from infra.local.cloud_tasks import CloudTasksEmulator
from infra.local.firestore import FirestoreEmulator, free_port, is_free
from infra.local.iap import Person, create_iap
from infra.local.identity import LocalIdentity, certs_app
from infra.local.running import ADDRESSES
from infra.local.templates_file import Templates
from infra.local.whatsapp import WhatsAppSimulator
from infra.office.files import OfficeFiles

PROJECT = "aduan-local"
SWEEP_SECONDS = 300.0
TASKS_ACCOUNT = "tasks@aduan-local.iam.gserviceaccount.com"
SCHEDULER_ACCOUNT = "scheduler@aduan-local.iam.gserviceaccount.com"
IAP_AUDIENCE = "/projects/1/global/backendServices/1"
NUMBER_ID, TOKEN, SECRET, VERIFY = "100000000000001", "local-token", "local-app-secret", "local-verify-token"

_PREFERRED = {"phone": 8100, "portal": 8101, "firestore": 8102, "tasks": 8103, "certs": 8104}


@dataclass(frozen=True)
class Stack:
    """Where everything is."""

    phone_url: str
    portal_url: str
    function_urls: Mapping[str, str]
    firestore_host: str
    whatsapp: WhatsAppSimulator
    environment: Mapping[str, str]


@contextmanager
def running(folder: Path, settings: Mapping[str, str]) -> Iterator[Stack]:
    """The whole of it, with its state in `folder`. `settings` go to the functions as well.

    Raises OfficeFileError where the office's files are wrong.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ports = {name: port if is_free(port) else free_port() for name, port in _PREFERRED.items()}
    function_ports = {target: free_port() for target in functions.TARGETS}
    urls = {target: f"http://127.0.0.1:{port}" for target, port in function_ports.items()}
    portal_url = f"http://localhost:{ports['portal']}"
    identity = LocalIdentity(folder / "keys")
    files = OfficeFiles.read(Path(settings.get("OFFICE_DIR", SHIPPED_OFFICE)))
    with ExitStack() as stack:
        emulator = stack.enter_context(
            FirestoreEmulator(port=ports["firestore"], persist_to=folder / "firestore", project=PROJECT)
        )
        stack.enter_context(_served(certs_app(identity), ports["certs"]))
        tasks = stack.enter_context(CloudTasksEmulator(identity, port=ports["tasks"], path=str(folder / "tasks.db")))
        client = _client(emulator.host)
        office.seat(client)
        whatsapp = _whatsapp(folder, urls["whatsapp_webhook"], portal_url, files)
        stack.enter_context(whatsapp.serve(ports["phone"]))
        told = _environment(urls, emulator.host, tasks.address, f"http://127.0.0.1:{ports['certs']}")
        here = {
            "WHATSAPP_API_BASE": whatsapp.base_url, "STAFF_URL": portal_url,
            "MEDIA_STORE": (folder / "media").absolute().as_uri(),
        }  # fmt: skip
        environment = {**settings, **told, **here}
        (folder / ADDRESSES).write_text(json.dumps(environment), "utf-8")
        stack.enter_context(functions.running(function_ports, environment, folder / "logs"))
        iap = create_iap(urls["staff_portal"], identity, IAP_AUDIENCE, _people(client, files))
        stack.enter_context(_served(iap, ports["portal"]))
        stack.enter_context(_scheduler(identity, urls["sweep"]))
        yield Stack(whatsapp.base_url, portal_url, urls, emulator.host, whatsapp, environment)


def _environment(urls: Mapping[str, str], firestore_host: str, tasks_host: str, certs: str) -> dict[str, str]:
    return {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "FIRESTORE_EMULATOR_HOST": firestore_host,
        "CLOUD_TASKS_EMULATOR_HOST": tasks_host,
        "SLA_CHECK_URL": urls["sla_check"],
        "SEND_MESSAGE_URL": urls["send_message"],
        "FETCH_MEDIA_URL": urls["fetch_media"],
        "SWEEP_URL": urls["sweep"],
        "TASKS_SERVICE_ACCOUNT": TASKS_ACCOUNT,
        "SCHEDULER_SERVICE_ACCOUNT": SCHEDULER_ACCOUNT,
        "IAP_AUDIENCE": IAP_AUDIENCE,
        "OIDC_CERTS_URL": f"{certs}/oidc/certs",
        "IAP_CERTS_URL": f"{certs}/iap/certs",
        "WHATSAPP_PHONE_NUMBER_ID": NUMBER_ID,
        "WHATSAPP_ACCESS_TOKEN": TOKEN,
        "WHATSAPP_APP_SECRET": SECRET,
        "WHATSAPP_VERIFY_TOKEN": VERIFY,
        "NO_PROXY": "127.0.0.1,localhost",
    }


def _client(host: str) -> firestore.Client:
    os.environ["FIRESTORE_EMULATOR_HOST"] = host  # the client has no argument for it
    return firestore.Client(project=PROJECT, credentials=AnonymousCredentials())


def _whatsapp(folder: Path, webhook_url: str, portal_url: str, files: OfficeFiles) -> WhatsAppSimulator:
    templates, titles = Templates.read(), files.procedure.titles
    links = [
        (f"{titles[Role(person.role)]} ({person.name})", f"{portal_url}/_masuk?as={person.email}")
        for person in office.STAFF
    ]
    whatsapp = WhatsAppSimulator(
        NUMBER_ID, TOKEN, SECRET, VERIFY, webhook_url=webhook_url, folder=folder / "whatsapp", links=links,
        templates=templates.counts, template_bodies=templates.bodies, template_buttons=templates.buttons,
        office_name=files.procedure.office, timezone=files.calendar.timezone.key,
    )  # fmt: skip
    whatsapp.citizen("+6281234567890", name="Siti Aminah")
    for person in office.STAFF:
        whatsapp.staff(person.whatsapp, person.name)
    return whatsapp


def _people(client: firestore.Client, files: OfficeFiles) -> Callable[[], list[Person]]:
    desks = {role.value: title for role, title in files.procedure.titles.items()}

    def people() -> list[Person]:
        rows = [(row.id, row.to_dict() or {}) for row in client.collection("staff").stream()]
        return [Person(email, str(row.get("name")), desks.get(str(row.get("role")), "")) for email, row in rows]

    return people


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - as the server calls it
        """The functions' own logs say enough."""


@contextmanager
def _served(app: WSGIApplication, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _scheduler(identity: LocalIdentity, url: str) -> Iterator[None]:
    """Cloud Scheduler's part: the sweep, every five minutes."""
    stopping = threading.Event()

    def work() -> None:
        with httpx.Client(trust_env=False, timeout=240) as http:
            while not stopping.wait(SWEEP_SECONDS):
                token = identity.mint_oidc(SCHEDULER_ACCOUNT, url)
                try:
                    http.post(url, headers={"Authorization": f"Bearer {token}"})
                except httpx.HTTPError as error:
                    print(f"scheduler: the sweep did not answer: {error}", flush=True)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(1)
