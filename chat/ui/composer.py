"""Where a person writes: the words stay in the field until they are stored.

The server cannot simply empty the field: keys that are pressed while a message is on its way would
be wiped out with it, or come back with it. So the client itself takes the stored text off the
front of what stands there (the page's script does, where the keys are), and until it has said so,
whatever it sends is read without that text.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import flet as ft

from chat.errors import ChatError
from chat.languages import Language
from chat.text import is_blank
from chat.ui import look
from chat.ui.aim import Aim
from chat.ui.suggestions import Source, Suggestions
from chat.ui.writing import Field, Sent, Writing

# Words are kept this often while somebody types, in seconds.
_KEEP_EVERY = 0.3

# What fits in the field, in characters: what it sends at each key stays below the 128 KiB that a
# client may send at once, and a message of the longest kind still fits three times.
_FIELD = 30_000

# So much of what was sent may wait until it is stored, in characters.
_WAITING = 4 * _FIELD

# Where the server has to empty the field: for this long, in seconds, a key that was pressed
# before that may still come with the words before it.
_ECHO = 2.0

_NO_BORDER = ft.NoInputBorder()
# Letters stand lower in their line than they look.
_INSIDE = ft.Padding.only(left=12, right=12, top=8, bottom=12)
_UNDER = ft.Padding.only(left=look.GAP)

Save = Callable[[str], Awaitable[None]]


class Composer(ft.Column):
    """Field and button as one object; `enter` says where the words go."""

    def __init__(self, client: Field, sources: Sequence[Source], say: Language) -> None:
        self._say = say
        self._client = client
        self._writing: Writing | None = None
        self._sending = False
        # What was sent and stands in the client's field still; of that, what is not stored yet.
        self._shown: deque[str] = deque()
        self._waiting: deque[Sent] = deque()
        self._cutting = False
        self._left: str | None = None
        self._tried = ("", "")
        self._sent, self._sent_at = "", 0.0
        self._keeping: asyncio.TimerHandle | None = None
        self._kept = ""
        self._field = ft.TextField(
            hint_text=say("Write a message…"),
            filled=True,
            fill_color=ft.Colors.TRANSPARENT,
            hover_color=ft.Colors.TRANSPARENT,
            border=_NO_BORDER,
            dense=True,
            expand=True,
            autofocus=True,
            shift_enter=True,
            min_lines=1,
            max_lines=5,
            max_length=_FIELD,
            counter="",
            text_size=15,
            content_padding=_INSIDE,
            on_submit=self._entered,
            on_change=self._changed,
            # Heard so that a click beside the field leaves the focus where it is: Flet would
            # take it away, and cannot give it back to a field with `shift_enter` (its `focus()`
            # asks a node that is not in use).
            on_tap_outside=self._stay,
        )
        self._button = ft.IconButton(
            icon=ft.Icons.SEND_ROUNDED,
            tooltip=say("Send message"),
            icon_size=20,
            icon_color=ft.Colors.ON_PRIMARY,
            bgcolor=ft.Colors.PRIMARY,
            on_click=self._clicked,
        )
        self._typing: dict[str, Callable[[], Any]] = {
            "submit": self._entered,
            "change": self._changed,
        }
        self._reason = ft.Text("", size=13, color=ft.Colors.ERROR, visible=False)
        self._save: Save | None = None
        self._quoted: int | None = None
        self._aside = ""
        self._aim = Aim(self.cancel, say)
        self.suggestions = Suggestions(sources, self._complete, client.capture)
        line = ft.Row(
            [self._field, self._button], spacing=4, vertical_alignment=ft.CrossAxisAlignment.END
        )
        box = ft.Container(
            line,
            padding=4,
            border_radius=16,
            bgcolor=ft.Colors.SURFACE_CONTAINER,
            border=look.OUTLINE,
        )
        under = ft.Container(self._reason, padding=_UNDER)
        super().__init__(controls=[self.suggestions, self._aim, box, under], spacing=4, tight=True)

    def enter(self, writing: Writing, words: str, standing: str) -> None:
        """From now on it is written there, going on with `words`.

        `standing` is what stood here when these were read: whoever wrote on there meanwhile keeps
        what they wrote.
        """
        if writing == self._writing and not self._kept == self.words == standing:
            return
        self.cancel()
        self.keep_now()
        self.suggestions.close()
        # The client may tell what is left of the old words when the new ones stand here already.
        self._left = self.words if self._cutting else None
        if self._writing not in (None, writing):
            # A key that was pressed before the client hears of this still comes with the others.
            self._sent, self._sent_at = self._field.value, time.monotonic()
        self._writing = writing
        self._shown.clear()
        self.put_words(words)

    def refuse(self, refusal: str) -> None:
        """Where nobody may write, `refusal` says why; empty where they may."""
        if self._field.disabled != bool(refusal):
            self._field.disabled = self._button.disabled = bool(refusal)
            self._field.update()
            self._button.update()
            self._explain(refusal)

    @property
    def words(self) -> str:
        """What stands in the field and is not sent; what is being edited is not it."""
        if self._save is not None:
            return self._aside
        return self._without_sent(self._field.value)

    def put_words(self, words: str) -> None:
        """Bring back what was typed before."""
        self._kept = words
        self._write(words)

    def _write(self, words: str) -> None:
        if words != self._field.value:
            self._field.value = words
            end = len(words.encode("utf-16-le")) // 2
            self._field.selection = ft.TextSelection(base_offset=end, extent_offset=end)
            self._field.update()

    def mention(self, name: str) -> None:
        """Write `@name` after what stands in the field."""
        words = self._field.value
        space = "" if not words or words[-1].isspace() else " "
        self._write(f"{words}{space}@{name} ")
        self._keep_later()

    def _stay(self) -> None:
        pass

    def keep_now(self) -> None:
        """Keep the words at once: the session may not come back."""
        if self._keeping is not None:
            self._keeping.cancel()
        self._keep_words()

    def edit(self, text: str, save: Save) -> None:
        """Bring a message back into the field; Enter gives it to `save`, which may refuse."""
        if self._save is None:
            self._aside = self.words
        self._save, self._quoted, self._sent = save, None, ""
        self._write(text)
        self._aim.show(ft.Icons.EDIT_OUTLINED, self._say("Editing your message"))

    def answer(self, number: int, name: str, text: str) -> None:
        """What is sent next quotes this message."""
        self.cancel()
        self._quoted = number
        words = self._say("Replying to {name}: {text}", name=name, text=" ".join(text.split()))
        self._aim.show(ft.Icons.REPLY_ROUNDED, words)

    def cancel(self) -> None:
        """Answer nothing; leave what was edited as it is, and bring back what stood there."""
        if self._save is not None:
            self._save = None
            self._explain("")
            self._write(self._aside)
        self._quoted = None
        self._aim.show(None, "")

    def pressed(self, name: str) -> Callable[[], Any] | None:
        """What a key does that was pressed in the field."""
        if (taken := self.suggestions.pressed(name)) is not None:
            return taken
        return self.cancel if name == "escape" else None

    def _complete(self, part: str, written: str) -> None:
        """Write out what was begun."""
        words = self._field.value
        if words.endswith(part):
            self._write(words.removesuffix(part) + written)
            self._keep_later()

    async def _save_edit(self, save: Save, text: str) -> None:
        try:
            await save(text)
        except ChatError as refusal:
            self._explain(self._say.refusal(refusal))
        else:
            self.cancel()

    def handler(self, control: int, event: str) -> Callable[[], Any] | None:
        """What happens when somebody types."""
        return self._typing.get(event) if control == self._field._i else None

    async def _entered(self) -> None:
        await self._submitted(self._client.at_enter(self._field.value))

    async def _clicked(self) -> None:
        await self._submitted(self._field.value)

    async def _submitted(self, typed: str) -> None:
        """What stands in the field is sent after what was sent before."""
        text = self._without_sent(self._without_echo(typed))
        if self._save is not None:
            await self._save_edit(self._save, text)
            return
        if is_blank(text) or self._writing is None:
            return
        if sum(len(each.text) for each in self._waiting) + len(text) > _WAITING:
            self._explain(
                self._say("What you sent is not stored yet. Wait a moment, then send this again.")
            )
            return
        self._shown.append(text)
        self._waiting.append(Sent(text, self._writing, self._quoted))
        self.suggestions.close()
        if self._quoted is not None:
            self._quoted = None
            self._aim.show(None, "")
        if self._sending:
            return
        self._sending = True
        try:
            while self._waiting:
                await self._send(self._waiting.popleft())
        finally:
            self._sending = False

    async def _send(self, sent: Sent) -> None:
        text = sent.text
        if text != self._tried[0]:
            # A second try of the same words is the same message, if the first was stored.
            self._tried = (text, secrets.token_hex(16))
        try:
            await sent.where.send(*self._tried, sent.quoted)
        except ChatError as refusal:
            if sent.where is not self._writing:
                # Their field shows another room by now: they are there when that is opened again.
                sent.where.keep(text)
                return
            self._explain(self._say.refusal(refusal))
            # They all stand in the field still.
            self._waiting.clear()
            self._shown.clear()
        else:
            self._tried = ("", "")
            self._explain("")
            if sent.where is self._writing:
                await self._take_out(sent)
                self._keep_later()

    async def _take_out(self, sent: Sent) -> None:
        """Take a stored text off the front of the field."""
        text = sent.text
        self._cutting = True
        done = await self._client.cut(text)
        self._cutting = False
        if sent.where is not self._writing:
            return
        if self._shown:
            self._shown.popleft()
        if not done:
            self._sent, self._sent_at = text, time.monotonic()
            self._field.value = self._field.value.removeprefix(text)
            self._field.update()

    def _without_sent(self, typed: str) -> str:
        for text in self._shown:
            if not typed.startswith(text):
                break
            typed = typed[len(text) :]
        return typed

    def _without_echo(self, typed: str) -> str:
        """The first that comes after the server emptied the field may still begin with it."""
        sent, self._sent = self._sent, ""
        if sent and len(typed) > len(sent) and time.monotonic() - self._sent_at < _ECHO:
            return typed.removeprefix(sent)
        return typed

    def _explain(self, reason: str) -> None:
        if self._reason.value != reason:
            self._reason.value = reason
            self._reason.visible = bool(reason)
            self._reason.update()

    def _changed(self) -> None:
        if self._left is not None and self._left == self._field.value:
            self._left = None
            self._write(self._kept)
            return
        words = self._without_echo(self._field.value)
        if words != self._field.value:
            self._field.value = words
            self._field.update()
        full = len(words) >= _FIELD
        self._explain(self._say("The field is full. Send a part of this first.") if full else "")
        if self._save is None and self._writing is not None and not is_blank(words):
            self._writing.types()
        self.suggestions.consider(words)
        self._keep_later()

    def _keep_later(self) -> None:
        if self._keeping is None:
            loop = asyncio.get_running_loop()
            self._keeping = loop.call_later(_KEEP_EVERY, self._keep_words)

    def _keep_words(self) -> None:
        self._keeping = None
        if self.words != self._kept:
            self._kept = self.words
            if self._writing is not None:
                self._writing.keep(self.words)
