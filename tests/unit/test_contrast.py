"""Contrast: text has at least 4.5 : 1 on its background, in both themes, for each seed colour.

The client computes its colours from the seed as Material 3 specifies. The tests compute them with a
port of the same code; the results are identical in Chromium.
"""

import re
from functools import cache
from itertools import product

import pytest
from materialyoucolor.dynamiccolor.material_dynamic_colors import MaterialDynamicColors
from materialyoucolor.hct import Hct
from materialyoucolor.scheme.scheme_tonal_spot import SchemeTonalSpot

from chat.model.preferences import SeedColour
from chat.ui.theme import theme, widgets
from tests.harness.process import ROOT

Rgb = tuple[float, ...]

MIN_CONTRAST = 4.5
HIGH_CONTRAST = 7

# Backgrounds of text: the timeline, the sidebar, the page, the message field, dialogs, notices.
_SURFACES = [
    *("surface", "surface_container_lowest", "surface_container_low", "surface_container"),
    *("surface_container_high", "surface_container_highest"),
]

# Colours of text, each with its background.
PAIRS = [
    *product(("on_surface", "on_surface_variant"), _SURFACES),
    *product(("primary", "error", "secondary"), _SURFACES),
    # The open room in the sidebar, the chosen item of a list, a choice in the preferences.
    *product(("on_surface", "on_surface_variant"), ["secondary_container"]),
    ("on_secondary_container", "secondary_container"),
    # The target row of a link; an own reaction; a button; the badge of mentions.
    *product(("on_surface", "on_surface_variant", "primary"), ["tertiary_container"]),
    *product(("on_surface", "on_surface_variant"), ["primary_container"]),
    ("on_primary", "primary"),
    # A mention, that of the reader, a word that was searched for.
    ("on_primary_container", "primary_container"),
    ("on_tertiary", "tertiary"),
    # The sections of a chart.
    ("on_secondary", "secondary"),
    ("on_error", "error"),
    # A spoiler; a sentence in a dialog, and its button.
    ("on_inverse_surface", "inverse_surface"),
    ("inverse_primary", "inverse_surface"),
]


@cache
def scheme(seed: SeedColour, dark: bool) -> dict[str, Rgb]:
    """The colours by their names in Flet."""
    scheme_tonal = SchemeTonalSpot(
        Hct.from_int(int("ff" + theme.SEED_COLOURS[seed][1:], 16)), dark, 0.0, "2021"
    )
    colors = MaterialDynamicColors("2021")
    names = {name for pair in PAIRS for name in pair} | {"tertiary"}
    return {name: rgb(colors, name, scheme_tonal) for name in names}


def rgb(colors: MaterialDynamicColors, name: str, scheme_tonal: SchemeTonalSpot) -> Rgb:
    """The colour of this name, as red, green and blue from 0 to 255."""
    material_name = {"on_inverse_surface": "inverse_on_surface"}.get(name, name)
    camel = re.sub("_(.)", lambda match: match[1].upper(), material_name)
    return tuple(getattr(colors, camel).get_hct(scheme_tonal).to_rgba()[:3])


def parse_hex(color: str) -> Rgb:
    """The colour of `#RRGGBB` or `#RGB`."""
    digits = color.lstrip("#")
    if len(digits) == 3:
        digits = "".join(each * 2 for each in digits)
    return tuple(int(digits[n : n + 2], 16) for n in (0, 2, 4))


def blend(top: Rgb, opacity: float, below: Rgb) -> Rgb:
    """The colour of `top` with this opacity over `below`."""
    return tuple(opacity * a + (1 - opacity) * b for a, b in zip(top, below, strict=True))


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""

    def luminance(color: Rgb) -> float:
        shares = [each / 255 for each in color]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_function_matches_wcag_examples() -> None:
    assert contrast(parse_hex("#fff"), parse_hex("#000")) == 21
    assert round(contrast(parse_hex("#777"), parse_hex("#fff")), 2) == 4.48


def test_computed_scheme_matches_colours_measured_in_chromium() -> None:
    # Measured in a screenshot of this chat.
    assert scheme(SeedColour.ROSE, True)["surface_container_low"] == (34, 25, 26)
    assert scheme(SeedColour.ROSE, True)["surface_container"] == (39, 29, 30)
    assert scheme(SeedColour.ROSE, True)["secondary_container"] == (93, 63, 64)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("seed", SeedColour)
def test_text_has_sufficient_contrast_on_every_surface(seed: SeedColour, dark: bool) -> None:
    colors = scheme(seed, dark)
    ratios = {pair: contrast(colors[pair[0]], colors[pair[1]]) for pair in PAIRS}
    assert {pair: round(each, 2) for pair, each in ratios.items() if each < MIN_CONTRAST} == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("seed", SeedColour)
def test_high_contrast_is_seven_to_one(seed: SeedColour, dark: bool) -> None:
    own = (theme.DARK_HIGH_CONTRAST if dark else theme.LIGHT_HIGH_CONTRAST).scheme(seed)
    colors = {
        name: parse_hex(value) if (value := getattr(own, name, None)) else derived
        for name, derived in scheme(seed, dark).items()
    }
    ratios = {pair: contrast(colors[pair[0]], colors[pair[1]]) for pair in PAIRS}
    assert {pair: round(each, 2) for pair, each in ratios.items() if each < HIGH_CONTRAST} == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("seed", SeedColour)
def test_text_on_a_mention_background_has_sufficient_contrast(seed: SeedColour, dark: bool) -> None:
    colors = scheme(seed, dark)
    rows = [
        (theme.MENTION_OPACITY, "surface_container_lowest"),
        (theme.MENTION_OPACITY, "surface_container_high"),
        (theme.TINTED_MENTION_OPACITY, "surface_container_lowest"),
    ]
    for opacity, surface in rows:
        background = blend(colors["tertiary"], opacity, colors[surface])
        for text in ("on_surface", "on_surface_variant", "primary"):
            assert contrast(colors[text], background) >= MIN_CONTRAST, (surface, text)


@pytest.mark.parametrize("hue", [*widgets.AVATAR_COLOURS, widgets.FORMER_COLOUR])
def test_avatar_initials_have_sufficient_contrast(hue: str) -> None:
    assert contrast(parse_hex("#fff"), parse_hex(hue)) >= MIN_CONTRAST


def test_reconnect_bar_has_sufficient_contrast() -> None:
    script = (ROOT / "assets" / "reconnect.js").read_text("utf-8")
    bars = re.findall(r"background:(#\w+);color:(#\w+)", script)
    assert len(bars) == 2, "a sign, and a bar"
    for background, text in bars:
        assert contrast(parse_hex(background), parse_hex(text)) >= MIN_CONTRAST


def test_every_colour_used_by_the_ui_is_covered_by_the_contrast_pairs() -> None:
    """A colour that is new to the UI needs an entry in PAIRS."""
    used = set[str]()
    for path in (ROOT / "chat" / "ui").rglob("*.py"):
        used |= set(re.findall(r"ft\.Colors\.([A-Z_0-9]+)", path.read_text("utf-8")))
    covered = {name.upper() for pair in PAIRS for name in pair} | {"TERTIARY"}
    # Lines, shadows, the shade around a part of a picture, invisible parts, initials (which have
    # their own test), and the end of the gallery.
    lines = {"OUTLINE", "OUTLINE_VARIANT", "SHADOW", "SCRIM"}
    assert used - covered == lines | {"TRANSPARENT", "WHITE", "WHITE_38"}
