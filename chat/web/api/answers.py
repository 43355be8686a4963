"""The answers of the API as models; times are in UTC."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chat.model.attachments import Attachment
from chat.model.messages import Message, MessageKind, MessagePage
from chat.model.people import Person
from chat.model.programs import Scope, StreamState
from chat.model.rooms import RoomInfo, RoomKind
from chat.workspace.program_rooms import ProgramProfile, ProgramRoom, SeenPerson, ThreadRoot

EXAMPLE_PERSON = {"id": 7, "name": "Ann", "is_bot": False}
EXAMPLE_BOT = {"id": 12, "name": "ops", "is_bot": True}
EXAMPLE_MESSAGE = {
    "room": "lobby",
    "number": 42,
    "author": EXAMPLE_BOT,
    "kind": "text",
    "text": "Deployed **1.4** to production.",
    "sent_at": "2026-11-30T14:00:00Z",
    "edited_at": None,
    "deleted": False,
    "pinned": False,
    "quote": None,
    "reactions": [{"emoji": "🎉", "people": [EXAMPLE_PERSON]}],
    "mentions": [],
    "replies": 0,
    "last_reply_at": None,
    "files": [],
    "poll": None,
    "sender": None,
    "stream_state": None,
    "view": None,
}
EXAMPLE_ROOM = {
    "slug": "lobby",
    "title": "Lobby",
    "topic": "",
    "kind": "public",
    "archived": False,
    "is_member": True,
}


def _example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [value]})


class PersonAnswer(BaseModel):
    """A person, or a bot."""

    model_config = _example(EXAMPLE_PERSON)

    id: int
    name: str
    is_bot: bool

    @classmethod
    def of(cls, person: Person) -> "PersonAnswer":
        """The answer for a person."""
        return cls(id=person.id, name=person.name, is_bot=person.is_bot)


class SeenPersonAnswer(PersonAnswer):
    """Somebody in the chat, and whether they are connected."""

    model_config = _example({**EXAMPLE_PERSON, "is_online": True})

    is_online: bool

    @classmethod
    def seen(cls, seen: SeenPerson) -> "SeenPersonAnswer":
        """The answer for somebody in the chat."""
        person = seen.person
        return cls(id=person.id, name=person.name, is_bot=person.is_bot, is_online=seen.is_online)


class PeopleAnswer(BaseModel):
    """A page of people."""

    people: list[SeenPersonAnswer]
    next_cursor: str | None = Field(description="For the next page; null on the last one.")


class RoomAnswer(BaseModel):
    """A room. `slug` is its address; the title of a direct conversation is the other names."""

    model_config = _example(EXAMPLE_ROOM)

    slug: str
    title: str
    topic: str
    kind: RoomKind
    archived: bool
    is_member: bool

    @classmethod
    def of(cls, room: ProgramRoom) -> "RoomAnswer":
        """The answer for a room."""
        return cls(**_room_values(room))


class ThreadRootAnswer(BaseModel):
    """The message that a thread is about: the address of its room, and its number there."""

    model_config = _example({"room": "lobby", "number": 42})

    room: str
    number: int

    @classmethod
    def of(cls, root: ThreadRoot | None) -> "ThreadRootAnswer | None":
        """The answer for a thread; None for another room."""
        return None if root is None else cls(room=root.slug, number=root.number)


class OneRoomAnswer(RoomAnswer):
    """A room, how many are in it, and the number of its last message.

    `thread_of` is null for all rooms but threads.
    """

    model_config = _example(
        {**EXAMPLE_ROOM, "member_count": 3, "last_number": 42, "thread_of": None}
    )

    member_count: int
    last_number: int
    thread_of: ThreadRootAnswer | None

    @classmethod
    def of(cls, room: ProgramRoom) -> "OneRoomAnswer":
        """The answer for a room."""
        return cls(
            **_room_values(room),
            member_count=room.member_count,
            last_number=room.last_number,
            thread_of=ThreadRootAnswer.of(room.thread_of),
        )


class RoomsAnswer(BaseModel):
    """A page of rooms."""

    rooms: list[RoomAnswer]
    next_cursor: str | None = Field(description="For the next page; null on the last one.")


class TokenAnswer(BaseModel):
    """What the token of the request allows. `rooms` are addresses, null for all rooms."""

    label: str
    scopes: list[Scope]
    rooms: list[str] | None
    expires_at: datetime | None


class ProfileAnswer(BaseModel):
    """The bot that asks, and the person whose program it is."""

    bot: PersonAnswer
    owner: PersonAnswer | None
    token: TokenAnswer

    @classmethod
    def of(
        cls, profile: ProgramProfile, label: str, scopes: frozenset[Scope], ends: datetime | None
    ) -> "ProfileAnswer":
        """The answer for a profile, and for the token that asks for it."""
        rooms = None if profile.rooms is None else [each.slug for each in profile.rooms]
        token = TokenAnswer(label=label, scopes=sorted(scopes), rooms=rooms, expires_at=ends)
        owner = None if profile.owner is None else PersonAnswer.of(profile.owner)
        return cls(bot=PersonAnswer.of(profile.bot), owner=owner, token=token)


class QuoteAnswer(BaseModel):
    """The quoted message; `text` is its beginning."""

    number: int
    author: str
    text: str


class ReactionAnswer(BaseModel):
    """An emoji below a message, and who reacted with it."""

    emoji: str
    people: list[PersonAnswer]


class FileAnswer(BaseModel):
    """A file of a message; `size` is in bytes, width and height of a picture are in pixels.

    `GET /api/files/{id}` has its content.
    """

    id: str
    name: str
    media_type: str
    size: int
    width: int
    height: int

    @classmethod
    def of(cls, file: Attachment) -> "FileAnswer":
        """The answer for a file."""
        return cls(
            id=file.id,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            width=file.width,
            height=file.height,
        )


class PollOptionAnswer(BaseModel):
    """An option of a poll, and its voters."""

    text: str
    people: list[PersonAnswer]


class PollAnswer(BaseModel):
    """The options of a poll; its question is the text of the message."""

    options: list[PollOptionAnswer]
    closed: bool


class MessageAnswer(BaseModel):
    """A message. With the address of its room, its number is its identity.

    `text` is empty if the message is deleted. For a `kind` other than `text` the chat itself wrote
    the message, about an action of the author. `sender` is what a webhook called itself, which
    nobody has checked.
    """

    model_config = _example(EXAMPLE_MESSAGE)

    room: str
    number: int
    author: PersonAnswer
    kind: MessageKind
    text: str
    sent_at: datetime
    edited_at: datetime | None
    deleted: bool
    pinned: bool
    quote: QuoteAnswer | None
    reactions: list[ReactionAnswer]
    mentions: list[int] = Field(description="The ids of the people whom it mentions.")
    replies: int = Field(description="The messages of its thread.")
    last_reply_at: datetime | None
    files: list[FileAnswer]
    poll: PollAnswer | None
    sender: str | None
    stream_state: StreamState | None
    view: str | None = Field(description="The name of its view, if it has live controls.")

    @classmethod
    def of(cls, room_slug: str, message: Message) -> "MessageAnswer":
        """The answer for a message of the room with this address."""
        quote, poll, via = message.quote, message.poll, message.via
        return cls(
            room=room_slug,
            number=message.number,
            author=PersonAnswer.of(message.author),
            kind=message.kind,
            text=message.text,
            sent_at=message.sent_at,
            edited_at=message.edited_at,
            deleted=message.deleted,
            pinned=message.pinned,
            quote=None
            if quote is None
            else QuoteAnswer(number=quote.number, author=quote.author_name, text=quote.text),
            reactions=[
                ReactionAnswer(emoji=each.emoji, people=_people(each.people))
                for each in message.reactions
            ],
            mentions=sorted(message.mentions),
            replies=message.replies,
            last_reply_at=message.last_reply_at,
            files=[FileAnswer.of(each) for each in message.files],
            poll=None
            if poll is None
            else PollAnswer(
                options=[
                    PollOptionAnswer(text=each.text, people=_people(each.people))
                    for each in poll.options
                ],
                closed=poll.closed,
            ),
            sender=None if via is None else via.sender or None,
            stream_state=message.stream_state,
            view=None if message.view is None else message.view.name,
        )


class ViewAnswer(BaseModel):
    """The live controls of a message."""

    model_config = _example(
        {
            "name": "deploy",
            "state": {"version": "1.4"},
            "drawing": {"type": "Button", "content": "Ship", "on_click": "ship"},
        }
    )

    name: str
    state: Any
    drawing: dict[str, Any]


class ChangeAnswer(BaseModel):
    """The number of the last change of a message. An event with a lower one has an older state."""

    model_config = _example({"change_number": 57})

    change_number: int


class LengthAnswer(BaseModel):
    """How long a text is that is being written, in characters (code points)."""

    model_config = _example({"length": 8})

    length: int


class MessagesAnswer(BaseModel):
    """A page of a room or a thread, in order of number."""

    messages: list[MessageAnswer]
    has_older: bool
    has_newer: bool

    @classmethod
    def of(cls, room_slug: str, page: MessagePage) -> "MessagesAnswer":
        """The answer for a page of the room with this address."""
        messages = [MessageAnswer.of(room_slug, each) for each in page.messages]
        return cls(messages=messages, has_older=page.has_older, has_newer=page.has_newer)


class ThreadAnswer(MessagesAnswer):
    """A page of a thread, and its address as a room; null while nobody has replied."""

    thread: str | None


class SearchAnswer(BaseModel):
    """A page of what was found, the newest first."""

    messages: list[MessageAnswer]
    next_cursor: str | None = Field(description="For the next page; null on the last one.")


class UploadAnswer(BaseModel):
    """A file that waits for its message; `upload_id` goes into `files` of that message.

    `note` is a sentence about a picture that cannot be shown, and is sent as a file.
    """

    model_config = _example(
        {"upload_id": "9Jc2vEw0Qm1xTzAb", "name": "plan.pdf", "size": 1024, "note": None}
    )

    upload_id: str
    name: str
    size: int
    note: str | None


def _people(people: tuple[Person, ...]) -> list[PersonAnswer]:
    return [PersonAnswer.of(each) for each in people]


def _room_values(room: ProgramRoom) -> dict[str, Any]:
    info: RoomInfo = room.info
    return {
        "slug": info.slug,
        "title": room.title,
        "topic": info.topic,
        "kind": info.kind,
        "archived": info.archived,
        "is_member": room.is_member,
    }
