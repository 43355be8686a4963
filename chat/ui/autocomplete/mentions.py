"""What can be completed while it is written: whom to mention, and emoji by their shortcodes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.errors import gettext_noop
from chat.model.people import Person
from chat.text.mentions import EVERYONE, HERE
from chat.text.names import name_key
from chat.ui.autocomplete.popup import MAX_SHOWN, Completion, CompletionProvider
from chat.ui.theme import widgets
from chat.ui.viewer import ViewerContext

_NAME = re.compile(r"(?<![\w@])@([^\s@]{0,32})$")


# What stands before the words of a line is so wide, in pixels.
MARK = 24

_GROUPS = {
    HERE: gettext_noop("everybody who is here now"),
    EVERYONE: gettext_noop("everybody in this room"),
}


@dataclass(frozen=True, slots=True)
class Mentionable:
    """Who can be mentioned: those who spoke last first; `here` are their ids."""

    people: Sequence[Person]
    recent: Sequence[int] = ()
    here: frozenset[int] = frozenset()


def people_like(part: str, whom: Mentionable) -> list[Person]:
    """Whose name `part` may be the beginning of, the likeliest first."""
    key = name_key(part)
    order = {person: n for n, person in enumerate(whom.recent)}
    found = [person for person in whom.people if _begins(name_key(person.name), key)]
    found.sort(
        key=lambda each: (
            order.get(each.id, len(order)),
            each.id not in whom.here,
            name_key(each.name),
        )
    )
    # Of those who left for good one may be called like somebody else.
    likeliest: dict[str, Person] = {}
    for person in found:
        likeliest.setdefault(person.name, person)
    return list(likeliest.values())


def _begins(name: str, key: str) -> bool:
    return any(word.startswith(key) for word in (name, *name.split()))


def names(whom: Callable[[], Mentionable], viewer: ViewerContext) -> CompletionProvider:
    """`@` and the beginning of a name."""

    def choices(part: str) -> list[Completion]:
        people = people_like(part[1:], whom())[:MAX_SHOWN]
        groups = [group for group in _GROUPS if group.startswith(name_key(part[1:]))]
        found = [*(each.name for each in people), *groups][:MAX_SHOWN]
        # Nothing is left to choose once the only name is written out.
        if [name_key(name) for name in found] == [name_key(part[1:])]:
            return []
        called = [Completion(f"@{each.name} ", each.name, face(each, viewer)) for each in people]
        return [*called, *(_group(each, viewer) for each in groups)][:MAX_SHOWN]

    return CompletionProvider(_NAME, choices)


def face(person: Person, viewer: ViewerContext) -> Callable[[], ft.Control]:
    """What draws somebody in the list."""
    return partial(widgets.avatar, person.name, MARK, viewer.avatar_url(person))


def _group(name: str, viewer: ViewerContext) -> Completion:
    horn = partial(ft.Icon, ft.Icons.CAMPAIGN_OUTLINED, size=MARK)
    return Completion(f"@{name} ", f"@{name}", horn, viewer.t(_GROUPS[name]))
