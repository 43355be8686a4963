"""What can be done with one message: the dialog that a tap beside it opens."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import flet as ft

from chat.errors import ChatError
from chat.messages import Earlier, Message
from chat.ui import look
from chat.ui.clock import Clock

Act = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Actions:
    """What the viewer may do; None where they may not. Each may raise ChatError."""

    mention: Act | None
    edit: Act | None
    delete: Act | None


class MessageDialog(ft.AlertDialog):
    """One message with its earlier texts, and what can be done with it."""

    def __init__(
        self,
        message: Message,
        earlier: Sequence[Earlier],
        clock: Clock,
        actions: Actions,
        close: Callable[[], object],
    ) -> None:
        self._message = message
        self._actions = actions
        self._close = close
        self._reason = ft.Text("", size=13, color=ft.Colors.ERROR, visible=False)
        self._delete = _line(ft.Icons.DELETE_OUTLINE_ROUNDED, "Delete", self._ask_first)
        lines = [_line(ft.Icons.COPY_ROUNDED, "Copy text", self._copy)]
        if actions.mention is not None:
            mention = _line(
                ft.Icons.ALTERNATE_EMAIL_ROUNDED, f"Mention {message.author.name}", self._mention
            )
            lines.insert(0, mention)
        if actions.edit is not None:
            lines.append(_line(ft.Icons.EDIT_OUTLINED, "Edit", self._edit))
        if actions.delete is not None:
            lines.append(self._delete)
        when = f"{clock.day_in_words(message.sent_at)}, {clock.time(message.sent_at)}"
        text = ft.Text(message.text, max_lines=6, overflow=ft.TextOverflow.ELLIPSIS)
        before = [
            look.quiet(f"{clock.time(each.at)}  {each.text}", 13, max_lines=3) for each in earlier
        ]
        said = [look.quiet("Earlier", weight=ft.FontWeight.W_600), *before] if before else []
        super().__init__(
            title=ft.Text(f"{message.author.name}, {when}", size=16),
            content=ft.Container(
                ft.Column([text, *said, self._reason, *lines], spacing=6, tight=True), width=360
            ),
            actions=[ft.TextButton("Close", on_click=close)],
            scrollable=True,
        )

    async def _mention(self) -> None:
        await self._do(self._actions.mention)

    async def _edit(self) -> None:
        await self._do(self._actions.edit)

    async def _copy(self) -> None:
        await ft.Clipboard().set(self._message.text)
        self._close()

    def _ask_first(self) -> None:
        self._delete.content = "Delete for everyone? It cannot be brought back."
        self._delete.on_click = self._really_delete
        self._delete.update()

    async def _really_delete(self) -> None:
        await self._do(self._actions.delete)

    async def _do(self, act: Act | None) -> None:
        if act is None:
            return
        try:
            await act()
        except ChatError as refusal:
            self._reason.value = str(refusal)
            self._reason.visible = True
            self._reason.update()
        else:
            self._close()


def _line(icon: ft.IconData, words: str, act: Callable[[], object]) -> ft.TextButton:
    return ft.TextButton(content=words, icon=icon, on_click=act)
