"""What floats over the timeline: the way to what waits below, and to where unread begins."""

from collections.abc import Awaitable, Callable

import flet as ft

from chat.languages import Language

# From so many on they are not counted.
_MANY = 100

Act = Callable[[], Awaitable[None]]


class Pill(ft.Container):
    """A button in the middle of an edge; without words it is not seen."""

    def __init__(self, icon: ft.IconData, on_click: Act, *, top: bool) -> None:
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

    def show(self, words: str) -> bool:
        """Show these words; whether that is news."""
        before = self._label.value
        self.visible, self._label.value = bool(words), words
        return before != words


def new_messages(count: int, t: Language) -> str:
    """ "3 new messages"."""
    return t.plural("{count} new message", "{count} new messages", count) if count else ""


class Pills:
    """The two buttons of a timeline, made when they are first needed: most sessions never are."""

    def __init__(self, timeline: ft.Stack, t: Language, down: Act, up: Act) -> None:
        self._t = t
        self._timeline = timeline
        self._acts = (down, up)
        self._made: dict[bool, Pill] = {}

    def below(self, waiting: int, *, far: bool) -> None:
        """So many messages wait below; `far` if the end is far away."""
        t = self._t
        self._show(t("Jump to the latest") if far else new_messages(waiting, t), top=False)

    def above(self, unread: int) -> None:
        """So many unread messages begin above what is on show."""
        words, t = "", self._t
        if unread >= _MANY:
            words = t("{count}+ new messages above", count=_MANY)
        elif unread:
            words = t.plural("{count} new message above", "{count} new messages above", unread)
        self._show(words, top=True)

    def _show(self, words: str, *, top: bool) -> None:
        pill = self._made.get(top)
        if pill is None and words:
            icon = ft.Icons.ARROW_UPWARD_ROUNDED if top else ft.Icons.ARROW_DOWNWARD_ROUNDED
            pill = self._made[top] = Pill(icon, self._acts[top], top=top)
            pill.show(words)
            self._timeline.controls.append(pill)
            self._timeline.update()
        elif pill is not None and pill.show(words):
            pill.update()
