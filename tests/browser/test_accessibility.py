"""Accessibility in Chromium: axe on fourteen views, and a room as a screen reader has it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from chat.languages import Language, negotiate_language
from tests.browser.test_private_room_and_thread import run_message_action
from tests.harness.browser import ARTEFACTS, DESKTOP, Tab
from tests.harness.process import ServerProcess
from tests.harness.threads import post_lines, run_in_thread

GOLDEN = Path(__file__).parents[1] / "golden" / "room_semantics.txt"

# Messages with most kinds of markup, and a poll.
LINES = (
    "Good morning! **Friday's demo** is nearly ready, see [the plan](https://example.org/plan).",
    "1. two browsers\n2. the *window*",
    '/poll "Lunch after the demo?" "Soup" "Salad"',
    "`main.py` is short",
)

# Findings of these kinds keep somebody out.
SERIOUS = {"serious", "critical"}

# The nodes of the semantics tree, an indented line each: role, level, state, name.
TREE_JS = """() => {
    const lines = [];
    const ROLES = { H1: "heading 1", H2: "heading 2", H3: "heading 3", TEXTAREA: "field",
                    INPUT: "field", A: "link" };
    function walk(element, depth) {
        for (const child of element.children) {
            const role = child.getAttribute("role") ?? ROLES[child.tagName] ?? "";
            const own = [...child.childNodes].filter(each => each.nodeType === 3);
            const isLeaf = !child.querySelector("flt-semantics") && child.tagName !== "SPAN";
            const text = isLeaf ? child.textContent : own.map(each => each.textContent).join("");
            const name = child.getAttribute("aria-label") ?? text;
            const state = ["checked", "expanded", "selected", "disabled"]
                .filter(each => child.getAttribute(`aria-${each}`) === "true").join(" ");
            const line = [role, state, name.split("\\n").map(each => each.trim()).join(" / ")]
                .filter(Boolean).join(" ");
            if (line) lines.push("  ".repeat(depth) + line);
            if (!isLeaf) walk(child, depth + (line ? 1 : 0));
        }
    }
    walk(document.querySelector("flt-semantics-host"), 0);
    return lines.join("\\n");
}"""

# The marks that draw nothing, and what differs from run to run.
_MARKS = re.compile("[\u200b-\u200f\u2060-\u206f]")
_TIME = re.compile(r"\d\d:\d\d")


LANDMARKS_JS = """() => [...document.querySelectorAll("[flt-semantics-identifier]")]
    .map(e => [e.getAttribute("role"), e.ariaLabel, e.hasAttribute("flt-tappable")])"""


def test_room_is_read_as_the_golden_text(browser: Browser, server: ServerProcess) -> None:
    tab = open_room(browser, server, "en-GB")
    tab.until(lambda: "main.py is short" in tab.leaf_texts)
    # He is not among the people who are here any more.
    tab.until(lambda: "Bob" not in tab.leaf_texts)
    tab.waits_until_stable()
    text = _TIME.sub("12:00", _MARKS.sub("", tab.page.evaluate(TREE_JS))) + "\n"
    # A click area without a node of its own would be all of its landmark.
    assert tab.page.evaluate(LANDMARKS_JS) == [
        ["navigation", "Rooms and people", False],
        ["main", "Room", False],
    ]
    ARTEFACTS.mkdir(exist_ok=True)
    (ARTEFACTS / GOLDEN.name).write_text(text, "utf-8")
    assert text == GOLDEN.read_text("utf-8"), f"the new text is {ARTEFACTS / GOLDEN.name}"
    tab.page.context.close()


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_axe_finds_nothing_serious(browser: Browser, server: ServerProcess, language: str) -> None:
    findings = dict(_findings_by_view(browser, server, language))
    ARTEFACTS.mkdir(exist_ok=True)
    table = [f"{view:24} {', '.join(found) or '-'}" for view, found in findings.items()]
    (ARTEFACTS / f"axe-{language}.txt").write_text("\n".join(table) + "\n", "utf-8")
    serious = {
        view: found
        for view, found in findings.items()
        if any(each.partition(" ")[0] in SERIOUS for each in found)
    }
    assert serious == {}
    assert len(findings) == 15


def _findings_by_view(
    browser: Browser, server: ServerProcess, language: str
) -> Iterator[tuple[str, list[str]]]:
    """The views by name, and in each what axe finds: its impact, its rule, and the first node."""
    stranger = Tab(browser.new_context(locale=language), server.address)
    stranger.page.goto(server.address)
    stranger.name_field.wait_for()
    yield "start", axe_findings(stranger)
    stranger.page.context.close()
    tab, t = open_room(browser, server, language), negotiate_language(language)
    tab.until(lambda: "main.py is short" in tab.leaf_texts)
    for view, show in _views(tab, t).items():
        show()
        # The page completes the tree of a view that is still being built.
        tab.page.wait_for_timeout(500)
        assert not any(is_tappable for *_, is_tappable in tab.page.evaluate(LANDMARKS_JS)), view
        yield view, axe_findings(tab)
        tab.page.keyboard.press("Escape")
        tab.page.wait_for_function("() => !document.querySelector('[role=alertdialog]')")
    assert tab.page_errors == []
    tab.page.context.close()


def _views(tab: Tab, t: Language) -> dict[str, Callable[[], object]]:
    """What to do for each view. A panel stays open until another one takes its place."""

    def click(label: str) -> None:
        tab.page.get_by_role("button", name=t(label)).first.click()

    def open_panel(label: str) -> None:
        click(label)
        tab.page.get_by_role("button", name=t("Close the panel")).wait_for()
        # The tooltip of the button is beside the landmarks.
        tab.page.mouse.move(0, 0)

    def click_each(first: str, *others: str) -> None:
        click(first)
        for each in others:
            tab.page.get_by_role("button", name=t(each)).first.wait_for()
            click(each)

    def open_menu() -> None:
        position = tab.position_of("main.py is short")
        assert position is not None
        tab.page.mouse.click(*position, button="right")
        tab.page.get_by_role("alertdialog").wait_for()

    return {
        "room": lambda: tab.page.mouse.move(0, 0),
        "message menu": open_menu,
        "emoji picker": lambda: click("Choose an emoji"),
        "settings": lambda: click("Settings"),
        "programs": lambda: click_each("Settings", "Bots and tokens"),
        "about the room": lambda: click("About this room"),
        "webhooks": lambda: click_each("About this room", "Webhooks"),
        "outgoing webhook": lambda: click_each(
            "About this room", "Webhooks", "New outgoing webhook"
        ),
        "invitation": lambda: click("Invite"),
        "quick switcher": lambda: click("Jump to (Ctrl+K)"),
        "rooms": lambda: click("Rooms: new and all"),
        "search": lambda: open_panel("Search messages"),
        "members": lambda: open_panel("People in this room"),
        "thread": lambda: run_message_action(tab, "main.py is short", t("Reply in thread")),
    }


def open_room(browser: Browser, server: ServerProcess, language: str) -> Tab:
    """Ann's tab with a room in which Bob has spoken."""
    run_in_thread(post_lines(server.address, "Bob", *LINES))
    context = browser.new_context(
        viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, locale=language
    )
    return Tab(context, server.address).opens_as("Ann")


def axe_findings(tab: Tab) -> list[str]:
    """What axe finds on a page: impact, rule, number of nodes, and the first of them."""
    violations: list[dict[str, Any]] = Axe().run(tab.page).response["violations"]
    return [
        f"{each['impact']} {each['id']} ({len(each['nodes'])}: {each['nodes'][0]['html'][:90]})"
        for each in violations
    ]
