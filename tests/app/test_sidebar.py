"""The sidebar: its sections and their order, folds, favourites, drafts, the filter and the menu."""

import pytest

from chat.people.presence import PresenceTimings
from chat.server.app import ChatServer
from chat.ui.sidebar.sidebar import FILTER_FROM
from chat.workspace.timings import Timings
from tests.conftest import NewUser
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until

PHONE_WIDTH = 390


async def opens_all(user: ChatUser, *titles: str) -> None:
    """Create these rooms, and return to the lobby."""
    for title in titles:
        await user.rooms_dialog.creates_room(title)
    await user.sidebar.opens_room("Lobby")


async def test_unread_rooms_come_first_and_stay_until_another_room_is_opened(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await opens_all(ann, "Attic", "Cellar", "Garden")
    read = ["DIRECT MESSAGES", "ROOMS", "Lobby", "Attic", "Cellar", "Garden"]
    assert ann.sidebar.lines == read
    await bob.rooms_dialog.joins_room("Garden")
    await bob.composer.posts("roses")
    unread = ["UNREAD", "Garden", "DIRECT MESSAGES", "ROOMS", "Lobby", "Attic", "Cellar"]
    await ann.until(lambda: ann.sidebar.lines == unread)
    assert ann.sidebar.rooms["Garden"] == "1"
    await ann.sidebar.opens_room("Garden")
    await ann.until(lambda: ann.sidebar.rooms["Garden"] == "")
    assert ann.sidebar.lines == unread
    await ann.sidebar.opens_room("Attic")
    await ann.until(lambda: ann.sidebar.lines == read)
    # What calls the person is above what does not.
    await bob.composer.posts("lilies")
    await bob.rooms_dialog.joins_room("Cellar")
    await bob.composer.posts("@Ann wine")
    await bob.composer.posts("/dm Ann: hello")
    await ann.until(
        lambda: ann.sidebar.lines[:5] == ["UNREAD", "Bob", "Cellar", "Garden", "DIRECT MESSAGES"]
    )
    tab = await new_user(like=ann, path=ann.address_bar)
    await wait_until(lambda: tab.sidebar.lines == ann.sidebar.lines)


async def test_pills_count_unread_rooms_beyond_the_edges_and_scroll_to_them(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    titles = [f"Room {number:02}" for number in range(18)]
    await opens_all(ann, *titles)
    assert ann.sidebar.pills == []
    for title in titles:
        await bob.rooms_dialog.joins_room(title)
        await bob.composer.posts("hello")
    # The list is 588 pixels high: the heading has 38 of them, each room 36.
    await ann.until(lambda: ann.sidebar.pills == ["3 unread"])
    await ann.sidebar.clicks_pill(1)
    await ann.until(lambda: ann.sidebar.pills and "scroll_to" in ann.invoked_methods)
    await ann.reports_scroll(ann.sidebar.list_control, 400, 600)
    await ann.until(lambda: ann.sidebar.pills == ["10 unread"])
    # A room of which the half is visible does not count.
    await ann.reports_scroll(ann.sidebar.list_control, 60, 600)
    await ann.until(lambda: ann.sidebar.pills == ["1 unread", "1 unread"])
    await ann.sidebar.types_filter("room")
    await ann.until(lambda: ann.sidebar.pills == [])
    # A forged event changes nothing.
    for data in ({"pixels": "x"}, {"pixels": float("nan"), "viewport_dimension": 1.0}, None):
        await ann.fires(ann.sidebar.list_control, "scroll", data)
    await ann.composer.posts("still here")


async def test_threads_that_a_person_follows_are_listed_by_their_last_message(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    for text in ("first", "second"):
        await ann.composer.posts(text)
        await ann.opens_thread(text)
        await ann.composer.posts(f"about the {text}")
        await ann.sidebar.opens_room("Lobby")
    threads = ["THREADS", "second", "first", "DIRECT MESSAGES", "ROOMS", "Lobby"]
    await ann.until(lambda: ann.sidebar.lines == threads)
    # A reply brings a thread to the top, in this tab and in one that is opened later.
    await ann.sidebar.clicks_room("first")
    await ann.timeline.waits_for_message("about the first")
    await ann.composer.posts("more about the first")
    await ann.sidebar.opens_room("Lobby")
    await ann.until(lambda: ann.sidebar.lines[:3] == ["THREADS", "first", "second"])
    tab = await new_user(like=ann)
    await tab.until(lambda: tab.sidebar.lines[:3] == ["THREADS", "first", "second"])
    await bob.timeline.waits_for_message("second")
    await bob.opens_thread("second")
    await bob.composer.posts("yes")
    await ann.until(lambda: ann.sidebar.lines[:4] == ["UNREAD", "second", "THREADS", "first"])
    await ann.sidebar.chooses("second", "Stop following this thread")
    await ann.sidebar.waits_until_room_gone("second")


@pytest.mark.parametrize("width", [1280, PHONE_WIDTH], ids=["wide", "phone"])
async def test_menu_of_a_room_marks_read_mutes_and_leaves(new_user: NewUser, width: float) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob", width=width)
    await opens_all(ann, "Garden")
    await bob.rooms_dialog.joins_room("Garden")
    await bob.sidebar.opens_room("Lobby")
    await ann.sidebar.opens_room("Garden")
    await ann.composer.posts("@Bob roses")
    await bob.sidebar.waits_for_room("Garden", "1!")
    await bob.sidebar.chooses("Garden", "Mark as read")
    await bob.sidebar.waits_for_room("Garden", "")
    await bob.sidebar.chooses("Garden", "Mute")
    await bob.sidebar.waits_for_room("Garden", "muted")
    await bob.sidebar.chooses("Garden", "Unmute")
    await bob.sidebar.waits_for_room("Garden", "")
    await bob.sidebar.opens_menu("Lobby")
    await bob.until(lambda: bob.sidebar.menu == ["Add to favourites", "Mute", "Webhooks"])
    bob.invoked_methods.clear()
    await bob.sidebar.chooses("Garden", "Leave this room")
    await bob.sidebar.waits_until_room_gone("Garden")
    assert bob.header.title == "Lobby"
    await bob.until(lambda: bob.snackbar.texts == ["You left Garden."])
    # The drawer of a phone covers snackbars.
    assert ("close_drawer" in bob.invoked_methods) == (width == PHONE_WIDTH)
    await bob.snackbar.undoes()
    await bob.sidebar.waits_for_room("Garden")
    await ann.composer.posts("/dm Bob: hello")
    await bob.sidebar.waits_for_room("Ann", "1!")
    await bob.sidebar.chooses("Ann", "Close this conversation")
    await bob.sidebar.waits_until_room_gone("Ann")
    # Where Bob is stays on the screen.
    assert bob.header.title == "Garden"


async def test_menu_is_closed_in_a_page_that_is_loaded_again(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Garden")
    await ann.composer.posts("hello")
    await ann.sidebar.opens_menu("Garden")
    await ann.reloads("/room/garden")
    await ann.until(lambda: ann.sidebar.has_opened("Garden"))
    await ann.until(lambda: not ann.dialog.is_open)
    # What is written in a dialog is still there.
    await ann.clicks("Search messages")
    await ann.search_dialog.types("hel")
    await ann.reloads("/room/garden")
    await ann.until(lambda: ann.dialog.is_open)


async def test_favourites_are_first_and_stay_there_when_unread_or_folded(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await opens_all(ann, "Attic", "Garden")
    tab = await new_user(like=ann)
    await ann.sidebar.chooses("Garden", "Add to favourites")
    favourites = ["FAVOURITES", "Garden", "DIRECT MESSAGES", "ROOMS", "Lobby", "Attic"]
    for each in (ann, tab):
        await each.waits_until(lambda user: user.sidebar.lines == favourites)
    await ann.sidebar.folds("Favourites")
    folded = ["FAVOURITES 1", "DIRECT MESSAGES", "ROOMS", "Lobby", "Attic"]
    for each in (ann, tab):
        await each.waits_until(lambda user: user.sidebar.lines == folded)
    await bob.rooms_dialog.joins_room("Garden")
    await bob.composer.posts("roses")
    for each in (ann, tab):
        await each.waits_until(lambda user: user.sidebar.lines == favourites)
    await ann.sidebar.chooses("Garden", "Mark as read")
    await ann.until(lambda: ann.sidebar.lines == folded)
    fresh = await new_user(like=ann)
    await fresh.until(lambda: fresh.sidebar.lines == folded)
    # A room on the screen is not hidden.
    await ann.quick_switcher.types("gard", "Garden")
    await ann.presses_enter(ann.find("TextField", hint_text="Go to a room or a person")[-1])
    await ann.until(lambda: ann.sidebar.lines == favourites)
    await ann.sidebar.folds("Favourites")
    await ann.sidebar.chooses("Garden", "Remove from favourites")
    await ann.until(lambda: "FAVOURITES" not in ann.sidebar.lines)


async def test_folds_do_not_touch_the_room_on_the_screen(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await opens_all(ann, "Garden")
    await ann.composer.posts("hello")
    await ann.composer.types("half a sen")
    received = len(ann.received)
    await ann.sidebar.folds("Rooms")
    await ann.until(lambda: ann.sidebar.lines == ["DIRECT MESSAGES", "ROOMS 1", "Lobby"])
    await ann.sidebar.folds("People")
    await ann.until(lambda: not ann.sidebar.online_people)
    bob = await new_user("Bob")
    await ann.waits_for_text("2")
    await ann.sidebar.folds("People")
    await ann.until(lambda: ann.sidebar.online_people == ["Ann", "Bob"])
    assert ann.composer.text == "half a sen"
    assert b"hello" not in ann.received[received:]
    assert bob.sidebar.lines == ["DIRECT MESSAGES", "ROOMS", "Lobby"]


@pytest.mark.parametrize(
    "timings",
    [Timings(presence=PresenceTimings(offline_delay=0.1, away_announce_interval=0.0))],
)
async def test_direct_conversation_shows_the_presence_of_the_other(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("/dm Bob: hello")
    await ann.until(lambda: ann.header.title == "Bob")
    await ann.until(lambda: ann.sidebar.presence("Bob") == "here")
    await bob.page_script.reports_visibility("background")
    await ann.until(lambda: ann.sidebar.presence("Bob") == "away")
    await bob.disconnects()
    await ann.until(lambda: ann.sidebar.presence("Bob") == "")


async def test_room_with_a_draft_is_marked_until_the_draft_is_sent(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await opens_all(ann, "Garden")
    tab = await new_user(like=ann, path="/room/garden")
    await ann.composer.types("to be sent")
    await tab.until(lambda: tab.sidebar.drafts == ["Lobby"])
    assert ann.sidebar.drafts == [], "the room on the screen shows the draft itself"
    await ann.sidebar.opens_room("Garden")
    await ann.until(lambda: ann.sidebar.drafts == ["Lobby"])
    await ann.sidebar.opens_room("Lobby")
    await ann.composer.waits_for_text("to be sent")
    await ann.composer.sends()
    await ann.timeline.waits_for_message("to be sent")
    await tab.until(lambda: tab.sidebar.drafts == [])
    await ann.sidebar.opens_room("Garden")
    await ann.until(lambda: ann.sidebar.drafts == [])


async def test_filter_from_a_number_of_rooms_on_finds_rooms_and_people(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, _ = await new_user("Ann"), await new_user("Olga Petrova")
    person = next(each for each in await chat.workspace.all_people() if each.name == "Ann")
    for n in range(FILTER_FROM - 2):
        await chat.workspace.rooms.create(person, f"Room {n}")
    await ann.sidebar.waits_for_room(f"Room {FILTER_FROM - 3}")
    assert not ann.find("TextField", hint_text="Filter")
    await chat.workspace.rooms.create(person, "ops-eu")
    await ann.waits_for_control("TextField", hint_text="Filter")
    await ann.sidebar.folds("Rooms")
    await ann.until(lambda: "ops-eu" not in ann.sidebar.rooms)
    await ann.sidebar.types_filter("ops e")
    await ann.until(lambda: ann.sidebar.lines == ["ROOMS", "ops-eu"])
    assert ann.sidebar.online_people == []
    await ann.sidebar.types_filter("op")
    await ann.until(lambda: ann.sidebar.online_people == ["Olga Petrova"])
    await ann.sidebar.types_filter("nobody")
    await ann.waits_for_text("No room and nobody is called so.")
    await ann.page_script.presses("escape outside of the field")
    await ann.until(lambda: ann.sidebar.lines == ["DIRECT MESSAGES", "ROOMS 14", "Lobby"])
    assert ann.find("TextField", hint_text="Filter")[-1]["value"] == ""
    await ann.sidebar.types_filter("opse")
    await ann.until(lambda: ann.sidebar.lines == ["ROOMS", "ops-eu"])
    await ann.presses_enter(ann.find("TextField", hint_text="Filter")[-1])
    await ann.until(lambda: ann.header.title == "ops-eu")
    await ann.until(lambda: "ROOMS 14" in ann.sidebar.lines)


async def test_buttons_of_headings_begin_a_conversation_and_browse_rooms(new_user: NewUser) -> None:
    ann, _ = await new_user("Ann"), await new_user("Bob")
    await ann.sidebar.begins("Direct messages")
    await ann.until(lambda: ann.quick_switcher.titles == ["Bob"])
    await ann.dialog.chooses("Bob")
    await ann.until(lambda: ann.header.title == "Bob")
    await ann.sidebar.begins("Rooms")
    await ann.until(lambda: ann.dialog.is_open)


async def test_rooms_are_browsed_and_read_before_they_are_joined(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("ops-eu", "Servers in Europe")
    await ann.composer.posts("the racks are up")
    await ann.rooms_dialog.creates_room("Garden")
    texts = await bob.rooms_dialog.previews_room("ops-eu")
    assert {"Servers in Europe", "1 member  ·  active: Today", "the racks are up"} <= {*texts}
    await bob.clicks("Back")
    field = await bob.waits_for_control("TextField", hint_text="Filter rooms")
    for typed, titles in (("ops e", ["ops-eu"]), ("zzz", []), ("", ["Garden", "Lobby", "ops-eu"])):
        await bob.fills(field, typed)
        await bob.fires(field, "change", typed)
        await bob.until(lambda titles=titles: bob.rooms_dialog.titles == titles)  # type: ignore[misc]
    await bob.fills(field, "ops e")
    await bob.fires(field, "change", "ops e")
    await bob.until(lambda: bob.rooms_dialog.titles == ["ops-eu"])
    await bob.presses_enter(field)
    await bob.until(lambda: bob.find("FilledButton", content="Join"))
    assert "ops-eu" not in bob.sidebar.rooms
    await bob.clicks("Join")
    await bob.until(lambda: bob.sidebar.has_opened("ops-eu"))
    await ann.sidebar.opens_room("ops-eu")
    await ann.timeline.waits_for_message("Bob has joined the room.")


async def test_last_choice_of_the_quick_switcher_searches_the_messages(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await opens_all(ann, "ops-eu")
    await ann.composer.posts("roses are red")
    await ann.quick_switcher.types("ops e", "ops-eu")
    await ann.quick_switcher.types("roses")
    assert ann.quick_switcher.titles == ["Search messages for “roses”"]
    await ann.presses_enter(ann.find("TextField", hint_text="Go to a room or a person")[-1])
    await ann.waits_for_control("TextField", hint_text="Search messages", value="roses")
    await ann.until(lambda: ann.search_dialog.results == ["roses are red"])


async def test_forged_events_of_the_room_list_are_ignored(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await opens_all(ann, "Garden")
    detector = ann.find("GestureDetector", on_long_press_start=True)[0]
    for data in (None, {}, {"g": {"x": "far", "y": 1}}, {"g": {"x": float("nan"), "y": 1}}):
        await ann.fires(detector, "long_press_start", data)
    # Behind the headings, whose clicks fold a section.
    for control_id in range(0xF802_1000, 0xF802_3000, 511):
        await ann.fires({"_i": control_id}, "click")
    await ann.sidebar.chooses("Garden", "Mute")
    await ann.sidebar.waits_for_room("Garden", "muted")
    assert not ann.crashes
