"""What a text with marks is made of: paragraphs, lists, code, tables, links and spoilers."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Flag, auto

HIDDEN = "▒▒▒"


class Style(Flag):
    """How a run of characters looks."""

    PLAIN = 0
    BOLD = auto()
    ITALIC = auto()
    STRIKE = auto()
    CODE = auto()
    FORMULA = auto()


@dataclass(frozen=True, slots=True)
class Link:
    """Where a run leads; `part` is its number if the real host is to be shown first."""

    address: str
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that look alike; `spoiler` is the number of the one that hides them."""

    text: str
    style: Style = Style.PLAIN
    link: Link | None = None
    spoiler: int | None = None


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of text; a heading has a level from 1 on."""

    runs: Runs
    level: int = 0


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of code, which can be copied; `language` is as it was written."""

    text: str
    language: str
    part: int


@dataclass(frozen=True, slots=True)
class Formula:
    """LaTeX on lines of its own."""

    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody else said."""

    blocks: "Blocks"


@dataclass(frozen=True, slots=True)
class Item:
    """One point of a list; `done` is of a task."""

    blocks: "Blocks"
    done: bool | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """A list; `start` is the number of the first point, None of those without numbers."""

    items: tuple[Item, ...]
    start: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the first one is the head; `aligned` is left, center, right or ""."""

    rows: tuple[tuple[Runs, ...], ...]
    aligned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoiler:
    """What is hidden until somebody wants to see it."""

    title: str
    blocks: "Blocks"
    part: int


@dataclass(frozen=True, slots=True)
class Divider:
    """A line from side to side."""


Block = Paragraph | Code | Formula | Quote | Points | Table | Spoiler | Divider
Blocks = tuple[Block, ...]

# What answers, by its number: an inline spoiler has the runs that it hides.
Part = Link | Code | Spoiler | Runs


@dataclass(frozen=True, slots=True)
class Markup:
    """A text that has marks; `parts` are those that answer."""

    blocks: Blocks
    parts: tuple[Part, ...]


def lines(blocks: Blocks) -> Iterator[str]:
    """What is read of blocks, without marks."""
    for block in blocks:
        match block:
            case Paragraph(runs):
                yield shown(runs)
            case Code(text) | Formula(text):
                yield text
            case Quote(inner):
                yield from lines(inner)
            case Points(items, start):
                for number, item in enumerate(items, start or 0):
                    yield f"{_point(item, start, number)} {' '.join(lines(item.blocks))}"
            case Table(rows):
                yield from (" | ".join(map(shown, row)) for row in rows)
            case Spoiler(title):
                yield f"{title} {HIDDEN}".lstrip()
            case Divider():
                yield "—"


def _point(item: Item, start: int | None, number: int) -> str:
    if item.done is not None:
        return "☑" if item.done else "☐"
    return "•" if start is None else f"{number}."


def shown(runs: Runs) -> str:
    """What is read of some runs; spoilers are hidden."""
    words, last = list[str](), None
    for run in runs:
        if run.spoiler is None:
            words.append(run.text)
        elif run.spoiler != last:
            words.append(HIDDEN)
        last = run.spoiler
    return "".join(words)
