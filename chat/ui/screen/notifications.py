"""What of the chat is told outside of its page: a number in the tab's title, and notifications."""

from chat.languages import Language
from chat.model.addresses import room_path
from chat.model.events import MessageNotification
from chat.model.people import Person
from chat.model.rooms import Membership, RoomId, RoomKind
from chat.people.presence import Visibility
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import emote_text
from chat.ui.client.connection import Wire
from chat.ui.rows.preview import message_preview
from chat.workspace.workspace import Workspace


class Notices:
    """Of one session; in the desktop window, where there is no wire, nothing is told."""

    def __init__(self, house: Workspace, me: Person, t: Language) -> None:
        self._house = house
        self._me = me
        self._t = t
        self._wire: Wire | None = None
        # What each room has of the number.
        self._shares: dict[RoomId, int] = {}
        self._count = 0

    def arrive(self, wire: Wire | None) -> None:
        """The client is there, for the first time or again: count all, and show it."""
        self._wire = wire
        self._shares = {
            seat.room.id: seat.badge_count
            for seat in self._house.memberships.for_person(self._me)
            if seat.badge_count
        }
        before, self._count = self._count, sum(self._shares.values())
        if wire is not None and (before or self._count):
            wire.show_unread(self._count)

    def put(self, room: RoomId, seat: Membership | None) -> None:
        """A place is new, changed, or given up."""
        before = self._shares.pop(room, 0)
        share = 0 if seat is None else seat.badge_count
        if share:
            self._shares[room] = share
        if share != before:
            self._count += share - before
            if self._wire is not None:
                self._wire.show_unread(self._count)

    def call(self, called: MessageNotification, shown: RoomId) -> None:
        """Tell somebody that they are called, unless they look at that room, which is `shown`.

        Whoever looks at another of their sessions is told there.
        """
        if self._wire is None:
            return
        looks = self._wire.looked_at is Visibility.ACTIVE
        if called.membership.room.id == shown if looks else self._house.people.is_active(self._me):
            return
        message, room = called.message, called.membership.room
        title = message.author.name
        if room.kind is not RoomKind.DIRECT:
            title = self._t("{name} in {room}", name=title, room=called.membership.title)
        self._wire.notify(
            title,
            " ".join(
                to_plain_text(
                    emote_text(message.author.name, message_preview(message, self._t))
                ).split()
            )[:200],
            room_path(room, message.number),
            f"room-{room.id}",
            sound=True,
        )
