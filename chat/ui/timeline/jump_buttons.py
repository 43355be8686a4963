"""The buttons that float over the timeline: to the newest messages, and to the first unread."""

from collections.abc import Awaitable, Callable

import flet as ft

from chat.languages import Language

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
    ) -> None:
        self._label = ft.Text("", size=13, weight=ft.FontWeight.W_600)
        button = ft.FilledTonalButton(
            content=self._label, icon=icon, on_click=on_click, elevation=3
        )
        super().__init__(
            content=ft.Row([button], alignment=ft.MainAxisAlignment.CENTER),
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
        self, timeline: ft.Stack, t: Language, *, jump_down: OnClick, jump_up: OnClick
    ) -> None:
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

    def show_above(self, unread_count: int) -> None:
        """Show the number of unread messages above; 0 hides the button."""
        label, t = "", self._t
        if unread_count >= _COUNT_LIMIT:
            label = t("{count}+ new messages above", count=_COUNT_LIMIT)
        elif unread_count:
            label = t.plural(
                "{count} new message above", "{count} new messages above", unread_count
            )
        self._show(label, at_top=True)

    def _show(self, label: str, *, at_top: bool) -> None:
        button = self._buttons.get(at_top)
        if button is None and label:
            icon = ft.Icons.ARROW_UPWARD_ROUNDED if at_top else ft.Icons.ARROW_DOWNWARD_ROUNDED
            button = self._buttons[at_top] = JumpButton(
                icon, on_click=self._on_click[at_top], top=at_top
            )
            button.show(label)
            self._timeline.controls.append(button)
            self._timeline.update()
        elif button is not None and button.show(label):
            button.update()
