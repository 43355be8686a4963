"""How far things stand apart: comfortable, or compact for those who want more on their screen."""

from dataclasses import dataclass

import flet as ft

from chat.model.preferences import Density
from chat.ui.theme import theme


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """The measures of one density: the same object, and so the same rows, for all who chose it.

    `first` and `following` stand around a message with its author's name and one without, `event`
    around what happened to the room, and `below` around what hangs on a message; `place` and
    `person` around a line of the list on the left.
    """

    avatar: int
    first: ft.Padding
    following: ft.Padding
    event: ft.Padding
    below: ft.Margin
    place: ft.Padding
    person: ft.Padding


def _rhythm(avatar: int, above: int, under: int, place: int, person: int) -> Rhythm:
    def inside(top: int, left: int = theme.PAGE_PADDING) -> ft.Padding:
        return ft.Padding.only(left=left, right=theme.PAGE_PADDING, top=top, bottom=under)

    indent = avatar + theme.GAP
    return Rhythm(
        avatar,
        first=inside(above),
        following=inside(under),
        event=inside(max(under, above - 2), theme.PAGE_PADDING + indent),
        below=ft.Margin.only(left=indent, top=under + 1, bottom=under),
        place=ft.Padding.symmetric(horizontal=10, vertical=place),
        person=ft.Padding.symmetric(horizontal=10, vertical=person),
    )


COMFORTABLE = _rhythm(theme.AVATAR_SIZE, above=10, under=2, place=7, person=5)
COMPACT = _rhythm(28, above=5, under=0, place=3, person=2)

OF = {Density.COMFORTABLE: COMFORTABLE, Density.COMPACT: COMPACT}
