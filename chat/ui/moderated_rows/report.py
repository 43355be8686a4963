"""What a row of the moderators' room shows below a report: its kind, and what can be done."""

from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.errors import gettext_noop
from chat.languages import Language
from chat.model.messages import Message
from chat.model.reports import Report, ReportKind
from chat.model.rooms import RoomKind
from chat.ui.row_parts import (
    REPORT_DELETE,
    REPORT_MODERATE,
    REPORT_SETTLE,
    REPORT_SHOW,
    OnPartClick,
)
from chat.ui.theme import theme
from chat.ui.theme.copied_text import aside
from chat.ui.viewer import ViewerContext

KIND_LABELS = {
    ReportKind.SPAM: gettext_noop("Spam"),
    ReportKind.HARASSMENT: gettext_noop("Harassment"),
    ReportKind.OTHER: gettext_noop("Something else"),
}

_BUTTON_PADDING = ft.Padding.symmetric(horizontal=10, vertical=6)
_SETTLED_COLOUR = ft.Colors.PRIMARY


@dataclass(frozen=True, slots=True)
class _Button:
    part: int
    icon: ft.IconData
    label: str
    color: ft.ColorValue = ft.Colors.ON_SURFACE


def report_box(message: Message, viewer: ViewerContext, on_part_click: OnPartClick) -> ft.Control:
    """The kind of a report, and its buttons; of a settled one, who settled it."""
    report, t = message.report, viewer.t
    assert report is not None
    buttons: list[ft.Control] = [
        _button(each, message.number, on_part_click) for each in _buttons(report, t)
    ]
    row = ft.Row(buttons, spacing=6, run_spacing=6, wrap=True)
    return ft.Container(
        ft.Column([_state(report, t), row], spacing=6, tight=True),
        margin=viewer.metrics.extras_margin,
    )


def report_text(report: Report, t: Language) -> str:
    """What a report is about, in words, as “Spam · in a private room”."""
    place = ""
    if report.room_kind is RoomKind.PRIVATE:
        place = t("in a private room")
    elif report.room_kind is RoomKind.DIRECT:
        place = t("in a direct conversation")
    parts = [t(KIND_LABELS[report.kind]), place]
    if report.settled_by:
        parts.append(t("settled by {name}", name=report.settled_by))
    return " · ".join(filter(None, parts))


def _state(report: Report, t: Language) -> ft.Control:
    icon, color = ft.Icons.FLAG_ROUNDED, ft.Colors.ERROR
    if report.settled_by:
        icon, color = ft.Icons.CHECK_CIRCLE_ROUNDED, _SETTLED_COLOUR
    text = ft.Text(aside(report_text(report, t)), size=13, weight=ft.FontWeight.W_600, expand=True)
    line = ft.Row([ft.Icon(icon, size=18, color=color), text], spacing=6)
    return ft.Semantics(content=line, container=True)


def _buttons(report: Report, t: Language) -> list[_Button]:
    show = _Button(REPORT_SHOW, ft.Icons.VISIBILITY_OUTLINED, t("Show the message"))
    if report.settled_by:
        return [show, _Button(REPORT_SETTLE, ft.Icons.REPLAY_ROUNDED, t("Open again"))]
    name, error = report.person_name, ft.Colors.ERROR
    return [
        show,
        _Button(REPORT_MODERATE, ft.Icons.SHIELD_OUTLINED, t("Moderate {name}", name=name)),
        _Button(REPORT_DELETE, ft.Icons.DELETE_OUTLINE_ROUNDED, t("Delete the message"), error),
        _Button(REPORT_SETTLE, ft.Icons.CHECK_ROUNDED, t("Mark as settled"), _SETTLED_COLOUR),
    ]


def _button(button: _Button, number: int, on_part_click: OnPartClick) -> ft.Control:
    label = ft.Text(aside(button.label), size=13, color=button.color)
    box = ft.Container(
        ft.Row([ft.Icon(button.icon, size=16, color=button.color), label], spacing=6, tight=True),
        padding=_BUTTON_PADDING,
        border_radius=10,
        border=theme.OUTLINE,
        bgcolor=ft.Colors.SURFACE_CONTAINER,
        data=button.part,
        on_click=partial(on_part_click, number, button.part),
    )
    return ft.Semantics(content=box, container=True, button=True)
