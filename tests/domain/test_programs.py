"""Bots and their tokens: who owns them, what they may do, and when that ends."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chat.errors import (
    BadProgram,
    BadToken,
    MissingScope,
    NameTaken,
    NoSuchProgram,
    NoSuchRoom,
    TooManyPrograms,
)
from chat.model.people import Person
from chat.model.programs import Scope
from chat.model.rooms import RoomKind
from chat.programs.api_tokens import TOKEN_LIMIT
from chat.programs.bots import MAX_NEW_BOTS
from chat.workspace.program_session import open_program_session
from chat.workspace.workspace import Workspace
from tests.harness.domain import open_workspace


class House:
    """An open workspace, Ann and Bob, and the folder that it is opened from again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def start(self) -> None:
        """Open the workspace."""
        self.workspace: Workspace
        self.workspace, self.store = await open_workspace(self._folder, lambda topic, event: None)

    async def restart(self) -> None:
        """Close the workspace, and open it again."""
        await self.workspace.close()
        await self.start()

    async def joins(self, name: str) -> Person:
        """Sign somebody in."""
        person = await self.workspace.identity.sign_in(name, name)
        await self.workspace.on_signed_in(person)
        return person

    async def token(self, owner: Person, name: str, *scopes: Scope) -> str:
        """The token of a new bot, which is in the lobby."""
        bot = await self.workspace.bots.create(owner, name)
        await self.workspace.rooms.enter(bot, "lobby")
        secret, _ = await self.workspace.api_tokens.create(bot, "test", scopes)
        return secret


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A workspace with nobody in it."""
    house = House(tmp_path)
    await house.start()
    yield house
    await house.workspace.close()


async def test_bot_belongs_to_its_maker_also_after_a_restart(house: House) -> None:
    ann, bob = await house.joins("Ann"), await house.joins("Bob")
    bot = await house.workspace.bots.create(ann, "ops")
    assert (bot.name, bot.is_bot) == ("ops", True)
    await house.restart()
    bots = house.workspace.bots
    assert (bots.of_person(ann), bots.of_person(bob)) == ((bot,), ())
    assert bots.owner_id(bot.id) == ann.id
    assert bots.require_own(ann, bot.id) == bot
    with pytest.raises(NoSuchProgram):
        bots.require_own(bob, bot.id)


@pytest.mark.parametrize("name", ["Ann", "ａｎｎ", "OPS"])
async def test_bot_imitates_neither_a_person_nor_a_bot(house: House, name: str) -> None:
    ann = await house.joins("Ann")
    await house.workspace.bots.create(ann, "ops")
    with pytest.raises(NameTaken) as refusal:
        await house.workspace.bots.create(ann, name)
    assert await house.workspace.bots.create(ann, refusal.value.suggestion)


async def test_bots_of_a_person_are_made_at_a_limited_pace(house: House) -> None:
    ann, bob = await house.joins("Ann"), await house.joins("Bob")
    for n in range(MAX_NEW_BOTS):
        await house.workspace.bots.delete(await house.workspace.bots.create(ann, f"bot {n}"))
    with pytest.raises(BadProgram, match="Wait 60 minutes"):
        await house.workspace.bots.create(ann, "one more")
    assert await house.workspace.bots.create(bob, "another")


async def test_message_of_a_bot_says_so(house: House) -> None:
    ann = await house.joins("Ann")
    session = await open_program_session(
        house.workspace, await house.token(ann, "ops", Scope.READ, Scope.WRITE)
    )
    lobby = await session.room("lobby", Scope.WRITE)
    await lobby.post(session.bot, "deployed", "1")
    await house.restart()
    page = await (await house.workspace.rooms.by_slug(ann, "lobby")).newest(ann)
    assert [(each.author.name, each.author.is_bot) for each in page.messages] == [
        ("Ann", False),
        ("ops", True),
        ("ops", True),
    ]


async def test_token_allows_its_scopes_in_its_rooms(house: House) -> None:
    ann = await house.joins("Ann")
    rooms, tokens = house.workspace.rooms, house.workspace.api_tokens
    garden = await rooms.create(ann, "Garden")
    secret_room = await rooms.create(ann, "Secret", RoomKind.PRIVATE)
    bot = await house.workspace.bots.create(ann, "ops")
    secret, _ = await tokens.create(bot, "CI", [Scope.READ], [garden.info.id])
    session = await open_program_session(house.workspace, secret)
    assert (await session.room("garden")).info == garden.info
    with pytest.raises(MissingScope, match="write"):
        await session.room("garden", Scope.WRITE)
    for slug in ("lobby", secret_room.info.slug, "nowhere"):
        with pytest.raises(NoSuchRoom):
            await session.room(slug)


async def test_revoked_or_expired_token_is_refused_at_once(house: House) -> None:
    ann = await house.joins("Ann")
    tokens = house.workspace.api_tokens
    bot = await house.workspace.bots.create(ann, "ops")
    secret, row = await tokens.create(bot, "CI", [Scope.READ])
    assert (await tokens.authenticate(secret)).label == "CI"
    await tokens.revoke(bot, row.id)
    soon = datetime.now(UTC) + timedelta(milliseconds=30)
    short_lived, _ = await tokens.create(bot, "soon over", [Scope.READ], expires_at=soon)
    while datetime.now(UTC) <= soon:
        pass
    for each in (secret, short_lived, "fc_unknown", ""):
        with pytest.raises(BadToken):
            await tokens.authenticate(each)
    with pytest.raises(BadProgram, match="expired already"):
        await tokens.create(bot, "past", [Scope.READ], expires_at=soon)


async def test_last_use_of_a_token_is_kept(house: House) -> None:
    ann = await house.joins("Ann")
    bot = await house.workspace.bots.create(ann, "ops")
    secret, row = await house.workspace.api_tokens.create(bot, "CI", [Scope.READ])
    assert row.used_at is None
    before = datetime.now(UTC)
    await house.workspace.api_tokens.authenticate(secret)
    await house.restart()
    (row,) = await house.workspace.api_tokens.of_bot(bot)
    assert row.used_at is not None
    assert row.used_at >= before


async def test_tokens_of_a_bot_are_limited(house: House) -> None:
    ann = await house.joins("Ann")
    bot = await house.workspace.bots.create(ann, "ops")
    for n in range(TOKEN_LIMIT):
        await house.workspace.api_tokens.create(bot, f"{n}", [Scope.READ])
    with pytest.raises(TooManyPrograms, match="10 of them"):
        await house.workspace.api_tokens.create(bot, "one more", [Scope.READ])
    await house.workspace.api_tokens.revoke(bot)
    assert await house.workspace.api_tokens.create(bot, "again", [Scope.READ])


async def test_programs_of_a_person_end_with_their_sign_out(house: House) -> None:
    ann, bob = await house.joins("Ann"), await house.joins("Bob")
    secret = await house.token(ann, "ops", Scope.READ)
    await house.workspace.sign_out(ann)
    with pytest.raises(BadToken):
        await house.workspace.api_tokens.authenticate(secret)
    assert await house.workspace.all_people() == (bob,)
    # The chat passes to a person, never to a bot.
    assert house.workspace.identity.owner_id in (bob.id, None)
