"""Whether the person is looking at the end of the room in a pane."""

from chat.people.presence import Visibility
from chat.ui.client.connection import connection_of
from chat.ui.context import SessionContext
from chat.ui.panes.room_pane import RoomPane


class ReadTracker:
    """Tells the workspace what the person has read in one pane of a session.

    `view` tells the panes of a session apart.
    """

    def __init__(self, context: SessionContext, room_pane: RoomPane, *, view: str) -> None:
        self._context = context
        self._room_pane = room_pane
        self._view = view
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
                me, self._view_id, room_pane.room.info.id, room_pane.room.last_number
            )
        else:
            self.stop()

    def stop(self) -> None:
        """The room is not on the screen any more."""
        self._context.workspace.memberships.stop_viewing(self._view_id)

    @property
    def _view_id(self) -> str:
        session_id: str = self._room_pane.page.session.id
        return session_id + self._view

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
        self._room_pane.history.dismiss_unread()
        self.update_read_state()
