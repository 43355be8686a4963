"""What a name and a message may hold: limits, normalising, and a reason for each refusal."""

import re

from chat.errors import BadText, TextTooLong
from chat.text.names import visible_length

TEXT_LIMIT = 10_000


def validate_text(raw: str) -> str:
    """The text of a message as it is stored: exactly what was typed.

    At most 10,000 characters (counted first, before any other work). Raises BadText, whose
    child TextTooLong says by how much.
    """
    if is_blank(validate_caption(raw)):
        raise BadText("There is nothing to send yet. Write a message first.")
    return raw


def validate_caption(raw: str) -> str:
    """As `validate_text`, of a message with files, which may be without a word."""
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
    """What a message says that its author does, `waves` of `/me waves`; else None."""
    if not text.startswith("/"):
        return None
    found = _EMOTE.match(text)
    return None if found is None else text[found.end() :]


def emote_text(name: str, text: str) -> str:
    """What `name` says, as it is told elsewhere: “Ann waves” of `/me waves`, all else as it is."""
    emote = parse_emote(text)
    return text if emote is None else f"{name} {emote}"


def is_blank(text: str) -> bool:
    """Whether nothing of `text` could be seen."""
    return visible_length(text) == 0
