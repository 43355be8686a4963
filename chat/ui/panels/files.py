"""The files of a room: its pictures as a grid, and all other files as lines."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

import flet as ft

from chat.model.messages import Message, RoomFile
from chat.rooms.history import PAGE_SIZE
from chat.ui.panels.message_list import empty_list_text
from chat.ui.panels.panel import Panel
from chat.ui.rows.attachments import picture_label
from chat.ui.rows.file_preview import file_thumbnail, format_size
from chat.ui.theme import theme, widgets
from chat.ui.theme.pages import Pages
from chat.ui.viewer import ViewerContext

# Pictures beside each other, and lines of them on one page.
_COLUMNS = 3
_PICTURE_LINES = PAGE_SIZE // _COLUMNS

_DIALOG_SIZE = 560, 560
_TILE_HEIGHT, _TILE_RADIUS = 116, 8
_THUMBNAIL_SIZE = 40
_ITEM_PADDING = ft.Padding.symmetric(horizontal=8, vertical=6)

_PICTURES, _FILES = "pictures", "files"


class FilesHost(Protocol):
    """The screen, as the list of files knows it."""

    async def load_files(
        self, *, pictures: bool, before: RoomFile | None, limit: int
    ) -> Sequence[RoomFile]:
        """A page of the files of the room, the newest first. Raises ChatError."""

    async def open_file(self, file: RoomFile) -> None:
        """Show a picture, or save any other file."""

    async def open_message_of(self, file: RoomFile) -> None:
        """Show the message of a file."""


class FilesPanel(Panel):
    """The pictures or the other files of a room; `show` has to be called first."""

    def __init__(self, viewer: ViewerContext, host: FilesHost) -> None:
        self._viewer, self._t, self._host = viewer, viewer.t, host
        t = viewer.t
        # The last file that is shown, and the numbers of the messages of all of them.
        self._last: RoomFile | None = None
        self._numbers: set[int] = set()
        self._segments = ft.SegmentedButton(
            [
                ft.Segment(value=_PICTURES, label=t("Pictures")),
                ft.Segment(value=_FILES, label=t("Other files")),
            ],
            selected=[_PICTURES],
            show_selected_icon=False,
            on_change=self._on_segment,
        )
        self._list = ft.ListView(spacing=2, expand=True)
        self._pictures = Pages[Sequence[RoomFile]](
            self._list,
            t("Show older ones"),
            build=self._picture_line,
            load=self._load_pictures,
            page_size=_PICTURE_LINES,
        )
        self._files = Pages[RoomFile](
            self._list, t("Show older ones"), build=self._file_line, load=self._load_files
        )
        super().__init__(
            t("Files and pictures"), [self._segments, self._list], dialog_size=_DIALOG_SIZE
        )

    async def show(self) -> None:
        """Show the first page, again if something has changed. Raises ChatError."""
        self._last, self._numbers = None, set()
        if self._segments.selected == [_PICTURES]:
            lines = await self._load_pictures(0)
            if lines:
                self._pictures.show(lines)
            else:
                self._files.show_text(empty_list_text(self._t("No picture has been sent here.")))
        elif files := await self._load_files(0):
            self._files.show(files)
        else:
            self._pictures.show_text(empty_list_text(self._t("No other file has been sent here.")))

    def shows_change(self, message: Message) -> bool:
        return bool(message.files) or message.number in self._numbers

    async def reload(self) -> None:
        await self.show()
        if self.is_open:
            self._list.update()

    async def _on_segment(self) -> None:
        # The pages of the other list must not go on drawing into this one.
        for each in (self._pictures, self._files):
            each.show_text(ft.Container())
        await self.reload()

    async def _load_pictures(self, _: int) -> Sequence[Sequence[RoomFile]]:
        files = await self._load(pictures=True, limit=_COLUMNS * _PICTURE_LINES)
        return [files[start : start + _COLUMNS] for start in range(0, len(files), _COLUMNS)]

    async def _load_files(self, _: int) -> Sequence[RoomFile]:
        return await self._load(pictures=False, limit=PAGE_SIZE)

    async def _load(self, *, pictures: bool, limit: int) -> Sequence[RoomFile]:
        files = await self._host.load_files(pictures=pictures, before=self._last, limit=limit)
        self._last = files[-1] if files else self._last
        self._numbers |= {each.number for each in files}
        return files

    def _picture_line(self, files: Sequence[RoomFile]) -> ft.Control:
        tiles: list[ft.Control] = [self._picture(each) for each in files]
        tiles += [ft.Container(expand=True) for _ in range(_COLUMNS - len(files))]
        return ft.Container(ft.Row(tiles, spacing=4), padding=ft.Padding.only(bottom=2))

    def _picture(self, file: RoomFile) -> ft.Control:
        attachment = file.attachment
        image = ft.Image(
            src=self._viewer.image_url(attachment.small_url),
            fit=ft.BoxFit.COVER,
            semantics_label=picture_label(attachment.name, self._t),
            gapless_playback=True,
            error_content=ft.Icon(ft.Icons.IMAGE_OUTLINED),
        )
        return ft.Container(
            image,
            height=_TILE_HEIGHT,
            expand=True,
            border_radius=_TILE_RADIUS,
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
            clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
            tooltip=f"{attachment.name}\n{self._origin(file)}",
            on_click=partial(self._host.open_file, file),
        )

    def _file_line(self, file: RoomFile) -> ft.Control:
        attachment, t = file.attachment, self._t
        details = f"{format_size(attachment.size)}  ·  {self._origin(file)}"
        texts = ft.Column(
            [
                widgets.one_line_text(attachment.name, 14, weight=ft.FontWeight.W_500),
                widgets.one_line_text(details, 12, color=ft.Colors.ON_SURFACE_VARIANT),
            ],
            spacing=0,
            tight=True,
            expand=True,
        )
        thumbnail = file_thumbnail(attachment, self._viewer.image_url, t, _THUMBNAIL_SIZE)
        line = ft.Container(
            ft.Row([thumbnail, texts], spacing=theme.GAP),
            padding=_ITEM_PADDING,
            border_radius=10,
            ink=True,
            expand=True,
            tooltip=t("Download"),
            on_click=partial(self._host.open_file, file),
        )
        show: Callable[[], Awaitable[None]] = partial(self._host.open_message_of, file)
        jump = widgets.icon_button(
            ft.Icons.ARROW_OUTWARD_ROUNDED, t("Show the message"), on_click=show
        )
        return ft.Row([line, jump], spacing=0)

    def _origin(self, file: RoomFile) -> str:
        return f"{file.author.name}  ·  {self._viewer.format_date_time(file.sent_at)}"
