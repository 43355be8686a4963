"""What a room may be called, and which address it gets."""

import re
import unicodedata

from chat.errors import BadRoom
from chat.text import visible

TITLE_LIMIT = 40
TOPIC_LIMIT = 200
SLUG_LIMIT = 40

# What the chat itself names.
_RESERVED = ("thread-", "dm-")

_CONTROL = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def checked_title(raw: str) -> str:
    """The title to store: single spaces, 1 to 40 characters. Raises BadRoom."""
    title = _line(raw, "title", TITLE_LIMIT)
    if not visible(title):
        raise BadRoom("Name cannot be blank! Call the room by what people talk about in it.")
    return title


def checked_topic(raw: str) -> str:
    """The topic to store: one line of up to 200 characters, or nothing. Raises BadRoom."""
    return _line(raw, "topic", TOPIC_LIMIT)


def slug_of(title: str) -> str:
    """A title's part of an address: small letters and digits of any script, joined by hyphens.

    Raises BadRoom if nothing of the title can stand there, or the chat needs it for itself.
    """
    plain = unicodedata.normalize("NFKC", title).casefold()
    slug = re.sub(r"[\W_]+", "-", plain)[:SLUG_LIMIT].strip("-")
    if not slug:
        raise BadRoom("This name has no letter or digit for the room's address. Add one.")
    if slug.startswith(_RESERVED):
        raise BadRoom(f"Addresses that begin so are taken by the chat. How about “room-{slug}”?")
    return slug


def thread_slug(room: int, number: int) -> str:
    """The address of the thread about a message."""
    return f"thread-{room}-{number}"


def direct_slug(people: frozenset[int]) -> str:
    """The address of the conversation between these people, the same for each of them."""
    return "dm-" + "-".join(map(str, sorted(people)))


def _line(raw: str, what: str, limit: int) -> str:
    if len(raw) > 4 * limit:
        raise BadRoom(f"This {what} is too long. Use at most {limit} characters.")
    line = " ".join(unicodedata.normalize("NFC", raw).split())
    if any(unicodedata.category(c) in _CONTROL for c in line):
        raise BadRoom(f"This {what} holds characters that cannot be seen. Leave them out.")
    if len(line) > limit:
        raise BadRoom(f"This {what} is too long. Use at most {limit} characters.")
    return line
