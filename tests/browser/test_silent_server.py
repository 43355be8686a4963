"""A server that hangs or dies in Chromium: a sign, a bar, and each text is sent once by itself.

And the Back button, which closes the topmost thing.
"""

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from tests.harness.browser import PHONE, Tab
from tests.harness.hostile_clients import non_reading_socket
from tests.harness.process import ServerProcess
from tests.harness.threads import run_in_thread


@pytest.fixture
def ann(browser: Browser, server: ServerProcess) -> Iterator[Tab]:
    width, height = PHONE
    context = browser.new_context(viewport={"width": width, "height": height})
    tab = Tab(context, server.address).opens_as("Ann")
    tab.posts("before")
    yield tab
    context.close()
    assert tab.page_errors == []


def stored_texts(server: ServerProcess) -> list[str]:
    with closing(sqlite3.connect(server.data_folder / "chat.db")) as database:
        query = "SELECT text FROM message WHERE kind = 'text' ORDER BY number"
        return [text for (text,) in database.execute(query)]


def test_server_that_hangs_has_a_sign_then_a_bar_and_gets_the_text_once(
    ann: Tab, server: ServerProcess
) -> None:
    bar = ann.page.locator("#connection-bar")
    server.send_signal(signal.SIGSTOP)
    try:
        ann.page.keyboard.type("while it hangs")
        ann.page.keyboard.press("Enter")
        ann.page.keyboard.type("typed on")
        expect(bar).to_have_text("Waiting for the chat…")
        expect(bar).to_contain_text("Connection lost. What you sent is sent as soon as it is back")
        ann.takes_screenshot("server-hangs")
    finally:
        server.send_signal(signal.SIGCONT)
    expect(bar).to_have_count(0)
    expect(ann.composer).to_have_value("typed on")
    ann.waits_for_text("while it hangs")
    assert stored_texts(server) == ["before", "while it hangs"]


def test_text_that_is_sent_while_the_server_is_away_is_sent_by_itself(
    ann: Tab, server: ServerProcess
) -> None:
    server.kill()
    ann.page.locator("#connection-bar").wait_for()
    ann.page.keyboard.type("one")
    ann.page.keyboard.press("Enter")
    ann.page.keyboard.type(" two")
    ann.page.keyboard.press("Enter")
    ann.page.keyboard.press("Enter")
    ann.page.keyboard.type(" not sent")
    with ann.page.expect_event("load", timeout=60_000):
        server.start()
    ann.waits_until_ready().waits_for_text("one")
    expect(ann.composer).to_have_value(" not sent")
    assert stored_texts(server) == ["before", "one", " two"]
    ann.page.keyboard.type(", sent")
    ann.page.keyboard.press("Enter")
    ann.waits_for_text(" not sent, sent")


def test_back_closes_the_topmost_thing_and_then_leaves_the_room(ann: Tab) -> None:
    page, dialog = ann.page, ann.page.get_by_role("alertdialog")
    ann.posts("/dm Ann")
    page.wait_for_url("**/room/dm-1")
    for _ in range(2):
        page.keyboard.press("Control+/")
        dialog.wait_for()
        page.go_back()
        expect(dialog).to_have_count(0)
        page.wait_for_url("**/room/dm-1")
    page.get_by_role("button", name="Rooms and people").click()
    page.get_by_role("button", name="Jump to").wait_for()
    page.go_back()
    ann.until(lambda: page.get_by_role("button", name="Jump to").count() == 0)
    page.wait_for_url("**/room/dm-1")
    page.go_back()
    ann.waits_for_text("before")
    page.go_forward()
    page.wait_for_url("**/room/dm-1")


def test_server_that_is_stopped_in_order_keeps_what_is_typed_and_is_asked_no_more(
    ann: Tab, server: ServerProcess
) -> None:
    """A client that does not answer keeps the old process for a while: it gets no page back."""
    bar = ann.page.locator("#connection-bar")
    ann.page.keyboard.type("half a sen")
    with run_in_thread(non_reading_socket(server.port)):
        server.send_signal(signal.SIGTERM)
        expect(bar).to_contain_text("You can read and write on")
        ann.page.keyboard.type("tence")
        assert server.wait() == 0
        expect(bar).to_be_visible()
        expect(ann.composer).to_have_value("half a sentence")
        ann.takes_screenshot("server-stopped")
        with ann.page.expect_event("load", timeout=60_000):
            server.start()
    ann.waits_until_ready()
    expect(ann.composer).to_have_value("half a sentence")
    ann.page.keyboard.type(", whole")
    ann.page.keyboard.press("Enter")
    ann.waits_for_text("half a sentence, whole")
    assert stored_texts(server) == ["before", "half a sentence, whole"]
