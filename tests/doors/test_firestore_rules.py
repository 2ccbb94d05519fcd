"""Firestore's own door, which stands on the internet: with our rules no client reads or writes anything there.

Asked over REST, as a browser or a phone would. The emulator takes 'owner' as the bearer of a service account, which no
rule binds; here it only prepares, and looks afterwards.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx
import pytest

from aduan.adapters import firestore_queries
from infra.local.firestore import FirestoreEmulator
from tests.architecture.tree import TOP
from tests.doors.tally import Tally

RULES = (TOP / "infra" / "firestore.rules").read_text("utf-8")
COLLECTIONS = sorted(
    value for name, value in vars(firestore_queries).items() if name.isupper() and isinstance(value, str)
)
KEPT = {"told": {"stringValue": "what a citizen wrote"}}
NEVER_FOR_CLIENTS = {"write many", "list what is below"}
"""Firestore has these for service accounts only, whatever the rules say."""

OWNER = {"Authorization": "Bearer owner"}


def _signed_in(**claims: object) -> dict[str, str]:
    """What Firebase's sign-in gives a browser. The emulator believes it without a signature."""
    parts: tuple[Mapping[str, object], ...] = (
        {"alg": "none", "typ": "JWT"},
        {"sub": "u1", "user_id": "u1", "email": "admin@office.test", "email_verified": True, "iat": 0, **claims},
    )
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return {"Authorization": f"Bearer {'.'.join(encoded)}."}


CLIENTS: Mapping[str, Mapping[str, str]] = {
    "nobody": {},
    "somebody signed in": _signed_in(),
    "somebody who says they are an admin": _signed_in(admin=True, role="agency_head"),
}


@dataclass(frozen=True)
class Database:
    """One project's, over REST."""

    http: httpx.Client
    name: str

    @property
    def documents(self) -> str:
        return f"{self.name}/documents"

    def post(self, where: str, body: object, headers: Mapping[str, str] = OWNER) -> httpx.Response:
        return self.http.post(f"/v1/{where}", json=body, headers=dict(headers))

    def obey(self, rules: str) -> None:
        project = self.name.split("/")[1]
        told = {"rules": {"files": [{"name": "firestore.rules", "content": rules}]}}
        assert self.http.put(f"/emulator/v1/projects/{project}:securityRules", json=told).status_code == HTTPStatus.OK

    def fill(self) -> None:
        """One document in each collection, and one below it."""
        writes = [{"update": {"name": f"{self.documents}/{path}", "fields": KEPT}} for path in self.paths]
        answer = self.post(f"{self.documents}:commit", {"writes": writes})
        assert answer.status_code == HTTPStatus.OK, answer.text

    @property
    def paths(self) -> list[str]:
        return [
            *(f"{collection}/one" for collection in COLLECTIONS),
            f"{firestore_queries.COMPLAINTS}/one/events/000001",
        ]

    def everything(self) -> dict[str, Any]:
        """What stands there, by path."""
        names = [f"{self.documents}/{path}" for path in (*self.paths, *(f"{c}/new" for c in COLLECTIONS))]
        answer = self.post(f"{self.documents}:batchGet", {"documents": names}).json()
        return {found["found"]["name"]: found["found"]["fields"] for found in answer if "found" in found}


@pytest.fixture
def database(firestore_emulator: FirestoreEmulator, project_id: str) -> Iterator[Database]:
    with httpx.Client(base_url=f"http://{firestore_emulator.host}", trust_env=False, timeout=60) as http:
        database = Database(http, f"projects/{project_id}/databases/(default)")
        database.obey(RULES)
        database.fill()
        yield database


def tries(database: Database, path: str) -> Iterator[tuple[str, str, str, object]]:
    """Every way to read or write one document, or those beside it: what it is, method, address, body."""
    documents, (collection, _, document) = database.documents, path.rpartition("/")
    parent = f"{documents}/{collection.rpartition('/')[0]}".rstrip("/")
    last = collection.rpartition("/")[2]
    name, new = f"{documents}/{path}", f"{documents}/{collection}/new"
    changed = {"fields": {"told": {"stringValue": "something else"}}}
    found = {"from": [{"collectionId": last}]}
    everywhere = {"from": [{"collectionId": last, "allDescendants": True}]}
    count = {"structuredAggregationQuery": {"aggregations": [{"count": {}}], "structuredQuery": everywhere}}
    writes = {"writes": [{"update": {"name": new, **changed}}]}
    yield "get", "GET", name, None
    yield "list", "GET", f"{documents}/{collection}", None
    yield "query", "POST", f"{parent}:runQuery", {"structuredQuery": found}
    yield "query of all below", "POST", f"{documents}:runQuery", {"structuredQuery": everywhere}
    yield "count", "POST", f"{documents}:runAggregationQuery", count
    yield "get many", "POST", f"{documents}:batchGet", {"documents": [name]}
    yield "create", "POST", f"{documents}/{collection}?documentId=new", changed
    yield "change", "PATCH", name, changed
    yield "delete", "DELETE", name, None
    yield "commit", "POST", f"{documents}:commit", writes
    yield "commit a deletion", "POST", f"{documents}:commit", {"writes": [{"delete": name}]}
    yield "write many", "POST", f"{documents}:batchWrite", writes
    yield "list what is below", "POST", f"{name}:listCollectionIds", {}
    assert document


def let_in(database: Database, method: str, address: str, body: object, headers: Mapping[str, str]) -> bool:
    """Whether anything was told or done."""
    answer = database.http.request(method, f"/v1/{address}", json=body, headers=dict(headers))
    return answer.status_code not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def test_every_collection_of_the_program_is_tried() -> None:
    assert {"complaints", "citizens", "citizen_aliases", "messages", "outbox", "staff"} <= set(COLLECTIONS)


@pytest.mark.parametrize("client", CLIENTS)
def test_no_client_reads_or_writes_anything(database: Database, tally: Tally, client: str) -> None:
    before = database.everything()
    outcomes = {
        f"{what} {path} as {client}": (False, let_in(database, method, address, body, CLIENTS[client]))
        for path in database.paths
        for what, method, address, body in tries(database, path)
    }

    assert tally.doors("Firestore", outcomes) == []
    assert database.everything() == before
    assert len(before) == 1 + len(COLLECTIONS)


def test_without_the_rules_these_tries_come_in(database: Database) -> None:
    """Or the tries above would show nothing."""
    database.obey(RULES.replace("if false", "if true"))
    path, shut = f"{COLLECTIONS[0]}/one", set()
    for what, method, address, body in tries(database, path):
        database.fill()
        if not let_in(database, method, address, body, {}):
            shut.add(what)

    assert shut == NEVER_FOR_CLIENTS


def test_a_service_account_is_bound_by_no_rule(database: Database) -> None:
    assert len(database.everything()) == 1 + len(COLLECTIONS)
