"""Rows as bytes: drawn once from ordinary controls, packed once, shared by all sessions.

Flet gives each session its own controls and compares their trees for every change, which costs
milliseconds for each message and each viewer. The bytes of a row are the same for all viewers of
one time zone, language and density, if the control ids are the same: so the ids follow from the
timeline (`RowIds`) and the message number.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime
from typing import Any
from weakref import WeakValueDictionary

import flet as ft

from chat.model.messages import Message
from chat.ui.packing.control_ids import (
    IDS_PER_ITEM,
    ROOM_ROWS,
    RowIds,
    pack_with_ids,
    pack_with_message_ids,
)
from chat.ui.rows.event_runs import NO_RUN, EventRun
from chat.ui.rows.message import message_row
from chat.ui.viewer import DEFAULT_ROW_STATE, RowState, ViewerContext

# The bytes of cached rows and of cached items of the sidebar. A row has mostly some hundred bytes,
# a long text with markup a hundred thousand. An entry takes about ENTRY_BYTES besides.
MAX_ROW_BYTES = 16 * 1024 * 1024
MAX_ITEM_BYTES = 4 * 1024 * 1024
ENTRY_BYTES = 1024

# The reference of an entry to one event of a run.
_EVENT_BYTES = 8


class ByteCache:
    """A cache of at most `max_bytes`. What was used longest ago goes first."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> Any:
        """The entry of a key, or None."""
        found = self._entries.get(key)
        if found is None:
            return None
        self._entries.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, entry: object, size: int) -> None:
        """Keep an entry of `size` bytes, in place of the one with the same key."""
        if (previous := self._entries.pop(key, None)) is not None:
            self.size -= previous[1]
        self._entries[key] = entry, size + ENTRY_BYTES
        self.size += size + ENTRY_BYTES
        while self.size > self._max_bytes:
            _, (_, dropped) = self._entries.popitem(last=False)
            self.size -= dropped


class LastFrame:
    """The last new messages as one whole frame, shared by all sessions of one viewer context."""

    def __init__(self) -> None:
        self.messages: tuple[Message, ...] = ()
        self.frame = b""
        self.day = date.min

    def store(self, messages: tuple[Message, ...], frame: bytes, day: date) -> bytes:
        """Keep the frame of these messages, which was drawn on this day, and return it."""
        self.messages, self.frame, self.day = messages, frame, day
        return frame


class RowCache:
    """The packed rows of one process."""

    def __init__(self) -> None:
        # The frame of a viewer context is kept by the sessions that have it.
        self._last_frames: WeakValueDictionary[tuple[ViewerContext, RowIds], LastFrame] = (
            WeakValueDictionary()
        )
        # A row is kept with its message, and with whether the message before it was erased.
        self.rows = ByteCache(MAX_ROW_BYTES)
        self.items = ByteCache(MAX_ITEM_BYTES)

    def packed_row(
        self,
        message: Message,
        previous: Message | None,
        viewer: ViewerContext,
        state: RowState = DEFAULT_ROW_STATE,
        run: EventRun = NO_RUN,
        row_ids: RowIds = ROOM_ROWS,
    ) -> bytes:
        """The row of `message` as Flet would send it to a client of this viewer context."""
        # The divider above a row says "Today": on another day it is another row.
        day = viewer.local_date(datetime.now(UTC))
        viewer_key = (viewer.time_zone, viewer.t, viewer.metrics, viewer.sign_url)
        run_key = (run.is_folded, len(run.events)) if run is not NO_RUN else None
        key = (message.room_id, message.number, viewer_key, day, state, run_key, row_ids)
        # Nothing else of the previous message can change its row.
        previous_is_erased = previous is not None and previous.erased
        cached: tuple[Message, bool, EventRun, bytes] | None = self.rows.get(key)
        if (
            cached is not None
            and cached[0] == message
            and cached[1] == previous_is_erased
            and (cached[2] is run or cached[2] == run)
        ):
            return cached[3]
        packed = pack_with_message_ids(
            message_row(message, previous, viewer, _ignore_click, state, run, has_live_view=True),
            message.number,
            row_ids,
        )
        size = len(packed) + _EVENT_BYTES * len(run.events)
        self.rows.put(key, (message, previous_is_erased, run, packed), size)
        return packed

    def last_frame(self, viewer: ViewerContext, row_ids: RowIds = ROOM_ROWS) -> LastFrame:
        """The last frame of a timeline, which all sessions of this viewer context share."""
        frame = self._last_frames.get((viewer, row_ids))
        if frame is None:
            frame = self._last_frames[viewer, row_ids] = LastFrame()
        return frame

    def packed_item(self, first_id: int, state: Hashable, build: Callable[[], ft.Control]) -> bytes:
        """An item of the sidebar, packed once for all viewers of the same `state`."""
        packed: bytes | None = self.items.get((first_id, state))
        if packed is None:
            packed = pack_with_ids(build(), first_id, IDS_PER_ITEM)
            self.items.put((first_id, state), packed, len(packed))
        return packed


async def _ignore_click(number: int, part: int) -> None:
    """Placeholder that marks a part as clickable. The session gets the click by control id."""
