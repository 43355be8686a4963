"""The status of a person: its checks, and how it is typed after `/status`."""

import unicodedata

from chat.errors import BadStatus
from chat.text.emoji import canonical_emoji, emoji_by_shortcode, is_emoji, replace_shortcodes
from chat.text.names import visible_length

STATUS_LIMIT = 80

# Allows accents and joiners around the visible characters, but no unlimited number of them.
_RAW_LIMIT = 4 * STATUS_LIMIT

_FORBIDDEN_CATEGORIES = {"Cc", "Cs", "Co", "Zl", "Zp"}

# Embeddings, overrides and isolates turn the text around them too (Unicode TR9).
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def validate_status(emoji: str, text: str) -> tuple[str, str]:
    """The emoji and the words to store: one line of up to 80 characters. Raises BadStatus."""
    emoji = emoji.strip()
    if emoji and not is_emoji(emoji):
        raise BadStatus("A status has one emoji before its words. Choose one from the list.")
    text = replace_shortcodes(" ".join(text[: _RAW_LIMIT + 1].split()))
    if any(unicodedata.category(c) in _FORBIDDEN_CATEGORIES or c in _BIDI_CONTROLS for c in text):
        raise BadStatus("This status holds control characters. Type it with letters and digits.")
    length = visible_length(text) + text.count(" ")
    if length > STATUS_LIMIT or len(text) > _RAW_LIMIT:
        raise BadStatus(
            "A status has at most {limit} characters. Shorten it by {over}.",
            limit=STATUS_LIMIT,
            over=max(1, length - STATUS_LIMIT),
        )
    if not visible_length(text):
        text = ""
    return (canonical_emoji(emoji) if emoji else ""), text


def parse_status(typed: str) -> tuple[str, str]:
    """The emoji that a typed status begins with, as a character or a shortcode, and its words."""
    first, _, rest = typed.strip().partition(" ")
    if first.startswith(":") and (found := emoji_by_shortcode(first)) is not None:
        return found.char, rest.strip()
    if is_emoji(first):
        return first, rest.strip()
    return "", typed.strip()
