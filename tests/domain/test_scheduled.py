"""Texts that are sent later, and reminders: in time, once, also after a restart, and refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chat.errors import (
    BadText,
    BadTime,
    NoSuchMessage,
    NoSuchRoom,
    TooLateToChange,
    TooManyReminders,
    TooManyScheduled,
)
from chat.files.storage import FolderStorage
from chat.later import reminders, scheduled_texts
from chat.later.due_times import MAX_AHEAD
from chat.model.events import ReminderDue, person_topic
from chat.model.later import NewScheduledText
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.store.sqlite import open_sqlite
from chat.workspace.workspace import Workspace
from tests.harness.domain import EventRecorder, sign_in
from tests.harness.waiting import wait_until, wait_until_true

SOON = timedelta(milliseconds=50)
LATER = timedelta(hours=1)


def after(delay: timedelta) -> datetime:
    """A time from now on."""
    return datetime.now(UTC) + delay


@pytest.fixture
async def ann(workspace: Workspace, recorder: EventRecorder) -> Person:
    """A person who schedules."""
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


async def texts_in(room: Room, person: Person) -> list[str]:
    """The texts of the person in a room."""
    messages = (await room.newest(person)).messages
    return [each.text for each in messages if each.author.id == person.id]


async def test_text_is_sent_at_its_time_with_its_mentions(
    workspace: Workspace, ann: Person, bob: Person, plans: Room
) -> None:
    scheduled = workspace.scheduled_texts
    await plans.save_draft(ann, "good morning, @Bob")
    await scheduled.schedule(
        ann, plans, "good morning, @Bob", after(SOON), "a1", draft="good morning, @Bob"
    )
    assert await plans.draft(ann) == ""
    await wait_until(lambda: plans.last_number == 3)
    message = await plans.message(bob, 3)
    assert (message.text, message.mentions) == ("good morning, @Bob", frozenset({bob.id}))
    # It is removed after it was posted: a text that is in both is never posted twice.

    async def is_removed() -> bool:
        return await scheduled.of_person(ann) == ()

    await wait_until_true(is_removed)


async def test_text_waits_in_order_and_can_be_moved_sent_and_cancelled(
    workspace: Workspace, ann: Person, bob: Person, plans: Room
) -> None:
    scheduled = workspace.scheduled_texts
    second = await scheduled.schedule(ann, plans, "second", after(2 * LATER), "a2")
    first = await scheduled.schedule(ann, plans, "first", after(LATER), "a1")
    assert await scheduled.schedule(ann, plans, "first", after(LATER), "a1") == first
    assert [each.text for each in await scheduled.of_person(ann)] == ["first", "second"]
    assert await scheduled.of_person(bob) == ()
    await scheduled.move(ann, first, after(3 * LATER))
    waiting = await scheduled.of_person(ann)
    assert [each.text for each in waiting] == ["second", "first"]
    for wrong in (scheduled.cancel(bob, second), scheduled.move(bob, second, after(LATER))):
        with pytest.raises(TooLateToChange):
            await wrong
    await scheduled.send_now(ann, waiting[0])
    assert await texts_in(plans, ann) == ["", "Bob", "second"]
    with pytest.raises(TooLateToChange):
        await scheduled.send_now(ann, waiting[0])
    await scheduled.cancel(ann, first)
    with pytest.raises(TooLateToChange):
        await scheduled.cancel(ann, first)
    assert await scheduled.of_person(ann) == ()


async def test_text_is_sent_once_if_the_process_ended_after_its_message(
    workspace: Workspace, ann: Person, plans: Room
) -> None:
    scheduled = workspace.scheduled_texts
    await scheduled.schedule(ann, plans, "once", after(SOON), "a1")
    await plans.post(ann, "once", "a1")
    await scheduled.run_due(after(LATER))
    assert await scheduled.of_person(ann) == ()
    assert (await texts_in(plans, ann)).count("once") == 1


async def test_text_and_reminder_are_delivered_after_a_restart(tmp_path: Path) -> None:
    folder, recorder = tmp_path / "data", EventRecorder()

    async def start() -> Workspace:
        storage = FolderStorage(tmp_path / "files")
        return await Workspace.start(await open_sqlite(folder), storage, recorder.on_event)

    workspace = await start()
    (ann,) = await sign_in(workspace, "Ann")
    lobby = await workspace.rooms.enter(ann, "lobby")
    message = await lobby.post(ann, "look at this", "a1")
    due_at = after(SOON)
    await workspace.close()
    # The time passes while no process runs.
    store = await open_sqlite(folder)
    await store.add_reminder(ann.id, 1, message.number, due_at, 10)
    new_text = NewScheduledText(ann.id, lobby.info.id, "good morning", "s1", due_at)
    await store.add_scheduled(new_text, 10)
    await store.close()
    await wait_until(lambda: datetime.now(UTC) > due_at)
    workspace = await start()
    await wait_until(lambda: any(isinstance(each, ReminderDue) for _, each in recorder.events))
    (reminder,) = await workspace.reminders.of_person(ann)
    assert (reminder.is_due, reminder.message.text) == (True, "look at this")
    await recorder.until(lambda: "good morning" in {each.text for each in recorder.messages})
    await workspace.scheduled_texts.run_due(after(LATER))
    assert await workspace.scheduled_texts.of_person(ann) == ()
    await workspace.close()


async def test_refused_text_stays_with_its_reason(
    workspace: Workspace, ann: Person, bob: Person, plans: Room
) -> None:
    scheduled = workspace.scheduled_texts
    text_id = await scheduled.schedule(bob, plans, "too late", after(LATER), "b1")
    await workspace.rooms.set_archived(ann, plans, archived=True)
    await scheduled.run_due(after(2 * LATER))
    (refused,) = await scheduled.of_person(bob)
    assert refused.problem.startswith("This room is archived.")
    # It is not tried again until it has another time.
    await workspace.rooms.set_archived(ann, plans, archived=False)
    await scheduled.run_due(after(2 * LATER))
    assert await texts_in(plans, bob) == []
    await scheduled.move(bob, text_id, after(SOON))
    await wait_until(lambda: plans.last_number == 5)
    assert await texts_in(plans, bob) == ["too late"]


async def test_times_and_texts_are_checked(workspace: Workspace, ann: Person, plans: Room) -> None:
    scheduled = workspace.scheduled_texts
    (cem,) = await sign_in(workspace, "Cem")
    for moment in (after(-SOON), after(MAX_AHEAD + LATER)):
        with pytest.raises(BadTime):
            await scheduled.schedule(ann, plans, "text", moment, "a1")
        with pytest.raises(BadTime):
            await workspace.reminders.add(ann, plans, 1, moment)
    with pytest.raises(BadText):
        await scheduled.schedule(ann, plans, " ", after(LATER), "a1")
    with pytest.raises(NoSuchRoom):
        await scheduled.schedule(cem, plans, "text", after(LATER), "c1")


async def test_numbers_of_texts_and_reminders_have_limits(
    workspace: Workspace, ann: Person, plans: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduled_texts, "SCHEDULED_LIMIT", 1)
    monkeypatch.setattr(reminders, "REMINDER_LIMIT", 1)
    await workspace.scheduled_texts.schedule(ann, plans, "one", after(LATER), "a1")
    with pytest.raises(TooManyScheduled):
        await workspace.scheduled_texts.schedule(ann, plans, "two", after(LATER), "a2")
    one, two = [await plans.post(ann, text, text) for text in ("one", "two")]
    for _ in range(2):
        await workspace.reminders.add(ann, plans, one.number, after(LATER))
    with pytest.raises(TooManyReminders):
        await workspace.reminders.add(ann, plans, two.number, after(LATER))


async def test_reminder_becomes_due_for_its_person_and_stays_until_removed(
    workspace: Workspace, ann: Person, bob: Person, plans: Room, recorder: EventRecorder
) -> None:
    message = await plans.post(bob, "answer this", "b1")
    await workspace.reminders.add(ann, plans, message.number, after(SOON))
    await wait_until(lambda: any(isinstance(each, ReminderDue) for _, each in recorder.events))
    (topic,) = {topic for topic, each in recorder.events if isinstance(each, ReminderDue)}
    assert topic == person_topic(ann.id)
    (reminder,) = await workspace.reminders.of_person(ann)
    assert (reminder.is_due, await workspace.reminders.due_count(ann)) == (True, 1)
    await workspace.reminders.move(ann, reminder.id, after(LATER))
    assert await workspace.reminders.due_count(ann) == 0
    await workspace.reminders.remove(bob, reminder.id)
    assert len(await workspace.reminders.of_person(ann)) == 1
    await workspace.reminders.remove(ann, reminder.id)
    assert await workspace.reminders.of_person(ann) == ()


async def test_nobody_is_reminded_of_what_they_may_not_read(
    workspace: Workspace, ann: Person, bob: Person, plans: Room
) -> None:
    message = await plans.post(ann, "secret", "a1")
    await workspace.reminders.add(bob, plans, message.number, after(LATER))
    await workspace.rooms.leave(bob, plans)
    assert await workspace.reminders.of_person(bob) == ()
    with pytest.raises(NoSuchRoom):
        await workspace.reminders.add(bob, plans, message.number, after(LATER))
    await plans.delete(ann, message.number)
    with pytest.raises(NoSuchMessage):
        await workspace.reminders.add(ann, plans, message.number, after(LATER))


async def test_person_who_signs_out_sends_nothing_any_more(
    workspace: Workspace, ann: Person, bob: Person
) -> None:
    talk = await workspace.rooms.get_or_create_direct(ann, [bob])
    await workspace.scheduled_texts.schedule(bob, talk, "still here?", after(LATER), "b1")
    await workspace.sign_out(bob)
    await workspace.scheduled_texts.run_due(after(2 * LATER))
    assert await texts_in(talk, bob) == []
