"""Mentions: which people a text mentions, and the list of a person's mentions."""

import pytest

from chat.errors import (
    TooManyMentions,
)
from chat.model.people import Person
from chat.rooms.room import Room
from chat.text.mentions import parse_mentions
from chat.workspace.workspace import Workspace
from tests.harness.domain import member_names, sign_in

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
MENTIONED_NAMES = {
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


@pytest.mark.parametrize(
    ("text", "names"), MENTIONED_NAMES.items(), ids=map(ascii, MENTIONED_NAMES)
)
def test_mention_parser_matches_names_as_people_read_them(text: str, names: set[str]) -> None:
    mentions = parse_mentions(text, PEOPLE)
    assert {PEOPLE[person].name for person in mentions.person_ids} == names
    assert not mentions.everyone
    assert not mentions.here


def test_everyone_and_here_are_recognised() -> None:
    assert parse_mentions("@everyone and @Ann", PEOPLE).everyone
    assert parse_mentions("@HERE!", PEOPLE).here
    assert not parse_mentions("@everyones @hereby me@here", PEOPLE).everyone


async def test_more_than_twenty_mentions_are_refused(
    workspace: Workspace, public_room: Room
) -> None:
    people = await sign_in(workspace, *(f"P{n}" for n in range(22)))
    for person in people:
        await workspace.rooms.enter(person, "garden")
    text = " ".join(f"@{person.name} @{person.name}" for person in people[1:])
    with pytest.raises(TooManyMentions, match="mentions 21 people and 20 may be"):
        await public_room.post(people[0], text, "c1")
    with pytest.raises(TooManyMentions):
        await public_room.edit(people[0], 1, text)
    posted = await public_room.post(people[0], text.removesuffix("@P21 @P21"), "c1")
    assert len(posted.mentions) == 20
    assert len((await public_room.post(people[0], "@everyone", "c2")).mentions) == 22


async def test_mentions_reach_room_members_only(
    workspace: Workspace, public_room: Room, ann: Person, bob: Person, outsider: Person
) -> None:
    for person in (bob, outsider):
        await workspace.rooms.enter(person, "garden")
    await workspace.rooms.leave(outsider, public_room)
    assert (await public_room.post(ann, "@everyone", "a1")).mentions == {bob.id}
    assert (await public_room.post(ann, "@Cid @Bob @Ann", "a2")).mentions == {bob.id}
    await workspace.identity.sign_out(bob)
    assert (await public_room.post(ann, "@here", "a3")).mentions == set()
    assert (await public_room.post(ann, "@Bob", "a4")).mentions == {bob.id}


async def test_person_mentioned_in_a_thread_becomes_a_member(
    workspace: Workspace, public_room: Room, ann: Person, bob: Person, outsider: Person
) -> None:
    for person in (bob, outsider):
        await workspace.rooms.enter(person, "garden")
    posted = await public_room.post(ann, "roses", "a1")
    thread = await workspace.rooms.get_or_create_thread(ann, public_room, posted.number)
    assert (await thread.post(ann, "@everyone?", "a2")).mentions == set()
    assert (await thread.post(ann, "@Bob?", "a3")).mentions == {bob.id}
    assert member_names(thread) == {"Ann", "Bob"}
    assert (await thread.post(ann, "@everyone?", "a4")).mentions == {bob.id}
    reply = await thread.post(ann, "psst", "a5")
    await thread.edit(ann, reply.number, "psst, @Cid")
    assert member_names(thread) == {"Ann", "Bob", "Cid"}
    assert [m.text for _, m in await workspace.mentions(outsider)] == ["psst, @Cid"]


async def test_mentions_are_listed_newest_first_from_current_rooms_only(
    workspace: Workspace, public_room: Room, private_room: Room, ann: Person, bob: Person
) -> None:
    await workspace.rooms.enter(bob, "garden")
    for n, room in enumerate((public_room, private_room, public_room)):
        await room.post(ann, f"@Bob {n}", f"a{n}")
    await public_room.edit(ann, 3, "nobody")
    mentions = await workspace.mentions(bob, limit=1)
    mentions += await workspace.mentions(bob, before=mentions[-1][0])
    assert [message.text for _, message in mentions] == ["@Bob 2", "@Bob 1"]
    await workspace.rooms.leave(bob, private_room)
    assert [message.text for _, message in await workspace.mentions(bob)] == ["@Bob 2"]
