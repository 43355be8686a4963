"""Two ways to draw rows into a list: ordinary controls, and packed rows over the chat's socket.

Both are told the same; one test holds them to the same screen.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import flet as ft

from chat.model.messages import Message, MessagePage
from chat.ui.client.connection import Wire
from chat.ui.packing.control_ids import TIMELINE_ID, packed_control
from chat.ui.packing.patches import _head, _pack, replace_controls
from chat.ui.packing.row_cache import Press
from chat.ui.row_parts import OnPartClick
from chat.ui.rows.message import message_row
from chat.ui.viewer import DEFAULT_ROW_STATE, RowState, ViewerContext

# A message, and the one before it.
Pair = tuple[Message | None, Message]

# How the viewer sees a message: `SAME` itself if it is as everyone does.
Viewed = Callable[[Message], RowState]


class Drawing(Protocol):
    """Rows in a reversed list: index 0 is the newest, `top` stands above the oldest."""

    def show(self, pairs: Sequence[Pair], top: ft.Control | None) -> None:
        """Replace everything."""

    def below(self, before: Message | None, fresh: tuple[Message, ...]) -> None:
        """Add newer rows; `before` is the message before them."""

    def above(self, at: int, pairs: Sequence[Pair], top: ft.Control | None) -> None:
        """Add older rows from index `at` on, and what stands above them now."""

    def change(self, at: int, pair: Pair) -> None:
        """Draw the row at an index again."""

    def top(self, at: int, control: ft.Control) -> None:
        """Draw again what stands above the oldest, at index `at`."""

    def trim(self, keep: int, count: int) -> None:
        """Take everything from index `keep` on away; there are `count`."""


class ControlDrawing:
    """A Drawing of controls that belong to the session: `flet run`, and anything embedded."""

    def __init__(
        self, into: ft.ListView, viewer: ViewerContext, touched: OnPartClick, view: Viewed
    ) -> None:
        self._list = into
        self._viewer = viewer
        self._touched = touched
        self._view = view

    def show(self, pairs: Sequence[Pair], top: ft.Control | None) -> None:
        self._list.controls = self._rows(pairs) + _maybe(top)
        self._list.update()

    def below(self, before: Message | None, fresh: tuple[Message, ...]) -> None:
        self._list.controls[:0] = self._rows(list(MessagePage(fresh, before).with_previous()))
        self._list.update()

    def above(self, at: int, pairs: Sequence[Pair], top: ft.Control | None) -> None:
        self._list.controls[at:] = self._rows(pairs) + _maybe(top)
        self._list.update()

    def change(self, at: int, pair: Pair) -> None:
        self._list.controls[at : at + 1] = self._rows([pair])
        self._list.update()

    def top(self, at: int, control: ft.Control) -> None:
        self._list.controls[at : at + 1] = [control]
        self._list.update()

    def trim(self, keep: int, count: int) -> None:
        del self._list.controls[keep:]
        self._list.update()

    def _rows(self, pairs: Sequence[Pair]) -> list[ft.Control]:
        return [self._row(before, message) for before, message in reversed(pairs)]

    def _row(self, before: Message | None, message: Message) -> ft.Control:
        view = self._view(message)
        drawn = message_row(message, before, self._viewer, self._touched, view)
        if not view.is_anchor:
            # To Flet a row of the same key is the same row: it has all that a row depends on.
            gone = before is not None and before.erased
            apart = self._viewer.metrics.avatar_size
            drawn.key = f"{drawn.key}.{message.room_id}.{apart}{gone:d}{view.starts_unread:d}{view.is_target:d}"
        return drawn


class PackedDrawing:
    """A Drawing of shared bytes behind a few header bytes of the session's own.

    A frame is `[0x00][msgpack [2, {id, patch: [tree, op …]}]]`. A tree is `[node, {key: tree}]`;
    an op is `[0 replace | 1 add | 2 remove, node, key, value]`: what `ObjectPatch.to_message` of
    Flet makes. The session's own list stays empty, so Flet never compares rows.
    """

    def __init__(
        self, into: ft.ListView, viewer: ViewerContext, wire: Wire, press: Press, view: Viewed
    ) -> None:
        self._viewer = viewer
        self._view = view
        self._wire = wire
        self._press = press
        self._newest = press.newest(viewer)
        self._list = into
        # The same id in every session: what is added at the bottom is the same frame for all.
        self._shared = into._i == TIMELINE_ID
        self._head = _head(into)

    def show(self, pairs: Sequence[Pair], top: ft.Control | None) -> None:
        # The whole list at once: a client has none as long as it is empty.
        replace_controls(self._wire, self._list, self._rows(pairs) + self._top(top))

    def below(self, before: Message | None, fresh: tuple[Message, ...]) -> None:
        if not self._shared or any(
            self._view(message) is not DEFAULT_ROW_STATE for message in fresh
        ):
            self._wire.send_frame(self._below(before, fresh))
            return
        frame = self._newest.frame
        if self._newest.messages is not fresh:
            frame = self._newest.keep(fresh, self._below(before, fresh))
        self._wire.send_frame(frame)

    def _below(self, before: Message | None, fresh: tuple[Message, ...]) -> bytes:
        oldest_first = reversed(self._rows(list(MessagePage(fresh, before).with_previous())))
        return self._frame([(b"\x94\x01\x01\x00", each) for each in oldest_first])

    def above(self, at: int, pairs: Sequence[Pair], top: ft.Control | None) -> None:
        rows = self._rows(pairs) + self._top(top)
        self._send([(b"\x94\x01\x01" + _pack.pack(at + n), each) for n, each in enumerate(rows)])

    def change(self, at: int, pair: Pair) -> None:
        self._send([(b"\x94\x00\x01" + _pack.pack(at), *self._rows([pair]))])

    def top(self, at: int, control: ft.Control) -> None:
        self._send([(b"\x94\x00\x01" + _pack.pack(at), *self._top(control))])

    def trim(self, keep: int, count: int) -> None:
        self._send([(b"\x93\x02\x01" + _pack.pack(at),) for at in range(count - 1, keep - 1, -1)])

    def _send(self, ops: Sequence[tuple[bytes, ...]]) -> None:
        if ops:
            self._wire.send_frame(self._frame(ops))

    def _frame(self, ops: Sequence[tuple[bytes, ...]]) -> bytes:
        head = self._head + _pack.pack_array_header(len(ops) + 1)
        parts = (part for op in ops for part in op)
        return b"".join((head, b"\x92\x00\x81\xa8controls\x91\x01", *parts))

    def _rows(self, pairs: Sequence[Pair]) -> list[bytes]:
        return [
            self._press.row(message, before, self._viewer, self._view(message))
            for before, message in reversed(pairs)
        ]

    def _top(self, top: ft.Control | None) -> list[bytes]:
        return [] if top is None else [packed_control(top, 0)]


def _maybe(control: ft.Control | None) -> list[ft.Control]:
    return [] if control is None else [control]
