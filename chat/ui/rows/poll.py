"""A poll in its row: a bar for each option. A click votes."""

from collections.abc import Sequence
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.messages import Message, Poll, PollOption
from chat.model.people import Person
from chat.text.display import bidi_isolate, clamp_combining_marks, is_rtl
from chat.ui.row_parts import FIRST_OPTION, OnPartClick
from chat.ui.theme import theme, widgets
from chat.ui.theme.copied_text import LINE, aside, marked
from chat.ui.theme.dialog import Dialog, close_button, stretched_column
from chat.ui.viewer import RowState, ViewerContext

# The number of voters that are named beside a bar.
_MAX_NAMES = 10

_OPTION_PADDING = ft.Padding.symmetric(horizontal=12, vertical=8)
_OWN_BORDER = ft.Border.all(1, ft.Colors.PRIMARY)
_BAR_BACKGROUND, _BAR_FILL = ft.Colors.SURFACE_CONTAINER, ft.Colors.PRIMARY_CONTAINER
_SUMMARY_PADDING = ft.Padding.only(left=2)


def poll_box(
    message: Message, viewer: ViewerContext, on_part_click: OnPartClick, state: RowState
) -> ft.Control:
    """The poll below its question."""
    poll, t = message.poll, viewer.t
    assert poll is not None
    options: list[ft.Control] = [
        _option(message, n, n in state.own_votes, on_part_click, t)
        for n in range(len(poll.options))
    ]
    summary = ft.Semantics(
        content=ft.Container(
            widgets.secondary_text(aside(_summary(poll, t))), padding=_SUMMARY_PADDING
        ),
        container=True,
    )
    return ft.Container(
        ft.Column([*options, summary], spacing=4, tight=True),
        width=theme.BOX_MAX_WIDTH,
        margin=viewer.metrics.extras_margin,
    )


def _option(
    message: Message, n: int, is_own: bool, on_part_click: OnPartClick, t: Language
) -> ft.Control:
    poll = message.poll
    assert poll is not None
    option = poll.options[n]
    share = len(option.people) / max(1, poll.voter_count)
    highest_count = max(len(each.people) for each in poll.options)
    is_winner = poll.closed and 0 < highest_count == len(option.people)
    weight = ft.FontWeight.W_600 if is_winner or is_own else None
    count, color = str(len(option.people)), ft.Colors.ON_SURFACE
    row = ft.Row(
        [
            ft.Icon(
                ft.Icons.CHECK_CIRCLE_ROUNDED if is_own else ft.Icons.CIRCLE_OUTLINED,
                size=18,
                color=ft.Colors.PRIMARY if is_own else ft.Colors.ON_SURFACE_VARIANT,
                opacity=0 if poll.closed and not is_own else 1,
            ),
            ft.Text(
                marked(LINE, bidi_isolate(clamp_combining_marks(option.text))),
                size=14,
                color=color,
                weight=weight,
                expand=True,
                rtl=is_rtl(option.text),
                semantics_label=_option_label(option, is_own, t),
            ),
            ft.Text(aside(count), size=14, color=color, weight=weight, semantics_label=""),
        ],
        spacing=8,
    )
    bar = ft.Container(
        row,
        padding=_OPTION_PADDING,
        border_radius=10,
        border=_OWN_BORDER if is_own else theme.OUTLINE,
        gradient=ft.LinearGradient(
            colors=[_BAR_FILL, _BAR_FILL, _BAR_BACKGROUND, _BAR_BACKGROUND],
            stops=[0, share, share, 1],
            begin=ft.Alignment.CENTER_LEFT,
            end=ft.Alignment.CENTER_RIGHT,
        ),
        tooltip=_voters_tooltip(option, t),
    )
    if not poll.closed:
        bar.data = FIRST_OPTION + n
        bar.on_click = partial(on_part_click, message.number, FIRST_OPTION + n)
    return ft.Semantics(content=bar, container=True)


def _voters_tooltip(option: PollOption, t: Language) -> ft.Tooltip | None:
    """The voters, for a mouse; a screen reader would read them before the option."""
    text = voters_label(option.people[:_MAX_NAMES], len(option.people), t)
    return ft.Tooltip(text, exclude_from_semantics=True) if text else None


def _option_label(option: PollOption, is_own: bool, t: Language) -> str:
    """An option for a screen reader, as "Soup, 3 votes, yours"."""
    votes = t.plural("{count} vote", "{count} votes", len(option.people))
    if is_own:
        return t("{option}, {votes}, yours", option=option.text, votes=votes)
    return t("{option}, {votes}", option=option.text, votes=votes)


def _summary(poll: Poll, t: Language) -> str:
    people = t.plural("{count} person voted", "{count} people voted", poll.voter_count)
    if poll.closed:
        return t("Closed. {people}", people=people)
    if poll.voter_count:
        return people
    return t("Nobody has voted yet. Tap one option or several.")


def voters_label(people: Sequence[Person], count: int, t: Language) -> str:
    """The voters in words, as "Ann, Bob and 3 others"; empty without voters."""
    names = t.join(person.name for person in people)
    if (remaining := count - len(people)) <= 0:
        return names
    return t.plural(
        "{names} and {count} other", "{names} and {count} others", remaining, names=names
    )


class VotersDialog(Dialog):
    """The voters of each option."""

    def __init__(self, message: Message, t: Language) -> None:
        poll = message.poll
        assert poll is not None
        parts: list[ft.Control] = []
        for option in poll.options:
            votes = t.plural("{count} vote", "{count} votes", len(option.people))
            title = ft.Text(
                t("{option}, {votes}", option=option.text, votes=votes),
                size=14,
                weight=ft.FontWeight.W_600,
            )
            names = voters_label(option.people, len(option.people), t) or t("Nobody")
            parts.append(
                ft.Column([title, widgets.secondary_text(names, 13)], spacing=0, tight=True)
            )
        super().__init__(
            message.text, stretched_column(parts, 12), [close_button(t, self.close)], width=420
        )
