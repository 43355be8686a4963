"""Charts of a drawing, as controls of `flet-charts`, which is loaded with the first one."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import flet as ft

from chat.drawings.drawing import Node
from chat.drawings.sizes import CHART_HEIGHT
from chat.ui.theme import widgets
from chat.ui.views.parts import UNBOUNDED_CHART_WIDTH, Drawn, as_part, clean, values_of

if TYPE_CHECKING:
    import flet_charts

_COLORS = (ft.Colors.PRIMARY, ft.Colors.TERTIARY, ft.Colors.SECONDARY, ft.Colors.ERROR)
_BAR_WIDTH, _BAR_RADIUS, _LINE_WIDTH, _SPOT_RADIUS = 18, 4, 3, 6
_LABEL_SIZE, _LEFT_LABEL_SIZE = 28, 40
_SECTION_RADIUS, _CENTER_RADIUS = 60, 36
_TITLE_STYLE = ft.TextStyle(size=12, weight=ft.FontWeight.W_600)
_SMALL = 12

# Values that a screen reader reads of a chart.
_READ_VALUES = 20


def chart(drawn: Drawn, node: Node, *, is_bounded: bool) -> ft.Control:
    """A chart with its height, which a screen reader reads as its values."""
    build = {
        "BarChart": _bar_chart,
        "LineChart": _line_chart,
        "PieChart": _pie_chart,
        "ScatterChart": _scatter_chart,
    }[node.type]
    built = build(node)
    content = widgets.secondary_text(drawn.t("No data yet")) if built is None else built
    box = ft.Container(as_part(content, node), height=node.values.get("height", CHART_HEIGHT))
    if not is_bounded:
        box.width = UNBOUNDED_CHART_WIDTH
    label = node.values.get("semantics_label") or _spoken_values(node)
    return ft.Semantics(content=box, container=True, label=clean(label), exclude_semantics=True)


def _nodes(node: Node, slot: str) -> tuple[Node, ...]:
    return node.parts.get(slot, ())


def _range(name: str, node: Node, found: Iterable[float], *, has_zero: bool) -> dict[str, Any]:
    """The least and the most of an axis: a chart without any height cannot be drawn."""
    values = [*found, *((0.0,) if has_zero else ())]
    low = node.values.get(f"min_{name}", min(values, default=0))
    high = node.values.get(f"max_{name}", max(values, default=1))
    if high <= low:
        high = low + max(1.0, abs(low) * 0.1)
    return {f"min_{name}": low, f"max_{name}": high}


def _axes(node: Node) -> dict[str, Any]:
    return {
        name: _axis(nodes[0], is_side=name in {"left_axis", "right_axis"})
        for name, nodes in node.parts.items()
        if name.endswith("_axis")
    }


def _axis(node: Node, *, is_side: bool) -> "flet_charts.ChartAxis":
    import flet_charts as charts

    labels = [
        as_part(
            charts.ChartAxisLabel(
                value=each.values["value"],
                label=ft.Text(clean(each.values["label"]), size=_SMALL, semantics_label=""),
            ),
            each,
        )
        for each in _nodes(node, "labels")
    ]
    axis = charts.ChartAxis(
        labels=labels,
        label_size=node.values.get("label_size", _LEFT_LABEL_SIZE if is_side else _LABEL_SIZE),
        **values_of(node, "show_labels"),
    )
    if title := node.values.get("title"):
        axis.title = ft.Text(clean(title), size=_SMALL, color=ft.Colors.ON_SURFACE_VARIANT)
        axis.title_size = 20
    return as_part(axis, node)


def _grid() -> "flet_charts.ChartGridLines":
    import flet_charts as charts

    return charts.ChartGridLines(color=ft.Colors.OUTLINE_VARIANT, width=1)


def _bar_chart(node: Node) -> ft.Control | None:
    import flet_charts as charts

    groups = _nodes(node, "groups")
    rods = [rod for each in groups for rod in _nodes(each, "rods")]
    if not rods:
        return None
    heights = [value for rod in rods for value in (rod.values["to_y"], rod.values.get("from_y", 0))]
    drawn_groups = [
        as_part(
            charts.BarChartGroup(
                x=each.values["x"],
                rods=[
                    as_part(
                        charts.BarChartRod(
                            from_y=rod.values.get("from_y", 0),
                            to_y=rod.values["to_y"],
                            width=rod.values.get("width", _BAR_WIDTH),
                            border_radius=rod.values.get("border_radius", _BAR_RADIUS),
                            color=rod.values.get("color", _COLORS[n % len(_COLORS)]),
                        ),
                        rod,
                    )
                    for n, rod in enumerate(_nodes(each, "rods"))
                ],
            ),
            each,
        )
        for each in groups
    ]
    return charts.BarChart(
        groups=drawn_groups,
        horizontal_grid_lines=_grid(),
        **_range("y", node, heights, has_zero=True),
        **_axes(node),
    )


def _line_chart(node: Node) -> ft.Control | None:
    import flet_charts as charts

    series = [each for each in _nodes(node, "data_series") if _nodes(each, "points")]
    points = [point for each in series for point in _nodes(each, "points")]
    if not points:
        return None
    drawn_series = [
        as_part(
            charts.LineChartData(
                points=[
                    as_part(
                        charts.LineChartDataPoint(x=point.values["x"], y=point.values["y"]), point
                    )
                    for point in _nodes(each, "points")
                ],
                color=each.values.get("color", _COLORS[n % len(_COLORS)]),
                stroke_width=each.values.get("stroke_width", _LINE_WIDTH),
                rounded_stroke_cap=True,
                prevent_curve_over_shooting=True,
                **values_of(each, "curved", "below_line_bgcolor"),
            ),
            each,
        )
        for n, each in enumerate(series)
    ]
    return charts.LineChart(
        data_series=drawn_series,
        horizontal_grid_lines=_grid(),
        **_range("x", node, [each.values["x"] for each in points], has_zero=False),
        **_range("y", node, [each.values["y"] for each in points], has_zero=False),
        **_axes(node),
    )


def _pie_chart(node: Node) -> ft.Control | None:
    import flet_charts as charts

    sections = _nodes(node, "sections")
    if not any(each.values["value"] > 0 for each in sections):
        return None
    center = node.values.get("center_space_radius", _CENTER_RADIUS)
    radii = [each.values.get("radius", _SECTION_RADIUS) for each in sections]
    # The circle fits into the height.
    scale = min(1.0, node.values.get("height", CHART_HEIGHT) / 2 / (center + max(radii)))
    drawn_sections = [
        as_part(
            charts.PieChartSection(
                value=each.values["value"],
                title=clean(each.values.get("title", "")),
                title_style=_TITLE_STYLE.copy(color=_color_on(each, n)),
                color=each.values.get("color", _COLORS[n % len(_COLORS)]),
                radius=radii[n] * scale,
            ),
            each,
        )
        for n, each in enumerate(sections)
    ]
    return charts.PieChart(
        sections=drawn_sections,
        center_space_radius=center * scale,
        sections_space=node.values.get("sections_space", 2),
    )


_ON_COLORS = (
    ft.Colors.ON_PRIMARY,
    ft.Colors.ON_TERTIARY,
    ft.Colors.ON_SECONDARY,
    ft.Colors.ON_ERROR,
)


def _color_on(section: Node, n: int) -> ft.Colors:
    """The colour of a title, which is on the colour of its section."""
    return ft.Colors.WHITE if "color" in section.values else _ON_COLORS[n % len(_ON_COLORS)]


def _scatter_chart(node: Node) -> ft.Control | None:
    import flet_charts as charts

    spots = _nodes(node, "spots")
    if not spots:
        return None
    drawn_spots = [
        as_part(
            charts.ScatterChartSpot(
                x=each.values["x"],
                y=each.values["y"],
                radius=each.values.get("radius", _SPOT_RADIUS),
                color=each.values.get("color", ft.Colors.PRIMARY),
            ),
            each,
        )
        for each in spots
    ]
    return charts.ScatterChart(
        spots=drawn_spots,
        horizontal_grid_lines=_grid(),
        **_range("x", node, [each.values["x"] for each in spots], has_zero=False),
        **_range("y", node, [each.values["y"] for each in spots], has_zero=False),
        **_axes(node),
    )


def _spoken_values(node: Node) -> str:
    """The values of a chart in words, as "Mon 3, Tue 5"."""
    names = {
        each.values["value"]: each.values["label"]
        for axis in node.parts.get("bottom_axis", ())
        for each in _nodes(axis, "labels")
    }
    spoken = list[str]()
    for each in node.all():
        values = each.values
        match each.type:
            case "BarChartGroup":
                heights = " ".join(f"{rod.values['to_y']:g}" for rod in _nodes(each, "rods"))
                spoken.append(f"{names.get(values['x'], values['x'])} {heights}")
            case "LineChartDataPoint" | "ScatterChartSpot":
                spoken.append(f"{names.get(values['x'], format(values['x'], 'g'))} {values['y']:g}")
            case "PieChartSection":
                spoken.append(f"{values.get('title', '')} {values['value']:g}".strip())
    return ", ".join(spoken[:_READ_VALUES])
