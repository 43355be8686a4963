"""Titles, topics and addresses of rooms."""

import secrets
import unicodedata

from chat.errors import BadRoom, Translatable, gettext_noop
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import parse_emote
from chat.text.names import strip_invisible, visible_length

TITLE_LIMIT = 40
TOPIC_LIMIT = 200
SLUG_LIMIT = 40

# Addresses with these prefixes are for rooms that the chat creates itself.
_RESERVED_PREFIXES = ("thread-", "dm-")

# The letters at the end of the address of a private room: none that looks like another.
_SUFFIX_LETTERS, _SUFFIX_LENGTH = "abcdefghjkmnpqrstuvwxyz23456789", 8

_FORBIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}

# Persian and the scripts of India are not written without them, nor is 👩‍🚀.
_JOINERS = "\u200c\u200d"


def validate_title(raw: str) -> str:
    """The title to store: single spaces, 1 to 40 characters. Raises BadRoom."""
    title = _validate_line(raw, gettext_noop("title"), TITLE_LIMIT)
    if not visible_length(title):
        raise BadRoom("Name cannot be blank! Call the room by what people talk about in it.")
    return title


def validate_topic(raw: str) -> str:
    """The topic to store: one line of up to 200 characters, or nothing. Raises BadRoom."""
    return _validate_line(raw, gettext_noop("topic"), TOPIC_LIMIT)


def slug_of(title: str) -> str:
    """The slug of a title: lower-case letters and digits of any script, joined by hyphens.

    Raises BadRoom if nothing of the title remains, or the slug is reserved.
    """
    plain = unicodedata.normalize("NFKC", strip_invisible(title)).casefold()
    parts = "".join(map(_letter_or_space, unicodedata.normalize("NFKC", plain))).split()
    # A mark belongs to the letter before it.
    words = (part.lstrip("".join(filter(_is_mark, part))) for part in parts)
    slug = "-".join(word for word in words if word)[:SLUG_LIMIT].strip("-")
    if not slug:
        raise BadRoom("This name has no letter or digit for the room's address. Add one.")
    if slug.startswith(_RESERVED_PREFIXES):
        free = f"room-{slug}"[:SLUG_LIMIT].strip("-")
        raise BadRoom(
            "The chat reserves addresses that begin like this. How about “{free}”?", free=free
        )
    return slug


def private_slug(title: str) -> str:
    """The slug of a private room with this title: it ends with random letters.

    Nobody can guess it, and it is free: whoever takes such a title for another room is not told
    that there is a private one. Raises BadRoom, as `slug_of`.
    """
    ending = "".join(secrets.choice(_SUFFIX_LETTERS) for _ in range(_SUFFIX_LENGTH))
    words = slug_of(title)[: SLUG_LIMIT - _SUFFIX_LENGTH - 1].rstrip("-")
    return f"{words}-{ending}"


def with_suffix(slug: str, number: int) -> str:
    """`slug-2`, `slug-3` …, within the length limit."""
    suffix = f"-{number}"
    return slug[: SLUG_LIMIT - len(suffix)].rstrip("-") + suffix


def title_with_suffix(title: str, number: int) -> str:
    """`Garden 2`, `Garden 3` …, within the length limit."""
    suffix = f" {number}"
    return title[: TITLE_LIMIT - len(suffix)].rstrip() + suffix


def thread_title(text: str) -> str:
    """The title of the thread about a message: the beginning of its first line."""
    emote = parse_emote(text)
    text = to_plain_text(text if emote is None else emote)
    return text.strip().split("\n")[0][:TITLE_LIMIT].strip()


def thread_slug(room: int, number: int) -> str:
    """The address of the thread about a message."""
    return f"thread-{room}-{number}"


def direct_slug(person_ids: frozenset[int]) -> str:
    """The address of the conversation between these people, the same for each of them."""
    return "dm-" + "-".join(map(str, sorted(person_ids)))


def _letter_or_space(c: str) -> str:
    return c if unicodedata.category(c)[0] in "LNM" else " "


def _is_mark(c: str) -> bool:
    return unicodedata.category(c)[0] == "M"


def _validate_line(raw: str, field_name: Translatable, limit: int) -> str:
    if len(raw) > 4 * limit:
        raise BadRoom(
            "This {what} is too long. Use at most {limit} characters.", what=field_name, limit=limit
        )
    line = " ".join(unicodedata.normalize("NFC", raw).split())
    if any(unicodedata.category(c) in _FORBIDDEN_CATEGORIES and c not in _JOINERS for c in line):
        raise BadRoom(
            "This {what} holds characters that cannot be seen. Leave them out.", what=field_name
        )
    if len(line) > limit:
        raise BadRoom(
            "This {what} is too long. Use at most {limit} characters.", what=field_name, limit=limit
        )
    return line
