"""`flutter-input.js` on an empty page: typed text is restored whatever Flutter writes over it.

Flutter is simulated here: it listens to a field, or not yet, and writes the text that it knows.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

_SCRIPT = Path(__file__).parents[2] / "assets" / "flutter-input.js"

# A field like that of Flutter: `listens()` and `writes(text)` do what Flutter does to it.
_FIELD_JS = """() => {
    const field = document.createElement("textarea");
    document.body.append(field);
    window.listens = () => field.addEventListener("input", () => {});
    window.writes = (text) => {
        field.value = text;
        field.setSelectionRange(text.length, text.length);
    };
    field.focus();
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with the script and a field that has the focus, to which nobody listens."""
    page = browser.new_page()
    page.add_script_tag(path=_SCRIPT)
    page.evaluate(_FIELD_JS)
    yield page
    page.close()


def flutter_starts_to_listen(page: Page, text: str) -> None:
    """Flutter listens from now on, and writes the text that it knows."""
    page.evaluate("text => { listens(); writes(text); }", text)


def test_typed_text_is_restored_when_flutter_starts_to_listen(page: Page) -> None:
    page.keyboard.type("hello")
    flutter_starts_to_listen(page, "")
    expect(page.locator("textarea")).to_have_value("hello")


def test_text_that_flutter_overwrites_twice_is_restored_twice(page: Page) -> None:
    page.evaluate("writes('stored')")
    page.keyboard.press("Control+a")
    page.keyboard.type("n")
    flutter_starts_to_listen(page, "stored")
    expect(page.locator("textarea")).to_have_value("n")
    page.evaluate("writes('stored')")
    expect(page.locator("textarea")).to_have_value("n")
    page.keyboard.type("ext")
    expect(page.locator("textarea")).to_have_value("next")


def test_text_that_flutter_received_between_two_writes_is_kept(page: Page) -> None:
    flutter_starts_to_listen(page, "stored")
    page.keyboard.type(" and more")
    page.evaluate("writes('stored')")
    expect(page.locator("textarea")).to_have_value("stored and more")
    page.evaluate("() => { flutterInput.forget(); writes('stored'); }")
    expect(page.locator("textarea")).to_have_value("stored")


def test_another_text_from_flutter_is_not_overwritten(page: Page) -> None:
    page.keyboard.type("n")
    flutter_starts_to_listen(page, "")
    page.evaluate("writes('a draft of another room')")
    expect(page.locator("textarea")).to_have_value("a draft of another room")
    page.evaluate("() => { flutterInput.forget(); writes(''); }")
    expect(page.locator("textarea")).to_have_value("")


def test_text_typed_into_a_field_without_its_text_goes_to_the_end(page: Page) -> None:
    page.keyboard.type("!")
    flutter_starts_to_listen(page, "well")
    expect(page.locator("textarea")).to_have_value("well!")
    page.keyboard.type("?")
    expect(page.locator("textarea")).to_have_value("well!?")
