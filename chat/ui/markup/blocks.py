"""The blocks of a formatted text as controls: paragraphs, code, lists, quotes, spoilers."""

from collections.abc import Callable, Sequence
from itertools import groupby

import flet as ft

from chat.languages import Language
from chat.text.display import clamp_combining_marks, is_rtl
from chat.text.markup.bars import BarGroup
from chat.text.markup.nodes import (
    Block,
    BlockQuote,
    Blocks,
    CodeBlock,
    Formula,
    HorizontalRule,
    ListBlock,
    ListItem,
    Paragraph,
    Span,
    Spans,
    Spoiler,
    Style,
    Table,
    plain_text,
)
from chat.ui.markup import markdown_control, markdown_source
from chat.ui.markup.marks import NO_MARKS, TextMarks
from chat.ui.markup.spans import ClickTargets, read_as_one, render_spans
from chat.ui.markup.tables import scrolling, table_of_texts
from chat.ui.theme import theme, widgets
from chat.ui.theme.copied_text import begin_line

# The largest number of controls of one text: a row has no ids for more.
_MAX_CONTROLS = 130

_STRETCH = ft.CrossAxisAlignment.STRETCH
_START = ft.CrossAxisAlignment.START
_HEADING_SIZES = {1: 20, 2: 18, 3: 16}
_BULLET_WIDTH = 24
_CODE_PADDING = ft.Padding.only(left=12, right=12, bottom=10)
_CODE_LABEL_PADDING = ft.Padding.only(left=12, right=2)
_CHECKBOX_MARGIN = ft.Margin.only(right=6, top=2)
_UNLABELLED_CODE_PADDING = ft.Padding.only(left=12, top=9, bottom=9)
_SPOILER_PADDING = ft.Padding.symmetric(horizontal=12, vertical=8)
_BAR_WIDTH = 4
_BAR_PADDING = ft.Padding.only(left=12)
_BAR_MARGIN = ft.Margin.symmetric(vertical=2)
_QUOTE_STYLES = {
    False: (ft.Border(left=ft.BorderSide(2, ft.Colors.OUTLINE)), ft.Padding.only(left=10)),
    True: (ft.Border(right=ft.BorderSide(2, ft.Colors.OUTLINE)), ft.Padding.only(right=10)),
}

# The style of a suffix, which follows a text and is not part of it.
SUFFIX_STYLE = ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT)


class TooManyControls(Exception):
    """The text needs more controls than a row may have."""


class BlockRenderer:
    """Renders one text, and counts the controls."""

    def __init__(
        self,
        t: Language,
        opened: tuple[int, ...],
        *,
        on_click: Callable[[int], object],
        marks: TextMarks = NO_MARKS,
    ) -> None:
        self._t = t
        self._marks = marks
        self._targets = ClickTargets(on_click, opened)
        self._remaining = _MAX_CONTROLS

    def render(self, groups: Sequence[BarGroup], suffix: str) -> ft.Control:
        """All blocks with their bars, followed by the suffix. Raises TooManyControls."""
        controls = list[ft.Control]()
        for group in groups:
            if group.colour:
                controls.append(self._with_bar(group))
            else:
                controls += [self._block(each) for each in group.blocks]
        if suffix:
            self._consume(1)
            last = controls[-1]
            if isinstance(last, ft.Text):
                last.spans = [*(last.spans or []), suffix_span(suffix)]
                read_as_one(last)
            else:
                controls.append(ft.Text(suffix.strip(), style=SUFFIX_STYLE))
        return self._stack(controls)

    def _with_bar(self, group: BarGroup) -> ft.Container:
        self._consume(1)
        bar = ft.Border(left=ft.BorderSide(_BAR_WIDTH, group.colour))
        return ft.Container(
            self._nested_blocks(group.blocks), border=bar, padding=_BAR_PADDING, margin=_BAR_MARGIN
        )

    def _consume(self, count: int) -> None:
        self._remaining -= count
        if self._remaining < 0:
            raise TooManyControls

    def _nested_blocks(self, blocks: Blocks, spacing: float = 6) -> ft.Control:
        return self._stack([self._block(each) for each in blocks], spacing)

    def _stack(self, controls: list[ft.Control], spacing: float = 6) -> ft.Control:
        if len(controls) == 1:
            return controls[0]
        self._consume(1)
        for each in controls[1:]:
            begin_line(each)
        return ft.Column(controls, spacing=spacing, tight=True, horizontal_alignment=_STRETCH)

    def _block(self, block: Block) -> ft.Control:
        self._consume(1)
        match block:
            case Paragraph():
                return self._paragraph(block)
            case CodeBlock():
                return self._code(block)
            case Formula():
                return self._formula(block)
            case BlockQuote(inner):
                return self._quote(inner)
            case ListBlock():
                return self._list_block(block)
            case Table():
                return self._table(block)
            case Spoiler():
                return self._spoiler(block)
            case HorizontalRule():
                return ft.Divider(height=12, color=ft.Colors.OUTLINE_VARIANT)

    def _paragraph(self, block: Paragraph) -> ft.Control:
        spans = block.spans
        if _has_formula(spans) and all(span.spoiler_part is None for span in spans):
            markdown = markdown_control.paragraph(spans)
            markdown.rtl = _spans_are_rtl(spans)
            self._consume(1)
            return ft.Semantics(content=markdown, label=plain_text(spans), exclude_semantics=True)
        text_spans = []
        for each in render_spans(spans, self._targets, self._t, self._marks):
            self._consume(1)
            text_spans.append(each)
        text = ft.Text(spans=text_spans)
        if len(text_spans) == 1 and text_spans[0].style is None:
            text = ft.Text(text_spans[0].text or "")
            self._consume(-1)
        if block.heading_level:
            text.size = _HEADING_SIZES.get(block.heading_level, 15)
            text.weight = ft.FontWeight.W_600
        if _spans_are_rtl(spans):
            text.rtl = True
        read_as_one(text)
        return text

    def _code(self, code: CodeBlock) -> ft.Control:
        self._consume(7)
        text: ft.Control = ft.Text(
            clamp_combining_marks(code.text),
            style=markdown_control.CODE_STYLE,
            rtl=is_rtl(code.text),
        )
        if markdown_source.highlighter_language(code):
            text = markdown_control.code_block(code)
        tooltip = self._t("Copy code")
        copy_button = widgets.icon_button(
            ft.Icons.COPY_ROUNDED, tooltip, visual_density=ft.VisualDensity.COMPACT
        )
        copy_button.icon_size = 16
        self._targets.bind(copy_button, code.part)
        button = ft.Semantics(content=copy_button, container=True)
        if code.language:
            label = widgets.secondary_text(
                clamp_combining_marks(code.language), 12, expand=True, max_lines=1
            )
            parts: list[ft.Control] = [
                ft.Container(ft.Row([label, button], spacing=0), padding=_CODE_LABEL_PADDING),
                ft.Container(text, padding=_CODE_PADDING),
            ]
            body: ft.Control = ft.Column(
                parts, spacing=0, tight=True, horizontal_alignment=_STRETCH
            )
        else:
            padded = ft.Container(text, padding=_UNLABELLED_CODE_PADDING, expand=True)
            body = ft.Row([padded, button], spacing=0, vertical_alignment=_START)
        return ft.Container(body, bgcolor=ft.Colors.SURFACE_CONTAINER, border_radius=10)

    def _formula(self, block: Formula) -> ft.Control:
        if not markdown_source.is_drawable(block.text):
            return ft.Text(clamp_combining_marks(block.text), style=markdown_control.CODE_STYLE)
        self._consume(2)
        row = ft.Row([markdown_control.formula(block.text)], scroll=ft.ScrollMode.AUTO)
        return ft.Semantics(content=row, label=block.text, exclude_semantics=True)

    def _quote(self, blocks: Blocks) -> ft.Control:
        border, padding = _QUOTE_STYLES[_blocks_are_rtl(blocks)]
        return ft.Container(self._nested_blocks(blocks), border=border, padding=padding)

    def _list_block(self, block: ListBlock) -> ft.Control:
        rows: list[ft.Control] = []
        for number, item in enumerate(block.items, block.start or 0):
            self._consume(2)
            # The blocks of a list item are as close together as the items.
            body = self._nested_blocks(item.blocks, 2) if item.blocks else ft.Container()
            body.expand = True
            row = ft.Row(
                [self._bullet(item, block, number), body], spacing=0, vertical_alignment=_START
            )
            if _blocks_are_rtl(item.blocks):
                row.rtl = True
            if rows:
                begin_line(row)
            rows.append(row)
        return ft.Column(rows, spacing=2, tight=True, horizontal_alignment=_STRETCH)

    def _bullet(self, item: ListItem, block: ListBlock, number: int) -> ft.Control:
        if item.checked is None:
            label = "•" if block.start is None else f"{number}."
            width = _BULLET_WIDTH if len(label) < 3 else 10 + 9 * len(label)
            return widgets.secondary_text(f"{label} ", 15, width=width)
        icon = (
            ft.Icons.CHECK_BOX_ROUNDED if item.checked else ft.Icons.CHECK_BOX_OUTLINE_BLANK_ROUNDED
        )
        state_label = self._t("done") if item.checked else self._t("to be done")
        return ft.Icon(
            icon,
            size=18,
            color=ft.Colors.ON_SURFACE_VARIANT,
            semantics_label=state_label,
            margin=_CHECKBOX_MARGIN,
        )

    def _table(self, table: Table) -> ft.Control:
        has_formula = any(_has_formula(cell) for row in table.rows for cell in row)
        remaining = self._remaining
        try:
            if not has_formula:
                self._consume(3 + 2 * len(table.rows))
                return table_of_texts(table, self._render_cell)
        except TooManyControls:
            self._remaining = remaining
        return self._large_table(table)

    def _render_cell(self, cell: Spans) -> list[ft.TextSpan]:
        spans = list(render_spans(cell, self._targets, self._t, self._marks))
        is_plain = len(spans) == 1 and spans[0].style is None
        self._consume(1 if is_plain else 2 + len(spans))
        return spans or [ft.TextSpan("")]

    def _large_table(self, table: Table) -> ft.Control:
        """A table of more cells than a row has controls for, or with formulas."""
        self._consume(3)
        spoiler_parts = {
            span.spoiler_part
            for row in table.rows
            for cell in row
            for span in cell
            if span.spoiler_part is not None
        }
        closed_parts = sorted(part for part in spoiler_parts if not self._targets.is_open(part))
        rows = tuple(
            tuple(_without_spoilers(cell, closed_parts, self._t("spoiler")) for cell in row)
            for row in table.rows
        )
        drawn = markdown_control.table(Table(rows, table.alignments))
        if closed_parts:
            # The control reports no clicks on its cells: each click opens the next spoiler.
            drawn = ft.Container(drawn, width=drawn.width)
            self._targets.bind(drawn, closed_parts[0])
        return scrolling(drawn, drawn.width or 0)

    def _spoiler(self, spoiler: Spoiler) -> ft.Control:
        self._consume(6)
        is_open = self._targets.is_open(spoiler.part)
        title = clamp_combining_marks(spoiler.title) or self._t("Spoiler")
        header = ft.Container(
            ft.Row(
                [
                    ft.Icon(
                        ft.Icons.EXPAND_LESS_ROUNDED if is_open else ft.Icons.EXPAND_MORE_ROUNDED,
                        size=18,
                    ),
                    ft.Text(title, weight=ft.FontWeight.W_600, expand=True, rtl=is_rtl(title)),
                ],
                spacing=6,
            ),
            padding=_SPOILER_PADDING,
        )
        self._targets.bind(header, spoiler.part)
        parts: list[ft.Control] = [
            ft.Semantics(content=header, container=True, button=True, expanded=is_open)
        ]
        if is_open:
            parts.append(
                ft.Container(self._nested_blocks(spoiler.blocks), padding=_SPOILER_PADDING)
            )
        return ft.Container(
            ft.Column(parts, spacing=0, tight=True, horizontal_alignment=_STRETCH),
            border=theme.OUTLINE,
            border_radius=10,
        )


def suffix_span(suffix: str) -> ft.TextSpan:
    """The suffix as a span."""
    return ft.TextSpan(suffix, SUFFIX_STYLE)


def _without_spoilers(spans: Spans, closed_parts: Sequence[int], placeholder: str) -> Spans:
    """The spans with a placeholder for each closed spoiler."""
    drawn = list[Span]()
    for part, group in groupby(spans, key=lambda span: span.spoiler_part):
        if part in closed_parts:
            drawn.append(Span(f"[{placeholder}]", Style.CODE))
        else:
            drawn += group
    return tuple(drawn)


def _has_formula(spans: Spans) -> bool:
    return any(
        span.style is Style.FORMULA and markdown_source.is_drawable(span.text) for span in spans
    )


def _spans_are_rtl(spans: Spans) -> bool:
    return is_rtl("".join(span.text for span in spans))


def _blocks_are_rtl(blocks: Blocks) -> bool:
    first = blocks[0] if blocks else None
    return isinstance(first, Paragraph) and _spans_are_rtl(first.spans)
