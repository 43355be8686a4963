"""The blocks of a text with marks, as they are drawn: paragraphs, code, lists, quotes, spoilers."""

from collections.abc import Callable

import flet as ft

from chat.languages import Language
from chat.text.display import clamp_combining_marks, is_rtl
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
    Spans,
    Spoiler,
    Style,
    Table,
    plain_text,
)
from chat.ui.markup import markdown_control, markdown_source
from chat.ui.markup.spans import Answers, spans
from chat.ui.theme import theme, widgets

# So many controls of one text: more fit into no row.
_CONTROLS = 130

_NEXT_LINE = ft.CrossAxisAlignment.STRETCH
_START = ft.CrossAxisAlignment.START
_HEADINGS = {1: 20, 2: 18, 3: 16}
_BULLET = 24
_INSIDE_CODE = ft.Padding.only(left=12, right=12, bottom=10)
_INSIDE_LABEL = ft.Padding.only(left=12, right=2)
_BESIDE_BOX = ft.Margin.only(right=6, top=2)
_WITHOUT_LABEL = ft.Padding.only(left=12, top=9, bottom=9)
_INSIDE_SPOILER = ft.Padding.symmetric(horizontal=12, vertical=8)
_BESIDE = {
    False: (ft.Border(left=ft.BorderSide(2, ft.Colors.OUTLINE)), ft.Padding.only(left=10)),
    True: (ft.Border(right=ft.BorderSide(2, ft.Colors.OUTLINE)), ft.Padding.only(right=10)),
}

# What stands behind a text and is none of it.
SMALL = ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT)


class TooMuch(Exception):
    """It is more than fits into a row."""


class Drawing:
    """Draws one text; counts what it makes."""

    def __init__(
        self, t: Language, touched: Callable[[int], object], opened: tuple[int, ...]
    ) -> None:
        self._t = t
        self._answers = Answers(touched, opened)
        self._left = _CONTROLS

    def all(self, blocks: Blocks, mark: str) -> ft.Control:
        """All blocks, and `mark` behind them. Raises TooMuch."""
        drawn = [self._block(each) for each in blocks]
        if mark:
            self._count(1)
            last = drawn[-1]
            if isinstance(last, ft.Text):
                last.spans = [*(last.spans or []), small(mark)]
            else:
                drawn.append(ft.Text(mark.strip(), style=SMALL))
        return self._stacked(drawn)

    def _count(self, number: int) -> None:
        self._left -= number
        if self._left < 0:
            raise TooMuch

    def _inside(self, blocks: Blocks, spacing: float = 6) -> ft.Control:
        return self._stacked([self._block(each) for each in blocks], spacing)

    def _stacked(self, drawn: list[ft.Control], spacing: float = 6) -> ft.Control:
        if len(drawn) == 1:
            return drawn[0]
        self._count(1)
        return ft.Column(drawn, spacing=spacing, tight=True, horizontal_alignment=_NEXT_LINE)

    def _block(self, block: Block) -> ft.Control:
        self._count(1)
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
                return self._points(block)
            case Table():
                return self._table(block)
            case Spoiler():
                return self._spoiler(block)
            case HorizontalRule():
                return ft.Divider(height=12, color=ft.Colors.OUTLINE_VARIANT)

    def _paragraph(self, block: Paragraph) -> ft.Control:
        runs = block.spans
        if _has_formula(runs) and all(run.spoiler_part is None for run in runs):
            line = markdown_control.line(runs)
            line.rtl = _from_right(runs)
            self._count(1)
            return ft.Semantics(content=line, label=plain_text(runs), exclude_semantics=True)
        parts = list(spans(runs, self._answers, self._t))
        self._count(len(parts))
        text = ft.Text(spans=parts)
        if len(parts) == 1 and parts[0].style is None:
            text = ft.Text(parts[0].text or "")
            self._count(-1)
        if block.heading_level:
            text.size = _HEADINGS.get(block.heading_level, 15)
            text.weight = ft.FontWeight.W_600
        if _from_right(runs):
            text.rtl = True
        return text

    def _code(self, code: CodeBlock) -> ft.Control:
        self._count(7)
        text: ft.Control = ft.Text(clamp_combining_marks(code.text), style=markdown_control.CODE)
        if markdown_source.language(code):
            text = markdown_control.code(code)
        words = self._t("Copy code")
        copy = widgets.icon_button(
            ft.Icons.COPY_ROUNDED, words, visual_density=ft.VisualDensity.COMPACT
        )
        copy.icon_size = 16
        self._answers.let(copy, code.part)
        button = ft.Semantics(content=copy, container=True)
        if code.language:
            label = widgets.secondary_text(
                clamp_combining_marks(code.language), 12, expand=True, max_lines=1
            )
            parts: list[ft.Control] = [
                ft.Container(ft.Row([label, button], spacing=0), padding=_INSIDE_LABEL),
                ft.Container(text, padding=_INSIDE_CODE),
            ]
            body: ft.Control = ft.Column(
                parts, spacing=0, tight=True, horizontal_alignment=_NEXT_LINE
            )
        else:
            beside = ft.Container(text, padding=_WITHOUT_LABEL, expand=True)
            body = ft.Row([beside, button], spacing=0, vertical_alignment=_START)
        return ft.Container(body, bgcolor=ft.Colors.SURFACE_CONTAINER, border_radius=10)

    def _formula(self, block: Formula) -> ft.Control:
        if not markdown_source.is_drawable(block.text):
            return ft.Text(clamp_combining_marks(block.text), style=markdown_control.CODE)
        self._count(2)
        line = ft.Row([markdown_control.formula(block.text)], scroll=ft.ScrollMode.AUTO)
        return ft.Semantics(content=line, label=block.text, exclude_semantics=True)

    def _quote(self, blocks: Blocks) -> ft.Control:
        border, padding = _BESIDE[_blocks_from_right(blocks)]
        return ft.Container(self._inside(blocks), border=border, padding=padding)

    def _points(self, points: ListBlock) -> ft.Control:
        rows: list[ft.Control] = []
        for number, item in enumerate(points.items, points.start or 0):
            self._count(2)
            # What is said in one point stands as close together as the points do.
            body = self._inside(item.blocks, 2) if item.blocks else ft.Container()
            body.expand = True
            row = ft.Row(
                [self._bullet(item, points, number), body], spacing=0, vertical_alignment=_START
            )
            if _blocks_from_right(item.blocks):
                row.rtl = True
            rows.append(row)
        return ft.Column(rows, spacing=2, tight=True, horizontal_alignment=_NEXT_LINE)

    def _bullet(self, item: ListItem, points: ListBlock, number: int) -> ft.Control:
        if item.checked is None:
            words = "•" if points.start is None else f"{number}."
            wide = _BULLET if len(words) < 3 else 10 + 9 * len(words)
            return widgets.secondary_text(words, 15, width=wide)
        icon = (
            ft.Icons.CHECK_BOX_ROUNDED if item.checked else ft.Icons.CHECK_BOX_OUTLINE_BLANK_ROUNDED
        )
        done = self._t("done") if item.checked else self._t("to be done")
        return ft.Icon(
            icon,
            size=18,
            color=ft.Colors.ON_SURFACE_VARIANT,
            semantics_label=done,
            margin=_BESIDE_BOX,
        )

    def _table(self, table: Table) -> ft.Control:
        self._count(2)
        return ft.Row([markdown_control.table(table)], scroll=ft.ScrollMode.AUTO)

    def _spoiler(self, spoiler: Spoiler) -> ft.Control:
        self._count(6)
        opened = self._answers.is_open(spoiler.part)
        title = clamp_combining_marks(spoiler.title) or self._t("Spoiler")
        head = ft.Container(
            ft.Row(
                [
                    ft.Icon(
                        ft.Icons.EXPAND_LESS_ROUNDED if opened else ft.Icons.EXPAND_MORE_ROUNDED,
                        size=18,
                    ),
                    ft.Text(title, weight=ft.FontWeight.W_600, expand=True),
                ],
                spacing=6,
            ),
            padding=_INSIDE_SPOILER,
        )
        self._answers.let(head, spoiler.part)
        parts: list[ft.Control] = [
            ft.Semantics(content=head, container=True, button=True, expanded=opened)
        ]
        if opened:
            parts.append(ft.Container(self._inside(spoiler.blocks), padding=_INSIDE_SPOILER))
        return ft.Container(
            ft.Column(parts, spacing=0, tight=True, horizontal_alignment=_NEXT_LINE),
            border=theme.OUTLINE,
            border_radius=10,
        )


def small(words: str) -> ft.TextSpan:
    """Words behind a text."""
    return ft.TextSpan(words, SMALL)


def _has_formula(runs: Spans) -> bool:
    return any(run.style is Style.FORMULA and markdown_source.is_drawable(run.text) for run in runs)


def _from_right(runs: Spans) -> bool:
    return is_rtl("".join(run.text for run in runs))


def _blocks_from_right(blocks: Blocks) -> bool:
    first = blocks[0] if blocks else None
    return isinstance(first, Paragraph) and _from_right(first.spans)
