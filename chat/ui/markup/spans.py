"""The runs of a paragraph as the client's text has them: spans, of which some answer."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby

import flet as ft

from chat.languages import Language
from chat.text.display import bidi_isolate, clamp_combining_marks
from chat.text.markup.nodes import Span, Spans, Style
from chat.ui.row_parts import IN_TEXT
from chat.ui.theme.theme import MONO_FONT


@dataclass(frozen=True, slots=True)
class Answers:
    """The parts of one text that answer: `touched(part)` is called, and `opened` are open."""

    touched: Callable[[int], object]
    opened: tuple[int, ...]

    def is_open(self, part: int) -> bool:
        """Whether the viewer wanted to see what a spoiler hides."""
        return IN_TEXT + part in self.opened

    def let(self, control: ft.TextSpan | ft.Container | ft.IconButton, part: int) -> None:
        """Let a control answer as a part of the text."""
        control.data = IN_TEXT + part
        control.on_click = partial(self.touched, IN_TEXT + part)


def spans(runs: Spans, answers: Answers, t: Language) -> Iterator[ft.TextSpan]:
    """One for each run; what a closed spoiler hides is not there at all."""
    for number, group in groupby(runs, key=lambda run: run.spoiler_part):
        if number is None or answers.is_open(number):
            yield from (_span(run, answers) for run in group)
        else:
            veil = ft.TextSpan(f"\u00a0{t('spoiler')}\u00a0", _VEIL)
            answers.let(veil, number)
            yield veil


def _span(run: Span, answers: Answers) -> ft.TextSpan:
    span = ft.TextSpan(
        bidi_isolate(clamp_combining_marks(run.text)), _style(run.style, run.link is not None)
    )
    if run.spoiler_part is not None:
        span.style = _revealed(run.style, run.link is not None)
    if run.link is not None and run.link.part is None:
        span.url = ft.Url(run.link.url, ft.UrlTarget.BLANK)
    elif run.link is not None:
        answers.let(span, run.link.part or 0)
    elif run.spoiler_part is not None:
        answers.let(span, run.spoiler_part)
    return span


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
        made.font_family, made.size = MONO_FONT, 13.5
        made.bgcolor = ft.Colors.SURFACE_CONTAINER_HIGH
    return made


@lru_cache(256)
def _revealed(style: Style, link: bool) -> ft.TextStyle:
    plain = _style(style, link) or ft.TextStyle()
    return dataclasses.replace(plain, bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST)
