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

Callback = Callable[[], Any]

# Draws what stands there from what a session does and from how it looks, and from nothing else.
BuildControl = Callable[[Any, Any], ft.Control]

# What is put into a part has its ids so far behind those of the whole.
_INNER_ID_OFFSET = 1 << 12


class SharedView:
    """What stands in one place of a session; its ids count from `first`.

    `do` is a dataclass of what the session does, each without arguments. A part whose `data` is a
    name can be told by that to change.
    """

    __slots__ = ("_action_names", "_actions", "_actions_type", "_first_id", "_named_parts")

    def __init__(self, first_id: int, actions: Any) -> None:
        self._first_id = first_id
        self._actions = actions
        self._actions_type: Any = type(actions)
        self._action_names: Mapping[tuple[int, str], str] = {}
        self._named_parts: Mapping[str, ControlRef] = {}

    def draw(
        self,
        container: ft.Container,
        build: BuildControl,
        state: Hashable,
        connection: ClientConnection | None,
    ) -> None:
        """Show what `draw` makes of this look instead of what stood there.

        Where there is no wire these are ordinary controls.
        """
        if connection is None:
            container.content = build(self._actions, state)
            container.update()
            self._named_parts = dict(_named_controls(container.content))
            return
        packed_view = _pack_view(build, state, self._actions_type, self._first_id)
        self._action_names, self._named_parts = packed_view.action_names, packed_view.named_ids
        replace_content(connection, container, packed_view.packed)

    def part(self, name: str) -> ControlRef | None:
        """The part of this name, if it is drawn: its id, or the control where there is no wire."""
        return self._named_parts.get(name)

    def replace_part(
        self, name: str, build: BuildControl, state: Hashable, connection: ClientConnection | None
    ) -> None:
        """Put what `draw` makes of this look, which answers nothing, into the part of this name."""
        part = self._named_parts[name]
        if connection is not None:
            packed_view = _pack_view(
                build, state, self._actions_type, self._first_id + _INNER_ID_OFFSET
            )
            replace_content(connection, part, packed_view.packed)
        elif isinstance(part, ft.Container):
            part.content = build(self._actions, state)
            part.update()

    def set_text(self, name: str, text: str, connection: ClientConnection | None) -> None:
        """Let the text of this name say something else, if it is drawn."""
        part = self._named_parts.get(name)
        if part is not None and connection is not None:
            set_value(connection, part, text)
        elif isinstance(part, ft.Text):
            part.value = text
            part.update()

    def handler(self, control_id: int, event: str) -> Callback | None:
        """What happens when `event` comes from the control with this id; None if nothing does."""
        name = self._action_names.get((control_id, event))
        handler: Callback | None = None if name is None else getattr(self._actions, name)
        return handler


@dataclass(frozen=True, slots=True)
class _PackedView:
    """A packed control: what its parts do, by id and event, and the ids of those with a name."""

    packed: bytes
    action_names: Mapping[tuple[int, str], str]
    named_ids: Mapping[str, int]


class _ActionMarker:
    """Stands for what a session does. (Not a dataclass: Flet would send one to the client.)"""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self) -> None:
        """Nothing: a session does what is called so with it."""


@lru_cache(maxsize=1024)
def _pack_view(
    build: BuildControl, state: Hashable, actions_type: Any, first_id: int
) -> _PackedView:
    control = build(
        actions_type(*(_ActionMarker(each.name) for each in dataclasses.fields(actions_type))),
        state,
    )
    assign_ids(control, first_id)
    named_ids = {name: each._i for name, each in _named_controls(control)}
    return _PackedView(pack(control), dict(_marked_actions(control)), named_ids)


def _named_controls(control: BaseControl) -> Iterator[tuple[str, ft.Control]]:
    if isinstance(control.data, str) and isinstance(control, ft.Control):
        yield control.data, control
    for child in child_controls(control):
        yield from _named_controls(child)


def _marked_actions(control: BaseControl) -> Iterator[tuple[tuple[int, str], str]]:
    control_type: Any = type(control)
    for field in _event_fields(control_type):
        if isinstance(marker := getattr(control, field, None), _ActionMarker):
            yield (control._i, field.removeprefix("on_")), marker.name
    for child in child_controls(control):
        yield from _marked_actions(child)


@cache
def _event_fields(control_type: Any) -> tuple[str, ...]:
    names = (field.name for field in dataclasses.fields(control_type))
    return tuple(name for name in names if name.startswith("on_"))
