"""Notification settings: keywords call like mentions, pauses are silent, and both are kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chat.errors import BadKeyword, NotStored
from chat.model.notification_settings import OPEN_END, NotificationSettings, Pause, pause_end
from chat.model.people import Person
from chat.model.rooms import NotificationLevel, RoomKind
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.text.keywords import MAX_KEYWORDS
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.domain import NO_DELAY, EventRecorder, member_names, open_workspace, sign_in

VIENNA = ZoneInfo("Europe/Vienna")


@pytest.fixture
def timings() -> Timings:
    return NO_DELAY


@pytest.fixture
async def people(workspace: Workspace) -> list[Person]:
    """Ann, who posts, and Bob and Cid, who are connected."""
    people = await sign_in(workspace, "Ann", "Bob", "Cid")
    for person in people[1:]:
        await workspace.memberships.session_connected(person, f"tab of {person.name}")
    return people


@pytest.fixture
async def garden(workspace: Workspace, people: list[Person]) -> Room:
    """A private room of Ann and Bob."""
    return await workspace.rooms.create(people[0], "Garden", RoomKind.PRIVATE, invited=[people[1]])


async def test_keyword_calls_members_of_the_room_like_a_mention(
    workspace: Workspace, people: list[Person], garden: Room, recorder: EventRecorder
) -> None:
    ann, bob, _ = people
    settings = workspace.notification_settings
    for person in people:
        await settings.add_keyword(person, "Release plan")
    with recorder.recorded_notifications(*people) as notified:
        posted = await garden.post(ann, "the RELEASE  plan is ready", "a1")
        await garden.post(ann, "the release", "a2")
        await garden.post(ann, "`release plan`", "a3")
    assert notified == {"Bob": ["the RELEASE  plan is ready"]}
    membership = workspace.memberships.get(bob, garden.info.id)
    assert membership is not None and membership.unread_mentions == 1
    assert [m.text for _, m in await workspace.mentions(bob)] == ["the RELEASE  plan is ready"]
    await garden.edit(ann, posted.number, "it is ready")
    assert await workspace.mentions(bob) == ()
    await settings.remove_keyword(bob, "Release plan")
    with recorder.recorded_notifications(*people) as notified:
        await garden.post(ann, "the release plan", "a4")
    assert notified == {}


async def test_keyword_makes_nobody_follow_a_thread(
    workspace: Workspace, people: list[Person], garden: Room
) -> None:
    ann, bob, _ = people
    await workspace.notification_settings.add_keyword(bob, "roses")
    posted = await garden.post(ann, "what now?", "a1")
    thread = await workspace.rooms.get_or_create_thread(ann, garden, posted.number)
    assert (await thread.post(ann, "roses", "a2")).mentions == set()
    assert member_names(thread) == {"Ann"}
    await thread.post(bob, "which?", "b1")
    assert (await thread.post(ann, "roses", "a3")).mentions == {bob.id}


async def test_every_message_notifies_where_a_person_wants_everything(
    workspace: Workspace, people: list[Person], garden: Room, recorder: EventRecorder
) -> None:
    ann, bob, _ = people
    await workspace.rooms.set_notification_level(bob, garden, NotificationLevel.EVERYTHING)
    with recorder.recorded_notifications(*people) as notified:
        await garden.post(ann, "hello", "a1")
    assert notified == {"Bob": ["hello"]}
    membership = workspace.memberships.get(bob, garden.info.id)
    assert membership is not None
    assert (membership.badge_count, membership.notifying_count) == (1, 1)


async def test_nothing_notifies_during_a_pause_and_everything_is_counted(
    workspace: Workspace, people: list[Person], garden: Room, recorder: EventRecorder
) -> None:
    ann, bob, _ = people
    settings = workspace.notification_settings
    await settings.pause(bob, Pause.OPEN, None)
    with recorder.recorded_notifications(*people) as notified:
        await garden.post(ann, "@Bob hello", "a1")
    assert notified == {}
    membership = workspace.memberships.get(bob, garden.info.id)
    assert membership is not None and membership.unread_mentions == 1
    await settings.resume(bob)
    with recorder.recorded_notifications(*people) as notified:
        await garden.post(ann, "@Bob again", "a2")
    assert notified == {"Bob": ["@Bob again"]}


@pytest.mark.parametrize(
    ("pause", "now", "end"),
    [
        (Pause.HOUR, datetime(2026, 11, 30, 8, tzinfo=UTC), datetime(2026, 11, 30, 9, tzinfo=UTC)),
        # 23:30 in Vienna, and the next morning there.
        (
            Pause.TOMORROW,
            datetime(2026, 11, 30, 22, 30, tzinfo=UTC),
            datetime(2026, 12, 1, 8, tzinfo=UTC),
        ),
        # The clocks change in the night.
        (
            Pause.TOMORROW,
            datetime(2026, 10, 24, 12, tzinfo=UTC),
            datetime(2026, 10, 25, 8, tzinfo=UTC),
        ),
        (Pause.OPEN, datetime(2026, 11, 30, 8, tzinfo=UTC), OPEN_END),
    ],
)
def test_pause_ends_at_the_time_of_the_person(pause: Pause, now: datetime, end: datetime) -> None:
    assert pause_end(pause, now, VIENNA) == end
    settings = NotificationSettings(paused_until=end)
    assert settings.is_paused(end - timedelta(seconds=1))
    assert not settings.is_paused(end)


async def test_settings_are_published_and_survive_a_restart(
    tmp_path: Path, recorder: EventRecorder
) -> None:
    workspace, _ = await open_workspace(tmp_path, recorder.on_event)
    ann, bob = await sign_in(workspace, "Ann", "Bob")
    settings = workspace.notification_settings
    await settings.set_sound(bob, enabled=False)
    await settings.add_keyword(bob, "roses")
    await settings.add_keyword(bob, "会议")
    await settings.pause(bob, Pause.OPEN, None)
    expected = NotificationSettings(False, ("roses", "会议"), OPEN_END)
    assert recorder.events[-1] == (f"person/{bob.id}", expected)
    await workspace.close()

    reopened, _ = await open_workspace(tmp_path, recorder.on_event)
    assert reopened.notification_settings.get(bob.id) == expected
    assert reopened.notification_settings.get(ann.id) == NotificationSettings()
    lobby = await reopened.rooms.by_slug(ann, "lobby")
    assert (await lobby.post(ann, "roses!", "a1")).mentions == {bob.id}
    await reopened.close()


async def test_keyword_too_many_is_refused_and_changes_nothing(
    workspace: Workspace, people: list[Person]
) -> None:
    settings, bob = workspace.notification_settings, people[1]
    for number in range(MAX_KEYWORDS):
        await settings.add_keyword(bob, f"word {number}")
    with pytest.raises(BadKeyword):
        await settings.add_keyword(bob, "one more")
    assert len(settings.get(bob.id).keywords) == MAX_KEYWORDS


async def test_settings_that_cannot_be_stored_stay_as_they_were(
    workspace: Workspace, store: Store, people: list[Person]
) -> None:
    bob = people[1]
    await store.close()
    with pytest.raises(NotStored):
        await workspace.notification_settings.add_keyword(bob, "roses")
    assert workspace.notification_settings.get(bob.id) == NotificationSettings()
    assert workspace.notification_settings.people_with_keyword_in("roses") == set()
