"""Names that look alike: the skeletons and the mixed scripts of UTS 39, Unicode 17.

https://www.unicode.org/reports/tr39/ has the algorithms. The table beside this file is read when it
is first needed, in 4 ms.
"""

import re
import unicodedata
from bisect import bisect_right
from functools import cache, lru_cache
from pathlib import Path

from chat.text.names import name_key, strip_invisible

_TABLE = Path(__file__).with_name("look_alikes.tsv")

# UTS 39, 5.1: characters of East Asia are written together in these ways.
_TOGETHER = {
    "Hani": frozenset({"Hanb", "Jpan", "Kore"}),
    "Hira": frozenset({"Jpan"}),
    "Kana": frozenset({"Jpan"}),
    "Hang": frozenset({"Kore"}),
    "Bopo": frozenset({"Hanb"}),
}

# Scripts that may stand beside Latin letters in one word: the level “moderately restrictive”, with
# the recommended scripts of UAX 31 except Cyrillic and Greek.
_BESIDE_LATIN = frozenset(
    {
        *("Hanb", "Jpan", "Kore", "Bopo", "Hang", "Hani", "Hira", "Kana", "Arab", "Hebr", "Thaa"),
        *("Armn", "Geor", "Ethi", "Beng", "Deva", "Gujr", "Guru", "Knda", "Mlym", "Orya", "Sinh"),
        *("Taml", "Telu", "Khmr", "Laoo", "Mymr", "Thai", "Tibt"),
    }
)

_WORD = re.compile(r"[^\s\-_.,'’·/&+()]+")


@cache
def _lines() -> tuple[str, ...]:
    return tuple(_TABLE.read_text("utf-8").splitlines())


@cache
def unicode_version() -> str:
    """The version of Unicode of the table: `17.0.0`."""
    return _lines()[0].split()[2].rstrip(":")


@cache
def _prototypes() -> dict[int, str]:
    """What each character looks like."""
    found = dict[int, str]()
    for line in _lines():
        if line.startswith("="):
            target, sources = line[1:].split("\t")
            prototype = "".join(chr(int(each, 16)) for each in target.split())
            found |= dict.fromkeys((int(each, 16) for each in sources.split()), prototype)
    return found


@cache
def _script_ranges() -> tuple[list[int], list[int], list[frozenset[str]]]:
    """The first and the last character of each range, in order, and its scripts."""
    found = list[tuple[int, int, frozenset[str]]]()
    for line in _lines():
        if line.startswith("@"):
            names, ranges = line[1:].split("\t")
            scripts = frozenset(names.split())
            scripts = scripts.union(*(_TOGETHER.get(each, ()) for each in scripts))
            for each in ranges.split():
                first, _, last = each.partition("-")
                found.append((int(first, 16), int(last or first, 16), scripts))
    found.sort(key=lambda each: each[0])
    return [each[0] for each in found], [each[1] for each in found], [each[2] for each in found]


def load_table() -> None:
    """Read the table now, as on a thread."""
    _prototypes()
    _script_ranges()


def skeleton(text: str) -> str:
    """The skeleton of UTS 39, 4: equal for texts that look alike. It is not meant to be shown."""
    visible = strip_invisible(unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFD", visible.translate(_prototypes()))


@lru_cache(maxsize=50_000)
def look_alike_keys(name: str) -> tuple[str, str]:
    """Two keys: names of which either is equal look alike.

    The first one is that of the name in small letters, so that “ANN” is “Ann”. The second one has
    the letters as they are: “AIice” with a capital I looks like “Alice”, and “aiice” does not.
    """
    as_typed = " ".join(strip_invisible(unicodedata.normalize("NFKC", name)).split())
    return f"a{skeleton(name_key(name)).casefold()}", f"b{skeleton(as_typed)}"


def look_alike(first: str, second: str) -> bool:
    """Whether two names look alike."""
    (a, b), (c, d) = look_alike_keys(first), look_alike_keys(second)
    return a == c or b == d


def has_mixed_scripts(text: str) -> bool:
    """Whether a word of `text` has letters of several scripts that are not written together.

    Latin letters may stand beside those of other scripts, except Cyrillic and Greek ones.
    """
    return not text.isascii() and any(map(_is_mixed, _WORD.findall(text)))


def _is_mixed(word: str) -> bool:
    """UTS 39, 5.1 and 5.2."""
    of_each = {scripts for c in word if (scripts := _scripts(c))}
    if not of_each or frozenset.intersection(*of_each):
        return False
    if not any("Latn" in each for each in of_each):
        return True
    others = [each for each in of_each if "Latn" not in each]
    return not frozenset.intersection(_BESIDE_LATIN, *others)


def _scripts(c: str) -> frozenset[str]:
    """The scripts of a letter; none for what belongs to all scripts."""
    first, last, scripts = _script_ranges()
    place = bisect_right(first, ord(c)) - 1
    return scripts[place] if place >= 0 and ord(c) <= last[place] else frozenset()
