"""Lists of messages that lead to their rooms: search results, mentions, pinned messages."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.messages import Message
from chat.model.rooms import RoomInfo, RoomKind
from chat.ui.room_titles import room_title
from chat.ui.rows.file_preview import file_thumbnail
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import Dialog, close_button, stretched_column
from chat.ui.theme.pages import Pages
from chat.ui.viewer import ViewerContext

_ITEM_PADDING = ft.Padding.symmetric(horizontal=10, vertical=8)
# The content begins below the title.
_CONTENT_PADDING = ft.Padding.only(left=14, right=14, top=12, bottom=12)

# As high as the two lines beside it.
_THUMBNAIL_SIZE = 40

_HIGHLIGHT_STYLE = ft.TextStyle(weight=ft.FontWeight.BOLD, bgcolor=theme.MENTION_BACKGROUND)


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """A message in a list: the path that a click opens, and the highlights in its text."""

    message: Message
    location: str
    path: str
    text: str
    highlights: tuple[tuple[int, int], ...] = ()

    @property
    def marked_words(self) -> tuple[str, ...]:
        """The highlighted words, each once."""
        return tuple(sorted({self.text[start:end] for start, end in self.highlights}))


# Opens a path, and marks words in the message that it names.
OpenMessage = Callable[[str, tuple[str, ...]], Awaitable[None]]


def location_label(room: RoomInfo, t: Language) -> str:
    """The room of a message, in words."""
    if room.kind is RoomKind.DIRECT:
        return t("direct message")
    if room.kind is RoomKind.THREAD:
        return t("thread: {title}", title=room_title(room, t))
    return room.title


class MessageItems:
    """Builds the items of a list. A click calls `navigate(path, marked_words)`."""

    def __init__(self, viewer: ViewerContext, *, navigate: OpenMessage) -> None:
        self._viewer = viewer
        self._navigate = navigate

    def build(self, entry: MessageEntry) -> ft.Control:
        """The control of an entry."""
        message = entry.message
        when = self._viewer.format_date_time(message.sent_at)
        header = ft.Text(
            spans=[
                ft.TextSpan(message.author.name, ft.TextStyle(weight=ft.FontWeight.BOLD)),
                ft.TextSpan(
                    f"  {entry.location}  ·  {when}",
                    ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT),
                ),
            ]
        )
        text = ft.Text(
            spans=list(_spans(entry)), size=14, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS
        )
        content: ft.Control = ft.Column([header, text], spacing=2, tight=True)
        if message.files:
            content.expand = True
            thumbnail = file_thumbnail(
                message.files[0], self._viewer.image_url, self._viewer.t, _THUMBNAIL_SIZE
            )
            content = ft.Row([content, thumbnail], spacing=theme.GAP)
        return ft.Container(
            content,
            padding=_ITEM_PADDING,
            border_radius=10,
            ink=True,
            on_click=partial(self._navigate, entry.path, entry.marked_words),
        )


def _spans(entry: MessageEntry) -> Sequence[ft.TextSpan]:
    spans, position = list[ft.TextSpan](), 0
    for start, end in entry.highlights:
        spans.append(ft.TextSpan(entry.text[position:start]))
        spans.append(ft.TextSpan(entry.text[start:end], _HIGHLIGHT_STYLE))
        position = end
    spans.append(ft.TextSpan(entry.text[position:]))
    return spans


def empty_list_text(text: str) -> ft.Control:
    """The control that a list without entries has."""
    return ft.Container(widgets.secondary_text(text, 14), padding=_ITEM_PADDING)


LoadEntries = Callable[[int], Awaitable[Sequence[MessageEntry]]]


class MessageListDialog(Dialog):
    """A list of messages with a title.

    `entries` is the first page; `load_entries(skipped)` loads the page after those that were
    skipped.
    """

    def __init__(
        self,
        title: str,
        entries: Sequence[MessageEntry],
        empty_text: str,
        *,
        viewer: ViewerContext,
        navigate: OpenMessage,
        load_entries: LoadEntries,
    ) -> None:
        column = stretched_column([], 2)
        items = MessageItems(viewer, navigate=self.close_then(navigate))
        pages = Pages[MessageEntry](
            column,
            viewer.t("Show older ones"),
            build=items.build,
            load=load_entries,
        )
        if entries:
            pages.show(entries)
        else:
            pages.show_text(empty_list_text(empty_text))
        super().__init__(
            title,
            column,
            [close_button(viewer.t, self.close)],
            width=560,
            content_padding=_CONTENT_PADDING,
        )
