"""A dialog at the place of a click: a popover on a wide screen, a sheet on a phone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

import flet as ft

from chat.ui.theme import theme
from chat.ui.theme.dialog import Dialog, stretched_column

# In pixels: the distance from the edges of the window, from the pointer, and from the middle of a
# button, which stays visible.
_EDGE, _DISTANCE, _BUTTON_DISTANCE = 8, 12, 26

# The part of a phone above a sheet, in pixels: a tap there closes it.
_ABOVE_SHEET = 56

_SHEET_SHAPE = ft.RoundedRectangleBorder(radius=ft.BorderRadius.only(top_left=20, top_right=20))
_SHEET_INSET = ft.Padding.only(top=_ABOVE_SHEET)
_POPOVER_SHAPE = ft.RoundedRectangleBorder(radius=16)


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the window, in pixels from its left upper corner."""

    x: float
    y: float


class Side(Enum):
    """Where a popover is: right or left of the pointer, or below or above a button."""

    BESIDE = auto()
    BELOW = auto()


class Popover(Dialog):
    """A dialog of parts below each other, with a title that is invisible. The parts scroll where
    the screen is low."""

    def __init__(
        self,
        title: str,
        parts: Sequence[ft.Control],
        *,
        width: int,
        padding: ft.PaddingValue,
        spacing: float = 0,
    ) -> None:
        super().__init__(
            title,
            stretched_column(parts, spacing),
            [],
            width=width,
            title_size=None,
            content_padding=0,
            actions_padding=0,
        )
        self.scrollable = True
        assert isinstance(self.content, ft.Container)
        self.content.padding = padding


def tap_point(data: object) -> Point | None:
    """The place of a tap, from the data of its event; None if the client does not tell it."""
    return _point(data, "g")


def control_corner(data: object) -> Point | None:
    """The left upper corner of the control of a pointer event, likewise.

    The client reports the place in the window (`g`) and in the control (`l`).
    """
    in_window, in_control = _point(data, "g"), _point(data, "l")
    if in_window is None or in_control is None:
        return None
    return Point(in_window.x - in_control.x, in_window.y - in_control.y)


def _point(data: object, name: str) -> Point | None:
    try:
        point = Point(float(data[name]["x"]), float(data[name]["y"]))  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        return None
    return point if math.isfinite(point.x) and math.isfinite(point.y) else None


def is_sheet(page: ft.Page) -> bool:
    """Whether popovers are sheets on this screen."""
    return (page.width or 0) < theme.PHONE_BREAKPOINT


def show_popover(
    page: ft.Page,
    dialog: ft.AlertDialog,
    size: tuple[int, int],
    point: Point | None,
    side: Side = Side.BESIDE,
) -> None:
    """Show a dialog at a point. `size` are its width and height in pixels; a height of 0 is
    unknown.

    It stays a dialog: Escape, the back button and a click beside it close it, and screen readers
    read its name. Without a point it is in the middle of a wide screen.
    """
    if is_sheet(page):
        dialog.alignment, dialog.inset_padding = ft.Alignment.BOTTOM_CENTER, _SHEET_INSET
        dialog.shape = _SHEET_SHAPE
        if isinstance(dialog.content, ft.Container):
            dialog.content.width = page.width
    else:
        dialog.shape = _POPOVER_SHAPE
        dialog.barrier_color, dialog.shadow_color = ft.Colors.TRANSPARENT, ft.Colors.SHADOW
        if point is not None:
            _place(dialog, page, size, point, side)
    page.show_dialog(dialog)


def _place(
    dialog: ft.AlertDialog, page: ft.Page, size: tuple[int, int], point: Point, side: Side
) -> None:
    """Place a dialog so that all of it is on the screen, if its height is known."""
    (width, height), page_height = size, page.height or 0
    last_left = max(_EDGE, (page.width or 0) - width - _EDGE)
    last_top = max(_EDGE, page_height - height - _EDGE)
    left, top = point.x - width / 2, point.y + _BUTTON_DISTANCE
    if side is Side.BESIDE:
        left, top = point.x + _DISTANCE, point.y - _DISTANCE
        if left > last_left and point.x - _DISTANCE - width >= _EDGE:
            left = point.x - _DISTANCE - width
        # The edge that is nearer to the pointer stays there, however high the dialog is.
        hangs = point.y <= page_height / 2 if not height else True
        top = min(top, last_top) if height else top
        bottom = page_height - point.y - _DISTANCE
    else:
        hangs = top <= last_top or point.y <= page_height / 2
        bottom = page_height - point.y + _BUTTON_DISTANCE
    inset = ft.Padding.all(_EDGE)
    inset.left = min(max(_EDGE, left), last_left)
    if hangs:
        dialog.alignment, inset.top = ft.Alignment.TOP_LEFT, max(_EDGE, top)
    else:
        dialog.alignment, inset.bottom = ft.Alignment.BOTTOM_LEFT, max(_EDGE, bottom)
    dialog.inset_padding = inset
