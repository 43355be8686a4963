"""One upload, from its request until the file is part of a message."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from chat.errors import ChatError
from chat.model.attachments import Attachment, Blob
from chat.model.people import PersonId
from chat.model.rooms import RoomId

log = structlog.get_logger(__name__)


# A client has 30 seconds, and one more for every 2048 received bytes.
RECEIVE_TIMEOUT = 30.0
MIN_BYTES_PER_SECOND = 2048

# The shortest interval between two progress notifications, in seconds.
_PROGRESS_INTERVAL = 0.1


class UploadState(StrEnum):
    """The state of an upload. The last three are final."""

    WAITING = "waiting"
    """The client has not sent the bytes yet."""
    RECEIVING = "receiving"
    PREPARING = "preparing"
    """All bytes are received; thumbnails are being made."""
    READY = "ready"
    """The file can be sent: `attachment` is set."""
    SENT = "sent"
    """The file is part of a message, or the picture of a person."""
    FAILED = "refused"
    """Nothing is stored; `error` has the reason."""
    CANCELLED = "cancelled"
    """Nothing is stored: the person cancelled it, or did not send it within an hour."""


_FINAL_STATES = (UploadState.SENT, UploadState.FAILED, UploadState.CANCELLED)


def _now() -> float:
    return asyncio.get_running_loop().time()


@dataclass(eq=False, slots=True)
class Upload:
    """One file of one person for one room; `room_id` is None for a picture of the person.

    `size` and `received` are in bytes. `error` has the reason of a failure for the person, and
    `warning` that of a restriction on an accepted file. `on_change(upload)` is called on the event
    loop when the state changes, and for progress at most ten times a second; it must not block.
    `message_client_id` is the `client_id` of the message that the upload belongs to. `avatar_blob`
    is the part of a picture of the person that they chose last.
    """

    person_id: PersonId
    room_id: RoomId | None
    name: str
    size: int
    on_change: "Callable[[Upload], None] | None" = None
    state: UploadState = UploadState.WAITING
    received: int = 0
    error: ChatError | None = None
    warning: ChatError | None = None
    attachment: Attachment | None = None
    blob: Blob | None = None
    avatar_blob: Blob | None = None
    message_client_id: str = ""
    id: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    _state_since: float = field(default_factory=_now)
    _notified_at: float = 0.0
    _timeout: asyncio.Timeout | None = None

    @property
    def url(self) -> str:
        """The URL for the one `PUT` request with the bytes."""
        return f"/upload/{self.token}"

    @property
    def is_over(self) -> bool:
        """Whether the state is final."""
        return self.state in _FINAL_STATES

    def is_older_than(self, seconds: float) -> bool:
        """Whether the state has not changed for so long."""
        return _now() - self._state_since > seconds

    def cancel(self) -> None:
        """Cancel the upload, unless it is over."""
        if not self.is_over:
            self.set_state(UploadState.CANCELLED)
            if self._timeout is not None:
                self._timeout.reschedule(0)

    def set_state(self, state: UploadState, error: ChatError | None = None) -> None:
        """Set the state, and notify the listener."""
        self.state, self.error, self._state_since = state, error, _now()
        self._notify()

    def set_blob(self, blob: Blob) -> None:
        """Record that the content is in the storage."""
        self.blob = blob

    def set_avatar_blob(self, blob: Blob) -> None:
        """Record that a part of the picture is in the storage."""
        self.avatar_blob = blob

    def set_timeout(self, timeout: asyncio.Timeout | None) -> None:
        """Set the timeout of the running request, or None when it has ended."""
        self._timeout = timeout

    def add_received(self, size: int) -> None:
        """Count received bytes, and extend the timeout accordingly."""
        self.received += size
        if self._timeout is not None and self.state is UploadState.RECEIVING:
            self._timeout.reschedule(
                self._state_since + RECEIVE_TIMEOUT + self.received / MIN_BYTES_PER_SECOND
            )
        if _now() - self._notified_at >= _PROGRESS_INTERVAL:
            self._notify()

    def _notify(self) -> None:
        self._notified_at = _now()
        if self.on_change is None:
            return
        try:
            self.on_change(self)
        except Exception:
            log.exception("an upload listener failed", upload=self.id)
        if self.is_over:
            # Do not keep the listener alive.
            self.on_change = None
