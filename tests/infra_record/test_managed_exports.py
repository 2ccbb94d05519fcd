"""What is asked of Firestore's own exports in the cloud, by the bytes that arrive at a server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from google.api_core.exceptions import PermissionDenied
from google.cloud.firestore_admin_v1 import FirestoreAdminClient
from google.cloud.firestore_admin_v1.services.firestore_admin.transports import FirestoreAdminGrpcTransport
from google.cloud.firestore_admin_v1.types import (
    BulkDeleteDocumentsRequest,
    BulkDeleteDocumentsResponse,
    ExportDocumentsRequest,
    ExportDocumentsResponse,
    ImportDocumentsRequest,
)
from google.longrunning import operations_pb2  # type: ignore[import-untyped]  # it has no types
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.empty_pb2 import Empty
from google.rpc import code_pb2, status_pb2  # type: ignore[import-untyped]  # the same

from infra.record.exports import ExportFailure, ManagedExports

DATABASE = "projects/an-office/databases/(default)"
SERVICE = "google.firestore.admin.v1.FirestoreAdmin"
AT = datetime(2026, 11, 24, 2, 17, tzinfo=UTC)
_REQUESTS: dict[str, tuple[Any, Any]] = {
    "ExportDocuments": (ExportDocumentsRequest, ExportDocumentsResponse.pb()()),
    "ImportDocuments": (ImportDocumentsRequest, Empty()),
    "BulkDeleteDocuments": (BulkDeleteDocumentsRequest, BulkDeleteDocumentsResponse.pb()()),
}


@dataclass
class AdminServer:
    """Takes note of each request, and answers with work that is done, or that failed."""

    requests: list[Any] = field(default_factory=list)
    failure: status_pb2.Status | None = None

    def handlers(self) -> grpc.GenericRpcHandler:
        return grpc.method_handlers_generic_handler(SERVICE, {name: self._method(name) for name in _REQUESTS})

    def _method(self, name: str) -> Any:
        request_type, response = _REQUESTS[name]

        def handle(request: Any, _: Any) -> Any:
            self.requests.append(request)
            done = operations_pb2.Operation(name="operations/1", done=True)
            if self.failure:
                done.error.CopyFrom(self.failure)
            else:
                packed = Packed()
                packed.Pack(response)
                done.response.CopyFrom(packed)
            return done

        return grpc.unary_unary_rpc_method_handler(
            handle, request_type.deserialize, operations_pb2.Operation.SerializeToString
        )


@pytest.fixture
def server() -> AdminServer:
    return AdminServer()


@pytest.fixture
def exports(server: AdminServer) -> Iterator[ManagedExports]:
    with ThreadPoolExecutor(2) as workers:
        running = grpc.server(workers)
        running.add_generic_rpc_handlers((server.handlers(),))
        port = running.add_insecure_port("127.0.0.1:0")
        running.start()
        transport = FirestoreAdminGrpcTransport(channel=grpc.insecure_channel(f"127.0.0.1:{port}"))
        yield ManagedExports(DATABASE, FirestoreAdminClient(transport=transport))
        transport.close()
        running.stop(None).wait()


def test_everything_is_exported_to_the_bucket_as_of_a_whole_minute(
    server: AdminServer, exports: ManagedExports
) -> None:
    at = exports.moment(AT.replace(second=59, microsecond=999))
    assert at == AT
    exports.export("gs://office-backups/monday/", at)
    assert server.requests == [
        ExportDocumentsRequest(
            name=DATABASE, output_uri_prefix="gs://office-backups/monday/firestore", snapshot_time=AT
        )
    ]


def test_what_was_exported_is_imported_from_where_it_was_put(server: AdminServer, exports: ManagedExports) -> None:
    exports.bring_in("gs://office-backups/monday")
    assert server.requests == [
        ImportDocumentsRequest(name=DATABASE, input_uri_prefix="gs://office-backups/monday/firestore")
    ]


def test_a_database_is_emptied_of_all_in_its_one_namespace(server: AdminServer, exports: ManagedExports) -> None:
    exports.clear()
    assert server.requests == [BulkDeleteDocumentsRequest(name=DATABASE, namespace_ids=[""])]


def test_work_that_fails_is_no_success(server: AdminServer, exports: ManagedExports) -> None:
    server.failure = status_pb2.Status(code=code_pb2.PERMISSION_DENIED, message="no access to the bucket")
    with pytest.raises(PermissionDenied, match="no access to the bucket"):
        exports.export("gs://office-backups/monday", AT)


@pytest.mark.parametrize("folder", ["backups/monday", "file:///backups/monday"])
def test_a_folder_of_this_machine_is_refused_before_anything_is_asked(
    server: AdminServer, exports: ManagedExports, folder: str
) -> None:
    with pytest.raises(ExportFailure, match="gs://bucket/folder"):
        exports.export(folder, AT)
    with pytest.raises(ExportFailure, match="gs://bucket/folder"):
        exports.bring_in(folder)
    assert server.requests == []
