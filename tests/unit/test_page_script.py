"""The server end of the page-script protocol: events of the page, and commands to its scripts."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from chat.people.presence import Visibility
from chat.ui.client.chosen_files import ChosenFile
from chat.ui.client.connection import PAGE_EVENT, PAGE_ID, EventListener, FieldSnapshot
from chat.ui.client.notification_state import NotificationState
from chat.ui.client.page_messages import (
    PREFIX,
    AcceptKey,
    BackPressed,
    CompletionAcceptKey,
    CompletionDismissKey,
    CompletionStepKey,
    Direction,
    EditLastKey,
    EscapeKey,
    FieldFocusRequested,
    FilesChosen,
    FileUnavailable,
    ListStepKey,
    MarkAllReadKey,
    NotificationClicked,
    NotificationStateReported,
    PageEvent,
    QuickSwitcherKey,
    ResumeWriting,
    RoomStepKey,
    SelectionReported,
    SendKey,
    ShortcutsKey,
    VisibilityReported,
    parse_event,
)
from chat.ui.theme.popover import Point
from chat.web.socket.connection import ChatConnection
from chat.web.socket.page_script import PRESS_LIFETIME, PageScript
from tests.conftest import NewUser
from tests.harness.hostile_clients import page_of
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until


class ScriptRecorder:
    """A PageScript without a connection, which records the sent frames and the events."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.events: list[object] = []
        self.expected_replies = 0
        self.now = 1000.0
        self.script = PageScript(
            send=self.sent.append,
            expect_reply=self._on_expected_reply,
            on_event=self._on_event,
            clock=lambda: self.now,
        )

    def receive(self, *payloads: str) -> None:
        """Receive the frames with these payloads."""
        for each in payloads:
            self.script.handle(parse_event(PREFIX + each.encode()))

    def _on_expected_reply(self) -> None:
        self.expected_replies += 1

    def _on_event(self, control_id: int, event: str, data: object = None) -> None:
        assert (control_id, event) == (PAGE_ID, PAGE_EVENT)
        self.events.append(data)


async def test_commands_are_dropped_without_a_page_script() -> None:
    recorder = ScriptRecorder()
    recorder.script.capture_completion_keys(True)
    recorder.script.notify("Bob", "Hi", "/", "room-1", True)
    recorder.script.switch_notifications(True)
    recorder.script.close_notifications(["room-1"])
    recorder.script.show_unread(3)
    recorder.script.set_preferences("dark", "enter")
    recorder.script.settle_send("a1")
    recorder.script.report_context("/", 0, 0, ())
    recorder.script.forget_keys()
    recorder.script.answer_back(has_closed=True)
    recorder.script.replace_path("/")
    recorder.receive("z")
    assert not recorder.script.press_send("Hi")
    assert not recorder.script.focus_field()
    assert not await recorder.script.remove_prefix("a1", "Hi")
    assert (recorder.sent, recorder.expected_replies) == ([], 0)
    assert (recorder.script.visibility, recorder.script.notification_state) == ("looked at", "n")


def test_press_has_a_place_until_it_is_too_old_for_a_click() -> None:
    recorder = ScriptRecorder()
    assert recorder.script.pressed_point is None
    recorder.receive("c10 20")
    assert recorder.script.pressed_point == Point(10, 20)
    recorder.now += PRESS_LIFETIME
    assert recorder.script.pressed_point == Point(10, 20)
    recorder.now += 0.1
    assert recorder.script.pressed_point is None
    recorder.receive("c30 40")
    assert recorder.script.pressed_point == Point(30, 40)
    assert recorder.events == []


def test_each_command_is_one_frame_and_repeats_are_dropped() -> None:
    recorder = ScriptRecorder()
    recorder.receive("h")
    recorder.script.capture_completion_keys(False)
    recorder.script.capture_completion_keys(True)
    recorder.script.capture_completion_keys(True)
    recorder.script.capture_completion_keys(False)
    recorder.script.switch_notifications(True)
    recorder.script.show_unread(0)
    recorder.script.show_unread(12)
    assert recorder.sent == [b"\x7fg1", b"\x7fg0", b"\x7fq1", b"\x7fd0", b"\x7fd12"]
    recorder.script.capture_list_arrows(True)
    recorder.script.capture_list_arrows(False)
    assert [recorder.sent.pop(), recorder.sent.pop()] == [b"\x7fl0", b"\x7fl1"]
    recorder.script.set_preferences("dark", "ctrl+enter")
    recorder.script.set_preferences("system", "enter")
    assert recorder.sent[5:] == [b"\x7ftdark", b"\x7fk1", b"\x7ftsystem", b"\x7fk0"]
    recorder.script.notify("Bob in “Lobby”", "<é>\n", "/room/1", "room-1", False)
    assert recorder.sent[-1].startswith(b"\x7fn")
    assert json.loads(recorder.sent[-1][2:]) == {
        "title": "Bob in “Lobby”",
        "body": "<é>\n",
        "path": "/room/1",
        "tag": "room-1",
        "sound": False,
    }
    recorder.script.close_notifications(["room-1"])
    recorder.script.close_notifications(["room-1", "room-2"], close_others=True)
    assert recorder.sent[-2:] == [b'\x7fx1["room-1"]', b'\x7fx0["room-1", "room-2"]']


def test_frames_of_keys_clicks_and_files_become_typed_events() -> None:
    recorder = ScriptRecorder()
    frames: dict[str, PageEvent] = {
        "u": EditLastKey(),
        "x": EscapeKey(),
        "k": QuickSwitcherKey(),
        "?": ShortcutsKey(),
        "m": MarkAllReadKey(),
        "ru": RoomStepKey(Direction.UP, unread=False),
        "wd": RoomStepKey(Direction.DOWN, unread=True),
        "lu": ListStepKey(Direction.UP),
        "gd": CompletionStepKey(Direction.DOWN),
        "gx": CompletionDismissKey(),
        "gt2 @b": CompletionAcceptKey(AcceptKey.TAB, FieldSnapshot("@b", 2)),
        "gea1 - 0 ": CompletionAcceptKey(AcceptKey.ENTER, FieldSnapshot("", 0), "a1"),
        "gea1 /room/é 1 x": CompletionAcceptKey(
            AcceptKey.ENTER, FieldSnapshot("x", 1), "a1", "/room/é"
        ),
        "sa2 0 - one\ntwo": SendKey("a2", 0, "one\ntwo"),
        "sa3 17 /room/lobby ": SendKey("a3", 17, "", "/room/lobby"),
        "sa4 0 /room/é / b": SendKey("a4", 0, "/ b", "/room/é"),
        'r["/room/x",3,0,"half"]': ResumeWriting("/room/x", 3, 0, "half"),
        "e": FieldFocusRequested(),
        "t": BackPressed(),
        "p3 5": SelectionReported(3, 5),
        "o/room/é": NotificationClicked("/room/é"),
        'f[[1,"a.txt",5]]': FilesChosen((ChosenFile(1, "a.txt", 5),)),
        "f1": FileUnavailable(1),
    }
    recorder.receive(*frames)
    assert recorder.events == [*frames.values()]


def test_visibility_event_is_fired_only_on_change() -> None:
    recorder = ScriptRecorder()
    recorder.receive("h", "l")
    assert recorder.events == []
    visibilities = list[Visibility]()
    for each in ("b", "b", "i", "v", "l"):
        recorder.receive(each)
        visibilities.append(recorder.script.visibility)
    assert visibilities == ["background", "background", "idle", "in view", "looked at"]
    assert recorder.events == [VisibilityReported(each) for each in visibilities[1:]]


def test_notification_state_follows_the_frames_also_if_it_is_the_same() -> None:
    recorder = ScriptRecorder()
    recorder.receive("aq", "aq", "abf")
    assert recorder.script.notification_state is NotificationState.BLOCKED_IN_FIREFOX
    asked = NotificationStateReported(NotificationState.NOT_ASKED)
    blocked = NotificationStateReported(NotificationState.BLOCKED_IN_FIREFOX)
    assert recorder.events == [asked, asked, blocked]


async def test_pending_cut_returns_false_when_the_script_closes() -> None:
    recorder = ScriptRecorder()
    recorder.receive("h")
    removal = asyncio.create_task(recorder.script.remove_prefix("a1", "one"))
    await wait_until(lambda: recorder.sent == [b"\x7fca1 one"])
    assert recorder.expected_replies == 1
    recorder.script.close()
    assert await removal is False
    recorder.script.show_unread(1)
    assert recorder.sent == [b"\x7fca1 one"]


def test_heartbeat_is_answered_at_once_and_is_no_event() -> None:
    recorder = ScriptRecorder()
    recorder.receive("h", "z", "z")
    assert recorder.sent == [b"\x7fz", b"\x7fz"]
    assert recorder.events == []


# With a running chat.


@pytest.fixture
def page_events(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The events of the page that reach chat screens."""
    events: list[object] = []
    set_listener = ChatConnection.set_listener

    def set_recording_listener(self: ChatConnection, listener: EventListener | None) -> None:
        def on_event(control: int, event: str, data: object) -> Callable[[], Any] | None:
            if control == PAGE_ID:
                events.append(data)
            return None if listener is None else listener(control, event, data)

        set_listener(self, None if listener is None else on_event)

    monkeypatch.setattr(ChatConnection, "set_listener", set_recording_listener)
    return events


def connection_of(person: ChatUser) -> ChatConnection:
    """The server's connection of a person."""
    connection = page_of(person).session.connection
    assert isinstance(connection, ChatConnection)
    return connection


async def test_key_visibility_and_notification_click_events_reach_the_chat_screen(
    page_events: list[object], new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    await ann.page_script.presses("quick switcher")
    await ann.page_script.reports_visibility("background")
    await wait_until(
        lambda: page_events == [QuickSwitcherKey(), VisibilityReported(Visibility.HIDDEN)]
    )
    assert connection_of(ann).visibility == "background"
    await ann.page_script.clicks_notification({"path": "/room/1"})
    await wait_until(lambda: page_events[2:] == [NotificationClicked("/room/1")])


async def test_captured_enter_sends_when_nothing_is_offered(
    page_events: list[object], new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    connection_of(ann).capture_completion_keys(True)
    await ann.until(lambda: ann.page_script.captures_completion_keys)
    await ann.composer.types("not yet")
    for key in ("up", "down", "tab", "escape"):
        await ann.page_script.presses(key)
    await wait_until(lambda: len(page_events) == 4)
    assert ann.composer.text == "not yet"
    await ann.page_script.presses("enter")
    await ann.timeline.waits_for_message("not yet")
    field = FieldSnapshot("not yet", len("not yet"))
    accepted = page_events[-1]
    assert isinstance(accepted, CompletionAcceptKey) and accepted.client_id
    assert page_events == [
        CompletionStepKey(Direction.UP),
        CompletionStepKey(Direction.DOWN),
        CompletionAcceptKey(AcceptKey.TAB, field),
        CompletionDismissKey(),
        CompletionAcceptKey(AcceptKey.ENTER, field, accepted.client_id, "/room/lobby"),
    ]
    await ann.until(lambda: ann.composer.text == "")


async def test_connection_sends_notifications_and_the_unread_count(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    connection = connection_of(ann)
    assert connection.notification_state is NotificationState.NOT_ASKED
    connection.switch_notifications(True)
    await wait_until(lambda: connection.notification_state is NotificationState.ALLOWED)
    connection.notify("Bob", "Hi", "/", "room-1", True)
    connection.show_unread(1)
    await ann.until(lambda: ann.page_script.unread_badge == 1)
    notification = {"title": "Bob", "body": "Hi", "path": "/", "tag": "room-1", "sound": True}
    assert ann.page_script.notifications == [notification]


async def test_reconnect_resets_key_capture_and_visibility(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    connection_of(ann).capture_completion_keys(True)
    await ann.until(lambda: ann.page_script.captures_completion_keys)
    await ann.page_script.reports_visibility("idle")
    await ann.reloads()
    assert not ann.page_script.captures_completion_keys
    new_connection = connection_of(ann)
    new_connection.capture_completion_keys(True)
    await ann.until(lambda: ann.page_script.captures_completion_keys)
    assert new_connection.visibility == "looked at"
