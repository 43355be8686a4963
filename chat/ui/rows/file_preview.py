"""A file where there is little room: a picture as itself, all else as the icon of its kind."""

from collections.abc import Callable

import flet as ft

from chat.languages import Language
from chat.model.attachments import Attachment
from chat.ui.kinds import icon_of

# From so many pixels on an icon stands on a tile, as a picture would.
_TILE = 32


def sign(
    file: Attachment, source: Callable[[str], str], say: Language, size: int = 20
) -> ft.Control:
    """What stands beside the name of a file, `size` pixels wide and high.

    `source(address)` is where the viewer's client finds a picture.
    """
    if not file.is_picture:
        icon = ft.Icon(icon_of(file.kind), color=ft.Colors.ON_SURFACE_VARIANT)
        if size < _TILE:
            icon.size = size
            return icon
        icon.size = round(size * 0.55)
        return ft.Container(
            icon,
            width=size,
            height=size,
            border_radius=_radius(size),
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
            alignment=ft.Alignment.CENTER,
        )
    return ft.Image(
        src=source(file.small),
        width=size,
        height=size,
        fit=ft.BoxFit.COVER,
        border_radius=_radius(size),
        semantics_label=say("Picture"),
        gapless_playback=True,
        error_content=ft.Icon(ft.Icons.IMAGE_OUTLINED, size=size),
    )


def _radius(size: int) -> int:
    return max(4, size // 5)
