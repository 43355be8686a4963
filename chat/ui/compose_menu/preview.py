"""The preview: the text of the field as its row will show it."""

from collections.abc import Callable

import flet as ft

from chat.languages import Language
from chat.text.message_text import is_blank
from chat.ui.rows.body import message_text
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, close_button, stretched_column


class PreviewDialog(Dialog):
    """A text with its markup. It is drawn by the same code as the rows of the timeline."""

    def __init__(self, text: str, t: Language, *, on_dismiss: Callable[[], None]) -> None:
        shown: ft.Control
        if is_blank(text):
            sentence = t("There is nothing to show yet. Write something first.")
            shown = widgets.secondary_text(sentence, 14)
        else:
            shown = ft.SelectionArea(message_text(text, t, _do_nothing))
        super().__init__(
            t("Preview"),
            stretched_column([shown], 0),
            [close_button(t, self.close)],
            width=640,
            on_dismiss=on_dismiss,
        )


def _do_nothing(part: int) -> None:
    pass
