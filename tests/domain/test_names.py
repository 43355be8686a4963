"""Names that are somebody's: while they are away, until they leave, or were not seen for long."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chat.errors import AmbiguousName, BadName, NameTaken, NoSuchPerson, TooManyArrivals
from chat.files.storage import FolderStorage
from chat.model.events import PersonUpdated
from chat.model.messages import MessageKind
from chat.model.people import Person
from chat.people.arrivals import ADDRESS_ARRIVALS
from chat.people.presence import PresenceTimings
from chat.rooms.directory import LOBBY
from chat.store.sqlite import open_sqlite
from chat.text.names import former_name
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.accounts import PASSWORD
from tests.harness.domain import EventRecorder, create_empty_database, sign_in
from tests.harness.waiting import wait_until

# People go offline at once, and a name stays with its bearer for no day at all.
AT_ONCE = PresenceTimings(offline_delay=0.01, batch_delay=0.0)
KEPT = Timings(presence=AT_ONCE)
NOT_KEPT = Timings(presence=AT_ONCE, name_days=0)

Open = Callable[..., Coroutine[Any, Any, Workspace]]


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A data folder with an empty database."""
    return await create_empty_database(tmp_path / "data")


@pytest.fixture
async def open_chat(folder: Path, recorder: EventRecorder) -> AsyncIterator[Open]:
    """Opens the workspace of the folder anew, as a restart does."""
    opened = list[Workspace]()

    async def open_chat(timings: Timings = KEPT) -> Workspace:
        for each in opened:
            await each.close()
        store = await open_sqlite(folder)
        storage = FolderStorage(folder / "files")
        opened[:] = [await Workspace.start(store, storage, recorder.on_event, timings=timings)]
        return opened[0]

    yield open_chat
    for each in opened:
        await each.close()


def set_back(folder: Path, days: float) -> None:
    """Let everything have happened some days earlier than it did."""
    earlier = timedelta(days=days) // timedelta(microseconds=1)
    with closing(sqlite3.connect(folder / "chat.db")) as database, database:
        database.execute(
            "UPDATE person SET came_at = came_at - ?, seen_at = seen_at - ?", (earlier, earlier)
        )


def today() -> str:
    """The mark of a name whose bearer left today."""
    return former_name("", datetime.now(UTC).date())


async def visit(workspace: Workspace, *people: Person) -> None:
    """Let people connect, and be gone again."""
    for each in people:
        workspace.presence.session_connected(each, "tab")
        workspace.presence.session_disconnected(each, "tab")
        workspace.presence.remove(each)


async def names_of_messages(workspace: Workspace, person: Person) -> list[tuple[str, str]]:
    """The authors and texts of the messages that a person reads in the lobby."""
    lobby = await workspace.rooms.by_slug(person, LOBBY)
    messages = (await lobby.newest(person)).messages
    return [(each.author.name, each.text) for each in messages if each.kind is MessageKind.TEXT]


async def test_name_stays_with_its_bearer_who_is_away(open_chat: Open) -> None:
    workspace = await open_chat()
    ann, bob = await sign_in(workspace, "Ann", "Bob")
    await visit(workspace, ann)
    workspace = await open_chat()
    for name in ("Ann", "ANN", "A\u200dnn"):
        with pytest.raises(NameTaken, match="Somebody here is called"):
            await workspace.identity.sign_in(name, None)
    with pytest.raises(NameTaken):
        await workspace.profiles.rename(bob, "ann")
    with pytest.raises(NameTaken):
        await workspace.bots.create(bob, "Ann")
    assert await workspace.find_person("Ann") == ann


async def test_look_alike_of_a_name_is_refused_in_a_sentence_of_its_own(open_chat: Open) -> None:
    workspace = await open_chat()
    await sign_in(workspace, "Mary")
    with pytest.raises(NameTaken, match="looks like the name of somebody here") as refusal:
        await workspace.identity.sign_in("rnary", None)
    assert not refusal.value.may_be_own
    with pytest.raises(NameTaken) as refusal:
        await workspace.identity.sign_in("mary", None)
    assert refusal.value.may_be_own


async def test_nobody_is_asked_whether_they_are_a_bot(open_chat: Open) -> None:
    workspace = await open_chat()
    (ann,) = await sign_in(workspace, "Ann")
    await workspace.bots.create(ann, "Build")
    with pytest.raises(NameTaken) as refusal:
        await workspace.identity.sign_in("build", None)
    assert not refusal.value.may_be_own


async def test_words_of_somebody_who_left_never_look_like_those_of_the_newcomer(
    open_chat: Open, recorder: EventRecorder
) -> None:
    workspace = await open_chat()
    # Bob owns the chat, so that Ann may leave.
    bob, ann = await sign_in(workspace, "Bob", "Ann")
    lobby = await workspace.rooms.by_slug(ann, LOBBY)
    await lobby.post(ann, "I pay for all", "1")
    await workspace.sign_out(ann)
    assert ("Ann", "I pay for all") in await names_of_messages(workspace, bob)
    with pytest.raises(NoSuchPerson):
        await workspace.find_person("Ann")
    (second,) = await sign_in(workspace, "Ann")
    await lobby.post(second, "hello", "2")
    said = await names_of_messages(workspace, bob)
    assert said == [(f"Ann{today()}", "I pay for all"), ("Ann", "hello")]
    renamed = [each.person for _, each in recorder.events if isinstance(each, PersonUpdated)]
    assert renamed == [replace(ann, name=f"Ann{today()}")]
    assert await workspace.find_person("Ann") == second
    with pytest.raises(BadName, match="A date like this"):
        await workspace.profiles.rename(bob, f"Ann{today()}")


async def test_name_of_somebody_who_was_not_seen_for_long_is_free(
    open_chat: Open, folder: Path
) -> None:
    workspace = await open_chat()
    ann, bob = await sign_in(workspace, "Ann", "Bob")
    await visit(workspace, ann, bob)
    await workspace.close()
    set_back(folder, 29.9)
    workspace = await open_chat()
    with pytest.raises(NameTaken):
        await workspace.identity.sign_in("Ann", None)
    # Who only opens a page without a connection is seen, too.
    assert await workspace.identity.person_for_token("token of Bob") == bob
    await workspace.close()
    set_back(folder, 0.2)
    workspace = await open_chat()
    second = await workspace.identity.sign_in("Ann", "another token")
    await workspace.on_signed_in(second)
    with pytest.raises(NameTaken):
        await workspace.identity.sign_in("Bob", None)
    assert await workspace.find_person("Ann") == second
    back = await workspace.identity.person_for_token("token of Ann")
    assert back is not None
    assert (back.id, back.name[:7]) == (ann.id, "Ann (–2")
    assert (await workspace.profiles.rename(back, "Annie")).name == "Annie"


async def test_claimed_name_stays_with_its_bearer_however_long_they_are_away(
    open_chat: Open, folder: Path
) -> None:
    workspace = await open_chat()
    ann, _ = await sign_in(workspace, "Ann", "Bob")
    await workspace.passwords.set(ann, PASSWORD, "", "")
    await workspace.close()
    set_back(folder, 400)
    workspace = await open_chat()
    with pytest.raises(NameTaken) as refusal:
        await workspace.identity.sign_in("ann", None)
    assert refusal.value.claimed_name == "Ann"
    await workspace.identity.sign_in("Bob", None)
    assert await workspace.passwords.person_with("ann", PASSWORD, "") == ann


async def test_conversation_with_somebody_who_lost_their_name_has_the_mark(
    open_chat: Open, folder: Path
) -> None:
    workspace = await open_chat()
    ann, bob = await sign_in(workspace, "Ann", "Bob")
    direct = await workspace.rooms.get_or_create_direct(bob, [ann])
    await direct.post(ann, "the code is 4711", "1")
    await workspace.close()
    set_back(folder, 31)
    workspace = await open_chat()
    await workspace.memberships.session_connected(bob, "tab")
    await workspace.identity.sign_in("Ann", None)

    def titles() -> list[str]:
        return [each.title for each in workspace.memberships.for_person(bob)]

    await wait_until(lambda: any(title.startswith("Ann (–") for title in titles()))
    assert "Ann" not in titles()


async def test_free_names_are_found_among_many(open_chat: Open) -> None:
    workspace = await open_chat()
    taken = {"Ann"}
    await sign_in(workspace, "Ann")
    for _ in range(30):
        with pytest.raises(NameTaken) as refusal:
            await workspace.identity.sign_in("Ann", None)
        assert len(set(refusal.value.suggestions) - taken) == 3
        taken.add((await workspace.identity.sign_in(refusal.value.suggestion, None)).name)


async def test_owner_sets_for_how_long_a_name_stays(open_chat: Open) -> None:
    workspace = await open_chat(NOT_KEPT)
    (ann,) = await sign_in(workspace, "Ann")
    workspace.presence.session_connected(ann, "tab")
    with pytest.raises(NameTaken):
        await workspace.identity.sign_in("Ann", None)
    workspace.presence.session_disconnected(ann, "tab")
    workspace.presence.remove(ann)


async def test_one_of_many_who_ask_for_a_name_at_once_gets_it(open_chat: Open) -> None:
    workspace = await open_chat(Timings(name_days=0))
    (bob,) = await sign_in(workspace, "Bob")
    identity, profiles = workspace.identity, workspace.profiles
    results = await asyncio.gather(
        *(identity.sign_in(name, name) for name in ("Ann", "ann", "ANN", "Ａｎｎ")),
        profiles.rename(bob, "Ann"),
        workspace.bots.create(bob, "Ann"),
        return_exceptions=True,
    )
    assert [isinstance(each, NameTaken) for each in results].count(False) == 1


async def test_deleted_bot_frees_its_name_and_its_messages_are_marked(open_chat: Open) -> None:
    workspace = await open_chat()
    (ann,) = await sign_in(workspace, "Ann")
    bot = await workspace.bots.create(ann, "Build")
    lobby = await workspace.rooms.enter(bot, LOBBY)
    await lobby.post(bot, "passed", "1")
    await workspace.bots.delete(bot)
    await workspace.identity.sign_in("Build", None)
    assert await names_of_messages(workspace, ann) == [(f"Build{today()}", "passed")]


async def test_names_of_an_old_database_stay_and_commands_ask_which(
    open_chat: Open, folder: Path
) -> None:
    workspace = await open_chat()
    bob, first, second, third = await sign_in(workspace, "Bob", "Ann", "Ann2", "Ann3")
    await workspace.sign_out(third)
    await workspace.close()
    with closing(sqlite3.connect(folder / "chat.db")) as database, database:
        # As before names were anybody's: two bearers, and one who left.
        database.execute("UPDATE person SET name = 'Ann' WHERE id IN (?, ?)", (first.id, third.id))
        database.execute("UPDATE person SET name = 'Ann' WHERE id = ?", (second.id,))
        database.execute("DELETE FROM name_key")
        database.execute("DELETE FROM house WHERE key = 'name_keys'")
    workspace = await open_chat()
    with pytest.raises(AmbiguousName, match="2 people are called Ann"):
        await workspace.find_person("ann")
    assert (await workspace.find_person("Ann#2")).id == second.id
    with pytest.raises(NameTaken):
        await workspace.identity.sign_in("Ann", None)
    await workspace.sign_out(first)
    assert (await workspace.find_person("Ann")).id == second.id
    with pytest.raises(NameTaken):
        await workspace.identity.sign_in("Ann", None)
    await workspace.profiles.rename(replace(second, name="Ann"), "Anna")
    assert (await workspace.identity.sign_in("Ann", None)).name == "Ann"
    assert (await workspace.find_person("Bob")).id == bob.id


async def test_look_alikes_of_an_old_database_are_asked_about(
    open_chat: Open, folder: Path
) -> None:
    workspace = await open_chat()
    mary, other = await sign_in(workspace, "Mary", "Eve")
    await workspace.close()
    with closing(sqlite3.connect(folder / "chat.db")) as database, database:
        database.execute("UPDATE person SET name = 'rnary' WHERE id = ?", (other.id,))
        database.execute("DELETE FROM house WHERE key = 'name_keys'")
    workspace = await open_chat()
    with pytest.raises(AmbiguousName, match="Mary#1, Mary#2"):
        await workspace.find_person("Mary")
    assert await workspace.find_person("Mary#1") == mary
    assert (await workspace.find_person("Mary#2")).id == other.id
    with pytest.raises(NoSuchPerson):
        await workspace.find_person("mnary")


async def test_five_new_people_a_minute_come_in_from_one_address(open_chat: Open) -> None:
    workspace = await open_chat()
    identity = workspace.identity
    results = await asyncio.gather(
        *(identity.sign_in(f"P{n}", None, network="192.0.2.1") for n in range(8)),
        return_exceptions=True,
    )
    assert ADDRESS_ARRIVALS == 5
    assert [isinstance(each, Person) for each in results] == [True] * 5 + [False] * 3
    assert all(isinstance(each, TooManyArrivals) for each in results[5:])
    assert str(results[-1]).startswith("Many people have just come in from your network. Wait ")
    assert (await identity.sign_in("Q", None, network="192.0.2.2")).name == "Q"
    assert (await identity.sign_in("R", None)).name == "R"


async def test_refused_name_counts_as_nobody(open_chat: Open) -> None:
    identity = (await open_chat()).identity
    await identity.sign_in("Ann", None, network="192.0.2.1")
    for _ in range(10):
        with pytest.raises(NameTaken):
            await identity.sign_in("Ann", None, network="192.0.2.1")
    assert (await identity.sign_in("Bob", None, network="192.0.2.1")).name == "Bob"
