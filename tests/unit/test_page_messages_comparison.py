"""The guard and the page script accept and report what `parse_event` does."""

import pytest
from hypothesis import given, settings

from chat.people.presence import Visibility
from chat.ui.client.connection import FieldSnapshot
from chat.ui.client.page_messages import (
    PREFIX,
    CompletionAcceptKey,
    CompletionDismissKey,
    CompletionStepKey,
    EditLastKey,
    EscapeKey,
    FilesChosen,
    FileUnavailable,
    ListStepKey,
    MarkAllReadKey,
    NotificationClicked,
    NotificationPermission,
    PageReady,
    QuickSwitcherKey,
    RemovePrefixReply,
    RoomStepKey,
    SelectionReported,
    SendKey,
    ShortcutsKey,
    VisibilityReported,
    parse_event,
)
from chat.web.guard.frames import FrameGuard
from chat.web.guard.rate_limit import ProtocolViolation
from chat.web.socket.page_script import PageScript
from tests.app.test_socket_guard import AllPermissions
from tests.unit.test_page_messages import ODD_PAYLOADS, PAYLOADS, RECORDED_EVENTS

Effects = tuple[list[tuple[str, object]], Visibility, bool, bool]


def old_effects(payload: bytes) -> Effects | None:
    """What the old guard and script make of a payload; None if it is refused."""
    frame, told = PREFIX + payload, list[tuple[str, object]]()
    try:
        assert FrameGuard(AllPermissions(), lambda: 0.0).check(frame) == frame
    except ProtocolViolation as violation:
        assert violation.code == 1002
        return None

    def on_event(control_id: int, event: str, data: object = None) -> None:
        told.append((event, data))

    script = PageScript(lambda frame: None, lambda: None, on_event)
    script.handle(payload)
    return told, script.visibility, script.may_notify, script._is_available


def new_effects(payload: bytes) -> Effects | None:
    """The same by the new parser."""
    try:
        event = parse_event(PREFIX + payload)
    except ValueError:
        return None
    told: list[tuple[str, object]] = []
    visibility, may_notify, is_ready = Visibility.ACTIVE, False, False
    match event:
        case PageReady():
            is_ready = True
        case RemovePrefixReply():
            pass
        case EditLastKey():
            told = [("up", None)]
        case EscapeKey():
            told = [("escape", None)]
        case QuickSwitcherKey():
            told = [("jump", None)]
        case ShortcutsKey():
            told = [("overview", None)]
        case MarkAllReadKey():
            told = [("read all", None)]
        case RoomStepKey(direction, unread):
            told = [(f"{'unread' if unread else 'room'} {direction.name.lower()}", None)]
        case ListStepKey(direction):
            told = [(f"choose {direction.name.lower()}", None)]
        case CompletionStepKey(direction):
            told = [(f"pick {direction.name.lower()}", None)]
        case CompletionDismissKey():
            told = [("pick escape", None)]
        case CompletionAcceptKey(key, FieldSnapshot() as field):
            told = [(f"pick {key}", field)]
        case SendKey(text):
            told = [(f"send {text}", None)]
        case SelectionReported(start, end):
            told = [("cursor", (start, end))]
        case VisibilityReported(seen):
            visibility = seen
            told = [] if seen is Visibility.ACTIVE else [("attention", None)]
        case NotificationPermission(granted):
            may_notify = granted
        case NotificationClicked(path):
            told = [(f"open {path}", None)]
        case FilesChosen(files):
            told = [("files", files)]
        case FileUnavailable(number):
            told = [("file lost", number)]
        case _:
            raise AssertionError(event)
    return told, visibility, may_notify, is_ready


def assert_same(payload: bytes) -> None:
    """Both refuse, or both report the same."""
    assert repr(old_effects(payload)) == repr(new_effects(payload)), payload


@pytest.mark.parametrize("payload", ODD_PAYLOADS, ids=lambda payload: repr(payload[:24]))
def test_odd_payloads_have_the_same_effects(payload: bytes) -> None:
    assert_same(payload)


@settings(deadline=None, max_examples=2000)
@given(PAYLOADS)
def test_payloads_have_the_same_effects(payload: bytes) -> None:
    assert_same(payload)


def test_short_and_recorded_payloads_have_the_same_effects() -> None:
    for first in range(256):
        assert_same(bytes([first]))
        for second in range(256):
            assert_same(bytes([first, second]))
    for frame in RECORDED_EVENTS:
        assert_same(frame[1:])
