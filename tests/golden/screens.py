"""Draws whole screens: a session from its start to a room, as `main` builds it."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flet.pubsub import PubSubHub

from chat.model.addresses import room_path
from chat.model.messages import MessageKind
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.model.site import SiteInfo
from chat.rooms import directory
from chat.text.room_names import slug_of
from chat.ui.main import create_main
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.golden import corpus
from tests.golden.client import Client, Drawings, PackedClient
from tests.harness.activity import MANY_ACTS
from tests.harness.control_tree import find_controls, texts_of
from tests.harness.domain import create_empty_database, sign_in
from tests.harness.waiting import wait_until

_INVITATION = SiteInfo("Flet Chat", "http://192.168.1.5:8550/", True, "/v1/")

# Seconds without a change before a screen is drawn.
_QUIET = 0.05

# One message of each kind of markup: as many rows as fit on a page.
_MESSAGES = (
    "emphasis",
    "links",
    "heading",
    "table",
    "code",
    "formula",
    "spoiler",
    "chinese",
    "emote",
)


async def draw_screens(drawings: Drawings, folder: Path) -> None:
    """Draw the first screens and rooms, wide and on a phone, with both renderers."""
    for renderer, new_client in {"packed": PackedClient, "controls": Client}.items():
        for size, width in {"wide": 1280.0, "phone": 400.0}.items():
            prefix = f"screen/{renderer}/{size}"
            hub = PubSubHub(loop=asyncio.get_running_loop())
            data = await create_empty_database(folder / renderer / size)
            workspace = await Workspace.open(
                data, hub.send_all_on_topic, timings=Timings(activity=MANY_ACTS)
            )
            try:
                await _draw_sessions(drawings, prefix, workspace, partial(new_client, hub), width)
            finally:
                await workspace.close()


async def _draw_sessions(
    drawings: Drawings, prefix: str, workspace: Workspace, new_client: Any, width: float
) -> None:
    main = create_main(workspace, _INVITATION)

    async def open_and_draw(name: str, route: str, text: str) -> Client:
        client: Client = new_client().open(route, width)
        await main(client.page)
        await draw(name, client, text)
        return client

    async def sign_in_and_draw(name: str, route: str, text: str) -> Client:
        client: Client = new_client().open(route, width)
        await main(client.page)
        (field,) = find_controls(client.screen, "TextField", {})
        await client.session.dispatch_event(field["_i"], "submit", None)
        await draw(name, client, text)
        return client

    async def draw(name: str, client: Client, text: str) -> None:
        await wait_until(lambda: text in texts_of(client.screen), interval=0.005)
        await _wait_until_quiet(client)
        drawings.add_screen(f"{prefix}/{name}", client)

    newcomer = await open_and_draw("welcome", "/", "Start chat")
    (button,) = find_controls(newcomer.screen, "FilledButton", {})
    await newcomer.session.dispatch_event(button["_i"], "click", None)
    await draw("name dialog", newcomer, "Join chat")
    ann, bob = await sign_in(workspace, "Ann", "Bob")
    for each in (ann, bob):
        # A person without a session goes offline after a while.
        workspace.presence.session_connected(each, f"session of {each.name}")
    thread, private = await _post_messages(workspace, ann, bob)
    visitor = await sign_in_and_draw("lobby", "/room/lobby?username=Zoe", "3 here")
    (zoe,) = [each for each in await workspace.all_people() if each.name == "Zoe"]
    for name, value in (("density", "compact"), ("theme", "dark"), ("language", "zh-CN")):
        await workspace.identity.set_preference(zoe, name, value)
    await draw("lobby in Chinese", visitor, "3 人在线")
    await sign_in_and_draw("thread", f"{thread}?username=Yves", "4 here")
    await sign_in_and_draw("a private room of others", f"{private}?username=Xin", "5 here")


async def _post_messages(workspace: Workspace, ann: Person, bob: Person) -> tuple[str, str]:
    """Post messages; returns the paths of a thread and of a private room."""
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    messages = corpus.messages_by_name()
    for name in _MESSAGES:
        await lobby.post(ann, messages[name].text, name)
    poll = await lobby.post_poll(bob, "Which one?", ("Soup", "Salad"), "poll")
    await lobby.vote(ann, poll.number, 1)
    await lobby.react(bob, poll.number, "👍")
    await lobby.pin(bob, poll.number, pinned=True)
    reply = await lobby.post(bob, "yes", "answer", quoted_number=poll.number)
    await lobby.edit(bob, reply.number, "yes, please")
    thread = await workspace.rooms.get_or_create_thread(bob, lobby, reply.number)
    await thread.post(ann, "in the thread", "reply")
    await lobby.post_system_message(bob, MessageKind.TOPIC_CHANGED, "All")
    garden = await workspace.rooms.create(ann, "Garden", RoomKind.PUBLIC, "Roses")
    await garden.post(ann, "@everyone come", "come")
    # Without the random letters of its address.
    with patch.object(directory, "private_slug", slug_of):
        cellar = await workspace.rooms.create(ann, "Cellar", RoomKind.PRIVATE)
    return room_path(thread.info), room_path(cellar.info)


async def _wait_until_quiet(client: Client) -> None:
    count = len(client.frames)
    await asyncio.sleep(_QUIET)
    if len(client.frames) > count:
        await _wait_until_quiet(client)
