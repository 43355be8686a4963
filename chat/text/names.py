"""Display names of people: how they are compared, numbered and marked."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import count

NAME_LIMIT = 32


# Unicode TR9: embeddings, overrides and isolates turn the text around them too.
BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


# Letters and symbols by category that nevertheless draw nothing: fillers and the Braille blank.
_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


_INVISIBLE_CATEGORIES = frozenset({"Mn", "Me", "Cc", "Cf", "Zs", "Zl", "Zp"})


# Mentions of groups. A person of this name would be called with everybody, and everybody with them.
EVERYONE, HERE = "everyone", "here"


# Two people of one name are told apart by numbers: “Ann#2” (`numbered_names`).
_NUMBERED = re.compile(r"(?P<name>.*\S)\s*#\s*(?P<number>[0-9]{1,6})", re.DOTALL)


# Who bore a name that somebody else has now: “Ann (–2026-05-03)”, and “Ann (–2026-05-03, 2)”. The
# day is the last one on which they were here. It is the same in every language.
_FORMER = re.compile(
    r"(?P<name>.*\S) \(–(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:, (?P<number>[0-9]+))?\)", re.DOTALL
)


# Default_Ignorable_Code_Point of Unicode 16 (DerivedCoreProperties.txt). The property covers the
# ranges that later versions assign such characters in, too.
DEFAULT_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
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


def numbered_names(name: str, people: int) -> list[str]:
    """`Ann#1`, `Ann#2` …: what to write for each of several people of one name."""
    return [f"{name}#{number}" for number in range(1, people + 1)]


def former_name(name: str, day: date, number: int = 1) -> str:
    """The name of somebody who bore `name` until a day; `number` counts those of one day."""
    mark = f" (–{day.isoformat()}{f', {number}' if number > 1 else ''})"
    if visible_length(name) + name.count(" ") + len(mark) > NAME_LIMIT:
        # The mark is never what a narrow screen leaves out.
        name = f"{name[: NAME_LIMIT - len(mark) - 1].rstrip()}…"
    return name + mark


def split_former_name(name: str) -> tuple[str, date] | None:
    """The name that somebody bore, and until when; None for any other name."""
    found = _FORMER.fullmatch(name)
    if found is None:
        return None
    try:
        return found["name"], date.fromisoformat(found["day"])
    except ValueError:
        return None


def suggested_names(name: str, first: int = 2) -> Iterator[str]:
    """`Ann 2`, `Ann 3` …: names to try if the name is taken."""
    for number in count(first):
        suffix = f" {number}"
        yield name[: NAME_LIMIT - len(suffix)].rstrip() + suffix


def split_number(name: str) -> tuple[str, int] | None:
    """`("Ann", 2)` of “Ann#2”; None if the name has no number."""
    found = _NUMBERED.fullmatch(unicodedata.normalize("NFKC", name))
    return None if found is None else (found["name"], int(found["number"]))


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
        and DEFAULT_IGNORABLE.match(c) is None
    )


# Names change rarely, and folding the names of all people is most of the work of finding some. The
# key of a name takes 200 bytes.
cached_name_key = lru_cache(maxsize=50_000)(name_key)
