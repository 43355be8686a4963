"""Rooms as people see them: made, found, joined, changed and left; and words in several of them."""

import asyncio

import pytest

from chat.rooms import typing_status
from tests.conftest import NewUser
from tests.harness.user import ChatUser

NO_SUCH_ROOM = "There is no such room. Choose one from the list."


async def assert_same_as_fresh_tab(new_user: NewUser, *people: ChatUser) -> None:
    """Each screen is what another tab shows that is opened now at the same address."""
    for person in people:
        tab = await new_user(like=person, path=person.address_bar)
        await tab.waits_until_same_screen_as(person)
        await tab.disconnects()


async def test_public_room_is_created_browsed_joined_and_left(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.creates_room("Garden", "Roses and slugs")
    assert (ann.address_bar, ann.room_topic, ann.selected_room) == (
        "/room/garden",
        "Roses and slugs",
        "Garden",
    )
    assert "Garden" not in bob.sidebar_rooms
    assert await bob.lists_all_rooms() == ["Garden", "Lobby"]
    await bob.joins_room("Garden")
    for person in (ann, bob):
        await person.waits_for_message("Bob has joined the room.")
        assert person.timeline_without_divider[-2:] == [
            "Ann made this room.",
            "Bob has joined the room.",
        ]
        assert person.sidebar_rooms.keys() == {"Lobby", "Garden"}
    await bob.posts("hello")
    await ann.waits_for_message("hello")
    await assert_same_as_fresh_tab(new_user, ann, bob)
    await bob.opens_room_dialog()
    await bob.clicks_in_dialog("Leave this room")
    await bob.until(lambda: bob.room_title == "Lobby" and bob.address_bar == "/room/lobby")
    assert "Garden" not in bob.sidebar_rooms
    await ann.waits_for_message("Bob has left the room.")
    await assert_same_as_fresh_tab(new_user, ann, bob)


async def test_private_room_is_invisible_until_invited_and_after_leaving(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    cem = await new_user("Cem")
    await ann.creates_room("Nest", private=True)
    await ann.posts("only us")
    assert await bob.lists_all_rooms() == ["Lobby"]
    await bob.types_into_quick_switcher("nest")
    await bob.types_into_quick_switcher("lob", "Lobby")
    await bob.dismisses_dialog()
    await ann.submits_room_field("Invite somebody by name", "bob")
    await ann.until(lambda: ann.dialog is None)
    await bob.opens_room("Nest")
    assert "only us" in bob.timeline_texts
    await bob.waits_for_message("Ann invited Bob.")
    await ann.opens_room_dialog()
    assert ann.sees("2 in this room")
    for name, why in (("bob", "Bob is in this room already."), ("Dan", "Nobody here is called")):
        await ann.submits_room_field("Invite somebody by name", name)
        await ann.waits_for_partial_text(why)
    await ann.closes_dialog()
    await assert_same_as_fresh_tab(new_user, ann, bob, cem)
    assert cem.sidebar_rooms == {"Lobby": ""}
    await bob.opens_room_dialog()
    await bob.clicks_in_dialog("Leave this room")
    await bob.until(lambda: bob.room_title == "Lobby")
    await bob.reloads("/room/nest")
    await bob.waits_for_snackbar(NO_SUCH_ROOM)
    await bob.until(lambda: bob.is_in_room("Lobby"))


async def test_arrow_keys_select_a_target_in_the_quick_switcher(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    for title in ("Garden", "Gallery"):
        await ann.creates_room(title)
    await ann.types_into_quick_switcher("ga", "Gallery", "Garden")
    await ann.until(lambda: ann.captures_list_arrows)
    await ann.presses("choose down")
    await ann.until(lambda: ann.selected_items == ["Garden"])
    await ann.presses("choose down")
    await ann.until(lambda: ann.selected_items == ["Gallery"])
    await ann.presses("choose up")
    await ann.until(lambda: ann.selected_items == ["Garden"])
    # Other letters, and the first is chosen again.
    await ann.types_into_quick_switcher("gar", "Garden")
    await ann.types_into_quick_switcher("g", "Gallery", "Garden")
    assert ann.selected_items == ["Gallery"]
    await ann.presses("choose up")
    await ann.until(lambda: ann.selected_items == ["Garden"])
    await ann.presses_enter(ann.find("TextField", hint_text="Go to a room or a person")[-1])
    await ann.until(lambda: ann.is_in_room("Garden") and ann.dialog is None)
    await ann.until(lambda: not ann.captures_list_arrows)
    # Nothing is chosen from any more. Ctrl+K twice, and it is there once, with arrows.
    await ann.presses("choose up")
    await ann.presses("jump")
    await ann.until(lambda: ann.selected_items == ["Gallery"])
    await ann.presses("jump")
    await ann.presses("choose down")
    await ann.until(lambda: ann.selected_items == ["Garden"] and ann.captures_list_arrows)
    assert len(ann.find("TextField", hint_text="Go to a room or a person")) == 1


async def test_rename_button_is_enabled_after_the_name_changes(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.creates_room("Garden")
    await ann.opens_room_dialog()
    field = ann.find("TextField", label="Name")[-1]
    assert field["suffix"]["disabled"]
    await ann.fills(field, "Roses")
    await ann.fires(field, "change", "Roses")
    await ann.until(lambda: not field["suffix"]["disabled"])
    await ann.fires(field["suffix"], "click")
    await ann.until(lambda: ann.room_title == "Roses" and ann.dialog is None)


async def test_rename_topic_archive_and_reopen_update_every_member(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.creates_room("Kitchen")
    await ann.joins_room("Kitchen")
    elsewhere = await new_user("Cem")
    await elsewhere.joins_room("Kitchen")
    await elsewhere.opens_room("Lobby")
    everyone = (ann, bob, elsewhere)
    await bob.submits_room_field("Name", "Cantina")
    for person in everyone:
        await person.waits_for_sidebar_room("Cantina")
        await person.waits_until_room_gone("Kitchen")
    await ann.until(lambda: ann.room_title == "Cantina" == ann.selected_room)
    await ann.waits_for_message("Bob renamed the room to “Cantina”.")
    await ann.submits_room_field("Topic", "What there is")
    await bob.until(lambda: bob.room_topic == "What there is")
    await ann.until(lambda: ann.dialog is None)
    # Who came in first looks after all rooms; who made it, after theirs.
    await elsewhere.opens_room("Cantina")
    await elsewhere.opens_room_dialog()
    assert not elsewhere.find("TextField", label="Name")
    assert not elsewhere.sees("Archive this room")
    await elsewhere.closes_dialog()
    await ann.opens_room_dialog()
    await ann.clicks_in_dialog("Archive this room")
    for person in everyone:
        await person.waits_until_read_only()
    await assert_same_as_fresh_tab(new_user, *everyone)
    await elsewhere.opens_room("Lobby")
    await elsewhere.waits_until_room_gone("Cantina")
    await elsewhere.waits_until_writable()
    await bob.opens_room_dialog()
    await bob.clicks_in_dialog("Reopen this room")
    for person in (ann, bob):
        await person.waits_until_writable()
    await elsewhere.waits_for_sidebar_room("Cantina")
    await bob.posts("open again")
    await ann.waits_for_message("open again")
    await assert_same_as_fresh_tab(new_user, *everyone)


async def test_refused_room_title_stays_in_the_field_with_an_error(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    await ann.creates_room("Garden")
    for title, why in (("garden", "How about"), (" ", "cannot be blank"), ("x" * 41, "too long")):
        await ann.tries_to_create_room(title)
        await ann.waits_for_partial_text(why)
        assert ann.find("TextField", label="Name of a new room")[-1]["value"] == title
        await ann.closes_dialog()
    assert ann.sidebar_rooms.keys() == {"Lobby", "Garden"}


async def test_direct_conversation_is_visible_to_its_two_members_only(new_user: NewUser) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.opens_direct_conversation("Bob")
    assert ann.room_topic == ""
    assert ann.timeline_texts == ["This is the beginning of your conversation with Bob."]
    await ann.posts("between us")
    await bob.waits_for_sidebar_room("Ann", "1!")
    await bob.opens_room("Ann")
    assert bob.timeline_texts[-1] == "between us"
    await bob.posts("yes")
    await ann.waits_for_message("yes")
    await assert_same_as_fresh_tab(new_user, ann, bob)
    assert cem.sidebar_rooms == {"Lobby": ""}
    await cem.reloads("/dm/ann")
    await cem.until(lambda: cem.room_title == "Ann")
    assert "between us" not in cem.timeline_texts
    await cem.reloads(bob.address_bar)
    await cem.waits_for_snackbar(NO_SUCH_ROOM)
    await cem.until(lambda: cem.is_in_room("Lobby"))


async def test_adding_a_third_person_opens_a_new_conversation(new_user: NewUser) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.opens_direct_conversation("Bob")
    await ann.posts("between us")
    await ann.submits_room_field("Talk with these and somebody else, by name", "Dan")
    await ann.waits_for_partial_text("Nobody here is called")
    await ann.closes_dialog()
    await ann.submits_room_field("Talk with these and somebody else, by name", "cem")
    await ann.until(lambda: ann.room_title == "Bob, Cem" and ann.dialog is None)
    assert ann.timeline_texts == ["This is the beginning of your conversation with Bob, Cem."]
    await ann.posts("all three")
    for person, title in ((bob, "Ann, Cem"), (cem, "Ann, Bob")):
        await person.waits_for_sidebar_room(title, "1!")
        await person.opens_room(title)
        assert person.timeline_texts[-1] == "all three"
    assert cem.sidebar_rooms.keys() == {"Lobby", "Ann, Bob"}
    await assert_same_as_fresh_tab(new_user, ann, bob, cem)


async def test_unknown_or_forbidden_url_shows_an_error_and_the_lobby(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.creates_room("Nest", private=True)
    await ann.posts("hush")
    await ann.runs_message_action("hush", "Reply in thread")
    await ann.until(lambda: ann.room_title == "Thread")
    for path in ("/room/nest", "/room/nest/1", "/room/none", ann.address_bar, "/room/dm-1-3"):
        await bob.reloads(path)
        await bob.waits_for_snackbar(NO_SUCH_ROOM)
        await bob.until(lambda: bob.is_in_room("Lobby") and bob.address_bar == "/")
    await bob.reloads("/dm/Nobody")
    await bob.waits_for_snackbar("Nobody here is called Nobody.")
    await bob.until(lambda: bob.is_in_room("Lobby"))
    await bob.posts("still here")


async def test_drafts_are_kept_per_room(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.creates_room("Garden")
    await ann.types("about roses")
    await ann.opens_room("Lobby")
    assert ann.composer_text == ""
    await ann.types("about nothing")
    await ann.opens_room("Garden")
    await ann.waits_for_composer_text("about roses")
    tab = await new_user(like=ann)
    await tab.waits_for_composer_text("about nothing")
    await tab.opens_room("Garden")
    await tab.waits_for_composer_text("about roses")
    await ann.reloads("/room/garden")
    await ann.waits_for_composer_text("about roses")
    await ann.sends()
    await ann.waits_for_message("about roses")
    await ann.waits_for_composer_text("")
    await ann.opens_room("Lobby")
    await ann.waits_for_composer_text("about nothing")
    await ann.opens_room("Garden")
    assert ann.composer_text == ""


async def test_message_sent_just_before_a_room_switch_goes_to_the_old_room(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.creates_room("Garden")
    await bob.joins_room("Garden")
    for n in range(5):
        here, there = ("Garden", "Lobby") if n % 2 == 0 else ("Lobby", "Garden")
        await ann.types(f"to {here} {n}")
        await ann.sends()
        await ann.opens_room(there)
        assert f"to {here} {n}" not in ann.timeline_texts
    await ann.waits_for_composer_text("")
    await ann.opens_room("Garden")
    await bob.waits_for_message("to Garden 4")
    assert [t for t in bob.timeline_texts if t.startswith("to ")] == [
        f"to Garden {n}" for n in (0, 2, 4)
    ]
    assert ann.composer_text == ""
    await bob.opens_room("Lobby")
    assert [t for t in bob.timeline_texts if t.startswith("to ")] == [
        f"to Lobby {n}" for n in (1, 3)
    ]
    await assert_same_as_fresh_tab(new_user, ann, bob)


async def test_rapid_room_switching_during_message_bursts_ends_in_the_right_room(
    new_user: NewUser,
) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.creates_room("Garden")
    await bob.joins_room("Garden")
    await cem.joins_room("Garden")
    await ann.opens_room("Lobby")

    async def pours(person: ChatUser, name: str) -> None:
        for n in range(25):
            await person.posts(f"{name} {n}")

    pouring = asyncio.gather(pours(ann, "lobby"), pours(bob, "garden"))
    for _ in range(10):
        # Faster than any answer comes.
        for title in ("Lobby", "Garden", "Lobby", "Garden"):
            await cem.clicks_sidebar_room(title)
        await cem.until(lambda: cem.is_in_room("Garden"))
    await pouring
    await cem.waits_for_message("garden 24")
    assert [t for t in cem.timeline_texts if t[:6] in {"lobby ", "garden"}] == [
        f"garden {n}" for n in range(25)
    ]
    assert cem.address_bar == "/room/garden"
    await cem.waits_for_sidebar_room("Lobby", "25")
    await assert_same_as_fresh_tab(new_user, cem, bob)
    await cem.opens_room("Lobby")
    assert [t for t in cem.timeline_texts if t.startswith("lobby")] == [
        f"lobby {n}" for n in range(25)
    ]
    await assert_same_as_fresh_tab(new_user, cem, ann)


async def test_back_button_returns_to_the_previous_room(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.creates_room("Garden")
    await ann.posts("rose")
    await ann.creates_room("Shed")
    await ann.goes_back()
    await ann.until(lambda: ann.is_in_room("Garden"))
    assert "rose" in ann.timeline_texts
    await ann.goes_back()
    await ann.until(lambda: ann.is_in_room("Lobby"))
    assert ann.address_bar == "/"


async def test_typing_indicator_shows_to_others_in_the_room_and_expires(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typing_status, "TYPING_TIMEOUT", 0.5)
    monkeypatch.setattr(typing_status, "TYPING_ANNOUNCE_INTERVAL", 0.0)
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.creates_room("Garden")
    await cem.joins_room("Garden")
    await ann.opens_room("Lobby")
    await ann.types("h")
    await bob.waits_for_typing_status("Ann is typing…")
    assert (ann.typing_status, cem.typing_status) == ("", "")
    await ann.posts("hello")
    await bob.waits_for_typing_status("")
    await ann.types("i")
    await bob.types("me")
    await ann.waits_for_typing_status("Bob is typing…")
    await bob.waits_for_typing_status("Ann is typing…")
    await cem.opens_room("Lobby")
    await cem.waits_for_typing_status("")
    for person in (ann, bob):
        # Nobody typed on.
        await person.waits_for_typing_status("")


async def test_sending_in_one_room_keeps_the_draft_of_another(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.creates_room("Garden")
    await ann.opens_room("Lobby")
    await ann.types("begun here")
    await ann.opens_room("Garden")
    tab = await new_user(like=ann)
    await tab.waits_for_composer_text("begun here")
    await ann.types("to be sent")
    # So long that it is kept as begun.
    await tab.opens_room("Garden")
    await tab.waits_until_draft_saved("to be sent", "Lobby", "Garden")
    await ann.sends()
    await ann.opens_room("Lobby")
    await ann.waits_for_composer_text("begun here")
    await ann.opens_room("Garden")
    await ann.waits_for_message("to be sent")
    assert ann.composer_text == ""
    await ann.opens_room("Lobby")
    await ann.reloads("/room/lobby")
    await ann.waits_for_composer_text("begun here")
    await ann.reloads("/room/garden")
    await ann.until(lambda: ann.is_in_room("Garden"))
    await ann.waits_for_composer_text("")


async def test_stale_field_value_of_a_slow_client_does_not_overwrite_a_draft(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.creates_room("Garden")
    await bob.joins_room("Garden")
    await ann.opens_room("Lobby")
    await ann.types("begun here")
    await ann.opens_room("Garden")
    await ann.types("to be sent")
    ann.receiving.clear()
    await ann.sends()
    await bob.waits_for_message("to be sent")
    await ann.clicks_sidebar_room("Lobby")
    # The server shows the lobby already.
    tab = await new_user(like=ann)
    await tab.waits_for_composer_text("begun here")
    ann.receiving.set()
    await ann.until(lambda: ann.is_in_room("Lobby"))
    await ann.waits_for_composer_text("begun here")
    await ann.reloads("/room/lobby")
    await ann.until(lambda: ann.is_in_room("Lobby"))
    tab = await new_user(like=ann)
    await tab.waits_for_composer_text("begun here")


async def test_message_menu_acts_on_its_own_room_after_a_room_switch(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.posts("in the lobby")
    await ann.creates_room("Garden")
    await ann.posts("in the garden")
    # Both are number two or three of their rooms.
    await ann.posts("also in the garden")
    await ann.opens_room("Lobby")
    await ann.opens_message_menu("in the lobby")
    await ann.until(lambda: ann.dialog is not None)
    await ann.clicks_notification({"path": "/room/garden"})
    await ann.until(lambda: ann.room_title == "Garden")
    await ann.clicks_in_dialog("Pin to this room")
    assert "pinned" not in ann.timeline_texts
    await ann.opens_room("Lobby")
    await ann.waits_for_message("pinned")
