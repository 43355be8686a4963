"""Two people in Chromium: sending, reconnecting, scrolling, the mouse and installing."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.harness.browser import (
    CHROMIUM_FLAGS,
    DESKTOP,
    PHONE,
    Tab,
    find_chromium,
    wait_until_alike,
)
from tests.harness.process import ServerProcess
from tests.harness.slow_network import slow_network
from tests.harness.threads import post_lines, run_in_thread

NewTab = Callable[..., Tab]


@pytest.fixture
def new_tab(browser: Browser, server: ServerProcess) -> Iterator[NewTab]:
    """`new_tab("Ann")` is a tab of Ann in a browser context of her own.

    At the end no tab may have had a script error or a request to another host.
    """
    tabs: list[Tab] = []

    def open_tab(name: str | None = None, size: tuple[int, int] = DESKTOP, path: str = "/") -> Tab:
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height})
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        tab = Tab(context, server.address)
        tabs.append(tab)
        return tab.opens_as(name) if name else tab.opens(path)

    yield open_tab
    for tab in tabs:
        tab.page.context.close()
        assert tab.foreign_requests == []
        assert tab.page_errors == []


def numbered_lines(tab: Tab) -> list[str]:
    """The numbered lines that the tab shows, from top to bottom."""
    return [text for text in tab.leaf_texts if text.startswith(("ann ", "bob "))]


def test_page_reloads_with_its_draft_after_a_crash_of_the_renderer(new_tab: NewTab) -> None:
    ann = new_tab("Ann")
    ann.posts("before")
    ann.composer.click()
    ann.page.keyboard.type("not sent")
    expect(ann.composer).to_have_value("not sent")
    with ann.page.expect_event("load"):
        ann.page.evaluate(
            """dispatchEvent(new ErrorEvent("error", {
                 error: new WebAssembly.RuntimeError("memory access out of bounds") }))"""
        )
        ann.page.locator("#connection-bar").wait_for()
    ann.waits_until_ready().waits_for_text("before")
    ann.until(lambda: ann.focused_text == "not sent")
    # Another trap is no crash.
    ann.page.evaluate(
        """dispatchEvent(new ErrorEvent("error", {
             error: new WebAssembly.RuntimeError("illegal cast") }))"""
    )
    ann.posts(" after all")
    assert ann.page.locator("#connection-bar").count() == 0


def test_two_people_chat_reload_and_reconnect_after_a_server_kill(
    new_tab: NewTab, server: ServerProcess
) -> None:
    ann, bob = new_tab(size=(1200, 1500)).signs_in("Ann"), new_tab("Bob", PHONE)
    for n in range(3):
        ann.posts(f"ann {n}")
        bob.posts(f"bob {n}")
    lines = [f"{name} {n}" for n in range(3) for name in ("ann", "bob")]
    ann.until(lambda: numbered_lines(ann) == lines)
    bob.until(lambda: numbered_lines(bob)[-5:] == lines[-5:])
    assert numbered_lines(bob) == lines[-len(numbered_lines(bob)) :]

    bob.page.reload()
    bob.waits_until_ready().waits_for_text("bob 2")
    bob.posts("bob still here")
    ann.waits_for_text("bob still here")

    ann.composer.click()
    ann.page.keyboard.type("not sent")
    expect(ann.composer).to_have_value("not sent")
    server.kill()
    ann.page.locator("#connection-bar").wait_for()
    bob.page.locator("#connection-bar").wait_for()
    assert numbered_lines(ann)[:6] == lines, "history stays readable behind the bar"
    ann.page.keyboard.type(" yet")
    ann.takes_screenshot("connection-lost")

    server.start()
    restarted = time.monotonic()
    ann.page.wait_for_event("load", timeout=30_000)
    ann.waits_until_ready().waits_for_text("bob still here")
    assert time.monotonic() - restarted < 30
    bob.waits_until_ready().waits_for_text("bob still here")
    assert numbered_lines(ann) == [*lines, "bob still here"]
    ann.until(lambda: ann.focused_text == "not sent yet", 10)
    ann.page.keyboard.press("Enter")
    bob.waits_for_text("not sent yet")
    bob.posts("bob is back too")
    ann.waits_for_text("bob is back too")
    assert sum("joined" in text for text in ann.leaf_texts) == 2


def test_enter_sends_and_shift_enter_adds_a_line_without_losing_focus(ann: Tab) -> None:
    ann.page.keyboard.type("first line")
    ann.page.keyboard.press("Shift+Enter")
    ann.page.keyboard.type("second line")
    ann.page.keyboard.press("Enter")
    ann.waits_for_text("second line")
    ann.page.keyboard.type("without a click")
    ann.page.keyboard.press("Enter")
    ann.waits_for_text("without a click")


def test_fast_typing_over_a_slow_network_loses_and_merges_no_message(
    browser: Browser, server: ServerProcess
) -> None:
    lines = ["hello there", "how are you", "ok", "ok then", "fine"]
    with slow_network(server.port, delay=0.15) as network:
        ann = Tab(browser.new_context(), network.address).opens_as("Ann")
        ann.composer.wait_for()
        ann.composer.click()
        expect(ann.composer).to_be_focused()
        for line in lines:
            ann.page.keyboard.type(line, delay=60)
            ann.page.keyboard.press("Enter")
        ann.page.keyboard.type("still writing", delay=30)
        ann.waits_for_text("fine")
        ann.until(lambda: ann.composer.input_value() == "still writing")
        assert [text for text in ann.leaf_texts if text in lines] == lines, ann.leaf_texts
        ann.page.context.close()


def test_numpad_enter_sends_each_line_separately(ann: Tab) -> None:
    lines = ["one", "two", "three"]
    for line in lines:
        ann.page.keyboard.type(line)
        ann.page.keyboard.press("NumpadEnter")
    ann.page.keyboard.type("four")
    ann.waits_for_text("three")
    expect(ann.composer).to_have_value("four")
    # A leaf is an innermost node of the semantics tree, here the text of one row. Two lines sent as
    # one message would be one leaf that begins like the first line.
    assert [text for text in ann.leaf_texts if text.startswith(tuple(lines))] == lines


def test_url_with_username_signs_in_and_the_form_refuses_the_taken_name(
    new_tab: NewTab,
) -> None:
    ann = new_tab()
    ann.opens_with_name("Ann")
    ann.waits_for_text("Welcome, Ann!")
    ann.waits_for_text("Ann has joined the chat.")
    other = new_tab()
    # Flutter is there, and the name goes over its socket.
    other.page.get_by_role("button", name="Join chat").click()
    expect(other.page.get_by_role("alert")).to_have_text("Name cannot be blank!")
    other.page.keyboard.type("ann")
    other.page.keyboard.press("Enter")
    free_name = other.page.get_by_role("button", name="ann 3")
    free_name.wait_for()
    expect(other.name_field).to_have_value("ann")
    expect(other.page.locator("#loading .hint")).to_contain_text("Is it you, ann,")
    # What is typed on is another name; with the keyboard the free ones follow the field.
    other.page.keyboard.type("everyone")
    expect(free_name).to_have_count(0)
    other.page.keyboard.press("Enter")
    expect(other.page.get_by_role("alert")).to_contain_text("everyone")
    other.name_field.fill("ann")
    other.page.keyboard.press("Enter")
    free_name.wait_for()
    other.page.keyboard.press("Tab")
    other.page.keyboard.press("Tab")
    expect(free_name).to_be_focused()
    other.page.keyboard.press("Enter")
    other.waits_for_composer()
    other.waits_for_text("ann 3 has joined the chat.")


def test_enter_changes_nothing_when_a_question_ends_an_identity(new_tab: NewTab) -> None:
    ann = new_tab("Ann")
    token = token_of(ann)
    ann.opens("/chat?username=Fool")
    ann.page.get_by_role("button", name="Come in as Fool").wait_for()
    ann.waits_until_stable()
    ann.takes_screenshot("come-in-instead")
    ann.page.keyboard.press("Enter")
    ann.page.get_by_role("button", name="Come in as Fool").wait_for(state="detached")
    ann.page.wait_for_url("**/room/lobby")
    ann.page.get_by_role("button", name="Settings").last.click()
    ann.page.get_by_role("button", name="Leave this chat").click()
    ann.page.get_by_role("button", name="Leave for good").wait_for()
    ann.waits_until_stable()
    ann.takes_screenshot("leave-for-good")
    ann.page.keyboard.press("Enter")
    ann.page.get_by_role("button", name="Leave for good").wait_for(state="detached")
    ann.opens().waits_for_text("Welcome, Ann!")
    assert token_of(ann) == token


def token_of(tab: Tab) -> str:
    """The token in the cookies of a tab's browser."""
    cookies = tab.page.context.cookies()
    return next(str(each["value"]) for each in cookies if each["httpOnly"])


def test_new_messages_do_not_scroll_a_reader_and_a_button_jumps_down(new_tab: NewTab) -> None:
    ann = new_tab("Ann", (900, 500))
    run_in_thread(post_lines(ann.address, "Cem", *(f"bob {n}" for n in range(60))))
    ann.waits_for_text("bob 59")
    ann.scrolls_up(600)
    assert "bob 59" not in ann.leaf_texts
    before = numbered_lines(ann)
    run_in_thread(post_lines(ann.address, "Dan", *(f"bob late {n}" for n in range(3))))
    ann.page.get_by_role("button", name="4 new messages").wait_for()
    assert numbered_lines(ann) == before
    ann.takes_screenshot("new-messages")
    ann.page.get_by_role("button", name="4 new messages").click()
    ann.waits_for_text("bob late 2")

    while "This is the beginning of Lobby." not in ann.leaf_texts:
        ann.scrolls_up(2000)
    assert "bob 0" in ann.leaf_texts


def test_mouse_click_on_send_keeps_focus_and_dragging_selects_text(new_tab: NewTab) -> None:
    ann = new_tab("Ann")
    button = ann.page.get_by_role("button", name="Send message").bounding_box()
    assert button is not None
    # A tab without the semantics tree, whose elements lie over the page and take the mouse.
    plain_tab = ann.opens_plain_tab()
    plain_tab.keyboard.type("by the button")
    plain_tab.mouse.click(button["x"] + button["width"] / 2, button["y"] + button["height"] / 2)
    ann.waits_for_text("by the button")
    plain_tab.keyboard.type("and by Enter")
    plain_tab.keyboard.press("Enter")
    ann.waits_for_text("and by Enter")

    ann.posts("select me please")
    line = ann.page.locator("flt-semantics", has_text="select me please").last

    # The position of the line is read when the other tab shows it there, too.
    ann.waits_until_stable()
    wait_until_alike(ann.page, plain_tab)
    leaf = line.bounding_box()
    assert leaf is not None
    bottom = leaf["y"] + leaf["height"] - 8
    # Right of the text, and left of the toolbar that appears at the row under the mouse.
    plain_tab.mouse.move(leaf["x"] + leaf["width"] * 0.6, bottom)
    plain_tab.mouse.down()
    plain_tab.mouse.move(leaf["x"] + leaf["width"] * 0.4, bottom, steps=5)
    plain_tab.mouse.move(leaf["x"] + 30, bottom, steps=10)
    plain_tab.mouse.up()
    plain_tab.keyboard.press("Control+c")
    ann.until(
        lambda: "select me please" in str(plain_tab.evaluate("navigator.clipboard.readText()"))
    )


def test_page_is_installable_in_chromium(
    browser: Browser, server: ServerProcess, tmp_path: Path
) -> None:
    # With a profile: Chromium installs nothing from a private window.
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile", executable_path=find_chromium(), args=list(CHROMIUM_FLAGS)
    )
    ann = Tab(context, server.address).opens()
    devtools = context.new_cdp_session(ann.page)
    errors = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert errors == []
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert '"display": "standalone"' in manifest["data"]
    context.close()
