"""Mentions in messages: `@name`, `@here`, `@everyone`."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from chat.errors import TooManyMentions
from chat.model.people import Person, PersonId
from chat.text.names import EVERYONE, HERE, NAME_LIMIT, name_key

MENTION_LIMIT = 20

# The first @ signs of a message that are read; later ones are no mentions.
_MAX_AT_SIGNS = 100

# An @ without a letter before it, unlike in an e-mail address.
_AT_SIGN = re.compile(r"(?<![\w@])@(?=[^\s@])")

# Names change rarely, and folding the names of all people is most of the work.
_cached_name_key = lru_cache(maxsize=10_000)(name_key)

_END_OF_WORD = re.compile(r"(?!\w)")


@dataclass(frozen=True, slots=True)
class Mentions:
    """The people who are mentioned by name, and whether @everyone and @here occur."""

    person_ids: frozenset[PersonId] = frozenset()
    everyone: bool = False
    here: bool = False


NO_MENTIONS = Mentions()


def parse_mentions(text: str, people: Iterable[Person]) -> Mentions:
    """The people whom `text` mentions. Raises TooManyMentions.

    A name ends at the end of a word. Of two matching names the longer one counts. Names are
    compared by `name_key`; people with the same name are all mentioned.
    """
    if "@" not in text:
        return NO_MENTIONS
    by_name = defaultdict[str, list[PersonId]](list)
    for person in people:
        by_name[_cached_name_key(person.name)].append(person.id)
    names = set[str]()
    for count, at in enumerate(_AT_SIGN.finditer(text)):
        if count == _MAX_AT_SIGNS:
            break
        candidate = text[at.end() : at.end() + 2 * NAME_LIMIT]
        if end := match_longest_name(candidate, by_name.keys() | {EVERYONE, HERE}):
            names.add(name_key(candidate[:end]))
    everyone, here = EVERYONE in names, HERE in names
    names -= {EVERYONE, HERE}
    if len(names) > MENTION_LIMIT:
        raise TooManyMentions(len(names), MENTION_LIMIT)
    return Mentions(frozenset(each for name in names for each in by_name[name]), everyone, here)


def match_longest_name(text: str, keys: Collection[str]) -> int:
    """The length of the longest name (keys of `name_key`) at the beginning of `text`, or 0."""
    found = 0
    for end in _END_OF_WORD.finditer(text):
        if unicodedata.category(text[end.start() : end.start() + 1] or " ")[0] == "M":
            continue  # A combining accent belongs to the letter before it.
        if name_key(text[: end.start()]) in keys:
            found = end.start()
    return found
