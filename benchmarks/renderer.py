"""Cost of Flutter's two renderers in Chromium: the first load, and a burst of messages.

`python -m benchmarks.renderer` loads the page in a new profile at 10 Mbit/s and 40 ms. Then,
without the slow network, ten people post fifty messages each while Ann's browser draws them. The
third case is plain http from another computer, where the browser gives Flutter neither threads nor
its own image decoders. Without a graphics card, drawing takes CPU, too.
"""

import argparse
import asyncio
import os
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from benchmarks.first_load import PageLoad, browser_profile, load_page, running_chat
from benchmarks.table import markdown_table
from tests.harness.browser import DESKTOP, find_chromium
from tests.harness.slow_network import SlowNetwork
from tests.harness.user import ChatUser

PEOPLE = 10

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class BurstCost:
    """Cost of a burst in the browser: CPU seconds, and megabytes before and after."""

    cpu: float
    before: float
    after: float


@dataclass
class RendererCase:
    """A renderer in one situation, with its measurements."""

    name: str
    renderer: str
    is_plain_http: bool = False
    loads: list[tuple[PageLoad, PageLoad]] = field(default_factory=list)
    bursts: list[BurstCost] = field(default_factory=list)

    def browser_flags(self) -> tuple[str, ...]:
        """Flags of a browser that takes this computer for another one, over plain http."""
        rule = f"--host-resolver-rules=MAP {socket.gethostname()} 127.0.0.1"
        return (rule,) if self.is_plain_http else ()

    def with_hostname(self, network: SlowNetwork) -> SlowNetwork:
        """The network, with the address that this browser uses."""
        if self.is_plain_http:
            network.address = network.address.replace("127.0.0.1", socket.gethostname())
        return network

    def row(self) -> list[str]:
        """The cells of its row: medians."""
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


HEADER = ("renderer", "bytes", "first s", "second s", "burst CPU s", "MB before", "MB after")


def _descendants(pid: int) -> Iterator[int]:
    """Ids of the child processes of a process, and of theirs."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text("ascii").split()):
            yield child
            yield from _descendants(child)


def _browser_processes() -> list[Path]:
    descendants = [Path(f"/proc/{each}") for each in _descendants(os.getpid())]
    return [each for each in descendants if "chrom" in (each / "comm").read_text("ascii")]


def _cpu_seconds() -> float:
    """CPU seconds of all processes of the browser."""
    stats = [
        (each / "stat").read_text("ascii").rpartition(")")[2].split()
        for each in _browser_processes()
    ]
    return sum(int(each[11]) + int(each[12]) for each in stats) / _TICKS


def _memory_megabytes() -> float:
    """Megabytes of the browser (PSS); shared memory counts once."""
    total = 0
    for each in _browser_processes():
        lines = (each / "smaps_rollup").read_text("ascii").splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1000


async def _post_messages(address: str, messages: int) -> None:
    people = [ChatUser(address) for _ in range(PEOPLE)]
    for n, person in enumerate(people):
        await person.opens()
        await person.signs_in(f"P{n}")

    async def post_all(n: int) -> None:
        for m in range(messages):
            await people[n].composer.posts(f"This is message number {m} of person number {n}.")

    await asyncio.gather(*(post_all(n) for n in range(PEOPLE)))
    for person in people:
        await person.disconnects()


def _wait_until_idle(context: BrowserContext) -> None:
    """Wait until the browser uses almost no CPU for two seconds."""
    cpu, quiet = _cpu_seconds(), 0
    while quiet < 2:
        context.pages[0].wait_for_timeout(1000)
        before, cpu = cpu, _cpu_seconds()
        quiet = quiet + 1 if cpu - before < 0.1 else 0


def measure_burst(playwright: Playwright, renderer_case: RendererCase, messages: int) -> BurstCost:
    """Cost of a burst in Ann's browser, while each of ten people posts `messages` messages."""
    with (
        running_chat(slow=False) as network,
        browser_profile(
            playwright, renderer_case.renderer, *renderer_case.browser_flags()
        ) as context,
    ):
        address = network.address
        page = context.pages[0]
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        page.goto(renderer_case.with_hostname(network).address + "/chat?username=Ann")
        # The dialog has the name, and its field has the focus.
        page.wait_for_selector("flt-text-editing-host input", state="attached", timeout=60_000)
        page.keyboard.press("Enter")
        page.wait_for_selector("flt-text-editing-host textarea", state="attached", timeout=60_000)
        page.wait_for_timeout(3000)
        _wait_until_idle(context)
        cpu, before = _cpu_seconds(), _memory_megabytes()
        posting = threading.Thread(target=lambda: asyncio.run(_post_messages(address, messages)))
        posting.start()
        while posting.is_alive():
            page.wait_for_timeout(100)
        _wait_until_idle(context)
        return BurstCost(_cpu_seconds() - cpu, before, _memory_megabytes())


def run(argv: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.renderer", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="%(default)s")
    parser.add_argument(
        "--messages", type=int, default=50, help="messages of each person in a burst (%(default)s)"
    )
    args = parser.parse_args(argv)
    if find_chromium() is None:
        sys.exit("no Chromium was found")
    cases = (
        RendererCase("skwasm", "skwasm"),
        RendererCase("canvaskit", "canvaskit"),
        RendererCase("skwasm, plain http from another computer", "skwasm", is_plain_http=True),
    )
    started = time.monotonic()
    with sync_playwright() as playwright:
        for _ in range(args.rounds):
            for renderer_case in cases:
                with (
                    running_chat(slow=True) as network,
                    browser_profile(
                        playwright, renderer_case.renderer, *renderer_case.browser_flags()
                    ) as context,
                ):
                    case_network = renderer_case.with_hostname(network)
                    renderer_case.loads.append(
                        (load_page(context, case_network), load_page(context, case_network))
                    )
                renderer_case.bursts.append(measure_burst(playwright, renderer_case, args.messages))
    print(f"medians of {args.rounds}, {time.monotonic() - started:.0f} s in all")
    print(markdown_table(HEADER, [each.row() for each in cases]))


if __name__ == "__main__":
    run()
