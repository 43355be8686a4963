"""Search queries: words, authors, rooms and times; and the highlights of a query in a text.

A word matches words that begin with it: the last one, which may be unfinished, from two letters on,
the others from four on. Shorter words match exactly, and so do "words in quotes", which must be
adjacent, and -excluded words. In a script without spaces any part of a word matches. Of several
`from:` or several `in:` one must hold; all other conditions must hold together. An unknown operator
is text.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from chat.text.search_tokens import MIN_PREFIX_LENGTH, ScriptRun, script_runs, search_key

MAX_QUERY_LENGTH = 500
MAX_TERMS = 20

# A word before the last one matches longer words from this length on.
_MIN_INNER_PREFIX = 4

# Characters that cannot be stored, and that a database would refuse.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟", '"'))
_QUERY_PART = re.compile(
    r"(-?)(?:(from|in|before|after|on|has|is|mentions):)?"
    r'(?:"([^"]*)"?|([^\s"]+))?',
    re.IGNORECASE,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")

Highlight = tuple[int, int]


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

    def __bool__(self) -> bool:
        """Whether there is any condition."""
        return self != _EMPTY


_EMPTY = Query()


def parse_query(text: str, zone: tzinfo | None) -> Query:
    """Parse a typed query. Days are in `zone`, or in the time zone of this machine.

    Any text is valid; only its first 500 characters and 20 terms count.
    """
    text = _UNSTORABLE.sub(" ", text[:MAX_QUERY_LENGTH]).translate(_QUOTES)
    query = _EMPTY
    included: list[tuple[str, bool]] = []
    excluded_terms: list[Term] = []
    for is_excluded, operator, value, quoted in _split_parts(text):
        if operator and not is_excluded:
            if not value.strip():
                # The value is still being typed.
                continue
            if (narrowed := _with_operator(query, operator, value, zone)) is not None:
                query = narrowed
                continue
        words = f"{operator}:{value}" if operator else value
        if is_excluded:
            excluded_terms += _excluded_term(script_runs(words))
        else:
            included.append((words, quoted))
    terms = dict.fromkeys(_included_terms(included))
    return replace(
        query,
        terms=tuple(terms)[:MAX_TERMS],
        excluded_terms=tuple(dict.fromkeys(excluded_terms))[:MAX_TERMS],
    )


def highlights(text: str, query: Query) -> tuple[Highlight, ...]:
    """The ranges of a text that match a query, in order and without overlap."""
    if not query.terms:
        return ()
    tokens = list(_tokens_with_positions(text))
    found = sorted(
        highlight for term in query.terms for highlight in _term_highlights(term, tokens)
    )
    merged: list[Highlight] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def excerpt(text: str, query: Query, length: int = 160) -> tuple[str, tuple[Highlight, ...]]:
    """At most `length` characters around the first highlight, on one line, with highlights."""
    found = highlights(text, query)
    start, end = _excerpt_range(text, found[0] if found else (0, 0), length)
    line = "".join(" " if c.isspace() else c for c in text[start:end])
    before, after = "…" if start else "", "…" if end < len(text) else ""
    shift = len(before) - start
    shifted = tuple(
        (max(first, start) + shift, min(last, end) + shift)
        for first, last in found
        if first < end and last > start
    )
    return before + line + after, shifted


def _split_parts(text: str) -> Iterator[tuple[bool, str, str, bool]]:
    """The parts of a query: excluded or not, operator, value, and whether it is in quotes."""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _QUERY_PART.match(text, at)
        assert found is not None, "all of it may be missing"
        minus, name, quoted, plain = found.groups()
        value = plain if quoted is None else quoted
        # An open quote does not complete a phrase.
        closed = quoted is not None and found.end() > found.end(3)
        yield bool(minus), (name or "").casefold(), value or "", closed
        at = max(found.end(), at + 1)


def _with_operator(query: Query, operator: str, value: str, zone: tzinfo | None) -> Query | None:
    """The query with one more condition, or None if the value does not fit the operator."""
    if operator == "from":
        return replace(query, authors=(*query.authors, search_key(value.removeprefix("@"))))
    if operator == "in":
        return replace(query, rooms=(*query.rooms, search_key(value.removeprefix("#"))))
    match operator, value.casefold():
        case "has", "link":
            return replace(query, has_link=True)
        case "has", "file":
            return replace(query, has_file=True)
        case "has", "image":
            return replace(query, has_image=True)
        case "is", "pinned":
            return replace(query, pinned=True)
        case "mentions", "me" | "@me":
            return replace(query, mentions_me=True)
    return _with_date(query, operator, value, zone)


def _with_date(query: Query, operator: str, value: str, zone: tzinfo | None) -> Query | None:
    if operator not in {"before", "after", "on"} or not _DATE.fullmatch(value):
        return None
    try:
        day = date(*map(int, value.split("-")))
        begins = datetime.combine(day, time(), zone).astimezone(UTC)
        ends = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    since = {"after": ends, "on": begins}.get(operator)
    until = {"before": begins, "on": ends}.get(operator)
    return replace(
        query,
        since=max(filter(None, (query.since, since)), default=None),
        until=min(filter(None, (query.until, until)), default=None),
    )


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
        unfinished = (Term(tuple(token for token, _, _ in last.tokens()), is_prefix=True),)
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
    tokens = [token for run in word_runs for token, _, _ in run.tokens()]
    if open_end and word_runs[-1].is_unspaced:
        tokens.pop()
    return Term(tuple(tokens))


def _tokens_with_positions(text: str) -> Iterator[tuple[str, tuple[Highlight, ...]]]:
    """The tokens of a text, each with the positions of its characters."""
    for run in script_runs(text):
        for token, start, end in run.tokens():
            yield token, run.positions[start:end]


def _term_highlights(
    term: Term, tokens: list[tuple[str, tuple[Highlight, ...]]]
) -> Iterator[Highlight]:
    first, length = term.tokens[0], len(term.tokens)
    for at, (token, positions) in enumerate(tokens):
        if term.is_prefix:
            if token.startswith(first):
                yield positions[0][0], positions[len(first) - 1][1]
        elif token == first:
            beside = tokens[at : at + length]
            if tuple(each for each, _ in beside) == term.tokens:
                yield positions[0][0], beside[-1][1][-1][1]


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
