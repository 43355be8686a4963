"""Nothing of a private room or a direct conversation reaches anybody else, whatever they try."""

import asyncio

import pytest

from chat.people import people
from chat.ui.packing.control_ids import FIRST_ROW_ID, IDS_PER_MESSAGE, room_item_id
from tests.conftest import Knock
from tests.harness.client import secret
from tests.harness.user import Resident

NO_ROOM = "There is no such room. Choose one from the list."


async def test_what_may_not_be_known_is_noticed(new_user: Knock) -> None:
    ann = await new_user("Ann", knows="plans")
    bob = await new_user("Bob")
    await ann.says(secret("plans", "in the lobby"))
    await bob.reads(secret("plans", "in the lobby"))
    assert (bob.leaks, ann.leaks) == ({"plans"}, set())
    with pytest.raises(AssertionError, match="may not know"):
        await bob.disconnects()
    bob.leaks.clear()


async def talks_in_secret(ann: Resident, bob: Resident) -> list[str]:
    """All that can be done with words, in a private room and between two; the addresses."""
    title = secret("nest", "of two")
    await ann.makes_room(title, secret("nest", "topic"), private=True)
    room = ann.address_bar
    await ann.writes_about("Invite somebody by name", "Bob")
    await bob.opens_room(title)
    addresses = [room, f"{room}/1", *await talk(ann, bob, "nest")]
    await ann.writes_about("Name", secret("nest", "renamed"))
    await bob.has_place(secret("nest", "renamed"))
    await ann.talks_to("Bob")
    addresses += [ann.address_bar, f"{ann.address_bar}/1"]
    await bob.opens_room("Ann")
    return [*addresses, *await talk(ann, bob, "direct")]


async def talk(ann: Resident, bob: Resident, name: str) -> list[str]:
    """Say, answer, edit, react, pin, mention, delete, begin a thread and half a message."""
    first = secret(name, "first")
    await ann.says(first)
    await bob.reads(first)
    await bob.types(secret(name, "typed"))
    await ann.until(lambda: ann.typing)
    await bob.acts(first, "Reply")
    await bob.says(secret(name, "quoting @Ann @everyone @Cem"))
    await ann.acts(first, "Edit")
    await ann.has_words(first)
    await ann.says(secret(name, "edited"))
    await bob.reads(secret(name, "edited"))
    await bob.reacts(secret(name, "edited"), "👍")
    await bob.acts(secret(name, "edited"), "Pin to this room")
    await ann.has_chip(secret(name, "edited"), "👍")
    await ann.acts(secret(name, "edited"), "Reply in thread")
    await ann.until(lambda: ann.title == "Thread")
    thread = ann.address_bar
    await ann.says(secret(name, "in the thread for @Bob"))
    await bob.reads(secret(name, "quoting @Ann @everyone @Cem"))
    await bob.looks("background")
    await ann.says(secret(name, "calling @Bob"))
    await bob.until(lambda: bob.notices)
    await bob.looks("looked at")
    await ann.clicks("Back to the room")
    await ann.until(lambda: ann.title != "Thread")
    await bob.deletes(secret(name, "quoting @Ann @everyone @Cem"))
    await ann.types(secret(name, "half a"))
    await ann.until(lambda: ann.words == secret(name, "half a"))
    return [thread, f"{thread}/1"]


async def tries_everything(cem: Resident, addresses: list[str]) -> None:
    """What somebody may think of who wants to know."""
    assert await cem.browses() == ["Lobby"]
    for part in ("secret", "nest", "two", "renamed"):
        await cem.jumps(part)
    await cem.escapes()
    await cem.clicks("Mentions")
    await cem.sees_part("Nobody has mentioned you yet.")
    await cem.closes()
    for words in ("secret", "nest", "first", "in:nest", "from:ann", "mentions:me", "is:pinned"):
        await cem.searches(words)
    for room in range(2, 8):
        # Lines that are not in the list, and rows that are not on the screen.
        await cem.event({"_i": room_item_id(room)}, "click")
    for control in range(FIRST_ROW_ID + IDS_PER_MESSAGE, FIRST_ROW_ID + 6 * IDS_PER_MESSAGE):
        await cem.event({"_i": control}, "click")
        if control % 64 == 0:
            # All at once would be a flood, which is another test's.
            await asyncio.sleep(0.05)
    for path in [*addresses, "/room/thread-2-2", "/room/thread-3-1", "/room/dm-1-2", "/room/2"]:
        await cem.clicks_notice({"path": path})
        await cem.is_told(NO_ROOM)
        await cem.reloads(path)
        await cem.is_told(NO_ROOM)
        await cem.until(lambda: cem.stands_in("Lobby"))


async def test_whoever_is_not_in_a_room_is_sent_nothing_of_it(
    new_user: Knock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "AWAY_ANNOUNCE_INTERVAL", 0.0)
    monkeypatch.setattr("chat.web.guard.rate_limit.BURST", 1e9)
    ann, bob = (
        await new_user("Ann", knows="nest direct"),
        await new_user("Bob", knows="nest direct"),
    )
    await bob.allows(True)
    cem, away = await new_user("Cem"), await new_user("Dan")
    await cem.allows(True)
    await away.allows(True)
    await away.looks("background")
    addresses = await talks_in_secret(ann, bob)
    await tries_everything(cem, addresses)
    assert cem.places.keys() == {"Lobby"}
    assert not cem.notices and not away.notices
    # In the end they are invited: now all of it may be known.
    cem.knows.add("nest")
    await ann.opens_room(secret("nest", "renamed"))
    await ann.writes_about("Invite somebody by name", "Cem")
    await cem.opens_room(secret("nest", "renamed"))
    await cem.reads(secret("nest", "edited"))
    await cem.opens_about()
    await cem.acts_on("Leave this room")
    await cem.until(lambda: cem.title == "Lobby")
    cem.knows.discard("nest")
    await ann.says(secret("nest", "alone again"))
    await tries_everything(cem, addresses)
