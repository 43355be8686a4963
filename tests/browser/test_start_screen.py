"""The page before Flutter in Chromium: a form for a stranger, and the room of a known person."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect

from tests.browser.test_list_keys import IN_FIELD_JS
from tests.harness.browser import DESKTOP, Tab
from tests.harness.process import ServerProcess

_FLUTTER = "**/main.dart.*"

_DRAFT = "() => fetch('/first-view').then((answer) => answer.json()).then((view) => view.draft)"


class HeldFlutter:
    """Keeps Flutter from loading until the test lets it go on."""

    def __init__(self, context: BrowserContext) -> None:
        self._routes: list[Route] = []
        self._is_held = True
        context.route(_FLUTTER, self._hold)

    def go_on(self) -> None:
        """Load Flutter."""
        self._is_held = False
        for route in self._routes:
            route.continue_()

    def _hold(self, route: Route) -> None:
        if self._is_held:
            self._routes.append(route)
        else:
            route.continue_()


@pytest.mark.parametrize("pause", [0, 500, 1500], ids=lambda pause: f"{pause} ms")
def test_words_right_after_the_name_are_in_the_field_of_the_room(
    browser: Browser, server: ServerProcess, pause: int
) -> None:
    context = browser.new_context()
    tab = Tab(context, server.address)
    tab.page.goto(tab.address)
    expect(tab.name_field).to_be_focused()
    tab.page.wait_for_timeout(pause)
    tab.page.keyboard.type("Maya")
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.type("first words")
    tab.page.locator("#loading").wait_for(state="detached")
    tab.page.wait_for_function(IN_FIELD_JS, arg="first words")
    tab.page.keyboard.type(" and more")
    tab.page.wait_for_function(IN_FIELD_JS, arg="first words and more")
    assert tab.page_errors == []
    context.close()


def test_name_and_first_words_are_typed_before_flutter_is_there(
    browser: Browser, server: ServerProcess
) -> None:
    width, height = DESKTOP
    context = browser.new_context(viewport={"width": width, "height": height})
    tab = Tab(context, server.address)
    page, flutter = tab.page, HeldFlutter(context)
    page.goto(tab.address)
    # A refusal is a sentence in the form.
    expect(tab.name_field).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Name cannot be blank!")
    page.keyboard.type("Maya")
    page.keyboard.press("Enter")
    # The room is there as text, with a field that has the focus.
    expect(page.locator("#loading .rows")).to_contain_text("Maya has joined the chat.")
    expect(page.locator("#loading header")).to_contain_text("Lobby")
    expect(page.locator("#loading textarea")).to_be_focused()
    page.keyboard.type("early <b>words</b>")
    page.keyboard.press("Enter")
    page.keyboard.type("and mo")
    expect(page.locator("#loading .waiting")).to_have_text("early <b>words</b>")
    flutter.go_on()
    page.keyboard.type("re")
    tab.waits_until_ready().waits_for_composer()
    tab.waits_for_text("early <b>words</b>")
    tab.until(lambda: tab.focused_text == "and more")
    # A reload shows the same again, with the draft.
    tab.until(lambda: page.evaluate(_DRAFT) == "and more")
    HeldFlutter(context)
    page.reload()
    expect(page.locator("#loading .rows")).to_contain_text("early <b>words</b>")
    expect(page.locator("#loading textarea")).to_have_value("and more")
    context.close()
