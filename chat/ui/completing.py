"""What can be completed while it is written: whom to mention, and emoji by their shortcodes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat import emoji
from chat.errors import phrase
from chat.languages import Language
from chat.mentions import EVERYONE, HERE
from chat.messages import Person
from chat.text import same_name
from chat.ui import look
from chat.ui.suggestions import SHOWN, Choice, Source

_NAME = re.compile(r"(?<![\w@])@([^\s@]{0,32})$")

# One letter would be a smiley.
_SHORTCODE = re.compile(r"(?<![A-Za-z0-9_:/\\]):[A-Za-z0-9_+-]{2,60}$")

_MARK = 22

_GROUPS = {HERE: phrase("everybody who is here now"), EVERYONE: phrase("everybody in this room")}


@dataclass(frozen=True, slots=True)
class Mentionable:
    """Who can be mentioned: those who spoke last first; `here` are their ids."""

    people: Sequence[Person]
    recent: Sequence[int] = ()
    here: frozenset[int] = frozenset()


def matching(part: str, whom: Mentionable) -> list[str]:
    """The names that `part` may be the beginning of, the likeliest first."""
    groups = [group for group in _GROUPS if group.startswith(same_name(part))]
    return [*names_like(part, whom)[:SHOWN], *groups][:SHOWN]


def names_like(part: str, whom: Mentionable) -> list[str]:
    """As `matching`, of people only, and all of them."""
    key = same_name(part)
    order = {person: n for n, person in enumerate(whom.recent)}
    found = [person for person in whom.people if _begins(same_name(person.name), key)]
    found.sort(
        key=lambda each: (
            order.get(each.id, len(order)),
            each.id not in whom.here,
            same_name(each.name),
        )
    )
    return list(dict.fromkeys(person.name for person in found))


def _begins(name: str, key: str) -> bool:
    return any(word.startswith(key) for word in (name, *name.split()))


def names(whom: Callable[[], Mentionable], say: Language) -> Source:
    """`@` and the beginning of a name."""

    def choices(part: str) -> list[Choice]:
        found = matching(part[1:], whom())
        # Nothing is left to choose once the only name is written out.
        if [same_name(name) for name in found] == [same_name(part[1:])]:
            return []
        return [_mention(name, say) for name in found]

    return Source(_NAME, choices)


def _mention(name: str, say: Language) -> Choice:
    if name in _GROUPS:
        horn = partial(ft.Icon, ft.Icons.CAMPAIGN_OUTLINED, size=_MARK)
        return Choice(f"@{name} ", f"@{name}", horn, say(_GROUPS[name]))
    return Choice(f"@{name} ", name, partial(look.avatar, name, _MARK))


def shortcodes(taste: Callable[[], emoji.Taste]) -> Source:
    """`:` and the beginning of a shortcode, from two letters on."""

    def choices(part: str) -> list[Choice]:
        liked = taste()
        return [
            _emoji(found.toned(liked.tone), name)
            for found, name in emoji.beginning(part[1:], liked.recent, SHOWN)
        ]

    return Source(_SHORTCODE, choices)


def _emoji(char: str, name: str) -> Choice:
    mark = partial(ft.Text, char, size=18, width=_MARK, text_align=ft.TextAlign.CENTER)
    return Choice(f"{char} ", f":{name}:", mark)
