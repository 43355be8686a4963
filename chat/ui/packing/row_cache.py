"""Rows as bytes: drawn once from ordinary controls, packed once, shared by all sessions.

Flet gives each session its own controls and compares their trees for every change, which costs
milliseconds for each message that each person sees. The bytes of a row are the same for everyone
whose clock, language and rhythm are the same, if its controls' ids are: so the ids follow from the
message's number.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime

import flet as ft

from chat.model.messages import Message
from chat.ui.packing.control_ids import IDS_PER_ITEM, pack_with_ids, pack_with_message_ids
from chat.ui.rows.message import message_row
from chat.ui.viewer import DEFAULT_ROW_STATE, RowState, ViewerContext

# Rows that are kept: some kilobytes each at the most, mostly some hundred bytes.
_CACHE_SIZE = 4096


RowKey = tuple[int, int, Hashable, date, RowState]


class LastFrame:
    """What was said last as one whole frame, the same for everyone with one clock."""

    def __init__(self) -> None:
        self.messages: tuple[Message, ...] = ()
        self.frame = b""

    def store(self, messages: tuple[Message, ...], frame: bytes) -> bytes:
        """`frame` is how everyone is told of `messages`."""
        self.messages, self.frame = messages, frame
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
        """The row of `message` as Flet would send it to a client with this clock."""
        # The line above a row says "Today": another day, another row.
        day = viewer.local_date(datetime.now(UTC))
        viewer_key = (viewer.time_zone, viewer.t, viewer.metrics, viewer.sign_url)
        key = (message.room_id, message.number, viewer_key, day, state)
        # Of the one before it only this may ever change.
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
        """What all sessions with this clock share."""
        return self._last_frames.setdefault(viewer, LastFrame())

    def packed_item(self, first_id: int, state: Hashable, build: Callable[[], ft.Control]) -> bytes:
        """A line of the list on the left, drawn once for all who see it with this `look`."""
        packed = self._list_items.get((first_id, state))
        if packed is None:
            packed = self._list_items[first_id, state] = pack_with_ids(
                build(), first_id, IDS_PER_ITEM
            )
            if len(self._list_items) > _CACHE_SIZE:
                self._list_items.popitem(last=False)
        return packed


async def _ignore_click(number: int, part: int) -> None:
    """Stands for what happens in a session: its connection hears of a packed control by its id."""
