"""Pictures and other files in the row of their message."""

from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.attachments import SMALL_THUMBNAIL, Attachment
from chat.model.messages import Message
from chat.ui.row_parts import FILE, Touched
from chat.ui.rows.file_preview import icon_of, kind_in_words, size_in_words
from chat.ui.theme import theme
from chat.ui.viewer import Clock

# One picture is at most so wide and so high, in pixels; of several each is a square, three in a
# line, two on a phone.
_WIDE, _HIGH = 360, 300
_TILE, _IN_A_LINE, _BETWEEN = 136, 3, 6

# Narrower, nobody could hit it.
_LEAST = 64

_LINE = ft.Padding.symmetric(horizontal=12, vertical=8)
_BELOW = ft.Margin.only(left=theme.AVATAR_SIZE + theme.GAP, top=3, bottom=3)
_NAME = ft.TextStyle(size=14, weight=ft.FontWeight.W_600)
_ABOUT = ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT)


def attached(message: Message, viewer: Clock, touched: Touched) -> list[ft.Control]:
    """What hangs on a message, below its text; the place of a picture is kept until it comes."""
    parts: list[ft.Control] = []
    numbered = [(FILE + n, each) for n, each in enumerate(message.files)]
    pictures = [(part, each) for part, each in numbered if each.is_picture]
    if pictures:
        sizes = [_size(each) if len(pictures) == 1 else (_TILE, _TILE) for _, each in pictures]
        shown: list[ft.Control] = [
            _picture(each, size, part, viewer, partial(touched, message.number, part))
            for (part, each), size in zip(pictures, sizes, strict=True)
        ]
        width = _IN_A_LINE * (_TILE + _BETWEEN) if len(shown) > 1 else None
        wrap = ft.Row(shown, spacing=_BETWEEN, run_spacing=_BETWEEN, wrap=True, width=width)
        parts.append(ft.Container(wrap, margin=_BELOW))
    parts += [
        _file(each, part, viewer.t, partial(touched, message.number, part))
        for part, each in numbered
        if not each.is_picture
    ]
    return parts


def picture_label(name: str, t: Language) -> str:
    """How a screen reader says a picture."""
    return t("Picture {name}", name=name)


def _size(picture: Attachment) -> tuple[int, int]:
    """As wide and high as it fits; never larger than it is."""
    width, height = picture.fit_size(SMALL_THUMBNAIL)
    shrink = min(1.0, _WIDE / width, _HIGH / height)
    return max(_LEAST, round(width * shrink)), max(_LEAST, round(height * shrink))


def _picture(
    picture: Attachment, size: tuple[int, int], part: int, viewer: Clock, on_click: object
) -> ft.Control:
    width, height = size
    image = ft.Image(
        src=viewer.source(picture.small_url),
        fit=ft.BoxFit.COVER,
        semantics_label=picture_label(picture.name, viewer.t),
        gapless_playback=True,
    )
    # Where there is less room it becomes narrower, and less high with it.
    framed = ft.Container(
        image,
        aspect_ratio=width / height,
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
        border_radius=12,
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
    )
    whole = ft.Container(framed, width=width, data=part, on_click=on_click)  # type: ignore[arg-type]
    return ft.Semantics(content=whole, container=True)


def _file(file: Attachment, part: int, t: Language, on_click: object) -> ft.Control:
    about = f"{kind_in_words(file.name, t)} · {size_in_words(file.size)}"
    words = ft.Text(
        spans=[ft.TextSpan(file.name + "\n", _NAME), ft.TextSpan(about, _ABOUT)],
        expand=True,
        max_lines=3,
        overflow=ft.TextOverflow.ELLIPSIS,
    )
    line: list[ft.Control] = [
        ft.Icon(icon_of(file.media_type), size=26, color=ft.Colors.PRIMARY),
        words,
        ft.Icon(ft.Icons.DOWNLOAD_ROUNDED, size=20, color=ft.Colors.ON_SURFACE_VARIANT),
    ]
    whole = ft.Container(
        ft.Row(line, spacing=12),
        width=_WIDE,
        padding=_LINE,
        margin=_BELOW,
        border=theme.OUTLINE,
        border_radius=12,
        bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
        tooltip=t("Download {name}", name=file.name),
        data=part,
        on_click=on_click,  # type: ignore[arg-type]
    )
    return ft.Semantics(content=whole, container=True)
