"""Rooms: who may read and do what in them, and what hangs on their messages."""

import asyncio
import inspect
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.dice import Dice
from chat.errors import (
    BadReaction,
    BadRoom,
    NoSuchMessage,
    NoSuchRoom,
    NotYours,
    RoomArchived,
    SlugTaken,
    TooManyMentions,
)
from chat.events import Changed, Fresh, RoomNow
from chat.house import House
from chat.mentions import called
from chat.messages import Draft, Heed, Kind, Message, Person, Quote, RoomKind
from chat.room import OpenRoom
from chat.rooms import DIRECT_LIMIT, Rooms
from chat.slugs import SLUG_LIMIT, TITLE_LIMIT, checked_title, numbered, slug_of
from tests.household import Ear, Screen, come_in
from tests.waiting import until

# What somebody hears who asks for a room that is not there.
NOWHERE = str(NoSuchRoom())


@pytest.fixture
def ear() -> Ear:
    """Who listens."""
    return Ear()


@pytest.fixture
async def house(tmp_path: Path, ear: Ear) -> AsyncIterator[House]:
    """A house whose owner came in first and does nothing."""
    opened = await House.open(tmp_path, ear.hear)
    await come_in(opened, "Owner")
    yield opened
    await opened.close()


@pytest.fixture
async def ann(house: House) -> Person:
    """Somebody who makes rooms."""
    return (await come_in(house, "Ann"))[0]


@pytest.fixture
async def bob(house: House) -> Person:
    """Somebody who is invited."""
    return (await come_in(house, "Bob"))[0]


@pytest.fixture
async def cid(house: House) -> Person:
    """Somebody who is not."""
    return (await come_in(house, "Cid"))[0]


@pytest.fixture
def owner(house: House) -> Person:
    """Who came in first."""
    return next(each for each in house.people.here.people if each.id == house.people.owner)


@pytest.fixture
async def garden(house: House, ann: Person) -> OpenRoom:
    """A public room."""
    return await house.rooms.make(ann, "Garden")


@pytest.fixture
async def cellar(house: House, ann: Person, bob: Person) -> OpenRoom:
    """A private room of two."""
    return await house.rooms.make(ann, "Cellar", RoomKind.PRIVATE, invited=[bob])


async def said(room: OpenRoom, person: Person) -> list[tuple[Kind, str]]:
    """What stands in a room."""
    return [(each.kind, each.text) for each in (await room.newest(person)).messages]


def names(room: OpenRoom) -> set[str]:
    """Who is in a room."""
    return {person.name for person in room.members.values()}


async def test_a_public_room_is_listed_and_whoever_enters_is_in_it(
    house: House, garden: OpenRoom, ann: Person, bob: Person
) -> None:
    assert [room.slug for room in await house.rooms.listed()] == ["garden", "lobby"]
    assert names(garden) == {"Ann"}
    assert await house.rooms.look_up(bob, "garden") is garden
    assert names(garden) == {"Ann"}
    assert await house.rooms.enter(bob, "garden") is garden
    await house.rooms.enter(bob, "garden")
    assert names(garden) == {"Ann", "Bob"}
    assert await said(garden, ann) == [(Kind.MADE, ""), (Kind.JOINED, "room")]


async def test_who_joins_twice_at_once_joins_once(
    house: House, garden: OpenRoom, bob: Person
) -> None:
    await asyncio.gather(*(house.rooms.enter(bob, "garden") for _ in range(5)))
    assert await said(garden, bob) == [(Kind.MADE, ""), (Kind.JOINED, "room")]


async def test_a_private_room_is_listed_nowhere_and_holds_those_invited(
    house: House, cellar: OpenRoom, ann: Person, bob: Person, cid: Person
) -> None:
    assert "cellar" not in {room.slug for room in await house.rooms.listed()}
    assert names(cellar) == {"Ann", "Bob"}
    assert await house.rooms.enter(bob, "cellar") is cellar
    await house.rooms.invite(bob, cellar, cid)
    assert await house.rooms.enter(cid, "cellar") is cellar
    assert await said(cellar, cid) == [
        (Kind.MADE, ""),
        (Kind.INVITED, "Bob"),
        (Kind.INVITED, "Cid"),
    ]
    with pytest.raises(BadRoom, match="Cid is in this room already"):
        await house.rooms.invite(ann, cellar, cid)


async def test_of_two_who_invite_the_same_guest_one_is_told(
    house: House, cellar: OpenRoom, ann: Person, bob: Person, cid: Person
) -> None:
    ended = await asyncio.gather(
        *(house.rooms.invite(who, cellar, cid) for who in (ann, bob)), return_exceptions=True
    )
    assert [type(each) for each in ended] == [type(None), BadRoom]
    assert (await said(cellar, ann)).count((Kind.INVITED, "Cid")) == 1


async def test_who_leaves_is_out_and_a_private_room_is_not_there_any_more(
    house: House, cellar: OpenRoom, ann: Person, bob: Person
) -> None:
    await asyncio.gather(
        *(house.rooms.leave(bob, cellar) for _ in range(2)), return_exceptions=True
    )
    assert names(cellar) == {"Ann"}
    assert (await said(cellar, ann))[-1] == (Kind.LEFT, "room")
    assert (await said(cellar, ann)).count((Kind.LEFT, "room")) == 1
    with pytest.raises(NoSuchRoom):
        await house.rooms.enter(bob, "cellar")


async def test_who_leaves_a_room_leaves_its_threads(
    house: House, cellar: OpenRoom, ann: Person, bob: Person, ear: Ear
) -> None:
    told = await cellar.post(ann, "a secret", "a1")
    thread = await house.rooms.thread(bob, cellar, told.number)
    await thread.post(bob, "tell me more", "b1")
    await house.seats.arrive(bob, "tab of Bob")
    await house.rooms.leave(bob, cellar)
    with ear.calls(ann, bob) as calls:
        await thread.post(ann, "not to Bob, of @Bob", "a2")
    assert calls == {}
    assert names(thread) == {"Ann"}
    assert [seat.room.slug for seat in house.seats.of(bob)] == ["lobby"]
    with pytest.raises(NoSuchRoom):
        await thread.newest(bob)


async def test_everybody_stays_in_the_lobby(house: House, ann: Person, owner: Person) -> None:
    lobby = await house.rooms.enter(ann, "lobby")
    with pytest.raises(BadRoom, match="Mute it instead"):
        await house.rooms.leave(ann, lobby)
    with pytest.raises(BadRoom, match="cannot be archived"):
        await house.rooms.archive(owner, lobby, archived=True)


async def test_a_room_is_renamed_by_its_maker_and_keeps_its_address(
    house: House, garden: OpenRoom, ann: Person, bob: Person, ear: Ear
) -> None:
    await house.rooms.enter(bob, "garden")
    for who in (ann, bob):
        await house.seats.arrive(who, f"tab of {who.name}")
    await house.rooms.rename(ann, garden, "  Back   yard ")
    assert (garden.room.title, garden.room.slug) == ("Back yard", "garden")
    assert RoomNow(garden.room) in ear.of_room(garden.room.id)
    for who in (ann, bob):
        assert house.seats.of(who)[-1].title == "Back yard"
        assert any(now.seat and now.seat.title == "Back yard" for now in ear.seats_of(who))
    assert (await said(garden, bob))[-1] == (Kind.RENAMED, "Back yard")
    with pytest.raises(NotYours):
        await house.rooms.rename(bob, garden, "Mine")
    before = await said(garden, bob)
    await house.rooms.rename(ann, garden, "Back yard")
    assert await said(garden, bob) == before, "nothing happened"


async def test_the_owner_of_the_chat_looks_after_every_room_that_they_may_read(
    house: House, garden: OpenRoom, cellar: OpenRoom, owner: Person
) -> None:
    await house.rooms.rename(owner, garden, "Park")
    assert garden.room.title == "Park"
    with pytest.raises(NoSuchRoom):
        await house.rooms.rename(owner, cellar, "Vault")


async def test_anybody_in_a_room_says_what_it_is_about(
    house: House, garden: OpenRoom, ann: Person, bob: Person, cid: Person, ear: Ear
) -> None:
    await house.rooms.enter(bob, "garden")
    await house.rooms.describe(bob, garden, "roses\n and   hedges")
    assert garden.room.topic == "roses and hedges"
    assert RoomNow(garden.room) in ear.of_room(garden.room.id)
    assert (await said(garden, ann))[-1] == (Kind.TOPIC, "roses and hedges")
    await house.rooms.describe(ann, garden, "")
    assert garden.room.topic == ""
    with pytest.raises(NoSuchRoom):
        await house.rooms.describe(cid, garden, "weeds")
    with pytest.raises(BadRoom, match="Use at most 200 characters"):
        await house.rooms.describe(bob, garden, "x" * 201)


async def test_nothing_is_said_in_an_archived_room_until_it_is_opened_again(
    house: House, garden: OpenRoom, ann: Person, bob: Person, cid: Person
) -> None:
    await house.rooms.enter(bob, "garden")
    told = await garden.post(bob, "roses", "b1")
    thread = await house.rooms.thread(bob, garden, told.number)
    await house.rooms.archive(ann, garden, archived=True)
    for refused in (
        garden.post(bob, "more roses", "b2"),
        garden.edit(bob, told.number, "tulips"),
        garden.delete(bob, told.number),
        garden.react(bob, told.number, "👍"),
        garden.pin(bob, told.number, pinned=True),
        thread.post(bob, "and tulips", "b3"),
        house.rooms.invite(bob, garden, cid),
    ):
        with pytest.raises(RoomArchived):
            await refused
    # It may be read, without coming to be in it.
    assert (await (await house.rooms.enter(cid, "garden")).newest(cid)).messages
    assert names(garden) == {"Ann", "Bob"}
    with pytest.raises(NotYours):
        await house.rooms.archive(bob, garden, archived=False)
    await house.rooms.archive(ann, garden, archived=False)
    await garden.post(bob, "more roses", "b2")
    kinds = [kind for kind, _ in await said(garden, bob)]
    assert kinds[-3:] == [Kind.ARCHIVED, Kind.REOPENED, Kind.TEXT]


TITLES = {
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


@pytest.mark.parametrize(("title", "slug"), TITLES.items(), ids=map(ascii, TITLES))
async def test_a_title_of_any_script_makes_an_address(
    house: House, ann: Person, title: str, slug: str
) -> None:
    room = await house.rooms.make(ann, title)
    assert room.room.slug == slug
    assert await house.rooms.look_up(ann, slug) is room
    assert await house.room_at(ann, f"/room/{slug}/1") is room


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
async def test_a_title_that_cannot_be_is_refused_in_words(
    house: House, ann: Person, title: str, reason: str
) -> None:
    with pytest.raises(BadRoom, match=reason):
        await house.rooms.make(ann, title)
    assert [room.slug for room in await house.rooms.listed()] == ["lobby"]


async def test_an_address_that_is_taken_is_refused_with_one_that_is_free(
    house: House, ann: Person
) -> None:
    for title in ("Lobby", "x" * TITLE_LIMIT, "ab " * 13):
        suggestions = set()
        for _ in range(11):
            try:
                await house.rooms.make(ann, title)
            except SlugTaken as refusal:
                suggestions.add(refusal.suggestion)
                made = await house.rooms.make(ann, refusal.suggestion)
                assert made.room.slug == refusal.suggestion
        assert len(suggestions) >= 10


async def test_of_two_who_make_the_same_room_at_once_one_does(house: House, ann: Person) -> None:
    making = (house.rooms.make(ann, title) for title in ("Tea", "tea", "TEA!"))
    ended = await asyncio.gather(*making, return_exceptions=True)
    assert [type(each) for each in ended] == [OpenRoom, SlugTaken, SlugTaken]


async def test_only_public_and_private_rooms_are_made(house: House, ann: Person) -> None:
    for kind in (RoomKind.DIRECT, RoomKind.THREAD):
        with pytest.raises(BadRoom):
            await house.rooms.make(ann, "Strange", kind)


@given(st.text(min_size=1, max_size=TITLE_LIMIT), st.integers(2, 99))
def test_an_address_is_its_own(title: str, number: int) -> None:
    try:
        slug = slug_of(checked_title(title))
    except BadRoom:
        return
    for address in (slug, numbered(slug, number)):
        assert 0 < len(address) <= SLUG_LIMIT
        assert slug_of(checked_title(address)) == address
        assert not any(unicodedata.category(c) in {"Zs", "Cc", "Cf"} for c in address)


async def test_a_direct_conversation_is_the_same_room_for_all_who_are_in_it(
    house: House, ann: Person, bob: Person, cid: Person
) -> None:
    people = [ann, bob, cid]
    rooms = await asyncio.gather(
        *(house.rooms.direct(who, [each for each in people if each != who]) for who in people),
        house.rooms.direct(ann, [cid, bob, ann]),
    )
    assert len({room.room.id for room in rooms}) == 1
    two = await house.rooms.direct(bob, [ann])
    assert two is not rooms[0]
    assert (names(rooms[0]), names(two)) == ({"Ann", "Bob", "Cid"}, {"Ann", "Bob"})
    for who in people:
        await house.seats.arrive(who, f"tab of {who.name}")
    assert [seat.title for seat in house.seats.of(ann)] == ["Lobby", "Bob, Cid", "Bob"]
    assert [seat.title for seat in house.seats.of(bob)] == ["Lobby", "Ann, Cid", "Ann"]
    assert [seat.title for seat in house.seats.of(cid)] == ["Lobby", "Ann, Bob"]
    assert await said(two, bob) == []
    with pytest.raises(BadRoom):
        await house.rooms.invite(ann, two, cid)
    with pytest.raises(NoSuchRoom):
        await house.rooms.look_up(cid, two.room.slug)


async def test_notes_to_oneself_are_a_conversation_of_one(house: House, ann: Person) -> None:
    notes = await house.rooms.direct(ann, [])
    await notes.post(ann, "buy milk", "a1")
    assert await house.rooms.direct(ann, [ann]) is notes
    await house.seats.arrive(ann, "tab")
    assert house.seats.of(ann)[-1].title == "Notes to myself"
    assert house.seats.of(ann)[-1].unread == 0


async def test_people_stay_in_a_direct_conversation(house: House, ann: Person, bob: Person) -> None:
    room = await house.rooms.direct(ann, [bob])
    with pytest.raises(BadRoom, match="Mute it instead"):
        await house.rooms.leave(bob, room)
    assert await house.rooms.direct(bob, [ann]) is room
    assert (await room.post(bob, "still here", "b1")).text == "still here"


async def test_a_conversation_is_called_by_whom_left_the_chat(
    house: House, ann: Person, bob: Person
) -> None:
    room = await house.rooms.direct(ann, [bob])
    await house.see_off(bob)
    await house.seats.arrive(ann, "tab")
    assert house.seats.of(ann)[-1].title == "Bob"
    assert "Bob" in names(room)
    assert bob not in await house.known()


async def test_too_many_for_a_direct_conversation_are_refused(house: House, ann: Person) -> None:
    others = await come_in(house, *(f"P{n}" for n in range(DIRECT_LIMIT)))
    assert len((await house.rooms.direct(ann, others[1:])).members) == DIRECT_LIMIT
    with pytest.raises(BadRoom, match="private room"):
        await house.rooms.direct(ann, others)


async def test_whoever_replies_follows_and_the_message_tells_of_it(
    house: House, garden: OpenRoom, ann: Person, bob: Person, cid: Person, ear: Ear
) -> None:
    for who in (bob, cid):
        await house.rooms.enter(who, "garden")
    told = await garden.post(ann, "roses\nand more", "a1")
    thread = await house.rooms.thread(bob, garden, told.number)
    assert await house.rooms.thread(cid, garden, told.number) is thread
    assert (thread.room.kind, thread.room.title) == (RoomKind.THREAD, "roses")
    assert thread.room.parent == (garden.room.id, told.number)
    assert names(thread) == {"Ann"}, "who looks does not follow"
    ear.heard.clear()
    reply = await thread.post(bob, "which ones?", "b1")
    assert names(thread) == {"Ann", "Bob"}
    (change,) = ear.of_room(garden.room.id)
    assert isinstance(change, Changed)
    assert (change.message.number, change.message.replies) == (told.number, 1)
    assert change.message.last_reply_at == reply.sent_at
    assert await garden.message(ann, told.number) == change.message
    assert await thread.post(bob, "which ones?", "b1") == reply
    assert (await garden.message(ann, told.number)).replies == 1, "a retry is no second reply"


async def test_a_reply_that_is_deleted_does_not_count(
    house: House, garden: OpenRoom, ann: Person
) -> None:
    told = await garden.post(ann, "roses", "a1")
    thread = await house.rooms.thread(ann, garden, told.number)
    first, second = [await thread.post(ann, str(n), f"r{n}") for n in range(2)]
    await thread.delete(ann, second.number)
    above = await garden.message(ann, told.number)
    assert (above.replies, above.last_reply_at) == (1, first.sent_at)
    await thread.delete(ann, first.number)
    above = await garden.message(ann, told.number)
    assert (above.replies, above.last_reply_at) == (0, None)


async def test_a_thread_is_called_by_what_its_message_says_now(
    house: House, garden: OpenRoom, ann: Person, ear: Ear
) -> None:
    told = await garden.post(ann, "my secrte", "a1")
    thread = await house.rooms.thread(ann, garden, told.number)
    await thread.post(ann, "oh", "a2")
    await house.seats.arrive(ann, "tab")
    await garden.edit(ann, told.number, "my secret")
    assert thread.room.title == "my secret"
    assert house.seats.of(ann)[-1].title == "my secret"
    await garden.delete(ann, told.number)
    assert RoomNow(thread.room) in ear.of_room(thread.room.id)
    for seats in (house.seats.of(ann), await house._store.seats(ann.id)):
        assert "secret" not in seats[-1].title


async def test_a_thread_goes_on_when_its_message_is_deleted_unless_nobody_replied(
    house: House, garden: OpenRoom, ann: Person
) -> None:
    one, two = [await garden.post(ann, str(n), f"a{n}") for n in range(2)]
    with_reply, without = [await house.rooms.thread(ann, garden, m.number) for m in (one, two)]
    await with_reply.post(ann, "first", "r1")
    for each in (one, two):
        await garden.delete(ann, each.number)
    assert (await with_reply.post(ann, "second", "r2")).number == 2
    with pytest.raises(NoSuchMessage):
        await without.post(ann, "too late", "r3")
    assert (await without.newest(ann)).messages == ()
    assert await house.rooms.thread(ann, garden, one.number) is with_reply
    with pytest.raises(NoSuchMessage):
        await house.rooms.thread(ann, garden, two.number)
    above = [await garden.message(ann, each.number) for each in (one, two)]
    assert [(each.gone, each.replies) for each in above] == [(False, 2), (True, 0)]


async def test_of_many_who_begin_a_thread_at_once_all_are_in_one(
    house: House, garden: OpenRoom, ann: Person
) -> None:
    told = await garden.post(ann, "roses", "a1")
    threads = await asyncio.gather(
        *(house.rooms.thread(ann, garden, told.number) for _ in range(5))
    )
    assert len(set(threads)) == 1


async def test_a_thread_has_no_threads(house: House, garden: OpenRoom, ann: Person) -> None:
    told = await garden.post(ann, "roses", "a1")
    thread = await house.rooms.thread(ann, garden, told.number)
    reply = await thread.post(ann, "tulips", "a2")
    with pytest.raises(NoSuchMessage):
        await house.rooms.thread(ann, thread, reply.number)


# All that can be asked for with an OpenRoom in one's hand, or with an address.
Asking = Callable[[House, OpenRoom, Person, Person], Awaitable[object]]

READING: dict[str, Asking] = {
    "room.earlier": lambda h, r, who, _: r.earlier(who, 1),
    "room.last_own": lambda h, r, who, _: r.last_own(who),
    "room.newest": lambda h, r, who, _: r.newest(who),
    "room.before": lambda h, r, who, _: r.before(who, 2),
    "room.after": lambda h, r, who, _: r.after(who, 0),
    "room.around": lambda h, r, who, _: r.around(who, 1),
    "room.number_at": lambda h, r, who, _: r.number_at(who, datetime.now(UTC)),
    "room.pinned": lambda h, r, who, _: r.pinned(who),
    "room.message": lambda h, r, who, _: r.message(who, 1),
    "room.keep_words": lambda h, r, who, _: r.keep_words(who, "dear"),
    "room.rescue_words": lambda h, r, who, _: r.rescue_words(who, "dear"),
    "room.words": lambda h, r, who, _: r.words(who),
    "rooms.look_up": lambda h, r, who, _: h.rooms.look_up(who, r.room.slug),
    "rooms.of_id": lambda h, r, who, _: h.rooms.of_id(who, r.room.id),
    "rooms.leave": lambda h, r, who, _: h.rooms.leave(who, r),
}
COMING: dict[str, Asking] = {
    "rooms.enter": lambda h, r, who, _: h.rooms.enter(who, r.room.slug),
    "rooms.join": lambda h, r, who, _: h.rooms.join(who, r),
}
WRITING: dict[str, Asking] = {
    "room.begin_upload": lambda h, r, who, _: r.begin_upload(who, "plan.pdf", 1000),
    "room.post": lambda h, r, who, _: r.post(who, "hello", "new"),
    "room.ask": lambda h, r, who, _: r.ask(who, "Lunch?", ["Soup", "Salad"], "asked"),
    "room.vote": lambda h, r, who, _: r.vote(who, 1, 0),
    "room.close_poll": lambda h, r, who, _: r.close_poll(who, 1),
    "room.roll": lambda h, r, who, _: r.roll(who, Dice(1, 6), "thrown"),
    "room.edit": lambda h, r, who, _: r.edit(who, 1, "hello"),
    "room.delete": lambda h, r, who, _: r.delete(who, 1),
    "room.react": lambda h, r, who, _: r.react(who, 1, "👍"),
    "room.pin": lambda h, r, who, _: r.pin(who, 1, pinned=True),
    "rooms.thread": lambda h, r, who, _: h.rooms.thread(who, r, _first(r)),
    "rooms.invite": lambda h, r, who, guest: h.rooms.invite(who, r, guest),
    "rooms.heed": lambda h, r, who, _: h.rooms.heed(who, r, Heed.NOTHING),
    "rooms.describe": lambda h, r, who, _: h.rooms.describe(who, r, "roses"),
}
CARING: dict[str, Asking] = {
    "rooms.rename": lambda h, r, who, _: h.rooms.rename(who, r, "Roses"),
    "rooms.archive": lambda h, r, who, _: h.rooms.archive(who, r, archived=True),
}
# What somebody does who gives what cannot be: it is not even looked at.
WRONG: dict[str, Asking] = {
    "room.post": lambda h, r, who, _: r.post(who, "", "new"),
    "room.begin_upload": lambda h, r, who, _: r.begin_upload(who, "", 0),
    "room.post a file": lambda h, r, who, _: r.post(who, "", "new", uploads=["4711"]),
    "room.post an answer": lambda h, r, who, _: r.post(who, "hello", "new", quoted=4711),
    "room.ask": lambda h, r, who, _: r.ask(who, "", [], "asked"),
    "room.vote": lambda h, r, who, _: r.vote(who, 4711, -1),
    "room.edit": lambda h, r, who, _: r.edit(who, 4711, ""),
    "room.delete": lambda h, r, who, _: r.delete(who, 4711),
    "room.react": lambda h, r, who, _: r.react(who, 4711, "no emoji"),
    "room.message": lambda h, r, who, _: r.message(who, 4711),
    "rooms.thread": lambda h, r, who, _: h.rooms.thread(who, r, 4711),
    "rooms.invite": lambda h, r, who, guest: h.rooms.invite(who, r, who),
    "rooms.rename": lambda h, r, who, _: h.rooms.rename(who, r, ""),
    "rooms.describe": lambda h, r, who, _: h.rooms.describe(who, r, "x" * 1000),
}
ASKING = READING | COMING | WRITING | CARING

# What asks nothing of one room, or is asked by the house itself.
OF_NO_ROOM = {"rooms.everybody", "rooms.listed", "rooms.make", "rooms.direct", "rooms.forget"}
OF_THE_HOUSE = {"rooms.close", "rooms.retitle", "room.tell", "room.close"}


def _first(room: OpenRoom) -> int:
    """A message that is there from the beginning of each room of these stories."""
    return room.last


def test_every_operation_is_asked_by_an_outsider() -> None:
    public = {
        f"{owner}.{name}"
        for owner, kind in (("room", OpenRoom), ("rooms", Rooms))
        for name, _ in inspect.getmembers(kind, inspect.iscoroutinefunction)
        if not name.startswith("_")
    }
    assert public == ASKING.keys() | OF_NO_ROOM | OF_THE_HOUSE


@pytest.fixture(params=["private", "direct", "thread of a private room"])
async def theirs(
    request: pytest.FixtureRequest, house: House, cellar: OpenRoom, ann: Person, bob: Person
) -> OpenRoom:
    """A room that is not Cid's."""
    room = cellar
    if request.param == "direct":
        room = await house.rooms.direct(ann, [bob])
    told = await room.post(ann, "secret", "s1")
    if request.param.startswith("thread"):
        room = await house.rooms.thread(bob, room, told.number)
        await room.post(bob, "secret reply", "s2")
    return room


async def test_an_outsider_hears_of_every_room_the_same_as_of_none(
    house: House, theirs: OpenRoom, cid: Person, ann: Person, ear: Ear
) -> None:
    before = (await theirs.newest(ann), dict(theirs.members), theirs.room)
    for name, ask in (ASKING | {f"{name}, wrong": ask for name, ask in WRONG.items()}).items():
        with pytest.raises(NoSuchRoom) as refusal:
            await ask(house, theirs, cid, ann)
        assert str(refusal.value) == NOWHERE, name
    ear.heard.clear()
    theirs.type(cid)
    assert ear.heard == []
    assert not theirs.may_read(cid)
    assert (await theirs.newest(ann), dict(theirs.members), theirs.room) == before
    assert await house._store.seats(cid.id, theirs.room.id) == ()
    for path in (f"/room/{theirs.room.slug}", "/room/nowhere"):
        with pytest.raises(NoSuchRoom) as refusal:
            await house.room_at(cid, path)
        assert str(refusal.value) == NOWHERE
    with pytest.raises(NoSuchRoom, match=NOWHERE):
        await house.rooms.look_up(cid, "nowhere")
    with pytest.raises(NoSuchRoom, match=NOWHERE):
        await house.rooms.of_id(cid, 4711)


@pytest.mark.parametrize("name", [*WRITING, *CARING])
async def test_who_is_not_in_a_public_room_reads_and_changes_nothing(
    house: House, garden: OpenRoom, ann: Person, cid: Person, name: str
) -> None:
    await garden.post(ann, "roses", "a1")
    before = await said(garden, ann)
    with pytest.raises(NotYours if name in CARING else NoSuchRoom):
        await ASKING[name](house, garden, cid, ann)
    assert await said(garden, ann) == before
    for ask in READING.values():
        await ask(house, garden, cid, ann)


Doing = Callable[[House, OpenRoom, Person, int], Awaitable[object]]

DOING: dict[str, Doing] = {
    "edit": lambda h, r, who, n: r.edit(who, n, "other words"),
    "delete": lambda h, r, who, n: r.delete(who, n),
    "react": lambda h, r, who, n: r.react(who, n, "👍"),
    "pin": lambda h, r, who, n: r.pin(who, n, pinned=True),
    "unpin": lambda h, r, who, n: r.pin(who, n, pinned=False),
    "vote": lambda h, r, who, n: r.vote(who, n, 0),
    "close a poll": lambda h, r, who, n: r.close_poll(who, n),
    "quote": lambda h, r, who, n: r.post(who, "an answer", f"new {n}", quoted=n),
    "thread": lambda h, r, who, n: h.rooms.thread(who, r, n),
}


@pytest.mark.parametrize("doing", DOING)
async def test_nothing_is_done_with_what_is_not_there_deleted_or_no_talk(
    house: House, garden: OpenRoom, ann: Person, ear: Ear, doing: str
) -> None:
    await house.rooms.rename(ann, garden, "A title that could be quoted")
    plain, kept = [await garden.post(ann, str(n), f"a{n}") for n in range(2)]
    await garden.post(ann, "it hangs on it", "a2", quoted=kept.number)
    for each in (plain, kept):
        await garden.delete(ann, each.number)
    before = await garden.newest(ann)
    ear.heard.clear()
    for number in (1, 2, plain.number, kept.number, 99, 0, -1, 2**31, 2**53, 2**63, -(2**70)):
        with pytest.raises(NoSuchMessage) as refusal:
            await DOING[doing](house, garden, ann, number)
        assert str(refusal.value) == str(NoSuchMessage())
    assert await garden.newest(ann) == before
    assert ear.heard == []


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**53, 2**63, -(2**70), 10**30])
async def test_pages_around_what_no_message_can_be_are_the_ends(
    garden: OpenRoom, ann: Person, number: int
) -> None:
    await garden.post(ann, "roses", "a1")
    shown = [each.number for each in (await garden.around(ann, number)).messages]
    assert shown in ([1, 2], [])
    assert (await garden.before(ann, number)).has_newer is (number <= 2)
    assert (await garden.after(ann, number)).has_newer is False
    assert await garden.earlier(ann, number) == ()


async def test_two_who_edit_at_once_end_with_the_same_words_everywhere(
    garden: OpenRoom, ann: Person, ear: Ear
) -> None:
    told = await garden.post(ann, "roses", "a1")
    screens = [await Screen(ear, garden, ann).begins() for _ in range(2)]
    texts = [f"roses {n}" for n in range(10)]
    await asyncio.gather(*(garden.edit(ann, told.number, text) for text in texts))
    for screen in screens:
        await screen.is_true()
    now = await garden.message(ann, told.number)
    earlier = [each.text for each in await garden.earlier(ann, told.number)]
    assert sorted([*earlier, now.text]) == sorted(["roses", *texts])


async def test_of_two_who_delete_at_once_one_does(
    house: House, garden: OpenRoom, ann: Person, bob: Person, owner: Person, ear: Ear
) -> None:
    await house.rooms.enter(bob, "garden")
    await house.rooms.enter(owner, "garden")
    told = await garden.post(bob, "weeds", "b1")
    screen = await Screen(ear, garden, ann).begins()
    ended = await asyncio.gather(
        *(garden.delete(who, told.number) for who in (bob, ann, owner)),
        garden.edit(bob, told.number, "flowers"),
        garden.react(ann, told.number, "👍"),
        return_exceptions=True,
    )
    assert [each for each in ended if each is None] == [None]
    assert all(isinstance(each, NoSuchMessage) for each in ended if each is not None)
    await screen.is_true()
    now = await garden.message(ann, told.number)
    assert (now.deleted, now.text, now.reactions) == (True, "", ())
    assert await garden.earlier(ann, told.number) == ()


async def test_the_makers_of_a_room_and_of_the_chat_may_delete_and_others_may_not(
    house: House, garden: OpenRoom, ann: Person, bob: Person, cid: Person, owner: Person
) -> None:
    for who in (bob, cid, owner):
        await house.rooms.enter(who, "garden")
    first, second, third = [await garden.post(bob, str(n), f"b{n}") for n in range(3)]
    with pytest.raises(NoSuchMessage):
        await garden.delete(cid, first.number)
    await garden.delete(ann, first.number)
    await garden.delete(owner, second.number)
    for who in (ann, owner):
        with pytest.raises(NoSuchMessage):
            await garden.edit(who, third.number, "I never said that")
    thread = await house.rooms.thread(bob, garden, third.number)
    reply = await thread.post(cid, "spam", "c1")
    with pytest.raises(NoSuchMessage):
        await thread.delete(bob, reply.number)
    await thread.delete(ann, reply.number)


async def test_in_a_direct_conversation_nobody_deletes_what_another_said(
    house: House, ann: Person, bob: Person, owner: Person
) -> None:
    for first, other in ((ann, bob), (bob, owner), (owner, ann)):
        room = await house.rooms.direct(first, [other])
        told = await room.post(other, "my words", f"to {first.name}")
        with pytest.raises(NoSuchMessage):
            await room.delete(first, told.number)


async def test_what_is_deleted_is_gone_unless_something_hangs_on_it(
    house: House, garden: OpenRoom, ann: Person
) -> None:
    async def is_gone(number: int) -> bool:
        await garden.react(ann, number, "👍")
        await garden.pin(ann, number, pinned=True)
        await garden.delete(ann, number)
        now = await garden.message(ann, number)
        assert (now.deleted, now.text, now.pinned, now.reactions) == (True, "", False, ())
        return now.gone

    plain, quoted, replied, opened, orphan = [
        (await garden.post(ann, str(n), f"a{n}")).number for n in range(5)
    ]
    answer = await garden.post(ann, "an answer", "a10", quoted=quoted)
    thread = await house.rooms.thread(ann, garden, replied)
    await thread.post(ann, "a reply", "a11")
    await house.rooms.thread(ann, garden, opened)
    deleted = await garden.post(ann, "another answer", "a12", quoted=orphan)
    await garden.delete(ann, deleted.number)
    gone = [await is_gone(each) for each in (plain, quoted, replied, opened, orphan)]
    assert gone == [True, False, False, True, True]
    assert (await garden.message(ann, answer.number)).quote == Quote(quoted, "Ann", "", ann.id)
    assert await garden.pinned(ann) == ()


async def test_a_quote_shows_what_the_message_says_now(
    garden: OpenRoom, ann: Person, ear: Ear
) -> None:
    told = await garden.post(ann, "rosse" + "x" * 300, "a1")
    answer = await garden.post(ann, "indeed", "a2", quoted=told.number)
    assert answer.quote == Quote(told.number, "Ann", ("rosse" + "x" * 300)[:200], ann.id)
    ear.heard.clear()
    await garden.edit(ann, told.number, "roses")
    changes = [event for event in ear.of_room(garden.room.id) if isinstance(event, Changed)]
    assert [each.message.number for each in changes] == [told.number, answer.number]
    assert changes[1].message.quote == Quote(told.number, "Ann", "roses", ann.id)


async def test_reactions_stand_in_order_and_are_taken_away_again(
    house: House, garden: OpenRoom, ann: Person, bob: Person
) -> None:
    await house.rooms.enter(bob, "garden")
    number = (await garden.post(ann, "roses", "a1")).number
    for who, emoji in ((bob, "👍"), (ann, "🌹"), (ann, "👍")):
        await garden.react(who, number, emoji)
    below = (await garden.message(ann, number)).reactions
    assert [(each.emoji, each.people) for each in below] == [("👍", (bob, ann)), ("🌹", (ann,))]
    assert (await garden.message(ann, number)).reaction_of(ann.id) == ("👍", "🌹")
    await garden.react(bob, number, "👍")
    below = (await garden.message(ann, number)).reactions
    assert [(each.emoji, each.people) for each in below] == [("🌹", (ann,)), ("👍", (ann,))]
    with pytest.raises(BadReaction):
        await garden.react(ann, number, "no")
    for n in range(14):
        await garden.react(ann, number, chr(0x1F600 + n))
    with pytest.raises(BadReaction, match="Choose one of them"):
        await garden.react(ann, number, "🚀")
    await garden.react(bob, number, "🌹")


async def test_what_is_pinned_last_stands_first(garden: OpenRoom, ann: Person) -> None:
    one, two = [(await garden.post(ann, str(n), f"a{n}")).number for n in range(2)]
    for number in (two, one, two):
        await garden.pin(ann, number, pinned=True)
    assert [each.number for each in await garden.pinned(ann)] == [one, two]
    await garden.pin(ann, one, pinned=False)
    assert [each.number for each in await garden.pinned(ann)] == [two]


NAMES = (
    "Ann",
    "Ann Lee",
    "Anna",
    "Bob",
    "bob",
    "José",
    "小明",
    "C++",
    "O'Neil",
    "Here We Go",
    "R2 D2",
)
PEOPLE = [Person(n, name) for n, name in enumerate(NAMES)]
CALLS = {
    "@Ann hi": {"Ann"},
    "@ann, hi": {"Ann"},
    "@Ann Lee's idea": {"Ann Lee"},
    "@Ann Leeds": {"Ann"},
    "@ann  lee": {"Ann Lee"},
    "@Anna": {"Anna"},
    "@Annabel": set(),
    "@Bob": {"Bob", "bob"},
    "(@Bob) @Ann.": {"Bob", "bob", "Ann"},
    "@JOSE\u0301!": {"José"},
    "@Jose": set(),
    "@小明": {"小明"},
    "@C++ or not": {"C++"},
    "@O'Neil's": {"O'Neil"},
    "@here we go": {"Here We Go"},
    "@R2 D2": {"R2 D2"},
    "@ Ann": set(),
    "@@Ann": set(),
    "mail bob@Ann.example": set(),
    "ann@bob": set(),
    "a.b@Ann": set(),
    "@Ann@Bob": {"Ann"},
    "Ann": set(),
    "@Nobody": set(),
    "@Bo\u0301b": set(),
}


@pytest.mark.parametrize(("text", "wanted"), CALLS.items(), ids=map(ascii, CALLS))
def test_names_are_called_as_people_read_them(text: str, wanted: set[str]) -> None:
    found = called(text, PEOPLE)
    assert {PEOPLE[each].name for each in found.people} == wanted
    assert not found.everyone
    assert not found.here


def test_all_are_called_and_all_who_are_here() -> None:
    assert called("@everyone and @Ann", PEOPLE).everyone
    assert called("@HERE!", PEOPLE).here
    assert not called("@everyones @hereby me@here", PEOPLE).everyone


async def test_more_than_twenty_names_are_refused(house: House, garden: OpenRoom) -> None:
    crowd = await come_in(house, *(f"P{n}" for n in range(22)))
    for each in crowd:
        await house.rooms.enter(each, "garden")
    text = " ".join(f"@{each.name} @{each.name}" for each in crowd[1:])
    with pytest.raises(TooManyMentions, match="mentions 21 people and 20 may be"):
        await garden.post(crowd[0], text, "c1")
    with pytest.raises(TooManyMentions):
        await garden.edit(crowd[0], 1, text)
    told = await garden.post(crowd[0], text.removesuffix("@P21 @P21"), "c1")
    assert len(told.mentions) == 20
    assert len((await garden.post(crowd[0], "@everyone", "c2")).mentions) == 22


async def test_everyone_here_and_by_name_are_those_of_the_room(
    house: House, garden: OpenRoom, ann: Person, bob: Person, cid: Person
) -> None:
    for who in (bob, cid):
        await house.rooms.enter(who, "garden")
    await house.rooms.leave(cid, garden)
    assert (await garden.post(ann, "@everyone", "a1")).mentions == {bob.id}
    assert (await garden.post(ann, "@Cid @Bob @Ann", "a2")).mentions == {bob.id}
    await house.people.leave(bob)
    assert (await garden.post(ann, "@here", "a3")).mentions == set()
    assert (await garden.post(ann, "@Bob", "a4")).mentions == {bob.id}


async def test_who_is_called_by_name_in_a_thread_follows_it(
    house: House, garden: OpenRoom, ann: Person, bob: Person, cid: Person
) -> None:
    for who in (bob, cid):
        await house.rooms.enter(who, "garden")
    told = await garden.post(ann, "roses", "a1")
    thread = await house.rooms.thread(ann, garden, told.number)
    assert (await thread.post(ann, "@everyone?", "a2")).mentions == set()
    assert (await thread.post(ann, "@Bob?", "a3")).mentions == {bob.id}
    assert names(thread) == {"Ann", "Bob"}
    assert (await thread.post(ann, "@everyone?", "a4")).mentions == {bob.id}
    reply = await thread.post(ann, "psst", "a5")
    await thread.edit(ann, reply.number, "psst, @Cid")
    assert names(thread) == {"Ann", "Bob", "Cid"}
    assert [m.text for _, m in await house.mentions(cid)] == ["psst, @Cid"]


async def test_mentions_are_listed_newest_first_of_the_rooms_one_is_in(
    house: House, garden: OpenRoom, cellar: OpenRoom, ann: Person, bob: Person
) -> None:
    await house.rooms.enter(bob, "garden")
    for n, room in enumerate((garden, cellar, garden)):
        await room.post(ann, f"@Bob {n}", f"a{n}")
    await garden.edit(ann, 3, "nobody")
    found = await house.mentions(bob, limit=1)
    found += await house.mentions(bob, before=found[-1][0])
    assert [message.text for _, message in found] == ["@Bob 2", "@Bob 1"]
    await house.rooms.leave(bob, cellar)
    assert [message.text for _, message in await house.mentions(bob)] == ["@Bob 2"]


async def test_a_date_leads_to_its_first_message(garden: OpenRoom, ann: Person) -> None:
    told = [await garden.post(ann, str(n), f"a{n}") for n in range(3)]
    for each in told:
        found = await garden.number_at(ann, each.sent_at)
        assert found is not None
        assert told[0].number <= found <= each.number
    assert await garden.number_at(ann, datetime(2000, 1, 1, tzinfo=UTC)) == 1
    assert await garden.number_at(ann, datetime(2999, 1, 1, tzinfo=UTC)) is None


async def test_one_who_gives_up_while_a_room_is_made_leaves_a_whole_room(
    house: House, ann: Person, bob: Person
) -> None:
    making = house.rooms.make(ann, "Attic", RoomKind.PRIVATE, invited=[bob])
    for begun in (making, house.rooms.direct(ann, [bob])):
        task = asyncio.ensure_future(begun)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await house.rooms.close()
    attic = await house.rooms.look_up(bob, "attic")
    assert await said(attic, bob) == [(Kind.MADE, ""), (Kind.INVITED, "Bob")]
    assert names(await house.rooms.direct(bob, [ann])) == {"Ann", "Bob"}


async def test_everything_of_a_message_is_there_after_opening_the_house_again(
    tmp_path: Path,
) -> None:
    house = await House.open(tmp_path, Ear().hear)
    ann, bob = await come_in(house, "Ann", "Bob")
    room = await house.rooms.make(ann, "Cellar", RoomKind.PRIVATE, invited=[bob])
    told = await room.post(ann, "look, @Bob", "a1")
    await room.react(bob, told.number, "👍")
    await room.pin(bob, told.number, pinned=True)
    await room.post(bob, "an answer", "b1", quoted=told.number)
    thread = await house.rooms.thread(bob, room, told.number)
    await thread.post(bob, "a reply", "b2")
    await room.edit(ann, told.number, "look here, @Bob")
    before = (await room.newest(ann), await thread.newest(ann), room.room, thread.room)
    await house.close()
    house = await House.open(tmp_path, Ear().hear)
    again = await house.rooms.look_up(ann, "cellar")
    thread = await house.rooms.thread(ann, again, told.number)
    assert names(again) == names(thread) == {"Ann", "Bob"}
    assert (await again.newest(ann), await thread.newest(ann), again.room, thread.room) == before
    await house.close()


async def test_what_is_stored_and_was_never_announced_is_heard_with_the_next(
    house: House, garden: OpenRoom, ann: Person, ear: Ear
) -> None:
    screen = await Screen(ear, garden, ann).begins()
    draft = Draft(garden.room.id, ann, Kind.TEXT, "unheard", "a1")
    stored: Message = await house._store.append(draft)
    await house._store.react(garden.room.id, stored.number, ann.id, "👍")
    await garden.post(ann, "heard", "a2")
    await until(lambda: len(screen.messages) == 3, 5)
    await screen.is_true()
    fresh = [event for event in ear.of_room(garden.room.id) if isinstance(event, Fresh)]
    assert [m.number for event in fresh for m in event.messages] == [1, 2, 3]
