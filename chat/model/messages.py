"""Messages as frozen values without I/O. Each has all that a row shows."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from chat.model.attachments import Attachment
from chat.model.people import Person, PersonId
from chat.model.programs import StreamState, Via, View
from chat.model.reports import Report
from chat.model.rooms import RoomId, RoomInfo

# The most characters of a quoted text that are shown.
QUOTE_LENGTH = 200

# The most people whose faces are at the link to a thread.
MAX_REPLIERS = 3


# Names as they were when the text was written, each with the id of its person.
MentionNames = tuple[tuple[str, PersonId], ...]


class MessageKind(StrEnum):
    """The kind of a message. All but TEXT are system messages about an action of the author."""

    TEXT = "text"
    JOINED = "joined"
    LEFT = "left"
    ROOM_CREATED = "made"
    INVITED = "invited"
    REMOVED = "removed"
    ROOM_RENAMED = "renamed"
    TOPIC_CHANGED = "topic"
    ARCHIVED = "archived"
    REOPENED = "reopened"
    PERSON_RENAMED = "named"
    DICE_ROLLED = "rolled"


@dataclass(frozen=True, slots=True)
class Quote:
    """The quoted message: its number, its author, and the beginning of its current text.

    If the quoted message has files and no text, `file` is the first one, and `text` its name. What
    a program wrote for notifications (`Via.summary`) takes the place of the text.
    `change_number` is that of the quoted message; `is_bot` is whether its author is a program.
    """

    number: int
    author_name: str
    text: str
    author_id: PersonId
    file: Attachment | None = None
    # Not compared: most changes of a message do not change its quote.
    change_number: int = field(default=0, compare=False)
    is_bot: bool = False


def quoted_text(text: str, via: Via | None) -> str:
    """What a quote shows of a text message. The text of a deleted one is empty."""
    if text and via is not None and via.summary:
        text = via.summary
    return text[:QUOTE_LENGTH]


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji below a message, and the people who reacted with it, in that order."""

    emoji: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class PollOption:
    """One option of a poll, and its voters, in the order of their votes."""

    text: str
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Poll:
    """The options of a poll. A person may vote for several, until the poll is closed."""

    options: tuple[PollOption, ...]
    closed: bool = False

    @property
    def voter_count(self) -> int:
        """The number of people who voted."""
        return len({who.id for each in self.options for who in each.people})

    def chosen_by(self, person_id: PersonId) -> tuple[int, ...]:
        """The indices of the options that a person voted for."""
        return tuple(
            n
            for n, each in enumerate(self.options)
            if any(who.id == person_id for who in each.people)
        )


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a room in its current state; times are in UTC.

    `text` is empty if the message is deleted, and may be empty if it has `files`. For a poll it is
    the question. For a system message it is the new title or topic, the name of the invited person,
    the author's previous and new name (a line each), or the dice and their result.

    `change_number` is that of the last change: each room counts its changes, and a new message is
    one of them. `erased` means deleted without leaving a row. `mentions` are person ids;
    `mention_names` are the names in the text that mention people, each with the person's id.
    `via` is how a program sent it; `stream_state` is that of a message that is not complete.
    `view` are its live controls, which its row shows in place of the text. `repliers` are those who
    wrote last in its thread, the last one first; at most MAX_REPLIERS. `report` is that of a
    message in the moderators' room that reports another one. `sequence` is the number of its last
    change, or of its post, in the sequence of the store (chat/model/sequence.py), and
    `post_sequence` that of its post.
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
    mention_names: MentionNames = ()
    via: Via | None = None
    stream_state: StreamState | None = None
    view: View | None = None
    report: Report | None = None
    sequence: int = field(default=0, compare=False)
    post_sequence: int = field(default=0, compare=False)
    repliers: tuple[Person, ...] = ()

    def reactions_of(self, person_id: PersonId) -> tuple[str, ...]:
        """The emoji that a person reacted with."""
        return tuple(
            each.emoji for each in self.reactions if any(who.id == person_id for who in each.people)
        )

    def names(self, person_id: PersonId) -> bool:
        """Whether its row has the name or the avatar of a person."""
        return (
            self.author.id == person_id
            or (self.quote is not None and self.quote.author_id == person_id)
            or any(who.id == person_id for each in self.reactions for who in each.people)
            or (self.poll is not None and bool(self.poll.chosen_by(person_id)))
            or any(each.id == person_id for each in self.repliers)
        )

    def as_quote(self) -> Quote:
        """This message as another one quotes it. The text of a deleted message is empty."""
        text = quoted_text(self.text, self.via) if self.kind is MessageKind.TEXT else ""
        file = self.files[0] if self.files and not text else None
        text = text if file is None else file.name
        author, change_number = self.author, self.change_number
        return Quote(self.number, author.name, text, author.id, file, change_number, author.is_bot)

    def with_quoted(self, quoted: "Message | None") -> "Message":
        """This message with the quote of a newer version of the message that it quotes."""
        quote = self.quote
        if (
            quote is None
            or quoted is None
            or (quoted.room_id, quoted.number) != (self.room_id, quote.number)
            or quoted.change_number <= quote.change_number
            or (new_quote := quoted.as_quote()) == quote
        ):
            return self
        return replace(self, quote=new_quote)

    @property
    def is_written(self) -> bool:
        """Whether its author wrote it, or rolled it: all other kinds are about what they did."""
        return self.kind in {MessageKind.TEXT, MessageKind.DICE_ROLLED}

    def is_unread_for(self, person_id: PersonId) -> bool:
        """Whether this message counts as unread for a person who has not read it yet."""
        return self.kind is MessageKind.TEXT and not self.deleted and self.author.id != person_id


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to store. A repeated `client_id` of an author is a retry of the same message.

    A message with `options` is a poll. `draft` is the stored draft that it was typed as: storing
    the message deletes that draft, and no other.
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
    mention_names: MentionNames = ()
    via: Via | None = None
    stream_state: StreamState | None = None
    view: View | None = None
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page of a room in number order.

    `previous` is the message before the page, or None at the beginning of the room: the first row
    of the page is drawn as its successor. `change_number` is that of the room when it was read.
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
    """A search result: the message, its room, and the id before which the next page begins."""

    id: int
    room: RoomInfo
    message: Message


@dataclass(frozen=True, slots=True)
class Revision:
    """An earlier text of an edited message, and the time since when it was valid."""

    text: str
    since: datetime


@dataclass(frozen=True, slots=True)
class RoomFile:
    """A file of a room: the attachment at this `position` of the message with this number."""

    attachment: Attachment
    number: int
    position: int
    author: Person
    sent_at: datetime
