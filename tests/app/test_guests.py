"""Guests: they see the rooms of their invitation, from when they came, until it ends."""

import time
from datetime import timedelta

import pytest

from chat.errors import BadInvitation, NoSuchFile, NoSuchMessage, NoSuchRoom
from chat.model.joining import Invitation, Visitor
from chat.model.moderation import Role
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.server.app import ChatServer
from chat.workspace.workspace import Workspace
from tests.conftest import NewUser
from tests.harness.client import secret
from tests.harness.http import http_client
from tests.harness.user import ChatUser

# Of what was said before a guest came, and elsewhere. The client of each user looks for it.
CANARY = secret("past", "roses")


async def invites_guest(
    workspace: Workspace, host: Person, room: Room, lifetime: timedelta = timedelta(hours=1)
) -> tuple[Invitation, str]:
    """Make an invitation for a guest of a room."""
    return await workspace.invitations.make(host, lifetime=lifetime, role=Role.GUEST, rooms=[room])


async def comes_as_guest(workspace: Workspace, code: str, name: str = "Gil") -> Person:
    """Somebody comes in with an invitation."""
    visitor = Visitor(name, network="10.0.0.1", invitation=code)
    person = await workspace.entrance.sign_in(name, f"token of {name}", visitor)
    await workspace.on_signed_in(person)
    return person


async def test_guest_sees_one_room_from_then_on_on_every_screen(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann = await new_user("Ann", secrets="past")
    await ann.composer.posts(CANARY)
    workspace = chat.workspace
    host = await workspace.find_person("Ann")
    garden = await workspace.rooms.create(host, "Garden", RoomKind.PRIVATE)
    old = await garden.post(host, CANARY, "old")
    await garden.pin(host, old.number, pinned=True)
    _, code = await invites_guest(workspace, host, garden)
    gil = ChatUser(chat.url)
    await gil.follows_link(f"/join/{code}")
    await gil.clicks("Start chat")
    await gil.until(lambda: gil.find("AlertDialog", open=True))
    await gil.fills(gil.name_field, "Gil")
    await gil.presses_enter(gil.name_field)
    await gil.until(lambda: gil.header.title == "Garden")
    assert list(gil.sidebar.rooms) == ["Garden"]
    new = await garden.post(host, "welcome", "new")
    await gil.timeline.waits_for_message("welcome")
    # What was said before changes, and is told nobody else.
    await garden.edit(host, old.number, f"{CANARY} and more")
    await garden.react(host, new.number, "👍")
    async with http_client(base_url=chat.url, cookies=gil.cookies) as http:
        for path in (
            f"/light/rows?room={garden.info.slug}",
            "/light/chat",
            "/first-view?path=/room/lobby",
            f"/first-view?path=/room/{garden.info.slug}",
        ):
            response = await http.get(path)
            assert response.status_code == 200
            assert "roses" not in response.text
            assert "Garden" in response.text or "welcome" in response.text
    await gil.composer.posts("thank you")
    await gil.reloads()
    await gil.timeline.waits_for_message("thank you")
    await gil.disconnects()


async def test_guest_is_out_within_a_second_of_the_end(new_user: NewUser, chat: ChatServer) -> None:
    await new_user("Ann")
    workspace = chat.workspace
    host = await workspace.find_person("Ann")
    garden = await workspace.rooms.create(host, "Garden")
    invitation, code = await invites_guest(workspace, host, garden)
    gil = ChatUser(chat.url)
    await gil.follows_link(f"/join/{code}")
    await gil.clicks("Start chat")
    await gil.until(lambda: gil.find("AlertDialog", open=True))
    await gil.fills(gil.name_field, "Gil")
    await gil.presses_enter(gil.name_field)
    await gil.until(lambda: gil.header.title == "Garden")
    began = time.monotonic()
    await workspace.invitations.revoke(host, invitation.id)
    await gil.waits_until_disconnected()
    assert time.monotonic() - began < 1
    async with http_client(base_url=chat.url, cookies=gil.cookies) as http:
        assert (await http.get("/first-view")).status_code == 401
    assert [each.name for each in await workspace.all_people()] == ["Ann"]
    await gil.disconnects()


async def test_guest_reads_nothing_from_before_by_any_operation(
    workspace: Workspace, owner: Person, ann: Person, private_room: Room
) -> None:
    cellar = private_room
    old = await cellar.post(ann, "old roses", "old")
    await cellar.pin(ann, old.number, pinned=True)
    upload = await cellar.upload_text(ann, "roses.txt", "old roses")
    old_file = await cellar.post(ann, "", "file", upload_ids=[upload.id])
    thread = await workspace.rooms.get_or_create_thread(ann, cellar, old.number)
    await thread.post(ann, "roses in a thread", "reply")
    await workspace.roles.set_chat_role(owner, ann, Role.MODERATOR)
    _, code = await invites_guest(workspace, ann, cellar)
    gil = await comes_as_guest(workspace, code)
    await thread.post(ann, "late roses", "late reply")
    new = await cellar.post(ann, "fresh roses", "new")
    pages = [
        await cellar.newest(gil),
        await cellar.before(gil, new.number),
        await cellar.after(gil, 0),
        await cellar.around(gil, old.number),
    ]
    for page in pages:
        assert page.previous is None
        assert not page.has_older
        assert all(each.number > old_file.number for each in page.messages)
    assert [each.number for each in pages[0].messages][-1] == new.number
    assert await cellar.pinned(gil) == ()
    assert await cellar.files(gil, pictures=False) == ()
    (attachment,) = old_file.files
    with pytest.raises(NoSuchFile):
        await workspace.downloads.file(gil, attachment.id)
    hidden = (
        lambda: cellar.message(gil, old.number),
        lambda: cellar.message_with_previous(gil, old.number),
        lambda: cellar.revisions(gil, old.number),
        lambda: cellar.post(gil, "what?", "quote", old.number),
        lambda: cellar.react(gil, old.number, "👍"),
        lambda: cellar.pin(gil, old.number, pinned=False),
        lambda: cellar.forward(gil, old.number, cellar, "", "", "forward"),
        lambda: workspace.saved_messages.save(gil, cellar, old.number),
        lambda: workspace.rooms.find_thread(gil, cellar, old.number),
    )
    for act in hidden:
        with pytest.raises(NoSuchMessage):
            await act()
    with pytest.raises(NoSuchRoom):
        await workspace.rooms.by_slug(gil, thread.info.slug)
    _, hits = await workspace.search(gil, "roses", None)
    assert [each.message.number for each in hits] == [new.number]
    _, hits = await workspace.search(ann, "roses", None)
    assert len(hits) == 5
    assert await workspace.rooms.public_rooms(gil) == ()
    assert (await workspace.rooms.by_slug(gil, "lobby")) is cellar


async def test_guests_are_guests_after_a_restart_and_leave_at_the_end(
    workspace: Workspace, owner: Person, ann: Person, public_room: Room
) -> None:
    await workspace.roles.set_chat_role(owner, ann, Role.MODERATOR)
    with pytest.raises(BadInvitation, match="Choose one"):
        await workspace.invitations.make(owner, role=Role.GUEST)
    with pytest.raises(BadInvitation):
        await workspace.invitations.make(owner, role=Role.MODERATOR)
    invitation, code = await invites_guest(workspace, ann, public_room)
    gil = await comes_as_guest(workspace, code)
    since = workspace.roles.guest_since(gil.id)
    await workspace.roles.open()
    await workspace.rooms.open()
    again = workspace.roles.guest_since(gil.id)
    assert since is not None
    assert again is not None
    assert abs(since - again) < timedelta(seconds=1)
    assert gil in await workspace.all_people()
    # A guest who was made a member stays.
    fay = await comes_as_guest(workspace, code, "Fay")
    await workspace.roles.set_chat_role(owner, fay, Role.MEMBER)
    await workspace.invitations.revoke(owner, invitation.id)
    people = [each.name for each in await workspace.all_people()]
    assert "Gil" not in people
    assert await workspace.identity.person_for_token("token of Gil") is None
    assert await workspace.identity.person_for_token("token of Fay") == fay
