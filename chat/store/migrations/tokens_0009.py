"""The search tokens of a message as migration 0009 writes them; frozen.

This is a copy of `chat/text/search_tokens.py` at that time: a migration must not depend on the
current tokenizer. A new tokenizer needs a new migration, which fills the table again.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain

_MAX_TOKEN_LENGTH = 64
_MIN_PREFIX_LENGTH, _MAX_PREFIX_LENGTH = 2, 12
_PREFIX_MARK = "="

_URL = re.compile(r"\bhttps?://\S", re.IGNORECASE)
_UNSPACED_SCRIPTS = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u3105-\u318f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff"
    "\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_SCRIPT_RUNS = re.compile(f"([{_UNSPACED_SCRIPTS}]+)|[^ {_UNSPACED_SCRIPTS}]+")
_ASCII_WORDS = re.compile("[a-z0-9]+")
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
)
_TRANSLITERATIONS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)


def message_tokens(
    text: str,
    *,
    author: int,
    room: int,
    is_public: bool,
    is_pinned: bool,
    mentions: Iterable[int],
    files: Sequence[tuple[str, bool]],
) -> str:
    """All tokens and facts of a message. `files` has each name, and whether it is a picture."""
    facts = [f"_r{room} _a{author}"]
    if is_public:
        facts.append("_public")
    if _URL.search(text):
        facts.append("_link")
    if is_pinned:
        facts.append("_pinned")
    if files:
        facts.append("_file")
    if any(is_picture for _, is_picture in files):
        facts.append("_image")
    facts += (f"_m{person}" for person in sorted(mentions))
    texts = [text, *(name for name, _ in files)]
    return " ".join([*chain(*map(_text_tokens, texts)), *facts])


def _text_tokens(text: str) -> list[str]:
    if text.isascii():
        words = _ASCII_WORDS.findall(text.lower())
        return [
            *(word[:_MAX_TOKEN_LENGTH] for word in words),
            *dict.fromkeys(chain(*map(_prefixes, words))),
        ]
    tokens, prefixes = list[str](), dict[str, None]()
    for found in _SCRIPT_RUNS.finditer(_fold(text)):
        run = found.group()
        if found.group(1) is None:
            tokens.append(run[:_MAX_TOKEN_LENGTH])
            prefixes |= dict.fromkeys(_prefixes(run))
        else:
            tokens += [run[at : at + 2] for at in range(len(run))]
            prefixes |= dict.fromkeys(_PREFIX_MARK + each for each in run)
    return [*tokens, *prefixes]


@lru_cache(maxsize=8192)
def _prefixes(word: str) -> tuple[str, ...]:
    lengths = range(_MIN_PREFIX_LENGTH, min(len(word), _MAX_PREFIX_LENGTH) + 1)
    return tuple(_PREFIX_MARK + word[:length] for length in lengths)


def _fold(text: str) -> str:
    letters: list[str] = []
    for c in text:
        letter = _searchable(c)
        if letters and (not letter or _can_combine(letter)):
            joined = unicodedata.normalize("NFC", letters[-1] + letter)
            if len(joined) == 1:
                letters[-1] = joined
                continue
        letters += letter
    return "".join(letters)


@lru_cache(maxsize=65536)
def _searchable(c: str) -> str:
    category = unicodedata.category(c)
    if category == "Cf" and c != "\u200b":
        return ""
    if category[0] in "CZ":
        return " "
    return "".join(map(_letter_or_space, _fold_char(c)))


def _letter_or_space(c: str) -> str:
    category = unicodedata.category(c)
    if category[0] in "LNM":
        return c
    return f" {c} " if category == "So" else " "


@lru_cache(maxsize=65536)
def _fold_char(c: str) -> str:
    small = unicodedata.normalize("NFKC", c).casefold().translate(_TRANSLITERATIONS)
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", small))
    return unicodedata.normalize("NFC", bare)


@lru_cache(maxsize=4096)
def _can_combine(letter: str) -> bool:
    if len(letter) != 1:
        return False
    return unicodedata.category(letter)[0] == "M" or "\u1160" <= letter <= "\u11ff"
