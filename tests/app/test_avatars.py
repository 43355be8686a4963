"""Avatars: setting, replacing and removing the picture of a person."""

import io

import pytest
from PIL import Image

from chat.errors import BadCrop, NoSuchUpload
from chat.files import uploads
from chat.files.crop import MIN_CROP_SIDE, Crop
from chat.files.thumbnails import CROP_SOURCE_SIDE
from chat.files.upload import Upload, UploadState
from chat.model.attachments import avatar_url, crop_source_url
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


async def upload_source(user: HttpUser, data: bytes) -> Upload:
    """Upload a picture from which a person chooses their avatar."""
    upload = await user.workspace.profiles.begin_avatar_upload(user.person, "me.jpg", len(data))
    response = await user.http.put(upload.url, content=data)
    assert response.status_code == 200, response.text
    return upload


async def set_avatar(user: HttpUser, data: bytes, crop: Crop | None = None) -> str:
    """Set the avatar of a person; returns its hash."""
    upload = await upload_source(user, data)
    user.person = await user.workspace.profiles.set_avatar(user.person, upload.id, crop)
    assert upload.state is UploadState.SENT
    return user.person.avatar


def source_url(upload: Upload) -> str:
    """The address of the picture from which an avatar is chosen."""
    assert upload.attachment is not None
    return crop_source_url(upload.attachment.id)


def four_colours(width: int, height: int) -> bytes:
    """A PNG of four columns: red, green, blue and white."""
    picture = Image.new("RGB", (width, height))
    for n, colour in enumerate(("#f00", "#0f0", "#00f", "#fff")):
        picture.paste(colour, (n * width // 4, 0, (n + 1) * width // 4, height))
    output = io.BytesIO()
    picture.save(output, "PNG")
    return output.getvalue()


def rotated_jpeg(width: int, height: int) -> bytes:
    """A JPEG whose upper half is red and lower half blue, which EXIF turns to the right."""
    picture = Image.new("RGB", (width, height), "#f00")
    picture.paste("#00f", (0, height // 2, width, height))
    exif = Image.Exif()
    exif[0x0112] = 6
    output = io.BytesIO()
    picture.save(output, "JPEG", exif=exif, quality=95)
    return output.getvalue()


async def middle_colour(user: HttpUser, avatar: str) -> tuple[bool, ...]:
    """Whether the middle of an avatar has red, green and blue."""
    served = await user.http_get(avatar_url(avatar))
    picture = Image.open(io.BytesIO(served.content)).convert("RGB")
    assert picture.size == (256, 256)
    colour = picture.getpixel((128, 128))
    assert isinstance(colour, tuple)
    return tuple(each > 127 for each in colour)


async def test_avatar_is_cropped_square_and_shown_on_all_messages(
    ann: HttpUser, bob: HttpUser, private_room: Room
) -> None:
    lobby = await ann.workspace.rooms.by_slug(ann.person, "lobby")
    before = await lobby.post(ann.person, "before", "before")
    await lobby.react(ann.person, before.number, "👍")
    old = ann.person
    avatar = await set_avatar(ann, make_picture(900, 300, "JPEG"))
    served = await bob.http_get(avatar_url(avatar))
    assert Image.open(io.BytesIO(served.content)).size == (256, 256)
    assert served.headers["content-disposition"] == "inline"
    assert "immutable" in served.headers["cache-control"]
    after = await lobby.post(old, "after", "after")
    page = (await lobby.newest(bob.person)).messages
    assert {each.author.avatar for each in page if each.author.id == old.id} == {avatar}
    assert after.author == ann.person
    (reaction,) = page[-2].reactions
    assert reaction.people == (ann.person,)
    assert lobby.recent(before.number - 1) == page[-2:]
    assert lobby.members[old.id].avatar == avatar
    assert await ann.workspace.identity.person_for_token("token of Ann") == ann.person
    await wait_until(lambda: ann.stored_files == [avatar])


@pytest.mark.parametrize(
    ("left", "colour"),
    [(0, (True, False, False)), (400, (False, False, True)), (600, (True, True, True))],
)
async def test_avatar_is_the_part_that_was_chosen(
    ann: HttpUser, left: int, colour: tuple[bool, ...]
) -> None:
    avatar = await set_avatar(ann, four_colours(800, 240), Crop(left, 20, 200))
    assert await middle_colour(ann, avatar) == colour
    await wait_until(lambda: ann.stored_files == [avatar])


async def test_part_is_chosen_in_the_reduced_upright_picture(ann: HttpUser) -> None:
    upload = await upload_source(ann, rotated_jpeg(600, 4000))
    blob = upload.blob
    assert blob is not None and (blob.width, blob.height) == (CROP_SOURCE_SIDE, 154)
    served = await ann.http_get(source_url(upload))
    picture = Image.open(io.BytesIO(served.content))
    assert picture.size == (CROP_SOURCE_SIDE, 154)
    assert served.headers["content-disposition"] == "inline" and not picture.getexif()
    # Turned to the right, the upper half is at the right.
    person = await ann.workspace.profiles.set_avatar(ann.person, upload.id, Crop(860, 10, 120))
    assert await middle_colour(ann, person.avatar) == (True, False, False)


@pytest.mark.parametrize(
    "crop",
    [
        Crop(-1, 0, 200),
        Crop(0, -1, 200),
        Crop(101, 0, 200),
        Crop(0, 41, 200),
        Crop(0, 0, 241),
        Crop(0, 0, MIN_CROP_SIDE - 1),
        Crop(0, 0, 0),
        Crop(50, 50, -50),
        Crop(10**9, 0, 200),
    ],
)
async def test_part_outside_of_the_picture_is_refused(ann: HttpUser, crop: Crop) -> None:
    upload = await upload_source(ann, make_picture(300, 240))
    with pytest.raises(BadCrop):
        await ann.workspace.profiles.set_avatar(ann.person, upload.id, crop)
    # The person can choose another part.
    updated = await ann.workspace.profiles.set_avatar(ann.person, upload.id, Crop(60, 0, 240))
    assert updated.avatar


async def test_small_picture_is_shown_whole(ann: HttpUser) -> None:
    assert await set_avatar(ann, make_picture(20, 30), Crop(0, 10, 20))
    with pytest.raises(BadCrop):
        await set_avatar(ann, make_picture(20, 30), Crop(0, 0, 19))


async def test_source_of_an_avatar_is_served_to_its_sender_only_until_it_is_chosen(
    ann: HttpUser, bob: HttpUser, private_room: Room
) -> None:
    upload = await upload_source(ann, make_picture(300, 300))
    assert (await ann.http_get(source_url(upload))).status_code == 200
    assert (await bob.http_get(source_url(upload))).status_code == 404
    # The original of a file for a message is only ever saved, never displayed.
    other = await ann.uploads_file(private_room, "hills.png", make_picture())
    assert (await ann.http_get(source_url(other))).status_code == 404
    await ann.workspace.profiles.set_avatar(ann.person, upload.id)
    assert (await ann.http_get(source_url(upload))).status_code == 404


async def test_person_has_one_source_at_a_time(ann: HttpUser, bob: HttpUser) -> None:
    first = await upload_source(ann, make_picture(300, 300))
    other = await upload_source(bob, make_picture(310, 300))
    second = await upload_source(ann, make_picture(300, 320))
    assert first.state is UploadState.CANCELLED
    assert other.state is second.state is UploadState.READY
    await wait_until(lambda: len(ann.stored_files) == 2)
    with pytest.raises(NoSuchUpload):
        await ann.workspace.profiles.set_avatar(ann.person, first.id)


async def test_source_that_is_not_chosen_is_deleted(
    ann: HttpUser, private_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = await ann.uploads_file(private_room, "a.txt", b"for a message")
    upload = await upload_source(ann, make_picture(300, 300))
    assert len(ann.stored_files) == 2
    monkeypatch.setattr(uploads, "AVATAR_LIFETIME", -1.0)
    ann.workspace.uploads.request_cleanup()
    await wait_until(lambda: len(ann.stored_files) == 1)
    assert (upload.state, waiting.state) == (UploadState.CANCELLED, UploadState.READY)


async def test_new_avatar_replaces_and_deletes_the_old_file(ann: HttpUser, bob: HttpUser) -> None:
    first = await set_avatar(ann, make_picture(300, 300))
    second = await set_avatar(ann, make_picture(300, 400))
    assert first != second
    await wait_until(lambda: ann.stored_files == [second])
    assert (await bob.http_get(avatar_url(first))).status_code == 404
    ann.person = await ann.workspace.profiles.set_avatar(ann.person, None)
    assert ann.person.avatar == ""
    await wait_until(lambda: ann.stored_files == [])


async def test_avatar_must_be_a_picture_uploaded_as_an_avatar(
    ann: HttpUser, bob: HttpUser, private_room: Room
) -> None:
    data = b"<!doctype html>"
    upload = await ann.workspace.profiles.begin_avatar_upload(ann.person, "me.png", len(data))
    response = await ann.http.put(upload.url, content=data)
    assert response.status_code == 415
    assert "Choose a JPEG" in response.json()["error"]
    assert upload.state is UploadState.FAILED
    assert ann.stored_files == []
    attachment_upload = await ann.uploads_file(private_room, "hills.png", make_picture())
    unsent = await ann.workspace.profiles.begin_avatar_upload(ann.person, "me.png", 9)
    for person, wrong_upload in (
        (ann, upload),
        (ann, attachment_upload),
        (ann, unsent),
        (bob, unsent),
    ):
        with pytest.raises(NoSuchUpload):
            await person.workspace.profiles.set_avatar(person.person, wrong_upload.id)


async def test_message_attachment_is_not_served_as_an_avatar(
    ann: HttpUser, bob: HttpUser, private_room: Room
) -> None:
    (hills,) = (
        await ann.posts(private_room, await ann.uploads_file(private_room, "a.png", make_picture()))
    ).files
    assert (await bob.http_get(avatar_url(hills.blob.hash))).status_code == 404
