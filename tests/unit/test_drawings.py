"""Drawings of views: what is refused, and that whatever is accepted can be drawn."""

import json
import random
from datetime import UTC, datetime
from typing import Any

import msgpack
import pytest
from flet.messaging.protocol import decode_ext_from_msgpack
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.drawings.control_types import ANYWHERE, COMMON, CONTROL_TYPES
from chat.drawings.drawing import check_drawing
from chat.drawings.field_values import is_valid, submitted_values
from chat.drawings.limits import (
    FIELD_TEXT_LIMIT,
    MAX_CONTROLS,
    MAX_DEPTH,
    MAX_STATE_BYTES,
    NAME_LIMIT,
)
from chat.drawings.value_kinds import NAME, ValueKind
from chat.drawings.views import NewView
from chat.errors import BadFieldValue, BadView
from chat.model.messages import Message, MessageKind
from chat.model.people import Person
from chat.ui.packing.control_ids import FIRST_ROW_ID, IDS_PER_MESSAGE, message_part_of_id
from chat.ui.packing.row_cache import RowCache
from chat.ui.row_parts import view_control_of_part
from chat.ui.viewer import RowState, viewer_for
from chat.ui.views.field_edits import FieldEdits

Document = dict[str, Any]


def text(value: str = "hello") -> Document:
    """A text of a drawing."""
    return {"type": "Text", "value": value}


def column(*controls: Document, **values: Any) -> Document:
    """Controls below each other."""
    return {"type": "Column", "controls": list(controls), **values}


REFUSED: dict[str, Document] = {
    "There is no control WebView in a view. docs/live-controls.md lists those that there are.": {
        "type": "WebView",
        "url": "https://example.org",
    },
    "Text has no property on_click in a view.": {**text(), "on_click": "go"},
    "Button has no property autofocus in a view.": {
        "type": "Button",
        "content": "Go",
        "autofocus": True,
    },
    "Text.value is missing.": {"type": "Text"},
    "Text.size has to be a number from 8 to 48.": {**text(), "size": 4000},
    "Text.color has to be a colour, as primary or #3f51b5.": {**text(), "color": "url(x)"},
    "IconButton.tooltip is missing.": {"type": "IconButton", "icon": "ADD", "on_click": "add"},
    "Button.url has to be an address that begins with http:// or https://.": {
        "type": "Button",
        "content": "Go",
        "url": "javascript:alert(1)",
    },
    "Image.src has to be the name of a file of the message.": {
        "type": "Image",
        "src": "https://example.org/pixel.png",
    },
    f"Button.on_click has to be a name of letters, digits and _, at most {NAME_LIMIT} "
    "characters.": {"type": "Button", "content": "Go", "on_click": "os.system('ls')"},
    "DataCell cannot be in Column.controls.": column({"type": "DataCell", "content": text()}),
    "Column.controls has to be a control: an object with a type.": {
        "type": "Column",
        "controls": ["hello"],
    },
    "Row.controls has to be a list of controls.": {"type": "Row", "controls": text()},
    "A Radio has to be in a RadioGroup.": {"type": "Radio", "value": "a", "label": "A"},
    "Slider.value has to be at least min.": {"type": "Slider", "min": 5, "max": 9, "value": 1},
    "Slider.max has to be more than min.": {"type": "Slider", "min": 9, "max": 9, "value": 9},
    "TextField.max_lines has to be at least min_lines.": {
        "type": "TextField",
        "min_lines": 5,
        "max_lines": 2,
    },
    "Dropdown.value has to be one of the choices.": {
        "type": "Dropdown",
        "value": "c",
        "options": [{"type": "DropdownOption", "key": "a"}],
    },
    "SegmentedButton.selected has to be a choice without allow_empty_selection.": {
        "type": "SegmentedButton",
        "selected": [],
        "segments": [{"type": "Segment", "value": "a", "label": "A"}],
    },
    "DataRow.cells has to be as many as there are columns: 1.": {
        "type": "DataTable",
        "columns": [{"type": "DataColumn", "label": "A"}],
        "rows": [{"type": "DataRow", "cells": []}],
    },
    "Two fields are called why. Give each its own key.": column(
        {"type": "TextField", "key": "why"}, {"type": "Checkbox", "key": "why"}
    ),
    f"There are too many controls: {MAX_CONTROLS} fit. Show less, or post a file.": column(
        *[text("") for _ in range(MAX_CONTROLS)]
    ),
    "The drawing is too large: 64 KiB fit.": column(*[text("x" * 3900) for _ in range(20)]),
    "The drawing is about 3000 pixels high; 2000 fit. Post a file for the rest.": column(
        *[{"type": "Container", "height": 600} for _ in range(5)], spacing=0
    ),
    "There is half of a character in a text. Leave it out.": text("\ud83d"),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_refusal_names_control_and_property(sentence: str) -> None:
    with pytest.raises(BadView) as refused:
        check_drawing(REFUSED[sentence])
    assert str(refused.value) == sentence


def test_controls_that_are_too_deep_are_refused() -> None:
    nested = text()
    for _ in range(MAX_DEPTH - 1):
        nested = {"type": "Container", "content": nested}
    check_drawing(nested)
    with pytest.raises(BadView, match="too deep"):
        check_drawing({"type": "Container", "content": nested})


def test_state_has_limits() -> None:
    deep: Any = 1
    for _ in range(20):
        deep = [deep]
    for state in ("x" * MAX_STATE_BYTES, deep):
        with pytest.raises(BadView):
            NewView("vote", state, text()).checked()
    with pytest.raises(BadView, match="name of a view"):
        NewView("vote()", None, text()).checked()
    view = NewView("vote", {"soup": [1, "é"]}, text()).checked()
    assert json.loads(view.state) == {"soup": [1, "é"]}


def test_every_property_is_one_of_flet() -> None:
    import dataclasses

    import flet as ft
    import flet_charts

    for name, kind in CONTROL_TYPES.items():
        control_type = getattr(ft, name, None) or getattr(flet_charts, name)
        known = {each.name for each in dataclasses.fields(control_type)}
        # Charts have no label of their own: the chat puts one around them.
        named = {*kind.properties, *kind.slots, *kind.lists, *kind.actions} - {"semantics_label"}
        if name in {"DatePicker", "TimePicker"}:
            named -= {"label", "error"}
        assert named <= known, (name, named - known)
    assert set(COMMON) <= {each.name for each in dataclasses.fields(ft.Container)}


def as_message(document: Document) -> Message:
    """A message with a view."""
    view = NewView("vote", {}, document).checked()
    author = Person(3, "bot", "", True)
    now = datetime.now(UTC)
    return Message(1, 5, author, MessageKind.TEXT, "the text", now, 5, view=view)


def drawn_controls(message: Message, state: RowState | None = None) -> list[Document]:
    """The controls of the row of a message, as the client gets them."""
    viewer = viewer_for("UTC")
    packed = RowCache().packed_row(message, None, viewer, state or RowState())
    found = list[Document]()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if "_i" in value:
                found.append(value)
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(msgpack.unpackb(packed, ext_hook=decode_ext_from_msgpack, strict_map_key=False))
    return found


class Maker:
    """Makes documents of known types and properties with values of all kinds, mostly right."""

    def __init__(self, seed: int) -> None:
        # (Hypothesis would take ten times as long for each choice.)
        self._random = random.Random(seed)

    def control(self, types: frozenset[str], depth: int = 0) -> Document:
        """A control of one of these types; of any type without them."""
        names = sorted(types or (ANYWHERE if depth < 4 else {"Text", "Checkbox", "PieChart"}))
        name = self._random.choice(names)
        kind = CONTROL_TYPES[name]
        document: Document = {"type": name}
        for each in sorted({*kind.properties, *kind.slots, *kind.lists, *kind.actions, *COMMON}):
            if each not in kind.required and (
                self._random.random() < 0.6 or (each in COMMON and name not in ANYWHERE)
            ):
                continue
            if each in kind.slots:
                document[each] = self.control(kind.slots[each], depth + 1)
            elif each in kind.lists:
                count = self._random.randrange(4)
                inner = kind.lists[each]
                document[each] = [self.control(inner, depth + 1) for _ in range(count)]
            else:
                document[each] = self._value(kind.properties.get(each) or COMMON.get(each) or NAME)
        if name == "RadioGroup":
            radios = [{"type": "Radio", "value": each, "label": each} for each in "ab"]
            document["content"] = {"type": "Row", "controls": radios}
        for row in document.get("rows", ()):
            row["cells"] = [self._cell(depth) for _ in document["columns"]]
        return document

    def _cell(self, depth: int) -> Document:
        return {"type": "DataCell", "content": self.control(frozenset(), depth + 3)}

    def _value(self, kind: ValueKind) -> Any:
        """A value that this kind accepts."""
        while True:
            value = self._random.choice(
                (
                    self._random.uniform(-50, 100),
                    self._random.randrange(-5, 30),
                    self._random.choice(WORDS),
                    self._random.random() < 0.5,
                    [self._random.choice(WORDS)],
                    {"left": 3, "top": 64},
                    0.5,
                    200,
                )
            )
            if kind.accepts(value):
                return value


# Words that some property takes, and texts that are hard to draw.
WORDS = (
    *("a", "b", "why", "ADD", "NO_SUCH_ICON", "plan.png", "https://example.org/a?b=c", "primary"),
    *(
        "#336699",
        "start",
        "center",
        "stretch",
        "w500",
        "number",
        "2026-05-05",
        "09:41",
        "",
        "x" * 90,
    ),
    *(
        "**bold** `code`\n- list",
        "| a | b |\n|-|-|\n| c | d |",
        "שלום",
        "e\u0301\u0301",
        "\u202e",
        "😀",
    ),
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_whatever_is_accepted_is_drawn(seed: int) -> None:
    document = Maker(seed).control(frozenset())
    try:
        message = as_message(document)
    except BadView:
        return
    assert message.view is not None
    drawing = check_drawing(json.loads(message.view.drawing))
    controls = drawn_controls(message)
    ids = [each["_i"] for each in controls]
    assert len(set(ids)) == len(ids)
    first = FIRST_ROW_ID + 5 * IDS_PER_MESSAGE
    assert all(first <= each < first + IDS_PER_MESSAGE for each in ids)
    numbers = {
        view_control_of_part(part[2]) for each in ids if (part := message_part_of_id(each))
    } - {None}
    assert numbers <= set(range(len(drawing.nodes)))
    # The drawing is there, and not the text in its place.
    assert numbers
    submitted_values(drawing, {})


FORM = column(
    {"type": "TextField", "key": "why", "label": "Why", "max_length": 5},
    {"type": "Slider", "key": "share", "min": 0, "max": 100, "value": 20},
    {"type": "Switch", "on_change": "toggle"},
    {"type": "DatePicker", "key": "day", "label": "Day", "first_date": "2026-11-01"},
    {"type": "Button", "content": "Ship", "on_click": "ship"},
)


def test_changed_fields_are_drawn_until_they_are_submitted() -> None:
    message, edits = as_message(FORM), FieldEdits()
    edits.note_drawn(message)
    edits.edit(message, 1, {"value": "now"})
    edits.edit(message, 2, {"value": 70.0})
    edits.edit(message, 3, {"value": True})
    # No text of six characters fits, and a column has no value.
    edits.edit(message, 1, {"value": "now!!!"})
    edits.edit(message, 0, {"value": "now"})
    assert edits.named_values(message) == {"why": "now", "share": 70.0}
    edits.set_errors(message, {"why": "Say more.", "day": "Choose a day."})
    state = RowState(field_values=edits.row_values(message), field_errors=edits.row_errors(message))
    controls = drawn_controls(message, state)

    def found(type_: str) -> Document:
        return next(each for each in controls if each["_c"] == type_)

    assert (found("TextField")["value"], found("TextField")["error"]) == ("now", "Say more.")
    assert (found("Slider")["value"], found("Switch")["value"]) == (70.0, True)
    assert any("Choose a day." in str(each.get("value")) for each in controls)
    submitted = edits.all_values(message)
    edits.edit(message, 1, {"value": "more"})
    assert edits.settle(message, submitted)
    assert edits.all_values(message) == {"why": "more"}
    assert edits.row_errors(message) == ()


def test_values_that_a_field_cannot_have_are_refused() -> None:
    drawing = check_drawing(FORM)
    assert submitted_values(drawing, {"why": "now", "gone": 3}) == {
        "why": "now",
        "share": 20,
        "day": None,
    }
    bad = {"why": "x" * (FIELD_TEXT_LIMIT + 1), "share": 101, "day": "2026-10-31"}
    for name, value in bad.items():
        with pytest.raises(BadFieldValue):
            submitted_values(drawing, {name: value})
    for value in (None, [], {}, True, "20", float("nan")):
        assert not is_valid(drawing.fields["share"], value)
