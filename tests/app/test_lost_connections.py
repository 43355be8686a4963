"""The connection breaks after each kind of text: it is stored once, and the next text is sent."""

import asyncio
from unittest.mock import patch

import pytest

from chat.store.sql_store import SqlStore
from chat.web.socket import connection
from tests.conftest import NewUser
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until

# Each kind of text: what is sent, and a part of what is seen of it, once.
TEXTS = {
    "hello": "hello",
    "//x": "/x",
    "/me waves": "waves",
    "/shrug oh": "oh ",
    "/roll 2d6": "2d6",
    '/poll "Lunch?" "Soup" "Salad"': "Lunch?",
    "/topic roses": "changed the topic",
    "/nick Anna": "is called Anna now",
    "/dm Bob": None,
    "/join Garden": None,
    "/help": None,
}


async def give_field(user: ChatUser, text: str) -> None:
    """Give the field in the lobby to the chat, as the page does when the chat answers again."""
    path = "/room/lobby"
    sent = [
        {"client_id": client_id, "path": path, "text": each}
        for client_id, each in user.page_script.unsettled.items()
    ]
    body = {"path": path, "text": text, "sent": sent}
    response = await user.http_put_json("/words", body)
    assert response.status_code == 200


@pytest.mark.parametrize("text", TEXTS)
async def test_line_is_cut_after_a_text(new_user: NewUser, text: str) -> None:
    bob, ann = await new_user("Bob"), await new_user("Ann")
    await bob.rooms_dialog.creates_room("Garden")
    # A frozen page: it answers nothing, neither a call of a method nor a command to its script.
    ann.answers_invocations = False
    ann.receiving.clear()
    await ann.composer.types(text)
    await ann.composer.sends()
    await ann.page_script.presses_send_key(text + "next")
    await bob.sidebar.opens_room("Lobby")
    # The next text does not wait for the client.
    await bob.timeline.waits_for_message("next")
    unsettled = dict(ann.page_script.unsettled)
    ann.receiving.set()
    await ann.disconnects()
    # The page has not seen any answer.
    ann.page_script.unsettled = unsettled
    ann.answers_invocations = True
    await give_field(ann, text + "nextlater")
    await ann.reloads("/room/lobby")
    await ann.composer.waits_for_text("later")
    shown = TEXTS[text]
    if shown is not None:
        await bob.until(lambda: any(shown in each for each in bob.timeline.texts))
    await bob.composer.posts("end")
    await bob.timeline.waits_for_message("end")
    texts = bob.timeline.texts
    assert texts.count("next") == 1
    assert shown is None or sum(shown in each for each in texts) == 1, texts
    # The tab goes on sending.
    await ann.composer.posts("after all")
    await bob.timeline.waits_for_message("after all")


@pytest.mark.parametrize("text", TEXTS)
async def test_texts_that_never_arrived_are_sent_when_the_connection_is_back(
    new_user: NewUser, text: str
) -> None:
    bob, ann = await new_user("Bob"), await new_user("Ann")
    await bob.rooms_dialog.creates_room("Garden")
    await bob.sidebar.opens_room("Lobby")
    await ann.disconnects()
    ann.page_script.unsettled = {"a1": text, "a2": "next"}
    for _ in range(2):
        await give_field(ann, text + "nextlater")
    await bob.timeline.waits_for_message("next")
    shown = TEXTS[text]
    assert bob.timeline.texts.count("next") == 1
    assert shown is None or sum(shown in each for each in bob.timeline.texts) == 1
    await ann.reloads("/room/lobby")
    await ann.composer.waits_for_text("later")


async def test_half_an_edit_and_a_reply_go_on_after_a_reload(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("teh")
    await ann.composer.posts("other")
    await ann.composer.types("a draft")
    await ann.reloads("/room/lobby")
    await ann.composer.waits_for_text("a draft")
    await ann.page_script.resumes("/room/lobby", edited=2, quoted=0, text="the hal")
    await ann.composer.waits_for_text("the hal")
    await ann.waits_for_text("Editing your message")
    await ann.composer.types("the half")
    await ann.composer.sends()
    await ann.timeline.waits_for_message("the half")
    assert "teh" not in ann.timeline.texts
    await ann.composer.waits_for_text("a draft")
    await ann.page_script.resumes("/room/lobby", edited=0, quoted=3, text="a draft")
    await ann.waits_for_partial_text("Replying to Ann: other")
    # A message that is gone: the text stays.
    await ann.page_script.resumes("/room/lobby", edited=99, quoted=0, text="never lost")
    await ann.composer.waits_for_text("never lost")


async def test_enter_of_an_edit_that_has_ended_posts_nothing(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("teh")
    await ann.composer.starts_editing_last_message("teh")
    await ann.composer.types("the")
    # Two Enters: the second one arrives when the edit is saved.
    for _ in range(2):
        await ann.composer.sends()
    await ann.timeline.waits_for_message("the")
    await ann.composer.waits_for_text("")
    await ann.until(lambda: not ann.page_script.unsettled)
    await ann.composer.posts("end")
    assert ann.timeline.texts.count("the") == 1


async def test_no_call_of_a_client_lasts_for_ever(new_user: NewUser) -> None:
    with patch.object(connection, "CLIENT_CALL_TIMEOUT", 0.05):
        ann = await new_user("Ann")
        await ann.composer.posts("hello")
        ann.answers_invocations = False
        for _ in range(3):
            await ann.rooms_dialog.tries_to_create_room("Garden")
            await ann.page_script.presses("room down")
        await wait_until(lambda: not _waiting_calls())
        ann.answers_invocations = True
        assert ann.crashes == []


def _waiting_calls() -> list[str]:
    """The tasks that wait for a client to run a method."""
    return [
        str(frame)
        for task in asyncio.all_tasks()
        for frame in task.get_stack()
        if "invoke_method" in frame.f_code.co_name
    ]


async def test_acknowledged_text_is_no_draft_at_any_moment(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill just after the acknowledgement: the draft went in the message's transaction."""
    ann = await new_user("Ann")
    drafts_at_ack = list[str]()
    append = SqlStore.append

    async def append_and_look(store: SqlStore, new_message: object) -> object:
        message = await append(store, new_message)  # type: ignore[arg-type]
        drafts_at_ack.append(await store.draft(message.room_id, message.author.id))
        return message

    monkeypatch.setattr(SqlStore, "append", append_and_look)
    for text in ("hello", "two\nlines", "*marks*", "你好"):
        await ann.composer.types(text[:1])
        await asyncio.sleep(1.1)  # longer than the delay before a draft is stored
        await ann.composer.posts(text)
    assert drafts_at_ack == [""] * 4
