"""Renews what is kept, or with `--dump DIR` writes each drawing as JSON into a folder."""

import argparse
import asyncio
from pathlib import Path

from tests.golden.kept import golden, kept


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("--dump", type=Path, metavar="DIR", help="change nothing, write JSON here")
    folder: Path | None = parser.parse_args().dump
    now, drawings = asyncio.run(golden())
    if folder is None:
        now.keep()
        print(f"{len(now.drawn)} drawings, the schema and the script's frames are kept.")
        return
    drawings.dump(folder)
    (folder / "schema.sql").write_text(now.schema, "utf-8")
    (folder / "script.txt").write_text(now.script, "utf-8")
    same = now == kept()
    print(f"{len(now.drawn)} drawings are in {folder}; they are {'' if same else 'not '}as kept.")


if __name__ == "__main__":
    main()
