"""The text field of a view that a person is writing in: its row is drawn anew when they pause.

A row that is drawn anew has new elements in Flutter's semantics tree, and the values that the
server knows: the field loses the focus there, and letters that are on their way are lost. So what
others change waits until the person has left the field, acts, or pauses; then the newest is drawn.
"""

import asyncio
from collections.abc import Callable

# Seconds without a key after which the person counts as pausing. Where the program of the view acts
# at each key, the person waits for what it draws.
PAUSE_SECONDS = 10.0
SHORT_PAUSE_SECONDS = 0.7

# Seconds after which a redraw waits no longer, whatever the person does.
MAX_HELD_SECONDS = 60.0

Redraw = Callable[[], None]


class WrittenField:
    """The field of one pane in which the person writes, if there is one.

    `on_drawn(number, part)` is called after a redraw that has waited, while the focus is still in
    the field: that of this message and this part of its row.
    """

    __slots__ = ("_field", "_held_until", "_on_drawn", "_redraw", "_timer")

    def __init__(self, *, on_drawn: Callable[[int, int], None]) -> None:
        self._on_drawn = on_drawn
        self._field: tuple[int, int] | None = None
        self._redraw: Redraw | None = None
        self._held_until = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def write(self, number: int, part: int, pause: float = PAUSE_SECONDS) -> None:
        """The person has entered a field, or pressed a key in it: that of this message and part."""
        if not self._is_of(number):
            self.leave()
        self._field = number, part
        loop = asyncio.get_running_loop()
        end = loop.time() + pause
        self._restart(min(end, self._held_until) if self._redraw is not None else end)

    def leave(self) -> None:
        """The person has left the field, or acts: draw what has waited, and everything after it."""
        self._end()

    def draw(self, number: int, redraw: Redraw) -> None:
        """Call `redraw` now; while the person writes in the view of this message, when they pause,
        and in place of an earlier one."""
        if not self._is_of(number):
            redraw()
            return
        if self._redraw is None:
            self._held_until = asyncio.get_running_loop().time() + MAX_HELD_SECONDS
        self._redraw = redraw

    def clear(self) -> None:
        """Forget the field and what has waited: other rows are on the screen, or none."""
        self._redraw = None
        self._end()

    def forget(self, number: int) -> None:
        """The message is deleted: nothing of it waits any more."""
        if self._is_of(number):
            self.clear()

    def _is_of(self, number: int) -> bool:
        return self._field is not None and self._field[0] == number

    def _restart(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(when, self._pause)

    def _pause(self) -> None:
        """The person pauses, and the focus is still in the field."""
        field = None if self._redraw is None else self._field
        self._end()
        if field is not None:
            self._on_drawn(*field)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        redraw, self._field, self._redraw = self._redraw, None, None
        if redraw is not None:
            redraw()
