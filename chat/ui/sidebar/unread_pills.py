"""The pills at the edges of the room list: how many unread rooms are beyond each edge.

All lines of a kind are equally high, so their places follow from their numbers: nothing is asked of
the client, and a pill is sent only when its number changes.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import flet as ft

from chat.languages import Language
from chat.ui.button_action import ButtonAction
from chat.ui.client.connection import ClientConnection
from chat.ui.packing.shared_view import HandlerOf, SharedView

# In pixels: between two lines, of a heading with its margin, and of what a room has in its padding.
LINE_SPACING, HEADING_HEIGHT, ROOM_CONTENT_HEIGHT = 2, 36, 20

# What stays visible above the first room of a scroll, in pixels.
_CONTEXT_HEIGHT = 40

_PILL_PADDING = ft.Padding.symmetric(horizontal=12, vertical=5)
_PARTS = {ButtonAction.UNREAD_ABOVE: "unread above", ButtonAction.UNREAD_BELOW: "unread below"}


@dataclass(frozen=True, slots=True)
class VisiblePart:
    """The visible part of the list: how far it is scrolled, and its height, in pixels."""

    offset: float = 0.0
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class UnreadRun:
    """Unread rooms one below the other: the upper edge of the first, in pixels, and how many."""

    top: float
    count: int


@dataclass(frozen=True, slots=True)
class UnreadBeyond:
    """How many unread rooms are above the visible part of the list and below it, and the upper
    edge of the first of them, in pixels."""

    above: int = 0
    below: int = 0
    first_above: float = 0.0
    first_below: float = 0.0

    def scroll_offset(self, action: ButtonAction) -> float:
        """How far to scroll for the first of these rooms, in pixels."""
        is_above = action is ButtonAction.UNREAD_ABOVE
        return max(0.0, (self.first_above if is_above else self.first_below) - _CONTEXT_HEIGHT)


def unread_beyond(
    runs: Iterable[UnreadRun], room_height: float, visible: VisiblePart
) -> UnreadBeyond:
    """The unread rooms of which less than the half is visible."""
    step, middle = room_height + LINE_SPACING, room_height / 2
    above = below = 0
    first_above = first_below = 0.0
    for run in runs:
        start = run.top + middle
        hidden = math.ceil((visible.offset - start) / step)
        hidden = min(max(hidden, 0), run.count)
        end = math.floor((visible.offset + visible.height - start) / step) + 1
        end = min(max(end, 0), run.count)
        if hidden and not above:
            first_above = run.top
        if end < run.count and not below:
            first_below = run.top + end * step
        above += hidden
        below += run.count - end
    return UnreadBeyond(above, below, first_above, first_below)


class UnreadPills:
    """Shows the numbers in the view of the sidebar."""

    def __init__(self, shared_view: SharedView, t: Language) -> None:
        self._shared_view = shared_view
        self._t = t
        self._labels = dict.fromkeys(_PARTS, "")

    def show(self, beyond: UnreadBeyond, connection: ClientConnection | None) -> None:
        """Show how many rooms are beyond the edges."""
        for action, count in (
            (ButtonAction.UNREAD_ABOVE, beyond.above),
            (ButtonAction.UNREAD_BELOW, beyond.below),
        ):
            label = self._t.plural("{count} unread", "{count} unread", count) if count else ""
            if label != self._labels[action] and self._shared_view.part(_PARTS[action]) is not None:
                self._labels[action] = label
                is_above = action is ButtonAction.UNREAD_ABOVE
                self._shared_view.replace_part(_PARTS[action], _pill, (label, is_above), connection)


def with_pills(room_list: ft.ListView, handler_of: HandlerOf) -> ft.Stack:
    """A list with the places of the pills above it; they are empty at first."""
    return ft.Stack([room_list, *_pill_rows(handler_of)], expand=True)


def _pill_rows(handler_of: HandlerOf) -> Iterator[ft.Row]:
    for action, name in _PARTS.items():
        is_above = action is ButtonAction.UNREAD_ABOVE
        place = ft.Container(_empty(), data=name, border_radius=14, on_click=handler_of(action))
        yield ft.Row(
            [ft.Semantics(content=place, container=True, button=True)],
            alignment=ft.MainAxisAlignment.CENTER,
            left=0,
            right=0,
            top=4 if is_above else None,
            bottom=None if is_above else 4,
        )


def _pill(handler_of: HandlerOf, state: tuple[str, bool]) -> ft.Control:
    label, is_above = state
    if not label:
        return _empty()
    icon = ft.Icons.ARROW_UPWARD_ROUNDED if is_above else ft.Icons.ARROW_DOWNWARD_ROUNDED
    color = ft.Colors.ON_PRIMARY
    text = ft.Text(label, size=12, weight=ft.FontWeight.W_600, color=color)
    return ft.Container(
        ft.Row([ft.Icon(icon, size=14, color=color), text], spacing=6, tight=True),
        padding=_PILL_PADDING,
        border_radius=14,
        bgcolor=ft.Colors.PRIMARY,
    )


def _empty() -> ft.Container:
    return ft.Container(width=0, height=0)
