"""Events as frozen values, and how a stream of them is read. Nothing here does I/O.

The stream has server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html);
`docs/events.md` has their types.
"""

import json
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flet_chat.answers import Message, Person, ThreadRoot, Values
from flet_chat.errors import ChatError

# Seconds without a heartbeat, as a multiple of their interval, after which a connection is dead.
SILENCE_FACTOR = 2.5

# The interval that is assumed until the stream has told its own, in seconds.
ASSUMED_HEARTBEAT = 15.0

# The first pause before another connection and the longest one, in seconds. Each is twice the one
# before, and by chance up to half shorter.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0

# The longest line of a stream, in bytes. An event with a message of full length is far shorter.
LINE_LIMIT = 4 * 1024 * 1024

# What the chat may be able to do in a moment.
_TEMPORARY = frozenset({429, 500, 502, 503, 504})

# Blocks about the stream itself.
_HELLO, _HEARTBEAT, _ERROR = "hello", "heartbeat", "error"


class ResyncRequired(ChatError):
    """The cursor is of another chat, or of data that were replaced by an older copy.

    Read the rooms anew, and begin without a cursor.
    """


@dataclass(frozen=True, slots=True)
class EventRoom:
    """The room where something happened; `slug` is its address, that of a thread its own."""

    slug: str
    title: str
    kind: str
    thread_of: ThreadRoot | None

    @property
    def is_direct(self) -> bool:
        """Whether it is a direct conversation."""
        return self.kind == "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `message` is in its state of now, None for people's presence.

    `cursor` is the place after it; None for what is not stored. `values` are all fields as the chat
    has sent them, also those of types that this client does not know.
    """

    type: str
    room: EventRoom | None
    number: int | None
    message: Message | None
    people: tuple[Person, ...]
    cursor: str | None
    values: Values = field(repr=False)

    @classmethod
    def read(cls, values: Values) -> "Event":
        """The event of a block."""
        room, message = values.get("room"), values.get("message")
        return cls(
            type=values["type"],
            room=None if room is None else _room(room),
            number=values.get("number"),
            message=None if message is None else Message.read(message),
            people=tuple(Person.read(each) for each in values.get("people", ())),
            cursor=values.get("cursor"),
            values=values,
        )


def _room(values: Values) -> EventRoom:
    root = values["thread_of"]
    thread_of = None if root is None else ThreadRoot(root["room"], root["number"])
    return EventRoom(values["slug"], values["title"], values["kind"], thread_of)


class EventReading:
    """The state of a reader: its cursor, the rest of a line, and how often it has failed in a row.

    `slugs` are the addresses of the rooms that it reads, none for all. `feed` takes what comes from
    the connection, and gives the events in it.
    """

    def __init__(self, types: Collection[str], cursor: str | None) -> None:
        self._types = types
        self.slugs: Sequence[str] = ()
        self.cursor = cursor
        self._rest, self._data = b"", list[bytes]()
        self._heartbeat_seconds = ASSUMED_HEARTBEAT
        self._failures = 0

    @property
    def silence_seconds(self) -> float:
        """The seconds after which a silent connection is dead."""
        return self._heartbeat_seconds * SILENCE_FACTOR

    def begin(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """The query and the headers of a new connection."""
        self._rest, self._data = b"", []
        query = dict[str, str]()
        if self._types:
            query["types"] = ",".join(self._types)
        if self.slugs:
            query["rooms"] = ",".join(self.slugs)
        if self.cursor is not None:
            query["after"] = self.cursor
        return query, {"accept": "text/event-stream", "cache-control": "no-store"}

    def check(self, status: int, content: bytes, retry_after: str = "") -> float:
        """The seconds until another attempt, after a request was refused. Raises ChatError."""
        error = _refusal(status, content)
        if status not in _TEMPORARY:
            raise error
        wait = float(retry_after) if retry_after.isdecimal() else 0.0
        return max(wait, self.pause())

    def pause(self) -> float:
        """The seconds until another attempt, after a connection failed or has ended."""
        longest: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures, 10))
        self._failures += 1
        return longest * (1 - random.random() / 2)

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events that are complete with this. Raises ChatError if the chat ended the stream."""
        # Only line feeds end a line: others may be in a text.
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > LINE_LIMIT:
            raise _no_stream()
        for line in lines:
            line = line.removesuffix(b"\r")
            if line.startswith(b"data:"):
                self._data.append(line[5:].lstrip(b" "))
            elif not line and self._data:
                data, self._data = b"\n".join(self._data), []
                yield from self._event(data)

    def _event(self, data: bytes) -> Iterator[Event]:
        try:
            values = json.loads(data)
            type_, cursor = values["type"], values.get("cursor")
        except (ValueError, TypeError, KeyError, AttributeError):
            raise _no_stream() from None
        self._failures = 0
        if type_ == _ERROR:
            raise ChatError(values["error"], values["message"])
        if type_ == _HELLO:
            self._heartbeat_seconds = float(values["heartbeat_seconds"])
        self.cursor = cursor or self.cursor
        if type_ not in {_HELLO, _HEARTBEAT}:
            yield Event.read(values)


def _refusal(status: int, content: bytes) -> ChatError:
    try:
        values = json.loads(content)
        kind = ResyncRequired if values["error"] == "resync" else ChatError
        return kind(values["error"], values["message"], status)
    except (ValueError, TypeError, KeyError):
        return _no_stream(status)


def _no_stream(status: int | None = None) -> ChatError:
    sentence = "The answer is no stream of Flet Chat. Check the address of the chat."
    return ChatError("bad_answer", sentence, status)
