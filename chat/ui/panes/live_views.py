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
from chat.ui.context import SessionContext
from chat.ui.panes.room_pane import RoomPane
from chat.ui.row_parts import view_control_of_part
from chat.ui.theme.snackbars import show_snackbar
from chat.ui.views.parts import field_key
from chat.ui.views.pickers import FieldCalendar, FieldClock
from chat.ui.views.view_box import drawing_of
from chat.ui.views.written_field import PAUSE_SECONDS, SHORT_PAUSE_SECONDS

# The events of the client whose action has another name in a drawing.
_ACTIONS = {"change_end": "on_change"}

# The actions that submit all fields. Those of a field itself submit the others, too, and leave them
# as they are.
_SUBMITTING = {"on_click", "on_submit"}

# Fields in which a person writes.
_WRITTEN = {"TextField", "AutoComplete"}

# Fields that are on or off.
_SWITCHES = {each.__name__ for each in (ft.Checkbox, ft.Switch, ft.Chip)}


class LiveViews:
    """The views in the timeline of one pane."""

    def __init__(self, context: SessionContext, room_pane: RoomPane) -> None:
        self._context, self._t = context, context.t
        self._room_pane = room_pane
        self._edits = room_pane.history.field_edits
        self._written = room_pane.written_field

    def on_edit(self, number: int, part: int, properties: dict[str, Any]) -> None:
        """The person has changed a value in a field. (At once: a click that follows submits it.)"""
        if (found := self._find(number, part)) is None:
            return
        message, node = found
        self._edits.edit(message, node.number, properties)
        if node.type in _WRITTEN:
            # The program may draw at each key what it finds.
            acts = "on_change" in node.actions
            self._written.write(number, part, SHORT_PAUSE_SECONDS if acts else PAUSE_SECONDS)

    def on_event(self, number: int, part: int, event: str, data: object = None) -> None:
        """Handle an event of a control: tell the program, or open a calendar or a clock."""
        if (found := self._find(number, part)) is None:
            return
        message, node = found
        name = _ACTIONS.get(event, f"on_{event}")
        if node.type in _WRITTEN and event == "focus":
            self._written.write(number, part)
        elif node.type not in _WRITTEN or event != "change":
            # A click, Enter in a field, or a field that has lost the focus.
            self._written.leave()
        if event == "click" and node.type in {"DatePicker", "TimePicker"}:
            if not node.values.get("disabled"):
                self._open_picker(message, node)
        elif name in node.actions:
            self._start(message, node, name, _sorting(data) if event == "sort" else None)

    def activate(self, number: int, part: int) -> None:
        """The person chose a control with the keyboard: click it, switch it, or write in it."""
        found = self._find(number, part)
        if found is None or found[1].values.get("disabled"):
            return
        message, node = found
        if node.type in _SWITCHES and "on_click" not in node.actions:
            is_on = self._edits.value(message, node)
            self._edits.set_value(
                message, node, not (default_value(node) if is_on is None else is_on)
            )
            self._redraw(message)
            for name in node.actions:
                self._start(message, node, name)
        elif node.type == "TextField":
            self._room_pane.focus_part(number, part)
        else:
            self.on_event(number, part, "click")

    def _find(self, number: int, part: int) -> tuple[Message, Node] | None:
        """The message as the person sees it, and the control of its view that is this part."""
        control, message = view_control_of_part(part), self._message(number)
        drawing = None if message is None else drawing_of(message)
        node = None if drawing is None or control is None else drawing.node(control)
        return None if message is None or node is None else (message, node)

    def _redraw(self, message: Message) -> None:
        """Draw the row with other values; not in the midst of a word."""
        redraw = partial(self._room_pane.history.redraw_message, message.number)
        self._written.draw(message.number, redraw)

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
            self._redraw(message)
        elif edits.settle(message, submitted):
            self._redraw(message)
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
        self._redraw(message)
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
