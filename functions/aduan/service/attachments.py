"""The files of a complaint, as staff may open them."""

from dataclasses import dataclass

from aduan.procedure.complaint import Complaint
from aduan.service.errors import Unknown
from aduan.service.media import MediaStore
from aduan.service.model import AttachedFile, FileState, Message
from aduan.service.ports import Loaded, Store


@dataclass(frozen=True)
class Attachment:
    """A file that is kept: of which message, and what is known of it."""

    message: Loaded[Message]
    file: AttachedFile


@dataclass(frozen=True)
class Attachments:
    """Finds and opens them."""

    store: Store
    media: MediaStore

    def find(self, complaint: Complaint, message_id: str) -> Attachment:
        """The file of one of this complaint's own messages. Raises `Unknown` for any other."""
        loaded = self.store.message(message_id) if complaint.erased_at is None else None
        if loaded is None or loaded.value.complaint != complaint.id:
            raise Unknown("no such message in this complaint")
        file = loaded.value.file
        if file is None or file.state is not FileState.KEPT:
            raise Unknown("this message has no file that is kept")
        return Attachment(loaded, file)

    def read(self, attachment: Attachment) -> bytes:
        """Its bytes. Raises `Unknown`, `NotYet`."""
        return self.media.open(attachment.message.value.id, attachment.message.key)
