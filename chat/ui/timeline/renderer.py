"""Two renderers of rows: ordinary controls, and packed rows over the chat's own socket.

Both have the same interface; one test compares their screens.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

import flet as ft

from chat.model.messages import Message, MessagePage
from chat.text.folding import LINE_WIDTH
from chat.ui.client.connection import ClientConnection
from chat.ui.packing.control_ids import (
    RowIds,
    child_controls,
    pack_with_message_ids,
    part_id,
)
from chat.ui.packing.patches import (
    packer_pack,
    patch_prefix,
    replace_controls,
    set_background,
)
from chat.ui.packing.row_cache import RowCache
from chat.ui.row_parts import BACKGROUND, OnPartClick
from chat.ui.rows.event_runs import (
    MAX_FOLDED_EVENTS,
    MIN_FOLDED_EVENTS,
    NO_RUN,
    MessagePair,
    RowContent,
    row_contents,
)
from chat.ui.rows.message import message_row
from chat.ui.viewer import DEFAULT_ROW_STATE, RowState, ViewerContext

# The index of a row in the list, and what it shows.
IndexedContent = tuple[int, RowContent]

# The events right before a new message, at most that many, if they may be of one run with it.
GetEventsBefore = Callable[[int], Sequence[MessagePair]]

# The row state of a message for the viewer: `DEFAULT_ROW_STATE` itself if nothing is special.
GetRowState = Callable[[Message], RowState]


class RowRenderer(Protocol):
    """The rows of a reversed list: index 0 is the newest; the header is above the oldest."""

    def replace_all(self, pairs: Sequence[MessagePair], header: ft.Control | None) -> None:
        """Replace all rows."""

    def add_newer(
        self,
        previous: Message | None,
        messages: tuple[Message, ...],
        events_before: GetEventsBefore,
    ) -> None:
        """Add newer rows; `previous` is the message before them.

        `events_before` gets the last rows, if they may be of one run with the first new one. (Of
        many sessions, one needs all of them.)
        """

    def add_older(
        self,
        index: int,
        pairs: Sequence[MessagePair],
        header: ft.Control | None,
        events_after: Sequence[MessagePair] = (),
    ) -> None:
        """Add older rows from `index` on, and the header above them.

        `events_after` are the oldest rows, if they may be of one run with the last added one.
        """

    def redraw(self, index: int, content: RowContent) -> None:
        """Draw the row at an index again."""

    def set_background(self, index: int, message: Message, color: ft.ColorValue) -> None:
        """Change the background of the row at an index."""

    def redraw_header(self, index: int, header: ft.Control) -> None:
        """Draw the header again, which is at `index`."""

    def trim(self, kept: int, row_count: int) -> None:
        """Remove the rows from index `kept` on; there are `row_count`."""


class LiveRenderer:
    """A renderer of controls that belong to the session: for `flet run`, and where the chat is
    embedded."""

    def __init__(
        self,
        list_view: ft.ListView,
        viewer: ViewerContext,
        *,
        on_part_click: OnPartClick,
        get_row_state: GetRowState,
    ) -> None:
        self._list = list_view
        self._viewer = viewer
        self._on_part_click = on_part_click
        self._get_row_state = get_row_state

    def replace_all(self, pairs: Sequence[MessagePair], header: ft.Control | None) -> None:
        rows = self._build_rows(row_contents(pairs, self._viewer))
        self._list.controls = rows + _as_list(header)
        self._list.update()

    def add_newer(
        self,
        previous: Message | None,
        messages: tuple[Message, ...],
        events_before: GetEventsBefore,
    ) -> None:
        newer = MessagePage(messages, previous).with_previous()
        before = events_before(MAX_FOLDED_EVENTS)
        changed, added = _newer_contents(newer, before, self._viewer)
        self._replace(changed)
        self._list.controls[:0] = self._build_rows(added)
        self._list.update()

    def add_older(
        self,
        index: int,
        pairs: Sequence[MessagePair],
        header: ft.Control | None,
        events_after: Sequence[MessagePair] = (),
    ) -> None:
        changed, added = _older_contents(index, pairs, events_after, self._viewer)
        self._replace(changed)
        self._list.controls[index:] = self._build_rows(added) + _as_list(header)
        self._list.update()

    def redraw(self, index: int, content: RowContent) -> None:
        self._replace([(index, content)])
        self._list.update()

    def _replace(self, contents: Sequence[IndexedContent]) -> None:
        for index, content in contents:
            self._list.controls[index : index + 1] = self._build_rows([content])

    def set_background(self, index: int, message: Message, color: ft.ColorValue) -> None:
        if (row := _find_part(self._list.controls[index], BACKGROUND)) is not None:
            row.bgcolor = color
            row.update()

    def redraw_header(self, index: int, header: ft.Control) -> None:
        self._list.controls[index : index + 1] = [header]
        self._list.update()

    def trim(self, kept: int, row_count: int) -> None:
        del self._list.controls[kept:]
        self._list.update()

    def _build_rows(self, contents: Sequence[RowContent]) -> list[ft.Control]:
        return [self._build_row(each) for each in reversed(contents)]

    def _build_row(self, content: RowContent) -> ft.Control:
        previous, message, run = content.previous, content.message, content.run
        state = self._get_row_state(message)
        control = message_row(message, previous, self._viewer, self._on_part_click, state, run)
        if not state.is_anchor:
            # Flet takes a row of the same key for the same row, so the key has all that a row
            # depends on.
            previous_is_erased = previous is not None and previous.erased
            avatar_size = self._viewer.metrics.avatar_size
            flags = f"{previous_is_erased:d}{state.starts_unread:d}{state.is_target:d}"
            if run is not NO_RUN:
                flags += f".{len(run.events)}.{state.opened_parts}"
            flags += "e" if state.is_edited else ""
            flags += f"h{state.hides_quote:d}" if state.is_hidden or state.hides_quote else ""
            flags += "" if state.line_width == LINE_WIDTH else "n"
            flags += "" if state.chosen_part is None else f"c{state.chosen_part}"
            control.key = f"{control.key}.{message.room_id}.{avatar_size}{flags}"
        return control


class PackedRenderer:
    """A renderer of shared bytes behind a few header bytes of the session's own.

    A frame is `[0x00][msgpack [2, {id, patch: [tree, op …]}]]`. A tree is `[node, {key: tree}]`; an
    op is `[0 replace | 1 add | 2 remove, node, key, value]`: what `ObjectPatch.to_message` of Flet
    makes. The session's own list stays empty, so Flet never compares rows.
    """

    def __init__(
        self,
        list_view: ft.ListView,
        viewer: ViewerContext,
        connection: ClientConnection,
        *,
        row_cache: RowCache,
        row_ids: RowIds,
        get_row_state: GetRowState,
    ) -> None:
        self._viewer = viewer
        self._row_ids = row_ids
        self._get_row_state = get_row_state
        self._connection = connection
        self._row_cache = row_cache
        self._last_frame = row_cache.last_frame(viewer, row_ids)
        self._list = list_view
        # The same id in every session: a row that is added at the bottom is the same frame for all.
        self._is_shared = list_view._i == row_ids.list_id
        self._patch_prefix = patch_prefix(list_view)

    def replace_all(self, pairs: Sequence[MessagePair], header: ft.Control | None) -> None:
        # The whole list at once: the client has none as long as it is empty.
        rows = self._packed_rows(row_contents(pairs, self._viewer))
        replace_controls(self._connection, self._list, rows + self._packed_header(header))

    def add_newer(
        self,
        previous: Message | None,
        messages: tuple[Message, ...],
        events_before: GetEventsBefore,
    ) -> None:
        if not self._is_shared or any(
            self._get_row_state(message) is not DEFAULT_ROW_STATE
            for message in (*messages, *(each for _, each in events_before(MIN_FOLDED_EVENTS)))
        ):
            self._connection.send_frame(self._newer_frame(previous, messages, events_before))
            return
        frame, today = self._last_frame.frame, self._viewer.local_date(datetime.now(UTC))
        if self._last_frame.messages is not messages or self._last_frame.day != today:
            new_frame = self._newer_frame(previous, messages, events_before)
            frame = self._last_frame.store(messages, new_frame, today)
        self._connection.send_frame(frame)

    def _newer_frame(
        self,
        previous: Message | None,
        messages: tuple[Message, ...],
        events_before: GetEventsBefore,
    ) -> bytes:
        newer = MessagePage(messages, previous).with_previous()
        before = events_before(MAX_FOLDED_EVENTS)
        changed, added = _newer_contents(newer, before, self._viewer)
        oldest_first = reversed(self._packed_rows(added))
        return self._encode_frame(
            [
                *self._replacements(changed),
                *((b"\x94\x01\x01\x00", each) for each in oldest_first),
            ]
        )

    def add_older(
        self,
        index: int,
        pairs: Sequence[MessagePair],
        header: ft.Control | None,
        events_after: Sequence[MessagePair] = (),
    ) -> None:
        changed, added = _older_contents(index, pairs, events_after, self._viewer)
        rows = self._packed_rows(added) + self._packed_header(header)
        insertions = [
            (b"\x94\x01\x01" + packer_pack.pack(index + n), each) for n, each in enumerate(rows)
        ]
        self._send_operations([*self._replacements(changed), *insertions])

    def redraw(self, index: int, content: RowContent) -> None:
        self._send_operations(self._replacements([(index, content)]))

    def _replacements(self, contents: Sequence[IndexedContent]) -> list[tuple[bytes, ...]]:
        return [
            (b"\x94\x00\x01" + packer_pack.pack(index), *self._packed_rows([content]))
            for index, content in contents
        ]

    def set_background(self, index: int, message: Message, color: ft.ColorValue) -> None:
        control_id = part_id(message.number, BACKGROUND, self._row_ids)
        name = color.value if isinstance(color, ft.Colors) else color
        set_background(self._connection, control_id, name)

    def redraw_header(self, index: int, header: ft.Control) -> None:
        self._send_operations(
            [(b"\x94\x00\x01" + packer_pack.pack(index), *self._packed_header(header))]
        )

    def trim(self, kept: int, row_count: int) -> None:
        self._send_operations(_trim_operations(kept, row_count))

    def _send_operations(self, operations: Sequence[tuple[bytes, ...]]) -> None:
        if operations:
            self._connection.send_frame(self._encode_frame(operations))

    def _encode_frame(self, operations: Sequence[tuple[bytes, ...]]) -> bytes:
        prefix = self._patch_prefix + packer_pack.pack_array_header(len(operations) + 1)
        parts = (part for op in operations for part in op)
        return b"".join((prefix, b"\x92\x00\x81\xa8controls\x91\x01", *parts))

    def _packed_rows(self, contents: Sequence[RowContent]) -> list[bytes]:
        return [
            self._row_cache.packed_row(
                each.message,
                each.previous,
                self._viewer,
                self._get_row_state(each.message),
                each.run,
                self._row_ids,
            )
            for each in reversed(contents)
        ]

    def _packed_header(self, header: ft.Control | None) -> list[bytes]:
        return [] if header is None else [pack_with_message_ids(header, 0, self._row_ids)]


def _find_part(control: ft.Control, part: int) -> ft.Container | None:
    """The container with this part's number in a row."""
    if isinstance(control, ft.Container) and control.data == part:
        return control
    for child in child_controls(control):
        if isinstance(child, ft.Control) and (found := _find_part(child, part)) is not None:
            return found
    return None


def _newer_contents(
    newer: Iterable[MessagePair], events_before: Sequence[MessagePair], viewer: ViewerContext
) -> tuple[list[IndexedContent], list[RowContent]]:
    """The rows that newer ones change, and the newer ones, oldest first."""
    count = len(events_before)
    contents = row_contents([*events_before, *newer], viewer)
    before = row_contents(events_before, viewer)
    return (
        [
            (count - 1 - n, content)
            for n, content in enumerate(contents[:count])
            if content.run != before[n].run
        ],
        contents[count:],
    )


def _older_contents(
    index: int,
    older: Sequence[MessagePair],
    events_after: Sequence[MessagePair],
    viewer: ViewerContext,
) -> tuple[list[IndexedContent], list[RowContent]]:
    """The rows before `index` that older ones change, and the older ones, oldest first."""
    count = len(older)
    contents = row_contents([*older, *events_after], viewer)
    after = row_contents(events_after, viewer)
    return (
        [
            (index - 1 - n, content)
            for n, content in enumerate(contents[count:])
            if content.run != after[n].run
        ],
        contents[:count],
    )


@lru_cache(maxsize=16)
def _trim_operations(kept: int, row_count: int) -> tuple[tuple[bytes], ...]:
    """The removal of rows, the same for all sessions that have followed a room to its end."""
    numbers = range(row_count - 1, kept - 1, -1)
    return tuple((b"\x93\x02\x01" + packer_pack.pack(at),) for at in numbers)


def _as_list(control: ft.Control | None) -> list[ft.Control]:
    return [] if control is None else [control]
