"""A dialog at the place of a click: a popover on a wide screen, a sheet on a phone."""

import math
from dataclasses import dataclass

import flet as ft

from chat.ui.theme import theme
from chat.ui.theme.dialog import Dialog

# In pixels: the distance from the edges of the window, and from the click.
_EDGE, _DISTANCE = 8, 12

_SHEET_SHAPE = ft.RoundedRectangleBorder(radius=ft.BorderRadius.only(top_left=20, top_right=20))
_POPOVER_SHAPE = ft.RoundedRectangleBorder(radius=16)


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the window, in pixels from its left upper corner."""

    x: float
    y: float


def tap_point(data: object) -> Point | None:
    """The place of a tap, from the data of its event; None if the client does not tell it."""
    try:
        point = Point(float(data["g"]["x"]), float(data["g"]["y"]))  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        return None
    return point if math.isfinite(point.x) and math.isfinite(point.y) else None


def show_popover(page: ft.Page, dialog: Dialog, width: int, point: Point | None) -> None:
    """Show a dialog of `width` pixels beside a point.

    It stays a dialog: Escape, the back button and a click beside it close it, and screen readers
    read its name. Without a point it is in the middle of a wide screen.
    """
    page_width, page_height = page.width or 0, page.height or 0
    if page_width < theme.PHONE_BREAKPOINT:
        dialog.alignment, dialog.inset_padding = ft.Alignment.BOTTOM_CENTER, ft.Padding.all(0)
        dialog.shape = _SHEET_SHAPE
        if isinstance(dialog.content, ft.Container):
            dialog.content.width = page_width
    elif point is not None:
        left = min(max(_EDGE, point.x + _DISTANCE), max(_EDGE, page_width - width - _EDGE))
        inset = ft.Padding.only(left=left, right=_EDGE, top=_EDGE, bottom=_EDGE)
        # The edge that is nearer to the click stays there, however high the dialog is.
        if point.y <= page_height / 2:
            dialog.alignment = ft.Alignment.TOP_LEFT
            inset.top = max(_EDGE, point.y - _DISTANCE)
        else:
            dialog.alignment = ft.Alignment.BOTTOM_LEFT
            inset.bottom = max(_EDGE, page_height - point.y - _DISTANCE)
        dialog.inset_padding, dialog.shape = inset, _POPOVER_SHAPE
        dialog.barrier_color = ft.Colors.TRANSPARENT
        dialog.shadow_color = ft.Colors.SHADOW
    page.show_dialog(dialog)
