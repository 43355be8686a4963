"""What keys do, wherever on the page they are pressed."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import flet as ft

from chat.tasks import Tasks
from chat.ui.client.connection import Typed
from chat.ui.composer.attachments import Enclosing

Do = Callable[[], Any]

_BY = {"up": -1, "down": 1}


@dataclass(frozen=True, slots=True)
class Keys:
    """What each of them does. `step(by, unread)` goes to the room so far down the list, of all or
    of those with something unread; `go(path)` and `send(text)` take what the page's script
    brings, and `choose(by)` is what an arrow does in a dialog. `field(name, typed)` knows what a
    key does that was pressed in the field, where that is known with what stood there; `cursor`
    hears where one is in it. It tells of `files`, too."""

    edit_last: Do
    jump: Do
    overview: Do
    read_all: Do
    attend: Do
    step: Callable[[int, bool], Any]
    go: Callable[[str], Any]
    send: Callable[[str], Any]
    ctrl_enter: Do
    choose: Callable[[int], Do | None]
    field: Callable[[str, Typed | None], Do | None]
    cursor: Callable[[int, int], Any]
    files: Enclosing

    def handler(self, event: str, data: Any = None) -> Do | None:
        """What happens at an event of the keyboard (`ui/client/connection.py` names them)."""
        if event == "files":
            return lambda: self.files.offered(data)
        if event == "file lost":
            return lambda: self.files.lost(data)
        if event == "cursor":
            return lambda: self.cursor(*data)
        what, _, rest = event.partition(" ")
        if what in {"room", "unread"}:
            return lambda: self.step(_BY[rest], what == "unread")
        if what == "choose":
            return self.choose(_BY[rest])
        if what == "open":
            return lambda: self.go(rest)
        if what == "send":
            return lambda: self.send(rest)
        if what == "pick":
            return self.field(rest, data)
        plain: dict[str, Do] = {
            "up": self.edit_last,
            "jump": self.jump,
            "overview": self.overview,
            "read": self.read_all,
            "ctrl-enter": self.ctrl_enter,
            "attention": self.attend,
        }
        return plain.get(what) or self.field(what, None)


class Words(Protocol):
    """The field: whether it is empty."""

    @property
    def words(self) -> str:
        """What stands in it."""


def listen(page: ft.Page, keys: Keys, field: Words, tasks: Tasks) -> None:
    """The desktop window has no script that tells of keys: Flet does, from now on."""

    def pressed(event: ft.KeyboardEvent) -> None:
        name = of_window(event)
        act = keys.choose(_CHOICES[name]) if name in _CHOICES else None
        act = act or (None if name is None else keys.handler(name))
        if act is None and name == "pick up" and not field.words:
            act = keys.edit_last
        if act is not None:
            tasks.start(_done(act), "press a key")

    if page.on_keyboard_event is None:
        page.on_keyboard_event = pressed
        page.update()


async def _done(act: Do) -> None:
    if inspect.isawaitable(doing := act()):
        await doing


_ARROWS = {"arrow up": "up", "arrow down": "down"}
_PICKS = {**_ARROWS, "tab": "tab"}
_CHOICES = {f"pick {arrow}": by for arrow, by in _BY.items()}


def of_window(event: ft.KeyboardEvent) -> str | None:
    """The event that a key of the desktop window is, which has no script; None if it is none."""
    held, key = event.ctrl or event.meta, event.key.lower()
    if held and not event.alt:
        if key == "k" and not event.shift:
            return "jump"
        if key == "enter":
            return "ctrl-enter"
        return "overview" if key in {"/", "?"} else None
    if event.alt and not held and key in _ARROWS:
        return f"{'unread' if event.shift else 'room'} {_ARROWS[key]}"
    if key == "escape" and not event.alt:
        return "read all" if event.shift else "escape"
    if key in _PICKS and not (event.alt or event.shift):
        return f"pick {_PICKS[key]}"
    return None
