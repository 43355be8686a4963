"""Unread counts after random events: those in memory equal those of a fresh connection."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

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

# A kind of event, the person (0 to 2), the room, a variant.
Step = tuple[str, int, int, int]

# The unread count, the mentions among them, the notification level, the room and its title.
ShownMembership = tuple[int, int, NotificationLevel, RoomInfo, str]

STEP_NAMES = (
    *("post", "post", "mention", "edit", "delete", "set level", "thread", "reply", "leave", "join"),
    *("view", "view", "stop viewing", "mark unread", "mark all read", "connect", "disconnect"),
    *("rename room", "archive", "reopen", "open direct", "invite", "rename person"),
)
step = st.tuples(
    st.sampled_from(STEP_NAMES), st.integers(0, 2), st.integers(0, 4), st.integers(0, 3)
)
steps = st.lists(st.lists(step, min_size=1, max_size=4), min_size=1, max_size=10)


class ReplayedSidebar:
    """The memberships that one session shows: those at its start, changed by the events since."""

    def __init__(self, memberships: Iterable[Membership]) -> None:
        self._memberships = {membership.room.id: membership for membership in memberships}

    def on_event(self, event: object) -> None:
        """Apply an event of the person's topic."""
        if isinstance(event, MembershipUpdated) and event.membership is None:
            self._memberships.pop(event.room_id, None)
        elif isinstance(event, MembershipUpdated) and event.membership is not None:
            self._memberships[event.room_id] = event.membership

    @property
    def items(self) -> list[ShownMembership]:
        """The visible values of the memberships, oldest room first."""
        return [_as_shown(self._memberships[room]) for room in sorted(self._memberships)]


class UnreadStory:
    """Three people with two sessions each in a few rooms, and their steps."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        recorder: EventRecorder,
        people: list[Person],
        rooms: list[Room],
    ) -> None:
        self._workspace = workspace
        self._recorder = recorder
        self._people = people
        self._rooms = rooms
        self._store = store
        self._open_sessions = {person.id: set[str]() for person in people}
        self._viewed_rooms: dict[str, RoomId] = {}
        self._sidebars: dict[str, ReplayedSidebar] = {}
        self._count = 0

    async def run(self, story: list[list[Step]]) -> None:
        """Run the steps; after each group, all counts are compared with the store's."""
        try:
            for concurrent_steps in story:
                self._recorder.events.clear()
                await asyncio.gather(*(self._run_step(*each) for each in concurrent_steps))
                if len(concurrent_steps) == 1:
                    self._assert_notifications()
                await self._assert_counts()
            for session in sorted(self._viewed_rooms):
                self._workspace.memberships.stop_viewing(session)
            self._viewed_rooms.clear()
            await self._assert_counts()
        finally:
            # The next story must start without sessions, also after a failure.
            for person in self._people:
                for session in sorted(self._open_sessions[person.id]):
                    self._workspace.memberships.session_disconnected(person, session)
        assert self._workspace.memberships.is_empty

    async def _run_step(
        self, step_name: str, person_index: int, room_index: int, variant: int
    ) -> None:
        self._count += 1
        person, room = self._people[person_index], self._rooms[room_index % len(self._rooms)]
        try:
            if step_name in {
                "view",
                "stop viewing",
                "mark unread",
                "mark all read",
                "connect",
                "disconnect",
            }:
                await self._run_viewing_step(step_name, person, room, variant)
            elif step_name in {
                "set level",
                "leave",
                "join",
                "invite",
                "open direct",
                "rename person",
            }:
                await self._run_membership_step(step_name, person, room, variant)
            elif step_name in {"rename room", "archive", "reopen"}:
                await self._change_room(step_name, person, room, variant)
            else:
                await self._run_message_step(step_name, person, room, variant)
        except ChatError:
            pass  # The person is not a member, or the message is deleted.

    async def _run_message_step(
        self, step_name: str, person: Person, room: Room, variant: int
    ) -> None:
        key, number = f"{self._rooms[0].info.id} {self._count}", max(1, room.last_number - variant)
        match step_name:
            case "post":
                await room.post(person, key, key)
            case "mention":
                await room.post(person, ("@Ann", "@Bob", "@everyone", "@Cid @here")[variant], key)
            case "edit":
                await room.edit(person, number, ("@Ann", "@Bob", "@everyone", "nobody")[variant])
            case "delete":
                await room.delete(person, number)
            case "thread" | "reply":
                thread = await self._workspace.rooms.get_or_create_thread(person, room, number)
                self._add_room(thread)
                if step_name == "reply":
                    await thread.post(person, f"@Cid {key}" if variant else key, key)

    async def _run_membership_step(
        self, step_name: str, person: Person, room: Room, variant: int
    ) -> None:
        rooms = self._workspace.rooms
        match step_name:
            case "set level":
                await rooms.set_notification_level(
                    person, room, list(NotificationLevel)[variant % len(NotificationLevel)]
                )
            case "leave":
                await rooms.leave(person, room)
            case "join":
                await rooms.join(person, room)
            case "invite":
                await rooms.invite(person, room, self._people[variant % 3])
            case "open direct":
                self._add_room(await rooms.get_or_create_direct(person, self._people[:variant]))
            case "rename person":
                name = f"{person.name}{' Lee' * variant} {person.id}"
                await self._workspace.profiles.rename(person, name)

    async def _change_room(self, step_name: str, person: Person, room: Room, variant: int) -> None:
        if step_name == "rename room":
            await self._workspace.rooms.rename(person, room, f"Room {variant}")
        else:
            await self._workspace.rooms.set_archived(person, room, archived=step_name == "archive")

    def _add_room(self, room: Room) -> None:
        if room not in self._rooms:
            self._rooms.append(room)

    async def _run_viewing_step(
        self, step_name: str, person: Person, room: Room, variant: int
    ) -> None:
        memberships, session = self._workspace.memberships, f"{person.name} {variant % 2}"
        is_open = session in self._open_sessions[person.id]
        if step_name == "connect" and not is_open:
            self._open_sessions[person.id].add(session)
            await memberships.session_connected(person, session)
            self._open_sidebar(person, session)
        elif step_name == "disconnect" and is_open:
            self._open_sessions[person.id].discard(session)
            self._viewed_rooms.pop(session, None)
            self._sidebars.pop(session, None)
            memberships.session_disconnected(person, session)
        elif step_name == "view" and is_open and room.can_read(person):
            self._viewed_rooms[session] = room.info.id
            memberships.start_viewing(person, session, room.info.id, room.last_number)
        elif step_name == "stop viewing" and is_open:
            self._viewed_rooms.pop(session, None)
            memberships.stop_viewing(session)
        elif step_name == "mark all read":
            memberships.mark_all_read(person)
            assert not any(
                membership.unread or membership.unread_mentions
                for membership in memberships.for_person(person)
            )
        elif step_name == "mark unread":
            for each in (
                self._open_sessions[person.id] if memberships.get(person, room.info.id) else ()
            ):
                if self._viewed_rooms.get(each) == room.info.id:
                    del self._viewed_rooms[each]
            await memberships.mark_unread(person, room.info.id, room.last_number - variant)

    def _open_sidebar(self, person: Person, session: str) -> None:
        if session in self._open_sessions[person.id]:
            self._sidebars[session] = ReplayedSidebar(
                self._workspace.memberships.for_person(person)
            )
            self._recorder.subscribe(person_topic(person.id), self._sidebars[session])

    def _assert_notifications(self) -> None:
        """Exactly the people whom a message concerns, and who do not view it, are notified."""
        notified, expected = set(), set()
        for topic, event in self._recorder.events:
            if isinstance(event, MessageNotification):
                notified.add((topic, event.message.room_id, event.message.number))
            if isinstance(event, MessagesPosted):
                for message in event.messages:
                    if message.kind is MessageKind.TEXT:
                        expected |= {
                            (person_topic(person.id), message.room_id, message.number)
                            for person in self._people
                            if self._is_notified(person, message.room_id, message.mentions)
                            and person.id != message.author.id
                        }
        assert notified == expected

    def _is_notified(self, person: Person, room: RoomId, mentions: frozenset[int]) -> bool:
        membership = self._workspace.memberships.get(person, room)
        if (
            membership is None
            or membership.notification_level is NotificationLevel.NOTHING
            or room in self._viewed_by(person)
        ):
            return False
        is_direct_or_thread = membership.room.kind in {RoomKind.DIRECT, RoomKind.THREAD}
        return (
            person.id in mentions
            or membership.notification_level is NotificationLevel.EVERYTHING
            or (is_direct_or_thread and membership.notification_level is NotificationLevel.ALL)
        )

    def _viewed_by(self, person: Person) -> set[RoomId]:
        return {
            self._viewed_rooms[each]
            for each in self._open_sessions[person.id]
            if each in self._viewed_rooms
        }

    async def _assert_counts(self) -> None:
        await settled(self._workspace)
        for person in self._people:
            memberships = self._workspace.memberships.for_person(person)
            if not self._open_sessions[person.id]:
                assert memberships == ()
                continue
            stored = await self._store.memberships(person.id)
            assert list(map(self._with_viewed_rooms_read(person), stored)) == list(memberships)
            for session in self._open_sessions[person.id]:
                assert self._sidebars[session].items == list(map(_as_shown, memberships))

    def _with_viewed_rooms_read(self, person: Person) -> "ReadWhileViewing":
        return ReadWhileViewing(self._viewed_by(person))


def _as_shown(membership: Membership) -> ShownMembership:
    return (
        membership.unread,
        membership.unread_mentions,
        membership.notification_level,
        membership.room,
        membership.title,
    )


class ReadWhileViewing:
    """Turns a stored membership into the expected one: the viewed rooms are read."""

    def __init__(self, viewed_rooms: set[RoomId]) -> None:
        self._viewed_rooms = viewed_rooms

    def __call__(self, membership: Membership) -> Membership:
        if membership.room.id not in self._viewed_rooms:
            return membership
        return replace(membership, unread=0, unread_mentions=0, last_read=membership.last_number)


class UnreadStoryRunner(StoryRunner[list[list[Step]]]):
    """One workspace in which every story has rooms and people of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._count = 0

    async def _run_story(self, story: list[list[Step]]) -> None:
        self._recorder.reset()
        self._count += 1
        names = [f"{name} of {self._count}" for name in ("Ann", "Bob", "Cid")]
        people = [(await self._store.add_person(name)).person for name in names]
        ann, bob, outsider = people
        create_room = self._workspace.rooms.create
        rooms = [
            await create_room(ann, f"Public {ann.id}", invited=[bob]),
            await create_room(ann, f"Private {ann.id}", RoomKind.PRIVATE, invited=[bob, outsider]),
            await self._workspace.rooms.get_or_create_direct(ann, [bob]),
        ]
        await UnreadStory(self._workspace, self._store, self._recorder, people, rooms).run(story)


@pytest.fixture(scope="module")
def story_runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UnreadStoryRunner]:
    """One workspace without delays for all stories."""
    story_runner = UnreadStoryRunner(tmp_path_factory.mktemp("stories"))
    yield story_runner
    story_runner.close()


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@example([[("connect", 1, 0, 0), ("post", 0, 0, 0)], [("view", 1, 0, 0), ("post", 0, 0, 0)]])
@example([[("connect", 1, 0, 0)], [("reply", 1, 0, 0)], [("view", 1, 3, 0)], [("post", 0, 3, 0)]])
@example(
    [
        [("connect", 1, 1, 0)],
        [("post", 0, 1, 0), ("post", 2, 1, 0), ("view", 1, 1, 0), ("mark unread", 1, 1, 1)],
        [("edit", 0, 1, 1), ("mark unread", 1, 1, 2), ("delete", 0, 1, 0), ("disconnect", 1, 0, 0)],
    ]
)
@example(
    [[("connect", 2, 1, 0)], [("disconnect", 2, 1, 0)], [("post", 0, 1, 0)], [("connect", 2, 1, 0)]]
)
@example(
    [
        [("connect", 2, 1, 0)],
        [("post", 0, 1, 0)],
        [("view", 2, 1, 0)],
        [("mark unread", 2, 1, 1), ("view", 2, 1, 0), ("stop viewing", 2, 1, 0)],
    ]
)
@given(steps)
def test_random_event_sequences_keep_unread_counts_equal_to_the_store(
    story_runner: UnreadStoryRunner, story: list[list[Step]]
) -> None:
    story_runner.run(story)
