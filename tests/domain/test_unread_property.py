"""What waits for whom, whatever happens: the counts are those that a fresh arrival gets."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chat.errors import ChatError
from chat.model.events import MembershipUpdated, MessageNotification, MessagesPosted, person_topic
from chat.model.messages import MessageKind
from chat.model.people import Person
from chat.model.rooms import Membership, NotificationLevel, RoomId, RoomInfo, RoomKind
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.workspace.workspace import Workspace
from tests.harness.domain import EventRecorder, StoryRunner, settled


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is gathered is told in the next turn."""
    monkeypatch.setattr("chat.rooms.memberships._BATCH_DELAY", 0.0)


Step = tuple[str, int, int, int]

# How many wait, how many of them call, what is heeded, the room and what it is called.
Shown = tuple[int, int, NotificationLevel, RoomInfo, str]

WHAT = (
    *("say", "say", "mention", "edit", "delete", "heed", "thread", "reply", "leave", "join"),
    *("look", "look", "look away", "unread", "read all", "arrive", "depart"),
    *("rename", "archive", "reopen", "direct", "invite", "nick"),
)
step = st.tuples(st.sampled_from(WHAT), st.integers(0, 2), st.integers(0, 4), st.integers(0, 3))
steps = st.lists(st.lists(step, min_size=1, max_size=4), min_size=1, max_size=10)


class PlacesList:
    """The places of somebody as one of their sessions shows them: as they were when it arrived,
    and what was told since."""

    def __init__(self, places: Iterable[Membership]) -> None:
        self._places = {seat.room.id: seat for seat in places}

    def hear(self, event: object) -> None:
        """What the sessions of this person are told."""
        if isinstance(event, MembershipUpdated) and event.membership is None:
            self._places.pop(event.room_id, None)
        elif isinstance(event, MembershipUpdated) and event.membership is not None:
            self._places[event.room_id] = event.membership

    @property
    def lines(self) -> list[Shown]:
        """What is seen of the places, oldest room first."""
        return [_shown(self._places[room]) for room in sorted(self._places)]


class Story:
    """Three people with two tabs each in a few rooms, and what they do."""

    def __init__(
        self, workspace: Workspace, recorder: EventRecorder, people: list[Person], rooms: list[Room]
    ) -> None:
        self._house = workspace
        self._ear = recorder
        self._people = people
        self._rooms = rooms
        self._store: Store = workspace._store
        self._open = {person.id: set[str]() for person in people}
        self._looks: dict[str, RoomId] = {}
        self._lists: dict[str, PlacesList] = {}
        self._count = 0

    async def goes(self, story: list[list[Step]]) -> None:
        """Let it happen; after each turn all counts are held against the store's."""
        try:
            for at_once in story:
                self._ear.events.clear()
                await asyncio.gather(*(self._happens(*each) for each in at_once))
                if len(at_once) == 1:
                    self._calls_are_right()
                await self._counts_are_right()
            for session in sorted(self._looks):
                self._house.memberships.stop_viewing(session)
            self._looks.clear()
            await self._counts_are_right()
        finally:
            # The next story is another one, even if this did not go as it should.
            for person in self._people:
                for session in sorted(self._open[person.id]):
                    self._house.memberships.session_disconnected(person, session)
        assert not any(self._house.memberships._not_viewing.values())

    async def _happens(self, what: str, who: int, which: int, how: int) -> None:
        self._count += 1
        person, room = self._people[who], self._rooms[which % len(self._rooms)]
        try:
            if what in {"look", "look away", "unread", "read all", "arrive", "depart"}:
                await self._looks_or_not(what, person, room, how)
            elif what in {"heed", "leave", "join", "invite", "direct", "nick"}:
                await self._moves(what, person, room, how)
            elif what in {"rename", "archive", "reopen"}:
                await self._becomes(what, person, room, how)
            else:
                await self._talks(what, person, room, how)
        except ChatError:
            pass  # They are not in it, or it is deleted.

    async def _talks(self, what: str, person: Person, room: Room, how: int) -> None:
        key, number = f"{self._rooms[0].info.id} {self._count}", max(1, room.last_number - how)
        match what:
            case "say":
                await room.post(person, key, key)
            case "mention":
                await room.post(person, ("@Ann", "@Bob", "@everyone", "@Cid @here")[how], key)
            case "edit":
                await room.edit(person, number, ("@Ann", "@Bob", "@everyone", "nobody")[how])
            case "delete":
                await room.delete(person, number)
            case "thread" | "reply":
                thread = await self._house.rooms.get_or_create_thread(person, room, number)
                self._is_there(thread)
                if what == "reply":
                    await thread.post(person, f"@Cid {key}" if how else key, key)

    async def _moves(self, what: str, person: Person, room: Room, how: int) -> None:
        rooms = self._house.rooms
        match what:
            case "heed":
                await rooms.set_notification_level(person, room, list(NotificationLevel)[how % 3])
            case "leave":
                await rooms.leave(person, room)
            case "join":
                await rooms.join(person, room)
            case "invite":
                await rooms.invite(person, room, self._people[how % 3])
            case "direct":
                self._is_there(await rooms.get_or_create_direct(person, self._people[:how]))
            case "nick":
                name = f"{person.name}{' Lee' * how} {person.id}"
                await self._house.profiles.rename(person, name)

    async def _becomes(self, what: str, person: Person, room: Room, how: int) -> None:
        if what == "rename":
            await self._house.rooms.rename(person, room, f"Room {how}")
        else:
            await self._house.rooms.set_archived(person, room, archived=what == "archive")

    def _is_there(self, room: Room) -> None:
        if room not in self._rooms:
            self._rooms.append(room)

    async def _looks_or_not(self, what: str, person: Person, room: Room, how: int) -> None:
        seats, session = self._house.memberships, f"{person.name} {how % 2}"
        is_open = session in self._open[person.id]
        if what == "arrive" and not is_open:
            self._open[person.id].add(session)
            await seats.session_connected(person, session)
            self._list_is_drawn(person, session)
        elif what == "depart" and is_open:
            self._open[person.id].discard(session)
            self._looks.pop(session, None)
            self._lists.pop(session, None)
            seats.session_disconnected(person, session)
        elif what == "look" and is_open and room.can_read(person):
            self._looks[session] = room.info.id
            seats.start_viewing(person, session, room.info.id, room.last_number)
        elif what == "look away" and is_open:
            self._looks.pop(session, None)
            seats.stop_viewing(session)
        elif what == "read all":
            seats.mark_all_read(person)
            assert not any(seat.unread or seat.unread_mentions for seat in seats.for_person(person))
        elif what == "unread":
            for each in self._open[person.id] if seats.get(person, room.info.id) else ():
                if self._looks.get(each) == room.info.id:
                    del self._looks[each]
            await seats.mark_unread(person, room.info.id, room.last_number - how)

    def _list_is_drawn(self, person: Person, session: str) -> None:
        if session in self._open[person.id]:
            self._lists[session] = PlacesList(self._house.memberships.for_person(person))
            self._ear.subscribe(person_topic(person.id), self._lists[session])

    def _calls_are_right(self) -> None:
        """Exactly those are called whom a message calls, and who do not look."""
        called, wanted = set(), set()
        for topic, event in self._ear.events:
            if isinstance(event, MessageNotification):
                called.add((topic, event.message.room_id, event.message.number))
            if isinstance(event, MessagesPosted):
                for message in event.messages:
                    if message.kind is MessageKind.TEXT:
                        wanted |= {
                            (person_topic(person.id), message.room_id, message.number)
                            for person in self._people
                            if self._is_called(person, message.room_id, message.mentions)
                            and person.id != message.author.id
                        }
        assert called == wanted

    def _is_called(self, person: Person, room: RoomId, mentions: frozenset[int]) -> bool:
        seat = self._house.memberships.get(person, room)
        if (
            seat is None
            or seat.notification_level is NotificationLevel.NOTHING
            or room in self._seen_by(person)
        ):
            return False
        is_close = seat.room.kind in {RoomKind.DIRECT, RoomKind.THREAD}
        return person.id in mentions or (
            is_close and seat.notification_level is NotificationLevel.ALL
        )

    def _seen_by(self, person: Person) -> set[RoomId]:
        return {self._looks[each] for each in self._open[person.id] if each in self._looks}

    async def _counts_are_right(self) -> None:
        await settled(self._house)
        for person in self._people:
            places = self._house.memberships.for_person(person)
            if not self._open[person.id]:
                assert places == ()
                continue
            fresh = await self._store.memberships(person.id)
            assert list(map(self._as_seen(person), fresh)) == list(places)
            for session in self._open[person.id]:
                assert self._lists[session].lines == list(map(_shown, places))

    def _as_seen(self, person: Person) -> "Looking":
        return Looking(self._seen_by(person))


def _shown(seat: Membership) -> Shown:
    return seat.unread, seat.unread_mentions, seat.notification_level, seat.room, seat.title


class Looking:
    """A stored place as its person has it: what they look at is read."""

    def __init__(self, rooms: set[RoomId]) -> None:
        self._rooms = rooms

    def __call__(self, seat: Membership) -> Membership:
        if seat.room.id not in self._rooms:
            return seat
        return replace(seat, unread=0, unread_mentions=0, last_read=seat.last_number)


class Houseful(StoryRunner[list[list[Step]]]):
    """One house in which every story has rooms and people of its own."""

    async def _story(self, story: list[list[Step]]) -> None:
        self._recorder.reset()
        people = [await self._workspace._store.add_person(name) for name in ("Ann", "Bob", "Cid")]
        ann, bob, outsider = people
        make = self._workspace.rooms.create
        rooms = [
            await make(ann, f"Public {ann.id}", invited=[bob]),
            await make(ann, f"Private {ann.id}", RoomKind.PRIVATE, invited=[bob, outsider]),
            await self._workspace.rooms.get_or_create_direct(ann, [bob]),
        ]
        await Story(self._workspace, self._recorder, people, rooms).goes(story)


@pytest.fixture(scope="module")
def story_runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houseful]:
    """One house for all stories; nobody waits in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chat.rooms.feed._GAP_WAIT", 0.0)
        story_runner = Houseful(tmp_path_factory.mktemp("stage"))
        yield story_runner
        story_runner.close()


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@example([[("arrive", 1, 0, 0), ("say", 0, 0, 0)], [("look", 1, 0, 0), ("say", 0, 0, 0)]])
@example([[("arrive", 1, 0, 0)], [("reply", 1, 0, 0)], [("look", 1, 3, 0)], [("say", 0, 3, 0)]])
@example(
    [
        [("arrive", 1, 1, 0)],
        [("say", 0, 1, 0), ("say", 2, 1, 0), ("look", 1, 1, 0), ("unread", 1, 1, 1)],
        [("edit", 0, 1, 1), ("unread", 1, 1, 2), ("delete", 0, 1, 0), ("depart", 1, 0, 0)],
    ]
)
@example([[("arrive", 2, 1, 0)], [("depart", 2, 1, 0)], [("say", 0, 1, 0)], [("arrive", 2, 1, 0)]])
@example(
    [
        [("arrive", 2, 1, 0)],
        [("say", 0, 1, 0)],
        [("look", 2, 1, 0)],
        [("unread", 2, 1, 1), ("look", 2, 1, 0), ("look away", 2, 1, 0)],
    ]
)
@given(steps)
def test_whatever_happens_the_counts_are_those_of_a_fresh_arrival(
    story_runner: Houseful, story: list[list[Step]]
) -> None:
    story_runner.run(story)
