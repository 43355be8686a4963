"""The languages of the chat: English is in the code, each other language has a catalogue.

A catalogue is a file `<language>.po` in this folder. No process, thread or task has a language: an
action of one person is drawn for many readers, each in their own.
"""

import gettext
import io
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import polib

from chat.errors import ChatError, Translatable, gettext_noop

FOLDER = Path(__file__).parent

# The number of languages of a browser that are read; the rest is ignored.
_MAX_ACCEPTED = 16

_NO_ITALICS = ("zh", "ja", "ko")


class Language:
    """One language, shared by all its readers; `tag` is in the form of browsers, `zh-CN`."""

    __slots__ = ("_catalogue", "has_italics", "name", "tag")

    def __init__(self, tag: str, catalogue: gettext.NullTranslations) -> None:
        self.tag = tag
        self._catalogue = catalogue
        # Whether its script has italics. Slanted Han characters are hard to read.
        self.has_italics = not tag.startswith(_NO_ITALICS)
        # The language's own name: its translation of this word.
        self.name = self(gettext_noop("English"))

    def __call__(self, template: str, **values: object) -> str:
        """`template` in this language, with each `{name}` replaced by the value of that name."""
        translated = self._catalogue.gettext(template)
        return translated.format(**values) if values else translated

    def plural(self, singular: str, plural: str, count: int, **values: object) -> str:
        """Translate the form for `count`, which also replaces `{count}`."""
        return self._catalogue.ngettext(singular, plural, count).format(count=count, **values)

    def join(self, names: Iterable[str]) -> str:
        """The names as a list in a sentence."""
        return self(gettext_noop(", ")).join(names)

    def error(self, error: ChatError) -> str:
        """The sentence of an error. (`str(error)` is the English one.)"""
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
    """English, and the languages with a file in `folder`, in order of their tags."""
    return (ENGLISH, *(_load_language(path) for path in sorted(folder.glob("*.po"))))


def negotiate_language(accepted: str | None) -> Language:
    """The best language for a reader, or English if none fits.

    `accepted` is one tag, or the header Accept-Language of a browser.
    """
    for tag in _accepted_tags(accepted or ""):
        if (language := _match_language(tag)) is not None:
            return language
    return ENGLISH


def _load_language(path: Path) -> Language:
    catalogue = polib.pofile(path.read_text("utf-8")).to_binary()
    return Language(path.stem.replace("_", "-"), gettext.GNUTranslations(io.BytesIO(catalogue)))


def _match_language(tag: str) -> Language | None:
    """The language with this tag, or one with the same base: `zh-CN` for `zh-TW`."""
    tag = tag.lower()
    for language in all_languages():
        if language.tag.lower() == tag:
            return language
    for language in all_languages():
        if language.tag.lower().partition("-")[0] == tag.partition("-")[0]:
            return language
    return None


def _accepted_tags(accepted: str) -> Iterator[str]:
    """The tags of an Accept-Language, best first, without the refused ones (`q=0`)."""
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
