"""The keys in a list of messages, and where keys go."""

from enum import StrEnum


class ListKey(StrEnum):
    """A key in a list of messages: it moves, acts, or leaves the list."""

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


class KeyArea(StrEnum):
    """Where keys go: the message field, or a list of messages."""

    FIELD = "0"
    MESSAGES = "m"
