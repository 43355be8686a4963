"""Completion of emoji shortcodes."""

import re
from collections.abc import Callable
from functools import partial

import flet as ft

from chat.text import emoji
from chat.ui.autocomplete.mentions import MARK
from chat.ui.autocomplete.popup import MAX_SHOWN, Completion, CompletionProvider

# One letter would be a smiley.
_SHORTCODE = re.compile(r"(?<![A-Za-z0-9_:/\\]):[A-Za-z0-9_+-]{2,60}$")


def shortcodes(taste: Callable[[], emoji.EmojiPreferences]) -> CompletionProvider:
    """`:` and the beginning of a shortcode, from two letters on."""

    def choices(part: str) -> list[Completion]:
        liked = taste()
        return [
            _emoji(found.with_tone(liked.tone), name)
            for found, name in emoji.emoji_by_prefix(part[1:], liked.recent, MAX_SHOWN)
        ]

    return CompletionProvider(_SHORTCODE, choices)


def _emoji(char: str, name: str) -> Completion:
    mark = partial(ft.Text, char, size=18, width=MARK, text_align=ft.TextAlign.CENTER)
    return Completion(f"{char} ", f":{name}:", mark)
