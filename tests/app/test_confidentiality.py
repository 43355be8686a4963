"""Private rooms and direct conversations: a person outside receives no byte of them."""

import asyncio

import pytest

from chat.errors import NoSuchRoom
from chat.people.presence import PresenceTimings
from chat.ui.client.notification_state import NotificationState
from chat.ui.packing.control_ids import FIRST_ROW_ID, IDS_PER_MESSAGE, room_item_id
from chat.workspace.timings import Timings
from tests.conftest import NewUser
from tests.harness.client import secret
from tests.harness.hostile_clients import wait_until_processed
from tests.harness.user import ChatUser

NO_SUCH_ROOM = str(NoSuchRoom())


async def test_leak_detector_reports_a_secret_sent_to_an_outsider(new_user: NewUser) -> None:
    ann = await new_user("Ann", secrets="plans")
    bob = await new_user("Bob")
    await ann.composer.posts(secret("plans", "in the lobby"))
    await bob.timeline.waits_for_message(secret("plans", "in the lobby"))
    assert (bob.leaked_secrets, ann.leaked_secrets) == ({"plans"}, set())
    with pytest.raises(AssertionError, match="may not know"):
        await bob.disconnects()
    bob.leaked_secrets.clear()


async def use_private_rooms(ann: ChatUser, bob: ChatUser) -> list[str]:
    """Use a private room and a direct conversation in every way; returns their paths."""
    title = secret("nest", "of two")
    await ann.rooms_dialog.creates_room(title, secret("nest", "topic"), private=True)
    room_path = ann.address_bar
    await ann.room_dialog.invites("Bob")
    await bob.sidebar.opens_room(title)
    addresses = [room_path, f"{room_path}/1", *await use_room(ann, bob, "nest")]
    await ann.room_dialog.submits_field("Name", secret("nest", "renamed"))
    await bob.sidebar.waits_for_room(secret("nest", "renamed"))
    await ann.sidebar.opens_direct_conversation("Bob")
    addresses += [ann.address_bar, f"{ann.address_bar}/1"]
    await bob.sidebar.opens_room("Ann")
    return [*addresses, *await use_room(ann, bob, "direct")]


async def use_room(ann: ChatUser, bob: ChatUser, secret_name: str) -> list[str]:
    """Post, quote, edit, react, pin, mention, delete, open a thread and leave a draft.

    Returns the paths of the thread and of its first message."""
    first = secret(secret_name, "first")
    await ann.composer.posts(first)
    await bob.timeline.waits_for_message(first)
    await bob.composer.types(secret(secret_name, "typed"))
    await ann.until(lambda: ann.timeline.typing_status)
    await bob.message_menu.runs(first, "Reply")
    await bob.waits_for_partial_text("Replying to")
    await bob.composer.posts(secret(secret_name, "quoting @Ann @everyone @Cem"))
    await ann.message_menu.runs(first, "Edit")
    await ann.composer.waits_for_text(first)
    await ann.composer.posts(secret(secret_name, "edited"))
    await bob.timeline.waits_for_message(secret(secret_name, "edited"))
    await bob.message_menu.reacts(secret(secret_name, "edited"), "👍")
    await bob.message_menu.runs(secret(secret_name, "edited"), "Pin to this room")
    await ann.timeline.waits_for_reaction(secret(secret_name, "edited"), "👍")
    await ann.opens_thread(secret(secret_name, "edited"))
    thread = ann.address_bar
    await ann.composer.posts(secret(secret_name, "in the thread for @Bob"))
    await bob.timeline.waits_for_message(secret(secret_name, "quoting @Ann @everyone @Cem"))
    await bob.page_script.reports_visibility("background")
    await wait_until_processed(bob)
    await ann.composer.posts(secret(secret_name, "calling @Bob"))
    await bob.until(lambda: bob.page_script.notifications)
    await bob.page_script.reports_visibility("looked at")
    await ann.clicks("Back to the room")
    await ann.until(lambda: ann.header.title != "Thread")
    await bob.message_menu.deletes(secret(secret_name, "quoting @Ann @everyone @Cem"))
    await ann.composer.types(secret(secret_name, "half a"))
    await ann.until(lambda: ann.composer.text == secret(secret_name, "half a"))
    return [thread, f"{thread}/1"]


async def try_everything(cem: ChatUser, addresses: list[str]) -> None:
    """Try every way of an outsider to read these paths: lists, searches, clicks and links."""
    assert await cem.rooms_dialog.lists_rooms() == ["Lobby"]
    for part in ("secret", "nest", "two", "renamed"):
        await cem.quick_switcher.types(part)
    await cem.dialog.dismisses()
    await cem.clicks("Mentions")
    await cem.waits_for_partial_text("Nobody has mentioned you yet.")
    await cem.dialog.closes()
    for query in ("secret", "nest", "first", "in:nest", "from:ann", "mentions:me", "is:pinned"):
        await cem.search_dialog.searches_without_result(query)
    for room in range(2, 8):
        # A click on a sidebar item of a room that is not in the list.
        await cem.fires({"_i": room_item_id(room)}, "click")
    # And clicks on rows that are not on the screen.
    for control in range(FIRST_ROW_ID + IDS_PER_MESSAGE, FIRST_ROW_ID + 6 * IDS_PER_MESSAGE):
        await cem.fires({"_i": control}, "click")
        if control % 64 == 0:
            # More clicks at once would exceed the rate limit of the connection.
            await asyncio.sleep(0.05)
    for path in [*addresses, "/room/thread-2-2", "/room/thread-3-1", "/room/dm-1-2", "/room/2"]:
        await cem.page_script.clicks_notification({"path": path})
        await cem.snackbar.waits_for(NO_SUCH_ROOM)
        await cem.reloads(path)
        await cem.snackbar.waits_for(NO_SUCH_ROOM)
        await cem.until(lambda: cem.sidebar.has_opened("Lobby"))


@pytest.mark.parametrize("kind", [{}, {"has_script": False}], ids=["script", "no script"])
@pytest.mark.parametrize("shown", ["room", "followed thread", "thread of others"])
async def test_leaving_a_private_room_removes_it_from_every_tab(
    new_user: NewUser, shown: str, kind: dict[str, bool]
) -> None:
    ann, bob = await new_user("Ann", secrets="nest"), await new_user("Bob", secrets="nest")
    await ann.rooms_dialog.creates_room("Nest", private=True)
    nest_path = ann.address_bar
    await ann.room_dialog.invites("Bob")
    await ann.until(lambda: not ann.dialog.is_open)
    await ann.composer.posts(secret("nest", "root"))
    await ann.opens_thread(secret("nest", "root"))
    await ann.composer.posts(secret("nest", "@Bob first" if "followed" in shown else "first"))
    path = nest_path if shown == "room" else ann.address_bar
    text = secret("nest", "root")
    tab = await new_user(like=bob, path=path, secrets="nest", **kind)
    await tab.timeline.waits_for_message(text)
    await bob.sidebar.opens_room("Nest")
    await bob.room_dialog.leaves_private_room()
    # From here on, a frame with the secret fails the test.
    for each in (bob, tab):
        await each.until(lambda each=each: each.header.title == "Lobby")  # type: ignore[misc]
        each.known_secrets = set()
        assert not each.sees_partial("root")
    await ann.composer.posts(secret("nest", "alone again"))
    await ann.sidebar.goes_to("Nest", ann.clicks("Back to the room"))
    await ann.composer.posts(secret("nest", "really"))
    await ann.sidebar.opens_room("Lobby")
    await ann.composer.posts("are you there?")
    for each in (bob, tab):
        await each.timeline.waits_for_message("are you there?")


@pytest.mark.parametrize("timings", [Timings(presence=PresenceTimings(away_announce_interval=0.0))])
async def test_outsider_receives_nothing_of_private_rooms(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.web.guard.rate_limit.BURST", 1e9)
    ann, bob = (
        await new_user("Ann", secrets="nest direct"),
        await new_user("Bob", secrets="nest direct"),
    )
    await bob.page_script.reports_notification_state(NotificationState.ALLOWED)
    cem, hidden = await new_user("Cem"), await new_user("Dan")
    await cem.page_script.reports_notification_state(NotificationState.ALLOWED)
    await hidden.page_script.reports_notification_state(NotificationState.ALLOWED)
    await hidden.page_script.reports_visibility("background")
    addresses = await use_private_rooms(ann, bob)
    await try_everything(cem, addresses)
    assert cem.sidebar.rooms.keys() == {"Lobby"}
    assert not cem.page_script.notifications and not hidden.page_script.notifications
    # Cem is invited: as a member he may read the whole room.
    cem.known_secrets.add("nest")
    await ann.sidebar.opens_room(secret("nest", "renamed"))
    await ann.room_dialog.invites("Cem")
    await cem.sidebar.opens_room(secret("nest", "renamed"))
    await cem.timeline.waits_for_message(secret("nest", "edited"))
    await cem.room_dialog.leaves_private_room()
    await cem.until(lambda: cem.header.title == "Lobby")
    cem.known_secrets.discard("nest")
    await ann.composer.posts(secret("nest", "alone again"))
    await try_everything(cem, addresses)
