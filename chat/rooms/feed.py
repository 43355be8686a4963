"""What happens in the rooms, announced once and in event order, whatever order it came in."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import structlog

from chat.model.events import Announce, Changed, Fresh, room_topic
from chat.model.messages import Message, MessagePage
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId
from chat.store.contract import Store
from chat.tasks import Tasks
from chat.text.markup.reader import has_formula

log = structlog.get_logger(__name__)


# A message whose poster is a moment behind its successor's needs no reading.
_PATIENCE = 0.05
_PAGE = 1000

# What was announced last is kept for sessions that are a moment behind.
_RECENT = 500


class _Stream:
    """One room: its last announced event, and what waits for an event before it."""

    def __init__(self, last: int, messages: Sequence[Message]) -> None:
        self.last = last
        self.waiting: dict[int, Changed] = {}
        self.filling = False
        # The last messages as they are now, in number order without a gap.
        self._messages = deque(messages, maxlen=_RECENT)
        # Those that changed last, by number, and the newest event that is forgotten of them.
        self._changed: OrderedDict[int, Message] = OrderedDict()
        self.forgot = 0
        self._asked: tuple[int, int, tuple[Message, ...]] = (0, 0, ())

    @property
    def newest(self) -> int:
        """The number of the newest message."""
        return self._messages[-1].number if self._messages else 0

    def take(self, event: Changed) -> bool:
        """Something happened; whether it is a new message."""
        message = event.message
        self.last = max(self.last, message.change_number)
        if message.number > self.newest:
            self._messages.append(message)
            return True
        if message.number >= self._messages[0].number:
            self._messages[message.number - self.newest - 1] = message
        self._asked = (0, 0, ())
        self._changed[message.number] = message
        self._changed.move_to_end(message.number)
        if len(self._changed) > _RECENT:
            _, oldest = self._changed.popitem(last=False)
            self.forgot = oldest.change_number
        return False

    def after(self, number: int) -> tuple[Message, ...] | None:
        missed = self.newest - number
        if missed <= 0:
            return ()
        if missed > len(self._messages):
            return None
        # Whoever is behind is behind by the same: one tuple for all, which is drawn once for all.
        if self._asked[:2] != (number, self.newest):
            self._asked = (number, self.newest, tuple(self._messages)[-missed:])
        return self._asked[2]

    def look(self, known: Mapping[PersonId, Person]) -> None:
        messages = [as_known(each, known) for each in self._messages]
        self._messages = deque(messages, maxlen=_RECENT)
        for number, message in self._changed.items():
            self._changed[number] = as_known(message, known)
        self._asked = (0, 0, ())

    def as_now(self, message: Message) -> Message:
        changed = self._changed.get(message.number)
        return (
            changed
            if changed is not None and changed.change_number > message.change_number
            else message
        )


class Feed:
    """All rooms of one process."""

    def __init__(self, store: Store, announce: Announce) -> None:
        self._store = store
        self._announce = announce
        self._streams: dict[RoomId, _Stream] = {}
        # Those who look otherwise since the chat began, as they are now.
        self._known: dict[PersonId, Person] = {}
        self._tasks = Tasks()

    async def follow(self, room: RoomId) -> None:
        """Begin after what the store already holds; done before, it changes nothing."""
        newest = await self._store.newest(room, 1)
        messages = [as_known(each, self._known) for each in newest.messages]
        self._streams.setdefault(room, _Stream(newest.change_number, messages))

    def last(self, room: RoomId) -> int:
        """The number of the newest message that was announced."""
        return self._streams[room].newest

    def tell(self, room: RoomId, event: object) -> None:
        """Announce something that has no number, and is forgotten."""
        self._announce(room_topic(room), event)

    def recent(self, room: RoomId, after: int) -> tuple[Message, ...] | None:
        """The messages after number `after`, or None if that is longer than it is kept."""
        return self._streams[room].after(after)

    def renewed(self, room: RoomId, page: MessagePage) -> MessagePage | None:
        """`page` with what happened since it was read; None if that is not known any more."""
        stream = self._streams[room]
        if self._known:
            page = replace(
                page,
                messages=tuple(as_known(each, self._known) for each in page.messages),
                previous=page.previous and as_known(page.previous, self._known),
            )
        if page.change_number >= stream.last:
            return page
        if page.change_number < stream.forgot:
            return None
        messages = tuple(map(stream.as_now, page.messages))
        previous = page.previous and stream.as_now(page.previous)
        return replace(page, messages=messages, previous=previous, event=stream.last)

    def look(self, person: Person) -> None:
        """A person looks otherwise: what is kept of them, and what is read or rung later, shows
        it."""
        self._known[person.id] = person
        for stream in self._streams.values():
            stream.look(self._known)

    def known(self, person: Person) -> Person:
        """A person as they are now."""
        return self._known.get(person.id, person)

    def ring(self, event: Changed) -> None:
        """Announce `event` as soon as all before it have been; a repeat is dropped."""
        room = event.message.room
        stream = self._streams[room]
        if event.message.change_number <= stream.last:
            return
        stream.waiting[event.message.change_number] = event
        self._announce_all(room, list(_ready(stream)))
        if stream.waiting and not stream.filling:
            stream.filling = True
            self._tasks.start(self._fill(room), f"fill the gap of room {room}")

    async def close(self) -> None:
        """Stop reading for gaps."""
        await self._tasks.stop()

    def _announce_all(self, room: RoomId, events: Sequence[Changed]) -> None:
        stream = self._streams[room]
        if self._known:
            events = [_event_as_known(each, self._known) for each in events]
        fresh, changed = list[Message](), list[Changed]()
        for event in events:
            if stream.take(event):
                fresh.append(event.message)
            else:
                changed.append(event)
        if fresh:
            calls = any(each.mentions or has_formula(each.text) for each in fresh)
            self._announce(room_topic(room), Fresh(tuple(fresh), calls))
        for event in changed:
            self._announce(room_topic(room), event)

    async def _fill(self, room: RoomId) -> None:
        """Read what was stored but never rung: its poster went away between the two."""
        stream = self._streams[room]
        try:
            await asyncio.sleep(_PATIENCE)
            while stream.waiting:
                events = await self._store.changes(room, stream.last, _PAGE)
                # Some may have been rung while they were read.
                events = tuple(each for each in events if each.message.change_number > stream.last)
                # New ones in order of number: one that changed since is not read under its first
                # event.
                self._announce_all(room, sorted(events, key=lambda each: each.message.number))
                stream.waiting = {n: e for n, e in stream.waiting.items() if n > stream.last}
                self._announce_all(room, list(_ready(stream)))
                if not events and stream.waiting:
                    log.error("an event is missing", room=room, after=stream.last)
                    return
        finally:
            stream.filling = False


def as_known(message: Message, known: Mapping[PersonId, Person]) -> Message:
    """A message whose people look as they do now; the same one if nothing is to be changed."""
    author = known.get(message.author.id, message.author)
    reactions, poll = message.reactions, message.poll
    if any(who.id in known for each in reactions for who in each.people):
        reactions = tuple(replace(each, people=_known(each.people, known)) for each in reactions)
    if poll is not None:
        options = (replace(each, people=_known(each.people, known)) for each in poll.options)
        poll = replace(poll, options=tuple(options))
    quote = message.quote
    if quote is not None and quote.author_id in known:
        quote = replace(quote, name=known[quote.author_id].name)
    now = replace(message, author=author, reactions=reactions, poll=poll, quote=quote)
    return message if now == message else now


def _known(people: Sequence[Person], known: Mapping[PersonId, Person]) -> tuple[Person, ...]:
    return tuple(known.get(who.id, who) for who in people)


def _event_as_known(event: Changed, known: Mapping[PersonId, Person]) -> Changed:
    return Changed(
        as_known(event.message, known),
        event.previous and as_known(event.previous, known),
        event.following and as_known(event.following, known),
    )


def _ready(stream: _Stream) -> Iterator[Changed]:
    number = stream.last + 1
    while (event := stream.waiting.pop(number, None)) is not None:
        yield event
        number += 1
