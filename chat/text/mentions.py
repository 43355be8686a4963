"""Mentions in messages: `@name`, `@here`, `@everyone`."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, zip_longest

from chat.errors import TooManyMentions
from chat.model.messages import MentionNames
from chat.model.people import Person, PersonId
from chat.text.code_ranges import code_ranges, is_inside
from chat.text.markup.bare_links import bare_links
from chat.text.names import EVERYONE, HERE, NAME_LIMIT, cached_name_key, name_key
from chat.text.search_tokens import UNSPACED_SCRIPTS

MENTION_LIMIT = 20

# The first @ signs of a message that are read; later ones are no mentions.
_MAX_AT_SIGNS = 100

# An @ without a letter before it, unlike in an e-mail address. Scripts without spaces have none
# before a mention.
AT_SIGN = rf"(?<![^\W{UNSPACED_SCRIPTS}])(?<!@)@"
_AT_SIGN = re.compile(rf"{AT_SIGN}(?=[^\s@])")

# The length of the text after an @ that may be a name, in characters.
_MAX_MENTION_LENGTH = 2 * NAME_LIMIT

_cached_character_key = lru_cache(maxsize=10_000)(name_key)

# The letters of Hangul syllables, which become one character; and any other character.
_CHARACTER = re.compile(
    r"[\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\ud7b0-\ud7fb\uffa0-\uffdc]+|.", re.DOTALL
)
# Marks of kana that are letters by category.
_KANA_MARKS = "\uff9e\uff9f"

_WORD = re.compile(r"\w")
_UNSPACED = re.compile(f"[{UNSPACED_SCRIPTS}]")


@dataclass(frozen=True, slots=True)
class Mentions:
    """The people who are mentioned by name, and whether @everyone and @here occur.

    `names` are their names, each with the id of its person.
    """

    person_ids: frozenset[PersonId] = frozenset()
    everyone: bool = False
    here: bool = False
    names: MentionNames = ()


NO_MENTIONS = Mentions()


def parse_mentions(text: str, people: Iterable[Person]) -> Mentions:
    """The people whom `text` mentions. Raises TooManyMentions.

    A name ends at the end of a word, or anywhere in a script without spaces. Of two matching names
    the longer one counts. Names are compared by `name_key`; people with the same name are all
    mentioned. Code and addresses mention nobody.
    """
    if "@" not in text:
        return NO_MENTIONS
    texts = set(_texts_after_at_signs(text))
    candidates = [dict(_name_ends(each, is_strict=False)) for each in texts]
    possible_keys = set(chain.from_iterable(candidates))
    by_name: dict[str, list[Person]] = {EVERYONE: [], HERE: []}
    for person in people:
        if (key := cached_name_key(person.name)) in possible_keys:
            by_name.setdefault(key, []).append(person)
    longest = (
        max((key for key in ends if key in by_name), key=ends.__getitem__, default="")
        for ends in candidates
    )
    names = set(filter(None, longest))
    everyone, here = EVERYONE in names, HERE in names
    names -= {EVERYONE, HERE}
    if len(names) > MENTION_LIMIT:
        raise TooManyMentions(len(names), MENTION_LIMIT)
    mentioned = [each for name in names for each in by_name[name]]
    return Mentions(
        frozenset(each.id for each in mentioned),
        everyone,
        here,
        tuple(sorted((each.name, each.id) for each in mentioned)),
    )


def mention_ranges(text: str, keys: Collection[str], limit: int) -> list[tuple[int, int, str]]:
    """Where `text` mentions one of the names of these keys (of `name_key`): start, end and key.

    `text` is without code and links. At most `limit` @ signs are read.
    """
    found = list[tuple[int, int, str]]()
    for sign in islice(_AT_SIGN.finditer(text), limit):
        following = text[sign.end() : sign.end() + _MAX_MENTION_LENGTH]
        ends = [(end, key) for key, end in _name_ends(following, is_strict=False) if key in keys]
        if ends:
            end, key = max(ends)
            found.append((sign.start(), sign.end() + end, key))
    return found


def match_longest_name(text: str, keys: Collection[str]) -> int:
    """The length of the longest name (keys of `name_key`) at the beginning of `text`, or 0.

    A name ends at the end of a word.
    """
    return max((end for key, end in _name_ends(text, is_strict=True) if key in keys), default=0)


def _texts_after_at_signs(text: str) -> Iterator[str]:
    """The text after each @ that may begin a mention, up to the length of a name."""
    signs = list(islice(_AT_SIGN.finditer(text), _MAX_AT_SIGNS))
    if not signs:
        return
    code, links = code_ranges(text), list(bare_links(text))
    for sign in signs:
        if not (is_inside(code, sign.start()) or is_inside(links, sign.start())):
            yield text[sign.end() : sign.end() + _MAX_MENTION_LENGTH]


def _name_ends(text: str, *, is_strict: bool) -> Iterator[tuple[str, int]]:
    """The keys of all names that `text` may begin with, and where each ends."""
    characters = _characters(text)
    key, end = "", 0
    for character, following in zip_longest(characters, characters[1:], fillvalue=""):
        end += len(character)
        if character.isspace():
            key = f"{key.rstrip()} " if key else ""
            continue
        key += _cached_character_key(character)
        is_end_of_word = _WORD.match(following) is None
        if is_end_of_word or (
            not is_strict and (_UNSPACED.match(character) or _UNSPACED.match(following))
        ):
            yield key.rstrip(), end


def _characters(text: str) -> list[str]:
    """The characters of a text, each with its marks."""
    found = list[str]()
    for each in _CHARACTER.findall(text):
        if found and (unicodedata.category(each[0])[0] == "M" or each in _KANA_MARKS):
            found[-1] += each
        else:
            found.append(each)
    return found
