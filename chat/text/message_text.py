"""Validation of message texts, and the `/me` form."""

import re

from chat.errors import BadText, TextTooLong
from chat.text.names import has_visible

TEXT_LIMIT = 10_000


def validate_text(raw: str) -> str:
    """The text of a message to store, unchanged.

    Raises BadText, or TextTooLong for more than 10,000 characters (checked first, since it costs
    nothing).
    """
    if is_blank(validate_caption(raw)):
        raise BadText("There is nothing to send yet. Write a message first.")
    return raw


def validate_caption(raw: str) -> str:
    """As `validate_text` for a message with files, whose text may be blank."""
    if len(raw) > TEXT_LIMIT:
        raise TextTooLong(len(raw), TEXT_LIMIT)
    if "\x00" in raw:
        raise BadText("This message holds a NUL character, which cannot be stored. Remove it.")
    if any("\ud800" <= c <= "\udfff" for c in raw):
        raise BadText("This message holds half a character, which cannot be stored. Retype it.")
    return raw


# `/me waves`, on one line or several.
_EMOTE = re.compile(r"/me\s+(?=\S)", re.IGNORECASE)


def parse_emote(text: str) -> str | None:
    """The action in an emote, `waves` in `/me waves`, or None for another text."""
    if not text.startswith("/"):
        return None
    found = _EMOTE.match(text)
    return None if found is None else text[found.end() :]


def emote_text(name: str, text: str) -> str:
    """“Ann waves” for the emote `/me waves` of Ann; other texts unchanged."""
    emote = parse_emote(text)
    return text if emote is None else f"{name} {emote}"


def is_blank(text: str) -> bool:
    """Whether nothing of `text` is visible."""
    return not has_visible(text)
