"""Who is online, and who of them is away."""

from enum import StrEnum


class Look(StrEnum):
    """What somebody who is connected sees of the chat; idle is who touched nothing for long."""

    LOOKED_AT = "looked at"
    IN_VIEW = "in view"  # another window has the focus
    BACKGROUND = "background"
    IDLE = "idle"
