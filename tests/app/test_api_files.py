"""The HTTP API: a program sends files, and fetches those of messages."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat.files.limits import UploadLimits
from chat.model.people import Person
from chat.web.http import timeouts
from tests.harness.programs import Program, Programs, ann, ops, programs, refusal, workspace
from tests.harness.uploader import make_picture, stored_files
from tests.harness.waiting import wait_until

__all__ = ["ann", "ops", "programs", "workspace"]

DATA = bytes(range(256)) * 1024


async def uploads(program: Program, name: str, data: bytes, **query: str | int) -> str:
    """Send a file; returns the id for the message."""
    params = {"room": "lobby", "name": name, **query}
    response = await program.http.post("/files", params=params, content=data)
    assert response.status_code == 201, response.text
    answer = response.json()
    assert (answer["name"], answer["size"]) == (name, len(data))
    return str(answer["upload_id"])


async def test_file_is_sent_posted_and_fetched(ops: Program) -> None:
    upload_id = await uploads(ops, "план 🌹.bin", DATA)
    posted = await ops.posts("", files=[upload_id])
    (file,) = posted["files"]
    assert (file["name"], file["size"], file["width"]) == ("план 🌹.bin", len(DATA), 0)
    whole = await ops.http.get(f"/files/{file['id']}")
    assert whole.content == DATA
    assert whole.headers["content-security-policy"] == "sandbox; default-src 'none'"
    part = await ops.http.get(f"/files/{file['id']}", headers={"range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, DATA[1:4])
    same = {"if-none-match": whole.headers["etag"]}
    assert (await ops.http.get(f"/files/{file['id']}", headers=same)).status_code == 304
    # An upload is for one message.
    again = await ops.error("POST", "/rooms/lobby/messages", json={"files": [upload_id]})
    assert again == (422, "no_such_upload")


async def test_picture_has_its_size_and_a_file_may_be_for_a_thread(ops: Program) -> None:
    root = (await ops.posts("pictures?"))["number"]
    upload_id = await uploads(ops, "hills.png", make_picture(64, 48), thread=root)
    reply = await ops.posts("here", thread=root, files=[upload_id])
    (picture,) = reply["files"]
    assert (picture["media_type"], picture["width"], picture["height"]) == ("image/png", 64, 48)


async def test_upload_for_another_room_or_of_another_bot_is_not_attached(
    ops: Program, programs: Programs
) -> None:
    await ops.sends("POST", "/rooms", title="Garden")
    upload_id = await uploads(ops, "a.txt", b"a")
    for program, room in (
        (ops, "garden"),
        (await programs.make(await _owner(ops), "other"), "lobby"),
    ):
        body = {"text": "", "files": [upload_id]}
        error = await program.error("POST", f"/rooms/{room}/messages", json=body)
        assert error == (422, "no_such_upload")


async def _owner(program: Program) -> Person:
    return (await program.workspace.all_people())[0]


async def test_file_that_does_not_fit_is_refused_with_its_code(ops: Program) -> None:
    limit = UploadLimits().file_bytes
    url = "/files?room=lobby&name=a.bin"

    async def chunks() -> object:
        yield b"abc"

    assert await ops.error("POST", url, content=chunks()) == (411, "length_required")
    assert await ops.error("POST", url, content=b"") == (422, "bad_upload")
    # Only announced: nothing of it is sent.
    host = str(ops.http.base_url.netloc, "ascii")
    reader, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(
        f"POST /api{url} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {ops.secret}\r\n"
        f"Content-Length: {limit + 1}\r\n\r\n".encode()
    )
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert b" 413 " in head
    assert b"connection: close" in head.lower()
    writer.close()
    for query in ("room=lobby", "name=a.txt", "room=lobby&name=a&size=3"):
        response = await ops.http.post(f"/files?{query}", content=b"abc")
        assert refusal(response) == (422, "bad_field")


@pytest.mark.parametrize("path", ["/files/none", "/files/" + "x" * 100])
async def test_unknown_file_is_not_found(path: str, ops: Program) -> None:
    assert await ops.error("GET", path) == (404, "no_such_file")


async def test_large_file_may_take_longer_than_a_request(
    ops: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "REQUEST_TIMEOUT", 0.3)

    async def slowly() -> AsyncIterator[bytes]:
        for half in (DATA[: len(DATA) // 2], DATA[len(DATA) // 2 :]):
            await asyncio.sleep(0.5)
            yield half

    answer = await ops.http.post(
        "/files",
        params={"room": "lobby", "name": "large.bin"},
        content=slowly(),
        headers={"content-length": str(len(DATA))},
    )
    assert answer.status_code == 201


async def test_file_that_breaks_off_leaves_nothing(ops: Program, tmp_path: Path) -> None:
    await ops.posts("I am in the lobby")
    host = str(ops.http.base_url.netloc, "ascii")
    _, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(
        f"POST /api/files?room=lobby&name=a.bin HTTP/1.1\r\nHost: {host}\r\n"
        f"Authorization: Bearer {ops.secret}\r\nContent-Length: 1000\r\n\r\nabc".encode()
    )
    await wait_until(lambda: len(ops.workspace.program_requests) == 1)
    writer.close()
    await wait_until(lambda: len(ops.workspace.program_requests) == 0)
    assert stored_files(tmp_path / "data") == []
