"""Completion of emoji shortcodes."""

import re
from collections.abc import Callable
from functools import partial

import flet as ft

from chat.text import emoji
from chat.ui.autocomplete.mentions import MARK
from chat.ui.autocomplete.popup import SHOWN, Choice, Source

# One letter would be a smiley.
_SHORTCODE = re.compile(r"(?<![A-Za-z0-9_:/\\]):[A-Za-z0-9_+-]{2,60}$")


def shortcodes(taste: Callable[[], emoji.EmojiPreferences]) -> Source:
    """`:` and the beginning of a shortcode, from two letters on."""

    def choices(part: str) -> list[Choice]:
        liked = taste()
        return [
            _emoji(found.with_tone(liked.tone), name)
            for found, name in emoji.emoji_by_prefix(part[1:], liked.recent, SHOWN)
        ]

    return Source(_SHORTCODE, choices)


def _emoji(char: str, name: str) -> Choice:
    mark = partial(ft.Text, char, size=18, width=MARK, text_align=ft.TextAlign.CENTER)
    return Choice(f"{char} ", f":{name}:", mark)
