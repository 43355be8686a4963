"""Mentions: which people a text mentions, and the list of a person's mentions."""

import pytest

from chat.errors import ManyPeopleCalled, TooManyMentions
from chat.model.people import Person
from chat.rooms.call_confirmations import MANY_PEOPLE, MAX_CONFIRMATIONS, CallConfirmations
from chat.rooms.room import Room
from chat.text.mentions import match_longest_name, parse_mentions
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
    "ガン",
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
    # Scripts without spaces need none around a mention.
    "你好@Ann": {"Ann"},
    "さくらと@Ann": {"Ann"},
    "안녕@Ann": {"Ann"},
    "สวัสดี@Ann": {"Ann"},
    "@Ann你好": {"Ann"},
    "@Ann Lee你好": {"Ann Lee"},
    "@Annは来た": {"Ann"},
    "@Ann님": {"Ann"},
    "@小明你好": {"小明"},
    "@小": set(),
    "@ｶﾞﾝさん": {"ガン"},
    "мама@Ann": set(),
    "café@Ann": set(),
    "@Annа": set(),
    # Code and addresses mention nobody.
    "`@Ann`": set(),
    "``a ` @Ann``": set(),
    "`a @Ann": {"Ann"},
    "`a`@Ann": {"Ann"},
    "a`b\n\n@Ann`": {"Ann"},
    "\\`@Ann`": {"Ann"},
    "```\n@Ann\n```\n@Anna": {"Anna"},
    "```py\n@Ann": set(),
    "~~~\n@Ann\n~~~": set(),
    "> ```\n> @Ann\n@Anna": {"Anna"},
    "- ```\n  @Ann\n  ```": set(),
    "```quote\n@Ann\n```": {"Ann"},
    "```spoiler\n@Ann\n```": {"Ann"},
    "https://social.example/@Ann/1": set(),
    "https://social.example/@Ann、@Anna": {"Anna"},
    "[Ann](https://social.example/@Ann)": set(),
    "mailto:x@Ann.example": set(),
    "||@Ann||": {"Ann"},
    "*@Ann*": {"Ann"},
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


@pytest.mark.parametrize("group", ["everyone", "here"])
@pytest.mark.parametrize(
    ("around", "is_mention"),
    [
        ("{}", True),
        ("你好{}大家", True),
        ("`{}`", False),
        ("```\n{}\n```", False),
        ("https://e.example/{}", False),
        ("a{}", False),
        ("{}s", False),
    ],
)
def test_group_is_mentioned_where_a_person_would_be(
    group: str, around: str, is_mention: bool
) -> None:
    mentions = parse_mentions(around.format(f"@{group}"), PEOPLE)
    assert (mentions.everyone or mentions.here) is is_mention


def test_name_in_a_command_ends_at_the_end_of_a_word() -> None:
    assert match_longest_name("小明明 hi", {"小明"}) == 0
    assert match_longest_name("小明, hi", {"小明"}) == 2
    assert match_longest_name("ann  lee hi", {"ann", "ann lee"}) == 8


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
    public_room.confirm_call(people[0], "c2")
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


async def test_message_that_calls_many_people_needs_a_confirmation(
    workspace: Workspace, ann: Person, public_room: Room
) -> None:
    for n in range(MANY_PEOPLE):
        await public_room.post(ann, f"hello @everyone {n}", f"few {n}")
        await workspace.rooms.join((await sign_in(workspace, f"Guest {n}"))[0], public_room)
    with pytest.raises(ManyPeopleCalled) as refused:
        await public_room.post(ann, "hello @everyone", "many")
    assert (refused.value.count, refused.value.client_id) == (MANY_PEOPLE, "many")
    with pytest.raises(ManyPeopleCalled):
        await public_room.post_poll(ann, "@everyone?", ["yes", "no"], "poll")
    public_room.confirm_call(ann, "many")
    posted = await public_room.post(ann, "hello @everyone", "many")
    assert len(posted.mentions) == MANY_PEOPLE
    with pytest.raises(ManyPeopleCalled):
        await public_room.post(ann, "hello @everyone", "another")


def test_old_confirmations_are_dropped() -> None:
    confirmations = CallConfirmations()
    for n in range(MAX_CONFIRMATIONS + 5):
        confirmations.confirm(1, str(n))
    assert len(confirmations) == MAX_CONFIRMATIONS
    assert confirmations.is_missing(1, "4", MANY_PEOPLE)
    assert not confirmations.is_missing(1, "5", MANY_PEOPLE)
