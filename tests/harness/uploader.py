"""People who send files over HTTP, with the cookie of a browser."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from chat.files.upload import Upload, UploadState
from chat.model.messages import Message
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.server.app import ChatServer
from chat.web.guard.cookies import token_cookie_name
from tests.harness.http import http_client


class HttpUser:
    """A person whose cookie comes with each request."""

    def __init__(self, chat: ChatServer, data_folder: Path, person: Person, token: str) -> None:
        self.data_folder = data_folder
        self.workspace = chat.workspace
        self.person = person
        self.http = http_client(
            base_url=chat.url,
            cookies={token_cookie_name(self.workspace): token},
            headers={"origin": chat.url.rstrip("/")},
            # A picture takes its time where others use the processor, too.
            timeout=60,
        )

    @property
    def stored_files(self) -> list[str]:
        """The names of all files that the chat keeps, also of unfinished ones."""
        return stored_files(self.data_folder)

    async def begins_upload(self, room: Room, name: str, size: int) -> Upload:
        """Begin an upload."""
        return await room.begin_upload(self.person, name, size)

    async def uploads_file(self, room: Room, name: str, data: bytes) -> Upload:
        """Upload a whole file."""
        upload = await self.begins_upload(room, name, len(data))
        response = await self.http.put(upload.url, content=data)
        assert response.status_code == 200, response.text
        assert upload.state is UploadState.READY
        return upload

    async def posts(self, room: Room, *uploads: Upload, text: str = "") -> Message:
        """Post a message with files."""
        ids = [each.id for each in uploads]
        return await room.post(self.person, text, f"with {ids}", upload_ids=ids)

    async def http_get(self, path: str, **headers: str) -> httpx.Response:
        """Fetch an address."""
        return await self.http.get(path, headers=headers)


@pytest.fixture
async def senders(chat: ChatServer, tmp_path: Path) -> AsyncIterator[tuple[HttpUser, HttpUser]]:
    """Ann, the owner, and Bob."""
    workspace = chat.workspace
    users = []
    for name in ("Ann", "Bob"):
        person = await workspace.identity.sign_in(name, f"token of {name}", is_local=True)
        await workspace.on_signed_in(person)
        users.append(HttpUser(chat, tmp_path / "data", person, f"token of {name}"))
    yield users[0], users[1]
    for each in users:
        await each.http.aclose()


@pytest.fixture
def ann(senders: tuple[HttpUser, HttpUser]) -> HttpUser:
    return senders[0]


@pytest.fixture
def bob(senders: tuple[HttpUser, HttpUser]) -> HttpUser:
    return senders[1]


@pytest.fixture
async def private_room(ann: HttpUser) -> Room:
    """A private room of Ann's."""
    return await ann.workspace.rooms.create(ann.person, "Garden", RoomKind.PRIVATE)


def make_picture(
    width: int = 640, height: int = 480, kind: str = "PNG", **options: object
) -> bytes:
    """A picture of many colours."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    encoded = io.BytesIO()
    image.save(encoded, kind, **options)
    return encoded.getvalue()


def stored_files(data_folder: Path) -> list[str]:
    """The names of all files that a chat keeps, also of unfinished ones."""
    return sorted(path.name for path in (data_folder / "files").rglob("*") if path.is_file())
