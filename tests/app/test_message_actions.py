"""Message actions: reply, quote, pin, react, link, delete, mention and threads."""

import re

import pytest

from chat.rooms.directory import LOBBY
from chat.server.app import ChatServer
from chat.web.guard import rate_limit
from tests.app.test_rooms_on_screen import assert_same_as_fresh_tab
from tests.conftest import NewUser
from tests.harness.hostile_clients import wait_until_processed
from tests.harness.user import ChatUser


async def test_thread_shows_its_root_and_the_room_shows_its_reply_count(new_user: NewUser) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.composer.posts("what about slugs?")
    await bob.timeline.waits_for_message("what about slugs?")
    await bob.opens_thread("what about slugs?")
    await bob.until(lambda: "0 replies" in bob.timeline.texts)
    assert bob.header.topic == "in Lobby"
    # The first reply begins with the day.
    assert "Today" not in bob.timeline.texts
    assert bob.timeline.texts[-2:] == ["what about slugs?", "0 replies"]
    assert not [t for t in ann.timeline.texts if "repl" in t]
    await bob.composer.posts("beer traps")
    await bob.until(lambda: "1 reply" in bob.timeline.texts)
    assert bob.timeline.texts.count("Today") == 1
    for person in (ann, cem):
        await person.waits_until(
            lambda p: any(t.startswith("1 reply, last ") for t in p.timeline.texts)
        )
        assert "beer traps" not in person.timeline.texts
    # Only the author of the root message joins the thread: Ann has it in her sidebar, Cem not.
    await ann.until(lambda: ann.sidebar.rooms.get("what about slugs?") == "1")
    assert "what about slugs?" not in cem.sidebar.rooms
    await ann.message_menu.runs("what about slugs?", "Edit")
    await ann.composer.waits_for_text("what about slugs?")
    await ann.composer.posts("what about snails?")
    await bob.timeline.waits_for_message("what about snails?")
    assert "what about slugs?" not in bob.timeline.texts
    await ann.timeline.clicks_in_message("what about snails?", "1 reply")
    await ann.until(lambda: ann.header.title == "Thread" and "beer traps" in ann.timeline.texts)
    await ann.composer.posts("they drown")
    await bob.timeline.waits_for_message("they drown")
    await bob.until(lambda: "2 replies" in bob.timeline.texts)
    await assert_same_as_fresh_tab(new_user, ann, bob, cem)
    await ann.clicks("Back to the room")
    await ann.until(lambda: ann.header.title == "Lobby")
    await ann.until(lambda: ann.timeline.is_target_row("what about snails?"))
    await ann.sidebar.waits_for_room("what about snails?")
    await bob.composer.posts("only some")
    await ann.sidebar.waits_for_room("what about snails?", "1")
    await ann.sidebar.opens_thread("what about snails?")
    await ann.timeline.waits_for_message("only some")
    await assert_same_as_fresh_tab(new_user, ann, bob)


async def test_thread_of_a_direct_conversation_names_the_other_person(new_user: NewUser) -> None:
    ann, _ = await new_user("Ann"), await new_user("Bob")
    await ann.sidebar.opens_direct_conversation("Bob")
    await ann.composer.posts("between us")
    await ann.message_menu.runs("between us", "Reply in thread")
    await ann.until(lambda: (ann.header.title, ann.header.topic) == ("Thread", "in Bob"))
    await ann.clicks("Back to the room")
    await ann.until(lambda: ann.header.title == "Bob")


async def test_thread_of_a_deleted_message_keeps_a_name_until_its_last_reply_is_deleted(
    new_user: NewUser,
) -> None:
    ann, bob, name = await new_user("Ann"), await new_user("Bob"), "Message deleted"
    await ann.composer.posts("what about slugs?")
    await bob.timeline.waits_for_message("what about slugs?")
    thread = await new_user(like=ann)
    await thread.timeline.waits_for_message("what about slugs?")
    await thread.opens_thread("what about slugs?")
    await thread.composer.posts("@Bob beer traps")
    await bob.sidebar.waits_for_room("what about slugs?", "1!")
    await ann.message_menu.deletes("what about slugs?")
    await bob.sidebar.waits_for_room(name, "1!")
    await bob.until(lambda: name in bob.timeline.texts)
    await thread.timeline.waits_for_message("Message deleted")
    await thread.message_menu.deletes("@Bob beer traps")
    await bob.sidebar.waits_for_room(name)
    await bob.until(lambda: name not in bob.timeline.texts)
    await thread.until(lambda: "@Bob beer traps" not in thread.timeline.texts)
    assert not any("0 replies" in text for text in thread.timeline.texts)
    await assert_same_as_fresh_tab(new_user, ann, bob)


async def test_quote_follows_its_message_and_click_jumps_to_it(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("the plan")
    await bob.timeline.waits_for_message("the plan")
    await bob.message_menu.runs("the plan", "Reply")
    await bob.until(lambda: bob.sees("Replying to Ann: the plan"))
    await bob.composer.posts("good")
    await bob.until(lambda: not bob.sees("Replying to Ann: the plan"))
    for person in (ann, bob):
        await person.timeline.waits_for_message("good")
        assert person.timeline.quote_in("good") == "Ann the plan"
    await ann.message_menu.runs("the plan", "Edit")
    await ann.composer.waits_for_text("the plan")
    await ann.composer.posts("the new plan")
    for person in (ann, bob):
        await person.waits_until(lambda p: p.timeline.quote_in("good") == "Ann the new plan")
    await ann.timeline.clicks_in_message("good", "the new plan")
    await ann.until(lambda: ann.timeline.is_target_row("the new plan"))
    assert re.fullmatch(r"/room/lobby/\d+", ann.address_bar)
    await ann.message_menu.deletes("the new plan")
    for person in (ann, bob):
        await person.waits_until(lambda p: p.timeline.quote_in("good") == "Ann Message deleted")
        # A message that is quoted leaves a row: this row, and the quote in the reply.
        await person.waits_until(lambda p: p.timeline.texts.count("Message deleted") == 2)
    await assert_same_as_fresh_tab(new_user, bob)
    await bob.composer.starts_editing_last_message("good")
    await bob.page_script.presses("escape")
    await bob.composer.waits_for_text("")


@pytest.mark.parametrize("count", [3, 30])
async def test_all_quotes_on_the_screen_follow_their_message(
    chat: ChatServer, new_user: NewUser, count: int
) -> None:
    bob = await new_user("Bob")
    person = await chat.workspace.find_person("Bob")
    room = await chat.workspace.rooms.by_slug(person, LOBBY)
    number = (await room.post(person, "the plan", "plan")).number
    for n in range(count):
        await room.post(person, f"answer {n}", str(n), number)
    await bob.timeline.waits_for_message(f"answer {count - 1}")

    def shown_quotes() -> set[str]:
        return {bob.timeline.quote_in(f"answer {n}") for n in range(count)}

    assert shown_quotes() == {"Bob the plan"}
    await room.edit(person, number, "the new plan")
    await bob.until(lambda: shown_quotes() == {"Bob the new plan"})
    await room.delete(person, number)
    await bob.until(lambda: shown_quotes() == {"Bob Message deleted"})


async def test_tap_on_a_reaction_toggles_it(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("cake!")
    await bob.timeline.waits_for_message("cake!")
    await bob.message_menu.reacts("cake!", "🎉")
    await ann.until(lambda: ann.timeline.reactions("cake!"))
    assert ann.timeline.reactions("cake!") == {"🎉": (1, False, "Bob reacted with 🎉")}
    await bob.timeline.waits_for_reaction("cake!", "🎉")
    assert bob.timeline.reactions("cake!") == {"🎉": (1, True, "Bob reacted with 🎉")}
    await ann.timeline.clicks_in_message("cake!", "🎉 1")
    for person in (ann, bob):
        await person.waits_until(lambda p: p.timeline.reactions("cake!").get("🎉", (0,))[0] == 2)
        assert person.timeline.reactions("cake!") == {"🎉": (2, True, "Bob, Ann reacted with 🎉")}
    await bob.timeline.clicks_in_message("cake!", "🎉 2")
    await bob.until(
        lambda: bob.timeline.reactions("cake!") == {"🎉": (1, False, "Ann reacted with 🎉")}
    )
    await assert_same_as_fresh_tab(new_user, ann, bob)
    await ann.timeline.clicks_in_message("cake!", "🎉 1")
    for person in (ann, bob):
        await person.waits_until(lambda p: not p.timeline.reactions("cake!"))
    await assert_same_as_fresh_tab(new_user, ann, bob)


async def test_click_on_a_reaction_is_for_the_emoji_that_was_seen(new_user: NewUser) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.composer.posts("cake!")
    for person, emoji in ((ann, "👍"), (cem, "🎉"), (cem, "❤️")):
        await person.timeline.waits_for_message("cake!")
        await person.message_menu.reacts("cake!", emoji)
        await bob.timeline.waits_for_reaction("cake!", emoji)
    chips = {emoji: bob.timeline.reaction_chip("cake!", emoji) for emoji in ("👍", "🎉")}
    await ann.timeline.clicks_in_message("cake!", "👍 1")
    await bob.until(lambda: "👍" not in bob.timeline.reactions("cake!"))
    # Clicks from before the redraw: on the removed reaction, and on the one after it.
    await bob.fires(chips["👍"], "click")
    await bob.fires(chips["🎉"], "click")
    await bob.until(lambda: bob.timeline.reactions("cake!")["🎉"][0] == 2)
    assert {emoji: each[0] for emoji, each in bob.timeline.reactions("cake!").items()} == {
        "🎉": 2,
        "❤️": 1,
    }


async def test_message_takes_at_most_sixteen_different_reactions(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("many")
    for emoji in "👍👎🔥👏💯✅❌👀😀😅😉😍🤔😎😴😭":
        await ann.message_menu.reacts("many", emoji)
        await ann.timeline.waits_for_reaction("many", emoji)
    await ann.message_menu.opens("many")
    await ann.clicks("More emoji")
    await ann.emoji_picker.searches("pizza")
    await ann.emoji_picker.clicks("🍕")
    await ann.until(lambda: ann.sees_partial("16"))
    await ann.dialog.closes()
    assert len(ann.timeline.reactions("many")) == 16
    await assert_same_as_fresh_tab(new_user, ann)


async def test_pinned_messages_are_listed_for_everyone(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("rule one")
    await ann.composer.posts("chatter")
    await bob.timeline.waits_for_message("chatter")
    await bob.message_menu.runs("rule one", "Pin to this room")
    for person in (ann, bob):
        await person.timeline.waits_for_message("pinned")
    await assert_same_as_fresh_tab(new_user, ann, bob)
    await ann.clicks("Pinned messages")
    await ann.until(lambda: ann.sees_partial("pinned  ·"))
    await ann.dialog.chooses("rule one")
    await ann.until(lambda: ann.timeline.is_target_row("rule one"))
    assert "Unpin" in await ann.message_menu.actions("rule one")
    await ann.message_menu.runs("rule one", "Unpin")
    for person in (ann, bob):
        await person.timeline.waits_until_message_gone("pinned")
    await bob.clicks("Pinned messages")
    await bob.waits_for_partial_text("Nothing is pinned here.")
    await bob.dialog.closes()
    await assert_same_as_fresh_tab(new_user, ann, bob)


async def test_permalink_jumps_to_its_message(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("find me")
    await ann.composer.posts("and not me")
    await ann.message_menu.runs("find me", "Copy link")
    await ann.until(lambda: ann.copied_texts)
    path = ann.copied_texts[-1].removeprefix(ann.address)
    assert re.fullmatch(r"/room/lobby/\d+", path)
    await ann.message_menu.runs("and not me", "Copy text")
    await ann.until(lambda: ann.copied_texts[-1] == "and not me")
    bob = await new_user("Bob")
    await bob.reloads(path)
    await bob.until(lambda: bob.timeline.is_target_row("find me"))
    assert not bob.timeline.is_target_row("and not me")
    await bob.reloads("/room/lobby/999")
    await bob.snackbar.waits_for("There is no such message here.")
    await bob.until(lambda: bob.sidebar.has_opened("Lobby"))
    await bob.composer.posts("here I am")
    await ann.timeline.waits_for_message("here I am")
    # With so few messages the permalink shows the end of the room: a new message appears.
    await bob.reloads(path)
    await bob.until(lambda: bob.timeline.is_target_row("find me"))
    await ann.composer.posts("latest")
    await bob.timeline.waits_for_message("latest")


async def test_lists_do_not_glide_for_a_person_who_wants_less_motion(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    for n in range(60):
        await ann.composer.posts(f"line {n}")
    for is_reduced in (False, True, False):
        await ann.page_script.reports_motion(is_reduced=is_reduced)
        ann.scroll_times.clear()
        await ann.timeline.scrolls_up(40)
        await ann.clicks("Jump to the latest")
        await ann.until(lambda: ann.scroll_times and not ann.sees("Jump to the latest"))
        assert {each == 0 for each in ann.scroll_times} == {is_reduced}


async def test_jump_button_appears_when_scrolled_far_up(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    for n in range(40):
        await ann.composer.posts(f"line {n}")
    await bob.timeline.waits_for_message("line 39")
    await bob.timeline.scrolls(300, 1000)
    await wait_until_processed(bob)
    assert not bob.sees("Jump to the latest")
    await bob.timeline.scrolls(900, 1000)
    await bob.until(lambda: bob.sees("Jump to the latest"))
    # The number of new messages replaces the button.
    await ann.composer.posts("line 40")
    await bob.until(lambda: bob.sees("1 new message"))
    assert not bob.sees("Jump to the latest")
    await bob.clicks("1 new message")
    await bob.timeline.waits_for_message("line 40")
    await bob.timeline.scrolls(0, 1000)
    await bob.until(lambda: not bob.sees("Jump to the latest"))


async def test_history_pages_load_in_both_directions_from_a_permalink(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limit, "BURST", 1e9)
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden")
    for n in range(1, 240):
        await ann.composer.posts(f"line {n}")
    # Number 1 of the room is its creation: message 120 is line 119.
    await bob.reloads("/room/garden/120")
    await bob.until(lambda: bob.timeline.is_target_row("line 119"))
    await bob.waits_for_text("Jump to the latest")
    assert bob.timeline.has_continuous_lines()
    assert "line 239" not in bob.timeline.texts
    await ann.composer.posts("line 240")
    while "line 1" not in bob.timeline.texts:
        before = len(bob.timeline.texts)
        await bob.timeline.scrolls_up(1000)
        await bob.timeline.waits_until_grows(before)
    assert bob.timeline.has_continuous_lines()
    while "line 240" not in bob.timeline.texts:
        await bob.timeline.scrolls_down_past(bob.timeline.texts[-1])
        assert bob.timeline.has_continuous_lines()
    await bob.timeline.scrolls_to_end()
    await bob.until(lambda: not bob.sees("Jump to the latest"))
    await ann.composer.posts("line 241")
    await bob.timeline.waits_for_message("line 241")
    assert bob.timeline.has_continuous_lines()
    await bob.reloads("/room/garden/60")
    await bob.until(lambda: bob.timeline.is_target_row("line 59"))
    await bob.clicks("Jump to the latest")
    await bob.timeline.waits_for_message("line 241")
    assert bob.timeline.has_continuous_lines()
    await bob.until(lambda: not bob.sees("Jump to the latest"))
    await assert_same_end(ann, bob)


async def assert_same_end(*people: ChatUser) -> None:
    """All show the same last 40 texts."""
    ends = [person.timeline.texts_without_divider[-40:] for person in people]
    assert all(end == ends[0] for end in ends)


async def test_owner_deletes_messages_and_the_next_row_shows_the_author(
    new_user: NewUser,
) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    for text in ("rude", "kind", "rude again"):
        await bob.composer.posts(text)
    await cem.timeline.waits_for_message("rude again")
    assert "Delete" not in await cem.message_menu.actions("rude")
    await cem.message_menu.runs("rude again", "Reply")
    await cem.waits_for_text("Replying to Bob: rude again")
    await cem.composer.posts("stop it")
    await ann.timeline.waits_for_message("stop it")
    await ann.message_menu.deletes("rude")
    await ann.message_menu.deletes("rude again")
    for person in (ann, bob, cem):
        await person.timeline.waits_until_message_gone("rude")
        await person.timeline.waits_for_message("Message deleted")
        rows = ["Bob", "kind", "Message deleted", "Bob", "Message deleted", "Cem", "stop it"]
        await person.waits_until(
            lambda p: [text for text in p.timeline.texts if text in rows] == rows  # noqa: B023
        )
        assert "rude again" not in person.timeline.texts
        # The Flet client shows an error in place of a gesture detector without a handler.
        for each in person.find("GestureDetector"):
            assert any(each.get(name) for name in each if name.startswith("on_")), each
    await assert_same_as_fresh_tab(new_user, ann, bob, cem)


async def test_mentions_are_completed_while_typing(new_user: NewUser) -> None:
    ann, bob, bea = await new_user("Ann"), await new_user("Bob"), await new_user("Bea Ox")
    await ann.composer.waits_for_completions("hello @b", "Bea Ox*", "Bob")
    await ann.until(lambda: ann.page_script.captures_completion_keys)
    await ann.page_script.presses("down")
    await ann.until(lambda: ann.composer.completions == ["Bea Ox", "Bob*"])
    await ann.page_script.presses("down")
    await ann.page_script.presses("tab")
    await ann.composer.waits_for_text("hello @Bea Ox ")
    await ann.until(
        lambda: not ann.composer.completions and not ann.page_script.captures_completion_keys
    )
    await ann.composer.waits_for_completions("hello @Bea Ox and @bo", "Bob*")
    await ann.composer.clicks_completion("Bob")
    await ann.composer.waits_for_text("hello @Bea Ox and @Bob ")
    await ann.composer.types("@b")
    await ann.until(lambda: ann.composer.completions)
    await ann.page_script.presses("escape")
    await ann.until(lambda: not ann.composer.completions)
    await ann.composer.types("@bo")
    await ann.composer.waits_for_completions("@Bob and @e", "@everyone*")
    await ann.page_script.presses("up")
    await ann.composer.sends()
    await ann.composer.waits_for_text("@Bob and @everyone ")
    await ann.composer.sends()
    for person in (bob, bea):
        await person.timeline.waits_for_message("@Bob and @everyone ")
        assert person.timeline.is_mention_row("@Bob and @everyone ")
        await person.clicks("Mentions")
        await person.dialog.chooses("@Bob and @everyone")
        await person.waits_until(lambda p: p.timeline.is_target_row("@Bob and @everyone "))
    assert not ann.timeline.is_mention_row("@Bob and @everyone ")
    await ann.clicks("Mentions")
    await ann.waits_for_partial_text("Nobody has mentioned you yet.")


async def test_deletion_is_undone_for_everyone(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    for text in ("first", "second", "third"):
        await ann.composer.posts(text)
    await bob.timeline.waits_for_message("third")
    await bob.message_menu.reacts("first", "👍")
    for text in ("first", "second", "third"):
        await ann.message_menu.opens(text)
        await ann.clicks("Delete")
        await ann.until(lambda: not ann.dialog.is_open)
        for person in (ann, bob):
            await person.timeline.waits_until_message_gone(text)
        await ann.snackbar.undoes()
        for person in (ann, bob):
            await person.timeline.waits_for_message(text)
    await assert_same_as_fresh_tab(new_user, ann, bob)
    await bob.until(lambda: "👍 1" in bob.timeline.texts)


async def test_late_undo_says_why_nothing_comes_back(new_user: NewUser, chat: ChatServer) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("a slip")
    await ann.message_menu.deletes("a slip")
    lobby = await chat.workspace.rooms.by_slug(chat.workspace.presence.online.people[0], "lobby")
    await lobby.restore(chat.workspace.presence.online.people[0], 2)
    await ann.timeline.waits_for_message("a slip")
    await ann.snackbar.undoes()
    await ann.snackbar.waits_for("It is too late to bring this back.")
    assert "a slip" in ann.timeline.texts
