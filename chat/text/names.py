"""Display names of people: validation and comparison."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import count

from chat.errors import BadName
from chat.text.emoji import emoji_by_char

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


# Mentions of groups. A person of this name would be called with everybody, and everybody with them.
EVERYONE, HERE = "everyone", "here"


# Two people of one name are told apart by numbers: “Ann#2” (`numbered_names`).
_NUMBERED = re.compile(r"(?P<name>.*\S)\s*#\s*(?P<number>[0-9]{1,6})", re.DOTALL)


# Default_Ignorable_Code_Point of Unicode 16 (DerivedCoreProperties.txt). The property covers the
# ranges that later versions assign such characters in, too.
_DEFAULT_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


# Those that change what is drawn: joiners between characters (Persian, the scripts of India, 👩‍🚀),
# the two forms of an emoji, and the regions of a flag. `name_key` ignores them, too.
_DRAWN_IGNORABLE = re.compile(
    "(?<=\\S)[\u200c\u200d](?=\\S)|[\ufe0e\ufe0f]|\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"
)


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
    if name.startswith("@") or name_key(name) in {EVERYONE, HERE} or _NUMBERED.fullmatch(name):
        raise BadName(
            "This name means something else here: @ begins a mention, “everyone” and “here” are "
            "groups, and “#1” tells two people of one name apart. Choose another."
        )
    length = visible_length(name)
    if not length:
        raise BadName("This name cannot be seen. Use at least one letter or digit.")
    if _has_undrawn_character(name):
        raise BadName(
            "This name holds characters that are not drawn. Type it with letters and digits."
        )
    if length + name.count(" ") > NAME_LIMIT or len(name) > _NAME_RAW_LIMIT:
        raise BadName("This name is too long. Use at most {limit} characters.", limit=NAME_LIMIT)
    if _most_stacked_marks(name) > _MAX_NAME_MARKS:
        raise BadName("This name has too many accents on one letter. Leave some out.")
    return name


def numbered_names(name: str, people: int) -> list[str]:
    """`Ann#1`, `Ann#2` …: what to write for each of several people of one name."""
    return [f"{name}#{number}" for number in range(1, people + 1)]


def suggested_names(name: str) -> Iterator[str]:
    """`Ann 2`, `Ann 3` …: names to try if the name is taken."""
    for number in count(2):
        suffix = f" {number}"
        yield name[: NAME_LIMIT - len(suffix)].rstrip() + suffix


def split_number(name: str) -> tuple[str, int] | None:
    """`("Ann", 2)` of “Ann#2”; None if the name has no number."""
    found = _NUMBERED.fullmatch(unicodedata.normalize("NFKC", name))
    return None if found is None else (found["name"], int(found["number"]))


def _has_undrawn_character(name: str) -> bool:
    """Whether a default ignorable or an unassigned character changes nothing that is drawn."""
    plain = _DRAWN_IGNORABLE.sub("", name)
    if _DEFAULT_IGNORABLE.search(plain) is not None:
        return True
    # Emoji may be newer than Python's table of characters.
    return any(unicodedata.category(c) == "Cn" and emoji_by_char(c) is None for c in plain)


def _most_stacked_marks(name: str) -> int:
    """The largest number of combining marks on one character."""
    tallest = height = 0
    for c in name:
        height = height + 1 if unicodedata.category(c) in {"Mn", "Me"} else 0
        tallest = max(tallest, height)
    return tallest


def name_key(name: str) -> str:
    """A key that is equal for names that people read as the same."""
    if name.isascii() and name.isprintable():
        # Most names, in a tenth of the time: nothing of them is invisible or has another form.
        return " ".join(name.casefold().split())
    visible_name = strip_invisible(unicodedata.normalize("NFKC", name))
    return " ".join(unicodedata.normalize("NFKC", visible_name.casefold()).split())


def strip_invisible(name: str) -> str:
    """`name` without the characters that draw nothing of their own."""
    return "".join(c for c in name if _is_visible(c))


def _is_visible(c: str) -> bool:
    return (
        unicodedata.category(c) not in {"Cc", "Cf"}
        and c not in _BLANK_LETTERS
        and _DEFAULT_IGNORABLE.match(c) is None
    )


# Names change rarely, and folding the names of all people is most of the work of finding some. The
# key of a name takes 200 bytes.
cached_name_key = lru_cache(maxsize=50_000)(name_key)
