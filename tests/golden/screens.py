"""Draws whole screens: a session from its start to a room, as `main` builds it."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from flet.pubsub import PubSubHub

from chat.model.addresses import room_path
from chat.model.messages import MessageKind
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.model.site import SiteInfo
from chat.ui.main import create_main
from chat.workspace.workspace import Workspace
from tests.golden import corpus
from tests.golden.client import Client, Drawings, WireClient
from tests.harness.control_tree import find_controls, texts_of
from tests.harness.domain import create_empty_database, sign_in
from tests.harness.waiting import wait_until

_INVITATION = SiteInfo("Flet Chat", "http://192.168.1.5:8550/", True, "/v1/")

# Seconds without a change before a screen is drawn.
_QUIET = 0.05

# One message of each kind of markup: as many rows as fit on a page.
_SAID = ("emphasis", "links", "heading", "table", "code", "formula", "spoiler", "chinese", "deed")


async def draw_screens(into: Drawings, folder: Path) -> None:
    """Draw the start, the name dialog, and rooms: wide and on a phone, with both renderers."""
    for way, client_of in {"packed": WireClient, "controls": Client}.items():
        for size, width in {"wide": 1280.0, "phone": 400.0}.items():
            kind = f"screen/{way}/{size}"
            hub = PubSubHub(loop=asyncio.get_running_loop())
            home = await create_empty_database(folder / way / size)
            house = await Workspace.open(home, hub.send_all_on_topic)
            try:
                await _draw_visits(into, kind, house, partial(client_of, hub), width)
            finally:
                await house.close()


async def _draw_visits(
    into: Drawings, kind: str, house: Workspace, client_of: Any, width: float
) -> None:
    main = create_main(house, _INVITATION)

    async def visits(name: str, route: str, shows: str) -> Client:
        client: Client = client_of().opens(route, width)
        await main(client.page)
        await _draw(name, client, shows)
        return client

    async def _draw(name: str, client: Client, shows: str) -> None:
        await wait_until(lambda: shows in texts_of(client.screen), interval=0.005)
        await _rests(client)
        into.keep_screen(f"{kind}/{name}", client)

    stranger = await visits("start", "/", "Start chat")
    (button,) = find_controls(stranger.screen, "FilledButton", {})
    await stranger.session.dispatch_event(button["_i"], "click", None)
    await _draw("name", stranger, "Join chat")
    ann, bob = await sign_in(house, "Ann", "Bob")
    for each in (ann, bob):
        # Without a session they would be offline after a while.
        house.presence.session_connected(each, f"session of {each.name}")
    thread, private = await _talk(house, ann, bob)
    visitor = await visits("lobby", "/room/lobby?username=Zoe", "3 here")
    (zoe,) = [each for each in await house.all_people() if each.name == "Zoe"]
    for name, value in (("density", "compact"), ("theme", "dark"), ("language", "zh-CN")):
        await house.identity.set_preference(zoe, name, value)
    await _draw("lobby in Chinese", visitor, "3 人在线")
    await visits("thread", f"{thread}?username=Yves", "4 here")
    await visits("private, as if it were not there", f"{private}?username=Xin", "5 here")


async def _talk(house: Workspace, ann: Person, bob: Person) -> tuple[str, str]:
    """Post messages; returns the paths of a thread and of a private room."""
    lobby = await house.rooms.by_slug(ann, "lobby")
    said = corpus.talk()
    for name in _SAID:
        await lobby.post(ann, said[name].text, name)
    asked = await lobby.post_poll(bob, "Which one?", ("Soup", "Salad"), "poll")
    await lobby.vote(ann, asked.number, 1)
    await lobby.react(bob, asked.number, "👍")
    await lobby.pin(bob, asked.number, pinned=True)
    answer = await lobby.post(bob, "yes", "answer", quoted_number=asked.number)
    await lobby.edit(bob, answer.number, "yes, please")
    thread = await house.rooms.get_or_create_thread(bob, lobby, answer.number)
    await thread.post(ann, "in the thread", "reply")
    await lobby.post_system_message(bob, MessageKind.TOPIC_CHANGED, "All")
    garden = await house.rooms.create(ann, "Garden", RoomKind.PUBLIC, "Roses")
    await garden.post(ann, "@everyone come", "come")
    cellar = await house.rooms.create(ann, "Cellar", RoomKind.PRIVATE)
    return room_path(thread.info), room_path(cellar.info)


async def _rests(client: Client) -> None:
    count = len(client.frames)
    await asyncio.sleep(_QUIET)
    if len(client.frames) > count:
        await _rests(client)
