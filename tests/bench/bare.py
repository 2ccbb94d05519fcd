"""The bare function: what our webhook asks of the outside for one message, by hand, and nothing more.

It proves the signature, reads the JSON, and makes the same calls in the same order: as many documents read in one
`get_all`, the same desk asked for, the same tasks, as many documents in one commit, created or replaced as they were
read. It decides, seals and validates nothing, and takes one message of a batch. What it writes is as large as what
ours writes, in one field: `BENCH_SIZES` says how many characters for each document.

Served by functions-framework.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import grpc
from flask import Request, Response
from google.cloud import firestore, tasks_v2
from google.cloud.firestore_v1.base_query import FieldFilter, Or
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

QUEUES = "projects/{project}/locations/asia-southeast2/queues"
NEXT = "next"
FIRST = "first"
OPENINGS = ("Layanan:", "Halo")
"""How a first message begins, here: then the sender is not known yet."""

ASKS = {FIRST: (3, 5, 7, 2), NEXT: (2, 4, 5, 1)}
"""Firestore calls, documents read, documents written, tasks: for a first message in the set format, and a turn."""


@cache
def database() -> firestore.Client:
    """One client for the process."""
    return firestore.Client(project=os.environ["GOOGLE_CLOUD_PROJECT"])


@cache
def queues() -> tasks_v2.CloudTasksClient:
    """One client for the process."""
    channel = grpc.insecure_channel(os.environ["CLOUD_TASKS_EMULATOR_HOST"])
    return tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))


@cache
def filler(message: str, kind: str) -> str:
    """As many characters as our document of this kind has after such a message."""
    return "x" * int(json.loads(os.environ["BENCH_SIZES"])[message][kind])


def bare(request: Request) -> Response:
    """Take one message."""
    raw = request.get_data()
    secret = os.environ["WHATSAPP_APP_SECRET"].encode()
    signature = "sha256=" + hmac.new(secret, raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature, request.headers.get("X-Hub-Signature-256", "")):
        return Response("", 401)
    message = json.loads(raw)["entry"][0]["changes"][0]["value"]["messages"][0]
    claim, person = hashed(message["id"]), hashed(message["from"])
    text = message["text"]["body"]
    if text.startswith(OPENINGS):
        take_first(claim, person, asks_desk=text.startswith(OPENINGS[0]))
    else:
        take_next(claim, person)
    return Response("", 200)


def take_first(claim: str, person: str, *, asks_desk: bool) -> None:
    """A sender who is not known: three documents that are not there, seven created; in the set format, a desk asked."""
    read([f"messages/{claim}", f"citizen_aliases/{person}", f"citizens/{person}"])
    if asks_desk:
        ask_desk()
    set_task("sla-checks", f"alarm {claim}", datetime.now(UTC) + timedelta(minutes=10))
    batch = database().batch()
    for kind in ("complaints", "complaint_keys", "citizens", "citizen_aliases"):
        batch.create(database().document(f"{kind}/{person}"), document(FIRST, kind))
    add_new(batch, FIRST, claim, person)
    batch.commit()
    set_task("messages", f"send {claim}")


def take_next(claim: str, person: str) -> None:
    """A sender with an open draft: four documents read, two of them replaced as they were read, three created."""
    paths = [f"messages/{claim}", f"citizen_aliases/{person}", f"citizens/{person}", f"complaints/{person}"]
    found = read(paths)
    batch = database().batch()
    for kind in ("complaints", "citizens"):
        as_read = database().write_option(last_update_time=found[f"{kind}/{person}"].update_time)
        batch.update(database().document(f"{kind}/{person}"), document(NEXT, kind), option=as_read)
    add_new(batch, NEXT, claim, person)
    batch.commit()
    set_task("messages", f"send {claim}")


def add_new(batch: firestore.WriteBatch, message: str, claim: str, person: str) -> None:
    """What every message leaves: itself, an event of the complaint, and a reply that must leave."""
    batch.create(database().document(f"messages/{claim}"), document(message, "messages"))
    batch.create(database().document(f"complaints/{person}/events/{claim}"), document(message, "events"))
    batch.create(database().document(f"outbox/{claim}"), document(message, "outbox"))


def read(paths: Iterable[str]) -> dict[str, Any]:
    """Documents in one call, by path; only those that are there."""
    shots = database().get_all([database().document(path) for path in paths])
    return {shot.reference.path: shot for shot in shots if shot.exists}


def ask_desk() -> list[dict[str, object] | None]:
    """Who is at a desk, or acts for it, in one call."""
    either = Or(
        [
            FieldFilter("role", "==", "whatsapp_admin"),
            FieldFilter("acting_for", "array_contains", "whatsapp_admin"),
        ]
    )
    return [shot.to_dict() for shot in database().collection("staff").where(filter=either).stream()]


def set_task(queue: str, name: str, at: datetime | None = None) -> None:
    """A POST of JSON, proven by a token."""
    url = os.environ["SEND_MESSAGE_URL"]
    account = os.environ["TASKS_SERVICE_ACCOUNT"]
    parent = f"{QUEUES.format(project=os.environ['GOOGLE_CLOUD_PROJECT'])}/{queue}"
    task = tasks_v2.Task(
        name=f"{parent}/tasks/{hashed(name)}",
        schedule_time=at,
        http_request=tasks_v2.HttpRequest(
            http_method=tasks_v2.HttpMethod.POST,
            url=url,
            headers={"Content-Type": "application/json"},
            body=json.dumps({"name": name}).encode(),
            oidc_token=tasks_v2.OidcToken(service_account_email=account, audience=url),
        ),
    )
    queues().create_task(parent=parent, task=task)


def document(message: str, kind: str) -> dict[str, object]:
    """A document as large as ours."""
    return {"content": filler(message, kind), "schema": 1}


def hashed(text: str) -> str:
    """An id of any characters."""
    return hashlib.sha256(text.encode()).hexdigest()
