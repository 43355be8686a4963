"""Fuzzy matching of names: the letters of a query in order, across `-`, `_`, `.` and spaces."""

import re
from enum import IntEnum
from functools import lru_cache

from chat.text.names import cached_name_key, name_key

_SEPARATORS = " -_./"
_WITHOUT_SEPARATORS = str.maketrans("", "", _SEPARATORS)


class MatchRank(IntEnum):
    """How well a name matches a query; the best first."""

    PREFIX = 0
    """The name begins with the query."""
    WORD = 1
    """A word of the name begins with the query."""
    PART = 2
    """The query is somewhere in the name."""
    LETTERS = 3
    """The letters of the query are in the name in their order, from the beginning of a word on."""


def query_key(query: str) -> str:
    """The letters of a query that count; an empty key matches every name."""
    return name_key(query).translate(_WITHOUT_SEPARATORS)


def match_rank(key: str, name: str) -> MatchRank | None:
    """How well `name` matches the `query_key` of a query; None if it does not."""
    if not key:
        return MatchRank.PREFIX
    letters = _letters_of(name)
    if letters.startswith(key):
        return MatchRank.PREFIX
    is_part = key in letters
    if not is_part and not _has_in_order(letters, key):
        return None
    name = cached_name_key(name)
    if key in name:
        # Within one word: most matches, among many names.
        for separator in _SEPARATORS:
            if separator + key in name:
                return MatchRank.WORD
        return MatchRank.PART
    word_starts = [letters[start:] for start in _word_starts(name)]
    if any(rest.startswith(key) for rest in word_starts):
        return MatchRank.WORD
    if is_part:
        return MatchRank.PART
    if any(rest[0] == key[0] and _has_in_order(rest, key) for rest in word_starts):
        return MatchRank.LETTERS
    return None


# As many as in `cached_name_key`.
@lru_cache(maxsize=50_000)
def _letters_of(name: str) -> str:
    return cached_name_key(name).translate(_WITHOUT_SEPARATORS)


def _has_in_order(text: str, letters: str) -> bool:
    return _letters_in_order(letters).match(text) is not None


@lru_cache(maxsize=64)
def _letters_in_order(letters: str) -> re.Pattern[str]:
    """The pattern of texts that have these letters in their order. It takes linear time: what comes
    before a letter does not have that letter."""
    return re.compile("".join(f"[^{each}]*{each}" for each in map(re.escape, letters)))


def _word_starts(name: str) -> list[int]:
    """Where the words of a name begin, counted without separators."""
    starts, length, is_start = [], 0, True
    for char in name:
        if char in _SEPARATORS:
            is_start = True
            continue
        if is_start:
            starts.append(length)
        is_start, length = False, length + 1
    return starts
