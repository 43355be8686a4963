"""Where a person writes: the words stay in the field until they are stored."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable

import flet as ft

from chat.errors import ChatError
from chat.text import is_blank
from chat.ui import look

# Words are kept this often while somebody types, in seconds.
_KEEP_EVERY = 0.3

# For this long after a message was stored, in seconds, its words may still come from the client.
_ECHO = 2.0

Send = Callable[[str, str], Awaitable[None]]
Keep = Callable[[str], None]


class Composer(ft.Column):
    """Field and button as one object; `send(text, client_id)` raises ChatError to refuse."""

    def __init__(self, send: Send, keep: Keep) -> None:
        self._send = send
        self._keep = keep
        self._sending = False
        self._again = False
        self._sent, self._sent_at = "", 0.0
        self._client_id = ""
        self._keeping: asyncio.TimerHandle | None = None
        self._field = ft.TextField(
            hint_text="Write a message…",
            filled=True,
            fill_color=ft.Colors.TRANSPARENT,
            hover_color=ft.Colors.TRANSPARENT,
            border=ft.NoInputBorder(),
            dense=True,
            expand=True,
            autofocus=True,
            shift_enter=True,
            min_lines=1,
            max_lines=5,
            text_size=15,
            content_padding=ft.Padding.symmetric(horizontal=12, vertical=10),
            on_submit=self._submitted,
            on_change=self._changed,
            # Heard so that a click beside the field leaves the focus where it is: Flet would
            # take it away, and cannot give it back to a field with `shift_enter` (its `focus()`
            # asks a node that is not in use).
            on_tap_outside=self._stay,
        )
        self._button = ft.IconButton(
            icon=ft.Icons.SEND_ROUNDED,
            tooltip="Send message",
            icon_size=20,
            icon_color=ft.Colors.ON_PRIMARY,
            bgcolor=ft.Colors.PRIMARY,
            on_click=self._submitted,
        )
        self._reason = ft.Text("", size=13, color=ft.Colors.ERROR, visible=False)
        line = ft.Row(
            [self._field, self._button], spacing=4, vertical_alignment=ft.CrossAxisAlignment.END
        )
        box = ft.Container(
            line,
            padding=4,
            border_radius=16,
            bgcolor=ft.Colors.SURFACE_CONTAINER,
            border=ft.Border.all(1, ft.Colors.OUTLINE_VARIANT),
        )
        under = ft.Container(self._reason, padding=ft.Padding.only(left=look.GAP))
        super().__init__(controls=[box, under], spacing=4, tight=True)

    @property
    def words(self) -> str:
        """What stands in the field."""
        return self._field.value

    def put_words(self, words: str) -> None:
        """Bring back what was typed before."""
        if words != self._field.value:
            self._field.value = words
            self._field.update()

    def _stay(self) -> None:
        pass

    def keep_now(self) -> None:
        """Keep the words at once: the session may not come back."""
        if self._keeping is not None:
            self._keeping.cancel()
            self._keep_words()

    async def _submitted(self, event: ft.Event[ft.TextField] | ft.Event[ft.IconButton]) -> None:
        """Enter and the button. Pressed while a message is on its way, it sends the rest next."""
        self._again = True
        if self._sending:
            return
        self._sending = True
        # What stood in the field when Enter was pressed; more may have been typed since.
        words = event.data if isinstance(event.data, str) else self.words
        try:
            while self._again and not is_blank(words):
                self._again = False
                await self._send_words(words)
                words = self.words
        finally:
            self._sending = False

    async def _send_words(self, text: str) -> None:
        # A second try of the same words is the same message, if the first was stored after all.
        self._client_id = self._client_id or secrets.token_hex(16)
        try:
            await self._send(text, self._client_id)
        except ChatError as refusal:
            self._explain(str(refusal))
            self._again = False
        else:
            self._clear(text)

    def _clear(self, sent: str) -> None:
        """Empty the field, but for what was typed while the message was on its way."""
        self._client_id = ""
        self._sent, self._sent_at = sent, time.monotonic()
        self._field.value = self.words.removeprefix(sent)
        self._field.update()
        self._explain("")
        self._keep_later()

    def _explain(self, reason: str) -> None:
        if self._reason.value != reason:
            self._reason.value = reason
            self._reason.visible = bool(reason)
            self._reason.update()

    def _changed(self) -> None:
        if self._sent and time.monotonic() - self._sent_at < _ECHO:
            self._drop_echo()
        # Other words are another message.
        if not self._sending:
            self._client_id = ""
        self._explain("")
        self._keep_later()

    def _drop_echo(self) -> None:
        """Take what was sent out of the field again.

        A key that is pressed before the client has emptied its field comes with the words
        before it, which are stored already.
        """
        if self.words.startswith(self._sent):
            self._field.value = self.words.removeprefix(self._sent)
            self._field.update()

    def _keep_later(self) -> None:
        if self._keeping is None:
            loop = asyncio.get_running_loop()
            self._keeping = loop.call_later(_KEEP_EVERY, self._keep_words)

    def _keep_words(self) -> None:
        self._keeping = None
        self._keep(self.words)
