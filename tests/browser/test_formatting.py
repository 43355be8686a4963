"""Keys and pastes that format the text of the field, in Chromium."""

from playwright.sync_api import expect

from tests.harness.browser import Tab


def test_keys_and_pasted_addresses_format_the_selection(ann: Tab) -> None:
    keyboard = ann.page.keyboard
    keyboard.type("well done")
    for _ in range(4):
        keyboard.press("Shift+ArrowLeft")
    keyboard.press("Control+b")
    expect(ann.composer).to_have_value("well **done**")
    keyboard.press("Control+b")
    expect(ann.composer).to_have_value("well done")
    keyboard.press("Control+i")
    expect(ann.composer).to_have_value("well _done_")
    keyboard.press("Control+z")
    expect(ann.composer).to_have_value("well done")
    keyboard.press("End")
    keyboard.type(" ")
    keyboard.press("Control+e")
    keyboard.type("x = 1")
    keyboard.press("Control+e")
    keyboard.type(", see ")
    ann.page.evaluate("navigator.clipboard.writeText('https://example.org/a_(b)')")
    keyboard.type("notes")
    for _ in range(5):
        keyboard.press("Shift+ArrowLeft")
    keyboard.press("Control+v")
    text = "well done `x = 1`, see [notes](https://example.org/a_%28b%29)"
    expect(ann.composer).to_have_value(text)
    keyboard.type(".")
    keyboard.press("Enter")
    expect(ann.composer).to_have_value("")
    ann.waits_for_text("well done x = 1, see ")
