"""Rows of emoji as bytes: each group is packed once for a language and a skin tone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import flet as ft

from chat.languages import Language
from chat.text.emoji import Emoji, all_emoji
from chat.ui.packing.control_ids import PICKER_ID, assign_ids, pack
from chat.ui.theme import widgets

COLUMNS = 8
CELL = 41

# The number of ids of a row with its cells.
_IDS_PER_ROW = 64

# The first id of the rows that sessions share, behind those of one person's rows.
_FIRST_SHARED_ID = PICKER_ID + (1 << 15)

_TITLE_PADDING = ft.Padding.only(left=6, top=6, bottom=2)

OnPick = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class EmojiGrid:
    """Packed rows, and the emoji of each control id."""

    rows: tuple[bytes, ...]
    chars_by_id: dict[int, str]

    def __add__(self, other: "EmojiGrid") -> "EmojiGrid":
        return EmojiGrid(self.rows + other.rows, self.chars_by_id | other.chars_by_id)


EMPTY_GRID = EmojiGrid((), {})


def emoji_label(emoji: Emoji, t: Language) -> str:
    """The name of an emoji, with its shortcode."""
    label = emoji.chinese_label if t.tag.startswith("zh") else emoji.label
    return f"{label}  :{emoji.shortcodes[0]}:"


def grid_controls(
    title: str, emoji: Sequence[Emoji], tone: int, t: Language, on_pick: OnPick
) -> list[ft.Control]:
    """A title, and rows of emoji below it as clickable controls."""
    rows: list[ft.Control] = []
    if title:
        rows.append(ft.Container(widgets.secondary_text(title, 12), padding=_TITLE_PADDING))
    for start in range(0, len(emoji), COLUMNS):
        cells = [_cell(each, tone, t, on_pick) for each in emoji[start : start + COLUMNS]]
        rows.append(ft.Row(cells, spacing=0))
    return rows


def _cell(emoji: Emoji, tone: int, t: Language, on_pick: OnPick) -> ft.Control:
    char = emoji.with_tone(tone)
    return ft.Container(
        ft.Text(char, size=24, text_align=ft.TextAlign.CENTER),
        width=CELL,
        height=CELL,
        alignment=ft.Alignment.CENTER,
        border_radius=8,
        ink=True,
        tooltip=emoji_label(emoji, t),
        on_click=partial(on_pick, char),
    )


def personal_grid(title: str, emoji: Sequence[Emoji], tone: int, t: Language) -> EmojiGrid:
    """The rows of one person: recent emoji, or search results."""
    return _pack_grid(title, emoji, tone, t, PICKER_ID)


@lru_cache(maxsize=32)
def group_grid(title: str, group_number: int, tone: int, t: Language) -> EmojiGrid:
    """The rows of one group. (A large one takes 30 ms: call it in a thread.)"""
    return _pack_grid(title, emoji_of_group(group_number), tone, t, _FIRST_SHARED_ID)


def emoji_of_group(group_number: int) -> list[Emoji]:
    """The emoji of a group."""
    return [each for each in all_emoji() if each.group == group_number]


def _pack_grid(
    title: str, emoji: Sequence[Emoji], tone: int, t: Language, first_id: int
) -> EmojiGrid:
    rows, chars_by_id = list[bytes](), dict[int, str]()
    for row in grid_controls(title, emoji, tone, t, _ignore_click):
        assign_ids(row, first_id)
        rows.append(pack(row))
        for cell in row.controls if isinstance(row, ft.Row) else ():
            assert isinstance(cell, ft.Container) and isinstance(cell.content, ft.Text)
            chars_by_id[cell._i] = cell.content.value
        first_id += _IDS_PER_ROW
    return EmojiGrid(tuple(rows), chars_by_id)


def _ignore_click(char: str) -> None:
    """Placeholder that marks a cell as clickable. The session finds the emoji by the control id."""
