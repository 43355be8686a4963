"""The parts of a text that are code: fenced blocks, and the text between backticks.

This reads the text from the front to the back once, and is therefore cheap for every text. The
parser of markup decides what is drawn as code.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence

Range = tuple[int, int]

# The most backticks that are read: a message with more has no meaning.
MAX_BACKTICKS = 2000

# The content of these blocks is text (`chat/text/markup/reader.py`).
_TEXT_BLOCKS = frozenset({"quote", "spoiler"})

_FENCE_LINE = re.compile(
    r"^(?P<prefix>[ >]*(?:(?:[-+*]|\d{1,9}[.)]) +)?)(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)$",
    re.MULTILINE,
)
_LINE_OUTSIDE_QUOTE = re.compile(r"^(?! *>)", re.MULTILINE)
_PARAGRAPH_END = re.compile(r"\n[ \t>]*\n")
_BACKTICKS = re.compile(r"(?P<escapes>\\*)(?P<run>`+)")


def code_ranges(text: str, *, is_being_typed: bool = False) -> list[Range]:
    """The start and the end of each piece of code, in order.

    In a text that is being typed, a run of backticks that is not closed yet begins code, too, up to
    the end of its paragraph. A text with too many backticks is code as a whole.
    """
    if "`" not in text and "~~~" not in text:
        return []
    if text.count("`") > MAX_BACKTICKS:
        return [(0, len(text))]
    found, at = list[Range](), 0
    for start, end, is_code in _fences(text):
        found += _inline_ranges(text, at, start, is_being_typed)
        if is_code:
            found.append((start, end))
        at = end
    found += _inline_ranges(text, at, len(text), is_being_typed)
    return found


def is_inside(ranges: Sequence[Range], at: int) -> bool:
    """Whether an index is in one of some ranges, which are in order."""
    last = bisect_right(ranges, at, key=lambda each: each[0]) - 1
    return last >= 0 and at < ranges[last][1]


def fenced_ranges(text: str) -> Iterator[Range]:
    """The start and the end of each fenced block of code, in order."""
    return ((start, end) for start, end, is_code in _fences(text) if is_code)


def _fences(text: str) -> Iterator[tuple[int, int, bool]]:
    """The start and the end of each block of code (True), and of each fence around a block of text
    (False)."""
    # The fences of open blocks of text, which may hold other blocks.
    open_fences, at = list[str](), 0
    while (found := _FENCE_LINE.search(text, at)) is not None:
        at, fence, info = found.end(), found["fence"], found["info"].strip()
        if open_fences and fence.startswith(open_fences[-1]) and not info:
            open_fences.pop()
            yield found.start("fence"), at, False
        elif fence[0] == "`" and "`" in info:
            continue
        elif info.partition(" ")[0].lower() in _TEXT_BLOCKS:
            open_fences.append(fence)
            yield found.start("fence"), at, False
        else:
            at = _fence_end(text, found)
            yield found.start("fence"), at, True


def _fence_end(text: str, opening: re.Match[str]) -> int:
    """The end of a block of code, which may be the end of the quote around it, or of the text."""
    last = len(text)
    if ">" in opening["prefix"]:
        outside = _LINE_OUTSIDE_QUOTE.search(text, opening.end() + 1)
        last = last if outside is None else outside.start()
    at = opening.end()
    while (found := _FENCE_LINE.search(text, at, last)) is not None:
        at = found.end()
        if found["fence"].startswith(opening["fence"]) and not found["info"].strip():
            return at
    return last


def _inline_ranges(text: str, start: int, end: int, is_being_typed: bool) -> Iterator[Range]:
    while start < end:
        paragraph_end = _PARAGRAPH_END.search(text, start, end)
        last = end if paragraph_end is None else paragraph_end.start()
        yield from _paragraph_ranges(text, start, last, is_being_typed)
        start = end if paragraph_end is None else paragraph_end.end()


def _paragraph_ranges(text: str, start: int, end: int, is_being_typed: bool) -> Iterator[Range]:
    """The pieces between two runs of equally many backticks. A backslash escapes the first one."""
    runs = list(_BACKTICKS.finditer(text, start, end))
    by_length = defaultdict[int, list[int]](list)
    for number, each in enumerate(runs):
        by_length[len(each["run"])].append(number)
    at = 0
    while at < len(runs):
        opening = runs[at]
        escaped = len(opening["escapes"]) % 2
        length = len(opening["run"]) - escaped
        same = by_length.get(length, [])
        following = bisect_left(same, at + 1)
        at += 1
        if following < len(same):
            at = same[following] + 1
            yield opening.start("run") + escaped, runs[at - 1].end()
        elif is_being_typed and length:
            at = len(runs)
            yield opening.start("run") + escaped, end
