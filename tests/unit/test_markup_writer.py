"""Writing markup: what is escaped is shown as it is, what is marked is what was meant."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat.hook_payloads import markup_writer
from chat.hook_payloads.markup_writer import (
    bold,
    closed,
    escape,
    escape_start,
    grid,
    heading,
    inline_code,
    json_code,
    link,
    quoted,
    table,
)
from chat.text.markup.nodes import (
    BlockQuote,
    CodeBlock,
    HorizontalRule,
    Link,
    Markup,
    Paragraph,
    Span,
    Style,
    Table,
    plain_text_lines,
)
from chat.text.markup.reader import parse_markup
from chat.text.message_text import parse_emote

ATOMS = [
    *("a", "b", "1", " ", "\n", "\t", *"*_~`<>|[]()\\#-+.:=!$@&/'\""),
    *("http://a.b/c", "https://x.y", "mailto:a@b.co", "a@b.co", "||", "$$", "```", "~~~", "~~"),
    *("1. ", "- ", "> ", "# ", "|-|-|\n", "|a|b|\n", "你", "😀"),
]
TEXTS = st.lists(st.sampled_from(ATOMS), max_size=25).map("".join)


def parsed(markup: str) -> Markup:
    """The nodes of markup that means something."""
    found = parse_markup(markup)
    assert found is not None, markup
    return found


def visible(text: str) -> str:
    """A text without spaces. A bracket of an address may be encoded."""
    return "".join(text.split()).replace("%5B", "[").replace("%5D", "]")


@settings(deadline=None)
@given(TEXTS)
@example("|-|-|\n|-|-|\n")
@example("http://a.b/c||a")
@example("\\http://a.b/c\\=")
@example("!http://a.b/c*")
@example("C# ##")
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    markup = escape(text)
    nodes = parse_markup(markup)
    if nodes is None:
        assert markup.split() == text.split()
        return
    assert visible("\n".join(plain_text_lines(nodes.blocks))) == visible(text)
    for block in nodes.blocks:
        assert isinstance(block, Paragraph) and not block.heading_level
        assert all(not span.style and span.spoiler_part is None for span in block.spans)


@settings(deadline=None)
@given(TEXTS)
def test_text_of_a_link_is_shown_as_it_is(text: str) -> None:
    markup = link(text, "https://lab.example/x")
    nodes = parsed(markup)
    (block,) = nodes.blocks
    assert isinstance(block, Paragraph)
    assert {span.link.url for span in block.spans if span.link} == {"https://lab.example/x"}
    shown = "".join(span.text for span in block.spans)
    assert visible(shown) == visible(text) if text.strip() else shown == "https://lab.example/x"


@pytest.mark.parametrize(
    ("text", "url", "markup"),
    [
        ("docs", "https://a.b/c", "[docs](https://a.b/c)"),
        ("", "https://a.b/c", "https://a.b/c"),
        ("https://a.b/c", "https://a.b/c", "https://a.b/c"),
        ("x", "https://a.b/(c)|d e", "[x](https://a.b/%28c%29%7Cd%20e)"),
        ("x", "javascript:alert(1)", "x (javascript:alert(1))"),
        ("x", "", "x"),
        ("", "", ""),
    ],
)
def test_link(text: str, url: str, markup: str) -> None:
    assert link(text, url) == markup


def test_address_with_brackets_is_the_whole_link() -> None:
    (block,) = parsed(link("x", "https://a.b/(c)")).blocks
    assert block == Paragraph((Span("x", link=Link("https://a.b/%28c%29")),))


def test_heading_is_one_line_of_a_heading() -> None:
    (block,) = parsed(heading(escape("C# ##\nnext"))).blocks
    assert isinstance(block, Paragraph)
    assert (block.heading_level, block.spans[0].text) == (2, "C# ## next")


def test_two_columns_are_a_table_whose_titles_are_above_their_values() -> None:
    markup = grid(["**When**\ntoday | now", "**Where**\nhere", "**Who**\nAnn"])
    assert markup is not None
    (block,) = parsed(markup).blocks
    assert isinstance(block, Table)
    texts = [["".join(span.text for span in cell) for cell in row] for row in block.rows]
    assert texts == [["When", "Where"], ["today | now", "here"], ["Who", ""], ["Ann", ""]]
    assert block.rows[2][0][0].style is Style.BOLD


@pytest.mark.parametrize(
    "cell", ["three\nlines\nhere", "a || b", "ends with \\", "a \\| b", "long " * 40]
)
def test_cells_that_a_table_cannot_hold_are_none(cell: str) -> None:
    assert grid([cell, "b"]) is None
    assert grid(["only one"]) is None


def test_too_many_cells_are_no_table() -> None:
    assert table([["a"] * 17]) is None
    assert table([["a"]] * 401) is None
    assert table([]) is None


def test_json_is_a_block_of_code_whose_marks_mean_nothing() -> None:
    value = {"a": ["```", "|| $$ **b**"], "c": None}
    (block,) = parsed(json_code(value)).blocks
    assert isinstance(block, CodeBlock)
    assert block.language == "json"
    assert '"```"' in block.text


def test_deep_json_is_not_mostly_indentation() -> None:
    value: object = list(range(1000))
    for _ in range(40):
        value = [value]
    assert len(json_code(value)) < 10_000


def test_code_that_is_not_closed_ends_with_its_piece() -> None:
    assert closed("a\n````py\nb") == "a\n````py\nb\n````"
    assert closed("```\nb\n```") == "```\nb\n```"
    assert closed("plain") == "plain"
    assert closed("```") == "\\```"
    blocks = parsed(f"{closed('```')}\n\n{closed('~~~' + chr(10) + 'x')}\n\n---").blocks
    assert isinstance(blocks[-1], HorizontalRule)


def test_quote_holds_code_that_is_not_closed() -> None:
    blocks = parsed(f"{quoted(closed('a' + chr(10) + '```' + chr(10) + 'b'))}\n\nafter").blocks
    assert isinstance(blocks[0], BlockQuote)
    assert blocks[1] == Paragraph((Span("after"),))


@pytest.mark.parametrize("text", ["a", "`", "``a`", "a`b", " x "])
def test_inline_code_is_shown_as_it_is(text: str) -> None:
    (block,) = parsed(inline_code(text)).blocks
    assert block == Paragraph((Span(text.strip(), Style.CODE),))


def test_text_is_no_emote() -> None:
    assert parse_emote(escape_start("/me waves")) is None
    assert escape_start("/metrics") == "/metrics"


def test_bold_text_may_end_with_a_backslash() -> None:
    (block,) = parsed(bold(escape("C:\\"))).blocks
    assert block == Paragraph((Span("C:\\", Style.BOLD),))


def test_time_that_no_calendar_has_is_none() -> None:
    assert markup_writer.utc_time(0) == "1970-01-01 00:00 UTC"
    assert markup_writer.utc_time(float("inf")) == ""
    assert markup_writer.utc_time(1e300) == ""
