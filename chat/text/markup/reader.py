"""What a message's marks mean.

A text without any is not parsed. Nothing here draws; what cannot be drawn within the limits has no
markup, and is shown as it was typed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from markdown_it.token import Token

from chat.text.markup import parser
from chat.text.markup.inline import Parts, TooMuch, runs_of
from chat.text.markup.nodes import (
    Block,
    Blocks,
    Code,
    Divider,
    Formula,
    Item,
    Markup,
    Paragraph,
    Points,
    Quote,
    Runs,
    Spoiler,
    Style,
    Table,
    lines,
)

# In characters, marks, and lines: within them the worst text takes less than 50 ms.
LENGTH = 10_000
MARKS = 800
LINES = 400

# Of one table, and how often something may stand in something else.
COLUMNS, CELLS = 16, 400
DEPTH = 6

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
    except (TooMuch, RecursionError):
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
    return "\n".join(lines(markup.blocks))


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


@dataclass(slots=True)
class _Reader:
    """Makes blocks of tokens; counts what answers."""

    parts: Parts = field(default_factory=Parts)
    marks: int = 0

    def blocks(self, text: str, depth: int) -> Blocks:
        """Raises TooMuch."""
        self.marks += _marks(text)
        if self.marks > MARKS:
            raise TooMuch
        found = parser.tokens(text)
        if any(token.level >= parser.DEPTH for token in found):
            raise TooMuch
        return self._inside(found, depth)

    def _inside(self, found: Sequence[Token], depth: int) -> Blocks:
        if depth > DEPTH:
            raise TooMuch
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
                runs = runs_of(inner[0].children or [], self.parts)
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
        raise TooMuch

    def _fence(self, token: Token, depth: int) -> Block:
        kind, _, title = token.info.strip().partition(" ")
        text = token.content.removesuffix("\n")
        match kind.lower():
            case "math":
                return Formula(text)
            case "quote":
                return Quote(self._deeper(text, depth))
            case "spoiler":
                part = self.parts.place()
                spoiler = Spoiler(title.strip(), self._deeper(text, depth), part)
                self.parts[part] = spoiler
                return spoiler
        if not text.strip():
            # A line of bars: nothing is to vanish.
            raise TooMuch
        part = self.parts.place()
        code = Code(text, kind, part)
        self.parts[part] = code
        return code

    def _deeper(self, text: str, depth: int) -> Blocks:
        if depth >= DEPTH:
            raise TooMuch
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
                rows[-1].append(runs_of(inner[n + 1].children or [], self.parts))
        if len(aligned) > COLUMNS or len(aligned) * len(rows) > CELLS:
            raise TooMuch
        return Table(tuple(map(tuple, rows)), tuple(aligned))


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
    raise TooMuch
