"""Search tokens: folded words, and pairs of characters in scripts without spaces.

Folding is NFKC without case and accents, so that `cafe` matches “CAFÉ”. A run of Han, kana, Hangul,
Thai, Lao, Khmer or Myanmar has one token for each character: the character with the next one, and
the last one alone. Any part of a run is therefore a sequence of the same tokens.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain

from chat.text.names import name_key

# Only the first characters of a word are compared.
MAX_TOKEN_LENGTH = 64

# The lengths of prefixes that are indexed, so that an unfinished word is found directly.
MIN_PREFIX_LENGTH, MAX_PREFIX_LENGTH = 2, 12

# Marks a token that is a prefix of a word or a single character; no word has this character.
PREFIX_MARK = "="

# Of a character class: scripts whose words have no spaces between them.
UNSPACED_SCRIPTS = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u3105-\u318f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff"
    "\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_SCRIPT_RUNS = re.compile(f"([{UNSPACED_SCRIPTS}]+)|[^ {UNSPACED_SCRIPTS}]+")
_UNSPACED = re.compile(f"[{UNSPACED_SCRIPTS}]")
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
    """Adjacent folded characters; `is_unspaced` tells whether their script has no spaces."""

    text: str
    is_unspaced: bool

    def tokens(self) -> list[str]:
        """The tokens of the run, in order."""
        if not self.is_unspaced:
            return [self.text[:MAX_TOKEN_LENGTH]]
        return [self.text[at : at + 2] for at in range(len(self.text))]


class FoldedText:
    """A text without case and accents, with a space for all that is not searched."""

    __slots__ = ("_offsets", "_places", "text")

    def __init__(self, original: str) -> None:
        pieces = _folded_pieces(original)
        self.text = "".join(pieces)
        # The places in the original of the pieces that are not empty, and in the folded text.
        self._places = [at for at, piece in enumerate(pieces) if piece]
        self._offsets = list(accumulate((len(pieces[at]) for at in self._places), initial=0))
        self._places.append(len(original))

    def original_range(self, start: int, end: int) -> tuple[int, int]:
        """The range of the original text that became a range of the folded text.

        A mark belongs to the character before it.
        """
        first = bisect_right(self._offsets, start) - 1
        last = bisect_left(self._offsets, end)
        return self._places[first], self._places[last]

    def folded_index(self, at: int) -> int:
        """The index in the folded text of the character at an index of the original."""
        return self._offsets[min(bisect_left(self._places, at), len(self._offsets) - 1)]


def script_runs(text: str) -> list[ScriptRun]:
    """The runs of a text, in order."""
    return [
        ScriptRun(found.group(), found.group(1) is not None)
        for found in _SCRIPT_RUNS.finditer("".join(_folded_pieces(text)))
    ]


def index_tokens(text: str) -> list[str]:
    """The tokens of a text in order, followed by the prefixes of its words, each once."""
    if text.isascii():
        words = _ASCII_WORDS.findall(text.lower())
        return [
            *(word[:MAX_TOKEN_LENGTH] for word in words),
            *_prefixes_of(words),
        ]
    folded = "".join(_folded_pieces(text))
    if _UNSPACED.search(folded) is None:
        words = folded.split()
        return [*(word[:MAX_TOKEN_LENGTH] for word in words), *_prefixes_of(words)]
    tokens, runs = list[str](), list[str]()
    for found in _SCRIPT_RUNS.finditer(folded):
        runs.append(found.group())
        if found.group(1) is None:
            tokens.append(runs[-1][:MAX_TOKEN_LENGTH])
        else:
            tokens += [runs[-1][at : at + 2] for at in range(len(runs[-1]))]
    return [*tokens, *_prefixes_of(runs)]


def _prefixes_of(runs: Iterable[str]) -> Iterable[str]:
    """The indexed prefixes of runs of one kind of script, each once, in order."""
    return dict.fromkeys(
        chain.from_iterable(
            [PREFIX_MARK + c for c in run] if _UNSPACED.match(run) else _prefixes(run)
            for run in dict.fromkeys(runs)
        )
    )


@lru_cache(maxsize=8192)
def _prefixes(word: str) -> tuple[str, ...]:
    """The indexed prefixes of a word."""
    lengths = range(MIN_PREFIX_LENGTH, min(len(word), MAX_PREFIX_LENGTH) + 1)
    return tuple(PREFIX_MARK + word[:length] for length in lengths)


@lru_cache(maxsize=4096)
def search_key(name: str) -> str:
    """A key that is equal for names that differ in case and accents only."""
    return " ".join("".join(_fold_char(c) for c in name_key(name)).split())


def _folded_pieces(text: str) -> list[str]:
    """The folded form of each character; a character that is part of the one before it has none."""
    pieces = list(map(_searchable, text))
    special = {piece for piece in set(pieces) if not piece or _can_combine(piece)}
    if not special:
        return pieces
    last = -1
    for at, piece in enumerate(pieces):
        if last >= 0 and piece in special:
            before = pieces[last]
            joined = _join(before[-1], piece)
            if len(joined) == 1:
                pieces[last] = before[:-1] + joined
                pieces[at] = ""
                continue
        if piece:
            last = at
    return pieces


@lru_cache(maxsize=8192)
def _join(before: str, letter: str) -> str:
    return unicodedata.normalize("NFC", before + letter)


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
