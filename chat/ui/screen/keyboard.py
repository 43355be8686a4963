"""What keys do, wherever on the page they are pressed."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import flet as ft

from chat.tasks import Tasks
from chat.ui.client.connection import FieldSnapshot
from chat.ui.composer.attachments import ComposerFiles

Callback = Callable[[], Any]

_STEPS = {"up": -1, "down": 1}


@dataclass(frozen=True, slots=True)
class PageEvents:
    """What each of them does. `step(by, unread)` goes to the room so far down the list, of all or
    of those with something unread; `go(path)` and `send(text)` take what the page's script
    brings, and `choose(by)` is what an arrow does in a dialog. `field(name, typed)` knows what a
    key does that was pressed in the field, where that is known with what stood there; `cursor`
    hears where one is in it. It tells of `files`, too."""

    edit_last: Callback
    show_quick_switcher: Callback
    show_shortcuts: Callback
    mark_all_read: Callback
    update_read_state: Callback
    step_room: Callable[[int, bool], Any]
    navigate: Callable[[str], Any]
    send: Callable[[str], Any]
    ctrl_enter: Callback
    list_arrow: Callable[[int], Callback | None]
    field_key: Callable[[str, FieldSnapshot | None], Callback | None]
    cursor_reported: Callable[[int, int], Any]
    files: ComposerFiles

    def handler(self, event: str, data: Any = None) -> Callback | None:
        """What happens at an event of the keyboard (`ui/client/connection.py` names them)."""
        if event == "files":
            return lambda: self.files.on_files_chosen(data)
        if event == "file lost":
            return lambda: self.files.on_file_lost(data)
        if event == "cursor":
            return lambda: self.cursor_reported(*data)
        name, _, argument = event.partition(" ")
        if name in {"room", "unread"}:
            return lambda: self.step_room(_STEPS[argument], name == "unread")
        if name == "choose":
            return self.list_arrow(_STEPS[argument])
        if name == "open":
            return lambda: self.navigate(argument)
        if name == "send":
            return lambda: self.send(argument)
        if name == "pick":
            return self.field_key(argument, data)
        simple_handlers: dict[str, Callback] = {
            "up": self.edit_last,
            "jump": self.show_quick_switcher,
            "overview": self.show_shortcuts,
            "read": self.mark_all_read,
            "ctrl-enter": self.ctrl_enter,
            "attention": self.update_read_state,
        }
        return simple_handlers.get(name) or self.field_key(name, None)


class HasDraft(Protocol):
    """The field: whether it is empty."""

    @property
    def draft(self) -> str:
        """What stands in it."""


def listen_to_window_keys(
    page: ft.Page, page_events: PageEvents, field: HasDraft, tasks: Tasks
) -> None:
    """The desktop window has no script that tells of keys: Flet does, from now on."""

    def on_key(event: ft.KeyboardEvent) -> None:
        name = window_key_event(event)
        callback = page_events.list_arrow(_LIST_ARROWS[name]) if name in _LIST_ARROWS else None
        callback = callback or (None if name is None else page_events.handler(name))
        if callback is None and name == "pick up" and not field.draft:
            callback = page_events.edit_last
        if callback is not None:
            tasks.start(_run(callback), "press a key")

    if page.on_keyboard_event is None:
        page.on_keyboard_event = on_key
        page.update()


async def _run(callback: Callback) -> None:
    if inspect.isawaitable(result := callback()):
        await result


_ARROWS = {"arrow up": "up", "arrow down": "down"}
_COMPLETION_KEYS = {**_ARROWS, "tab": "tab"}
_LIST_ARROWS = {f"pick {arrow}": by for arrow, by in _STEPS.items()}


def window_key_event(event: ft.KeyboardEvent) -> str | None:
    """The event that a key of the desktop window is, which has no script; None if it is none."""
    has_command_key, key = event.ctrl or event.meta, event.key.lower()
    if has_command_key and not event.alt:
        if key == "k" and not event.shift:
            return "jump"
        if key == "enter":
            return "ctrl-enter"
        return "overview" if key in {"/", "?"} else None
    if event.alt and not has_command_key and key in _ARROWS:
        return f"{'unread' if event.shift else 'room'} {_ARROWS[key]}"
    if key == "escape" and not event.alt:
        return "read all" if event.shift else "escape"
    if key in _COMPLETION_KEYS and not (event.alt or event.shift):
        return f"pick {_COMPLETION_KEYS[key]}"
    return None
