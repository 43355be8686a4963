"""Catching up: whoever read a room once, and hears what happens since, shows what a fresh one does.

Whatever happens, by whom, at once or never announced: state and events are the fresh state.
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

# What, by whom (0 or 1), about which message from the end (0 is the last), with what.
Step = tuple[str, int, int, int]
EMOJI = ("👍", "🌹", "🚀")

ALOUD = (
    *("say", "mention", "quote", "edit", "delete", "react", "pin", "unpin"),
    *("ask", "vote", "close", "roll"),
    *("reply", "edit reply", "delete reply", "rename", "describe", "archive", "reopen", "arrive"),
    *("attach", "edit caption", "portray", "nick"),
)
# Stored by somebody who went away before it was announced.
SILENT = ("said", "attached", "edited", "deleted", "reacted", "pinned", "replied", "voted")

step = st.tuples(
    st.sampled_from((*ALOUD, *SILENT)), st.integers(0, 1), st.integers(0, 5), st.integers(0, 2)
)
# What stands in one list happens at once.
steps = st.lists(st.lists(step, min_size=1, max_size=4), min_size=1, max_size=8)


class Story:
    """One room, those who look at it, and what happens there."""

    def __init__(
        self, workspace: Workspace, recorder: EventRecorder, room: Room, people: list[Person]
    ) -> None:
        self._house = workspace
        self._ear = recorder
        self._room = room
        self._people = people
        self._store: Store = workspace._store
        self._count = 0
        self._screens = [ReplayedRoom(recorder, room, people[0])]
        self._threads: dict[int, tuple[Room, ReplayedRoom]] = {}

    async def goes(self, story: list[list[Step]]) -> None:
        """Let it happen, with somebody who saw the beginning and some who came in the middle."""
        await self._screens[0].load()
        for at_once in story:
            await asyncio.gather(*(self._happens(*each) for each in at_once))
        await settled(self._house)
        if any(what in SILENT for at_once in story for what, *_ in at_once):
            await self._is_over()
        for screen in (*self._screens, *(screen for _, screen in self._threads.values())):
            await screen.assert_matches_store()
        await self._recent_is_true()

    async def _happens(self, what: str, who: int, back: int, how: int) -> None:
        self._count += 1
        person, number = self._people[who], max(1, self._room.last_number - back)
        try:
            if what in SILENT:
                await self._is_stored(what, person, number, how)
            elif what in {"reply", "edit reply", "delete reply"}:
                await self._is_replied(what, person, number, how)
            elif what in {"rename", "describe", "archive", "reopen"}:
                await self._becomes(what, person, how)
            else:
                await self._is_done(what, person, number, how)
        except ChatError:
            pass  # It is deleted, archived or somebody else's.

    async def _is_done(self, what: str, person: Person, number: int, how: int) -> None:
        room, key = self._room, f"{self._room.info.id} {self._count}"
        match what:
            case "say":
                await room.post(person, key, key)
            case "mention":
                await room.post(person, f"@Bob @Ann @here {key}", key)
            case "attach":
                files = [
                    await upload_file(
                        self._house, person, room, f"{n}.txt", f"what {n} is".encode()
                    )
                    for n in range(how + 1)
                ]
                await room.post(person, key if how else "", key, upload_ids=files)
            case "edit caption":
                await room.edit(person, number, "" if how else f"caption {key}")
            case "portray":
                avatar = "" if how == 2 else f"{how}" * 64
                await self._house.profiles._run_shielded(
                    self._house.profiles._set_avatar(person, avatar)
                )
            case "nick":
                name = f"{person.name}{' Lee' * how}"
                await self._house.rename(person, name)
            case "quote":
                await room.post(person, key, key, quoted_number=number)
            case "edit":
                await room.edit(person, number, ("other words", "@Bob", "words")[how])
            case "delete":
                await room.delete(person, number)
            case "react":
                await room.react(person, number, EMOJI[how])
            case "ask":
                await room.post_poll(person, key, EMOJI, key, quoted_number=number if how else None)
            case "vote":
                await room.vote(person, number, how)
            case "close":
                await room.close_poll(person, number)
            case "roll":
                await room.roll(person, Dice(2, 6), key)
            case "pin" | "unpin":
                await room.pin(person, number, pinned=what == "pin")
            case "arrive":
                screen = ReplayedRoom(self._ear, room, person)
                await screen.load(subscribe_first=how == 0)
                self._screens.append(screen)
            case _:
                raise AssertionError(what)

    async def _is_replied(self, what: str, person: Person, number: int, how: int) -> None:
        thread = await self._house.rooms.get_or_create_thread(person, self._room, number)
        if number not in self._threads:
            self._threads[number] = thread, ReplayedRoom(self._ear, thread, person)
            await self._threads[number][1].load()
        last = max(1, thread.last_number - how)
        if what == "reply":
            key = f"{thread.info.id} {self._count}"
            await thread.post(person, key, key, quoted_number=last if how else None)
        elif what == "edit reply":
            await thread.edit(person, last, f"edited {self._count}")
        else:
            await thread.delete(person, last)

    async def _becomes(self, what: str, person: Person, how: int) -> None:
        rooms = self._house.rooms
        if what == "rename":
            await rooms.rename(person, self._room, f"Room {how}")
        elif what == "describe":
            await rooms.set_topic(person, self._room, f"about {how}")
        else:
            await rooms.set_archived(person, self._room, archived=what == "archive")

    async def _is_stored(self, what: str, person: Person, number: int, how: int) -> None:
        room, store, key = self._room.info.id, self._store, f"{self._room.info.id} {self._count}"
        match what:
            case "said":
                quoted = number if how else None
                await store.append(NewMessage(room, person, MessageKind.TEXT, key, key, quoted))
            case "attached":
                files = await upload_file(self._house, person, self._room, "a.txt", b"what it is")
                hangs = self._house.uploads.attach(person.id, room, [files], key)
                draft = NewMessage(room, person, MessageKind.TEXT, "", key, files=hangs)
                await store.append(draft)
            case "edited":
                await store.edit(room, number, person.id, f"edited {self._count}")
            case "deleted":
                await store.delete(room, number, person.id, any_author=True)
            case "reacted":
                await store.react(room, number, person.id, EMOJI[how])
            case "voted":
                await store.vote(room, number, person.id, how)
            case "pinned":
                await store.pin(room, number, pinned=True)
            case "replied":
                thread = await self._house.rooms.get_or_create_thread(person, self._room, number)
                draft = NewMessage(thread.info.id, person, MessageKind.TEXT, key, f"reply {key}")
                await store.append_reply(draft)

    async def _is_over(self) -> None:
        """The last word in each room: with it is heard what was never announced."""
        ends = [
            await room.post_system_message(self._people[0], MessageKind.JOINED)
            for room in (*(thread for thread, _ in self._threads.values()), self._room)
        ]
        shown = (*self._screens, *(screen for _, screen in self._threads.values()))
        ids = {end.room_id: end.number for end in ends}
        await wait_until(lambda: all(ids[s.info.id] in s.messages for s in shown), 5, 0.001)

    async def _recent_is_true(self) -> None:
        """What is kept for those who are a moment behind is what the store has."""
        fresh = (await self._room.newest(self._people[0], NO_LIMIT)).messages
        for after in range(self._room.last_number + 1):
            recent = self._room.recent(after)
            assert recent is None or recent == fresh[after:]


class Garden(StoryRunner[list[list[Step]]]):
    """One house in which every story has a room of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, UploadLimits(files_per_hour=1_000_000))
        self._people = self._runner.run(sign_in(self._workspace, "Ann", "Bob"))
        self._stories = 0

    async def _story(self, story: list[list[Step]]) -> None:
        self._stories += 1
        self._recorder.reset()
        ann, bob = self._people
        title = f"Story {self._stories}"
        room = await self._workspace.rooms.create(ann, title, RoomKind.PRIVATE, invited=[bob])
        await Story(self._workspace, self._recorder, room, self._people).goes(story)


@pytest.fixture(scope="module")
def story_runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Garden]:
    """One house for all stories of this file; nobody waits in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chat.rooms.feed._GAP_WAIT", 0.0)
        patch.setattr("chat.rooms.memberships._BATCH_DELAY", 0.0)
        # The files of these stories are not there to last.
        patch.setattr("os.fsync", lambda handle: None)
        story_runner = Garden(tmp_path_factory.mktemp("stage"))
        yield story_runner
        story_runner.close()


# Each event by itself, by somebody else, after a message that somebody answered.
EACH = [
    [[("say", 0, 0, 0)], [("quote", 0, 0, 0)], [("reply", 1, 1, 0)], [(what, 0, back, 0)]]
    for what in (*ALOUD, *SILENT)
    for back in (0, 1)
]
EACH += [
    [[("ask", 0, 0, 0)], [("vote", 1, 0, 0), ("vote", 0, 0, 1)], [("quote", 0, 0, 0)], [last]]
    for last in (
        *(("vote", 1, 1, 0), ("vote", 1, 1, 1), ("close", 0, 1, 0), ("voted", 1, 1, 0)),
        *(("delete", 0, 1, 0), ("reply", 0, 1, 0), ("edit", 0, 1, 0), ("arrive", 0, 0, 0)),
    )
]


@pytest.mark.parametrize("story", EACH, ids=lambda story: f"{story[-1][0][0]} {story[-1][0][2]}")
def test_each_event_is_enough(story_runner: Garden, story: list[list[Step]]) -> None:
    story_runner.run(story)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@example([[("said", 0, 0, 0), ("edited", 0, 0, 0)], [("say", 0, 0, 0), ("edit", 0, 1, 0)]])
@example([[("say", 0, 0, 0)], [("edit", 0, 0, 0), ("arrive", 0, 0, 1), ("edit", 0, 0, 2)]])
@example([[("say", 0, 0, 0)], [("deleted", 0, 0, 0), ("quote", 1, 0, 0)], [("arrive", 0, 0, 0)]])
@example([[("ask", 0, 0, 0)], [("vote", 1, 0, 0), ("arrive", 0, 0, 1), ("vote", 0, 0, 0)]])
@given(steps)
def test_state_and_events_are_the_fresh_state(
    story_runner: Garden, story: list[list[Step]]
) -> None:
    story_runner.run(story)


async def test_a_page_is_of_the_moment_at_which_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = await Workspace.open(tmp_path, EventRecorder().on_event)
    (ann,) = await sign_in(workspace, "Ann")
    room = await workspace.rooms.create(ann, "Garden")
    for n in range(4):
        await room.post(ann, str(n), f"a{n}")
    read = workspace._store.newest
    changes = [room.delete(ann, 3), room.edit(ann, 5, "edited"), room.react(ann, 4, "👍")]

    async def slowly(of: RoomId, limit: int) -> MessagePage:
        page = await read(of, limit)
        for change in changes:
            await change
        changes.clear()
        return page

    monkeypatch.setattr(workspace._store, "newest", slowly)
    page = await room.newest(ann, 2)
    assert page == await read(room.info.id, 2)
    assert page.previous is not None
    assert page.previous.erased
    await workspace.close()
