"""Emoji: names, groups and skin tones.

The table beside this file is read on first use; `assets/make_emoji.py` generates it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("emoji.tsv")

# Skin tones: none (yellow), then from light to dark.
TONE_COUNT = 6

# A shortcode is `:tada:`. After a letter, a digit or a slash it is part of something else (a time,
# a URL). A backslash before it escapes it.
_SHORTCODE = r":([a-z0-9_+-]{1,60}):"
_SHORTCODES = re.compile(
    rf"(?P<link>://\S*|\bwww\.\S*)|(?<![A-Za-z0-9_:/\\])(?:{_SHORTCODE})+(?![A-Za-z0-9_:])"
)
_ONE_SHORTCODE = re.compile(_SHORTCODE)
_BACKTICKS = re.compile("`+")

# A message of up to three emoji and nothing else is drawn large.
_MAX_LARGE_EMOJI = 3
# The length of the longest emoji, in characters.
_MAX_EMOJI_LENGTH = 16

_SKIN_TONE = re.compile("[\U0001f3fb-\U0001f3ff]")


@dataclass(frozen=True, slots=True)
class Emoji:
    """One emoji; `tones` are its variants in five skin tones, or empty.

    `shortcodes` are without colons, the most common first. `search_text` has all its English and
    Chinese words, each after a space.
    """

    char: str
    group: int
    tones: tuple[str, ...]
    shortcodes: tuple[str, ...]
    label: str
    chinese_label: str
    search_text: str

    def with_tone(self, tone: int) -> str:
        """The emoji in a skin tone, 1 (light) to 5 (dark); unchanged for 0 or without tones."""
        return self.tones[tone - 1] if self.tones and 0 < tone <= len(self.tones) else self.char


@dataclass(frozen=True, slots=True)
class EmojiPreferences:
    """Recent emoji of a person without skin tones, newest first, and their skin tone."""

    recent: tuple[str, ...] = ()
    tone: int = 0

    def with_tone(self, char: str) -> str:
        """An emoji in the skin tone of this person."""
        emoji = emoji_by_char(char)
        return char if emoji is None else emoji.with_tone(self.tone)


@cache
def all_emoji() -> tuple[Emoji, ...]:
    """All emoji, in the order of Unicode's charts."""
    lines = _TABLE.read_text("utf-8").splitlines()
    return tuple(_parse_row(*line.split("\t")) for line in lines if "\t" in line)


def _parse_row(
    char: str, group: str, tones: str, names: str, label: str, more: str, chinese: str, also: str
) -> Emoji:
    parts = f"{names} {names.replace('_', ' ')} {label} {more} {chinese} {also}".casefold().split()
    search_text = " " + " ".join(dict.fromkeys(parts))
    fields = (tuple(tones.split()), tuple(names.split()), label, chinese)
    return Emoji(char, int(group), *fields, search_text)


@cache
def _by_name() -> dict[str, Emoji]:
    return {name: emoji for emoji in all_emoji() for name in emoji.shortcodes}


@cache
def _by_char() -> dict[str, Emoji]:
    return {
        _normalized(char): emoji for emoji in all_emoji() for char in (emoji.char, *emoji.tones)
    }


def _normalized(char: str) -> str:
    """The emoji without skin tone and variation selector."""
    plain = strip_tones(char)
    return plain.replace("\ufe0f", "") if plain[:1] > "\U0001f000" else plain


def strip_tones(text: str) -> str:
    """`text` with all its emoji in yellow."""
    return _SKIN_TONE.sub("", text)


def emoji_by_shortcode(shortcode: str) -> Emoji | None:
    """The emoji with this shortcode, with or without colons."""
    return _by_name().get(shortcode.strip().strip(":").casefold())


def emoji_by_char(char: str) -> Emoji | None:
    """The emoji that is equal to a text, in any skin tone."""
    return _by_char().get(_normalized(char))


def is_emoji(text: str) -> bool:
    """Whether `text` is one emoji of the table, or may be a newer one.

    A newer one is a few characters without a letter.
    """
    if not 0 < len(text) <= _MAX_EMOJI_LENGTH or any("\ud800" <= c <= "\udfff" for c in text):
        return False
    if emoji_by_char(text) is not None:
        return True
    if any(c in "#*0123456789" for c in text):
        return len(text) <= 3 and text.endswith("\u20e3")
    allowed = {"So", "Sk", "Sm", "Cf", "Mn", "Po", "Me"}
    first = unicodedata.category(text[0])
    return (
        first in {"So", "Sm", "Po"}
        and ord(text[0]) > 0xA0
        and all(unicodedata.category(c) in allowed for c in text)
    )


def emoji_by_prefix(prefix: str, preferred: Collection[str], limit: int) -> list[tuple[Emoji, str]]:
    """Emoji with a shortcode that begins with `prefix`, and that shortcode, shortest first.

    `preferred` emoji come first. Matches of a later word of the shortcode come last.
    """
    prefix = prefix.casefold()
    found = list[tuple[tuple[bool, bool, int], Emoji, str]]()
    for emoji in all_emoji():
        begins = [name for name in emoji.shortcodes if name.startswith(prefix)]
        for name in begins or [name for name in emoji.shortcodes if f"_{prefix}" in name]:
            found.append(((not begins, emoji.char not in preferred, len(name)), emoji, name))
            break
    found.sort(key=lambda each: each[0])
    return [(emoji, name) for _, emoji, name in found[:limit]]


def search_emoji(query: str, limit: int) -> list[Emoji]:
    """Search by shortcodes, words and labels, or by the emoji itself; the best match first."""
    itself = emoji_by_char(query.strip())
    if itself is not None:
        return [itself]
    parts = query.casefold().replace(":", " ").split()
    if not parts:
        return []
    found = [each for each in all_emoji() if all(part in each.search_text for part in parts)]
    exact = "_".join(parts)
    found.sort(
        key=lambda each: (
            exact not in each.shortcodes,
            not any(name.startswith(exact) for name in each.shortcodes),
            parts[0] not in each.label.casefold() and parts[0] not in each.chinese_label,
            not all(f" {part}" in each.search_text for part in parts),
        )
    )
    return found[:limit]


def replace_shortcodes(text: str, tone: int = 0) -> str:
    """`text` with emoji for its shortcodes, except in code, in URLs and after a backslash.

    Code is the text between two runs of equally many backticks, or after an unclosed run.
    """
    if text.count(":") < 2:
        return text

    def replace_group(found: re.Match[str]) -> str:
        return found.group() if found["link"] else _ONE_SHORTCODE.sub(replace_one, found.group())

    def replace_one(found: re.Match[str]) -> str:
        emoji = _by_name().get(found[1])
        return found.group() if emoji is None else emoji.with_tone(tone)

    return "".join(
        part if is_code else _SHORTCODES.sub(replace_group, part)
        for is_code, part in _split_at_code(text)
    )


def _split_at_code(text: str) -> Iterator[tuple[bool, str]]:
    """The parts of a text, and whether each is code."""
    runs = list(_BACKTICKS.finditer(text))
    # For each run, the next one of the same length.
    following: dict[int, int] = {}
    last: dict[int, int] = {}
    for n in range(len(runs) - 1, -1, -1):
        length = len(runs[n].group())
        if length in last:
            following[n] = last[length]
        last[length] = n
    at = n = 0
    while n < len(runs):
        yield False, text[at : runs[n].start()]
        end = following.get(n, len(runs))
        closed = end < len(runs)
        at = runs[end].end() if closed else len(text)
        yield True, text[runs[n].start() : at]
        n = end + 1
    yield False, text[at:]


def is_emoji_only(text: str) -> bool:
    """Whether `text` is one to three emoji and nothing else."""
    if text.isascii() or len(text) > _MAX_LARGE_EMOJI * (_MAX_EMOJI_LENGTH + 1):
        return False
    count, at = 0, 0
    text = text.strip()
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        for end in range(min(len(text), at + _MAX_EMOJI_LENGTH), at, -1):
            if emoji_by_char(text[at:end]) is not None:
                break
        else:
            return False
        count, at = count + 1, end
    return 0 < count <= _MAX_LARGE_EMOJI
