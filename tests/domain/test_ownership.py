"""Ownership: who owns the chat at first, after a link, and after its owner has left."""

import asyncio
from collections.abc import AsyncIterator
from itertools import permutations
from pathlib import Path

import pytest

from chat.errors import BadRole, OwnerLinkSpent, OwnerMustHandOver, OwnerRequired
from chat.model.moderation import AuditAct
from chat.model.people import Person
from chat.people.ownership import create_reset_link
from chat.rooms.room import Room
from chat.store.contract import Store
from tests.harness.domain import open_workspace


class Chat:
    """A chat that can be started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def start(self) -> "Chat":
        """Open the workspace."""
        self.workspace, self.store = await open_workspace(self._folder, lambda topic, event: None)
        return self

    async def restart(self) -> None:
        """Close the workspace, and open it again."""
        await self.workspace.close()
        await self.start()

    async def joins(self, name: str, *, is_local: bool = False, online: bool = False) -> Person:
        """Sign somebody in; `online` keeps them connected."""
        person = await self.workspace.identity.sign_in(name, name, is_local=is_local)
        await self.workspace.on_signed_in(person)
        if online:
            self.workspace.presence.session_connected(person, name)
        else:
            self.workspace.presence.remove(person)
        return person

    @property
    def owner_id(self) -> int | None:
        """The id of the owner."""
        return self.workspace.identity.owner_id

    async def lobby(self, person: Person) -> Room:
        """The lobby."""
        return await self.workspace.rooms.by_slug(person, "lobby")


@pytest.fixture
async def started(tmp_path: Path) -> AsyncIterator[Chat]:
    """A chat that nobody has signed in to."""
    chat = await Chat(tmp_path).start()
    yield chat
    await chat.workspace.close()


async def test_first_person_on_this_computer_owns_the_chat(started: Chat) -> None:
    far, near, later = [
        await started.joins(name, is_local=local)
        for name, local in (("Far", False), ("Near", True), ("Later", True))
    ]
    assert started.owner_id == near.id
    await started.restart()
    assert started.owner_id == near.id
    lobby = await started.lobby(near)
    assert [lobby.can_moderate(each) for each in (far, near, later)] == [False, True, False]


async def test_nobody_from_the_network_owns_the_chat_after_a_restart(started: Chat) -> None:
    far = await started.joins("Far")
    assert started.owner_id is None
    await started.restart()
    assert started.owner_id is None
    assert not (await started.lobby(far)).can_moderate(far)
    near = await started.joins("Near", is_local=True)
    assert started.owner_id == near.id


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_chat_has_an_owner_until_its_last_person_leaves(
    started: Chat, order: tuple[int, ...]
) -> None:
    people = [await started.joins(name, is_local=name == "A") for name in "ABCD"]
    staying = {each.id: each for each in people}
    for n in order:
        await started.workspace.end_account(people[n])
        del staying[people[n].id]
        assert started.owner_id == next(iter(staying), None)
        lobby = await started.workspace.rooms.by_slug(people[0], "lobby")
        assert [each.id for each in staying.values() if lobby.can_moderate(each)] == [*staying][:1]
    await started.restart()
    assert started.owner_id is None
    assert (await started.joins("Next", is_local=True)).id == started.owner_id


async def test_chat_passes_on_to_somebody_online_before_anybody_else(started: Chat) -> None:
    owner = await started.joins("Owner", is_local=True, online=True)
    await started.joins("Ghost")
    bob, _ = [await started.joins(name, online=True) for name in ("Bob", "Cem")]
    await started.workspace.end_account(owner)
    assert started.owner_id == bob.id
    await started.restart()
    assert started.owner_id == bob.id


async def test_concurrent_departures_leave_an_owner(started: Chat) -> None:
    people = [await started.joins(name, is_local=True) for name in "ABCDEF"]
    await asyncio.gather(*(started.workspace.end_account(each) for each in people[:5]))
    assert started.owner_id == people[5].id
    assert await started.store.owner_id() == people[5].id


async def test_owner_who_left_before_the_process_ended_is_replaced_at_the_start(
    started: Chat,
) -> None:
    owner, bob = [await started.joins(name, is_local=True) for name in ("Owner", "Bob")]
    # The process ends before the chat has passed on.
    await started.store.leave(None, owner.id)
    await started.restart()
    assert started.owner_id == bob.id


@pytest.mark.parametrize("owner_left", [False, True])
async def test_database_of_an_earlier_version_has_the_first_person_who_is_still_there(
    tmp_path: Path, store: Store, owner_left: bool
) -> None:
    people = [(await store.add_person(name)).person for name in ("Owner", "Bob")]
    for each in people:
        await store.join(1, each.id)
    if owner_left:
        await store.leave(None, people[0].id)
    await store.close()
    chat = await Chat(tmp_path).start()
    assert chat.owner_id == people[owner_left].id
    await chat.workspace.close()


async def test_link_gives_the_chat_away_once(started: Chat) -> None:
    owner, bob, cem = [await started.joins(name, is_local=True) for name in ("Owner", "Bob", "Cem")]
    ownership = started.workspace.ownership
    secret = ownership.link_secret
    assert secret is not None
    assert len(secret) >= 43
    for wrong in ("", secret[:-1], secret + "x", secret.lower(), "é" * 43, "\x00"):
        with pytest.raises(OwnerLinkSpent):
            await ownership.claim_with_link(bob, wrong)
    assert started.owner_id == owner.id
    results = await asyncio.gather(
        *(ownership.claim_with_link(each, secret) for each in (bob, cem)), return_exceptions=True
    )
    assert [type(each) for each in results] == [type(None), OwnerLinkSpent]
    assert started.owner_id == bob.id
    await started.restart()
    assert started.owner_id == bob.id
    with pytest.raises(OwnerLinkSpent):
        await started.workspace.ownership.claim_with_link(cem, secret)
    other_secret = started.workspace.ownership.link_secret
    assert other_secret not in {None, secret}


async def acts_in(chat: Chat) -> list[AuditAct]:
    """What the audit log has, the newest first."""
    return [each.act for each in await chat.store.audit_page(None, 50)]


async def test_owner_hands_over_before_they_leave(started: Chat) -> None:
    owner = await started.joins("Owner", is_local=True)
    await started.workspace.require_may_leave(owner)
    bob = await started.joins("Bob")
    bot = await started.workspace.bots.create(owner, "ops")
    with pytest.raises(OwnerMustHandOver):
        await started.workspace.sign_out(owner)
    assert (await started.lobby(owner)).can_moderate(owner)
    with pytest.raises(OwnerRequired):
        await started.workspace.ownership.hand_over(bob, bob)
    with pytest.raises(BadRole):
        await started.workspace.ownership.hand_over(owner, bot)
    await started.workspace.ownership.hand_over(owner, bob)
    assert not (await started.lobby(owner)).can_moderate(owner)
    await started.workspace.sign_out(owner)
    await started.restart()
    assert started.owner_id == bob.id
    assert await acts_in(started) == [AuditAct.HANDED_OVER]
    # Nobody is left to whom he could give it.
    await started.workspace.sign_out(bob)
    assert started.owner_id is None


async def test_link_of_the_data_folder_works_once_and_replaces_the_one_before(
    started: Chat,
) -> None:
    owner, bob, cem = [await started.joins(each, is_local=True) for each in ("A", "Bob", "Cem")]
    replaced, secret = [await create_reset_link(started.store) for _ in range(2)]
    await started.restart()
    claim = started.workspace.ownership.claim_with_link
    for wrong in (replaced, secret[:-1], ""):
        with pytest.raises(OwnerLinkSpent):
            await claim(bob, wrong)
    assert started.owner_id == owner.id
    printed = started.workspace.ownership.link_secret
    await claim(bob, secret)
    assert started.owner_id == bob.id
    with pytest.raises(OwnerLinkSpent):
        await claim(cem, secret)
    # That of the start is another one, which is still to be used.
    assert started.workspace.ownership.link_secret == printed
    acts = [AuditAct.CLAIMED, AuditAct.OWNER_RESET, AuditAct.OWNER_RESET]
    assert await acts_in(started) == acts
