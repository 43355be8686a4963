"""Saves the draft while the person types, and at once when the session may not come back."""

import asyncio
from typing import Protocol

# The shortest time between two saves while a person types, in seconds: each save is a commit.
SAVE_INTERVAL = 1.0


class DraftSource(Protocol):
    """A field with a draft."""

    @property
    def draft(self) -> str:
        """The text that is not sent."""

    def store_draft(self, draft: str) -> None:
        """Begin to store a draft."""


class DraftSaver:
    """Saves the draft of a field. `saved` is the draft that was saved last."""

    __slots__ = ("_source", "_timer", "saved")

    def __init__(self, source: DraftSource) -> None:
        self._source = source
        self._timer: asyncio.TimerHandle | None = None
        self.saved = ""

    def save_later(self) -> None:
        """Save the draft in a moment."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SAVE_INTERVAL, self.save_now)

    def deleted(self, draft: str) -> None:
        """A message was stored, and `draft` deleted with it. A later draft is still stored."""
        if self.saved == draft:
            self.saved = ""

    def save_now(self) -> None:
        """Save the draft at once, if it has changed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        draft = self._source.draft
        if draft != self.saved:
            self.saved = draft
            self._source.store_draft(draft)
