"""What one person has changed in the fields of views and not submitted, and what was wrong with it.

It belongs to the session: nobody else sees it, and a row that is drawn again keeps it.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any

from chat.drawings.control_types import value_properties
from chat.drawings.drawing import Node
from chat.drawings.field_values import FieldValue, default_value, is_valid
from chat.model.messages import Message
from chat.model.rooms import RoomId
from chat.ui.views.parts import UNNAMED, field_key
from chat.ui.views.view_box import drawing_of

# Messages whose fields keep what a person has changed, and that were drawn; the oldest are dropped
# first.
MESSAGE_LIMIT = 50

MessageKey = tuple[RoomId, int]


def _key(message: Message) -> MessageKey:
    return message.room_id, message.number


class FieldEdits:
    """The changed fields of one session, by their messages."""

    __slots__ = ("_drawn", "_errors", "_values")

    def __init__(self) -> None:
        # (Created when there is a view: most sessions never see one.)
        self._drawn: OrderedDict[MessageKey, Message] | None = None
        self._values: dict[MessageKey, dict[str, FieldValue]] = {}
        self._errors: dict[MessageKey, dict[str, str]] = {}

    def note_drawn(self, message: Message) -> None:
        """A message with a view is drawn: a click is for what the person saw."""
        if self._drawn is None:
            self._drawn = OrderedDict()
        self._drawn[_key(message)] = message
        self._drawn.move_to_end(_key(message))
        if len(self._drawn) > MESSAGE_LIMIT:
            key, _ = self._drawn.popitem(last=False)
            self._values.pop(key, None)
            self._errors.pop(key, None)

    def drawn(self, room_id: RoomId, number: int) -> Message | None:
        """The message as it was drawn last; None if that is not known any more."""
        return None if self._drawn is None else self._drawn.get((room_id, number))

    def edit(self, message: Message, number: int, properties: Mapping[str, Any]) -> None:
        """The person has changed properties of the control with this number."""
        drawing = drawing_of(message)
        node = None if drawing is None else drawing.node(number)
        if node is None or not node.kind.is_field:
            return
        names = value_properties(node.type)
        if not all(name in properties for name in names):
            return
        found = [properties[name] for name in names]
        self.set_value(message, node, found if len(found) > 1 else found[0])

    def set_value(self, message: Message, node: Node, value: FieldValue) -> None:
        """The person has chosen a value; one that cannot be chosen is ignored."""
        if not is_valid(node, value):
            return
        key = field_key(node)
        self._errors.get(_key(message), {}).pop(key, None)
        if value == default_value(node):
            self._values.get(_key(message), {}).pop(key, None)
        else:
            self._values.setdefault(_key(message), {})[key] = value

    def value(self, message: Message, node: Node) -> FieldValue:
        """The value of a field that the person has changed; None otherwise."""
        return self._values.get(_key(message), {}).get(field_key(node))

    def named_values(self, message: Message) -> dict[str, FieldValue]:
        """The changed values of all fields with a name."""
        values = self._values.get(_key(message), {})
        return {name: each for name, each in values.items() if not name.startswith(UNNAMED)}

    def settle(self, message: Message, submitted: Mapping[str, FieldValue]) -> bool:
        """These values were submitted; what the person has changed since then stays.

        Returns whether there was anything of this message.
        """
        key = _key(message)
        values, errors = self._values.get(key, {}), self._errors.pop(key, {})
        done = [name for name, each in submitted.items() if values.get(name) == each]
        for name in done:
            del values[name]
        if not values:
            self._values.pop(key, None)
        return bool(done or errors)

    def set_errors(self, message: Message, errors: Mapping[str, str]) -> None:
        """The program says what is wrong with values."""
        self._errors[_key(message)] = dict(errors)

    def all_values(self, message: Message) -> dict[str, FieldValue]:
        """The changed values, by the keys of their fields."""
        return dict(self._values.get(_key(message), {}))

    def row_values(self, message: Message) -> tuple[tuple[str, Hashable], ...]:
        """The changed values for a row state."""
        values = self._values.get(_key(message))
        if not values:
            return ()
        return tuple(
            (name, tuple(each) if isinstance(each, list) else each)
            for name, each in sorted(values.items())
        )

    def row_errors(self, message: Message) -> tuple[tuple[str, str], ...]:
        """The errors for a row state."""
        return tuple(sorted(self._errors.get(_key(message), {}).items()))
