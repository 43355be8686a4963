"""Folding: a long text shows its beginning, whatever its length is made of, and reveals nothing."""

import flet as ft
import pytest

from chat.text.folding import LINE_WIDTH, fold
from chat.text.markup import reader
from chat.text.markup.nodes import Paragraph
from chat.ui.row_parts import SHOW_MORE
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
