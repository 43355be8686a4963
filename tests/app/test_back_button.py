"""Back closes the topmost thing, and goes on if nothing is open."""

from collections.abc import Awaitable, Callable

import pytest

from chat.ui.client.page_messages import BackPressed
from tests.conftest import NewUser
from tests.harness.user import ChatUser


async def menu(ann: ChatUser) -> None:
    await ann.message_menu.opens("hello")


async def room_details(ann: ChatUser) -> None:
    await ann.room_dialog.opens()


async def shortcuts(ann: ChatUser) -> None:
    await ann.page_script.presses("shortcuts")


async def quick_switcher(ann: ChatUser) -> None:
    await ann.page_script.presses("quick switcher")


async def emoji_picker(ann: ChatUser) -> None:
    await ann.clicks("Choose an emoji")


async def back(ann: ChatUser) -> bool:
    """Press Back; returns whether it has closed something."""
    answers = ann.page_script.back_answers
    count = len(answers)
    await ann.page_script.send_event(BackPressed())
    await ann.until(lambda: len(answers) > count)
    return answers[-1]


@pytest.mark.parametrize(
    "open_dialog", [menu, room_details, shortcuts, quick_switcher, emoji_picker]
)
async def test_back_closes_a_dialog_and_then_goes_on(
    new_user: NewUser, open_dialog: Callable[[ChatUser], Awaitable[None]]
) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("hello")
    assert not await back(ann)
    await open_dialog(ann)
    await ann.until(lambda: ann.dialog.is_open)
    assert await back(ann)
    await ann.until(lambda: not ann.dialog.is_open)
    assert ann.header.title == "Lobby"
    assert not await back(ann)


async def test_back_closes_the_drawer_of_a_phone_below_a_dialog(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=390)
    await ann.clicks("Rooms and people")
    await ann.until(lambda: "show_drawer" in ann.invoked_methods)
    await shortcuts(ann)
    await ann.until(lambda: ann.dialog.is_open)
    assert await back(ann)
    await ann.until(lambda: not ann.dialog.is_open)
    assert "close_drawer" not in ann.invoked_methods
    assert await back(ann)
    await ann.until(lambda: "close_drawer" in ann.invoked_methods)
    assert not await back(ann)


async def test_drawer_that_the_person_closed_is_not_closed_again(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=390)
    await ann.clicks("Rooms and people")
    await ann.until(lambda: "show_drawer" in ann.invoked_methods)
    await ann.fires(ann.find("NavigationDrawer")[0], "dismiss")
    await ann.page_script.presses("shortcuts")
    await ann.until(lambda: ann.dialog.is_open)
    await ann.dialog.closes()
    assert not await back(ann)
