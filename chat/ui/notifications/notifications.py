"""The display of a session outside of its page: unread count in the tab's title, notifications."""

from collections.abc import Collection, Iterable

from chat.model.addresses import room_path
from chat.model.events import KnocksChanged, MessageNotification
from chat.model.later import Reminder
from chat.model.rooms import Membership, RoomId, RoomKind
from chat.people.presence import Visibility
from chat.text.previews import preview_line
from chat.text.senders import full_sender_name
from chat.ui.client.connection import ClientConnection
from chat.ui.context import SessionContext
from chat.ui.room_titles import membership_title

# Rooms with unread messages up to which the page closes the notifications of all others when it
# connects.
MAX_UNREAD_ROOMS = 200

# The longest text of a notification, in characters.
_MAX_LENGTH = 200

_TEST_TAG = "test"

# What a notification opens that is about no room.
_LOBBY_PATH = "/room/lobby"


class Notifications:
    """The notifications of one session. The desktop window has no connection, and shows none."""

    def __init__(self, context: SessionContext) -> None:
        self._context = context
        self._workspace = context.workspace
        self._connection: ClientConnection | None = None
        # The part of each room in the total.
        self._badge_counts: dict[RoomId, int] = {}
        self._badge_total = 0
        # The rooms whose notifications this session may have shown.
        self._notified_rooms = set[RoomId]()

    def on_connected(self, connection: ClientConnection | None) -> None:
        """The client connected, for the first time or again: count all rooms, and show the
        total."""
        self._connection = connection
        self._badge_counts = {
            each.room.id: each.badge_count
            for each in self._workspace.memberships.for_person(self._context.me)
            if each.badge_count
        }
        previous_total, self._badge_total = self._badge_total, sum(self._badge_counts.values())
        if connection is not None and (previous_total or self._badge_total):
            connection.show_unread(self._badge_total)
        if connection is not None and len(self._badge_counts) <= MAX_UNREAD_ROOMS:
            # The others were read on another device meanwhile.
            connection.close_notifications(_tags(self._badge_counts), close_others=True)

    def membership_changed(self, room_id: RoomId, membership: Membership | None) -> None:
        """A membership is new, has changed, or has ended."""
        previous_count = self._badge_counts.pop(room_id, 0)
        badge_count = 0 if membership is None else membership.badge_count
        if badge_count:
            self._badge_counts[room_id] = badge_count
        elif room_id in self._notified_rooms:
            self._notified_rooms.discard(room_id)
            if self._connection is not None:
                self._connection.close_notifications(_tags([room_id]))
        if badge_count != previous_count:
            self._badge_total += badge_count - previous_count
            if self._connection is not None:
                self._connection.show_unread(self._badge_total)

    def badge_count_outside(self, room_ids: Collection[RoomId]) -> int:
        """The unread messages of all rooms but these."""
        return self._badge_total - sum(self._badge_counts.get(each, 0) for each in room_ids)

    def remind(self, reminder: Reminder) -> None:
        """Show a reminder outside of the page, unless the person is looking at a page."""
        if self._connection is None or self._workspace.presence.is_active(self._context.me):
            return
        message, t = reminder.message, self._context.t
        self._connection.notify(
            t("Reminder"),
            f"{full_sender_name(message, t)}: {preview_line(message, t)[:_MAX_LENGTH]}",
            room_path(reminder.room, message.number),
            f"reminder-{reminder.id}",
            sound=True,
        )

    def knock(self, event: KnocksChanged) -> None:
        """Show outside of the page that somebody asks to come in, unless the person looks at a
        page."""
        is_active = self._workspace.presence.is_active(self._context.me)
        if self._connection is None or event.new is None or is_active:
            return
        t, knock = self._context.t, event.new
        self._connection.notify(
            self._context.site.title,
            t("{name} asks to come in.", name=knock.name)[:_MAX_LENGTH],
            _LOBBY_PATH,
            f"knock-{knock.id}",
            sound=self._has_sound,
        )

    def notify(self, notification: MessageNotification, shown_room_ids: Collection[RoomId]) -> None:
        """Show a notification, unless the person is looking at that room.

        Another session of the person that is active shows it instead.
        """
        if self._connection is None:
            return
        is_active = self._connection.visibility is Visibility.ACTIVE
        if (
            notification.membership.room.id in shown_room_ids
            if is_active
            else self._workspace.presence.is_active(self._context.me)
        ):
            return
        message, room = notification.message, notification.membership.room
        self._notified_rooms.add(room.id)
        title = full_sender_name(message, self._context.t)
        if room.kind is not RoomKind.DIRECT:
            room_name = membership_title(notification.membership, self._context.t)
            title = self._context.t("{name} in {room}", name=title, room=room_name)
        self._connection.notify(
            title,
            preview_line(message, self._context.t)[:_MAX_LENGTH],
            room_path(room, message.number),
            _tag(room.id),
            sound=self._has_sound,
        )

    def send_test(self, path: str) -> None:
        """Show a notification about nothing, which opens a path: the one on the screen."""
        if self._connection is not None:
            self._connection.notify(
                self._context.site.title,
                self._context.t("This is how a message reaches you."),
                path,
                _TEST_TAG,
                sound=self._has_sound,
            )

    @property
    def _has_sound(self) -> bool:
        return self._workspace.notification_settings.get(self._context.me.id).has_sound


def _tag(room_id: RoomId) -> str:
    return f"room-{room_id}"


def _tags(room_ids: Iterable[RoomId]) -> list[str]:
    return [_tag(each) for each in room_ids]
