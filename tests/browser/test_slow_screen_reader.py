"""A screen reader on a slow computer: no typed text is lost while Flutter rebuilds the field."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.harness.browser import Tab
from tests.harness.threads import run_in_thread, sign_in

# With a CPU this many times slower, keys arrive while Flutter rebuilds the field.
CPU_SLOWDOWN = 4

# In seconds. Other tests that run at the same time make it slower still.
SLOW_TIMEOUT = 60


@pytest.fixture
def ann(ann: Tab) -> Iterator[Tab]:
    devtools = ann.page.context.new_cdp_session(ann.page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    yield ann
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    devtools.detach()


def test_text_typed_while_flutter_rebuilds_the_field_is_not_lost(ann: Tab) -> None:
    page = ann.page
    page.keyboard.type("well ")
    page.get_by_role("button", name="Choose an emoji").click()
    page.get_by_label("Search, or paste an emoji").wait_for()
    page.keyboard.type("tada")
    page.get_by_text("🎉").first.wait_for()
    page.keyboard.press("Enter")
    # The dialog is closed, and Flutter has not attached to the field yet.
    expect(page.get_by_role("alertdialog")).to_have_count(0, timeout=SLOW_TIMEOUT * 1000)
    expect(ann.composer).to_be_focused(timeout=SLOW_TIMEOUT * 1000)
    page.keyboard.type(" dome")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.keyboard.type("ne")
    page.keyboard.press("Enter")
    page.keyboard.type("more")
    ann.waits_for_text("well 🎉 done", SLOW_TIMEOUT)
    expect(ann.composer).to_have_value("more", timeout=SLOW_TIMEOUT * 1000)


# Simulates a key that comes before Flutter listens to a field that has just got the focus.
TYPE_AT_FOCUS_JS = """
    (field) => {
        field.focus();
        field.dispatchEvent(new InputEvent("beforeinput", { bubbles: true }));
        document.execCommand("insertText", false, "B");
    }
"""


def test_text_typed_at_once_into_the_field_of_a_dialog_is_not_lost(ann: Tab) -> None:
    page = ann.page
    page.get_by_role("button", name="Rooms: new and all").last.click()
    page.get_by_label("Name of a new room").click()
    page.keyboard.type("Board")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Not now").click(timeout=SLOW_TIMEOUT * 1000)
    page.get_by_role("button", name="About this room").last.click()
    page.get_by_role("button", name="Change the topic").last.click()
    topic = page.get_by_label("Topic")
    topic.evaluate(TYPE_AT_FOCUS_JS)
    page.keyboard.type("udget")
    expect(topic).to_have_value("Budget", timeout=SLOW_TIMEOUT * 1000)
    page.keyboard.press("Enter")
    ann.waits_for_text("Ann changed the topic to “Budget”.", SLOW_TIMEOUT)


def test_enter_sends_the_current_text_despite_a_stale_completion_list(ann: Tab) -> None:
    page = ann.page
    for typed, shown in (("/me waves", "waves"), ("hello @an you", "hello @an you")):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        ann.waits_for_text(shown, SLOW_TIMEOUT)
        expect(ann.composer).to_have_value("", timeout=SLOW_TIMEOUT * 1000)
    page.keyboard.type("hello @e")
    ann.until(lambda: "everybody in this room" in " ".join(ann.semantics_leaves), SLOW_TIMEOUT)
    page.keyboard.type("v")
    page.keyboard.press("Enter")
    expect(ann.composer).to_have_value("hello @everyone ", timeout=SLOW_TIMEOUT * 1000)


def test_focus_and_typing_continue_after_a_room_switch(ann: Tab) -> None:
    run_in_thread(sign_in(ann.address, "Bob"))
    page, path = ann.page, ann.page.url
    page.keyboard.type("/dm Bob")
    page.keyboard.press("Enter")
    ann.until(lambda: "/room/dm-" in page.url, SLOW_TIMEOUT)
    expect(ann.composer).to_be_focused(timeout=SLOW_TIMEOUT * 1000)
    page.keyboard.type("one two")
    page.go_back()
    page.wait_for_url(path)
    ann.waits_for_text(f"This is the beginning of {ann.room_title}.", SLOW_TIMEOUT)
    page.keyboard.type("three four")
    expect(ann.composer).to_have_value("three four", timeout=SLOW_TIMEOUT * 1000)
    page.go_forward()
    expect(ann.composer).to_have_value("one two", timeout=SLOW_TIMEOUT * 1000)


# Simulates that Flutter does not listen to the field.
IGNORE_FIELD_JS = """
    const listen = HTMLTextAreaElement.prototype.addEventListener;
    HTMLTextAreaElement.prototype.addEventListener = function (type, ...options) {
        if (type !== "input" || !window.ignoreInput) listen.call(this, type, ...options);
    };
    window.ignoreInput = true;
    const field = document.activeElement;
    field.blur();
    field.focus();
"""


def test_field_that_flutter_ignores_still_sends_and_recovers(ann: Tab) -> None:
    page = ann.page
    page.evaluate(IGNORE_FIELD_JS)
    page.keyboard.type("ignored")
    page.keyboard.press("Enter")
    ann.waits_for_text("ignored", SLOW_TIMEOUT)
    expect(ann.composer).to_have_value("", timeout=SLOW_TIMEOUT * 1000)
    page.keyboard.type("hello ")
    page.wait_for_timeout(3000)
    expect(ann.composer).to_be_focused(timeout=SLOW_TIMEOUT * 1000)
    expect(ann.composer).to_have_value("hello ")
    page.evaluate("ignoreInput = false")
    page.keyboard.type("@e")
    ann.until(lambda: "everybody in this room" in " ".join(ann.semantics_leaves), SLOW_TIMEOUT)
    page.keyboard.press("Enter")
    expect(ann.composer).to_have_value("hello @everyone ", timeout=SLOW_TIMEOUT * 1000)
    # The next test gets a page without the simulation.
    ann.opens()


# Flutter listens to the field that has the focus.
IS_LISTENING_JS = "() => flutterInput.isListening(composerField.field())"


def test_stored_text_that_flutter_still_has_does_not_return(ann: Tab) -> None:
    page = ann.page
    page.keyboard.type("stored")
    page.evaluate(IGNORE_FIELD_JS)
    page.keyboard.press("Enter")
    ann.waits_for_text("stored", SLOW_TIMEOUT)
    expect(ann.composer).to_have_value("", timeout=SLOW_TIMEOUT * 1000)
    # Flutter removes the field, without having received that it is empty.
    page.get_by_role("button", name="Choose an emoji").click()
    page.get_by_label("Search, or paste an emoji").wait_for()
    page.evaluate("ignoreInput = false")
    page.keyboard.press("Escape")
    expect(ann.composer).to_be_focused(timeout=SLOW_TIMEOUT * 1000)
    page.wait_for_function(IS_LISTENING_JS, timeout=SLOW_TIMEOUT * 1000)
    expect(ann.composer).to_have_value("", timeout=SLOW_TIMEOUT * 1000)
    page.keyboard.type("next")
    expect(ann.composer).to_have_value("next", timeout=SLOW_TIMEOUT * 1000)
    # The next test gets a page without the simulation.
    ann.opens()
