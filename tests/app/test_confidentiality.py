"""Nothing of a private room or a direct conversation reaches anybody else, whatever they try."""

import asyncio

import pytest

from chat.timings import Timings
from chat.ui.packing.control_ids import FIRST_ROW_ID, IDS_PER_MESSAGE, room_item_id
from tests.conftest import NewUser
from tests.harness.client import secret
from tests.harness.user import ChatUser

NO_SUCH_ROOM = "There is no such room. Choose one from the list."


async def test_leak_detector_reports_a_secret_sent_to_an_outsider(new_user: NewUser) -> None:
    ann = await new_user("Ann", knows="plans")
    bob = await new_user("Bob")
    await ann.posts(secret("plans", "in the lobby"))
    await bob.waits_for_message(secret("plans", "in the lobby"))
    assert (bob.leaked_secrets, ann.leaked_secrets) == ({"plans"}, set())
    with pytest.raises(AssertionError, match="may not know"):
        await bob.disconnects()
    bob.leaked_secrets.clear()


async def use_private_rooms(ann: ChatUser, bob: ChatUser) -> list[str]:
    """All that can be done with words, in a private room and between two; the addresses."""
    title = secret("nest", "of two")
    await ann.creates_room(title, secret("nest", "topic"), private=True)
    room_path = ann.address_bar
    await ann.submits_room_field("Invite somebody by name", "Bob")
    await bob.opens_room(title)
    addresses = [room_path, f"{room_path}/1", *await use_room(ann, bob, "nest")]
    await ann.submits_room_field("Name", secret("nest", "renamed"))
    await bob.waits_for_sidebar_room(secret("nest", "renamed"))
    await ann.opens_direct_conversation("Bob")
    addresses += [ann.address_bar, f"{ann.address_bar}/1"]
    await bob.opens_room("Ann")
    return [*addresses, *await use_room(ann, bob, "direct")]


async def use_room(ann: ChatUser, bob: ChatUser, secret_name: str) -> list[str]:
    """Say, answer, edit, react, pin, mention, delete, begin a thread and half a message."""
    first = secret(secret_name, "first")
    await ann.posts(first)
    await bob.waits_for_message(first)
    await bob.types(secret(secret_name, "typed"))
    await ann.until(lambda: ann.typing_status)
    await bob.runs_message_action(first, "Reply")
    await bob.posts(secret(secret_name, "quoting @Ann @everyone @Cem"))
    await ann.runs_message_action(first, "Edit")
    await ann.waits_for_composer_text(first)
    await ann.posts(secret(secret_name, "edited"))
    await bob.waits_for_message(secret(secret_name, "edited"))
    await bob.reacts_to(secret(secret_name, "edited"), "👍")
    await bob.runs_message_action(secret(secret_name, "edited"), "Pin to this room")
    await ann.waits_for_reaction(secret(secret_name, "edited"), "👍")
    await ann.runs_message_action(secret(secret_name, "edited"), "Reply in thread")
    await ann.until(lambda: ann.room_title == "Thread")
    thread = ann.address_bar
    await ann.posts(secret(secret_name, "in the thread for @Bob"))
    await bob.waits_for_message(secret(secret_name, "quoting @Ann @everyone @Cem"))
    await bob.reports_visibility("background")
    await ann.posts(secret(secret_name, "calling @Bob"))
    await bob.until(lambda: bob.notifications)
    await bob.reports_visibility("looked at")
    await ann.clicks("Back to the room")
    await ann.until(lambda: ann.room_title != "Thread")
    await bob.deletes_message(secret(secret_name, "quoting @Ann @everyone @Cem"))
    await ann.types(secret(secret_name, "half a"))
    await ann.until(lambda: ann.composer_text == secret(secret_name, "half a"))
    return [thread, f"{thread}/1"]


async def try_everything(cem: ChatUser, addresses: list[str]) -> None:
    """What somebody may think of who wants to know."""
    assert await cem.lists_all_rooms() == ["Lobby"]
    for part in ("secret", "nest", "two", "renamed"):
        await cem.types_into_quick_switcher(part)
    await cem.dismisses_dialog()
    await cem.clicks("Mentions")
    await cem.waits_for_partial_text("Nobody has mentioned you yet.")
    await cem.closes_dialog()
    for words in ("secret", "nest", "first", "in:nest", "from:ann", "mentions:me", "is:pinned"):
        await cem.searches_without_result(words)
    for room in range(2, 8):
        # Lines that are not in the list, and rows that are not on the screen.
        await cem.fires({"_i": room_item_id(room)}, "click")
    for control in range(FIRST_ROW_ID + IDS_PER_MESSAGE, FIRST_ROW_ID + 6 * IDS_PER_MESSAGE):
        await cem.fires({"_i": control}, "click")
        if control % 64 == 0:
            # All at once would be a flood, which is another test's.
            await asyncio.sleep(0.05)
    for path in [*addresses, "/room/thread-2-2", "/room/thread-3-1", "/room/dm-1-2", "/room/2"]:
        await cem.clicks_notification({"path": path})
        await cem.waits_for_snackbar(NO_SUCH_ROOM)
        await cem.reloads(path)
        await cem.waits_for_snackbar(NO_SUCH_ROOM)
        await cem.until(lambda: cem.is_in_room("Lobby"))


@pytest.mark.parametrize("timings", [Timings(away_announce_interval=0.0)])
async def test_outsider_receives_nothing_of_private_rooms(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.web.guard.rate_limit.BURST", 1e9)
    ann, bob = (
        await new_user("Ann", knows="nest direct"),
        await new_user("Bob", knows="nest direct"),
    )
    await bob.allows_notifications(True)
    cem, away = await new_user("Cem"), await new_user("Dan")
    await cem.allows_notifications(True)
    await away.allows_notifications(True)
    await away.reports_visibility("background")
    addresses = await use_private_rooms(ann, bob)
    await try_everything(cem, addresses)
    assert cem.sidebar_rooms.keys() == {"Lobby"}
    assert not cem.notifications and not away.notifications
    # In the end they are invited: now all of it may be known.
    cem.known_secrets.add("nest")
    await ann.opens_room(secret("nest", "renamed"))
    await ann.submits_room_field("Invite somebody by name", "Cem")
    await cem.opens_room(secret("nest", "renamed"))
    await cem.waits_for_message(secret("nest", "edited"))
    await cem.opens_room_dialog()
    await cem.clicks_in_dialog("Leave this room")
    await cem.until(lambda: cem.room_title == "Lobby")
    cem.known_secrets.discard("nest")
    await ann.posts(secret("nest", "alone again"))
    await try_everything(cem, addresses)
