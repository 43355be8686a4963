"""The spans of a paragraph, some of them clickable."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby

import flet as ft

from chat.languages import Language
from chat.text.display import bidi_isolate, clamp_combining_marks
from chat.text.markup.nodes import Span, Spans, Style
from chat.ui.markup.marks import NO_MARKS, TextMarks, with_mark
from chat.ui.row_parts import FIRST_MENTION, FIRST_TEXT_PART
from chat.ui.theme.theme import MONO_FONT


@dataclass(frozen=True, slots=True)
class ClickTargets:
    """The clickable parts of one text: `on_click(part)` is called; `opened` are the opened
    parts."""

    on_click: Callable[[int], object]
    opened: tuple[int, ...]

    def is_open(self, part: int) -> bool:
        """Whether the viewer has opened this spoiler."""
        return FIRST_TEXT_PART + part in self.opened

    def bind(self, control: ft.TextSpan | ft.Container | ft.IconButton, part: int) -> None:
        """Make a control clickable as a part of the text."""
        self.bind_part(control, FIRST_TEXT_PART + part)

    def bind_part(self, control: ft.TextSpan | ft.Container | ft.IconButton, part: int) -> None:
        """Make a control clickable as a part of the row."""
        control.data = part
        control.on_click = partial(self.on_click, part)


def render_spans(
    spans: Spans, targets: ClickTargets, t: Language, marks: TextMarks = NO_MARKS
) -> Iterator[ft.TextSpan]:
    """A span for each run; a closed spoiler is a placeholder without its text."""
    for spoiler_part, group in groupby(spans, key=lambda run: run.spoiler_part):
        if spoiler_part is None or targets.is_open(spoiler_part):
            for span in group:
                yield from _render_marked(span, targets, marks)
        else:
            placeholder = ft.TextSpan(f"\u00a0{t('spoiler')}\u00a0", _SPOILER_STYLE)
            targets.bind(placeholder, spoiler_part)
            yield placeholder


def read_as_one(text: ft.Text) -> None:
    """Let a screen reader read a text as one, if nothing but mentions can be clicked in it.

    (A span that can be clicked is a leaf of its own, and cuts the text around it into leaves.)
    """
    spans = text.spans or []
    parts = [each.data for each in spans if isinstance(each.data, int)]
    if parts and min(parts) >= FIRST_MENTION and all(each.url is None for each in spans):
        text.semantics_label = "".join(each.text or "" for each in spans)


def _render_marked(span: Span, targets: ClickTargets, marks: TextMarks) -> Iterator[ft.TextSpan]:
    if marks is NO_MARKS or span.link is not None or span.style & (Style.CODE | Style.FORMULA):
        yield _render_span(span, targets)
        return
    for text, mark, part in marks.split(span.text):
        text_span = _render_span(dataclasses.replace(span, text=text), targets)
        if mark is not None:
            text_span.style = with_mark(text_span.style, mark)
        if part is not None and text_span.on_click is None:
            targets.bind_part(text_span, part)
        yield text_span


def _render_span(span: Span, targets: ClickTargets) -> ft.TextSpan:
    text_span = ft.TextSpan(
        bidi_isolate(clamp_combining_marks(span.text)),
        _text_style(span.style, span.link is not None),
    )
    if span.spoiler_part is not None:
        text_span.style = _revealed_style(span.style, span.link is not None)
    if span.link is not None and span.link.part is None:
        text_span.url = ft.Url(span.link.url, ft.UrlTarget.BLANK)
    elif span.link is not None:
        targets.bind(text_span, span.link.part or 0)
    elif span.spoiler_part is not None:
        targets.bind(text_span, span.spoiler_part)
    return text_span


_SPOILER_STYLE = ft.TextStyle(
    size=13, color=ft.Colors.ON_INVERSE_SURFACE, bgcolor=ft.Colors.INVERSE_SURFACE
)


@lru_cache(256)
def _text_style(style: Style, is_link: bool) -> ft.TextStyle | None:
    """The style of a run; None if it has no format."""
    if not style and not is_link:
        return None
    text_style = ft.TextStyle()
    if style & Style.BOLD:
        text_style.weight = ft.FontWeight.BOLD
    if style & (Style.ITALIC | Style.FORMULA):
        text_style.italic = True
    decoration = ft.TextDecoration.NONE
    if is_link:
        text_style.color = ft.Colors.PRIMARY
        decoration |= ft.TextDecoration.UNDERLINE
    if style & Style.STRIKE:
        decoration |= ft.TextDecoration.LINE_THROUGH
    if decoration:
        text_style.decoration = decoration
    if style & (Style.CODE | Style.FORMULA):
        text_style.font_family, text_style.size = MONO_FONT, 13.5
        text_style.bgcolor = ft.Colors.SURFACE_CONTAINER_HIGH
    return text_style


@lru_cache(256)
def _revealed_style(style: Style, is_link: bool) -> ft.TextStyle:
    plain = _text_style(style, is_link) or ft.TextStyle()
    return dataclasses.replace(plain, bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST)
