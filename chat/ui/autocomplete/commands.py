"""Slash commands on the screen: completed while the person types, and listed by `/help`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.people import Person
from chat.model.rooms import RoomInfo
from chat.text.names import cached_name_key, name_key
from chat.ui.autocomplete.mentions import LEADING_SIZE, MentionCandidates, avatar_of, match_people
from chat.ui.autocomplete.popup import MAX_SHOWN, Completion, CompletionProvider
from chat.ui.viewer import ViewerContext
from chat.workspace.commands import COMMANDS, ArgumentType, Command, parse_leading_names

# The beginning of a command, or a command and the beginning of its argument.
_COMMAND_START = re.compile(r"\A/(?:[^\W\d_]{0,32}|[^\W\d_]{1,32} .{0,200})\Z")

# The part of the argument that is still being typed: what follows the last separator.
_LAST_ARGUMENT = re.compile(r"[^\s,，、@#]*\Z")

_ICONS = {
    "me": ft.Icons.EMOJI_PEOPLE_OUTLINED,
    "poll": ft.Icons.POLL_OUTLINED,
    "dm": ft.Icons.CHAT_BUBBLE_OUTLINE_ROUNDED,
    "invite": ft.Icons.PERSON_ADD_ALT_OUTLINED,
    "join": ft.Icons.TAG,
    "leave": ft.Icons.LOGOUT_ROUNDED,
    "nick": ft.Icons.BADGE_OUTLINED,
    "topic": ft.Icons.SUBJECT_ROUNDED,
    "roll": ft.Icons.CASINO_OUTLINED,
    "shrug": ft.Icons.SENTIMENT_NEUTRAL_ROUNDED,
    "help": ft.Icons.HELP_OUTLINE_ROUNDED,
}


@dataclass(frozen=True, slots=True)
class CommandCandidates:
    """The people and the rooms that an argument of a command, or of a search, can name."""

    people: MentionCandidates = field(default_factory=lambda: MentionCandidates(()))
    rooms: Sequence[RoomInfo] = ()


def command_completions(
    get_candidates: Callable[[], CommandCandidates],
    refresh_candidates: Callable[[], None],
    viewer: ViewerContext,
) -> CompletionProvider:
    """Complete `/` and the beginning of a command, then a person or a room as its argument.

    `refresh_candidates()` is called when a command begins, because `get_candidates()` may be
    outdated.
    """

    def find_completions(typed: str) -> list[Completion]:
        name, space, argument_text = typed[1:].partition(" ")
        if not space or not get_candidates().rooms:
            refresh_candidates()
        if not space:
            return _name_completions(name.casefold(), viewer.t)
        command = COMMANDS.get(name.casefold())
        if command is None:
            return []
        return _argument_completions(
            command, typed.removesuffix(argument_text), argument_text, get_candidates(), viewer
        )

    return CompletionProvider(_COMMAND_START, find_completions, max_completions=len(COMMANDS))


def _name_completions(prefix: str, t: Language) -> list[Completion]:
    matches = [each for name, each in COMMANDS.items() if name.startswith(prefix)]
    if [each.name for each in matches] == [prefix]:
        return []
    return [
        Completion(
            f"/{each.name} ",
            command_usage(each, t),
            command_icon(each),
            t(each.description),
            is_hint_below=True,
        )
        for each in matches
    ]


def _argument_completions(
    command: Command,
    before: str,
    argument_text: str,
    candidates: CommandCandidates,
    viewer: ViewerContext,
) -> list[Completion]:
    match = _LAST_ARGUMENT.search(argument_text)
    assert match is not None, "it may be empty"
    finished, prefix = argument_text[: match.start()], match.group()
    match command.argument_type:
        case ArgumentType.ROOM:
            key = name_key(argument_text.removeprefix("#"))
            titles = [
                each.title
                for each in candidates.rooms
                if cached_name_key(each.title).startswith(key)
            ]
            return _title_completions(
                titles, before, argument_text, partial(ft.Icon, ft.Icons.TAG, size=LEADING_SIZE)
            )
        case ArgumentType.PERSON:
            people = match_people(argument_text.removeprefix("@"), candidates.people)
            return _people_completions(people, before, argument_text, viewer)
        case ArgumentType.PEOPLE if prefix and not parse_leading_names(
            finished, candidates.people.people
        )[1].strip("@"):
            return _people_completions(
                match_people(prefix, candidates.people), before + finished, prefix, viewer
            )
    return []


def _people_completions(
    people: Sequence[Person], before: str, prefix: str, viewer: ViewerContext
) -> list[Completion]:
    if [name_key(each.name) for each in people] == [name_key(prefix.removeprefix("@"))]:
        return []
    return [
        Completion(f"{before}{each.name} ", each.name, avatar_of(each, viewer))
        for each in people[:MAX_SHOWN]
    ]


def _title_completions(
    titles: Sequence[str], before: str, prefix: str, build_leading: Callable[[], ft.Control]
) -> list[Completion]:
    if [name_key(each) for each in titles] == [name_key(prefix)]:
        return []
    return [Completion(before + each, each, build_leading) for each in titles[:MAX_SHOWN]]


def command_icon(command: Command) -> Callable[[], ft.Control]:
    icon = _ICONS.get(command.name, ft.Icons.TERMINAL_ROUNDED)
    return partial(ft.Icon, icon, size=LEADING_SIZE, color=ft.Colors.ON_SURFACE_VARIANT)


def command_usage(command: Command, t: Language) -> str:
    """The usage of a command: its name and its arguments."""
    return f"/{command.name} {t(command.usage)}" if command.usage else f"/{command.name}"
