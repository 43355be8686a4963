"""One message of the parts that an adapter found: one text, with a range for each colour.

A text that is too long for a message, or has more markup than is drawn, ends with a line that says
so. Then the whole is in `HookMessage.full_text`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from chat.hook_payloads.json_values import clean_text
from chat.hook_payloads.limits import MAX_CONTROLS, SUMMARY_LIMIT
from chat.hook_payloads.markup_writer import closed, escape_start
from chat.hook_payloads.message import ColorRange, HookMessage
from chat.hook_payloads.pieces import Content, Part, Piece
from chat.text.markup import reader
from chat.text.markup.inline import MAX_PARTS
from chat.text.markup.nodes import (
    BlockQuote,
    Blocks,
    CodeBlock,
    ListBlock,
    Paragraph,
    Spoiler,
    Table,
)
from chat.text.message_text import TEXT_LIMIT

REST_IS_IN_FILE = "This is not all: the whole text is in the attached file."

_BETWEEN = "\n\n"
_LAST_LINE = _BETWEEN + REST_IS_IN_FILE

# A piece of which less than this would be left is left out of a text that is cut, in characters.
_SHORTEST_CUT = 200

# What is added to a piece that is cut within code, at most.
_LONGEST_FENCE = 20


def compose(content: Content) -> HookMessage:
    """The message of some content. Its text may be blank."""
    parts = [_shown(part) for part in content.parts]
    full_text = _BETWEEN.join(each.text for part in parts for each in part.pieces)
    text = _Text(_Budget(TEXT_LIMIT, is_typed=content.is_typed))
    is_complete = len(full_text) <= TEXT_LIMIT and text.add_all(parts)
    if not is_complete:
        text = _Text(_Budget(TEXT_LIMIT - len(_LAST_LINE), is_typed=content.is_typed))
        text.add_all(parts)
    shown = text.text if content.is_typed else escape_start(text.text)
    return HookMessage(
        shown if is_complete else (shown + _LAST_LINE).lstrip("\n"),
        None if is_complete else full_text,
        _line(content.summary),
        tuple(text.ranges(len(shown) - len(text.text))),
        _BETWEEN.join(text.mentioning),
        content.sender,
        content.address,
    )


def _shown(part: Part) -> Part:
    """A part whose pieces all have a text. No code goes on in the next piece."""
    pieces = (
        replace(each, text=closed(clean_text(each.text).strip("\n").rstrip()))
        for each in part.pieces
    )
    return replace(part, pieces=tuple(each for each in pieces if each.text.strip()))


def _line(markup: str) -> str:
    line = " ".join(markup.split())
    return line if len(line) <= SUMMARY_LIMIT else f"{line[: SUMMARY_LIMIT - 1].rstrip()}…"


@dataclass(slots=True)
class _Budget:
    """What is left of the length of a text, and of the markup that is drawn (`markup/reader.py`).

    A text that is typed (`Content.is_typed`) may have more markup: then it is drawn as it is.
    """

    length: int
    is_typed: bool
    lines: int = reader.MAX_LINES - _LAST_LINE.count("\n")
    delimiters: int = reader.MAX_DELIMITERS
    parts: int = MAX_PARTS
    controls: int = MAX_CONTROLS

    def __post_init__(self) -> None:
        # Nothing is before the first piece. A backslash may be (`escape_start`).
        self.length += len(_BETWEEN) - 1

    def take(self, piece: str) -> bool:
        """Take what a piece needs; False if that is more than is left."""
        length = len(piece) + len(_BETWEEN)
        if length > self.length:
            return False
        if not (self.is_typed or self._take_markup(piece)):
            return False
        self.length -= length
        return True

    def _take_markup(self, piece: str) -> bool:
        lines, delimiters = piece.count("\n") + 2, reader.delimiter_count(piece)
        if lines > self.lines or delimiters > self.delimiters:
            return False
        markup = reader.parse_markup(piece)
        parts = 0 if markup is None else len(markup.parts)
        controls = 1 if markup is None else _control_count(markup.blocks)
        if parts > self.parts or controls > self.controls:
            return False
        self.lines -= lines
        self.delimiters -= delimiters
        self.parts -= parts
        self.controls -= controls
        return True


@dataclass(slots=True)
class _Text:
    """A text that grows by pieces, as long as its budget lasts."""

    budget: _Budget
    text: str = ""
    mentioning: list[str] = field(default_factory=list)
    colored: list[ColorRange] = field(default_factory=list)

    def add_all(self, parts: Sequence[Part]) -> bool:
        """Add the pieces of all parts, up to the first that does not fit: then False."""
        return all(self._add_part(part) for part in parts)

    def ranges(self, moved: int) -> Iterator[ColorRange]:
        """The ranges, in a text that is longer at its beginning."""
        for start, end, color in self.colored:
            yield ColorRange(start + moved if start else 0, end + moved, color)

    def _add_part(self, part: Part) -> bool:
        length = len(self.text)
        start = length + len(_BETWEEN) if length else 0
        is_complete = all(self._add(piece) for piece in part.pieces)
        if part.color and len(self.text) > length:
            self.colored.append(ColorRange(start, len(self.text), part.color))
        return is_complete

    def _add(self, piece: Piece) -> bool:
        text = piece.text
        is_whole = self.budget.take(text)
        if not is_whole:
            text = _longest_fitting(text, self.budget)
        if text:
            self.text = f"{self.text}{_BETWEEN}{text}" if self.text else text
        if text and piece.can_mention:
            self.mentioning.append(text)
        return is_whole


def _longest_fitting(piece: str, budget: _Budget) -> str:
    """The beginning of a piece that fits, cut between two lines or words; "" if it is too short."""
    size = min(len(piece), budget.length - len(_BETWEEN) - _LONGEST_FENCE)
    while size >= _SHORTEST_CUT:
        cut = closed(_cut(piece, size))
        if budget.take(cut):
            return cut
        size //= 2
    return ""


def _cut(piece: str, size: int) -> str:
    for separator in ("\n", " "):
        end = piece.rfind(separator, size // 2, size)
        if end > 0:
            return piece[:end].rstrip()
    return piece[:size]


def _control_count(blocks: Blocks) -> int:
    """About how many controls the row has for some blocks."""
    count = 0
    for block in blocks:
        match block:
            case Paragraph(spans):
                count += 1 + len(spans)
            case Table(rows):
                count += 4 + sum(2 + sum(1 + len(cell) for cell in row) for row in rows)
            case ListBlock(items):
                count += 1 + sum(2 + _control_count(item.blocks) for item in items)
            case BlockQuote(inner) | Spoiler(_, inner):
                count += 2 + _control_count(inner)
            case CodeBlock():
                count += 9
            case _:
                count += 3
    return count
