"""Slack's Web API: Slack's own client posts, changes, deletes and reacts here."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from chat.model.people import Person
from chat.model.programs import Scope
from chat.model.rooms import RoomKind
from chat.workspace.workspace import Workspace
from tests.harness.programs import Program, Programs, ann, ops, programs, workspace

__all__ = ["ann", "ops", "programs", "workspace"]


def slack_client(program: Program) -> WebClient:
    """Slack's own client with the token of a program."""
    return WebClient(token=program.secret, base_url=str(program.http.base_url))


async def call(function: Callable[..., Any], **arguments: Any) -> Any:
    """A call of Slack's client, which is synchronous."""
    return (await asyncio.to_thread(function, **arguments)).data


async def refusal(function: Callable[..., Any], **arguments: Any) -> str:
    """The word with which a call is refused."""
    with pytest.raises(SlackApiError) as error:
        await call(function, **arguments)
    return str(error.value.response["error"])


async def texts(workspace: Workspace, reader: Person, slug: str = "lobby") -> list[str]:
    """The texts of programs in a room."""
    room = await workspace.rooms.by_slug(reader, slug)
    page = await room.newest(reader)
    return [each.text for each in page.messages if each.via is not None and not each.deleted]


async def test_client_posts_changes_and_deletes(
    ops: Program, ann: Person, workspace: Workspace
) -> None:
    client = slack_client(ops)
    assert (await call(client.auth_test))["user"] == "ops"
    posted = await call(
        client.chat_postMessage, channel="#lobby", text="*Deployed* <http://a.b|1.4>"
    )
    assert await texts(workspace, ann) == ["**Deployed** [1.4](http://a.b)"]
    where = {"channel": posted["channel"], "ts": posted["ts"]}
    await call(client.chat_update, **where, text="_Rolled back_")
    assert await texts(workspace, ann) == ["_Rolled back_"]
    await call(client.reactions_add, channel=where["channel"], timestamp=where["ts"], name="tada")
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    message = (await lobby.newest(ann)).messages[-1]
    assert [each.emoji for each in message.reactions] == ["🎉"]
    await call(client.chat_delete, **where)
    assert await texts(workspace, ann) == []
    assert await refusal(client.chat_update, **where, text="late") == "message_not_found"


async def test_blocks_attachments_and_sender_are_kept(
    ops: Program, ann: Person, workspace: Workspace
) -> None:
    client = slack_client(ops)
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Disk"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*95 %* used"}},
    ]
    await call(
        client.chat_postMessage,
        channel="lobby",
        text="Disk is full",
        blocks=blocks,
        username="Grafana",
        icon_emoji=":fire:",
    )
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    message = (await lobby.newest(ann)).messages[-1]
    assert message.via is not None
    assert (message.via.sender, message.via.icon, message.via.summary) == (
        "Grafana",
        "🔥",
        "Disk is full",
    )
    assert "**95 %** used" in message.text
    await call(
        client.chat_postMessage,
        channel="lobby",
        attachments=[{"color": "danger", "text": "down", "fallback": "down"}],
    )
    message = (await lobby.newest(ann)).messages[-1]
    assert message.via is not None
    assert len(message.via.bars) == 1


async def test_answer_goes_into_the_thread_of_a_message(
    ops: Program, ann: Person, workspace: Workspace
) -> None:
    client = slack_client(ops)
    root = await call(client.chat_postMessage, channel="#lobby", text="Building")
    reply = await call(client.chat_postMessage, channel="#lobby", text="done", thread_ts=root["ts"])
    assert await texts(workspace, ann) == ["Building"]
    await call(client.chat_update, channel="#lobby", ts=reply["ts"], text="done in 3 s")
    thread = await workspace.rooms.find_thread(
        ann, await workspace.rooms.by_slug(ann, "lobby"), int(root["ts"].split(".")[1])
    )
    assert thread is not None
    assert (await thread.newest(ann)).messages[-1].text == "done in 3 s"
    await workspace.rooms.create(ann, "Garden")
    word = await refusal(client.chat_update, channel="#garden", ts=reply["ts"], text="elsewhere")
    assert word == "message_not_found"
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    message = (await lobby.newest(ann)).messages[-1]
    assert message.replies == 1


async def test_repeated_client_msg_id_is_one_message(
    ops: Program, ann: Person, workspace: Workspace
) -> None:
    client = slack_client(ops)
    for _ in range(3):
        await call(client.chat_postMessage, channel="#lobby", text="once", client_msg_id="17")
    assert await texts(workspace, ann) == ["once"]


async def test_channels_are_those_of_the_token(
    ops: Program, programs: Programs, ann: Person, workspace: Workspace
) -> None:
    hidden = await workspace.rooms.create(ann, "Hidden", RoomKind.PRIVATE)
    garden = await workspace.rooms.create(ann, "Garden")
    client = slack_client(ops)
    names, cursor = list[str](), ""
    for _ in range(2):
        page = await call(client.conversations_list, limit=1, cursor=cursor)
        names += [each["name"] for each in page["channels"]]
        cursor = page["response_metadata"]["next_cursor"]
    assert (names, cursor) == (["lobby", "garden"], "")
    posted = await call(client.chat_postMessage, channel="Garden", text="by title")
    assert posted["channel"] == f"C{garden.info.id}"
    for channel in (hidden.info.slug, f"C{hidden.info.id}", "C999", "nowhere", ""):
        word = await refusal(client.chat_postMessage, channel=channel, text="hello")
        assert word == "channel_not_found"
    bound = slack_client(await programs.another_token(ops.bot, rooms=[garden.info.id]))
    word = await refusal(bound.chat_postMessage, channel="#lobby", text="hello")
    assert word == "channel_not_found"


async def test_refusals_are_words_of_slack(
    ops: Program, programs: Programs, ann: Person, workspace: Workspace
) -> None:
    client = slack_client(ops)
    empty = await ops.http.post("/chat.postMessage", data={"channel": "#lobby", "text": " "})
    assert (empty.status_code, empty.json()) == (200, {"ok": False, "error": "no_text"})
    too_long = await refusal(client.chat_postMessage, channel="#lobby", text="x" * 20_000)
    assert too_long == "msg_too_long"
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    of_ann = await lobby.post(ann, "mine", "1")
    where = {"channel": "#lobby", "ts": f"1.{of_ann.number:06}"}
    assert await refusal(client.chat_update, **where, text="yours") == "cant_update_message"
    assert await refusal(client.chat_delete, **where) == "cant_delete_message"
    reading = slack_client(await programs.another_token(ops.bot, scopes=[Scope.READ]))
    assert await refusal(reading.chat_postMessage, channel="#lobby", text="a") == "missing_scope"
    stranger = WebClient(token="fc_nobody", base_url=str(ops.http.base_url))
    assert await refusal(stranger.auth_test) == "invalid_auth"
    room = await workspace.rooms.create(ann, "Old")
    await call(client.chat_postMessage, channel="#old", text="still open")
    await workspace.rooms.set_archived(ann, room, archived=True)
    assert await refusal(client.chat_postMessage, channel="#old", text="a") == "is_archived"
    word = await refusal(client.reactions_add, channel="#lobby", timestamp="x", name="tada")
    assert word == "message_not_found"


async def test_call_of_everybody_calls_nobody(
    ops: Program, ann: Person, workspace: Workspace
) -> None:
    await call(slack_client(ops).chat_postMessage, channel="#lobby", text="<!channel> look")
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    assert (await lobby.newest(ann)).messages[-1].mentions == frozenset()


async def test_answer_of_a_model_is_streamed_into_a_thread(
    ops: Program, ann: Person, workspace: Workspace
) -> None:
    client = slack_client(ops)
    root = await call(client.chat_postMessage, channel="#lobby", text="Question")
    stream = await asyncio.to_thread(
        lambda: client.chat_stream(
            channel=root["channel"],
            recipient_team_id="T1",
            recipient_user_id="U1",
            thread_ts=root["ts"],
            buffer_size=1,
        )
    )
    for word in ("The ", "answer ", "is "):
        await asyncio.to_thread(stream.append, markdown_text=word)
    await asyncio.to_thread(stream.stop, markdown_text="**42**.")
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    thread = await workspace.rooms.find_thread(ann, lobby, int(root["ts"].split(".")[1]))
    assert thread is not None
    (answer,) = (each for each in (await thread.newest(ann)).messages if each.text)
    assert (answer.text, answer.stream_state) == ("The answer is **42**.", None)
