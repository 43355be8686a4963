"""Lists of messages that lead to their rooms: search results, mentions, pinned messages."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.messages import Message
from chat.model.rooms import RoomInfo, RoomKind
from chat.ui.author_line import list_header
from chat.ui.panels.panel import Panel
from chat.ui.room_titles import room_title
from chat.ui.rows.file_preview import file_thumbnail
from chat.ui.theme import theme, widgets
from chat.ui.theme.pages import Pages
from chat.ui.viewer import ViewerContext

_ITEM_PADDING = ft.Padding.symmetric(horizontal=10, vertical=8)

# As high as the two lines beside it.
_THUMBNAIL_SIZE = 40

# In pixels: the width of the dialog, its height for each of the first messages, and at most.
_WIDTH, _ENTRY_HEIGHT, _MAX_HEIGHT = 560, 84, 560

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


def location_label(room: RoomInfo, t: Language) -> str:
    """The room of a message, in words."""
    if room.kind is RoomKind.DIRECT:
        return t("direct message")
    if room.kind is RoomKind.THREAD:
        return t("thread: {title}", title=room_title(room, t))
    return room.title


def message_item(
    entry: MessageEntry, viewer: ViewerContext, on_click: Callable[[], Awaitable[None]]
) -> ft.Container:
    """The control of a message in a list."""
    message = entry.message
    when = viewer.format_date_time(message.sent_at)
    header = list_header(message, f"{entry.location}  ·  {when}", viewer)
    text = ft.Text(
        spans=list(_spans(entry)), size=14, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS
    )
    content: ft.Control = ft.Column([header, text], spacing=2, tight=True)
    if message.files:
        content.expand = True
        thumbnail = file_thumbnail(message.files[0], viewer.image_url, viewer.t, _THUMBNAIL_SIZE)
        content = ft.Row([content, thumbnail], spacing=theme.GAP)
    return ft.Container(
        content, padding=_ITEM_PADDING, border_radius=10, ink=True, on_click=on_click
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

# Opens a path, and marks words in the message that it names.
OpenMessage = Callable[[str, tuple[str, ...]], Awaitable[None]]


class MessageListPanel(Panel):
    """A first page of messages, and a button that loads the next one.

    A click calls `navigate(path, marked_words)`.
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
        self._viewer, self._navigate = viewer, navigate
        self._empty_text, self._load_entries = empty_text, load_entries
        self._entries: Sequence[MessageEntry] = entries
        self._list = ft.ListView(spacing=2, expand=True)
        self._pages = Pages[MessageEntry](
            self._list, viewer.t("Show older ones"), build=self._item, load=load_entries
        )
        self._show(entries)
        height = min(_MAX_HEIGHT, _ENTRY_HEIGHT * max(len(entries), 1))
        super().__init__(title, [self._list], dialog_size=(_WIDTH, height))

    def shows_change(self, message: Message) -> bool:
        is_listed = message.number in {each.message.number for each in self._entries}
        return message.pinned or is_listed

    async def reload(self) -> None:
        entries = await self._load_entries(0)
        if entries != self._entries and self.is_open:
            self._show(entries)
            self._list.update()

    def _show(self, entries: Sequence[MessageEntry]) -> None:
        self._entries = entries
        if entries:
            self._pages.show(entries)
        else:
            self._pages.show_text(empty_list_text(self._empty_text))

    def _item(self, entry: MessageEntry) -> ft.Control:
        navigate = partial(self._navigate, entry.path, entry.marked_words)
        return message_item(entry, self._viewer, navigate)
