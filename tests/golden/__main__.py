"""Renews the golden files, or with `--dump DIR` writes each drawing as JSON into a folder."""

import argparse
import asyncio
from pathlib import Path

from tests.golden.files import current_drawings, current_golden, current_schema
from tests.golden.story import story_frames


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("--dump", type=Path, metavar="DIR", help="change nothing, write JSON here")
    folder: Path | None = parser.parse_args().dump
    if folder is None:
        golden = asyncio.run(current_golden())
        golden.write()
        print(f"{len(golden.hashes)} drawings, the schema and the script's frames are stored.")
        return
    # Written one after the other, so that a failure does not lose the earlier ones.
    drawings = asyncio.run(current_drawings())
    drawings.dump(folder)
    print(f"{len(drawings.packed)} drawings are in {folder}.")
    (folder / "schema.sql").write_text(asyncio.run(current_schema()), "utf-8")
    (folder / "script.txt").write_text(asyncio.run(story_frames()), "utf-8")


if __name__ == "__main__":
    main()
