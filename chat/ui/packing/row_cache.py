"""Rows as bytes: drawn once from ordinary controls, packed once, shared by all sessions.

Flet gives each session its own controls and compares their trees for every change, which costs
milliseconds for each message and each viewer. The bytes of a row are the same for all viewers of
one time zone, language and density, if the control ids are the same: so the ids follow from the
message number.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime

import flet as ft

from chat.model.messages import Message
from chat.ui.packing.control_ids import IDS_PER_ITEM, pack_with_ids, pack_with_message_ids
from chat.ui.rows.message import message_row
from chat.ui.viewer import DEFAULT_ROW_STATE, RowState, ViewerContext

# The number of cached rows: mostly some hundred bytes each, at most some kilobytes.
_CACHE_SIZE = 4096


RowKey = tuple[int, int, Hashable, date, RowState]


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
        self._last_frames: dict[ViewerContext, LastFrame] = {}
        self._rows: OrderedDict[RowKey, tuple[Message, bool, bytes]] = OrderedDict()
        self._list_items: OrderedDict[Hashable, bytes] = OrderedDict()

    def packed_row(
        self,
        message: Message,
        previous: Message | None,
        viewer: ViewerContext,
        state: RowState = DEFAULT_ROW_STATE,
    ) -> bytes:
        """The row of `message` as Flet would send it to a client of this viewer context."""
        # The divider above a row says "Today": on another day it is another row.
        day = viewer.local_date(datetime.now(UTC))
        viewer_key = (viewer.time_zone, viewer.t, viewer.metrics, viewer.sign_url)
        key = (message.room_id, message.number, viewer_key, day, state)
        # Nothing else of the previous message can change its row.
        previous_is_erased = previous is not None and previous.erased
        cached = self._rows.get(key)
        if cached is not None and cached[0] == message and cached[1] == previous_is_erased:
            return cached[2]
        packed = pack_with_message_ids(
            message_row(message, previous, viewer, _ignore_click, state), message.number
        )
        self._rows[key] = (message, previous_is_erased, packed)
        if len(self._rows) > _CACHE_SIZE:
            self._rows.popitem(last=False)
        return packed

    def last_frame(self, viewer: ViewerContext) -> LastFrame:
        """The last frame, which all sessions of this viewer context share."""
        return self._last_frames.setdefault(viewer, LastFrame())

    def packed_item(self, first_id: int, state: Hashable, build: Callable[[], ft.Control]) -> bytes:
        """An item of the sidebar, packed once for all viewers of the same `state`."""
        packed = self._list_items.get((first_id, state))
        if packed is None:
            packed = self._list_items[first_id, state] = pack_with_ids(
                build(), first_id, IDS_PER_ITEM
            )
            if len(self._list_items) > _CACHE_SIZE:
                self._list_items.popitem(last=False)
        return packed


async def _ignore_click(number: int, part: int) -> None:
    """Placeholder that marks a part as clickable. The session gets the click by control id."""
