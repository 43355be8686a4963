"""`semantics-tree.js` on an empty page: a field that Flutter moves keeps the focus."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

_SCRIPT = Path(__file__).parents[2] / "assets" / "semantics-tree.js"

# Two parts of a tree, the first with a field, which records what it hears of its focus.
_TREE_JS = """() => {
    document.body.innerHTML = "<div id=one><p><input></p></div><div id=two><hr></div>";
    window.heard = [];
    for (const kind of ["blur", "focus"])
        document.querySelector("input").addEventListener(kind, () => heard.push(kind));
    document.querySelector("input").focus();
}"""


@pytest.fixture(params=["moveBefore", "without moveBefore"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page with the script and a field that has the focus, in a newer or an older browser."""
    page = browser.new_page()
    if request.param == "without moveBefore":
        page.evaluate("delete Element.prototype.moveBefore")
    page.add_script_tag(content=f"const words = (text) => text; {_SCRIPT.read_text('utf-8')}")
    page.evaluate(_TREE_JS)
    yield page
    page.close()


@pytest.mark.parametrize("move", ["two.append(part)", "two.insertBefore(part, two.firstChild)"])
def test_field_that_is_moved_keeps_the_focus_and_the_cursor(page: Page, move: str) -> None:
    page.keyboard.type("helo")
    page.keyboard.press("ArrowLeft")
    page.evaluate(f"() => {{ const part = document.querySelector('p'); {move}; }}")
    page.keyboard.type("l")
    expect(page.locator("#two input")).to_have_value("hello")
    expect(page.locator("#two input")).to_be_focused()
    assert page.evaluate("heard") == ["focus"]


def test_field_that_is_removed_loses_the_focus(page: Page) -> None:
    page.evaluate("document.createElement('div').append(document.querySelector('p'))")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
