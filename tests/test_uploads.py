"""Files: sent once, kept under their content, fetched by those who may read where they are."""

import io
from collections.abc import AsyncIterator

import httpx
import pytest
from PIL import Image

from chat.app import Chat
from chat.files import Folder
from chat.house import House
from chat.messages import Message, Person, RoomKind
from chat.room import OpenRoom
from chat.upload import State, Upload
from chat.web.cookies import token_cookie


class Sender:
    """Somebody with a browser: their cookie comes with each request."""

    def __init__(self, chat: Chat, person: Person, token: str) -> None:
        self.house = chat._the_house()
        self.person = person
        self.browser = httpx.AsyncClient(
            base_url=chat.address,
            cookies={token_cookie(self.house): token},
            headers={"origin": chat.address.rstrip("/")},
        )

    async def begins(self, room: OpenRoom, name: str, size: int) -> Upload:
        """Ask to send a file."""
        return await room.begin_upload(self.person, name, size)

    async def sends(self, room: OpenRoom, name: str, data: bytes) -> Upload:
        """Send a file whole."""
        upload = await self.begins(room, name, len(data))
        answer = await self.browser.put(upload.url, content=data)
        assert answer.status_code == 200, answer.text
        assert upload.state is State.READY
        return upload

    async def posts(self, room: OpenRoom, *uploads: Upload, text: str = "") -> Message:
        """Say it with files."""
        ids = [each.id for each in uploads]
        return await room.post(self.person, text, f"with {ids}", uploads=ids)

    async def gets(self, address: str, **headers: str) -> httpx.Response:
        """Fetch something."""
        return await self.browser.get(address, headers=headers)


@pytest.fixture
async def senders(chat: Chat) -> AsyncIterator[tuple[Sender, Sender]]:
    """Ann, to whom the chat belongs, and Bob."""
    house = chat._the_house()
    both = []
    for name in ("Ann", "Bob"):
        person = await house.people.come_in(name, f"token of {name}")
        await house.welcome(person)
        both.append(Sender(chat, person, f"token of {name}"))
    yield both[0], both[1]
    for each in both:
        await each.browser.aclose()


@pytest.fixture
def ann(senders: tuple[Sender, Sender]) -> Sender:
    return senders[0]


@pytest.fixture
def bob(senders: tuple[Sender, Sender]) -> Sender:
    return senders[1]


@pytest.fixture
async def garden(ann: Sender) -> OpenRoom:
    """A private room of Ann's."""
    return await ann.house.rooms.make(ann.person, "Garden", RoomKind.PRIVATE)


def picture(width: int = 640, height: int = 480, kind: str = "PNG", **more: object) -> bytes:
    """A picture of many colours."""
    drawn = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    packed = io.BytesIO()
    drawn.save(packed, kind, **more)
    return packed.getvalue()


def stored(house: House) -> list[str]:
    """All that lies in the storage."""
    storage = house.uploads.contents._storage
    assert isinstance(storage, Folder)
    folder = storage._folder
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


async def test_a_picture_is_sent_seen_and_saved(ann: Sender, garden: OpenRoom) -> None:
    data = picture(4000, 3000, "JPEG")
    upload = await ann.sends(garden, "hills.jpg", data)
    message = await ann.posts(garden, upload, text="from the walk")
    (hills,) = message.files
    assert (hills.name, hills.size, hills.kind) == ("hills.jpg", len(data), "image/jpeg")
    assert (hills.width, hills.height, hills.is_picture) == (4000, 3000, True)
    assert upload.state is State.SENT
    saved = await ann.gets(hills.address)
    assert saved.content == data
    assert "attachment" in saved.headers["content-disposition"]
    assert saved.headers["content-security-policy"] == "sandbox; default-src 'none'"
    for address, longest in ((hills.small, 480), (hills.large, 2048)):
        view = await ann.gets(address)
        shown = Image.open(io.BytesIO(view.content))
        assert shown.size == hills.fits(longest)
        assert view.headers["content-type"] == "image/jpeg"
    assert (await garden.newest(ann.person)).messages[-1] == message


async def test_a_stranger_of_the_room_gets_what_is_said_of_nothing(
    ann: Sender, bob: Sender, garden: OpenRoom
) -> None:
    upload = await ann.sends(garden, "plan.png", picture())
    (plan,) = (await ann.posts(garden, upload)).files
    nothing = await bob.gets("/files/0000/plan.png")
    for address in (plan.address, plan.small, plan.large):
        refused = await bob.gets(address)
        assert (refused.status_code, refused.content) == (404, nothing.content)
    await ann.house.rooms.invite(ann.person, garden, bob.person)
    assert (await bob.gets(plan.address)).status_code == 200
    await ann.house.rooms.leave(bob.person, garden)
    assert (await bob.gets(plan.address)).status_code == 404
    assert (await bob.gets(plan.small)).status_code == 404
