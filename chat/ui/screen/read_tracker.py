"""Whether a person looks at the end of the room that is on their screen."""

from collections.abc import Callable

from chat.model.people import Person
from chat.people.presence import Visibility
from chat.ui.client.connection import connection_of
from chat.ui.screen.room_pane import RoomPane
from chat.workspace.workspace import Workspace


class ReadTracker:
    """Of one session; `talk` is what it shows, which is asked for since it asks for this."""

    def __init__(
        self, workspace: Workspace, me: Person, get_room_pane: Callable[[], RoomPane]
    ) -> None:
        self._workspace = workspace
        self._me = me
        self._get_room_pane = get_room_pane
        # What was marked as unread stays so until the person comes back to it.
        self._keeps_unread = False

    def update_read_state(self) -> None:
        """It is otherwise, perhaps."""
        room_pane = self._get_room_pane()
        if not room_pane.is_open:
            return
        connection, session_id = connection_of(room_pane.page), room_pane.page.session.id
        visibility = Visibility.ACTIVE if connection is None else connection.visibility
        self._workspace.presence.report_visibility(self._me, session_id, visibility)
        is_active = visibility is Visibility.ACTIVE
        if is_active and room_pane.timeline.is_at_end and not self._keeps_unread:
            self._workspace.memberships.start_viewing(
                self._me, session_id, room_pane.room.info.id, room_pane.room.last_number
            )
        else:
            self._workspace.memberships.stop_viewing(session_id)

    def keep_unread(self) -> None:
        """Something was marked as unread."""
        self._keeps_unread = True

    def on_shown(self) -> None:
        """Something else is shown."""
        self._keeps_unread = False
        self.update_read_state()

    async def mark_all_read(self) -> None:
        """Mark everything as read."""
        self._keeps_unread = False
        self._workspace.memberships.mark_all_read(self._me)
        self.update_read_state()
