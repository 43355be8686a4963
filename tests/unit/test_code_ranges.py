"""Code ranges: which parts of a text are code, as the parser of markup draws it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.text.code_ranges import code_ranges, is_inside

CODE = {
    "a `b` c": ["`b`"],
    "``a ` b`` `c`": ["``a ` b``", "`c`"],
    "`a": [],
    "`a\n\nb`": [],
    "`a\nb`": ["`a\nb`"],
    "\\`a` `b`": ["` `"],
    "\\\\`a`": ["`a`"],
    "```\na\n```\nb": ["```\na\n```"],
    "```py\na": ["```py\na"],
    "~~~\na `b`\n~~~ `c`\n~~~\n`d`": ["~~~\na `b`\n~~~ `c`\n~~~", "`d`"],
    "````\n```\na\n````\nb": ["````\n```\na\n````"],
    "> ```\n> a\nb `c`": ["```\n> a\n", "`c`"],
    "- ```\n  a\n  ```\nb": ["```\n  a\n  ```"],
    "```quote\na `b`\n```\nc": ["`b`"],
    "````spoiler x\n```\na\n```\nb\n````\nc": ["```\na\n```"],
    "a ``` b ``` c": ["``` b ```"],
}


@pytest.mark.parametrize("text", CODE)
def test_code_is_what_backticks_and_fences_enclose(text: str) -> None:
    assert [text[start:end] for start, end in code_ranges(text)] == CODE[text]


def test_open_run_is_code_only_while_it_is_typed() -> None:
    assert code_ranges("a `b", is_being_typed=True) == [(2, 4)]
    assert code_ranges("a `b\n\nc", is_being_typed=True) == [(2, 4)]
    assert code_ranges("a \\`b", is_being_typed=True) == []


PIECES = st.sampled_from(
    ["`", "``", "```", "\n", "\n\n", "a", " ", "~~~", "> ", "- ", "quote", "\\"]
)


@given(st.lists(PIECES, max_size=40).map("".join))
@settings(max_examples=300, deadline=None, database=None)
def test_ranges_are_in_order_and_within_the_text(text: str) -> None:
    for is_being_typed in (False, True):
        ranges, last = code_ranges(text, is_being_typed=is_being_typed), 0
        for start, end in ranges:
            assert last <= start < end <= len(text)
            assert is_inside(ranges, start) and is_inside(ranges, end - 1)
            last = end
