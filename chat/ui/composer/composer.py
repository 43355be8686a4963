"""Where a person writes: the words stay in the field until they are stored."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import flet as ft

from chat.errors import ChatError
from chat.languages import Language
from chat.model.preferences import SendKey
from chat.tasks import Tasks
from chat.text.emoji import replace_shortcodes
from chat.text.message_text import is_blank
from chat.ui.autocomplete.popup import Source, Suggestions
from chat.ui.client.connection import Typed
from chat.ui.client.file_transfer import Carrying
from chat.ui.composer.attachments import Enclosing
from chat.ui.composer.context_bar import Aim
from chat.ui.composer.destination import Field, Writing
from chat.ui.composer.draft_saver import Keeping
from chat.ui.composer.input_row import Line
from chat.ui.composer.message_field import FIELD, WordsField, upto
from chat.ui.composer.replacements import Swaps
from chat.ui.composer.send_queue import Sending, Sent
from chat.ui.emoji.picker import EmojiPicker
from chat.ui.theme import theme

# So much of what was sent may wait until it is stored, in characters.
_WAITING = 4 * FIELD

_UNDER = ft.Padding.only(left=theme.GAP)

Save = Callable[[str], Awaitable[None]]


class Composer(ft.Column):
    """Field and button as one object; `enter` says where the words go."""

    def __init__(
        self,
        client: Field,
        files: Carrying,
        sources: Sequence[Source],
        picker: EmojiPicker,
        t: Language,
    ) -> None:
        self._t = t
        self._client = client
        self._picker = picker
        self._writing: Writing | None = None
        self._left: str | None = None
        # What stood in the field at each Enter, before there was a room.
        self._early: list[str] = []
        self._tasks = Tasks()
        self._keeping = Keeping(lambda: self.words, self._keep)
        self._field = WordsField(t("Write a message…"), self._entered, self._changed)
        self._typing: dict[str, Callable[[], Any]] = {
            "submit": self._entered,
            "change": self._changed,
        }
        self._reason = ft.Text("", size=13, color=ft.Colors.ERROR, visible=False)
        self._save: Save | None = None
        self._quoted: int | None = None
        self._aside = ""
        self._aim = Aim(self.cancel, t)
        self.files = Enclosing(files, self._aim, t, self._send, self._explain)
        strike = self._field.strike
        self._sending = Sending(
            client, self._is_here, self._said, self._refused, self.files.give_back, strike
        )
        self._swaps = Swaps(self._field, client, picker, self._keeping.later)
        self.suggestions = Suggestions(sources, self._swaps.swap, client.capture)
        self._line = Line(self._field, self.files.pick, self._pick, self._clicked, t)
        under = ft.Container(self._reason, padding=_UNDER)
        super().__init__(
            controls=[self.suggestions, self._aim, self._line, under], spacing=4, tight=True
        )

    def enter(self, writing: Writing, words: str, standing: str) -> None:
        """From now on it is written there, going on with `words`.

        `standing` is what stood here when these were read: whoever wrote on there meanwhile keeps
        what they wrote, and so does who began before there was a room; what they sent is sent now.
        """
        begun = self._field.value if self._writing is None else ""
        sent = self._early[-1] if self._early and begun.startswith(self._early[-1]) else ""
        if writing == self._writing and not self._keeping.kept == self.words == standing:
            return
        self.cancel()
        self.keep_now()
        self.suggestions.close()
        # The client may tell what is left of the old words when the new ones stand here already.
        self._left = self.words if self._sending.cutting else None
        if self._writing not in (None, writing):
            # A key that was pressed before the client hears of this still comes with the others.
            self._sending.expect_echo(self._field.value)
        self._writing = writing
        self._sending.forget()
        self._keeping.kept = words
        self._field.write(sent + words + begun[len(sent) :])
        if begun:
            self._keeping.later()
        self.files.enter(writing)
        while self._early:
            self._tasks.start(self.send(self._early.pop(0)), "send what was sent early")

    def send_nothing_early(self) -> None:
        """What was sent before there was a room was for another one: it stays in the field."""
        self._early.clear()

    def refuse(self, refusal: str) -> None:
        """Where nobody may write, `refusal` says why; empty where they may."""
        self.files.take(not refusal)
        if self._field.disabled != bool(refusal):
            self._line.close(bool(refusal))
            self._explain(refusal)

    @property
    def words(self) -> str:
        """What stands in the field and is not sent; what is being edited is not it."""
        if self._save is not None:
            return self._aside
        return self._sending.without_sent(self._field.value)

    def mention(self, name: str) -> None:
        """Write `@name` where the cursor is."""
        self._field.insert(f"@{name} ", apart=True)
        self._keeping.later()

    async def _pick(self) -> None:
        """Choose an emoji, which comes to where the cursor is."""
        await self._picker.open(self._add)

    async def _add(self, char: str) -> None:
        self._field.insert(char)
        self._keeping.later()

    def keep_now(self) -> None:
        """Keep the words at once: the session may not come back."""
        self._keeping.now()

    def edit(self, text: str, save: Save) -> None:
        """Bring a message back into the field; Enter gives it to `save`, which may refuse."""
        if self._save is None:
            self._aside = self.words
        self._save, self._quoted = save, None
        self._sending.expect_echo("")
        self._field.write(text)
        self._aim.show(ft.Icons.EDIT_OUTLINED, self._t("Editing your message"))

    def answer(self, number: int, name: str, text: str, sign: ft.Control | None = None) -> None:
        """What is sent next quotes this message; `sign` is of its file, if it is without a word."""
        self.cancel()
        self._quoted = number
        words = self._t("Replying to {name}: {text}", name=name, text=" ".join(text.split()))
        self._aim.show(ft.Icons.REPLY_ROUNDED, words, sign)

    def cancel(self) -> None:
        """Answer nothing; leave what was edited as it is, and bring back what stood there."""
        if self._save is not None:
            self._save = None
            self._explain("")
            self._field.write(self._aside)
        self._quoted = None
        self._aim.show(None, "")

    def send_with(self, key: SendKey) -> None:
        """What sends in the desktop window; on a page its script sees to it."""
        if self._field.shift_enter is not (key is SendKey.ENTER):
            self._field.shift_enter = key is SendKey.ENTER
            self._field.update()

    def keep_arrows(self, on: bool) -> None:
        """In the desktop window: ↑ and ↓ are for the list above the field."""
        self._field.ignore_up_down_keys = on
        self._field.update()

    async def pressed_ctrl_enter(self) -> None:
        """In the desktop window."""
        if not self._field.shift_enter:
            await self._clicked()

    def pressed(self, name: str, typed: Typed | None = None) -> Callable[[], Any] | None:
        """What a key does that was pressed in the field, when `typed` stood there."""
        if typed is not None:
            return partial(self._picked, name, typed)
        if (taken := self.suggestions.pressed(name)) is not None:
            return taken
        return self.cancel if name == "escape" else None

    def told_cursor(self, start: int, end: int) -> None:
        """The client says where in the field the cursor is, in UTF-16."""
        self._field.told_cursor(start, end)

    async def _picked(self, name: str, typed: Typed) -> None:
        """Enter or Tab, when something was offered; what stood there may want nothing offered."""
        self.suggestions.consider(upto(typed.words, typed.cursor))
        if (take := self.suggestions.pressed(name)) is not None:
            take()
        elif name == "enter":
            await self.send(typed.words)

    def complete(self) -> None:
        """Offer again what may be meant: more is known by now."""
        self.suggestions.consider(self._field.before)

    async def _save_edit(self, save: Save, text: str) -> None:
        try:
            await save(text)
        except ChatError as refusal:
            self._refused(refusal)
        else:
            self.cancel()

    def handler(self, control: int, event: str) -> Callable[[], Any] | None:
        """What happens when somebody types."""
        return self._typing.get(event) if control == self._field._i else None

    async def _entered(self) -> None:
        if self._field.ignore_up_down_keys and (take := self.suggestions.pressed("enter")):
            take()
        else:
            await self._clicked()

    async def _clicked(self) -> None:
        await self.send(self._field.value)

    async def send(self, typed: str) -> None:
        """The key that sends was pressed, and this stood in the field.

        What of it was not sent before is sent after that.
        """
        if self._writing is None:
            self._early.append(typed)
            return
        typed = self._sending.without_sent(self._sending.without_echo(typed))
        text = replace_shortcodes(typed, self._picker.preferences().tone)
        if self._save is not None:
            await self._save_edit(self._save, text)
            return
        if is_blank(text) and not (self.files.is_going or self.files.is_ready):
            return
        if self._sending.waiting + len(text) > _WAITING:
            self._explain(
                self._t("What you sent is not stored yet. Wait a moment, then send this again.")
            )
            return
        sent = Sent(typed, text, self._writing, self._quoted)
        if self.files.is_going:
            self.files.hold(sent)
        else:
            await self._send(sent)

    async def _send(self, sent: Sent) -> None:
        self.suggestions.close()
        if self._quoted is not None:
            self._quoted = None
            self._aim.show(None, "")
        await self._sending.add(self.files.with_files(sent))

    def _is_here(self, where: Writing) -> bool:
        return where is self._writing

    def _said(self) -> None:
        self._explain("")
        self._keeping.later()

    def _refused(self, refusal: ChatError) -> None:
        self._explain(self._t.error(refusal))
        self._keeping.later()

    def _explain(self, reason: str) -> None:
        if self._reason.value != reason:
            self._reason.value = reason
            self._reason.visible = bool(reason)
            self._reason.update()

    def _changed(self) -> None:
        if self._left is not None and self._left == self._field.value:
            self._left = None
            self._field.write(self._keeping.kept)
            return
        words = self._sending.without_echo(self._field.value)
        if words != self._field.value:
            self._field.value = words
            self._field.update()
        unsent = self._sending.without_sent(words)
        self.files.written(unsent)
        full = len(words) >= FIELD
        self._explain(self._t("The field is full. Send a part of this first.") if full else "")
        if self._save is None and self._writing is not None and not is_blank(unsent):
            self._writing.types()
        since = self._field.changed()
        self.suggestions.consider(self._field.before)
        self._swaps.put_emoji(self._field.before, since)
        self._keeping.later()

    def _keep(self, words: str) -> None:
        if self._writing is not None:
            self._writing.keep(words)
