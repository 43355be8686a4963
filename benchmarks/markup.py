"""CPU and bytes of a row with markup: drawn and packed once, without a server.

`python -m benchmarks.markup` prints the median of some rounds for each text. A session only copies
the bytes of a row, whatever its markup; `benchmarks.timeline_rows` measures that.
"""

import argparse
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import median

from benchmarks.table import markdown_table
from chat.model.messages import Message, MessageKind
from chat.model.people import Person
from chat.text.markup import reader
from chat.ui.packing.row_cache import RowCache
from chat.ui.viewer import ViewerContext

TEXTS = {
    "plain": "Shall we meet at noon, or is that too early for you?",
    "plain, with a price and a comparison": "It is < $5 & I have_paid it * twice",
    "bold and a link": "Shall we meet at **noon**? See https://example.org/where",
    "a list of five": "\n".join(f"- point {n} with `code`" for n in range(5)),
    "code of ten lines": "```python\n" + "print('hello')  # and so on\n" * 10 + "```",
    "a table of five rows": "| a | b |\n|---|--:|\n" + "| some | 12 |\n" * 5,
    "the worst that is drawn": "*word* and some more " * 62,
    "the worst that is not": "*a **b " * 260,
}


def run(argv: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.markup", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50, help="%(default)s")
    rounds = parser.parse_args(argv).rounds
    rows = [_measure(name, text, rounds) for name, text in TEXTS.items()]
    print(markdown_table(("text", "CPU µs", "bytes"), rows))


def _measure(name: str, text: str, rounds: int) -> tuple[str, str, str]:
    now, ann, viewer = datetime.now(UTC), Person(1, "Ann"), ViewerContext(UTC)
    before = Message(1, 1, ann, MessageKind.TEXT, "before", now, 1)
    message = Message(1, 2, ann, MessageKind.TEXT, text, now, 2)
    durations, packed = list[float](), b""
    for _ in range(rounds):
        reader.clear_cache()
        row_cache = RowCache()
        started = time.process_time()
        packed = row_cache.packed_row(message, before, viewer)
        durations.append(time.process_time() - started)
    return name, f"{median(durations) * 1e6:.0f}", f"{len(packed):,}"


if __name__ == "__main__":
    run()
