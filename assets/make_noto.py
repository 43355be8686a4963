"""Make the archive of fallback fonts: a piece for each path that Flutter's engine asks for.

Which paths these are, and which characters the engine expects at each, stands in Flet's web
client, and is read there. The fonts are those of npm packages, which `npm pack` fetches from
wherever npm is set up to look.
"""

import argparse
import io
import re
import shutil
import subprocess
import tarfile
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import flet_web
from fontTools.subset import Options, Subsetter  # type: ignore
from fontTools.ttLib import TTFont  # type: ignore

FONTS = Path(__file__).resolve().parent / "fonts"

# Large families, which are sliced already, with the engine's own numbers.
SLICED = {
    "notosanshk": "@fontsource/noto-sans-hk@5.3.0",
    "notosansjp": "@fontsource/noto-sans-jp@5.3.0",
    "notosanskr": "@fontsource/noto-sans-kr@5.3.0",
    "notosanssc": "@fontsource/noto-sans-sc@5.3.0",
    "notosanstc": "@fontsource/noto-sans-tc@5.3.0",
}

# The slices of this family are SVG pictures, which the engine cannot draw. One file has layers.
EMOJI = {"notocoloremoji": "@fontsource/noto-color-emoji@5.3.2"}
LAYERED = "noto-color-emoji-emoji-400-normal.woff2"

# Whole fonts: the scripts that Unicode calls recommended (UAX #31, table 5), and symbols.
WHOLE = {
    "notosans": "@expo-google-fonts/noto-sans@0.4.2",
    "notosansarabic": "@expo-google-fonts/noto-sans-arabic@0.4.3",
    "notosansarmenian": "@expo-google-fonts/noto-sans-armenian@0.4.2",
    "notosansbengali": "@expo-google-fonts/noto-sans-bengali@0.4.4",
    "notosansdevanagari": "@expo-google-fonts/noto-sans-devanagari@0.4.1",
    "notosansethiopic": "@expo-google-fonts/noto-sans-ethiopic@0.4.2",
    "notosansgeorgian": "@expo-google-fonts/noto-sans-georgian@0.4.3",
    "notosansgujarati": "@expo-google-fonts/noto-sans-gujarati@0.4.2",
    "notosansgurmukhi": "@expo-google-fonts/noto-sans-gurmukhi@0.4.1",
    "notosanshebrew": "@expo-google-fonts/noto-sans-hebrew@0.4.1",
    "notosanskannada": "@expo-google-fonts/noto-sans-kannada@0.4.3",
    "notosanskhmer": "@expo-google-fonts/noto-sans-khmer@0.4.3",
    "notosanslao": "@expo-google-fonts/noto-sans-lao@0.4.2",
    "notosansmalayalam": "@expo-google-fonts/noto-sans-malayalam@0.4.2",
    "notosansmath": "@expo-google-fonts/noto-sans-math@0.4.2",
    "notosansmyanmar": "@expo-google-fonts/noto-sans-myanmar@0.4.2",
    "notosansoriya": "@expo-google-fonts/noto-sans-oriya@0.4.2",
    "notosanssinhala": "@expo-google-fonts/noto-sans-sinhala@0.4.2",
    "notosanssymbols": "@expo-google-fonts/noto-sans-symbols@0.4.1",
    "notosanssymbols2": "@expo-google-fonts/noto-sans-symbols-2@0.4.1",
    "notosanstamil": "@expo-google-fonts/noto-sans-tamil@0.4.3",
    "notosanstelugu": "@expo-google-fonts/noto-sans-telugu@0.4.2",
    "notosansthaana": "@expo-google-fonts/noto-sans-thaana@0.4.2",
    "notosansthai": "@expo-google-fonts/noto-sans-thai@0.4.2",
    "notoseriftibetan": "@expo-google-fonts/noto-serif-tibetan@0.4.2",
}
PACKAGES = SLICED | EMOJI | WHOLE

# Characters that join or modify emoji: skin and hair, woman and man. Every slice has them.
JOINTS = {0x200D, 0xFE0F, 0x20E3, 0x2640, 0x2642, *range(0x1F3FB, 0x1F400)}

# Characters that combine with a letter: these are in a piece although Roboto has them.
CARRIERS = {0x20, 0xA0, 0x2D, 0x200C, 0x200D, 0x25CC}

# The names for author and licence stay in the font.
COPYRIGHT_NAMES = [0, 1, 2, 3, 4, 5, 6, 13, 14]

HEAD = """# The fonts in `noto.zip`

Made by `make_noto.py`, which says how. All are under the SIL Open Font License 1.1, in
[OFL.txt](OFL.txt).

| engine's name | package | what it says of itself | pieces | bytes |
| --- | --- | --- | --: | --: |
"""

Characters = frozenset[int]


def engine_table(script: str) -> dict[str, Characters]:
    """The characters that the engine expects at each path, from its script.

    The engine packs this into two long strings, and unpacks them in `font_fallbacks.dart`: one
    lists sets of fonts, `,` after each, and the other gives each range of characters its set.
    Digits are the high digits of a number to the base of 26, a letter is its last.
    """
    long = [found[1] for found in re.finditer(r'"([a-zA-Z0-9,]{50000,})"', script)]
    [sets] = [each for each in long if "," in each]
    [ranges] = [each for each in long if "," not in each]
    paths = re.findall(r'"(noto[a-z0-9]+/v\d+/[^"/]+\.woff2)"', script)
    choices: list[list[int]] = [[]]
    high, last = 0, -1
    for letter in sets:
        if letter == ",":
            choices.append([])
            last = -1
        elif letter.isdigit():
            high = high * 10 + int(letter)
            continue
        else:
            last += 1 + high * 26 + ord(letter) - ord("a")
            choices[-1].append(last)
        high = 0
    table: dict[str, set[int]] = defaultdict(set)
    high, start, size = 0, 0, 1
    for letter in ranges:
        if letter.isdigit():
            high = high * 10 + int(letter)
            continue
        if letter.islower():
            size = high * 26 + ord(letter) - ord("a") + 2
        else:
            for number in choices[high * 26 + ord(letter) - ord("A")]:
                table[paths[number]].update(range(start, start + size))
            start, size = start + size, 1
        high = 0
    if start != 0x110000:
        raise ValueError("the engine's table has another form than it had")
    return {path: frozenset(table[path]) for path in sorted(table)}


def opened(data: bytes) -> Any:
    """A font from its bytes."""
    return TTFont(io.BytesIO(data), recalcTimestamp=False)


def characters(data: bytes) -> Characters:
    """The code points that a font can draw."""
    with opened(data) as font:
        return frozenset(font.getBestCmap())


def cut(data: bytes, wanted: Characters, features: list[str], drop: list[str]) -> bytes:
    """The part of a font that draws `wanted`, as woff2."""
    options = Options(flavor="woff2", hinting=False, name_IDs=COPYRIGHT_NAMES, glyph_names=False)
    options.layout_features += features
    options.drop_tables += drop
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted)
    with opened(data) as font:
        subsetter.subset(font)
        font.flavor = "woff2"
        font.save(smaller := io.BytesIO())
    return smaller.getvalue()


@dataclass
class Package:
    """One npm package, as `npm pack` fetches it."""

    name: str
    folder: Path
    pieces: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The regular fonts in it by their names without folders."""
        path = self.folder / (self.name.strip("@").replace("/", "-").replace("@", "-") + ".tgz")
        if not path.exists():
            npm = shutil.which("npm") or "npm"
            subprocess.run([npm, "pack", "--silent", self.name], cwd=self.folder, check=True)
        found = {}
        with tarfile.open(path) as archive:
            for member in archive:
                name = Path(member.name).name
                if re.search(r"-400-normal\.woff2$|_400Regular\.ttf$", name):
                    unpacked = archive.extractfile(member)
                    assert unpacked is not None
                    found[name] = unpacked.read()
        return found

    def slice(self, path: str, wanted: Characters) -> bytes:
        """The file with the number of the path; without one, the smallest that has the most."""
        if number := re.search(r"(\.\d+)\.woff2$", path):
            ending = f"{number[1].replace('.', '-')}-400-normal.woff2"
            [data] = [data for name, data in self.files.items() if name.endswith(ending)]
            return data
        files = self.files.values()
        return max(files, key=lambda data: (len(wanted & characters(data)), -len(data)))

    def piece(self, path: str, wanted: Characters, roboto: Characters) -> bytes:
        """The font that is served at the path."""
        family = path.partition("/")[0]
        if family in SLICED:
            return self.slice(path, wanted)
        if family in EMOJI:
            return cut(self.files[LAYERED], wanted | JOINTS, ["*"], ["SVG", "vhea", "vmtx"])
        [whole] = self.files.values()
        # An accent that Roboto lacks is drawn together with its letter, in one font.
        letters = wanted if family == "notosans" else wanted - (roboto - CARRIERS)
        return cut(whole, letters, [], ["STAT"])

    def line(self, family: str) -> str:
        """The package and its fonts in one row of a table."""
        with opened(max(self.files.values(), key=len)) as font:
            said = [font["name"].getDebugName(number) for number in (5, 0)]
        words = "; ".join(word for word in said if word)
        size = sum(map(len, self.pieces.values()))
        return f"| {family} | {self.name} | {words} | {len(self.pieces)} | {size:,} |\n"


def make(packages: dict[str, Package]) -> None:
    """Fill the packages' pieces."""
    web = Path(flet_web.get_package_web_dir())
    roboto = characters((web / "assets" / "fonts" / "roboto.woff2").read_bytes())
    for path, wanted in engine_table((web / "main.dart.js").read_text("utf-8")).items():
        package = packages.get(path.partition("/")[0])
        # The engine never requests characters that Roboto has.
        if package is None or wanted <= roboto:
            continue
        piece = package.pieces[path] = package.piece(path, wanted, roboto)
        missing = wanted - roboto - characters(piece)
        print(f"{len(piece):>9,} {path}{f' lacks {len(missing)}' if missing else ''}", flush=True)


def main() -> None:
    """Write the archive and the list of what is in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the packages are put, and looked for")
    folder: Path = parser.parse_args().folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    packages = {family: Package(name, folder) for family, name in sorted(PACKAGES.items())}
    make(packages)
    with ZipFile(FONTS / "noto.zip", "w", ZIP_STORED) as archive:
        for package in packages.values():
            for path, piece in package.pieces.items():
                # Without a time, so that the result is always the same.
                archive.writestr(ZipInfo(path), piece)
    lines = [package.line(family) for family, package in packages.items()]
    (FONTS / "noto.md").write_text(HEAD + "".join(lines), "utf-8")
    print(f"{(FONTS / 'noto.zip').stat().st_size:,} bytes in all")


if __name__ == "__main__":
    main()
