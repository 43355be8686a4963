"""Saved and forwarded messages: who may, what is listed, and what is said."""

import pytest

from chat.errors import NoSuchMessage, NoSuchRoom, TooManySaved
from chat.later import saved_messages
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.text.message_text import TEXT_LIMIT
from chat.workspace.workspace import Workspace
from tests.harness.domain import EventRecorder, sign_in

URL = "http://chat.example/room/plans/2"


@pytest.fixture
async def ann(workspace: Workspace, recorder: EventRecorder) -> Person:
    """A person who keeps messages."""
    (person,) = await sign_in(workspace, "Ann")
    return person


@pytest.fixture
async def bob(workspace: Workspace, ann: Person) -> Person:
    """Another person."""
    (person,) = await sign_in(workspace, "Bob")
    return person


@pytest.fixture
async def plans(workspace: Workspace, ann: Person, bob: Person) -> Room:
    """A private room of both."""
    return await workspace.rooms.create(ann, "Plans", RoomKind.PRIVATE, invited=[bob])


async def texts(workspace: Workspace, person: Person) -> list[str]:
    """The texts of the saved messages of a person, the last saved first."""
    return [each.message.text for each in await workspace.saved_messages.page(person)]


async def test_saved_messages_are_listed_newest_first_to_their_owner_only(
    workspace: Workspace, ann: Person, bob: Person, plans: Room
) -> None:
    saved = workspace.saved_messages
    first = await plans.post(bob, "first", "b1")
    second = await plans.post(bob, "second", "b2")
    for message in (second, first, second):
        await saved.save(ann, plans, message.number)
    assert await texts(workspace, ann) == ["first", "second"]
    assert await texts(workspace, bob) == []
    assert await saved.is_saved(ann, plans, first.number)
    await saved.forget(ann, plans, first.number)
    assert not await saved.is_saved(ann, plans, first.number)
    assert await texts(workspace, ann) == ["second"]
    (hit,) = await saved.page(ann)
    assert await saved.page(ann, hit.id) == ()


async def test_saved_message_is_listed_only_while_it_can_be_read(
    workspace: Workspace, ann: Person, bob: Person, plans: Room
) -> None:
    message = await plans.post(ann, "secret", "a1")
    thread = await workspace.rooms.get_or_create_thread(bob, plans, message.number)
    reply = await thread.post(bob, "a reply", "b1")
    await workspace.saved_messages.save(bob, plans, message.number)
    await workspace.saved_messages.save(bob, thread, reply.number)
    await workspace.rooms.leave(bob, plans)
    assert await texts(workspace, bob) == []
    with pytest.raises(NoSuchRoom):
        await workspace.saved_messages.save(bob, plans, message.number)
    await workspace.rooms.invite(ann, plans, bob)
    assert await texts(workspace, bob) == ["a reply", "secret"]
    await plans.delete(ann, message.number)
    assert await texts(workspace, bob) == ["a reply"]
    with pytest.raises(NoSuchMessage):
        await workspace.saved_messages.save(ann, plans, message.number)
    await plans.restore(ann, message.number)
    assert await texts(workspace, bob) == ["a reply", "secret"]


async def test_number_of_saved_messages_has_a_limit(
    workspace: Workspace, ann: Person, plans: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_messages, "SAVED_LIMIT", 2)
    messages = [await plans.post(ann, f"text {n}", f"a{n}") for n in range(3)]
    for message in messages[:2]:
        await workspace.saved_messages.save(ann, plans, message.number)
    with pytest.raises(TooManySaved):
        await workspace.saved_messages.save(ann, plans, messages[2].number)
    # What is saved already can be saved again, and a place becomes free.
    await workspace.saved_messages.save(ann, plans, messages[0].number)
    await workspace.saved_messages.forget(ann, plans, messages[0].number)
    await workspace.saved_messages.save(ann, plans, messages[2].number)


async def test_forwarded_message_is_a_quote_with_author_room_and_link(
    workspace: Workspace, ann: Person, bob: Person, plans: Room
) -> None:
    lobby = await workspace.rooms.enter(ann, "lobby")
    message = await plans.post(bob, "buy *two* snails\n@everyone listen", "b1")
    forwarded = await plans.forward(ann, message.number, lobby, URL, "look, @Bob", "a1")
    assert forwarded.text == (
        f"look, @Bob\n\n> **Bob** · [Plans]({URL})\n>\n> buy *two* snails\n> @everyone listen"
    )
    # Only the comment calls people.
    assert forwarded.mentions == {bob.id}
    again = await plans.forward(ann, message.number, lobby, URL, "", "a2")
    assert again.mentions == frozenset()
    assert await plans.forward(ann, message.number, lobby, URL, "", "a2") == again


async def test_only_readable_messages_are_forwarded(
    workspace: Workspace, ann: Person, bob: Person, plans: Room
) -> None:
    (cem,) = await sign_in(workspace, "Cem")
    lobby = await workspace.rooms.enter(cem, "lobby")
    own = await lobby.post(cem, "own", "c0")
    message = await plans.post(bob, "secret", "b1")
    with pytest.raises(NoSuchRoom):
        await plans.forward(cem, message.number, lobby, URL, "", "c1")
    with pytest.raises(NoSuchRoom):
        await lobby.forward(cem, own.number, plans, URL, "", "c2")
    await plans.delete(bob, message.number)
    with pytest.raises(NoSuchMessage):
        await plans.forward(ann, message.number, lobby, URL, "", "a1")


async def test_forwarded_text_that_does_not_fit_is_cut(
    workspace: Workspace, ann: Person, plans: Room
) -> None:
    lobby = await workspace.rooms.enter(ann, "lobby")
    for n, text in enumerate(("x" * TEXT_LIMIT, "y\n" * (TEXT_LIMIT // 2))):
        message = await plans.post(ann, text, f"long {n}")
        forwarded = await plans.forward(ann, message.number, lobby, URL, "see", f"f{n}")
        assert TEXT_LIMIT - 100 < len(forwarded.text) <= TEXT_LIMIT
        assert forwarded.text.endswith("…")
