"""Views: the live part of a message, checked before it is stored."""

import json
from dataclasses import dataclass
from typing import Any

from chat.drawings.drawing import check_drawing, encoded, encoded_size, parse_drawing
from chat.drawings.limits import MAX_STATE_BYTES, MAX_STATE_DEPTH, NAME_LIMIT
from chat.drawings.value_kinds import NAME
from chat.errors import BadView
from chat.model.programs import View


@dataclass(frozen=True, slots=True)
class NewView:
    """A view as a program sends it: any JSON for `state`, a document of controls as `drawing`."""

    name: str
    state: Any
    drawing: Any

    def checked(self) -> View:
        """The view to store. Raises BadView."""
        if not NAME.accepts(self.name):
            raise BadView(
                "The name of a view has letters, digits and _, and at most {limit} characters.",
                limit=NAME_LIMIT,
            )
        if _depth_is_more_than(self.state, MAX_STATE_DEPTH):
            raise BadView("The state has too many levels: {limit} fit.", limit=MAX_STATE_DEPTH)
        if encoded_size(self.state) > MAX_STATE_BYTES:
            raise BadView(
                "The state is too large: {limit} KiB fit. Keep the rest in the program.",
                limit=MAX_STATE_BYTES // 1024,
            )
        check_drawing(self.drawing)
        return View(self.name, encoded(self.state), encoded(self.drawing))


def require_drawable(view: View) -> None:
    """Raises BadView for a view whose drawing a row cannot show."""
    parse_drawing(view.drawing)


def state_of(view: View) -> Any:
    """The state of a view as a value."""
    return json.loads(view.state)


def drawing_of(view: View) -> Any:
    """The document of controls of a view."""
    return json.loads(view.drawing)


def _depth_is_more_than(value: object, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return any(isinstance(each, dict | list) for each in level)
