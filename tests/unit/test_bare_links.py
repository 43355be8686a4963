"""Bare links: where an address in a text begins, and where it ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text.markup import reader
from chat.text.markup.bare_links import bare_links
from chat.text.markup.links import URL_LIMIT
from chat.text.markup.nodes import Paragraph, Span, Style

ADDRESSES = [
    "https://e.example/a",
    "http://e.example",
    "https://e.example:8550/a?b=c&d=e#f",
    "https://x_x_x.example/a_b",
    "https://e.example/a_(b_(c))_d",
    "https://e.example/a_[b]_(c)",
    "https://e.example/~ann/a*b",
    "https://zh.example/wiki/中国",
    "https://ja.example/カタカナ・ひらがな",
    "https://e.example/пример/é",
    "HTTPS://E.example/A",
    "https://[::1]:80/x",
]
# Marks that a sentence or a style puts around an address.
AROUND = [
    ("", ""), ("(", ")"), ("[", "]"), ("{", "}"), ('"', '"'), ("'", "'"), ("“", "”"), ("«", "»"),
    ("（", "）"), ("《", "》"), ("「", "」"), ("【", "】"), ("see ", ", please"), ("go to ", "."),
    ("", "!"), ("", "?!"), ("", "、他"), ("你好", "。好"), ("", "，再见"), ("", "；"), ("", "："),
    ("", "！"), ("", "…"), ("", "\u3000x"), ("", "<br>"), ("", "،"), ("", "।"),
]  # fmt: skip
STYLES = [
    ("*", "*", Style.ITALIC),
    ("_", "_", Style.ITALIC),
    ("**", "**", Style.BOLD),
    ("__", "__", Style.BOLD),
    ("~~", "~~", Style.STRIKE),
]


def links_in(text: str) -> list[str]:
    """The texts that are drawn as links, with their spans joined."""
    parsed = reader.parse_markup(text)
    if parsed is None:
        return []
    spans = [
        span for block in parsed.blocks if isinstance(block, Paragraph) for span in block.spans
    ]
    return [span.text for span in spans if span.link is not None]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(("before", "after"), AROUND)
def test_address_ends_before_the_mark_of_the_sentence(
    address: str, before: str, after: str
) -> None:
    text = f"{before}{address}{after}"
    assert [text[start:end] for start, end in bare_links(text)] == [address]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(("opening", "closing", "style"), STYLES)
def test_style_around_an_address_is_not_part_of_it(
    address: str, opening: str, closing: str, style: Style
) -> None:
    parsed = reader.parse_markup(f"{opening}{address}{closing}")
    assert parsed is not None
    (block,) = parsed.blocks
    assert isinstance(block, Paragraph)
    (span,) = block.spans
    assert span.style == style and span.link is not None
    assert span.text.casefold() == address.casefold()


@pytest.mark.parametrize("address", ADDRESSES)
def test_spoiler_around_an_address_hides_all_of_it(address: str) -> None:
    parsed = reader.parse_markup(f"||{address}|| and more")
    assert parsed is not None
    (block,) = parsed.blocks
    assert isinstance(block, Paragraph)
    hidden = [span.text for span in block.spans if span.spoiler_part is not None]
    assert "".join(hidden).casefold() == address.casefold()
    assert block.spans[-1] == Span(" and more")


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (
            "http://t.example/RUy《书》亚马逊http://t.example/RUx",
            ["http://t.example/RUy", "http://t.example/RUx"],
        ),
        (
            "https://a.example/x、https://b.example/y",
            ["https://a.example/x", "https://b.example/y"],
        ),
        ("https://a.example/x,https://b.example/y", ["https://a.example/x,https://b.example/y"]),
        ("mail first_last@b.example, or not", ["first_last@b.example"]),
        ("写信给ann@b.example。", ["ann@b.example"]),
        ("mailto:ann@b.example?subject=x.", ["mailto:ann@b.example?subject=x"]),
        ("xhttps://a.example", []),
        ("ftp://a.example //a.example www.a.example", []),
        ("https:// http://. https://) mailto:. a@b @b.example", []),
        ("`https://a.example` https://b.example`x`", ["https://b.example"]),
    ],
)
def test_addresses_of_a_text_are_links(text: str, links: list[str]) -> None:
    assert links_in(text) == links


def test_address_that_is_too_long_is_text_as_a_whole() -> None:
    address = "https://e.example/" + "a" * URL_LIMIT
    assert links_in(f"{address} https://e.example/b") == ["https://e.example/b"]


@given(st.lists(st.sampled_from([*ADDRESSES, "(", ")", "、", "@", "a@b.co", "mailto:", "|", " "])))
def test_addresses_are_in_order_and_hold_no_space(pieces: list[str]) -> None:
    text = "".join(pieces)
    end = 0
    for start, last in bare_links(text):
        assert end <= start < last <= len(text)
        assert not any(c.isspace() for c in text[start:last])
        end = last
