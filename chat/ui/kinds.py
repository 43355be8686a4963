"""What a file is, in an icon and in words."""

import flet as ft

from chat.languages import Language

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


def kind_in_words(name: str, say: Language) -> str:
    """ "PDF": the ending of the name, in capital letters; "file" without one."""
    stem, _, ending = name.rpartition(".")
    return ending.upper() if stem and 0 < len(ending) <= 8 else say("file")


def size_in_words(size: int) -> str:
    """ "812 B", "3.4 MiB"."""
    if size < _STEP:
        return f"{size} B"
    amount, units = size / _STEP, ["KiB", "MiB", "GiB"]
    while amount >= _STEP and len(units) > 1:
        amount /= _STEP
        units.pop(0)
    return f"{amount:.0f} {units[0]}" if amount >= 100 else f"{amount:.1f} {units[0]}"
