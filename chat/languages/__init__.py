"""The languages that the chat speaks: English as it is written in the code, and a catalogue each.

A catalogue is a file `<language>.po` in this folder. Who looks is asked for with `chosen`; nothing
here is the language of a process, a thread or a task, since what one person does is drawn by
others.
"""

import gettext
import io
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import polib

from chat.errors import ChatError, Translatable, gettext_noop

FOLDER = Path(__file__).parent

# How many languages a browser may name; the rest is not looked at.
_MAX_ACCEPTED = 16

_NO_ITALICS = ("zh", "ja", "ko")


class Language:
    """One language, the same object for all who read it; `tag` is as browsers write it, `zh-CN`."""

    __slots__ = ("_catalogue", "has_italics", "name", "tag")

    def __init__(self, tag: str, catalogue: gettext.NullTranslations) -> None:
        self.tag = tag
        self._catalogue = catalogue
        # Whether its script has italics; Han characters are only pushed aside by them.
        self.has_italics = not tag.startswith(_NO_ITALICS)
        # What it calls itself: its translation of this word.
        self.name = self(gettext_noop("English"))

    def __call__(self, template: str, **values: object) -> str:
        """`sentence` in this language, its `{name}` filled with the value of that name."""
        translated = self._catalogue.gettext(template)
        return translated.format(**values) if values else translated

    def plural(self, singular: str, plural: str, count: int, **values: object) -> str:
        """As a call, of two sentences the one that goes with `count`, which fills `{count}`."""
        return self._catalogue.ngettext(singular, plural, count).format(count=count, **values)

    def join(self, names: Iterable[str]) -> str:
        """One after the other, as in a sentence."""
        return self(gettext_noop(", ")).join(names)

    def error(self, error: ChatError) -> str:
        """Why something cannot be done. (`str(refusal)` is that in English.)"""
        values = {
            name: self(fact) if isinstance(fact, Translatable) else fact
            for name, fact in error.values.items()
        }
        return self(error.template, **values) if error.template else str(error)

    def __repr__(self) -> str:
        return f"<Language {self.tag}>"


ENGLISH = Language("en", gettext.NullTranslations())


@cache
def all_languages() -> tuple[Language, ...]:
    """The languages of this chat, English first."""
    return load_languages(FOLDER)


def load_languages(folder: Path) -> tuple[Language, ...]:
    """English, and those that have a file in `folder`, by their tags."""
    return (ENGLISH, *(_load_language(path) for path in sorted(folder.glob("*.po"))))


def negotiate_language(accepted: str | None) -> Language:
    """The language for somebody who reads these, best first; English if it is none of them.

    `accepted` is one tag, or what a browser sends as Accept-Language.
    """
    for tag in _accepted_tags(accepted or ""):
        if (language := _match_language(tag)) is not None:
            return language
    return ENGLISH


def _load_language(path: Path) -> Language:
    catalogue = polib.pofile(path.read_text("utf-8")).to_binary()
    return Language(path.stem.replace("_", "-"), gettext.GNUTranslations(io.BytesIO(catalogue)))


def _match_language(tag: str) -> Language | None:
    """The language of this tag, or another of its kind: whoever reads `zh-TW` reads `zh-CN`."""
    tag = tag.lower()
    for language in all_languages():
        if language.tag.lower() == tag:
            return language
    for language in all_languages():
        if language.tag.lower().partition("-")[0] == tag.partition("-")[0]:
            return language
    return None


def _accepted_tags(accepted: str) -> Iterator[str]:
    """The tags of an Accept-Language, best first; those that are refused (`q=0`) are left out."""
    weighted = []
    for each in accepted.split(",", _MAX_ACCEPTED)[:_MAX_ACCEPTED]:
        tag, _, weight = each.partition(";")
        if (quality := _quality(weight)) > 0:
            weighted.append((quality, tag.strip().replace("_", "-")))
    yield from (tag for _, tag in sorted(weighted, key=lambda each: -each[0]))


def _quality(weight: str) -> float:
    try:
        return float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0
