"""Changes of a message: edits, deletions, quotes, reactions, pins."""

import asyncio
import time
from datetime import UTC, datetime
from itertools import permutations

import pytest

from chat.errors import (
    BadReaction,
    NoSuchMessage,
    NoSuchRoom,
)
from chat.model.events import MessageChanged
from chat.model.messages import MessageKind, NewMessage, Quote
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.store.queries.annotations import MAX_QUOTING_MESSAGES
from chat.workspace.workspace import Workspace
from tests.harness.domain import EventRecorder, ReplayedRoom, settled


async def test_concurrent_edits_end_with_the_same_text_on_every_client(
    public_room: Room, ann: Person, recorder: EventRecorder
) -> None:
    posted = await public_room.post(ann, "roses", "a1")
    replayed_rooms = [await ReplayedRoom(recorder, public_room, ann).load() for _ in range(2)]
    texts = [f"roses {n}" for n in range(10)]
    await asyncio.gather(*(public_room.edit(ann, posted.number, text) for text in texts))
    for replayed in replayed_rooms:
        await replayed.assert_matches_store()
    current = await public_room.message(ann, posted.number)
    earlier = [each.text for each in await public_room.revisions(ann, posted.number)]
    assert sorted([*earlier, current.text]) == sorted(["roses", *texts])


async def test_concurrent_deletes_succeed_once(
    workspace: Workspace,
    public_room: Room,
    ann: Person,
    bob: Person,
    owner: Person,
    recorder: EventRecorder,
) -> None:
    await workspace.rooms.enter(bob, "garden")
    await workspace.rooms.enter(owner, "garden")
    posted = await public_room.post(bob, "weeds", "b1")
    replayed = await ReplayedRoom(recorder, public_room, ann).load()
    results = await asyncio.gather(
        *(public_room.delete(person, posted.number) for person in (bob, ann, owner)),
        public_room.edit(bob, posted.number, "flowers"),
        public_room.react(ann, posted.number, "👍"),
        return_exceptions=True,
    )
    assert [each for each in results if each is None] == [None]
    assert all(isinstance(each, NoSuchMessage) for each in results if each is not None)
    await replayed.assert_matches_store()
    current = await public_room.message(ann, posted.number)
    assert (current.deleted, current.text, current.reactions) == (True, "", ())
    assert await public_room.revisions(ann, posted.number) == ()


async def test_only_author_room_creator_and_owner_may_delete(
    workspace: Workspace,
    public_room: Room,
    ann: Person,
    bob: Person,
    outsider: Person,
    owner: Person,
) -> None:
    for person in (bob, outsider, owner):
        await workspace.rooms.enter(person, "garden")
    first, second, third = [await public_room.post(bob, str(n), f"b{n}") for n in range(3)]
    with pytest.raises(NoSuchMessage):
        await public_room.delete(outsider, first.number)
    await public_room.delete(ann, first.number)
    await public_room.delete(owner, second.number)
    for person in (ann, owner):
        with pytest.raises(NoSuchMessage):
            await public_room.edit(person, third.number, "I never said that")
    thread = await workspace.rooms.get_or_create_thread(bob, public_room, third.number)
    reply = await thread.post(outsider, "spam", "c1")
    with pytest.raises(NoSuchMessage):
        await thread.delete(bob, reply.number)
    await thread.delete(ann, reply.number)


async def test_direct_messages_are_deleted_by_their_author_only(
    workspace: Workspace, ann: Person, bob: Person, owner: Person
) -> None:
    for first, other in ((ann, bob), (bob, owner), (owner, ann)):
        room = await workspace.rooms.get_or_create_direct(first, [other])
        posted = await room.post(other, "my words", f"to {first.name}")
        with pytest.raises(NoSuchMessage):
            await room.delete(first, posted.number)


async def test_deleted_message_stays_as_a_placeholder_only_if_referenced(
    workspace: Workspace, public_room: Room, ann: Person
) -> None:
    async def is_erased_after_deletion(number: int) -> bool:
        await public_room.react(ann, number, "👍")
        await public_room.pin(ann, number, pinned=True)
        await public_room.delete(ann, number)
        current = await public_room.message(ann, number)
        assert (current.deleted, current.text, current.pinned, current.reactions) == (
            True,
            "",
            False,
            (),
        )
        return current.erased

    plain, quoted, replied, opened, orphan = [
        (await public_room.post(ann, str(n), f"a{n}")).number for n in range(5)
    ]
    quoting = await public_room.post(ann, "an answer", "a10", quoted_number=quoted)
    thread = await workspace.rooms.get_or_create_thread(ann, public_room, replied)
    await thread.post(ann, "a reply", "a11")
    await workspace.rooms.get_or_create_thread(ann, public_room, opened)
    deleted = await public_room.post(ann, "another answer", "a12", quoted_number=orphan)
    await public_room.delete(ann, deleted.number)
    erased = [
        await is_erased_after_deletion(each) for each in (plain, quoted, replied, opened, orphan)
    ]
    assert erased == [True, False, False, True, True]
    assert (await public_room.message(ann, quoting.number)).quote == Quote(
        quoted, "Ann", "", ann.id
    )
    assert await public_room.pinned(ann) == ()


async def test_quote_follows_edits_of_the_quoted_message(
    public_room: Room, ann: Person, recorder: EventRecorder
) -> None:
    posted = await public_room.post(ann, "rosse" + "x" * 300, "a1")
    quoting = await public_room.post(ann, "indeed", "a2", quoted_number=posted.number)
    assert quoting.quote == Quote(posted.number, "Ann", ("rosse" + "x" * 300)[:200], ann.id)
    recorder.events.clear()
    await public_room.edit(ann, posted.number, "roses")
    changes = [
        event
        for event in recorder.events_of_room(public_room.info.id)
        if isinstance(event, MessageChanged)
    ]
    (change,) = changes
    assert (change.message.number, change.quoting) == (posted.number, (quoting.number,))
    quote = Quote(posted.number, "Ann", "roses", ann.id)
    assert quoting.with_quoted(change.message).quote == quote
    assert (await public_room.message(ann, quoting.number)).quote == quote


async def test_reactions_keep_their_order_toggle_and_are_limited(
    workspace: Workspace, public_room: Room, ann: Person, bob: Person
) -> None:
    await workspace.rooms.enter(bob, "garden")
    number = (await public_room.post(ann, "roses", "a1")).number
    for person, emoji in ((bob, "👍"), (ann, "🌹"), (ann, "👍")):
        await public_room.react(person, number, emoji)
    reactions = (await public_room.message(ann, number)).reactions
    assert [(each.emoji, each.people) for each in reactions] == [("👍", (bob, ann)), ("🌹", (ann,))]
    assert (await public_room.message(ann, number)).reactions_of(ann.id) == ("👍", "🌹")
    await public_room.react(bob, number, "👍")
    reactions = (await public_room.message(ann, number)).reactions
    assert [(each.emoji, each.people) for each in reactions] == [("🌹", (ann,)), ("👍", (ann,))]
    with pytest.raises(BadReaction):
        await public_room.react(ann, number, "no")
    for n in range(14):
        await public_room.react(ann, number, chr(0x1F600 + n))
    with pytest.raises(BadReaction, match="Choose one of them"):
        await public_room.react(ann, number, "🚀")
    await public_room.react(bob, number, "🌹")


async def test_recent_message_is_read_without_the_store(
    public_room: Room, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = (await public_room.post(ann, "roses", "a1")).number
    await public_room.react(ann, number, "👍")
    stored = (await public_room.after(ann, number - 1, 1)).messages
    monkeypatch.setattr(public_room, "after", None)
    assert (await public_room.message(ann, number),) == stored


async def test_recent_message_of_a_private_room_is_hidden_from_others(
    workspace: Workspace, ann: Person, bob: Person
) -> None:
    room = await workspace.rooms.create(ann, "Shed", RoomKind.PRIVATE)
    number = (await room.post(ann, "roses", "a1")).number
    with pytest.raises(NoSuchRoom):
        await room.message(bob, number)


async def test_pinned_messages_are_listed_last_pinned_first(public_room: Room, ann: Person) -> None:
    one, two = [(await public_room.post(ann, str(n), f"a{n}")).number for n in range(2)]
    for number in (two, one, two):
        await public_room.pin(ann, number, pinned=True)
    assert [each.number for each in await public_room.pinned(ann)] == [one, two]
    await public_room.pin(ann, one, pinned=False)
    assert [each.number for each in await public_room.pinned(ann)] == [two]


async def test_number_at_finds_the_first_message_of_a_time(public_room: Room, ann: Person) -> None:
    posted = [await public_room.post(ann, str(n), f"a{n}") for n in range(3)]
    for each in posted:
        number = await public_room.number_at(ann, each.sent_at)
        assert number is not None
        assert posted[0].number <= number <= each.number
    assert await public_room.number_at(ann, datetime(2000, 1, 1, tzinfo=UTC)) == 1
    assert await public_room.number_at(ann, datetime(2999, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    "forms",
    [
        ("👍", "👍\ufe0f"),
        ("❤", "❤\ufe0f"),
        ("🏳\u200d🌈", "🏳\ufe0f\u200d🌈"),
        ("1⃣", "1\ufe0f⃣"),
        ("🧑🏻\u200d❤\u200d🧑🏿", "🧑🏻\u200d❤\ufe0f\u200d🧑🏿"),
        ("⚘", "⚘\ufe0f"),
    ],
)
async def test_forms_of_one_emoji_are_one_reaction(
    workspace: Workspace, public_room: Room, ann: Person, bob: Person, forms: tuple[str, str]
) -> None:
    await workspace.rooms.enter(bob, "garden")
    for one, other in (forms, forms[::-1]):
        number = (await public_room.post(ann, "roses", f"a{one}")).number
        await public_room.react(ann, number, one)
        await public_room.react(bob, number, other)
        (reaction,) = (await public_room.message(ann, number)).reactions
        assert reaction.people == (ann, bob)
        await public_room.react(ann, number, other)
        (reaction,) = (await public_room.message(ann, number)).reactions
        assert reaction.people == (bob,)


@pytest.mark.parametrize("order", list(permutations(("root", "reply", "quote", "later quote"))))
async def test_deleted_message_keeps_its_row_only_while_something_refers_to_it(
    workspace: Workspace, public_room: Room, ann: Person, order: tuple[str, ...]
) -> None:
    root = await public_room.post(ann, "root", "root")
    thread = await workspace.rooms.get_or_create_thread(ann, public_room, root.number)
    posted = {
        "root": root,
        "reply": await thread.post(ann, "reply", "reply"),
        "quote": await public_room.post(ann, "quote", "quote", root.number),
        "later quote": await public_room.post(ann, "later quote", "later", root.number),
    }
    remaining = set(posted)
    for name in order:
        await (thread if name == "reply" else public_room).delete(ann, posted[name].number)
        remaining.discard(name)
        stored = await public_room.message(ann, root.number)
        assert stored.deleted == ("root" not in remaining)
        assert stored.erased == (stored.deleted and not remaining)
        assert stored.replies == ("reply" in remaining)


# Many times what a batch of events may hold.
MANY = 1000


@pytest.mark.parametrize("change", ["edit", "delete"])
async def test_change_of_a_message_that_is_quoted_often_is_one_event(
    store: Store,
    workspace: Workspace,
    public_room: Room,
    ann: Person,
    recorder: EventRecorder,
    change: str,
) -> None:
    posted = await public_room.post(ann, "the plan", "a")
    await asyncio.gather(
        *(
            store.append(
                NewMessage(
                    public_room.info.id, ann, MessageKind.TEXT, str(n), str(n), posted.number
                )
            )
            for n in range(MANY)
        )
    )
    last = await public_room.post(ann, "last", "last", quoted_number=posted.number)
    await settled(workspace)
    recorder.events.clear()
    before = time.thread_time()
    if change == "edit":
        await public_room.edit(ann, posted.number, "the new plan")
    else:
        await public_room.delete(ann, posted.number)
    loop_seconds = time.thread_time() - before
    await settled(workspace)
    (event,) = (
        each
        for each in recorder.events_of_room(public_room.info.id)
        if isinstance(each, MessageChanged)
    )
    assert len(event.quoting) == MANY + 1
    assert event.quoting[-1] == last.number
    assert loop_seconds < 0.1
    quote = last.with_quoted(event.message).quote
    assert quote is not None
    assert quote.text == ("the new plan" if change == "edit" else "")
    # The messages in memory and those in the store agree.
    page = await public_room.newest(ann, 50)
    assert {each.quote for each in page.messages} == {quote}
    assert (await public_room.message(ann, last.number)).quote == quote


async def test_event_names_no_more_quoting_messages_than_its_limit(
    store: Store, public_room: Room, ann: Person
) -> None:
    room_id = public_room.info.id
    posted = await public_room.post(ann, "the plan", "a")
    count = MAX_QUOTING_MESSAGES + 10
    quotes = (
        NewMessage(room_id, ann, MessageKind.TEXT, str(n), str(n), posted.number)
        for n in range(count)
    )
    await asyncio.gather(*map(store.append, quotes))
    (change,) = await store.edit(room_id, posted.number, ann.id, "the new plan")
    assert len(change.quoting) == MAX_QUOTING_MESSAGES
    assert change.quoting[-1] == posted.number + count


async def test_reactions_and_pins_name_no_quoting_messages(
    store: Store, public_room: Room, ann: Person
) -> None:
    posted = await public_room.post(ann, "the plan", "a")
    await public_room.post(ann, "good", "b", quoted_number=posted.number)
    await public_room.edit(ann, posted.number, "the new plan")
    for change in (
        store.react(public_room.info.id, posted.number, ann.id, "👍"),
        store.pin(public_room.info.id, posted.number, pinned=True),
    ):
        assert [each.quoting for each in await change] == [()]


async def test_older_version_of_a_quoted_message_does_not_replace_a_newer_quote(
    public_room: Room, ann: Person
) -> None:
    posted = await public_room.post(ann, "one", "a")
    await public_room.edit(ann, posted.number, "two")
    newer = await public_room.message(ann, posted.number)
    quoting = await public_room.post(ann, "good", "b", quoted_number=posted.number)
    assert quoting.quote == newer.as_quote()
    assert quoting.with_quoted(posted) is quoting
    other = await public_room.post(ann, "another", "c")
    assert quoting.with_quoted(other) is quoting
