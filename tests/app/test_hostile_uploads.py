"""Hostile uploads: disguised files, bad names, and clients that break the protocol.

Each is refused with a sentence for the person, leaves no file, and does not stall the server.
"""

import asyncio
import contextlib
import io
import json
import os
import struct
import threading
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest
from PIL import Image

from chat.errors import BadUpload, TooManyFiles
from chat.files import thumbnails, uploads
from chat.files.limits import UploadLimits
from chat.files.upload import Upload, UploadState
from chat.model.attachments import sanitize_file_name
from chat.rooms.room import Room
from tests.harness.uploader import (
    HttpUser,
    ann,
    bob,
    make_picture,
    private_room,
    senders,
)
from tests.harness.waiting import wait_until

__all__ = ["ann", "bob", "private_room", "senders"]

# The longest time that one callback may take of the event loop, in seconds.
MAX_STALL = 0.05


@pytest.fixture(autouse=True)
async def event_loop_never_stalls(private_room: Room) -> AsyncIterator[None]:
    """No test of this file blocks the event loop for longer than `MAX_STALL`.

    The CPU time of the thread is measured: it does not depend on other load of the computer.
    """
    longest = 0.0

    async def measure() -> None:
        nonlocal longest
        while True:
            before = time.thread_time()
            await asyncio.sleep(0.001)
            longest = max(longest, time.thread_time() - before)

    measurement = asyncio.create_task(measure())
    yield
    measurement.cancel()
    assert longest < MAX_STALL, longest


async def test_slow_fsync_does_not_block_the_event_loop(
    ann: HttpUser, private_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, loop_has_run = os.fsync, threading.Event()
    began, waits = threading.Event(), list[bool]()

    def wait_for_loop(handle: int) -> None:
        began.set()
        waits.append(loop_has_run.wait(20))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", wait_for_loop)
    sending = asyncio.create_task(ann.uploads_file(private_room, "a.bin", b"x" * 1_000_000))
    await wait_until(began.is_set)
    loop_has_run.set()
    assert (await sending).state is UploadState.READY
    assert waits and all(waits), "the event loop did not run while a file was synced"


SAFE_NAMES = {
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "/": "file",
    "..": "file",
    "a\x00b.txt": "ab.txt",
    "CON": "CON",
    "lpt1.tar.gz": "lpt1.tar.gz",
    ".env": ".env",
    ".gitignore. ": ".gitignore",
    'a"b.txt': 'a"b.txt',
    "what? 1 < 2 | 2 > 1 * 3.txt": "what? 1 < 2 | 2 > 1 * 3.txt",
    "annual\u202efdp.exe": "annualfdp.exe",
    "\u2066x\u2069.txt": "x.txt",
    "a\r\nset-cookie: b": "aset-cookie: b",
    "": "file",
    "   ": "file",
    "\ud800.png": ".png",
    "x" * 500 + ".png": "x" * 146 + ".png",
    "é" * 500 + ".jpeg": "é" * 97 + ".jpeg",
    "." * 300 + "x": ".x",
    "x" * 500 + ".tar.gz": "x" * 143 + ".tar.gz",
    "é" * 500 + ".TAR.bz2": "é" * 96 + ".TAR.bz2",
    "trailing. . ": "trailing",
    '<a href="x">': '<a href="x">',
    "שלום.pdf": "שלום.pdf",
    "👩\u200d👩\u200d👧.png": "👩\u200d👩\u200d👧.png",
    "C:\\Users\\Ann\\hills.jpg": "hills.jpg",
}


@pytest.mark.parametrize("raw", SAFE_NAMES, ids=ascii)
def test_hostile_file_name_becomes_a_safe_visible_one(raw: str) -> None:
    name = sanitize_file_name(raw)
    assert name == SAFE_NAMES[raw]
    assert sanitize_file_name(name) == name
    assert len(name.encode()) <= 255


async def test_download_of_a_hostile_file_name_has_safe_headers(
    ann: HttpUser, private_room: Room
) -> None:
    for raw, safe_name in SAFE_NAMES.items():
        uploaded = await ann.uploads_file(private_room, raw, b"what it holds")
        (file,) = (await ann.posts(private_room, uploaded)).files
        assert file.name == safe_name
        saved = await ann.http_get(file.url)
        assert saved.content == b"what it holds"
        assert saved.headers.get_list("set-cookie") == []
        header = saved.headers["content-disposition"]
        assert header.startswith("attachment;")
        assert header.isascii()


# The size that was announced when the upload began.
SIZE = 1000
BODY = b"x" * SIZE


@dataclass(frozen=True)
class BadRequest:
    """A raw upload request whose length header or body contradicts the announced `SIZE`."""

    length_header: str
    body: bytes
    statuses: set[int]
    # The body is repeated until the server closes the connection.
    endless: bool = False


CHUNKED = "transfer-encoding: chunked"
BAD_REQUESTS = {
    "too long": BadRequest(f"content-length: {SIZE + 1}", BODY + b"x", {413}),
    "longer than any file": BadRequest("content-length: 99999999999999", BODY, {413}),
    "too short": BadRequest(f"content-length: {SIZE - 1}", BODY[1:], {400}),
    "zero length": BadRequest("content-length: 0", b"", {400}),
    "no length": BadRequest("x-nothing: 1", b"", {411}),
    "negative length": BadRequest("content-length: -1", BODY, {400}),
    "length is no number": BadRequest("content-length: all", BODY, {400}),
    "two lengths": BadRequest(f"content-length: {SIZE}\r\ncontent-length: {SIZE + 1}", BODY, {400}),
    "length and chunks": BadRequest(f"content-length: {SIZE}\r\n{CHUNKED}", BODY, {400, 413}),
    "endless chunks": BadRequest(CHUNKED, b"80\r\n" + b"y" * 128 + b"\r\n", {413}, endless=True),
    "chunks that end too soon": BadRequest(CHUNKED, b"1\r\nx\r\n0\r\n\r\n", {400}),
    "malformed chunks": BadRequest(CHUNKED, b"zz\r\nx\r\n", {400}),
}


@pytest.mark.parametrize("case", BAD_REQUESTS)
async def test_upload_body_of_a_wrong_length_is_refused(
    case: str, ann: HttpUser, private_room: Room
) -> None:
    bad_request = BAD_REQUESTS[case]
    upload = await ann.begins_upload(private_room, "notes.txt", SIZE)
    status, response = await send_raw(
        ann, upload, bad_request.length_header, bad_request.body, endless=bad_request.endless
    )
    assert status in bad_request.statuses
    # A request that uvicorn itself refuses has no JSON body.
    if response:
        assert response["error"].endswith(".")
    await wait_until(lambda: upload.state in {UploadState.WAITING, UploadState.FAILED})
    await wait_until(lambda: ann.stored_files == [])
    assert upload.attachment is None


async def test_upload_cut_off_midway_leaves_no_file(ann: HttpUser, private_room: Room) -> None:
    upload = await ann.begins_upload(private_room, "notes.txt", 1_000_000)
    _, writer = await connect(ann)
    writer.write(request_head(ann, upload, "content-length: 1000000") + b"x" * 600_000)
    await wait_until(lambda: upload.received == 600_000)
    assert len(ann.stored_files) == 1
    writer.close()
    await wait_until(lambda: upload.state is UploadState.FAILED)
    await wait_until(lambda: ann.stored_files == [])
    assert str(upload.error).endswith("Send it again.")


async def test_upload_that_trickles_too_slowly_times_out_with_408(
    ann: HttpUser, private_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.files.upload.RECEIVE_TIMEOUT", 0.3)
    monkeypatch.setattr("chat.files.uploads.RECEIVE_TIMEOUT", 0.3)
    slow = await ann.begins_upload(private_room, "notes.txt", SIZE)
    reader, writer = await connect(ann)
    writer.write(request_head(ann, slow, f"content-length: {SIZE}"))
    # The kernel drops an answer that was not read before more bytes were sent.
    answer = asyncio.create_task(reader.readline())
    for _ in range(20):
        writer.write(b"x")
        await asyncio.sleep(0.05)
        if answer.done():
            break
    assert (await answer).startswith(b"HTTP/1.1 408")
    assert slow.state is UploadState.FAILED
    assert ann.stored_files == []
    writer.close()


async def test_slow_but_steady_upload_is_not_timed_out(
    ann: HttpUser, private_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.files.upload.RECEIVE_TIMEOUT", 0.3)
    monkeypatch.setattr("chat.files.uploads.RECEIVE_TIMEOUT", 0.3)
    monkeypatch.setattr("chat.web.http.timeouts.REQUEST_TIMEOUT", 0.3)
    slow = await ann.begins_upload(private_room, "notes.txt", 20 * 200)

    async def body() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 200
            await asyncio.sleep(0.05)

    length = {"content-length": str(20 * 200)}
    response = await ann.http.put(slow.url, content=body(), headers=length)
    assert response.status_code == 200
    assert slow.state is UploadState.READY


async def test_cancelling_a_running_upload_answers_404_and_leaves_no_file(
    ann: HttpUser, private_room: Room
) -> None:
    upload = await ann.begins_upload(private_room, "film.mp4", 1_000_000)
    changes = list[tuple[UploadState, int]]()
    upload.on_change = lambda now: changes.append((now.state, now.received))
    reader, writer = await connect(ann)
    writer.write(request_head(ann, upload, "content-length: 1000000") + b"x" * 500_000)
    await wait_until(lambda: upload.received == 500_000)
    upload.cancel()
    assert (await reader.readline()).startswith(b"HTTP/1.1 404")
    assert ann.stored_files == []
    assert changes[-1] == (UploadState.CANCELLED, 500_000)
    assert upload.on_change is None
    writer.close()


async def test_upload_url_works_once_and_only_for_its_owner(
    ann: HttpUser, bob: HttpUser, private_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = await ann.uploads_file(private_room, "a.txt", b"once")
    assert await status_of_refusal(ann, used.url) == 404
    assert await status_of_refusal(ann, "/upload/nonsense") == 404
    unused = await ann.begins_upload(private_room, "b.txt", 4)
    assert await status_of_refusal(bob, unused.url) == 404
    foreign_origin = {"origin": "https://elsewhere.example"}
    assert await status_of_refusal(ann, unused.url, headers=foreign_origin) == 403
    assert unused.state is UploadState.WAITING
    monkeypatch.setattr(uploads, "UPLOAD_LIFETIME", -1.0)
    assert await status_of_refusal(ann, unused.url) == 404
    assert len(ann.stored_files) == 1


async def test_upload_attaches_to_one_message_of_its_own_room_and_author(
    ann: HttpUser, bob: HttpUser, private_room: Room
) -> None:
    lobby = await ann.workspace.rooms.by_slug(ann.person, "lobby")
    uploaded = await ann.uploads_file(private_room, "a.txt", b"once")
    unfinished = await ann.begins_upload(private_room, "b.txt", 4)
    await ann.workspace.rooms.invite(ann.person, private_room, bob.person)
    for room, person, wrong_upload in (
        (lobby, ann, uploaded),
        (private_room, bob, uploaded),
        (private_room, ann, unfinished),
    ):
        with pytest.raises(BadUpload):
            await person.posts(room, wrong_upload)
    message = await ann.posts(private_room, uploaded)
    assert await ann.posts(private_room, uploaded) == message
    with pytest.raises(BadUpload):
        await private_room.post(ann.person, "again", "another", upload_ids=[uploaded.id])
    eleven = [await ann.uploads_file(private_room, f"{n}.txt", b"x") for n in range(11)]
    with pytest.raises(TooManyFiles, match="10 files fit"):
        await ann.posts(private_room, *eleven)


async def test_size_quota_and_hourly_limits_hold_to_the_byte(
    ann: HttpUser, private_room: Room
) -> None:
    ann.workspace.uploads.limits = UploadLimits(
        file_bytes=1000, bytes_per_person=2500, files_per_hour=4
    )
    for size, reason in ((0, "empty"), (-1, "empty"), (1001, "too large"), (2**70, "too large")):
        with pytest.raises(BadUpload, match=reason):
            await ann.begins_upload(private_room, "a.bin", size)
    message = await ann.posts(
        private_room, await ann.uploads_file(private_room, "a.bin", b"x" * 1000)
    )
    (await ann.begins_upload(private_room, "b.bin", 1000)).cancel()
    await ann.begins_upload(private_room, "c.bin", 1000)
    with pytest.raises(TooManyFiles, match="take more than"):
        await ann.begins_upload(private_room, "d.bin", 501)
    await private_room.delete(ann.person, message.number)
    await ann.begins_upload(private_room, "d.bin", 1000)
    with pytest.raises(TooManyFiles, match="within an hour"):
        await ann.begins_upload(private_room, "e.bin", 1)


def decompression_bomb() -> bytes:
    """A PNG of 40,000 by 40,000 pixels in a few kilobytes."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(5001)) for _ in range(40_000)) + packer.flush()
    return png(40_000, 40_000, rows, depth=1)


def png(width: int, height: int, compressed: bytes, depth: int = 8) -> bytes:
    """A grey PNG of packed rows."""
    head = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", compressed), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def gif_of_10000_frames() -> bytes:
    """A GIF of 10,000 frames."""
    one = make_picture(8, 8, "GIF")
    start = one.index(b",")
    return one[:start] + one[start:-1] * 10_000 + b";"


SCRIPT = b"<script>fetch('/words')</script>"
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n"

# Of each file: its name, its content, and whether it is shown as a picture.
DISGUISED_FILES = {
    "HTML": ("page.png", lambda: b"<!doctype html>" + SCRIPT, False),
    "SVG": ("drawing.svg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT, False),
    "GIF and script": ("both.gif", lambda: b"GIF89a/*" + bytes(64) + b"*/=1;" + SCRIPT, False),
    "picture and script": ("both.jpg", lambda: make_picture(kind="JPEG") + SCRIPT, True),
    "40,000 squared": ("bomb.png", decompression_bomb, False),
    "10,000 frames": ("many.gif", gif_of_10000_frames, True),
    "half a JPEG": ("half.jpg", lambda: make_picture(800, 600, "JPEG")[:2000], False),
    "EPS": ("drawing.jpg", lambda: EPS, False),
    "PNG of wrong rows": ("rows.png", lambda: png(100, 100, b"not packed"), False),
    "PNG without an end": ("end.png", lambda: make_picture()[:-20], True),
    "TIFF": ("scan.tiff", lambda: make_picture(kind="TIFF"), False),
    "BMP called PNG": ("b.png", lambda: make_picture(kind="BMP"), False),
    "WebP called text": ("w.txt", lambda: make_picture(kind="WEBP"), True),
    "one pixel": ("dot.png", lambda: make_picture(1, 1), True),
    "a line": ("line.png", lambda: make_picture(20_000, 1), True),
    "CMYK": ("print.jpg", lambda: cmyk_jpeg(), True),
}


def cmyk_jpeg() -> bytes:
    """A JPEG for printers."""
    jpeg = io.BytesIO()
    Image.new("CMYK", (64, 64), (10, 200, 30, 0)).save(jpeg, "JPEG")
    return jpeg.getvalue()


@pytest.mark.parametrize("case", DISGUISED_FILES)
async def test_only_real_pictures_get_thumbnails_and_all_download_unchanged(
    case: str, ann: HttpUser, private_room: Room
) -> None:
    name, make_data, is_picture = DISGUISED_FILES[case]
    data = await asyncio.to_thread(make_data)
    uploaded = await ann.uploads_file(private_room, name, data)
    (file,) = (await ann.posts(private_room, uploaded)).files
    assert file.is_picture == is_picture
    saved = await ann.http_get(file.url)
    assert saved.content == data
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["x-content-type-options"] == "nosniff"
    assert saved.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert saved.headers["content-disposition"].startswith("attachment;")
    for address in (file.small_url, file.large_url):
        thumbnail = await ann.http_get(address)
        assert thumbnail.status_code == (200 if is_picture else 404)
        if is_picture:
            assert b"script" not in thumbnail.content
            Image.open(io.BytesIO(thumbnail.content)).load()


# Contents that are called pictures, and are none that is shown.
NOT_SHOWN = {
    "logo.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "photo.HEIC": b"\x00\x00\x00\x18ftypheic" + bytes(64),
    "photo.avif": b"\x00\x00\x00\x1cftypavif" + bytes(64),
    "scan.tiff": b"II*\x00" + bytes(64),
    "fake.png": b"this is a text",
    "half.png": b"\x89PNG\r\n\x1a\n",
}


@pytest.mark.parametrize("name", NOT_SHOWN)
async def test_picture_that_is_not_shown_says_why(
    ann: HttpUser, private_room: Room, name: str
) -> None:
    uploaded = await ann.begins_upload(private_room, name, len(NOT_SHOWN[name]))
    response = await ann.http.put(uploaded.url, content=NOT_SHOWN[name])
    assert "can only be sent as a file" in response.json()["note"]
    (file,) = (await ann.posts(private_room, uploaded)).files
    assert not file.is_picture
    assert (await ann.http_get(file.url)).content == NOT_SHOWN[name]


async def test_other_files_have_no_note(ann: HttpUser, private_room: Room) -> None:
    for name in ("notes.txt", ".env", "png", "archive.tar.gz"):
        uploaded = await ann.begins_upload(private_room, name, 4)
        response = await ann.http.put(uploaded.url, content=b"text")
        assert response.json()["note"] is None


async def test_picture_above_24_megapixels_is_stored_with_a_note(
    ann: HttpUser, private_room: Room
) -> None:
    uploaded = await ann.begins_upload(
        private_room, "bomb.png", len(data := await asyncio.to_thread(decompression_bomb))
    )
    response = await ann.http.put(uploaded.url, content=data)
    assert "24 megapixels" in response.json()["note"]
    assert "24 megapixels" in str(uploaded.warning)


@contextlib.contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Limit the size of files of this process: a longer write fails as on a full disk."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_full_disk_answers_507_and_leaves_no_file(ann: HttpUser, private_room: Room) -> None:
    upload = await ann.begins_upload(private_room, "a.bin", 1_000_000)
    with file_size_limit(700_000):
        response = await ann.http.put(upload.url, content=b"x" * 1_000_000)
    assert response.status_code == 507
    assert "no room" in response.json()["error"]
    assert ann.stored_files == []
    assert (
        await ann.uploads_file(private_room, "a.bin", b"x" * 1_000_000)
    ).state is UploadState.READY


async def send_raw(
    user: HttpUser, upload: Upload, length_header: str, body: bytes, *, endless: bool = False
) -> tuple[int, dict[str, str]]:
    """Send a raw upload request; returns the status and the JSON body of the response.

    With `endless` the body is repeated until the server closes the connection.
    """
    reader, writer = await connect(user)
    writer.write(request_head(user, upload, length_header) + body)

    async def keep_sending() -> None:
        with pytest.raises(OSError):
            while True:
                writer.write(body)
                await writer.drain()
                await asyncio.sleep(0.001)

    sending = asyncio.create_task(keep_sending()) if endless else None
    async with asyncio.timeout(20):
        status = int((await reader.readline()).split()[1])
        length = 0
        while (line := await reader.readline()).strip():
            name, _, value = line.decode().partition(":")
            length = int(value) if name.lower() == "content-length" else length
        body_bytes = await reader.readexactly(length)
    if sending is not None:
        sending.cancel()
    writer.close()
    return status, json.loads(body_bytes) if body_bytes.startswith(b"{") else {}


async def connect(user: HttpUser) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a TCP connection to the chat."""
    address = user.http.base_url
    return await asyncio.open_connection(address.host, address.port)


def request_head(user: HttpUser, upload: Upload, length_header: str) -> bytes:
    """The head of a request that sends a file."""
    address = user.http.base_url
    host = f"{address.host}:{address.port}"
    origin = f"origin: http://{host}"
    return (
        f"PUT {upload.url} HTTP/1.1\r\nhost: {host}\r\n{origin}\r\n{length_header}\r\n\r\n".encode()
    )


async def status_of_refusal(user: HttpUser, url: str, **options: dict[str, str]) -> int:
    """The status of a refused upload; the response contains a sentence."""
    response = await user.http.put(url, content=b"data", **options)  # type: ignore[arg-type]
    assert response.json()["error"].endswith(".")
    return response.status_code


def slow_jpeg(scans: int = 8000) -> bytes:
    """A JPEG of many empty scans, each of which is a pass over all of its 23 megapixels."""
    whole = make_picture(4800, 4800, "JPEG", progressive=True)
    empty_scan = bytes.fromhex("ffda0008010100013f00")
    return whole[:-2] + (empty_scan + bytes(2)) * scans + whole[-2:]


@pytest.mark.parametrize("kind", ["picture", "avatar"])
async def test_slow_pictures_of_one_person_keep_nobody_else_waiting(
    ann: HttpUser, bob: HttpUser, private_room: Room, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(thumbnails, "MAX_PROCESSOR_SECONDS", 1)
    thumbnailer, data = ann.workspace.uploads.thumbnailer, await asyncio.to_thread(slow_jpeg)
    most = 0

    async def upload_slow_picture() -> Upload:
        if kind == "avatar":
            upload = await ann.workspace.profiles.begin_avatar_upload(
                ann.person, "me.jpg", len(data)
            )
        else:
            upload = await ann.begins_upload(private_room, "slow.jpg", len(data))
        # (The avatar before is cancelled, and its connection ends.)
        with contextlib.suppress(httpx.HTTPError):
            await ann.http.put(upload.url, content=data)
        return upload

    uploading = [asyncio.create_task(upload_slow_picture()) for _ in range(4)]
    await wait_until(lambda: thumbnailer.worker_pids)
    room = await bob.workspace.rooms.create(bob.person, "Kitchen")
    done = asyncio.create_task(bob.uploads_file(room, "hills.png", make_picture()))
    while not done.done():
        most = max(most, len(thumbnailer.worker_pids))
        await asyncio.sleep(0.01)
    assert (await done).warning is None
    # Bob's picture was made beside the first of Ann's, not after all of them.
    assert sum(not each.done() for each in uploading) >= (1 if kind == "avatar" else 2)
    assert most <= 2
    finished = await asyncio.gather(*uploading)
    if kind == "avatar":
        # A person has one at a time. (The first may have failed before the next one began.)
        states = {each.state for each in finished}
        assert states == {UploadState.CANCELLED, UploadState.FAILED}
        failed = [each for each in finished if each.state is UploadState.FAILED]
        assert all("too complicated" in str(each.error) for each in failed)
        return
    for each in finished:
        assert "too complicated" in str(each.warning)
        assert each.attachment is not None and not each.attachment.is_picture
