"""The theme: seed colours, sizes, light and dark."""

from dataclasses import dataclass
from functools import cache

import flet as ft

from chat.languages import Language
from chat.model.preferences import Contrast, Density, Preferences, SeedColour

# The client derives its colours from one of these; tests/unit/test_contrast.py derives the same.
SEED_COLOURS = {
    SeedColour.INDIGO: "#4F46E5",
    SeedColour.BLUE: "#0284C7",
    SeedColour.TEAL: "#0D9488",
    SeedColour.GREEN: "#65A30D",
    SeedColour.AMBER: "#D97706",
    SeedColour.ROSE: "#E11D48",
}


@dataclass(frozen=True, slots=True)
class HighContrast:
    """The colours of high contrast, in the light or the dark theme: at least 7 : 1 for each text.

    `text` is that of texts, `filled_text` that on a filled button or a notice, `accents` the
    primary colour of each seed: that of Material 3 at its highest contrast.
    """

    text: str
    filled_text: str
    tertiary: str
    error: str
    outline: str
    faint_outline: str
    accents: tuple[str, ...]

    def scheme(self, seed: SeedColour) -> ft.ColorScheme:
        """The colours that differ from those that the client derives from the seed."""
        accent = self.accents[list(SeedColour).index(seed)]
        return ft.ColorScheme(
            primary=accent,
            on_primary=self.filled_text,
            secondary=accent,
            tertiary=self.tertiary,
            on_tertiary=self.filled_text,
            error=self.error,
            on_surface=self.text,
            on_surface_variant=self.text,
            on_primary_container=self.text,
            on_secondary_container=self.text,
            inverse_primary=self.filled_text,
            outline=self.outline,
            outline_variant=self.faint_outline,
        )


LIGHT_HIGH_CONTRAST = HighContrast(
    text="#000000",
    filled_text="#FFFFFF",
    tertiary="#422135",
    error="#600004",
    outline="#2C2B34",
    faint_outline="#494851",
    accents=("#27255B", "#002F4B", "#00332E", "#1B3200", "#472300", "#51191F"),
)
DARK_HIGH_CONTRAST = HighContrast(
    text="#FFFFFF",
    filled_text="#000000",
    tertiary="#FFEBF3",
    error="#FFECE9",
    outline="#F2EEFA",
    faint_outline="#C4C1CC",
    accents=("#F1EEFF", "#E6F1FF", "#AEFFF3", "#DAFBB0", "#FFEDE1", "#FFECEB"),
)

# Below this width, in pixels, the sidebar is in a drawer.
PHONE_BREAKPOINT = 700

# From this width on, a thread or a panel is beside the room; and how wide it is there at first.
SIDE_PANE_BREAKPOINT = 1100
SIDE_PANE_WIDTH = 400

# A longer title, in characters, may have to be cut beside other text in one line.
LONG_TITLE_LENGTH = 24

AVATAR_SIZE = 36
GAP = 12
PAGE_PADDING = 20

# The greatest width of a box below or between messages (polls, dice), in pixels.
BOX_MAX_WIDTH = 460

# That of the live controls of a message.
VIEW_MAX_WIDTH = 560


# The height of the header of a pane, in pixels, with the line below it.
HEADER_HEIGHT = 57

# Values of many controls: one object for all sessions, which must not be changed.
BORDER_WIDTH = 1
BORDER_SIDE = ft.BorderSide(BORDER_WIDTH, ft.Colors.OUTLINE_VARIANT)
OUTLINE = ft.Border.all(BORDER_WIDTH, ft.Colors.OUTLINE_VARIANT)
FOCUS_SIDE = ft.BorderSide(2, ft.Colors.PRIMARY)
FOCUS_RING = ft.Border.all(2, ft.Colors.PRIMARY)
BOTTOM_BORDER = ft.Border(bottom=BORDER_SIDE)
MENTION_OPACITY = 0.1
MENTION_BAR_WIDTH = 3
MENTION_BAR = ft.Border(left=ft.BorderSide(MENTION_BAR_WIDTH, ft.Colors.TERTIARY))
MENTION_BACKGROUND = ft.Colors.with_opacity(MENTION_OPACITY, ft.Colors.TERTIARY)
# The row under the mouse, or of the open menu.
TINTED_MENTION_OPACITY = 0.18
TINTED_MENTION_BACKGROUND = ft.Colors.with_opacity(TINTED_MENTION_OPACITY, ft.Colors.TERTIARY)
TINTED_BACKGROUND = ft.Colors.SURFACE_CONTAINER
# Around a dialog: Material's 40 pixels on either side leave too little of a phone.
DIALOG_INSET = ft.Padding.symmetric(horizontal=16, vertical=24)
PRESENCE_RING = ft.Border.all(2, ft.Colors.SURFACE_CONTAINER_LOW)


# The font of code, and the fonts that Flet's client uses for formulas.
MONO_FONT = "mono"
_FORMULA_FONTS = (
    *("KaTeX_Main-Regular", "KaTeX_Math-Italic", "KaTeX_AMS-Regular", "KaTeX_Fraktur-Regular"),
    *("KaTeX_Caligraphic-Regular", "KaTeX_SansSerif-Regular", "KaTeX_Script-Regular"),
    *("KaTeX_Typewriter-Regular", "KaTeX_Size1-Regular", "KaTeX_Size2-Regular"),
    *("KaTeX_Size3-Regular", "KaTeX_Size4-Regular"),
)


def setup_page(page: ft.Page, title: str, static_url: str) -> None:
    """Set the title, the padding and the code font of a page. Its files are below `static_url`."""
    page.title = title
    page.fonts = {MONO_FONT: f"{static_url}fonts/roboto-mono.woff2"}
    page.padding = 0
    page.spacing = 0


@cache
def _locale(t: Language) -> ft.LocaleConfiguration:
    language, _, country = t.tag.partition("-")
    return ft.LocaleConfiguration([ft.Locale(language, country or None)])


def apply_preferences(page: ft.Page, preferences: Preferences, t: Language) -> None:
    """Set the themes of a page and the language of Flet's own texts; the caller updates it."""
    page.locale_configuration = _locale(t)
    page.theme_mode = ft.ThemeMode(preferences.theme.value)
    seed, density = preferences.seed, preferences.density
    if preferences.contrast is Contrast.HIGH:
        page.theme = build_theme(seed, density, LIGHT_HIGH_CONTRAST)
        page.dark_theme = build_theme(seed, density, DARK_HIGH_CONTRAST)
    else:
        page.theme = page.dark_theme = build_theme(seed, density)


@cache
def build_theme(seed: SeedColour, density: Density, colors: HighContrast | None = None) -> ft.Theme:
    """The theme of a seed colour and a density; light and dark use the same seed.

    `colors` take the place of those that the client derives.
    """
    body_style = _COMPACT_BODY_STYLE if density is Density.COMPACT else _BODY_STYLE
    return ft.Theme(
        color_scheme_seed=SEED_COLOURS[seed],
        color_scheme=None if colors is None else colors.scheme(seed),
        text_theme=ft.TextTheme(body_large=body_style, body_medium=body_style),
        scrollbar_theme=ft.ScrollbarTheme(thickness=6, radius=3),
    )


# Material's letter spacing of 0.5 looks loose in a chat.
_BODY_STYLE, _COMPACT_BODY_STYLE = (
    ft.TextStyle(size=size, letter_spacing=0, height=height, color=ft.Colors.ON_SURFACE)
    for size, height in ((15, 1.4), (14, 1.3))
)


def load_formula_fonts(page: ft.Page, static_url: str) -> None:
    """Load the fonts of formulas: 0.3 MB, which most pages do not need."""
    folder = f"{static_url}assets/packages/flutter_math_fork/lib/katex_fonts/fonts"
    fonts = dict(page.fonts or {})
    for font_name in _FORMULA_FONTS:
        family = font_name.partition("-")[0]
        fonts[f"packages/flutter_math_fork/{family}"] = f"{folder}/{font_name}.ttf"
    if fonts != page.fonts:
        page.fonts = fonts
        page.update()
