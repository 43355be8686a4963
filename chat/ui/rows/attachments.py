"""Pictures and other files in the row of their message."""

import math
from functools import partial

import flet as ft

from chat.files.thumbnails import SMALL_SIDE
from chat.languages import Language
from chat.model.attachments import Attachment
from chat.model.messages import Message
from chat.text.display import is_rtl
from chat.ui.row_parts import FIRST_FILE, OnPartClick
from chat.ui.rows.file_preview import format_size, icon_for, type_label
from chat.ui.theme import theme
from chat.ui.theme.copied_text import LINE, marked
from chat.ui.viewer import ViewerContext

# The largest size of a single picture, in pixels. Several pictures are squares, three in a line,
# two on a phone.
_MAX_WIDTH, _MAX_HEIGHT = 360, 300
_TILE_SIZE, _TILES_PER_ROW, _TILE_GAP = 136, 3, 6

# The least size of a picture that a finger can hit.
_MIN_SIZE = 64

_FILE_PADDING = ft.Padding.symmetric(horizontal=12, vertical=8)
_MARGIN = ft.Margin.only(left=theme.AVATAR_SIZE + theme.GAP, top=3, bottom=3)
# With the margin: about the height of a file, and that of the margin of pictures, in pixels.
_FILE_HEIGHT, _MARGIN_HEIGHT = 62, 6
_NAME_STYLE = ft.TextStyle(size=14, weight=ft.FontWeight.W_600)
_DETAILS_STYLE = ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT)


def attachment_controls(
    message: Message,
    viewer: ViewerContext,
    on_part_click: OnPartClick,
    drawn_files: frozenset[str] = frozenset(),
) -> list[ft.Control]:
    """The attachments below a text, without the pictures that a view draws (`drawn_files`).

    The space of a picture is reserved until the picture is loaded.
    """
    parts: list[ft.Control] = []
    numbered_files = [(FIRST_FILE + n, each) for n, each in enumerate(message.files)]
    pictures = [
        (part, each)
        for part, each in numbered_files
        if each.is_picture and each.name not in drawn_files
    ]
    if pictures:
        sizes = [
            _display_size(each) if len(pictures) == 1 else (_TILE_SIZE, _TILE_SIZE)
            for _, each in pictures
        ]
        tiles: list[ft.Control] = [
            _picture(each, size, part, viewer, partial(on_part_click, message.number, part))
            for (part, each), size in zip(pictures, sizes, strict=True)
        ]
        width = _TILES_PER_ROW * (_TILE_SIZE + _TILE_GAP) if len(tiles) > 1 else None
        tile_row = ft.Row(tiles, spacing=_TILE_GAP, run_spacing=_TILE_GAP, wrap=True, width=width)
        parts.append(ft.Container(tile_row, margin=_MARGIN))
    parts += [
        _file(each, part, viewer.t, partial(on_part_click, message.number, part))
        for part, each in numbered_files
        if not each.is_picture
    ]
    return parts


def attachments_height(message: Message) -> int:
    """About the height of the attachments of a message on a wide screen, in pixels."""
    pictures = [each for each in message.files if each.is_picture]
    height = (len(message.files) - len(pictures)) * _FILE_HEIGHT
    if len(pictures) == 1:
        height += _display_size(pictures[0])[1] + _MARGIN_HEIGHT
    elif pictures:
        lines = math.ceil(len(pictures) / _TILES_PER_ROW)
        height += lines * (_TILE_SIZE + _TILE_GAP) + _MARGIN_HEIGHT
    return height


def picture_label(name: str, t: Language) -> str:
    """The label of a picture for a screen reader."""
    return t("Picture {name}", name=name)


def _display_size(picture: Attachment) -> tuple[int, int]:
    """The size of a picture on the screen: it fits, and is never enlarged."""
    width, height = picture.fit_size(SMALL_SIDE)
    scale = min(1.0, _MAX_WIDTH / width, _MAX_HEIGHT / height)
    return max(_MIN_SIZE, round(width * scale)), max(_MIN_SIZE, round(height * scale))


def _picture(
    picture: Attachment, size: tuple[int, int], part: int, viewer: ViewerContext, on_click: object
) -> ft.Control:
    width, height = size
    image = ft.Image(
        src=viewer.image_url(picture.small_url),
        fit=ft.BoxFit.COVER,
        semantics_label=picture_label(picture.name, viewer.t),
        gapless_playback=True,
    )
    # In a narrower row the picture is narrower, and less high in proportion.
    frame = ft.Container(
        image,
        aspect_ratio=width / height,
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
        border_radius=12,
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
    )
    clickable = ft.Container(frame, width=width, data=part, on_click=on_click)  # type: ignore[arg-type]
    return ft.Semantics(content=clickable, container=True)


def _file(file: Attachment, part: int, t: Language, on_click: object) -> ft.Control:
    details = f"{type_label(file.name, t)} · {format_size(file.size)}"
    text = ft.Text(
        spans=[
            ft.TextSpan(marked(LINE, file.name) + "\n", _NAME_STYLE),
            ft.TextSpan(details, _DETAILS_STYLE),
        ],
        expand=True,
        max_lines=3,
        overflow=ft.TextOverflow.ELLIPSIS,
        rtl=is_rtl(file.name),
    )
    controls: list[ft.Control] = [
        ft.Icon(icon_for(file.media_type), size=26, color=ft.Colors.PRIMARY),
        text,
        ft.Icon(ft.Icons.DOWNLOAD_ROUNDED, size=20, color=ft.Colors.ON_SURFACE_VARIANT),
    ]
    clickable = ft.Container(
        ft.Row(controls, spacing=12),
        width=_MAX_WIDTH,
        padding=_FILE_PADDING,
        margin=_MARGIN,
        border=theme.OUTLINE,
        border_radius=12,
        bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
        tooltip=t("Download {name}", name=file.name),
        data=part,
        on_click=on_click,  # type: ignore[arg-type]
    )
    return ft.Semantics(content=clickable, container=True)
