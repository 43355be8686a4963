"""A connection that is cut while somebody reads, in a real Chromium."""

import asyncio
import threading
from functools import partial

from playwright.sync_api import Browser

from tests.chromium import DESKTOP, Tab
from tests.person import Person
from tests.road import a_road
from tests.server import Server


def _has(person: Person, words: str) -> bool:
    return person.words == words


async def _talks(address: str, numbers: range, names: str) -> None:
    """People take turns; one line of ten is said anew. (One alone would talk too fast.)"""
    people = [Person(address) for _ in names]
    for person, name in zip(people, names, strict=True):
        await person.opens(f"/chat?username={name}")
        await person.reads(f"{name} has joined the chat.")
    for n in numbers:
        person = people[n // 10 % len(people)]
        await person.says(f"line {n}")
        if n % 10 == 5:
            await person.presses("up")
            await person.until(partial(_has, person, f"line {n}"))
            await person.says(f"line {n} again")
    for person in people:
        await person.disconnects()


def _talk(address: str, numbers: range, names: str) -> None:
    """In a thread of its own: this one is Playwright's."""
    talking = threading.Thread(target=lambda: asyncio.run(_talks(address, numbers, names)))
    talking.start()
    talking.join()


def _on_screen(tab: Tab) -> list[str]:
    """The lines that are seen: a list draws some beyond its edges, too."""
    seen: list[str] = tab.page.evaluate(
        """() => [...document.querySelectorAll('flt-semantics')]
            .filter(e => !e.querySelector('flt-semantics') && e.textContent.includes('line '))
            .map(e => [e.getBoundingClientRect(), e.textContent.split('\\n').at(-1)])
            .filter(([place]) => place.top > 70 && place.bottom < 800)
            .sort(([a], [b]) => a.top - b.top)
            .map(([place, text]) => `${text} at ${Math.round(place.top)}`)"""
    )
    return seen


def test_who_reads_above_stays_above_and_the_end_is_as_a_fresh_tab_shows_it(
    browser: Browser, server: Server
) -> None:
    width, height = DESKTOP
    with a_road(server.port, delay=0.01) as road:
        context = browser.new_context(viewport={"width": width, "height": height})
        _talk(server.address, range(120), "BC")
        ann = Tab(context, road.address).opens("/chat?username=Ann")
        ann.sees("line 119")
        ann.page.mouse.move(800, 400)
        # First a little: an older page comes, and what is there does not end within the movement.
        ann.page.mouse.wheel(0, -300)
        ann.page.wait_for_timeout(1500)
        ann.page.mouse.wheel(0, -900)
        ann.until(lambda: not any("line 119" in line for line in _on_screen(ann)))
        road.is_closed = True
        road.cut()
        _talk(server.address, range(120, 620), "DEFGHIJK")
        road.is_closed = False
        ann.is_ready()
        # Not at the end: what came meanwhile waits behind the button.
        ann.until(lambda: any("Jump to the latest" in leaf for leaf in ann.leaves), 20)
        assert not any("line 619" in line for line in _on_screen(ann))
        ann.shoots("back-where-one-was")
        ann.page.get_by_role("button", name="Jump to the latest").click()
        ann.sees("line 619", seconds=20)
        fresh = Tab(context, road.address).opens("/")
        fresh.sees("line 619")
        ann.until(lambda: ann.leaves == fresh.leaves)
        assert ann.errors == []
        context.close()
