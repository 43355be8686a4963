"""`python -m chat`, `flet-chat` and `python main.py` are the same command."""

import sys


def main() -> None:
    """Run the command; never returns, but raises SystemExit."""
    try:
        # Imported here: Ctrl-C may come while the program is being loaded.
        from chat.server.cli import run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
