"""The composer: a text stays in the message field until it is stored."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import flet as ft

from chat.errors import (
    ChatError,
    ManyPeopleCalled,
    SlowDown,
    SlowModeWait,
    Translatable,
    gettext_noop,
)
from chat.languages import Language
from chat.model.preferences import SendKey
from chat.tasks import Tasks
from chat.text.emoji import replace_shortcodes
from chat.text.formatting import Mark
from chat.text.message_text import is_blank
from chat.text.snippets import is_long
from chat.text.utf16 import utf16_prefix
from chat.ui.autocomplete.popup import CompletionPopup, CompletionProvider
from chat.ui.client.connection import ClientConnection, FieldSnapshot
from chat.ui.client.file_transfer import FileTransfer
from chat.ui.client.page_messages import FIELD_LIMIT, MAX_SENT_LENGTH
from chat.ui.compose_menu.paste_offer import PasteOffer
from chat.ui.compose_menu.tools import ComposeTools, ToolTarget
from chat.ui.composer.composer_events import (
    ComposerEvent,
    FilesChanged,
    FilesReady,
    FilesRefused,
    MessagesRefused,
    MessageStored,
    TextRemoved,
    WaitingDropped,
)
from chat.ui.composer.composer_files import ComposerFiles
from chat.ui.composer.context_bar import ContextBar
from chat.ui.composer.destination import ClientField, Destination
from chat.ui.composer.draft_saver import DraftSaver
from chat.ui.composer.input_row import InputRow
from chat.ui.composer.message_field import MessageField
from chat.ui.composer.replacements import TextReplacer
from chat.ui.composer.send_queue import SendQueue
from chat.ui.composer.send_states import EarlyText, Outgoing, SendStates
from chat.ui.emoji.picker import EmojiPicker
from chat.ui.theme import theme, widgets
from chat.ui.theme.confirmation import ConfirmationDialog
from chat.ui.theme.countdown import CountdownText
from chat.ui.theme.snackbars import show_snackbar, show_undo_snackbar
from chat.ui.uploads.pending_files import PendingFile

_SLOW_MODE_WAIT = gettext_noop("Slow mode: you can write again in {seconds} s.")

_ERROR_PADDING = ft.Padding.only(left=theme.GAP)

# Saves an edited text that the client sent under this client id. Raises ChatError.
SaveEdit = Callable[[str, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Writing:
    """The field has a new message. `quoted_number` is the message that it answers."""

    quoted_number: int | None = None


@dataclass(frozen=True, slots=True)
class Editing:
    """The field has a message that is being edited. `draft` is the text that it replaced."""

    number: int
    save: SaveEdit
    draft: str


class Composer(ft.Column):
    """The message field with its buttons. `set_destination` says where messages go."""

    def __init__(
        self,
        client_field: ClientField,
        file_transfer: FileTransfer,
        *,
        providers: Sequence[CompletionProvider],
        picker: EmojiPicker,
        t: Language,
    ) -> None:
        self._t = t
        self._picker = picker
        self._mode: Writing | Editing = Writing()
        self._previous_draft: str | None = None
        # What the client was told last that the field is for.
        self._reported_context: tuple[object, ...] | None = None
        # From the end of a connection until the next one shows a room.
        self._is_client_gone = False
        self._client_field = client_field
        self._tasks = Tasks()
        self._states = SendStates()
        self._send_queue = SendQueue(client_field, self._states, self)
        self._draft_saver = DraftSaver(self)
        self._field = MessageField(
            t("Write a message…"), on_enter=self._on_enter, on_text_change=self._on_change
        )
        self._error_text = ft.Text("", size=13, color=ft.Colors.ERROR, visible=False)
        self._context_bar = ContextBar(t, on_cancel=self.cancel)
        self.files = ComposerFiles(
            file_transfer, self._context_bar, self._states, composer=self, t=t
        )
        self._text_replacer = TextReplacer(
            self._field, client_field, picker, draft_saver=self._draft_saver
        )
        self.completion_popup = CompletionPopup(
            providers,
            on_accept=self._text_replacer.replace,
            capture_keys=client_field.capture_completion_keys,
        )
        self._tools = ComposeTools(self, self, t)
        self._input_row = InputRow(
            self._field,
            t,
            on_menu=self._tools.open_menu,
            on_emoji=self._open_picker,
            on_send=self._send_field,
            on_send_later=self.ask_send_time,
        )
        self._paste_offer: PasteOffer | None = None
        # Created on first use: few people have to wait.
        self._wait_line: CountdownText | None = None
        self._error_box = ft.Container(self._error_text, padding=_ERROR_PADDING)
        self._has_lines = False
        super().__init__(
            controls=[self.completion_popup, self._context_bar, self._input_row, self._error_box],
            spacing=4,
            tight=True,
        )

    def handle(self, event: ComposerEvent) -> None:
        """React to an event of a part of the composer."""
        match event:
            case MessageStored(outgoing, draft_deleted):
                self._field.expect_removal()
                self._count_down()
                if draft_deleted:
                    self._draft_saver.deleted(outgoing.draft)
            case TextRemoved(text, by_client):
                if by_client:
                    self._field.removed_in_client(text)
                else:
                    self._field.expect_echo(text)
                    self._field.remove_prefix(text)
                    self._offer_file("")
                self._show_reason("")
                if not self._is_client_gone:
                    self._draft_saver.save_later()
            case MessagesRefused(messages, error):
                self._give_back(messages, error)
            case FilesReady(outgoing):
                self._tasks.start(self._send(outgoing), "send with files")
            case FilesRefused(reason):
                self._show_reason(reason)
            case FilesChanged():
                self.report_context()
            case WaitingDropped(outgoing):
                self._client_field.settle_send(outgoing.client_id)

    def _give_back(self, messages: Sequence[Outgoing], error: ChatError) -> None:
        """Give refused texts and their files back to the person."""
        for each in messages:
            self.files.restore(each)
        destination = messages[0].destination
        text = "".join(each.field_text for each in messages)
        if destination is self._destination:
            pass  # the texts are still in the field
        elif destination == self._destination:
            # The person has gone, and come back to the room: the field has another text.
            self._field.set_text(text + self._field.value)
        else:
            destination.give_back_draft(text)
            return
        self._show_error(error)
        if isinstance(error, ManyPeopleCalled):
            self._ask_to_call(destination, error)

    def _ask_to_call(self, destination: Destination, error: ManyPeopleCalled) -> None:
        """Ask whether a message may call many people; send it again if it may."""

        async def confirm() -> None:
            destination.confirm_call(error.client_id)
            self._tasks.start(self._send_field(), "send a confirmed message")

        t, count = self._t, error.count
        widgets.page_of(self).show_dialog(
            ConfirmationDialog(
                t.plural("Call one person?", "Call {count} people?", count),
                t("Each of them gets a notification, now or when they come back."),
                t("Send"),
                action=confirm,
                t=t,
            )
        )

    def set_destination(
        self, destination: Destination, stored_draft: str, field_draft: str
    ) -> None:
        """Send messages to `destination` from now on, and put its draft into the field.

        `field_draft` is the draft that the field had when `stored_draft` was read. If the person
        has typed since, the new text stays. A text that was typed before the first room was shown
        stays too, and the sends of that time are run now.
        """
        typed_early = self._field.value if self._destination is None else ""
        sent_early = self._states.early_part(typed_early)
        # The page of a client that was away has given the chat all of its field (`recovery.py`).
        is_saved = self._is_client_gone or self._draft_saver.saved == self.draft
        self._is_client_gone = False
        if destination == self._destination and not (is_saved and self.draft == field_draft):
            self._count_down()
            return
        self.cancel()
        self.save_draft_now()
        self.completion_popup.close()
        # The client may report the rest of the previous draft when the new one is in the field.
        self._previous_draft = self.draft if self._states.is_removing else None
        if self._destination not in (None, destination):
            # A key that the person pressed before the client got the new text arrives with the old
            # text.
            self._field.expect_echo(self._field.value)
        self._send_queue.destination = destination
        self._count_down()
        self._states.field_replaced()
        self._withdraw_paste_offer()
        self._draft_saver.saved = stored_draft
        self._field.set_text(sent_early + stored_draft + typed_early[len(sent_early) :])
        if typed_early:
            self._draft_saver.save_later()
        self.files.set_destination(destination)
        self.report_context()
        for early in self._states.take_early():
            self._tasks.start(self.send(early.text, early.client_id), "send an early text")

    @property
    def path(self) -> str:
        """The path of the room that messages are sent to; empty before the first one."""
        return "" if self._destination is None else self._destination.path

    def settle(self, client_id: str) -> None:
        """A text that the page sent for another room is not sent: it is in the draft there."""
        self._client_field.settle_send(client_id)

    def take_early_texts(self, other: "Composer") -> None:
        """Take what was typed and sent in the field of `other` before a room was shown."""
        if other.path:
            return
        for early in other._states.take_early():
            self._states.send_early(early)
        self._field.set_text(other._field.value)
        other._field.set_text("")

    def drop_early_sends(self) -> None:
        """Leave the texts that were sent before a room was shown in the field: they were for
        another room."""
        for early in self._states.take_early():
            self._client_field.settle_send(early.client_id)

    def forget_reported_context(self) -> None:
        """Another page of the client has the field from now on, and knows nothing yet."""
        self._reported_context = None

    def report_context(self) -> None:
        """Tell the client what the field is for, if that has changed."""
        if self._destination is None:
            return
        mode = self._mode
        edited_number = mode.number if isinstance(mode, Editing) else 0
        quoted_number = (mode.quoted_number or 0) if isinstance(mode, Writing) else 0
        context = (self._destination.path, edited_number, quoted_number, self.files.upload_ids)
        if context != self._reported_context:
            self._reported_context = context
            self._client_field.report_context(*context)

    def _offer_file(self, inserted: str) -> None:
        """Offer to send an inserted text as a file, if it is long; forget one that is gone."""
        if self._paste_offer is not None and self._paste_offer.text not in self._field.value:
            self._withdraw_paste_offer()
        if is_long(inserted) and isinstance(self._mode, Writing) and self.files.is_enabled:
            self._withdraw_paste_offer()
            self._paste_offer = PasteOffer(
                inserted,
                self._t,
                make_file=self._make_file_of_paste,
                dismiss=self._withdraw_paste_offer,
            )
            self._context_bar.set_offer(self._paste_offer)

    def _withdraw_paste_offer(self) -> None:
        if self._paste_offer is not None:
            self._paste_offer = None
            self._context_bar.set_offer(None)

    async def _make_file_of_paste(self) -> None:
        """Move the pasted text from the field into a file of the message."""
        if (offer := self._paste_offer) is None:
            return
        self._withdraw_paste_offer()
        destination, name = self._destination, self._t("pasted text") + ".txt"
        try:
            file = await self.files.add_text(name, offer.text)
        except ChatError as error:
            self._show_error(error)
            return
        if file is None or destination is not self._destination:
            return  # the text is in the draft of its room
        before, found, after = self._field.value.partition(offer.text)
        if found:
            self._field.set_text(before + after, len(before))
            self._draft_saver.save_later()
        self.focus_field()
        show_undo_snackbar(
            self.page,
            self._t("The text is a file of your message now."),
            self._t("Undo"),
            undo=partial(self._undo_file_of_paste, file, offer.text, before),
        )

    async def _undo_file_of_paste(self, file: PendingFile, text: str, before: str) -> None:
        if not self.files.take_back(file):
            show_snackbar(self.page, self._t("The file is sent already."))
            return
        if self._field.value.startswith(before):
            rest = self._field.value[len(before) :]
            self._field.set_text(before + text + rest, len(before + text))
        else:
            self._field.insert(text)
        self._draft_saver.save_later()
        self.focus_field()

    def set_hint(self, hint: str) -> None:
        """Show in the empty field where its text goes."""
        if self._field.hint_text != hint:
            self._field.hint_text = hint
            self._field.update()

    def fit(self, height: float) -> None:
        """Arrange for the height of the page, in pixels; the caller updates."""
        self._field.fit(height)

    def show_cursor(self, *, visible: bool) -> None:
        """Show the cursor of the field, or hide it: keys move in a list meanwhile."""
        if self._field.show_cursor is not visible:
            self._field.show_cursor = visible
            self._field.update()

    def set_read_only(self, reason: str) -> None:
        """Show why nobody can write here; an empty `reason` if the person can."""
        self.files.set_enabled(not reason)
        if self._field.disabled != bool(reason):
            self._input_row.set_disabled(bool(reason))
            self._input_row.visible = not reason
            if reason:
                self.controls.append(_read_only_bar(reason))
            else:
                self.controls.pop()
                self._show_reason("")
            self.update()

    @property
    def draft(self) -> str:
        """The text of the field that is not sent. An edited message is not a draft."""
        if isinstance(self._mode, Editing):
            return self._mode.draft
        return self._states.unsent_part(self._field.value)

    async def ask_send_time(self) -> None:
        """Ask for the time at which the text of the field is sent, if it can be."""
        try:
            self._require_text_for_later()
        except ChatError as error:
            self._show_error(error)
        else:
            self._tools.open_send_time()

    def _require_text_for_later(self) -> str:
        """The text of the field that is not sent. Raises ChatError if it cannot be sent later."""
        if isinstance(self._mode, Editing):
            raise ChatError("Finish the edit first.")
        if self.files.is_uploading or self.files.has_ready_files:
            raise ChatError("Files cannot be sent later. Send them now, or remove them.")
        typed = self._states.unsent_part(self._field.value)
        if is_blank(typed):
            raise ChatError("There is nothing to send yet. Write a message first.")
        return typed

    async def send_later(self, due_at: datetime, client_id: str) -> None:
        """Send the text of the field at a time. It leaves the field when it is stored."""
        typed, destination = self._require_text_for_later(), self._destination
        assert destination is not None and isinstance(self._mode, Writing)
        text = replace_shortcodes(typed, self._picker.preferences().tone)
        draft, quoted_number = self._draft_sent_with(typed), self._mode.quoted_number
        text_id = await destination.send_later(text, due_at, client_id, quoted_number, draft)
        if destination is not self._destination:
            return
        self._draft_saver.deleted(draft)
        before, _, after = self._field.value.rpartition(typed)
        self._field.set_text(before + after)
        self.cancel()
        self._show_reason("")
        self._draft_saver.save_later()
        when = destination.viewer.format_date_time(due_at)
        show_undo_snackbar(
            self.page,
            self._t("Your message will be sent: {when}.", when=when),
            self._t("Undo"),
            undo=partial(self._undo_send_later, destination, text_id, typed),
        )

    async def _undo_send_later(self, destination: Destination, text_id: int, typed: str) -> None:
        """Cancel a text that is sent later, and give it back."""
        try:
            await destination.cancel_later(text_id)
        except ChatError as error:
            show_snackbar(self.page, self._t.error(error))
            return
        if destination is self._destination:
            self._field.set_text(typed + self._field.value)
            self._draft_saver.save_later()
            self.focus_field()
        else:
            destination.give_back_draft(typed)

    @property
    def target(self) -> ToolTarget | None:
        """The room of the field, for the tools."""
        return self._destination

    @property
    def text(self) -> str:
        """The text of the field that is not sent, as it would be stored."""
        typed = self._states.unsent_part(self._field.value)
        return replace_shortcodes(typed, self._picker.preferences().tone)

    async def pick_files(self) -> None:
        """Let the person choose files for the message."""
        await self.files.pick()

    def focus_field(self) -> None:
        """Let the person go on writing."""
        self._client_field.focus_field()

    @property
    def _destination(self) -> Destination | None:
        return self._send_queue.destination

    def store_draft(self, draft: str) -> None:
        """Begin to store a draft."""
        if self._destination is not None:
            self._destination.save_draft(draft)

    def insert_mention(self, name: str) -> None:
        """Insert `@name` at the cursor."""
        self._field.insert(f"@{name} ", separate=True)
        self._draft_saver.save_later()

    async def _open_picker(self) -> None:
        """Open the emoji picker, which inserts at the cursor."""
        await self._picker.open(self._insert_emoji)

    async def _insert_emoji(self, char: str) -> None:
        self._field.insert(char)
        self._draft_saver.save_later()

    def save_draft_now(self) -> None:
        """Save the draft at once: the person goes to another room."""
        self._draft_saver.save_now()

    def on_client_gone(self) -> None:
        """Save the draft at once: the session may not come back."""
        self.save_draft_now()
        if self._wait_line is not None:
            self._wait_line.stop()
        self._is_client_gone = True

    def start_edit(self, number: int, text: str, save: SaveEdit) -> None:
        """Put the message of this number into the field for editing.

        Enter calls `save`, which may raise ChatError.
        """
        self._mode = Editing(number, save, self.draft)
        self.report_context()
        self._field.expect_echo("")
        self._field.set_text(text)
        self._context_bar.show(ft.Icons.EDIT_OUTLINED, self._t("Editing your message"))

    def put_text(self, text: str) -> None:
        """Put a text into the field, in place of the one there."""
        self._field.set_text(text)
        self._draft_saver.save_later()

    def start_reply(
        self, number: int, name: str, text: str, thumbnail: ft.Control | None = None
    ) -> None:
        """Let the next message quote this one. `thumbnail` shows its file if it has no text."""
        self.cancel()
        self._mode = Writing(number)
        self.report_context()
        label = self._t("Replying to {name}: {text}", name=name, text=" ".join(text.split()))
        self._context_bar.show(ft.Icons.REPLY_ROUNDED, label, thumbnail)

    def cancel(self) -> None:
        """Stop replying or editing, and restore the draft that was there before."""
        mode, self._mode = self._mode, Writing()
        self.report_context()
        if isinstance(mode, Editing):
            self._show_reason("")
            self._field.set_text(mode.draft)
        self._context_bar.show(None, "")

    def set_send_key(self, send_key: SendKey) -> None:
        """Set the send key of the desktop window. In a browser the page script handles it."""
        self._field.follow_selection()
        if self._field.shift_enter is not (send_key is SendKey.ENTER):
            self._field.shift_enter = send_key is SendKey.ENTER
            self._field.update()

    def toggle_mark(self, mark: Mark) -> None:
        """Format the selection. In a browser the page script does that."""
        self._field.toggle_mark(mark)
        self._draft_saver.save_later()

    def take_focus(self, connection: ClientConnection) -> bool:
        """Give the focus to the field, in the client itself. False if nobody can write here."""
        if not self._field.disabled:
            self._field.take_focus(connection)
        return not self._field.disabled

    def ignore_arrows(self, enabled: bool) -> None:
        """In the desktop window: leave ↑ and ↓ to the popup above the field."""
        self._field.ignore_up_down_keys = enabled
        self._field.update()

    async def on_ctrl_enter(self) -> None:
        """Ctrl+Enter in the desktop window."""
        if not self._field.shift_enter:
            await self._send_field()

    def key_handler(
        self, key: str, snapshot: FieldSnapshot | None = None, client_id: str = ""
    ) -> Callable[[], Any] | None:
        """The handler of a key in the field; None if the key has no effect at the moment.

        `snapshot` is the field as it was when the key was pressed, if the client has reported it.
        """
        if snapshot is not None:
            return partial(self._on_completion_key, key, snapshot, client_id)
        if (handler := self.completion_popup.key_handler(key)) is not None:
            return handler
        return self.cancel if key == "escape" and self._mode != Writing() else None

    def cursor_reported(self, start: int, end: int) -> None:
        """The client reports the selection in the field, in UTF-16."""
        self._field.cursor_reported(start, end)

    async def _on_completion_key(self, key: str, snapshot: FieldSnapshot, client_id: str) -> None:
        """Enter or Tab while the popup was open. The text of that moment may have no completion."""
        self.completion_popup.refresh(utf16_prefix(snapshot.text, snapshot.cursor))
        if (handler := self.completion_popup.key_handler(key)) is not None:
            handler()
        elif key == "enter":
            await self.send(snapshot.text, client_id)
            return
        self._client_field.settle_send(client_id)

    def refresh_completions(self) -> None:
        """Complete again: the candidates have changed."""
        self.completion_popup.refresh(self._field.text_before_cursor)

    async def _submit_edit(self, save: SaveEdit, text: str, client_id: str) -> None:
        try:
            await save(text, client_id)
        except ChatError as error:
            self._show_error(error)
        else:
            self.cancel()

    def handler(self, control_id: int, event: str) -> Callable[[], Any] | None:
        """The handler of an event of the field."""
        if control_id != self._field._i:
            return None
        if event == "submit":
            # The text of this moment: what is typed next may arrive before the handler runs.
            return partial(self._submit, self._field.value)
        return self._on_change if event == "change" else None

    async def _on_enter(self) -> None:
        """Enter where Flet itself calls the field's handler: without a connection of the chat."""
        await self._submit(self._field.value)

    async def _submit(self, text: str) -> None:
        if self._field.ignore_up_down_keys and (
            accept := self.completion_popup.key_handler("enter")
        ):
            accept()
        else:
            await self.send(text)

    async def _send_field(self) -> None:
        """The button that sends. Only the client knows the current text, and gives it an id."""
        if not self._client_field.press_send(self._field.value):
            await self.send(self._field.value)

    async def send(self, typed: str, client_id: str = "", edited_number: int | None = None) -> None:
        """Send `typed`, the text of the field when the person pressed the send key.

        A part of it that is sent already is not sent again. `edited_number` is the message that the
        client's field was editing, 0 for none; None from a client that does not say so.
        """
        if self._destination is None:
            self._states.send_early(EarlyText(typed, client_id))
            return
        editing = self._mode if isinstance(self._mode, Editing) else None
        if edited_number is not None and edited_number != (editing.number if editing else 0):
            # The edit began or ended while the key was on its way: the text is still in the field
            # or in the draft, or it is saved.
            self._client_field.settle_send(client_id)
            return
        typed = self._states.unsent_part(self._field.without_echo(typed))
        text = replace_shortcodes(typed, self._picker.preferences().tone)
        if editing is not None:
            await self._submit_edit(editing.save, text, client_id)
            self._client_field.settle_send(client_id)
            return
        has_files = self.files.is_uploading or self.files.has_ready_files
        is_too_much = self._states.unstored_length + len(text) > MAX_SENT_LENGTH
        if is_too_much:
            self._show_reason(
                self._t("What you sent is not stored yet. Wait a moment, then send this again.")
            )
        if is_too_much or (is_blank(text) and not has_files):
            self._client_field.settle_send(client_id)
            return
        assert isinstance(self._mode, Writing)
        outgoing = Outgoing(
            typed,
            text,
            self._destination,
            self._mode.quoted_number,
            self._draft_sent_with(typed),
            client_id=client_id,
        )
        if self.files.is_uploading:
            self.files.send_when_ready(outgoing)
        else:
            await self._send(outgoing)

    def _draft_sent_with(self, typed: str) -> str:
        """The stored draft, if it is an earlier state of what is sent, and not of what stays."""
        stored_draft, remaining = self._draft_saver.saved, self.draft.removeprefix(typed)
        return "" if stored_draft == remaining else stored_draft

    async def _send(self, outgoing: Outgoing) -> None:
        self.completion_popup.close()
        if isinstance(self._mode, Writing) and self._mode.quoted_number is not None:
            self._mode = Writing()
            self._context_bar.show(None, "")
        outgoing = self.files.with_files(outgoing)
        self.report_context()
        await self._send_queue.enqueue(outgoing)

    def _count_down(self) -> None:
        """Count down the seconds of slow mode, if there are any."""
        seconds = 0.0 if self._destination is None else self._destination.slow_mode_wait
        self._show_wait(seconds, _SLOW_MODE_WAIT)

    def _show_wait(self, seconds: float, sentence: Translatable) -> None:
        """Show a sentence with the seconds that are left, which goes by itself."""
        if self._wait_line is None:
            if not seconds:
                return
            self._wait_line = CountdownText(self._t)
            self._show_lines([self._error_text, self._wait_line])
        self._wait_line.count_down(seconds, sentence)

    def _show_error(self, error: ChatError) -> None:
        if isinstance(error, SlowModeWait):
            self._count_down()
            self._draft_saver.save_later()
            return
        if isinstance(error, SlowDown) and "seconds" in error.values:
            self._show_wait(error.wait, Translatable(error.template))
            self._draft_saver.save_later()
            return
        self._show_reason(self._t.error(error))
        self._draft_saver.save_later()

    def _show_reason(self, reason: str) -> None:
        if self._error_text.value != reason:
            self._error_text.value = reason
            self._error_text.visible = bool(reason)
            if not self._has_lines:
                self._show_lines([self._error_text])
            self._error_text.update()

    def _show_lines(self, lines: Sequence[ft.Text]) -> None:
        """Show lines below the field, each a node for screen readers.

        They read the reason of a refusal at once; a countdown would be read every second. The nodes
        are made on first use: most people are never refused.
        """
        nodes: list[ft.Control] = [
            ft.Semantics(content=each, container=True, live_region=each is self._error_text)
            for each in lines
        ]
        self._error_box.content = ft.Column(nodes, spacing=2, tight=True)
        self._error_box.update()
        self._has_lines = True

    def empty_in_client(self) -> None:
        """The client says that its field is empty, perhaps before it has reported the change."""
        self._field.empty_in_client()

    def _on_change(self) -> None:
        if self._field.take_late_report():
            return
        # Only the first change may be that of the field before: what comes later was typed here.
        previous_draft, self._previous_draft = self._previous_draft, None
        if previous_draft is not None and previous_draft == self._field.value:
            self._field.set_text(self._draft_saver.saved)
            return
        text = self._field.without_echo(self._field.value)
        if text != self._field.value:
            self._field.value = text
            self._field.update()
        unsent_text = self._states.unsent_part(text)
        self.files.on_text_changed(unsent_text)
        is_full = len(text) >= FIELD_LIMIT
        self._show_reason(
            self._t("The field is full. Send a part of this first.") if is_full else ""
        )
        is_new = isinstance(self._mode, Writing) and not is_blank(unsent_text)
        if is_new and self._destination is not None:
            self._destination.report_typing()
        self._draft_saver.save_later()
        changed_from = self._field.track_change()
        if len(text) <= FIELD_LIMIT:
            # A longer text is not read: only a client that ignores the limit has one.
            before_cursor = self._field.text_before_cursor
            self._offer_file(before_cursor[changed_from:])
            self.completion_popup.refresh(before_cursor)
            self._text_replacer.replace_typed_shortcodes(before_cursor, changed_from)


def _read_only_bar(reason: str) -> ft.Container:
    """The bar in place of the field where nobody can write."""
    icon = ft.Icon(ft.Icons.ARCHIVE_OUTLINED, size=20, color=ft.Colors.ON_SURFACE_VARIANT)
    text = widgets.secondary_text(reason, 14, expand=True)
    return ft.Container(
        ft.Row([icon, text], spacing=theme.GAP),
        padding=theme.GAP,
        border_radius=16,
        bgcolor=ft.Colors.SURFACE_CONTAINER,
    )
