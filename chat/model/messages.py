"""What is said, where and by whom: frozen values without I/O, whole enough to be drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chat.model.attachments import Attachment
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId, RoomInfo


class MessageKind(StrEnum):
    """What a numbered entry of a room is. All but TEXT tell what its author did there."""

    TEXT = "text"
    JOINED = "joined"
    LEFT = "left"
    ROOM_CREATED = "made"
    INVITED = "invited"
    ROOM_RENAMED = "renamed"
    TOPIC_CHANGED = "topic"
    ARCHIVED = "archived"
    REOPENED = "reopened"
    PERSON_RENAMED = "named"
    DICE_ROLLED = "rolled"


@dataclass(frozen=True, slots=True)
class Quote:
    """What a message answers: the other's number, its author's name, and how it begins now.

    `author` is who that is. Of a message without a word `file` is its first one, and the text that
    one's name.
    """

    number: int
    author_name: str
    text: str
    author_id: PersonId
    file: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji below a message, and who put it there, the first one first."""

    emoji: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class PollOption:
    """What a poll can be answered with, and who did, the first one first."""

    text: str
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Poll:
    """The options below a question; a person votes for as many as they like, until it is closed."""

    options: tuple[PollOption, ...]
    closed: bool = False

    @property
    def voter_count(self) -> int:
        """How many people voted."""
        return len({who.id for each in self.options for who in each.people})

    def chosen_by(self, person_id: PersonId) -> tuple[int, ...]:
        """The options, counted from 0, that a person voted for."""
        return tuple(
            n
            for n, each in enumerate(self.options)
            if any(who.id == person_id for who in each.people)
        )


@dataclass(frozen=True, slots=True)
class Message:
    """One numbered entry of a room as it is now; times are in UTC.

    `text` is empty of talk that is deleted; of what is not talk it is the new title, the new topic,
    the name of who was invited or that its author had before, or which dice were thrown and what
    came. `event` is the number of what happened to it last: each room counts all that happens
    there, of which new messages are a part. `gone` is whether it was deleted without leaving a
    trace. `mentions` are those whom it calls. With `files` its text may be empty; of a poll it is
    the question.
    """

    room_id: RoomId
    number: int
    author: Person
    kind: MessageKind
    text: str
    sent_at: datetime
    change_number: int
    edited_at: datetime | None = None
    deleted: bool = False
    erased: bool = False
    pinned: bool = False
    quote: Quote | None = None
    reactions: tuple[Reaction, ...] = ()
    mentions: frozenset[PersonId] = frozenset()
    replies: int = 0
    last_reply_at: datetime | None = None
    files: tuple[Attachment, ...] = ()
    poll: Poll | None = None

    def reactions_of(self, person_id: PersonId) -> tuple[str, ...]:
        """The emoji that a person put below it."""
        return tuple(
            each.emoji for each in self.reactions if any(who.id == person_id for who in each.people)
        )

    def is_unread_for(self, person_id: PersonId) -> bool:
        """Whether it waits for somebody who has not read it."""
        return self.kind is MessageKind.TEXT and not self.deleted and self.author.id != person_id


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that is not stored yet; a repeated `client_id` of its author is the same one.

    With `options` it is a poll. `draft` is the stored draft that it was typed as: that one is
    deleted with it, and no other.
    """

    room_id: RoomId
    author: Person
    kind: MessageKind
    text: str
    client_id: str
    quoted_number: int | None = None
    mentions: frozenset[PersonId] = frozenset()
    files: tuple[Attachment, ...] = ()
    options: tuple[str, ...] = ()
    draft: str = ""


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page of a room in number order.

    `previous` is the message just before the page, so that its first row can be drawn as a
    following one; None where the room begins. `event` is the room's last event when it was read.
    """

    messages: tuple[Message, ...] = ()
    previous: Message | None = None
    has_older: bool = False
    has_newer: bool = False
    change_number: int = 0

    def with_previous(self) -> Iterator[tuple[Message | None, Message]]:
        """Each message with the one before it."""
        previous = self.previous
        for message in self.messages:
            yield previous, message
            previous = message


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A message that was searched for, its room, and the id to go on searching before."""

    id: int
    room: RoomInfo
    message: Message


@dataclass(frozen=True, slots=True)
class Revision:
    """What a message said before it was edited, and since when."""

    text: str
    since: datetime
