"""Events: frozen values that are published on a topic to all its subscribed sessions."""

from collections.abc import Callable
from dataclasses import dataclass, field

from chat.model.joining import Knock
from chat.model.later import Reminder
from chat.model.messages import Message
from chat.model.moderation import Sanction
from chat.model.people import Person, PersonId, Status
from chat.model.rooms import Membership, RoomId, RoomInfo


@dataclass(frozen=True, slots=True)
class MessagesPosted:
    """New messages of a room: at least one, in number order without a gap.

    `needs_own_rendering` is true if one of them may have a formula, for which the page loads fonts,
    or is folded otherwise on a narrow screen.
    `own_look_ids` are the people who see one of them otherwise than others: it mentions them, or
    they have blocked its author, or that of the message that it quotes.
    """

    messages: tuple[Message, ...]
    needs_own_rendering: bool = False
    own_look_ids: frozenset[PersonId] = frozenset()


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """A change of a message; as input of the feed also a new message.

    `previous` and `following` are its neighbours, whose rows may have to be redrawn. `quoting` are
    the numbers of messages that quote it, if the change may be visible in their quotes:
    `Message.with_quoted` brings them up to date. `completes_stream` is true if the message was
    written piece by piece until now.
    """

    message: Message
    previous: Message | None
    following: Message | None = None
    quoting: tuple[int, ...] = ()
    completes_stream: bool = False


@dataclass(frozen=True, slots=True)
class OnlinePeople:
    """All people who are online, in order of name; `away` are the ids of those who are away.

    `ids` are the ids of all of them.
    """

    people: tuple[Person, ...]
    away: frozenset[PersonId] = frozenset()
    ids: frozenset[PersonId] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Once for all sessions, which look up many people in it.
        object.__setattr__(self, "ids", frozenset(each.id for each in self.people))

    def without(self, person_ids: frozenset[PersonId]) -> "OnlinePeople":
        """The same without some people; the same object if none of them is online."""
        if self.ids.isdisjoint(person_ids):
            return self
        people = tuple(each for each in self.people if each.id not in person_ids)
        return OnlinePeople(people, self.away - person_ids)


@dataclass(frozen=True, slots=True)
class TypingUpdated:
    """The people who are typing in a room."""

    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class PersonUpdated:
    """A person has a new name or picture, which all their messages and every list show."""

    person: Person


@dataclass(frozen=True, slots=True)
class StatusUpdated:
    """A person has another status. Only what shows statuses is drawn again: no message does."""

    person_id: PersonId
    status: Status


@dataclass(frozen=True, slots=True)
class MembersChanged:
    """People have joined or left a room."""


@dataclass(frozen=True, slots=True)
class RoomUpdated:
    """The title, topic or archived state of a room has changed."""

    room: RoomInfo


@dataclass(frozen=True, slots=True)
class MembershipUpdated:
    """One person's membership is new or changed; None if it has ended."""

    room_id: RoomId
    membership: Membership | None


@dataclass(frozen=True, slots=True)
class RemovedFromRoom:
    """A moderator has removed the person from a room; the membership has ended, too."""

    room: RoomInfo
    moderator: Person


@dataclass(frozen=True, slots=True)
class MessageNotification:
    """A message notifies a person who is not viewing its room."""

    membership: Membership
    message: Message


@dataclass(frozen=True, slots=True)
class ReminderDue:
    """The time of a person's reminder has come."""

    reminder: Reminder


@dataclass(frozen=True, slots=True)
class SignedOut:
    """A person signed out: each of their sessions returns to the start screen."""

    person: Person


@dataclass(frozen=True, slots=True)
class BlocksChanged:
    """The person has blocked somebody, or unblocked them."""

    person_id: PersonId


@dataclass(frozen=True, slots=True)
class GuestEnded:
    """The invitation of a guest has ended: each of their sessions ends."""

    person: Person


@dataclass(frozen=True, slots=True)
class Sanctioned:
    """A moderator has muted or banned the person; a ban ends each of their sessions."""

    person: Person
    sanction: Sanction


@dataclass(frozen=True, slots=True)
class KnocksChanged:
    """So many strangers wait for an answer of a moderator, who gets this; `new` has just come."""

    count: int
    new: Knock | None = None


@dataclass(frozen=True, slots=True)
class KnockAnswered:
    """A knock was answered, or it has ended without an answer: it still waits then."""

    knock: Knock


Publish = Callable[[str, object], None]


def room_topic(room_id: RoomId) -> str:
    """The PubSub topic of a room's events."""
    return f"room/{room_id}"


def room_of_topic(topic: str) -> RoomId | None:
    """The room of a topic; None for another one."""
    prefix, _, room_id = topic.partition("/")
    return int(room_id) if prefix == "room" else None


def person_topic(person_id: PersonId) -> str:
    """The PubSub topic of all sessions of one person."""
    return f"person/{person_id}"


def knock_topic(key: str) -> str:
    """The PubSub topic of a visitor who waits for an answer, by their key."""
    return f"knock/{key}"


PRESENCE_TOPIC = "here"
