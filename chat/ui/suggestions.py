"""Whom to mention: the list above the field while a name is being written."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.mentions import EVERYONE, HERE
from chat.messages import Person
from chat.text import same_name
from chat.ui import look

# So many are shown at once.
_SHOWN = 6

# What stands at the end of the field while a name is being written.
_PARTIAL = re.compile(r"(?<![\w@])@([^\s@]{0,32})$")

_INSIDE = ft.Padding.symmetric(horizontal=10, vertical=6)


@dataclass(frozen=True, slots=True)
class Mentionable:
    """Who can be mentioned: those who spoke last first; `here` are their ids."""

    people: Sequence[Person]
    recent: Sequence[int] = ()
    here: frozenset[int] = frozenset()


def matching(part: str, whom: Mentionable) -> list[str]:
    """The names that `part` may be the beginning of, the likeliest first."""
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
    names = list(dict.fromkeys(person.name for person in found))
    groups = [group for group in (HERE, EVERYONE) if group.startswith(key)]
    return [*names[:_SHOWN], *groups][:_SHOWN]


def _begins(name: str, key: str) -> bool:
    return any(word.startswith(key) for word in (name, *name.split()))


class Suggestions(ft.Container):
    """The list; `choose(part, name)` is called with what stands there now, and what is meant."""

    def __init__(
        self,
        whom: Callable[[], Mentionable],
        choose: Callable[[str, str], None],
        capture: Callable[[bool], None],
    ) -> None:
        self._whom = whom
        self._choose = choose
        self._capture = capture
        self._part = ""
        self._names: list[str] = []
        self._at = 0
        # What was put away with Escape stays away until another name is begun.
        self._refused: str | None = None
        super().__init__(
            visible=False,
            padding=4,
            border_radius=12,
            border=look.OUTLINE,
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
        )

    def consider(self, words: str) -> None:
        """The field says this now."""
        found = _PARTIAL.search(words)
        part = found.group() if found is not None else ""
        if self._refused is not None and part.startswith(self._refused):
            part = ""
        elif words:
            self._refused = None
        names = matching(part[1:], self._whom()) if part else []
        # Nothing is left to choose once the only name is written out.
        if [same_name(name) for name in names] == [same_name(part[1:])]:
            names = []
        if names != self._names or part != self._part:
            self._part, self._names, self._at = part, names, 0
            self._draw()

    def pressed(self, name: str) -> Callable[[], None] | None:
        """What a key does while the list is open."""
        if not self._names:
            return None
        keys: dict[str, Callable[[], None]] = {
            "up": partial(self._move, -1),
            "down": partial(self._move, 1),
            "tab": partial(self._take, None),
            "enter": partial(self._take, None),
            "escape": self._refuse,
        }
        return keys.get(name)

    def close(self) -> None:
        """Nothing is being written any more."""
        self.consider("")

    def _move(self, by: int) -> None:
        self._at = (self._at + by) % len(self._names)
        self._draw()

    def _take(self, name: str | None) -> None:
        chosen, part = name or self._names[self._at], self._part
        self.close()
        self._choose(part, chosen)

    def _refuse(self) -> None:
        part = self._part
        self.close()
        self._refused = part

    def _draw(self) -> None:
        is_open = bool(self._names)
        if is_open != self.visible:
            self._capture(is_open)
        self.visible = is_open
        self.content = ft.Column(list(self._drawn()), spacing=0, tight=True) if is_open else None
        self.update()

    def _drawn(self) -> Iterable[ft.Control]:
        hints = {HERE: "everybody who is here now", EVERYONE: "everybody in this room"}
        for n, name in enumerate(self._names):
            mark = (
                ft.Icon(ft.Icons.CAMPAIGN_OUTLINED, size=22)
                if name in hints
                else look.avatar(name, 22)
            )
            words = ft.Text(f"@{name}" if name in hints else name, size=14)
            hint = look.quiet(hints.get(name, ""), expand=True)
            # (A button would take the focus away from the field.)
            yield ft.Container(
                ft.Row([mark, words, hint], spacing=10),
                padding=_INSIDE,
                border_radius=8,
                bgcolor=ft.Colors.SECONDARY_CONTAINER if n == self._at else None,
                on_click=partial(self._take, name),
            )
