"""Who is called by what is said, and where they find it."""

import pytest

from chat.errors import (
    TooManyMentions,
)
from chat.model.people import Person
from chat.rooms.room import Room
from chat.text.mentions import parse_mentions
from chat.workspace.workspace import Workspace
from tests.harness.domain import come_in


def names(room: Room) -> set[str]:
    """Who is in a room."""
    return {person.name for person in room.members.values()}


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
    found = parse_mentions(text, PEOPLE)
    assert {PEOPLE[each].name for each in found.person_ids} == wanted
    assert not found.everyone
    assert not found.here


def test_all_are_called_and_all_who_are_here() -> None:
    assert parse_mentions("@everyone and @Ann", PEOPLE).everyone
    assert parse_mentions("@HERE!", PEOPLE).here
    assert not parse_mentions("@everyones @hereby me@here", PEOPLE).everyone


async def test_more_than_twenty_names_are_refused(house: Workspace, garden: Room) -> None:
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
    house: Workspace, garden: Room, ann: Person, bob: Person, cid: Person
) -> None:
    for who in (bob, cid):
        await house.rooms.enter(who, "garden")
    await house.rooms.leave(cid, garden)
    assert (await garden.post(ann, "@everyone", "a1")).mentions == {bob.id}
    assert (await garden.post(ann, "@Cid @Bob @Ann", "a2")).mentions == {bob.id}
    await house.people.sign_out(bob)
    assert (await garden.post(ann, "@here", "a3")).mentions == set()
    assert (await garden.post(ann, "@Bob", "a4")).mentions == {bob.id}


async def test_who_is_called_by_name_in_a_thread_follows_it(
    house: Workspace, garden: Room, ann: Person, bob: Person, cid: Person
) -> None:
    for who in (bob, cid):
        await house.rooms.enter(who, "garden")
    told = await garden.post(ann, "roses", "a1")
    thread = await house.rooms.get_or_create_thread(ann, garden, told.number)
    assert (await thread.post(ann, "@everyone?", "a2")).mentions == set()
    assert (await thread.post(ann, "@Bob?", "a3")).mentions == {bob.id}
    assert names(thread) == {"Ann", "Bob"}
    assert (await thread.post(ann, "@everyone?", "a4")).mentions == {bob.id}
    reply = await thread.post(ann, "psst", "a5")
    await thread.edit(ann, reply.number, "psst, @Cid")
    assert names(thread) == {"Ann", "Bob", "Cid"}
    assert [m.text for _, m in await house.mentions(cid)] == ["psst, @Cid"]


async def test_mentions_are_listed_newest_first_of_the_rooms_one_is_in(
    house: Workspace, garden: Room, cellar: Room, ann: Person, bob: Person
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
