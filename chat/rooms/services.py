"""The services of one workspace that its rooms use."""

from dataclasses import dataclass, field

from chat.activity.activity_limits import ActivityLimits
from chat.files.uploads import Uploads
from chat.people.blocks import Blocks
from chat.people.identity import Identity
from chat.people.notification_settings import NotificationSettingsService
from chat.people.presence import Presence
from chat.people.roles import Roles
from chat.people.sanctions import Sanctions
from chat.rooms.call_confirmations import CallConfirmations
from chat.rooms.deletions import Deletions
from chat.rooms.feed import Feed
from chat.rooms.memberships import Memberships
from chat.rooms.post_times import PostTimes
from chat.rooms.typing_status import TypingTimings
from chat.store.contract import Store


@dataclass(frozen=True, slots=True)
class RoomServices:
    """What the room directory, each room and the profiles of a workspace have in common."""

    store: Store
    feed: Feed
    memberships: Memberships
    identity: Identity
    presence: Presence
    uploads: Uploads
    typing_timings: TypingTimings
    deletions: Deletions
    call_confirmations: CallConfirmations
    notification_settings: NotificationSettingsService
    roles: Roles
    sanctions: Sanctions
    activity: ActivityLimits
    blocks: Blocks
    post_times: PostTimes = field(default_factory=PostTimes)
