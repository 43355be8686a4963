"""The upload tray: the files of the next message, above the field."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.attachments import media_type_of
from chat.ui.rows.file_preview import file_thumbnail, format_size, icon_for
from chat.ui.theme import theme, widgets
from chat.ui.uploads.pending_files import PendingFile

# The shortest time between two drawings of the progress, in seconds.
_DRAW_INTERVAL = 0.2

# The number of rows that are visible at once, and the height of one, in pixels.
_MAX_VISIBLE_ROWS, _ROW_HEIGHT = 4, 46

# The width and height of a thumbnail, in pixels.
_THUMBNAIL_SIZE = 32

_PADDING = ft.Padding.only(left=14, right=4, top=4, bottom=4)
_NOTICE_PADDING = ft.Padding.only(right=10, bottom=6)


class UploadTray(ft.Container):
    """The pending files of the room on the screen. `remove(file)` removes one.

    `image_url(url)` is the address of a picture for this client.
    """

    def __init__(
        self,
        t: Language,
        *,
        image_url: Callable[[str], str],
        remove: Callable[[PendingFile], object],
    ) -> None:
        self._t = t
        self._image_url = image_url
        self._remove = remove
        self._rows: list[_FileRow] = []
        self._notice = ft.Text("", size=13, color=ft.Colors.PRIMARY)
        self._notice_box = ft.Container(self._notice, padding=_NOTICE_PADDING, visible=False)
        self._list = ft.Column(spacing=0, scroll=ft.ScrollMode.AUTO)
        self._get_content: Callable[[], tuple[Sequence[PendingFile], str]] | None = None
        self._draw_timer: asyncio.TimerHandle | None = None
        super().__init__(
            ft.Column([self._list, self._notice_box], spacing=0, tight=True),
            padding=_PADDING,
            border_radius=16,
            border=theme.OUTLINE,
            bgcolor=ft.Colors.SURFACE_CONTAINER,
            visible=False,
        )

    def show_soon(self, get_content: Callable[[], tuple[Sequence[PendingFile], str]]) -> None:
        """Draw in a moment what `get_content()` returns by then: the files, and a sentence about
        them."""
        self._get_content = get_content
        if self._draw_timer is None:
            self._draw_timer = asyncio.get_running_loop().call_later(_DRAW_INTERVAL, self._draw)

    def show(self, files: Sequence[PendingFile], notice: str) -> None:
        """Draw these files, and a sentence about them."""
        if not files and not self.visible:
            return
        if [each.file for each in self._rows] != list(files):
            # A row stays the same control while others go: a click on its way still finds it.
            rows = {id(each.file): each for each in self._rows}
            self._rows = [rows.get(id(each)) or self._row(each) for each in files]
            self._list.controls = list(self._rows)
            self._list.height = (
                _ROW_HEIGHT * _MAX_VISIBLE_ROWS if len(files) > _MAX_VISIBLE_ROWS else None
            )
            # On its own: Flet does not send a change of a row in the update that moves it.
            self._list.update()
        for row in self._rows:
            row.show_progress()
        self._notice.value, self._notice_box.visible = notice, bool(notice)
        self.visible = bool(files)
        self.update()

    def _row(self, file: PendingFile) -> "_FileRow":
        remove = partial(self._remove, file)
        return _FileRow(file, self._t, image_url=self._image_url, remove=remove)

    def _draw(self) -> None:
        self._draw_timer = None
        if self._get_content is not None and _is_in_page(self):
            self.show(*self._get_content())


def _is_in_page(control: ft.Control) -> bool:
    try:
        return control.page is not None
    except RuntimeError:
        return False


class _FileRow(ft.Row):
    """One file: its name, its progress or its error, and a button that removes it."""

    def __init__(
        self,
        file: PendingFile,
        t: Language,
        *,
        image_url: Callable[[str], str],
        remove: Callable[[], object],
    ) -> None:
        self.file = file
        self._t = t
        self._image_url = image_url
        media_type = media_type_of(file.name)
        name = widgets.one_line_text(file.name, 14, expand=True)
        self._icon = ft.Icon(icon_for(media_type), size=20, color=ft.Colors.ON_SURFACE_VARIANT)
        self._progress_text = widgets.secondary_text("", 12)
        self._progress_bar = ft.ProgressBar(
            value=0.0,
            bar_height=4,
            border_radius=2,
            semantics_label=t("How much of {name} is sent", name=file.name),
        )
        self._note = ft.Text(
            "", size=12, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS, visible=False
        )
        self._thumbnail = ft.Container(
            self._icon, width=_THUMBNAIL_SIZE, height=_THUMBNAIL_SIZE, alignment=ft.Alignment.CENTER
        )
        details: list[ft.Control] = [
            ft.Row([name, self._progress_text], spacing=8),
            self._progress_bar,
            self._note,
        ]
        super().__init__(
            controls=[
                self._thumbnail,
                ft.Column(details, spacing=3, tight=True, expand=True),
                widgets.icon_button(
                    ft.Icons.CLOSE_ROUNDED, t("Remove {name}", name=file.name), on_click=remove
                ),
            ],
            spacing=10,
        )

    def show_progress(self) -> None:
        """Draw the progress or the error."""
        file, t = self.file, self._t
        size = format_size(max(0, file.size))
        warning = file.upload.warning if file.upload is not None and file.is_ready else None
        note = file.error or ("" if warning is None else t.error(warning))
        if file.is_uploading and file.upload is not None:
            received = format_size(file.upload.received)
            self._progress_text.value = t("{part} of {whole}", part=received, whole=size)
        else:
            self._progress_text.value = "" if file.size < 0 else size
        self._progress_bar.visible, self._progress_bar.value = file.is_uploading, file.progress
        self._note.value, self._note.visible = note, bool(note)
        self._note.color = ft.Colors.ERROR if file.error else ft.Colors.ON_SURFACE_VARIANT
        if file.error:
            self._icon.icon, self._icon.color = ft.Icons.ERROR_OUTLINE_ROUNDED, ft.Colors.ERROR
            self._thumbnail.content = self._icon
        elif file.is_ready and self._thumbnail.content is self._icon:
            self._icon.color = ft.Colors.PRIMARY
            attachment = None if file.upload is None else file.upload.attachment
            if attachment is not None and attachment.is_picture:
                self._thumbnail.content = file_thumbnail(
                    attachment, self._image_url, self._t, _THUMBNAIL_SIZE
                )
