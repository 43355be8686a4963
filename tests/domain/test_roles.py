"""Roles: who moderates what, what a guest may do, and the rows of the audit log."""

from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chat.errors import (
    BadRole,
    BadRoom,
    ChatError,
    ChatModeratorRequired,
    GuestRefused,
    ModeratorRequired,
    NoSuchRoom,
    OwnerRequired,
)
from chat.model.moderation import AuditAct, NewAuditEntry, Role
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.people.audit_log import AuditLog
from chat.people.roles import Roles
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.text.search_query import parse_query
from chat.workspace.workspace import Workspace
from tests.harness.domain import sign_in


@pytest.fixture
async def owner(workspace: Workspace, ann: Person) -> Person:
    """Ann, who owns the chat."""
    secret = workspace.ownership.link_secret
    assert secret is not None
    await workspace.ownership.claim_with_link(ann, secret)
    return ann


async def set_role(workspace: Workspace, owner: Person, person: Person, role: Role) -> None:
    """Give a person a role in the whole chat."""
    await workspace.roles.set_chat_role(owner, person, role)


async def test_moderator_of_the_chat_moderates_the_rooms_that_they_may_read(
    workspace: Workspace, owner: Person, bob: Person, outsider: Person, public_room: Room
) -> None:
    secret = await workspace.rooms.create(bob, "Cellar", RoomKind.PRIVATE)
    posted = await public_room.post(owner, "hello", "a1")
    await workspace.rooms.enter(outsider, public_room.info.slug)
    with pytest.raises(ModeratorRequired):
        await workspace.rooms.rename(outsider, public_room, "Roses")
    await set_role(workspace, owner, outsider, Role.MODERATOR)
    await workspace.rooms.rename(outsider, public_room, "Roses")
    await public_room.delete(outsider, posted.number)
    # A private room is not theirs, and a direct conversation is nobody's.
    with pytest.raises(NoSuchRoom):
        await workspace.rooms.rename(outsider, secret, "Theirs")
    direct = await workspace.rooms.get_or_create_direct(outsider, [owner, bob])
    hello = await direct.post(bob, "hello", "b1")
    with pytest.raises(ChatError):
        await direct.delete(outsider, hello.number)
    await set_role(workspace, owner, outsider, Role.MEMBER)
    with pytest.raises(ModeratorRequired):
        await workspace.rooms.rename(outsider, public_room, "Tulips")


async def test_only_the_owner_says_who_moderates_the_chat(
    workspace: Workspace, owner: Person, bob: Person, outsider: Person
) -> None:
    await set_role(workspace, owner, bob, Role.MODERATOR)
    for actor in (bob, outsider):
        with pytest.raises(OwnerRequired):
            await set_role(workspace, actor, outsider, Role.MODERATOR)
    for role in (Role.MEMBER, Role.OWNER):
        with pytest.raises(BadRole):
            await set_role(workspace, owner, owner, role)
    with pytest.raises(BadRole):
        await set_role(workspace, owner, bob, Role.OWNER)


async def test_creator_names_moderators_of_a_room_whom_these_cannot_remove(
    workspace: Workspace, store: Store, owner: Person, bob: Person, outsider: Person
) -> None:
    rooms = workspace.rooms
    room = await rooms.create(bob, "Garden", invited=[outsider, owner])
    with pytest.raises(ModeratorRequired):
        await rooms.set_moderator(outsider, room, outsider, moderates=True)
    await rooms.set_moderator(bob, room, outsider, moderates=True)
    assert room.can_moderate(outsider)
    assert not (await rooms.by_slug(outsider, "lobby")).can_moderate(outsider)
    (dora,) = await sign_in(workspace, "Dora")
    with pytest.raises(BadRoom):
        await rooms.set_moderator(bob, room, dora, moderates=True)
    for other in (bob, owner):
        assert not rooms.may_remove(outsider, room, other)
        with pytest.raises(BadRole):
            await rooms.set_moderator(outsider, room, other, moderates=False)
    assert not rooms.may_remove(bob, room, owner)
    assert rooms.may_remove(owner, room, bob)
    await rooms.remove(bob, room, outsider)
    # The role ended with the membership.
    await rooms.enter(outsider, room.info.slug)
    assert not room.can_moderate(outsider)
    assert await store.roles() == {}


async def test_roles_are_stored_and_end_when_the_person_leaves(
    workspace: Workspace, store: Store, owner: Person, bob: Person, public_room: Room
) -> None:
    await workspace.rooms.enter(bob, public_room.info.slug)
    await set_role(workspace, owner, bob, Role.MODERATOR)
    stored = Roles(store, workspace.ownership)
    await stored.open()
    assert [stored.of(each.id) for each in (owner, bob)] == [Role.OWNER, Role.MODERATOR]
    await workspace.sign_out(bob)
    assert await store.roles() == {}
    assert workspace.roles.of(bob.id) is Role.MEMBER


async def test_guest_reads_and_writes_only_where_somebody_added_them(
    workspace: Workspace, store: Store, owner: Person, outsider: Person, public_room: Room
) -> None:
    rooms = workspace.rooms
    shed = await rooms.create(owner, "Shed")
    await public_room.post(owner, "roses", "a1")
    await shed.post(owner, "roses in the shed", "a2")
    await rooms.invite(owner, shed, outsider)
    await set_role(workspace, owner, outsider, Role.GUEST)
    await shed.post(outsider, "hello", "b1")
    hidden: list[Coroutine[Any, Any, object]] = [
        rooms.enter(outsider, public_room.info.slug),
        rooms.by_id(outsider, public_room.info.id),
        public_room.newest(outsider),
        rooms.join(outsider, public_room),
    ]
    for refused in hidden:
        with pytest.raises(NoSuchRoom):
            await refused
    forbidden: list[Coroutine[Any, Any, object]] = [
        rooms.create(outsider, "Mine"),
        rooms.get_or_create_direct(outsider, [owner]),
        rooms.invite(outsider, shed, owner),
        rooms.set_topic(outsider, shed, "Tools"),
        workspace.bots.create(outsider, "helper"),
    ]
    for refused in forbidden:
        with pytest.raises(GuestRefused):
            await refused
    seen = {each.slug for each in await rooms.public_rooms(outsider)}
    assert seen == {each.room.slug for each in await rooms.public_room_summaries(outsider)}
    assert "shed" in seen
    assert public_room.info.slug not in seen
    found = await store.search(parse_query("roses", None), outsider.id, None, 30)
    assert [each.message.text for each in found] == ["roses in the shed"]
    events = await store.sequence_page(0, 100, 1000, reader_id=outsider.id)
    texts = {each.message.text for each in events.changes}
    assert "roses in the shed" in texts
    assert "roses" not in texts
    # Others begin a conversation, and the guest answers.
    direct = await rooms.get_or_create_direct(owner, [outsider])
    assert await rooms.get_or_create_direct(outsider, [owner]) is direct
    await direct.post(outsider, "hello", "b2")
    await set_role(workspace, owner, outsider, Role.MEMBER)
    await rooms.enter(outsider, public_room.info.slug)


async def test_each_act_is_a_row_that_only_moderators_read(
    workspace: Workspace, owner: Person, bob: Person, outsider: Person, public_room: Room
) -> None:
    rooms = workspace.rooms
    cellar = await rooms.create(bob, "Cellar", RoomKind.PRIVATE, invited=[outsider])
    for each in (bob, outsider):
        await rooms.enter(each, public_room.info.slug)
    message = await public_room.post(bob, "a secret text", "b1")
    own = await public_room.post(owner, "own", "a1")
    await set_role(workspace, owner, outsider, Role.MODERATOR)
    await public_room.delete(owner, message.number)
    await public_room.delete(owner, own.number)
    await rooms.set_archived(bob, cellar, archived=True)
    await rooms.set_archived(bob, cellar, archived=False)
    await rooms.remove(owner, public_room, bob)
    page = await workspace.audit_log.page(owner, rooms.may_read)
    assert [
        (each.act, each.actor, each.person, each.room and each.room.slug, each.number)
        for each in page
    ] == [
        (AuditAct.REMOVED, owner, bob, public_room.info.slug, None),
        # Of a private room that she is not in, the owner reads no name.
        (AuditAct.REOPENED, bob, None, None, None),
        (AuditAct.ARCHIVED, bob, None, None, None),
        (AuditAct.MESSAGE_DELETED, owner, bob, public_room.info.slug, message.number),
        (AuditAct.ROLE_CHANGED, owner, outsider, None, None),
        (AuditAct.CLAIMED, owner, None, None, None),
    ]
    assert "a secret text" not in str(page)
    older = await workspace.audit_log.page(outsider, rooms.may_read, page[-3].id)
    assert older == page[-2:]
    (reopened,) = [
        each
        for each in await workspace.audit_log.page(outsider, rooms.may_read)
        if each.act is AuditAct.REOPENED
    ]
    assert reopened.room == cellar.info
    with pytest.raises(ChatModeratorRequired):
        await workspace.audit_log.page(bob, rooms.may_read)


async def test_audit_log_keeps_rows_for_its_days(
    workspace: Workspace, store: Store, owner: Person
) -> None:
    entry = NewAuditEntry(AuditAct.ROLE_CHANGED, owner.id, owner.id, detail="member")
    await store.set_role(owner.id, None, Role.MEMBER, entry)
    acts = [AuditAct.ROLE_CHANGED, AuditAct.CLAIMED]
    assert [each.act for each in await store.audit_page(None, 50)] == acts
    log = AuditLog(store, workspace.roles, days=1)
    await log.open()
    assert [each.act for each in await log.page(owner, workspace.rooms.may_read)] == acts
    await log.close()
    await store.forget_audit(datetime.now(UTC) + timedelta(seconds=1))
    assert await store.audit_page(None, 50) == ()
