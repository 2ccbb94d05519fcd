"""The staff list in Firestore. Others write to it too: one wrong row never spoils the list."""

import json
import logging
import uuid
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from aduan.adapters import firestore_queries as queries
from aduan.adapters.firestore_connection import Create, FirestoreConnection, Found, Ref, Refused, Replace
from aduan.adapters.firestore_documents import document_of, model_of, stored
from aduan.adapters.firestore_queries import STAFF, STAFF_CHANGES
from aduan.procedure.roles import Role, StaffMember
from aduan.service.model import StaffChange
from aduan.service.ports import Conflict, Loaded

_LOG: Final = logging.getLogger(__name__)
_NO_KEY: Final = ""  # nothing in it is sealed
_FIELDS: Final = StaffMember.model_fields.keys() - {"email"}


def staff_member(found: Found) -> StaffMember | None:
    """A row of the list, whose id is the email. None, and a warning, where it is wrong."""
    row = {name: value for name, value in found.document.items() if name in _FIELDS and value is not None}
    try:
        # Strict: 'active' must be a boolean. As JSON, for there a list may become a tuple, and a text a role.
        text = json.dumps({"name": found.id, **row, "email": found.id}, default=lambda _: {})
        return StaffMember.model_validate_json(text, strict=True)
    except ValidationError as wrong:
        fields = sorted({str(error["loc"][0]) for error in wrong.errors(include_input=False)})
        _LOG.warning("staff row %s is ignored: wrong %s", found.id, ", ".join(fields))
        return None


class FirestoreStaffList:
    """A `StaffList`. Threads may share it. Each call is one round trip."""

    def __init__(self, connection: FirestoreConnection) -> None:
        self._connection = connection

    def member(self, email: str) -> StaffMember | None:
        """One person, active or not; the case of the email does not matter."""
        return self.loaded(email).value

    def loaded(self, email: str) -> Loaded[StaffMember | None]:
        """The same, with the mark for `save`. A wrong row is nobody, but has its mark: it can be written anew."""
        ref = _row_of(email)
        found = self._connection.calls.get([ref]).get(ref)
        return Loaded(staff_member(found), _NO_KEY, found.updated) if found else Loaded(None, _NO_KEY)

    def members(self) -> tuple[StaffMember, ...]:
        """The whole list, by email."""
        return self._members(queries.all_staff())

    def at(self, role: Role) -> tuple[StaffMember, ...]:
        """Everybody in a role, or acting for it, active or not."""
        return self._members(queries.staff_at(role))

    def save(self, member: StaffMember, change: StaffChange, mark: object | None = None) -> None:
        """Write a row and the change that it is, if the row stands as it was read. Raises `Conflict`."""
        ref, row = _row_of(member.email), stored(member.model_dump(exclude={"email"}, exclude_none=True))
        write = Replace(ref, row, mark) if isinstance(mark, datetime) else Create(ref, row)
        try:
            self._connection.calls.commit([write, Create(Ref(STAFF_CHANGES, uuid.uuid4().hex), document_of(change))])
        except Refused as refused:
            raise Conflict("somebody else wrote first") from refused

    def changes(self, limit: int) -> tuple[StaffChange, ...]:
        """The newest changes, newest first."""
        found = self._connection.calls.query(queries.staff_changes(limit))
        return tuple(model_of(StaffChange, one.document) for one in found)

    def _members(self, query: queries.Query) -> tuple[StaffMember, ...]:
        members = (staff_member(found) for found in self._connection.calls.query(query))
        return tuple(sorted((m for m in members if m), key=lambda m: m.email))


def _row_of(email: str) -> Ref:
    return Ref(STAFF, email.lower())
