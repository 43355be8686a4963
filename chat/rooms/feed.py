"""The feed: publishes every change of every room once, in the order of change numbers."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import structlog

from chat.model.events import MessageChanged, MessagesPosted, Publish, room_topic
from chat.model.messages import Message, MessagePage
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId
from chat.people.blocks import Blocks
from chat.store.contract import Store
from chat.tasks import Tasks
from chat.text.folding import may_be_folded
from chat.text.markup.reader import may_have_formula

log = structlog.get_logger(__name__)

_GAP_PAGE_SIZE = 1000

# The last messages of a room are kept for sessions that are a moment behind.
BUFFER_SIZE = 500


class _RoomLog:
    """One room: its last published change, and the changes that wait for an earlier one."""

    def __init__(self, last_change: int, messages: Sequence[Message]) -> None:
        self.last_change = last_change
        self.pending: dict[int, MessageChanged] = {}
        self.is_filling_gap = False
        # The last messages as they are now, in number order without a gap.
        self._messages = deque(messages, maxlen=BUFFER_SIZE)
        # The last changed messages by number, and the newest change that was dropped from them.
        self._changed_messages: OrderedDict[int, Message] = OrderedDict()
        self.evicted_change = 0
        self._after_cache: tuple[int, int, tuple[Message, ...]] = (0, 0, ())

    @property
    def last_number(self) -> int:
        """The number of the newest message."""
        return self._messages[-1].number if self._messages else 0

    def apply(self, change: MessageChanged) -> bool:
        """Record a change, and return whether it is a new message."""
        message = change.message
        self.last_change = max(self.last_change, message.change_number)
        if message.number > self.last_number:
            self._messages.append(message)
            return True
        if message.number >= self._messages[0].number:
            self._messages[message.number - self.last_number - 1] = message
        self._after_cache = (0, 0, ())
        self._changed_messages[message.number] = message
        self._changed_messages.move_to_end(message.number)
        if change.quoting:
            self._update_quotes(message)
        if len(self._changed_messages) > BUFFER_SIZE:
            _, oldest = self._changed_messages.popitem(last=False)
            self.evicted_change = oldest.change_number
        return False

    def after(self, number: int) -> tuple[Message, ...] | None:
        missed = self.last_number - number
        if missed <= 0:
            return ()
        if missed > len(self._messages):
            return None
        # Most sessions miss the same messages: they share one tuple, which is drawn once.
        if self._after_cache[:2] != (number, self.last_number):
            self._after_cache = (number, self.last_number, tuple(self._messages)[-missed:])
        return self._after_cache[2]

    def newest(self, limit: int) -> MessagePage | None:
        # While an event is missing, the store may know more than the log.
        count = min(limit, self.last_number)
        has_older = count < self.last_number
        kept = None if self.pending else self.after(self.last_number - count - has_older)
        if kept is None:
            return None
        previous, messages = (kept[0], kept[1:]) if has_older else (None, kept)
        return MessagePage(messages, previous, has_older, change_number=self.last_change)

    def keep(self, page: MessagePage) -> None:
        """Keep the newest page, if it is as new as the log and has more messages."""
        messages = page.messages if page.previous is None else (page.previous, *page.messages)
        if (
            page.change_number == self.last_change
            and len(messages) > len(self._messages)
            and messages[-1].number == self.last_number
        ):
            self._messages = deque(messages, maxlen=BUFFER_SIZE)
            self._after_cache = (0, 0, ())

    def get(self, number: int) -> Message | None:
        # While an event is missing, the store may know more than the log.
        if self.pending:
            return None
        index = number - self.last_number - 1
        if -len(self._messages) <= index < 0:
            return self._messages[index]
        return self._changed_messages.get(number)

    def _update_quotes(self, quoted: Message) -> None:
        messages = [each.with_quoted(quoted) for each in self._messages]
        self._messages = deque(messages, maxlen=BUFFER_SIZE)
        for number, message in self._changed_messages.items():
            self._changed_messages[number] = message.with_quoted(quoted)

    def update_people(self, profiles: Mapping[PersonId, Person]) -> None:
        messages = [with_current_profiles(each, profiles) for each in self._messages]
        self._messages = deque(messages, maxlen=BUFFER_SIZE)
        for number, message in self._changed_messages.items():
            self._changed_messages[number] = with_current_profiles(message, profiles)
        self._after_cache = (0, 0, ())

    def current(self, message: Message) -> Message:
        changed = self._changed_messages.get(message.number)
        if changed is not None and changed.change_number > message.change_number:
            message = changed
        if message.quote is None:
            return message
        return message.with_quoted(self._changed_messages.get(message.quote.number))


# A change that is late by less than this, in seconds, needs no read from the store.
GAP_WAIT = 0.05


class Feed:
    """The changes of all rooms of one process."""

    def __init__(
        self,
        store: Store,
        gap_wait: float = GAP_WAIT,
        *,
        blocks: Blocks,
        publish: Publish,
    ) -> None:
        self._store = store
        self._blocks = blocks
        self._publish = publish
        self._gap_wait = gap_wait
        self._room_logs: dict[RoomId, _RoomLog] = {}
        # The current profiles of people who changed theirs since the start.
        self._profiles: dict[PersonId, Person] = {}
        self._tasks = Tasks()

    @property
    def is_idle(self) -> bool:
        """Whether no gap is being filled."""
        return self._tasks.is_idle

    async def track(self, room_id: RoomId) -> None:
        """Begin to publish a room, after the changes that the store holds. May be repeated."""
        newest = await self._store.newest(room_id, 1)
        messages = [with_current_profiles(each, self._profiles) for each in newest.messages]
        self._room_logs.setdefault(room_id, _RoomLog(newest.change_number, messages))

    def last_number(self, room_id: RoomId) -> int:
        """The number of the newest published message."""
        return self._room_logs[room_id].last_number

    def publish_ephemeral(self, room_id: RoomId, event: object) -> None:
        """Publish an event that has no change number and is not kept."""
        self._publish(room_topic(room_id), event)

    def recent(self, room_id: RoomId, after: int) -> tuple[Message, ...] | None:
        """The messages after number `after`, or None if some are not kept any more."""
        return self._room_logs[room_id].after(after)

    def newest(self, room_id: RoomId, limit: int) -> MessagePage | None:
        """The last page of a room, or None if the feed does not hold all of it."""
        return self._room_logs[room_id].newest(limit)

    def keep_newest(self, room_id: RoomId, page: MessagePage) -> None:
        """Keep the last page of a room, which was read from the store, for the next reader."""
        self._room_logs[room_id].keep(page)

    def message(self, room_id: RoomId, number: int) -> Message | None:
        """The message with this number as it is now, or None if only the store holds it."""
        return self._room_logs[room_id].get(number)

    def catch_up(self, room_id: RoomId, page: MessagePage) -> MessagePage | None:
        """`page` with the changes since it was read, or None if some are not kept any more."""
        room_log = self._room_logs[room_id]
        if self._profiles:
            page = replace(
                page,
                messages=tuple(
                    with_current_profiles(each, self._profiles) for each in page.messages
                ),
                previous=page.previous and with_current_profiles(page.previous, self._profiles),
            )
        if page.change_number >= room_log.last_change:
            return page
        if page.change_number < room_log.evicted_change:
            return None
        messages = tuple(map(room_log.current, page.messages))
        previous = page.previous and room_log.current(page.previous)
        return replace(
            page, messages=messages, previous=previous, change_number=room_log.last_change
        )

    def update_person(self, person: Person) -> None:
        """Show the new profile of a person in all messages: those that are kept, and later ones."""
        self._profiles[person.id] = person
        for room_log in self._room_logs.values():
            room_log.update_people(self._profiles)

    def current_profile(self, person: Person) -> Person:
        """The current profile of a person."""
        return self._profiles.get(person.id, person)

    def publish(self, change: MessageChanged) -> None:
        """Publish a change as soon as all earlier ones are published; drop a repeated one."""
        room_id = change.message.room_id
        room_log = self._room_logs[room_id]
        if change.message.change_number <= room_log.last_change:
            return
        room_log.pending[change.message.change_number] = change
        self._publish_all(room_id, list(_pop_consecutive(room_log)))
        if room_log.pending and not room_log.is_filling_gap:
            room_log.is_filling_gap = True
            self._tasks.start(self._fill_gap(room_id), f"fill the gap of room {room_id}")

    async def close(self) -> None:
        """Stop filling gaps."""
        await self._tasks.stop()

    def _publish_all(self, room_id: RoomId, changes: Sequence[MessageChanged]) -> None:
        room_log = self._room_logs[room_id]
        if self._profiles:
            changes = [_change_with_current_profiles(each, self._profiles) for each in changes]
        posted, changed = list[Message](), list[MessageChanged]()
        for change in changes:
            if room_log.apply(change):
                posted.append(change.message)
            else:
                changed.append(change)
        if posted:
            needs_own_rendering = any(
                may_have_formula(each.text) or may_be_folded(each.text) for each in posted
            )
            mentioned_ids = frozenset[PersonId]().union(*(each.mentions for each in posted))
            shown_ids = [each.author.id for each in posted]
            shown_ids += [each.quote.author_id for each in posted if each.quote is not None]
            own_look_ids = mentioned_ids | self._blocks.blockers_of(shown_ids)
            self._publish(
                room_topic(room_id),
                MessagesPosted(tuple(posted), needs_own_rendering, own_look_ids),
            )
        for change in changed:
            self._publish(room_topic(room_id), change)

    async def _fill_gap(self, room_id: RoomId) -> None:
        """Read changes that were stored but never published: the caller was stopped in between."""
        room_log = self._room_logs[room_id]
        try:
            await asyncio.sleep(self._gap_wait)
            while room_log.pending:
                changes = await self._store.changes(room_id, room_log.last_change, _GAP_PAGE_SIZE)
                # Some may have been published during the read.
                changes = tuple(
                    each for each in changes if each.message.change_number > room_log.last_change
                )
                # In order of message numbers: a new message that has changed since is stored with
                # its last change number only.
                self._publish_all(room_id, sorted(changes, key=lambda each: each.message.number))
                room_log.pending = {
                    n: e for n, e in room_log.pending.items() if n > room_log.last_change
                }
                self._publish_all(room_id, list(_pop_consecutive(room_log)))
                if not changes and room_log.pending:
                    log.error("an event is missing", room=room_id, after=room_log.last_change)
                    return
        finally:
            room_log.is_filling_gap = False


def with_current_profiles(message: Message, profiles: Mapping[PersonId, Person]) -> Message:
    """A message with the current profiles of its people; the same object if they are current."""
    author = profiles.get(message.author.id, message.author)
    reactions, poll = message.reactions, message.poll
    if any(who.id in profiles for each in reactions for who in each.people):
        reactions = tuple(
            replace(each, people=_current_profiles(each.people, profiles)) for each in reactions
        )
    if poll is not None:
        options = (
            replace(each, people=_current_profiles(each.people, profiles)) for each in poll.options
        )
        poll = replace(poll, options=tuple(options))
    quote = message.quote
    if quote is not None and quote.author_id in profiles:
        quote = replace(quote, author_name=profiles[quote.author_id].name)
    updated = replace(
        message,
        author=author,
        reactions=reactions,
        poll=poll,
        quote=quote,
        repliers=_current_profiles(message.repliers, profiles),
    )
    return message if updated == message else updated


def _current_profiles(
    people: Sequence[Person], profiles: Mapping[PersonId, Person]
) -> tuple[Person, ...]:
    return tuple(profiles.get(who.id, who) for who in people)


def _change_with_current_profiles(
    change: MessageChanged, profiles: Mapping[PersonId, Person]
) -> MessageChanged:
    return replace(
        change,
        message=with_current_profiles(change.message, profiles),
        previous=change.previous and with_current_profiles(change.previous, profiles),
        following=change.following and with_current_profiles(change.following, profiles),
    )


def _pop_consecutive(room_log: _RoomLog) -> Iterator[MessageChanged]:
    number = room_log.last_change + 1
    while (change := room_log.pending.pop(number, None)) is not None:
        yield change
        number += 1
