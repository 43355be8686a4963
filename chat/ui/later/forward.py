"""The dialog that forwards a message to another room or person."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import nsmallest

import flet as ft

from chat.languages import Language
from chat.rooms.room import Room
from chat.text.message_text import TEXT_LIMIT
from chat.text.names import cached_name_key, name_key
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, stretched_column

_MAX_RESULTS = 5

_ITEM_PADDING = ft.Padding.symmetric(horizontal=10, vertical=8)
_PREVIEW_PADDING = ft.Padding.only(left=10)
_PREVIEW_BORDER = ft.Border(left=ft.BorderSide(3, ft.Colors.OUTLINE_VARIANT))


@dataclass(frozen=True, slots=True)
class ForwardTarget:
    """A room or a person. `open` returns the room, and creates a conversation if there is none."""

    title: str
    hint: str
    build_leading: Callable[[], ft.Control]
    open: Callable[[], Awaitable[Room]]


class ForwardDialog(Dialog):
    """A filter, the matching targets, and a comment.

    `preview` is the author and the text of the message. `forward(target, comment)` may raise
    ChatError.
    """

    def __init__(
        self,
        preview: tuple[str, str],
        targets: Sequence[ForwardTarget],
        t: Language,
        *,
        forward: Callable[[ForwardTarget, str], Awaitable[None]],
    ) -> None:
        self._t = t
        self._targets = targets
        self._forward = forward
        self._is_forwarding = False
        self._selected: ForwardTarget | None = None
        self._filter_field = ft.TextField(
            label=t("Forward to a room or a person"),
            autofocus=True,
            max_length=200,
            counter="",
            on_change=self._on_filter,
            on_submit=self._on_submit,
        )
        self._items = stretched_column([], 2)
        self._comment_field = ft.TextField(
            label=t("Comment (if you like)"),
            max_length=TEXT_LIMIT // 2,
            counter="",
            on_submit=self._on_submit,
        )
        self._error_text = ErrorText(t)
        self._forward_button = ft.FilledButton(
            t("Forward"), disabled=True, on_click=self._on_submit
        )
        author, text = preview
        quote = ft.Container(
            ft.Column(
                [
                    ft.Text(author, size=13, weight=ft.FontWeight.W_600),
                    widgets.secondary_text(
                        text, 13, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS
                    ),
                ],
                spacing=0,
                tight=True,
            ),
            padding=_PREVIEW_PADDING,
            border=_PREVIEW_BORDER,
        )
        self._draw_items()
        super().__init__(
            t("Forward message"),
            stretched_column(
                [quote, self._filter_field, self._items, self._comment_field, self._error_text], 10
            ),
            [ft.TextButton(t("Cancel"), on_click=self.close), self._forward_button],
            width=440,
        )

    @property
    def _matches(self) -> list[ForwardTarget]:
        key = name_key(self._filter_field.value)
        named = ((each, cached_name_key(each.title)) for each in self._targets)
        best = nsmallest(
            _MAX_RESULTS,
            ((each, name) for each, name in named if key in name),
            key=lambda each: not each[1].startswith(key),
        )
        return [each for each, _ in best]

    def _draw_items(self) -> None:
        self._items.controls = [self._item(each) for each in self._matches]
        if not self._items.controls:
            text = widgets.secondary_text(self._t("No room and nobody is called so."), 14)
            self._items.controls = [ft.Container(text, padding=_ITEM_PADDING)]

    def _item(self, target: ForwardTarget) -> ft.Control:
        is_selected = target is self._selected
        row: list[ft.Control] = [
            target.build_leading(),
            widgets.one_line_text(target.title, 14, expand=True),
            widgets.secondary_text(target.hint),
        ]
        if is_selected:
            row.append(ft.Icon(ft.Icons.CHECK_ROUNDED, size=18, color=ft.Colors.PRIMARY))
        return ft.Container(
            ft.Row(row, spacing=10),
            padding=_ITEM_PADDING,
            border_radius=10,
            bgcolor=ft.Colors.SECONDARY_CONTAINER if is_selected else None,
            ink=True,
            on_click=partial(self._select, target),
        )

    def _on_filter(self) -> None:
        if self._selected not in self._matches:
            self._selected = None
        self._draw_items()
        self._forward_button.disabled = self._selected is None
        self.update()

    def _select(self, target: ForwardTarget) -> None:
        self._selected = target
        self._draw_items()
        self._forward_button.disabled = False
        self.update()

    async def _on_submit(self) -> None:
        """Enter selects the first match; with a selection it forwards."""
        if self._selected is None:
            if matches := self._matches:
                self._select(matches[0])
            return
        if self._is_forwarding:
            return
        self._is_forwarding = True
        action = partial(self._forward, self._selected, self._comment_field.value)
        try:
            if await self._error_text.run(action):
                self.close()
        finally:
            self._is_forwarding = False
