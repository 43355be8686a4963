"""The command: flags to settings, refusals to one line and exit code 2."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from chat import __version__
from chat.errors import CannotStart
from chat.server.settings import Settings, all_settings, detect_environment, from_environment


def run(argv: Sequence[str] | None = None) -> None:
    """Run the chat until it is stopped; never returns, but raises SystemExit."""
    parser = argument_parser()
    flag_values = {
        k: _joined_values(v) for k, v in vars(parser.parse_args(argv)).items() if v is not None
    }
    try:
        settings = Settings(**{**from_environment(), **flag_values})
    except CannotStart as error:
        parser.error(str(error))
    # Only now: --help and a bad flag answer without loading Flet.
    from chat.server.app import serve

    try:
        sys.exit(serve(settings, detect_environment()))
    except CannotStart as error:
        sys.exit(_print_error(error))


def argument_parser() -> argparse.ArgumentParser:
    """One flag for each setting; None means that it was not given."""
    parser = argparse.ArgumentParser(
        prog="flet-chat",
        description="A group chat that you own: a desktop window, browser tabs and an app at once.",
        epilog="Every flag can be set in the environment too: --no-browser is CHAT_NO_BROWSER=1. "
        "Commas part what a flag takes when it is given again.",
    )
    for each in all_settings():
        help_text = f"{each.help_info.text} [{each.env}]"
        if each.value_type is bool:
            parser.add_argument(each.flag, action="store_true", default=None, help=help_text)
        else:
            metavar, action = (
                each.help_info.metavar,
                "append" if each.help_info.repeatable else "store",
            )
            parser.add_argument(
                each.flag, action=action, type=each.value_type, metavar=metavar, help=help_text
            )
    parser.add_argument("--version", action="version", version=f"Flet Chat {__version__}")
    return parser


def _joined_values(given: Any) -> Any:
    """What a flag that was given several times says, as the environment would say it."""
    return ",".join(given) if isinstance(given, list) else given


def _print_error(error: CannotStart) -> int:
    print(f"flet-chat: {error}", file=sys.stderr)
    return 2
