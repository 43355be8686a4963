"""Bare links: the addresses in a text that is not marked as a link.

An address ends before a space, a quotation mark, a bracket that closes nothing, a mark of any
script but ASCII (`、`, `》`, `”`), and the ASCII marks that end a sentence or a style. Letters of
every script are part of it.
"""

import re
import unicodedata
from collections.abc import Iterator

from chat.text.markup.links import URL_LIMIT

# Middle dots and Hebrew marks are written within words.
_MARKS_IN_WORDS = frozenset("·•‧・\u05f3\u05f4")
_ENDING_CATEGORIES = frozenset({"Po", "Ps", "Pe", "Pi", "Pf", "Pd", "Zs", "Zl", "Zp", "Cc", "Cf"})

# Marks at the end of an address that belong to the sentence, or to a style.
_TRAILING_MARKS = "?!.,:;*_~'|\\-"
_CLOSING_BRACKETS = {")": "(", "]": "[", "}": "{"}

# 64 characters are the longest local part of a mailbox (RFC 5321).
_LINK_START = re.compile(
    r"(?<![A-Za-z0-9.+-])(?P<scheme>https?://|mailto:)"
    r"|(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+][A-Za-z0-9._%+-]{0,63}"
    r"@(?:[A-Za-z0-9-]{1,63}\.){1,10}[A-Za-z]{2,63}(?![A-Za-z0-9_@-])",
    re.IGNORECASE,
)


# What an address is made of, before brackets and marks at its end are looked at. Beyond U+FFFF,
# only historic scripts have marks.
_ENDING_MARKS = "".join(
    c
    for c in map(chr, range(0x80, 0x10000))
    if unicodedata.category(c) in _ENDING_CATEGORIES and c not in _MARKS_IN_WORDS
)
_ADDRESS = re.compile(rf"(?:[^\s\x00-\x20\x7f<>\"`|{_ENDING_MARKS}]|\|(?!\|))+")


def bare_links(text: str) -> Iterator[tuple[int, int]]:
    """The start and the end of each address in a text, in order.

    An address that is too long for a link is one all the same.
    """
    if "@" not in text and ":" not in text:
        return
    at = run_end = 0
    while (found := _LINK_START.search(text, at)) is not None:
        start, at = found.span()
        if found["scheme"] is None:
            yield start, at
            continue
        if at >= run_end:
            run = _ADDRESS.match(text, at)
            run_end = at if run is None else run.end()
        end = _address_end(text, at, run_end)
        if end > at:
            yield start, end
        at = end if end - start <= URL_LIMIT else run_end


def link_href(address: str) -> str:
    """The URL of an address: a mailbox alone becomes a mailto URL."""
    return address if ":" in address else f"mailto:{address}"


def _address_end(text: str, start: int, end: int) -> int:
    """The end of an address, without a bracket that closes nothing, and marks at its end."""
    opened = list[str]()
    for at in range(start, min(end, start + URL_LIMIT)):
        c = text[at]
        if c in "([{":
            opened.append(c)
        elif c in _CLOSING_BRACKETS and (not opened or opened.pop() != _CLOSING_BRACKETS[c]):
            end = at
            break
    while end > start and text[end - 1] in _TRAILING_MARKS:
        end -= 1
    return end
