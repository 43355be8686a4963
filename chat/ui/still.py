"""Controls that are drawn once and let go: a session keeps only what happens when they are touched.

Each control that Flet holds costs a session about two kilobytes, and a part of every comparison.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import flet as ft
from flet.controls.base_control import BaseControl

from chat.ui.drawing import Wire, replace_controls
from chat.ui.press import number, pack, parts_of

Handler = Callable[[], Any]


class Still:
    """What stands in one column of a session; its ids count from `first`."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._handlers: dict[tuple[int, str], Handler] = {}

    def draw(
        self, into: ft.Column | ft.Row, controls: Sequence[ft.Control], wire: Wire | None
    ) -> None:
        """Show `controls`, whose handlers take no event, instead of what stood there.

        Where there is no wire they stay ordinary ones.
        """
        if wire is None:
            into.controls = list(controls)
            into.update()
            return
        at, packed = self._first, list[bytes]()
        self._handlers = {}
        for control in controls:
            at += number(control, at)
            packed.append(pack(control))
            self._handlers.update(_handlers(control))
        replace_controls(wire, into, packed)

    def handler(self, control: int, event: str) -> Handler | None:
        """What happens when `event` comes from the control with this id; None if nothing does."""
        return self._handlers.get((control, event))


def _handlers(control: BaseControl) -> Iterator[tuple[tuple[int, str], Handler]]:
    kind: Any = type(control)
    for field in _events(kind):
        if callable(handler := getattr(control, field, None)):
            yield (control._i, field.removeprefix("on_")), handler
    for inner in parts_of(control):
        yield from _handlers(inner)


@cache
def _events(kind: Any) -> tuple[str, ...]:
    names = (field.name for field in dataclasses.fields(kind))
    return tuple(name for name in names if name.startswith("on_"))
