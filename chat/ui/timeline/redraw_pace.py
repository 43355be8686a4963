"""The pace of redraws: of a message five times a second at most, of a person's rows once a second.

The first change is drawn at once. Those that follow too soon are gathered, and the newest is drawn
when its time has come. So somebody who toggles a reaction again and again, or changes their name,
costs the other screens a few rows a second.
"""

import asyncio
from collections.abc import Callable, Hashable

# Seconds from one redraw of a message, and of a person's rows, to the next.
MESSAGE_INTERVAL = 0.2
PERSON_INTERVAL = 1.0

# Seconds within which the screens of all people draw the rows of a person, each at a time of its
# own: at once, fifty screens would hold the loop for 40 ms.
PERSON_SPREAD = 0.5

# The redraws whose time is remembered. With more, the oldest one's is forgotten.
MAX_REMEMBERED = 64

Redraw = Callable[[], None]


class RedrawPace:
    """The redraws of one screen, by a key that says what they draw."""

    __slots__ = ("_redraws",)

    def __init__(self) -> None:
        # The timers until the next redraw, and that redraw, if there is one.
        self._redraws: dict[Hashable, tuple[asyncio.TimerHandle, Redraw | None]] = {}

    def draw(
        self,
        key: Hashable,
        redraw: Redraw,
        interval: float,
        *,
        delay: float = 0.0,
        at_once: bool = False,
    ) -> None:
        """Call `redraw` now, or after `interval` in place of an earlier one of the same key.

        With a `delay` the first one is called after that. With `at_once` it is called now in any
        case, and the earlier one never.
        """
        if key in self._redraws:
            timer, _ = self._redraws[key]
            if not at_once:
                self._redraws[key] = timer, redraw
                return
            timer.cancel()
        if delay > 0:
            self._remember(key, interval, redraw, delay)
        else:
            redraw()
            self._remember(key, interval, None, interval)

    def clear(self) -> None:
        """Forget the redraws that wait: other rows are on the screen, or none."""
        for timer, _ in self._redraws.values():
            timer.cancel()
        self._redraws.clear()

    def _remember(
        self, key: Hashable, interval: float, next_redraw: Redraw | None, delay: float
    ) -> None:
        self._redraws.pop(key, None)
        if len(self._redraws) >= MAX_REMEMBERED:
            timer, redraw = self._redraws.pop(next(iter(self._redraws)))
            timer.cancel()
            if redraw is not None:
                redraw()
        timer = asyncio.get_running_loop().call_later(delay, self._on_timer, key, interval)
        self._redraws[key] = timer, next_redraw

    def _on_timer(self, key: Hashable, interval: float) -> None:
        _, redraw = self._redraws.pop(key)
        if redraw is not None:
            self.draw(key, redraw, interval)
