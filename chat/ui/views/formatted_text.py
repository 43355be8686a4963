"""The texts of a drawing that are written in the chat's markup."""

import flet as ft

from chat.languages import Language
from chat.text.markup import reader
from chat.text.markup.bars import bar_groups
from chat.ui.markup.blocks import BlockRenderer, TooManyControls
from chat.ui.row_parts import FIRST_OPTION, FIRST_TEXT_PART
from chat.ui.views.parts import clean

# Controls of all formatted texts of a view. The others are drawn as plain ones.
_MAX_CONTROLS = 120

# All parts of a text are open, as nobody opens them here.
_ALL_PARTS = tuple(range(FIRST_TEXT_PART, FIRST_OPTION))


class FormattedTexts:
    """The formatted texts of one view, and the controls that are left for them."""

    def __init__(self, t: Language) -> None:
        self._t = t
        self._remaining = _MAX_CONTROLS

    def control(self, text: str) -> ft.Control:
        """A text as controls. Only its links can be clicked."""
        if (parsed := reader.parse_markup(text)) is not None:
            renderer = BlockRenderer(self._t, _ALL_PARTS, on_click=_ignore)
            try:
                control = renderer.render(bar_groups(text, parsed, ()), "")
            except TooManyControls:
                pass
            else:
                self._remaining -= _without_parts(control)
                if self._remaining >= 0:
                    return control
                self._remaining = 0
        return ft.Text(clean(text))


def _ignore(part: int) -> None:
    """No part of a text in a view does anything."""


def _without_parts(control: object) -> int:
    """Take the parts out of a text; returns the number of its controls."""
    if not isinstance(control, ft.Control | ft.TextSpan):
        return 0
    if isinstance(control.data, int):
        control.data = None
        if isinstance(control, ft.IconButton):
            control.visible = False
        elif isinstance(control, ft.Container | ft.TextSpan):
            control.on_click = None
    count = 1
    for name in ("content", "controls", "spans"):
        value = getattr(control, name, None)
        count += sum(map(_without_parts, value if isinstance(value, list) else [value]))
    return count
