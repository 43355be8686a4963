"""The reactions below a message."""

from collections.abc import Callable
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.messages import Message, Reaction
from chat.ui.row_parts import OnPartClick, reaction_parts
from chat.ui.theme.copied_text import aside
from chat.ui.viewer import RowState, ViewerContext

# The number of people that are named beside a reaction.
_MAX_NAMES = 10

_CHIP_PADDING = ft.Padding.symmetric(horizontal=8, vertical=2)
_CHIP_BORDER, _OWN_CHIP_BORDER = (
    ft.Border.all(1, color) for color in (ft.Colors.OUTLINE_VARIANT, ft.Colors.PRIMARY)
)


def reaction_chips(
    message: Message, viewer: ViewerContext, on_part_click: OnPartClick, state: RowState
) -> ft.Row:
    parts = reaction_parts(message.reactions)
    chips: list[ft.Control] = [
        _chip(reaction, partial(on_part_click, message.number, part), part, state, viewer.t)
        for reaction, part in zip(message.reactions, parts, strict=True)
    ]
    return ft.Row(chips, spacing=4, run_spacing=4, wrap=True, margin=viewer.metrics.extras_margin)


def _chip(
    reaction: Reaction, on_click: Callable[[], object], part: int, state: RowState, t: Language
) -> ft.Control:
    is_own = reaction.emoji in state.own_reactions
    chip = ft.Container(
        ft.Text(aside(f"{reaction.emoji} {len(reaction.people)}"), size=13),
        padding=_CHIP_PADDING,
        border_radius=12,
        border=_OWN_CHIP_BORDER if is_own else _CHIP_BORDER,
        bgcolor=ft.Colors.PRIMARY_CONTAINER if is_own else ft.Colors.SURFACE_CONTAINER,
        tooltip=reaction_label(reaction, t),
        data=part,
        on_click=on_click,
    )
    return ft.Semantics(content=chip, container=True)


def reaction_label(reaction: Reaction, t: Language) -> str:
    """A reaction in words, as "Ann, Bob and 3 others reacted with 👍"."""
    names, emoji = t.join(person.name for person in reaction.people[:_MAX_NAMES]), reaction.emoji
    if (remaining := len(reaction.people) - _MAX_NAMES) <= 0:
        return t("{names} reacted with {emoji}", names=names, emoji=emoji)
    return t.plural(
        "{names} and {count} other reacted with {emoji}",
        "{names} and {count} others reacted with {emoji}",
        remaining,
        names=names,
        emoji=emoji,
    )
