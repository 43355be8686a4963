"""Avatars: setting, replacing and removing the picture of a person."""

import io

import pytest
from PIL import Image

from chat.errors import NoSuchUpload
from chat.files.upload import UploadState
from chat.model.attachments import avatar_url
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


async def set_avatar(user: HttpUser, data: bytes) -> str:
    """Set the avatar of a person; returns its hash."""
    upload = await user.workspace.profiles.begin_avatar_upload(user.person, "me.jpg", len(data))
    response = await user.http.put(upload.url, content=data)
    assert response.status_code == 200, response.text
    user.person = await user.workspace.profiles.set_avatar(user.person, upload.id)
    assert upload.state is UploadState.SENT
    return user.person.avatar


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
    assert ann.stored_files == [avatar]


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
