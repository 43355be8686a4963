"""Keywords: words and phrases of a person that count like a mention.

A keyword is compared with whole words. Case and the width of letters do not count, as with the
names in mentions. A script without spaces has no ends of words: there a keyword may be anywhere.
Code and addresses mention nobody.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain

from chat.errors import BadKeyword
from chat.model.people import PersonId
from chat.text.code_ranges import code_ranges
from chat.text.markup.bare_links import bare_links
from chat.text.search_tokens import UNSPACED_SCRIPTS

# Keywords of one person.
MAX_KEYWORDS = 20

# The characters of a keyword, and its words: a character of a script without spaces counts as one.
KEYWORD_LIMIT = 40
MAX_KEYWORD_TOKENS = 8

# Beyond U+FFFF, only historic scripts have marks.
_MARKS = "".join(c for c in map(chr, range(0x300, 0x10000)) if unicodedata.category(c)[0] == "M")

# A character of a script without spaces, a word of another script with its marks, or a sign.
_TOKEN = re.compile(
    rf"[{UNSPACED_SCRIPTS}]|[^\W{UNSPACED_SCRIPTS}](?:[{_MARKS}]|[^\W{UNSPACED_SCRIPTS}])*|[^\w\s]"
)

# Characters within a word that draw nothing.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")


class _Node:
    """The keywords with the same first tokens."""

    __slots__ = ("children", "person_ids")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.person_ids: set[PersonId] = set()


class KeywordIndex:
    """The keywords of all people. A text is compared with all of them at once.

    The time for a text grows with its length and with MAX_KEYWORD_TOKENS, and not with the number
    of keywords.
    """

    def __init__(self) -> None:
        self._root = _Node()
        self._by_person: dict[PersonId, tuple[str, ...]] = {}

    def set(self, person_id: PersonId, keywords: tuple[str, ...]) -> None:
        """Replace the keywords of a person."""
        for keyword in self._by_person.pop(person_id, ()):
            self._remove(self._root, keyword_tokens(keyword), person_id)
        for keyword in keywords:
            node = self._root
            for token in keyword_tokens(keyword):
                node = node.children.setdefault(token, _Node())
            node.person_ids.add(person_id)
        if keywords:
            self._by_person[person_id] = keywords

    def people_with_keyword_in(self, text: str) -> frozenset[PersonId]:
        """The people who have a keyword that is in a text."""
        if not self._by_person:
            return frozenset()
        tokens = keyword_tokens(_without_code_and_addresses(text))
        found = set[_Node]()
        first_nodes = self._root.children
        for start, token in enumerate(tokens):
            node, at = first_nodes.get(token), start + 1
            while node is not None:
                if node.person_ids:
                    found.add(node)
                if not node.children or at == len(tokens):
                    break
                node, at = node.children.get(tokens[at]), at + 1
        return frozenset[PersonId]().union(*(each.person_ids for each in found))

    def _remove(self, node: _Node, tokens: Sequence[str], person_id: PersonId) -> None:
        if not tokens:
            node.person_ids.discard(person_id)
            return
        child = node.children.get(tokens[0])
        if child is not None:
            self._remove(child, tokens[1:], person_id)
            if not child.children and not child.person_ids:
                del node.children[tokens[0]]


def keyword_tokens(text: str) -> list[str]:
    """The words and signs of a text in the form in which they are compared."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        text = _INVISIBLE.sub("", text)
    else:
        text = text.lower()
    return _TOKEN.findall(text)


def validate_keywords(keywords: Iterable[str]) -> tuple[str, ...]:
    """The keywords to store: single spaces, and each once. Raises BadKeyword."""
    by_tokens = dict[tuple[str, ...], str]()
    for each in keywords:
        keyword = " ".join(each.split())
        tokens = tuple(keyword_tokens(keyword))
        if not any(token.isalnum() for token in tokens):
            raise BadKeyword("A keyword has at least one letter or digit. Write a word.")
        if len(keyword) > KEYWORD_LIMIT or len(tokens) > MAX_KEYWORD_TOKENS:
            raise BadKeyword(
                "This keyword is too long. Use at most {limit} characters and {words} words.",
                limit=KEYWORD_LIMIT,
                words=MAX_KEYWORD_TOKENS,
            )
        by_tokens.setdefault(tokens, keyword)
    if len(by_tokens) > MAX_KEYWORDS:
        raise BadKeyword(
            "You have {limit} keywords, and no more fit. Remove one first.", limit=MAX_KEYWORDS
        )
    return tuple(by_tokens.values())


def _without_code_and_addresses(text: str) -> str:
    """A text with spaces in place of its code and its addresses."""
    ranges = sorted(chain(code_ranges(text), bare_links(text)))
    if not ranges:
        return text
    parts, at = list[str](), 0
    for start, end in ranges:
        if end > at:
            parts += (text[at : max(at, start)], " ")
            at = end
    return "".join((*parts, text[at:]))
