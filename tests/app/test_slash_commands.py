"""Slash commands: their effects, refusals and completions."""

import itertools
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from chat.errors import BadCommand
from chat.model.people import Person
from chat.server.app import ChatServer
from chat.text.arguments import split_arguments
from chat.text.dice import parse_dice
from chat.text.look_alikes import look_alike_keys
from chat.text.message_text import parse_emote
from chat.ui.client.notification_state import NotificationState
from chat.workspace import commands
from tests.conftest import NewUser
from tests.harness.control_tree import texts_of
from tests.harness.hostile_clients import wait_until_processed
from tests.harness.user import ChatUser

ESCAPE_HINT = "To send it as text, begin with // or with a space."

TOPIC_OF_LOBBY = "Everything that has no room of its own"


async def assert_refused(person: ChatUser, typed: str, reason: str) -> None:
    """Send a command that is refused: the text stays in the field, and the reason is shown."""
    await person.composer.types(typed)
    await person.composer.sends()
    await person.waits_for_partial_text(reason)
    assert person.composer.text == typed
    await person.composer.types("")
    await person.until(lambda: not person.sees_partial(reason))


async def test_emote_reads_as_name_and_action_everywhere_it_appears(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("/me waves at @Bob")
    for person in (ann, bob):
        await person.timeline.waits_for_message("waves at @Bob")
        row = person.timeline.row("waves at @Bob")
        assert row is not None
        assert not person.sees_partial("/me")
    await ann.composer.posts("and goes on")
    await bob.message_menu.runs("waves at @Bob", "Reply")
    await bob.waits_for_partial_text("Replying to Ann: Ann waves at @Bob")
    await bob.composer.posts("hello")
    await ann.timeline.waits_for_message("hello")
    assert ann.timeline.quote_in("hello") == "Ann waves at @Bob"
    await bob.clicks("Mentions")
    await bob.waits_for_text("Ann waves at @Bob")
    await bob.dialog.closes()
    await bob.clicks("Search messages")
    await bob.until(lambda: bob.find("TextField", hint_text="Search messages"))
    field = bob.find("TextField", hint_text="Search messages")[-1]
    await bob.fills(field, "waves")
    await bob.fires(field, "change", "waves")
    await bob.until(lambda: bob.sees("waves") and bob.sees("at @Bob"))
    await bob.dialog.closes()
    await ann.message_menu.runs("waves at @Bob", "Reply in thread")
    await ann.until(lambda: ann.header.title == "Thread")
    await ann.sidebar.waits_for_room("waves at @Bob")


async def test_notification_of_an_emote_names_its_author(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.page_script.reports_notification_state(NotificationState.ALLOWED)
    await bob.page_script.reports_visibility("background")
    await wait_until_processed(bob)
    await ann.until(lambda: ann.sidebar.online_people == ["Ann", "Bob"])
    await ann.composer.posts("/me calls @Bob")
    await bob.until(lambda: bob.page_script.notifications)
    assert bob.page_script.notifications[0]["body"] == "Ann calls @Bob"


async def test_editing_an_emote_shows_the_typed_command(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("/me waves")
    await ann.composer.starts_editing_last_message("/me waves")
    await ann.composer.types("/me sings")
    await ann.composer.sends()
    await ann.timeline.waits_for_message("sings")
    assert "(edited)" in ann.timeline.texts


@pytest.mark.parametrize(
    ("typed", "posted"),
    [
        ("//roll 2d6", "/roll 2d6"),
        (" /roll 2d6", " /roll 2d6"),
        ("//me waves", " /me waves"),
        ("/usr/bin/python", "/usr/bin/python"),
        ("//example.com/a", "//example.com/a"),
        ("/", "/"),
        ("/ me", "/ me"),
        ("/2 of it", "/2 of it"),
    ],
)
async def test_escaped_and_unknown_slash_texts_are_posted_as_text(
    new_user: NewUser, typed: str, posted: str
) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts(typed)
    await ann.timeline.waits_for_message(posted)


async def test_unknown_command_stays_in_the_field_with_an_error(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    before = list(ann.timeline.texts)
    await assert_refused(
        ann, "/rol 2d6", f"There is no command /rol. Did you mean /roll? {ESCAPE_HINT}"
    )
    await assert_refused(
        ann, "/xyzzy now", f"There is no command /xyzzy; /help shows all. {ESCAPE_HINT}"
    )
    await assert_refused(ann, "/命令", "There is no command /命令")
    for command in ("invite", "join", "dm", "me", "topic"):
        await assert_refused(ann, f"/{command}", f"Write it like this: /{command} ")
    await assert_refused(ann, "/leave this", "Write it like this: /leave")
    await assert_refused(ann, "/me " + "x" * 10_000, "This message has 10,004 characters")
    assert ann.timeline.texts == before


async def test_roll_is_computed_by_the_server_and_cannot_be_faked(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("/roll 2d6+1")
    for person in (ann, bob):
        await person.timeline.waits_for_message("Ann rolled 2d6+1:")
    result = next(text for text in bob.timeline.texts if " = " in text)
    match = re.fullmatch(r"([1-6]) \+ ([1-6]) \+ 1 = (\d+)", result)
    assert match is not None
    assert int(match[1]) + int(match[2]) + 1 == int(match[3])
    assert result in ann.timeline.texts
    # A typed text has no dice icon: only the server's roll has it.
    await ann.composer.posts("/me rolled 2d6+1: 6 + 6 + 1 = 13")
    await ann.composer.posts("Ann rolled 2d6: 12")
    await bob.timeline.waits_for_message("Ann rolled 2d6: 12")
    boxes = [row for row in bob.timeline.rows if "Ann rolled 2d6+1:" in texts_of(row)]
    assert [each["_c"] for each in boxes] == ["Container"]
    (sign,) = bob.find("Icon", size=20, color="primary")
    assert sign in boxes[0]["content"]["content"]["controls"]
    await assert_refused(ann, "/roll a lot", "Write dice like this: /roll 2d6")
    await assert_refused(ann, "/roll 100d6", "Throw 1 to 20 dice with 2 to 1000 sides")
    await assert_refused(ann, "/roll 2d6000000000", "Write dice like this")


async def test_join_leave_and_topic_commands_change_the_room(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Herb Garden")
    await bob.sidebar.goes_to("Herb Garden", bob.composer.posts("/join #herb garden"))
    assert bob.address_bar == "/room/herb-garden"
    assert bob.composer.text == ""
    await bob.composer.posts("/topic Basil and thyme")
    await ann.until(lambda: ann.header.topic == "Basil and thyme")
    await bob.composer.posts("/topic ''")
    await ann.until(lambda: ann.header.topic == "''")
    await bob.composer.posts("/topic “”")
    await ann.timeline.waits_for_message("Bob took the topic away.")
    await bob.sidebar.goes_to("Lobby", bob.composer.posts("/leave"))
    await bob.sidebar.waits_until_room_gone("Herb Garden")
    assert bob.composer.text == ""
    await bob.sidebar.goes_to("Herb Garden", bob.composer.posts("/join herb-garden"))
    assert bob.composer.text == ""
    await assert_refused(ann, "/join Nowhere", "There is no such room.")
    await assert_refused(bob, "/invite Cem", "Nobody here is called Cem.")
    await assert_refused(bob, "/invite @ann", "Ann is in this room already.")
    await bob.sidebar.opens_room("Lobby")
    await assert_refused(bob, "/leave", "Everybody is in this room.")
    await ann.rooms_dialog.creates_room("Nest", private=True)
    await assert_refused(ann, "/leave", "You cannot come back to a private room")


async def test_join_command_hides_a_private_room_until_invited(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Nest", private=True)
    await assert_refused(bob, "/join Nest", "There is no such room.")
    await assert_refused(bob, "/join Nowhere", "There is no such room.")
    await ann.composer.posts("/invite “Bob”")
    await bob.sidebar.waits_for_room("Nest")
    await bob.sidebar.goes_to("Nest", bob.composer.posts("/join nest"))


async def test_dm_command_opens_a_group_conversation_with_a_first_message(
    new_user: NewUser,
) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob Lee"), await new_user("Cem")
    await ann.sidebar.goes_to(
        "Bob Lee, Cem", ann.composer.posts("/dm @bob lee, Cem: hello you two")
    )
    await ann.timeline.waits_for_message("hello you two")
    for person, title in ((bob, "Ann, Cem"), (cem, "Ann, Bob Lee")):
        await person.sidebar.waits_for_room(title, "1!")
    await ann.sidebar.opens_room("Lobby")
    await ann.sidebar.goes_to("Cem", ann.composer.posts("/dm Cem"))
    await assert_refused(ann, "/dm Dan hello", "Nobody here is called Dan.")
    await assert_refused(ann, "/topic birds", "Only a room has a topic.")
    await assert_refused(ann, "/invite Bob Lee", "Nobody can be added here.")


async def test_command_in_an_archived_room_is_refused(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Attic")
    await ann.composer.types("/roll")
    await ann.room_dialog.opens()
    await ann.dialog.clicks("Archive this room")
    await ann.waits_until_read_only()
    # Enter was pressed just before.
    await ann.page_script.presses_send_key("/roll")
    await ann.until(lambda: not ann.page_script.unsettled)
    await ann.room_dialog.opens()
    await ann.dialog.clicks("Reopen this room")
    await ann.waits_until_writable()
    assert ann.composer.text == "/roll"
    assert not any("rolls" in each for each in ann.timeline.texts)


async def test_nick_command_updates_the_name_everywhere(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    tab = await new_user(like=ann)
    await ann.composer.posts("it was me")
    await bob.message_menu.runs("it was me", "Reply")
    await bob.waits_for_text("Replying to Ann: it was me")
    await bob.composer.posts("really")
    await bob.message_menu.reacts("it was me", "👍")
    await bob.composer.posts("/poll “Who?” “Ann” “Bob”")
    await ann.timeline.waits_for_message("Who?")
    await ann.fires(ann.timeline.poll_options("Who?")[0], "click")
    await bob.until(lambda: bob.timeline.poll_options("Who?")[0].get("tooltip"))
    await bob.sidebar.opens_direct_conversation("Ann")
    await ann.composer.posts("/nick Zoe Lee")
    await bob.until(
        lambda: bob.header.title == "Zoe Lee" and "Zoe Lee" in bob.sidebar.online_people
    )
    await bob.sidebar.waits_for_room("Zoe Lee")
    await bob.sidebar.opens_room("Lobby")
    for person in (ann, tab, bob):
        await person.timeline.waits_for_message("Ann is called Zoe Lee now.")
        # Each row is drawn again by itself.
        await person.waits_until(lambda user: "Zoe Lee" in user.timeline.texts)
        await person.waits_until(
            lambda user: user.timeline.poll_options("Who?")[0]["tooltip"]["message"] == "Zoe Lee"
        )
        await person.waits_until(
            lambda user: user.timeline.quote_in("really") == "Zoe Lee it was me"
        )
        await person.waits_until(lambda user: user.sidebar.online_people == ["Bob", "Zoe Lee"])
    for own_tab in (ann, tab):
        # She has written: she is not welcomed any more.
        await own_tab.waits_until(lambda user: user.header.topic == TOPIC_OF_LOBBY)
        await own_tab.waits_for_text("ZL")
    await ann.composer.posts("still here")
    new_tab = await new_user(like=bob)
    await new_tab.waits_until_same_screen_as(bob)
    await bob.composer.posts("@zoe lee hello")
    await ann.until(
        lambda: ann.timeline.row("@zoe lee hello") and ann.timeline.is_mention_row("@zoe lee hello")
    )
    taken = "Somebody here is called zoe LEE. How about “zoe LEE 2”?"
    await assert_refused(bob, "/nick zoe LEE", taken)
    await assert_refused(bob, "/nick " + "x" * 50, "This name is too long.")
    await bob.composer.posts("/nick bob")
    await ann.timeline.waits_for_message("Bob is called bob now.")


@pytest.mark.parametrize(
    "names",
    [("Maya L.", "Maya"), ("B", "C", "B", "Maya"), ("maya", "MAYA"), ("麻耶", "מאיה")],
    ids=["there and back", "in a circle", "in another case", "other scripts"],
)
async def test_renames_keep_both_names_as_they_were(
    new_user: NewUser, names: tuple[str, ...]
) -> None:
    maya, bob = await new_user("Maya"), await new_user("Bob")
    for name in names:
        await maya.composer.posts(f"/nick {name}")
    await maya.composer.posts("done")
    expected = [f"{old} is called {new} now." for old, new in itertools.pairwise(("Maya", *names))]
    await bob.timeline.waits_for_message("done")
    late = await new_user("Late")
    for person in (bob, late):
        await person.waits_until(
            lambda user: [each for each in user.timeline.texts if " is called " in each] == expected
        )


async def test_reload_after_nick_keeps_the_person_despite_the_old_url(new_user: NewUser) -> None:
    ann = await new_user()
    await ann.opens_as("Ann")
    await ann.timeline.waits_for_message("Ann has joined the chat.")
    await ann.composer.posts("/nick Zoe")
    await ann.until(lambda: ann.address_bar == "/room/lobby" and ann.sees("Welcome, Zoe!"))
    await ann.reloads(ann.address_bar)
    await ann.until(lambda: ann.sees("Welcome, Zoe!") and ann.sidebar.online_people == ["Zoe"])


async def test_help_opens_for_the_caller_only(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    wei = await new_user("Wei", language="zh-CN")
    before = list(ann.timeline.texts)
    await ann.composer.posts("/help")
    await ann.until(lambda: ann.dialog.is_open)
    for each in commands.COMMANDS.values():
        assert ann.sees(f"/{each.name} {each.usage}".strip())
        assert ann.sees(each.description)
    assert not wei.dialog.is_open
    await ann.dialog.closes()
    assert ann.timeline.texts == before


async def test_shrug_command_posts_a_shrug_with_both_arms(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("/shrug who knows")
    await bob.timeline.waits_for_message("who knows ¯\\_(ツ)_/¯")
    await ann.composer.posts("/SHRUG")
    await bob.timeline.waits_for_message("¯\\_(ツ)_/¯")


async def test_commands_and_their_arguments_are_completed(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await new_user("Bob Lee")
    await ann.rooms_dialog.creates_room("Garden")
    await ann.sidebar.opens_room("Lobby")
    await ann.composer.types("/")
    await ann.until(lambda: ann.composer.completions)
    assert ann.composer.completions[0] == "/me does something*"
    assert ann.sees("Say what you are doing: “Ann waves”.")
    await ann.page_script.presses("up")
    await ann.until(lambda: ann.composer.completions[-1] == "/help [command]*")
    await ann.composer.waits_for_completions("/in", "/invite name*")
    await ann.page_script.presses("tab")
    await ann.composer.waits_for_text("/invite ")
    await ann.composer.waits_for_completions("/invite b", "Bob Lee*")
    await ann.page_script.presses("enter")
    await ann.composer.waits_for_text("/invite Bob Lee ")
    await ann.composer.waits_for_completions("/dm Bob Lee, bo", "Bob Lee*")
    await ann.composer.waits_for_completions("/dm Bob Lee hello bo")
    await ann.composer.waits_for_completions("/join g", "Garden*")
    await ann.composer.clicks_completion("Garden")
    await ann.composer.waits_for_text("/join Garden")
    await ann.composer.waits_for_completions("/me likes @bo", "Bob Lee*")
    await ann.composer.types("/help")
    await ann.until(
        lambda: not ann.composer.completions and not ann.page_script.captures_completion_keys
    )


@pytest.mark.parametrize(
    ("typed", "arguments"),
    [
        ('"Lunch?" "Soup" "Salad"', ["Lunch?", "Soup", "Salad"]),
        ("“Lunch?” “Soup”“Salad”", ["Lunch?", "Soup", "Salad"]),
        ("「午饭？」「汤」 沙拉", ["午饭？", "汤", "沙拉"]),
        ("『a b』 «c d» „e f“ ＂g h＂ 《i》", ["a b", "c d", "e f", "g h", "i"]),
        (r'"say \"hi\"" "c:\\"', ['say "hi"', "c:\\"]),
        ("Lunch? Soup Salad", ["Lunch?", "Soup", "Salad"]),
        ("Lunch today?\nSoup of the day\n\n Salad ", ["Lunch today?", "Soup of the day", "Salad"]),
        ("don't won't", ["don't", "won't"]),
        ('"" ""', ["", ""]),
        ("", []),
    ],
)
def test_arguments_split_on_quotes_of_any_style(typed: str, arguments: list[str]) -> None:
    assert split_arguments(typed) == arguments


@pytest.mark.parametrize("typed", ['"Lunch?', '"a" "b', '“a"', "「" * 5000, '"\\"', "a “b"])
def test_unclosed_quote_is_refused(typed: str) -> None:
    with pytest.raises(BadCommand, match="is not closed"):
        split_arguments(typed)


@pytest.mark.parametrize(
    ("text", "names", "rest"),
    [
        ("ann", ["ann"], ""),
        ("Ann Lee hello", ["ann lee"], "hello"),
        ("Ann, @Bob: Ann is here", ["ann", "bob"], "Ann is here"),
        ("“Ann Lee” Bob", ["ann lee", "bob"], ""),
        ("Anna", [], "Anna"),
        ("Ann, @Zed is not here", ["ann"], "@Zed is not here"),
        ("李雷，Bob 你好", ["李雷", "bob"], "你好"),
        ("", [], ""),
    ],
)
def test_leading_names_are_separated_from_the_message(
    text: str, names: list[str], rest: str
) -> None:
    people = [Person(n, name) for n, name in enumerate(("Ann", "Ann Lee", "Bob", "李雷"))]
    assert commands.parse_leading_names(text, people) == (names, rest)


@pytest.mark.parametrize("notation", ["", "d20", "2D6", "3d6 + 2", "20d1000-1000"])
def test_roll_stays_within_the_sides_of_its_dice(notation: str) -> None:
    dice = parse_dice(notation)
    for _ in range(50):
        *_, last = dice.roll().split(" = ")
        assert dice.count <= int(last) - dice.modifier <= dice.count * dice.sides


@pytest.mark.parametrize(
    "notation", ["0d6", "21d6", "2d1", "2d1001", "2d6+1001", "２d６", "d", "6"]
)
def test_invalid_dice_notation_is_refused(notation: str) -> None:
    with pytest.raises(BadCommand):
        parse_dice(notation)


def test_emote_is_recognised_by_its_command_prefix() -> None:
    assert parse_emote("/me waves") == parse_emote("/ME \n waves") == "waves"
    assert (
        parse_emote("/me")
        is parse_emote("/me  ")
        is parse_emote("/meow x")
        is parse_emote(" /me waves")
        is None
    )


def add_people_of_before(database_path: Path, *names: str) -> None:
    """Add people of one name, as an earlier version of the chat let them come in."""
    with closing(sqlite3.connect(database_path)) as database, database:
        for place, name in enumerate(names, 1):
            person = "INSERT INTO person (name, came_at, seen_at) VALUES (?, 1, ?) RETURNING id"
            (number,) = database.execute(person, (name, time.time_ns() // 1000)).fetchone()
            database.execute("INSERT INTO member (room, person) VALUES (1, ?)", (number,))
            keys = [(number, key, place) for key in look_alike_keys(name)]
            database.executemany("INSERT INTO name_key VALUES (?, ?, ?)", keys)


async def test_command_asks_which_one_of_several_people_of_a_name_is_meant(
    tmp_path: Path, new_user: NewUser, chat: ChatServer
) -> None:
    add_people_of_before(tmp_path / "data" / "chat.db", "Ann Lee", "ann LEE")
    await new_user("Ann")
    bob = await new_user("Bob")
    _, second = (await chat.workspace.all_people())[:2]
    chat.workspace.presence.session_connected(second, "tab")
    asks = "2 people are called Ann Lee. Write Ann Lee#1, Ann Lee#2. Here now: Ann Lee#2."
    await bob.rooms_dialog.creates_room("Nest", private=True)
    for typed in ("/dm Ann Lee", "/dm @ann lee hello", "/dm Ann, “ANN LEE”", "/invite Ann Lee"):
        await assert_refused(bob, typed, asks)
    await bob.composer.posts("/invite Ann Lee#1")
    await bob.timeline.waits_for_message("Bob invited Ann Lee.")
    await bob.composer.posts("/invite @ann lee#2")
    await bob.timeline.waits_for_message("Bob invited ann LEE.")
    await bob.sidebar.goes_to("ann LEE, Ann", bob.composer.posts("/dm ann lee#2, Ann: hello"))
    await assert_refused(bob, "/dm Ann Lee#3", asks)
    chat.workspace.presence.remove(second)
    await assert_refused(bob, "/dm Ann Lee", "none of them is here now")


async def test_people_whose_names_look_alike_are_told_apart_by_a_number(
    tmp_path: Path, new_user: NewUser
) -> None:
    add_people_of_before(tmp_path / "data" / "chat.db", "Mary", "rnary")
    bob = await new_user("Bob")
    await assert_refused(bob, "/dm mary hello", "2 people are called Mary")
    await bob.composer.posts("/dm Mary#2: hello #2")
    await bob.until(lambda: bob.header.title == "rnary")
    await bob.timeline.waits_for_message("hello #2")


def test_more_names_than_a_conversation_has_are_text() -> None:
    people = [Person(number, f"P{number}") for number in range(1_600)]
    text = ", ".join(each.name for each in people)
    names, rest = commands.parse_leading_names(text, people)
    assert names == [f"p{number}" for number in range(commands.MAX_NAMES)]
    assert rest.startswith(f"P{commands.MAX_NAMES}")
