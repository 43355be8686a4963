"""A file where there is little room: a picture as itself, all else as the icon of its kind."""

from collections.abc import Callable

import flet as ft

from chat.attachments import Attachment
from chat.languages import Language
from chat.ui.kinds import icon_of


def sign(
    file: Attachment, source: Callable[[str], str], say: Language, size: int = 20
) -> ft.Control:
    """What stands beside the name of a file, `size` pixels wide and high.

    `source(address)` is where the viewer's client finds a picture.
    """
    if not file.is_picture:
        return ft.Icon(icon_of(file.kind), size=size, color=ft.Colors.ON_SURFACE_VARIANT)
    return ft.Image(
        src=source(file.small),
        width=size,
        height=size,
        fit=ft.BoxFit.COVER,
        border_radius=max(4, size // 6),
        semantics_label=say("Picture"),
        gapless_playback=True,
        error_content=ft.Icon(ft.Icons.IMAGE_OUTLINED, size=size),
    )
