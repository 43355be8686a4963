"""The line below the timeline that shows who is typing."""

from collections.abc import Container

import flet as ft

from chat.languages import Language
from chat.model.events import TypingUpdated
from chat.model.people import PersonId
from chat.ui.theme import theme

_MARGIN = ft.Margin.only(left=theme.GAP)


class TypingLine(ft.Text):
    """The line; it keeps its height when nobody types, so nothing moves."""

    def __init__(self) -> None:
        super().__init__("", size=12, height=16, color=ft.Colors.ON_SURFACE_VARIANT, margin=_MARGIN)

    def show(self, typing: TypingUpdated, hidden_ids: Container[PersonId], t: Language) -> None:
        """Show who is typing, except some: the person of this session, and whom they blocked."""
        names = [person.name for person in typing.people if person.id not in hidden_ids]
        text = ""
        if len(names) > 2:
            text = t("Several people are typing…")
        elif len(names) > 1:
            text = t("{one} and {other} are typing…", one=names[0], other=names[1])
        elif names:
            text = t("{name} is typing…", name=names[0])
        if text != self.value:
            self.value = text
            self.update()
