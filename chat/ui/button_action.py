"""The actions of the buttons in the header and in the sidebar."""

from enum import Enum, auto


class ButtonAction(Enum):
    """What a button does. Each session performs it by itself; the buttons are shared."""

    OPEN_SIDEBAR = auto()
    OPEN_PARENT = auto()  # from a thread to its room
    PINS = auto()
    FILES = auto()
    MEMBERS = auto()
    SEARCH = auto()
    ROOM_DETAILS = auto()
    SET_TOPIC = auto()  # in the details
    INVITE = auto()  # to the chat
    ADD_PEOPLE = auto()  # to the room on the screen
    MENTIONS = auto()
    SAVED = auto()
    QUICK_SWITCHER = auto()
    ROOMS = auto()
    PROFILE = auto()
    FILTER_ROOMS = auto()
    SCROLL_ROOMS = auto()
    UNREAD_ABOVE = auto()  # beyond the upper edge of the room list
    UNREAD_BELOW = auto()
    OPEN_FIRST_MATCH = auto()
    PREFERENCES = auto()
