"""Emoji: names, groups and skin tones.

The table beside this file is read on first use; `assets/make_emoji.py` generates it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path

from chat.text.code_ranges import code_ranges, is_inside

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
_COMPLETE_SHORTCODE = re.compile(r":[a-z0-9_+-]{1,60}:(?=\s)")
_MAX_SHORTCODE_LENGTH = 64
# The shortcodes of a pasted text that are replaced at once. The others are when the text is sent.
_MAX_TYPED_SHORTCODES = 1000

# The emoji that are on offer to a person who has used few yet, a row of the picker.
COMMON_EMOJI = ("👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀")

# A message of up to three emoji and nothing else is drawn large.
_MAX_LARGE_EMOJI = 3
# The length of the longest emoji, in characters.
_MAX_EMOJI_LENGTH = 16

# Asks for the coloured picture of a character that is also a sign of text. Keyboards leave it out.
_EMOJI_STYLE = "\ufe0f"
_JOINER = "\u200d"

# Pairs of people are one character, unless the two have different skin tones.
_PAIRS = {
    "👩\u200d🤝\u200d👩": "👭",
    "👩\u200d🤝\u200d👨": "👫",
    "👨\u200d🤝\u200d👨": "👬",
    "🧑\u200d❤️\u200d🧑": "💑",
    "🧑\u200d❤️\u200d💋\u200d🧑": "💏",
    "🫱\u200d🫲": "🤝",
}

# A single character before this one is a sign of text without its variation selector: ™, ©.
_FIRST_PICTURE = "\u2600"

# The words of an emoji search that count.
_MAX_SEARCHED_WORDS = 8

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

    def suggestions(self, count: int) -> tuple[str, ...]:
        """The emoji that the person used last, filled up with common ones, in their skin tone."""
        chars = (self.with_tone(each) for each in (*self.recent, *COMMON_EMOJI))
        return tuple(dict.fromkeys(chars))[:count]


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
    found = {_plain(char): emoji for emoji in all_emoji() for char in (emoji.char, *emoji.tones)}
    return found | {_plain(pair): found[char] for pair, char in _PAIRS.items()}


def load_table() -> None:
    """Read the table of all emoji, which takes 20 ms, before somebody waits for it."""
    for table in (all_emoji, _by_name, _by_char):
        table()


def _plain(char: str) -> str:
    """The emoji without skin tones and variation selectors."""
    return strip_tones(char).replace(_EMOJI_STYLE, "")


def strip_tones(text: str) -> str:
    """`text` with all its emoji in yellow."""
    return _SKIN_TONE.sub("", text)


def emoji_by_shortcode(shortcode: str) -> Emoji | None:
    """The emoji with this shortcode, with or without colons."""
    return _by_name().get(shortcode.strip().strip(":").casefold())


def emoji_by_char(char: str) -> Emoji | None:
    """The emoji that is equal to a text, in any skin tone."""
    return _by_char().get(_plain(char))


@lru_cache(maxsize=4096)
def canonical_emoji(text: str) -> str:
    """The one form of an emoji that can be typed in several, as with and without U+FE0F.

    Skin tones stay.
    """
    emoji, plain = emoji_by_char(text), text.replace(_EMOJI_STYLE, "")
    if emoji is None:
        return plain
    for known in (emoji.char, *emoji.tones):
        if known.replace(_EMOJI_STYLE, "") == plain:
            return known
    if not _SKIN_TONE.search(text):
        return emoji.char
    # The tone of each person; all else as in the table.
    whole = next((pair for pair in _PAIRS if _plain(pair) == _plain(text)), emoji.char)
    parts = zip(whole.split(_JOINER), plain.split(_JOINER), strict=True)
    return _JOINER.join(_with_typed_tone(part, typed) for part, typed in parts)


def _with_typed_tone(part: str, typed: str) -> str:
    tone = _SKIN_TONE.search(typed)
    return part if tone is None else part.replace(_EMOJI_STYLE, "") + tone[0]


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


def _is_picture(text: str) -> bool:
    """Whether a text is an emoji that clients draw as a picture."""
    emoji = emoji_by_char(text)
    if emoji is None:
        return False
    return len(text) > 1 or text >= _FIRST_PICTURE or _EMOJI_STYLE not in emoji.char


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
    parts = query.casefold().replace(":", " ").split()[:_MAX_SEARCHED_WORDS]
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


def typed_shortcodes(text: str, changed_from: int, tone: int = 0) -> tuple[int, str, str] | None:
    """The part of a text whose shortcodes a change has completed: its start, the part itself, and
    the part with emoji. None if there is none.

    The text has changed from an index on. A shortcode is complete when a space follows.
    """
    begin = max(0, changed_from - _MAX_SHORTCODE_LENGTH)
    if _COMPLETE_SHORTCODE.search(text, begin) is None:
        return None
    # An address ends at a space, too.
    begin = max(text.rfind(space, 0, begin) for space in " \t\n") + 1
    found = [
        (start, end, emoji)
        for start, end, emoji in islice(_shortcodes(text, begin, tone), _MAX_TYPED_SHORTCODES)
        if end + 1 >= changed_from and text[end : end + 1].isspace()
    ]
    if not found:
        return None
    start, end = found[0][0], found[-1][1]
    return start, text[start:end], _replaced(text, found, start, end)


def replace_shortcodes(text: str, tone: int = 0) -> str:
    """`text` with emoji for its shortcodes, except in code, in URLs and after a backslash.

    Code is the text between two runs of equally many backticks, or after an unclosed run.
    """
    if text.count(":") < 2:
        return text
    return _replaced(text, list(_shortcodes(text, 0, tone)), 0, len(text))


def _shortcodes(text: str, begin: int, tone: int) -> Iterator[tuple[int, int, str]]:
    """The groups of adjoining shortcodes from an index on: start, end, and the text with emoji."""

    def with_emoji(shortcode: re.Match[str]) -> str:
        emoji = _by_name().get(shortcode[1])
        return shortcode.group() if emoji is None else emoji.with_tone(tone)

    code = code_ranges(text, is_being_typed=True)
    for group in _SHORTCODES.finditer(text, begin):
        if not group["link"] and not (code and is_inside(code, group.start())):
            replaced = _ONE_SHORTCODE.sub(with_emoji, group.group())
            if replaced != group.group():
                yield group.start(), group.end(), replaced


def _replaced(text: str, found: Sequence[tuple[int, int, str]], start: int, end: int) -> str:
    """The part of a text from `start` to `end`, with the replacements that were found in it."""
    parts = list[str]()
    for first, last, replacement in found:
        parts += (text[start:first], replacement)
        start = last
    return "".join([*parts, text[start:end]])


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
            if _is_picture(text[at:end]):
                break
        else:
            return False
        count, at = count + 1, end
    return 0 < count <= _MAX_LARGE_EMOJI
