"""What a person chose for themselves, the same on every device; a new person has chosen nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from chat.errors import BadPreference
from chat.languages import all_languages

SYSTEM = "system"


class Theme(StrEnum):
    """Light or dark, or as the device is."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class SeedColour(StrEnum):
    """The colour that all others are made from."""

    INDIGO = "indigo"
    BLUE = "blue"
    TEAL = "teal"
    GREEN = "green"
    AMBER = "amber"
    ROSE = "rose"


class Density(StrEnum):
    """How far rows stand apart."""

    COMFORTABLE = "comfortable"
    COMPACT = "compact"


class SendKey(StrEnum):
    """What sends: with Ctrl+Enter (on a Mac ⌘Enter), Enter alone begins a new line."""

    ENTER = "enter"
    CTRL_ENTER = "ctrl+enter"


@dataclass(frozen=True, slots=True)
class Preferences:
    """Each field is a choice, stored under the field's name."""

    theme: Theme = Theme.SYSTEM
    seed: SeedColour = SeedColour.INDIGO
    density: Density = Density.COMFORTABLE
    send_key: SendKey = SendKey.ENTER
    # By its tag, or as the browser is.
    language: str = SYSTEM

    def with_choice(self, name: str, value: str) -> "Preferences":
        """These with another choice. Raises BadPreference for what cannot be chosen."""
        try:
            chosen = _PARSERS[name](value)
        except (KeyError, ValueError):
            raise BadPreference from None
        changed: dict[str, Any] = {name: chosen}
        return replace(self, **changed)

    @classmethod
    def from_stored(cls, stored: Iterable[tuple[str, str]]) -> "Preferences":
        """What is stored; a choice that this version does not know is none."""
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


_PARSERS: dict[str, Any] = {each.name: type(each.default) for each in fields(Preferences)}
_PARSERS["language"] = _parse_language
