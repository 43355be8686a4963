"""The look: one seed colour, one rhythm, light and dark."""

import zlib
from functools import cache

import flet as ft

from chat.languages import Language

SEED = "#4F46E5"
DARK_SEED = "#818CF8"

# Below this width the list of rooms goes behind a button.
PHONE = 700

AVATAR = 36
GAP = 12
EDGE = 20

# White initials have at least 4.5 : 1 on each of these.
_HUES = (
    "#C2410C",
    "#B45309",
    "#4D7C0F",
    "#047857",
    "#0E7490",
    "#1D4ED8",
    "#6D28D9",
    "#A21CAF",
    "#BE185D",
)


# Values that many controls have: each is one object for all sessions, which nobody changes.
LINE = ft.BorderSide(1, ft.Colors.OUTLINE_VARIANT)
OUTLINE = ft.Border.all(1, ft.Colors.OUTLINE_VARIANT)
UNDERLINE = ft.Border(bottom=LINE)
CALLED = ft.Colors.with_opacity(0.12, ft.Colors.TERTIARY)
RING = ft.Border.all(2, ft.Colors.SURFACE_CONTAINER_LOW)


# What code is written with, and what Flet's client has for formulas.
MONO = "mono"
_OF_FORMULAS = (
    *("KaTeX_Main-Regular", "KaTeX_Math-Italic", "KaTeX_AMS-Regular", "KaTeX_Fraktur-Regular"),
    *("KaTeX_Caligraphic-Regular", "KaTeX_SansSerif-Regular", "KaTeX_Script-Regular"),
    *("KaTeX_Typewriter-Regular", "KaTeX_Size1-Regular", "KaTeX_Size2-Regular"),
    *("KaTeX_Size3-Regular", "KaTeX_Size4-Regular"),
)


def dress(page: ft.Page, title: str, say: Language, files: str) -> None:
    """Set the page's title, themes and edges, what the client says of its own, and the font of
    code; `files` is where the page has its files from."""
    page.locale_configuration = _locale(say)
    page.title = title
    page.fonts = {MONO: f"{files}fonts/roboto-mono.woff2"}
    page.padding = 0
    page.spacing = 0
    page.theme_mode = ft.ThemeMode.SYSTEM
    page.theme = _LIGHT
    page.dark_theme = _DARK


@cache
def _locale(say: Language) -> ft.LocaleConfiguration:
    language, _, country = say.tag.partition("-")
    return ft.LocaleConfiguration([ft.Locale(language, country or None)])


def _theme(seed: str) -> ft.Theme:
    return ft.Theme(
        color_scheme_seed=seed,
        # Material's letter spacing of 0.5 looks loose in a chat.
        text_theme=ft.TextTheme(body_large=_talk(), body_medium=_talk()),
        scrollbar_theme=ft.ScrollbarTheme(thickness=6, radius=3),
    )


def _talk() -> ft.TextStyle:
    return ft.TextStyle(size=15, letter_spacing=0, height=1.4, color=ft.Colors.ON_SURFACE)


_LIGHT, _DARK = _theme(SEED), _theme(DARK_SEED)


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


def hue(name: str) -> str:
    """A name's colour, the same in every process (unlike `hash`)."""
    return _HUES[zlib.crc32(name.encode()) % len(_HUES)]


def initials(name: str) -> str:
    """One or two capital letters for an avatar."""
    words = [word for word in name.split() if word[0].isalnum()] or name.split()
    ends = words if len(words) < 2 else [words[0], words[-1]]
    return "".join(word[0] for word in ends).upper()


def avatar(name: str, size: float = AVATAR) -> ft.CircleAvatar:
    """A person's disc."""
    return ft.CircleAvatar(
        content=ft.Text(
            initials(name),
            size=round(size * 0.38, 1),
            weight=ft.FontWeight.W_600,
            text_align=ft.TextAlign.CENTER,
        ),
        radius=size / 2,
        color=ft.Colors.WHITE,
        bgcolor=hue(name),
    )


def quiet(text: str, size: float = 12, **more: object) -> ft.Text:
    """Text that is not talk."""
    return ft.Text(text, size=size, color=ft.Colors.ON_SURFACE_VARIANT, **more)  # type: ignore[arg-type]


def tool(icon: ft.IconData, words: str, **more: object) -> ft.IconButton:
    """A small button that says what it does."""
    return ft.IconButton(
        icon,
        tooltip=words,
        icon_size=20,
        icon_color=ft.Colors.ON_SURFACE_VARIANT,
        **more,  # type: ignore[arg-type]
    )
