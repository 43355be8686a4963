"""What can be done with one message: the dialog that asks."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.model.messages import Message, Revision
from chat.text.display import clamp_combining_marks
from chat.text.emoji import EmojiPreferences
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import emote_text
from chat.ui.rows.file_preview import file_thumbnail
from chat.ui.rows.preview import message_preview
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button
from chat.ui.viewer import Clock

# What stands here until somebody has used others.
EMOJI = ("👍", "❤️", "😂", "🎉", "😮", "😢", "🙏")

_SIGN = 44  # pixels

_INSIDE = ft.Padding.symmetric(vertical=6)


@dataclass(frozen=True, slots=True)
class Action:
    """One line; `act` may raise ChatError, and is asked for twice if `sure`.

    If it `leads` to another dialog, this one is closed before.
    """

    icon: ft.IconData
    words: str
    act: Callable[[], Awaitable[None]]
    sure: bool = False
    leads: bool = False


@dataclass(frozen=True, slots=True)
class React:
    """How an emoji is put below the message: `put` may raise ChatError, `more` shows them all."""

    taste: EmojiPreferences
    put: Callable[[str], Awaitable[None]]
    more: Callable[[], Awaitable[None]]


class MessageDialog(Dialog):
    """One message with its earlier texts, and what can be done with it."""

    def __init__(
        self,
        message: Message,
        earlier: Sequence[Revision],
        viewer: Clock,
        actions: Sequence[Action],
        react: React | None,
        close: Callable[[], object],
    ) -> None:
        self._close = close
        self._react = react
        self._t = t = viewer.t
        self._reason = ErrorText(t)
        name, when = message.author.name, viewer.moment(message.sent_at)
        title = t("{name}, {when}", name=name, when=when)
        words = clamp_combining_marks(
            to_plain_text(emote_text(name, message_preview(message, viewer.t)))
        )
        text: ft.Control = ft.Text(words, max_lines=6, overflow=ft.TextOverflow.ELLIPSIS)
        if message.files:
            text.expand = True
            file = file_thumbnail(message.files[0], viewer.source, t, _SIGN)
            text = ft.Row([file, text], spacing=theme.GAP)
        before = [
            widgets.secondary_text(f"{viewer.time(each.since)}  {each.text}", 13, max_lines=3)
            for each in earlier
        ]
        said = (
            [widgets.secondary_text(t("Earlier"), weight=ft.FontWeight.W_600), *before]
            if before
            else []
        )
        lines = [self._line(each) for each in actions]
        parts: list[ft.Control] = [
            text,
            *said,
            *([self._reactions(react)] if react else []),
            self._reason,
            *lines,
        ]
        content = ft.Column(parts, spacing=4, tight=True)
        super().__init__(title, content, [close_button(t, close)], width=360, title_size=16)

    def _reactions(self, react: React) -> ft.Row:
        liked = [react.taste.with_tone(each) for each in (*react.taste.recent, *EMOJI)]
        first = [self._button(each) for each in list(dict.fromkeys(liked))[: len(EMOJI)]]
        more = widgets.icon_button(ft.Icons.ADD_REACTION_OUTLINED, self._t("More emoji"))
        more.on_click = self._more
        return ft.Row([*first, more], spacing=2, run_spacing=2, wrap=True)

    def _button(self, emoji: str) -> ft.Container:
        return ft.Container(
            ft.Text(emoji, size=20, text_align=ft.TextAlign.CENTER),
            width=36,
            padding=_INSIDE,
            border_radius=10,
            ink=True,
            tooltip=self._t("React with {emoji}", emoji=emoji),
            on_click=partial(self._put, emoji),
        )

    async def _more(self) -> None:
        if self._react is not None:
            self._close()
            await self._react.more()

    async def _put(self, emoji: str) -> None:
        if self._react is not None:
            await self._do(partial(self._react.put, emoji))

    def _line(self, action: Action) -> ft.TextButton:
        line = ft.TextButton(content=action.words, icon=action.icon)
        line.on_click = partial(self._do, action.act)
        if action.sure:
            line.style = ft.ButtonStyle(color=ft.Colors.ERROR, icon_color=ft.Colors.ERROR)
            line.on_click = partial(self._ask_first, line, action)
        elif action.leads:
            line.on_click = partial(self._lead, action.act)
        return line

    async def _lead(self, act: Callable[[], Awaitable[None]]) -> None:
        self._close()
        await act()

    def _ask_first(self, line: ft.TextButton, action: Action) -> None:
        line.content = self._t("{what} for everyone? It cannot be brought back.", what=action.words)
        line.on_click = partial(self._do, action.act)
        line.update()

    async def _do(self, act: Callable[[], Awaitable[None]]) -> None:
        if await self._reason.run(act):
            self._close()
