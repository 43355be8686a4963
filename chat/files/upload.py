"""One file on its way into the chat, from when a person asks until it is part of a message."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from chat.errors import ChatError
from chat.model.attachments import Attachment, Content
from chat.model.people import PersonId
from chat.model.rooms import RoomId

log = structlog.get_logger(__name__)

# So long it may wait for its bytes, and then to be sent, in seconds.
LASTS = 3600.0

# Whoever sends has so many seconds, and one more for each so many bytes that came.
PATIENCE = 30.0
SLOWEST = 2048

# Progress is told no more often, in seconds.
_PACE = 0.1


class State(StrEnum):
    """How far an upload is. The last three are for good."""

    WAITING = "waiting"
    """For the client to send its bytes."""
    RECEIVING = "receiving"
    PREPARING = "preparing"
    """All of it is here; its views are made."""
    READY = "ready"
    """It can be sent: its `attachment` is known."""
    SENT = "sent"
    """It is part of a message, or somebody's picture."""
    REFUSED = "refused"
    """Nothing is left of it; its `refusal` says why."""
    CANCELLED = "cancelled"
    """Nothing is left of it: the person wanted it so, or did not send it within an hour."""


_OVER = (State.SENT, State.REFUSED, State.CANCELLED)


def _now() -> float:
    return asyncio.get_running_loop().time()


@dataclass(eq=False, slots=True)
class Upload:
    """One file of one person for one room; `room` is None of what is to be their picture.

    `size` and `received` are in bytes. `refusal` has a sentence for the person (`say.refusal`), and
    so has `note`, of a file that was taken all the same. `on_change(upload)` is called on
    the event loop when the state changes, and for progress ten times a second at the most; it
    must not wait. `sent_as` is the `client_id` of the message that it belongs to.
    """

    person: PersonId
    room: RoomId | None
    name: str
    size: int
    on_change: "Callable[[Upload], None] | None" = None
    state: State = State.WAITING
    received: int = 0
    refusal: ChatError | None = None
    note: ChatError | None = None
    attachment: Attachment | None = None
    content: Content | None = None
    sent_as: str = ""
    id: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    _since: float = field(default_factory=_now)
    _told: float = 0.0
    _timeout: asyncio.Timeout | None = None

    @property
    def url(self) -> str:
        """Where it is sent to, once: `PUT`, the bytes themselves."""
        return f"/upload/{self.token}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will become of it."""
        return self.state in _OVER

    @property
    def is_stale(self) -> bool:
        """Whether nothing became of it for an hour."""
        return _now() - self._since > LASTS

    def cancel(self) -> None:
        """The person does not want it any more; what was sent stays."""
        if not self.is_over:
            self.turn(State.CANCELLED)
            if self._timeout is not None:
                self._timeout.reschedule(0)

    def turn(self, state: State, refusal: ChatError | None = None) -> None:
        """It is so far now."""
        self.state, self.refusal, self._since = state, refusal, _now()
        self._tell()

    def is_kept(self, content: Content) -> None:
        """Its content lies in the storage."""
        self.content = content

    def receive(self, timeout: asyncio.Timeout | None) -> None:
        """Its bytes come from now on, within this timeout; or no more of them do, for None."""
        self._timeout = timeout

    def came(self, size: int) -> None:
        """So many bytes more are here: whoever goes on like this has some time again."""
        self.received += size
        if self._timeout is not None and self.state is State.RECEIVING:
            self._timeout.reschedule(self._since + PATIENCE + self.received / SLOWEST)
        if _now() - self._told >= _PACE:
            self._tell()

    def _tell(self) -> None:
        self._told = _now()
        if self.on_change is None:
            return
        try:
            self.on_change(self)
        except Exception:
            log.exception("not told how far an upload is", upload=self.id)
        if self.is_over:
            # Whoever listened is not kept alive by it.
            self.on_change = None
