"""Keys of the desktop window, which has no page script: Flet reports them without the field."""

from dataclasses import dataclass
from typing import TypeAlias

import flet as ft

from chat.text.formatting import Mark
from chat.ui.client.page_messages import (
    AcceptKey,
    CompletionAcceptKey,
    CompletionStepKey,
    Direction,
    EditLastKey,
    EscapeKey,
    ListAcceptKey,
    ListDismissKey,
    ListStepKey,
    MarkAllReadKey,
    PageEvent,
    QuickSwitcherKey,
    RoomStepKey,
    SearchKey,
    SettingsKey,
    ShortcutsKey,
)


@dataclass(frozen=True, slots=True)
class CtrlEnterKey:
    """Ctrl+Enter in the window. The page script sends `SendKey` with the text instead."""


@dataclass(frozen=True, slots=True)
class FormatKey:
    """Ctrl+B, Ctrl+I or Ctrl+E in the window. The page script formats by itself."""

    mark: Mark


KeyEvent: TypeAlias = PageEvent | CtrlEnterKey | FormatKey

_MARKS = {"b": Mark.BOLD, "i": Mark.ITALIC, "e": Mark.CODE}

_ARROWS = {"arrow up": Direction.UP, "arrow down": Direction.DOWN}


def events_of_key(key: ft.KeyboardEvent, *, field_is_empty: bool) -> tuple[KeyEvent, ...]:
    """The events that a key may mean, by priority: the first one with an action is used."""
    name, has_command_key = key.key.lower(), key.ctrl or key.meta
    arrow = _ARROWS.get(name)
    if has_command_key and not key.alt:
        return _events_of_command_key(name, shift=key.shift)
    if arrow is not None and key.alt and not has_command_key:
        return (RoomStepKey(arrow, unread=key.shift),)
    if name == "escape" and not key.alt:
        return (MarkAllReadKey(),) if key.shift else (ListDismissKey(), EscapeKey())
    if key.alt or key.shift:
        return ()
    if name == "tab":
        return (ListAcceptKey(), CompletionAcceptKey(AcceptKey.TAB, None))
    return () if arrow is None else _events_of_arrow(arrow, field_is_empty=field_is_empty)


def _events_of_command_key(name: str, *, shift: bool) -> tuple[KeyEvent, ...]:
    if name == "k" and not shift:
        return (QuickSwitcherKey(),)
    if name == "f" and shift:
        return (SearchKey(),)
    if name == "enter":
        return (CtrlEnterKey(),)
    if name in _MARKS and not shift:
        return (FormatKey(_MARKS[name]),)
    if name == "," and not shift:
        return (SettingsKey(),)
    return (ShortcutsKey(),) if name in {"/", "?"} else ()


def _events_of_arrow(arrow: Direction, *, field_is_empty: bool) -> tuple[KeyEvent, ...]:
    edits = field_is_empty and arrow is Direction.UP
    return (ListStepKey(arrow), CompletionStepKey(arrow), *([EditLastKey()] if edits else []))
