"""Tables whose columns are as wide as their content.

The columns of Flet's Markdown control are equally wide. So a table is made of texts of a calculated
width; only one with more cells than a row has controls for is left to the Markdown control.
"""

import math
import unicodedata
from collections.abc import Callable, Sequence

import flet as ft

from chat.text.display import is_rtl
from chat.text.markup.nodes import Spans, Table
from chat.ui.theme import theme
from chat.ui.theme.copied_text import begin_line

# The size of the text, and the padding of a cell on either side, in pixels.
_SIZE, _CELL_PADDING_X, _CELL_PADDING_Y = 14, 12, 5

# In pixels: the least width of a text, and the greatest: with its padding 40 % of the longest line.
_MIN_WIDTH, _MAX_WIDTH = 24, 232

# A wider table scrolls on a phone; the space below it is for the scroll bar. In pixels.
_PHONE_WIDTH, _SCROLL_BAR_SPACE = 296, 10

# The widths of characters in a text of one pixel: narrow, wide, of East Asia, and all others. They
# are a little too large, because a text that is a pixel too narrow is broken.
_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[]{} "), frozenset("mwMW@%&—…")
_NARROW_WIDTH, _WIDE_WIDTH, _EAST_ASIAN_WIDTH, _CAPITAL_WIDTH, _WIDTH = 0.35, 0.92, 1.02, 0.7, 0.59
_EAST_ASIAN = {"W", "F"}

_BOLD_FACTOR = 1.05

# Code is in a font of its own, 13.5 pixels high.
_CODE_WIDTH = 0.6

_ALIGNMENTS = {
    "left": ft.TextAlign.LEFT,
    "right": ft.TextAlign.RIGHT,
    "center": ft.TextAlign.CENTER,
}
_CELL_MARGIN = ft.Margin.symmetric(horizontal=_CELL_PADDING_X, vertical=_CELL_PADDING_Y)
_RULE = ft.Border(top=theme.BORDER_SIDE)

# The spans of a cell as controls.
RenderCell = Callable[[Spans], Sequence[ft.TextSpan]]


def table_of_texts(table: Table, render: RenderCell) -> ft.Control:
    """A table, which scrolls where it is too wide. `render` counts the controls that it makes."""
    cells = [[render(cell) for cell in row] for row in table.rows]
    widths = _column_widths(cells)
    rows: list[ft.Control] = []
    for n, spans_of_row in enumerate(cells):
        texts = [_text(spans) for spans in spans_of_row]
        for text, alignment, width in zip(texts, table.alignments, widths, strict=True):
            text.size, text.width, text.margin = _SIZE, width, _CELL_MARGIN
            text.weight = ft.FontWeight.W_600 if n == 0 else None
            if alignment in _ALIGNMENTS:
                text.text_align = _ALIGNMENTS[alignment]
        if n > 0:
            begin_line(texts[0])
        row = ft.Row([*texts], spacing=0, vertical_alignment=ft.CrossAxisAlignment.START)
        rows.append(
            ft.Container(row, bgcolor=ft.Colors.SURFACE_CONTAINER)
            if n == 0
            else ft.Container(row, border=_RULE)
        )
    total = sum(widths) + 2 * _CELL_PADDING_X * len(widths) + 2 * theme.BORDER_WIDTH
    box = ft.Container(
        ft.Column(rows, spacing=0, tight=True),
        width=total,
        border=theme.OUTLINE,
        border_radius=8,
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
    )
    return scrolling(box, total)


def scrolling(box: ft.Container, width: float) -> ft.Row:
    """A box of this width that scrolls where it is too wide, with a visible scroll bar."""
    if width <= _PHONE_WIDTH:
        return ft.Row([box], scroll=ft.ScrollMode.AUTO)
    box.margin = ft.Margin.only(bottom=_SCROLL_BAR_SPACE)
    return ft.Row([box], scroll=ft.ScrollMode.ALWAYS)


def _text(spans: Sequence[ft.TextSpan]) -> ft.Text:
    """The text of a cell. A space at its end separates it from the next one where it is copied."""
    text = "".join(span.text or "" for span in spans)
    if len(spans) == 1 and spans[0].style is None:
        return ft.Text(f"{text} ", rtl=is_rtl(text))
    return ft.Text(spans=[*spans, ft.TextSpan(" ")], rtl=is_rtl(text))


def _column_widths(rows: Sequence[Sequence[Sequence[ft.TextSpan]]]) -> list[float]:
    """About the widths of the columns, in pixels, from the spans of each cell."""
    widths = [float(_MIN_WIDTH)] * len(rows[0])
    for n, row in enumerate(rows):
        factor = _SIZE * (_BOLD_FACTOR if n == 0 else 1)
        for column, cell in enumerate(row):
            width = factor * sum(map(_span_width, cell)) + 2
            widths[column] = min(_MAX_WIDTH, max(widths[column], math.ceil(width)))
    return widths


def _span_width(span: ft.TextSpan) -> float:
    """About the width of a span of one pixel's size."""
    text, style = span.text or "", span.style
    if style is not None and style.font_family == theme.MONO_FONT and text.isascii():
        return _CODE_WIDTH * len(text)
    width = sum(map(_character_width, text))
    is_bold = style is not None and style.weight is not None
    return width * _BOLD_FACTOR if is_bold else width


def _character_width(c: str) -> float:
    if c in _NARROW:
        return _NARROW_WIDTH
    if c in _WIDE:
        return _WIDE_WIDTH
    if not c.isascii() and unicodedata.east_asian_width(c) in _EAST_ASIAN:
        return _EAST_ASIAN_WIDTH
    return _CAPITAL_WIDTH if c.isupper() else _WIDTH
