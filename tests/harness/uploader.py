"""People who send files from a browser, without one: the requests that it makes, and its cookie."""

import io
from collections.abc import AsyncIterator

import httpx
import pytest
from PIL import Image

from chat.files.storage import FolderStorage
from chat.files.upload import Upload, UploadState
from chat.model.messages import Message
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.server.app import ChatServer
from chat.web.guard.cookies import token_cookie_name
from chat.workspace.workspace import Workspace
from tests.harness.http import asking


class Sender:
    """Somebody with a browser: their cookie comes with each request."""

    def __init__(self, chat: ChatServer, person: Person, token: str) -> None:
        self.house = chat._require_workspace()
        self.person = person
        self.browser = asking(
            base_url=chat.url,
            cookies={token_cookie_name(self.house): token},
            headers={"origin": chat.url.rstrip("/")},
            # A picture takes its time where others use the processor, too.
            timeout=60,
        )

    async def begins(self, room: Room, name: str, size: int) -> Upload:
        """Ask to send a file."""
        return await room.begin_upload(self.person, name, size)

    async def sends(self, room: Room, name: str, data: bytes) -> Upload:
        """Send a file whole."""
        upload = await self.begins(room, name, len(data))
        answer = await self.browser.put(upload.url, content=data)
        assert answer.status_code == 200, answer.text
        assert upload.state is UploadState.READY
        return upload

    async def posts(self, room: Room, *uploads: Upload, text: str = "") -> Message:
        """Say it with files."""
        ids = [each.id for each in uploads]
        return await room.post(self.person, text, f"with {ids}", upload_ids=ids)

    async def gets(self, address: str, **headers: str) -> httpx.Response:
        """Fetch something."""
        return await self.browser.get(address, headers=headers)


@pytest.fixture
async def senders(chat: ChatServer) -> AsyncIterator[tuple[Sender, Sender]]:
    """Ann, to whom the chat belongs, and Bob."""
    workspace = chat._require_workspace()
    both = []
    for name in ("Ann", "Bob"):
        person = await workspace.people.sign_in(name, f"token of {name}")
        await workspace.on_signed_in(person)
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
async def private_room(ann: Sender) -> Room:
    """A private room of Ann's."""
    return await ann.house.rooms.create(ann.person, "Garden", RoomKind.PRIVATE)


def picture(width: int = 640, height: int = 480, kind: str = "PNG", **more: object) -> bytes:
    """A picture of many colours."""
    drawn = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    packed = io.BytesIO()
    drawn.save(packed, kind, **more)
    return packed.getvalue()


def stored(workspace: Workspace) -> list[str]:
    """All that lies in the storage."""
    storage = workspace.uploads.blobs._storage
    assert isinstance(storage, FolderStorage)
    folder = storage._folder
    return sorted(path.name for path in folder.rglob("*") if path.is_file())
