"""What a room may be called, and which address it gets."""

import unicodedata

from chat.errors import BadRoom, Phrase, phrase
from chat.text.markup.reader import in_words
from chat.text.message_text import doing
from chat.text.names import visible, without_unseen

TITLE_LIMIT = 40
TOPIC_LIMIT = 200
SLUG_LIMIT = 40

# What the chat itself names.
_RESERVED = ("thread-", "dm-")

_CONTROL = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}

# Persian and the scripts of India are not written without them, nor is 👩‍🚀.
_JOINERS = "\u200c\u200d"


def checked_title(raw: str) -> str:
    """The title to store: single spaces, 1 to 40 characters. Raises BadRoom."""
    title = _line(raw, phrase("title"), TITLE_LIMIT)
    if not visible(title):
        raise BadRoom("Name cannot be blank! Call the room by what people talk about in it.")
    return title


def checked_topic(raw: str) -> str:
    """The topic to store: one line of up to 200 characters, or nothing. Raises BadRoom."""
    return _line(raw, phrase("topic"), TOPIC_LIMIT)


def slug_of(title: str) -> str:
    """A title's part of an address: small letters and digits of any script, joined by hyphens.

    Raises BadRoom if nothing of the title can stand there, or the chat needs it for itself.
    """
    plain = unicodedata.normalize("NFKC", without_unseen(title)).casefold()
    parts = "".join(map(_or_space, unicodedata.normalize("NFKC", plain))).split()
    # A mark belongs to the letter before it.
    words = (part.lstrip("".join(filter(_is_mark, part))) for part in parts)
    slug = "-".join(word for word in words if word)[:SLUG_LIMIT].strip("-")
    if not slug:
        raise BadRoom("This name has no letter or digit for the room's address. Add one.")
    if slug.startswith(_RESERVED):
        free = f"room-{slug}"[:SLUG_LIMIT].strip("-")
        raise BadRoom(
            "Addresses that begin so are taken by the chat. How about “{free}”?", free=free
        )
    return slug


def numbered(slug: str, number: int) -> str:
    """`slug-2`, `slug-3` …, as short as an address has to be."""
    ending = f"-{number}"
    return slug[: SLUG_LIMIT - len(ending)].rstrip("-") + ending


def thread_title(text: str) -> str:
    """What the thread about a message is called: how its first line begins."""
    deed = doing(text)
    text = in_words(text if deed is None else deed)
    return text.strip().split("\n")[0][:TITLE_LIMIT].strip()


def thread_slug(room: int, number: int) -> str:
    """The address of the thread about a message."""
    return f"thread-{room}-{number}"


def direct_slug(people: frozenset[int]) -> str:
    """The address of the conversation between these people, the same for each of them."""
    return "dm-" + "-".join(map(str, sorted(people)))


def _or_space(c: str) -> str:
    return c if unicodedata.category(c)[0] in "LNM" else " "


def _is_mark(c: str) -> bool:
    return unicodedata.category(c)[0] == "M"


def _line(raw: str, what: Phrase, limit: int) -> str:
    if len(raw) > 4 * limit:
        raise BadRoom(
            "This {what} is too long. Use at most {limit} characters.", what=what, limit=limit
        )
    line = " ".join(unicodedata.normalize("NFC", raw).split())
    if any(unicodedata.category(c) in _CONTROL and c not in _JOINERS for c in line):
        raise BadRoom(
            "This {what} holds characters that cannot be seen. Leave them out.", what=what
        )
    if len(line) > limit:
        raise BadRoom(
            "This {what} is too long. Use at most {limit} characters.", what=what, limit=limit
        )
    return line
