"""What is typed reaches the field, is sent once and is never lost, whatever was clicked before."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.harness.browser import Tab
from tests.harness.process import ServerProcess
from tests.harness.threads import post_lines, run_in_thread

_WIDTH, _HEIGHT = 1200, 800

# The text of the focused field, None if no field has the focus.
FIELD_JS = """() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element instanceof HTMLTextAreaElement ? element.value : null;
}"""

# The element that has the focus.
FOCUSED_JS = """() => {
    const { tagName, id, role, textContent } = document.activeElement;
    return `${tagName} ${id} ${role} ${textContent.slice(0, 50)}`;
}"""

IS_FIELD_JS = f"text => ({FIELD_JS})() === text"

# Resolves when the focus has not moved for 300 ms.
STILL_JS = """() => new Promise(done => {
    let timer = setTimeout(done, 300);
    const again = () => { clearTimeout(timer); timer = setTimeout(done, 300); };
    addEventListener("focusout", again, true);
})"""

# The field of a dialog has the focus.
DIALOG_FIELD_JS = "() => document.activeElement?.tagName === 'INPUT'"

# The middle of a room in the sidebar, which is left of the title of the room.
SIDEBAR_ITEM_JS = """room => [...document.querySelectorAll("flt-semantics")]
    .filter(each => !each.querySelector("flt-semantics") && each.textContent.startsWith(room))
    .map(each => each.getBoundingClientRect()).filter(each => each.right < 300)
    .map(each => [each.left + each.width / 2, each.top + each.height / 2])[0]"""

Position = tuple[float, float]


@dataclass
class Desk:
    """One page, the positions of its buttons, and the texts that were sent."""

    page: Page
    positions: dict[str, Position]
    has_semantics: bool = False
    sent: list[str] = field(default_factory=list)

    def clicks(self, label: str) -> None:
        """Click a button with the mouse."""
        self.page.mouse.click(*self.positions[label])

    def waits_for_field(self, text: str) -> None:
        """Wait until the message field has the focus and this text."""
        try:
            self.page.wait_for_function(IS_FIELD_JS, arg=text, timeout=10_000)
        except Exception:
            actual, focused = self.page.evaluate(FIELD_JS), self.page.evaluate(FOCUSED_JS)
            reason = f"{actual!r} is not {text!r}; the focus is at {focused}"
            raise AssertionError(reason) from None

    def opens_dialog(self, *keys: str) -> None:
        """Press keys, and wait until the field of a dialog has the focus."""
        for key in keys:
            self.page.keyboard.press(key)
        self.page.wait_for_function(DIALOG_FIELD_JS)


# What is clicked last. Each returns the text that the field has then.


def nothing(desk: Desk) -> str:
    return ""


def empty_place(desk: Desk) -> str:
    desk.clicks("empty")
    return ""


def word_of_a_message(desk: Desk) -> str:
    desk.page.mouse.dblclick(*desk.positions["row"])
    return ""


def several_messages(desk: Desk) -> str:
    left, bottom = desk.positions["row"]
    desk.page.mouse.move(left + 200, bottom)
    desk.page.mouse.down()
    desk.page.mouse.move(left, bottom - 60, steps=4)
    desk.page.mouse.up()
    return ""


def wheel(desk: Desk) -> str:
    desk.page.mouse.move(*desk.positions["list"])
    desk.page.mouse.wheel(0, -200)
    desk.page.mouse.wheel(0, 400)
    return ""


def title(desk: Desk) -> str:
    desk.clicks("title")
    return ""


def send_button_without_a_text(desk: Desk) -> str:
    desk.clicks("Send message")
    return ""


def quick_switcher_and_escape(desk: Desk) -> str:
    desk.opens_dialog("Control+k")
    desk.page.keyboard.press("Escape")
    desk.waits_for_field("")
    return ""


def list_and_quick_switcher_to_a_room(desk: Desk) -> str:
    desk.clicks("empty")
    for room in ("Garden", "Lobby"):
        desk.opens_dialog("Control+k")
        desk.page.keyboard.type(room)
        desk.page.keyboard.press("Enter")
        desk.page.wait_for_url(f"**/room/{room.lower()}")
        desk.waits_for_field("")
    return ""


def other_room_and_back(desk: Desk) -> str:
    desk.clicks("empty")
    for room in ("Garden", "Lobby"):
        desk.clicks(room)
        desk.page.wait_for_url(f"**/room/{room.lower()}")
        desk.waits_for_field("")
    return ""


def emoji_picker(desk: Desk) -> str:
    desk.clicks("empty")
    desk.clicks("Choose an emoji")
    desk.page.wait_for_function(DIALOG_FIELD_JS)
    desk.page.keyboard.press("Escape")
    desk.waits_for_field("")
    return ""


def edit_of_the_last_message(desk: Desk) -> str:
    desk.page.keyboard.type("teh")
    desk.page.keyboard.press("Enter")
    desk.sent.append("teh")
    desk.waits_for_field("")
    desk.page.keyboard.press("ArrowUp")
    desk.waits_for_field("teh")
    desk.page.keyboard.press("Escape")
    desk.waits_for_field("")
    return ""


CLICKS = (
    nothing,
    empty_place,
    word_of_a_message,
    several_messages,
    wheel,
    title,
    send_button_without_a_text,
    quick_switcher_and_escape,
    list_and_quick_switcher_to_a_room,
    other_room_and_back,
    emoji_picker,
    edit_of_the_last_message,
)

# What is typed next. Each gets the text before and a new text, and leaves the field empty.


def letters_then_enter(desk: Desk, before: str, text: str) -> None:
    desk.page.keyboard.type(text)
    desk.waits_for_field(before + text)
    desk.page.keyboard.press("Enter")
    desk.sent.append(before + text)
    desk.waits_for_field("")


def letters_and_enter_at_once(desk: Desk, before: str, text: str) -> None:
    desk.page.keyboard.type(text)
    desk.page.keyboard.press("Enter")
    desk.sent.append(before + text)
    desk.waits_for_field("")


def two_messages_at_once(desk: Desk, before: str, text: str) -> None:
    for part in ("a", "b"):
        desk.page.keyboard.type(text + part)
        desk.page.keyboard.press("Enter")
        desk.sent.append(before + text + part)
        before = ""
    desk.waits_for_field("")


def two_lines(desk: Desk, before: str, text: str) -> None:
    desk.page.keyboard.type(text)
    desk.page.keyboard.press("Shift+Enter")
    desk.page.keyboard.type("second")
    desk.page.keyboard.press("Enter")
    desk.sent.append(f"{before}{text}\nsecond")
    desk.waits_for_field("")


def corrected(desk: Desk, before: str, text: str) -> None:
    desk.page.keyboard.type(text + "xy")
    desk.page.keyboard.press("Backspace")
    desk.page.keyboard.press("Backspace")
    desk.page.keyboard.press("Enter")
    desk.sent.append(before + text)
    desk.waits_for_field("")


def pasted(desk: Desk, before: str, text: str) -> None:
    desk.page.evaluate("text => navigator.clipboard.writeText(text)", text)
    desk.page.keyboard.press("Control+v")
    desk.waits_for_field(before + text)
    desk.page.keyboard.press("Enter")
    desk.sent.append(before + text)
    desk.waits_for_field("")


def send_button(desk: Desk, before: str, text: str) -> None:
    desk.page.keyboard.type(text)
    desk.waits_for_field(before + text)
    desk.clicks("Send message")
    desk.sent.append(before + text)
    desk.waits_for_field("")


def composed(desk: Desk, before: str, text: str) -> None:
    desk.page.keyboard.type(text)
    desk.waits_for_field(before + text)
    # A browser composes only in a field, and Flutter may move the focus after a click before it.
    desk.page.evaluate(STILL_JS)
    desk.waits_for_field(before + text)
    devtools = desk.page.context.new_cdp_session(desk.page)
    composition = {"text": "你好", "selectionStart": 2, "selectionEnd": 2}
    devtools.send("Input.imeSetComposition", composition)
    devtools.send("Input.insertText", {"text": "你好"})
    desk.waits_for_field(before + text + "你好")
    desk.page.keyboard.press("Enter")
    desk.sent.append(before + text + "你好")
    desk.waits_for_field("")


TYPED = (
    letters_then_enter,
    letters_and_enter_at_once,
    two_messages_at_once,
    two_lines,
    corrected,
    pasted,
    send_button,
    composed,
)


# With the semantics tree the mouse selects no text; and Flutter moves the focus for a moment when a
# message is removed from the field, which ends a composition, and ↑ may come outside of it.
WITHOUT_SEMANTICS: set[object] = {
    word_of_a_message,
    several_messages,
    edit_of_the_last_message,
    composed,
}


@pytest.fixture(params=[False, True], ids=["without semantics", "with semantics"])
def desk(request: pytest.FixtureRequest, browser: Browser, server: ServerProcess) -> Iterator[Desk]:
    """Ann's page. Its positions are those of another tab, which has the semantics tree."""
    run_in_thread(post_lines(server.address, "Bob", *(f"line {n}" for n in range(12))))
    context = browser.new_context(viewport={"width": _WIDTH, "height": _HEIGHT})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab = Tab(context, server.address).opens_as("Ann")
    tab.page.get_by_role("button", name="Rooms: new and all").last.click()
    tab.page.get_by_label("Name of a new room").click()
    tab.page.keyboard.type("Garden")
    tab.page.keyboard.press("Enter")
    tab.page.get_by_role("button", name="Not now").click()
    tab.page.goto(f"{server.address}/room/lobby")
    tab.waits_until_ready().waits_for_text("line 11")
    tab.waits_until_stable()
    desk = Desk(tab.page, _positions(tab))
    if request.param:
        # In the semantics tree a click on a row opens its menu.
        desk.has_semantics = True
        desk.positions["empty"] = (136.0, 660.0)
    if not request.param:
        tab.page.close()
        desk.page = tab.page.context.new_page()
        errors: list[str] = tab.page_errors
        desk.page.on("pageerror", lambda error: errors.append(str(error)))
        desk.page.goto(f"{server.address}/room/lobby")
        desk.page.locator("#loading").wait_for(state="detached")
    else:
        tab.composer.click()
    desk.waits_for_field("")
    yield desk
    context.close()
    assert tab.page_errors == []


def _positions(tab: Tab) -> dict[str, Position]:
    row = tab.position_of("line 11")
    assert row is not None
    left, bottom = row
    positions = {"empty": (600.0, 200.0), "list": (600.0, 200.0), "title": (340.0, 28.0)}
    positions["row"] = (left - 150, bottom)
    for label in ("Send message", "Choose an emoji"):
        box = tab.page.get_by_role("button", name=label).first.bounding_box()
        assert box is not None, label
        positions[label] = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for room in ("Garden", "Lobby"):
        x, y = tab.page.evaluate(SIDEBAR_ITEM_JS, room)
        positions[room] = (x, y)
    return positions


def stored_texts(folder: Path) -> list[str]:
    """The texts of Ann in the lobby, in the order of their numbers."""
    with closing(sqlite3.connect(folder / "chat.db")) as database:
        query = """SELECT text FROM message JOIN person ON person.id = author
                   WHERE room = 1 AND kind = 'text' AND person.name = 'Ann' ORDER BY number"""
        return [text for (text,) in database.execute(query)]


def test_all_pairs_of_a_click_and_a_text(desk: Desk, server: ServerProcess) -> None:
    pairs: list[tuple[Callable[[Desk], str], Callable[[Desk, str, str], None]]] = [
        (click, typed)
        for click in CLICKS
        for typed in TYPED
        if not (desk.has_semantics and {click, typed} & WITHOUT_SEMANTICS)
    ]
    for n, (click, typed) in enumerate(pairs):
        try:
            typed(desk, click(desk), f"t{n}.")
        except Exception as error:
            raise AssertionError(f"{click.__name__}, then {typed.__name__}: {error}") from error
    assert stored_texts(server.data_folder) == desk.sent
