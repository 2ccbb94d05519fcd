"""The bare function: what our webhook asks of the outside for one message, written by hand and nothing more.

It proves the signature, reads the JSON, and makes the same calls: the same number of documents read in one
`get_all`, the same desk asked, the same number of documents written in one commit (created, or replaced as they were
read), the same tasks. It decides nothing, seals nothing, validates nothing, and takes one message of a batch. What it
writes is as large as ours, in one field. Served by functions-framework; `BENCH_SIZES` says how large each document is.

It answers with what it asked for: Firestore calls, reads, writes, tasks.
"""

import hashlib
import hmac
import json
import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import grpc
from flask import Request, Response
from google.cloud import firestore, tasks_v2
from google.cloud.firestore_v1.base_query import FieldFilter, Or
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

SECRET = os.environ["WHATSAPP_APP_SECRET"].encode()
PROJECT = os.environ["GOOGLE_CLOUD_PROJECT"]
SIZES: dict[str, dict[str, int]] = json.loads(os.environ["BENCH_SIZES"])
FILLER = "x" * max(max(sizes.values()) for sizes in SIZES.values())
QUEUES = f"projects/{PROJECT}/locations/asia-southeast2/queues"
ALARM = timedelta(minutes=10)


@cache
def database() -> firestore.Client:
    """One client for the process."""
    return firestore.Client(project=PROJECT)


@cache
def queue() -> tasks_v2.CloudTasksClient:
    """One client for the process."""
    channel = grpc.insecure_channel(os.environ["CLOUD_TASKS_EMULATOR_HOST"])
    return tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))


def bare(request: Request) -> Response:
    """Take one message."""
    raw = request.get_data()
    signature = "sha256=" + hmac.new(SECRET, raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature, request.headers.get("X-Hub-Signature-256", "")):
        return Response("", 401)
    message = json.loads(raw)["entry"][0]["changes"][0]["value"]["messages"][0]
    return Response(take(message["id"], message["from"]), 200)


def take(wamid: str, sender: str) -> str:
    """Claim it, and write what a first message writes, or what one more message of a known sender does."""
    claim, person = hashed(wamid), hashed(sender)
    paths = [f"messages/{claim}", f"citizen_aliases/{person}", f"citizens/{person}", f"complaints/{person}"]
    known = take_known(claim, paths)
    return known or take_first(claim, person, paths)


def take_known(claim: str, paths: list[str]) -> str:
    """One more message: four documents read, two replaced, three created, one task. Empty for a new sender."""
    if hashed_sender_is_new(paths):
        return ""
    found = {shot.reference.path: shot for shot in read(paths)}
    batch = database().batch()
    for kind, path in (("citizens", paths[2]), ("complaints", paths[3])):
        unchanged = database().write_option(last_update_time=found[path].update_time)
        batch.update(database().document(path), document("next", kind), option=unchanged)
    batch.create(database().document(f"{paths[3]}/events/{claim}"), document("next", "events"))
    batch.create(database().document(paths[0]), document("next", "messages"))
    batch.create(database().document(f"outbox/{claim}"), document("next", "outbox"))
    batch.commit()
    set_task("messages", f"send {claim}")
    return "2 4 5 1"
