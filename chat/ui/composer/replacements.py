"""What comes into the field in the place of what was typed: a name for its beginning, an emoji."""

import re
from collections.abc import Callable

from chat.text.emoji import replace_shortcodes
from chat.ui.composer.destination import ClientField
from chat.ui.composer.message_field import MessageField, utf16_length
from chat.ui.emoji.picker import EmojiPicker

# A shortcode that is written out: a space or the end of the line follows it.
_SHORTCODE = re.compile(r":[a-z0-9_+-]{1,60}:(?=\s)")
_MAX_SHORTCODE_LENGTH = 64


class TextReplacer:
    """The client swaps in its own field, where it can; where it cannot `kept` is called."""

    def __init__(
        self,
        field: MessageField,
        client_field: ClientField,
        picker: EmojiPicker,
        on_replaced: Callable[[], None],
    ) -> None:
        self._field = field
        self._client_field = client_field
        self._picker = picker
        self._on_replaced = on_replaced

    def replace(self, before: str, old: str, new: str) -> None:
        """Put `new` into the place of `old`, which stands in the field after `before`."""
        self._picker.record_use(new.strip())
        text = self._field.value
        is_present = text.startswith(before + old)
        if is_present and text.startswith(" ", len(before + old)):
            new = new.removesuffix(" ")
        is_replaced = self._client_field.replace_text(utf16_length(before), old, new)
        if not is_replaced and is_present:
            self._field.set_text(before + new + text[len(before + old) :], len(before + new))
            self._on_replaced()

    def replace_typed_shortcodes(self, text: str, changed_from: int) -> None:
        """Put emoji into the places of shortcodes, from the last on: those of `words`, which stand
        before the cursor and have changed from the index `since` on.
        """
        matches = list(_SHORTCODE.finditer(text, max(0, changed_from - _MAX_SHORTCODE_LENGTH)))
        tone = self._picker.preferences().tone
        for match in reversed([each for each in matches if each.end() + 1 >= changed_from]):
            # All before it is looked at, because it may be in code.
            emoji, whole_text = (
                replace_shortcodes(match.group(), tone),
                replace_shortcodes(text[: match.end()], tone),
            )
            if emoji != match.group() and whole_text.endswith(emoji):
                self.replace(text[: match.start()], match.group(), emoji)
