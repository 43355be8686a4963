"""Screen readers in Chromium: links, names of dialogs, the focus, and the text of rows."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Locator, expect

from tests.harness.browser import Tab

# A page whose title shows its opener and its referrer.
FOREIGN_PAGE = b"<script>document.title = `${window.opener} [${document.referrer}]`</script>"

# Buttons by their accessible names, and the names of the dialogs that they open.
DIALOG_NAMES_BY_BUTTON = {
    "About this room": "Room",
    "Invite": "Invite to Flet Chat",
    "Jump to (Ctrl+K)": "Go to a room or a person",
    "Rooms: new and all": "Browse rooms",
    "Settings": "Settings",
    "Choose an emoji": "Choose an emoji",
}

# Buttons that open a panel beside the room.
PANEL_BUTTONS = ("Pinned messages", "Files and pictures", "Search messages", "Mentions")


@pytest.fixture
def foreign_site() -> Iterator[tuple[str, list[str | None]]]:
    """A foreign site: its URL, and the referrers of the requests to it."""
    referrers: list[str | None] = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/page"):
                referrers.append(self.headers["Referer"])
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(FOREIGN_PAGE)

        def log_message(self, *_: object) -> None:
            pass

    site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    # The chat is at 127.0.0.1: localhost is another origin.
    yield f"http://localhost:{site.server_address[1]}/page", referrers
    site.shutdown()
    site.server_close()


def leaf_with_text(tab: Tab, text: str) -> Locator:
    """The leaf of the semantics tree with this text."""
    return tab.page.locator("flt-semantics-host").get_by_text(text, exact=True).last


def dialog_named(tab: Tab, name: str) -> Locator:
    """The dialog of this name. (Flutter gives the name to a node within the dialog.)"""
    box = tab.page.locator(f'flt-semantics[aria-label^="{name}"]')
    return tab.page.get_by_role("alertdialog").filter(has=box)


def test_link_opens_in_a_new_tab_without_opener_or_referrer(
    ann: Tab, foreign_site: tuple[str, list[str | None]]
) -> None:
    address, referrers = foreign_site
    ann.posts(f"look at [our site]({address}) please")
    with ann.page.context.expect_page() as new_page:
        leaf_with_text(ann, "our site").click()
    expect(new_page.value).to_have_url(address)
    expect(new_page.value).to_have_title("null []")
    assert referrers == [None]
    assert ann.page.url.startswith(ann.address), "the chat stays where it is"


def test_deceptive_link_shows_its_real_target_before_it_opens(
    ann: Tab, foreign_site: tuple[str, list[str | None]]
) -> None:
    address, referrers = foreign_site
    ann.posts(f"see [bank.example]({address}) now")
    leaf_with_text(ann, "bank.example").click()
    dialog = dialog_named(ann, "Where this link leads")
    expect(dialog).to_contain_text("localhost")
    expect(dialog).to_contain_text(address)
    assert (len(ann.page.context.pages), referrers) == (1, [])
    with ann.page.context.expect_page() as new_page:
        dialog.get_by_role("button", name="Open the link").click()
    expect(new_page.value).to_have_title("null []")
    assert referrers == [None]
    expect(dialog).to_have_count(0)


def test_screen_reader_reads_a_formatted_row_as_name_time_and_plain_text(ann: Tab) -> None:
    ann.posts("**Bold** and `code` and ~~gone~~ words")
    ann.waits_for_text("Bold and code and gone words")
    row = next(leaf for leaf in ann.semantics_leaves if "Bold" in leaf)
    name, time, text = row.replace("\n", " ").split(" ", 2)
    assert (name, len(time), text) == ("Ann,", len("12:00,"), "Bold and code and gone words")

    ann.posts("/me waves")
    ann.waits_for_text("waves")
    row = next(leaf for leaf in ann.semantics_leaves if "waves" in leaf)
    name, time, text = row.replace("\n", " ").split(" ")
    assert (name, len(time), text) == ("Ann,", len("12:00,"), "waves")


# The leaves of the semantics tree that get a click beside their own box, because their text is
# wider or higher than it is.
LEAVES_CLICKED_OUTSIDE_JS = """
    () => [...document.querySelectorAll("flt-semantics[flt-tappable]")]
        .filter((leaf) => !leaf.querySelector("flt-semantics") && leaf.textContent)
        .filter((leaf) => {
            const box = leaf.getBoundingClientRect();
            const range = document.createRange();
            range.selectNodeContents(leaf);
            return [...range.getClientRects()].some((text) =>
                [[text.right - 1, text.top + 1], [text.right - 1, text.bottom - 1]].some(
                    ([x, y]) =>
                        (x > box.right || y > box.bottom) &&
                        document.elementFromPoint(x, y) === leaf));
        })
        .map((leaf) => leaf.textContent)
"""


def test_click_reaches_only_what_is_drawn_there(ann: Tab) -> None:
    ann.posts("first")
    ann.posts('/poll "Lunch in the garden?" "Soup" "Salad"')
    ann.until(lambda: ann.position_of("first") is not None)
    position = ann.position_of("first")
    assert position is not None
    ann.page.mouse.click(*position, button="right")
    # In the menu: the toolbar at the row has the same emoji.
    menu = ann.page.get_by_role("alertdialog")
    menu.locator("flt-semantics", has_text="👍").last.click()
    expect(menu).to_have_count(0)
    ann.until(lambda: any("👍 1" in leaf for leaf in ann.semantics_leaves))
    ann.until(lambda: ann.page.evaluate(LEAVES_CLICKED_OUTSIDE_JS) == [])


def test_every_dialog_and_panel_has_a_name_and_the_emoji_picker_returns_focus(ann: Tab) -> None:
    for button, name in DIALOG_NAMES_BY_BUTTON.items():
        ann.page.get_by_role("button", name=button, exact=True).first.click()
        expect(dialog_named(ann, name)).to_have_count(1)
        ann.page.keyboard.press("Escape")
        expect(ann.page.get_by_role("alertdialog")).to_have_count(0)
    for button in PANEL_BUTTONS:
        ann.page.get_by_role("button", name=button, exact=True).first.click()
        close = ann.page.get_by_role("button", name="Close the panel")
        expect(close).to_have_count(1)
        close.click()
        expect(close).to_have_count(0)

    ann.composer.click()
    ann.page.keyboard.type("well ")
    ann.page.get_by_role("button", name="Choose an emoji").click()
    ann.page.get_by_label("Search, or paste an emoji").wait_for()
    ann.page.keyboard.type("tada")
    ann.page.get_by_text("🎉").first.wait_for()
    ann.page.keyboard.press("Enter")
    expect(ann.page.get_by_role("alertdialog")).to_have_count(0)
    expect(ann.composer).to_be_focused()
    ann.page.keyboard.type(" done")
    ann.page.keyboard.press("Enter")
    ann.waits_for_text("well 🎉 done")


def test_focus_that_something_takes_away_again_and_again_returns(ann: Tab) -> None:
    for _ in range(6):
        expect(ann.composer).to_be_focused()
        ann.page.evaluate("document.activeElement.blur()")
    ann.page.keyboard.type("still here")
    expect(ann.composer).to_be_focused()
    expect(ann.composer).to_have_value("still here")
