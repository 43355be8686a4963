"""The light pages in Chromium, with JavaScript and without."""

from playwright.sync_api import Browser, Page, expect

from tests.harness.process import ServerProcess


def light_page(browser: Browser, server: ServerProcess, *, has_script: bool) -> Page:
    """The first light page in a new browser, on a phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=has_script
    )
    page = context.new_page()
    if has_script:
        page.goto(f"{server.address}/light")
    else:
        # The page of the chat says where to go.
        page.goto(server.address)
        page.get_by_role("link", name="light page").click()
    return page


def join(page: Page, name: str) -> None:
    """Enter a name, which leads to the chat."""
    expect(page.locator("#username")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Lobby")


def send(page: Page, text: str) -> None:
    """Type a text, and send it with Enter."""
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_pages_with_and_without_javascript_talk_with_each_other(
    browser: Browser, server: ServerProcess
) -> None:
    ann, bob = (light_page(browser, server, has_script=each) for each in (True, False))
    join(ann, "Ann")
    join(bob, "Bob")
    rows = ann.frame_locator("iframe").locator("li")
    send(bob, "from the form")
    expect(rows.last).to_contain_text("Bob from the form")
    # With a script the page stays: what is typed meanwhile is not lost.
    ann.evaluate("window.stays = true")
    for number in range(1, 16):
        send(ann, f"line {number}")
        expect(rows.last).to_contain_text(f"line {number}")
    assert ann.evaluate("window.stays") is True
    expect(rows.last).to_be_in_viewport()
    # Without one the frame loads itself anew.
    bob_rows = bob.frame_locator("iframe").locator("li")
    expect(bob_rows.last).to_contain_text("line 15", timeout=30_000)
    # A refused text leads to a page with the reason.
    send(ann, "   ")
    expect(ann.get_by_role("alert")).to_be_visible()
    send(ann, "after that")
    expect(rows.last).to_contain_text("after that")
