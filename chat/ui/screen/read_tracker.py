"""Whether the person is looking at the end of the room on the screen."""

from chat.people.presence import Visibility
from chat.ui.client.connection import connection_of
from chat.ui.context import SessionContext
from chat.ui.screen.room_pane import RoomPane


class ReadTracker:
    """Tells the workspace what the person of one session has read."""

    def __init__(self, context: SessionContext, room_pane: RoomPane) -> None:
        self._context = context
        self._room_pane = room_pane
        # A room with a message that was marked unread stays unread until it is opened again.
        self._keeps_unread = False

    def update_read_state(self) -> None:
        """Report what is visible now."""
        workspace, me, room_pane = self._context.workspace, self._context.me, self._room_pane
        if not room_pane.is_open:
            return
        connection, session_id = connection_of(room_pane.page), room_pane.page.session.id
        visibility = Visibility.ACTIVE if connection is None else connection.visibility
        workspace.presence.report_visibility(me, session_id, visibility)
        is_active = visibility is Visibility.ACTIVE
        if is_active and room_pane.timeline.is_at_end and not self._keeps_unread:
            workspace.memberships.start_viewing(
                me, session_id, room_pane.room.info.id, room_pane.room.last_number
            )
        else:
            workspace.memberships.stop_viewing(session_id)

    def keep_unread(self) -> None:
        """Keep the room unread: one of its messages was marked so."""
        self._keeps_unread = True

    def on_shown(self) -> None:
        """Another room is on the screen, or the same one again."""
        self._keeps_unread = False
        self.update_read_state()

    async def mark_all_read(self) -> None:
        """Mark all rooms as read."""
        self._keeps_unread = False
        self._context.workspace.memberships.mark_all_read(self._context.me)
        self.update_read_state()
