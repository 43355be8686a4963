"""The parser of messages: CommonMark, tables and strikethrough of GitHub, spoilers and formulas.

Syntax that would remove a part of the typed text is disabled or replaced: HTML, entities, link
definitions, code or headings by indentation or underlining, and the spaces at the beginning of a
line. A line after a quote or a list is outside of it, as in other chats.
"""

import re
from bisect import bisect_right
from functools import lru_cache

import markdown_it
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline, escape
from markdown_it.token import Token

from chat.text.markup.bare_links import bare_links, link_href
from chat.text.markup.links import is_allowed_url
from chat.text.markup.tables import table

# Deeper nesting is not drawn. The parser drops text that is nested deeper than its own limit, which
# therefore has to be larger.
MAX_TOKEN_LEVEL = 12

# The characters that may begin something inside of a paragraph, or end the text of a link.
_SPECIAL = re.compile(r"[\n!$*<\[\\\]_`~|]")

_ARM = "\\_(ツ)_/¯"

_DISABLED_RULES = [
    *("html_block", "html_inline", "entity", "reference", "code", "lheading", "linkify"),
]


def parse_markdown(text: str) -> list[Token]:
    """The tokens of a text, including `spoiler_open`, `spoiler_close` and `formula`."""
    return _PARSER.parse(text)


def bare_link_url(address: str) -> str | None:
    """The URL of an address that is not marked as a link; None if it is text."""
    url = _PARSER.normalizeLink(link_href(address))
    return url if _PARSER.validateLink(url) else None


def _build_parser() -> markdown_it.MarkdownIt:
    parser = markdown_it.MarkdownIt(
        "js-default",
        {"linkify": False, "maxNesting": 2 * MAX_TOKEN_LEVEL, "breaks": True, "html": False},
    )
    parser.disable(_DISABLED_RULES)
    parser.validateLink = is_allowed_url  # type: ignore[method-assign]
    parser.block.ruler.at("table", table, {"alt": ["paragraph"]})
    parser.block.ruler.at("paragraph", _paragraph)
    parser.block.ruler.before("table", "end_of_quote", _end_of_quote, {"alt": ["blockquote"]})
    parser.block.ruler.before("table", "end_of_item", _end_of_item, {"alt": ["paragraph"]})
    parser.inline.ruler.at("text", _text)
    parser.inline.ruler.at("newline", _newline)
    parser.inline.ruler.at("escape", _escape)
    parser.inline.ruler.before("text", "bare_link", _bare_link)
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.inline.ruler.before("emphasis", "spoiler", _spoiler)
    return parser


def _paragraph(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Parse a paragraph. The spaces at the beginning of its lines are part of it."""
    next_line, rules = start_line + 1, state.md.block.ruler.getRules("paragraph")
    parent, state.parentType = state.parentType, "paragraph"
    while next_line < state.lineMax and not state.isEmpty(next_line):
        if any(rule(state, next_line, state.lineMax, True) for rule in rules):
            break
        next_line += 1
    state.line, state.parentType = next_line, parent
    state.push("paragraph_open", "p", 1).map = [start_line, next_line]
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(start_line, next_line, state.blkIndent, False).rstrip()
    inline.map, inline.children = [start_line, next_line], []
    state.push("paragraph_close", "p", -1)
    return True


def _end_of_quote(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """A line without `>` ends a quote. (CommonMark lets it continue the last paragraph.)"""
    return silent


def _end_of_item(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """A line that is not indented ends a list. (CommonMark lets it continue the last item.)"""
    return silent and state.sCount[start_line] < state.blkIndent


def _text(state: StateInline, silent: bool) -> bool:
    """Take all characters up to one that may begin something, or up to a bare link."""
    found = _SPECIAL.search(state.src, state.pos, state.posMax)
    end = state.posMax if found is None else found.start()
    starts, _ = _links_in(state.src)
    if (following := bisect_right(starts, state.pos)) < len(starts):
        end = min(end, starts[following])
    if end == state.pos:
        return False
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def _newline(state: StateInline, silent: bool) -> bool:
    """Each newline begins a line, and the spaces around it stay."""
    if state.src[state.pos] != "\n":
        return False
    if not silent:
        state.push("softbreak", "br", 0)
    state.pos += 1
    return True


def _escape(state: StateInline, silent: bool) -> bool:
    """A backslash escapes a mark. At the end of a line it is a character, as in ¯\\_(ツ)_/¯."""
    if state.src.startswith(_ARM, state.pos):
        if not silent:
            state.append_pending(_ARM)
        state.pos += len(_ARM)
        return True
    return not state.src.startswith("\\\n", state.pos) and escape(state, silent)


@lru_cache(maxsize=4)
def _links_in(text: str) -> tuple[list[int], dict[int, int]]:
    """The starts of the bare links in a text, and the end of each."""
    ends = dict(bare_links(text))
    return list(ends), ends


def _bare_link(state: StateInline, silent: bool) -> bool:
    """Parse an address that is not marked as a link."""
    _, ends = _links_in(state.src)
    end = ends.get(state.pos)
    if end is None or end > state.posMax or state.linkLevel > 0:
        return False
    address = state.src[state.pos : end]
    url = bare_link_url(address)
    if url is None:
        return False
    if not silent:
        state.push("link_open", "a", 1).attrs = {"href": url}
        state.push("text", "", 0).content = (
            state.md.normalizeLinkText(address) if ":" in address else address
        )
        state.push("link_close", "a", -1)
    state.pos = end
    return True


def _find_closing(state: StateInline, delimiter: str) -> int:
    """The index of the closing delimiter for the one here, or -1."""
    start = state.pos + 2
    if not state.src.startswith(delimiter, state.pos) or start >= state.posMax:
        return -1
    end = state.src.find(delimiter, start, state.posMax)
    return end if end > start and state.src[start:end].strip() else -1


def _formula(state: StateInline, silent: bool) -> bool:
    """Parse `$$x^2$$`; the content has no other markup."""
    end = _find_closing(state, "$$")
    if end < 0:
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content = state.src[state.pos + 2 : end].strip()
    state.pos = end + 2
    return True


def _spoiler(state: StateInline, silent: bool) -> bool:
    """Parse `||hidden||` with markup inside; spaces next to the bars make it plain text."""
    end = _find_closing(state, "||")
    start, last = state.pos + 2, state.posMax
    if end < 0 or state.src[start].isspace() or state.src[end - 1].isspace():
        return False
    if not silent:
        state.push("spoiler_open", "", 1)
        state.pos, state.posMax = start, end
        state.md.inline.tokenize(state)
        state.posMax = last
        state.push("spoiler_close", "", -1)
    state.pos = end + 2
    return True


_PARSER = _build_parser()
