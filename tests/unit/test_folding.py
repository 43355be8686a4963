"""Folding: a long text shows its beginning, whatever its length is made of, and reveals nothing."""

import flet as ft
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.languages import ENGLISH
from chat.text.folding import LINE_WIDTH, NARROW_LINE_WIDTH, fold, last_lines, may_be_folded
from chat.text.markup import reader
from chat.text.markup.nodes import Paragraph
from chat.ui.row_parts import SHOW_MORE
from chat.ui.rows.body import message_text
from tests.harness.control_tree import without_marks
from tests.unit.test_markup import all_controls, direct_links, render


def labels(control: ft.Control) -> list[str]:
    """The texts that are drawn."""
    return [
        without_marks(each.value) for each in all_controls(control) if isinstance(each, ft.Text)
    ]


LONG_TEXTS = {
    "a paragraph": "some words " * 820,
    "no space": "x" * 9_000,
    "Chinese": "你好世界" * 1_100,
    "two paragraphs": "some words " * 400 + "\n\n" + "other words " * 400,
    "emoji": "👩‍👩‍👧" * 1_800,
    "21 lines": "\n".join(["line"] * 21),
    "empty lines": "a" + "\n" * 60 + "b",
    "a list of long items": "\n".join("- " + "word " * 60 for _ in range(30)),
    "code": "```\n" + "x = 1\n" * 60 + "```",
}


@pytest.mark.parametrize("name", LONG_TEXTS)
def test_text_of_more_than_twenty_drawn_lines_is_folded(name: str) -> None:
    text = LONG_TEXTS[name]
    folded = fold(text)
    assert folded.is_folded
    assert text.startswith(folded.text)
    assert len(folded.text) <= 15 * LINE_WIDTH
    assert any(label.startswith("Show ") for label in labels(render(text)))
    opened = labels(render(text, opened=(SHOW_MORE,)))
    assert "Show less" in opened


@pytest.mark.parametrize(
    "text",
    [
        "short",
        "\n".join(["line"] * 20),
        "x" * 20 * LINE_WIDTH,
        "你" * (10 * LINE_WIDTH),
        "\n".join(["x" * 2 * LINE_WIDTH] * 10),
    ],
)
def test_text_of_twenty_drawn_lines_is_not_folded(text: str) -> None:
    assert fold(text).text == text
    assert not fold(text).is_folded


# Each takes 21 lines or more on a phone, and fewer on a wide screen.
LONG_ON_A_PHONE = {
    "a paragraph": "some words " * 77,
    "Chinese": "你好世界" * 110,
    "ten lines": "\n".join(["word " * 20] * 10),
}


@pytest.mark.parametrize("name", LONG_ON_A_PHONE)
def test_text_that_is_long_on_a_phone_only_is_folded_there_only(name: str) -> None:
    text = LONG_ON_A_PHONE[name]
    assert fold(text).text == text
    narrow = fold(text, NARROW_LINE_WIDTH)
    assert narrow.is_folded and len(narrow.text) <= 15 * NARROW_LINE_WIDTH
    assert may_be_folded(text)
    drawn = labels(message_text(text, ENGLISH, id, line_width=NARROW_LINE_WIDTH))
    assert drawn[-1].startswith("Show ")
    opened = message_text(text, ENGLISH, id, (SHOW_MORE,), line_width=NARROW_LINE_WIDTH)
    assert "Show less" in labels(opened)


def _drawn_lines(text: str, width: int) -> int:
    """The lines of a text, each filled with characters up to this width."""
    lines = text.removesuffix("\n").split("\n")
    count = 0
    for line in lines:
        count, used = count + 1, 0
        for char in line:
            size = 1 if char.isascii() else 2
            if used + size > width:
                count, used = count + 1, 0
            used += size
    return count


@given(st.text(st.sampled_from("a \n你"), min_size=1, max_size=40), st.integers(1, 60))
def test_text_is_folded_by_its_lines_on_either_screen(piece: str, times: int) -> None:
    text = piece * times
    for width in (LINE_WIDTH, NARROW_LINE_WIDTH):
        assert fold(text, width).is_folded is (_drawn_lines(text, width) > 20)
    assert may_be_folded(text) or not fold(text).is_folded


def test_fold_between_lines_counts_them_and_one_within_a_line_does_not() -> None:
    assert "Show 16 more lines" in labels(render("\n".join(["line"] * 31)))
    assert "Show more" in labels(render("some words " * 820))


def test_cut_is_between_words_and_characters() -> None:
    assert fold("some words " * 820).text.endswith(("some", "words"))
    family = "👩‍👩‍👧"
    assert fold("x" + family * 1_800).text.removeprefix("x").replace(family, "") == ""
    assert fold("e\u0301" * 5_000).text.endswith("\u0301")


@pytest.mark.parametrize(
    "before",
    ["", "words " * 100, "`||` " + "words " * 50, "||other|| ", "- item\n", "> quote\n"],
)
@pytest.mark.parametrize("after", ["", " and more", "\n\nand more", " ||third||"])
def test_spoiler_that_is_cut_stays_hidden(before: str, after: str) -> None:
    for secret in ("butler " * 700, "butler\n" * 60, "butler" * 900):
        text = f"{before}||x{secret}x||{after}"
        assert fold(text).is_folded
        assert not any("butler" in repr(each) for each in all_controls(render(text)))


def test_address_that_is_cut_leads_nowhere_else() -> None:
    for length in range(2_400, 2_520, 7):
        address = "https://e.example/" + "a" * 200
        text = "x " * (length // 2) + address + " words" * 700
        assert list(direct_links(render(text))) in ([], [address])


def test_folded_text_has_the_parts_of_its_beginning() -> None:
    text = "||one|| " + "some words " * 820 + "||two||"
    parsed = reader.parse_markup(fold(text).text)
    assert parsed is not None and len(parsed.parts) == 1
    assert isinstance(parsed.blocks[0], Paragraph)


def test_last_lines_of_a_text_that_is_being_written() -> None:
    short = "\n".join(f"line {n}" for n in range(20))
    assert last_lines(short) == short
    long = "\n".join(f"line {n}" for n in range(40))
    assert last_lines(long) == "…\n" + "\n".join(f"line {n}" for n in range(25, 40))
    in_code = last_lines(f"Output:\n```\n{long}")
    assert in_code.startswith("…\n```\nline 25\n")
    assert in_code.endswith("line 39")
    assert last_lines(f"```\na\n```\n{long}").startswith("…\nline 25\n")


@pytest.mark.parametrize("width", [LINE_WIDTH, NARROW_LINE_WIDTH])
@pytest.mark.parametrize(
    "paragraph",
    [
        "one long paragraph of a model that thinks " * 200,
        "一段很长的文字" * 300,
        "x" * 5_000,
        "\n\n".join(["A paragraph of several lines on any screen. " * 6] * 12),
        "```\n" + "print(42); " * 300,
        "line\n" * 18 + "The last paragraph is long. " * 60,
    ],
)
def test_text_that_is_being_written_is_never_folded(paragraph: str, width: int) -> None:
    shown = last_lines(paragraph, width)
    assert not fold(shown, width).is_folded
    assert shown.endswith(paragraph[-40:])
    # Nearly as much as the screen has space for.
    assert len(shown) > 6 * width / 2


@pytest.mark.parametrize("before", range(1_130, 1_220, 3))
def test_link_with_a_label_is_never_cut_in_two(before: int) -> None:
    link = "[What to do](https://e.example/runbooks/disk)"
    folded = fold("x " * (before // 2) + link + " words" * 700)
    assert folded.is_folded
    assert ("[" in folded.text) == (link in folded.text)
