"""Markup: the meaning of the marks, and safety: no text stalls, misleads or fails."""

import re
import sys
import time
from collections.abc import Iterator
from functools import partial
from types import FrameType

import flet as ft
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat.languages import ENGLISH
from chat.text.display import bidi_isolate, clamp_combining_marks, is_rtl
from chat.text.markup import reader
from chat.text.markup.links import is_allowed_url, needs_warning
from chat.text.markup.nodes import (
    BlockQuote,
    CodeBlock,
    Formula,
    HorizontalRule,
    Link,
    ListBlock,
    Paragraph,
    Span,
    Style,
    Table,
    plain_text_lines,
)
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import TEXT_LIMIT
from chat.ui.markup import markdown_source
from chat.ui.packing.control_ids import child_controls
from chat.ui.row_parts import FIRST_TEXT_PART, SHOW_MORE
from chat.ui.rows import body
from tests.harness.control_tree import without_marks

# Function calls to parse and draw one text; the costliest text takes 260,000. They are counted, not
# timed, because a busy machine changes the time. Quadratic work makes millions of calls.
MAX_CALLS = 400_000
# In Markdown. "javascript:" is harmless outside of a link, as in a formula.
SCRIPT_LINK_OR_IMAGE = re.compile(r"!\[|(\]\(|<|\]:)\s*javascript:", re.IGNORECASE)
# Seconds of CPU; only a regular expression that backtracks without end takes this long.
HANG = 2.0


def ignore_click(part: int) -> None:
    """A click handler that does nothing."""


render = partial(body.message_text, t=ENGLISH, on_click=ignore_click)


def all_controls(control: ft.Control) -> Iterator[ft.Control]:
    """A control and all its descendants."""
    yield control
    for inner in child_controls(control):
        yield from all_controls(inner)  # type: ignore[arg-type]


def direct_links(control: ft.Control) -> Iterator[str]:
    """The addresses that a click opens at once."""
    for each in all_controls(control):
        if isinstance(each, ft.TextSpan) and isinstance(each.url, ft.Url):
            yield each.url.url


def spans_of(text: str) -> tuple[Span, ...]:
    parsed = reader.parse_markup(text)
    assert parsed is not None
    (block,) = parsed.blocks
    assert isinstance(block, Paragraph)
    return block.spans


@pytest.mark.parametrize(
    "text",
    [
        "Hello!",
        "I have $5 or $6",
        "a < b and b > c",
        "snake_case_name and 2 * 3 * 4",
        "#1 in the list",
        "<b>bold?</b> <script>alert(1)</script> <!-- no -->",
        "&amp; &lt;b&gt; &#106;",
        "[a]: b",
        "wait... what?! (yes)",
        "a || b || c",
        "@Ann: are you there?",
        "title\n=====",
        "    four spaces",
        "```",
        "two\n\nparagraphs",
    ],
)
def test_text_without_markup_renders_as_one_plain_text_control(text: str) -> None:
    control = render(text)
    assert isinstance(control, ft.Text)
    assert (control.value, control.spans, control.size) == (text, None, None)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("**x**", Style.BOLD),
        ("__x__", Style.BOLD),
        ("*x*", Style.ITALIC),
        ("_x_", Style.ITALIC),
        ("~~x~~", Style.STRIKE),
        ("`x`", Style.CODE),
        ("***x***", Style.BOLD | Style.ITALIC),
    ],
)
def test_inline_marks_set_the_span_style(text: str, style: Style) -> None:
    assert spans_of(text) == (Span("x", style),)


def test_single_newlines_are_kept() -> None:
    assert [run.text for run in spans_of("one\n**two**\nthree")] == ["one\n", "two", "\nthree"]


MARKERS = [
    "#",
    "##",
    "######",
    ">",
    ">>",
    "> >",
    "+",
    "-",
    "*",
    "1.",
    "1)",
    "- +",
    "# #",
    ">\n>",
    "-\n-",
]


@pytest.mark.parametrize("text", [*MARKERS, *(f"{each} " for each in MARKERS), " #", "  >"])
def test_marker_without_a_content_is_shown_as_typed(text: str) -> None:
    control = render(text)
    assert isinstance(control, ft.Text) and control.value == text
    assert to_plain_text(text) == text


@pytest.mark.parametrize("marker", ["#", ">", "-", "1."])
def test_marker_without_a_content_stays_beside_other_markup(marker: str) -> None:
    for text in (f"*a*\n\n{marker}", f"{marker}\n\n*a*", f"> *a*\n>\n> {marker}"):
        assert marker in to_plain_text(text)
    assert isinstance(reader.parse_markup("- - -").blocks[0], HorizontalRule)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "quoted", ["she said", "*she* said", "- a\n> - b", "```\n> code\n> ```", "## a"]
)
@pytest.mark.parametrize("answer", ["my answer", "*my* answer", "  my answer", "my\nanswer"])
def test_line_after_a_quote_is_outside_of_it(quoted: str, answer: str) -> None:
    parsed = reader.parse_markup(f"> {quoted}\n{answer}")
    assert parsed is not None
    quote, paragraph = parsed.blocks
    assert isinstance(quote, BlockQuote)
    assert "answer" not in "".join(plain_text_lines((quote,)))
    assert "answer" in "".join(plain_text_lines((paragraph,)))


@pytest.mark.parametrize("items", ["- milk", "1. milk\n2. eggs", "- [ ] milk", "- a\n  - b"])
def test_line_after_a_list_is_outside_of_it(items: str) -> None:
    parsed = reader.parse_markup(f"{items}\nthanks!")
    assert parsed is not None
    listed, paragraph = parsed.blocks
    assert isinstance(listed, ListBlock) and paragraph == Paragraph((Span("thanks!"),))
    inside = reader.parse_markup(f"{items}\n    thanks!")
    assert inside is not None and len(inside.blocks) == 1


@pytest.mark.parametrize("spaces", ["  ", "    ", "        ", "\u3000", "\t"])
@pytest.mark.parametrize("mark", ["*Menu*", "**Menu** and", "`Menu`", "see https://e.example"])
def test_spaces_at_the_beginning_of_a_line_stay(mark: str, spaces: str) -> None:
    for text in (f"{mark}\n{spaces}soup   3\n{spaces * 2}fish", f"{spaces}soup {mark}"):
        shown = "".join(span.text for span in spans_of(text))
        for line in text.split("\n"):
            assert line.partition("soup")[0].replace(mark, "") in shown
        assert f"{spaces}soup" in shown


def test_drawing_of_characters_keeps_its_shape() -> None:
    lines = ["*a cat*", "  /^^^\u005c", "   (o.o)   ~", "    ^ ^"]
    shown = "".join(span.text for span in spans_of("\n".join(lines)))
    assert shown.split("\n")[1:] == lines[1:]


def test_arm_of_the_shrug_and_a_backslash_at_the_end_of_a_line_stay() -> None:
    for text in ("¯\\_(ツ)_/¯ *well*", "*well* ¯\\_(ツ)_/¯", "*a* \\\nb"):
        assert to_plain_text(text) == text.replace("*", "")
    assert to_plain_text("\\*a\\* *b*") == "*a* b"


def cells_of(text: str) -> list[list[str]]:
    """The texts of the cells of a table."""
    parsed = reader.parse_markup(text)
    assert parsed is not None
    (table,) = parsed.blocks
    assert isinstance(table, Table)
    assert all(len(row) == len(table.alignments) for row in table.rows)
    return [["".join(span.text for span in cell) for cell in row] for row in table.rows]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("|a|b|\n|-|-|\n|1|2|3|", [["a", "b", ""], ["1", "2", "3"]]),
        ("|a|\n|-|\n|1|\n|1|2|\n|1|2|3|4|", [["a", "", "", ""], ["1", "", "", ""],
                                             ["1", "2", "", ""], ["1", "2", "3", "4"]]),
        ("a|b\n-|-\n1|2|3", [["a", "b", ""], ["1", "2", "3"]]),
        ("|a|b|\n|-|-|\n|1|", [["a", "b"], ["1", ""]]),
        ("|a|b|c|\n|-|-|-|\n|1||3|", [["a", "b", "c"], ["1", "", "3"]]),
        ("|a|b|c|d|\n|-|-|-|-|\n|1||3||", [["a", "b", "c", "d"], ["1", "", "3", ""]]),
        ("|a|b|\n|-|-|\n| ||x|| | 2 |", [["a", "b"], ["x", "2"]]),
        ("|a|b|\n|-|-|\n| see ||x y|| | ||z|| |", [["a", "b"], ["see x y", "z"]]),
        ("|a|\n|-|\n| b\\|c |", [["a"], ["b|c"]]),
    ],
)  # fmt: skip
def test_no_cell_of_a_table_is_lost(text: str, cells: list[list[str]]) -> None:
    assert cells_of(text) == cells


def test_spoiler_in_a_cell_is_hidden_until_it_is_opened() -> None:
    text = "| who | how |\n|--|--|\n| the ||butler|| | with ||poison|| |"
    drawn = [render(text, opened=opened) for opened in (
        (), (FIRST_TEXT_PART,), (FIRST_TEXT_PART, FIRST_TEXT_PART + 1))]  # fmt: skip
    texts = [" ".join(cell_texts(each)) for each in drawn]
    assert [("butler" in text, "poison" in text) for text in texts] == [
        (False, False), (True, False), (True, True)]  # fmt: skip
    clickable = {each.data for each in all_controls(drawn[0])
                 if isinstance(each, ft.TextSpan) and each.on_click is not None}  # fmt: skip
    assert clickable == {FIRST_TEXT_PART, FIRST_TEXT_PART + 1}
    # The width of a column does not tell how long the hidden text is.
    long = render(text.replace("butler", "butler of the neighbours, or their gardener"))
    assert column_widths(long) == column_widths(drawn[0])


def test_spoilers_of_a_table_with_many_cells_open_one_by_one() -> None:
    text = "| who | how |\n|--|--|\n| the ||butler|| | ||poison|| |"
    text += "\n|" + "| ".join("abcdefghijkl") + "|" + "\n|b" * 12
    drawn = [render(text, opened=opened) for opened in (
        (), (FIRST_TEXT_PART,), (FIRST_TEXT_PART, FIRST_TEXT_PART + 1))]  # fmt: skip
    sources = ["".join(each.value for each in all_controls(control)
                       if isinstance(each, ft.Markdown)) for control in drawn]  # fmt: skip
    assert [("butler" in source, "poison" in source) for source in sources] == [
        (False, False), (True, False), (True, True)]  # fmt: skip
    clickable = [[each.data for each in all_controls(control) if isinstance(each, ft.Container)
                  and each.on_click is not None] for control in drawn]  # fmt: skip
    assert clickable == [[FIRST_TEXT_PART], [FIRST_TEXT_PART + 1], []]


def cell_texts(control: ft.Control) -> list[str]:
    """The texts of the cells of a table, row by row."""
    texts = [each for each in all_controls(control) if isinstance(each, ft.Text) and each.width]
    return [without_marks("".join([each.value, *(span.text or "" for span in each.spans or [])]))
            .rstrip() for each in texts]  # fmt: skip


def column_widths(control: ft.Control) -> list[float]:
    """The widths of the columns of a table, from its first row."""
    rows = [each for each in all_controls(control) if isinstance(each, ft.Row)]
    return [each.width or 0 for each in rows[1].controls if isinstance(each, ft.Text)]


def test_columns_are_as_wide_as_their_longest_cell_up_to_a_limit() -> None:
    long_text = "a long text that goes on for a while and then for some time more"
    table = render(f"| n | name |\n|--:|:--|\n| 1 | {long_text} |\n| 20 | Ann Lindqvist |")
    assert cell_texts(table) == ["n", "name", "1", long_text, "20", "Ann Lindqvist"]
    number_width, name_width = column_widths(table)
    assert number_width < 40 < 200 < name_width < 0.4 * 640
    # The scroll bar of one that is wider than a phone is visible.
    narrow = render("| a | b |\n|-|-|\n| c | d |")
    outer_rows = [next(each for each in all_controls(control) if isinstance(each, ft.Row))
                  for control in (narrow, table)]  # fmt: skip
    assert [each.scroll for each in outer_rows] == [ft.ScrollMode.AUTO, ft.ScrollMode.ALWAYS]


def test_line_after_a_table_is_outside_of_it() -> None:
    parsed = reader.parse_markup("|a|\n|-|\n|b|\nthanks!")
    assert parsed is not None and parsed.blocks[1] == Paragraph((Span("thanks!"),))


def test_table_wider_than_the_limit_is_shown_as_typed() -> None:
    assert reader.parse_markup("|a|\n|-|\n" + "|b" * 17 + "|") is None
    assert reader.parse_markup("|a|\n|-|\n" + "|b" * 16 + "|") is not None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("```python and more\nx\n```", "and more"),
        ("```quote Ann\nx\n```", "Ann"),
        ("```math of it\nx\n```", "of it"),
        ("[a](https://e.example 'title')", "title"),
        ('![a](https://e.example "title")', "title"),
    ],
)
def test_word_beside_a_mark_is_shown(text: str, word: str) -> None:
    assert any(word in repr(each) for each in all_controls(render(text)))


# fmt: off
TYPED_MARKS = ["*", "**", "_", "~~", "`", "``", "||", "# ", "> ", "- ", "1. ", "|", "|-|", "\n",
               "\n\n", "```\n", "  ", "(", ")", "!", "<", "https://e.example", "$$", ">", "#", "+"]
# fmt: on


@given(st.lists(st.sampled_from([*TYPED_MARKS, "word", "two words", "你好"]), max_size=30))
@settings(max_examples=300, deadline=None, database=None)
def test_every_typed_word_is_drawn(pieces: list[str]) -> None:
    text = "".join(pieces)
    opened = tuple(range(FIRST_TEXT_PART, FIRST_TEXT_PART + 24))
    drawn = "".join(
        str(part)
        for each in all_controls(render(text, opened=(*opened, SHOW_MORE)))
        for part in (getattr(each, "value", None), getattr(each, "text", None))
        if isinstance(part, str)
    )
    for word in ("word", "two", "你好"):
        assert drawn.count(word) >= text.count(word), text


def test_each_block_type_is_parsed() -> None:
    parsed = reader.parse_markup(
        "# Title\n\n> said\n\n- [x] done\n- [ ] not\n\n3. three\n\n"
        "| a | b |\n|:-|-:|\n| c | d |\n\n"
        "```python\nx = 1\n```\n\n```math\nx^2\n```\n\n$$y$$"
    )
    assert parsed is not None
    title, quote, tasks, numbered, table, code, formula, second_formula = parsed.blocks
    assert title == Paragraph((Span("Title"),), 1)
    assert quote == BlockQuote((Paragraph((Span("said"),)),))
    assert isinstance(tasks, ListBlock) and [item.checked for item in tasks.items] == [True, False]
    assert isinstance(numbered, ListBlock) and numbered.start == 3
    assert isinstance(table, Table) and table.alignments == ("left", "right")
    assert code == CodeBlock("x = 1", "python", 0)
    assert (formula, second_formula) == (Formula("x^2"), Formula("y"))


def test_closed_spoiler_text_is_not_rendered() -> None:
    for text in ("It was ||the **butler**||!", "```spoiler Who?\nthe **butler**\n```"):
        closed, opened = render(text), render(text, opened=(FIRST_TEXT_PART,))
        assert "butler" not in str([*all_controls(closed)])
        assert "butler" in str([*all_controls(opened)])
        assert "butler" not in to_plain_text(text)
    assert "butler" not in to_plain_text("It was ||the butl", truncated=True)


def test_plain_text_drops_the_marks() -> None:
    assert to_plain_text("**a** [b](https://c.org) `d`\n- e\n- f") == "a b d\n• e\n• f"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "javascript&#58;alert(1)",
        "javascript&colon;alert(1)",
        "&#106;avascript:alert(1)",
        "\x01javascript:alert(1)",
        "java\u200bscript:alert(1)",
        "javascript%3Aalert(1)",
        "javascript://example.org/%0aalert(1)",
        "vbscript:msgbox(1)",
        "data:text/html,<script>alert(1)</script>",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "ftp://example.org/",
        "blob:https://example.org/1",
        "//example.org/",
        "/room/lobby",
        "https:example.org",
        "https:\\\\example.org",
        "https:///path",
        "https://",
        "https://exa\u202emple.org/",
        "http://[::1",
        "mailto:",
        "mailto:ann",
    ],
)
def test_dangerous_or_unusual_address_is_not_a_link(address: str) -> None:
    assert not is_allowed_url(address)
    for text in (f"[x]({address})", f"[x](<{address}>)", f"<{address}>", f"![x]({address})"):
        for each in direct_links(render(text)):
            assert each.startswith(("https://example.org", "http://example.org")), text


@pytest.mark.parametrize(
    ("text", "address", "needs_confirmation"),
    [
        ("the docs", "https://example.org/a", False),
        ("example.org", "https://example.org/a", False),
        ("https://www.example.org/b", "https://example.org/b", False),
        ("https://example.org/?u=a@b.c", "https://example.org/?u=a@b.c", False),
        ("bank.example", "https://evil.example/", True),
        ("https://bank.example", "https://evil.example/", True),
        ("b\u200bank.example", "https://bank.example/", True),
        ("bank．example", "https://evil.example/", True),
        ("https://bank.example@evil.example", "https://bank.example@evil.example/", True),
        ("apple", "https://xn--pple-43d.example/", True),
        ("ann@bank.example", "mailto:ann@evil.example", True),
        ("ann@bank.example", "mailto:ann@bank.example", False),
    ],
)
def test_link_text_that_reads_as_another_host_needs_confirmation(
    text: str, address: str, needs_confirmation: bool
) -> None:
    assert is_allowed_url(address)
    assert needs_warning(text, address) is needs_confirmation


def test_link_that_needs_confirmation_has_no_direct_url() -> None:
    text = "[https://bank.example](https://evil.example/)"
    parsed = reader.parse_markup(text)
    assert parsed is not None and parsed.parts == (Link("https://evil.example/", 0),)
    assert list(direct_links(render(text))) == []


def test_image_markup_renders_as_a_link() -> None:
    text = "![a cat](https://example.org/cat.png)"
    assert list(direct_links(render(text))) == ["https://example.org/cat.png"]
    assert not any(isinstance(each, ft.Image | ft.Markdown) for each in all_controls(render(text)))


def test_table_source_for_the_client_escapes_user_markup() -> None:
    table = reader.parse_markup(
        "| a |\n|---|\n| ![x](https://example.org/x.png) :smile: <b> $5$ \\* www.x.y |"
    )
    assert table is not None and isinstance(table.blocks[0], Table)
    source = markdown_source.table(table.blocks[0])
    for mark in ("![", ":smile:", "<b>", "$", "www."):
        assert mark not in source


@pytest.mark.parametrize(
    "tex", ["\\def\\a{\\a\\a}\\a", "{" * 40 + "}" * 40, "x}", "\\rule{9em}{9em}", "x" * 999]
)
def test_harmful_formula_is_shown_as_source(tex: str) -> None:
    assert not markdown_source.is_drawable(tex)
    assert not any(isinstance(each, ft.Markdown) for each in all_controls(render(f"$${tex}$$")))


# Texts that a person may send to stall the chat.
HOSTILE_TEXTS = {
    **{f"16,000 {c}": c * 16_000 for c in "[*_`<>|~$!\\#-(@&"},
    **{f"as many {c} as fit": c * TEXT_LIMIT for c in "[*_`<>|~$!\\#-(@&"},
    **{f"{c} by {c}": f"x{c} " * 799 for c in "[*_`<>|~$!\\#@&"},
    "open links": "[a](" * 2_500,
    "pictures in pictures": "![" * 400,
    "links": "[a](https://b.org) " * 260,
    "bare links": "https://b.org/c " * 600,
    "mail": "a@b.co " * 1_400,
    "unclosed emphasis": "*a **b " * 260,
    "spoilers in spoilers": "||a" * 400,
    "formulas": "$$a$$ " * 200,
    "runs of backticks of all lengths": " ".join("`" * n for n in range(1, 38)),
    "quotes nested 1,000 deep": ">" * 1_000 + " a",
    "quotes nested with spaces": "> " * 1_000 + "a",
    "lists nested 500 deep": "- " * 500 + "a",
    "lists that step in": "\n".join("  " * n + "- a" for n in range(90)),
    "a table of 500 columns": "|" + "a|" * 500 + "\n|" + "-|" * 500 + "\n|" + "b|" * 500,
    "a table of 1,000 rows": "|a|b|\n|-|-|\n" + "|c|d|\n" * 1_000,
    "5,000 newlines": "a" + "\n" * 5_000 + "*b*",
    "5,000 lines": "a\n" * 4_999 + "b",
    "a list of 400": "- *x* y z\n" * 399,
    "spoilers in fences": "````spoiler\n```spoiler\n" * 100,
    "fences that hide the count": "~~~\n```\n~~~\n" + "[" * 9_000,
    "a fence that ends early": "```\n   ```\n" + "[" * 9_000,
    "200 marks on each letter": ("Z" + "\u0301" * 200) * 45,
    "a huge word": "w" * TEXT_LIMIT,
    "overrides": "\u202e\u2066\u2069" * 3_000,
    "words": "*word* and some more text here " * 320,
}


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_hostile_markup_takes_bounded_work_and_few_controls(name: str) -> None:
    text = HOSTILE_TEXTS[name]
    render("warm *up*")
    reader.clear_cache()
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    started = time.process_time()
    sys.setprofile(count)
    try:
        control = render(text)
        to_plain_text(text)
    finally:
        sys.setprofile(None)
    assert calls < MAX_CALLS
    assert time.process_time() - started < HANG
    assert sum(1 for _ in all_controls(control)) < 150


def test_long_text_is_folded_until_expanded() -> None:
    text = "\n".join(f"line {n}" for n in range(5_000))
    folded, opened = render(text), render(text, opened=(SHOW_MORE,))
    drawn = str([*all_controls(folded)])
    assert "line 14" in drawn and "line 15" not in drawn
    assert "line 4999" in str([*all_controls(opened)])


def test_stacked_combining_marks_are_limited() -> None:
    assert clamp_combining_marks("Z" + "\u0301" * 200) == "Z" + "\u0301" * 8
    assert clamp_combining_marks("e\u0301 ạ̈ ก็") == "e\u0301 ạ̈ ก็"


def test_bidi_controls_are_closed_at_the_end_of_the_text() -> None:
    assert bidi_isolate("abc") == "abc"
    for spill in ("\u202eabc", "\u2069\u202eabc", "\u2067\u202eabc"):
        inside = bidi_isolate(spill)
        depth = 0
        for c in inside[:-1]:
            depth += (c in "\u2066\u2067\u2068") - (c == "\u2069")
            assert depth > 0
        assert inside[-1] == "\u2069" and depth == 1


@pytest.mark.parametrize(
    ("text", "is_right_to_left"),
    [("abc", False), ("שלום abc", True), ("مرحبا", True), ("1. שלום", True), ("abc שלום", False)],
)
def test_text_direction_follows_the_first_strong_character(
    text: str, is_right_to_left: bool
) -> None:
    assert is_rtl(text) is is_right_to_left
    assert getattr(render(text), "rtl", False) is is_right_to_left or text.startswith("1.")


@pytest.mark.parametrize(
    ("text", "large"), [("🎉", True), ("👩‍👩‍👧 🇩🇪 👍🏽", True), ("🎉🎉🎉🎉", False), ("🎉!", False)]
)
def test_one_to_three_emoji_render_large(text: str, large: bool) -> None:
    control = render(text)
    assert isinstance(control, ft.Text) and (control.size == 32) is large


MARKUP_PIECES = st.sampled_from(
    [
        *("*", "**", "_", "`", "```", "~~", "||", "$$", "[", "](", ")", "!", "<", ">", "|", "\n"),
        *(
            "\n\n",
            "- ",
            "1. ",
            "> ",
            "# ",
            "|-|",
            "https://",
            "javascript:",
            "a.b",
            "@",
            "\\",
            "  ",
        ),
        *("```spoiler x\n", "\n```\n", "\u202e", "\u0301", "ש", "ab", "c d", "&#58;", "- [ ] "),
    ]
)


@pytest.mark.parametrize("text", ["[a]()", "![a]()", "[**a** b]()", "[]()", "[a](<>)"])
def test_link_without_an_address_is_text(text: str) -> None:
    assert list(direct_links(render(text))) == []
    assert to_plain_text(text) == text.replace("*", "")


@pytest.mark.parametrize(
    ("text", "source"),
    [("$$[$$$$a$$", "$[$ $a$"), ("$$x$$ and $$y$$", "$x$ and $y$"), ("$$x$$ `a`", "$x$ `a`")],
)
def test_neighbouring_formulas_stay_apart(text: str, source: str) -> None:
    control = render(text)
    assert [each.value for each in all_controls(control) if isinstance(each, ft.Markdown)] == [
        source
    ]


@given(st.lists(MARKUP_PIECES | st.text(max_size=5), max_size=60).map("".join))
@example("$$javascript:$$")
@example("$$[$$$$javascript:$$")
@example("[<]()")
@settings(max_examples=300, deadline=None, database=None)
def test_random_text_renders_within_limits_and_with_allowed_links(text: str) -> None:
    for opened in ((), (FIRST_TEXT_PART, FIRST_TEXT_PART + 1, SHOW_MORE)):
        control = render(text, opened=opened)
        controls = list(all_controls(control))
        assert len(controls) < 150
        for address in direct_links(control):
            assert is_allowed_url(address)
        for each in controls:
            if isinstance(each, ft.Markdown) and not each.value.startswith("`"):
                assert not SCRIPT_LINK_OR_IMAGE.search(each.value)
    plain_text = to_plain_text(text)
    if reader.parse_markup(text) is None:
        assert plain_text == text
