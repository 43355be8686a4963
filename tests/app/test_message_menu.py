"""The menu of a message: at the pointer on a wide screen, a sheet on a phone."""

from typing import Any

from chat.ui.dialogs.message_menu import MENU_WIDTH
from tests.conftest import NewUser
from tests.harness.control_tree import Control, find_all, texts_of
from tests.harness.user import ChatUser


def pointer(x: float, y: float) -> dict[str, Any]:
    """The data of a pointer event in a row, 20 pixels below its upper edge."""
    return {"g": {"x": x, "y": y}, "l": {"x": 100.0, "y": 20.0}}


async def right_clicks(user: ChatUser, text: str, x: float, y: float) -> Control:
    """Click a message with the right button; returns the menu."""
    detector = find_all("GestureDetector", user.timeline.row(text), on_secondary_tap_down=True)[0]
    await user.fires(detector, "secondary_tap_down", pointer(x, y))
    return await waits_for_menu(user)


async def waits_for_menu(user: ChatUser) -> Control:
    """Wait until the menu is open, and return it."""
    await user.until(lambda: user.dialog.is_open and user.sees("Copy link"))
    menu = user.dialog.control
    assert menu is not None
    return menu


def lower_edge(user: ChatUser, menu: Control) -> float:
    """Where the menu ends: it has a height for each item, its heading, and its reactions."""
    items = len(find_all("TextButton", menu))
    return float(menu["inset_padding"]["top"]) + 36 * items + 26 + 42 + 9 + 16


async def new_room_with(new_user: NewUser, text: str) -> ChatUser:
    ann = await new_user("Ann")
    await ann.composer.posts(text)
    await ann.timeline.waits_for_message(text)
    return ann


async def test_right_click_opens_the_menu_at_the_pointer_over_a_page_that_stays_bright(
    new_user: NewUser,
) -> None:
    ann = await new_room_with(new_user, "hello")
    menu = await right_clicks(ann, "hello", 500, 120)
    assert (menu["inset_padding"]["left"], menu["inset_padding"]["top"]) == (512, 108)
    assert menu["alignment"] == {"x": -1.0, "y": -1.0}
    assert menu["barrier_color"] == "transparent"
    await ann.clicks("Copy link")
    await ann.until(lambda: not ann.dialog.is_open)


async def test_menu_stays_on_the_screen_at_its_edges(new_user: NewUser) -> None:
    ann = await new_room_with(new_user, "hello")
    menu = await right_clicks(ann, "hello", ann.width - 30, 790)
    assert menu["inset_padding"]["left"] == ann.width - 30 - 12 - MENU_WIDTH
    assert menu["inset_padding"]["top"] >= 8
    assert lower_edge(ann, menu) == 800 - 8


async def test_menu_of_the_toolbar_is_below_its_button(new_user: NewUser) -> None:
    ann = await new_room_with(new_user, "hello")
    detector = find_all("GestureDetector", ann.timeline.row("hello"))[0]
    await ann.fires(detector, "enter", pointer(500, 120))
    await ann.until(lambda: ann.sees("More"))
    await ann.page_script.presses_at(700, 110)
    await ann.clicks("More")
    menu = await waits_for_menu(ann)
    assert menu["inset_padding"]["top"] == 110 + 26, "the button stays visible"
    assert menu["inset_padding"]["left"] == 700 - MENU_WIDTH / 2


async def test_menu_that_a_key_opens_is_at_the_row_under_the_mouse(new_user: NewUser) -> None:
    ann = await new_room_with(new_user, "hello")
    await ann.fires(
        find_all("GestureDetector", ann.timeline.row("hello"))[0], "enter", pointer(500, 220)
    )
    await ann.message_menu.opens("hello")
    menu = await waits_for_menu(ann)
    # The row begins at (400, 200); left of its text are the padding and the avatar.
    assert menu["inset_padding"]["left"] == 400 + 20 + 36 + 12 + 12


async def test_finger_opens_the_menu_as_a_sheet_which_begins_with_the_message(
    new_user: NewUser,
) -> None:
    ann = await new_room_with(new_user, "hello")
    await ann.resizes(390)
    touch_area = find_all("GestureDetector", ann.timeline.row("hello"), on_long_press_start=True)[0]
    await ann.fires(touch_area, "long_press_start", pointer(200, 500))
    menu = await waits_for_menu(ann)
    assert menu["alignment"] == {"x": 0.0, "y": 1.0}
    assert menu["content"]["width"] == 390
    assert texts_of(menu)[1] == "hello"


async def test_wide_menu_does_not_repeat_the_message_beside_it(new_user: NewUser) -> None:
    ann = await new_room_with(new_user, "hello")
    menu = await right_clicks(ann, "hello", 500, 120)
    assert "hello" not in texts_of(menu)


def tinted(user: ChatUser) -> list[str]:
    """The texts of the rows that are tinted."""
    return [
        texts_of(row)[-1]
        for row in user.timeline.rows
        if find_all("Container", row, bgcolor="surfacecontainer")
    ]


async def test_row_under_the_mouse_is_tinted_and_stays_so_while_its_menu_is_open(
    new_user: NewUser,
) -> None:
    ann = await new_room_with(new_user, "first")
    await ann.composer.posts("second")
    await ann.timeline.waits_for_message("second")
    for text in ("first", "second"):
        detector = find_all("GestureDetector", ann.timeline.row(text))[0]
        await ann.fires(detector, "enter", pointer(500, 220))
        await ann.until(lambda text=text: tinted(ann) == [text])  # type: ignore[misc]
    menu = await right_clicks(ann, "second", 500, 220)
    (box,) = ann.find("Container", border_radius=16, expand=True, on_hover=True)
    await ann.fires(box, "hover", False)
    await ann.until(lambda: not ann.sees("More"))
    assert tinted(ann) == ["second"]
    await ann.dialog.dismisses()
    await ann.until(lambda: not tinted(ann))
    assert menu["barrier_color"] == "transparent"


async def test_tint_survives_a_new_drawing_of_its_row(new_user: NewUser) -> None:
    ann, bob = await new_room_with(new_user, "first"), await new_user("Bob")
    await ann.fires(
        find_all("GestureDetector", ann.timeline.row("first"))[0], "enter", pointer(500, 220)
    )
    await ann.until(lambda: tinted(ann))
    await bob.message_menu.reacts("first", "🎉")
    await ann.timeline.waits_for_reaction("first", "🎉")
    await ann.until(lambda: tinted(ann))
