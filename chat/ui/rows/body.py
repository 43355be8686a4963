"""The text of a message: plain, large, folded, or formatted.

It depends on the text, on what the viewer has opened of it and on the length of their lines, and on
nothing else.
"""

from collections.abc import Callable, Sequence
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.programs import Bar
from chat.text.display import bidi_isolate, clamp_combining_marks, is_rtl
from chat.text.emoji import is_emoji_only
from chat.text.folding import LINE_WIDTH, VisibleText, fold
from chat.text.markup import reader
from chat.text.markup.bars import bar_groups
from chat.text.markup.nodes import CodeBlock, Formula, Markup, Table
from chat.ui.markup.blocks import BlockRenderer, TooManyControls, suffix_span
from chat.ui.markup.marks import NO_MARKS, TextMarks
from chat.ui.markup.spans import ClickTargets, read_as_one
from chat.ui.row_parts import SHOW_MORE
from chat.ui.theme.copied_text import aside

_LARGE_EMOJI_SIZE = 32


def parse_visible(
    text: str, opened: tuple[int, ...] = (), line_width: int = LINE_WIDTH
) -> Markup | None:
    """The markup of the text on the screen; its parts are numbered from FIRST_TEXT_PART on."""
    return reader.parse_markup(text if SHOW_MORE in opened else fold(text, line_width).text)


def message_text(
    text: str,
    t: Language,
    on_click: Callable[[int], object],
    opened: tuple[int, ...] = (),
    suffix: str = "",
    marks: TextMarks = NO_MARKS,
    bars: Sequence[Bar] = (),
    *,
    line_width: int = LINE_WIDTH,
) -> ft.Control:
    """The text of a message and a suffix. `on_click(part)` is called for its clickable parts.

    `bars` are beside parts of the text. A long text is folded by its lines of `line_width`
    characters.
    """
    folded = VisibleText(text) if SHOW_MORE in opened else fold(text, line_width)
    visible_text = folded.text
    is_foldable = folded.is_folded or SHOW_MORE in opened
    parsed = reader.parse_markup(visible_text)
    body: ft.Control | None = None
    if parsed is not None or bars:
        renderer = BlockRenderer(t, on_click=on_click, opened=opened, marks=marks)
        try:
            body = renderer.render(
                bar_groups(visible_text, parsed, bars), "" if is_foldable else suffix
            )
        except TooManyControls:
            body = None
    if body is None:
        targets = ClickTargets(on_click, opened)
        body = _plain_text(visible_text, "" if is_foldable else suffix, targets, marks)
    return _with_toggle(body, folded, suffix, t, on_click) if is_foldable else body


def has_wide_block(text: str, opened: tuple[int, ...] = (), line_width: int = LINE_WIDTH) -> bool:
    """Whether the visible text has a block that needs more width than lines: a table, code, a
    formula."""
    parsed = parse_visible(text, opened, line_width)
    return parsed is not None and any(
        isinstance(each, Table | CodeBlock | Formula) for each in parsed.blocks
    )


def needs_full_width(text: ft.Control) -> bool:
    """Whether a text needs the whole width of the row."""
    return not isinstance(text, ft.Text) or text.rtl


def _plain_text(text: str, suffix: str, targets: ClickTargets, marks: TextMarks) -> ft.Text:
    clamped, rtl = clamp_combining_marks(text), is_rtl(text)
    if marks is not NO_MARKS:
        spans = list[ft.TextSpan]()
        for piece, mark, part in marks.split(clamped):
            spans.append(ft.TextSpan(bidi_isolate(piece), mark))
            if part is not None:
                targets.bind_part(spans[-1], part)
        marked_text = ft.Text(spans=[*spans, suffix_span(suffix)] if suffix else spans)
        if rtl:
            marked_text.rtl = True
        read_as_one(marked_text)
        return marked_text
    plain = ft.Text(
        bidi_isolate(clamped) if suffix else clamped,
        spans=[suffix_span(suffix)] if suffix else None,
    )
    if rtl:
        plain.rtl = True
    if not suffix and is_emoji_only(text):
        plain.size = _LARGE_EMOJI_SIZE
    return plain


_TOGGLE_STYLE = ft.TextStyle(size=13, weight=ft.FontWeight.W_600, color=ft.Colors.PRIMARY)


def _with_toggle(
    body: ft.Control,
    folded: VisibleText,
    suffix: str,
    t: Language,
    on_click: Callable[[int], object],
) -> ft.Control:
    label = t("Show more") if folded.is_folded else t("Show less")
    if folded.hidden_lines:
        label = t.plural("Show one more line", "Show {count} more lines", folded.hidden_lines)
    toggle = ft.Container(
        ft.Text(aside(label), style=_TOGGLE_STYLE, spans=[suffix_span(suffix)] if suffix else None),
        data=SHOW_MORE,
        on_click=partial(on_click, SHOW_MORE),
    )
    parts = [body, ft.Semantics(content=toggle, container=True, button=True)]
    return ft.Column(
        parts, spacing=4, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )
