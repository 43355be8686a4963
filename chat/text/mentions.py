"""Whom a message calls: `@name`, `@here`, `@everyone`."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from chat.errors import TooManyMentions
from chat.model.people import Person, PersonId
from chat.text.names import NAME_LIMIT, same_name

LIMIT = 20

EVERYONE, HERE = "everyone", "here"

# Only so many @ of one message are looked at: more are no mentions.
_MAX_AT_SIGNS = 100

# An @ that no letter stands before, as it does in an address of mail.
_AT = re.compile(r"(?<![\w@])@(?=[^\s@])")

# People are many and change rarely: to compare all their names is most of the work.
_key = lru_cache(maxsize=10_000)(same_name)

_END_OF_WORD = re.compile(r"(?!\w)")


@dataclass(frozen=True, slots=True)
class Called:
    """The people that are called by name, and whether all of them are, or all who are here."""

    people: frozenset[PersonId] = frozenset()
    everyone: bool = False
    here: bool = False


NOBODY = Called()


def called(text: str, people: Iterable[Person]) -> Called:
    """Whom `text` calls, of these people. Raises TooManyMentions.

    A name ends where its last word does; of two that begin alike the longer one is meant. Names
    are compared as people read them, and people who bear one name are all called.
    """
    if "@" not in text:
        return NOBODY
    by_name = defaultdict[str, list[PersonId]](list)
    for person in people:
        by_name[_key(person.name)].append(person.id)
    names = set[str]()
    for count, at in enumerate(_AT.finditer(text)):
        if count == _MAX_AT_SIGNS:
            break
        after = text[at.end() : at.end() + 2 * NAME_LIMIT]
        if end := longest(after, by_name.keys() | {EVERYONE, HERE}):
            names.add(same_name(after[:end]))
    everyone, here = EVERYONE in names, HERE in names
    names -= {EVERYONE, HERE}
    if len(names) > LIMIT:
        raise TooManyMentions(len(names), LIMIT)
    return Called(frozenset(each for name in names for each in by_name[name]), everyone, here)


def longest(text: str, names: Collection[str]) -> int:
    """Where the longest of these names (keys of `same_name`) ends that `text` begins with, or 0."""
    found = 0
    for end in _END_OF_WORD.finditer(text):
        if unicodedata.category(text[end.start() : end.start() + 1] or " ")[0] == "M":
            continue  # An accent that stands by itself belongs to the letter before it.
        if same_name(text[: end.start()]) in names:
            found = end.start()
    return found
