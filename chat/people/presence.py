"""Who is online, and who of them is away."""

from enum import StrEnum


class Visibility(StrEnum):
    """What somebody who is connected sees of the chat; idle is who touched nothing for long."""

    ACTIVE = "looked at"
    UNFOCUSED = "in view"  # another window has the focus
    HIDDEN = "background"
    IDLE = "idle"
