"""Everything that one project keeps in Firestore: read at one go, and put back as it was."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import grpc
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
from google.cloud.firestore_v1.types import CommitRequest, RunQueryRequest, RunQueryResponse, StructuredQuery

Documents = Mapping[str, Any]
"""Protobuf documents by their path: 'complaints/1/events/000001'."""

_AS_OWNER = (("authorization", "Bearer owner"),)


class Project:
    """One project of the emulator, seen from outside the program."""

    def __init__(self, host: str, project: str) -> None:
        self._database = f"projects/{project}/databases/(default)"
        self._top = f"{self._database}/documents"
        self._channel = grpc.insecure_channel(host)
        self._client = FirestoreClient(transport=FirestoreGrpcTransport(channel=self._channel))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._channel.close()

    def read(self) -> Documents:
        """Every document, at whatever depth."""
        all_of_it = StructuredQuery(from_=[StructuredQuery.CollectionSelector(all_descendants=True)])
        request = RunQueryRequest(parent=self._top, structured_query=all_of_it)
        answers = (RunQueryResponse.pb(answer) for answer in self._client.run_query(request, metadata=_AS_OWNER))
        found = (answer.document for answer in answers if answer.HasField("document"))
        return {document.name.removeprefix(f"{self._top}/"): document for document in found}

    def restore(self, wanted: Documents) -> None:
        """Exactly these documents, and no others."""
        message, now = CommitRequest.pb()(database=self._database), self.read()
        for path in now.keys() - wanted.keys():
            message.writes.add().delete = f"{self._top}/{path}"
        for path, document in wanted.items():
            if path not in now or now[path].fields != document.fields:
                update = message.writes.add().update
                update.name = document.name
                update.MergeFrom(type(update)(fields=document.fields))
        self._client.commit(CommitRequest.wrap(message), metadata=_AS_OWNER)
