"""What stands above the field while files are to be part of the next message."""

import asyncio
import mimetypes
from collections.abc import Callable, Sequence
from functools import partial

import flet as ft

from chat.languages import Language
from chat.ui.composer.pending_files import PendingFile
from chat.ui.rows.file_preview import file_thumbnail, format_size, icon_for
from chat.ui.theme import theme, widgets

# The person is told how far the files are no more often than this, in seconds.
_PACE = 0.2

# So many lines are seen at once, each about so high, in pixels.
_SEEN, _HIGH = 4, 46

# A picture is so wide and high there, in pixels.
_SIGN = 32

_INSIDE = ft.Padding.only(left=14, right=4, top=4, bottom=4)
_NOTICE = ft.Padding.only(right=10, bottom=6)


class Tray(ft.Container):
    """The files of the room on the screen; `drop(item)` takes one away.

    `source(address)` is where the client finds a picture of the chat's.
    """

    def __init__(
        self, t: Language, source: Callable[[str], str], drop: Callable[[PendingFile], object]
    ) -> None:
        self._t = t
        self._source = source
        self._drop = drop
        self._lines: list[_Line] = []
        self._notice = ft.Text("", size=13, color=ft.Colors.PRIMARY)
        self._said = ft.Container(self._notice, padding=_NOTICE, visible=False)
        self._list = ft.Column(spacing=0, scroll=ft.ScrollMode.AUTO)
        self._wanted: Callable[[], tuple[Sequence[PendingFile], str]] | None = None
        self._drawing: asyncio.TimerHandle | None = None
        super().__init__(
            ft.Column([self._list, self._said], spacing=0, tight=True),
            padding=_INSIDE,
            border_radius=16,
            border=theme.OUTLINE,
            bgcolor=ft.Colors.SURFACE_CONTAINER,
            visible=False,
        )

    def show_soon(self, wanted: Callable[[], tuple[Sequence[PendingFile], str]]) -> None:
        """Draw what `wanted()` gives by then: the files, and a sentence about them."""
        self._wanted = wanted
        if self._drawing is None:
            self._drawing = asyncio.get_running_loop().call_later(_PACE, self._draw)

    def show(self, items: Sequence[PendingFile], notice: str) -> None:
        """Draw these files, and a sentence about them."""
        if not items and not self.visible:
            return
        if [each.item for each in self._lines] != list(items):
            self._lines = [
                _Line(each, self._t, self._source, partial(self._drop, each)) for each in items
            ]
            self._list.controls = list(self._lines)
            self._list.height = _HIGH * _SEEN if len(items) > _SEEN else None
        for line in self._lines:
            line.tell()
        self._notice.value, self._said.visible = notice, bool(notice)
        self.visible = bool(items)
        self.update()

    def _draw(self) -> None:
        self._drawing = None
        if self._wanted is not None and _is_in_page(self):
            self.show(*self._wanted())


def _is_in_page(control: ft.Control) -> bool:
    try:
        return control.page is not None
    except RuntimeError:
        return False


class _Line(ft.Row):
    """One file: its name, how far it is or why it cannot be sent, and the way to be rid of it."""

    def __init__(
        self,
        item: PendingFile,
        t: Language,
        source: Callable[[str], str],
        drop: Callable[[], object],
    ) -> None:
        self.item = item
        self._t = t
        self._source = source
        kind = mimetypes.guess_type(item.name)[0] or ""
        name = widgets.one_line_text(item.name, 14, expand=True)
        self._icon = ft.Icon(icon_for(kind), size=20, color=ft.Colors.ON_SURFACE_VARIANT)
        self._far = widgets.secondary_text("", 12)
        self._bar = ft.ProgressBar(
            value=0.0,
            bar_height=4,
            border_radius=2,
            semantics_label=t("How much of {name} is sent", name=item.name),
        )
        self._why = ft.Text(
            "", size=12, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS, visible=False
        )
        self._sign = ft.Container(
            self._icon, width=_SIGN, height=_SIGN, alignment=ft.Alignment.CENTER
        )
        about: list[ft.Control] = [ft.Row([name, self._far], spacing=8), self._bar, self._why]
        super().__init__(
            controls=[
                self._sign,
                ft.Column(about, spacing=3, tight=True, expand=True),
                widgets.icon_button(
                    ft.Icons.CLOSE_ROUNDED, t("Remove {name}", name=item.name), on_click=drop
                ),
            ],
            spacing=10,
        )

    def tell(self) -> None:
        """Say how far it is."""
        item, t = self.item, self._t
        size = format_size(max(0, item.size))
        note = item.upload.warning if item.upload is not None and item.is_ready else None
        words = item.error or ("" if note is None else t.error(note))
        if item.is_uploading and item.upload is not None:
            came = format_size(item.upload.received)
            self._far.value = t("{part} of {whole}", part=came, whole=size)
        else:
            self._far.value = "" if item.size < 0 else size
        self._bar.visible, self._bar.value = item.is_uploading, item.progress
        self._why.value, self._why.visible = words, bool(words)
        self._why.color = ft.Colors.ERROR if item.error else ft.Colors.ON_SURFACE_VARIANT
        if item.error:
            self._icon.icon, self._icon.color = ft.Icons.ERROR_OUTLINE_ROUNDED, ft.Colors.ERROR
            self._sign.content = self._icon
        elif item.is_ready and self._sign.content is self._icon:
            self._icon.color = ft.Colors.PRIMARY
            file = None if item.upload is None else item.upload.attachment
            if file is not None and file.is_picture:
                self._sign.content = file_thumbnail(file, self._source, self._t, _SIGN)
