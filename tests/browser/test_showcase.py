"""A showcase: one conversation with ten scripts, markup, a picture, a file and a poll.

The browser has no network but this computer, and sends no request to another host.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize

from chat.model.people import Person
from chat.rooms.room import Room
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.browser.test_files import landscape
from tests.harness.activity import MANY_ACTS
from tests.harness.browser import DESKTOP, PHONE, Tab
from tests.harness.process import ForkedServer, ServerProcess
from tests.harness.threads import run_in_thread

_FIRST_MESSAGES = (
    ("Mira Okafor", "Good morning! **Friday's demo** is nearly ready:\n\n"
                    "1. two browsers and the *window* in one chat\n"
                    "2. ~~slides~~ a server that is killed, and comes back\n"
                    "3. `main.py`, as short as it is"),
    ("Jun Park", "```python\n"
                 "async def main(page: ft.Page) -> None:\n"
                 "    # One function builds what everybody sees.\n"
                 "    page.add(Timeline(room), Composer(room))\n"
                 "```"),
    ("Jun Park", "| 400 people | p99 | CPU |\n"
                 "| :-- | --: | --: |\n"
                 "| a bare web socket | 8.4 ms | 1.0 × |\n"
                 "| this chat | 13.1 ms | 1.7 × |"),
)  # fmt: skip
_MESSAGES_BY_SCRIPT = (
    ("陈晨", "太好了！周五我带投影仪，谢谢大家。"),
    ("陳美玲", "我也會去，需要我帶些什麼嗎？"),
    ("さくら", "楽しみです！会場は何時に開きますか？"),
    ("지우", "저는 열 시에 도착할게요. 👍🏽"),
    ("سارة", "صباح الخير! سأحضر القهوة للجميع."),
    ("נועם", "בוקר טוב, אני אביא עוגה ב-10:00."),
    ("आरव", "मैं भी आ रहा हूँ, मिलते हैं शुक्रवार को।"),
    ("มะลิ", "แล้วเจอกันวันศุกร์นะคะ"),
    ("Вера", "Отлично, до пятницы!"),
    ("Ελένη", "Τα λέμε την Παρασκευή! 👨‍👩‍👧‍👦 🇪🇺"),
    ("Mira Okafor", "🎉🎉"),
)
_CAPTION = "The room, this morning"
_QUESTION = "Lunch after the demo?"


class _ShowcaseBuilder:
    """Posts the conversation into a workspace."""

    def __init__(self, workspace: Workspace, room: Room) -> None:
        self._workspace = workspace
        self._room = room
        self._people: dict[str, Person] = {}
        self._post_count = 0

    async def person(self, name: str) -> Person:
        """The person of this name, signed in and joined to the room on first use."""
        if name not in self._people:
            self._people[name] = await self._workspace.identity.sign_in(
                name, f"the token of {name}"
            )
            await self._workspace.rooms.join(self._people[name], self._room, announce=False)
        return self._people[name]

    async def post(self, name: str, text: str, file: str = "", data: bytes = b"") -> int:
        """Post a message, with a file if it has a name; returns the number of the message."""
        person = await self.person(name)
        uploads = [await self._upload(person, file, data)] if file else []
        self._post_count += 1
        message = await self._room.post(
            person, text, f"message {self._post_count}", upload_ids=uploads
        )
        return message.number

    async def post_poll(self, name: str, question: str, *options: str) -> int:
        """Post a poll; returns the number of its message."""
        person = await self.person(name)
        return (await self._room.post_poll(person, question, options, f"poll {question}")).number

    async def _upload(self, person: Person, name: str, data: bytes) -> str:
        upload = await self._room.begin_upload(person, name, len(data))

        async def chunks() -> AsyncIterator[bytes]:
            yield data

        await self._workspace.uploads.receive(upload, len(data), chunks())
        return upload.id


async def _fill_showcase(folder: Path, hills: bytes) -> None:
    workspace = await Workspace.open(
        folder, lambda topic, event: None, timings=Timings(activity=MANY_ACTS)
    )
    try:
        owner = await workspace.identity.sign_in("Tomás Ruiz", "the token of Tomás Ruiz")
        await workspace.on_signed_in(owner)
        room = await workspace.rooms.by_slug(owner, "lobby")
        builder = _ShowcaseBuilder(workspace, room)
        for name, text in _FIRST_MESSAGES:
            await builder.post(name, text)
        for name, text in _MESSAGES_BY_SCRIPT:
            await builder.post(name, text)
        picture_number = await builder.post("Jun Park", _CAPTION, "hills.jpg", hills)
        notes = b"First the two browsers, then the window.\n" * 200
        await builder.post("Jun Park", "", "Notes for Friday.txt", notes)
        poll_number = await builder.post_poll("Mira Okafor", _QUESTION, "Soup", "Salad", "Pizza 🍕")
        for name, option in (("Jun Park", 0), ("陈晨", 2), ("Вера", 2), ("さくら", 2)):
            await room.vote(await builder.person(name), poll_number, option)
        for name in ("陈晨", "Ελένη"):
            await room.react(await builder.person(name), picture_number, "😍")
    finally:
        await workspace.close()


@pytest.fixture(scope="module")
def seeded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A chat with the whole conversation."""
    folder = tmp_path_factory.mktemp("show")
    hills = landscape(folder / "hills.jpg", 150, 1200, 600).read_bytes()
    run_in_thread(_fill_showcase(folder / "data", hills))
    server = ForkedServer(folder / "data", "--web", "--no-browser").start()
    yield server
    server.kill_if_running()


@pytest.mark.parametrize(
    ("size", "scheme", "language"),
    [
        (DESKTOP, "dark", "zh-CN"),
        (PHONE, "light", "en-GB"),
    ],
    ids=["wide-dark-chinese", "phone-light"],
)
def test_showcase_renders_without_network_access(
    browser: Browser,
    seeded_server: ServerProcess,
    request: pytest.FixtureRequest,
    size: tuple[int, int],
    scheme: str,
    language: str,
) -> None:
    context = browser.new_context(
        viewport=ViewportSize(width=size[0], height=size[1]),
        color_scheme="dark" if scheme == "dark" else "light",
        locale=language,
    )
    name = request.node.callspec.id
    tab = Tab(context, seeded_server.address).opens_as(f"Guest on {name}")
    tab.until(lambda: any("Pizza" in leaf for leaf in tab.semantics_leaves), 20)
    # Fonts and the picture load after the texts.
    tab.waits_until_stable()
    tab.takes_screenshot(f"show-{name}")
    for part, pixels in (("scripts", 620), ("markup", 700)):
        tab.scrolls_up(pixels)
        tab.takes_screenshot(f"show-{name}-{part}")
    about = tab.page.get_by_role("button", name="About this room")
    assert about.count() == (language == "en-GB")
    assert not any("must be provided" in leaf for leaf in tab.semantics_leaves)
    assert tab.page_errors == []
    context.close()
