"""Uploads: stored once under their hash, and deleted when no message refers to them."""

import asyncio
import contextlib
import io
import os
from pathlib import Path

import pytest
from PIL import Image

from chat.errors import BadText, NoSuchMessage
from chat.files import uploads
from chat.files.upload import UploadState
from chat.model.messages import Message
from chat.rooms.room import Room
from chat.text.previews import message_preview
from chat.workspace.workspace import Workspace
from tests.harness.domain import EventRecorder, sign_in, upload_file
from tests.harness.uploader import (
    HttpUser,
    ann,
    bob,
    make_picture,
    private_room,
    senders,
    stored_files,
)
from tests.harness.waiting import wait_until

__all__ = ["ann", "bob", "private_room", "senders"]


async def test_picture_upload_gets_thumbnails_and_downloads_unchanged(
    ann: HttpUser, private_room: Room
) -> None:
    data = make_picture(4000, 3000, "JPEG")
    upload = await ann.uploads_file(private_room, "hills.jpg", data)
    message = await ann.posts(private_room, upload, text="from the walk")
    (hills,) = message.files
    assert (hills.name, hills.size, hills.media_type) == ("hills.jpg", len(data), "image/jpeg")
    assert (hills.width, hills.height, hills.is_picture) == (4000, 3000, True)
    assert upload.state is UploadState.SENT
    saved = await ann.http_get(hills.url)
    assert saved.content == data
    assert "attachment" in saved.headers["content-disposition"]
    assert saved.headers["content-security-policy"] == "sandbox; default-src 'none'"
    for address, longest in ((hills.small_url, 480), (hills.large_url, 2048)):
        thumbnail = await ann.http_get(address)
        picture = Image.open(io.BytesIO(thumbnail.content))
        assert picture.size == hills.fit_size(longest)
        assert thumbnail.headers["content-type"] == "image/jpeg"
    assert (await private_room.newest(ann.person)).messages[-1] == message


async def test_upload_reports_progress_until_ready(ann: HttpUser, private_room: Room) -> None:
    data = make_picture(1200, 900)
    upload = await ann.begins_upload(private_room, "hills.png", len(data))
    changes = list[tuple[UploadState, int]]()
    upload.on_change = lambda current: changes.append((current.state, current.received))
    response = await ann.http.put(upload.url, content=data)
    assert response.json() == {"id": upload.id, "size": len(data), "note": None}
    states = list(dict.fromkeys(state for state, _ in changes))
    assert states == [UploadState.RECEIVING, UploadState.PREPARING, UploadState.READY]
    assert [received for _, received in changes] == sorted(received for _, received in changes)
    assert changes[-1][1] == len(data)


async def test_message_needs_text_or_files(ann: HttpUser, private_room: Room) -> None:
    for text in ("", "  "):
        with pytest.raises(BadText):
            await private_room.post(ann.person, text, f"nothing {text!r}")
    without_text = await ann.posts(
        private_room, await ann.uploads_file(private_room, "plan.pdf", b"%PDF")
    )
    assert (without_text.text, message_preview(without_text)) == ("", "plan.pdf")
    await private_room.edit(ann.person, without_text.number, "the plan")
    await private_room.edit(ann.person, without_text.number, "")
    current = await private_room.message(ann.person, without_text.number)
    assert (current.text, current.files) == ("", without_text.files)
    text_message = await private_room.post(ann.person, "words", "words")
    with pytest.raises(BadText):
        await private_room.edit(ann.person, text_message.number, "")


async def test_message_without_text_is_quoted_and_titled_by_its_file(
    ann: HttpUser, private_room: Room
) -> None:
    without_text = await ann.posts(
        private_room, await ann.uploads_file(private_room, "plan.pdf", b"%PDF")
    )
    response = await private_room.post(
        ann.person, "which one?", "q", quoted_number=without_text.number
    )
    assert response.quote is not None
    assert response.quote.text == "plan.pdf"
    thread = await ann.workspace.rooms.get_or_create_thread(
        ann.person, private_room, without_text.number
    )
    assert thread.info.title == "plan.pdf"
    await private_room.edit(ann.person, without_text.number, "the plan")
    assert thread.info.title == "the plan"
    await private_room.delete(ann.person, without_text.number)
    assert (await private_room.message(ann.person, response.number)).quote != response.quote
    with pytest.raises(NoSuchMessage):
        await private_room.post(ann.person, "and now?", "q2", quoted_number=without_text.number)


async def test_blob_is_stored_once_and_kept_while_referenced(
    ann: HttpUser, bob: HttpUser, private_room: Room
) -> None:
    lobby = await ann.workspace.rooms.by_slug(ann.person, "lobby")
    data = make_picture()
    first = await ann.posts(private_room, await ann.uploads_file(private_room, "hills.png", data))
    second = await bob.posts(lobby, await bob.uploads_file(lobby, "copy.png", data))
    pending = await bob.uploads_file(lobby, "again.png", data)
    files_before = ann.stored_files
    assert len(files_before) == 3
    await private_room.delete(ann.person, first.number)
    assert (await ann.http_get(first.files[0].url)).status_code == 404
    assert (await ann.http_get(second.files[0].url)).content == data
    await lobby.delete(bob.person, second.number)
    await ann.workspace.uploads.blobs.collect_garbage()
    assert ann.stored_files == files_before
    third = await bob.posts(lobby, pending)
    assert (await bob.http_get(third.files[0].small_url)).status_code == 200
    await lobby.delete(bob.person, third.number)
    await wait_until(lambda: ann.stored_files == [])


async def test_cancelled_upload_leaves_no_file(ann: HttpUser, private_room: Room) -> None:
    upload = await ann.uploads_file(private_room, "hills.png", make_picture())
    assert len(ann.stored_files) == 3
    upload.cancel()
    ann.workspace.uploads.request_cleanup()
    await wait_until(lambda: ann.stored_files == [])


async def test_unsent_upload_is_deleted_after_an_hour(
    ann: HttpUser, private_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await ann.posts(private_room, await ann.uploads_file(private_room, "a.txt", b"sent"))
    unsent = await ann.uploads_file(private_room, "b.txt", b"forgotten")
    pending = await ann.begins_upload(private_room, "c.txt", 9)
    monkeypatch.setattr(uploads, "UPLOAD_LIFETIME", -1.0)
    ann.workspace.uploads.request_cleanup()
    await wait_until(lambda: len(ann.stored_files) == 1)
    assert unsent.state is pending.state is UploadState.CANCELLED
    assert (await ann.http_get(sent.files[0].url)).content == b"sent"


async def test_start_deletes_unreferenced_files_of_the_last_run(tmp_path: Path) -> None:
    workspace = await Workspace.open(tmp_path, EventRecorder().on_event)
    (ann,) = await sign_in(workspace, "Ann")
    room = await workspace.rooms.create(ann, "Garden")
    files = [await upload_file(workspace, ann, room, "a.txt", b"sent")]
    message = await room.post(ann, "", "a", upload_ids=files)
    await upload_file(workspace, ann, room, "b.txt", b"never sent")
    folder = tmp_path / "files"
    (folder / ".new-0123").write_bytes(b"half of somethi")
    (folder / "ab").mkdir(exist_ok=True)
    (folder / "ab" / ("ab" * 32)).write_bytes(b"of an upload whose row was not stored")
    await workspace.close()
    restarted = await Workspace.open(tmp_path, EventRecorder().on_event)
    assert stored_files(tmp_path) == [message.files[0].blob.hash]
    if os.name == "posix":
        whole = folder / message.files[0].blob.hash[:2]
        assert {each.stat().st_mode & 0o077 for each in (folder, whole, *whole.glob("*"))} == {0}
    await restarted.close()


async def test_thumbnail_is_upright_and_has_no_metadata(ann: HttpUser, private_room: Room) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "taken at home"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    data = make_picture(600, 300, "JPEG", exif=exif, comment=b"a secret")
    (file,) = (
        await ann.posts(private_room, await ann.uploads_file(private_room, "hills.jpg", data))
    ).files
    assert (file.width, file.height) == (300, 600)
    for address, size in ((file.small_url, (240, 480)), (file.large_url, (300, 600))):
        thumbnail = await ann.http_get(address)
        picture = Image.open(io.BytesIO(thumbnail.content))
        assert picture.size == size
        assert not picture.getexif()
        assert b"secret" not in thumbnail.content
        assert b"home" not in thumbnail.content


async def test_thumbnail_keeps_transparency(ann: HttpUser, private_room: Room) -> None:
    png = io.BytesIO()
    Image.new("RGBA", (900, 900), (200, 0, 0, 100)).save(png, "PNG")
    sent = await ann.uploads_file(private_room, "glass.png", png.getvalue())
    (file,) = (await ann.posts(private_room, sent)).files
    thumbnail = await ann.http_get(file.small_url)
    picture = Image.open(io.BytesIO(thumbnail.content))
    assert (thumbnail.headers["content-type"], picture.mode) == ("image/webp", "RGBA")
    pixel = picture.getpixel((100, 100))
    assert isinstance(pixel, tuple)
    assert abs(pixel[3] - 100) < 3


async def test_search_finds_messages_by_file_name_and_type(
    ann: HttpUser, bob: HttpUser, private_room: Room
) -> None:
    plan = await ann.posts(
        private_room,
        await ann.uploads_file(private_room, "Garden plan (2026).pdf", b"%PDF"),
        text="roses",
    )
    hills = await ann.posts(
        private_room, await ann.uploads_file(private_room, "hills.png", make_picture())
    )
    await private_room.post(ann.person, "no file", "none")

    async def found(user: HttpUser, text: str) -> list[Message]:
        _, messages = await user.workspace.search(user.person, text, None)
        return [each.message for each in messages]

    assert await found(ann, "has:file") == [hills, plan]
    assert await found(ann, "has:image") == [hills]
    assert await found(ann, "plan 2026") == [plan]
    assert await found(ann, "hil") == [hills]
    assert await found(bob, "has:file") == []
    await private_room.edit(ann.person, hills.number, "a view")
    assert [each.number for each in await found(ann, "hills view has:image")] == [hills.number]
    await private_room.delete(ann.person, hills.number)
    assert await found(ann, "has:image") == []


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc")
async def test_thumbnail_worker_inherits_no_open_files_or_sockets(
    ann: HttpUser, private_room: Room
) -> None:
    open_files = list[str]()

    def record_open_files() -> None:
        for pid in ann.workspace.uploads.thumbnailer.worker_pids:
            for handle in Path(f"/proc/{pid}/fd").glob("*"):
                with contextlib.suppress(OSError):
                    open_files.append(str(handle.readlink()))

    upload_task = asyncio.create_task(
        ann.uploads_file(private_room, "hills.png", make_picture(4000, 3000))
    )
    while not upload_task.done():
        record_open_files()
        await asyncio.sleep(0.005)
    await upload_task
    assert any(each.startswith("pipe:") for each in open_files)
    assert not [each for each in open_files if each.startswith("socket:") or "chat." in each]


async def test_closing_the_workspace_ends_running_uploads(tmp_path: Path) -> None:
    workspace = await Workspace.open(tmp_path, EventRecorder().on_event)
    (ann,) = await sign_in(workspace, "Ann")
    room = await workspace.rooms.create(ann, "Garden")
    thumbnailer = workspace.uploads.thumbnailer
    data = await asyncio.to_thread(make_picture, 5000, 4000)
    upload_task = asyncio.create_task(upload_file(workspace, ann, room, "hills.png", data))
    await wait_until(lambda: thumbnailer.worker_pids)
    # At shutdown uvicorn cancels requests that take too long.
    upload_task.cancel()
    await workspace.close()
    await wait_until(lambda: not thumbnailer.worker_pids)
    assert upload_task.cancelled()
    assert stored_files(tmp_path) == []
