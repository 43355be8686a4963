"""A file where there is little room: a picture as itself, all else as the icon of its kind."""

from collections.abc import Callable

import flet as ft

from chat.languages import Language
from chat.model.attachments import Attachment

# From so many pixels on an icon stands on a tile, as a picture would.
_TILE = 32


def sign(file: Attachment, source: Callable[[str], str], t: Language, size: int = 20) -> ft.Control:
    """What stands beside the name of a file, `size` pixels wide and high.

    `source(address)` is where the viewer's client finds a picture.
    """
    if not file.is_picture:
        icon = ft.Icon(icon_of(file.media_type), color=ft.Colors.ON_SURFACE_VARIANT)
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
        src=source(file.small_url),
        width=size,
        height=size,
        fit=ft.BoxFit.COVER,
        border_radius=_radius(size),
        semantics_label=t("Picture"),
        gapless_playback=True,
        error_content=ft.Icon(ft.Icons.IMAGE_OUTLINED, size=size),
    )


def _radius(size: int) -> int:
    return max(4, size // 5)


_ICONS = {
    "image": ft.Icons.IMAGE_OUTLINED,
    "video": ft.Icons.MOVIE_OUTLINED,
    "audio": ft.Icons.AUDIO_FILE_OUTLINED,
    "text": ft.Icons.DESCRIPTION_OUTLINED,
    "font": ft.Icons.FONT_DOWNLOAD_OUTLINED,
}


_WORDS = ("pdf", "document", "msword", "rtf", "epub")


_TABLES = ("sheet", "excel", "csv")


_SLIDES = ("presentation", "powerpoint")


_PACKED = ("zip", "x-tar", "gzip", "x-7z", "x-rar", "x-bzip", "x-xz")


_STEP = 1024


def icon_of(kind: str) -> ft.IconData:
    """An icon for a media type."""
    for parts, icon in (
        (_TABLES, ft.Icons.TABLE_CHART_OUTLINED),
        (_SLIDES, ft.Icons.SLIDESHOW_OUTLINED),
        (_WORDS, ft.Icons.DESCRIPTION_OUTLINED),
        (_PACKED, ft.Icons.FOLDER_ZIP_OUTLINED),
    ):
        if any(part in kind for part in parts):
            return icon
    return _ICONS.get(kind.partition("/")[0], ft.Icons.INSERT_DRIVE_FILE_OUTLINED)


def kind_in_words(name: str, t: Language) -> str:
    """ "PDF": the ending of the name, in capital letters; "file" without one."""
    stem, _, ending = name.rpartition(".")
    return ending.upper() if stem and 0 < len(ending) <= 8 else t("file")


def size_in_words(size: int) -> str:
    """ "812 B", "3.4 MiB"."""
    if size < _STEP:
        return f"{size} B"
    amount, units = size / _STEP, ["KiB", "MiB", "GiB"]
    while amount >= _STEP and len(units) > 1:
        amount /= _STEP
        units.pop(0)
    return f"{amount:.0f} {units[0]}" if amount >= 100 else f"{amount:.1f} {units[0]}"
