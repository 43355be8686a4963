"""What a message's marks mean: its paragraphs, lists, code, tables, links and spoilers.

A text without any is not parsed. Nothing here draws; what cannot be drawn within the limits has no
markup, and is shown as it was typed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Flag, auto
from functools import lru_cache

from markdown_it.token import Token

from chat import markdown
from chat.links import is_to_be_shown

# In characters, marks, and lines: within them the worst text takes less than 50 ms.
LENGTH = 10_000
MARKS = 800
LINES = 400

# Of one table, and how often something may stand in something else.
COLUMNS, CELLS = 16, 400
DEPTH = 6

# So many parts of a text answer: code that is copied, spoilers, links that are shown first.
PARTS = 24

HIDDEN = "▒▒▒"

_MAY_HAVE = re.compile(
    r"[*_`\[\\]|~~|\|\||\$\$|://|mailto:|<http|\w@\w"
    r"|^ {0,3}(?:[-+>#|]|\d{1,9}[.)]\s|~~~)|\|.*\n",
    re.MULTILINE | re.IGNORECASE,
)
_MARK = re.compile(r"[*_`\[\]!<>|~$\\#]|://|@")
# A bare link costs as much as so many other marks.
_LINK_COSTS = 6
_FENCED = re.compile(r"^(`{3,})[^`\n]*\n(?:.*\n)*?(?: {0,3}\1`*[ \t]*$|\Z)", re.MULTILINE)
_TASK = re.compile(r"\[([ xX])\] +")


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


class _TooMuch(Exception):
    """This is more than is drawn."""


def read(text: str) -> Markup | None:
    """The markup of a text; None if it has none, or more than can be drawn."""
    if _MAY_HAVE.search(text) is None:
        return None
    return _read(text)


@lru_cache(128)
def _read(text: str) -> Markup | None:
    if len(text) > LENGTH or text.count("\n") > LINES:
        return None
    reader = _Reader()
    try:
        blocks = reader.blocks(text, 0)
    except (_TooMuch, RecursionError):
        return None
    if _is_plain(blocks, text):
        return None
    return Markup(blocks, tuple(reader.parts))


def _marks(text: str) -> int:
    """How many marks there are; inside code they cost nothing."""
    if "```" in text and "~~~" not in text:
        text = _FENCED.sub("", text)
    return len(_MARK.findall(text)) + _LINK_COSTS * text.count("://")


def forget() -> None:
    """Keep nothing of what was read before: for what measures it."""
    _read.cache_clear()


def in_words(text: str, *, cut: bool = False) -> str:
    """A text without its marks, on as many lines; what a spoiler hides stays hidden.

    `cut` is whether only its beginning may be there: then a spoiler may have lost its end.
    """
    if cut and text.count("||") % 2:
        text += "||"
    markup = read(text)
    if markup is None:
        return text
    return "\n".join(_lines(markup.blocks))


def has_formula(text: str) -> bool:
    """Whether there may be a formula in a text: a cheap answer, which may be a wrong yes."""
    return "$$" in text or ("math" in text and ("```" in text or "~~~" in text))


def _is_plain(blocks: Blocks, text: str) -> bool:
    """Whether nothing was meant but what was typed."""
    said = list[str]()
    for block in blocks:
        if not isinstance(block, Paragraph) or block.level:
            return False
        if any(run.style or run.link or run.spoiler is not None for run in block.runs):
            return False
        said.append("".join(run.text for run in block.runs))
    return "".join("".join(said).split()) == "".join(text.split())


def _lines(blocks: Blocks) -> Iterator[str]:
    for block in blocks:
        match block:
            case Paragraph(runs):
                yield shown(runs)
            case Code(text) | Formula(text):
                yield text
            case Quote(inner):
                yield from _lines(inner)
            case Points(items, start):
                for number, item in enumerate(items, start or 0):
                    yield f"{_point(item, start, number)} {' '.join(_lines(item.blocks))}"
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


@dataclass(slots=True)
class _Reader:
    """Makes blocks of tokens; counts what answers."""

    parts: list[Part] = field(default_factory=list)
    marks: int = 0

    def blocks(self, text: str, depth: int) -> Blocks:
        """Raises _TooMuch."""
        self.marks += _marks(text)
        if self.marks > MARKS:
            raise _TooMuch
        found = markdown.tokens(text)
        if any(token.level >= markdown.DEPTH for token in found):
            raise _TooMuch
        return self._inside(found, depth)

    def _part(self) -> int:
        """A place for what answers next."""
        if len(self.parts) >= PARTS:
            raise _TooMuch
        self.parts.append(())
        return len(self.parts) - 1

    def _inside(self, found: Sequence[Token], depth: int) -> Blocks:
        if depth > DEPTH:
            raise _TooMuch
        blocks, at = list[Block](), 0
        while at < len(found):
            end = _end(found, at)
            blocks.append(self._block(found[at], found[at + 1 : end], depth))
            at = end + 1
        return tuple(blocks)

    def _block(self, token: Token, inner: Sequence[Token], depth: int) -> Block:
        match token.type:
            case "paragraph_open" | "heading_open":
                level = int(token.tag[1:]) if token.type == "heading_open" else 0
                runs = self._runs(inner[0].children or [])
                if len(runs) == 1 and runs[0].style is Style.FORMULA and runs[0].spoiler is None:
                    return Formula(runs[0].text)
                return Paragraph(runs, level)
            case "fence":
                return self._fence(token, depth)
            case "blockquote_open":
                return Quote(self._inside(inner, depth + 1))
            case "bullet_list_open" | "ordered_list_open":
                start = int(token.attrs.get("start", 1)) if token.tag == "ol" else None
                return Points(tuple(self._items(inner, depth + 1)), start)
            case "table_open":
                return self._table(inner)
            case "hr":
                return Divider()
        raise _TooMuch

    def _fence(self, token: Token, depth: int) -> Block:
        kind, _, title = token.info.strip().partition(" ")
        text = token.content.removesuffix("\n")
        match kind.lower():
            case "math":
                return Formula(text)
            case "quote":
                return Quote(self._deeper(text, depth))
            case "spoiler":
                part = self._part()
                spoiler = Spoiler(title.strip(), self._deeper(text, depth), part)
                self.parts[part] = spoiler
                return spoiler
        if not text.strip():
            # A line of bars: nothing is to vanish.
            raise _TooMuch
        part = self._part()
        code = Code(text, kind, part)
        self.parts[part] = code
        return code

    def _deeper(self, text: str, depth: int) -> Blocks:
        if depth >= DEPTH:
            raise _TooMuch
        # What it holds is parsed once more, so that it costs twice.
        return self.blocks(text, depth + 2)

    def _items(self, inner: Sequence[Token], depth: int) -> Iterator[Item]:
        at = 0
        while at < len(inner):
            end = _end(inner, at)
            blocks = self._inside(inner[at + 1 : end], depth)
            yield _task(blocks)
            at = end + 1

    def _table(self, inner: Sequence[Token]) -> Table:
        rows, aligned = list[list[Runs]](), list[str]()
        for n, token in enumerate(inner):
            if token.type == "tr_open":
                rows.append([])
            elif token.type in {"th_open", "td_open"}:
                if token.type == "th_open":
                    style = str(token.attrs.get("style", ""))
                    aligned.append(style.removeprefix("text-align:"))
                rows[-1].append(self._runs(inner[n + 1].children or []))
        if len(aligned) > COLUMNS or len(aligned) * len(rows) > CELLS:
            raise _TooMuch
        return Table(tuple(map(tuple, rows)), tuple(aligned))

    def _runs(self, children: Sequence[Token]) -> Runs:
        runs, style = list[Run](), Style.PLAIN
        spoiler: int | None = None
        hides = began = 0
        address = ""
        for token in children:
            match token.type:
                case "text" | "text_special":
                    _add(runs, Run(token.content, style, None, spoiler))
                case "softbreak" | "hardbreak":
                    _add(runs, Run("\n", style, None, spoiler))
                case "code_inline":
                    runs.append(Run(token.content, style | Style.CODE, None, spoiler))
                case "formula":
                    runs.append(Run(token.content, Style.FORMULA, None, spoiler))
                case "image":
                    address = str(token.attrs["src"])
                    text = token.content.strip() or address
                    at = len(runs)
                    runs.append(Run(text, style, None, spoiler))
                    self._link(runs, at, address)
                case "link_open":
                    address, began = str(token.attrs["href"]), len(runs)
                    runs.append(Run("", style, None, spoiler))
                case "link_close":
                    self._link(runs, began, address)
                case "spoiler_open":
                    hides += 1
                    if hides == 1:
                        spoiler = self._part()
                        began_hiding = len(runs)
                case "spoiler_close":
                    hides -= 1
                    if not hides and spoiler is not None:
                        self.parts[spoiler] = tuple(runs[began_hiding:])
                        spoiler = None
                case kind if kind in _STYLES:
                    style |= _STYLES[kind]
                case kind if kind.removesuffix("close") + "open" in _STYLES:
                    style &= ~_STYLES[kind.removesuffix("close") + "open"]
        return tuple(run for run in runs if run.text)

    def _link(self, runs: list[Run], began: int, address: str) -> None:
        """All runs from `began` on lead to an address."""
        text = "".join(run.text for run in runs[began:])
        if not text.strip():
            runs.append(replace(runs[-1], text=address))
            text = address
        link = Link(address)
        if is_to_be_shown(text, address):
            link = Link(address, self._part())
            self.parts[link.part or 0] = link
        runs[began:] = [replace(run, link=link) for run in runs[began:]]
        # What comes next is not joined to it.
        runs.append(Run(""))


_STYLES = {
    "strong_open": Style.BOLD,
    "em_open": Style.ITALIC,
    "s_open": Style.STRIKE,
}


def _add(runs: list[Run], run: Run) -> None:
    """Join what looks alike."""
    last = runs[-1] if runs else None
    if last is not None and last.text and replace(last, text=run.text) == run:
        runs[-1] = replace(last, text=last.text + run.text)
    else:
        runs.append(run)


def _task(blocks: Blocks) -> Item:
    """`[ ]` and `[x]` begin a task."""
    first = blocks[0] if blocks else None
    if isinstance(first, Paragraph) and first.runs and not first.runs[0].style:
        box = _TASK.match(first.runs[0].text)
        if box is not None:
            run = replace(first.runs[0], text=first.runs[0].text[box.end() :])
            rest = replace(first, runs=(run, *first.runs[1:]))
            return Item((rest, *blocks[1:]), box[1] != " ")
    return Item(blocks)


def _end(found: Sequence[Token], at: int) -> int:
    """Where what opens at an index closes."""
    depth = 0
    for n in range(at, len(found)):
        depth += found[n].nesting
        if depth == 0:
            return n
    raise _TooMuch
