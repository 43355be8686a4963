"""The view of a message below its author: its controls, or its text where they are not drawn."""

from functools import lru_cache

import flet as ft
import structlog

from chat.drawings.drawing import Drawing, parse_drawing
from chat.errors import ChatError
from chat.model.messages import Message
from chat.model.programs import View
from chat.ui.theme import theme
from chat.ui.viewer import RowState, ViewerContext
from chat.ui.views.controls import ViewBuilder
from chat.ui.views.parts import Drawn

log = structlog.get_logger(__name__)

# The names of views that could not be drawn, which the log has once.
_MAX_LOGGED = 100


def drawing_of(message: Message) -> Drawing | None:
    """What the view of a message draws; None without one, and for one of another version."""
    if message.view is None or message.deleted:
        return None
    try:
        return parse_drawing(message.view.drawing)
    except ChatError as error:
        _log_once(message.view, str(error))
        return None


def view_box(
    message: Message, drawing: Drawing, viewer: ViewerContext, state: RowState
) -> ft.Control:
    """The controls of a view, with what the viewer has changed in its fields."""
    edited = {
        name: list(each) if isinstance(each, tuple) else each for name, each in state.field_values
    }
    drawn = Drawn(message, viewer, edited, dict(state.field_errors))
    return ft.Container(
        ViewBuilder(drawn).build(drawing),
        width=theme.VIEW_MAX_WIDTH,
        margin=viewer.metrics.extras_margin,
    )


@lru_cache(_MAX_LOGGED)
def _log_once(view: View, reason: str) -> None:
    log.warning("a view cannot be drawn", view=view.name, reason=reason)
