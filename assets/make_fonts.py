"""Make the chat's own fonts from unpacked npm packages: semi-bold, for code, blank."""

import argparse
import shutil
from pathlib import Path

import flet_web
from fontTools.fontBuilder import FontBuilder  # type: ignore
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore
from fontTools.subset import Options, Subsetter  # type: ignore
from fontTools.ttLib import TTFont  # type: ignore

FONTS = Path(__file__).resolve().parent / "fonts"

SEMI_BOLD = Path("600SemiBold") / "Roboto_600SemiBold.ttf"
MONO = Path("400Regular") / "RobotoMono_400Regular.ttf"
LICENCE = "LICENSE_FONT"

# The characters of the font for code: Latin, Greek and Cyrillic letters, punctuation, arrows,
# mathematics, frames and blocks. Others are drawn with the fallback fonts.
IN_CODE = {
    *(*range(0x20, 0x7F), *range(0xA0, 0x250), *range(0x370, 0x460), *range(0x2000, 0x2070)),
    *(0x20AC, *range(0x2190, 0x2300), *range(0x2500, 0x2600)),
}

# The names for author and licence stay in the font.
COPYRIGHT_NAMES = [0, 1, 2, 3, 4, 5, 6, 13, 14]

BLANK = "Stands in for a fallback font that the chat has not."

# In seconds since 1904, as fonts count.
YEAR_1970 = 2_082_844_800


def regular() -> Path:
    """The one Roboto that Flet brings."""
    return Path(flet_web.get_package_web_dir()) / "assets" / "fonts" / "roboto.woff2"


def characters(font: Path) -> set[int]:
    """The code points that a font can draw."""
    with TTFont(font) as opened:
        return set(opened.getBestCmap())


def make_semi_bold(package: Path, to: Path) -> None:
    """Cut the package's semi-bold to the characters of Flet's regular.

    Raises ValueError if one of them is not in the package: in bold it would be a box.
    """
    wanted = characters(regular())
    if missing := wanted - characters(package / SEMI_BOLD):
        raise ValueError(f"{SEMI_BOLD} cannot draw {sorted(map(hex, missing))}")
    cut(package / SEMI_BOLD, wanted, to)


def cut(source: Path, wanted: set[int], to: Path) -> None:
    """Write a font that draws these code points and no others."""
    options = Options(flavor="woff2", hinting=False, name_IDs=COPYRIGHT_NAMES)
    # Keep the box, so that a name that no font can draw is visible.
    options.notdef_outline = True
    options.drop_tables += ["STAT"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted)
    with TTFont(source, recalcTimestamp=False) as font:
        subsetter.subset(font)
        font.flavor = "woff2"
        font.save(to)


def make_blank(to: Path) -> None:
    """Write a tiny font that every renderer accepts: no character, and a dot without size."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 0))
    pen.closePath()
    glyph = ".notdef"
    builder = FontBuilder(unitsPerEm=1000)
    builder.setupGlyphOrder([glyph])
    builder.setupCharacterMap({})
    # Chromium refuses a font without an outline or a name, and CanvasKit one under 250 bytes.
    builder.setupGlyf({glyph: pen.glyph()})
    names = {"familyName": "Blank", "styleName": "Regular", "description": BLANK}
    builder.setupNameTable(names, mac=False)
    builder.setupHorizontalMetrics({glyph: (0, 0)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost(keepGlyphNames=False)
    # A fixed time, so that the result is always the same.
    builder.updateHead(created=YEAR_1970, modified=YEAR_1970)
    builder.font.recalcTimestamp = False
    builder.font.flavor = "woff2"
    builder.save(to)


def main() -> None:
    """Write the fonts and the licence, and say how large they became."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="the folder of the unpacked Roboto")
    parser.add_argument("mono", type=Path, help="the folder of the unpacked Roboto Mono")
    given = parser.parse_args()
    package: Path = given.package
    FONTS.mkdir(exist_ok=True)
    make_semi_bold(package, FONTS / "roboto-600.woff2")
    cut(given.mono / MONO, IN_CODE & characters(given.mono / MONO), FONTS / "roboto-mono.woff2")
    make_blank(FONTS / "blank.woff2")
    shutil.copyfile(package / LICENCE, FONTS / "OFL.txt")
    for path in sorted(FONTS.glob("*.woff2")):
        print(f"{path.name}: {len(characters(path))} characters, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
