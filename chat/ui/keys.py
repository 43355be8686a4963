"""What keys do, wherever on the page they are pressed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flet as ft

from chat.ui.enclosing import Enclosing

Do = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Keys:
    """What each of them does. `step(by, unread)` goes to the room so far down the list, of all or
    of those with something unread; `go(path)` and `send(text)` take what the page's script
    brings, and `field(name)` knows what a key does that was pressed in the field. It tells of
    `files`, too."""

    edit_last: Do
    jump: Do
    overview: Do
    read_all: Do
    attend: Do
    step: Callable[[int, bool], Any]
    go: Callable[[str], Any]
    send: Callable[[str], Any]
    ctrl_enter: Do
    field: Callable[[str], Do | None]
    files: Enclosing

    def handler(self, event: str, data: Any = None) -> Do | None:
        """What happens at an event of the keyboard (`ui/drawing.py` names them)."""
        if event == "files":
            return lambda: self.files.offered(data)
        if event == "file lost":
            return lambda: self.files.lost(data)
        what, _, rest = event.partition(" ")
        if what in {"room", "unread"}:
            return lambda: self.step(-1 if rest == "up" else 1, what == "unread")
        if what == "open":
            return lambda: self.go(rest)
        if what == "send":
            return lambda: self.send(rest)
        if what == "pick":
            return self.field(rest)
        plain: dict[str, Do] = {
            "up": self.edit_last,
            "jump": self.jump,
            "overview": self.overview,
            "read": self.read_all,
            "ctrl-enter": self.ctrl_enter,
            "attention": self.attend,
        }
        return plain.get(what) or self.field(what)


_ARROWS = {"arrow up": "up", "arrow down": "down"}
_PICKS = {**_ARROWS, "tab": "tab"}


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
