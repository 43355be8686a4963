"""What the builders of controls have in common: parts, texts, icons, widths."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import flet as ft
from flet.controls.base_control import BaseControl

from chat.drawings.drawing import Node
from chat.drawings.field_values import FieldValue, default_value, is_valid
from chat.languages import Language
from chat.model.messages import Message
from chat.text.display import bidi_isolate, clamp_combining_marks
from chat.ui.row_parts import view_part
from chat.ui.viewer import ViewerContext

# Of a control that takes all the width there is, in a row that has no end, in pixels.
UNBOUNDED_WIDTH, UNBOUNDED_CHART_WIDTH = 220, 300

# The key of a field without a name is this sign and its number.
UNNAMED = "#"


async def handled_by_session() -> None:
    """Marks an event that the client sends. The session gets it by the control's id."""


Drawable = TypeVar("Drawable", bound=BaseControl)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the controls of one view are drawn for: a message, a viewer, and what the viewer has
    changed in its fields and not submitted, with the errors of the program."""

    message: Message
    viewer: ViewerContext
    edited: Mapping[str, FieldValue]
    errors: Mapping[str, str]

    @property
    def t(self) -> Language:
        """The language of the viewer."""
        return self.viewer.t

    def value(self, node: Node) -> FieldValue:
        """The value of a field: what the viewer chose, if it still can be chosen."""
        key = field_key(node)
        if key in self.edited and is_valid(node, self.edited[key]):
            return self.edited[key]
        return default_value(node)

    def error(self, node: Node, name: str = "error") -> str | None:
        """What is wrong with the value of a field."""
        error = self.errors.get(field_key(node)) or node.values.get(name)
        return None if error is None else clean(error)


def field_key(node: Node) -> str:
    """The key of what a viewer has changed in a field."""
    return node.field_name or f"{UNNAMED}{node.number}"


def clean(text: str) -> str:
    """A text of a program, which changes nothing around it."""
    return bidi_isolate(clamp_combining_marks(text))


def as_part(control: Drawable, node: Node) -> Drawable:
    """A control with the id of its node."""
    control.data = view_part(node.number)
    return control


def icon_of(name: str) -> ft.IconData:
    """The icon of this name; a question mark for one that Flet does not have."""
    found = getattr(ft.Icons, name, None)
    return found if isinstance(found, ft.IconData) else ft.Icons.QUESTION_MARK_ROUNDED


def values_of(node: Node, *names: str) -> dict[str, Any]:
    """The values of a node with these names, as far as it has them."""
    return {name: node.values[name] for name in names if name in node.values}


def handlers_of(node: Node, **events: str) -> dict[str, Any]:
    """The handlers of Flet for the actions of a node: `on_change="on_change_end"`."""
    found = {events.get(name, name) for name in node.actions}
    return dict.fromkeys(found, handled_by_session)
