"""Blocks on the screen: what is hidden, in which sessions, and how it comes back."""

from chat.server.app import ChatServer
from tests.conftest import NewUser
from tests.harness.client import secret
from tests.harness.control_tree import find_all, texts_of
from tests.harness.user import ChatUser

HIDDEN = "Message of a person you blocked"


async def clicks_part(user: ChatUser, text: str, label: str) -> None:
    """Click a button in the row of a message."""

    def buttons() -> list[dict[str, object]]:
        row = user.timeline.row(text)
        found = find_all("Container", row, on_click=True) if row else []
        return [each for each in found if label in texts_of(each)]

    await user.until(buttons)
    await user.fires(buttons()[-1], "click")


async def test_blocked_person_is_hidden_in_all_sessions_at_once_and_comes_back(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob, cem = [await new_user(each) for each in ("Ann", "Bob", "Cem")]
    second = await new_user(like=ann)
    await bob.composer.posts("one")
    await bob.composer.posts("two")
    await cem.composer.posts("by Cem")
    for each in (ann, second):
        await each.timeline.waits_for_message("by Cem")
    await ann.message_menu.opens("one")
    await ann.clicks("Block Bob")
    await ann.waits_for_partial_text("Bob is not told.")
    await ann.clicks("Block")
    await ann.snackbar.waits_for("You blocked Bob.")
    for each in (ann, second):
        await each.timeline.waits_until_message_gone("two")
        # Several in a row are one line.
        await each.waits_until(lambda user: user.timeline.texts.count(HIDDEN) == 1)
        await each.waits_until(lambda user: "Bob" not in user.sidebar.online_people)
        assert "by Cem" in each.timeline.texts
    await cem.message_menu.runs("one", "Reply")
    await cem.waits_for_text("Replying to Bob: one")
    await cem.composer.posts("what Cem thinks of it")
    await ann.timeline.waits_for_message("what Cem thinks of it")
    assert "one" not in ann.timeline.quote_in("what Cem thinks of it")
    await clicks_part(ann, HIDDEN, "Show")
    await ann.timeline.waits_for_message("two")
    await ann.until(lambda: HIDDEN not in ann.timeline.texts)
    assert HIDDEN in second.timeline.texts
    # Another room, and back.
    await ann.rooms_dialog.creates_room("Garden")
    await ann.sidebar.opens_room("Lobby")
    await ann.timeline.waits_for_message(HIDDEN)
    await ann.clicks("Settings")
    await ann.clicks("Blocked people")
    await ann.waits_for_text("Bob")
    await ann.clicks("Unblock")
    await ann.waits_for_text("Nobody.")
    for each in (ann, second):
        await each.timeline.waits_for_message("two")
        await each.waits_until(lambda user: "Bob" in user.sidebar.online_people)


async def test_no_byte_of_what_a_blocked_person_writes_reaches_the_other(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann = await new_user("Ann")
    bob, cem = await new_user("Bob", secrets="words"), await new_user("Cem", secrets="words")
    await ann.sidebar.clicks_person("Bob")
    await ann.clicks("Block")
    await ann.waits_for_partial_text("Bob is not told.")
    await ann.clicks("Block")
    await ann.snackbar.waits_for("You blocked Bob.")
    await bob.composer.types("still typing")
    await cem.until(lambda: cem.timeline.typing_status)
    assert not ann.timeline.typing_status
    await bob.composer.posts(secret("words", "@Ann in the lobby"))
    await cem.timeline.waits_for_message(secret("words", "@Ann in the lobby"))
    await ann.timeline.waits_for_message(HIDDEN)
    await bob.sidebar.opens_direct_conversation("Ann")
    await bob.composer.posts(secret("words", "to you alone"))
    await bob.timeline.waits_for_message(secret("words", "to you alone"))
    await cem.composer.posts("the end")
    await ann.timeline.waits_for_message("the end")
    assert "Bob" not in ann.sidebar.rooms
    for path in ("/light/rows", "/first-view?path=/room/lobby"):
        answer = (await ann.http_get(path)).text
        assert HIDDEN in answer
        assert secret("words") not in answer
    # A page that is loaded anew.
    again = await new_user(like=ann)
    await again.timeline.waits_for_message(HIDDEN)
    assert "Bob" not in again.sidebar.rooms


async def test_conversation_with_a_blocked_person_cannot_be_written_to(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.sidebar.opens_direct_conversation("Bob")
    await ann.composer.posts("hello")
    await bob.sidebar.opens_room("Ann")
    await bob.composer.posts("hi")
    await ann.timeline.waits_for_message("hi")
    await ann.message_menu.opens("hi")
    await ann.clicks("Block Bob")
    await ann.waits_for_partial_text("Bob is not told.")
    await ann.clicks("Block")
    await ann.waits_for_text("You blocked Bob. Unblock them to write here.")
    await ann.snackbar.undoes()
    await ann.timeline.waits_for_message("hi")
    await ann.waits_until_writable()
    await ann.composer.posts("again")
    await bob.timeline.waits_for_message("again")
