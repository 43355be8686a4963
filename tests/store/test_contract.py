"""The contract of the store, for every engine: acknowledged data is kept, in order."""

import asyncio
import hashlib
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert
from structlog.testing import capture_logs

from chat.errors import (
    ChatError,
    NameTaken,
    NoSuchMessage,
    NoSuchRoom,
    NotStored,
    PasskeyTaken,
    PasswordLinkSpent,
    ProviderAccountTaken,
    TooLateToChange,
    TooManyPasskeys,
    TooManyPrograms,
    TooManyReminders,
    TooManySaved,
    TooManyScheduled,
)
from chat.model.accounts import NewPasskey, ProviderAccount
from chat.model.attachments import Attachment, Blob
from chat.model.devices import TOKEN_LIFETIME
from chat.model.later import NewScheduledText
from chat.model.messages import Message, MessageKind, MessagePage, NewMessage, RoomFile
from chat.model.moderation import AuditAct, NewAuditEntry
from chat.model.notification_settings import OPEN_END, NotificationSettings
from chat.model.outgoing import (
    Attempt,
    NewOutgoingHook,
    PauseReason,
    Problem,
    Progress,
    Trigger,
)
from chat.model.people import (
    NO_STATUS,
    KeptNames,
    NamedPerson,
    Person,
    PersonDetails,
    Status,
)
from chat.model.rooms import NewRoom, RoomId, RoomKind
from chat.model.sequence import SequenceRun
from chat.store import schema
from chat.store.contract import Store
from chat.store.sqlite import open_sqlite
from chat.text.emoji import EmojiPreferences
from chat.text.names import former_name
from tests.harness.engines import StoreLocation

NO_SUCH_ID: RoomId = 4711


def build_room(location: StoreLocation, slug: str) -> RoomId:
    """Insert a second room directly into the database."""
    values = {"slug": slug, "title": slug.title(), "topic": "", "last_number": 0}
    with location.connected() as connection:
        statement = insert(schema.room).values(**values).returning(schema.room.c.id)
        return int(connection.execute(statement).scalar_one())


@pytest.fixture(autouse=True)
def captured_logs() -> Iterator[None]:
    """Capture the logs: expected failures must not fill the terminal with tracebacks."""
    with capture_logs():
        yield


@pytest.fixture
async def store(location: StoreLocation) -> AsyncIterator[Store]:
    """A fresh store."""
    opened = await location.open()
    yield opened
    await opened.close()


@pytest.fixture
async def ann(store: Store) -> Person:
    """A person who writes."""
    return (await store.add_person("Ann")).person


@pytest.fixture
async def bob(store: Store) -> Person:
    """Another person."""
    return (await store.add_person("Bob")).person


@pytest.fixture
async def lobby(store: Store) -> RoomId:
    """The lobby, which every store has from the start."""
    return (await store.public_rooms())[0].id


def new_message(
    room: RoomId,
    author: Person,
    text: str = "hello",
    client_id: str = "",
    kind: MessageKind = MessageKind.TEXT,
) -> NewMessage:
    """A new message. Without a client id, its text is its client id."""
    return NewMessage(room, author, kind, text, client_id or text)


async def append_numbered(store: Store, room: RoomId, author: Person, count: int) -> list[Message]:
    """Append messages with the texts "1", "2", "3" …"""
    return [await store.append(new_message(room, author, str(n))) for n in range(1, count + 1)]


def numbers(page: MessagePage) -> list[int]:
    """The numbers of the messages on a page."""
    return [message.number for message in page.messages]


def previous_number(page: MessagePage) -> int | None:
    """The number of the message before a page."""
    return page.previous.number if page.previous else None


@contextmanager
def on_commit(observe: Callable[[Connection], None]) -> Iterator[None]:
    """Call `observe` just before each commit inside the context."""
    event.listen(Engine, "commit", observe)
    try:
        yield
    finally:
        event.remove(Engine, "commit", observe)


def token_hash(secret: str) -> bytes:
    """The hash of a token, as the store has it."""
    return hashlib.sha256(secret.encode()).digest()


async def test_new_store_has_an_empty_lobby(store: Store) -> None:
    (room,) = await store.public_rooms()
    assert (room.slug, room.title) == ("lobby", "Lobby")
    assert await store.newest(room.id, 10) == MessagePage()


async def test_messages_of_a_room_are_numbered_consecutively(
    store: Store, lobby: RoomId, ann: Person, bob: Person
) -> None:
    messages = [await store.append(new_message(lobby, person, f"{person.name} {n}"))
            for n in range(2) for person in (ann, bob)]  # fmt: skip
    assert [m.number for m in messages] == [1, 2, 3, 4]


async def test_each_room_numbers_its_own_messages(
    location: StoreLocation, store: Store, lobby: RoomId, ann: Person
) -> None:
    library = build_room(location, "library")
    messages = [await store.append(new_message(room, ann, f"{room} {n}"))
            for n in range(3) for room in (lobby, library)]  # fmt: skip
    assert [m.number for m in messages] == [1, 1, 2, 2, 3, 3]
    assert [m.text for m in (await store.newest(library, 9)).messages] == [
        f"{library} {n}" for n in range(3)
    ]
    assert [room.slug for room in await store.public_rooms()] == ["library", "lobby"]


async def test_message_is_read_back_unchanged(store: Store, lobby: RoomId, ann: Person) -> None:
    text = "  exactly\r\n\tthis: ﬁ e\u0301 🦊 \u202b\x1b[0m  "
    started = datetime.now(UTC)
    message = await store.append(new_message(lobby, ann, text, "a1"))
    joined = await store.append(new_message(lobby, ann, "", "a2", MessageKind.JOINED))
    assert (await store.newest(lobby, 10)).messages == (message, joined)
    assert (message.room_id, message.author, message.kind, message.text) == (
        lobby,
        ann,
        MessageKind.TEXT,
        text,
    )
    assert joined.kind is MessageKind.JOINED
    assert message.sent_at.utcoffset() == timedelta(0)
    slack = timedelta(seconds=1)
    assert started - slack <= message.sent_at <= joined.sent_at <= datetime.now(UTC) + slack


async def test_retried_append_returns_the_first_message(
    store: Store, lobby: RoomId, ann: Person
) -> None:
    first = await store.append(new_message(lobby, ann, "hello", "a1"))
    assert await store.append(new_message(lobby, ann, "hello", "a1")) == first
    assert await store.append(new_message(lobby, ann, "another text", "a1")) == first
    second = await store.append(new_message(lobby, ann, "next", "a2"))
    assert second.number == 2
    assert (await store.newest(lobby, 10)).messages == (first, second)


async def test_concurrent_retries_are_one_message(store: Store, lobby: RoomId, ann: Person) -> None:
    retries = [store.append(new_message(lobby, ann, "hello", "a1")) for _ in range(20)]
    assert len(set(await asyncio.gather(*retries))) == 1
    assert numbers(await store.newest(lobby, 10)) == [1]


async def test_same_client_id_of_another_author_is_another_message(
    store: Store, lobby: RoomId, ann: Person, bob: Person
) -> None:
    of_ann = await store.append(new_message(lobby, ann, "I am Ann", "a1"))
    of_bob = await store.append(new_message(lobby, bob, "I am Bob", "a1"))
    assert (of_ann.number, of_bob.number) == (1, 2)
    assert of_bob.text == "I am Bob"


PAGES = {
    # A query: a method of the store with its number and limit. Its page: the numbers of the
    # messages, the number before them, has_older, has_newer.
    "newest 4": ([7, 8, 9, 10], 6, True, False),
    "newest 9": ([2, 3, 4, 5, 6, 7, 8, 9, 10], 1, True, False),
    "newest 10": ([*range(1, 11)], None, False, False),
    "newest 11": ([*range(1, 11)], None, False, False),
    "before 7 3": ([4, 5, 6], 3, True, True),
    "before 10 3": ([7, 8, 9], 6, True, True),
    "before 5 3": ([2, 3, 4], 1, True, True),
    "before 4 3": ([1, 2, 3], None, False, True),
    "before 3 3": ([1, 2], None, False, True),
    "before 2 1": ([1], None, False, True),
    "before 1 3": ([], None, False, True),
    "before 11 3": ([8, 9, 10], 7, True, False),
    "after 0 3": ([1, 2, 3], None, False, True),
    "after 0 9": ([1, 2, 3, 4, 5, 6, 7, 8, 9], None, False, True),
    "after 0 10": ([*range(1, 11)], None, False, False),
    "after 1 3": ([2, 3, 4], 1, True, True),
    "after 6 3": ([7, 8, 9], 6, True, True),
    "after 7 3": ([8, 9, 10], 7, True, False),
    "after 8 3": ([9, 10], 8, True, False),
    "after 9 1": ([10], 9, True, False),
    "after 10 3": ([], 10, True, False),
}


@pytest.mark.parametrize(("query", "page"), PAGES.items(), ids=PAGES)
async def test_page_knows_its_neighbours_and_whether_there_is_more(
    store: Store,
    lobby: RoomId,
    ann: Person,
    query: str,
    page: tuple[list[int], int | None, bool, bool],
) -> None:
    await asyncio.gather(*(store.append(new_message(lobby, ann, str(n))) for n in range(10)))
    method, *arguments = query.split()
    result: MessagePage = await getattr(store, method)(lobby, *map(int, arguments))
    assert (numbers(result), previous_number(result), result.has_older, result.has_newer) == page


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10, 50])
async def test_paging_skips_and_repeats_no_message(
    store: Store, lobby: RoomId, ann: Person, size: int
) -> None:
    messages = await asyncio.gather(
        *(store.append(new_message(lobby, ann, str(n))) for n in range(10))
    )
    page = await store.newest(lobby, size)
    backward = [*page.messages]
    while page.has_older:
        page = await store.before(lobby, backward[0].number, size)
        backward = [*page.messages, *backward]
    page = await store.after(lobby, number=0, limit=size)
    forward = [*page.messages]
    while page.has_newer:
        page = await store.after(lobby, forward[-1].number, size)
        forward += page.messages
    assert backward == forward == sorted(messages, key=lambda m: m.number)


async def test_page_of_one_room_excludes_other_rooms(
    location: StoreLocation, store: Store, lobby: RoomId, ann: Person
) -> None:
    library = build_room(location, "library")
    await append_numbered(store, lobby, ann, 3)
    assert await store.newest(library, 10) == MessagePage()
    assert await store.after(library, number=0, limit=10) == MessagePage()
    assert numbers(await store.before(library, number=3, limit=10)) == []


async def test_drafts_are_kept_per_person_and_room(
    location: StoreLocation, store: Store, lobby: RoomId, ann: Person, bob: Person
) -> None:
    library = build_room(location, "library")
    assert await store.draft(lobby, ann.id) == ""
    await store.save_draft(lobby, ann.id, "dear all,\n")
    await store.save_draft(lobby, bob.id, "hm")
    await store.save_draft(lobby, ann.id, "dear Bob,\n")
    assert await store.draft(lobby, ann.id) == "dear Bob,\n"
    assert await store.draft(lobby, bob.id) == "hm"
    assert await store.draft(library, ann.id) == ""
    await store.save_draft(lobby, ann.id, "")
    assert await store.draft(lobby, ann.id) == ""
    assert await store.draft(lobby, bob.id) == "hm"


async def test_membership_knows_of_a_draft_and_of_a_favourite(
    location: StoreLocation, store: Store, lobby: RoomId, ann: Person, bob: Person
) -> None:
    library = build_room(location, "library")
    for room in (lobby, library):
        await store.join(room, ann.id)
    await store.join(lobby, bob.id)

    async def favourites_and_drafts(person: Person) -> list[tuple[bool, bool]]:
        return [(each.is_favourite, each.has_draft) for each in await store.memberships(person.id)]

    await store.set_favourite(library, ann.id, favourite=True)
    await store.save_draft(lobby, ann.id, "dear")
    assert await favourites_and_drafts(ann) == [(False, True), (True, False)]
    assert await favourites_and_drafts(bob) == [(False, False)]
    assert (await store.memberships(ann.id, library))[0].is_favourite
    await store.set_favourite(library, ann.id, favourite=False)
    await store.append(replace(new_message(lobby, ann), draft="dear"))
    assert await favourites_and_drafts(ann) == [(False, False), (False, False)]
    with pytest.raises(NoSuchRoom):
        await store.set_favourite(library, bob.id, favourite=True)


async def test_membership_of_a_thread_knows_when_its_last_message_was_sent(
    store: Store, lobby: RoomId, ann: Person
) -> None:
    root = await store.append(new_message(lobby, ann))
    thread_root = (lobby, root.number)
    new = NewRoom("thread", "hello", "", RoomKind.THREAD, ann, (), thread_root=thread_root)
    thread = await store.create_room(new)
    for room in (lobby, thread.id):
        await store.join(room, ann.id)

    async def last_times() -> dict[RoomId, datetime | None]:
        return {each.room.id: each.last_at for each in await store.memberships(ann.id)}

    assert await last_times() == {lobby: None, thread.id: None}
    reply = await store.append(new_message(thread.id, ann, "a reply"))
    assert await last_times() == {lobby: None, thread.id: reply.sent_at}


async def test_texts_that_are_sent_later_wait_in_the_order_of_their_times(
    location: StoreLocation, store: Store, lobby: RoomId, ann: Person, bob: Person
) -> None:
    noon = datetime(2030, 1, 1, 12, tzinfo=UTC)
    assert await store.next_scheduled() is None and await store.due_scheduled(noon) is None
    await store.save_draft(lobby, ann.id, "late")
    late = NewScheduledText(ann.id, lobby, "late", "c1", noon + timedelta(hours=1), draft="late")
    late_id = await store.add_scheduled(late, 2)
    assert await store.draft(lobby, ann.id) == ""
    early_id = await store.add_scheduled(NewScheduledText(ann.id, lobby, "early", "c2", noon), 2)
    # A retry changes nothing; a third text is too many; another person has a limit of their own.
    assert await store.add_scheduled(replace(late, text="again"), 2) == late_id
    with pytest.raises(TooManyScheduled):
        await store.add_scheduled(NewScheduledText(ann.id, lobby, "more", "c3", noon), 2)
    await store.add_scheduled(NewScheduledText(bob.id, lobby, "Bob's", "c1", noon), 2)
    assert [each.text for each in await store.scheduled(ann.id)] == ["early", "late"]
    assert await store.next_scheduled() == noon
    assert await store.due_scheduled(noon - timedelta(seconds=1)) is None
    due = await store.due_scheduled(noon)
    assert due is not None and (due.id, due.author, due.room.id) == (early_id, ann, lobby)
    # A refused text stays with the reason, and is not due until it is moved.
    await store.refuse_scheduled(early_id, "The room is archived.")
    due = await store.due_scheduled(noon)
    assert due is not None and due.author == bob
    await store.close()
    opened = await location.open()
    assert [each.problem for each in await opened.scheduled(ann.id)] == [
        "The room is archived.",
        "",
    ]
    await opened.change_scheduled(ann.id, early_id, noon + timedelta(hours=2))
    assert [(each.text, each.problem) for each in await opened.scheduled(ann.id)] == [
        ("late", ""),
        ("early", ""),
    ]
    for change in (
        opened.change_scheduled(bob.id, late_id, noon),
        opened.remove_scheduled(bob.id, late_id),
        opened.remove_scheduled(ann.id, NO_SUCH_ID),
    ):
        with pytest.raises(TooLateToChange):
            await change
    await opened.remove_scheduled(ann.id, late_id)
    await opened.forget_later(ann.id)
    assert await opened.scheduled(ann.id) == ()
    assert len(await opened.scheduled(bob.id)) == 1
    await opened.close()


async def test_reminders_are_due_once_and_stay_until_they_are_removed(
    location: StoreLocation, store: Store, lobby: RoomId, ann: Person, bob: Person
) -> None:
    first, second, third = await append_numbered(store, lobby, bob, 3)
    noon = datetime(2030, 1, 1, 12, tzinfo=UTC)
    assert await store.next_reminder() is None
    await store.add_reminder(ann.id, lobby, first.number, noon + timedelta(hours=1), 2)
    await store.add_reminder(ann.id, lobby, second.number, noon, 2)
    with pytest.raises(TooManyReminders):
        await store.add_reminder(ann.id, lobby, third.number, noon, 2)
    with pytest.raises(NoSuchMessage):
        await store.add_reminder(bob.id, lobby, NO_SUCH_ID, noon, 2)
    # Another time for the same message replaces the first one.
    await store.add_reminder(ann.id, lobby, first.number, noon + timedelta(hours=2), 2)
    assert [each.message for each in await store.reminders(ann.id)] == [second, first]
    assert await store.next_reminder() == noon
    assert await store.due_reminders(noon - timedelta(seconds=1), 10) == ()
    (due,) = await store.due_reminders(noon, 10)
    assert (due.person_id, due.room.id, due.message) == (ann.id, lobby, second)
    await store.mark_reminders(noon)
    assert await store.due_reminders(noon, 10) == ()
    assert (await store.due_reminder_count(ann.id), await store.due_reminder_count(bob.id)) == (
        1,
        0,
    )
    assert await store.next_reminder() == noon + timedelta(hours=2)
    await store.close()
    opened = await location.open()
    assert [each.is_due for each in await opened.reminders(ann.id)] == [True, False]
    # A moved reminder is due again at its new time.
    await opened.change_reminder(ann.id, due.id, noon + timedelta(hours=3))
    assert await opened.due_reminder_count(ann.id) == 0
    assert [each.message for each in await opened.reminders(ann.id)] == [first, second]
    with pytest.raises(TooLateToChange):
        await opened.change_reminder(bob.id, due.id, noon)
    await opened.remove_reminder(bob.id, due.id)
    assert len(await opened.reminders(ann.id)) == 2
    await opened.remove_reminder(ann.id, due.id)
    await opened.remove_reminder(ann.id, due.id)
    assert [each.message for each in await opened.reminders(ann.id)] == [first]
    await opened.forget_later(ann.id)
    assert await opened.reminders(ann.id) == () and await opened.next_reminder() is None
    await opened.close()


async def test_summary_of_a_public_room_has_its_members_and_its_last_activity(
    location: StoreLocation, store: Store, lobby: RoomId, ann: Person, bob: Person
) -> None:
    library = build_room(location, "library")
    await store.join(lobby, ann.id)
    await store.join(lobby, bob.id)
    await store.append(new_message(lobby, ann))
    last = await store.append(new_message(lobby, bob, "another"))
    summaries = await store.public_room_summaries()
    assert [each.room for each in summaries] == [*await store.public_rooms()]
    assert {each.room.id: (each.member_count, each.last_at) for each in summaries} == {
        library: (0, None),
        lobby: (2, last.sent_at),
    }


async def test_message_deletes_the_draft_that_it_was_typed_as_in_the_same_commit(
    location: StoreLocation, store: Store, lobby: RoomId, ann: Person, bob: Person
) -> None:
    library = build_room(location, "library")
    for room, person in ((lobby, ann), (lobby, bob), (library, ann)):
        await store.save_draft(room, person.id, "hel")
    committed = set[tuple[int, int]]()

    def observe(connection: Connection) -> None:
        counts = "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM words)"
        messages, drafts = connection.exec_driver_sql(counts).one()
        committed.add((messages, drafts))

    with on_commit(observe):
        await store.append(replace(new_message(lobby, ann), draft="hel"))
    assert (1, 2) in committed
    assert (1, 3) not in committed
    assert await store.draft(lobby, ann.id) == ""
    assert await store.draft(lobby, bob.id) == await store.draft(library, ann.id) == "hel"


async def test_message_keeps_a_draft_that_it_was_not_typed_as(
    store: Store, lobby: RoomId, ann: Person
) -> None:
    await store.save_draft(lobby, ann.id, "and then")
    await store.append(new_message(lobby, ann, "from a command"))
    await store.append(replace(new_message(lobby, ann), draft="hel"))
    assert await store.draft(lobby, ann.id) == "and then"


async def test_message_that_is_not_stored_keeps_its_draft(
    store: Store, lobby: RoomId, ann: Person
) -> None:
    await store.save_draft(lobby, ann.id, "hello")
    with pytest.raises(NoSuchMessage):
        await store.append(replace(new_message(lobby, ann), quoted_number=7, draft="hello"))
    assert await store.draft(lobby, ann.id) == "hello"


async def test_retried_append_deletes_the_draft(store: Store, lobby: RoomId, ann: Person) -> None:
    first = await store.append(new_message(lobby, ann))
    await store.save_draft(lobby, ann.id, "hello")
    assert await store.append(replace(new_message(lobby, ann), draft="hello")) == first
    assert await store.draft(lobby, ann.id) == ""


async def test_emoji_preferences_are_kept_per_person(
    store: Store, ann: Person, bob: Person
) -> None:
    assert await store.emoji_preferences(ann.id) == EmojiPreferences()
    await store.save_emoji_preferences(ann.id, EmojiPreferences(("🎉",), 2))
    await store.save_emoji_preferences(ann.id, EmojiPreferences(("👨‍👩‍👧", "🎉"), 5))
    assert await store.emoji_preferences(ann.id) == EmojiPreferences(("👨‍👩‍👧", "🎉"), 5)
    assert await store.emoji_preferences(bob.id) == EmojiPreferences()


async def test_notification_settings_are_kept_per_person(
    store: Store, ann: Person, bob: Person
) -> None:
    assert await store.all_notification_settings() == {}
    changed = NotificationSettings(
        False, ("release plan", "会议"), datetime(2026, 11, 30, 9, 0, 0, 1, tzinfo=UTC)
    )
    await store.save_notification_settings(ann.id, NotificationSettings(True, (), OPEN_END))
    await store.save_notification_settings(ann.id, changed)
    await store.save_notification_settings(bob.id, NotificationSettings())
    assert await store.all_notification_settings() == {
        ann.id: changed,
        bob.id: NotificationSettings(),
    }


async def test_name_is_taken_once_by_all_who_ask_at_the_same_time(store: Store) -> None:
    names = ("Ann", "ann", "Апп", "A​nn", "Ａnn")
    results = await asyncio.gather(*map(store.add_person, names), return_exceptions=True)
    assert [type(each) for each in results] == [
        NamedPerson,
        NameTaken,
        NamedPerson,
        NameTaken,
        NameTaken,
    ]


async def test_name_of_somebody_who_left_is_marked_when_it_is_taken_again(
    store: Store, ann: Person
) -> None:
    with pytest.raises(NameTaken) as refusal:
        await store.add_person("ANN")
    assert refusal.value.suggestions == ("ANN 2", "ANN 3", "ANN 4")
    await store.release_name(ann.id)
    assert await store.bearer_ids("Ann") == frozenset()
    named = await store.add_person("ANN")
    today = datetime.now(UTC).date()
    assert named.former == (replace(ann, name=former_name("Ann", today)),)
    assert await store.bearer_ids("Ann") == {named.person.id}
    await store.release_name(named.person.id)
    (second,) = (await store.add_person("Ann")).former
    assert second.name == former_name("ANN", today)


async def test_formers_of_one_day_are_told_apart(store: Store) -> None:
    former = list[str]()
    for _ in range(4):
        named = await store.add_person("Guest")
        former += [each.name for each in named.former]
        await store.release_name(named.person.id)
    day = datetime.now(UTC).date()
    assert former == [former_name("Guest", day, number) for number in (1, 2, 3)]


async def test_name_is_kept_for_those_who_are_present_or_were_seen(store: Store) -> None:
    ann = (await store.add_person("Ann")).person
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with pytest.raises(NameTaken):
        await store.add_person("Ann", KeptNames(tomorrow, tomorrow, frozenset({ann.id})))
    yesterday = tomorrow - timedelta(days=2)
    with pytest.raises(NameTaken):
        await store.add_person("Ann", KeptNames(tomorrow, yesterday))
    await store.set_seen([ann.id])
    with pytest.raises(NameTaken):
        await store.add_person("Ann", KeptNames(yesterday, tomorrow))
    bob = (await store.add_person("Bob")).person
    named = await store.rename_person(bob.id, "Ann", KeptNames(tomorrow, tomorrow))
    assert named.person.name == "Ann"
    assert [each.id for each in named.former] == [ann.id]


async def test_name_of_a_bot_is_kept_until_it_is_deleted(store: Store, ann: Person) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    bot = (await store.add_bot("Build", ann.id, 10)).person
    with pytest.raises(NameTaken):
        await store.add_person("Build", KeptNames(tomorrow, tomorrow))
    await store.disown_bot(bot.id)
    assert [each.id for each in (await store.add_person("Build")).former] == [bot.id]


async def test_every_way_to_sign_in_claims_a_name_until_its_bearer_leaves(store: Store) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    nobody_is_kept = KeptNames(tomorrow, tomorrow)
    ann, bob, cem, dan = [
        (await store.add_person(each)).person for each in ("Ann", "Bob", "Cem", "Dan")
    ]
    passkey = NewPasskey(bob.id, b"id", b"credential", "chat.example.org", "Laptop", 7)
    account = ProviderAccount("https://accounts.example.org", "1", "cem@example.org")
    await store.set_password(ann.id, "a hash")
    await store.add_passkey(passkey, 1)
    await store.join_account(cem.id, account)
    for each in (ann, bob, cem):
        with pytest.raises(NameTaken) as refused:
            await store.add_person(each.name.lower(), nobody_is_kept)
        assert refused.value.claimed_name == each.name
        with pytest.raises(NameTaken) as refused:
            await store.rename_person(dan.id, each.name, nobody_is_kept)
        assert refused.value.claimed_name == ""
    claims = [(each.act, each.actor) for each in await store.audit_page(None, 10)]
    assert claims == [(AuditAct.NAME_CLAIMED, each) for each in (cem, bob, ann)]
    with pytest.raises(TooManyPasskeys):
        await store.add_passkey(replace(passkey, credential_id=b"another"), 1)
    with pytest.raises(PasskeyTaken):
        await store.add_passkey(replace(passkey, person_id=ann.id), 1)
    with pytest.raises(ProviderAccountTaken):
        await store.join_account(ann.id, account)
    found = await store.passkey(b"id")
    assert found is not None
    assert (found.person, found.sign_count, found.used_at) == (bob, 7, None)
    await store.use_passkey(found.id, 8)
    used = await store.passkey(b"id")
    assert used is not None
    assert (used.sign_count, used.used_at is None) == (8, False)
    await store.remove_passkey(ann.id, found.id)
    methods = await store.sign_in_methods(bob.id)
    assert (methods.has_password, len(methods.passkeys)) == (False, 1)
    assert await store.person_of_account(account.issuer, account.subject) == cem
    assert await store.password_of("ANN") == (ann, "a hash")
    assert await store.password_of("Bob") is None
    for each in (ann, bob, cem):
        assert await store.has_sign_in_methods()
        await store.forget_sign_in(each.id)
        assert not (await store.sign_in_methods(each.id)).is_claimed
        await store.add_person(each.name, nobody_is_kept)
    assert not await store.has_sign_in_methods()


async def test_link_for_a_new_password_is_spent_once_and_expires(store: Store) -> None:
    ann = (await store.add_person("Ann")).person
    now, secret, later = datetime.now(UTC), b"1" * 32, b"2" * 32
    entry = NewAuditEntry(AuditAct.PASSWORD_LINK, None, ann.id)
    await store.set_password_link(ann.id, secret, now - timedelta(seconds=1), entry)
    assert await store.person_of_link(secret) is None
    with pytest.raises(PasswordLinkSpent):
        await store.spend_password_link(secret, "a hash")
    await store.set_password_link(ann.id, secret, now + timedelta(hours=1), None)
    await store.set_password_link(ann.id, later, now + timedelta(hours=1), None)
    assert await store.person_of_link(secret) is None
    assert await store.person_of_link(later) == ann
    assert await store.spend_password_link(later, "a hash") == ann
    assert await store.password_hash(ann.id) == "a hash"
    with pytest.raises(PasswordLinkSpent):
        await store.spend_password_link(later, "another hash")
    acts = [each.act for each in await store.audit_page(None, 10)]
    assert acts == [AuditAct.PASSWORD_RESET, AuditAct.NAME_CLAIMED, AuditAct.PASSWORD_LINK]


async def test_new_name_frees_the_old_one(store: Store, ann: Person) -> None:
    await store.rename_person(ann.id, "Anna")
    assert (await store.add_person("Ann")).former == ()
    with pytest.raises(NameTaken):
        await store.add_person("anna")
    assert (await store.rename_person(ann.id, "ANNA")).person.name == "ANNA"


async def test_token_finds_its_person_and_no_other(store: Store, ann: Person, bob: Person) -> None:
    await store.add_token(token_hash("a"), ann.id)
    await store.add_token(token_hash("b"), bob.id)
    assert await store.person_for_token(token_hash("a")) == ann
    assert await store.person_for_token(token_hash("b")) == bob
    assert await store.person_for_token(token_hash("c")) is None


async def test_token_added_again_moves_to_the_new_person(
    store: Store, ann: Person, bob: Person
) -> None:
    await store.add_token(token_hash("a"), ann.id)
    await store.add_token(token_hash("a"), bob.id)
    assert await store.person_for_token(token_hash("a")) == bob
    await store.revoke_tokens(ann.id)
    assert await store.person_for_token(token_hash("a")) == bob


async def test_revoking_tokens_covers_all_tokens_of_a_person_only(
    store: Store, ann: Person, bob: Person
) -> None:
    for secret, person in (("a", ann), ("a's phone", ann), ("b", bob)):
        await store.add_token(token_hash(secret), person.id)
    assert not await store.is_token_revoked(token_hash("a"))
    await store.revoke_tokens(ann.id)
    for secret in ("a", "a's phone"):
        assert await store.person_for_token(token_hash(secret)) is None
        assert await store.is_token_revoked(token_hash(secret))
    assert await store.person_for_token(token_hash("b")) == bob
    assert not await store.is_token_revoked(token_hash("b"))
    assert not await store.is_token_revoked(token_hash("never seen"))


async def test_devices_of_a_person_have_names_and_times(
    store: Store, ann: Person, bob: Person
) -> None:
    await store.add_token(token_hash("a"), ann.id, "Laptop")
    await store.add_token(token_hash("b"), bob.id, "Bob's")
    await store.add_token(token_hash("a's phone"), ann.id, "Phone")
    later = datetime.now(UTC) + timedelta(hours=1)
    await store.set_devices_used({token_hash("a"): later, token_hash("unknown"): later})
    laptop, phone = await store.devices(ann.id)
    assert (laptop.label, laptop.seen_at) == ("Laptop", later)
    assert phone.token_hash == token_hash("a's phone")
    assert phone.added_at is not None
    assert phone.seen_at == phone.added_at
    await store.rename_device(ann.id, phone.token_hash, "My phone")
    await store.rename_device(bob.id, phone.token_hash, "Bob was here")
    assert [each.label for each in await store.devices(ann.id)] == ["Laptop", "My phone"]


async def test_some_tokens_of_a_person_are_revoked(store: Store, ann: Person, bob: Person) -> None:
    for secret, person in (("a", ann), ("a's phone", ann), ("b", bob)):
        await store.add_token(token_hash(secret), person.id)
    await store.revoke_tokens(ann.id, {token_hash("a's phone"), token_hash("b")})
    assert await store.person_for_token(token_hash("a")) == ann
    assert await store.person_for_token(token_hash("b")) == bob
    assert await store.is_token_revoked(token_hash("a's phone"))
    # It stays revoked, whoever used it meanwhile.
    await store.set_devices_used({token_hash("a's phone"): datetime.now(UTC)})
    assert await store.person_for_token(token_hash("a's phone")) is None
    assert [each.token_hash for each in await store.devices(ann.id)] == [token_hash("a")]


async def test_token_that_was_not_used_for_a_year_is_not_valid(store: Store, ann: Person) -> None:
    await store.add_token(token_hash("a"), ann.id)
    for days, person in ((1, ann), (-1, None)):
        used_at = datetime.now(UTC) - TOKEN_LIFETIME + timedelta(days=days)
        await store.set_devices_used({token_hash("a"): used_at})
        assert await store.person_for_token(token_hash("a")) == person
    assert await store.devices(ann.id) == ()


async def test_concurrent_appends_are_numbered_without_a_gap(
    store: Store, lobby: RoomId, ann: Person
) -> None:
    messages = await asyncio.gather(
        *(store.append(new_message(lobby, ann, str(n))) for n in range(500))
    )
    assert sorted(m.number for m in messages) == list(range(1, 501))
    assert {m.text for m in messages} == {str(n) for n in range(500)}
    assert (await store.after(lobby, number=0, limit=600)).messages == tuple(
        sorted(messages, key=lambda m: m.number)
    )


async def test_waiting_writes_share_a_commit(store: Store, lobby: RoomId, ann: Person) -> None:
    commits = list[Connection]()
    with on_commit(lambda connection: commits.append(connection)):
        await asyncio.gather(*(store.append(new_message(lobby, ann, str(n))) for n in range(500)))
    assert 1 <= len(commits) <= 100


async def test_failing_write_does_not_fail_its_batch(
    store: Store, lobby: RoomId, ann: Person
) -> None:
    unknown_person = Person(NO_SUCH_ID, "Nobody")
    writes = [
        store.append(new_message(lobby, unknown_person if n % 10 == 5 else ann, str(n)))
        for n in range(100)
    ]
    results = await asyncio.gather(*writes, return_exceptions=True)
    failed = [n for n, result in enumerate(results) if isinstance(result, BaseException)]
    assert failed == list(range(5, 100, 10))
    stored = [result for result in results if isinstance(result, Message)]
    assert sorted(m.number for m in stored) == list(range(1, 91))
    assert (await store.newest(lobby, 200)).messages == tuple(
        sorted(stored, key=lambda m: m.number)
    )
    assert (await store.append(new_message(lobby, ann, "next"))).number == 91


async def test_failed_write_raises_a_chat_error(store: Store, lobby: RoomId, ann: Person) -> None:
    with pytest.raises(ChatError):
        await store.append(new_message(NO_SUCH_ID, ann))
    with pytest.raises(NotStored):
        await store.append(new_message(lobby, Person(NO_SUCH_ID, "Nobody")))


async def test_exception_of_a_failed_write_holds_no_message_text(
    store: Store, lobby: RoomId
) -> None:
    secret = hashlib.sha256(b"a text of Ann").hexdigest()
    unknown_person = Person(NO_SUCH_ID, "Nobody")
    results = await asyncio.gather(
        store.append(new_message(lobby, unknown_person, secret)),
        store.save_draft(lobby, unknown_person.id, secret),
        store.add_token(secret.encode(), unknown_person.id),
        return_exceptions=True,
    )
    for failure in results:
        assert isinstance(failure, Exception)
        assert secret not in "".join(traceback.format_exception(failure))


async def test_cancelled_write_does_not_block_others(
    location: StoreLocation, store: Store, lobby: RoomId, ann: Person
) -> None:
    with location.blocked():
        cancelled_write = asyncio.create_task(store.append(new_message(lobby, ann, "never mind")))
        failing_write = asyncio.create_task(
            store.append(new_message(NO_SUCH_ID, ann, "never mind"))
        )
        waiting_write = asyncio.create_task(store.append(new_message(lobby, ann, "hello")))
        await asyncio.sleep(0)
        for task in (cancelled_write, failing_write):
            task.cancel()
        await asyncio.wait({cancelled_write, failing_write})
    assert (await asyncio.wait_for(waiting_write, 3)).text == "hello"
    next_message = await asyncio.wait_for(store.append(new_message(lobby, ann, "still there?")), 3)
    assert next_message.text == "still there?"
    messages = (await store.newest(lobby, 10)).messages
    assert [m.text for m in messages if m.text != "never mind"] == ["hello", "still there?"]


async def test_write_after_close_raises_not_stored(
    location: StoreLocation, lobby: RoomId, ann: Person, store: Store
) -> None:
    await store.append(new_message(lobby, ann, "last words"))
    await store.close()
    with pytest.raises(NotStored):
        await store.append(new_message(lobby, ann, "too late"))
    reopened = await location.open()
    assert [m.text for m in (await reopened.newest(lobby, 10)).messages] == ["last words"]
    await reopened.close()


async def test_close_waits_for_running_writes(location: StoreLocation) -> None:
    store = await location.open()
    ann, room = (await store.add_person("Ann")).person, (await store.public_rooms())[0].id
    posts = [asyncio.create_task(store.append(new_message(room, ann, str(n)))) for n in range(300)]
    await asyncio.sleep(0)
    await store.close()
    async with asyncio.timeout(20):
        messages = await asyncio.gather(*posts)
    reopened = await location.open()
    assert (await reopened.after(room, number=0, limit=400)).messages == tuple(
        sorted(messages, key=lambda m: m.number)
    )
    await reopened.close()


async def test_all_data_survives_close_and_reopen(location: StoreLocation) -> None:
    store = await location.open()
    workspace, rooms = await store.workspace_id(), await store.public_rooms()
    ann, bob = (await store.add_person("Ann")).person, (await store.add_person("Bob")).person
    messages = await append_numbered(store, rooms[0].id, ann, 3)
    await store.save_draft(rooms[0].id, ann.id, "and now")
    await store.add_token(token_hash("a"), ann.id)
    await store.add_token(token_hash("b"), bob.id)
    await store.revoke_tokens(bob.id)
    await store.close()

    reopened = await location.open()
    assert await reopened.workspace_id() == workspace
    assert await reopened.public_rooms() == rooms
    assert (await reopened.newest(rooms[0].id, 10)).messages == tuple(messages)
    assert await reopened.draft(rooms[0].id, ann.id) == "and now"
    assert await reopened.person_for_token(token_hash("a")) == ann
    assert await reopened.is_token_revoked(token_hash("b"))
    assert await reopened.append(new_message(rooms[0].id, ann, "2")) == messages[1]
    assert (await reopened.append(new_message(rooms[0].id, ann, "next"))).number == 4
    assert (await reopened.add_person("Cid")).person.id not in {ann.id, bob.id}
    await reopened.close()


async def test_each_store_has_its_own_workspace_id(tmp_path: Path) -> None:
    ids = set()
    for folder in ("one", "two"):
        store = await open_sqlite(tmp_path / folder)
        ids.add(await store.workspace_id())
        await store.close()
    assert len(ids) == 2
    assert all(len(each) >= 16 for each in ids)


async def test_saved_messages_are_of_one_person_and_have_a_limit(
    store: Store, ann: Person, bob: Person
) -> None:
    await store.join(1, ann.id)
    numbers = [(await store.append(new_message(1, ann, f"text {n}"))).number for n in range(3)]
    for number in numbers[:2]:
        await store.save_message(ann.id, 1, number, 2)
    await store.save_message(ann.id, 1, numbers[0], 2)
    with pytest.raises(TooManySaved):
        await store.save_message(ann.id, 1, numbers[2], 2)
    with pytest.raises(NoSuchMessage):
        await store.save_message(ann.id, 1, NO_SUCH_ID, 2)
    newest, oldest = await store.saved_messages(ann.id, None, 50)
    assert [each.message.number for each in (newest, oldest)] == [numbers[1], numbers[0]]
    assert newest.room.id == 1
    assert await store.saved_messages(ann.id, None, 1) == (newest,)
    assert await store.saved_messages(ann.id, newest.id, 50) == (oldest,)
    assert await store.saved_messages(bob.id, None, 50) == ()
    await store.forget_saved(bob.id, 1, numbers[0])
    assert await store.is_saved(ann.id, 1, numbers[0])
    await store.forget_saved(ann.id, 1, numbers[0])
    assert not await store.is_saved(ann.id, 1, numbers[0])


async def test_details_of_people_are_kept_and_deleted_one_by_one(
    location: StoreLocation, store: Store, ann: Person, bob: Person
) -> None:
    moment = datetime(2026, 11, 30, 12, 10, tzinfo=UTC)
    assert await store.all_details() == {}
    await store.set_time_zone(ann.id, "Europe/Paris")
    await store.set_status(ann.id, Status("🌴", "On holiday", moment))
    await store.set_last_seen({ann.id: moment, bob.id: moment})
    await store.close()
    reopened = await location.open()
    assert await reopened.all_details() == {
        ann.id: PersonDetails(Status("🌴", "On holiday", moment), "Europe/Paris", moment),
        bob.id: PersonDetails(last_seen_at=moment),
    }
    await reopened.set_status(ann.id, NO_STATUS)
    await reopened.set_last_seen({ann.id: None})
    await reopened.delete_details(bob.id)
    assert await reopened.all_details() == {ann.id: PersonDetails(time_zone="Europe/Paris")}
    await reopened.close()


async def test_preferences_are_listed_by_name(store: Store, ann: Person) -> None:
    for name, value in (("theme", "dark"), ("density", "compact"), ("theme", "light")):
        await store.set_preference(ann.id, name, value)
    assert await store.preferences(ann.id) == (("density", "compact"), ("theme", "light"))


async def test_people_are_found_by_a_preference(store: Store, ann: Person, bob: Person) -> None:
    await store.set_preference(ann.id, "last_seen", "shown")
    await store.set_preference(bob.id, "last_seen", "hidden")
    assert await store.people_with_preference("last_seen", "shown") == {ann.id}


async def test_rooms_in_common_are_named_rooms_of_both_that_are_not_archived(
    store: Store, ann: Person, bob: Person
) -> None:
    cid = (await store.add_person("Cid")).person
    rooms = {
        title: await store.create_room(
            NewRoom(title.lower(), title, "", kind, ann, tuple(each.id for each in members))
        )
        for title, kind, members in (
            ("Roses", RoomKind.PRIVATE, (ann, bob)),
            ("Herbs", RoomKind.PUBLIC, (ann, bob, cid)),
            ("Old", RoomKind.PUBLIC, (ann, bob)),
            ("Ours", RoomKind.PRIVATE, (ann, cid)),
            ("Talk", RoomKind.DIRECT, (ann, bob)),
        )
    }
    await store.update_room(rooms["Old"].id, archived=True)
    found = await store.rooms_in_common(ann.id, bob.id, 10)
    assert [each.title for each in found] == ["Herbs", "Roses"]
    assert [each.title for each in await store.rooms_in_common(bob.id, ann.id, 1)] == ["Herbs"]
    assert await store.rooms_in_common(bob.id, cid.id, 10) == (rooms["Herbs"],)


async def test_files_of_a_room_are_pages_of_pictures_or_of_others(store: Store) -> None:
    ann = (await store.add_person("Ann")).person
    garden = await store.create_room(
        NewRoom("garden", "Garden", "", RoomKind.PUBLIC, ann, (ann.id,))
    )
    picture = await store.add_blob(Blob("a" * 64, 10, "image/webp", 4, 3))
    text = await store.add_blob(Blob("b" * 64, 20))

    def attachments(*names: str) -> tuple[Attachment, ...]:
        blobs = {"png": ("image/png", picture), "txt": ("text/plain", text)}
        return tuple(Attachment(name, name, *blobs[name[-3:]]) for name in names)

    async def post(room_id: RoomId, *names: str) -> Message:
        message = NewMessage(
            room_id, ann, MessageKind.TEXT, "", "-".join(names), files=attachments(*names)
        )
        return await store.append(message)

    async def listed(*, pictures: bool, limit: int = 2) -> list[str]:
        """The names of all files, read in pages."""
        found: list[RoomFile] = []
        while page := await store.room_files(
            garden.id, pictures=pictures, before=found[-1] if found else None, limit=limit
        ):
            assert len(page) <= limit
            found += page
        return [each.attachment.name for each in found]

    await post(garden.id, "1.png", "2.txt", "3.png", "4.png")
    last = await post(garden.id, "5.txt", "6.png", "7.png")
    house = NewRoom("house", "House", "", RoomKind.PUBLIC, ann, (ann.id,))
    await post((await store.create_room(house)).id, "8.png", "9.txt")
    for limit in (1, 2, 3, 50):
        newest_first = ["6.png", "7.png", "1.png", "3.png", "4.png"]
        assert await listed(pictures=True, limit=limit) == newest_first
        assert await listed(pictures=False, limit=limit) == ["5.txt", "2.txt"]
    (first,) = await store.room_files(garden.id, pictures=True, before=None, limit=1)
    assert (first.number, first.position) == (last.number, 1)
    assert (first.author, first.sent_at) == (ann, last.sent_at)
    assert first.attachment == last.files[1]
    _, deleted = await store.delete(garden.id, last.number, ann.id)
    assert await listed(pictures=True) == ["1.png", "3.png", "4.png"]
    await store.restore(deleted)
    assert await listed(pictures=True) == ["6.png", "7.png", "1.png", "3.png", "4.png"]
    assert await store.room_files(NO_SUCH_ID, pictures=True, before=None, limit=50) == ()


async def sequence_of(
    store: Store, after: int = 0, limit: int = 100, span: int = 10_000, **rooms: Any
) -> list[tuple[int, bool, str]]:
    """All posts and changes after a number, read in pages of `limit` or `span` numbers."""
    found = list[tuple[int, bool, str]]()
    while True:
        page = await store.sequence_page(after, limit, span, **rooms)
        found += [(each.sequence, each.is_new, each.message.text) for each in page.changes]
        assert len(page.changes) <= limit and page.position - after <= span
        after = page.position
        if after == page.last:
            return found


async def test_posts_and_changes_of_all_rooms_are_one_sequence(
    location: StoreLocation, store: Store, lobby: RoomId, ann: Person
) -> None:
    library = build_room(location, "library")
    assert await store.last_sequence() == 0
    first = await store.append(new_message(lobby, ann, "a"))
    await store.append(new_message(library, ann, "b"))
    await store.react(lobby, first.number, ann.id, "👍")
    await store.edit(lobby, first.number, ann.id, "a, edited")
    await store.append(new_message(lobby, ann, "c"))
    await store.append(new_message(lobby, ann, "c"))
    expected = [
        (1, True, "a, edited"),
        (2, True, "b"),
        (4, False, "a, edited"),
        (5, True, "c"),
    ]
    assert await sequence_of(store) == expected
    for size in (1, 2, 3):
        assert await sequence_of(store, limit=size) == expected
        assert await sequence_of(store, span=size) == expected
    assert await sequence_of(store, after=3) == expected[2:]
    assert await store.last_sequence() == 5


async def test_sequence_tells_a_deletion_and_no_post_of_a_deleted_message(
    store: Store, lobby: RoomId, ann: Person
) -> None:
    first = await store.append(new_message(lobby, ann, "a"))
    await store.append(new_message(lobby, ann, "b"))
    _, deleted = await store.delete(lobby, first.number, ann.id)
    assert await sequence_of(store) == [(2, True, "b"), (3, False, "")]
    await store.restore(deleted)
    assert await sequence_of(store) == [(1, True, "a"), (2, True, "b"), (4, False, "a")]


async def test_sequence_of_a_reader_has_their_rooms_and_the_threads_in_them(
    store: Store, lobby: RoomId, ann: Person, bob: Person
) -> None:
    secret = await store.create_room(
        NewRoom("secret", "Secret", "", RoomKind.PRIVATE, ann, (ann.id,))
    )
    rooms = [lobby, secret.id]
    for room_id, text in ((lobby, "open"), (secret.id, "closed")):
        root = await store.append(new_message(room_id, ann, text))
        name = f"thread about {text}"
        root_of = (room_id, root.number)
        thread = NewRoom(f"{text}-thread", name, "", RoomKind.THREAD, ann, (), root_of)
        rooms.append((await store.create_room(thread)).id)
        await store.append(new_message(rooms[-1], ann, f"in the {name}"))

    async def texts(person: Person, *room_ids: RoomId) -> list[str]:
        found = await sequence_of(store, reader_id=person.id, room_ids=room_ids or None)
        return [text for _, _, text in found]

    everything = ["open", "in the thread about open", "closed", "in the thread about closed"]
    assert await texts(ann) == everything
    assert await texts(bob) == everything[:2]
    assert await texts(ann, secret.id) == everything[2:]
    assert await texts(bob, secret.id) == []
    assert await texts(ann, rooms[3]) == everything[3:]
    await store.leave(secret.id, ann.id)
    assert await texts(ann) == everything[:2]


async def test_sequence_goes_on_after_a_failure_and_in_another_process(
    location: StoreLocation, ann: Person, lobby: RoomId, store: Store
) -> None:
    await store.append(new_message(lobby, ann, "a"))
    with pytest.raises(NoSuchMessage):
        await store.append(replace(new_message(lobby, ann, "b"), quoted_number=7))
    await store.append(new_message(lobby, ann, "c"))
    await store.react(lobby, 1, ann.id, "👍")
    await store.close()
    opened = await location.open()
    await opened.append(new_message(lobby, ann, "d"))
    found = await sequence_of(opened)
    assert [text for _, _, text in found] == ["a", "c", "a", "d"]
    assert [number for number, _, _ in found] == sorted({number for number, _, _ in found})
    await opened.close()


async def test_runs_of_the_sequence_are_kept_with_the_numbers_before_them(
    location: StoreLocation, store: Store, lobby: RoomId, ann: Person
) -> None:
    first, second, third = (SequenceRun("abc"[n] * 16, min(2, 2 * n)) for n in range(3))
    assert await store.begin_sequence_run(first.id, 2) == (first,)
    await append_numbered(store, lobby, ann, 2)
    await store.close()
    opened = await location.open()
    assert await opened.begin_sequence_run(second.id, 2) == (first, second)
    assert await opened.begin_sequence_run(third.id, 2) == (second, third)
    await opened.close()


async def test_outgoing_webhook_begins_now_and_keeps_its_progress(
    store: Store, ann: Person, lobby: RoomId
) -> None:
    await append_numbered(store, lobby, ann, 3)
    bot = (await store.add_bot("Deploy", ann.id, 5)).person
    trigger = Trigger(posts=True, deletions=True, words=("deploy", "@Deploy"))
    new = NewOutgoingHook(lobby, bot.id, ann.id, "https://x.example/", "whsec_AA==", trigger)
    hook = await store.add_outgoing_hook(new, 1)
    assert hook.progress == Progress(await store.last_sequence())
    assert (hook.trigger, hook.bot, hook.pause) == (trigger, bot, None)
    with pytest.raises(TooManyPrograms):
        await store.add_outgoing_hook(new, 1)
    at = datetime(2026, 11, 30, tzinfo=UTC)
    for n in range(5):
        attempt = Attempt(at, f"msg_{n}", n, n, 500, 12, Problem.STATUS, "no", 1)
        await store.add_attempt(hook.id, attempt, Progress(9, n, at), 3)
    assert [each.sequence for each in await store.attempts(hook.id)] == [4, 3, 2]
    found = await store.outgoing_hook(hook.id)
    assert found is not None
    assert (found.progress, found.used_at) == (Progress(9, 4, at), at)
    await store.pause_outgoing_hook(hook.id, PauseReason.FAILING)
    await store.update_outgoing_hook(hook.id, url="https://y.example/", trigger=Trigger())
    (found,) = await store.outgoing_hooks(lobby)
    assert (found.pause, found.url, found.trigger) == (
        PauseReason.FAILING,
        "https://y.example/",
        Trigger(),
    )
    await store.resume_outgoing_hook(hook.id, ann.id, skip=True)
    found = await store.outgoing_hook(hook.id)
    assert found is not None
    assert (found.pause, found.progress) == (None, Progress(await store.last_sequence()))
    assert await store.hook_bot_ids(ann.id) == {bot.id}
    await store.delete_hooks_of(bot.id)
    assert await store.outgoing_hooks() == ()
    # The answer to a request of a webhook that was deleted meanwhile.
    await store.add_attempt(hook.id, attempt, Progress(10), 3)
    assert await store.attempts(hook.id) == ()
