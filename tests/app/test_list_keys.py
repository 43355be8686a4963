"""F6 and the keys in the lists: every message and all its parts are reached without a mouse."""

from functools import partial

from chat.ui.client.list_keys import KeyArea
from tests.conftest import NewUser
from tests.harness.user import ChatUser


async def enters_messages(user: ChatUser, text: str) -> None:
    """Press F6 until the keys move in the messages of the room."""
    script = user.page_script
    await script.presses("F6")
    await user.until(lambda: script.key_area is KeyArea.MESSAGES)
    await user.timeline.waits_for_chosen(text)


def keys_go_to(user: ChatUser, area: KeyArea) -> bool:
    """Whether keys go to this area."""
    return user.page_script.key_area is area


def was_read(user: ChatUser, text: str) -> bool:
    """Whether what a screen reader was to read last ends with this text."""
    return user.page_script.announced[-1].endswith(text)


async def leaves_list(user: ChatUser) -> None:
    """Wait until the keys are those of the field again, and no message is chosen."""
    await user.until(lambda: user.page_script.key_area is KeyArea.FIELD)
    await user.until(lambda: user.timeline.chosen_row is None)


async def test_arrows_choose_messages_and_a_screen_reader_reads_them(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    for text in ("one", "two", "three"):
        await ann.composer.posts(text)
    await enters_messages(ann, "three")
    for key, text in {"up": "two", "home": "Ann has joined the chat.", "end": "three"}.items():
        await ann.page_script.presses_in_list(key)
        await ann.timeline.waits_for_chosen(text)
        await ann.until(partial(was_read, ann, text))
    await ann.page_script.presses_in_list("down", "up", "up")
    await ann.timeline.waits_for_chosen("one")
    await ann.page_script.presses_in_list("leave")
    await leaves_list(ann)


async def test_letters_reply_edit_and_react_and_delete(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.composer.posts("of Bob")
    await ann.timeline.waits_for_message("of Bob")
    await ann.composer.posts("of Ann")
    script = ann.page_script

    await enters_messages(ann, "of Ann")
    await script.presses_in_list("edit")
    await ann.composer.waits_for_text("of Ann")
    await leaves_list(ann)
    await script.presses("escape")
    await ann.until(lambda: ann.composer.text == "")

    await enters_messages(ann, "of Ann")
    await script.presses_in_list("up")
    await ann.timeline.waits_for_chosen("of Bob")
    await script.presses_in_list("edit")
    await ann.until(lambda: ann.sees("You can edit only your own messages."))
    await script.presses_in_list("react")
    await ann.until(lambda: ann.sees("Choose an emoji"))
    await ann.dialog.closes()
    await script.presses_in_list("reply")
    await ann.until(lambda: ann.sees("Replying to Bob: of Bob"))
    await leaves_list(ann)
    await ann.composer.posts("an answer")
    await ann.timeline.waits_for_message("an answer")
    assert ann.timeline.quote_in("an answer") == "Bob of Bob"

    await enters_messages(ann, "an answer")
    await script.presses_in_list("delete")
    await ann.timeline.waits_until_message_gone("an answer")
    await ann.timeline.waits_for_chosen("of Ann")
    await ann.snackbar.undoes()
    await ann.timeline.waits_for_message("an answer")


async def test_arrows_reach_reactions_poll_options_and_the_thread(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts('/poll "Lunch?" "Soup" "Salad"')
    await ann.timeline.waits_for_message("Lunch?")
    await ann.message_menu.opens("Lunch?")
    await ann.dialog.clicks_tooltip("React with 👍")
    await ann.timeline.waits_for_reaction("Lunch?", "👍")
    await bob.timeline.waits_for_reaction("Lunch?", "👍")
    script = bob.page_script

    # Bob has joined after Ann.
    await enters_messages(bob, "Lunch?")
    for text in ("Soup", "Salad", "👍"):
        await script.presses_in_list("right")
        await bob.until(partial(bob.timeline.has_ring, text))
    await script.presses_in_list("enter")
    await bob.until(lambda: bob.timeline.reactions("Lunch?")["👍"][0] == 2)
    assert bob.timeline.has_ring("👍")
    await script.presses_in_list("left", "left", "enter")
    await bob.until(lambda: bob.timeline.has_ring("Soup"))
    await bob.until(lambda: bob.sees("1 person voted"))
    await bob.until(lambda: script.announced[-1] == "Soup, 1 vote, yours")

    await script.presses_in_list("left", "menu")
    await bob.until(lambda: bob.dialog.is_open)
    await bob.dialog.dismisses()
    await script.presses_in_list("thread")
    await bob.until(lambda: bob.header.title == "Thread")
    await leaves_list(bob)


async def test_arrow_goes_on_in_older_messages_and_in_folded_events(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    for n in range(1, 121):
        await ann.composer.posts(f"line {n}")
    for name in ("Bob", "Cem", "Dan"):
        await new_user(name)
    await ann.timeline.waits_for_message("Bob, Cem and Dan have joined the chat.")
    await ann.reloads()
    await ann.timeline.waits_for_message("line 120")
    await enters_messages(ann, "Bob, Cem and Dan have joined the chat.")
    await ann.page_script.presses_in_list("right")
    await ann.page_script.presses_in_list("enter")
    await ann.until(lambda: any("Dan has joined" in each for each in ann.timeline.texts))
    await ann.page_script.presses_in_list("up")
    await ann.timeline.waits_for_chosen("line 120")
    oldest = ann.timeline.texts[0]
    await ann.page_script.presses_in_list("home", "up")
    await ann.until(lambda: ann.timeline.texts[0] != oldest)


async def test_message_that_arrives_leaves_the_ring_where_it_is(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("first")
    await enters_messages(ann, "first")
    await bob.composer.posts("second")
    await ann.timeline.waits_for_message("second")
    await ann.timeline.waits_for_chosen("first")
    await ann.page_script.presses_in_list("down")
    await ann.timeline.waits_for_chosen("second")


async def enters_rooms(user: ChatUser, title: str) -> None:
    """Press Shift+F6, which leads from the field to the rooms."""
    await user.page_script.presses("Shift+F6")
    await user.until(lambda: user.page_script.key_area is KeyArea.ROOMS)
    await user.sidebar.waits_for_chosen(title)


async def test_rooms_are_chosen_read_and_opened_with_keys(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    for title in ("Garden", "Kitchen"):
        await ann.rooms_dialog.creates_room(title)
    await bob.rooms_dialog.joins_room("Garden")
    await bob.composer.posts("the roses are out")
    await ann.sidebar.waits_for_room("Garden", "1")
    await enters_rooms(ann, "Kitchen")
    await ann.page_script.presses_in_list("home")
    await ann.sidebar.waits_for_chosen("Garden")
    await ann.until(partial(was_read, ann, "Garden, 1 unread"))
    await ann.page_script.presses_in_list("down")
    await ann.sidebar.waits_for_chosen("Lobby")
    await ann.page_script.presses_in_list("end", "down")
    await ann.sidebar.waits_for_chosen("Kitchen")
    await ann.page_script.presses_in_list("pageup", "enter")
    await ann.until(lambda: ann.header.title == "Garden")
    await leaves_rooms(ann)
    await ann.composer.posts("so they are")
    await bob.timeline.waits_for_message("so they are")


async def test_menu_of_a_room_is_opened_with_a_key(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Garden")
    await enters_rooms(ann, "Garden")
    await ann.page_script.presses_in_list("menu")
    await ann.until(partial(keys_go_to, ann, KeyArea.MENU))
    await ann.until(lambda: ann.sidebar.menu)
    assert ann.sidebar.menu == ["Add to favourites", "Mute", "Webhooks", "Leave this room"]
    (first, *_) = ann.find("TextButton", content="Add to favourites")
    assert first["autofocus"]
    await ann.fires(first, "click")
    await ann.until(lambda: ann.sidebar.lines[0] == "FAVOURITES")
    await ann.page_script.presses_in_list("leave")
    await leaves_rooms(ann)


async def leaves_rooms(user: ChatUser) -> None:
    """Wait until the keys are those of the field again, and no room is chosen."""
    await user.until(partial(keys_go_to, user, KeyArea.FIELD))
    await user.until(lambda: user.sidebar.chosen_title is None)


async def test_f6_goes_through_messages_and_rooms_to_the_field(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    for area in (KeyArea.MESSAGES, KeyArea.ROOMS, KeyArea.FIELD, KeyArea.MESSAGES):
        await ann.page_script.presses("F6")
        await ann.until(partial(keys_go_to, ann, area))
