"""The views of one pane: what a person does with their controls."""

from functools import partial
from typing import Any

import flet as ft

from chat.drawings.drawing import Node
from chat.drawings.field_values import default_value
from chat.errors import ChatError
from chat.model.messages import Message
from chat.programs.actions import ControlUse
from chat.rooms.room import Room
from chat.ui.client.connection import connection_of
from chat.ui.context import SessionContext
from chat.ui.packing.control_ids import part_id
from chat.ui.packing.patches import set_focus
from chat.ui.panes.room_pane import RoomPane
from chat.ui.row_parts import view_control_of_part
from chat.ui.theme.snackbars import show_snackbar
from chat.ui.views.parts import field_key
from chat.ui.views.pickers import FieldCalendar, FieldClock
from chat.ui.views.view_box import drawing_of

# The events of the client whose action has another name in a drawing.
_ACTIONS = {"change_end": "on_change"}

# The actions that submit all fields. Those of a field itself submit the others, too, and leave them
# as they are.
_SUBMITTING = {"on_click", "on_submit"}

# Fields that are on or off.
_SWITCHES = {each.__name__ for each in (ft.Checkbox, ft.Switch, ft.Chip)}


class LiveViews:
    """The views in the timeline of one pane."""

    def __init__(self, context: SessionContext, room_pane: RoomPane) -> None:
        self._context, self._t = context, context.t
        self._room_pane = room_pane
        self._edits = room_pane.history.field_edits
        self._focus_count = 0

    def on_edit(self, number: int, part: int, properties: dict[str, Any]) -> None:
        """The person has changed a value in a field. (At once: a click that follows submits it.)"""
        control = view_control_of_part(part)
        if control is not None and (message := self._message(number)) is not None:
            self._edits.edit(message, control, properties)

    def on_event(self, number: int, part: int, event: str, data: object = None) -> None:
        """Handle an event of a control: tell the program, or open a calendar or a clock."""
        control, message = view_control_of_part(part), self._message(number)
        drawing = None if message is None else drawing_of(message)
        node = None if drawing is None or control is None else drawing.node(control)
        if message is None or node is None:
            return
        name = _ACTIONS.get(event, f"on_{event}")
        if event == "click" and node.type in {"DatePicker", "TimePicker"}:
            if not node.values.get("disabled"):
                self._open_picker(message, node)
        elif name in node.actions:
            self._start(message, node, name, _sorting(data) if event == "sort" else None)

    def activate(self, number: int, part: int) -> None:
        """The person chose a control with the keyboard: click it, switch it, or write in it."""
        control, message = view_control_of_part(part), self._message(number)
        drawing = None if message is None else drawing_of(message)
        node = None if drawing is None or control is None else drawing.node(control)
        if message is None or node is None or node.values.get("disabled"):
            return
        if node.type in _SWITCHES and "on_click" not in node.actions:
            is_on = self._edits.value(message, node)
            self._edits.set_value(
                message, node, not (default_value(node) if is_on is None else is_on)
            )
            self._room_pane.history.redraw_message(number)
            for name in node.actions:
                self._start(message, node, name)
        elif node.type == "TextField":
            self._focus(number, part)
        else:
            self.on_event(number, part, "click")

    def _focus(self, number: int, part: int) -> None:
        if (connection := connection_of(self._room_pane.page)) is not None:
            self._focus_count += 1
            control_id = part_id(number, part, self._room_pane.history.row_ids)
            set_focus(connection, control_id, str(self._focus_count))

    def _message(self, number: int) -> Message | None:
        """The message as the person sees it."""
        pane = self._room_pane
        if not pane.is_open or not pane.history.is_visible(number):
            return None
        room_id = pane.room.info.id
        if (drawn := self._edits.drawn(room_id, number)) is not None:
            return drawn
        # It was drawn for all sessions at once.
        recent = pane.room.recent(number - 1) or ()
        return next((each for each in recent if each.number == number), None)

    def _start(self, message: Message, node: Node, name: str, value: Any = None) -> None:
        """Perform an action. Those that are started one after the other are told in that order."""
        performing = self._perform(self._room_pane.room, message, node, name, value)
        self._context.tasks.start(performing, "perform an action")

    async def _perform(
        self, room: Room, message: Message, node: Node, name: str, value: Any
    ) -> None:
        edits = self._edits
        submitted = edits.all_values(message)
        if name not in _SUBMITTING:
            submitted = {k: each for k, each in submitted.items() if k == field_key(node)}
        own_value = edits.value(message, node) if node.kind.is_field else value
        use = ControlUse(node.number, name, own_value, edits.named_values(message))
        try:
            actions = self._context.workspace.program_actions
            answer = await actions.perform(room, self._context.me, message, use)
        except ChatError as error:
            self._say(self._t.error(error))
            return
        if answer.errors:
            edits.set_errors(message, answer.errors)
            self._room_pane.history.redraw_message(message.number)
        elif edits.settle(message, submitted):
            self._room_pane.history.redraw_message(message.number)
        if answer.text:
            self._say(answer.text)

    def _say(self, sentence: str) -> None:
        if self._room_pane.is_open:
            show_snackbar(self._room_pane.page, sentence)

    def _open_picker(self, message: Message, node: Node) -> None:
        """Open the calendar or the clock of a field."""
        shown = self._edits.value(message, node) or node.values.get("value")
        choose = partial(self._choose, message, node)
        viewer = self._context.viewer
        picker: ft.DialogControl
        if node.type == "DatePicker":
            picker = FieldCalendar(node, shown, viewer, choose=choose)
        else:
            picker = FieldClock(node, shown, viewer, choose=choose)
        self._room_pane.page.show_dialog(picker)

    def _choose(self, message: Message, node: Node, value: str) -> None:
        self._edits.set_value(message, node, value)
        self._room_pane.history.redraw_message(message.number)
        if "on_change" in node.actions:
            self._start(message, node, "on_change")


def _sorting(data: object) -> dict[str, object] | None:
    """Which column of a table a person wants to sort by, and in which order."""
    if not isinstance(data, dict):
        return None
    column, ascending = data.get("ci"), data.get("asc")
    if type(column) is not int or not isinstance(ascending, bool):
        return None
    return {"column": column, "ascending": ascending}
