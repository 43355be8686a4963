"""Display names of people: validation and comparison."""

import unicodedata
from functools import lru_cache

from chat.errors import BadName

NAME_LIMIT = 32


# Allows accents and joiners around 32 visible characters, but no unlimited number of them.
_NAME_RAW_LIMIT = 4 * NAME_LIMIT


# Unicode TR9: embeddings, overrides and isolates turn the text around them too.
_BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


# Letters and symbols by category that nevertheless draw nothing: fillers and the Braille blank.
_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


# Vietnamese, Hebrew and Thai stack up to three marks on a letter. More reach into other lines.
_MAX_NAME_MARKS = 4


_INVISIBLE_CATEGORIES = frozenset({"Mn", "Me", "Cc", "Cf", "Zs", "Zl", "Zp"})


def visible_length(text: str) -> int:
    """The number of characters of `text` that take up space on the screen."""
    return sum(
        unicodedata.category(c) not in _INVISIBLE_CATEGORIES and c not in _BLANK_LETTERS
        for c in text
    )


def has_visible(text: str) -> bool:
    """Whether any character of `text` takes up space on the screen."""
    return any(
        unicodedata.category(c) not in _INVISIBLE_CATEGORIES and c not in _BLANK_LETTERS
        for c in text
    )


def validate_name(raw: str) -> str:
    """The name to store: NFKC, single spaces, 1 to 32 visible characters. Raises BadName."""
    if len(raw) > _NAME_RAW_LIMIT:
        raise BadName("This name is too long. Use at most {limit} characters.", limit=NAME_LIMIT)
    if any(c in _BIDI_CONTROLS for c in raw):
        raise BadName("This name holds characters that turn the text around. Leave them out.")
    name = unicodedata.normalize("NFKC", raw)
    if any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Zl", "Zp"} for c in name):
        raise BadName("This name holds control characters. Type it with letters and digits.")
    name = " ".join(name.split())
    if not name:
        raise BadName("Name cannot be blank!")
    length = visible_length(name)
    if not length:
        raise BadName("This name cannot be seen. Use at least one letter or digit.")
    if length + name.count(" ") > NAME_LIMIT or len(name) > _NAME_RAW_LIMIT:
        raise BadName("This name is too long. Use at most {limit} characters.", limit=NAME_LIMIT)
    if _most_stacked_marks(name) > _MAX_NAME_MARKS:
        raise BadName("This name has too many accents on one letter. Leave some out.")
    return name


def _most_stacked_marks(name: str) -> int:
    """The largest number of combining marks on one character."""
    tallest = height = 0
    for c in name:
        height = height + 1 if unicodedata.category(c) in {"Mn", "Me"} else 0
        tallest = max(tallest, height)
    return tallest


def name_key(name: str) -> str:
    """A key that is equal for names that people read as the same."""
    visible_name = strip_invisible(unicodedata.normalize("NFKC", name))
    return " ".join(unicodedata.normalize("NFKC", visible_name.casefold()).split())


def strip_invisible(name: str) -> str:
    """`name` without the characters that draw nothing of their own."""
    return "".join(c for c in name if _is_visible(c))


def _is_visible(c: str) -> bool:
    # U+FE00 to U+FE0F choose between two pictures of one character.
    return (
        unicodedata.category(c) not in {"Cc", "Cf"}
        and c not in _BLANK_LETTERS
        and not "\ufe00" <= c <= "\ufe0f"
    )


# Names change rarely, and folding the names of all people is most of the work of finding some. The
# key of a name takes 200 bytes.
cached_name_key = lru_cache(maxsize=50_000)(name_key)
