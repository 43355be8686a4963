"""Identity and presence: reserved names, tokens, and reloads without a presence change."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat.errors import BadName, NameTaken
from chat.model.events import PRESENCE_TOPIC, OnlinePeople, SignedOut, person_topic
from chat.model.people import Person
from chat.people.browser_tokens import new_token
from chat.people.identity import Identity
from chat.people.presence import Presence, PresenceTimings, Visibility
from chat.text.name_rules import validate_name
from chat.text.names import NAME_LIMIT, visible_length
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.domain import EventRecorder, names_in


@pytest.fixture
def recorder() -> EventRecorder:
    """The recorder of the published events."""
    return EventRecorder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the data."""
    return tmp_path


@pytest.fixture
async def workspace(
    folder: Path, recorder: EventRecorder, timings: Timings
) -> AsyncIterator[Workspace]:
    """A workspace that nobody has signed in to."""
    opened = await Workspace.open(folder, recorder.on_event, timings=timings)
    yield opened
    await opened.close()


@pytest.fixture
def identity(workspace: Workspace) -> Identity:
    """The names and tokens of the workspace."""
    return workspace.identity


@pytest.fixture
def presence(workspace: Workspace) -> Presence:
    """The presence of people in the workspace."""
    return workspace.presence


short_offline_delay = pytest.mark.parametrize(
    "timings", [Timings(presence=PresenceTimings(offline_delay=0.01))]
)


async def test_sign_in_normalises_the_name(identity: Identity, presence: Presence) -> None:
    ann = await identity.sign_in("  Ａｎｎ   Lee ", "a")
    assert ann.name == "Ann Lee"
    assert names_in(presence.online) == ["Ann Lee"]


async def test_sign_in_refuses_a_blank_name(identity: Identity, presence: Presence) -> None:
    with pytest.raises(BadName, match=r"^Name cannot be blank!$"):
        await identity.sign_in("   ", "a")
    assert presence.online == OnlinePeople(())
    assert await identity.person_for_token("a") is None


async def test_sign_in_refuses_an_online_name_and_suggests_a_free_one(identity: Identity) -> None:
    await identity.sign_in("Ann", "a")
    with pytest.raises(NameTaken) as error:
        await identity.sign_in("Ann", "b")
    assert error.value.suggestion == "Ann 2"
    assert "Somebody here is called Ann" in str(error.value)
    assert "“Ann 2”" in str(error.value)
    assert await identity.person_for_token("b") is None
    assert (await identity.sign_in(error.value.suggestion, "b")).name == "Ann 2"
    with pytest.raises(NameTaken) as error:
        await identity.sign_in("Ann", "c")
    assert error.value.suggestion == "Ann 3"


@pytest.mark.parametrize(
    "lookalike", ["ann", "ANN", "Ａｎｎ", " Ann ", "Ann\ufe0f", "A\u200dnn"], ids=ascii
)
async def test_sign_in_refuses_a_lookalike_of_an_online_name(
    identity: Identity, presence: Presence, lookalike: str
) -> None:
    await identity.sign_in("Ann", "a")
    with pytest.raises(NameTaken):
        await identity.sign_in(lookalike, "b")
    assert names_in(presence.online) == ["Ann"]


@pytest.mark.parametrize(
    "name",
    [
        "x" * 32,
        "x" * 31,
        "x" * 29 + " yz",
        "ß" * 32,
        "x\u0301" * 32,
        "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 8,
        "小" * 32,
    ],
    ids=["32", "31", "a space at the cut", "ß", "accents", "families", "Chinese"],
)
async def test_suggested_name_for_a_long_name_is_valid(identity: Identity, name: str) -> None:
    await identity.sign_in(name, "a")
    for token in "bcdefghijkl":
        with pytest.raises(NameTaken) as error:
            await identity.sign_in(name, token)
        suggestion = error.value.suggestion
        assert validate_name(suggestion) == suggestion
        assert visible_length(suggestion) <= NAME_LIMIT
        await identity.sign_in(suggestion, token)


async def test_concurrent_sign_ins_under_one_name_succeed_once(identity: Identity) -> None:
    results = await asyncio.gather(
        *(identity.sign_in(name, name) for name in ("Ann", "ann", "ANN", "Ａｎｎ")),
        return_exceptions=True,
    )
    assert [isinstance(each, Person) for each in results] == [True, False, False, False]
    assert all(isinstance(each, NameTaken) for each in results[1:])
    suggestions = {each.suggestion for each in results if isinstance(each, NameTaken)}
    assert suggestions == {"ann 2", "ANN 2", "Ann 2"}


async def test_name_is_free_again_after_a_cancelled_sign_in(identity: Identity) -> None:
    sign_in = asyncio.create_task(identity.sign_in("Ann", "a"))
    await asyncio.sleep(0)
    sign_in.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sign_in
    async with asyncio.timeout(20):
        assert (await identity.sign_in("Ann", "b")).name == "Ann"


async def test_person_is_found_by_their_token_only(identity: Identity) -> None:
    ann = await identity.sign_in("Ann", "token of Ann")
    assert await identity.person_for_token("token of Ann") == ann
    for token in (None, "", "token of ann", "x" * 100_000, "\x00", "🦊"):
        assert await identity.person_for_token(token) is None


async def test_token_is_valid_after_a_restart(folder: Path, recorder: EventRecorder) -> None:
    workspace = await Workspace.open(folder, recorder.on_event)
    ann = await workspace.identity.sign_in("Ann", "token of Ann")
    await workspace.close()
    workspace = await Workspace.open(folder, recorder.on_event)
    assert await workspace.identity.person_for_token("token of Ann") == ann
    assert workspace.presence.online == OnlinePeople(())
    await workspace.close()


async def test_sign_in_without_a_token_is_online_but_not_remembered(
    identity: Identity, presence: Presence
) -> None:
    await identity.sign_in("Ann", None)
    assert names_in(presence.online) == ["Ann"]
    assert await identity.person_for_token(None) is None


def bytes_of(folder: Path) -> bytes:
    """The bytes of all files in a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_database_holds_token_hashes_only(folder: Path, recorder: EventRecorder) -> None:
    token = new_token()
    workspace = await Workspace.open(folder, recorder.on_event)
    ann = await workspace.identity.sign_in("Ann Who Is Easily Found", token)
    bytes_while_running = bytes_of(folder)
    await workspace.identity.sign_out(ann)
    await workspace.close()
    for stored_bytes in (bytes_while_running, bytes_of(folder)):
        assert b"Ann Who Is Easily Found" in stored_bytes
        assert token.encode() not in stored_bytes


def test_tokens_are_long_and_unique() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 43 for token in tokens)


async def test_sign_out_revokes_tokens_and_ends_every_session(
    identity: Identity, presence: Presence, recorder: EventRecorder
) -> None:
    ann = await identity.sign_in("Ann", "a")
    bob = await identity.sign_in("Bob", "b")
    presence.session_connected(ann, "tab")
    presence.session_connected(ann, "phone")
    assert not await identity.is_revoked("a")
    await identity.sign_out(ann)
    assert await identity.person_for_token("a") is None
    assert await identity.is_revoked("a")
    assert presence.connected_count == 0
    assert recorder.events_of(person_topic(ann.id)) == [SignedOut(ann)]
    assert recorder.events_of(person_topic(bob.id)) == []
    assert names_in(presence.online) == ["Bob"]
    assert await identity.person_for_token("b") == bob


async def test_name_is_free_at_once_after_sign_out(identity: Identity, presence: Presence) -> None:
    ann = await identity.sign_in("Ann", "a")
    presence.session_connected(ann, "tab")
    await identity.sign_out(ann)
    other = await identity.sign_in("Ann", "b")
    assert other.id != ann.id
    presence.session_disconnected(ann, "tab")  # The page of the first Ann closes.
    assert names_in(presence.online) == ["Ann"]
    assert presence.online.people[0].id == other.id


@short_offline_delay
async def test_presence_is_published_on_connect_and_disconnect(
    identity: Identity, presence: Presence, recorder: EventRecorder
) -> None:
    ann, bob = [await identity.sign_in(name, name) for name in ("Ann", "Bob")]
    presence.session_connected(bob, "1")
    presence.session_connected(ann, "2")
    await recorder.wait_for_presence("Ann", "Bob")
    presence.session_disconnected(bob, "1")
    await recorder.wait_for_presence("Ann")
    presence.session_disconnected(ann, "2")
    await recorder.wait_for_presence()
    assert presence.online == OnlinePeople(())


async def test_concurrent_sign_ins_are_one_presence_event(
    identity: Identity, presence: Presence, recorder: EventRecorder
) -> None:
    everyone = [await identity.sign_in(f"Person {n:02}", str(n)) for n in range(30)]
    for person in everyone:
        presence.session_connected(person, f"tab of {person.name}")
    assert await recorder.next_presence() == [f"Person {n:02}" for n in range(30)]
    assert len(recorder.events_of(PRESENCE_TOPIC)) == 1


async def test_reload_publishes_no_presence_change(
    identity: Identity, presence: Presence, recorder: EventRecorder
) -> None:
    ann, bob = [await identity.sign_in(name, name) for name in ("Ann", "Bob")]
    presence.session_connected(ann, "before")
    presence.session_disconnected(ann, "before")
    assert names_in(presence.online) == ["Ann", "Bob"]
    presence.session_connected(ann, "after")
    presence.session_connected(bob, "tab")
    await recorder.wait_for_presence("Ann", "Bob")
    assert {tuple(names_in(event)) for event in recorder.events_of(PRESENCE_TOPIC)} == {
        ("Ann", "Bob")
    }


@short_offline_delay
async def test_person_who_reconnects_within_the_grace_period_stays_online(
    identity: Identity, presence: Presence, recorder: EventRecorder
) -> None:
    ann = await identity.sign_in("Ann", "a")
    presence.session_connected(ann, "before")
    presence.session_disconnected(ann, "before")
    presence.session_connected(ann, "after")
    # The offline delay ends long before the next event is due.
    assert await recorder.next_presence() == ["Ann"]
    assert presence.connected_count == 1


@pytest.mark.parametrize("timings", [Timings(presence=PresenceTimings(offline_delay=0.3))])
async def test_name_stays_with_a_person_who_is_away(
    identity: Identity,
    presence: Presence,
    recorder: EventRecorder,
) -> None:
    ann = await identity.sign_in("Ann", "a")
    presence.session_connected(ann, "tab")
    presence.session_disconnected(ann, "tab")
    assert presence.connected_count == 0
    with pytest.raises(NameTaken):
        await identity.sign_in("Ann", "b")
    await recorder.wait_for_presence()
    with pytest.raises(NameTaken):
        await identity.sign_in("Ann", "b")


@short_offline_delay
async def test_several_sessions_of_a_person_count_once(
    identity: Identity, presence: Presence, recorder: EventRecorder
) -> None:
    ann, bob = [await identity.sign_in(name, name) for name in ("Ann", "Bob")]
    presence.session_connected(bob, "laptop of Bob")
    for session in ("laptop", "phone", "phone"):
        presence.session_connected(ann, session)
    await recorder.wait_for_presence("Ann", "Bob")
    assert presence.connected_count == 2
    presence.session_disconnected(ann, "laptop")
    presence.session_disconnected(ann, "laptop")
    assert presence.connected_count == 2
    presence.session_disconnected(bob, "laptop of Bob")
    await recorder.wait_for_presence("Ann")
    presence.session_disconnected(ann, "phone")
    await recorder.wait_for_presence()
    assert presence.connected_count == 0


async def test_presence_list_is_sorted_by_name(identity: Identity, presence: Presence) -> None:
    for name in ("bob", "Zoe", "Ann", "Ärzte", "cid"):
        await identity.sign_in(name, name)
    assert names_in(presence.online) == ["Ann", "bob", "cid", "Zoe", "Ärzte"]


def away_names(event: object) -> set[str]:
    """The names of the away people in a presence event."""
    assert isinstance(event, OnlinePeople)
    return {person.name for person in event.people if person.id in event.away}


async def test_person_is_away_when_all_sessions_are_hidden(
    identity: Identity, presence: Presence, recorder: EventRecorder
) -> None:
    ann, bob = [await identity.sign_in(name, name) for name in ("Ann", "Bob")]
    presence.session_connected(bob, "tab of Bob")
    for session in ("laptop", "phone"):
        presence.session_connected(ann, session)
    presence.report_visibility(ann, "laptop", Visibility.HIDDEN)
    assert away_names(presence.online) == set()
    presence.report_visibility(ann, "phone", Visibility.HIDDEN)
    assert away_names(presence.online) == {"Ann"}
    assert await recorder.next_presence() == ["Ann", "Bob"]
    assert away_names(recorder.events_of(PRESENCE_TOPIC)[-1]) == {"Ann"}
    assert len(recorder.events_of(PRESENCE_TOPIC)) == 1, (
        "one event has the new people and the away state"
    )


@pytest.mark.parametrize("timings", [Timings(presence=PresenceTimings(away_announce_interval=0.0))])
async def test_new_session_is_active_until_it_reports_otherwise(
    identity: Identity,
    presence: Presence,
    recorder: EventRecorder,
) -> None:
    ann = await identity.sign_in("Ann", "a")
    presence.session_connected(ann, "laptop")
    presence.report_visibility(ann, "laptop", Visibility.HIDDEN)
    await recorder.next_presence()
    presence.session_connected(ann, "phone")
    await recorder.next_presence()
    assert away_names(recorder.events_of(PRESENCE_TOPIC)[-1]) == set()
    presence.session_disconnected(ann, "phone")
    await recorder.next_presence()
    assert away_names(recorder.events_of(PRESENCE_TOPIC)[-1]) == {"Ann"}
    presence.report_visibility(ann, "phone", Visibility.ACTIVE)
    assert away_names(presence.online) == {"Ann"}, "a disconnected session does not count"


async def test_reload_keeps_the_away_state(identity: Identity, presence: Presence) -> None:
    ann = await identity.sign_in("Ann", "a")
    presence.session_connected(ann, "tab")
    presence.report_visibility(ann, "tab", Visibility.HIDDEN)
    presence.session_disconnected(ann, "tab")
    assert away_names(presence.online) == {"Ann"}


@short_offline_delay
async def test_offline_person_is_not_away(
    identity: Identity, presence: Presence, recorder: EventRecorder
) -> None:
    ann = await identity.sign_in("Ann", "a")
    presence.session_connected(ann, "tab")
    presence.report_visibility(ann, "tab", Visibility.HIDDEN)
    presence.session_disconnected(ann, "tab")
    await recorder.wait_for_presence()
    assert presence.online == OnlinePeople(())
    presence.session_connected(ann, "tab")
    assert away_names(presence.online) == set()


@pytest.mark.parametrize(
    "timings", [Timings(presence=PresenceTimings(batch_delay=0.0, away_announce_interval=0.2))]
)
async def test_rapid_away_changes_are_throttled_to_the_last_state(
    identity: Identity,
    presence: Presence,
    recorder: EventRecorder,
) -> None:
    ann, bob = [await identity.sign_in(name, name) for name in ("Ann", "Bob")]
    presence.session_connected(ann, "tab")
    await recorder.next_presence()
    loop, times = asyncio.get_running_loop(), list[float]()
    presence.report_visibility(ann, "tab", Visibility.HIDDEN)
    await recorder.next_presence()
    times.append(loop.time())
    assert away_names(recorder.events_of(PRESENCE_TOPIC)[-1]) == {"Ann"}
    for visibility in (Visibility.ACTIVE, Visibility.IDLE, Visibility.ACTIVE):
        presence.report_visibility(ann, "tab", visibility)
    # Another sign-in is published at once, without the change of Ann.
    presence.session_connected(bob, "tab of Bob")
    await recorder.next_presence()
    assert away_names(recorder.events_of(PRESENCE_TOPIC)[-1]) == {"Ann"}
    await recorder.next_presence()
    times.append(loop.time())
    assert away_names(recorder.events_of(PRESENCE_TOPIC)[-1]) == set()
    assert times[1] - times[0] >= 0.19
    count = len(recorder.events_of(PRESENCE_TOPIC))
    for visibility in (Visibility.HIDDEN, Visibility.UNFOCUSED):
        presence.report_visibility(ann, "tab", visibility)
    await asyncio.sleep(0.25)
    assert len(recorder.events_of(PRESENCE_TOPIC)) == count, "the last published state is unchanged"


async def test_presence_needs_neither_store_nor_identity(recorder: EventRecorder) -> None:
    presence, ann = Presence(PresenceTimings(), publish=recorder.on_event), Person(1, "Ann")
    presence.add(ann)
    assert names_in(presence.online) == ["Ann"]
    assert presence.connected_count == 0
    presence.session_connected(ann, "tab")
    assert await recorder.next_presence() == ["Ann"]
    presence.remove(ann)
    assert await recorder.next_presence() == []
    assert names_in(presence.online) == []
    presence.close()
