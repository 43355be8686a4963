"""The gallery: a picture in full size, and the other pictures of its room."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.errors import ChatError
from chat.model.attachments import Attachment
from chat.model.messages import Message, MessagePage
from chat.model.people import Person
from chat.rooms.room import Room
from chat.ui.rows.attachments import picture_label
from chat.ui.theme import widgets
from chat.ui.theme.dialog import close_dialog
from chat.ui.viewer import ViewerContext

# The number of pages without a picture after which the search ends.
_MAX_EMPTY_PAGES = 8

# Larger than any screen, in pixels: the dialog takes the space that there is.
_FULL_SIZE = 10_000

# The least speed of a swipe to another picture, in pixels a second.
_MIN_SWIPE_SPEED = 400

_FOREGROUND = ft.Colors.WHITE
_BACKGROUND = "#101014"
_BAR_PADDING = ft.Padding.only(left=16, right=8, top=8, bottom=8)
_ARROWS_PADDING = 12


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, and the message that it is attached to."""

    message: Message
    attachment: Attachment


class PictureSequence:
    """The pictures of a room in their order, from the one that was opened.

    Further pages are loaded on demand.
    """

    def __init__(self, room: Room, me: Person, message: Message, *, file_index: int) -> None:
        self._room = room
        self._me = me
        self._pictures = _pictures_of((message,))
        self._first_number = self._last_number = message.number
        self._has_more = {-1: True, 1: True}
        opened = message.files[file_index]
        self._index = next(
            n for n, picture in enumerate(self._pictures) if picture.attachment is opened
        )

    @property
    def current(self) -> Picture:
        """The picture on the screen."""
        return self._pictures[self._index]

    @property
    def place_in_message(self) -> tuple[int, int]:
        """The number of the current picture among those of its message, and how many these are."""
        number = self.current.message.number
        first = next(n for n, each in enumerate(self._pictures) if each.message.number == number)
        count = sum(file.is_picture for file in self.current.message.files)
        return self._index - first + 1, count

    async def can_move(self, step: int) -> bool:
        """Whether there is a picture before (-1) or after (1) the current one. Raises ChatError."""
        pages = 0
        while not 0 <= self._index + step < len(self._pictures):
            if not self._has_more[step] or pages == _MAX_EMPTY_PAGES:
                return False
            pages += 1
            await self._load_page(step)
        return True

    async def move(self, step: int) -> bool:
        """Move to the picture before (-1) or after (1); returns whether there is one.

        Raises ChatError.
        """
        exists = await self.can_move(step)
        if exists and 0 <= self._index + step < len(self._pictures):
            self._index += step
        return exists

    async def _load_page(self, step: int) -> None:
        if step < 0:
            page = await self._room.before(self._me, self._first_number)
            self._has_more[step] = page.has_older
        else:
            page = await self._room.after(self._me, self._last_number)
            self._has_more[step] = page.has_newer
        self._add_page(page, step)

    def _add_page(self, page: MessagePage, step: int) -> None:
        if not page.messages:
            return
        first_number, last_number = page.messages[0].number, page.messages[-1].number
        if step < 0 and last_number < self._first_number:
            new = _pictures_of(page.messages)
            self._pictures[:0] = new
            self._index += len(new)
            self._first_number = first_number
        elif step > 0 and first_number > self._last_number:
            self._pictures += _pictures_of(page.messages)
            self._last_number = last_number


def _pictures_of(messages: tuple[Message, ...]) -> list[Picture]:
    return [Picture(each, file) for each in messages for file in each.files if file.is_picture]


SaveAttachment = Callable[[Attachment], Awaitable[None]]


class Gallery(ft.AlertDialog):
    """Fills the window. Arrow keys, a swipe and buttons move to another picture."""

    def __init__(
        self,
        pictures: PictureSequence,
        viewer: ViewerContext,
        *,
        save: SaveAttachment,
    ) -> None:
        self._pictures = pictures
        self._viewer, self._t = viewer, viewer.t
        self._save = save
        self._zoom = self._pinch_scale = 1.0
        t = viewer.t
        self._file_name, self._details = (
            widgets.one_line_text("", size, color=_FOREGROUND) for size in (15, 12)
        )
        title_column = ft.Column(
            [self._file_name, self._details], spacing=0, tight=True, expand=True
        )
        download = _icon_button(ft.Icons.DOWNLOAD_ROUNDED, t("Download"), self._download)
        bar = ft.Container(
            ft.Row(
                [
                    title_column,
                    download,
                    _icon_button(ft.Icons.CLOSE_ROUNDED, t("Close"), partial(close_dialog, self)),
                ]
            ),
            padding=_BAR_PADDING,
        )
        self._viewport = ft.Container(expand=True)
        self._arrow_buttons = {
            step: _icon_button(icon, words, partial(self._move, step))
            for step, icon, words in (
                (-1, ft.Icons.ARROW_BACK_ROUNDED, t("Previous picture")),
                (1, ft.Icons.ARROW_FORWARD_ROUNDED, t("Next picture")),
            )
        }
        for arrow_button in self._arrow_buttons.values():
            arrow_button.disabled = True
        arrow_row = ft.Container(
            ft.Row(
                list(self._arrow_buttons.values()),
                alignment=ft.MainAxisAlignment.CENTER,
                spacing=24,
            ),
            padding=_ARROWS_PADDING,
        )
        keyboard_listener = ft.KeyboardListener(
            content=ft.Column([bar, self._viewport, arrow_row], spacing=0),
            autofocus=True,
            on_key_down=self._on_key,
        )
        self._show_current()
        super().__init__(
            content=ft.Container(keyboard_listener, width=_FULL_SIZE, height=_FULL_SIZE),
            content_padding=0,
            inset_padding=0,
            bgcolor=_BACKGROUND,
            shape=ft.RoundedRectangleBorder(radius=0),
            semantics_label=t("Picture"),
        )

    async def update_arrows(self) -> None:
        """Enable the button of each direction that has another picture."""
        for step, arrow_button in self._arrow_buttons.items():
            try:
                arrow_button.disabled = not await self._pictures.can_move(step)
            except ChatError:
                arrow_button.disabled = True
            if isinstance(arrow_button.icon, ft.Icon):
                arrow_button.icon.color = (
                    ft.Colors.WHITE_38 if arrow_button.disabled else _FOREGROUND
                )
        if self.open:
            self.update()

    def _show_current(self) -> None:
        picture, t = self._pictures.current, self._t
        message, attachment = picture.message, picture.attachment
        when = self._viewer.format_date_time(message.sent_at)
        self._file_name.value = attachment.name
        details = [message.author.name, when]
        place, count = self._pictures.place_in_message
        if count > 1:
            details.append(t("{number} of {count}", number=place, count=count))
        self._details.value = " · ".join(details)
        self._zoom = self._pinch_scale = 1.0
        image = ft.Image(
            src=self._viewer.image_url(attachment.large_url),
            fit=ft.BoxFit.SCALE_DOWN,
            semantics_label=picture_label(attachment.name, t),
        )
        # A new viewer for each picture: it begins without zoom.
        self._viewport.content = ft.InteractiveViewer(
            content=ft.Container(image, alignment=ft.Alignment.CENTER),
            max_scale=8,
            on_interaction_update=self._on_pinch,
            on_interaction_end=self._on_pinch_end,
            expand=True,
        )

    async def _move(self, step: int) -> None:
        try:
            if not await self._pictures.move(step):
                return
        except ChatError:
            # The room was closed to the person meanwhile.
            close_dialog(self)
            return
        self._show_current()
        self.update()
        await self.update_arrows()

    async def _on_key(self, event: ft.KeyDownEvent) -> None:
        step = {"arrow left": -1, "arrow right": 1}.get(event.key.lower())
        if step is not None:
            await self._move(step)

    def _on_pinch(self, event: ft.ScaleUpdateEvent[ft.InteractiveViewer]) -> None:
        self._pinch_scale = event.scale

    async def _on_pinch_end(self, event: ft.ScaleEndEvent[ft.InteractiveViewer]) -> None:
        self._zoom, self._pinch_scale = max(1.0, self._zoom * self._pinch_scale), 1.0
        velocity_x, velocity_y = event.velocity.x, event.velocity.y
        # In an enlarged picture a drag moves the picture.
        if self._zoom < 1.05 and abs(velocity_x) > max(_MIN_SWIPE_SPEED, 2 * abs(velocity_y)):
            await self._move(-1 if velocity_x > 0 else 1)

    async def _download(self) -> None:
        await self._save(self._pictures.current.attachment)


def _icon_button(icon: ft.IconData, label: str, on_click: Callable[[], object]) -> ft.IconButton:
    return ft.IconButton(
        widgets.labelled_icon(icon, label, _FOREGROUND),
        tooltip=label,
        icon_size=22,
        on_click=on_click,
    )
