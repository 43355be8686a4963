"""Views of bots: Flet controls as documents, actions by name, and forms of dataclasses."""

from dataclasses import dataclass, field
from datetime import date, time
from enum import Enum
from typing import Any, Literal

import flet as ft
import flet_charts as charts
import pytest

from chat.drawings.drawing import check_drawing
from flet_chat import Bot
from flet_chat.bots.forms import BadEntry, Form
from flet_chat.content import compose
from flet_chat.events import Event
from flet_chat.views import document_of


def test_controls_of_flet_become_a_document_that_the_chat_accepts() -> None:
    bot = Bot("deploy")

    @bot.action
    def ship(event: Any, state: Any) -> Any:
        """Ship."""

    @bot.view
    def deploy(state: Any) -> ft.Control:
        """The form."""
        rod = charts.BarChartRod(to_y=3, color=ft.Colors.PRIMARY)
        return ft.Column(
            [
                ft.Text("Deploy", size=18, weight=ft.FontWeight.W_600),
                charts.BarChart(
                    groups=[charts.BarChartGroup(x=0, rods=[rod])],
                    bottom_axis=charts.ChartAxis(labels=[charts.ChartAxisLabel(0, ft.Text("Mon"))]),
                ),
                ft.Container(ft.Icon(ft.Icons.INFO), padding=ft.Padding.all(8), border_radius=6),
                ft.TextField(key="why", label="Why", multiline=True, max_lines=3),
                ft.Slider(key="share", min=0, max=100, value=20, on_change_end=ship),
                ft.Switch(key="loud", value=True),
                ft.RadioGroup(ft.Row([ft.Radio(label="A", value="a")]), key="kind", value="a"),
                ft.Dropdown(key="env", options=[ft.DropdownOption("prod", "Production")]),
                ft.SegmentedButton([ft.Segment("s", label=ft.Text("Small"))], selected=["s"]),
                ft.DatePicker(key="day", help_text="Day", value=date(2026, 11, 30)),
                ft.TimePicker(key="at", value=time(9, 41)),
                ft.AutoComplete(suggestions=[ft.AutoCompleteSuggestion("p", "Paris")]),
                ft.DataTable(
                    [ft.DataColumn(label=ft.Text("Name"), on_sort=ship)],
                    [ft.DataRow([ft.DataCell(ft.Text("Ann"))])],
                ),
                ft.FilledButton("Ship", icon=ft.Icons.ROCKET_LAUNCH, data={"v": 1}, on_click=ship),
                ft.TextButton("Notes", url=ft.Url("https://example.org")),
            ],
            spacing=12,
        )

    view = bot.live(deploy, {"version": "1.4"})
    assert (view.name, view.state) == ("deploy", {"version": "1.4"})
    drawing = check_drawing(view.drawing)
    by_type = {each.type: each.values for each in drawing.nodes}
    assert by_type["Column"] == {"spacing": 12}
    assert (by_type["Text"], by_type["Icon"]) == ({"value": "Ann"}, {"icon": "INFO"})
    assert by_type["Container"] == {"padding": 8, "border_radius": 6}
    assert by_type["Slider"]["on_change"] == by_type["DataColumn"]["on_sort"] == "ship"
    assert by_type["DatePicker"] == {"key": "day", "label": "Day", "value": "2026-11-30"}
    assert by_type["TimePicker"] == {"key": "at", "value": "09:41"}
    assert by_type["FilledButton"] == {
        "content": "Ship",
        "icon": "ROCKET_LAUNCH",
        "data": {"v": 1},
        "on_click": "ship",
    }
    assert by_type["TextButton"] == {"content": "Notes", "url": "https://example.org"}
    assert (by_type["ChartAxisLabel"]["label"], by_type["Segment"]["label"]) == ("Mon", "Small")
    draft = compose(["Deploy 1.4?", view])
    assert (draft.text, draft.view) == ("Deploy 1.4?", view)


def test_function_that_is_no_action_is_named() -> None:
    bot = Bot("deploy")

    def helper(event: Any) -> None:
        """Not an action."""

    @bot.view
    def deploy(state: Any) -> ft.Control:
        """A button."""
        return ft.Button("Ship", on_click=helper)

    with pytest.raises(ValueError, match="helper is no action of the bot"):
        bot.live(deploy)
    with pytest.raises(ValueError, match="is no control of Flet"):
        document_of("hello")
    with pytest.raises(ValueError, match="needs two parameters"):
        bot.action(helper)  # type: ignore[arg-type]


def test_state_that_was_written_counts_until_an_event_has_a_newer_one() -> None:
    bot = Bot("vote")
    room = {"slug": "lobby", "title": "Lobby", "kind": "public", "thread_of": None}

    def event(change_number: int, state: int) -> Event:
        values = {"type": "action", "room": room, "number": 4, "change_number": change_number}
        return Event.read(values | {"state": state})

    views = bot.live_views
    assert views.state_of(event(10, 0)) == 0
    views.written(event(10, 0), 12, 1)
    # This one was told before the state was written.
    assert views.state_of(event(11, 0)) == 1
    assert views.state_of(event(12, 1)) == 1
    assert views.state_of(event(15, 7)) == 7


class Size(Enum):
    """How large it is."""

    SMALL = 1
    VERY_LARGE = 2


@dataclass
class Deploy:
    """What is deployed."""

    version: str
    share: int = field(default=20, metadata={"min": 0, "max": 100})
    weight: float | None = None
    note: str = ""
    tests_ran: bool = True
    day: date | None = None
    at: time = time(9)
    environment: Literal["test", "production"] = "test"
    size: Size = Size.SMALL

    def __post_init__(self) -> None:
        if self.version == "0":
            raise ValueError("There is no version 0.")


def test_form_of_a_dataclass_checks_what_was_entered() -> None:
    entered: list[Deploy] = []
    bot = Bot("deploy")

    def deploy(event: Any, entry: Deploy) -> str:
        """Take the entry."""
        entered.append(entry)
        return "On its way."

    view = bot.live(bot.form(Deploy, deploy), "Deploy")
    drawing = check_drawing(view.drawing)
    types = {name: node.type for name, node in drawing.fields.items()}
    assert types == {
        "version": "TextField",
        "share": "Slider",
        "weight": "TextField",
        "note": "TextField",
        "tests_ran": "Switch",
        "day": "DatePicker",
        "at": "TimePicker",
        "environment": "Dropdown",
        "size": "Dropdown",
    }
    form = Form(Deploy)
    values = {
        "version": " 1.4 ",
        "share": 30.0,
        "weight": "1,5",
        "note": "",
        "tests_ran": False,
        "day": "2026-11-30",
        "at": "10:30",
        "environment": "production",
        "size": "Very large",
    }
    assert form.read(values) == Deploy(
        "1.4", 30, 1.5, "", False, date(2026, 11, 30), time(10, 30), "production", Size.VERY_LARGE
    )
    wrong = values | {"version": "", "weight": "heavy", "share": 200}
    with pytest.raises(BadEntry) as refused:
        form.read(wrong)
    assert refused.value.errors == {
        "version": "This is needed.",
        "weight": "Write a number.",
        "share": "At most 100.",
    }
    with pytest.raises(BadEntry, match="There is no version 0"):
        form.read(values | {"version": "0"})

    @dataclass
    class Wrong:
        """A type that no control has."""

        many: list[str]

    with pytest.raises(TypeError, match="has no control"):
        Form(Wrong)
