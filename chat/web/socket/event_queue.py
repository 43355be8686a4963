"""The events of one session: handled in their order, within the session's share of the loop.

Handlers begin one after the other. One that waits, for the store or for its client, lets the next
begin: what it waits for may be that event, and a click on another room overtakes the one before.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from chat.loop_time import LoopBudget, charge_new_tasks_to
from chat.ui.client.page_messages import (
    CompletionAcceptKey,
    QuickSwitcherKey,
    SendKey,
    ShortcutsKey,
)
from chat.ui.packing.control_ids import is_control_of_view
from chat.web.guard.rate_limit import POLICY_VIOLATION, ProtocolViolation

# The events of a session that wait. While as many wait, its socket is not read.
MAX_WAITING_EVENTS = 64

# The handlers of a session that have begun and not ended; with those that overtake others.
MAX_HANDLERS = 4
MAX_ALL_HANDLERS = 8

# Seconds without any progress of a full queue, after which the client is disconnected.
MAX_STUCK_SECONDS = 10.0

# Events that report a state: of several in a row only the last one matters.
_REPORTS = {"change", "resize", "media_change", "selection_change"}

# Handlers that have begun may wait for these: while MAX_HANDLERS wait, they overtake other events.
_AWAITED = {"scroll", "dismiss"}

# Texts that are sent have a queue of their own (`SendQueue`): they begin also while MAX_HANDLERS
# handlers wait, but never before an earlier event.
_SENDING_KEYS = (SendKey, CompletionAcceptKey)

# These keys open something. Pressed again before it is open, they do nothing, as a second click.
_OPENING_KEYS = (QuickSwitcherKey, ShortcutsKey)


@dataclass(slots=True)
class SessionEvent:
    """An event of a control, or of the page; `data` is a `PageEvent` for the latter.

    `action` is what the session does; None if the control has a handler of its own.
    """

    control_id: int
    name: str
    data: object
    action: Callable[[], Any] | None = None

    @property
    def is_awaited(self) -> bool:
        """Whether a handler that has begun may wait for it."""
        return self.name in _AWAITED

    @property
    def sends_text(self) -> bool:
        """Whether it sends the text of a field."""
        return self.name == "submit" or isinstance(self.data, _SENDING_KEYS)

    @property
    def is_press(self) -> bool:
        """Whether it is a click, or a key that opens something. The clicks of a view all count."""
        is_click = self.name == "click" and not is_control_of_view(self.control_id)
        return is_click or isinstance(self.data, _OPENING_KEYS)

    def repeats(self, other: "SessionEvent") -> bool:
        """Whether it is a second press of what `other` has pressed."""
        return (self.control_id, self.name) == (other.control_id, other.name) and (
            self.name == "click" or self.data == other.data
        )

    def replaces(self, other: "SessionEvent") -> bool:
        """Whether `other`, which waits just before this, needs no handling any more."""
        is_same = (self.control_id, self.name) == (other.control_id, other.name)
        return is_same and self.name in _REPORTS


class EventQueue:
    """The queue of one session. `handle(event)` handles an event; it raises nothing."""

    __slots__ = (
        "_handle",
        "_is_starting",
        "_last_press",
        "_progress",
        "_runner",
        "_unfinished",
        "_waiting",
        "budget",
    )

    def __init__(self, *, handle: Callable[[SessionEvent], Awaitable[None]]) -> None:
        self._handle = handle
        self.budget = LoopBudget()
        # (Lists and dictionaries: an empty deque takes 0.7 KB of each session.)
        self._waiting: list[SessionEvent] = []
        self._unfinished: dict[asyncio.Task[None], SessionEvent] = {}
        self._runner: asyncio.Task[None] | None = None
        # The latest press, until its handler ends.
        self._last_press: SessionEvent | None = None
        # Whether a handler has been started and its first step is still to come: two of them would
        # hold the loop for as long as both.
        self._is_starting = False
        # Resolved when an event has left the queue.
        self._progress: asyncio.Future[None] | None = None

    def put(self, event: SessionEvent) -> None:
        """Handle an event in its turn.

        A second click while the first one is handled does nothing, unless the person clicked
        something else in between.
        """
        if event.is_press:
            if self._last_press is not None and event.repeats(self._last_press):
                return
            self._last_press = event
        if self._waiting and event.replaces(self._waiting[-1]):
            self._waiting[-1] = event
            return
        if self._may_start(event):
            self._start(event)
            return
        self._waiting.append(event)
        if self._runner is None:
            self._runner = asyncio.create_task(self._run(), name="events of a session")

    async def wait_for_turn(self) -> None:
        """Wait until the session may ask for more.

        Raises ProtocolViolation if its queue is full and makes no progress.
        """
        if (seconds := self.budget.wait_seconds) > 0:
            await asyncio.sleep(seconds)
        while len(self._waiting) >= MAX_WAITING_EVENTS:
            self._progress = asyncio.get_running_loop().create_future()
            await asyncio.wait((self._progress,), timeout=MAX_STUCK_SECONDS)
            if not self._progress.done():
                raise ProtocolViolation(POLICY_VIOLATION, "its handlers do not end")

    def close(self) -> None:
        """Drop the events that wait: the client is gone."""
        self._waiting.clear()
        self._last_press = None

    def _may_start(self, event: SessionEvent) -> bool:
        """Whether an event that was just received begins at once."""
        count = len(self._unfinished)
        if self._is_starting or self.budget.wait_seconds > 0 or count >= MAX_ALL_HANDLERS:
            return False
        if self._waiting:
            return event.is_awaited and count >= MAX_HANDLERS
        return count < MAX_HANDLERS or event.is_awaited or event.sends_text

    async def _run(self) -> None:
        try:
            while self._waiting:
                if (seconds := self.budget.wait_seconds) > 0:
                    await asyncio.sleep(seconds)
                elif len(self._unfinished) >= MAX_HANDLERS:
                    await asyncio.wait(self._unfinished, return_when=asyncio.FIRST_COMPLETED)
                else:
                    self._start(self._waiting.pop(0))
                    if self._progress is not None and not self._progress.done():
                        self._progress.set_result(None)
                    # The first step of the handler is charged before the next one begins.
                    await asyncio.sleep(0)
        finally:
            self._runner = None

    def _start(self, event: SessionEvent) -> None:
        """Start the handler of an event, and charge its time to the session."""
        context = contextvars.copy_context()
        context.run(charge_new_tasks_to, self.budget)
        task = context.run(asyncio.create_task, self._run_handler(event))
        self._unfinished[task] = event
        self._is_starting = True
        task.add_done_callback(self._on_finished)

    async def _run_handler(self, event: SessionEvent) -> None:
        self._is_starting = False
        await self._handle(event)

    def _on_finished(self, task: "asyncio.Task[None]") -> None:
        event = self._unfinished.pop(task)
        if event is self._last_press:
            self._last_press = None
