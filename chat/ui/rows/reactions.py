"""What hangs on a message in its row: the quote above it, reactions and its thread below it."""

from collections.abc import Callable
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.messages import Message, Reaction
from chat.ui.row_parts import CHIP, Touched
from chat.ui.viewer import Clock, View

# So many of those who reacted are named.
_NAMED = 10

_INSIDE_CHIP = ft.Padding.symmetric(horizontal=8, vertical=2)
_CHIP, _OWN_CHIP = (
    ft.Border.all(1, color) for color in (ft.Colors.OUTLINE_VARIANT, ft.Colors.PRIMARY)
)


def reaction_chips(message: Message, viewer: Clock, touched: Touched, view: View) -> ft.Row:
    chips: list[ft.Control] = [
        _chip(reaction, partial(touched, message.number, CHIP + n), CHIP + n, view, viewer.t)
        for n, reaction in enumerate(message.reactions)
    ]
    return ft.Row(chips, spacing=4, run_spacing=4, wrap=True, margin=viewer.rhythm.extras_margin)


def _chip(
    reaction: Reaction, on_click: Callable[[], object], part: int, view: View, t: Language
) -> ft.Control:
    own = reaction.emoji in view.mine
    chip = ft.Container(
        ft.Text(f"{reaction.emoji} {len(reaction.people)}", size=13),
        padding=_INSIDE_CHIP,
        border_radius=12,
        border=_OWN_CHIP if own else _CHIP,
        bgcolor=ft.Colors.PRIMARY_CONTAINER if own else ft.Colors.SURFACE_CONTAINER,
        tooltip=who_reacted(reaction, t),
        data=part,
        on_click=on_click,
    )
    return ft.Semantics(content=chip, container=True)


def who_reacted(reaction: Reaction, t: Language) -> str:
    """ "Ann, Bob and 3 others reacted with 👍"."""
    names, emoji = t.join(person.name for person in reaction.people[:_NAMED]), reaction.emoji
    if (more := len(reaction.people) - _NAMED) <= 0:
        return t("{names} reacted with {emoji}", names=names, emoji=emoji)
    return t.plural(
        "{names} and {count} other reacted with {emoji}",
        "{names} and {count} others reacted with {emoji}",
        more,
        names=names,
        emoji=emoji,
    )
