"""The frame in which a person moves and enlarges a picture, to choose the part that is shown."""

import math
from functools import partial

import flet as ft

from chat.files.crop import MIN_CROP_SIDE, Crop, middle_crop
from chat.languages import Language
from chat.ui.theme import widgets

# The side of the frame, in pixels.
FRAME_SIDE = 256

# How much larger than the whole frame a picture can be shown. With more, the avatar would have
# fewer pixels than it has places for.
MAX_ZOOM = 4.0

_ZOOM_STEPS = 30

# The part of the frame by which a button moves it.
_BUTTON_STEP = 0.1

# Milliseconds between two reports of a drag: 25 a second, below the rate that a client may keep up.
_DRAG_INTERVAL = 40

# The width of the ring that covers the corners of the frame, in pixels.
_RING_WIDTH = math.ceil(FRAME_SIDE * (math.sqrt(2) - 1) / 2) + 1
_RING_COLOR = ft.Colors.with_opacity(0.55, ft.Colors.SCRIM)


class CropFrame(ft.Column):
    """A picture of `size`, its width and height in pixels, behind a round frame, first its middle.

    It is moved by dragging, or with the buttons, and enlarged with the slider. `crop` is the chosen
    part.
    """

    def __init__(self, url: str, size: tuple[int, int], t: Language) -> None:
        self._width, self._height = width, height = size
        self.crop = middle_crop(width, height)
        # The part at the beginning of a drag, and the place of the pointer then.
        self._dragged: tuple[Crop, float, float] | None = None
        shorter_side = min(width, height)
        max_zoom = min(MAX_ZOOM, max(1.0, shorter_side / MIN_CROP_SIDE))
        self._picture = ft.Container(
            ft.Image(src=url, fit=ft.BoxFit.FILL, semantics_label=t("Your picture"))
        )
        ring = ft.Container(
            left=-_RING_WIDTH,
            top=-_RING_WIDTH,
            width=FRAME_SIDE + 2 * _RING_WIDTH,
            height=FRAME_SIDE + 2 * _RING_WIDTH,
            shape=ft.BoxShape.CIRCLE,
            border=ft.Border.all(_RING_WIDTH, _RING_COLOR),
            ignore_interactions=True,
        )
        frame = ft.Container(
            ft.Stack([self._picture, ring], clip_behavior=ft.ClipBehavior.HARD_EDGE),
            width=FRAME_SIDE,
            height=FRAME_SIDE,
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
            border_radius=8,
            clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
        )
        detector = ft.GestureDetector(
            frame,
            mouse_cursor=ft.MouseCursor.MOVE,
            drag_interval=_DRAG_INTERVAL,
            exclude_from_semantics=True,
            on_pan_start=self._on_drag_start,
            on_pan_update=self._on_drag,
        )
        self._slider = ft.Slider(
            value=1.0,
            min=1.0,
            max=max_zoom,
            divisions=_ZOOM_STEPS,
            disabled=max_zoom == 1.0,
            on_change=self._on_zoom,
        )
        self._buttons = {
            direction: widgets.icon_button(icon, label, on_click=partial(self._move, *direction))
            for direction, icon, label in (
                ((-1, 0), ft.Icons.ARROW_BACK_ROUNDED, t("Move the frame to the left")),
                ((0, -1), ft.Icons.ARROW_UPWARD_ROUNDED, t("Move the frame up")),
                ((0, 1), ft.Icons.ARROW_DOWNWARD_ROUNDED, t("Move the frame down")),
                ((1, 0), ft.Icons.ARROW_FORWARD_ROUNDED, t("Move the frame to the right")),
            )
        }
        zoom = ft.Row(
            [
                ft.Icon(ft.Icons.PHOTO_SIZE_SELECT_SMALL_ROUNDED, size=18),
                ft.MergeSemantics(
                    ft.Semantics(content=self._slider, label=t("Enlarge")), expand=True
                ),
                ft.Icon(ft.Icons.PHOTO_SIZE_SELECT_LARGE_ROUNDED, size=22),
            ],
            spacing=4,
        )
        super().__init__(
            [
                detector,
                zoom,
                ft.Row([*self._buttons.values()], alignment=ft.MainAxisAlignment.CENTER),
            ],
            spacing=4,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        )
        self._place_picture()

    def _on_drag_start(self, event: ft.DragStartEvent[ft.GestureDetector]) -> None:
        place = event.local_position
        self._dragged = self.crop, place.x, place.y

    def _on_drag(self, event: ft.DragUpdateEvent[ft.GestureDetector]) -> None:
        place = event.local_position
        if self._dragged is None or not (math.isfinite(place.x) and math.isfinite(place.y)):
            return
        first, x, y = self._dragged
        scale = first.side / FRAME_SIDE
        self._show(first.left - (place.x - x) * scale, first.top - (place.y - y) * scale)

    def _move(self, right: int, down: int) -> None:
        step = max(1, round(self.crop.side * _BUTTON_STEP))
        self._show(self.crop.left + right * step, self.crop.top + down * step)

    def _on_zoom(self) -> None:
        shorter_side = min(self._width, self._height)
        zoom = min(max(self._slider.value or 1.0, 1.0), self._slider.max)
        before = self.crop
        side = max(min(MIN_CROP_SIDE, shorter_side), round(shorter_side / zoom))
        # The middle stays where it is.
        grown = (before.side - side) / 2
        self._dragged = None
        self._show(before.left + grown, before.top + grown, side)

    def _show(self, left: float, top: float, side: int | None = None) -> None:
        """Show another part; one beyond an edge of the picture is moved back."""
        side = side or self.crop.side
        self.crop = Crop(
            round(min(max(left, 0), self._width - side)),
            round(min(max(top, 0), self._height - side)),
            side,
        )
        self._place_picture()
        self.update()

    def _place_picture(self) -> None:
        crop, picture = self.crop, self._picture
        scale = FRAME_SIDE / crop.side
        picture.width, picture.height = self._width * scale, self._height * scale
        picture.left, picture.top = -crop.left * scale, -crop.top * scale
        ends = {
            (-1, 0): crop.left == 0,
            (0, -1): crop.top == 0,
            (0, 1): crop.top + crop.side == self._height,
            (1, 0): crop.left + crop.side == self._width,
        }
        for direction, button in self._buttons.items():
            button.disabled = ends[direction]
            button.opacity = 0.4 if button.disabled else 1
