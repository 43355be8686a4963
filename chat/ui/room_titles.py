"""The titles of rooms as a reader sees them, also of rooms that have none of their own."""

from chat.languages import Language
from chat.model.rooms import Membership, RoomInfo, RoomKind


def room_title(room: RoomInfo, t: Language) -> str:
    """The title of a room. A thread whose root message was deleted is named by that."""
    if room.kind is RoomKind.THREAD and not room.title:
        return t("Message deleted")
    return room.title


def membership_title(membership: Membership, t: Language) -> str:
    """The title that a member sees; a direct conversation is named by its other members."""
    if membership.room.kind is not RoomKind.DIRECT:
        return room_title(membership.room, t)
    return membership.title if membership.others else t("Notes to myself")


def title_for(room: RoomInfo, membership: Membership | None, t: Language) -> str:
    """The title that a reader sees; `membership` is the reader's, if they have one."""
    return room_title(room, t) if membership is None else membership_title(membership, t)
