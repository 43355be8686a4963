"""The keys in a list of messages or rooms, and where keys go."""

from enum import StrEnum
from typing import Protocol


class ListKey(StrEnum):
    """A key in a list of messages or rooms: it moves, acts, or leaves the list."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"
    HOME = "home"
    END = "end"
    PAGE_UP = "pageup"
    PAGE_DOWN = "pagedown"
    ENTER = "enter"
    MENU = "menu"
    REPLY = "reply"
    EDIT = "edit"
    THREAD = "thread"
    REACT = "react"
    DELETE = "delete"
    LEAVE = "leave"


def steps(page_step: int) -> dict[ListKey, int]:
    """How many items the keys that move go on; PageUp and PageDown pass over `page_step`."""
    return {
        ListKey.UP: -1,
        ListKey.DOWN: 1,
        ListKey.PAGE_UP: -page_step,
        ListKey.PAGE_DOWN: page_step,
    }


class KeyArea(StrEnum):
    """Where keys go: the message field, a list of messages, the rooms of the sidebar, or an open
    menu, in which arrows move the focus."""

    FIELD = "0"
    MESSAGES = "m"
    ROOMS = "r"
    MENU = "n"


class KeyList(Protocol):
    """A list in which keys move a ring."""

    async def enter(self) -> None:
        """Choose the item that was chosen last, or one on the screen."""

    def leave(self) -> None:
        """Choose nothing."""

    async def press(self, key: ListKey) -> bool:
        """Act on a key; returns whether the next keys are for this list, too."""
