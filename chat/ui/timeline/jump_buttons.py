"""The buttons that float over the timeline: to the newest messages, and to the first unread."""

from collections.abc import Awaitable, Callable

import flet as ft

from chat.languages import Language
from chat.ui.theme import widgets

# From this number on, new messages are not counted.
_COUNT_LIMIT = 100

OnClick = Callable[[], Awaitable[None]]


class JumpButton(ft.Container):
    """A button in the middle of the upper or lower edge; invisible without a label."""

    def __init__(
        self,
        icon: ft.IconData,
        *,
        on_click: OnClick,
        top: bool,
        close_button: ft.Control | None = None,
    ) -> None:
        self._label = widgets.one_line_text("", 13, weight=ft.FontWeight.W_600)
        button = ft.FilledTonalButton(
            content=self._label, icon=icon, on_click=on_click, elevation=3
        )
        # As wide as its label where there is space; on a phone the label is cut, not the buttons.
        button.expand = button.expand_loose = True
        row = ft.Row([button], alignment=ft.MainAxisAlignment.CENTER)
        if close_button is not None:
            row.controls.append(close_button)
            row.spacing = 4
        super().__init__(
            content=row,
            left=0,
            right=0,
            top=10 if top else None,
            bottom=None if top else 10,
            visible=False,
        )

    def show(self, label: str) -> bool:
        """Show a label; returns whether it is another one."""
        previous = self._label.value
        self.visible, self._label.value = bool(label), label
        return previous != label


def new_messages_label(count: int, t: Language) -> str:
    """A number of new messages in words, as "3 new messages"."""
    return t.plural("{count} new message", "{count} new messages", count) if count else ""


class JumpButtons:
    """The two buttons of a timeline, created on first use: most sessions need none."""

    def __init__(
        self,
        timeline: ft.Stack,
        t: Language,
        *,
        jump_down: OnClick,
        jump_up: OnClick,
        dismiss: Callable[[], object],
    ) -> None:
        self._dismiss = dismiss
        self._t = t
        self._timeline = timeline
        self._on_click = (jump_down, jump_up)
        self._buttons: dict[bool, JumpButton] = {}

    def show_below(self, new_count: int, *, is_far: bool) -> None:
        """Show the number of new messages below, or a way to the end if it `is_far`."""
        t = self._t
        self._show(
            t("Jump to the latest") if is_far else new_messages_label(new_count, t), at_top=False
        )

    @property
    def shows_above(self) -> bool:
        """Whether the button to unread messages is visible."""
        return True in self._buttons and bool(self._buttons[True].visible)

    def show_above(self, unread_count: int, since: str) -> None:
        """Show the number of unread messages above, and since when; 0 hides the button."""
        label, t = "", self._t
        if unread_count >= _COUNT_LIMIT:
            label = t("{count}+ new messages above", count=_COUNT_LIMIT)
        elif unread_count:
            label = t.plural(
                "{count} new message above", "{count} new messages above", unread_count
            )
        if label and since:
            label = t("{label}, since {time}", label=label, time=since)
        self._show(label, at_top=True)

    def _close_button(self) -> ft.Control:
        label = self._t("Do not show them")
        return ft.IconButton(
            widgets.labelled_icon(ft.Icons.CLOSE_ROUNDED, label, ft.Colors.ON_SECONDARY_CONTAINER),
            icon_size=16,
            bgcolor=ft.Colors.SECONDARY_CONTAINER,
            padding=0,
            width=32,
            height=32,
            tooltip=label,
            on_click=self._dismiss,
        )

    def _show(self, label: str, *, at_top: bool) -> None:
        button = self._buttons.get(at_top)
        if button is None and label:
            icon = ft.Icons.ARROW_UPWARD_ROUNDED if at_top else ft.Icons.ARROW_DOWNWARD_ROUNDED
            button = self._buttons[at_top] = JumpButton(
                icon,
                on_click=self._on_click[at_top],
                top=at_top,
                close_button=self._close_button() if at_top else None,
            )
            button.show(label)
            self._timeline.controls.append(button)
            self._timeline.update()
        elif button is not None and button.show(label):
            button.update()
