"""The large view of a picture, with the others of its room before and after it."""

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
from chat.ui.viewer import Clock

# So many pages without a picture are read before it is said that there is none.
_PAGES = 8

# Larger than any screen: the dialog takes what there is, in pixels.
_ALL = 10_000

# A finger that leaves the screen faster than this turns to another picture, in pixels a second.
_FAST = 400

_LIGHT = ft.Colors.WHITE
_DARK = "#101014"
_BAR = ft.Padding.only(left=16, right=8, top=8, bottom=8)
_BESIDE = 12


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture and the message that it hangs on."""

    message: Message
    picture: Attachment


class Roll:
    """The pictures of a room in their order, from the one that was opened; more are read when they
    are asked for."""

    def __init__(self, room: Room, me: Person, message: Message, number: int) -> None:
        self._room = room
        self._me = me
        self._shots = _shots((message,))
        self._first = self._last = message.number
        self._more = {-1: True, 1: True}
        at = message.files[number]
        self._at = next(n for n, shot in enumerate(self._shots) if shot.picture is at)

    @property
    def shot(self) -> Shot:
        """The one that is shown."""
        return self._shots[self._at]

    async def has(self, step: int) -> bool:
        """Whether there is one before it (-1), or after it (1). Raises ChatError."""
        pages = 0
        while not 0 <= self._at + step < len(self._shots):
            if not self._more[step] or pages == _PAGES:
                return False
            pages += 1
            await self._read(step)
        return True

    async def turn(self, step: int) -> bool:
        """Go to that one; whether there is one. Raises ChatError."""
        there = await self.has(step)
        if there and 0 <= self._at + step < len(self._shots):
            self._at += step
        return there

    async def _read(self, step: int) -> None:
        if step < 0:
            page = await self._room.before(self._me, self._first)
            self._more[step] = page.has_older
        else:
            page = await self._room.after(self._me, self._last)
            self._more[step] = page.has_newer
        self._keep(page, step)

    def _keep(self, page: MessagePage, step: int) -> None:
        if not page.messages:
            return
        first, last = page.messages[0].number, page.messages[-1].number
        if step < 0 and last < self._first:
            new = _shots(page.messages)
            self._shots[:0] = new
            self._at += len(new)
            self._first = first
        elif step > 0 and first > self._last:
            self._shots += _shots(page.messages)
            self._last = last


def _shots(messages: tuple[Message, ...]) -> list[Shot]:
    return [Shot(each, file) for each in messages for file in each.files if file.is_picture]


Save = Callable[[Attachment], Awaitable[None]]


class Gallery(ft.AlertDialog):
    """It fills the window; arrows, a finger and buttons turn to another picture."""

    def __init__(self, roll: Roll, viewer: Clock, save: Save, close: Callable[[], object]) -> None:
        self._roll = roll
        self._viewer, self._t = viewer, viewer.t
        self._save = save
        self._close = close
        self._zoom = self._pinch = 1.0
        t = viewer.t
        self._name, self._about = (
            widgets.one_line_text("", size, color=_LIGHT) for size in (15, 12)
        )
        words = ft.Column([self._name, self._about], spacing=0, tight=True, expand=True)
        download = _tool(ft.Icons.DOWNLOAD_ROUNDED, t("Download"), self._download)
        bar = ft.Container(
            ft.Row([words, download, _tool(ft.Icons.CLOSE_ROUNDED, t("Close"), close)]),
            padding=_BAR,
        )
        self._stage = ft.Container(expand=True)
        self._ways = {
            step: _tool(icon, words, partial(self._turn, step))
            for step, icon, words in (
                (-1, ft.Icons.ARROW_BACK_ROUNDED, t("Previous picture")),
                (1, ft.Icons.ARROW_FORWARD_ROUNDED, t("Next picture")),
            )
        }
        for way in self._ways.values():
            way.disabled = True
        ways = ft.Container(
            ft.Row(list(self._ways.values()), alignment=ft.MainAxisAlignment.CENTER, spacing=24),
            padding=_BESIDE,
        )
        keys = ft.KeyboardListener(
            content=ft.Column([bar, self._stage, ways], spacing=0),
            autofocus=True,
            on_key_down=self._pressed,
        )
        self._draw()
        super().__init__(
            content=ft.Container(keys, width=_ALL, height=_ALL),
            content_padding=0,
            inset_padding=0,
            bgcolor=_DARK,
            shape=ft.RoundedRectangleBorder(radius=0),
            semantics_label=t("Picture"),
        )

    async def look_around(self) -> None:
        """Learn whether there are others, so that the ways to them are open or not."""
        for step, way in self._ways.items():
            try:
                way.disabled = not await self._roll.has(step)
            except ChatError:
                way.disabled = True
            if isinstance(way.icon, ft.Icon):
                way.icon.color = ft.Colors.WHITE_38 if way.disabled else _LIGHT
        if self.open:
            self.update()

    def _draw(self) -> None:
        shot, t = self._roll.shot, self._t
        message, picture = shot.message, shot.picture
        when = self._viewer.moment(message.sent_at)
        self._name.value = picture.name
        self._about.value = f"{message.author.name} · {when}"
        self._zoom = self._pinch = 1.0
        image = ft.Image(
            src=self._viewer.source(picture.large_url),
            fit=ft.BoxFit.SCALE_DOWN,
            semantics_label=picture_label(picture.name, t),
        )
        # Another one each time: it begins as large as it fits.
        self._stage.content = ft.InteractiveViewer(
            content=ft.Container(image, alignment=ft.Alignment.CENTER),
            max_scale=8,
            on_interaction_update=self._pinched,
            on_interaction_end=self._let_go,
            expand=True,
        )

    async def _turn(self, step: int) -> None:
        try:
            if not await self._roll.turn(step):
                return
        except ChatError:
            # Somebody took them out of this room meanwhile.
            self._close()
            return
        self._draw()
        self.update()
        await self.look_around()

    async def _pressed(self, event: ft.KeyDownEvent) -> None:
        step = {"arrow left": -1, "arrow right": 1}.get(event.key.lower())
        if step is not None:
            await self._turn(step)

    def _pinched(self, event: ft.ScaleUpdateEvent[ft.InteractiveViewer]) -> None:
        self._pinch = event.scale

    async def _let_go(self, event: ft.ScaleEndEvent[ft.InteractiveViewer]) -> None:
        self._zoom, self._pinch = max(1.0, self._zoom * self._pinch), 1.0
        along, across = event.velocity.x, event.velocity.y
        # In a picture that is larger than the screen the finger moves the picture.
        if self._zoom < 1.05 and abs(along) > max(_FAST, 2 * abs(across)):
            await self._turn(-1 if along > 0 else 1)

    async def _download(self) -> None:
        await self._save(self._roll.shot.picture)


def _tool(icon: ft.IconData, words: str, on_click: Callable[[], object]) -> ft.IconButton:
    return ft.IconButton(
        widgets.labelled_icon(icon, words, _LIGHT), tooltip=words, icon_size=22, on_click=on_click
    )
