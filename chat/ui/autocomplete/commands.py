"""Slash commands on the screen: completed while they are written, and listed by `/help`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.people import Person
from chat.model.rooms import RoomInfo
from chat.text.names import name_key
from chat.ui.autocomplete.mentions import MARK, Mentionable, face, people_like
from chat.ui.autocomplete.popup import MAX_SHOWN, Completion, CompletionProvider
from chat.ui.viewer import ViewerContext
from chat.workspace.commands import COMMANDS, ArgumentType, Command, parse_leading_names

# The name of a command, or what stands after one.
_BEGUN = re.compile(r"\A/(?:[^\W\d_]{0,32}|[^\W\d_]{1,32} .{0,200})\Z")

# The end of what was given so far: what comes after it is being written.
_LAST = re.compile(r"[^\s,，、@#]*\Z")

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
class Near:
    """Which people and which public rooms can be meant."""

    people: Mentionable = field(default_factory=lambda: Mentionable(()))
    rooms: Sequence[RoomInfo] = ()


def slashes(
    near: Callable[[], Near], look_around: Callable[[], None], viewer: ViewerContext
) -> CompletionProvider:
    """`/` and the beginning of a command, then of whom or which room it is about.

    `look_around()` is called when a command is begun: what `near()` says may be old.
    """

    def choices(part: str) -> list[Completion]:
        name, space, given = part[1:].partition(" ")
        if not space or not near().rooms:
            look_around()
        if not space:
            return _commands(name.casefold(), viewer.t)
        wanted = COMMANDS.get(name.casefold())
        if wanted is None:
            return []
        return _given(wanted, part.removesuffix(given), given, near(), viewer)

    return CompletionProvider(_BEGUN, choices, max_completions=len(COMMANDS))


def _commands(begun: str, t: Language) -> list[Completion]:
    found = [each for name, each in COMMANDS.items() if name.startswith(begun)]
    if [each.name for each in found] == [begun]:
        return []
    return [
        Completion(
            f"/{each.name} ", usage(each, t), _icon(each), t(each.description), is_hint_below=True
        )
        for each in found
    ]


def _given(
    wanted: Command, before: str, given: str, near: Near, viewer: ViewerContext
) -> list[Completion]:
    last = _LAST.search(given)
    assert last is not None, "it may be empty"
    done, begun = given[: last.start()], last.group()
    match wanted.argument_type:
        case ArgumentType.ROOM:
            key = name_key(given.removeprefix("#"))
            rooms = [each.title for each in near.rooms if name_key(each.title).startswith(key)]
            return _choices(rooms, before, given, partial(ft.Icon, ft.Icons.TAG, size=MARK))
        case ArgumentType.PERSON:
            people = people_like(given.removeprefix("@"), near.people)
            return _people(people, before, given, viewer)
        case ArgumentType.PEOPLE if begun and not parse_leading_names(done, near.people.people)[
            1
        ].strip("@"):
            return _people(people_like(begun, near.people), before + done, begun, viewer)
    return []


def _people(
    people: Sequence[Person], before: str, begun: str, viewer: ViewerContext
) -> list[Completion]:
    if [name_key(each.name) for each in people] == [name_key(begun.removeprefix("@"))]:
        return []
    return [
        Completion(f"{before}{each.name} ", each.name, face(each, viewer))
        for each in people[:MAX_SHOWN]
    ]


def _choices(
    words: Sequence[str], before: str, begun: str, mark: Callable[[], ft.Control]
) -> list[Completion]:
    if [name_key(each) for each in words] == [name_key(begun)]:
        return []
    return [Completion(before + each, each, mark) for each in words[:MAX_SHOWN]]


def _icon(each: Command) -> Callable[[], ft.Control]:
    icon = _ICONS.get(each.name, ft.Icons.TERMINAL_ROUNDED)
    return partial(ft.Icon, icon, size=MARK, color=ft.Colors.ON_SURFACE_VARIANT)


def usage(each: Command, t: Language) -> str:
    """How a command is written."""
    return f"/{each.name} {t(each.usage)}" if each.usage else f"/{each.name}"
