"""A long text that is pasted: in Chromium the field offers to send it as a file."""

from playwright.sync_api import expect

from tests.harness.browser import Tab

LONG = "\n".join(f"line {n} of a log that nobody wants to scroll past" for n in range(120))


def test_long_text_that_is_pasted_becomes_a_file_of_the_message(ann: Tab) -> None:
    ann.page.keyboard.type("the log: ")
    ann.page.evaluate("text => navigator.clipboard.writeText(text)", LONG)
    ann.page.keyboard.press("Control+v")
    ann.page.get_by_role("button", name="Send as a file").click()
    expect(ann.composer).to_have_value("the log: ")
    expect(ann.composer).to_be_focused()
    ann.page.keyboard.type("see the end")
    ann.page.keyboard.press("Enter")
    expect(ann.composer).to_have_value("")
    with ann.page.expect_download() as download:
        ann.page.get_by_role("button", name="Download pasted text.txt").click()
    assert download.value.path().read_text("utf-8") == LONG
