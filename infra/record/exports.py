"""Firestore's own exports and imports: the emulator's here, the managed ones in the cloud."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

import httpx
from google.cloud.firestore_admin_v1 import FirestoreAdminClient
from google.cloud.firestore_admin_v1.types import (
    BulkDeleteDocumentsRequest,
    ExportDocumentsRequest,
    ImportDocumentsRequest,
)

from infra.record.database import DEFAULT, Database

NAME: Final = "firestore"
"""The folder of an export within a backup."""

_EMULATOR_SECONDS: Final = 300.0
_MANAGED_SECONDS: Final = 12 * 3600.0  # Google names hours for a large database


# The namespace in which all of Firestore's documents are; a request that names nothing is refused.
_EVERYTHING: Final = ""


class ExportFailure(Exception):
    """An export, an import or an emptying did not come to its end; one line says why."""


class Exports(Protocol):
    """What moves a whole database at once."""

    is_of_a_moment: bool
    """Whether an export is of the moment that it is asked for; if not, of some moment while it runs."""

    def moment(self, now: datetime) -> datetime:
        """The newest moment of which an export can be had."""
        ...

    def export(self, folder: str, at: datetime) -> None:
        """Write all documents below a folder. Raises `ExportFailure`."""
        ...

    def bring_in(self, folder: str) -> None:
        """Write all documents of an export over what is there. Raises `ExportFailure`."""
        ...

    def clear(self) -> None:
        """Delete every document. Raises `ExportFailure`."""
        ...


def exports_of(database: Database) -> Exports:
    """Those that reach a database."""
    return EmulatorExports(database) if database.emulator else ManagedExports(database.name)


class EmulatorExports:
    """The emulator's, which reads and writes folders of its own machine, and imports while it runs."""

    is_of_a_moment = False

    def __init__(self, database: Database) -> None:
        self._database = database.name
        self._project = f"http://{database.emulator}/emulator/v1/projects/{database.project}"

    def moment(self, now: datetime) -> datetime:
        return now

    def export(self, folder: str, at: datetime) -> None:
        del at
        place = Path(folder).resolve()
        place.mkdir(parents=True, exist_ok=True)
        self._ask("POST", ":export", {"export_directory": str(place), "export_name": NAME})

    def bring_in(self, folder: str) -> None:
        entry = Path(folder).resolve() / NAME / f"{NAME}.overall_export_metadata"
        self._ask("POST", ":import", {"export_directory": str(entry)})

    def clear(self) -> None:
        self._ask("DELETE", f"/databases/{DEFAULT}/documents")

    def _ask(self, method: str, what: str, order: dict[str, str] | None = None) -> None:
        body = {"database": self._database, **order} if order else None
        try:
            with httpx.Client(trust_env=False, timeout=_EMULATOR_SECONDS) as http:
                answer = http.request(method, self._project + what, json=body)
        except httpx.HTTPError as error:
            raise ExportFailure(f"the Firestore emulator does not answer: {error}") from error
        if answer.is_error:
            raise ExportFailure(f"the Firestore emulator answered {answer.status_code}: {answer.text.strip()}")


class ManagedExports:
    """Firestore's in the cloud, which reads and writes a bucket, as of a whole minute."""

    is_of_a_moment = True

    def __init__(self, database: str, client: FirestoreAdminClient | None = None) -> None:
        """`database` is 'projects/…/databases/…'; by default the client is Google's, with the operator's own rights."""
        self._database = database
        self._client = client or FirestoreAdminClient()

    def moment(self, now: datetime) -> datetime:
        return now.replace(second=0, microsecond=0)

    def export(self, folder: str, at: datetime) -> None:
        request = ExportDocumentsRequest(name=self._database, output_uri_prefix=_in_bucket(folder), snapshot_time=at)
        _finished(self._client.export_documents(request))

    def bring_in(self, folder: str) -> None:
        request = ImportDocumentsRequest(name=self._database, input_uri_prefix=_in_bucket(folder))
        _finished(self._client.import_documents(request))

    def clear(self) -> None:
        request = BulkDeleteDocumentsRequest(name=self._database, namespace_ids=[_EVERYTHING])
        _finished(self._client.bulk_delete_documents(request))


def _in_bucket(folder: str) -> str:
    if not folder.startswith("gs://"):
        raise ExportFailure(f"Firestore exports to a bucket only: name one, as gs://bucket/folder, not {folder}")
    return f"{folder.rstrip('/')}/{NAME}"


def _finished(operation: Any) -> None:
    """Wait for the end of what Google does."""
    operation.result(timeout=_MANAGED_SECONDS)
