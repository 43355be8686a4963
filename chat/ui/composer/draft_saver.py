"""Saves the draft while the person types, and at once when the session may not come back."""

import asyncio
from collections.abc import Callable

# The shortest time between two saves while a person types, in seconds: each save is a commit.
SAVE_INTERVAL = 1.0


class DraftSaver:
    """Saves the draft that `get_draft()` returns."""

    __slots__ = ("_get_draft", "_save", "_timer", "saved")

    def __init__(self, get_draft: Callable[[], str], save: Callable[[str], None]) -> None:
        self._get_draft = get_draft
        self._save = save
        self._timer: asyncio.TimerHandle | None = None
        self.saved = ""

    def save_later(self) -> None:
        """Save the draft in a moment."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SAVE_INTERVAL, self.save_now)

    def deleted(self, draft: str) -> None:
        """A message was stored, and `draft` was deleted with it. A draft saved since is kept."""
        if self.saved == draft:
            self.saved = ""

    def save_now(self) -> None:
        """Save the draft at once, if it has changed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        draft = self._get_draft()
        if draft != self.saved:
            self.saved = draft
            self._save(draft)
