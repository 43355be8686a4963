"""The density of the rows, comfortable or compact, and the length of their lines."""

import unicodedata
from dataclasses import dataclass

import flet as ft

from chat.model.preferences import Density, LineLength
from chat.text.folding import LINE_WIDTH, NARROW_LINE_WIDTH
from chat.ui.theme import theme


@dataclass(frozen=True, slots=True, eq=False)
class DensityMetrics:
    """The metrics of one density. All viewers share the object, and so the packed rows.

    `group_start_padding` is around a message with its author's name, `continuation_padding` around
    one without, `event_padding` around a system message, `extras_margin` around attachments and
    reactions. `text_width` is the greatest width of a text, in pixels; 0 if there is none.
    """

    avatar_size: int
    group_start_padding: ft.Padding
    continuation_padding: ft.Padding
    event_padding: ft.Padding
    extras_margin: ft.Margin
    room_item_padding: ft.Padding
    person_item_padding: ft.Padding
    text_width: int


# About 80 letters of the body style, or 42 Han characters.
_READABLE_WIDTH = 640


# About the width of a letter of the body style, in pixels; one of East Asia is as wide as two.
_LETTER_WIDTH = 7.6


# From this width on, in pixels, the lines of a timeline count as long. Here they have about 60
# characters.
NARROW_TIMELINE = 540


def folding_line_width(timeline_width: float) -> int:
    """The characters of a line, by which long texts are folded, in a timeline of this width."""
    return NARROW_LINE_WIDTH if 0 < timeline_width < NARROW_TIMELINE else LINE_WIDTH


def estimated_width(text: str) -> float:
    """About the width of a line of text, in pixels. (Only the client knows it.)"""
    wide = sum(unicodedata.east_asian_width(each) in {"W", "F"} for each in text)
    return (len(text) + wide) * _LETTER_WIDTH


def _metrics(
    avatar_size: int,
    above_padding: int,
    below_padding: int,
    room_item_padding: int,
    person_item_padding: int,
    line_length: LineLength,
) -> DensityMetrics:
    def row_padding(top: int, left: int = theme.PAGE_PADDING) -> ft.Padding:
        return ft.Padding.only(left=left, right=theme.PAGE_PADDING, top=top, bottom=below_padding)

    indent = avatar_size + theme.GAP
    return DensityMetrics(
        avatar_size,
        group_start_padding=row_padding(above_padding),
        continuation_padding=row_padding(below_padding),
        event_padding=row_padding(
            max(below_padding, above_padding - 2), theme.PAGE_PADDING + indent
        ),
        extras_margin=ft.Margin.only(left=indent, top=below_padding + 1, bottom=below_padding),
        room_item_padding=ft.Padding.symmetric(horizontal=10, vertical=room_item_padding),
        person_item_padding=ft.Padding.symmetric(horizontal=10, vertical=person_item_padding),
        text_width=_READABLE_WIDTH if line_length is LineLength.READABLE else 0,
    )


def _comfortable(line_length: LineLength) -> DensityMetrics:
    return _metrics(
        theme.AVATAR_SIZE,
        above_padding=10,
        below_padding=2,
        room_item_padding=7,
        person_item_padding=5,
        line_length=line_length,
    )


def _compact(line_length: LineLength) -> DensityMetrics:
    return _metrics(
        28,
        above_padding=5,
        below_padding=0,
        room_item_padding=3,
        person_item_padding=2,
        line_length=line_length,
    )


# By the preferences that they follow.
METRICS = {
    (density, line_length): build(line_length)
    for density, build in ((Density.COMFORTABLE, _comfortable), (Density.COMPACT, _compact))
    for line_length in LineLength
}
COMFORTABLE_METRICS = METRICS[Density.COMFORTABLE, LineLength.READABLE]
COMPACT_METRICS = METRICS[Density.COMPACT, LineLength.READABLE]
