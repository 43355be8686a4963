"""Controls that are drawn and packed once for all sessions that see them alike, and let go of.

A session keeps neither them nor what happens when they are touched, only where to look that up.
Each control that Flet holds costs a session about two kilobytes, and a part of every comparison.
"""

import dataclasses
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import flet as ft
from flet.controls.base_control import BaseControl

from chat.ui.client.connection import ClientConnection
from chat.ui.packing.control_ids import assign_ids, child_controls, pack
from chat.ui.packing.patches import ControlRef, replace_content, set_value

Handler = Callable[[], Any]

# Draws what stands there from what a session does and from how it looks, and from nothing else.
Draw = Callable[[Any, Any], ft.Control]

# What is put into a part has its ids so far behind those of the whole.
_INNER = 1 << 12


class Still:
    """What stands in one place of a session; its ids count from `first`.

    `do` is a dataclass of what the session does, each without arguments. A part whose `data` is a
    name can be told by that to change.
    """

    __slots__ = ("_deeds", "_do", "_does", "_first", "_named")

    def __init__(self, first: int, do: Any) -> None:
        self._first = first
        self._do = do
        self._does: Any = type(do)
        self._deeds: Mapping[tuple[int, str], str] = {}
        self._named: Mapping[str, ControlRef] = {}

    def draw(
        self, into: ft.Container, draw: Draw, look: Hashable, wire: ClientConnection | None
    ) -> None:
        """Show what `draw` makes of this look instead of what stood there.

        Where there is no wire these are ordinary controls.
        """
        if wire is None:
            into.content = draw(self._do, look)
            into.update()
            self._named = dict(_named(into.content))
            return
        drawn = _drawn(draw, look, self._does, self._first)
        self._deeds, self._named = drawn.deeds, drawn.named
        replace_content(wire, into, drawn.packed)

    def part(self, name: str) -> ControlRef | None:
        """The part of this name, if it is drawn: its id, or the control where there is no wire."""
        return self._named.get(name)

    def put(self, name: str, draw: Draw, look: Hashable, wire: ClientConnection | None) -> None:
        """Put what `draw` makes of this look, which answers nothing, into the part of this name."""
        part = self._named[name]
        if wire is not None:
            inner = _drawn(draw, look, self._does, self._first + _INNER)
            replace_content(wire, part, inner.packed)
        elif isinstance(part, ft.Container):
            part.content = draw(self._do, look)
            part.update()

    def say(self, name: str, words: str, wire: ClientConnection | None) -> None:
        """Let the text of this name say something else, if it is drawn."""
        part = self._named.get(name)
        if part is not None and wire is not None:
            set_value(wire, part, words)
        elif isinstance(part, ft.Text):
            part.value = words
            part.update()

    def handler(self, control: int, event: str) -> Handler | None:
        """What happens when `event` comes from the control with this id; None if nothing does."""
        name = self._deeds.get((control, event))
        handler: Handler | None = None if name is None else getattr(self._do, name)
        return handler


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A packed control: what its parts do, by id and event, and the ids of those with a name."""

    packed: bytes
    deeds: Mapping[tuple[int, str], str]
    named: Mapping[str, int]


class _Deed:
    """Stands for what a session does. (Not a dataclass: Flet would send one to the client.)"""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self) -> None:
        """Nothing: a session does what is called so with it."""


@lru_cache(maxsize=1024)
def _drawn(draw: Draw, look: Hashable, does: Any, first: int) -> _Drawn:
    control = draw(does(*(_Deed(each.name) for each in dataclasses.fields(does))), look)
    assign_ids(control, first)
    named = {name: each._i for name, each in _named(control)}
    return _Drawn(pack(control), dict(_deeds(control)), named)


def _named(control: BaseControl) -> Iterator[tuple[str, ft.Control]]:
    if isinstance(control.data, str) and isinstance(control, ft.Control):
        yield control.data, control
    for inner in child_controls(control):
        yield from _named(inner)


def _deeds(control: BaseControl) -> Iterator[tuple[tuple[int, str], str]]:
    kind: Any = type(control)
    for field in _events(kind):
        if isinstance(deed := getattr(control, field, None), _Deed):
            yield (control._i, field.removeprefix("on_")), deed.name
    for inner in child_controls(control):
        yield from _deeds(inner)


@cache
def _events(kind: Any) -> tuple[str, ...]:
    names = (field.name for field in dataclasses.fields(kind))
    return tuple(name for name in names if name.startswith("on_"))
