"""A chat in which a team has talked for three days, before anybody opens a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import BrowserContext

from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.activity import MANY_ACTS
from tests.harness.clock import shifted_clock

VIEWER = "Ann Lindqvist"

_PEOPLE = (
    VIEWER,
    "Ben Okafor",
    "Chen Wei",
    "Dana Ruiz",
    "Emil Novak",
    "Farah Haddad",
    "Goro Tanaka",
    "Hana Kim",
    "Ivo Petrov",
)

# Title and topic; with those below the list of rooms is long enough for its filter.
_ROOMS = (
    ("design", "Screens, words and colours"),
    ("ops-eu", "What runs, and what does not"),
    ("release-2027", "Everything for the spring release"),
    ("random", ""),
)
_MORE_ROOMS = (
    "accessibility",
    "books",
    "bikes",
    "customers",
    "data",
    "events",
    "food",
    "hiring",
    "music",
    "office",
    "pictures",
    "travel",
)

_LONG_TEXT = (
    "For Friday I would show three things: two browsers and the window in one chat, a server that "
    "is killed and comes back while everyone is writing, and the history that is still there "
    "afterwards. The rest of the hour belongs to questions, and I would leave the slides out."
)

_TABLE = (
    "| people | p99 | CPU |\n"
    "| --: | --: | --: |\n"
    "| 100 | 6.9 ms | 0.9 x |\n"
    "| 400 | 13.1 ms | 1.7 x |"
)

# Day, author, text.
_LOBBY = (
    (2, "Ben Okafor", "Shall we move the demo to Friday? The projector is back only then."),
    (2, "Chen Wei", "Friday is perfect."),
    (2, "Dana Ruiz", "Fine with me. Who takes the notes?"),
    (1, "Ben Okafor", _TABLE),
    (1, "Ben Okafor", "These are the numbers of last night, on the old machine."),
    (
        1,
        "Emil Novak",
        "```python\nasync def main(page: ft.Page) -> None:\n    page.add(timeline)\n```",
    ),
    (1, "Farah Haddad", _LONG_TEXT),
    (0, "Chen Wei", "Good morning! **The tests are green** on all three machines."),
    (0, "Chen Wei", "The start takes 0.9 s, see [the plan](https://example.org/plan)."),
    (0, "Dana Ruiz", "@Ann Lindqvist could you look at the words of the invitation?"),
    (0, "Hana Kim", "안녕하세요! I take the notes."),
    (0, "Ben Okafor", "Who brings the cake to the summer party?"),
    (0, "Goro Tanaka", "We meet at the boat house, as last year."),
)


@dataclass
class TeamChat:
    """What of the chat a browser needs: the cookie of a person."""

    cookie_name: str

    def sign_in(self, context: BrowserContext, address: str, name: str = VIEWER) -> None:
        """Make a browser that of a person of the team."""
        context.add_cookies(
            [{"name": self.cookie_name, "value": _token(name), "url": address, "httpOnly": True}]
        )


async def fill_team_chat(folder: Path) -> TeamChat:
    """Fill an empty data folder."""
    workspace = await Workspace.open(
        folder, lambda topic, event: None, timings=Timings(activity=MANY_ACTS)
    )
    try:
        await _Filler(workspace).fill()
        return TeamChat(f"flet_chat_{workspace.id[:8]}")
    finally:
        await workspace.close()


def _token(name: str) -> str:
    return "token-of-" + name.replace(" ", "-")


class _Filler:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._people: dict[str, Person] = {}
        self._post_count = 0

    async def fill(self) -> None:
        with shifted_clock() as clock:
            clock.shift = -timedelta(days=3)
            for name in _PEOPLE:
                person = await self._workspace.identity.sign_in(name, _token(name))
                await self._workspace.on_signed_in(person)
                self._people[name] = person
            ben, ann = self._people["Ben Okafor"], self._people[VIEWER]
            lobby = await self._workspace.rooms.by_slug(ben, "lobby")
            for days, author, text in _LOBBY:
                clock.shift = -timedelta(days=days)
                await self._post(lobby, author, text)
            clock.shift = timedelta()
            poll = await lobby.post_poll(ben, "Lunch after the demo?", ["Soup", "Salad"], "poll")
            await lobby.vote(self._people["Hana Kim"], poll.number, 1)
            cake = poll.number - 2
            for name in ("Chen Wei", "Hana Kim"):
                await lobby.react(self._people[name], cake, "🎂")
            thread = await self._workspace.rooms.get_or_create_thread(ben, lobby, cake)
            for name in ("Hana Kim", "Chen Wei", VIEWER):
                await self._workspace.rooms.join(self._people[name], thread, announce=False)
                await self._post(thread, name, "I can, with cherries" if name == VIEWER else "Me!")
            await self._fill_rooms(ann)
            await self._workspace.people_details.set_status(ben, "🌴", "Back on Monday")

    async def _fill_rooms(self, ann: Person) -> None:
        ben = self._people["Ben Okafor"]
        for title, topic in _ROOMS:
            room = await self._workspace.rooms.create(ben, title, topic=topic)
            for person in self._people.values():
                await self._workspace.rooms.join(person, room, announce=False)
            await self._post(room, "Ben Okafor", f"The plan for {title} is in the file.")
            await self._post(room, "Hana Kim", "Thank you, I have read it.")
        for title in _MORE_ROOMS:
            room = await self._workspace.rooms.create(ann, title)
            await self._workspace.rooms.join(ben, room, announce=False)
        board = await self._workspace.rooms.create(
            ann, "Board", RoomKind.PRIVATE, invited=[ben, self._people["Dana Ruiz"]]
        )
        await self._workspace.rooms.set_favourite(ann, board, favourite=True)
        for name in ("Ben Okafor", "Dana Ruiz"):
            direct = await self._workspace.rooms.get_or_create_direct(ann, [self._people[name]])
            await self._post(direct, name, "Do you have a minute?")

    async def _post(self, room: Room, author: str, text: str, uploads: Sequence[str] = ()) -> None:
        self._post_count += 1
        await room.post(
            self._people[author], text, f"message {self._post_count}", upload_ids=uploads
        )
