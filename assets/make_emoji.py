"""Make the table of emoji (`chat/text/emoji.tsv`) from an npm package, which `npm pack` fetches.

One line an emoji, in the order of Unicode's charts: the emoji, its group, its five skin tones, its
shortcodes, its name and what else it is called in English, and both in Chinese.
"""

import argparse
import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

PACKAGE = "emojibase-data@17.0.0"
TABLE = Path(__file__).resolve().parents[1] / "chat" / "text" / "emoji.tsv"

# The order of the shortcode lists where two of them disagree: GitHub's, then Slack's.
SHORTCODES = ("github", "iamcal", "emojibase", "joypixels")

# The newest version of Unicode's emoji that the fonts can draw (`make_noto.py`).
NEWEST = 16

# Skin tones and hair alone.
COMPONENTS = 2

HEAD = f"""# Emoji, made by assets/make_emoji.py from the npm package {PACKAGE}:
# emoji, group, skin tones, shortcodes, English name, more words, Chinese name, more words.
# The licence of the package:
#
"""


def contents(folder: Path) -> dict[str, Any]:
    """The needed files of the package by their paths: JSON, and the licence."""
    path = folder / f"{PACKAGE.replace('@', '-')}.tgz"
    if not path.exists():
        npm = shutil.which("npm") or "npm"
        subprocess.run([npm, "pack", "--silent", PACKAGE], cwd=folder, check=True)
    wanted = {f"package/en/shortcodes/{each}.json" for each in SHORTCODES}
    wanted |= {"package/en/data.json", "package/zh/data.json", "package/LICENSE"}
    found = {}
    with tarfile.open(path) as archive:
        for member in archive:
            if member.name in wanted:
                unpacked = archive.extractfile(member)
                assert unpacked is not None
                is_json = member.name.endswith(".json")
                content = json.load(unpacked) if is_json else unpacked.read().decode()
                found[member.name.removeprefix("package/")] = content
    return found


def shortcodes(files: dict[str, Any]) -> dict[str, list[str]]:
    """The shortcodes of each emoji (by its code points); each means one emoji only."""
    meant: dict[str, str] = {}
    for source in SHORTCODES:
        for code, names in files[f"en/shortcodes/{source}.json"].items():
            for name in [names] if isinstance(names, str) else names:
                meant.setdefault(name, code)
    found: dict[str, list[str]] = {}
    for name, code in meant.items():
        found.setdefault(code, []).append(name)
    return found


def tones(entry: dict[str, Any]) -> list[str]:
    """The emoji in the five tones, of one or of both people in it."""
    skins = entry.get("skins", ())
    same = {skin["tone"]: skin["emoji"] for skin in skins if isinstance(skin["tone"], int)}
    return [same[tone] for tone in range(1, 6)] if len(same) == 5 else []


def qualified(entry: dict[str, Any]) -> str:
    """The emoji as keyboards write it: U+FE0F only after a character that is text without it."""
    emoji: str = entry["emoji"]
    is_picture = entry["type"] == 1
    return emoji.removesuffix("\ufe0f") if is_picture and len(emoji) == 2 else emoji


def lines(files: dict[str, Any]) -> list[str]:
    """The table."""
    names = shortcodes(files)
    chinese = {each["hexcode"]: each for each in files["zh/data.json"]}
    found = []
    for entry in sorted(files["en/data.json"], key=lambda each: each.get("order", 0)):
        group = entry.get("group", COMPONENTS)
        if group == COMPONENTS or entry["version"] > NEWEST:
            continue
        other = chinese[entry["hexcode"]]
        columns = (
            qualified(entry),
            str(group),
            " ".join(tones(entry)),
            " ".join(names.get(entry["hexcode"], ())),
            entry["label"],
            " ".join(entry.get("tags", ())),
            other["label"],
            " ".join(other.get("tags", ())),
        )
        found.append("\t".join(columns) + "\n")
    return found


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the package is put, and looked for")
    folder: Path = parser.parse_args().folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    files = contents(folder)
    licence = "".join(f"# {line}".rstrip() + "\n" for line in files["LICENSE"].splitlines())
    TABLE.write_text(HEAD + licence + "".join(lines(files)), "utf-8")
    print(f"{TABLE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
