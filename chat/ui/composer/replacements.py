"""What comes into the field in the place of what was typed: a name for its beginning, an emoji."""

import re
from collections.abc import Callable

from chat.text.emoji import replace_shortcodes
from chat.ui.composer.destination import Field
from chat.ui.composer.message_field import MessageField, utf16_length
from chat.ui.emoji.picker import EmojiPicker

# A shortcode that is written out: a space or the end of the line follows it.
_WRITTEN = re.compile(r":[a-z0-9_+-]{1,60}:(?=\s)")
_LONGEST = 64


class Swaps:
    """The client swaps in its own field, where it can; where it cannot `kept` is called."""

    def __init__(
        self, field: MessageField, client: Field, picker: EmojiPicker, kept: Callable[[], None]
    ) -> None:
        self._field = field
        self._client = client
        self._picker = picker
        self._kept = kept

    def swap(self, before: str, old: str, new: str) -> None:
        """Put `new` into the place of `old`, which stands in the field after `before`."""
        self._picker.record_use(new.strip())
        words = self._field.value
        stands = words.startswith(before + old)
        if stands and words.startswith(" ", len(before + old)):
            new = new.removesuffix(" ")
        swapped = self._client.swap(utf16_length(before), old, new)
        if not swapped and stands:
            self._field.set_text(before + new + words[len(before + old) :], len(before + new))
            self._kept()

    def put_emoji(self, words: str, since: int) -> None:
        """Put emoji into the places of shortcodes, from the last on: those of `words`, which stand
        before the cursor and have changed from the index `since` on.
        """
        written = list(_WRITTEN.finditer(words, max(0, since - _LONGEST)))
        tone = self._picker.preferences().tone
        for code in reversed([each for each in written if each.end() + 1 >= since]):
            # All before it is looked at, because it may be in code.
            emoji, whole = (
                replace_shortcodes(code.group(), tone),
                replace_shortcodes(words[: code.end()], tone),
            )
            if emoji != code.group() and whole.endswith(emoji):
                self.swap(words[: code.start()], code.group(), emoji)
