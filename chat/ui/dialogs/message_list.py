"""Lists of messages that lead to their places: what was searched for, mentions, pins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.messages import Message
from chat.model.rooms import RoomInfo, RoomKind
from chat.ui.client.connection import Go
from chat.ui.rows.file_preview import file_thumbnail
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import Dialog, close_button, stretched_column
from chat.ui.viewer import Clock

_LINE = ft.Padding.symmetric(horizontal=10, vertical=8)
# What a line says begins below the title.
_AROUND = ft.Padding.only(left=14, right=14, top=12, bottom=12)

# As high as the two lines beside it.
_SIGN = 40

_HIT = ft.TextStyle(weight=ft.FontWeight.BOLD, bgcolor=theme.MENTION_BACKGROUND)


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that was found, where a click leads, and what of its text is marked."""

    message: Message
    place: str
    path: str
    text: str
    marks: tuple[tuple[int, int], ...] = ()


def place_in_words(room: RoomInfo, t: Language) -> str:
    """Where a message stands."""
    if room.kind is RoomKind.DIRECT:
        return t("direct message")
    if room.kind is RoomKind.THREAD:
        return t("thread: {title}", title=room.title)
    return room.title


class FoundList(ft.ListView):
    """The lines; `go(path)` is what a click does."""

    def __init__(self, viewer: Clock, go: Go) -> None:
        self._viewer = viewer
        self._go = go
        super().__init__(spacing=2, expand=True)

    def fill(self, entries: Sequence[Entry], otherwise: str) -> None:
        """Show these, or say `otherwise` that there are none."""
        self.controls = self.drawn(entries, otherwise)

    def drawn(self, entries: Sequence[Entry], otherwise: str) -> list[ft.Control]:
        """The lines of these, or of `otherwise`."""
        if not entries:
            return [ft.Container(widgets.secondary_text(otherwise, 14), padding=_LINE)]
        return [self._line(entry) for entry in entries]

    def _line(self, entry: Entry) -> ft.Control:
        message = entry.message
        when = self._viewer.moment(message.sent_at)
        head = ft.Text(
            spans=[
                ft.TextSpan(message.author.name, ft.TextStyle(weight=ft.FontWeight.BOLD)),
                ft.TextSpan(
                    f"  {entry.place}  ·  {when}",
                    ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT),
                ),
            ]
        )
        text = ft.Text(
            spans=list(_spans(entry)), size=14, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS
        )
        said: ft.Control = ft.Column([head, text], spacing=2, tight=True)
        if message.files:
            said.expand = True
            file = file_thumbnail(message.files[0], self._viewer.source, self._viewer.t, _SIGN)
            said = ft.Row([said, file], spacing=theme.GAP)
        return ft.Container(
            said,
            padding=_LINE,
            border_radius=10,
            ink=True,
            on_click=partial(self._go, entry.path),
        )


def _spans(entry: Entry) -> Sequence[ft.TextSpan]:
    spans, at = list[ft.TextSpan](), 0
    for start, end in entry.marks:
        spans.append(ft.TextSpan(entry.text[at:start]))
        spans.append(ft.TextSpan(entry.text[start:end], _HIT))
        at = end
    spans.append(ft.TextSpan(entry.text[at:]))
    return spans


def leaving(close: Callable[[], object], go: Go) -> Go:
    """Close a dialog, and then go."""

    async def leave(path: str) -> None:
        close()
        await go(path)

    return leave


class FoundDialog(Dialog):
    """A list of messages with a title."""

    def __init__(
        self,
        title: str,
        entries: Sequence[Entry],
        otherwise: str,
        viewer: Clock,
        go: Go,
        close: Callable[[], object],
    ) -> None:
        lines = FoundList(viewer, leaving(close, go)).drawn(entries, otherwise)
        super().__init__(
            title,
            stretched_column(lines, 2),
            [close_button(viewer.t, close)],
            width=560,
            content_padding=_AROUND,
        )
