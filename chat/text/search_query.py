"""Search queries: words, authors, rooms and times; and the highlights of a query in a text.

A word matches words that begin with it: the last one, which may be unfinished, from two letters on,
the others from four on. Shorter words match exactly, and so do "words in quotes", which must be
adjacent, and -excluded words. In a script without spaces any part of a word matches. Of several
`from:` or several `in:` one must hold; all other conditions must hold together. A minus excludes
what a condition finds. An unknown operator is text.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from chat.errors import BadQuery
from chat.model.rooms import RoomId
from chat.text.search_tokens import (
    MAX_TOKEN_LENGTH,
    MIN_PREFIX_LENGTH,
    UNSPACED_SCRIPTS,
    FoldedText,
    ScriptRun,
    script_runs,
    search_key,
)

MAX_QUERY_LENGTH = 500
MAX_TERMS = 20

# The tokens of all terms that are searched for, and of all that are excluded: the index compares
# each of them with every place of a word.
MAX_TOKENS = 40

# A word before the last one matches longer words from this length on.
_MIN_INNER_PREFIX = 4

# Characters that cannot be stored, and that a database would refuse.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟", '"'))
_QUERY_PART = re.compile(
    r"(-?)(?:(from|in|before|after|on|has|is|mentions)[:：])?"
    r'(?:"([^"]*)"?|([^\s"]+))?',
    re.IGNORECASE,
)
# A day, a month or a year.
_DATE = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?[-/.]?")
NAMED_DAYS = {"today": 0, "yesterday": -1, "今天": 0, "昨天": -1}
_UNFINISHED_DAY = re.compile(r"[0-9]{1,3}|t(?:o(?:d(?:ay?)?)?)?|y(?:[a-z]{0,8})|[今昨]")

# The values of the operators that narrow by a property of a message, and the field of the query.
_FACTS = {
    "has": {"link": "has_link", "file": "has_file", "image": "has_image"},
    "is": {"pinned": "pinned"},
    "mentions": {"me": "mentions_me", "@me": "mentions_me"},
}
FACT_VALUES = {
    operator: [each for each in facts if each.isalpha()] for operator, facts in _FACTS.items()
}
_EXAMPLES = {
    "from": "from:ann",
    "in": "in:lobby",
    "before": "before:2026-11-30",
    "after": "after:2026-11-30",
    "on": "on:2026-11-30",
    "has": "has:link",
    "is": "is:pinned",
    "mentions": "mentions:me",
}

# In a folded text: a character of a word of a script with spaces, and of one without.
_WORD_CHARACTER = f"[^ {UNSPACED_SCRIPTS}]"
_UNSPACED = re.compile(f"[{UNSPACED_SCRIPTS}]")

# The most highlights of an excerpt: each takes two controls.
MAX_HIGHLIGHTS = 24

# The part of a text that is looked at first, in characters.
_USUAL_LENGTH = 3000

# Longer highlights may be cut at the edges of an excerpt, in characters.
_MAX_HIGHLIGHT = 1000

Highlight = tuple[int, int]

# A part of a text, and the highlights in it.
Excerpt = tuple[str, tuple[Highlight, ...]]


@dataclass(frozen=True, slots=True)
class Term:
    """Adjacent tokens. If `is_prefix`, the only one is the beginning of a token."""

    tokens: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """The conditions of a search. Names are keys (`search_key`), times are in UTC.

    `since` is inclusive and `until` exclusive. `has_file` asks for any file, `has_image` for one
    with thumbnails.
    """

    terms: tuple[Term, ...] = ()
    excluded_terms: tuple[Term, ...] = ()
    authors: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    has_link: bool = False
    has_file: bool = False
    has_image: bool = False
    pinned: bool = False
    mentions_me: bool = False
    excluded_authors: tuple[str, ...] = ()
    excluded_rooms: tuple[str, ...] = ()
    # The names of boolean conditions, as "has_link".
    excluded_facts: tuple[str, ...] = ()
    # The only rooms that are searched, with their threads; None for all.
    room_ids: frozenset[RoomId] | None = None

    def __bool__(self) -> bool:
        """Whether there is any condition."""
        return self != _EMPTY


_EMPTY = Query()


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a typed query, from its index `start` on.

    `may_go_on`: it is at the end, where more may be typed.
    """

    start: int
    is_excluded: bool
    operator: str
    value: str
    is_quoted: bool
    is_last: bool

    @property
    def may_go_on(self) -> bool:
        return self.is_last and not self.is_quoted


def parse_query(text: str, zone: tzinfo | None, today: date | None = None) -> Query:
    """Parse a typed query. Days are in `zone`, or in the time zone of this machine.

    Only the first 500 characters and 20 terms count. Raises BadQuery for a condition that means
    nothing, unless it is at the end and may still be typed.
    """
    text = _UNSTORABLE.sub(" ", text[:MAX_QUERY_LENGTH]).translate(_QUOTES)
    query = _EMPTY
    included: list[tuple[str, bool]] = []
    excluded_terms: list[Term] = []
    for part in _with_values(list(_split_parts(text))):
        if part.operator:
            query = _with_condition(query, part, zone, today or datetime.now(zone).date())
        elif part.is_excluded:
            excluded_terms += _excluded_term(script_runs(part.value))
        else:
            included.append((part.value, part.is_quoted))
    return replace(
        query,
        terms=_limited(_included_terms(included)),
        excluded_terms=_limited(excluded_terms),
    )


@dataclass(frozen=True, slots=True)
class OpenCondition:
    """A condition at the end of a query, whose `value` is still being typed.

    `start` is its index in the query.
    """

    start: int
    operator: str
    value: str
    is_excluded: bool

    def with_value(self, value: str) -> str:
        """The condition as it is typed with this value, which has no quotes."""
        quoted = f'"{value}"' if any(map(str.isspace, value)) else value
        return f"{'-' if self.is_excluded else ''}{self.operator}:{quoted}"


def open_condition(text: str) -> OpenCondition | None:
    """The condition at the end of a query that is being typed; None if it does not end with one."""
    parts = list(_split_parts(text.translate(_QUOTES)))
    if not parts:
        return None
    last = parts[-1]
    before = parts[-2] if len(parts) > 1 else last
    if last.operator and (last.may_go_on or not (last.value or last.is_quoted)):
        return OpenCondition(last.start, last.operator, last.value, last.is_excluded)
    # The value of an operator may follow after a space.
    is_value = last.may_go_on and not last.operator and not last.is_excluded
    if is_value and before.operator and not before.value.strip():
        return OpenCondition(before.start, before.operator, last.value, before.is_excluded)
    return None


def is_quotable(value: str) -> bool:
    """Whether a condition can have this value: there are no quotes within quotes."""
    return '"' not in value.translate(_QUOTES)


def highlights(text: str, query: Query) -> tuple[Highlight, ...]:
    """The ranges of a text that match a query, in order and without overlap."""
    return _highlights_within(FoldedText(text), query, 0, len(text)) if query.terms else ()


def excerpt(text: str, query: Query, length: int = 160) -> Excerpt:
    """At most `length` characters around the first highlight, on one line, with highlights.

    At most 24 highlights.
    """
    # Folding takes long, and most highlights are near the beginning.
    folded = FoldedText(text[:_USUAL_LENGTH])
    first = _first_highlight(folded, query)
    is_near = 0 < first[1] < _USUAL_LENGTH - 2 * _MAX_HIGHLIGHT - length
    if len(text) > _USUAL_LENGTH and not is_near:
        folded = FoldedText(text)
        first = _first_highlight(folded, query)
    start, end = _excerpt_range(text, first, length)
    found = _highlights_within(folded, query, start, end) if query.terms else ()
    line = "".join(" " if c.isspace() else c for c in text[start:end])
    before, after = "…" if start else "", "…" if end < len(text) else ""
    shift = len(before) - start
    shifted = tuple(
        (max(first, start) + shift, min(last, end) + shift)
        for first, last in found
        if first < end and last > start
    )
    return before + line + after, shifted[:MAX_HIGHLIGHTS]


def _first_highlight(folded: FoldedText, query: Query) -> Highlight:
    """The first highlight of a text, or (0, 0)."""
    matches = (
        _term_pattern(term).search(folded.text)
        for term in query.terms
        if term.tokens[0][0] in folded.text
    )
    places = [match.span(1) for match in matches if match is not None]
    return folded.original_range(*min(places)) if places else (0, 0)


def _highlights_within(
    folded: FoldedText, query: Query, start: int, end: int
) -> tuple[Highlight, ...]:
    """The highlights that may be seen in a range of the original text."""
    begin = max(0, folded.folded_index(start) - _MAX_HIGHLIGHT)
    last = folded.folded_index(end) + _MAX_HIGHLIGHT
    found = sorted(
        folded.original_range(*match.span(1))
        for term in query.terms
        for match in _term_pattern(term).finditer(folded.text, begin, last)
    )
    merged: list[Highlight] = []
    for first, last in found:
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def _limited(terms: Iterable[Term]) -> tuple[Term, ...]:
    """The first terms, each once; the last of them may lack its last tokens."""
    limited, remaining = list[Term](), MAX_TOKENS
    for term in tuple(dict.fromkeys(terms))[:MAX_TERMS]:
        if remaining > 0:
            limited.append(replace(term, tokens=term.tokens[:remaining]))
            remaining -= len(term.tokens)
    return tuple(limited)


def _split_parts(text: str) -> Iterator[_Part]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _QUERY_PART.match(text, at)
        assert found is not None, "all of it may be missing"
        minus, name, quoted, plain = found.groups()
        # An open quote does not complete a phrase.
        is_quoted = quoted is not None and found.end() > found.end(3)
        start, at = at, max(found.end(), at + 1)
        value, operator = (plain if quoted is None else quoted) or "", (name or "").lower()
        yield _Part(start, bool(minus), operator, value, is_quoted, at == len(text))


def _with_values(parts: Sequence[_Part]) -> Iterator[_Part]:
    """The parts; an operator takes the word after it for its value if there was a space between.

    Raises BadQuery for an operator before another one.
    """
    at = 0
    while at < len(parts):
        part, at = parts[at], at + 1
        if part.operator and not part.value.strip():
            if at == len(parts):
                # The value is still being typed.
                return
            following, at = parts[at], at + 1
            if following.operator or following.is_excluded or not following.value.strip():
                raise BadQuery(
                    "Write what you look for after {operator}, as in {example}.",
                    operator=f"{part.operator}:",
                    example=_EXAMPLES[part.operator],
                )
            part = replace(following, operator=part.operator, is_excluded=part.is_excluded)
        yield part


def _with_condition(query: Query, part: _Part, zone: tzinfo | None, today: date) -> Query:
    """The query with one more condition. Raises BadQuery."""
    value, is_excluded = part.value.strip().casefold(), part.is_excluded
    if part.operator == "from":
        authors = (search_key(part.value.strip().removeprefix("@")),)
        if is_excluded:
            return replace(query, excluded_authors=query.excluded_authors + authors)
        return replace(query, authors=query.authors + authors)
    if part.operator == "in":
        rooms = (search_key(part.value.strip().removeprefix("#")),)
        if is_excluded:
            return replace(query, excluded_rooms=query.excluded_rooms + rooms)
        return replace(query, rooms=query.rooms + rooms)
    if (facts := _FACTS.get(part.operator)) is None:
        return _with_date(query, part, zone, today)
    if (fact := facts.get(value)) is not None:
        if is_excluded:
            return replace(query, excluded_facts=(*query.excluded_facts, fact))
        condition: Any = {fact: True}
        return replace(query, **condition)
    if part.may_go_on and any(each.startswith(value) for each in facts):
        return query
    raise BadQuery(
        "“{typed}” means nothing here. You can write {examples}.",
        typed=f"{part.operator}:{part.value}",
        examples=", ".join(f"{part.operator}:{each}" for each in FACT_VALUES[part.operator]),
    )


def _with_date(query: Query, part: _Part, zone: tzinfo | None, today: date) -> Query:
    if part.is_excluded:
        raise BadQuery("A day cannot be excluded. Use before: and after: instead.")
    value = part.value.strip().casefold()
    try:
        first, end = _days(value, today)
        begins = datetime.combine(first, time(), zone).astimezone(UTC)
        ends = datetime.combine(end, time(), zone).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        if part.may_go_on and _UNFINISHED_DAY.fullmatch(value):
            return query
        raise BadQuery(
            "“{typed}” is not a day. Write it like this: {operator}:2026-11-30, or "
            "{operator}:yesterday.",
            typed=part.value,
            operator=part.operator,
        ) from None
    since = {"after": ends, "on": begins}.get(part.operator)
    until = {"before": begins, "on": ends}.get(part.operator)
    return replace(
        query,
        since=max(filter(None, (query.since, since)), default=None),
        until=min(filter(None, (query.until, until)), default=None),
    )


def _days(value: str, today: date) -> tuple[date, date]:
    """The first day of a day, a month or a year, and the day after its last. Raises ValueError."""
    if (distance := NAMED_DAYS.get(value)) is not None:
        day = today + timedelta(days=distance)
        return day, day + timedelta(days=1)
    found = _DATE.fullmatch(value)
    if found is None:
        raise ValueError(value)
    year, month, day_of_month = (None if each is None else int(each) for each in found.groups())
    assert year is not None, "it is not optional"
    first = date(year, month or 1, day_of_month or 1)
    if day_of_month is not None:
        return first, first + timedelta(days=1)
    if month is not None:
        return first, (first + timedelta(days=31)).replace(day=1)
    return first, date(year + 1, 1, 1)


def _included_terms(parts: list[tuple[str, bool]]) -> Iterator[Term]:
    for number, (words, quoted) in enumerate(parts, 1):
        if quoted:
            yield from _terms(script_runs(words), 0)
        else:
            yield from _terms(
                script_runs(words), MIN_PREFIX_LENGTH if number == len(parts) else _MIN_INNER_PREFIX
            )


def _terms(word_runs: list[ScriptRun], min_prefix: int) -> Iterator[Term]:
    """The terms of one word. Its last run is a prefix if it has `min_prefix` letters.

    With a `min_prefix` of 0 no letters are a prefix.
    """
    if not word_runs:
        return
    *whole, last = word_runs
    if last.is_unspaced and len(last.text) == 1:
        unfinished: tuple[Term, ...] = (Term((last.text,), is_prefix=True),)
    elif not last.is_unspaced and 0 < min_prefix <= len(last.text):
        unfinished = (Term(tuple(last.tokens()), is_prefix=True),)
    else:
        unfinished = ()
        whole.append(last)
    if whole:
        yield _phrase_term(whole, open_end=whole[-1] is last)
    yield from unfinished


def _excluded_term(word_runs: list[ScriptRun]) -> Iterator[Term]:
    """The runs of one word as one term: two terms would exclude more messages."""
    if len(word_runs) == 1:
        yield from _terms(word_runs, 0)
    elif word_runs:
        yield _phrase_term(word_runs, open_end=len(word_runs[-1].text) > 1)


def _phrase_term(word_runs: list[ScriptRun], *, open_end: bool) -> Term:
    """All tokens of these runs as one term. With `open_end` the last run may continue."""
    tokens = [token for run in word_runs for token in run.tokens()]
    if open_end and word_runs[-1].is_unspaced:
        tokens.pop()
    return Term(tuple(tokens))


@lru_cache(maxsize=256)
def _term_pattern(term: Term) -> re.Pattern[str]:
    """Finds a term in a folded text, also where two matches overlap. Group 1 is the match.

    Of the tokens of an unspaced run, each begins with the character that ends the one before it.
    """
    parts = [] if _is_unspaced(term.tokens[0]) else [f"(?<!{_WORD_CHARACTER})"]
    for token, following in zip_longest(term.tokens, term.tokens[1:]):
        if not _is_unspaced(token):
            is_cut = len(token) == MAX_TOKEN_LENGTH
            parts.append(re.escape(token) + (f"{_WORD_CHARACTER}*" if is_cut else ""))
            if not term.is_prefix:
                parts.append(f"(?!{_WORD_CHARACTER})")
        elif following is not None and len(token) > 1:
            parts.append(re.escape(token[0]))
            continue
        else:
            parts.append(re.escape(token))
            if len(token) == 1 and not term.is_prefix:
                parts.append(f"(?![{UNSPACED_SCRIPTS}])")
        if following is not None:
            parts.append(" *" if _is_unspaced(token) is not _is_unspaced(following) else " +")
    return re.compile(f"(?=({''.join(parts)}))")


def _is_unspaced(token: str) -> bool:
    return _UNSPACED.match(token) is not None


def _excerpt_range(text: str, highlight: Highlight, length: int) -> Highlight:
    """The range of an excerpt around a highlight."""
    if len(text) <= length:
        return 0, len(text)
    available = max(length - 2, 1)
    start = max(0, min(highlight[0] - available // 4, len(text) - available))
    end = min(len(text), start + available)
    if start:
        # Begin with a whole word if there is one nearby.
        space = next(
            (at for at in range(start, min(start + 20, highlight[0])) if text[at].isspace()), None
        )
        start = start if space is None else space + 1
    if end < len(text):
        floor = max(end - 20, highlight[1])
        end = next((at for at in range(end, floor, -1) if text[at].isspace()), end)
    while start and start < highlight[0] and unicodedata.category(text[start])[0] in "MC":
        start += 1
    return start, end
