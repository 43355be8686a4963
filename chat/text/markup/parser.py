"""The parser of messages: CommonMark, tables and strikethrough of GitHub, spoilers and formulas.

Syntax that would remove a part of the typed text is disabled: HTML, entities, link definitions, and
code or headings by indentation or underlining.
"""

import markdown_it
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from chat.text.markup.links import is_allowed_url

# Deeper nesting is not drawn. The parser drops text that is nested deeper than its own limit, which
# therefore has to be larger.
MAX_TOKEN_LEVEL = 12

_DISABLED_RULES = [
    *("html_block", "html_inline", "entity", "reference", "code", "lheading"),
]


def parse_markdown(text: str) -> list[Token]:
    """The tokens of a text, including `spoiler_open`, `spoiler_close` and `formula`."""
    return _PARSER.parse(text)


def _build_parser() -> markdown_it.MarkdownIt:
    parser = markdown_it.MarkdownIt(
        "js-default",
        {"linkify": True, "maxNesting": 2 * MAX_TOKEN_LEVEL, "breaks": True, "html": False},
    )
    parser.disable(_DISABLED_RULES)
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False, "fuzzy_ip": False, "fuzzy_email": True})
    for schema in ("ftp:", "//"):
        parser.linkify.add(schema, None)
    parser.validateLink = is_allowed_url  # type: ignore[method-assign]
    parser.inline.add_terminator_char("|")
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.inline.ruler.before("emphasis", "spoiler", _spoiler)
    return parser


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
