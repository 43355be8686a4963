"""The focus of the message field: the chat gives it where the page has no element to give it to."""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from chat.ui.client.page_messages import FieldFocusRequested, FocusField, ForgetKeys
from tests.conftest import NewUser
from tests.harness.user import ChatUser


def focus_requests(user: ChatUser) -> int:
    """How often Flutter was asked to focus the field."""
    field = user.composer.control or {}
    return int(str(field.get("focus") or 0))


def _has_requests(user: ChatUser, count: int) -> bool:
    return focus_requests(user) == count


async def test_key_outside_of_the_field_gives_it_the_focus_each_time(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    first = focus_requests(ann)
    for count in range(1, 4):
        await ann.page_script.send_event(FieldFocusRequested())
        await ann.until(partial(_has_requests, ann, first + count))
    assert ForgetKeys() not in ann.page_script.focus_commands


async def test_dialog_or_read_only_room_keeps_the_focus(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Garden")

    async def is_refused() -> None:
        ann.page_script.focus_commands.clear()
        before = focus_requests(ann)
        await ann.page_script.send_event(FieldFocusRequested())
        await ann.until(lambda: ForgetKeys() in ann.page_script.focus_commands)
        assert focus_requests(ann) == before

    await ann.page_script.presses("shortcuts")
    await ann.until(lambda: ann.dialog.is_open)
    await is_refused()
    await ann.dialog.closes()
    await ann.room_dialog.opens()
    await ann.dialog.clicks("Archive this room")
    await ann.waits_until_read_only()
    await is_refused()


async def reply(ann: ChatUser) -> None:
    await ann.message_menu.opens("hello")
    await ann.clicks("Reply")


async def mention(ann: ChatUser) -> None:
    await ann.message_menu.opens("hello")
    await ann.clicks("Mention Bob")


async def edit(ann: ChatUser) -> None:
    await ann.message_menu.opens("own")
    await ann.clicks("Edit")


@pytest.mark.parametrize("has_script", [True, False], ids=["browser", "without a page script"])
@pytest.mark.parametrize("act", [reply, mention, edit])
async def test_action_on_a_message_ends_with_the_focus_in_the_field(
    new_user: NewUser, act: Callable[[ChatUser], Awaitable[None]], has_script: bool
) -> None:
    bob, ann = await new_user("Bob"), await new_user("Ann", has_script=has_script)
    await bob.composer.posts("hello")
    await ann.composer.posts("own")
    before = focus_requests(ann)
    await act(ann)
    await ann.until(lambda: focus_requests(ann) > before)
    assert not has_script or FocusField() in ann.page_script.focus_commands


async def test_room_switch_and_new_connection_focus_the_field(new_user: NewUser) -> None:
    # A browser decides by itself whether that opens an on-screen keyboard.
    ann = await new_user("Ann")
    without_keyboard = FocusField(allow_virtual_keyboard=False)
    acts = (
        partial(ann.rooms_dialog.creates_room, "Garden"),
        partial(ann.sidebar.opens_room, "Lobby"),
        *[partial(ann.reloads, "/room/lobby")] * 2,
    )
    for act in acts:
        ann.page_script.focus_commands.clear()
        await act()
        await ann.until(lambda: without_keyboard in ann.page_script.focus_commands)


async def test_room_switch_without_a_page_script_focuses_the_field(new_user: NewUser) -> None:
    ann = await new_user("Ann", has_script=False)
    await ann.rooms_dialog.creates_room("Garden")
    before = focus_requests(ann)
    await ann.sidebar.opens_room("Lobby")
    await ann.until(lambda: focus_requests(ann) > before)
