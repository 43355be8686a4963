"""The command: flags to settings, refusals to one line and exit code 2."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from chat import __version__
from chat.errors import CannotStart
from chat.server.settings import Settings, all_settings, from_environment, surroundings


def run(argv: Sequence[str] | None = None) -> None:
    """Run the chat until it is stopped; never returns, but raises SystemExit."""
    parser = flags()
    given = {k: _whole(v) for k, v in vars(parser.parse_args(argv)).items() if v is not None}
    try:
        settings = Settings(**{**from_environment(), **given})
    except CannotStart as refusal:
        parser.error(str(refusal))
    # Only now: --help and a bad flag answer without loading Flet.
    from chat.server.app import serve

    try:
        sys.exit(serve(settings, surroundings()))
    except CannotStart as refusal:
        sys.exit(_refused(refusal))


def flags() -> argparse.ArgumentParser:
    """One flag for each setting; None means that it was not given."""
    parser = argparse.ArgumentParser(
        prog="flet-chat",
        description="A group chat that you own: a desktop window, browser tabs and an app at once.",
        epilog="Every flag can be set in the environment too: --no-browser is CHAT_NO_BROWSER=1. "
        "Commas part what a flag takes when it is given again.",
    )
    for each in all_settings():
        words = f"{each.about.words} [{each.env}]"
        if each.kind is bool:
            parser.add_argument(each.flag, action="store_true", default=None, help=words)
        else:
            takes, action = each.about.takes, "append" if each.about.several else "store"
            parser.add_argument(each.flag, action=action, type=each.kind, metavar=takes, help=words)
    parser.add_argument("--version", action="version", version=f"Flet Chat {__version__}")
    return parser


def _whole(given: Any) -> Any:
    """What a flag that was given several times says, as the environment would say it."""
    return ",".join(given) if isinstance(given, list) else given


def _refused(refusal: CannotStart) -> int:
    print(f"flet-chat: {refusal}", file=sys.stderr)
    return 2
