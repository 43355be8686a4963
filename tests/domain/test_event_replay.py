"""Replay: the first page of a room and all events after it give the page that is stored.

This holds for every kind of event, of any person, concurrent or stored without being published.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chat.errors import ChatError
from chat.files.limits import UploadLimits
from chat.model.messages import MessageKind, MessagePage, NewMessage
from chat.model.people import Person
from chat.model.rooms import RoomId, RoomKind
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.text.dice import Dice
from chat.workspace.workspace import Workspace
from tests.harness.domain import (
    NO_LIMIT,
    EventRecorder,
    ReplayedRoom,
    StoryRunner,
    settled,
    sign_in,
    upload_file,
)
from tests.harness.waiting import wait_until

# A kind of event, the person (0 or 1), the message counted from the end (0 is the last), a variant.
Step = tuple[str, int, int, int]
EMOJI = ("👍", "🌹", "🚀")

PUBLISHED_STEPS = (
    *("post", "mention", "quote", "edit", "delete", "restore", "react", "pin", "unpin"),
    *("post poll", "vote", "close poll", "roll dice"),
    *(
        "reply",
        "edit reply",
        "delete reply",
        "restore reply",
        "rename room",
        "set topic",
        "archive",
        "reopen",
        "load",
    ),
    *("post files", "edit caption", "set avatar", "rename person"),
)
# Events that are stored but not published, as if the process had failed in between.
UNPUBLISHED_STEPS = (
    "store message",
    "store file",
    "store edit",
    "store deletion",
    "store reaction",
    "store pin",
    "store reply",
    "store vote",
)

step = st.tuples(
    st.sampled_from((*PUBLISHED_STEPS, *UNPUBLISHED_STEPS)),
    st.integers(0, 1),
    st.integers(0, 5),
    st.integers(0, 2),
)
# The steps of one inner list run concurrently.
steps = st.lists(st.lists(step, min_size=1, max_size=4), min_size=1, max_size=8)


class RoomStory:
    """One room, its replayed screens, and the steps of a story."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        recorder: EventRecorder,
        room: Room,
        people: list[Person],
    ) -> None:
        self._workspace = workspace
        self._recorder = recorder
        self._room = room
        self._people = people
        self._store = store
        self._count = 0
        self._replayed = [ReplayedRoom(recorder, room, people[0])]
        self._threads: dict[int, tuple[Room, ReplayedRoom]] = {}

    async def run(self, story: list[list[Step]]) -> None:
        """Run the steps. One screen replays from the beginning, others from the middle."""
        await self._replayed[0].load()
        for concurrent_steps in story:
            await asyncio.gather(*(self._run_step(*each) for each in concurrent_steps))
        await settled(self._workspace)
        if any(
            step_name in UNPUBLISHED_STEPS
            for concurrent_steps in story
            for step_name, *_ in concurrent_steps
        ):
            await self._publish_last_messages()
        for replayed in (*self._replayed, *(screen for _, screen in self._threads.values())):
            await replayed.assert_matches_store()
        await self._assert_recent_matches_store()

    async def _run_step(self, step_name: str, person_index: int, offset: int, variant: int) -> None:
        self._count += 1
        person, number = self._people[person_index], max(1, self._room.last_number - offset)
        try:
            if step_name in UNPUBLISHED_STEPS:
                await self._store_unpublished(step_name, person, number, variant)
            elif step_name in {"reply", "edit reply", "delete reply", "restore reply"}:
                await self._run_in_thread(step_name, person, number, variant)
            elif step_name in {"rename room", "set topic", "archive", "reopen"}:
                await self._change_room(step_name, person, variant)
            else:
                await self._run_published(step_name, person, number, variant)
        except ChatError:
            pass  # The message is deleted or of another person, or the room is archived.

    async def _run_published(
        self, step_name: str, person: Person, number: int, variant: int
    ) -> None:
        room, key = self._room, f"{self._room.info.id} {self._count}"
        match step_name:
            case "post":
                await room.post(person, key, key)
            case "mention":
                await room.post(person, f"@Bob @Ann @here {key}", key)
            case "post files":
                files = [
                    await upload_file(
                        self._workspace, person, room, f"{n}.txt", f"what {n} is".encode()
                    )
                    for n in range(variant + 1)
                ]
                await room.post(person, key if variant else "", key, upload_ids=files)
            case "edit caption":
                await room.edit(person, number, "" if variant else f"caption {key}")
            case "set avatar":
                avatar = "" if variant == 2 else f"{variant}" * 64
                await self._workspace.profiles.set_avatar_hash(person, avatar)
            case "rename person":
                name = f"{person.name}{' Lee' * variant}"
                await self._workspace.profiles.rename(person, name)
            case "quote":
                await room.post(person, key, key, quoted_number=number)
            case "edit":
                await room.edit(person, number, ("other words", "@Bob", "words")[variant])
            case "delete":
                await room.delete(person, number)
            case "restore":
                await room.restore(person, number)
            case "react":
                await room.react(person, number, EMOJI[variant])
            case "post poll":
                await room.post_poll(
                    person, key, EMOJI, key, quoted_number=number if variant else None
                )
            case "vote":
                await room.vote(person, number, variant)
            case "close poll":
                await room.close_poll(person, number)
            case "roll dice":
                await room.roll(person, Dice(2, 6), key)
            case "pin" | "unpin":
                await room.pin(person, number, pinned=step_name == "pin")
            case "load":
                replayed = ReplayedRoom(self._recorder, room, person)
                await replayed.load(subscribe_first=variant == 0)
                self._replayed.append(replayed)
            case _:
                raise AssertionError(step_name)

    async def _run_in_thread(
        self, step_name: str, person: Person, number: int, variant: int
    ) -> None:
        thread = await self._workspace.rooms.get_or_create_thread(person, self._room, number)
        if number not in self._threads:
            self._threads[number] = thread, ReplayedRoom(self._recorder, thread, person)
            await self._threads[number][1].load()
        last = max(1, thread.last_number - variant)
        if step_name == "reply":
            key = f"{thread.info.id} {self._count}"
            await thread.post(person, key, key, quoted_number=last if variant else None)
        elif step_name == "edit reply":
            await thread.edit(person, last, f"edited {self._count}")
        elif step_name == "restore reply":
            await thread.restore(person, last)
        else:
            await thread.delete(person, last)

    async def _change_room(self, step_name: str, person: Person, variant: int) -> None:
        rooms = self._workspace.rooms
        if step_name == "rename room":
            await rooms.rename(person, self._room, f"Room {self._room.info.id} {variant}")
        elif step_name == "set topic":
            await rooms.set_topic(person, self._room, f"about {variant}")
        else:
            await rooms.set_archived(person, self._room, archived=step_name == "archive")

    async def _store_unpublished(
        self, step_name: str, person: Person, number: int, variant: int
    ) -> None:
        room, store, key = self._room.info.id, self._store, f"{self._room.info.id} {self._count}"
        match step_name:
            case "store message":
                quoted = number if variant else None
                await store.append(NewMessage(room, person, MessageKind.TEXT, key, key, quoted))
            case "store file":
                files = await upload_file(
                    self._workspace, person, self._room, "a.txt", b"what it is"
                )
                attached = self._workspace.uploads.attach(person.id, room, [files], key)
                new_message = NewMessage(room, person, MessageKind.TEXT, "", key, files=attached)
                await store.append(new_message)
            case "store edit":
                await store.edit(room, number, person.id, f"edited {self._count}")
            case "store deletion":
                await store.delete(room, number, person.id, any_author=True)
            case "store reaction":
                await store.react(room, number, person.id, EMOJI[variant])
            case "store vote":
                await store.vote(room, number, person.id, variant)
            case "store pin":
                await store.pin(room, number, pinned=True)
            case "store reply":
                thread = await self._workspace.rooms.get_or_create_thread(
                    person, self._room, number
                )
                new_message = NewMessage(
                    thread.info.id, person, MessageKind.TEXT, key, f"reply {key}"
                )
                await store.append_reply(new_message)

    async def _publish_last_messages(self) -> None:
        """Post a last message in each room, with which the feed publishes what is missing."""
        last_messages = [
            await room.post_system_message(self._people[0], MessageKind.JOINED)
            for room in (*(thread for thread, _ in self._threads.values()), self._room)
        ]
        replayed = (*self._replayed, *(replayed for _, replayed in self._threads.values()))
        ids = {end.room_id: end.number for end in last_messages}
        await wait_until(
            lambda: all(
                ids[replayed_room.info.id] in replayed_room.messages for replayed_room in replayed
            ),
            5,
            0.001,
        )

    async def _assert_recent_matches_store(self) -> None:
        """The feed's recent messages are those of the store."""
        # The newest page may be one that the feed holds; this one is not.
        stored = (await self._room.after(self._people[0], 0, NO_LIMIT)).messages
        for after in range(self._room.last_number + 1):
            recent = self._room.recent(after)
            assert recent is None or recent == stored[after:]


class RoomStoryRunner(StoryRunner[list[list[Step]]]):
    """One workspace in which every story has a room of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, UploadLimits(files_per_hour=1_000_000))
        self._people = self._runner.run(sign_in(self._workspace, "Ann", "Bob"))
        self._story_count = 0

    async def _run_story(self, story: list[list[Step]]) -> None:
        self._story_count += 1
        self._recorder.reset()
        ann, bob = self._people
        title = f"Story {self._story_count}"
        room = await self._workspace.rooms.create(ann, title, RoomKind.PRIVATE, invited=[bob])
        await RoomStory(self._workspace, self._store, self._recorder, room, self._people).run(story)


@pytest.fixture(scope="module")
def story_runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RoomStoryRunner]:
    """One workspace without delays for all stories of this file."""
    with pytest.MonkeyPatch.context() as patch:
        # No file of these stories has to survive a crash.
        patch.setattr("os.fsync", lambda handle: None)
        story_runner = RoomStoryRunner(tmp_path_factory.mktemp("stories"))
        yield story_runner
        story_runner.close()


# Each event by itself, on a quoted message and on the quoting one.
SINGLE_EVENT_STORIES = [
    [[("post", 0, 0, 0)], [("quote", 0, 0, 0)], [("reply", 1, 1, 0)], [(step_name, 0, offset, 0)]]
    for step_name in (*PUBLISHED_STEPS, *UNPUBLISHED_STEPS)
    for offset in (0, 1)
]
SINGLE_EVENT_STORIES += [
    [[("post", 0, 0, 0)], [("reply", 1, 0, 0)], [(step_name, 1, 0, 1)]]
    for step_name in ("set avatar", "rename person")
]
SINGLE_EVENT_STORIES += [
    [[("post poll", 0, 0, 0)], [("vote", 1, 0, 0), ("vote", 0, 0, 1)], [("quote", 0, 0, 0)], [last]]
    for last in (
        *(("vote", 1, 1, 0), ("vote", 1, 1, 1), ("close poll", 0, 1, 0), ("store vote", 1, 1, 0)),
        *(("delete", 0, 1, 0), ("reply", 0, 1, 0), ("edit", 0, 1, 0), ("load", 0, 0, 0)),
    )
]


@pytest.mark.parametrize(
    "story", SINGLE_EVENT_STORIES, ids=lambda story: f"{story[-1][0][0]} {story[-1][0][2]}"
)
def test_each_single_event_brings_a_client_to_the_stored_state(
    story_runner: RoomStoryRunner, story: list[list[Step]]
) -> None:
    story_runner.run(story)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@example(
    [[("store message", 0, 0, 0), ("store edit", 0, 0, 0)], [("post", 0, 0, 0), ("edit", 0, 1, 0)]]
)
@example([[("post", 0, 0, 0)], [("edit", 0, 0, 0), ("load", 0, 0, 1), ("edit", 0, 0, 2)]])
@example(
    [[("post", 0, 0, 0)], [("store deletion", 0, 0, 0), ("quote", 1, 0, 0)], [("load", 0, 0, 0)]]
)
@example([[("post poll", 0, 0, 0)], [("vote", 1, 0, 0), ("load", 0, 0, 1), ("vote", 0, 0, 0)]])
@given(steps)
def test_random_event_sequences_bring_clients_to_the_stored_state(
    story_runner: RoomStoryRunner, story: list[list[Step]]
) -> None:
    story_runner.run(story)


async def test_page_includes_changes_made_while_it_was_loading(
    workspace: Workspace, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ann,) = await sign_in(workspace, "Ann")
    room = await workspace.rooms.create(ann, "Garden")
    for n in range(4):
        await room.post(ann, str(n), f"a{n}")
    read_before = store.before
    changes = [room.delete(ann, 3), room.edit(ann, 5, "edited"), room.react(ann, 4, "👍")]

    async def before_with_changes(room_id: RoomId, number: int, limit: int) -> MessagePage:
        page = await read_before(room_id, number, limit)
        for change in changes:
            await change
        changes.clear()
        return page

    monkeypatch.setattr(store, "before", before_with_changes)
    page = await room.before(ann, 6, 2)
    assert page == await read_before(room.info.id, 6, 2)
    assert page.previous is not None
    assert page.previous.erased
