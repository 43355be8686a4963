"""What Flutter's two renderers cost in Chromium: the first load, and a burst of messages drawn.

`python -m benchmarks.renderer` loads the page in a new profile on a line of 10 Mbit/s and 40 ms,
then, without that line, lets ten people say fifty messages each while Ann looks on. A third line is
what a computer of the same network gets over plain http, where the browser gives Flutter neither
threads nor its own image decoders. Without a graphics card, as here, the processor draws, too.
"""

import asyncio
import os
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from benchmarks.first_load import Load, a_chat, a_profile, load
from benchmarks.table import markdown
from tests.harness.browser import DESKTOP, chromium
from tests.harness.client import Person
from tests.harness.slow_network import Road

PEOPLE, EACH = 10, 50
TIMES = 3

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Drawn:
    """What a burst cost the browser: seconds of processor time, and megabytes before and after."""

    cpu: float
    before: float
    after: float


@dataclass
class Way:
    """One way to draw, and what was measured of it."""

    name: str
    renderer: str
    plain: bool = False
    loads: list[tuple[Load, Load]] = field(default_factory=list)
    bursts: list[Drawn] = field(default_factory=list)

    def profile(self) -> tuple[str, ...]:
        """The flags of a browser for which this computer is another one."""
        rule = f"--host-resolver-rules=MAP {socket.gethostname()} 127.0.0.1"
        return (rule,) if self.plain else ()

    def road(self, road: Road) -> Road:
        """The road as this browser calls it."""
        if self.plain:
            road.address = road.address.replace("127.0.0.1", socket.gethostname())
        return road

    def line(self) -> list[str]:
        """Its line of the table: the medians."""
        first, second = ([pair[n] for pair in self.loads] for n in (0, 1))
        return [
            self.name,
            f"{first[0].bytes:,}",
            f"{statistics.median(each.seconds for each in first):.1f}",
            f"{statistics.median(each.seconds for each in second):.1f}",
            f"{statistics.median(each.cpu for each in self.bursts):.1f}",
            f"{statistics.median(each.before for each in self.bursts):.0f}",
            f"{statistics.median(each.after for each in self.bursts):.0f}",
        ]


HEAD = ("renderer", "bytes", "first s", "second s", "burst CPU s", "MB before", "MB after")


def _family(of: int) -> Iterator[int]:
    """The processes that a process started, and those that they started."""
    for task in Path(f"/proc/{of}/task").iterdir():
        for child in map(int, (task / "children").read_text("ascii").split()):
            yield child
            yield from _family(child)


def _browser() -> list[Path]:
    family = [Path(f"/proc/{each}") for each in _family(os.getpid())]
    return [each for each in family if "chrom" in (each / "comm").read_text("ascii")]


def _cpu() -> float:
    """Seconds that all processes of the browser have worked."""
    stats = [(each / "stat").read_text("ascii").rpartition(")")[2].split() for each in _browser()]
    return sum(int(each[11]) + int(each[12]) for each in stats) / _TICKS


def _memory() -> float:
    """Megabytes of the browser; what its processes share counts once."""
    total = 0
    for each in _browser():
        lines = (each / "smaps_rollup").read_text("ascii").splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1000


async def _talk(address: str) -> None:
    people = [Person(address) for _ in range(PEOPLE)]
    for n, person in enumerate(people):
        await person.opens()
        await person.comes_in(f"P{n}")

    async def says(n: int) -> None:
        for m in range(EACH):
            await people[n].says(f"This is what person {n} has to say, for the {m}. time.")

    await asyncio.gather(*(says(n) for n in range(PEOPLE)))
    for person in people:
        await person.disconnects()


def _rests(context: BrowserContext) -> None:
    """Wait until the browser does almost nothing."""
    used, quiet = _cpu(), 0
    while quiet < 2:
        context.pages[0].wait_for_timeout(1000)
        before, used = used, _cpu()
        quiet = quiet + 1 if used - before < 0.1 else 0


def burst(playwright: Playwright, way: Way) -> Drawn:
    """Ann looks on while everybody talks."""
    with a_chat(slow=False) as road, a_profile(playwright, way.renderer, *way.profile()) as context:
        near = road.address
        page = context.pages[0]
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        page.goto(way.road(road).address + "/chat?username=Ann")
        page.wait_for_selector("flt-text-editing-host textarea", state="attached", timeout=60_000)
        page.wait_for_timeout(3000)
        _rests(context)
        cpu, before = _cpu(), _memory()
        talk = threading.Thread(target=lambda: asyncio.run(_talk(near)))
        talk.start()
        while talk.is_alive():
            page.wait_for_timeout(100)
        _rests(context)
        return Drawn(_cpu() - cpu, before, _memory())


def main() -> None:
    """Measure and print."""
    if chromium() is None:
        sys.exit("no Chromium was found")
    ways = (
        Way("skwasm", "skwasm"),
        Way("canvaskit", "canvaskit"),
        Way("skwasm, plain http from another computer", "skwasm", plain=True),
    )
    begun = time.monotonic()
    with sync_playwright() as playwright:
        for _ in range(TIMES):
            for way in ways:
                with (
                    a_chat(slow=True) as road,
                    a_profile(playwright, way.renderer, *way.profile()) as context,
                ):
                    there = way.road(road)
                    way.loads.append((load(context, there), load(context, there)))
                way.bursts.append(burst(playwright, way))
    print(f"medians of {TIMES}, {time.monotonic() - begun:.0f} s in all")
    print(markdown(HEAD, [way.line() for way in ways]))


if __name__ == "__main__":
    main()
