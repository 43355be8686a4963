"""Emoji in rows, as bytes: each group is drawn once for all who see it in one language and tone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import flet as ft

from chat.languages import Language
from chat.text.emoji import Emoji, all_emoji
from chat.ui.packing.control_ids import PICKER_ID, number, pack
from chat.ui.theme import widgets

COLUMNS = 8
CELL = 41

# The ids of a row and all in it.
_ROW = 64

# Where the ids of what is the same for many begin, after those of what one person sees.
_SHARED = PICKER_ID + (1 << 15)

_TITLE = ft.Padding.only(left=6, top=6, bottom=2)

Take = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Grid:
    """Packed rows, and which emoji the control with an id is."""

    rows: tuple[bytes, ...]
    chars: dict[int, str]

    def __add__(self, other: "Grid") -> "Grid":
        return Grid(self.rows + other.rows, self.chars | other.chars)


NOTHING = Grid((), {})


def name_of(emoji: Emoji, t: Language) -> str:
    """What an emoji is called, with its shortcode."""
    label = emoji.chinese_label if t.tag.startswith("zh") else emoji.label
    return f"{label}  :{emoji.shortcodes[0]}:"


def drawn(
    title: str, emoji: Sequence[Emoji], tone: int, t: Language, take: Take
) -> list[ft.Control]:
    """A title, and below it the emoji as controls that are clicked."""
    rows: list[ft.Control] = []
    if title:
        rows.append(ft.Container(widgets.secondary_text(title, 12), padding=_TITLE))
    for at in range(0, len(emoji), COLUMNS):
        cells = [_cell(each, tone, t, take) for each in emoji[at : at + COLUMNS]]
        rows.append(ft.Row(cells, spacing=0))
    return rows


def _cell(emoji: Emoji, tone: int, t: Language, take: Take) -> ft.Control:
    char = emoji.with_tone(tone)
    return ft.Container(
        ft.Text(char, size=24, text_align=ft.TextAlign.CENTER),
        width=CELL,
        height=CELL,
        alignment=ft.Alignment.CENTER,
        border_radius=8,
        ink=True,
        tooltip=name_of(emoji, t),
        on_click=partial(take, char),
    )


def packed(title: str, emoji: Sequence[Emoji], tone: int, t: Language) -> Grid:
    """What one person sees: what they used last, or what they search for."""
    return _packed(title, emoji, tone, t, PICKER_ID)


@lru_cache(maxsize=32)
def group(title: str, which: int, tone: int, t: Language) -> Grid:
    """One group of the table. (A large one takes 30 ms: call it in a thread.)"""
    return _packed(title, members(which), tone, t, _SHARED)


def members(which: int) -> list[Emoji]:
    """The emoji of a group."""
    return [each for each in all_emoji() if each.group == which]


def _packed(title: str, emoji: Sequence[Emoji], tone: int, t: Language, first: int) -> Grid:
    rows, chars = list[bytes](), dict[int, str]()
    for row in drawn(title, emoji, tone, t, _taken):
        number(row, first)
        rows.append(pack(row))
        for cell in row.controls if isinstance(row, ft.Row) else ():
            assert isinstance(cell, ft.Container) and isinstance(cell.content, ft.Text)
            chars[cell._i] = cell.content.value
        first += _ROW
    return Grid(tuple(rows), chars)


def _taken(char: str) -> None:
    """Stands for what happens in a session, which hears of a cell by its id."""
