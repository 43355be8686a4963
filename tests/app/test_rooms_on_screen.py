"""Rooms on the screen: creating, finding, joining, changing and leaving them, and switching."""

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest

from chat.errors import NoSuchRoom
from chat.model.people import Person
from chat.model.rooms import RoomId
from chat.people.presence import PresenceTimings
from chat.rooms.room import Room
from chat.rooms.typing_status import TypingTimings
from chat.server.app import ChatServer
from chat.workspace.timings import Timings
from tests.conftest import NewUser
from tests.harness.control_tree import texts_of
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until

NO_SUCH_ROOM = str(NoSuchRoom())


async def assert_same_as_fresh_tab(new_user: NewUser, *people: ChatUser) -> None:
    """Each person sees the same as in a new tab at the same address."""
    for person in people:
        tab = await new_user(like=person, path=person.address_bar)
        await tab.waits_until_same_screen_as(person)
        await tab.disconnects()


async def test_public_room_is_created_browsed_joined_and_left(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden", "Roses and slugs")
    await ann.until(lambda: ann.sidebar.selected_room == "Garden")
    assert (ann.address_bar, ann.header.topic) == ("/room/garden", "Roses and slugs")
    assert "Garden" not in bob.sidebar.rooms
    assert await bob.rooms_dialog.lists_rooms() == ["Garden", "Lobby"]
    await bob.rooms_dialog.joins_room("Garden")
    for person in (ann, bob):
        await person.timeline.waits_for_message("Bob has joined the room.")
        assert person.timeline.texts_without_divider[-2:] == [
            "Ann made this room.",
            "Bob has joined the room.",
        ]
        await person.waits_until(lambda user: user.sidebar.rooms.keys() == {"Lobby", "Garden"})
    await bob.composer.posts("hello")
    await ann.timeline.waits_for_message("hello")
    await assert_same_as_fresh_tab(new_user, ann, bob)
    await bob.room_dialog.opens()
    await bob.dialog.clicks("Leave this room")
    await bob.until(lambda: bob.header.title == "Lobby" and bob.address_bar == "/room/lobby")
    await bob.sidebar.waits_until_room_gone("Garden")
    await ann.timeline.waits_for_message("Bob has left the room.")
    await assert_same_as_fresh_tab(new_user, ann, bob)


async def test_private_room_is_invisible_until_invited_and_after_leaving(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    cem = await new_user("Cem")
    await ann.rooms_dialog.creates_room("Nest", private=True)
    await ann.composer.posts("only us")
    nest_path = ann.address_bar
    assert await bob.rooms_dialog.lists_rooms() == ["Lobby"]
    await bob.quick_switcher.types("nest")
    await bob.quick_switcher.types("lob", "Lobby")
    await bob.dialog.dismisses()
    await ann.room_dialog.invites("Bob")
    await bob.sidebar.opens_room("Nest")
    assert "only us" in bob.timeline.texts
    await bob.timeline.waits_for_message("Ann invited Bob.")
    await ann.room_dialog.opens()
    await ann.waits_for_text("2 in this room")
    await ann.dialog.closes()
    for command, reason in (("/invite bob", "Bob is in this room"), ("/invite Dan", "Nobody here")):
        await ann.composer.types(command)
        await ann.composer.sends()
        await ann.waits_for_partial_text(reason)
    await ann.composer.types("")
    await assert_same_as_fresh_tab(new_user, ann, bob, cem)
    assert cem.sidebar.rooms == {"Lobby": ""}
    await bob.room_dialog.leaves_private_room()
    await bob.until(lambda: bob.header.title == "Lobby")
    await bob.reloads(nest_path)
    await bob.snackbar.waits_for(NO_SUCH_ROOM)
    await bob.until(lambda: bob.sidebar.has_opened("Lobby"))


async def test_arrow_keys_select_a_target_in_the_quick_switcher(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    for title in ("Garden", "Gallery"):
        await ann.rooms_dialog.creates_room(title)
    await ann.quick_switcher.types("ga", "Gallery", "Garden")
    await ann.until(lambda: ann.page_script.captures_list_arrows)
    await ann.page_script.presses("list down")
    await ann.until(lambda: ann.dialog.selected_items == ["Garden"])
    # The last choice is to search the messages; the list wraps around.
    await ann.page_script.presses("list down")
    search = ["Search messages for “ga”"]
    await ann.until(lambda: ann.dialog.selected_items == search)
    await ann.page_script.presses("list down")
    await ann.until(lambda: ann.dialog.selected_items == ["Gallery"])
    await ann.page_script.presses("list up")
    await ann.until(lambda: ann.dialog.selected_items == search)
    # A changed query selects the first target again.
    await ann.quick_switcher.types("gar", "Garden", "Gallery")
    await ann.quick_switcher.types("g", "Gallery", "Garden")
    assert ann.dialog.selected_items == ["Gallery"]
    await ann.page_script.presses("list down")
    await ann.until(lambda: ann.dialog.selected_items == ["Garden"])
    await ann.presses_enter(ann.find("TextField", hint_text="Go to a room or a person")[-1])
    await ann.until(lambda: ann.sidebar.has_opened("Garden") and not ann.dialog.is_open)
    await ann.until(lambda: not ann.page_script.captures_list_arrows)
    # The closed switcher ignores arrows. A second Ctrl+K opens no second switcher.
    await ann.page_script.presses("list up")
    await ann.page_script.presses("quick switcher")
    await ann.until(lambda: ann.dialog.selected_items == ["Gallery"])
    await ann.page_script.presses("quick switcher")
    await ann.page_script.presses("list down")
    await ann.until(
        lambda: ann.dialog.selected_items == ["Garden"] and ann.page_script.captures_list_arrows
    )
    assert len(ann.find("TextField", hint_text="Go to a room or a person")) == 1


async def test_rename_button_is_enabled_after_the_name_changes(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Garden")
    await ann.room_dialog.opens()
    # The name is read first.
    assert not ann.find("TextField", label="Name")
    field = await ann.room_dialog.edits("Name")
    assert field["suffix"]["disabled"]
    await ann.fills(field, "Roses")
    await ann.fires(field, "change", "Roses")
    await ann.until(lambda: not field["suffix"]["disabled"])
    await ann.fires(field["suffix"], "click")
    await ann.until(lambda: ann.header.title == "Roses" and not ann.dialog.is_open)


async def test_rename_topic_archive_and_reopen_update_every_member(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.rooms_dialog.creates_room("Kitchen")
    await ann.rooms_dialog.joins_room("Kitchen")
    cem = await new_user("Cem")
    await cem.rooms_dialog.joins_room("Kitchen")
    await cem.sidebar.opens_room("Lobby")
    everyone = (ann, bob, cem)
    await bob.room_dialog.submits_field("Name", "Cantina")
    for person in everyone:
        await person.sidebar.waits_for_room("Cantina")
        await person.sidebar.waits_until_room_gone("Kitchen")
    await ann.until(lambda: ann.header.title == "Cantina" == ann.sidebar.selected_room)
    await ann.timeline.waits_for_message("Bob renamed the room to “Cantina”.")
    await ann.room_dialog.submits_field("Topic", "What there is")
    await bob.until(lambda: bob.header.topic == "What there is")
    await ann.until(lambda: not ann.dialog.is_open)
    # Cem is neither the owner nor the creator of the room: he is no moderator.
    await cem.sidebar.opens_room("Cantina")
    await cem.room_dialog.opens()
    await cem.until(lambda: "Change the topic" in texts_of(cem.dialog.control))
    assert "Change the name" not in texts_of(cem.dialog.control)
    assert not cem.sees("Archive this room")
    await cem.dialog.closes()
    await ann.room_dialog.opens()
    await ann.dialog.clicks("Archive this room")
    for person in everyone:
        await person.waits_until_read_only()
    await assert_same_as_fresh_tab(new_user, *everyone)
    await cem.sidebar.opens_room("Lobby")
    await cem.sidebar.waits_until_room_gone("Cantina")
    await cem.waits_until_writable()
    await bob.room_dialog.opens()
    await bob.dialog.clicks("Reopen this room")
    for person in (ann, bob):
        await person.waits_until_writable()
    await cem.sidebar.waits_for_room("Cantina")
    await bob.composer.posts("open again")
    await ann.timeline.waits_for_message("open again")
    await assert_same_as_fresh_tab(new_user, *everyone)


async def test_refused_room_title_stays_in_the_field_with_an_error(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Garden")
    for title, reason in (
        ("garden", "How about"),
        (" ", "cannot be blank"),
        ("x" * 41, "too long"),
    ):
        await ann.rooms_dialog.tries_to_create_room(title)
        await ann.waits_for_partial_text(reason)
        assert ann.find("TextField", label="Name of a new room")[-1]["value"] == title
        await ann.dialog.closes()
    assert ann.sidebar.rooms.keys() == {"Lobby", "Garden"}


async def test_direct_conversation_is_visible_to_its_two_members_only(new_user: NewUser) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.sidebar.opens_direct_conversation("Bob")
    assert ann.header.topic == ""
    opening = "This is the beginning of your conversation with Bob."
    assert ann.timeline.texts == ["B", "Bob", opening]
    await ann.composer.posts("between us")
    await bob.sidebar.waits_for_room("Ann", "1!")
    await bob.sidebar.opens_room("Ann")
    assert bob.timeline.texts[-1] == "between us"
    await bob.composer.posts("yes")
    await ann.timeline.waits_for_message("yes")
    await assert_same_as_fresh_tab(new_user, ann, bob)
    assert cem.sidebar.rooms == {"Lobby": ""}
    await cem.reloads("/dm/ann")
    await cem.timeline.waits_for_message("This is the beginning of your conversation with Ann.")
    assert "between us" not in cem.timeline.texts
    await cem.reloads(bob.address_bar)
    await cem.snackbar.waits_for(NO_SUCH_ROOM)
    await cem.until(lambda: cem.sidebar.has_opened("Lobby"))


async def test_adding_a_third_person_opens_a_new_conversation(new_user: NewUser) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.sidebar.opens_direct_conversation("Bob")
    await ann.composer.posts("between us")
    await ann.room_dialog.submits_field("Talk with these and somebody else, by name", "Dan")
    # At the field that it is about.
    error = "Nobody here is called Dan. Look for them under People."
    await ann.until(lambda: ann.find("TextField", error=error, value="Dan"))
    await ann.dialog.closes()
    await ann.room_dialog.submits_field("Talk with these and somebody else, by name", "cem")
    await ann.until(lambda: ann.header.title == "Bob, Cem" and not ann.dialog.is_open)
    opening = "This is the beginning of your conversation with Bob, Cem."
    await ann.until(lambda: ann.timeline.texts == ["B", "C", "Bob, Cem", opening])
    await ann.composer.posts("all three")
    for person, title in ((bob, "Ann, Cem"), (cem, "Ann, Bob")):
        await person.sidebar.waits_for_room(title, "1!")
        await person.sidebar.opens_room(title)
        assert person.timeline.texts[-1] == "all three"
    assert cem.sidebar.rooms.keys() == {"Lobby", "Ann, Bob"}
    await assert_same_as_fresh_tab(new_user, ann, bob, cem)


async def test_unknown_or_forbidden_url_shows_an_error_and_the_lobby(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Nest", private=True)
    await ann.composer.posts("hush")
    nest = ann.address_bar
    await ann.opens_thread("hush")
    for path in (nest, f"{nest}/1", "/room/none", ann.address_bar, "/room/dm-1-3"):
        await bob.reloads(path)
        await bob.snackbar.waits_for(NO_SUCH_ROOM)
        await bob.until(lambda: bob.sidebar.has_opened("Lobby") and bob.address_bar == "/")
    await bob.reloads("/dm/Nobody")
    await bob.snackbar.waits_for("Nobody here is called Nobody.")
    await bob.until(lambda: bob.sidebar.has_opened("Lobby"))
    await bob.composer.posts("still here")


async def test_drafts_are_kept_per_room(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Garden")
    await ann.composer.types("about roses")
    await ann.sidebar.opens_room("Lobby")
    assert ann.composer.text == ""
    await ann.composer.types("about nothing")
    await ann.sidebar.opens_room("Garden")
    await ann.composer.waits_for_text("about roses")
    tab = await new_user(like=ann)
    await tab.composer.waits_for_text("about nothing")
    await tab.sidebar.opens_room("Garden")
    await tab.composer.waits_for_text("about roses")
    await ann.reloads("/room/garden")
    await ann.composer.waits_for_text("about roses")
    await ann.composer.sends()
    await ann.timeline.waits_for_message("about roses")
    await ann.composer.waits_for_text("")
    await ann.sidebar.opens_room("Lobby")
    await ann.composer.waits_for_text("about nothing")
    await ann.sidebar.opens_room("Garden")
    assert ann.composer.text == ""


async def test_message_sent_just_before_a_room_switch_goes_to_the_old_room(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden")
    await bob.rooms_dialog.joins_room("Garden")
    for n in range(5):
        old_room, new_room = ("Garden", "Lobby") if n % 2 == 0 else ("Lobby", "Garden")
        await ann.composer.types(f"to {old_room} {n}")
        await ann.composer.sends()
        await ann.sidebar.opens_room(new_room)
        assert f"to {old_room} {n}" not in ann.timeline.texts
    await ann.composer.waits_for_text("")
    await ann.sidebar.opens_room("Garden")
    await bob.timeline.waits_for_message("to Garden 4")
    assert [t for t in bob.timeline.texts if t.startswith("to ")] == [
        f"to Garden {n}" for n in (0, 2, 4)
    ]
    assert ann.composer.text == ""
    await bob.sidebar.opens_room("Lobby")
    assert [t for t in bob.timeline.texts if t.startswith("to ")] == [
        f"to Lobby {n}" for n in (1, 3)
    ]
    await assert_same_as_fresh_tab(new_user, ann, bob)


async def test_rapid_room_switching_during_message_bursts_ends_in_the_right_room(
    new_user: NewUser,
) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.rooms_dialog.creates_room("Garden")
    await bob.rooms_dialog.joins_room("Garden")
    await cem.rooms_dialog.joins_room("Garden")
    await ann.sidebar.opens_room("Lobby")

    async def post_lines(person: ChatUser, name: str) -> None:
        for n in range(25):
            await person.composer.posts(f"{name} {n}")

    posting = asyncio.gather(post_lines(ann, "lobby"), post_lines(bob, "garden"))
    for _ in range(10):
        # The clicks do not wait for the rooms to open.
        for title in ("Lobby", "Garden", "Lobby", "Garden"):
            await cem.sidebar.clicks_room(title)
        await cem.until(lambda: cem.sidebar.has_opened("Garden"))
    await posting
    await cem.timeline.waits_for_message("garden 24")
    assert [t for t in cem.timeline.texts if t[:6] in {"lobby ", "garden"}] == [
        f"garden {n}" for n in range(25)
    ]
    await cem.until(lambda: cem.address_bar == "/room/garden")
    # (Cem's own screen has a divider where they left the room before.)
    await assert_same_as_fresh_tab(new_user, bob)
    await cem.sidebar.opens_room("Lobby")
    assert [t for t in cem.timeline.texts if t.startswith("lobby")] == [
        f"lobby {n}" for n in range(25)
    ]
    await assert_same_as_fresh_tab(new_user, ann)


@pytest.mark.parametrize("slow", ["room", "direct conversation"])
async def test_last_of_two_clicks_wins_though_the_first_room_is_found_later(
    new_user: NewUser, chat: ChatServer, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    ann, _ = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden")
    await ann.rooms_dialog.creates_room("Shed")
    rooms, found = chat.workspace.rooms, asyncio.Event()
    by_id, get_or_create_direct = rooms.by_id, rooms.get_or_create_direct

    async def find_slowly(person: Person, room_id: RoomId) -> Room:
        room = await by_id(person, room_id)
        if room.info.title == "Lobby":
            await found.wait()
        return room

    async def find_direct_slowly(person: Person, others: Sequence[Person]) -> Room:
        await found.wait()
        return await get_or_create_direct(person, others)

    monkeypatch.setattr(rooms, "by_id", find_slowly)
    monkeypatch.setattr(rooms, "get_or_create_direct", find_direct_slowly)
    if slow == "room":
        await ann.sidebar.clicks_room("Lobby")
    else:
        await ann.sidebar.clicks_person("Bob")
        await ann.clicks("Message")
    await ann.sidebar.opens_room("Garden")
    found.set()
    await ann.composer.posts("here")
    await ann.timeline.waits_for_message("here")
    await asyncio.sleep(0.1)
    assert ann.address_bar == "/room/garden"
    assert ann.header.title == "Garden"


async def test_back_button_returns_to_the_previous_room(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Garden")
    await ann.composer.posts("rose")
    await ann.rooms_dialog.creates_room("Shed")
    await ann.goes_back()
    await ann.until(lambda: ann.sidebar.has_opened("Garden"))
    await ann.timeline.waits_for_message("rose")
    await ann.goes_back()
    await ann.until(lambda: ann.sidebar.has_opened("Lobby"))
    assert ann.address_bar == "/"


@pytest.mark.parametrize(
    "timings", [Timings(typing=TypingTimings(timeout=0.5, announce_interval=0.0))]
)
async def test_typing_indicator_shows_to_others_in_the_room_and_expires(new_user: NewUser) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.rooms_dialog.creates_room("Garden")
    await cem.rooms_dialog.joins_room("Garden")
    await ann.sidebar.opens_room("Lobby")
    await ann.composer.types("h")
    await bob.timeline.waits_for_typing_status("Ann is typing…")
    assert (ann.timeline.typing_status, cem.timeline.typing_status) == ("", "")
    await ann.composer.posts("hello")
    await bob.timeline.waits_for_typing_status("")
    await ann.composer.types("i")
    await bob.composer.types("me")
    await ann.timeline.waits_for_typing_status("Bob is typing…")
    await bob.timeline.waits_for_typing_status("Ann is typing…")
    await cem.sidebar.opens_room("Lobby")
    await cem.timeline.waits_for_typing_status("")
    for person in (ann, bob):
        # The typing status expires: neither of them typed on.
        await person.timeline.waits_for_typing_status("")


async def test_sending_in_one_room_keeps_the_draft_of_another(
    new_user: NewUser, saved_drafts: list[str]
) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Garden")
    await ann.sidebar.opens_room("Lobby")
    await ann.composer.types("begun here")
    await ann.sidebar.opens_room("Garden")
    tab = await new_user(like=ann)
    await tab.composer.waits_for_text("begun here")
    await ann.composer.types("to be sent")
    await wait_until(lambda: "to be sent" in saved_drafts)
    await tab.sidebar.opens_room("Garden")
    await tab.composer.waits_for_text("to be sent")
    await ann.composer.sends()
    await ann.sidebar.opens_room("Lobby")
    await ann.composer.waits_for_text("begun here")
    await ann.sidebar.opens_room("Garden")
    await ann.timeline.waits_for_message("to be sent")
    assert ann.composer.text == ""
    await ann.sidebar.opens_room("Lobby")
    await ann.reloads("/room/lobby")
    await ann.composer.waits_for_text("begun here")
    await ann.reloads("/room/garden")
    await ann.until(lambda: ann.sidebar.has_opened("Garden"))
    await ann.composer.waits_for_text("")


async def test_stale_field_value_of_a_slow_client_does_not_overwrite_a_draft(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden")
    await bob.rooms_dialog.joins_room("Garden")
    await ann.sidebar.opens_room("Lobby")
    await ann.composer.types("begun here")
    await ann.sidebar.opens_room("Garden")
    await ann.composer.types("to be sent")
    ann.receiving.clear()
    await ann.composer.sends()
    await bob.timeline.waits_for_message("to be sent")
    await ann.sidebar.clicks_room("Lobby")
    # The server has switched to the lobby; Ann's client has not received it.
    tab = await new_user(like=ann)
    await tab.composer.waits_for_text("begun here")
    ann.receiving.set()
    await ann.until(lambda: ann.sidebar.has_opened("Lobby"))
    await ann.composer.waits_for_text("begun here")
    await ann.reloads("/room/lobby")
    await ann.until(lambda: ann.sidebar.has_opened("Lobby"))
    tab = await new_user(like=ann)
    await tab.composer.waits_for_text("begun here")


async def test_dialog_closes_when_its_room_goes(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("in the lobby")
    await ann.rooms_dialog.creates_room("Garden")
    await bob.rooms_dialog.joins_room("Garden")
    await ann.sidebar.opens_room("Lobby")

    async def opens_menu() -> None:
        await ann.message_menu.opens("in the lobby")

    async def leaves_by_notification() -> None:
        await ann.page_script.clicks_notification({"path": "/room/garden"})

    async def leaves_by_address() -> None:
        await ann.goes_to("/room/garden")

    dialogs = (opens_menu, ann.room_dialog.opens, partial(ann.page_script.presses, "shortcuts"))
    for open_dialog in dialogs:
        for leave in (leaves_by_notification, leaves_by_address):
            await open_dialog()
            await ann.until(lambda: ann.dialog.is_open)
            await leave()
            await ann.until(lambda: ann.header.title == "Garden" and not ann.dialog.is_open)
            await ann.sidebar.opens_room("Lobby")
    # Another message of a room leaves its dialogs open.
    await ann.room_dialog.opens()
    await bob.sidebar.opens_room("Lobby")
    await bob.composer.posts("more")
    await ann.timeline.waits_for_message("more")
    assert ann.dialog.is_open


async def test_one_click_opens_a_room_whose_item_is_redrawn_all_the_time(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    titles = ["Garden", "Cellar"]
    for title in titles:
        await ann.rooms_dialog.creates_room(title)
        await bob.rooms_dialog.joins_room(title)

    async def mention_ann() -> None:
        for n in range(20):
            await bob.sidebar.opens_room(titles[n % 2])
            await bob.composer.posts(f"@Ann {n}")

    mentions = asyncio.create_task(mention_ann())
    while not mentions.done():
        for title in titles:
            await ann.sidebar.opens_room(title)
    await mentions


async def test_click_on_the_words_of_a_notification_level_chooses_it(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.room_dialog.opens()
    level = "Nothing, and nothing is counted"
    row = next(each for each in ann.find("MergeSemantics") if texts_of(each) == [level])
    await ann.fires(row["content"], "click")
    await ann.until(lambda: ann.find("RadioGroup", value="nothing"))
    await ann.dialog.closes()
    await ann.rooms_dialog.creates_room("Garden")
    await ann.sidebar.waits_for_room("Lobby", "muted")


async def test_archiving_a_room_and_leaving_a_public_one_can_be_undone(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden")
    await bob.rooms_dialog.joins_room("Garden")
    await bob.room_dialog.sets_notification_level("nothing")
    await ann.room_dialog.opens()
    await ann.dialog.clicks("Archive this room")
    await bob.waits_until_read_only()
    await ann.snackbar.undoes()
    await bob.waits_until_writable()
    await bob.room_dialog.opens()
    await bob.dialog.clicks("Leave this room")
    await bob.sidebar.waits_until_room_gone("Garden")
    await bob.sidebar.goes_to("Garden", bob.snackbar.undoes())
    await bob.sidebar.opens_room("Lobby")
    await bob.sidebar.waits_for_room("Garden", "muted")


async def test_leaving_a_private_room_asks_first(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Nest", private=True)
    await ann.room_dialog.opens()
    await ann.clicks("Leave this room")
    await ann.waits_for_text("You cannot come back unless somebody invites you.")
    (cancel,) = [each for each in ann.find("TextButton") if each.get("content") == "Cancel"]
    assert cancel["autofocus"]
    await ann.dialog.clicks("Cancel")
    await ann.composer.posts("still here")
    await ann.room_dialog.leaves_private_room()
    await ann.sidebar.waits_until_room_gone("Nest")


@pytest.mark.parametrize(
    "timings",
    [Timings(presence=PresenceTimings(offline_delay=0.1, away_announce_interval=0.0))],
)
async def test_header_counts_the_people_of_its_room(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await new_user("Cem")
    await ann.until(lambda: ann.header.online_text == "3 here")
    await ann.rooms_dialog.creates_room("Nest", private=True)
    await ann.until(lambda: ann.header.online_text == "1 here")
    await ann.room_dialog.invites("Bob")
    await ann.until(lambda: ann.header.online_text == "2 here")
    await bob.sidebar.opens_room("Nest")
    await ann.composer.posts("in the nest")
    await ann.opens_thread("in the nest")
    await ann.until(lambda: ann.header.online_text == "2 here")
    await ann.sidebar.opens_room("Nest")
    await bob.room_dialog.leaves_private_room()
    await ann.until(lambda: ann.header.online_text == "1 here")
    await bob.rooms_dialog.creates_room("Garden")
    await ann.rooms_dialog.joins_room("Garden")
    for person in (ann, bob):
        await person.waits_until(lambda user: user.header.online_text == "2 here")
    await ann.sidebar.opens_direct_conversation("Bob")
    await ann.until(lambda: ann.header.online_text == "here")
    await bob.page_script.reports_visibility("background")
    await ann.until(lambda: ann.header.online_text == "away")
    tab = await new_user(like=ann, path=ann.address_bar)
    await tab.until(lambda: tab.header.online_text == "away")
    await bob.disconnects()
    for person in (ann, tab):
        await person.waits_until(lambda user: user.header.online_text == "not here")
    await ann.sidebar.goes_to("Bob, Cem", ann.composer.posts("/dm Bob, Cem"))
    await ann.until(lambda: ann.header.online_text == "2 here")
    await ann.sidebar.goes_to("Notes to myself", ann.composer.posts("/dm Ann"))
    await ann.until(lambda: ann.header.online_text == "")
    await ann.sidebar.opens_room("Lobby")
    await ann.until(lambda: ann.header.online_text == "2 here")


@pytest.mark.parametrize("others", ["Bob", "Bob, Cem"], ids=["of two", "of three"])
@pytest.mark.parametrize("way", ["dialog", "command"])
async def test_closed_conversation_is_listed_again_when_something_is_said(
    new_user: NewUser, others: str, way: str
) -> None:
    ann, bob, _ = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    tab = await new_user(like=ann)
    title_of_bob = "Ann" if others == "Bob" else "Ann, Cem"

    async def close() -> None:
        await ann.sidebar.opens_room(others)
        if way == "command":
            await ann.sidebar.goes_to("Lobby", ann.composer.posts("/leave"))
        else:
            await ann.room_dialog.opens()
            assert not ann.sees("Leave this room")
            await ann.sidebar.goes_to("Lobby", ann.dialog.clicks("Close this conversation"))
        for each in (ann, tab):
            await each.sidebar.waits_until_room_gone(others)

    await ann.sidebar.goes_to(others, ann.composer.posts(f"/dm {others}: hello"))
    await tab.sidebar.waits_for_room(others)
    await close()
    # The others still list it. It stays closed after a reload, and while it is only looked at.
    await bob.sidebar.opens_room(title_of_bob)
    await ann.reloads()
    await ann.until(lambda: ann.sidebar.has_opened("Lobby"))
    assert others not in ann.sidebar.rooms
    await ann.sidebar.goes_to(others, ann.composer.posts(f"/dm {others}"))
    await ann.timeline.waits_for_message("hello")
    await ann.sidebar.opens_room("Lobby")
    await ann.sidebar.waits_until_room_gone(others)
    # Somebody else says something.
    await bob.composer.posts("are you there?")
    for each in (ann, tab):
        await each.sidebar.waits_for_room(others, "1!")
    await close()
    # She says something herself.
    await ann.sidebar.goes_to(others, ann.composer.posts(f"/dm {others}: I am back"))
    await ann.sidebar.opens_room("Lobby")
    for each in (ann, tab, await new_user(like=ann)):
        await each.sidebar.waits_for_room(others)
