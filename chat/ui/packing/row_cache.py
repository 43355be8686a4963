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
_KEEP = 4096


Key = tuple[int, int, Hashable, date, RowState]


class Newest:
    """What was said last as one whole frame, the same for everyone with one clock."""

    def __init__(self) -> None:
        self.messages: tuple[Message, ...] = ()
        self.frame = b""

    def keep(self, messages: tuple[Message, ...], frame: bytes) -> bytes:
        """`frame` is how everyone is told of `messages`."""
        self.messages, self.frame = messages, frame
        return frame


class Press:
    """The packed rows of one process."""

    def __init__(self) -> None:
        self._newest: dict[ViewerContext, Newest] = {}
        self._kept: OrderedDict[Key, tuple[Message, bool, bytes]] = OrderedDict()
        self._lines: OrderedDict[Hashable, bytes] = OrderedDict()

    def row(
        self,
        message: Message,
        previous: Message | None,
        viewer: ViewerContext,
        view: RowState = DEFAULT_ROW_STATE,
    ) -> bytes:
        """The row of `message` as Flet would send it to a client with this clock."""
        # The line above a row says "Today": another day, another row.
        day = viewer.local_date(datetime.now(UTC))
        seen = (viewer.time_zone, viewer.t, viewer.metrics, viewer.sign_url)
        key = (message.room_id, message.number, seen, day, view)
        # Of the one before it only this may ever change.
        gone = previous is not None and previous.erased
        kept = self._kept.get(key)
        if kept is not None and kept[0] == message and kept[1] == gone:
            return kept[2]
        packed = pack_with_message_ids(
            message_row(message, previous, viewer, _answered, view), message.number
        )
        self._kept[key] = (message, gone, packed)
        if len(self._kept) > _KEEP:
            self._kept.popitem(last=False)
        return packed

    def newest(self, viewer: ViewerContext) -> Newest:
        """What all sessions with this clock share."""
        return self._newest.setdefault(viewer, Newest())

    def line(self, first: int, look: Hashable, draw: Callable[[], ft.Control]) -> bytes:
        """A line of the list on the left, drawn once for all who see it with this `look`."""
        packed = self._lines.get((first, look))
        if packed is None:
            packed = self._lines[first, look] = pack_with_ids(draw(), first, IDS_PER_ITEM)
            if len(self._lines) > _KEEP:
                self._lines.popitem(last=False)
        return packed


async def _answered(number: int, part: int) -> None:
    """Stands for what happens in a session: its connection hears of a packed control by its id."""
