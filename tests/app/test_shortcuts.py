"""Shortcuts: the keys, their overview, and accessible names of all interactive elements."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from chat.model.preferences import SendKey
from chat.ui.client.page_messages import (
    AcceptKey,
    CompletionAcceptKey,
    CompletionStepKey,
    Direction,
    EditLastKey,
    EscapeKey,
    ListAcceptKey,
    ListDismissKey,
    ListStepKey,
    MarkAllReadKey,
    QuickSwitcherKey,
    RoomStepKey,
    SettingsKey,
    ShortcutsKey,
)
from chat.ui.client.window_keys import CtrlEnterKey, KeyEvent, events_of_key
from chat.ui.dialogs.help import shortcut_rows
from tests.conftest import NewUser
from tests.harness.browser import Tab
from tests.harness.control_tree import texts_of
from tests.harness.process import ServerProcess


async def test_shortcut_overview_lists_the_send_key(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.page_script.presses("shortcuts")
    await ann.until(lambda: ann.dialog.is_open)
    for keys, description in shortcut_rows(SendKey.ENTER):
        assert {keys, description} <= set(texts_of(ann.dialog.control))
    await ann.dialog.closes()
    assert ("Ctrl + Enter", "Send") in list(shortcut_rows(SendKey.CTRL_ENTER))


async def test_escape_closes_the_topmost_dialog_and_then_cancels_the_reply(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("hello")
    await ann.message_menu.opens("hello")
    await ann.dialog.clicks("Reply")
    await ann.until(lambda: ann.sees("Replying to Ann: hello"))
    for key in ("escape", "escape outside of the field"):
        await ann.clicks("Settings")
        await ann.until(lambda: ann.dialog.is_open)
        # A dialog replaces the one before it.
        await ann.page_script.presses("shortcuts")
        await ann.until(lambda: ann.sees("This overview"))
        assert len(ann.find("AlertDialog", open=True)) == 1
        await ann.page_script.presses(key)
        await ann.until(lambda: not ann.dialog.is_open)
    await ann.page_script.presses("escape outside of the field")
    await ann.page_script.presses("shortcuts")
    await ann.until(lambda: ann.dialog.is_open)
    assert ann.sees("Replying to Ann: hello")
    await ann.page_script.presses("escape")
    await ann.page_script.presses("escape")
    await ann.until(lambda: not ann.sees("Replying to Ann: hello"))


async def test_shortcuts_switch_to_the_next_and_the_next_unread_room(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    for title in ("Garden", "Kitchen"):
        await ann.rooms_dialog.creates_room(title)
    await bob.rooms_dialog.joins_room("Garden")
    for key, title in (("down", "Lobby"), ("down", "Garden"), ("up", "Lobby"), ("up", "Kitchen")):
        await ann.page_script.presses(f"room {key}")
        await ann.until(lambda title=title: ann.sidebar.has_opened(title))  # type: ignore[misc]
    await bob.composer.posts("something new")
    await ann.sidebar.waits_for_room("Garden", "1")
    await ann.page_script.presses("unread down")
    await ann.until(lambda: ann.sidebar.has_opened("Garden"))


async def test_read_all_shortcut_clears_every_unread_count(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden")
    await bob.rooms_dialog.joins_room("Garden")
    await ann.sidebar.opens_room("Lobby")
    await bob.composer.posts("one")
    await bob.composer.posts("two")
    await ann.sidebar.waits_for_room("Garden", "2")
    await ann.until(lambda: ann.page_script.unread_badge == 2)
    await ann.page_script.presses("read all")
    await ann.sidebar.waits_for_room("Garden")
    await ann.until(lambda: ann.page_script.unread_badge == 0)
    tab = await new_user(like=ann)
    await tab.sidebar.waits_for_room("Garden")


def _unlabelled_buttons(value: Any) -> list[dict[str, Any]]:
    """The icon buttons without a tooltip or a label for screen readers."""
    buttons = list[dict[str, Any]]()
    if isinstance(value, dict):
        if value.get("_c") == "IconButton":
            icon = value.get("icon")
            has_label = isinstance(icon, dict) and icon.get("semantics_label") == value.get(
                "tooltip"
            )
            if not (has_label and value.get("tooltip")):
                buttons.append(value)
        value = list(value.values())
    if isinstance(value, list):
        buttons += [each for inner in value for each in _unlabelled_buttons(inner)]
    return buttons


async def test_every_icon_button_has_a_label(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("hello")
    await ann.until(lambda: ann.find("IconButton"))
    assert _unlabelled_buttons(ann.root) == []
    for button in ("Invite", "Mentions", "Rooms: new and all", "Settings", "About this room"):
        await ann.clicks(button)
        await ann.until(lambda: ann.dialog.is_open)
        assert _unlabelled_buttons(ann.root) == []
        assert ann.dialog.control is not None and ann.dialog.control.get("semantics_label")
        await ann.dialog.closes()
    await ann.message_menu.opens("hello")
    await ann.until(lambda: ann.dialog.is_open)
    assert _unlabelled_buttons(ann.root) == []
    await ann.resizes(390)
    await ann.until(lambda: ann.find("IconButton", tooltip="Rooms and people"))
    assert _unlabelled_buttons(ann.root) == []


class _FakeKeyEvent:
    def __init__(self, key: str, modifiers: str = "") -> None:
        self.key = key
        self.ctrl, self.meta = "c" in modifiers, "m" in modifiers
        self.alt, self.shift = "a" in modifiers, "s" in modifiers


@pytest.mark.parametrize(
    ("key", "modifiers", "events"),
    [
        ("K", "c", [QuickSwitcherKey()]),
        ("K", "m", [QuickSwitcherKey()]),
        ("K", "", []),
        ("K", "cs", []),
        (",", "c", [SettingsKey()]),
        ("/", "c", [ShortcutsKey()]),
        ("Enter", "m", [CtrlEnterKey()]),
        ("Arrow Up", "a", [RoomStepKey(Direction.UP, unread=False)]),
        ("Arrow Down", "as", [RoomStepKey(Direction.DOWN, unread=True)]),
        ("Arrow Up", "", [ListStepKey(Direction.UP), CompletionStepKey(Direction.UP)]),
        ("Arrow Down", "", [ListStepKey(Direction.DOWN), CompletionStepKey(Direction.DOWN)]),
        ("Arrow Down", "s", []),
        ("Tab", "", [ListAcceptKey(), CompletionAcceptKey(AcceptKey.TAB, None)]),
        ("Escape", "", [ListDismissKey(), EscapeKey()]),
        ("Escape", "s", [MarkAllReadKey()]),
        ("?", "s", []),
    ],
)
def test_window_keys_map_to_events(key: str, modifiers: str, events: list[KeyEvent]) -> None:
    pressed: Any = _FakeKeyEvent(key, modifiers)
    assert [*events_of_key(pressed, field_is_empty=False)] == events
    # Arrow Up in an empty field edits the last message, too.
    is_plain_up = (key, modifiers) == ("Arrow Up", "")
    extra = [EditLastKey()] if is_plain_up else []
    assert [*events_of_key(pressed, field_is_empty=True)] == [*events, *extra]


_INTERACTIVE_ROLES = {"button", "textbox", "link", "checkbox", "switch", "radio", "tab"}


def _unnamed_roles(tab: Tab) -> list[str]:
    session = tab.page.context.new_cdp_session(tab.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    return [
        node["role"]["value"]
        for node in nodes
        if not node["ignored"]
        and node["role"]["value"] in _INTERACTIVE_ROLES
        and not node.get("name", {}).get("value")
    ]


def test_interactive_elements_have_accessible_names_and_rows_read_whole(
    browser: Browser, server: ServerProcess
) -> None:
    tab = Tab(browser.new_context(), server.address).opens_as("Ann")
    tab.composer.wait_for()
    for n in range(2):
        tab.posts(f"line {n}")
        tab.waits_for_text(f"line {n}")
    rows = [leaf.split("\n") for leaf in tab.semantics_leaves if "line " in leaf]
    assert [(label.split(",")[0], text) for label, text in rows] == [
        ("Ann", "line 0"),
        ("Ann", "line 1"),
    ]
    tab.until(lambda: _unnamed_roles(tab) == [])
    tab.page.keyboard.press("Control+/")
    tab.page.get_by_role("alertdialog").wait_for()
    tab.until(lambda: _unnamed_roles(tab) == [])
    tab.page.keyboard.press("Escape")
    tab.page.get_by_role("alertdialog").wait_for(state="detached")
    tab.page.get_by_role("button", name="Settings").click()
    tab.page.get_by_role("alertdialog").wait_for()
    tab.until(lambda: _unnamed_roles(tab) == [])
    tab.page.context.close()
