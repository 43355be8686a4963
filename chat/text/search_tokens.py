"""Search tokens: folded words, and pairs of characters in scripts without spaces.

Folding is NFKC without case and accents, so that `cafe` matches “CAFÉ”. A run of Han, kana, Hangul,
Thai, Lao, Khmer or Myanmar has one token for each character: the character with the next one, and
the last one alone. Any part of a run is therefore a sequence of the same tokens.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from chat.text.names import name_key

# Only the first characters of a word are compared.
_MAX_TOKEN_LENGTH = 64

# The lengths of prefixes that are indexed, so that an unfinished word is found directly.
MIN_PREFIX_LENGTH, MAX_PREFIX_LENGTH = 2, 12

# Marks a token that is a prefix of a word or a single character; no word has this character.
PREFIX_MARK = "="

_UNSPACED_SCRIPTS = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u3105-\u318f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff"
    "\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_SCRIPT_RUNS = re.compile(f"([{_UNSPACED_SCRIPTS}]+)|[^ {_UNSPACED_SCRIPTS}]+")
_ASCII_WORDS = re.compile("[a-z0-9]+")

# Marks that are ignored: accents, Hebrew points, Arabic vowels. Marks of other scripts are part of
# the word: か is not が.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
)

# Letters that Unicode does not decompose, and that many keyboards do not have.
_TRANSLITERATIONS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)


@dataclass(frozen=True, slots=True)
class ScriptRun:
    """Adjacent folded characters; `is_unspaced` tells whether their script has no spaces.

    `positions` are the start and end of each character in the original text.
    """

    text: str
    is_unspaced: bool
    positions: tuple[tuple[int, int], ...]

    def tokens(self) -> Iterator[tuple[str, int, int]]:
        """The tokens, each with its start and end in the run."""
        if not self.is_unspaced:
            yield self.text[:_MAX_TOKEN_LENGTH], 0, len(self.text)
            return
        for at in range(len(self.text)):
            pair = self.text[at : at + 2]
            yield pair, at, at + len(pair)


def script_runs(text: str) -> list[ScriptRun]:
    """The runs of a text, in order."""
    folded, positions = _fold(text)
    return [
        ScriptRun(
            found.group(), found.group(1) is not None, tuple(positions[found.start() : found.end()])
        )
        for found in _SCRIPT_RUNS.finditer(folded)
    ]


def index_tokens(text: str) -> list[str]:
    """The tokens of a text in order, followed by the prefixes of its words, each once."""
    if text.isascii():
        words = _ASCII_WORDS.findall(text.lower())
        return [
            *(word[:_MAX_TOKEN_LENGTH] for word in words),
            *dict.fromkeys(chain(*map(_prefixes, words))),
        ]
    tokens, prefixes = list[str](), dict[str, None]()
    for found in _SCRIPT_RUNS.finditer(_fold(text)[0]):
        run = found.group()
        if found.group(1) is None:
            tokens.append(run[:_MAX_TOKEN_LENGTH])
            prefixes |= dict.fromkeys(_prefixes(run))
        else:
            tokens += [run[at : at + 2] for at in range(len(run))]
            prefixes |= dict.fromkeys(PREFIX_MARK + each for each in run)
    return [*tokens, *prefixes]


@lru_cache(maxsize=8192)
def _prefixes(word: str) -> tuple[str, ...]:
    """The indexed prefixes of a word."""
    lengths = range(MIN_PREFIX_LENGTH, min(len(word), MAX_PREFIX_LENGTH) + 1)
    return tuple(PREFIX_MARK + word[:length] for length in lengths)


@lru_cache(maxsize=4096)
def search_key(name: str) -> str:
    """A key that is equal for names that differ in case and accents only."""
    return " ".join("".join(_fold_char(c) for c in name_key(name)).split())


def _fold(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Letters and digits without case and accents, all else as spaces; and where each was."""
    letters: list[str] = []
    positions: list[tuple[int, int]] = []
    for at, c in enumerate(text):
        letter = _searchable(c)
        if letters and (not letter or _can_combine(letter)):
            joined = unicodedata.normalize("NFC", letters[-1] + letter)
            if len(joined) == 1:
                letters[-1] = joined
                _extend_last(positions, at + 1)
                continue
        for each in letter:
            letters.append(each)
            positions.append((at, at + 1))
    return "".join(letters), positions


def _extend_last(positions: list[tuple[int, int]], end: int) -> None:
    """Extend the last character of a text, and all folded characters that came from it."""
    start, last = positions[-1][0], len(positions) - 1
    while last >= 0 and positions[last][0] == start:
        positions[last] = (start, end)
        last -= 1


@lru_cache(maxsize=65536)
def _searchable(c: str) -> str:
    """The searched form of a character: nothing, letters, or a space for a separator."""
    category = unicodedata.category(c)
    if category == "Cf" and c != "\u200b":
        # A soft hyphen or a joiner does not end a word.
        return ""
    if category[0] in "CZ":
        return " "
    return "".join(map(_letter_or_space, _fold_char(c)))


def _letter_or_space(c: str) -> str:
    category = unicodedata.category(c)
    if category[0] in "LNM":
        return c
    # An emoji is a word by itself.
    return f" {c} " if category == "So" else " "


@lru_cache(maxsize=65536)
def _fold_char(c: str) -> str:
    """One character without case and accents; nothing for an accent."""
    small = unicodedata.normalize("NFKC", c).casefold().translate(_TRANSLITERATIONS)
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", small))
    return unicodedata.normalize("NFC", bare)


@lru_cache(maxsize=4096)
def _can_combine(letter: str) -> bool:
    """Whether a character may become one with that before it: か and ゛, ㅎ and ㅏ."""
    if len(letter) != 1:
        return False
    return unicodedata.category(letter)[0] == "M" or "\u1160" <= letter <= "\u11ff"
