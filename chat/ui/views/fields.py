"""The fields of a drawing: controls whose value a person edits."""

from datetime import date
from functools import partial
from typing import Any

import flet as ft

from chat.drawings.drawing import Node
from chat.drawings.limits import FIELD_TEXT_LIMIT
from chat.ui.theme.copied_text import aside
from chat.ui.views.parts import (
    UNBOUNDED_WIDTH,
    Drawn,
    as_part,
    clean,
    handled_by_session,
    handlers_of,
    icon_of,
    values_of,
)


def field(drawn: Drawn, node: Node, content: ft.Control | None, *, is_bounded: bool) -> ft.Control:
    """A field with the value that the viewer sees; `content` is that of a RadioGroup."""
    if node.type == "RadioGroup":
        assert content is not None, "it has content"
        group = ft.RadioGroup(content=content, value=drawn.value(node), **handlers_of(node))
        return as_part(group, node)
    control = _FIELDS[node.type](drawn, node)
    if not is_bounded and node.type in _WIDE and isinstance(control, ft.LayoutControl):
        control.width = UNBOUNDED_WIDTH
    return control


def _cleaned(node: Node, *names: str) -> dict[str, Any]:
    return {name: clean(node.values[name]) for name in names if name in node.values}


def _text_field(drawn: Drawn, node: Node) -> ft.Control:
    text_field = ft.TextField(
        value=drawn.value(node),
        max_length=node.values.get("max_length", FIELD_TEXT_LIMIT),
        counter="",
        dense=True,
        error=drawn.error(node),
        # The page takes a field of several lines for the message field, unless it is not corrected.
        autocorrect=not node.values.get("multiline"),
        # Its row is not drawn anew while the person writes in it (`written_field.py`).
        on_focus=handled_by_session,
        on_blur=handled_by_session,
        **_cleaned(node, "label", "hint_text", "helper"),
        **values_of(node, "multiline", "min_lines", "max_lines", "keyboard_type", "read_only"),
        **handlers_of(node),
    )
    return as_part(text_field, node)


def _checkbox(drawn: Drawn, node: Node) -> ft.Control:
    checkbox = ft.Checkbox(value=drawn.value(node), **_cleaned(node, "label"), **handlers_of(node))
    return as_part(checkbox, node)


def _switch(drawn: Drawn, node: Node) -> ft.Control:
    switch = ft.Switch(value=drawn.value(node), **_cleaned(node, "label"), **handlers_of(node))
    return as_part(switch, node)


def _chip(drawn: Drawn, node: Node) -> ft.Control:
    handlers = handlers_of(node)
    if "on_click" not in handlers:
        # Without it the client draws a chip that cannot be chosen.
        handlers["on_select"] = handled_by_session
    chip = ft.Chip(
        label=clean(node.values["label"]),
        selected=drawn.value(node),
        **values_of(node, "bgcolor"),
        **handlers,
    )
    return as_part(chip, node)


def _dropdown(drawn: Drawn, node: Node) -> ft.Control:
    options = [
        as_part(
            ft.DropdownOption(
                key=each.values["key"], text=clean(each.values.get("text", each.values["key"]))
            ),
            each,
        )
        for each in node.parts["options"]
    ]
    dropdown = ft.Dropdown(
        options=options,
        value=drawn.value(node),
        dense=True,
        error_text=drawn.error(node, "error_text"),
        **_cleaned(node, "label", "hint_text", "helper_text"),
        **handlers_of(node),
    )
    return as_part(dropdown, node)


def _segmented_button(drawn: Drawn, node: Node) -> ft.Control:
    segments = [
        as_part(
            ft.Segment(
                value=each.values["value"],
                label=ft.Text(clean(each.values["label"])),
                icon=icon_of(each.values["icon"]) if "icon" in each.values else None,
            ),
            each,
        )
        for each in node.parts["segments"]
    ]
    button = ft.SegmentedButton(
        segments=segments,
        selected=list(drawn.value(node)),
        **values_of(node, "allow_multiple_selection", "allow_empty_selection"),
        **handlers_of(node),
    )
    return as_part(button, node)


# A slider tells its value when it is let go: each step would be an action.
_slider_handlers = partial(handlers_of, on_change="on_change_end")
_SLIDER_VALUES = ("min", "max", "divisions", "round")


def _slider(drawn: Drawn, node: Node) -> ft.Control:
    low, high = node.values.get("min", 0), node.values.get("max", 1)
    slider = ft.Slider(
        value=min(max(drawn.value(node), low), high),
        label=node.values.get("label", "{value}"),
        **values_of(node, *_SLIDER_VALUES),
        **_slider_handlers(node),
    )
    return as_part(slider, node)


def _range_slider(drawn: Drawn, node: Node) -> ft.Control:
    low, high = node.values.get("min", 0), node.values.get("max", 1)
    start, end = (min(max(each, low), high) for each in drawn.value(node))
    slider = ft.RangeSlider(
        start_value=start,
        end_value=end,
        label=node.values.get("label", "{value}"),
        **values_of(node, *_SLIDER_VALUES),
        **_slider_handlers(node),
    )
    return as_part(slider, node)


def _date_button(drawn: Drawn, node: Node) -> ft.Control:
    value = drawn.value(node)
    shown = drawn.t("Choose a day")
    if value is not None:
        shown = drawn.viewer.name_of_day(date.fromisoformat(value))
    return _picker_button(drawn, node, shown, ft.Icons.CALENDAR_MONTH_OUTLINED)


def _time_button(drawn: Drawn, node: Node) -> ft.Control:
    shown = drawn.value(node) or drawn.t("Choose a time")
    return _picker_button(drawn, node, shown, ft.Icons.SCHEDULE_ROUNDED)


def _picker_button(drawn: Drawn, node: Node, shown: str, icon: ft.IconData) -> ft.Control:
    """A button that shows the value, and opens the dialog that changes it."""
    label = node.values.get("label")
    button = as_part(
        ft.OutlinedButton(
            content=shown if label is None else f"{clean(label)}: {shown}",
            icon=icon,
            on_click=handled_by_session,
        ),
        node,
    )
    if (error := drawn.error(node)) is None:
        return button
    return ft.Column(
        [button, ft.Text(aside(error), size=12, color=ft.Colors.ERROR)], spacing=2, tight=True
    )


def _auto_complete(drawn: Drawn, node: Node) -> ft.Control:
    suggestions = [
        ft.AutoCompleteSuggestion(
            key=each.values["value"].casefold(), value=clean(each.values["value"])
        )
        for each in node.parts["suggestions"]
    ]
    auto_complete = ft.AutoComplete(
        value=drawn.value(node), suggestions=suggestions, **handlers_of(node)
    )
    return as_part(auto_complete, node)


_FIELDS = {
    "TextField": _text_field,
    ft.Checkbox.__name__: _checkbox,
    ft.Switch.__name__: _switch,
    ft.Chip.__name__: _chip,
    ft.Dropdown.__name__: _dropdown,
    "SegmentedButton": _segmented_button,
    ft.Slider.__name__: _slider,
    "RangeSlider": _range_slider,
    "DatePicker": _date_button,
    "TimePicker": _time_button,
    "AutoComplete": _auto_complete,
}

# These take all the width there is.
_WIDE = {"TextField", ft.Slider.__name__, "RangeSlider", "AutoComplete", "SegmentedButton"}
