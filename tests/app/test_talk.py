"""What a timeline adds to its messages: mentions, folded events, times, marks that fade."""

from datetime import UTC, datetime

import flet as ft

from chat.model.messages import Message, MessageKind
from chat.model.people import Person
from chat.model.preferences import Density, LineLength
from chat.rooms.call_confirmations import MANY_PEOPLE
from chat.rooms.directory import LOBBY
from chat.server.app import ChatServer
from chat.ui.rows.message import message_row
from chat.ui.theme.density import METRICS
from chat.ui.timeline.history_window import MAX_ROWS
from chat.ui.timeline.hover_toolbar import QUICK_REACTIONS
from chat.ui.viewer import ViewerContext
from tests.app.test_rooms_on_screen import assert_same_as_fresh_tab
from tests.conftest import NewUser
from tests.harness.control_tree import Control, find_all, texts_of, without_marks
from tests.harness.domain import sign_in
from tests.harness.user import ChatUser
from tests.unit.test_markup import all_controls


def colours(user: ChatUser, text: str) -> dict[str, str]:
    """The parts of a text that have a background, with its colour."""
    spans = find_all("TextSpan", user.timeline.row(text))
    return {
        without_marks(str(each["text"])): each["style"]["bgcolor"]
        for each in spans
        if "bgcolor" in (each.get("style") or {})
    }


def bar_of(user: ChatUser, text: str) -> object:
    """The colour of the bar at the left edge of a row."""
    borders = [each.get("border") for each in find_all("Container", user.timeline.row(text))]
    return next((each["left"]["color"] for each in borders if each and "left" in each), None)


def text_width(text: str, line_length: LineLength) -> object:
    """The greatest width of a text in a row."""

    async def ignore_click(number: int, part: int) -> None:
        pass

    message = Message(1, 1, Person(1, "Ann"), MessageKind.TEXT, text, datetime.now(UTC), 1)
    viewer = ViewerContext(metrics=METRICS[Density.COMFORTABLE, line_length])
    controls = all_controls(message_row(message, message, viewer, ignore_click))
    return next(each.width for each in controls if isinstance(each, ft.Column) and each.expand)


def test_lines_of_texts_are_readable_and_tables_are_as_wide_as_they_need() -> None:
    table = "| what | who |\n|---|---|\n| a projector and a long cable | Ben, and all others |"
    code = "```\n" + "x = 1 # the first of many values\n" * 4 + "```"
    readable, full = LineLength.READABLE, LineLength.FULL
    assert [text_width("many words " * 20, each) for each in (readable, full)] == [640, None]
    assert text_width("**many words** " * 20, readable) == 640
    assert text_width("- many words\n" * 20, readable) == 640
    assert [text_width(each, readable) for each in ("short", table, code)] == [None] * 3


async def test_mentions_are_marked_and_the_own_ones_strongly(new_user: NewUser) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem Kara")
    text = "@Bob, ask @Cem Kara or me@Bob.example, **not @Bob** and `@Bob`"
    await ann.composer.posts(text)
    shown = "@Bob, ask @Cem Kara or me@Bob.example, not @Bob and @Bob"
    for each in (ann, bob, cem):
        await each.timeline.waits_for_message(shown)
    code = {"@Bob": "surfacecontainerhigh"}
    strong, plain = "tertiary", "primarycontainer"
    assert colours(cem, shown) == {"@Bob": plain, "@Cem Kara": strong} | code
    assert colours(bob, shown) == {"@Bob": strong, "@Cem Kara": plain} | code
    assert colours(ann, shown) == {"@Bob": plain, "@Cem Kara": plain} | code
    assert (bar_of(ann, shown), bar_of(bob, shown)) == (None, "tertiary")
    await ann.composer.posts("@everyone come")
    await bob.timeline.waits_for_message("@everyone come")
    assert colours(bob, "@everyone come") == {"@everyone": strong}
    await ann.timeline.waits_for_message("@everyone come")
    assert colours(ann, "@everyone come") == {"@everyone": plain}
    await ann.composer.posts("@Nobody is @ home")
    await bob.timeline.waits_for_message("@Nobody is @ home")
    assert colours(bob, "@Nobody is @ home") == {}


async def test_mention_stays_marked_after_the_person_took_another_name(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("hello @Bob")
    await bob.timeline.waits_for_message("hello @Bob")
    await bob.composer.posts("/nick Robert")
    await ann.timeline.waits_for_message("Bob is called Robert now.")
    for each in (ann, await new_user(like=bob)):
        await each.timeline.waits_for_message("hello @Bob")
        assert list(colours(each, "hello @Bob")) == ["@Bob"]
    await assert_same_as_fresh_tab(new_user, ann, bob)


async def test_consecutive_events_are_one_line_that_unfolds(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("hello")
    bob, cem, dan = await new_user("Bob"), await new_user("Cem"), await new_user("Dan")
    line = "Bob, Cem and Dan have joined the chat."
    for each in (ann, bob, cem, dan):
        await each.timeline.waits_for_message(line)
        assert "Bob has joined the chat." not in each.timeline.texts
    await ann.timeline.clicks_in_message(line, line)
    await ann.until(lambda: "Bob has joined the chat." in " ".join(ann.timeline.texts))
    assert "Bob has joined the chat." not in " ".join(bob.timeline.texts)
    await ann.timeline.clicks_in_message(line, line)
    await ann.until(lambda: "Bob has joined the chat." not in " ".join(ann.timeline.texts))
    eve = await new_user("Eve")
    for each in (ann, eve):
        await each.timeline.waits_for_message("Bob, Cem and 2 others have joined the chat.")
    assert line not in ann.timeline.texts
    await bob.composer.posts("/nick Boris")
    await ann.timeline.waits_for_message("Boris, Cem and 2 others have joined the chat.")
    await assert_same_as_fresh_tab(new_user, ann, bob, eve)


async def test_events_leave_enough_rows_for_the_screen(chat: ChatServer, new_user: NewUser) -> None:
    ann = await new_user("Ann")
    for n in range(30):
        await ann.composer.posts(f"line {n}")
    await ann.timeline.waits_for_message("line 29")
    person = await chat.workspace.find_person("Ann")
    lobby = await chat.workspace.rooms.by_slug(person, LOBBY)
    for n in range(120):
        await lobby.post_system_message(person, MessageKind.INVITED, f"Guest {n}")
    await ann.timeline.waits_for_message("Ann invited Guest 0, Guest 1 and 118 others.")
    fresh = await new_user(like=ann)
    await fresh.timeline.waits_for_message("line 5")
    assert len(fresh.timeline.rows) <= 2 * MAX_ROWS
    assert fresh.timeline.texts.count("line 29") == 1


def address_of(user: ChatUser) -> str:
    """The page's address after the page script has replaced it."""
    return user.page_script.path


async def test_mark_of_a_linked_message_fades_and_the_address_is_that_of_the_room(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    for n in range(80):
        await ann.composer.posts(f"line {n}")
    await ann.timeline.waits_for_message("line 79")
    tab = await new_user(like=ann, path="/room/lobby/11")
    await tab.until(lambda: tab.timeline.is_target_row("line 9"))
    await tab.until(lambda: not tab.timeline.is_target_row("line 9"))
    await tab.until(lambda: address_of(tab) == "/room/lobby")
    # The place stays, also after a reload of the page with its new address.
    await tab.reloads("/room/lobby")
    await tab.timeline.waits_for_message("line 9")
    assert not tab.timeline.is_target_row("line 9")


async def test_words_of_a_search_are_marked_in_the_row(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("the red apple, and another Apple")
    await ann.timeline.waits_for_message("the red apple, and another Apple")
    await ann.search_dialog.opens()
    await ann.search_dialog.types("apple")
    await ann.until(lambda: ann.search_dialog.results)
    await ann.dialog.chooses("the red")

    def marked() -> list[str]:
        spans = [each for row in ann.timeline.rows for each in find_all("TextSpan", row)]
        return [
            str(each["text"])
            for each in spans
            if (each.get("style") or {}).get("bgcolor") == "tertiary"
        ]

    await ann.until(lambda: marked() == ["apple", "Apple"])
    await ann.until(lambda: not marked())
    await ann.timeline.waits_for_message("the red apple, and another Apple")


async def hovers(user: ChatUser, row: Control | None, y: float) -> None:
    """Move the mouse onto a row that begins at `y` in the window."""
    detector = find_all("GestureDetector", row)[0]
    data = {"g": {"x": 400.0, "y": y + 5}, "l": {"x": 100.0, "y": 5.0}}
    await user.fires(detector, "enter", data)


async def test_row_under_the_mouse_shows_when_it_was_sent(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("first")
    await ann.composer.posts("second")
    await ann.timeline.waits_for_message("second")
    time = next(each for each in ann.timeline.texts if each.count(":") == 1 and len(each) == 5)

    def labels() -> list[str]:
        return [str(each.get("value")) for each in ann.find("Text", size=11) if each.get("value")]

    def full_times() -> list[str]:
        stack = [each for each in ann.find("Container") if "React" in texts_of(each)]
        return [each for part in stack for each in texts_of(part) if each.endswith(f", {time}")]

    await hovers(ann, ann.timeline.row("second"), 400)
    await ann.until(lambda: time in labels() and full_times())
    await hovers(ann, ann.timeline.row("first"), 360)
    await ann.until(lambda: time not in labels() and full_times())


async def test_one_click_at_the_row_under_the_mouse_reacts_with_an_emoji_used_often(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("first")
    await ann.message_menu.reacts("first", "🎉")
    await ann.timeline.waits_for_reaction("first", "🎉")
    await ann.composer.posts("second")
    await hovers(ann, ann.timeline.row("second"), 400)

    def offered() -> list[Control]:
        bars = [each for each in ann.find("Row", right=16) if "React" in texts_of(each)]
        return [
            each
            for bar in bars
            for each in find_all("Container", bar)
            if str(each.get("tooltip")).startswith("React with")
        ]

    await ann.until(lambda: [each["tooltip"][-1] for each in offered()][:1] == ["🎉"])
    assert len(offered()) == QUICK_REACTIONS
    await ann.fires(offered()[0], "click")
    await ann.timeline.waits_for_reaction("second", "🎉")


async def test_toolbar_follows_to_the_row_below_it_when_the_mouse_leaves_it(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("first")
    await ann.composer.posts("second")
    await ann.timeline.waits_for_message("second")

    def tops() -> list[float]:
        return [each["top"] for each in ann.find("Row", right=16) if "React" in texts_of(each)]

    await hovers(ann, ann.timeline.row("first"), 360)
    await ann.until(tops)
    (top,) = tops()
    bar = [each for each in ann.find("Container", on_hover=True) if "React" in texts_of(each)][-1]
    # The toolbar reaches a little beyond its row, where the mouse enters the next one.
    await ann.fires(bar, "hover", True)
    await hovers(ann, ann.timeline.row("second"), 400)
    await ann.fires(bar, "hover", False)
    await ann.until(lambda: tops() and tops()[0] > top)


async def test_unread_line_stays_until_the_person_has_been_there(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden")
    await bob.rooms_dialog.joins_room("Garden")
    await bob.sidebar.opens_room("Lobby")
    for n in range(40):
        await ann.composer.posts(f"rose {n}")
    await bob.sidebar.waits_for_room("Garden", "40")
    await bob.sidebar.opens_room("Garden")
    await bob.timeline.waits_for_message("rose 39")

    def button() -> str:
        return next((each for each in texts_of(bob.root) if "new messages above" in each), "")

    await bob.until(lambda: button().startswith("40 new messages above, since "))
    await bob.reloads("/room/garden")
    await bob.until(lambda: bob.sidebar.has_opened("Garden") and button())
    assert bob.timeline.unread_begins_at("rose 0")
    tab = await new_user(like=bob, path="/room/garden")
    await tab.timeline.waits_for_message("rose 39")
    assert tab.timeline.unread_begins_at("rose 0")
    await bob.clicks("Do not show them")
    await bob.until(lambda: not button())
    await bob.sidebar.opens_room("Lobby")
    await bob.sidebar.opens_room("Garden")
    await bob.timeline.waits_for_message("rose 39")
    assert "New messages" not in bob.timeline.texts


async def test_escape_takes_the_button_to_unread_messages_away(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden")
    await bob.rooms_dialog.joins_room("Garden")
    await bob.sidebar.opens_room("Lobby")
    for n in range(40):
        await ann.composer.posts(f"rose {n}")
    await bob.sidebar.waits_for_room("Garden", "40")
    await bob.sidebar.opens_room("Garden")
    await bob.waits_for_partial_text("40 new messages above")
    await bob.page_script.presses("escape")
    await bob.until(lambda: "40 new messages above" not in " ".join(texts_of(bob.root)))


async def test_button_to_unread_messages_is_that_of_the_room_on_the_screen(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden")
    await bob.rooms_dialog.joins_room("Garden")
    await bob.sidebar.opens_room("Lobby")
    for n in range(40):
        await ann.composer.posts(f"rose {n}")
    await bob.sidebar.waits_for_room("Garden", "40")
    await bob.sidebar.opens_room("Garden")
    await bob.waits_for_partial_text("40 new messages above")
    await bob.sidebar.opens_room("Lobby")
    await bob.until(lambda: not bob.sees_partial("new messages above"))
    await bob.sidebar.opens_room("Garden")
    await bob.waits_for_partial_text("40 new messages above")


async def test_message_that_calls_many_people_is_sent_after_a_question(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    await sign_in(chat.workspace, *(f"Guest {n}" for n in range(MANY_PEOPLE)))
    await ann.until(lambda: "and 19 others have joined" in " ".join(ann.timeline.texts))
    await ann.composer.types("@everyone, lunch is here")
    await ann.composer.sends()
    await ann.waits_for_text(f"Call {MANY_PEOPLE} people?")
    assert ann.composer.text == "@everyone, lunch is here"
    await ann.dialog.clicks("Send")
    await ann.timeline.waits_for_message("@everyone, lunch is here")
    await ann.composer.waits_for_text("")
