"""The look: one seed colour, one rhythm, light and dark."""

from functools import cache

import flet as ft

from chat.languages import Language
from chat.model.preferences import Density, Preferences, SeedColour

# The client makes its colours from one of these; tests/unit/test_contrast.py makes the same ones.
SEEDS = {
    SeedColour.INDIGO: "#4F46E5",
    SeedColour.BLUE: "#0284C7",
    SeedColour.TEAL: "#0D9488",
    SeedColour.GREEN: "#65A30D",
    SeedColour.AMBER: "#D97706",
    SeedColour.ROSE: "#E11D48",
}

# Below this width the list of rooms goes behind a button.
PHONE = 700

# A title of more characters may have to be cut to stand in one line with something else.
LONG = 24

AVATAR = 36
GAP = 12
EDGE = 20

# What stands below or between messages is no wider: a poll, dice.
BOX = 460


# Values that many controls have: each is one object for all sessions, which nobody changes.
LINE = ft.BorderSide(1, ft.Colors.OUTLINE_VARIANT)
OUTLINE = ft.Border.all(1, ft.Colors.OUTLINE_VARIANT)
UNDERLINE = ft.Border(bottom=LINE)
CALLED_SHARE = 0.1
CALLED = ft.Colors.with_opacity(CALLED_SHARE, ft.Colors.TERTIARY)
# Around a dialog: Material's 40 pixels on either side leave too little of a phone.
AROUND = ft.Padding.symmetric(horizontal=16, vertical=24)
RING = ft.Border.all(2, ft.Colors.SURFACE_CONTAINER_LOW)


# What code is written with, and what Flet's client has for formulas.
MONO = "mono"
_OF_FORMULAS = (
    *("KaTeX_Main-Regular", "KaTeX_Math-Italic", "KaTeX_AMS-Regular", "KaTeX_Fraktur-Regular"),
    *("KaTeX_Caligraphic-Regular", "KaTeX_SansSerif-Regular", "KaTeX_Script-Regular"),
    *("KaTeX_Typewriter-Regular", "KaTeX_Size1-Regular", "KaTeX_Size2-Regular"),
    *("KaTeX_Size3-Regular", "KaTeX_Size4-Regular"),
)


def dress(page: ft.Page, title: str, files: str) -> None:
    """Set the page's title, edges and font of code; `files` is where it has its files from."""
    page.title = title
    page.fonts = {MONO: f"{files}fonts/roboto-mono.woff2"}
    page.padding = 0
    page.spacing = 0


@cache
def _locale(t: Language) -> ft.LocaleConfiguration:
    language, _, country = t.tag.partition("-")
    return ft.LocaleConfiguration([ft.Locale(language, country or None)])


def wear(page: ft.Page, chosen: Preferences, t: Language) -> None:
    """Set the page's themes, and in which language the client says what is its own; the caller
    updates."""
    page.locale_configuration = _locale(t)
    page.theme_mode = ft.ThemeMode(chosen.theme.value)
    page.theme = page.dark_theme = theme(chosen.seed, chosen.density)


@cache
def theme(seed: SeedColour, density: Density) -> ft.Theme:
    """The theme of all who chose these; light and dark are made from the same seed."""
    talk = _COMPACT_TALK if density is Density.COMPACT else _TALK
    return ft.Theme(
        color_scheme_seed=SEEDS[seed],
        text_theme=ft.TextTheme(body_large=talk, body_medium=talk),
        scrollbar_theme=ft.ScrollbarTheme(thickness=6, radius=3),
    )


# Material's letter spacing of 0.5 looks loose in a chat.
_TALK, _COMPACT_TALK = (
    ft.TextStyle(size=size, letter_spacing=0, height=height, color=ft.Colors.ON_SURFACE)
    for size, height in ((15, 1.4), (14, 1.3))
)


def fetch_fonts_of_formulas(page: ft.Page, files: str) -> None:
    """Let the page fetch what formulas are drawn with: 0.3 MB, of which most need nothing."""
    folder = f"{files}assets/packages/flutter_math_fork/lib/katex_fonts/fonts"
    fonts = dict(page.fonts or {})
    for each in _OF_FORMULAS:
        family = each.partition("-")[0]
        fonts[f"packages/flutter_math_fork/{family}"] = f"{folder}/{each}.ttf"
    if fonts != page.fonts:
        page.fonts = fonts
        page.update()
