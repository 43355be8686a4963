"""The command line: flags become settings; an error is one sentence and exit code 2."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from chat import __version__
from chat.errors import CannotStart
from chat.server.owner_command import reset_owner_command
from chat.server.program_commands import bot_command, mcp_command, post_command, tail_command
from chat.server.settings import (
    Setting,
    Settings,
    all_settings,
    detect_environment,
    from_environment,
)
from chat.server.standard_streams import open_standard_streams

_DESCRIPTION = "A group chat that you own: a desktop window, browser tabs and an app at once."
_EPILOG = (
    "Every flag can be set in the environment too: --no-browser is CHAT_NO_BROWSER=1. "
    "Commas separate the values of a flag that may be given again. "
    "There are other commands, for scripts, bots and agents: flet-chat post --help, flet-chat tail "
    "--help, flet-chat bot --help, flet-chat mcp --help. "
    "flet-chat reset-owner is for whoever lost the chat's owner."
)


# The exit code of a program that ended with SIGINT.
INTERRUPTED = 128 + 2


class _DefaultGroup(click.Group):
    """A group whose `serve` command runs where no command is named: `flet-chat --lan`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] != "--version"):
            args = ["serve", *args]
        return super().parse_args(ctx, args)


class _UsageCommand(click.Command):
    """A command whose parser errors show the usage line too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise


@click.group(name="flet-chat", cls=_DefaultGroup, context_settings={"max_content_width": 100})
@click.version_option(__version__, message="Flet Chat %(version)s")
def commands() -> None:
    """A group chat that you own."""


def _option(setting: Setting) -> click.Option:
    """The flag of a setting; None means that it was not given."""
    help_text = f"{setting.help_info.text} [{setting.env}]"
    if setting.value_type is bool:
        return click.Option([setting.flag], is_flag=True, default=None, help=help_text)
    return click.Option(
        [setting.flag],
        type=setting.value_type if setting.value_type is int else str,
        multiple=setting.help_info.repeatable,
        metavar=setting.help_info.metavar,
        help=help_text,
    )


def _serve(**flags: Any) -> None:
    """Run the chat until it is stopped. Raises CannotStart."""
    given = flag_values(flags)
    try:
        settings = Settings(**{**from_environment(), **given})
    except CannotStart as error:
        raise click.UsageError(str(error)) from None
    open_standard_streams()
    try:
        # Imported here, so that --help and a bad flag answer without loading Flet.
        from chat.server.app import serve

        code = serve(settings, detect_environment())
    except KeyboardInterrupt:
        # Nothing runs yet that could be closed in order.
        code = INTERRUPTED
    sys.exit(code)


def flag_values(flags: dict[str, Any]) -> dict[str, Any]:
    """The settings that were given as flags, with the types of `Settings`."""
    found = {}
    for each in all_settings():
        value = flags.get(each.name)
        if value is None or value == ():
            continue
        joined = ",".join(value) if isinstance(value, tuple) else value
        found[each.name] = each.value_type(joined)
    return found


serve_command = _UsageCommand(
    "serve",
    params=[_option(each) for each in all_settings()],
    callback=_serve,
    help=_DESCRIPTION,
    short_help="Run the chat.",
    epilog=_EPILOG,
)
for each_command in (
    serve_command,
    post_command,
    tail_command,
    bot_command,
    mcp_command,
    reset_owner_command,
):
    commands.add_command(each_command)


def run(argv: Sequence[str] | None = None) -> None:
    """Run a command; never returns, but raises SystemExit."""
    try:
        # In standalone mode an interrupt would be exit code 1.
        code = commands.main(
            args=argv if argv is None else list(argv),
            prog_name="flet-chat",
            standalone_mode=False,
        )
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except CannotStart as error:
        print(f"flet-chat: {error}", file=sys.stderr)
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)
