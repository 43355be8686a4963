"""Reads the markup of a message into nodes.

A text without delimiters is not parsed. A text that exceeds the limits has no markup, and is shown
as typed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from markdown_it.token import Token

from chat.text.code_ranges import fenced_ranges
from chat.text.markup import parser
from chat.text.markup.inline import InteractiveParts, MarkupTooLarge, spans_of
from chat.text.markup.nodes import (
    Block,
    BlockQuote,
    Blocks,
    CodeBlock,
    Formula,
    HorizontalRule,
    ListBlock,
    ListItem,
    Markup,
    Paragraph,
    Span,
    Spans,
    Spoiler,
    Style,
    Table,
    plain_text_lines,
)
from chat.text.markup.tables import MAX_CELLS, MAX_COLUMNS

# In characters, delimiters and lines. Within these limits every text takes less than 20 ms.
MAX_LENGTH = 10_000
MAX_DELIMITERS = 800
MAX_LINES = 400

MAX_DEPTH = 6

_MAY_HAVE_MARKUP = re.compile(
    r"[*_`\[\\]|~~|\|\||\$\$|://|mailto:|<http|\w@\w"
    r"|^ {0,3}(?:[-+>#|]|\d{1,9}[.)]\s|~~~)|\|[^|\n]*\n",
    re.MULTILINE | re.IGNORECASE,
)
_DELIMITER = re.compile(r"[*_`\[\]!<>|~$\\#]|://|@")
# A bare link costs as much as this many delimiters.
_LINK_COST = 6
# A bracket costs as much as this many more.
_BRACKET_COST = 2
_LINK = re.compile(r"://|mailto:|\w@\w", re.IGNORECASE)
# Such a text is drawn as it was typed, unless it is a horizontal rule.
_MARKERS_ALONE = re.compile(r"[\s>#+*-]*")
_TASK = re.compile(r"\[([ xX])\] +")


def parse_markup(text: str) -> Markup | None:
    """The markup of a text, or None if it has none or exceeds the limits."""
    if _MAY_HAVE_MARKUP.search(text) is None:
        return None
    return _parse_cached(text)


@lru_cache(128)
def _parse_cached(text: str) -> Markup | None:
    if len(text) > MAX_LENGTH or text.count("\n") > MAX_LINES:
        return None
    reader = _Reader()
    try:
        blocks = reader.parse_blocks(text, 0)
    except (MarkupTooLarge, RecursionError):
        return None
    if _MARKERS_ALONE.fullmatch(text) and not _has_rule(blocks):
        return None
    if _is_plain(blocks, text):
        return None
    return Markup(blocks, tuple(reader.parts), reader.first_lines)


def delimiter_count(text: str) -> int:
    """The number of delimiters; inside of fenced code they cost nothing."""
    parts, at = list[str](), 0
    for start, end in fenced_ranges(text):
        parts.append(text[at:start])
        at = end
    text = "\n".join([*parts, text[at:]])
    # The parser looks for the end of each bracket.
    cost = len(_DELIMITER.findall(text)) + _BRACKET_COST * text.count("[")
    return cost + _LINK_COST * len(_LINK.findall(text))


def clear_cache() -> None:
    """Clear the cache, for benchmarks."""
    _parse_cached.cache_clear()


def to_plain_text(text: str, *, truncated: bool = False) -> str:
    """A text without markup, on as many lines; spoilers stay hidden.

    If `truncated`, the text may be cut off, and an unclosed spoiler is closed.
    """
    if truncated and text.count("||") % 2:
        text += "||"
    markup = parse_markup(text)
    if markup is None:
        return text
    return "\n".join(plain_text_lines(markup.blocks))


def may_have_formula(text: str) -> bool:
    """Whether a text may have a formula. The check is cheap, with false positives."""
    return "$$" in text or ("math" in text and ("```" in text or "~~~" in text))


def _has_rule(blocks: Blocks) -> bool:
    """Whether a line from side to side is among the blocks, or in a quote or a list."""
    for block in blocks:
        match block:
            case HorizontalRule():
                return True
            case BlockQuote(inner) if _has_rule(inner):
                return True
            case ListBlock(items) if any(_has_rule(item.blocks) for item in items):
                return True
    return False


def _is_plain(blocks: Blocks, text: str) -> bool:
    """Whether the blocks show the same as the plain text."""
    texts = list[str]()
    for block in blocks:
        if not isinstance(block, Paragraph) or block.heading_level:
            return False
        if any(span.style or span.link or span.spoiler_part is not None for span in block.spans):
            return False
        texts.append("".join(run.text for run in block.spans))
    return "".join("".join(texts).split()) == "".join(text.split())


@dataclass(slots=True)
class _Reader:
    """Converts tokens to blocks, and numbers the interactive parts."""

    parts: InteractiveParts = field(default_factory=InteractiveParts)
    delimiters: int = 0
    # Of the blocks of the whole text.
    first_lines: tuple[int, ...] = ()

    def parse_blocks(self, text: str, depth: int) -> Blocks:
        """Parse a text. Raises MarkupTooLarge."""
        self.delimiters += delimiter_count(text)
        if self.delimiters > MAX_DELIMITERS:
            raise MarkupTooLarge
        tokens = parser.parse_markdown(text)
        if any(token.level >= parser.MAX_TOKEN_LEVEL for token in tokens):
            raise MarkupTooLarge
        if not depth:
            self.first_lines = tuple(_first_lines(tokens))
        return self._parse_tokens(tokens, depth)

    def _parse_tokens(self, tokens: Sequence[Token], depth: int) -> Blocks:
        if depth > MAX_DEPTH:
            raise MarkupTooLarge
        blocks, at = list[Block](), 0
        while at < len(tokens):
            end = _closing_index(tokens, at)
            blocks.append(self._parse_block(tokens[at], tokens[at + 1 : end], depth))
            at = end + 1
        return tuple(blocks)

    def _parse_block(self, token: Token, inner: Sequence[Token], depth: int) -> Block:
        match token.type:
            case "paragraph_open" | "heading_open":
                level = int(token.tag[1:]) if token.type == "heading_open" else 0
                spans = spans_of(inner[0].children or [], self.parts)
                if not spans:
                    return _literal(token.markup)
                if (
                    len(spans) == 1
                    and spans[0].style is Style.FORMULA
                    and spans[0].spoiler_part is None
                ):
                    return Formula(spans[0].text)
                return Paragraph(spans, level)
            case "fence":
                return self._parse_fence(token, depth)
            case "blockquote_open":
                quoted = self._parse_tokens(inner, depth + 1)
                return BlockQuote(quoted) if quoted else _literal(token.markup)
            case "bullet_list_open" | "ordered_list_open":
                start = int(token.attrs.get("start", 1)) if token.tag == "ol" else None
                items = tuple(self._parse_items(inner, depth + 1))
                if not any(item.blocks for item in items):
                    markers = (each for each in inner if each.type == "list_item_open")
                    return _literal("\n".join(each.info + each.markup for each in markers))
                return ListBlock(items, start)
            case "table_open":
                return self._parse_table(inner)
            case "hr":
                return HorizontalRule()
        raise MarkupTooLarge

    def _parse_fence(self, token: Token, depth: int) -> Block:
        language, _, title = token.info.strip().partition(" ")
        text = token.content.removesuffix("\n")
        match language.lower():
            case "math" if not title:
                return Formula(text)
            case "quote":
                heading = _literal(title.strip()) if title.strip() else None
                quoted = self._parse_nested(text, depth)
                return BlockQuote((heading, *quoted) if heading else quoted)
            case "spoiler":
                part = self.parts.reserve()
                spoiler = Spoiler(title.strip(), self._parse_nested(text, depth), part)
                self.parts[part] = spoiler
                return spoiler
        if not text.strip():
            # A line of backticks would vanish.
            raise MarkupTooLarge
        part = self.parts.reserve()
        code = CodeBlock(text, token.info.strip(), part)
        self.parts[part] = code
        return code

    def _parse_nested(self, text: str, depth: int) -> Blocks:
        if depth >= MAX_DEPTH:
            raise MarkupTooLarge
        # The content is parsed a second time, so it counts twice.
        return self.parse_blocks(text, depth + 2)

    def _parse_items(self, inner: Sequence[Token], depth: int) -> Iterator[ListItem]:
        at = 0
        while at < len(inner):
            end = _closing_index(inner, at)
            blocks = self._parse_tokens(inner[at + 1 : end], depth)
            yield _list_item(blocks)
            at = end + 1

    def _parse_table(self, inner: Sequence[Token]) -> Table:
        rows, alignments = list[list[Spans]](), list[str]()
        for n, token in enumerate(inner):
            if token.type == "tr_open":
                rows.append([])
            elif token.type in {"th_open", "td_open"}:
                if token.type == "th_open":
                    style = str(token.attrs.get("style", ""))
                    alignments.append(style.removeprefix("text-align:"))
                rows[-1].append(spans_of(inner[n + 1].children or [], self.parts))
        if len(alignments) > MAX_COLUMNS or len(alignments) * len(rows) > MAX_CELLS:
            raise MarkupTooLarge
        return Table(tuple(map(tuple, rows)), tuple(alignments))


def _literal(text: str) -> Paragraph:
    """Marks that mark nothing, as they were typed."""
    return Paragraph((Span(text),))


def _list_item(blocks: Blocks) -> ListItem:
    """An item, or a task if it begins with `[ ]` or `[x]`."""
    first = blocks[0] if blocks else None
    if isinstance(first, Paragraph) and first.spans and not first.spans[0].style:
        checkbox = _TASK.match(first.spans[0].text)
        if checkbox is not None:
            span = replace(first.spans[0], text=first.spans[0].text[checkbox.end() :])
            paragraph = replace(first, spans=(span, *first.spans[1:]))
            return ListItem((paragraph, *blocks[1:]), checkbox[1] != " ")
    return ListItem(blocks)


def _first_lines(tokens: Sequence[Token]) -> Iterator[int]:
    """The number of the first line of each block."""
    line = 0
    for token in tokens:
        if token.level == 0 and token.nesting >= 0:
            line = token.map[0] if token.map else line
            yield line


def _closing_index(tokens: Sequence[Token], start: int) -> int:
    """The index of the token that closes the one at `start`."""
    depth = 0
    for n in range(start, len(tokens)):
        depth += tokens[n].nesting
        if depth == 0:
            return n
    raise MarkupTooLarge
