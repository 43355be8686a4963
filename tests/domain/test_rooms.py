"""Rooms: who may read and do what in them, direct conversations, and threads."""

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.errors import (
    BadRoom,
    ModeratorRequired,
    NoSuchMessage,
    NoSuchRoom,
    RoomArchived,
    SlugTaken,
    TitleTaken,
)
from chat.files.storage import FolderStorage
from chat.model.events import (
    MembersChanged,
    MessageChanged,
    MessagesPosted,
    RemovedFromRoom,
    RoomUpdated,
    person_topic,
)
from chat.model.messages import Message, MessageKind, NewMessage
from chat.model.people import Person
from chat.model.rooms import NewRoom, RoomId, RoomKind
from chat.rooms.directory import DIRECT_MEMBER_LIMIT
from chat.rooms.feed import BUFFER_SIZE
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.text.room_names import SLUG_LIMIT, TITLE_LIMIT, slug_of, validate_title, with_suffix
from chat.workspace.workspace import Workspace
from tests.harness.domain import (
    EventRecorder,
    ReplayedRoom,
    entries_of,
    member_names,
    open_workspace,
    sign_in,
)
from tests.harness.waiting import wait_until


async def test_entering_a_public_room_joins_it(
    workspace: Workspace, public_room: Room, ann: Person, bob: Person
) -> None:
    assert [room.slug for room in await workspace.rooms.public_rooms(bob)] == ["garden", "lobby"]
    assert member_names(public_room) == {"Ann"}
    assert await workspace.rooms.by_slug(bob, "garden") is public_room
    assert member_names(public_room) == {"Ann"}
    assert await workspace.rooms.enter(bob, "garden") is public_room
    await workspace.rooms.enter(bob, "garden")
    assert member_names(public_room) == {"Ann", "Bob"}
    assert await entries_of(public_room, ann) == [
        (MessageKind.ROOM_CREATED, ""),
        (MessageKind.JOINED, "room"),
    ]


async def test_concurrent_joins_are_one_join(
    workspace: Workspace, public_room: Room, bob: Person
) -> None:
    await asyncio.gather(*(workspace.rooms.enter(bob, "garden") for _ in range(5)))
    assert await entries_of(public_room, bob) == [
        (MessageKind.ROOM_CREATED, ""),
        (MessageKind.JOINED, "room"),
    ]


async def test_private_room_is_unlisted_and_open_to_invited_people_only(
    workspace: Workspace, private_room: Room, ann: Person, bob: Person, outsider: Person
) -> None:
    assert "Cellar" not in {room.title for room in await workspace.rooms.public_rooms(bob)}
    assert member_names(private_room) == {"Ann", "Bob"}
    assert await workspace.rooms.enter(bob, private_room.info.slug) is private_room
    await workspace.rooms.invite(bob, private_room, outsider)
    assert await workspace.rooms.enter(outsider, private_room.info.slug) is private_room
    assert await entries_of(private_room, outsider) == [
        (MessageKind.ROOM_CREATED, ""),
        (MessageKind.INVITED, "Bob"),
        (MessageKind.INVITED, "Cid"),
    ]
    with pytest.raises(BadRoom, match="Cid is in this room already"):
        await workspace.rooms.invite(ann, private_room, outsider)


async def test_concurrent_invitations_of_one_person_succeed_once(
    workspace: Workspace, private_room: Room, ann: Person, bob: Person, outsider: Person
) -> None:
    results = await asyncio.gather(
        *(workspace.rooms.invite(person, private_room, outsider) for person in (ann, bob)),
        return_exceptions=True,
    )
    assert [type(each) for each in results] == [type(None), BadRoom]
    assert (await entries_of(private_room, ann)).count((MessageKind.INVITED, "Cid")) == 1


async def test_private_room_is_missing_for_a_person_who_left(
    workspace: Workspace, private_room: Room, ann: Person, bob: Person
) -> None:
    await asyncio.gather(
        *(workspace.rooms.leave(bob, private_room) for _ in range(2)), return_exceptions=True
    )
    assert member_names(private_room) == {"Ann"}
    assert (await entries_of(private_room, ann))[-1] == (MessageKind.LEFT, "room")
    assert (await entries_of(private_room, ann)).count((MessageKind.LEFT, "room")) == 1
    with pytest.raises(NoSuchRoom):
        await workspace.rooms.enter(bob, private_room.info.slug)


async def test_leaving_a_room_leaves_its_threads(
    workspace: Workspace, private_room: Room, ann: Person, bob: Person, recorder: EventRecorder
) -> None:
    posted = await private_room.post(ann, "a secret", "a1")
    thread = await workspace.rooms.get_or_create_thread(bob, private_room, posted.number)
    await thread.post(bob, "tell me more", "b1")
    await workspace.memberships.session_connected(bob, "tab of Bob")
    await workspace.rooms.leave(bob, private_room)
    with recorder.recorded_notifications(ann, bob) as notified:
        await thread.post(ann, "not to Bob, of @Bob", "a2")
    assert notified == {}
    assert member_names(thread) == {"Ann"}
    assert [membership.room.slug for membership in workspace.memberships.for_person(bob)] == [
        "lobby"
    ]
    with pytest.raises(NoSuchRoom):
        await thread.newest(bob)


async def test_person_who_leaves_while_a_thread_opens_is_not_its_member(
    workspace: Workspace,
    store: Store,
    private_room: Room,
    ann: Person,
    bob: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    posted = await private_room.post(bob, "a secret", "b1")
    read_members = store.members

    async def slow_members(room: RoomId) -> Sequence[Person]:
        members = await read_members(room)
        if member_names(private_room) == {"Ann", "Bob"}:
            await workspace.rooms.leave(bob, private_room)
        return members

    monkeypatch.setattr(store, "members", slow_members)
    thread = await workspace.rooms.get_or_create_thread(ann, private_room, posted.number)
    # Only the author of the root message joins a new thread, here Bob. Ann opens it to read.
    assert (member_names(private_room), member_names(thread)) == ({"Ann"}, set())


async def test_lobby_cannot_be_left_or_archived(
    workspace: Workspace, ann: Person, owner: Person
) -> None:
    lobby = await workspace.rooms.enter(ann, "lobby")
    with pytest.raises(BadRoom, match="Mute it instead"):
        await workspace.rooms.leave(ann, lobby)
    with pytest.raises(BadRoom, match="cannot be archived"):
        await workspace.rooms.set_archived(owner, lobby, archived=True)


async def test_room_is_renamed_by_its_creator_and_keeps_its_slug(
    workspace: Workspace, public_room: Room, ann: Person, bob: Person, recorder: EventRecorder
) -> None:
    await workspace.rooms.enter(bob, "garden")
    for person in (ann, bob):
        await workspace.memberships.session_connected(person, f"tab of {person.name}")
    await workspace.rooms.rename(ann, public_room, "  Back   yard ")
    assert (public_room.info.title, public_room.info.slug) == ("Back yard", "garden")
    assert RoomUpdated(public_room.info) in recorder.events_of_room(public_room.info.id)
    for person in (ann, bob):
        assert workspace.memberships.for_person(person)[-1].title == "Back yard"
        assert any(
            update.membership and update.membership.title == "Back yard"
            for update in recorder.membership_updates_of(person)
        )
    assert (await entries_of(public_room, bob))[-1] == (MessageKind.ROOM_RENAMED, "Back yard")
    with pytest.raises(ModeratorRequired):
        await workspace.rooms.rename(bob, public_room, "Mine")
    before = await entries_of(public_room, bob)
    await workspace.rooms.rename(ann, public_room, "Back yard")
    assert await entries_of(public_room, bob) == before, "the same title is no change"


async def test_owner_moderates_readable_rooms_only(
    workspace: Workspace, public_room: Room, private_room: Room, owner: Person
) -> None:
    await workspace.rooms.rename(owner, public_room, "Park")
    assert public_room.info.title == "Park"
    with pytest.raises(NoSuchRoom):
        await workspace.rooms.rename(owner, private_room, "Vault")


async def test_members_set_the_topic_within_its_limit(
    workspace: Workspace,
    public_room: Room,
    ann: Person,
    bob: Person,
    outsider: Person,
    recorder: EventRecorder,
) -> None:
    await workspace.rooms.enter(bob, "garden")
    await workspace.rooms.set_topic(bob, public_room, "roses\n and   hedges")
    assert public_room.info.topic == "roses and hedges"
    assert RoomUpdated(public_room.info) in recorder.events_of_room(public_room.info.id)
    assert (await entries_of(public_room, ann))[-1] == (
        MessageKind.TOPIC_CHANGED,
        "roses and hedges",
    )
    await workspace.rooms.set_topic(ann, public_room, "")
    assert public_room.info.topic == ""
    with pytest.raises(NoSuchRoom):
        await workspace.rooms.set_topic(outsider, public_room, "weeds")
    with pytest.raises(BadRoom, match="Use at most 200 characters"):
        await workspace.rooms.set_topic(bob, public_room, "x" * 201)


async def test_archived_room_is_read_only_until_reopened(
    workspace: Workspace, public_room: Room, ann: Person, bob: Person, outsider: Person
) -> None:
    await workspace.rooms.enter(bob, "garden")
    posted = await public_room.post(bob, "roses", "b1")
    thread = await workspace.rooms.get_or_create_thread(bob, public_room, posted.number)
    await workspace.rooms.set_archived(ann, public_room, archived=True)
    for refused in (
        public_room.post(bob, "more roses", "b2"),
        public_room.edit(bob, posted.number, "tulips"),
        public_room.delete(bob, posted.number),
        public_room.react(bob, posted.number, "👍"),
        public_room.pin(bob, posted.number, pinned=True),
        thread.post(bob, "and tulips", "b3"),
        workspace.rooms.invite(bob, public_room, outsider),
    ):
        with pytest.raises(RoomArchived):
            await refused
    # Reading a room does not add a member.
    assert (await (await workspace.rooms.enter(outsider, "garden")).newest(outsider)).messages
    assert member_names(public_room) == {"Ann", "Bob"}
    with pytest.raises(ModeratorRequired):
        await workspace.rooms.set_archived(bob, public_room, archived=False)
    await workspace.rooms.set_archived(ann, public_room, archived=False)
    await public_room.post(bob, "more roses", "b2")
    kinds = [kind for kind, _ in await entries_of(public_room, bob)]
    assert kinds[-3:] == [MessageKind.ARCHIVED, MessageKind.REOPENED, MessageKind.TEXT]


SLUGS_BY_TITLE = {
    "Design": "design",
    "  Ünïcode & Co. ": "ünïcode-co",
    "设计 讨论": "设计-讨论",
    "हिन्दी बातचीत": "हिन्दी-बातचीत",
    "ภาษาไทย": "ภาษาไทย",
    "گروه‌ها": "گروهها",
    "Ｆｕｌｌ ｗｉｄｔｈ": "full-width",
    "re\u0301sume\u0301": "résumé",
    "🚀 Rockets 👩‍🚀": "rockets",
    "a_b__c": "a-b-c",
    "C++ / C#": "c-c",
    "ﬁne": "fine",
    "1.0": "1-0",
}


@pytest.mark.parametrize(("title", "slug"), SLUGS_BY_TITLE.items(), ids=map(ascii, SLUGS_BY_TITLE))
async def test_title_of_any_script_makes_a_slug(
    workspace: Workspace, ann: Person, title: str, slug: str
) -> None:
    room = await workspace.rooms.create(ann, title)
    assert room.info.slug == slug
    assert await workspace.rooms.by_slug(ann, slug) is room
    assert await workspace.resolve(ann, f"/room/{slug}/1") is room


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("", "Name cannot be blank!"),
        (" \u3164 ", "Name cannot be blank!"),
        ("x" * 41, "Use at most 40 characters"),
        ("x" * 1_000_000, "Use at most 40 characters"),
        ("a\u202eb", "cannot be seen"),
        ("a\x00b", "cannot be seen"),
        ("🚀", "no letter or digit"),
        ("---", "no letter or digit"),
        ("Thread 7-1", "“room-thread-7-1”"),
        ("dm: 1, 2", "“room-dm-1-2”"),
    ],
)
async def test_invalid_title_is_refused_with_the_reason(
    workspace: Workspace, ann: Person, title: str, reason: str
) -> None:
    with pytest.raises(BadRoom, match=reason):
        await workspace.rooms.create(ann, title)
    assert [room.slug for room in await workspace.rooms.public_rooms(ann)] == ["lobby"]


async def test_taken_slug_is_refused_with_a_free_suggestion(
    workspace: Workspace, ann: Person
) -> None:
    for title in ("Lobby", "x" * TITLE_LIMIT, "ab " * 13):
        suggestions = set()
        for _ in range(11):
            try:
                await workspace.rooms.create(ann, title)
            except SlugTaken as refusal:
                suggestions.add(refusal.suggestion)
                room = await workspace.rooms.create(ann, refusal.suggestion)
                assert room.info.slug == refusal.suggestion
        assert len(suggestions) >= 10


async def test_concurrent_creation_of_one_room_succeeds_once(
    workspace: Workspace, ann: Person
) -> None:
    creations = (workspace.rooms.create(ann, title) for title in ("Tea", "tea", "TEA!"))
    results = await asyncio.gather(*creations, return_exceptions=True)
    assert [type(each) for each in results] == [Room, SlugTaken, SlugTaken]


async def test_private_room_of_others_is_in_nobodys_way_and_not_told_of(
    workspace: Workspace, store: Store, ann: Person, bob: Person
) -> None:
    secret = await workspace.rooms.create(ann, "layoffs-2027", RoomKind.PRIVATE)
    assert re.fullmatch(r"layoffs-2027-[a-z2-9]{8}", secret.info.slug)
    # Whoever may read it is told, also of the title.
    with pytest.raises(TitleTaken):
        await workspace.rooms.create(ann, "Layoffs-2027")
    public = await workspace.rooms.create(bob, "layoffs-2027")
    assert (public.info.slug, public.info.title) == ("layoffs-2027", "layoffs-2027")
    yard = await workspace.rooms.create(bob, "Yard", RoomKind.PRIVATE)
    plans = await workspace.rooms.create(ann, "Plans", RoomKind.PRIVATE)
    await workspace.rooms.rename(bob, yard, "Plans")
    assert yard.info.title == plans.info.title
    # A private room of an earlier version has an address without random letters.
    old = NewRoom("offices", "Offices", "", RoomKind.PRIVATE, ann, (ann.id,))
    assert (await store.create_room(old)).slug == "offices"
    assert (await workspace.rooms.create(bob, "Offices")).info.slug == "offices-2"
    with pytest.raises(SlugTaken):
        await workspace.rooms.create(ann, "Offices!")


async def test_room_of_others_takes_the_same_work_as_none(
    workspace: Workspace, store: Store, tmp_path: Path, ann: Person, bob: Person
) -> None:
    secret = await workspace.rooms.create(ann, "layoffs-2027", RoomKind.PRIVATE)
    message = await secret.post(ann, "hush", "1")
    thread = await workspace.rooms.get_or_create_thread(ann, secret, message.number)
    calls = CallRecorder(store)
    restarted = await Workspace.start(calls, FolderStorage(tmp_path / "files"), lambda *_: None)
    for is_open in (False, True):
        if is_open:
            await restarted.rooms.by_slug(ann, thread.info.slug)
        found = list[list[str]]()
        for slug in ("nowhere", secret.info.slug, thread.info.slug, "dm-1-2"):
            calls.names.clear()
            with pytest.raises(NoSuchRoom):
                await restarted.rooms.enter(bob, slug)
            # Besides, the loop of scheduled texts and reminders looks for what is due.
            found.append([each for each in calls.names if each[:4] not in ("due_", "next", "mark")])
        assert found == [["readable_room"]] * 4
        assert (restarted.rooms.opened(secret.info.id) is not None) is is_open


class CallRecorder:
    """A store that records the names of the methods that are called."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.names: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.names.append(name)
        return getattr(self._store, name)


@pytest.mark.parametrize("kind", [RoomKind.PUBLIC, RoomKind.PRIVATE])
@pytest.mark.parametrize(
    "title",
    ["Garden", " gARDEN ", "Ｇａｒｄｅｎ", "Gar\u200dden", "x" * TITLE_LIMIT],
    ids=["same", "case", "full width", "joiner", "longest"],
)
async def test_title_of_another_room_is_refused_with_a_free_suggestion(
    workspace: Workspace, ann: Person, bob: Person, kind: RoomKind, title: str
) -> None:
    taken_title = title.strip() if len(title) > 20 else "Garden"
    taken = await workspace.rooms.create(ann, taken_title, kind, invited=[bob])
    yard = await workspace.rooms.create(bob, "Yard")
    with pytest.raises(TitleTaken) as refusal:
        await workspace.rooms.rename(bob, yard, title)
    assert yard.info.title == "Yard"
    suggestion = refusal.value.suggestion
    assert validate_title(suggestion) == suggestion
    await workspace.rooms.rename(bob, yard, suggestion)
    await workspace.rooms.rename(ann, taken, "Meadow")
    await workspace.rooms.rename(bob, yard, title)
    # The address of the first room still says what it was called.
    with pytest.raises(BadRoom):
        await workspace.rooms.create(ann, "Meadow")
    assert yard.info.title == validate_title(title)


async def test_room_keeps_its_own_title_and_threads_share_theirs(
    workspace: Workspace, public_room: Room, ann: Person
) -> None:
    await workspace.rooms.rename(ann, public_room, "GARDEN")
    assert public_room.info.title == "GARDEN"
    numbers = [(await public_room.post(ann, "GARDEN", each)).number for each in "ab"]
    threads = [await workspace.rooms.get_or_create_thread(ann, public_room, n) for n in numbers]
    assert [each.info.title for each in threads] == ["GARDEN", "GARDEN"]


async def test_concurrent_renames_to_one_title_succeed_once(
    workspace: Workspace, ann: Person
) -> None:
    rooms = [await workspace.rooms.create(ann, title) for title in ("One", "Two", "Three")]
    results = await asyncio.gather(
        *(workspace.rooms.rename(ann, each, "Four") for each in rooms), return_exceptions=True
    )
    assert [type(each) for each in results] == [type(None), TitleTaken, TitleTaken]
    assert [each.info.title for each in rooms] == ["Four", "Two", "Three"]


async def test_create_accepts_only_public_and_private_rooms(
    workspace: Workspace, ann: Person
) -> None:
    for kind in (RoomKind.DIRECT, RoomKind.THREAD):
        with pytest.raises(BadRoom):
            await workspace.rooms.create(ann, "Strange", kind)


@given(st.text(min_size=1, max_size=TITLE_LIMIT), st.integers(2, 99))
def test_slug_of_a_slug_is_itself(title: str, number: int) -> None:
    try:
        slug = slug_of(validate_title(title))
    except BadRoom:
        return
    for address in (slug, with_suffix(slug, number)):
        assert 0 < len(address) <= SLUG_LIMIT
        assert slug_of(validate_title(address)) == address
        assert not any(unicodedata.category(c) in {"Zs", "Cc", "Cf"} for c in address)


async def test_direct_conversation_is_one_room_for_all_its_members(
    workspace: Workspace, ann: Person, bob: Person, outsider: Person
) -> None:
    people = [ann, bob, outsider]
    rooms = await asyncio.gather(
        *(
            workspace.rooms.get_or_create_direct(
                person, [each for each in people if each != person]
            )
            for person in people
        ),
        workspace.rooms.get_or_create_direct(ann, [outsider, bob, ann]),
    )
    assert len({room.info.id for room in rooms}) == 1
    two = await workspace.rooms.get_or_create_direct(bob, [ann])
    assert two is not rooms[0]
    assert (member_names(rooms[0]), member_names(two)) == ({"Ann", "Bob", "Cid"}, {"Ann", "Bob"})
    for person in people:
        await workspace.memberships.session_connected(person, f"tab of {person.name}")
    assert [membership.title for membership in workspace.memberships.for_person(ann)] == [
        "Lobby",
        "Bob, Cid",
        "Bob",
    ]
    assert [membership.title for membership in workspace.memberships.for_person(bob)] == [
        "Lobby",
        "Ann, Cid",
        "Ann",
    ]
    assert [membership.title for membership in workspace.memberships.for_person(outsider)] == [
        "Lobby",
        "Ann, Bob",
    ]
    assert await entries_of(two, bob) == []
    with pytest.raises(BadRoom):
        await workspace.rooms.invite(ann, two, outsider)
    with pytest.raises(NoSuchRoom):
        await workspace.rooms.by_slug(outsider, two.info.slug)


async def test_direct_conversation_with_oneself_is_notes(workspace: Workspace, ann: Person) -> None:
    notes = await workspace.rooms.get_or_create_direct(ann, [])
    await notes.post(ann, "buy milk", "a1")
    assert await workspace.rooms.get_or_create_direct(ann, [ann]) is notes
    await workspace.memberships.session_connected(ann, "tab")
    assert workspace.memberships.for_person(ann)[-1].title == "Notes to myself"
    assert workspace.memberships.for_person(ann)[-1].unread == 0


async def test_direct_conversation_cannot_be_left(
    workspace: Workspace, ann: Person, bob: Person
) -> None:
    room = await workspace.rooms.get_or_create_direct(ann, [bob])
    with pytest.raises(BadRoom, match="Close it instead"):
        await workspace.rooms.leave(bob, room)
    assert await workspace.rooms.get_or_create_direct(bob, [ann]) is room
    assert (await room.post(bob, "still here", "b1")).text == "still here"


async def test_direct_conversation_keeps_the_name_of_a_signed_out_person(
    workspace: Workspace, ann: Person, bob: Person
) -> None:
    room = await workspace.rooms.get_or_create_direct(ann, [bob])
    await workspace.sign_out(bob)
    await workspace.memberships.session_connected(ann, "tab")
    assert workspace.memberships.for_person(ann)[-1].title == "Bob"
    assert "Bob" in member_names(room)
    assert bob not in await workspace.all_people()


async def test_direct_conversation_refuses_too_many_people(
    workspace: Workspace, ann: Person
) -> None:
    others = await sign_in(workspace, *(f"P{n}" for n in range(DIRECT_MEMBER_LIMIT)))
    assert (
        len((await workspace.rooms.get_or_create_direct(ann, others[1:])).members)
        == DIRECT_MEMBER_LIMIT
    )
    with pytest.raises(BadRoom, match="private room"):
        await workspace.rooms.get_or_create_direct(ann, others)


async def test_reply_makes_the_author_a_member_and_updates_the_root(
    workspace: Workspace,
    public_room: Room,
    ann: Person,
    bob: Person,
    outsider: Person,
    recorder: EventRecorder,
) -> None:
    for person in (bob, outsider):
        await workspace.rooms.enter(person, "garden")
    posted = await public_room.post(ann, "roses\nand more", "a1")
    thread = await workspace.rooms.get_or_create_thread(bob, public_room, posted.number)
    assert (
        await workspace.rooms.get_or_create_thread(outsider, public_room, posted.number) is thread
    )
    assert (thread.info.kind, thread.info.title) == (RoomKind.THREAD, "roses")
    assert thread.info.thread_root == (public_room.info.id, posted.number)
    assert member_names(thread) == {"Ann"}, "opening a thread does not make a member"
    recorder.events.clear()
    reply = await thread.post(bob, "which ones?", "b1")
    assert member_names(thread) == {"Ann", "Bob"}
    (change,) = recorder.events_of_room(public_room.info.id)
    assert isinstance(change, MessageChanged)
    assert (change.message.number, change.message.replies) == (posted.number, 1)
    assert change.message.last_reply_at == reply.sent_at
    assert await public_room.message(ann, posted.number) == change.message
    assert await thread.post(bob, "which ones?", "b1") == reply
    assert (await public_room.message(ann, posted.number)).replies == 1, (
        "a retry is no second reply"
    )


async def test_deleted_reply_is_not_counted(
    workspace: Workspace, public_room: Room, ann: Person
) -> None:
    posted = await public_room.post(ann, "roses", "a1")
    thread = await workspace.rooms.get_or_create_thread(ann, public_room, posted.number)
    first, second = [await thread.post(ann, str(n), f"r{n}") for n in range(2)]
    await thread.delete(ann, second.number)
    root = await public_room.message(ann, posted.number)
    assert (root.replies, root.last_reply_at) == (1, first.sent_at)
    await thread.delete(ann, first.number)
    root = await public_room.message(ann, posted.number)
    assert (root.replies, root.last_reply_at) == (0, None)


async def test_last_people_who_replied_are_known_the_last_one_first(
    workspace: Workspace, public_room: Room, ann: Person, bob: Person, outsider: Person
) -> None:
    for person in (bob, outsider):
        await workspace.rooms.enter(person, "garden")
    (dan,) = await sign_in(workspace, "Dan")
    await workspace.rooms.enter(dan, "garden")
    posted = await public_room.post(ann, "roses", "a1")
    assert posted.repliers == ()
    thread = await workspace.rooms.get_or_create_thread(ann, public_room, posted.number)

    async def names() -> list[str]:
        return [each.name for each in (await public_room.message(ann, posted.number)).repliers]

    replies = [
        await thread.post(person, f"reply {n}", f"r{n}")
        for n, person in enumerate((ann, bob, dan, outsider, bob))
    ]
    assert await names() == ["Bob", outsider.name, "Dan"]
    await thread.delete(bob, replies[-1].number)
    assert await names() == [outsider.name, "Dan", "Bob"]
    await thread.delete(outsider, replies[-2].number)
    assert await names() == ["Dan", "Bob", "Ann"]


async def test_thread_title_follows_edits_and_deletion_of_its_root(
    workspace: Workspace, store: Store, public_room: Room, ann: Person, recorder: EventRecorder
) -> None:
    posted = await public_room.post(ann, "my secrte", "a1")
    thread = await workspace.rooms.get_or_create_thread(ann, public_room, posted.number)
    await thread.post(ann, "oh", "a2")
    await workspace.memberships.session_connected(ann, "tab")
    await public_room.edit(ann, posted.number, "my secret")
    assert thread.info.title == "my secret"
    assert workspace.memberships.for_person(ann)[-1].title == "my secret"
    await public_room.delete(ann, posted.number)
    assert RoomUpdated(thread.info) in recorder.events_of_room(thread.info.id)
    for memberships in (
        workspace.memberships.for_person(ann),
        await store.memberships(ann.id),
    ):
        assert "secret" not in memberships[-1].title


async def test_title_of_an_unopened_thread_follows_its_root_after_a_restart(
    workspace: Workspace, tmp_path: Path, public_room: Room, ann: Person, bob: Person
) -> None:
    posted = await public_room.post(ann, "my secret", "a1")
    thread = await workspace.rooms.get_or_create_thread(ann, public_room, posted.number)
    await workspace.rooms.enter(bob, "garden")
    await thread.post(bob, "oh", "b1")
    await workspace.close()
    recorder = EventRecorder()
    workspace, store = await open_workspace(tmp_path, recorder.on_event)
    await workspace.memberships.session_connected(bob, "tab")
    assert workspace.memberships.for_person(bob)[-1].title == "my secret"
    await (await workspace.rooms.enter(ann, "garden")).delete(ann, posted.number)
    (update_of_bob,) = [
        update.membership
        for update in recorder.membership_updates_of(bob)
        if update.room_id == thread.info.id
    ]
    assert workspace.memberships.for_person(bob) == await store.memberships(bob.id)
    assert update_of_bob == workspace.memberships.for_person(bob)[-1]
    assert "secret" not in update_of_bob.title
    await workspace.close()


async def test_person_renamed_while_a_room_opens_has_the_new_name(
    workspace: Workspace,
    tmp_path: Path,
    public_room: Room,
    ann: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await workspace.close()
    workspace, store = await open_workspace(tmp_path, EventRecorder().on_event)
    read_members, renames = store.members, [ann]

    async def slow_members(room: RoomId) -> tuple[Person, ...]:
        members = await read_members(room)
        if room == public_room.info.id and renames:
            await workspace.profiles.rename(renames.pop(), "Anna")
        return members

    monkeypatch.setattr(store, "members", slow_members)
    room = await workspace.rooms.by_slug(ann, "garden")
    assert not renames
    assert member_names(room) == {"Anna"}
    await workspace.close()


async def test_thread_survives_deletion_of_its_root_only_with_replies(
    workspace: Workspace, public_room: Room, ann: Person
) -> None:
    one, two = [await public_room.post(ann, str(n), f"a{n}") for n in range(2)]
    with_reply, without_reply = [
        await workspace.rooms.get_or_create_thread(ann, public_room, m.number) for m in (one, two)
    ]
    await with_reply.post(ann, "first", "r1")
    for each in (one, two):
        await public_room.delete(ann, each.number)
    assert (await with_reply.post(ann, "second", "r2")).number == 2
    with pytest.raises(NoSuchMessage):
        await without_reply.post(ann, "too late", "r3")
    assert (await without_reply.newest(ann)).messages == ()
    assert await workspace.rooms.get_or_create_thread(ann, public_room, one.number) is with_reply
    with pytest.raises(NoSuchMessage):
        await workspace.rooms.get_or_create_thread(ann, public_room, two.number)
    root = [await public_room.message(ann, each.number) for each in (one, two)]
    assert [(each.erased, each.replies) for each in root] == [(False, 2), (True, 0)]


async def test_concurrent_thread_creation_makes_one_thread(
    workspace: Workspace, public_room: Room, ann: Person
) -> None:
    posted = await public_room.post(ann, "roses", "a1")
    threads = await asyncio.gather(
        *(workspace.rooms.get_or_create_thread(ann, public_room, posted.number) for _ in range(5))
    )
    assert len(set(threads)) == 1


async def test_thread_cannot_have_a_thread(
    workspace: Workspace, public_room: Room, ann: Person
) -> None:
    posted = await public_room.post(ann, "roses", "a1")
    thread = await workspace.rooms.get_or_create_thread(ann, public_room, posted.number)
    reply = await thread.post(ann, "tulips", "a2")
    with pytest.raises(NoSuchMessage):
        await workspace.rooms.get_or_create_thread(ann, thread, reply.number)


async def test_cancelled_room_creation_still_completes(
    workspace: Workspace, ann: Person, bob: Person
) -> None:
    creations = workspace.rooms.create(ann, "Attic", RoomKind.PRIVATE, invited=[bob])
    for operation in (creations, workspace.rooms.get_or_create_direct(ann, [bob])):
        task = asyncio.ensure_future(operation)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await workspace.rooms.close()
    memberships = await workspace.rooms.memberships_of(bob)
    (attic_id,) = [each.room.id for each in memberships if each.room.title == "Attic"]
    attic = await workspace.rooms.by_id(bob, attic_id)
    assert await entries_of(attic, bob) == [
        (MessageKind.ROOM_CREATED, ""),
        (MessageKind.INVITED, "Bob"),
    ]
    assert member_names(await workspace.rooms.get_or_create_direct(bob, [ann])) == {"Ann", "Bob"}


async def test_messages_and_threads_survive_a_restart_unchanged(
    tmp_path: Path,
) -> None:
    workspace = await Workspace.open(tmp_path, EventRecorder().on_event)
    ann, bob = await sign_in(workspace, "Ann", "Bob")
    room = await workspace.rooms.create(ann, "Cellar", RoomKind.PRIVATE, invited=[bob])
    posted = await room.post(ann, "look, @Bob", "a1")
    await room.react(bob, posted.number, "👍")
    await room.pin(bob, posted.number, pinned=True)
    await room.post(bob, "an answer", "b1", quoted_number=posted.number)
    thread = await workspace.rooms.get_or_create_thread(bob, room, posted.number)
    await thread.post(bob, "a reply", "b2")
    await room.edit(ann, posted.number, "look here, @Bob")
    before = (await room.newest(ann), await thread.newest(ann), room.info, thread.info)
    await workspace.close()
    workspace = await Workspace.open(tmp_path, EventRecorder().on_event)
    reopened = await workspace.rooms.by_slug(ann, room.info.slug)
    thread = await workspace.rooms.get_or_create_thread(ann, reopened, posted.number)
    assert member_names(reopened) == member_names(thread) == {"Ann", "Bob"}
    assert (
        await reopened.newest(ann),
        await thread.newest(ann),
        reopened.info,
        thread.info,
    ) == before
    await workspace.close()


async def test_stored_but_unpublished_message_is_published_with_the_next(
    workspace: Workspace, store: Store, public_room: Room, ann: Person, recorder: EventRecorder
) -> None:
    replayed = await ReplayedRoom(recorder, public_room, ann).load()
    new_message = NewMessage(public_room.info.id, ann, MessageKind.TEXT, "unpublished", "a1")
    stored: Message = await store.append(new_message)
    await store.react(public_room.info.id, stored.number, ann.id, "👍")
    await public_room.post(ann, "published", "a2")
    await wait_until(lambda: len(replayed.messages) == 3, 5)
    await replayed.assert_matches_store()
    posted_events = [
        event
        for event in recorder.events_of_room(public_room.info.id)
        if isinstance(event, MessagesPosted)
    ]
    assert [m.number for event in posted_events for m in event.messages] == [1, 2, 3]


async def test_moderator_removes_a_member_from_a_room_and_its_threads(
    workspace: Workspace, private_room: Room, ann: Person, bob: Person, recorder: EventRecorder
) -> None:
    posted = await private_room.post(ann, "a secret", "a1")
    thread = await workspace.rooms.get_or_create_thread(bob, private_room, posted.number)
    await thread.post(bob, "tell me more", "b1")
    await workspace.memberships.session_connected(bob, "tab of Bob")
    recorder.events.clear()
    await workspace.rooms.remove(ann, private_room, bob)
    assert RemovedFromRoom(private_room.info, ann) in recorder.events_of(person_topic(bob.id))
    assert MembersChanged() in recorder.events_of_room(private_room.info.id)
    assert (await entries_of(private_room, ann))[-1] == (MessageKind.REMOVED, "Bob")
    assert member_names(private_room) == member_names(thread) == {"Ann"}
    for room in (private_room, thread):
        with pytest.raises(NoSuchRoom):
            await room.newest(bob)
    with pytest.raises(BadRoom, match="Bob is not in this room any more"):
        await workspace.rooms.remove(ann, private_room, bob)


async def test_members_themselves_the_owner_and_the_lobby_are_not_removed(
    workspace: Workspace,
    private_room: Room,
    owner: Person,
    ann: Person,
    bob: Person,
    outsider: Person,
) -> None:
    own_room = await workspace.rooms.create(bob, "Attic", RoomKind.PRIVATE, invited=[owner])
    lobby = await workspace.rooms.by_slug(owner, "lobby")
    for moderator, room, member, reason in (
        (bob, own_room, owner, "The owner of the chat cannot be removed"),
        (bob, own_room, bob, "You cannot remove yourself"),
        (bob, own_room, outsider, "Cid is not in this room"),
        (owner, lobby, bob, "Everybody is in this room"),
    ):
        assert not workspace.rooms.may_remove(moderator, room, member)
        with pytest.raises(BadRoom, match=reason):
            await workspace.rooms.remove(moderator, room, member)
    assert workspace.rooms.may_remove(ann, private_room, bob)
    assert not workspace.rooms.may_remove(bob, private_room, ann)


async def test_several_people_are_invited_with_one_line(
    workspace: Workspace, private_room: Room, ann: Person, bob: Person, outsider: Person
) -> None:
    (dan,) = await sign_in(workspace, "Dan")
    await workspace.rooms.invite(bob, private_room, ann, outsider, dan)
    assert member_names(private_room) == {"Ann", "Bob", "Cid", "Dan"}
    assert (await entries_of(private_room, ann))[-1] == (MessageKind.INVITED, "Cid, Dan")
    with pytest.raises(BadRoom, match="They are all in this room already"):
        await workspace.rooms.invite(bob, private_room, outsider, dan)
    with pytest.raises(BadRoom, match="50 people can be invited at once"):
        await workspace.rooms.invite(ann, private_room, *[dan] * 51)


async def test_titled_rooms_are_those_that_a_person_may_read(
    workspace: Workspace, private_room: Room, ann: Person, bob: Person, outsider: Person
) -> None:
    await workspace.rooms.create(bob, "Attic")
    await workspace.rooms.get_or_create_direct(ann, [bob])
    for person in (ann, outsider):
        await workspace.memberships.session_connected(person, person.name)
    titles = [each.title for each in await workspace.titled_rooms(ann)]
    assert titles == ["Lobby", "Cellar", "Attic"]
    assert [each.slug for each in await workspace.titled_rooms(outsider)] == ["lobby", "attic"]


async def test_rooms_in_common_are_without_the_lobby(
    workspace: Workspace, private_room: Room, ann: Person, bob: Person, outsider: Person
) -> None:
    assert await workspace.rooms.rooms_in_common(ann, bob) == (private_room.info,)
    assert await workspace.rooms.rooms_in_common(ann, outsider) == ()


async def test_message_comes_with_the_one_before_it_from_memory_and_from_the_store(
    public_room: Room, ann: Person
) -> None:
    for n in range(BUFFER_SIZE + 5):
        await public_room.post(ann, f"line {n}", f"line{n}")
    for number in (1, 2, 4, 5, 6, 7, BUFFER_SIZE, public_room.last_number):
        previous, message = await public_room.message_with_previous(ann, number)
        assert message == await public_room.message(ann, number)
        assert previous == (await public_room.message(ann, number - 1) if number > 1 else None)
    with pytest.raises(NoSuchMessage):
        await public_room.message_with_previous(ann, public_room.last_number + 1)
