"""Static UI (sidebar, header), packed once for each state and cached for the process.

A session keeps no controls and no handlers, only where to find them. Each control that Flet keeps
costs a session about two kilobytes, and a part of every comparison.
"""

import dataclasses
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache, partial
from typing import Any, TypeAlias

import flet as ft
from flet.controls.base_control import BaseControl

from chat.ui.client.connection import ClientConnection
from chat.ui.packing.control_ids import assign_ids, child_controls, pack
from chat.ui.packing.patches import ControlRef, replace_content, set_value

Handler: TypeAlias = Callable[[], Any]

# The handler of an action, as `on_click` of a button.
HandlerOf: TypeAlias = Callable[[Enum], Handler]

# Builds a control from the handlers of actions and from a state, and from nothing else.
BuildControl: TypeAlias = Callable[[HandlerOf, Any], ft.Control]

# The offset of the ids of the first replaced part from those of the whole view, and of each further
# part from those of the one before it.
_INNER_ID_OFFSET = 1 << 12


class SharedView:
    """One shared view of a session; its control ids begin at `first_id`.

    `perform(action)` does what a button stands for. A control whose `data` is a name is a part that
    can be changed later.
    """

    __slots__ = ("_actions", "_first_id", "_named_parts", "_perform")

    def __init__(self, first_id: int, *, perform: Callable[[Any], Awaitable[None]]) -> None:
        self._first_id = first_id
        self._perform = perform
        self._actions: Mapping[tuple[int, str], Enum] = {}
        self._named_parts: Mapping[str, ControlRef] = {}

    def draw(
        self,
        container: ft.Container,
        build: BuildControl,
        state: Hashable,
        connection: ClientConnection | None,
    ) -> None:
        """Replace the content of `container` by what `build` makes of this state.

        Without a connection these are ordinary controls.
        """
        if connection is None:
            container.content = build(self._handler_of, state)
            container.update()
            self._named_parts = dict(_named_controls(container.content))
            return
        packed_view = _pack_view(build, state, self._first_id)
        self._actions, self._named_parts = packed_view.actions, packed_view.named_ids
        replace_content(connection, container, packed_view.packed)

    def part(self, name: str) -> ControlRef | None:
        """The part of this name, if it is drawn: its id, or the control where there is no
        connection."""
        return self._named_parts.get(name)

    def replace_part(
        self, name: str, build: BuildControl, state: Hashable, connection: ClientConnection | None
    ) -> None:
        """Replace the content of the named part by what `build` makes of this state.

        It has no handlers.
        """
        part = self._named_parts[name]
        if connection is not None:
            part_number = 1 + sorted(self._named_parts).index(name)
            first_id = self._first_id + part_number * _INNER_ID_OFFSET
            packed_view = _pack_view(build, state, first_id)
            replace_content(connection, part, packed_view.packed)
        elif isinstance(part, ft.Container):
            part.content = build(self._handler_of, state)
            part.update()

    def set_text(self, name: str, text: str, connection: ClientConnection | None) -> None:
        """Change the text of the named part, if it is drawn."""
        part = self._named_parts.get(name)
        if part is not None and connection is not None:
            set_value(connection, part, text)
        elif isinstance(part, ft.Text):
            part.value = text
            part.update()

    def handler(self, control_id: int, event: str) -> Handler | None:
        """The handler of `event` of the control with this id; None if it has none."""
        action = self._actions.get((control_id, event))
        return None if action is None else self._handler_of(action)

    def _handler_of(self, action: Enum) -> Handler:
        return partial(self._perform, action)


@dataclass(frozen=True, slots=True)
class _PackedView:
    """A packed control, its actions by control id and event, and the ids of its named parts."""

    packed: bytes
    actions: Mapping[tuple[int, str], Enum]
    named_ids: Mapping[str, int]


class _ActionMarker:
    """Placeholder for an action. (Not a dataclass: Flet would send one to the client.)"""

    def __init__(self, action: Enum) -> None:
        self.action = action

    def __call__(self) -> None:
        """Do nothing: the session performs the action."""


@lru_cache(maxsize=1024)
def _pack_view(build: BuildControl, state: Hashable, first_id: int) -> _PackedView:
    control = build(_ActionMarker, state)
    assign_ids(control, first_id)
    named_ids = {name: each._i for name, each in _named_controls(control)}
    return _PackedView(pack(control), dict(_marked_actions(control)), named_ids)


def _named_controls(control: BaseControl) -> Iterator[tuple[str, ft.Control]]:
    if isinstance(control.data, str) and isinstance(control, ft.Control):
        yield control.data, control
    for child in child_controls(control):
        yield from _named_controls(child)


def _marked_actions(control: BaseControl) -> Iterator[tuple[tuple[int, str], Enum]]:
    control_type: Any = type(control)
    for field in _event_fields(control_type):
        if isinstance(marker := getattr(control, field, None), _ActionMarker):
            yield (control._i, field.removeprefix("on_")), marker.action
    for child in child_controls(control):
        yield from _marked_actions(child)


@cache
def _event_fields(control_type: Any) -> tuple[str, ...]:
    names = (field.name for field in dataclasses.fields(control_type))
    return tuple(name for name in names if name.startswith("on_"))
