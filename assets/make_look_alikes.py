"""Make the table of look-alike characters (`chat/text/look_alikes.tsv`) from data of Unicode.

It reads `confusables.txt` (UTS 39) and `ppucd.txt` (the scripts of all characters), which the
source of ICU has in `icu/source/data/unidata`, and the licence beside them:

    python assets/make_look_alikes.py icu/source/data/unidata icu/LICENSE
"""

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TABLE = Path(__file__).resolve().parents[1] / "chat" / "text" / "look_alikes.tsv"

# Characters of every script and of none.
NO_SCRIPTS = frozenset({"Zyyy", "Zinh", "Zzzz"})

HEADER = """\
# Unicode {version}: look-alike characters and scripts, made by assets/make_look_alikes.py from
# confusables.txt (UTS 39) and ppucd.txt. All numbers are hexadecimal code points.
# Lines “=”: a sequence, and the characters that look like it.
# Lines “@”: scripts by their ISO 15924 codes, and the ranges of their characters.
# The licence of the data:
#
"""


def version_of(confusables: str) -> str:
    """The version of Unicode that a file says in its head: `17.0.0`."""
    found = re.search(r"^# Version: ([0-9.]+)$", confusables, re.MULTILINE)
    assert found is not None, "the file says its version"
    return found[1]


def confusable_lines(confusables: str) -> Iterator[str]:
    """`=72 6E`, a tab, and the code points that look like it."""
    sources = defaultdict[str, list[int]](list)
    for line in confusables.lstrip("\ufeff").splitlines():
        fields = [each.strip() for each in line.partition("#")[0].split(";")]
        if len(fields) == 3:
            target = " ".join(f"{int(each, 16):X}" for each in fields[1].split())
            sources[target].append(int(fields[0], 16))
    for target in sorted(sources, key=lambda it: [int(each, 16) for each in it.split()]):
        yield f"={target}\t{' '.join(f'{each:X}' for each in sorted(sources[target]))}"


def script_lines(properties: str) -> Iterator[str]:
    """`@Latn`, a tab, and the ranges of its letters, marks and numbers."""
    # Each line has what differs: that of a block from the defaults, that of a character from both.
    known = dict[int, dict[str, str]]()
    for line in properties.splitlines():
        kind, _, rest = line.partition(";")
        if kind not in {"block", "cp", "unassigned"}:
            continue
        span, _, values = rest.partition(";")
        first, _, last = span.partition("..")
        fields = (each.partition("=") for each in values.split(";"))
        own = {name: value for name, _, value in fields if name in {"sc", "scx", "gc"}}
        for code in range(int(first, 16), int(last or first, 16) + 1):
            known[code] = {} if kind == "unassigned" else {**known.get(code, {}), **own}
    ranges = defaultdict[str, list[list[int]]](list)
    for code in sorted(known):
        of_code = known[code]
        scripts = of_code.get("scx", of_code.get("sc", "Zzzz")).split()
        if of_code.get("gc", "Cn")[0] not in "LMN" or NO_SCRIPTS.intersection(scripts):
            continue
        same = ranges[" ".join(sorted(scripts))]
        if same and same[-1][1] == code - 1:
            same[-1][1] = code
        else:
            same.append([code, code])
    for names in sorted(ranges):
        shown = (f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in ranges[names])
        yield f"@{names}\t{' '.join(shown)}"


def licence_lines(licence: str) -> Iterator[str]:
    """The licence of the data: the first one of the file, as comments."""
    for line in licence.partition("\n-----")[0].strip().splitlines():
        yield f"# {line}".rstrip()


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="with confusables.txt and ppucd.txt")
    parser.add_argument("licence", type=Path, help="the file with the Unicode License V3")
    given = parser.parse_args()
    confusables = (given.folder / "confusables.txt").read_text("utf-8-sig")
    properties = (given.folder / "ppucd.txt").read_text("utf-8")
    assert f"ucd;{version_of(confusables)}" in properties, "both are of one version"
    lines = [
        *HEADER.format(version=version_of(confusables)).splitlines(),
        *licence_lines(given.licence.read_text("utf-8")),
        *confusable_lines(confusables),
        *script_lines(properties),
    ]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
