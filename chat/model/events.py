"""What is announced: each is a frozen value that goes to all sessions that listen to its topic."""

from collections.abc import Callable
from dataclasses import dataclass

from chat.model.messages import Message
from chat.model.people import Person, PersonId
from chat.model.rooms import Membership, RoomId, RoomInfo


@dataclass(frozen=True, slots=True)
class MessagesPosted:
    """What was just said in a room: at least one message, in number order without a gap.

    `calls` is whether one of them calls somebody, who sees it otherwise than all others, or has a
    formula, which a page has to fetch fonts for.
    """

    messages: tuple[Message, ...]
    needs_own_rendering: bool = False


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """Something happened to a message that was said before.

    `previous` stands before it and `following` after it: their rows may look otherwise now.
    """

    message: Message
    previous: Message | None
    following: Message | None = None


@dataclass(frozen=True, slots=True)
class OnlinePeople:
    """Everybody who is connected now, in order of name; `away` are those who do not look."""

    people: tuple[Person, ...]
    away: frozenset[PersonId] = frozenset()


@dataclass(frozen=True, slots=True)
class TypingUpdated:
    """Who is writing in a room at this moment."""

    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class PersonUpdated:
    """A person looks otherwise: all that they said, and every list with them, shows it."""

    person: Person


@dataclass(frozen=True, slots=True)
class RoomUpdated:
    """A room is called otherwise, is about something else, or is archived or open again."""

    room: RoomInfo


@dataclass(frozen=True, slots=True)
class MembershipUpdated:
    """One person's place in a room is new or changed; None once they are not in it any more."""

    room_id: RoomId
    membership: Membership | None


@dataclass(frozen=True, slots=True)
class MessageNotification:
    """Something was said that calls a person who does not look at its room."""

    membership: Membership
    message: Message


@dataclass(frozen=True, slots=True)
class SignedOut:
    """A person left on purpose: every session of theirs goes back to the start screen."""

    person: Person


Publish = Callable[[str, object], None]


def room_topic(room_id: RoomId) -> str:
    """The PubSub topic that carries a room's messages."""
    return f"room/{room_id}"


def person_topic(person_id: PersonId) -> str:
    """The PubSub topic that all sessions of one person hear."""
    return f"person/{person_id}"


PRESENCE_TOPIC = "here"
