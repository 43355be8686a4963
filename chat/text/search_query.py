"""What somebody searches for: words, who said them, where and when; and where it stands in a text.

A word finds what begins with it: the last one, which may still be typed, from two letters on, those
before it from four on; shorter ones find only themselves, and so do "words in quotes", which stand
side by side, and -excluded ones. In a script without spaces every part of a word is found. Of
several `from:`, and of several `in:`, each may be; all else holds at the same time. What is no
operator is text.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from chat.text.search_tokens import SHORTEST, Run, key, runs

CHARACTERS = 500
WORDS = 20

# Of a word that is not the last, so many letters find longer words, too.
_WHOLE_BELOW = 4

# Nothing that could be stored, and nothing that a database would take.
_UNSPEAKABLE = re.compile("[\x00\ud800-\udfff]")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟", '"'))
_PIECE = re.compile(
    r"(-?)(?:(from|in|before|after|on|has|is|mentions):)?"
    r'(?:"([^"]*)"?|([^\s"]+))?',
    re.IGNORECASE,
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")

Mark = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens that stand side by side; `begins` is whether the only one is how a token begins."""

    tokens: tuple[str, ...]
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All that has to hold; names are keys (`chat.tokens.key`), times are in UTC.

    `since` is the first moment and `until` the first one too late. `has_file` is whether there has
    to be a file of any kind, `has_image` one that is shown.
    """

    words: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
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
        """Whether anything is asked for."""
        return self != _NOTHING


_NOTHING = Query()


def parse(text: str, zone: tzinfo | None) -> Query:
    """The query that somebody typed; days are those of `zone`, or of this machine's clock.

    Any text is one: of more than 500 characters or 20 words the first count.
    """
    text = _UNSPEAKABLE.sub(" ", text[:CHARACTERS]).translate(_QUOTES)
    query = _NOTHING
    said: list[tuple[str, bool]] = []
    without: list[Term] = []
    for minus, name, value, quoted in _pieces(text):
        if name and not minus:
            if not value.strip():
                # It is still being typed.
                continue
            if (narrowed := _narrowed(query, name, value, zone)) is not None:
                query = narrowed
                continue
        words = f"{name}:{value}" if name else value
        if minus:
            without += _excluded(runs(words))
        else:
            said.append((words, quoted))
    terms = dict.fromkeys(_said(said))
    return replace(query, words=tuple(terms)[:WORDS], without=tuple(dict.fromkeys(without))[:WORDS])


def marks(text: str, query: Query) -> tuple[Mark, ...]:
    """Where the words of a query stand in a text, in order and apart from each other."""
    if not query.words:
        return ()
    tokens = list(_placed(text))
    found = sorted(mark for term in query.words for mark in _marks_of(term, tokens))
    merged: list[Mark] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def excerpt(text: str, query: Query, length: int = 160) -> tuple[str, tuple[Mark, ...]]:
    """At most `length` characters of a text around its first mark, in one line, with the marks."""
    found = marks(text, query)
    start, end = _window(text, found[0] if found else (0, 0), length)
    piece = "".join(" " if c.isspace() else c for c in text[start:end])
    before, after = "…" if start else "", "…" if end < len(text) else ""
    shift = len(before) - start
    inside = tuple(
        (max(first, start) + shift, min(last, end) + shift)
        for first, last in found
        if first < end and last > start
    )
    return before + piece + after, inside


def _pieces(text: str) -> Iterator[tuple[bool, str, str, bool]]:
    """What is typed, piece by piece: excluded or not, operator, value, and whether in quotes."""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _PIECE.match(text, at)
        assert found is not None, "all of it may be missing"
        minus, name, quoted, plain = found.groups()
        value = plain if quoted is None else quoted
        # Quotes that are still open do not finish a word.
        closed = quoted is not None and found.end() > found.end(3)
        yield bool(minus), (name or "").casefold(), value or "", closed
        at = max(found.end(), at + 1)


def _narrowed(query: Query, name: str, value: str, zone: tzinfo | None) -> Query | None:
    """The query with one condition more, None if the operator has no such value."""
    if name == "from":
        return replace(query, authors=(*query.authors, key(value.removeprefix("@"))))
    if name == "in":
        return replace(query, rooms=(*query.rooms, key(value.removeprefix("#"))))
    match name, value.casefold():
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
    return _dated(query, name, value, zone)


def _dated(query: Query, name: str, value: str, zone: tzinfo | None) -> Query | None:
    if name not in {"before", "after", "on"} or not _DAY.fullmatch(value):
        return None
    try:
        day = date(*map(int, value.split("-")))
        begins = datetime.combine(day, time(), zone).astimezone(UTC)
        ends = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    since = {"after": ends, "on": begins}.get(name)
    until = {"before": begins, "on": ends}.get(name)
    return replace(
        query,
        since=max(filter(None, (query.since, since)), default=None),
        until=min(filter(None, (query.until, until)), default=None),
    )


def _said(pieces: list[tuple[str, bool]]) -> Iterator[Term]:
    for number, (words, quoted) in enumerate(pieces, 1):
        if quoted:
            yield from _terms(runs(words), 0)
        else:
            yield from _terms(runs(words), SHORTEST if number == len(pieces) else _WHOLE_BELOW)


def _terms(found: list[Run], begins_from: int) -> Iterator[Term]:
    """The runs of one word side by side; of so many letters the last may be unfinished.

    `begins_from` is 0 where nothing is.
    """
    if not found:
        return
    *whole, last = found
    if last.paired and len(last.text) == 1:
        unfinished: tuple[Term, ...] = (Term((last.text,), begins=True),)
    elif not last.paired and 0 < begins_from <= len(last.text):
        unfinished = (Term(tuple(token for token, _, _ in last.tokens()), begins=True),)
    else:
        unfinished = ()
        whole.append(last)
    if whole:
        yield _side_by_side(whole, open_end=whole[-1] is last)
    yield from unfinished


def _excluded(found: list[Run]) -> Iterator[Term]:
    """The runs of one word as one term: two would exclude more than was said."""
    if len(found) == 1:
        yield from _terms(found, 0)
    elif found:
        yield _side_by_side(found, open_end=len(found[-1].text) > 1)


def _side_by_side(found: list[Run], *, open_end: bool) -> Term:
    """All tokens of these runs; the last character of a paired run may have others behind it."""
    tokens = [token for run in found for token, _, _ in run.tokens()]
    if open_end and found[-1].paired:
        tokens.pop()
    return Term(tuple(tokens))


def _placed(text: str) -> Iterator[tuple[str, tuple[Mark, ...]]]:
    """The tokens of a text, each with the places of its characters."""
    for run in runs(text):
        for token, start, end in run.tokens():
            yield token, run.places[start:end]


def _marks_of(term: Term, tokens: list[tuple[str, tuple[Mark, ...]]]) -> Iterator[Mark]:
    first, length = term.tokens[0], len(term.tokens)
    for at, (token, places) in enumerate(tokens):
        if term.begins:
            if token.startswith(first):
                yield places[0][0], places[len(first) - 1][1]
        elif token == first:
            beside = tokens[at : at + length]
            if tuple(each for each, _ in beside) == term.tokens:
                yield places[0][0], beside[-1][1][-1][1]


def _window(text: str, mark: Mark, length: int) -> Mark:
    """Where the piece of a text begins and ends that is shown around a mark."""
    if len(text) <= length:
        return 0, len(text)
    room = max(length - 2, 1)
    start = max(0, min(mark[0] - room // 4, len(text) - room))
    end = min(len(text), start + room)
    if start:
        # Not from the middle of a word, if one begins soon.
        space = next(
            (at for at in range(start, min(start + 20, mark[0])) if text[at].isspace()), None
        )
        start = start if space is None else space + 1
    if end < len(text):
        floor = max(end - 20, mark[1])
        end = next((at for at in range(end, floor, -1) if text[at].isspace()), end)
    while start and start < mark[0] and unicodedata.category(text[start])[0] in "MC":
        start += 1
    return start, end
