"""What can be done with one message: the dialog that asks."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.errors import ChatError
from chat.messages import Earlier, Message
from chat.ui import look
from chat.ui.clock import Clock

# The first row is there at once, the others behind "More".
EMOJI = (
    ("👍", "❤️", "😂", "🎉", "😮", "😢", "🙏"),
    ("👎", "🔥", "👏", "💯", "✅", "❌", "👀"),
    ("😀", "😅", "😉", "😍", "🤔", "😎", "😴"),
    ("😭", "😡", "🤯", "🥳", "🤝", "💪", "🙌"),
    ("⭐", "💡", "🚀", "🐛", "☕", "🍕", "🎂"),
)

_INSIDE = ft.Padding.symmetric(vertical=6)


@dataclass(frozen=True, slots=True)
class Action:
    """One line; `act` may raise ChatError, and is asked for twice if `sure`."""

    icon: ft.IconData
    words: str
    act: Callable[[], Awaitable[None]]
    sure: bool = False


class MessageDialog(ft.AlertDialog):
    """One message with its earlier texts, and what can be done with it."""

    def __init__(
        self,
        message: Message,
        earlier: Sequence[Earlier],
        clock: Clock,
        actions: Sequence[Action],
        react: Callable[[str], Awaitable[None]] | None,
        close: Callable[[], object],
    ) -> None:
        self._close = close
        self._react = react
        self._reason = ft.Text("", size=13, color=ft.Colors.ERROR, visible=False)
        self._say = say = clock.say
        name, when = message.author.name, clock.moment(message.sent_at)
        text = ft.Text(message.text, max_lines=6, overflow=ft.TextOverflow.ELLIPSIS)
        before = [
            look.quiet(f"{clock.time(each.at)}  {each.text}", 13, max_lines=3) for each in earlier
        ]
        said = [look.quiet(say("Earlier"), weight=ft.FontWeight.W_600), *before] if before else []
        self._emoji = ft.Column(self._rows(1), spacing=2, tight=True)
        lines = [self._line(each) for each in actions]
        parts: list[ft.Control] = [
            text,
            *said,
            *([self._emoji] if react else []),
            self._reason,
            *lines,
        ]
        super().__init__(
            title=ft.Text(say("{name}, {when}", name=name, when=when), size=16),
            content=ft.Container(ft.Column(parts, spacing=4, tight=True), width=360),
            actions=[ft.TextButton(say("Close"), on_click=close)],
            scrollable=True,
        )

    def _rows(self, count: int) -> list[ft.Control]:
        rows: list[ft.Control] = [
            ft.Row([self._button(emoji) for emoji in row], spacing=2, wrap=True)
            for row in EMOJI[:count]
        ]
        if count < len(EMOJI):
            rows.append(ft.TextButton(self._say("More emoji"), on_click=self._more))
        else:
            rows.append(self._any_emoji())
        return rows

    def _any_emoji(self) -> ft.TextField:
        field = ft.TextField(
            label=self._say("Any other emoji"), max_length=16, counter="", dense=True
        )

        async def submitted() -> None:
            await self._put(field.value.strip())

        field.on_submit = submitted
        return field

    def _button(self, emoji: str) -> ft.Container:
        return ft.Container(
            ft.Text(emoji, size=20, text_align=ft.TextAlign.CENTER),
            width=46,
            padding=_INSIDE,
            border_radius=10,
            ink=True,
            tooltip=self._say("React with {emoji}", emoji=emoji),
            on_click=partial(self._put, emoji),
        )

    def _more(self) -> None:
        self._emoji.controls = self._rows(len(EMOJI))
        self._emoji.update()

    async def _put(self, emoji: str) -> None:
        if self._react is not None:
            await self._do(partial(self._react, emoji))

    def _line(self, action: Action) -> ft.TextButton:
        line = ft.TextButton(content=action.words, icon=action.icon)
        line.on_click = partial(self._do, action.act)
        if action.sure:
            line.on_click = partial(self._ask_first, line, action)
        return line

    def _ask_first(self, line: ft.TextButton, action: Action) -> None:
        line.content = self._say(
            "{what} for everyone? It cannot be brought back.", what=action.words
        )
        line.on_click = partial(self._do, action.act)
        line.update()

    async def _do(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except ChatError as refusal:
            self._reason.value = self._say.refusal(refusal)
            self._reason.visible = True
            self._reason.update()
        else:
            self._close()
