"""Preferences of a person, the same on every device; a new person has the defaults."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from chat.errors import BadPreference
from chat.languages import all_languages

SYSTEM = "system"

# A time zone that others do not see.
HIDDEN = "hidden"


class Theme(StrEnum):
    """Light, dark, or the setting of the device."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class SeedColour(StrEnum):
    """The colour from which all others of the theme are derived."""

    INDIGO = "indigo"
    BLUE = "blue"
    TEAL = "teal"
    GREEN = "green"
    AMBER = "amber"
    ROSE = "rose"


class Contrast(StrEnum):
    """How strongly texts and lines stand out from what is behind them."""

    STANDARD = "standard"
    HIGH = "high"


class Density(StrEnum):
    """The space between rows."""

    COMFORTABLE = "comfortable"
    COMPACT = "compact"


class LineLength(StrEnum):
    """How long the lines of texts are on a wide screen: about 80 characters, or as it fits."""

    READABLE = "readable"
    FULL = "full"


class SendKey(StrEnum):
    """The key that sends. With Ctrl+Enter (⌘Enter on a Mac), Enter begins a new line."""

    ENTER = "enter"
    CTRL_ENTER = "ctrl+enter"


class LastSeen(StrEnum):
    """Whether others see when a person was here last. Nothing is recorded while it is hidden."""

    HIDDEN = "hidden"
    SHOWN = "shown"


class Announcements(StrEnum):
    """Whether a screen reader reads the new messages of the room on the screen by itself."""

    READ = "read"
    SILENT = "silent"


class SidebarSection(StrEnum):
    """A section of the sidebar, in this order; the values are stored."""

    UNREAD = "u"
    FAVOURITES = "f"
    THREADS = "t"
    DIRECT = "d"
    ROOMS = "r"
    PEOPLE = "p"


@dataclass(frozen=True, slots=True)
class Preferences:
    """Each field is a preference, stored under the field's name."""

    theme: Theme = Theme.SYSTEM
    seed: SeedColour = SeedColour.INDIGO
    density: Density = Density.COMFORTABLE
    send_key: SendKey = SendKey.ENTER
    # The tag of a language, or SYSTEM for that of the browser.
    language: str = SYSTEM
    line_length: LineLength = LineLength.READABLE
    # The time zone that others see: a name of the IANA database, SYSTEM for that of the device, or
    # HIDDEN.
    time_zone: str = SYSTEM
    # Nobody is watched who has not asked for it.
    last_seen: LastSeen = LastSeen.HIDDEN
    announcements: Announcements = Announcements.READ
    contrast: Contrast = Contrast.STANDARD
    # Stored as the values of the sections in alphabetical order.
    folded_sections: frozenset[SidebarSection] = frozenset()

    def with_choice(self, name: str, value: str) -> "Preferences":
        """A copy with another value. Raises BadPreference for an unknown name or value."""
        try:
            chosen = _PARSERS[name](value)
        except (KeyError, ValueError):
            raise BadPreference from None
        changed: dict[str, Any] = {name: chosen}
        return replace(self, **changed)

    @classmethod
    def from_stored(cls, stored: Iterable[tuple[str, str]]) -> "Preferences":
        """The stored preferences, without those that this version does not know."""
        preferences = cls()
        for name, value in stored:
            try:
                preferences = preferences.with_choice(name, value)
            except BadPreference:
                continue
        return preferences


def _parse_language(tag: str) -> str:
    if tag != SYSTEM and tag not in {each.tag for each in all_languages()}:
        raise ValueError(tag)
    return tag


# The length of the longest name of a time zone.
_MAX_ZONE_LENGTH = 32


def _parse_time_zone(name: str) -> str:
    if name not in (SYSTEM, HIDDEN):
        if len(name) > _MAX_ZONE_LENGTH:
            raise ValueError(name)
        try:
            ZoneInfo(name)
        except OSError:
            # The name of a folder of zones.
            raise ValueError(name) from None
    return name


def _parse_sections(text: str) -> frozenset[SidebarSection]:
    return frozenset(SidebarSection(each) for each in text)


_PARSERS: dict[str, Any] = {each.name: type(each.default) for each in fields(Preferences)}
_PARSERS["language"] = _parse_language
_PARSERS["time_zone"] = _parse_time_zone
_PARSERS["folded_sections"] = _parse_sections
