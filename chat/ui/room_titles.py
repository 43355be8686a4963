"""The titles of rooms as a reader sees them, also of rooms that have none of their own, and the
hint of the field."""

from chat.languages import Language
from chat.model.rooms import Membership, RoomInfo, RoomKind
from chat.rooms.directory import LOBBY, LOBBY_TITLE


def room_title(room: RoomInfo, t: Language) -> str:
    """The title of a room. A thread whose root message was deleted is named by that; the lobby has
    a name in each language until somebody renames it."""
    if room.slug == LOBBY and room.title == LOBBY_TITLE:
        return t("Lobby")
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


def field_hint(room: RoomInfo, membership: Membership | None, t: Language) -> str:
    """Where a message of the empty field goes, so that none is written to another room."""
    if room.kind is RoomKind.THREAD:
        return t("Reply in thread…")
    if room.kind is RoomKind.DIRECT and membership is not None and not membership.others:
        return t("Write a note to yourself…")
    title = title_for(room, membership, t)
    return t("Message {room}", room=f"#{title}" if room.kind is RoomKind.PUBLIC else title)
