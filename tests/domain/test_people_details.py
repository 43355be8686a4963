"""Status, time zone and last-seen time: who may see what, how long, and how rarely it is stored."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chat.errors import BadPreference, BadStatus
from chat.model.events import PRESENCE_TOPIC, StatusUpdated
from chat.model.people import NO_STATUS, PersonDetails, PersonId, Status
from chat.model.preferences import HIDDEN, SYSTEM
from chat.people.person_details import LAST_SEEN_STEP, MAX_STATUS_CHANGES
from chat.people.presence import PresenceTimings
from chat.text.statuses import STATUS_LIMIT, parse_status, validate_status
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.domain import EventRecorder, open_workspace, sign_in
from tests.harness.waiting import wait_until

TIMINGS = Timings(presence=PresenceTimings(offline_delay=0.0, batch_delay=0.0))


@pytest.fixture
def recorder() -> EventRecorder:
    """The recorder of the published events."""
    return EventRecorder()


@pytest.fixture
async def workspace(tmp_path: Path, recorder: EventRecorder) -> AsyncIterator[Workspace]:
    """A workspace that nobody has signed in to."""
    opened = await Workspace.open(tmp_path, recorder.on_event, timings=TIMINGS)
    yield opened
    await opened.close()


def statuses(recorder: EventRecorder) -> list[StatusUpdated]:
    """The published statuses."""
    return [e for e in recorder.events_of(PRESENCE_TOPIC) if isinstance(e, StatusUpdated)]


async def test_status_is_stored_published_once_and_there_after_a_restart(
    tmp_path: Path, recorder: EventRecorder
) -> None:
    workspace, _ = await open_workspace(tmp_path, recorder.on_event)
    (ann,) = await sign_in(workspace, "Ann")
    details = workspace.people_details
    status = await details.set_status(ann, "🌴", " On  holiday ")
    assert status == Status("🌴", "On holiday")
    await details.set_status(ann, "🌴", "On holiday")
    assert statuses(recorder) == [StatusUpdated(ann.id, status)]
    await workspace.close()
    workspace, _ = await open_workspace(tmp_path, recorder.on_event)
    assert workspace.people_details.status(ann.id) == status
    await workspace.people_details.set_status(ann, "", " ")
    assert workspace.people_details.status(ann.id) is NO_STATUS
    await workspace.close()


async def test_status_ends_by_itself_and_is_not_there_after_a_restart(
    tmp_path: Path, recorder: EventRecorder
) -> None:
    workspace, store = await open_workspace(tmp_path, recorder.on_event)
    ann, bob = await sign_in(workspace, "Ann", "Bob")
    details, soon = workspace.people_details, datetime.now(UTC) + timedelta(seconds=0.05)
    await details.set_status(bob, "🍜", "", datetime.now(UTC) + timedelta(hours=1))
    await details.set_status(ann, "📅", "In a meeting", soon)
    await recorder.until(lambda: StatusUpdated(ann.id, NO_STATUS) in statuses(recorder))
    assert details.status(ann.id) == NO_STATUS
    assert details.status(bob.id).emoji == "🍜"
    await workspace.close()
    # A status that ended while the chat did not run.
    workspace, store = await open_workspace(tmp_path, recorder.on_event)
    assert (await store.all_details())[ann.id].status == NO_STATUS
    await store.set_status(ann.id, Status("", "gone", datetime.now(UTC) - timedelta(hours=1)))
    await workspace.close()
    workspace, _ = await open_workspace(tmp_path, recorder.on_event)
    assert workspace.people_details.status(ann.id) == NO_STATUS
    await workspace.close()


async def test_status_that_has_ended_or_changes_too_often_is_refused(
    workspace: Workspace, recorder: EventRecorder
) -> None:
    (ann,) = await sign_in(workspace, "Ann")
    details = workspace.people_details
    with pytest.raises(BadStatus, match="over already"):
        await details.set_status(ann, "", "late", datetime.now(UTC))
    for n in range(MAX_STATUS_CHANGES):
        await details.set_status(ann, "", f"status {n}")
    with pytest.raises(BadStatus, match="10 times within a minute"):
        await details.set_status(ann, "", "one more")
    assert len(statuses(recorder)) == MAX_STATUS_CHANGES


@pytest.mark.parametrize(
    ("emoji", "text", "reason"),
    [
        ("no", "", "one emoji"),
        ("", "x" * (STATUS_LIMIT + 1), "Shorten it by 1"),
        ("", "a\u202eb", "control characters"),
        ("", "a\x00b", "control characters"),
    ],
)
def test_bad_status_is_refused(emoji: str, text: str, reason: str) -> None:
    with pytest.raises(BadStatus, match=reason):
        validate_status(emoji, text)


@pytest.mark.parametrize(
    ("typed", "parsed"),
    [
        ("🌴 On holiday", ("🌴", "On holiday")),
        (":pizza: until two", ("🍕", "until two")),
        ("Out sick", ("", "Out sick")),
        ("🤒", ("🤒", "")),
        ("", ("", "")),
    ],
)
def test_typed_status_may_begin_with_an_emoji(typed: str, parsed: tuple[str, str]) -> None:
    assert parse_status(typed) == parsed


def test_longest_status_is_accepted_with_shortcodes_replaced() -> None:
    assert validate_status("", "x" * STATUS_LIMIT) == ("", "x" * STATUS_LIMIT)
    assert validate_status("", "at :pizza: now") == ("", "at 🍕 now")


async def test_time_zone_is_that_of_the_device_unless_another_is_chosen(
    workspace: Workspace,
) -> None:
    (ann,) = await sign_in(workspace, "Ann")
    details, identity = workspace.people_details, workspace.identity

    async def reports(zone: str) -> str:
        await details.report_device_zone(ann, await identity.preferences(ann), zone)
        return details.get(ann.id).time_zone

    assert await reports("Asia/Tokyo") == "Asia/Tokyo"
    assert await reports("") == "Asia/Tokyo"
    await workspace.set_preference(ann, "time_zone", "Europe/Paris")
    assert await reports("Asia/Tokyo") == "Europe/Paris"
    await workspace.set_preference(ann, "time_zone", HIDDEN)
    assert await reports("Asia/Tokyo") == ""
    await workspace.set_preference(ann, "time_zone", SYSTEM)
    assert await reports("Asia/Tokyo") == "Asia/Tokyo"
    for wrong in ("Europe", "Mars/Base", "../etc/passwd", "x" * 33, ""):
        with pytest.raises(BadPreference):
            await workspace.set_preference(ann, "time_zone", wrong)


async def comes_and_goes(
    workspace: Workspace, recorder: EventRecorder, person_id: PersonId
) -> PersonDetails:
    """A person connects and disconnects; returns their details afterwards."""
    person = {each.id: each for each in await workspace.all_people()}[person_id]
    workspace.presence.session_connected(person, "tab")
    await wait_until(lambda: person_id in {e.id for e in workspace.presence.online.people})
    await recorder.next_presence()
    workspace.presence.session_disconnected(person, "tab")
    while person.name in await recorder.next_presence():
        pass
    return workspace.people_details.get(person_id)


async def test_last_seen_time_is_recorded_coarsely_rarely_and_only_if_allowed(
    workspace: Workspace, recorder: EventRecorder
) -> None:
    ann, bob = await sign_in(workspace, "Ann", "Bob")
    await recorder.until(lambda: not workspace.presence.online.people)
    await workspace.set_preference(ann, "last_seen", "shown")
    assert (await comes_and_goes(workspace, recorder, bob.id)).last_seen_at is None
    seen_at = (await comes_and_goes(workspace, recorder, ann.id)).last_seen_at
    assert seen_at is not None
    assert datetime.now(UTC) - seen_at < 2 * LAST_SEEN_STEP
    assert (seen_at.minute * 60 + seen_at.second) % LAST_SEEN_STEP.total_seconds() == 0
    assert seen_at.microsecond == 0
    await workspace.set_preference(ann, "last_seen", "hidden")
    assert workspace.people_details.get(ann.id).last_seen_at is None
    assert (await comes_and_goes(workspace, recorder, ann.id)).last_seen_at is None


async def test_last_seen_time_of_people_who_are_online_is_stored_at_the_end(
    tmp_path: Path, recorder: EventRecorder
) -> None:
    workspace, _ = await open_workspace(tmp_path, recorder.on_event)
    ann, bob = await sign_in(workspace, "Ann", "Bob")
    await workspace.set_preference(ann, "last_seen", "shown")
    for person in (ann, bob):
        workspace.presence.session_connected(person, "tab")
    await recorder.next_presence()
    await workspace.close()
    workspace, _ = await open_workspace(tmp_path, recorder.on_event)
    assert workspace.people_details.get(ann.id).last_seen_at is not None
    assert workspace.people_details.get(bob.id).last_seen_at is None
    await workspace.close()


async def test_details_of_a_person_who_leaves_the_chat_are_forgotten(
    tmp_path: Path, recorder: EventRecorder
) -> None:
    workspace, store = await open_workspace(tmp_path, recorder.on_event)
    (ann,) = await sign_in(workspace, "Ann")
    await workspace.people_details.set_status(ann, "🌴", "")
    await workspace.sign_out(ann)
    assert workspace.people_details.get(ann.id) == PersonDetails()
    assert await store.all_details() == {}
    await workspace.close()
