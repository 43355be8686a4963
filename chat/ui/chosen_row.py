"""The row of the message that was chosen with the keyboard: its ring, and its parts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import flet as ft

from chat.ui.row_parts import (
    AUTHOR_NAME,
    AVATAR,
    BACKGROUND,
    CHOSEN,
    MENU_BUTTON,
    ROW,
    TOUCH_AREA,
)
from chat.ui.theme import theme
from chat.ui.theme.copied_text import without_marks

# Clickable parts that the keyboard reaches by the menu of the message.
_IN_MENU = {ROW, TOUCH_AREA, MENU_BUTTON, AVATAR, AUTHOR_NAME, BACKGROUND}

# How much of the list, in pixels, is visible below the chosen row, where there is so much.
_BELOW = 120

_RING_RADIUS = 8


@dataclass(frozen=True, slots=True)
class RowPart:
    """A part of a row that can be clicked, and its name.

    A link that the client opens by itself has a `url`, and a negative number.
    """

    number: int
    label: str
    url: str = ""


# Fields of a view that have no click of their own.
_FIELDS = (ft.TextField, ft.Checkbox, ft.Switch, ft.Chip)

_ClickablePart = tuple[RowPart, ft.Control | ft.TextSpan]


def row_parts(row: ft.Control) -> list[RowPart]:
    """The clickable parts of a row, in the order in which they are drawn."""
    return [part for part, _ in _clickable_parts(row)]


class ChosenRow(ft.Stack):
    """A row with a ring around it, or around one of its parts.

    The list can scroll to it: to a box that reaches below the row, so that the row is not at the
    edge. The box reports its size when it is drawn, and not before can the list scroll to it.
    """

    def __init__(
        self, row: ft.Control, number: int, part: int, *, on_drawn: Callable[[], object]
    ) -> None:
        for each, control in _clickable_parts(row):
            if each.number == part:
                _put_ring(control)
        ring = ft.Container(
            left=2,
            right=2,
            top=0,
            bottom=0,
            border=theme.FOCUS_RING,
            border_radius=_RING_RADIUS,
            ignore_interactions=True,
        )
        box = ft.Container(
            left=0,
            width=1,
            top=0,
            bottom=-_BELOW,
            key=ft.ScrollKey(chosen_key(number)),  # type: ignore[call-arg]
            content=ft.Container(data=CHOSEN, on_size_change=on_drawn),
            ignore_interactions=True,
        )
        super().__init__([row, ring, box], clip_behavior=ft.ClipBehavior.NONE)

    def is_isolated(self) -> bool:
        """See `ChatMessage.is_isolated`."""
        return True


def chosen_key(number: int) -> str:
    """The key by which a list scrolls to the row of the chosen message."""
    return f"c{number}"


def _clickable_parts(control: object) -> Iterator[_ClickablePart]:
    links = 0
    for each in _descendants(control):
        part = getattr(each, "data", None)
        has_action = getattr(each, "on_click", None) is not None or isinstance(each, _FIELDS)
        if isinstance(part, int) and has_action and part not in _IN_MENU:
            yield RowPart(part, _label(each)), each
        elif isinstance(each, ft.TextSpan) and isinstance(each.url, ft.Url):
            links += 1
            yield RowPart(-links, _label(each), each.url.url), each


def _descendants(control: object) -> Iterator[ft.Control | ft.TextSpan]:
    if isinstance(control, ft.Control | ft.TextSpan):
        yield control
        for child in _children(control):
            yield from _descendants(child)


def _children(control: object) -> Iterator[object]:
    for name in ("content", "controls", "spans", "rows", "cells"):
        value = getattr(control, name, None)
        yield from value if isinstance(value, list) else [value]


def _label(control: ft.Control | ft.TextSpan) -> str:
    for name in ("tooltip", "label", "content", "hint_text"):
        label = getattr(control, name, None)
        if isinstance(label, str) and label:
            return without_marks(label)
    return " ".join(filter(None, (_own_label(each) for each in _descendants(control))))


def _own_label(control: ft.Control | ft.TextSpan) -> str:
    match control:
        case (
            ft.Text(semantics_label=str(label))
            | ft.Icon(semantics_label=str(label))
            | ft.Image(semantics_label=str(label))
        ):
            return label
        case ft.Text(value=str(text)) | ft.TextSpan(text=str(text)):
            return without_marks(text).strip()
    return ""


def _put_ring(control: ft.Control | ft.TextSpan) -> None:
    match control:
        case ft.TextSpan():
            style = control.style or ft.TextStyle()
            control.style = replace(style, bgcolor=ft.Colors.PRIMARY, color=ft.Colors.ON_PRIMARY)
        case ft.Container():
            radius = control.border_radius or _RING_RADIUS
            control.foreground_decoration = ft.BoxDecoration(
                border=theme.FOCUS_RING, border_radius=radius
            )
        case ft.IconButton() | ft.Button():
            control.style = ft.ButtonStyle(side=theme.FOCUS_SIDE)
        case ft.Checkbox() | ft.Chip():
            control.border_side = theme.FOCUS_SIDE
        case ft.Switch():
            control.track_outline_color = ft.Colors.PRIMARY
        case ft.TextField():
            control.border_color, control.border_width = ft.Colors.PRIMARY, 2
