"""Folding of long texts: the part of a text that is on the screen until the reader asks for more.

Lines are counted about as the screen draws them, so that one long paragraph is folded like many
short lines. There are two widths, so that readers of all screens share two drawings at most.
"""

import re
import unicodedata
from dataclasses import dataclass

from chat.text.code_ranges import code_ranges, is_inside
from chat.text.markup.bare_links import bare_links
from chat.text.markup.links import URL_LIMIT

# A text of more than 20 lines is folded to 15: more would leave nothing else on the screen.
_MAX_UNFOLDED_LINES, _FOLDED_LINES = 20, 15

# With fewer whole lines than this, the end of the paragraph before them is shown, too.
_LEAST_LAST_LINES = 8

# The characters of a line on a wide screen, and of one on a phone or in a pane beside a room. A
# character of East Asia is as wide as two others.
LINE_WIDTH, NARROW_LINE_WIDTH = 80, 40

# How far back a cut within a line looks for a space, in characters.
_WORD_LENGTH = 30

# `[label](address)` on one line.
_LABELLED_LINK = re.compile(r"\[[^\[\]\n]{1,500}\]\([^()\s]{1,2000}\)")

_SPOILER = "||"
_FENCE = "```"
_JOINER = "\u200d"
_PARTS_OF_CHARACTERS = frozenset({"Mn", "Mc", "Me", "Sk", "Cf"})


@dataclass(frozen=True, slots=True)
class VisibleText:
    """The visible part of a text; `hidden_lines` is 0 if a line is cut, because nobody counts
    the rest of a line."""

    text: str
    is_folded: bool = False
    hidden_lines: int = 0


def may_be_folded(text: str) -> bool:
    """Whether a text is folded on some screen: then it is on a narrow one."""
    return fold(text, NARROW_LINE_WIDTH).is_folded


def fold(text: str, line_width: int = LINE_WIDTH) -> VisibleText:
    """The beginning of a text of more than 20 lines, or all of a shorter text."""
    # Each character may be as wide as two, and leave a place free at the end of a line.
    if text.count("\n") + 1 + 2 * len(text) // (line_width - 1) < _MAX_UNFOLDED_LINES:
        return VisibleText(text)
    end = _end_of_lines(text, _FOLDED_LINES, line_width)
    if _end_of_lines(text, _MAX_UNFOLDED_LINES, line_width) == len(text):
        return VisibleText(text)
    is_within_line = text[end : end + 1] != "\n"
    if is_within_line:
        end = _end_outside_link(text, _end_of_word(text, end))
    hidden_lines = 0 if is_within_line else text.count("\n", end)
    return VisibleText(_with_closed_spoiler(text, end), True, hidden_lines)


def last_lines(text: str, line_width: int = LINE_WIDTH) -> str:
    """The last 15 lines of a text of more than 20, as the screen draws them, with the fence of a
    block of code cut in two. It is never folded."""
    lines = text.split("\n")
    if _count_last(lines, _MAX_UNFOLDED_LINES, line_width)[0] == len(lines):
        return text
    count, height = _count_last(lines, _FOLDED_LINES, line_width)
    cut = len(lines) - count
    fences = [each for each in lines[:cut] if each.lstrip().startswith(_FENCE)]
    start = ["…"] if len(fences) % 2 == 0 else ["…", _FENCE]
    if height < _LEAST_LAST_LINES and not lines[cut - 1].lstrip().startswith(_FENCE):
        # A paragraph, or a line of code, that is longer than the rest of the screen.
        end = _end_of_paragraph(lines[cut - 1], _FOLDED_LINES - height, line_width)
        start = [f"… {end}"] if len(start) == 1 else [*start, end]
    return "\n".join([*start, *lines[cut:]])


def _count_last(lines: list[str], limit: int, line_width: int) -> tuple[int, int]:
    """How many of the last lines of a text fit into `limit` lines of the screen, and their height
    there."""
    height = 0
    for count, line in enumerate(reversed(lines)):
        drawn = _drawn_lines(line, line_width)
        if height + drawn > limit:
            return count, height
        height += drawn
    return len(lines), height


def _drawn_lines(line: str, line_width: int) -> int:
    """On how many lines of the screen a line is drawn, at most."""
    if line.isascii():
        return max(1, -(-len(line) // line_width))
    wide = sum(unicodedata.east_asian_width(each) in {"W", "F"} for each in line)
    # A character as wide as two may leave a place free at the end of a line.
    return max(1, -(-(len(line) + wide) // (line_width - 1)))


def _end_of_paragraph(line: str, count: int, line_width: int) -> str:
    """The end of a line that takes `count` lines of the screen, from a word on."""
    length = count * line_width if line.isascii() else count * (line_width - 1) // 2
    begin = max(0, len(line) - length)
    for at in range(begin, min(len(line), begin + _WORD_LENGTH)):
        if line[at].isspace():
            return line[at + 1 :]
    while begin < len(line) and (
        line[begin - 1] == _JOINER or unicodedata.category(line[begin]) in _PARTS_OF_CHARACTERS
    ):
        begin += 1
    return line[begin:]


def _end_of_lines(text: str, count: int, line_width: int) -> int:
    """The index behind the first `count` lines as they are drawn, at most the end of the text."""
    at = 0
    for _ in range(count):
        if at == len(text):
            break
        width, last = 0, min(len(text), at + line_width)
        line_end = text.find("\n", at, last)
        end = last if line_end < 0 else line_end
        line = text[at:end]
        if not line.isascii():
            for length, c in enumerate(line):
                width += 2 if unicodedata.east_asian_width(c) in {"W", "F"} else 1
                if width > line_width:
                    end = at + length
                    break
        at = end
        if text[at : at + 1] == "\n":
            at += 1
    return at if at == len(text) or text[at - 1] != "\n" else at - 1


def _end_of_word(text: str, end: int) -> int:
    """An index before a word, or before a character with all its marks, near the end of a cut."""
    for at in range(end, max(0, end - _WORD_LENGTH), -1):
        if text[at].isspace():
            return at
    for at in range(end, max(0, end - _WORD_LENGTH), -1):
        if text[at - 1] != _JOINER and unicodedata.category(text[at]) not in _PARTS_OF_CHARACTERS:
            return at
    return end


def _end_outside_link(text: str, end: int) -> int:
    """An index that is in no address: half of one would lead elsewhere. A link with a label is
    left out as a whole."""
    begin = max(0, end - URL_LIMIT)
    for link in _LABELLED_LINK.finditer(text, begin, end + URL_LIMIT):
        if link.start() < end < link.end() and link.start() > 0:
            return link.start()
    for first, last in bare_links(text[begin : end + URL_LIMIT]):
        if begin + first < end < begin + last:
            return begin + (first or last)
    return end


def _with_closed_spoiler(text: str, end: int) -> str:
    """The text before a cut; a spoiler that was cut is closed, so that it stays hidden."""
    visible, code = text[:end], code_ranges(text)
    at, opened = max(0, visible.rfind("\n\n")), -1
    while (at := visible.find(_SPOILER, at)) >= 0:
        if opened >= 0 and not is_inside(code, at):
            opened = -1
        elif not text[at + 2 : at + 3].isspace() and not is_inside(code, at):
            opened = at
        at += len(_SPOILER)
    if opened < 0 or text.find(_SPOILER, end - 1) < 0:
        return visible
    return visible[:-1] + _SPOILER if visible.endswith("|") else visible + _SPOILER
