"""Mutes and bans: what they keep people and their bots from, and when they end."""

from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest

from chat.errors import BadSanction, BadToken, ChatModeratorRequired, Muted, PersonBanned
from chat.model.events import Sanctioned
from chat.model.moderation import AuditAct, Role, SanctionKind
from chat.model.people import Person
from chat.model.programs import Scope
from chat.people.browser_tokens import token_hash
from chat.people.sanctions import Sanctions
from chat.programs.events import EventFilter
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.text.dice import Dice
from chat.workspace.moderation import REASON_LIMIT
from chat.workspace.workspace import Workspace
from tests.harness.domain import EventRecorder, sign_in
from tests.harness.waiting import wait_until

HOUR = timedelta(hours=1)


@pytest.fixture
async def moderator(workspace: Workspace, owner: Person, outsider: Person) -> Person:
    """Owner owns the chat, and Cid moderates it."""
    secret = workspace.ownership.link_secret
    assert secret is not None
    await workspace.ownership.claim_with_link(owner, secret)
    await workspace.roles.set_chat_role(owner, outsider, Role.MODERATOR)
    return outsider


async def test_muted_person_and_their_bots_write_nothing_and_read_on(
    workspace: Workspace, moderator: Person, ann: Person, bob: Person, public_room: Room
) -> None:
    rooms = workspace.rooms
    await rooms.enter(bob, public_room.info.slug)
    own = await public_room.post(bob, "before", "b1")
    bot = await workspace.bots.create(bob, "helper")
    await rooms.invite(bob, public_room, bot)
    await workspace.moderation.mute(moderator, bob, HOUR, "  too\n loud ")
    works: list[Coroutine[Any, Any, object]] = [
        public_room.post(bob, "after", "b2"),
        public_room.post(bot, "by a bot", "b3"),
        public_room.edit(bob, own.number, "after"),
        public_room.react(bob, own.number, "👍"),
        public_room.pin(bob, own.number, pinned=True),
        public_room.roll(bob, Dice(1, 6), "b4"),
        public_room.post_poll(bob, "Lunch?", ["Soup", "Salad"], "b5"),
        rooms.get_or_create_thread(bob, public_room, own.number),
        rooms.create(bob, "Another"),
        rooms.get_or_create_direct(bob, [ann]),
        rooms.set_topic(bob, public_room, "after"),
        rooms.invite(bob, public_room, moderator),
        workspace.bots.create(bob, "another"),
        workspace.profiles.rename(bob, "Robert"),
    ]
    for each in works:
        with pytest.raises(Muted, match="another 60 min"):
            await each
    assert [each.text for each in (await public_room.newest(bob)).messages][-1] != "after"
    # Others are not concerned, and what is said can be taken back.
    await public_room.post(ann, "hello", "a1")
    await public_room.delete(bob, own.number)
    await workspace.moderation.lift(moderator, bob, SanctionKind.MUTE)
    await public_room.post(bob, "after", "b2")
    await public_room.post(bot, "by a bot", "b3")
    page = await workspace.audit_log.page(moderator, rooms.may_read)
    assert [(each.act, each.person, each.reason) for each in page[:2]] == [
        (AuditAct.UNMUTED, bob, ""),
        (AuditAct.MUTED, bob, "too loud"),
    ]
    assert page[1].detail


async def test_mute_ends_by_itself_and_is_known_after_a_restart(
    workspace: Workspace, store: Store, moderator: Person, ann: Person, public_room: Room
) -> None:
    await workspace.moderation.mute(moderator, ann, None)
    restarted = Sanctions(store)
    await restarted.open()
    with pytest.raises(Muted, match="until a moderator lifts it"):
        restarted.require_may_write(ann)
    await workspace.moderation.mute(moderator, ann, timedelta(milliseconds=30))
    assert len(await store.sanctions()) == 1
    await wait_until(lambda: not workspace.sanctions.silences(ann.id))
    await public_room.post(ann, "again", "a1")


async def test_only_moderators_act_and_only_on_those_below_them(
    workspace: Workspace, moderator: Person, owner: Person, ann: Person, bob: Person
) -> None:
    moderation = workspace.moderation
    with pytest.raises(ChatModeratorRequired):
        await moderation.mute(bob, ann, HOUR)
    for actor, person in (
        (moderator, owner),
        (moderator, moderator),
        (owner, owner),
    ):
        assert not moderation.may_act_on(actor, person)
        with pytest.raises(BadSanction):
            await moderation.ban(actor, person, HOUR, "because")
    bot = await workspace.bots.create(ann, "helper")
    for person, duration, reason in (
        (bot, HOUR, "because"),
        (ann, HOUR, " "),
        (ann, HOUR, "x" * (REASON_LIMIT + 1)),
        (ann, timedelta(), "because"),
        (ann, timedelta(days=36_500), "because"),
    ):
        with pytest.raises(BadSanction):
            await moderation.ban(owner, person, duration, reason)
    assert moderation.may_act_on(owner, moderator)
    await moderation.mute(owner, moderator, HOUR)
    await moderation.mute(moderator, bot, HOUR)
    assert workspace.sanctions.silences(bot.id)


async def test_ban_ends_the_tokens_of_a_person_and_their_bots_until_it_is_lifted(
    workspace: Workspace, store: Store, moderator: Person, ann: Person, recorder: EventRecorder
) -> None:
    identity, moderation = workspace.identity, workspace.moderation
    await store.add_token(token_hash("browser"), ann.id)
    bot = await workspace.bots.create(ann, "helper")
    secret, token = await workspace.api_tokens.create(bot, "CI", {Scope.READ})
    assert await workspace.api_tokens.authenticate(secret) == token
    reader = await workspace.program_events.open(token, EventFilter())
    await moderation.ban(moderator, ann, timedelta(days=3), "spam")
    with pytest.raises(BadToken):
        await reader.next_events()
    reader.close()
    assert await identity.person_for_token("browser") is None
    assert await identity.is_known("browser")
    with pytest.raises(BadToken):
        await workspace.api_tokens.authenticate(secret)
    with pytest.raises(PersonBanned, match=r"another 3 d\. The reason: spam"):
        await identity.require_not_banned("browser")
    await identity.require_not_banned("another browser")
    # What would still be posted for them is refused.
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    for each in (ann, bot):
        with pytest.raises(PersonBanned):
            workspace.sanctions.require_may_write(each)
    with pytest.raises(PersonBanned):
        await lobby.post(ann, "later", "a1")
    assert any(isinstance(event, Sanctioned) for _, event in recorder.events)
    assert ann.id not in workspace.presence.online.ids
    await moderation.lift(moderator, ann, SanctionKind.BAN)
    assert await identity.person_for_token("browser") == ann
    assert (await workspace.api_tokens.authenticate(secret)).bot == bot
    await lobby.post(ann, "later", "a1")


async def test_ban_ends_by_itself(
    workspace: Workspace, store: Store, moderator: Person, ann: Person
) -> None:
    await store.add_token(token_hash("browser"), ann.id)
    await workspace.moderation.ban(moderator, ann, timedelta(milliseconds=30), "spam")
    await wait_until(lambda: workspace.sanctions.get(ann.id, SanctionKind.BAN) is None)
    assert await workspace.identity.person_for_token("browser") == ann
    (dora,) = await sign_in(workspace, "Dora")
    assert not workspace.sanctions.silences(dora.id)
