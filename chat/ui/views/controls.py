"""A drawing as ordinary controls, within the row of its message."""

from collections.abc import Callable
from typing import Any

import flet as ft

from chat.drawings.control_types import PART_TYPES
from chat.drawings.drawing import Drawing, Node
from chat.text.display import is_rtl
from chat.ui.theme import theme
from chat.ui.views.charts import chart
from chat.ui.views.fields import field
from chat.ui.views.formatted_text import FormattedTexts
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

_SPACING = 10
_BUTTONS = {
    ft.Button.__name__: ft.Button,
    "FilledButton": ft.FilledButton,
    "FilledTonalButton": ft.FilledTonalButton,
    "OutlinedButton": ft.OutlinedButton,
    "TextButton": ft.TextButton,
}
_CHARTS = {"BarChart", "LineChart", "PieChart", "ScatterChart"}
# A screen reader would else read a text as a part of the label of the next field.
_LEAVES = {
    *(each.__name__ for each in (ft.Text, ft.Markdown, ft.Slider, ft.Dropdown)),
    *("TextField", "RangeSlider", "AutoComplete"),
}
_MAX_IMAGE_WIDTH, _MAX_IMAGE_HEIGHT = 360, 300
_TABLE_HEIGHT = 40

Build = Callable[["ViewBuilder", Node, bool], ft.Control]


class ViewBuilder:
    """Builds the controls of one drawing. Each node's control has the id of its part.

    `is_bounded` says that there is an end to the width that a control may take: a control that
    takes all of it has a width of its own elsewhere, and nothing expands.
    """

    def __init__(self, drawn: Drawn) -> None:
        self._drawn = drawn
        self._formatted = FormattedTexts(drawn.t)

    def build(self, drawing: Drawing) -> ft.Control:
        """All controls."""
        return self._build(drawing.root, is_bounded=True)

    def _build(self, node: Node, *, is_bounded: bool, may_expand: bool = False) -> ft.Control:
        values = node.values
        is_bounded |= "width" in values
        if node.type in _CHARTS:
            control = chart(self._drawn, node, is_bounded=is_bounded)
        elif node.kind.is_field:
            content = self._content(node, is_bounded=is_bounded)
            control = field(self._drawn, node, content, is_bounded=is_bounded)
        else:
            control = _BUILDS[node.type](self, node, is_bounded)
        if values.get("visible") is False:
            control.visible = False
        if values.get("disabled"):
            control.disabled = True
        if isinstance(control, ft.LayoutControl) and node.type not in PART_TYPES:
            for name in ("width", "height"):
                if name in values:
                    setattr(control, name, values[name])
            if tooltip := values.get("tooltip"):
                control.tooltip = clean(tooltip)
        if node.type in _LEAVES:
            control = ft.Semantics(content=control, container=True)
        if may_expand and (expand := values.get("expand")):
            control.expand = expand
        return control

    def _content(self, node: Node, *, is_bounded: bool) -> ft.Control | None:
        content = node.parts.get("content", ())
        return self._build(content[0], is_bounded=is_bounded) if content else None

    def _text(self, node: Node, is_bounded: bool) -> ft.Control:
        text = node.values["value"]
        control = ft.Text(
            clean(text),
            rtl=is_rtl(text),
            **values_of(node, "size", "weight", "italic", "color", "text_align", "max_lines"),
        )
        if "max_lines" in node.values:
            control.overflow = ft.TextOverflow.ELLIPSIS
        return as_part(control, node)

    def _markdown(self, node: Node, is_bounded: bool) -> ft.Control:
        # A table or a block of code takes all the width there is.
        if not is_bounded:
            return as_part(ft.Text(clean(node.values["value"])), node)
        return as_part(self._formatted.control(node.values["value"]), node)

    def _icon(self, node: Node, is_bounded: bool) -> ft.Control:
        icon = ft.Icon(icon_of(node.values["icon"]), **values_of(node, "color", "size"))
        if label := node.values.get("semantics_label"):
            icon.semantics_label = clean(label)
        return as_part(icon, node)

    def _image(self, node: Node, is_bounded: bool) -> ft.Control:
        drawn, name = self._drawn, node.values["src"]
        file = next((each for each in drawn.message.files if each.name == name), None)
        label = clean(node.values.get("semantics_label", name))
        if file is None or not file.is_picture:
            icon = ft.Icon(ft.Icons.BROKEN_IMAGE_OUTLINED, semantics_label=label)
            return as_part(icon, node)
        scale = min(
            1.0, _MAX_IMAGE_WIDTH / max(1, file.width), _MAX_IMAGE_HEIGHT / max(1, file.height)
        )
        image = ft.Image(
            src=drawn.viewer.image_url(file.small_url),
            width=max(8, round(file.width * scale)),
            height=max(8, round(file.height * scale)),
            fit=ft.BoxFit.CONTAIN,
            semantics_label=label,
            gapless_playback=True,
            **values_of(node, "border_radius"),
        )
        return as_part(image, node)

    def _row(self, node: Node, is_bounded: bool) -> ft.Control:
        wraps = bool(node.values.get("wrap"))
        controls = [
            self._build(
                each,
                is_bounded=is_bounded and (wraps or bool(each.values.get("expand"))),
                may_expand=is_bounded and not wraps,
            )
            for each in node.parts.get("controls", ())
        ]
        row = ft.Row(
            controls,
            spacing=node.values.get("spacing", _SPACING),
            run_spacing=node.values.get("run_spacing", _SPACING),
            tight=not is_bounded,
            **values_of(node, "wrap", "alignment", "vertical_alignment"),
        )
        return as_part(row, node)

    def _column(self, node: Node, is_bounded: bool) -> ft.Control:
        controls = [
            self._build(each, is_bounded=is_bounded) for each in node.parts.get("controls", ())
        ]
        alignment = node.values.get("horizontal_alignment", "start")
        if alignment == "stretch" and not is_bounded:
            alignment = "start"
        column = ft.Column(
            controls,
            spacing=node.values.get("spacing", _SPACING),
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment(alignment),
        )
        return as_part(column, node)

    def _container(self, node: Node, is_bounded: bool) -> ft.Control:
        padding = node.values.get("padding", 0)
        container = ft.Container(
            self._content(node, is_bounded=is_bounded),
            padding=ft.Padding.only(**padding) if isinstance(padding, dict) else padding,
            clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
            **values_of(node, "bgcolor", "border_radius"),
        )
        return as_part(container, node)

    def _card(self, node: Node, is_bounded: bool) -> ft.Control:
        card = ft.Card(
            content=self._content(node, is_bounded=is_bounded),
            margin=0,
            **values_of(node, "bgcolor"),
        )
        return as_part(card, node)

    def _divider(self, node: Node, is_bounded: bool) -> ft.Control:
        divider = ft.Divider(height=1, **values_of(node, "color"))
        if is_bounded:
            return as_part(divider, node)
        return as_part(ft.Container(width=UNBOUNDED_WIDTH, content=divider), node)

    def _button(self, node: Node, is_bounded: bool) -> ft.Control:
        button: ft.Button = _BUTTONS[node.type](
            content=clean(node.values["content"]),
            icon=icon_of(node.values["icon"]) if "icon" in node.values else None,
            url=_url(node),
            **values_of(node, "icon_color", "color", "bgcolor"),
            **_click_handlers(node),
        )
        return as_part(button, node)

    def _icon_button(self, node: Node, is_bounded: bool) -> ft.Control:
        button = ft.IconButton(
            icon=icon_of(node.values["icon"]),
            url=_url(node),
            **values_of(node, "icon_color", "bgcolor", "icon_size"),
            **_click_handlers(node),
        )
        return as_part(button, node)

    def _radio(self, node: Node, is_bounded: bool) -> ft.Control:
        radio = ft.Radio(label=clean(node.values["label"]), value=node.values["value"])
        return as_part(radio, node)

    def _progress_bar(self, node: Node, is_bounded: bool) -> ft.Control:
        bar = ft.ProgressBar(**values_of(node, "value", "color", "bgcolor", "semantics_label"))
        if not is_bounded:
            bar.width = UNBOUNDED_WIDTH
        return as_part(bar, node)

    def _progress_ring(self, node: Node, is_bounded: bool) -> ft.Control:
        names = ("value", "color", "bgcolor", "stroke_width", "semantics_label")
        return as_part(ft.ProgressRing(**values_of(node, *names)), node)

    def _table(self, node: Node, is_bounded: bool) -> ft.Control:
        columns = [
            as_part(
                ft.DataColumn(
                    label=ft.Text(clean(each.values["label"]), weight=ft.FontWeight.W_600),
                    **values_of(each, "numeric"),
                    **handlers_of(each),
                ),
                each,
            )
            for each in node.parts["columns"]
        ]
        rows = [
            as_part(
                ft.DataRow(
                    cells=[self._cell(cell) for cell in row.parts.get("cells", ())],
                ),
                row,
            )
            for row in node.parts.get("rows", ())
        ]
        table = ft.DataTable(
            columns=columns,
            rows=rows,
            column_spacing=24,
            horizontal_margin=12,
            heading_row_height=_TABLE_HEIGHT,
            data_row_min_height=_TABLE_HEIGHT,
            border=theme.OUTLINE,
            border_radius=10,
            **values_of(node, "sort_column_index", "sort_ascending"),
        )
        # A wide table is moved to the side.
        return ft.Row([as_part(table, node)], scroll=ft.ScrollMode.AUTO, tight=True)

    def _cell(self, node: Node) -> Any:
        content = self._content(node, is_bounded=False)
        return as_part(ft.DataCell(content=content or ft.Text("")), node)


def _url(node: Node) -> ft.Url | None:
    url = node.values.get("url")
    return None if url is None else ft.Url(url, ft.UrlTarget.BLANK)


def _click_handlers(node: Node) -> dict[str, Any]:
    """A button that does nothing but open an address has a handler, or the client disables it."""
    if "url" in node.values:
        return {"on_click": handled_by_session}
    return handlers_of(node)


_BUILDS: dict[str, Build] = {
    ft.Text.__name__: ViewBuilder._text,
    ft.Markdown.__name__: ViewBuilder._markdown,
    ft.Icon.__name__: ViewBuilder._icon,
    ft.Image.__name__: ViewBuilder._image,
    ft.Row.__name__: ViewBuilder._row,
    ft.Column.__name__: ViewBuilder._column,
    ft.Container.__name__: ViewBuilder._container,
    ft.Card.__name__: ViewBuilder._card,
    ft.Divider.__name__: ViewBuilder._divider,
    **dict.fromkeys(_BUTTONS, ViewBuilder._button),
    "IconButton": ViewBuilder._icon_button,
    ft.Radio.__name__: ViewBuilder._radio,
    "ProgressBar": ViewBuilder._progress_bar,
    "ProgressRing": ViewBuilder._progress_ring,
    "DataTable": ViewBuilder._table,
}
