"""A thread beside its room on a wide screen: two timelines, and one field that changes places."""

from functools import partial

import pytest

from chat.ui.client.page_messages import SendKey
from tests.conftest import NewUser
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until

_WIDE, _NARROW = 1440.0, 1000.0


async def open_thread(user: ChatUser, text: str) -> str:
    """Open the thread of a message beside the room; returns its address."""
    room = user.address_bar
    await user.message_menu.runs(text, "Reply in thread")
    await user.until(lambda: user.thread.control and user.address_bar != room)
    await user.until(lambda: text in user.thread.texts)
    return user.address_bar


def _has_replies(user: ChatUser) -> bool:
    return any(each.startswith("1 reply") for each in user.timeline.texts)


async def test_thread_opens_beside_its_room_and_both_go_on(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann", width=_WIDE), await new_user("Bob", width=_NARROW)
    await ann.composer.posts("Who brings the cake?")
    await open_thread(ann, "Who brings the cake?")
    assert ann.header.title == "Lobby"
    assert ann.thread.title == ["Thread", "in Lobby"]
    await ann.composer.posts("I do")
    await ann.until(lambda: "I do" in ann.thread.texts and _has_replies(ann))
    assert "I do" not in ann.timeline.texts
    await bob.composer.posts("Somebody has left a bicycle here")
    await ann.timeline.waits_for_message("Somebody has left a bicycle here")
    assert "Somebody has left a bicycle here" not in ann.thread.texts
    await bob.goes_to_thread(bob.timeline.clicks_in_message("Who brings the cake?", "1 reply"))
    assert not bob.thread.control
    await bob.composer.posts("And I bring candles")
    await ann.until(lambda: "And I bring candles" in ann.thread.texts)
    await bob.message_menu.reacts("I do", "👍")
    await ann.until(lambda: ann.thread.reactions("I do"))
    await ann.fires(ann.thread.reaction_chip("I do", "👍"), "click")
    await bob.until(lambda: bob.timeline.reactions("I do")["👍"][0] == 2)


async def test_field_is_in_one_pane_at_a_time_and_each_keeps_its_text(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await ann.composer.posts("Who brings the cake?")
    await ann.composer.types("half a sentence")
    await open_thread(ann, "Who brings the cake?")
    assert ann.composer.text == ""
    assert (ann.thread.room_hint, ann.thread.hint) == ("half a sentence", "")
    await ann.composer.types("not me")
    await ann.thread.clicks_field(of_room=True)
    await ann.composer.waits_for_text("half a sentence")
    await ann.until(lambda: (ann.thread.room_hint, ann.thread.hint) == ("", "not me"))
    await ann.composer.sends()
    await ann.timeline.waits_for_message("half a sentence")
    assert "half a sentence" not in ann.thread.texts
    await ann.thread.clicks_field()
    await ann.composer.waits_for_text("not me")
    await ann.composer.sends()
    await ann.until(lambda: "not me" in ann.thread.texts)
    await ann.until(lambda: ann.thread.room_hint == "Message #Lobby")


async def test_close_button_and_back_show_the_room_alone_as_it_was(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    for n in range(60):
        await ann.composer.posts(f"line {n}")
    await ann.timeline.scrolls_up(20)
    thread = await open_thread(ann, "line 30")
    texts = ann.timeline.texts
    await ann.composer.types("still writing")
    await ann.clicks("Close the thread")
    await ann.until(lambda: not ann.thread.control and ann.address_bar == "/room/lobby")
    assert ann.timeline.texts == texts
    assert ann.composer.text == ""
    await ann.goes_to(thread)
    await ann.until(lambda: ann.thread.control and ann.composer.text == "still writing")
    await ann.goes_to("/room/lobby")
    await ann.until(lambda: not ann.thread.control)
    assert ann.timeline.texts == texts


@pytest.mark.parametrize("width", [_WIDE, _NARROW, 390.0])
async def test_escape_ends_an_edit_and_then_closes_the_thread(
    new_user: NewUser, width: float
) -> None:
    ann = await new_user("Ann", width=width)
    await ann.composer.posts("Who brings the cake?")
    await ann.message_menu.runs("Who brings the cake?", "Reply in thread")
    thread = ann.thread if width == _WIDE else ann.timeline
    await ann.until(lambda: ann.address_bar != "/room/lobby" and ann.composer.control)
    await ann.composer.posts("I do")
    await ann.until(lambda: "I do" in thread.texts)
    await ann.page_script.presses("up")
    await ann.composer.waits_for_text("I do")
    await ann.page_script.presses("escape")
    await ann.composer.waits_for_text("")
    assert ann.address_bar != "/room/lobby"
    await ann.composer.types("with cherries")
    await ann.page_script.presses("escape")
    await ann.until(lambda: ann.address_bar.startswith("/room/lobby"))
    assert not ann.thread.control
    await ann.timeline.waits_for_message("Who brings the cake?")
    # Nothing more is closed, and nothing is lost.
    await ann.page_script.presses("escape outside of the field")
    await ann.timeline.clicks_in_message("Who brings the cake?", "1 reply")
    await ann.composer.waits_for_text("with cherries")


async def test_room_hears_of_messages_after_its_thread_was_closed_or_changed(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann", width=_WIDE), await new_user("Bob")
    await ann.composer.posts("Who brings the cake?")
    await ann.composer.posts("Who brings the tea?")
    await open_thread(ann, "Who brings the cake?")
    await open_thread(ann, "Who brings the tea?")
    await bob.composer.posts("another thread was opened")
    await ann.timeline.waits_for_message("another thread was opened")
    await ann.clicks("Close the thread")
    await ann.until(lambda: not ann.thread.control)
    await bob.composer.posts("the thread was closed")
    await ann.timeline.waits_for_message("the thread was closed")


async def test_address_of_a_thread_opens_both_with_the_draft(
    new_user: NewUser, saved_drafts: list[str]
) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await ann.composer.posts("Who brings the cake?")
    thread = await open_thread(ann, "Who brings the cake?")
    await ann.composer.posts("I do")
    await ann.composer.types("with cherries")
    await ann.disconnects()
    await wait_until(lambda: "with cherries" in saved_drafts)
    tab = await new_user(like=ann, path=thread, width=_WIDE)
    await tab.until(lambda: "I do" in tab.thread.texts)
    await tab.until(lambda: tab.thread.room_hint == "Message #Lobby")
    assert "Who brings the cake?" in tab.timeline.texts
    await tab.composer.waits_for_text("with cherries")
    await tab.composer.sends()
    await tab.until(lambda: "with cherries" in tab.thread.texts)


async def test_thread_takes_the_place_of_its_room_on_a_narrow_screen(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await ann.composer.posts("Who brings the cake?")
    thread = await open_thread(ann, "Who brings the cake?")
    await ann.composer.posts("I do")
    await ann.composer.types("with cherries")
    for _ in range(2):
        await ann.resizes(_NARROW)
        await ann.until(lambda: not ann.thread.control and ann.header.title == "Thread")
        await ann.until(lambda: "I do" in ann.timeline.texts)
        await ann.composer.waits_for_text("with cherries")
        await ann.resizes(_WIDE)
        await ann.until(lambda: ann.thread.control and "I do" in ann.thread.texts)
        await ann.until(lambda: ann.header.title == "Lobby")
        await ann.composer.waits_for_text("with cherries")
    assert ann.address_bar == thread


async def test_messages_of_both_panes_are_read(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann", width=_WIDE), await new_user("Bob", width=_WIDE)
    await ann.composer.posts("Who brings the cake?")
    await open_thread(ann, "Who brings the cake?")
    await ann.composer.posts("I do")
    await bob.until(lambda: _has_replies(bob))
    await bob.composer.posts("@Ann which cake?")
    await bob.timeline.clicks_in_message("Who brings the cake?", "1 reply")
    await bob.until(lambda: "I do" in bob.thread.texts)
    await bob.composer.posts("@Ann how big?")
    await ann.until(lambda: "@Ann how big?" in " ".join(ann.thread.texts))
    tab = await new_user(like=ann, path="/room/lobby", width=_WIDE)
    await tab.timeline.waits_for_message("@Ann which cake?")
    assert not tab.sidebar.rooms.get("Who brings the cake?")
    assert tab.page_script.unread_badge == 0
    await ann.clicks("Close the thread")
    await ann.until(lambda: not ann.thread.control)
    await bob.composer.posts("@Ann and when?")
    await ann.until(lambda: ann.page_script.unread_badge == 1)


async def test_sent_text_goes_to_the_room_that_its_field_was_for(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await ann.composer.posts("Who brings the cake?")
    thread = await open_thread(ann, "Who brings the cake?")
    send = partial(SendKey, edited_number=0)
    # Enter was pressed in the room, and the field is in the thread when the chat hears of it.
    await ann.page_script.send_event(send("a1", text="for the room", path="/room/lobby"))
    await ann.timeline.waits_for_message("for the room")
    await ann.page_script.send_event(send("a2", text="for the thread", path=thread))
    await ann.until(lambda: "for the thread" in ann.thread.texts)
    assert "for the room" not in ann.thread.texts
    # A room that is not on the screen any more keeps the text as its draft.
    await ann.page_script.send_event(send("a3", text="for another", path="/room/garden"))
    await ann.page_script.send_event(send("a4", text="the last one", path=thread))
    await ann.until(lambda: "the last one" in ann.thread.texts)
    assert "for another" not in (*ann.timeline.texts, *ann.thread.texts)


async def test_text_typed_before_the_thread_is_shown_is_for_the_thread(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await ann.composer.posts("Who brings the cake?")
    thread = await open_thread(ann, "Who brings the cake?")
    await ann.disconnects()
    tab = await new_user(like=ann, path=thread, width=_WIDE)
    await tab.page_script.send_event(SendKey("b1", 0, "sent at once"))
    await tab.until(lambda: "sent at once" in tab.thread.texts)
    assert "sent at once" not in tab.timeline.texts


async def test_room_that_is_left_takes_its_thread_along(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann", width=_WIDE), await new_user("Bob", width=_WIDE)
    await ann.rooms_dialog.creates_room("Nest", private=True)
    await ann.room_dialog.invites("Bob")
    await bob.sidebar.opens_room("Nest")
    await ann.composer.posts("secret plans")
    await bob.timeline.waits_for_message("secret plans")
    await open_thread(bob, "secret plans")
    await bob.composer.posts("a secret answer")
    await bob.room_dialog.leaves_private_room()
    await bob.until(lambda: bob.header.title == "Lobby" and not bob.thread.control)
    assert "a secret answer" not in bob.thread.texts


@pytest.mark.parametrize("width", [_WIDE, _NARROW])
async def test_reply_in_a_thread_quotes_there(new_user: NewUser, width: float) -> None:
    ann = await new_user("Ann", width=width)
    await ann.composer.posts("Who brings the cake?")
    await ann.message_menu.runs("Who brings the cake?", "Reply in thread")
    timeline = ann.thread if width == _WIDE else ann.timeline
    await ann.until(lambda: "0 replies" in " ".join(timeline.texts) or timeline.texts)
    await ann.composer.posts("I do")
    await ann.until(lambda: "I do" in timeline.texts)
