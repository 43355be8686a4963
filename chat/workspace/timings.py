"""The timings of a workspace: how long its services wait before they store, publish or give up.

Each number is in the module of its service. Tests pass shorter ones.
"""

from dataclasses import dataclass, field

from chat.activity.activity_limits import ActivityRates
from chat.activity.free_space import FREE_BYTES
from chat.joining.knocks import KNOCK_SECONDS
from chat.model.joining import JoinPolicy
from chat.outgoing.deliveries import DeliveryTimings
from chat.people.arrivals import ADDRESS_ARRIVALS
from chat.people.audit_log import AUDIT_DAYS
from chat.people.names import NAME_DAYS
from chat.people.presence import PresenceTimings
from chat.programs.actions import ANSWER_SECONDS
from chat.programs.rate_limits import BURST, ROOM_BURST
from chat.rooms.deletions import UNDO_TIME
from chat.rooms.feed import GAP_WAIT
from chat.rooms.memberships import MembershipTimings
from chat.rooms.typing_status import TypingTimings
from chat.workspace.profiles import RENAME_SECONDS
from chat.workspace.program_actions import BACK_SECONDS
from chat.workspace.program_events import EventTimings


@dataclass(frozen=True, slots=True)
class Timings:
    """The timings of each service."""

    presence: PresenceTimings = field(default_factory=PresenceTimings)
    typing: TypingTimings = field(default_factory=TypingTimings)
    memberships: MembershipTimings = field(default_factory=MembershipTimings)
    feed_gap_wait: float = GAP_WAIT
    undo_time: float = UNDO_TIME
    rename_seconds: float = RENAME_SECONDS
    # Days for which the name of a person who is away is theirs.
    name_days: float = NAME_DAYS
    # The door: whom the chat lets in.
    join: JoinPolicy = JoinPolicy.OPEN
    # Seconds after which a knock ends.
    knock_seconds: float = KNOCK_SECONDS
    # New people of one address within a minute.
    new_people: int = ADDRESS_ARRIVALS
    # How often people and programs may post, and make rooms.
    activity: ActivityRates = field(default_factory=ActivityRates)
    # Free bytes of the disk below which nothing is posted or uploaded.
    free_bytes: int = FREE_BYTES
    # The requests of a token at once, and the messages of all programs of a room.
    program_burst: float = BURST
    room_burst: float = ROOM_BURST
    events: EventTimings = field(default_factory=EventTimings)
    # Days for which the audit log keeps a row.
    audit_days: int = AUDIT_DAYS
    deliveries: DeliveryTimings = field(default_factory=DeliveryTimings)
    # An action waits so long for an answer, and for a program that is about to come back.
    answer_seconds: float = ANSWER_SECONDS
    back_seconds: float = BACK_SECONDS


DEFAULT_TIMINGS = Timings()
