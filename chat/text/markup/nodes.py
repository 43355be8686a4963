"""Nodes of markup: paragraphs, lists, code, tables, links and spoilers."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Flag, auto

SPOILER_PLACEHOLDER = "▒▒▒"


class Style(Flag):
    """The style of a span."""

    PLAIN = 0
    BOLD = auto()
    ITALIC = auto()
    STRIKE = auto()
    CODE = auto()
    FORMULA = auto()


@dataclass(frozen=True, slots=True)
class Link:
    """The target of a span; `part` is its number if the link needs a warning."""

    url: str
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of one style; `spoiler_part` is the number of the spoiler that hides them."""

    text: str
    style: Style = Style.PLAIN
    link: Link | None = None
    spoiler_part: int | None = None


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of text; `heading_level` is from 1 on for a heading."""

    spans: Spans
    heading_level: int = 0


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Lines of code with a copy button; `language` is as typed."""

    text: str
    language: str
    part: int


@dataclass(frozen=True, slots=True)
class Formula:
    """LaTeX on lines of its own."""

    text: str


@dataclass(frozen=True, slots=True)
class BlockQuote:
    """Quoted blocks."""

    blocks: "Blocks"


@dataclass(frozen=True, slots=True)
class ListItem:
    """One item of a list; `checked` is None unless it is a task."""

    blocks: "Blocks"
    checked: bool | None = None


@dataclass(frozen=True, slots=True)
class ListBlock:
    """A list; `start` is the number of the first item, or None for bullets."""

    items: tuple[ListItem, ...]
    start: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the first is the header; an alignment is left, center, right or ""."""

    rows: tuple[tuple[Spans, ...], ...]
    alignments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoiler:
    """Blocks that are hidden until the reader opens them."""

    title: str
    blocks: "Blocks"
    part: int


@dataclass(frozen=True, slots=True)
class HorizontalRule:
    """A line from side to side."""


Block = Paragraph | CodeBlock | Formula | BlockQuote | ListBlock | Table | Spoiler | HorizontalRule
Blocks = tuple[Block, ...]

# An inline spoiler is the tuple of spans that it hides.
InteractivePart = Link | CodeBlock | Spoiler | Spans


@dataclass(frozen=True, slots=True)
class Markup:
    """A parsed text; `parts` are its interactive parts by number.

    `first_lines` are the numbers of the first lines of the blocks, counted from 0.
    """

    blocks: Blocks
    parts: tuple[InteractivePart, ...]
    first_lines: tuple[int, ...]


def plain_text_lines(blocks: Blocks) -> Iterator[str]:
    """The plain text of blocks, line by line."""
    for block in blocks:
        match block:
            case Paragraph(runs):
                yield plain_text(runs)
            case CodeBlock(text) | Formula(text):
                yield text
            case BlockQuote(inner):
                yield from plain_text_lines(inner)
            case ListBlock(items, start):
                for number, item in enumerate(items, start or 0):
                    text = " ".join(plain_text_lines(item.blocks))
                    yield f"{_list_marker(item, start, number)} {text}"
            case Table(rows):
                yield from (" | ".join(map(plain_text, row)) for row in rows)
            case Spoiler(title):
                yield f"{title} {SPOILER_PLACEHOLDER}".lstrip()
            case HorizontalRule():
                yield "—"


def _list_marker(item: ListItem, start: int | None, number: int) -> str:
    if item.checked is not None:
        return "☑" if item.checked else "☐"
    return "•" if start is None else f"{number}."


def plain_text(spans: Spans) -> str:
    """The plain text of spans; spoilers stay hidden."""
    texts, last = list[str](), None
    for span in spans:
        if span.spoiler_part is None:
            texts.append(span.text)
        elif span.spoiler_part != last:
            texts.append(SPOILER_PLACEHOLDER)
        last = span.spoiler_part
    return "".join(texts)
