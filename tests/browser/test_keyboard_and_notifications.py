"""Keys, visibility and notifications in Chromium: the frames and effects of the page script."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgpack
import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.harness.browser import Tab
from tests.harness.client import PATCH
from tests.harness.page_script import SCRIPT_PREFIX
from tests.harness.process import ServerProcess
from tests.harness.shared_tab import SharedTab

# Runs before the page's scripts. Records each pressed key, and whether its default was prevented.
RECORD_KEYS_JS = """
    window.pressed = [];
    addEventListener('keydown', event => setTimeout(() => window.pressed.push([event.key,
        event.defaultPrevented])), true);
"""

# Simulates a hidden tab: a headless browser shows every tab.
HIDE_TAB_JS = """
    const visible = { hidden: false, frames: [], paints: window.requestAnimationFrame };
    for (const [name, value] of [['hidden', () => visible.hidden],
        ['visibilityState', () => visible.hidden ? 'hidden' : 'visible']])
        Object.defineProperty(Document.prototype, name, { get: value });
    window.requestAnimationFrame = call => visible.hidden
        ? visible.frames.push(call) : visible.paints.call(window, call);
    window.hide = hidden => {
        visible.hidden = hidden;
        document.dispatchEvent(new Event('visibilitychange'));
        if (!hidden) visible.frames.splice(0).forEach(call => requestAnimationFrame(call));
    };
"""


# Records the badges of the app's icon.
RECORD_BADGES_JS = """
    window.badges = [];
    navigator.setAppBadge = async count => { badges.push(count) };
    navigator.clearAppBadge = async () => { badges.push(0) };
"""


# Record the sounds and the notifications of the page.
RECORD_SOUNDS_JS = """
    window.sounds = [];
    const resume = AudioContext.prototype.resume;
    AudioContext.prototype.resume = function () {
        return resume.call(this).then(() => sounds.push(this.state));
    };
"""
RECORD_NOTIFICATIONS_JS = """
    window.Notification = class extends Notification {
        constructor(...values) { super(...values); this.closedCount = 0; window.shown = this; }
        close() { this.closedCount += 1; super.close(); }
    };
"""


# Heartbeats, and requests for the focus of Flutter's field: how many depends on the time.
UNRECORDED = {SCRIPT_PREFIX + each for each in (b"z", b"e", b"hs")}

# The client id of a sent text, which is random.
# The handshake has the key of the device.
DEVICE_KEY = re.compile("^h[0-9a-f]{64}$")
CLIENT_ID = re.compile(r"^(s|ge)([0-9a-f]{32}) ")


class SocketProxy:
    """A proxy between a page and its server: records page frames, and sends commands.

    The client ids of texts are not recorded.
    """

    def __init__(self, page: Page) -> None:
        self.messages: list[str] = []
        # Frames with these prefixes are recorded and not forwarded to the server.
        self.dropped_prefixes: tuple[str, ...] = ()
        self._sockets: list[WebSocketRoute] = []
        page.route_web_socket("**/ws", self._on_socket)

    def sends_command(self, command: str) -> None:
        """Send a command to the page script, as the server does."""
        self._sockets[-1].send(SCRIPT_PREFIX + command.encode())

    def sends_notification(self, sound: bool = False, **options: str) -> None:
        """Send the command that shows a notification."""
        notification = {"title": "Bob", "body": "Hi", "path": "/room/1", "tag": "room-1", **options}
        self.sends_command("n" + json.dumps({**notification, "sound": sound}))

    def sends_title(self, title: str) -> None:
        """Set the title of the page through Flet, as the server does."""
        body = {"id": 1, "patch": [[0], [0, 0, "title", title]]}
        self._sockets[-1].send(b"\x00" + msgpack.packb([PATCH, body]))

    def _on_socket(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def on_message(frame: str | bytes) -> None:
            assert isinstance(frame, bytes)
            if frame.startswith(SCRIPT_PREFIX) and frame not in UNRECORDED:
                message = DEVICE_KEY.sub("h", frame[1:].decode())
                self.messages.append(CLIENT_ID.sub(r"\1", message))
                if self.messages[-1].startswith(self.dropped_prefixes):
                    # The page keeps a sent text until the chat has settled it.
                    if match := CLIENT_ID.match(frame[1:].decode()):
                        self.sends_command("a" + match[2])
                    return
            server.send(frame)

        page.on_message(on_message)
        self._sockets.append(page)


@pytest.fixture(scope="module")
def recorded_tab(
    chromium: Browser, shared_server: ServerProcess
) -> Iterator[tuple[SharedTab, SocketProxy]]:
    """Ann's tab for most tests of this file, and the proxy of its web socket."""
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    context.add_init_script(RECORD_KEYS_JS + HIDE_TAB_JS + RECORD_BADGES_JS + RECORD_SOUNDS_JS)
    tab = Tab(context, shared_server.address)
    socket = SocketProxy(tab.page)
    tab.opens_as("Ann")
    assert socket.messages == ["h", "l", "aq"]
    yield SharedTab(tab), socket
    context.close()
    assert tab.foreign_requests == []


@pytest.fixture
def shared_tab(recorded_tab: tuple[SharedTab, SocketProxy]) -> SharedTab:
    return recorded_tab[0]


@pytest.fixture
def socket(recorded_tab: tuple[SharedTab, SocketProxy], ann: Tab) -> Iterator[SocketProxy]:
    """The proxy of Ann's web socket, which has recorded nothing in her new room."""
    _, socket = recorded_tab
    expect(ann.composer).to_be_focused()
    socket.messages.clear()
    socket.dropped_prefixes = ()
    yield socket
    # The server accepted all frames: it has not closed the connection.
    assert ann.page.locator("#connection-bar").count() == 0


def test_ctrl_k_opens_the_quick_switcher_and_not_the_browsers_search(
    ann: Tab, socket: SocketProxy
) -> None:
    ann.page.keyboard.type("be")
    for keys in ("Control+Shift+k", "Alt+k", "Control+j"):
        ann.page.keyboard.press(keys)
    ann.page.keyboard.type("fore")
    expect(ann.composer).to_have_value("before")
    expect(ann.composer).to_be_focused()
    assert socket.messages == []
    for keys in ("Control+k", "Meta+k"):
        ann.page.keyboard.press(keys)
        ann.page.get_by_role("alertdialog").wait_for()
        ann.page.keyboard.press("Escape")
        ann.page.get_by_role("alertdialog").wait_for(state="detached")
    # A field that loses the focus reports its cursor; Escape closes the dialog.
    assert socket.messages == [*("k", "p6 6", "d"), *("k", "p6 6", "d")]
    pressed = ann.page.evaluate("window.pressed.filter(([key]) => key.toLowerCase() === 'k')")
    assert pressed[-2:] == [["k", True], ["k", True]]
    # The shortcut works without a focused field, and a held key counts once.
    ann.page.evaluate("document.activeElement.blur()")
    ann.page.keyboard.down("Control")
    ann.page.keyboard.down("k")
    ann.page.keyboard.down("k")
    ann.page.keyboard.up("k")
    ann.page.keyboard.up("Control")
    ann.until(lambda: socket.messages.count("k") == 3)
    ann.page.get_by_role("alertdialog").wait_for()
    ann.page.keyboard.press("Escape")
    ann.page.get_by_role("alertdialog").wait_for(state="detached")


def test_enter_in_a_dialog_that_opens_while_the_field_is_awaited_is_the_dialogs(
    ann: Tab, socket: SocketProxy
) -> None:
    ann.page.keyboard.type("not sent")
    ann.until(lambda: ann.composer.input_value() == "not sent")
    for command in ("w", "w1"):
        socket.sends_command(command)
        ann.page.keyboard.press("Control+/")
        dialog = ann.page.get_by_role("alertdialog")
        dialog.wait_for()
        ann.page.keyboard.press("Enter")
        ann.page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
    ann.page.wait_for_timeout(500)
    assert [each for each in socket.messages if each.startswith("s")] == []
    assert ann.composer.input_value() == "not sent"


def test_arrow_keys_reach_a_dialog_with_a_list(ann: Tab, socket: SocketProxy) -> None:
    keyboard = ann.page.keyboard
    keyboard.type("before")
    keyboard.press("Control+k")
    ann.page.get_by_role("alertdialog").wait_for()
    field = ann.page.get_by_role("alertdialog").get_by_role("textbox")
    expect(field).to_be_focused()
    keyboard.type(ann.room_title)
    for key in ("ArrowDown", "ArrowUp"):
        keyboard.press(key)
    ann.until(lambda: socket.messages[-2:] == ["ld", "lu"])
    expect(field).to_have_value(ann.room_title)
    keyboard.press("Enter")
    ann.page.get_by_role("alertdialog").wait_for(state="detached")
    # With the dialog closed, arrow keys are no longer sent.
    keyboard.press("ArrowDown")
    expect(ann.composer).to_have_value("before")
    assert socket.messages[-1] == "lu"


def test_condition_of_a_search_is_completed_and_the_field_keeps_the_focus(
    ann: Tab, socket: SocketProxy
) -> None:
    keyboard = ann.page.keyboard
    keyboard.press("Control+Shift+f")
    field = ann.page.locator("flt-semantics-host input").last
    expect(field).to_be_focused()
    keyboard.type("is:p")
    ann.waits_for_text("pinned messages")
    # What is typed at once is kept.
    keyboard.press("Tab")
    keyboard.type("has:")
    expect(field).to_have_value("is:pinned has:")
    ann.waits_for_text("messages with a link")
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(field).to_have_value("is:pinned has:file ")
    keyboard.type("on:")
    ann.until(lambda: any(each.startswith("today") for each in ann.semantics_leaves))
    keyboard.press("Escape")
    ann.until(lambda: not any(each.startswith("today") for each in ann.semantics_leaves))
    # The list is closed, and Escape is for the panel again.
    expect(field).to_be_focused()
    assert [each for each in socket.messages if each[0] in "ld"] == ["lt", "ld", "lt", "lx"]
    keyboard.press("Escape")
    expect(ann.page.get_by_role("button", name="Close the panel")).to_have_count(0)
    # The search begins with the last words, and what is typed takes their place.
    keyboard.press("Control+Shift+f")
    expect(field).to_be_focused()
    keyboard.type("apple")
    expect(field).to_have_value("apple")
    keyboard.press("Escape")
    expect(ann.page.get_by_role("button", name="Close the panel")).to_have_count(0)


def test_captured_keys_are_sent_as_completion_keys_and_keep_the_text(
    ann: Tab, socket: SocketProxy
) -> None:
    keyboard, room = ann.page.keyboard, ann.page.url.removeprefix(ann.address)
    socket.dropped_prefixes = ("g",)
    socket.sends_command("g1")
    ann.page.wait_for_timeout(300)
    keyboard.type("he")
    for key in ("ArrowUp", "ArrowDown", "Tab", "Enter", "Escape"):
        keyboard.press(key)
    keyboard.type("llo")
    expect(ann.composer).to_have_value("hello")
    expect(ann.composer).to_be_focused()
    assert socket.messages == ["gu", "gd", "gt2 he", f"ge{room} 2 he", "gx"]
    keyboard.press("Shift+Enter")
    keyboard.type("there")
    expect(ann.composer).to_have_value("hello\nthere")

    # A held arrow key repeats, and a held Enter does not.
    socket.messages.clear()
    for key in ("ArrowDown", "Enter"):
        for _ in range(3):
            keyboard.down(key)
        if key == "Enter":
            socket.sends_command("g0")
            ann.page.wait_for_timeout(200)
            keyboard.down(key)
        keyboard.up(key)
    ann.page.wait_for_timeout(300)
    assert socket.messages == ["gd", "gd", "gd", f"ge{room} 11 hello\nthere"]
    expect(ann.composer).to_have_value("hello\nthere")

    keyboard.press("Enter")
    expect(ann.composer).to_have_value("")
    keyboard.press("ArrowUp")
    keyboard.press("Escape")
    ann.until(lambda: socket.messages[4:] == [f"s0 {room} hello\nthere", "y", "u", "x"])


def test_page_reports_focus_and_visibility_changes(ann: Tab, socket: SocketProxy) -> None:
    page = ann.page
    # By default Playwright emulates the focus in every page.
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    other_page = page.context.new_page()
    other_page.bring_to_front()
    ann.until(lambda: socket.messages == ["v"])
    page.evaluate("hide(true)")
    ann.until(lambda: socket.messages == ["v", "b"])
    page.evaluate("hide(false)")
    page.bring_to_front()
    ann.until(lambda: socket.messages == ["v", "b", "v", "l"])
    page.evaluate("hide(true)")
    page.evaluate("hide(false)")
    ann.until(lambda: socket.messages[4:] == ["b", "l"])

    socket.messages.clear()
    five_minutes_later_js = (
        "window.now = Date.now; Date.now = () => now() + 301_000; document.dispatchEvent(%s)"
    )
    page.evaluate(five_minutes_later_js % "new Event('visibilitychange')")
    ann.until(lambda: socket.messages == ["i"])
    page.mouse.move(50, 60)
    page.mouse.move(60, 70)
    ann.until(lambda: socket.messages == ["i", "l"])
    page.evaluate("Date.now = now")
    devtools.send("Emulation.setFocusEmulationEnabled", {"enabled": True})


def test_five_minutes_without_input_report_idle(browser: Browser, server: ServerProcess) -> None:
    tab = Tab(browser.new_context(), server.address)
    socket = SocketProxy(tab.page)
    tab.page.clock.install()
    tab.opens_as("Ann").composer.wait_for()
    socket.messages.clear()
    tab.page.clock.fast_forward("04:00")
    assert socket.messages == []
    tab.page.keyboard.press("a")
    tab.page.clock.fast_forward("04:00")
    assert socket.messages == []
    tab.page.clock.fast_forward("01:05")
    assert socket.messages == ["i"]
    tab.page.keyboard.press("b")
    assert socket.messages == ["i", "l"]
    tab.page.context.close()


def test_title_and_badge_show_the_unread_count_even_in_a_hidden_tab(
    ann: Tab, socket: SocketProxy
) -> None:
    page = ann.page
    page.evaluate("badges.length = 0")
    socket.sends_command("d2")
    expect(page).to_have_title("(2) Flet Chat")
    socket.sends_title("Garden")
    expect(page).to_have_title("(2) Garden")
    socket.sends_command("d0")
    expect(page).to_have_title("Garden")

    page.evaluate("hide(true)")
    socket.sends_title("Kitchen")
    socket.sends_command("d12")
    expect(page).to_have_title("(12) Garden")
    page.evaluate("hide(false)")
    expect(page).to_have_title("(12) Kitchen")
    assert page.evaluate("badges") == [2, 0, 12]
    page.reload()
    ann.waits_until_ready()
    expect(page).to_have_title("Flet Chat")


def shown_notifications(page: Page) -> list[list[Any]]:
    """The notifications of the service worker on the screen: title, body and tag."""
    notifications: list[list[Any]] = page.evaluate(
        """async () => (await (await navigator.serviceWorker.ready).getNotifications())
            .map(each => [each.title, each.body, each.tag])"""
    )
    return notifications


def test_notification_replaces_the_one_of_its_tag_and_click_navigates(
    ann: Tab, socket: SocketProxy
) -> None:
    ann.page.context.grant_permissions(["notifications"])
    ann.until(lambda: socket.messages == ["a1"])
    socket.messages.clear()
    ann.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    socket.sends_notification(body="one")
    socket.sends_notification(body="two", sound=True)
    socket.sends_notification(body="three", tag="room-2", title="Cat")
    both = [["Bob", "two", "room-1"], ["Cat", "three", "room-2"]]
    ann.until(lambda: sorted(shown_notifications(ann.page)) == both)
    ann.until(lambda: ann.page.evaluate("sounds") == ["running"])
    ann.page.context.service_workers[-1].evaluate(
        """async () => {
            const [notification] = await registration.getNotifications({ tag: 'room-1' });
            dispatchEvent(new NotificationEvent('notificationclick', { notification }));
        }"""
    )
    ann.until(lambda: socket.messages == ["o/room/1"])
    assert shown_notifications(ann.page) == both[1:]
    # Reading on another device closes them.
    socket.sends_notification(body="four")
    socket.sends_command('x1["room-2"]')
    ann.until(lambda: shown_notifications(ann.page) == [["Bob", "four", "room-1"]])
    socket.sends_command('x0["room-1"]')
    socket.sends_notification(tag="room-3")
    ann.until(lambda: len(shown_notifications(ann.page)) == 2)
    socket.sends_command("x0[]")
    ann.until(lambda: shown_notifications(ann.page) == [])
    ann.page.context.clear_permissions()
    ann.until(lambda: socket.messages == ["o/room/1", "aq"])


def test_page_shows_notifications_without_a_service_worker(
    browser: Browser, server: ServerProcess
) -> None:
    context = browser.new_context(permissions=["notifications"], service_workers="block")
    context.add_init_script(RECORD_NOTIFICATIONS_JS)
    ann = Tab(context, server.address)
    socket = SocketProxy(ann.page)
    ann.opens_as("Ann")
    ann.until(lambda: socket.messages == ["h", "l", "a1"])
    socket.messages.clear()
    # At a click the server opens the room, and closes the notifications about what was read there.
    socket.dropped_prefixes = ("o",)
    socket.sends_notification()
    ann.until(lambda: bool(ann.page.evaluate("'shown' in window")))
    assert ann.page.evaluate("[shown.title, shown.body, shown.tag]") == ["Bob", "Hi", "room-1"]
    ann.page.evaluate("shown.onclick()")
    ann.until(lambda: socket.messages == ["o/room/1"])
    ann.page.evaluate("delete window.shown")
    socket.sends_notification()
    ann.until(lambda: bool(ann.page.evaluate("'shown' in window")))
    socket.sends_command('x1["room-1"]')
    ann.until(lambda: ann.page.evaluate("shown.closedCount") == 1)


def test_page_reports_the_state_of_its_notifications(ann: Tab, socket: SocketProxy) -> None:
    ann.page.context.grant_permissions(["notifications"])
    ann.until(lambda: socket.messages == ["a1"])
    socket.sends_command("q1")
    ann.until(lambda: socket.messages == ["a1", "a1"])
    socket.messages.clear()
    # The switch of this device is kept in the browser.
    socket.sends_command("q0")
    ann.until(lambda: socket.messages == ["a0"])
    ann.page.evaluate("sounds.length = 0")
    socket.sends_notification(sound=True)
    socket.sends_command("q1")
    ann.until(lambda: socket.messages == ["a0", "a1"])
    assert (shown_notifications(ann.page), ann.page.evaluate("sounds")) == ([], [])
    ann.page.context.clear_permissions()
    ann.until(lambda: socket.messages == ["a0", "a1", "aq"])
