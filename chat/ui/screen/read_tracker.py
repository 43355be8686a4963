"""Whether a person looks at the end of the room that is on their screen."""

from collections.abc import Callable

from chat.model.people import Person
from chat.people.presence import Visibility
from chat.ui.client.connection import wire_of
from chat.ui.screen.room_pane import Talk
from chat.workspace.workspace import Workspace


class Attention:
    """Of one session; `talk` is what it shows, which is asked for since it asks for this."""

    def __init__(self, house: Workspace, me: Person, talk: Callable[[], Talk]) -> None:
        self._house = house
        self._me = me
        self._talk = talk
        # What was marked as unread stays so until the person comes back to it.
        self._held = False

    def attend(self) -> None:
        """It is otherwise, perhaps."""
        talk = self._talk()
        if not talk.is_open:
            return
        wire, session = wire_of(talk.page), talk.page.session.id
        look = Visibility.ACTIVE if wire is None else wire.looked_at
        self._house.people.report_visibility(self._me, session, look)
        seen = look is Visibility.ACTIVE
        if seen and talk.timeline.at_end and not self._held:
            self._house.memberships.start_viewing(
                self._me, session, talk.room.info.id, talk.room.last_number
            )
        else:
            self._house.memberships.stop_viewing(session)

    def hold(self) -> None:
        """Something was marked as unread."""
        self._held = True

    def arrived(self) -> None:
        """Something else is shown."""
        self._held = False
        self.attend()

    async def read_all(self) -> None:
        """Mark everything as read."""
        self._held = False
        self._house.memberships.mark_all_read(self._me)
        self.attend()
