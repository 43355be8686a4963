"""How a message's text is drawn: plain, large, folded, or with its marks.

Whatever is drawn depends on the text and on what the viewer has opened of it, and on nothing else.
"""

import dataclasses
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import groupby

import flet as ft

from chat import markup
from chat.emoji import is_large
from chat.languages import Language
from chat.markup import (
    Block,
    Blocks,
    Code,
    Divider,
    Formula,
    Item,
    Markup,
    Paragraph,
    Points,
    Quote,
    Run,
    Runs,
    Spoiler,
    Style,
    Table,
)
from chat.text import drawn, isolated, reads_from_right
from chat.ui import dialect, look
from chat.ui.look import MONO
from chat.ui.view import IN_TEXT, MORE

# A text of more lines is folded to so many.
_FOLDED_FROM, _FOLDED_TO = 40, 25

# So many controls of one text: more fit into no row.
_CONTROLS = 130

_LARGE = 32

_NEXT_LINE = ft.CrossAxisAlignment.STRETCH
_START = ft.CrossAxisAlignment.START
_CODE = ft.TextStyle(font_family=MONO, size=13.5, height=1.45, letter_spacing=0)
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
_FORMULA = ft.TextStyle(size=16, color=ft.Colors.ON_SURFACE)

# Colours of the theme, so that one row is right in light and in dark.
_KEYWORD, _STRING, _NUMBER, _NAME, _QUIET = (
    ft.TextStyle(color=color)
    for color in (
        ft.Colors.PRIMARY,
        ft.Colors.TERTIARY,
        ft.Colors.ERROR,
        ft.Colors.SECONDARY,
        ft.Colors.ON_SURFACE_VARIANT,
    )
)
_THEME = ft.MarkdownCustomCodeTheme(
    root=ft.TextStyle(color=ft.Colors.ON_SURFACE, bgcolor=ft.Colors.TRANSPARENT),
    keyword=_KEYWORD,
    selector_tag=_KEYWORD,
    tag=_KEYWORD,
    name=_KEYWORD,
    string=_STRING,
    addition=_STRING,
    regexp=_STRING,
    number=_NUMBER,
    literal=_NUMBER,
    deletion=_NUMBER,
    symbol=_NUMBER,
    title=_NAME,
    built_in=_NAME,
    type=_NAME,
    attr=_NAME,
    attribute=_NAME,
    comment=_QUIET,
    meta=_QUIET,
)
_TALK = ft.TextStyle(size=15, height=1.4, letter_spacing=0, color=ft.Colors.ON_SURFACE)
_LINK = ft.TextStyle(color=ft.Colors.PRIMARY, decoration=ft.TextDecoration.UNDERLINE)
_SHEET = ft.MarkdownStyleSheet(
    p_text_style=_TALK,
    a_text_style=_LINK,
    code_text_style=ft.TextStyle(
        font_family=MONO,
        size=13.5,
        color=ft.Colors.ON_SURFACE,
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
    ),
    table_head_text_style=ft.TextStyle(size=14, weight=ft.FontWeight.W_600),
    table_body_text_style=ft.TextStyle(size=14),
    table_cells_padding=ft.Padding.symmetric(horizontal=10, vertical=5),
)
_CODE_SHEET = ft.MarkdownStyleSheet(
    code_text_style=_CODE, codeblock_decoration=ft.BoxDecoration(), codeblock_padding=0
)
# How narrow and how wide a table's column is, in pixels.
_COLUMN = (64, 220)


class _TooMuch(Exception):
    """It is more than fits into a row."""


def shown(text: str, opened: tuple[int, ...] = ()) -> tuple[str, int]:
    """What of a text is on the screen, and how many lines are not."""
    lines = text.count("\n") + 1
    if lines <= _FOLDED_FROM or MORE in opened:
        return text, 0
    return "\n".join(text.split("\n", _FOLDED_TO)[:_FOLDED_TO]), lines - _FOLDED_TO


def read(text: str, opened: tuple[int, ...] = ()) -> Markup | None:
    """The markup of what is on the screen; its parts have the numbers from IN_TEXT on."""
    return markup.read(shown(text, opened)[0])


def said(
    text: str,
    say: Language,
    touched: Callable[[int], object],
    opened: tuple[int, ...] = (),
    mark: str = "",
) -> ft.Control:
    """A message's text; `mark` stands behind it, and `touched(part)` is called of what answers."""
    piece, missing = shown(text, opened)
    folded = missing or MORE in opened
    found = markup.read(piece)
    body: ft.Control | None = None
    if found is not None:
        try:
            body = _Drawing(say, touched, opened).whole(found.blocks, "" if folded else mark)
        except _TooMuch:
            body = None
    if body is None:
        body = _plain(piece, "" if folded else mark)
    return _with_fold(body, missing, mark, say, touched) if folded else body


def fills(text: ft.Control) -> bool:
    """Whether a text needs the whole width to stand right."""
    return not isinstance(text, ft.Text) or text.rtl


def _plain(text: str, mark: str) -> ft.Text:
    words, rtl = drawn(text), reads_from_right(text)
    plain = ft.Text(isolated(words) if mark else words, spans=[_small(mark)] if mark else None)
    if rtl:
        plain.rtl = True
    if not mark and is_large(text):
        plain.size = _LARGE
    return plain


def _small(words: str) -> ft.TextSpan:
    return ft.TextSpan(words, _SMALL)


_SMALL = ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT)
_MORE = ft.TextStyle(size=13, weight=ft.FontWeight.W_600, color=ft.Colors.PRIMARY)


def _with_fold(
    body: ft.Control, missing: int, mark: str, say: Language, touched: Callable[[int], object]
) -> ft.Control:
    words = say("Show less")
    if missing:
        words = say.many("Show one more line", "Show {count} more lines", missing)
    more = ft.Container(
        ft.Text(words, style=_MORE, spans=[_small(mark)] if mark else None),
        data=MORE,
        on_click=partial(touched, MORE),
    )
    parts = [body, ft.Semantics(content=more, container=True, button=True)]
    return ft.Column(parts, spacing=4, tight=True, horizontal_alignment=_NEXT_LINE)


class _Drawing:
    """Draws one text; counts what it makes."""

    def __init__(
        self, say: Language, touched: Callable[[int], object], opened: tuple[int, ...]
    ) -> None:
        self._say = say
        self._touched = touched
        self._opened = opened
        self._left = _CONTROLS

    def whole(self, blocks: Blocks, mark: str) -> ft.Control:
        """All of it. Raises _TooMuch."""
        drawn = [self._block(each) for each in blocks]
        if mark:
            last = drawn[-1]
            if isinstance(last, ft.Text):
                self._count(1)
                last.spans = [*(last.spans or []), _small(mark)]
            else:
                self._count(1)
                drawn.append(ft.Text(mark.strip(), style=_SMALL))
        return self._stacked(drawn)

    def _count(self, number: int) -> None:
        self._left -= number
        if self._left < 0:
            raise _TooMuch

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
            case Code():
                return self._code(block)
            case Formula():
                return self._formula(block)
            case Quote(inner):
                return self._quote(inner)
            case Points():
                return self._points(block)
            case Table():
                return self._table(block)
            case Spoiler():
                return self._spoiler(block)
            case Divider():
                return ft.Divider(height=12, color=ft.Colors.OUTLINE_VARIANT)

    def _paragraph(self, block: Paragraph) -> ft.Control:
        runs = block.runs
        if _has_formula(runs) and all(run.spoiler is None for run in runs):
            line = _markdown(dialect.line(runs))
            line.rtl = _from_right(runs)
            self._count(1)
            return ft.Semantics(content=line, label=markup.shown(runs), exclude_semantics=True)
        spans = list(self._spans(runs))
        self._count(len(spans))
        text = ft.Text(spans=spans)
        if len(spans) == 1 and spans[0].style is None:
            text = ft.Text(spans[0].text or "")
            self._count(-1)
        if block.level:
            text.size = _HEADINGS.get(block.level, 15)
            text.weight = ft.FontWeight.W_600
        if _from_right(runs):
            text.rtl = True
        return text

    def _spans(self, runs: Runs) -> Iterator[ft.TextSpan]:
        for number, group in groupby(runs, key=lambda run: run.spoiler):
            if number is None or self._is_open(number):
                yield from (self._span(run) for run in group)
            else:
                yield self._answering(
                    ft.TextSpan(f"\u00a0{self._say('spoiler')}\u00a0", _VEIL), number
                )

    def _span(self, run: Run) -> ft.TextSpan:
        span = ft.TextSpan(isolated(drawn(run.text)), _style(run.style, run.link is not None))
        if run.spoiler is not None:
            span.style = _revealed(run.style, run.link is not None)
        if run.link is not None and run.link.part is None:
            span.url = ft.Url(run.link.address, ft.UrlTarget.BLANK)
        elif run.link is not None:
            self._answering(span, run.link.part or 0)
        elif run.spoiler is not None:
            self._answering(span, run.spoiler)
        return span

    def _answering(self, span: ft.TextSpan, part: int) -> ft.TextSpan:
        span.data = IN_TEXT + part
        span.on_click = partial(self._touched, IN_TEXT + part)
        return span

    def _is_open(self, part: int) -> bool:
        return IN_TEXT + part in self._opened

    def _code(self, code: Code) -> ft.Control:
        self._count(7)
        text: ft.Control = ft.Text(drawn(code.text), style=_CODE)
        if dialect.language(code):
            text = ft.Markdown(
                dialect.fence(code),
                extension_set=ft.MarkdownExtensionSet.GITHUB_WEB,
                code_theme=_THEME,
                code_style_sheet=_CODE_SHEET,
                md_style_sheet=_CODE_SHEET,
            )
        copy = look.tool(
            ft.Icons.COPY_ROUNDED,
            self._say("Copy code"),
            data=IN_TEXT + code.part,
            on_click=partial(self._touched, IN_TEXT + code.part),
            visual_density=ft.VisualDensity.COMPACT,
        )
        copy.icon_size = 16
        button = ft.Semantics(content=copy, container=True)
        if code.language:
            label = look.quiet(drawn(code.language), 12, expand=True, max_lines=1)
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
        if not dialect.is_drawable(block.text):
            return ft.Text(drawn(block.text), style=_CODE)
        self._count(2)
        line = ft.Row([_markdown(dialect.formula(block.text))], scroll=ft.ScrollMode.AUTO)
        return ft.Semantics(content=line, label=block.text, exclude_semantics=True)

    def _quote(self, blocks: Blocks) -> ft.Control:
        border, padding = _BESIDE[_blocks_from_right(blocks)]
        return ft.Container(self._inside(blocks), border=border, padding=padding)

    def _points(self, points: Points) -> ft.Control:
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

    def _bullet(self, item: Item, points: Points, number: int) -> ft.Control:
        if item.done is None:
            words = "•" if points.start is None else f"{number}."
            wide = _BULLET if len(words) < 3 else 10 + 9 * len(words)
            return look.quiet(words, 15, width=wide)
        icon = ft.Icons.CHECK_BOX_ROUNDED if item.done else ft.Icons.CHECK_BOX_OUTLINE_BLANK_ROUNDED
        done = self._say("done") if item.done else self._say("to be done")
        return ft.Icon(
            icon,
            size=18,
            color=ft.Colors.ON_SURFACE_VARIANT,
            semantics_label=done,
            margin=_BESIDE_BOX,
        )

    def _table(self, table: Table) -> ft.Control:
        # Its columns share the width that they are given.
        longest = max(len(markup.shown(cell)) for row in table.rows for cell in row)
        column = min(max(_COLUMN[0], 8 * longest + 22), _COLUMN[1])
        self._count(2)
        wide = ft.Container(_markdown(dialect.table(table)), width=len(table.aligned) * column)
        return ft.Row([wide], scroll=ft.ScrollMode.AUTO)

    def _spoiler(self, spoiler: Spoiler) -> ft.Control:
        self._count(6)
        opened = self._is_open(spoiler.part)
        title = drawn(spoiler.title) or self._say("Spoiler")
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
            data=IN_TEXT + spoiler.part,
            on_click=partial(self._touched, IN_TEXT + spoiler.part),
        )
        parts: list[ft.Control] = [
            ft.Semantics(content=head, container=True, button=True, expanded=opened)
        ]
        if opened:
            parts.append(ft.Container(self._inside(spoiler.blocks), padding=_INSIDE_SPOILER))
        return ft.Container(
            ft.Column(parts, spacing=0, tight=True, horizontal_alignment=_NEXT_LINE),
            border=look.OUTLINE,
            border_radius=10,
        )


_VEIL = ft.TextStyle(size=13, color=ft.Colors.ON_INVERSE_SURFACE, bgcolor=ft.Colors.INVERSE_SURFACE)


@lru_cache(256)
def _style(style: Style, link: bool) -> ft.TextStyle | None:
    """How a run looks; None if as all others."""
    if not style and not link:
        return None
    made = ft.TextStyle()
    if style & Style.BOLD:
        made.weight = ft.FontWeight.BOLD
    if style & (Style.ITALIC | Style.FORMULA):
        made.italic = True
    lines = ft.TextDecoration.NONE
    if link:
        made.color = ft.Colors.PRIMARY
        lines |= ft.TextDecoration.UNDERLINE
    if style & Style.STRIKE:
        lines |= ft.TextDecoration.LINE_THROUGH
    if lines:
        made.decoration = lines
    if style & (Style.CODE | Style.FORMULA):
        made.font_family, made.size = MONO, 13.5
        made.bgcolor = ft.Colors.SURFACE_CONTAINER_HIGH
    return made


@lru_cache(256)
def _revealed(style: Style, link: bool) -> ft.TextStyle:
    plain = _style(style, link) or ft.TextStyle()
    return dataclasses.replace(plain, bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST)


def _markdown(source: str) -> ft.Markdown:
    return ft.Markdown(
        source,
        extension_set=ft.MarkdownExtensionSet.GITHUB_WEB,
        md_style_sheet=_SHEET,
        code_style_sheet=_SHEET,
        latex_style=_FORMULA,
        auto_follow_links=True,
        auto_follow_links_target=ft.UrlTarget.BLANK,
        soft_line_break=True,
    )


def _has_formula(runs: Runs) -> bool:
    return any(run.style is Style.FORMULA and dialect.is_drawable(run.text) for run in runs)


def _from_right(runs: Runs) -> bool:
    return reads_from_right("".join(run.text for run in runs))


def _blocks_from_right(blocks: Blocks) -> bool:
    first = blocks[0] if blocks else None
    return isinstance(first, Paragraph) and _from_right(first.runs)
