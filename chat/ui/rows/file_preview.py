"""The thumbnail of a file: a picture as itself, any other file as an icon of its type."""

from collections.abc import Callable

import flet as ft

from chat.languages import Language
from chat.model.attachments import Attachment

# From this size on, in pixels, an icon is on a tile, as a picture would be.
_MIN_TILE_SIZE = 32


def file_thumbnail(
    file: Attachment, image_url: Callable[[str], str], t: Language, size: int = 20
) -> ft.Control:
    """The thumbnail beside the name of a file, `size` pixels wide and high.

    `image_url(url)` is the address of a picture for the viewer's client.
    """
    if not file.is_picture:
        icon = ft.Icon(icon_for(file.media_type), color=ft.Colors.ON_SURFACE_VARIANT)
        if size < _MIN_TILE_SIZE:
            icon.size = size
            return icon
        icon.size = round(size * 0.55)
        return ft.Container(
            icon,
            width=size,
            height=size,
            border_radius=_corner_radius(size),
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
            alignment=ft.Alignment.CENTER,
        )
    return ft.Image(
        src=image_url(file.small_url),
        width=size,
        height=size,
        fit=ft.BoxFit.COVER,
        border_radius=_corner_radius(size),
        semantics_label=t("Picture"),
        gapless_playback=True,
        error_content=ft.Icon(ft.Icons.IMAGE_OUTLINED, size=size),
    )


def _corner_radius(size: int) -> int:
    return max(4, size // 5)


_ICONS = {
    "image": ft.Icons.IMAGE_OUTLINED,
    "video": ft.Icons.MOVIE_OUTLINED,
    "audio": ft.Icons.AUDIO_FILE_OUTLINED,
    "text": ft.Icons.DESCRIPTION_OUTLINED,
    "font": ft.Icons.FONT_DOWNLOAD_OUTLINED,
}


_DOCUMENTS = ("pdf", "document", "msword", "rtf", "epub")


_SPREADSHEETS = ("sheet", "excel", "csv")


_PRESENTATIONS = ("presentation", "powerpoint")


_ARCHIVES = ("zip", "x-tar", "gzip", "x-7z", "x-rar", "x-bzip", "x-xz")


_UNIT_STEP = 1024


def icon_for(media_type: str) -> ft.IconData:
    """An icon for a media type."""
    for fragments, icon in (
        (_SPREADSHEETS, ft.Icons.TABLE_CHART_OUTLINED),
        (_PRESENTATIONS, ft.Icons.SLIDESHOW_OUTLINED),
        (_DOCUMENTS, ft.Icons.DESCRIPTION_OUTLINED),
        (_ARCHIVES, ft.Icons.FOLDER_ZIP_OUTLINED),
    ):
        if any(fragment in media_type for fragment in fragments):
            return icon
    return _ICONS.get(media_type.partition("/")[0], ft.Icons.INSERT_DRIVE_FILE_OUTLINED)


def type_label(file_name: str, t: Language) -> str:
    """The type of a file, as "PDF": the ending of its name in capital letters; "file" without
    one."""
    stem, _, extension = file_name.rpartition(".")
    return extension.upper() if stem and 0 < len(extension) <= 8 else t("file")


def format_size(size: int) -> str:
    """A size in bytes as text, as "812 B" or "3.4 MiB"."""
    if size < _UNIT_STEP:
        return f"{size} B"
    amount, units = size / _UNIT_STEP, ["KiB", "MiB", "GiB"]
    while amount >= _UNIT_STEP and len(units) > 1:
        amount /= _UNIT_STEP
        units.pop(0)
    return f"{amount:.0f} {units[0]}" if amount >= 100 else f"{amount:.1f} {units[0]}"
