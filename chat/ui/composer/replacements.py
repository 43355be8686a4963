"""Replacements in the field: a completed name for its beginning, an emoji for its shortcode."""

from chat.text.emoji import typed_shortcodes
from chat.text.utf16 import utf16_length
from chat.ui.composer.destination import ClientField
from chat.ui.composer.draft_saver import DraftSaver
from chat.ui.composer.message_field import MessageField
from chat.ui.emoji.picker import EmojiPicker


class TextReplacer:
    """Replaces in the client's own field where possible, else in ours, whose draft it saves."""

    def __init__(
        self,
        field: MessageField,
        client_field: ClientField,
        picker: EmojiPicker,
        *,
        draft_saver: DraftSaver,
    ) -> None:
        self._field = field
        self._client_field = client_field
        self._picker = picker
        self._draft_saver = draft_saver

    def replace(self, before: str, old: str, new: str) -> None:
        """Replace `old` by `new`. `before` is the text of the field before `old`."""
        self._picker.record_use(new.strip())
        text = self._field.value
        is_present = text.startswith(before + old)
        if is_present and text.startswith(" ", len(before + old)):
            new = new.removesuffix(" ")
        is_replaced = self._client_field.replace_text(utf16_length(before), old, new)
        if is_replaced:
            self._field.expect_replacement(before, old, new)
        elif is_present:
            self._field.set_text(before + new + text[len(before + old) :], len(before + new))
            self._draft_saver.save_later()

    def replace_typed_shortcodes(self, text: str, changed_from: int) -> None:
        """Replace the shortcodes that a change has completed by emoji, all at once.

        `text` is the text before the cursor, which has changed from the index `changed_from` on.
        """
        tone = self._picker.preferences().tone
        if (found := typed_shortcodes(text, changed_from, tone)) is not None:
            start, old, new = found
            self.replace(text[:start], old, new)
