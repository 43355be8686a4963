"""Completion of emoji shortcodes."""

import re
from collections.abc import Callable
from functools import partial

import flet as ft

from chat.text import emoji
from chat.ui.autocomplete.mentions import LEADING_SIZE
from chat.ui.autocomplete.popup import MAX_SHOWN, Completion, CompletionProvider

# One letter would be a smiley, such as `:D`.
_SHORTCODE = re.compile(r"(?<![A-Za-z0-9_:/\\]):[A-Za-z0-9_+-]{2,60}$")


def shortcode_completions(
    get_preferences: Callable[[], emoji.EmojiPreferences],
) -> CompletionProvider:
    """Complete `:` and the beginning of a shortcode, from two letters on."""

    def find_completions(typed: str) -> list[Completion]:
        preferences = get_preferences()
        return [
            _emoji_completion(found.with_tone(preferences.tone), name)
            for found, name in emoji.emoji_by_prefix(typed[1:], preferences.recent, MAX_SHOWN)
        ]

    return CompletionProvider(_SHORTCODE, find_completions)


def _emoji_completion(char: str, name: str) -> Completion:
    build_leading = partial(
        ft.Text, char, size=18, width=LEADING_SIZE, text_align=ft.TextAlign.CENTER
    )
    return Completion(f"{char} ", f":{name}:", build_leading)
