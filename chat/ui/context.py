"""The context that all parts of a session's screen share."""

from dataclasses import dataclass, field

from chat.languages import Language
from chat.model.events import OnlinePeople
from chat.model.people import Person, PersonId
from chat.model.preferences import Preferences
from chat.model.site import SiteInfo
from chat.tasks import Tasks
from chat.ui.client.subscriptions import TopicSubscriptions
from chat.ui.packing.row_cache import RowCache
from chat.ui.viewer import ViewerContext
from chat.workspace.workspace import Workspace


@dataclass(slots=True, eq=False)
class SessionContext:
    """The signed-in person of one session, and the objects that their screen uses.

    `me`, `viewer` and `preferences` are replaced when the person changes them: a part reads them
    here each time, and keeps no copy.
    """

    workspace: Workspace
    me: Person
    viewer: ViewerContext
    preferences: Preferences
    site: SiteInfo
    row_cache: RowCache
    # The hash of this device's token; None in a browser without cookies.
    device_hash: bytes | None = None
    # Work that goes on while the screen exists.
    tasks: Tasks = field(default_factory=Tasks)
    # The topics of rooms that the panes and panels of the screen follow.
    subscriptions: TopicSubscriptions = field(default_factory=TopicSubscriptions)

    @property
    def blocked_ids(self) -> frozenset[PersonId]:
        """The people whom the person has blocked."""
        return self.workspace.blocks.of(self.me.id)

    @property
    def online(self) -> OnlinePeople:
        """Who is online, without the people whom the person has blocked."""
        return self.workspace.presence.online.without(self.blocked_ids)

    @property
    def t(self) -> Language:
        """The language of the screen. (A screen of another language is a new screen.)"""
        return self.viewer.t
