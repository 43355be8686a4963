"""The screen of a person of the team at one of four sizes, with what differs on a phone."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from chat.ui.theme.theme import PHONE_BREAKPOINT, SIDE_PANE_BREAKPOINT
from tests.harness.browser import Tab
from tests.harness.team_chat import VIEWER, TeamChat

# A phone, a tablet, a laptop and a large screen: width and height in pixels.
SIZES = ((390, 844), (768, 1024), (1440, 900), (1920, 1080))

# What is drawn beyond the left or right edge of the page: its text, and both edges in pixels.
_BEYOND_EDGES_JS = """() => [...document.querySelectorAll("flt-semantics")]
    .filter(each => !each.querySelector("flt-semantics") && (each.textContent || each.ariaLabel))
    .map(each => [each.textContent || each.ariaLabel, each.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.left < -1 || box.right > innerWidth + 1))
    .map(([text, box]) => [text, box.left, box.right])"""

# The box of what is in an element; its own where that is smaller.
_DRAWN_BOX_JS = """element => {
    const own = element.getBoundingClientRect();
    const boxes = [...element.children].map(each => each.getBoundingClientRect());
    const left = Math.max(own.left, Math.min(...boxes.map(each => each.left)));
    const top = Math.max(own.top, Math.min(...boxes.map(each => each.top)));
    const right = Math.min(own.right, Math.max(...boxes.map(each => each.right)));
    const bottom = Math.min(own.bottom, Math.max(...boxes.map(each => each.bottom)));
    return { x: left, y: top, width: right - left, height: bottom - top };
}"""

# Milliseconds that are longer than any animation.
_ANIMATION = 700


def sizes_of(config: pytest.Config, *usual: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """The sizes at which a story runs: the `usual` ones, all with `--all-sizes`."""
    return SIZES if config.getoption("--all-sizes") else usual


@dataclass(frozen=True, slots=True)
class Pictures:
    """Where the screenshots of a story go. `are_all`: in both themes, and at every step."""

    name: str
    are_all: bool


class Screen:
    """One page of a person, and its screenshots."""

    def __init__(
        self,
        browser: Browser,
        address: str,
        size: tuple[int, int],
        *,
        pictures: Pictures,
        team: TeamChat | None = None,
        name: str = VIEWER,
    ) -> None:
        self.width, self.height = size
        self.is_phone = self.width < PHONE_BREAKPOINT
        self.has_side_pane = self.width >= SIDE_PANE_BREAKPOINT
        self._pictures, self._picture_count = pictures, 0
        context = browser.new_context(
            viewport={"width": self.width, "height": self.height},
            has_touch=self.is_phone,
            locale="en-GB",
        )
        if team is not None:
            team.sign_in(context, address, name)
        context.set_default_timeout(20_000)
        self.tab = Tab(context, address)

    @property
    def page(self) -> Page:
        """The page."""
        return self.tab.page

    @property
    def dialog(self) -> Locator:
        """The open dialog, menu or sheet."""
        return self.page.locator("flt-semantics-host [role$=dialog]")

    @property
    def dialog_box(self) -> FloatRect:
        """The box of the open dialog as it is drawn: its node may be as large as the page."""
        box: FloatRect = self.dialog.evaluate(_DRAWN_BOX_JS)
        return box

    def opens(self, path: str = "/room/lobby") -> "Screen":
        """Load the page."""
        self.tab.opens(path).waits_for_composer()
        return self

    def button(self, name: str | re.Pattern[str], *, exact: bool = True) -> Locator:
        """The first button of this name."""
        return self.page.get_by_role("button", name=name, exact=exact).first

    def clicks(self, name: str | re.Pattern[str], *, exact: bool = True) -> None:
        """Click a button."""
        self.button(name, exact=exact).click()

    def shows_sidebar(self) -> None:
        """Open the drawer of a phone; elsewhere the sidebar is there."""
        if self.is_phone and not self.button("Settings").is_visible():
            self.page.get_by_role("button", name="Rooms and people").click()
            self.button("Settings").wait_for()
            self.page.wait_for_timeout(_ANIMATION)

    def hides_sidebar(self) -> None:
        """Close the drawer of a phone, by a touch beside it."""
        if self.is_phone and self.button("Settings").is_visible():
            self.page.mouse.click(self.width - 20, self.height / 2)
            expect(self.button("Settings")).to_have_count(0)

    def opens_menu(self, box: FloatRect) -> tuple[float, float]:
        """Open the menu of a row: by a right click, on a phone by a long touch.

        Returns the point of the click.
        """
        x, y = box["x"] + min(90, box["width"] / 2), box["y"] + box["height"] - 12
        if self.is_phone:
            touch = self.page.context.new_cdp_session(self.page)
            points = {"touchPoints": [{"x": x, "y": y}]}
            touch.send("Input.dispatchTouchEvent", {"type": "touchStart", **points})
            self.dialog.wait_for()
            touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            touch.detach()
        else:
            self.page.mouse.click(x, y, button="right")
        self.dialog.wait_for()
        self.page.wait_for_timeout(_ANIMATION)
        return x, y

    def row(self, text: str) -> FloatRect:
        """The box of the message with this text."""
        rows = self.page.locator('[aria-label="Messages"] flt-semantics', has_text=text)
        box = rows.last.bounding_box()
        assert box is not None
        return box

    def opens_message_menu(self, text: str) -> tuple[float, float]:
        """Open the menu of a message; returns the point of the click."""
        self.tab.until(lambda: self.tab.position_of(text) is not None)
        return self.opens_menu(self.row(text))

    def assert_menu_is_at(self, point: tuple[float, float]) -> None:
        """The open menu is where the pointer was; on a phone it is a sheet at the lower edge."""
        box = self.dialog_box
        left, top, right, bottom = (
            box["x"],
            box["y"],
            box["x"] + box["width"],
            box["y"] + box["height"],
        )
        if self.is_phone:
            assert (round(left), round(right), round(bottom)) == (0, self.width, self.height)
        else:
            x, y = point
            assert left - 60 <= x <= right + 60
            assert top - 60 <= y <= bottom + 60
            assert left >= 0 and top >= 0 and right <= self.width and bottom <= self.height

    def closes_dialog(self) -> None:
        """Escape closes the topmost dialog."""
        self.page.keyboard.press("Escape")
        expect(self.dialog).to_have_count(0)

    def waits_for_path(self, path: str) -> None:
        """Wait until the address has this path."""
        self.tab.until(lambda: self.page.url == self.tab.address + path)

    def fits(self, step: str) -> list[Path]:
        """All that is on the screen is within its edges. Takes screenshots of the step."""
        self.page.wait_for_timeout(_ANIMATION)
        assert self.page.evaluate(_BEYOND_EDGES_JS) == []
        self._picture_count += 1
        if not self._pictures.are_all:
            return []
        paths = list[Path]()
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            self.page.wait_for_timeout(_ANIMATION)
            name = f"{self._pictures.name}-{self.width}-{self._picture_count}-{step}-{scheme}"
            paths.append(self.tab.takes_screenshot(name))
        self.page.emulate_media(color_scheme="light")
        return paths

    def ends(self) -> None:
        """Close the page, in which no error may have happened."""
        assert not self.tab.page_errors, self.tab.page_errors
        self.page.context.close()
