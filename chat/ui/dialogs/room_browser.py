"""The dialogs to find a room: the public rooms with a filter, a look at one, and a new one."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.messages import Message
from chat.model.rooms import RoomId, RoomInfo, RoomSummary
from chat.rooms.history import PAGE_SIZE
from chat.text.fuzzy_match import match_rank, query_key
from chat.text.previews import plain_preview
from chat.text.room_names import TITLE_LIMIT, TOPIC_LIMIT
from chat.ui.author_line import list_header
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column
from chat.ui.theme.pages import Pages
from chat.ui.viewer import ViewerContext

# The last messages of a room that are shown before a person joins it.
PREVIEW_COUNT = 8

_ITEM_PADDING = ft.Padding.symmetric(horizontal=10, vertical=8)
_ITEM_HEIGHT, _LIST_HEIGHT, _PREVIEW_HEIGHT = 56, 270, 280  # pixels


class RoomBrowserDialog(Dialog):
    """All public rooms, and a form for a new one. `joined_ids` are those that the person is in.

    `open_room(room)` shows a room, or a look at one that the person is not in.
    `create(title, topic, is_private)` may raise ChatError.
    """

    def __init__(
        self,
        summaries: Sequence[RoomSummary],
        joined_ids: Collection[RoomId],
        viewer: ViewerContext,
        *,
        open_room: Callable[[RoomSummary], Awaitable[None]],
        create: Callable[[str, str, bool], Awaitable[None]],
    ) -> None:
        self._viewer = viewer
        self._t = t = viewer.t
        self._summaries = self._matches = summaries
        self._joined_ids = joined_ids
        self._open_room = open_room
        self._create = create
        self._filter_field = ft.TextField(
            hint_text=t("Filter rooms"),
            prefix_icon=ft.Icons.FILTER_LIST_ROUNDED,
            dense=True,
            autofocus=True,
            max_length=4 * TITLE_LIMIT,
            counter="",
            on_change=self._on_filter,
            on_submit=self._on_filter_submit,
        )
        self._title_field = ft.TextField(
            label=t("Name of a new room"), max_length=4 * TITLE_LIMIT, counter="", dense=True,
            on_submit=self._on_create,
        )  # fmt: skip
        self._topic_field = ft.TextField(
            label=t("What it is about"),
            max_length=4 * TOPIC_LIMIT,
            counter="",
            dense=True,
            on_submit=self._on_create,
        )
        self._private_switch = ft.Switch(label=t("Private: only by invitation"), value=False)
        self._error_text = ErrorText(t)
        create_button = ft.FilledButton(t("Make room"), on_click=self._on_create)
        height = min(_LIST_HEIGHT, _ITEM_HEIGHT * len(summaries))
        self._list = ft.ListView(spacing=2, height=height)
        self._pages = Pages[RoomSummary](
            self._list, t("Show more"), build=self._item, load=self._load
        )
        self._pages.show(summaries[:PAGE_SIZE])
        parts: list[ft.Control] = [
            self._filter_field,
            self._list,
            ft.Divider(height=12),
            self._title_field,
            self._topic_field,
            self._private_switch,
            self._error_text,
        ]
        actions = [close_button(t, self.close), create_button]
        super().__init__(t("Browse rooms"), stretched_column(parts, 8), actions, width=480)

    async def _load(self, skipped: int) -> Sequence[RoomSummary]:
        return self._matches[skipped : skipped + PAGE_SIZE]

    def _item(self, summary: RoomSummary) -> ft.Control:
        room, t = summary.room, self._t
        title = t("{title}  (archived)", title=room.title) if room.archived else room.title
        line = ft.Row(
            [
                widgets.one_line_text(
                    title,
                    14,
                    weight=ft.FontWeight.W_600,
                    expand=len(title) > theme.LONG_TITLE_LENGTH,
                ),
                widgets.one_line_text(
                    room.topic, 12, color=ft.Colors.ON_SURFACE_VARIANT, expand=True
                ),
            ],
            spacing=10,
        )
        facts = widgets.secondary_text(_facts(summary, self._viewer))
        controls: list[ft.Control] = [
            ft.Icon(ft.Icons.TAG, size=17, color=ft.Colors.ON_SURFACE_VARIANT),
            ft.Column([line, facts], spacing=2, tight=True, expand=True),
        ]
        if room.id in self._joined_ids:
            label, color = t("You are in this room"), ft.Colors.PRIMARY
            icon = ft.Icon(ft.Icons.CHECK_ROUNDED, size=17, color=color, semantics_label=label)
            controls.append(icon)
        return ft.Container(
            ft.Row(controls, spacing=10),
            padding=_ITEM_PADDING,
            border_radius=10,
            ink=True,
            on_click=partial(self._select, summary),
        )

    def _on_filter(self) -> None:
        key = query_key(self._filter_field.value)
        ranks = {each.room.id: match_rank(key, each.room.title) for each in self._summaries}
        found = [each for each in self._summaries if ranks[each.room.id] is not None]
        self._matches = sorted(found, key=lambda each: ranks[each.room.id] or 0)
        if self._matches:
            self._pages.show(self._matches[:PAGE_SIZE])
        else:
            text = self._t("No room is called so. Make it below.")
            self._pages.show_text(widgets.secondary_text(text, 14))
        self._list.update()

    async def _on_filter_submit(self) -> None:
        if self._filter_field.value.strip() and self._matches:
            await self._select(self._matches[0])

    async def _select(self, summary: RoomSummary) -> None:
        self.close()
        await self._open_room(summary)

    async def _on_create(self) -> None:
        values = self._title_field.value, self._topic_field.value, bool(self._private_switch.value)
        if await self._error_text.run(partial(self._create, *values)):
            self.close()


class RoomPreviewDialog(Dialog):
    """The last messages of a public room, to read before joining it.

    `join(room)` shows the room, which makes the person a member. `go_back()` returns to the list.
    """

    def __init__(
        self,
        summary: RoomSummary,
        messages: Sequence[Message],
        viewer: ViewerContext,
        *,
        join: Callable[[RoomInfo], Awaitable[None]],
        go_back: Callable[[], Awaitable[None]],
    ) -> None:
        self._room = room = summary.room
        self._join, self._go_back = join, go_back
        t = viewer.t
        lines = [_preview_line(each, viewer) for each in messages]
        if not lines:
            lines = [widgets.secondary_text(t("Nothing was said here yet."), 14)]
        parts: list[ft.Control] = [
            *([ft.Text(room.topic)] if room.topic else []),
            widgets.secondary_text(_facts(summary, viewer)),
            ft.Divider(height=8),
            ft.ListView(lines, spacing=8, height=_PREVIEW_HEIGHT, auto_scroll=True),
        ]
        back_button = ft.TextButton(t("Back"), on_click=self._on_back)
        join_button = ft.FilledButton(t("Join"), autofocus=True, on_click=self._on_join)
        super().__init__(
            room.title, stretched_column(parts, 8), [back_button, join_button], width=480
        )

    async def _on_back(self) -> None:
        self.close()
        await self._go_back()

    async def _on_join(self) -> None:
        self.close()
        await self._join(self._room)


def _facts(summary: RoomSummary, viewer: ViewerContext) -> str:
    """The number of members, and the day of the last message."""
    t: Language = viewer.t
    facts = t.plural("{count} member", "{count} members", summary.member_count)
    if summary.last_at is not None:
        facts += "  ·  " + t("active: {day}", day=viewer.format_day(summary.last_at))
    return facts


def _preview_line(message: Message, viewer: ViewerContext) -> ft.Control:
    header = list_header(message, viewer.format_date_time(message.sent_at), viewer)
    preview = plain_preview(message, viewer.t)
    text = ft.Text(preview, size=14, max_lines=4, overflow=ft.TextOverflow.ELLIPSIS)
    return ft.Column([header, text], spacing=0, tight=True)
