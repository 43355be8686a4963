"""The opening of a room: its title, its topic, and the buttons for the first steps."""

import pytest

from tests.conftest import NewUser

BUTTONS_OF_LOBBY = {
    "Invite people": "Invite to Flet Chat",
    "Set topic": "Lobby",
    "Make a room": "Rooms",
    "Change your picture": "Your profile",
}


@pytest.mark.parametrize("label", BUTTONS_OF_LOBBY)
async def test_button_of_the_opening_opens_its_dialog(new_user: NewUser, label: str) -> None:
    ann = await new_user("Ann")
    assert label in ann.timeline.texts
    button = ann.find("OutlinedButton", content=label)[-1]
    await ann.fires(button, "click")
    await ann.until(lambda: ann.dialog.is_open)
    assert ann.sees(BUTTONS_OF_LOBBY[label])
    # The topic can be written at once.
    assert bool(ann.find("TextField", label="Topic")) == (label == "Set topic")


async def test_opening_follows_the_topic_and_ends_with_the_archive(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Garden")
    opening = ann.timeline.texts[: ann.timeline.texts.index("Today")]
    assert opening == ["Garden", "This is the beginning of Garden.", "Add people", "Set topic"]
    await ann.room_dialog.submits_field("Topic", "Tomatoes")
    await ann.timeline.waits_for_message("Tomatoes")
    await ann.until(lambda: not ann.dialog.is_open)
    await ann.room_dialog.opens()
    await ann.dialog.clicks("Archive this room")
    await ann.timeline.waits_until_message_gone("Set topic")


async def test_people_are_added_from_the_opening(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Nest", private=True)
    await ann.clicks("Add people")
    await ann.until(lambda: ann.sees("Invite to Nest"))
    await ann.room_dialog.chooses_guests("Bob")
    await ann.timeline.waits_for_message("Ann invited Bob.")
    await bob.sidebar.waits_for_room("Nest")
