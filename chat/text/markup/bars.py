"""The coloured bars beside parts of a text: which blocks of it are beside which bar."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chat.model.programs import Bar
from chat.text.markup.nodes import Blocks, Markup, Paragraph, Span

_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class BarGroup:
    """Blocks that follow each other, and the colour of the bar beside all of them, or ""."""

    colour: str
    blocks: Blocks


def bar_groups(text: str, markup: Markup | None, bars: Sequence[Bar]) -> tuple[BarGroup, ...]:
    """The blocks of a text in groups. A text without markup is a paragraph for each group.

    A block belongs to the bar that its first character is beside. `text` may be only the beginning
    of the text that the bars are for.
    """
    if markup is None:
        return tuple(_plain_groups(text, bars))
    groups, last = list[BarGroup](), None
    offsets = _line_offsets(text)
    for line, block in zip(markup.first_lines, markup.blocks, strict=True):
        bar = _bar_at(offsets[line], bars)
        if groups and bar is last:
            groups[-1] = BarGroup(groups[-1].colour, (*groups[-1].blocks, block))
        else:
            groups.append(BarGroup("" if bar is None else bar.colour, (block,)))
        last = bar
    return tuple(groups)


def _plain_groups(text: str, bars: Sequence[Bar]) -> Iterator[BarGroup]:
    at = 0
    for bar in bars:
        start, end = max(at, bar.start), min(len(text), bar.end)
        if start < end:
            yield from _plain_group("", text[at:start])
            yield from _plain_group(bar.colour, text[start:end])
            at = end
    yield from _plain_group("", text[at:])


def _plain_group(colour: str, text: str) -> Iterator[BarGroup]:
    if text.strip():
        yield BarGroup(colour, (Paragraph((Span(text.strip("\n")),)),))


def _bar_at(index: int, bars: Sequence[Bar]) -> Bar | None:
    return next((each for each in bars if each.start <= index < each.end), None)


def _line_offsets(text: str) -> list[int]:
    """The index of the first character of each line, as the parser counts lines."""
    return [0, *(each.end() for each in _LINE_END.finditer(text))]
