"""People on the screen: cards, statuses, the members of a room, invitations, one's own profile."""

from datetime import UTC, datetime, timedelta

import pytest

from chat.people.presence import PresenceTimings
from chat.server.app import ChatServer
from chat.ui.panels.members import FILTER_FROM
from chat.workspace.timings import Timings
from tests.conftest import NewUser
from tests.harness.control_tree import find_all, item_title, row_controls, texts_of
from tests.harness.user import ChatUser


def tap(x: float, y: float) -> dict[str, object]:
    """The data of a tap, as the client reports it."""
    return {"k": "mouse", "l": {"x": 1.0, "y": 1.0}, "g": {"x": x, "y": y}}


async def opens_card(user: ChatUser, text: str, x: float = 300, y: float = 200) -> None:
    """Click the face of the author of a message, and wait for the card."""
    await user.until(lambda: find_all("GestureDetector", user.timeline.row(text), on_tap_up=True))
    (face,) = find_all("GestureDetector", user.timeline.row(text), on_tap_up=True)
    await user.fires(face, "tap_up", tap(x, y))
    await user.until(lambda: user.dialog.is_open)


def panel_lines(user: ChatUser) -> list[str]:
    """The headings and the names in the members panel."""
    lists = find_all("ListView", user.dialog.control)
    lines = [line for each in lists for line in find_all("Container", each)]
    return [
        item_title(line) if row_controls(line) else texts_of(line)[0]
        for line in lines
        if row_controls(line) or (line.get("padding") and texts_of(line))
    ]


async def test_face_opens_a_card_beside_it_with_message_and_mention(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann = await new_user("Ann", zone="Europe/Paris")
    bob = await new_user("Bob", zone="Asia/Seoul")
    await bob.composer.posts("hello")
    await bob.composer.posts("/status 🌴 On holiday")
    await ann.timeline.waits_for_message("hello")
    await opens_card(ann, "hello", y=200)
    card = ann.dialog.control
    assert card is not None
    assert card["semantics_label"] == "Profile of Bob"
    assert card["inset_padding"]["left"] == 312
    assert card["inset_padding"]["top"] == 188
    hours = 7 if datetime.now(UTC).astimezone().dst() else 8
    texts = texts_of(card)
    assert "here" in texts
    assert "On holiday" in texts
    assert any(f"{each} h ahead of you" in text for text in texts for each in (7, hours))
    await ann.composer.types("Well,")
    await ann.dialog.clicks("Mention")
    await ann.until(lambda: ann.composer.text == "Well, @Bob ")
    await opens_card(ann, "hello", x=1270, y=700)
    card = ann.dialog.control
    assert card is not None
    # Near the lower right corner, it grows to the left and upwards.
    assert card["inset_padding"]["left"] == ann.width - 340 - 8
    assert card["inset_padding"]["bottom"] == 88
    await ann.clicks("Message")
    await ann.until(lambda: ann.header.title == "Bob" and not ann.dialog.is_open)
    # The emoji of the status is beside the conversation, too.
    await ann.until(lambda: "Bob" in ann.sidebar.rooms and ann.sees("🌴"))
    await bob.composer.posts("/status")
    await bob.snackbar.waits_for("You have no status.")
    await ann.until(lambda: not ann.sees("🌴") and not ann.sees_partial("On holiday"))


async def test_name_opens_the_card_and_a_phone_shows_a_sheet(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann", width=390), await new_user("Bob")
    await bob.composer.posts("hello")
    await ann.timeline.waits_for_message("hello")
    (name,) = find_all("TextSpan", ann.timeline.row("hello"), on_click=True)
    await ann.fires(name, "click")
    await ann.until(lambda: ann.dialog.is_open)
    sheet = ann.dialog.control
    assert sheet is not None
    assert sheet["alignment"] == {"x": 0.0, "y": 1.0}
    assert sheet["content"]["width"] == 390
    await ann.dialog.dismisses()
    # From the list in the drawer, which closes for the mention.
    await ann.clicks("Rooms and people")
    await ann.sidebar.clicks_person("Bob")
    await ann.dialog.clicks("Mention")
    await ann.until(lambda: ann.composer.text == "@Bob ")
    assert ann.invoked_methods[-1] != "show_drawer"
    await bob.leaves_chat()
    await ann.fires(name, "click")
    await ann.until(lambda: ann.sees("has left the chat"))
    assert not find_all("FilledButton", ann.dialog.control)


async def test_own_card_leads_to_the_profile_editor(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("me")
    await opens_card(ann, "me")
    assert not ann.sees("Mention")
    await ann.clicks("Edit your profile")
    await ann.waits_for_control("TextField", label="Status")


async def test_status_redraws_the_line_of_the_person_and_no_message(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.composer.posts("hello")
    await ann.timeline.waits_for_message("hello")
    ann.received.clear()
    await bob.composer.posts("/status 🎧 Focus")
    await ann.until(lambda: ann.sees("🎧 Focus"))
    assert b"hello" not in ann.received
    assert len(ann.received) < 4_000
    new_tab = await new_user(like=ann)
    await new_tab.until(lambda: new_tab.sees("🎧 Focus"))


async def test_profile_editor_changes_name_status_and_what_others_see(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.opens_profile_editor()
    name = ann.find("TextField", label="Name")[-1]
    await ann.fills(name, "Bob")
    await ann.clicks("Save")
    await ann.waits_for_partial_text("Somebody here is called Bob. How about")
    await ann.fills(name, "Ann Lee")
    await ann.dialog.chooses("📅 In a meeting")
    await ann.until(lambda: ann.find("TextField", label="Status")[-1].get("value"))
    zone_menu = ann.find("Dropdown", label="Local time that others see")[-1]
    await ann.sets(zone_menu, value="typed")
    await ann.fires(zone_menu, "select", "typed")
    zone = await ann.waits_for_control("TextField", label="Time zone, such as Europe/Paris")
    await ann.fills(zone, "Mars")
    await ann.clicks("Save")
    await ann.waits_for_partial_text("There is no such time zone.")
    await ann.fills(zone, "Asia/Tokyo")
    await ann.sets(ann.find("Switch")[-1], value=True)
    await ann.dialog.clicks("Save")
    await bob.until(lambda: bob.sees("Ann Lee") and bob.sees("📅 In a meeting"))
    people = {each.name: each for each in await chat.workspace.all_people()}
    details = chat.workspace.people_details.get(people["Ann Lee"].id)
    assert details.time_zone == "Asia/Tokyo"
    assert details.status.ends_at is not None
    assert timedelta(minutes=59) < details.status.ends_at - datetime.now(UTC)
    # The same in another tab, where the end stays as it is.
    tab = await new_user(like=ann)
    await tab.opens_profile_editor()
    await tab.until(lambda: tab.find("Dropdown", value="keep"))
    assert tab.find("Switch")[-1]["value"] is True
    await tab.dialog.clicks("Save")
    assert chat.workspace.people_details.get(people["Ann Lee"].id) == details


async def test_emoji_for_a_status_leads_back_to_what_was_typed(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.opens_profile_editor()
    await ann.fills(ann.find("TextField", label="Status")[-1], "not sent yet")
    await ann.dialog.clicks_tooltip("Choose an emoji")
    await ann.emoji_picker.searches("🍕")
    await ann.emoji_picker.clicks("🍕")
    await ann.until(lambda: ann.find("TextField", label="Status") and ann.sees("🍕"))
    assert ann.find("TextField", label="Status")[-1]["value"] == "not sent yet"
    await ann.dialog.clicks_tooltip("Choose an emoji")
    await ann.waits_for_control("TextField", hint_text="Search, or paste an emoji")
    await ann.dialog.dismisses()
    await ann.until(lambda: ann.find("TextField", label="Status") and ann.sees("🍕"))


@pytest.mark.parametrize(
    "timings",
    [
        Timings(
            presence=PresenceTimings(offline_delay=0.1, away_announce_interval=0.0, batch_delay=0.0)
        )
    ],
)
async def test_members_are_listed_by_presence_filtered_and_removed(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden")
    workspace = chat.workspace
    owner = (await workspace.all_people())[0]
    garden = await workspace.rooms.by_slug(owner, "garden")
    guests = [
        await workspace.identity.sign_in(f"Guest {n:02}", None) for n in range(FILTER_FROM - 1)
    ]
    for each in guests:
        await workspace.on_signed_in(each)
    await workspace.rooms.invite(owner, garden, *guests)
    await bob.rooms_dialog.joins_room("Garden")
    await ann.until(lambda: ann.header.online_text == "2 here")
    await ann.fires(
        next(x for x in ann.find("Container") if x.get("tooltip") == "People in this room"), "click"
    )
    await ann.until(lambda: ann.dialog.is_open and ann.sees("People in this room"))
    expected = ["Here: 2", "Ann", "Bob", f"Not here: {len(guests)}"]
    await ann.until(lambda: panel_lines(ann)[:4] == expected)
    await ann.until(lambda: len(panel_lines(ann)) == 4 + len(guests))
    await ann.waits_for_text("looks after it")
    await bob.disconnects()
    await ann.until(lambda: panel_lines(ann)[:2] == ["Here: 1", "Ann"])
    await bob.opens("/room/garden")
    await ann.until(lambda: panel_lines(ann)[:3] == ["Here: 2", "Ann", "Bob"])
    field = ann.find("TextField", hint_text="Find somebody in this room")[-1]
    await ann.fills(field, "bo")
    await ann.fires(field, "change", "bo")
    await ann.until(lambda: panel_lines(ann) == ["Here: 1", "Bob"])
    await ann.dialog.chooses("Bob")
    await ann.clicks("Remove from Garden")
    await ann.waits_for_text("Bob may join again: this room is public.")
    await ann.dialog.clicks("Remove")
    await bob.snackbar.waits_for("Ann removed you from Garden.")
    await bob.until(lambda: bob.header.title == "Lobby")
    await ann.timeline.waits_for_message("Ann removed Bob from the room.")


async def test_only_a_moderator_is_offered_to_remove_a_member(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    cem = await new_user("Cem")
    await bob.rooms_dialog.creates_room("Garden")
    for user in (ann, cem):
        await user.rooms_dialog.joins_room("Garden")
    await cem.composer.posts("hello")
    for user, is_offered in ((bob, True), (ann, True), (cem, False)):
        await user.timeline.waits_for_message("hello")
        await opens_card(user, "hello")
        assert user.sees("Remove from Garden") is is_offered
        await user.dialog.dismisses()


async def test_several_people_are_invited_to_a_new_room_with_completion(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    cem = await new_user("Cem")
    await ann.rooms_dialog.creates_room("Nest", private=True)
    await ann.room_dialog.invites("Bob", "Cem")
    for user in (bob, cem):
        await user.sidebar.opens_room("Nest")
        await user.timeline.waits_for_message("Ann invited Bob, Cem.")
    await ann.room_dialog.opens()
    await ann.clicks("Invite people")
    await ann.waits_for_partial_text("Everybody is here already.")
