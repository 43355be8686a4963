"""The state of the notifications of one browser, as its page reports it."""

from enum import StrEnum


class NotificationState(StrEnum):
    """Whether this browser shows notifications, and why not. The values are those of the page."""

    ALLOWED = "1"
    OFF = "0"
    """Allowed, and switched off on this device."""
    NOT_ASKED = "q"
    """The browser will ask the person."""
    BLOCKED = "b"
    """The person, or a setting of the browser, forbids them. The next ones are the same, for
    browsers whose way to allow them is known."""
    BLOCKED_IN_CHROMIUM = "bc"
    BLOCKED_ON_ANDROID = "ba"
    BLOCKED_IN_FIREFOX = "bf"
    BLOCKED_IN_SAFARI = "bs"
    INSECURE = "i"
    """The page was opened over http, where no browser allows them."""
    HOME_SCREEN = "h"
    """iOS and iPadOS: only for a page on the home screen."""
    UNSUPPORTED = "n"
    """This browser has none."""

    @property
    def can_switch(self) -> bool:
        """Whether a switch in the page can change the state."""
        return self in {
            NotificationState.ALLOWED,
            NotificationState.OFF,
            NotificationState.NOT_ASKED,
        }
