"""Renews what is kept, or with `--dump DIR` writes each drawing as JSON into a folder."""

import argparse
import asyncio
from pathlib import Path

from tests.golden.kept import drawings, golden, schema
from tests.golden.story import told


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("--dump", type=Path, metavar="DIR", help="change nothing, write JSON here")
    folder: Path | None = parser.parse_args().dump
    if folder is None:
        now = asyncio.run(golden())
        now.keep()
        print(f"{len(now.drawn)} drawings, the schema and the script's frames are kept.")
        return
    # Written one after the other, so that a failure does not lose the earlier ones.
    drawn = asyncio.run(drawings())
    drawn.dump(folder)
    print(f"{len(drawn.kept)} drawings are in {folder}.")
    (folder / "schema.sql").write_text(asyncio.run(schema()), "utf-8")
    (folder / "script.txt").write_text(asyncio.run(told()), "utf-8")


if __name__ == "__main__":
    main()
