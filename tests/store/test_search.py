"""Search: messages are found by people who may read them, by nobody else, with their matches."""

import asyncio
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, update

from chat import store as store_package
from chat.errors import BadQuery
from chat.files.storage import FolderStorage
from chat.model.messages import MessageKind, NewMessage
from chat.model.people import Person
from chat.model.rooms import NewRoom, RoomKind
from chat.rooms.room import Room
from chat.store import migrations, schema
from chat.store.contract import Store
from chat.store.sqlite import open_sqlite
from chat.text.message_text import TEXT_LIMIT
from chat.text.search_query import (
    MAX_HIGHLIGHTS,
    MAX_QUERY_LENGTH,
    MAX_TERMS,
    MAX_TOKENS,
    Query,
    Term,
    excerpt,
    highlights,
    open_condition,
    parse_query,
)
from chat.text.search_tokens import index_tokens, script_runs, search_key
from chat.workspace.timings import Timings
from chat.workspace.workspace import RESULTS_PAGE_SIZE, Workspace
from tests.harness.activity import MANY_ACTS
from tests.harness.engines import ENGINES, StoreLocation, new_location
from tests.harness.waiting import wait_until

# Seconds of CPU of the loop for a page of results, and seconds until it is there. The second is
# large: machines are busy.
LOOP_BUDGET, RESULT_SECONDS = 0.05, 5.0


def highlighted_texts(text: str, query: str) -> list[str]:
    """The highlighted parts of a text."""
    return [text[start:end] for start, end in highlights(text, parse_query(query, None))]


def finished_term(*tokens: str) -> Query:
    """A query for one finished term, which is not a prefix."""
    return Query(terms=(Term(tokens),))


TODAY = date(2026, 11, 6)

OPERATORS = {
    'from:Ann from:"Bob Lee" from:@Cid': Query(authors=("ann", "bob lee", "cid")),
    "in:lobby IN:#Library": Query(rooms=("lobby", "library")),
    "has:link": Query(has_link=True),
    "has:image": Query(has_image=True),
    "has:file": Query(has_file=True),
    "is:pinned": Query(pinned=True),
    "mentions:me": Query(mentions_me=True),
    "on:2026-11-01": Query(since=datetime(2026, 10, 31, 23, tzinfo=UTC),
                           until=datetime(2026, 11, 1, 23, tzinfo=UTC)),
    "before:2026-11-01 before:2026-10-9": Query(until=datetime(2026, 10, 8, 22, tzinfo=UTC)),
    "after:2026-11-01": Query(since=datetime(2026, 11, 1, 23, tzinfo=UTC)),
    "from: ann in: lobby x y": Query(
        authors=("ann",), rooms=("lobby",),
        terms=(Term(("x",)), Term(("y",), is_prefix=False)),
    ),
    'from: "Bob Lee" IN：lobby': Query(authors=("bob lee",), rooms=("lobby",)),
    "from:": Query(),
    "from: ": Query(),
    "-in:lobby -from: ann -has:link -is:pinned -mentions:me": Query(
        excluded_rooms=("lobby",), excluded_authors=("ann",),
        excluded_facts=("has_link", "pinned", "mentions_me"),
    ),
    "before:yesterday": Query(until=datetime(2026, 11, 4, 23, tzinfo=UTC)),
    "after: today": Query(since=datetime(2026, 11, 6, 23, tzinfo=UTC)),
    "on:昨天": Query(since=datetime(2026, 11, 4, 23, tzinfo=UTC),
                   until=datetime(2026, 11, 5, 23, tzinfo=UTC)),
    "on:2026/11/01": Query(since=datetime(2026, 10, 31, 23, tzinfo=UTC),
                           until=datetime(2026, 11, 1, 23, tzinfo=UTC)),
    "on:2026-12": Query(since=datetime(2026, 11, 30, 23, tzinfo=UTC),
                        until=datetime(2026, 12, 31, 23, tzinfo=UTC)),
    "before:2026": Query(until=datetime(2025, 12, 31, 23, tzinfo=UTC)),
    # The value is still being typed.
    "before:20": Query(),
    "before:yest": Query(),
    "has:li": Query(),
    "mentions:": Query(),
    "foo:bar": Query(terms=(Term(("foo",)), Term(("bar",), is_prefix=True))),
    "hello": Query(terms=(Term(("hello",), is_prefix=True),)),
    "is it hello": Query(terms=(Term(("is",)), Term(("it",)), Term(("hello",), is_prefix=True))),
    "“hello you”": finished_term("hello", "you"),
    '"hello yo': Query(terms=(Term(("hello",)), Term(("yo",), is_prefix=True))),
    '-bob -"his dog"': Query(excluded_terms=(Term(("bob",)), Term(("his", "dog")))),
    "中": Query(terms=(Term(("中",), is_prefix=True),)),
    "中文字": finished_term("中文", "文字"),
    "中文字典 -不要": Query(
        terms=(Term(("中文", "文字", "字典")),), excluded_terms=(Term(("不要",)),)
    ),
    "第3章": Query(terms=(Term(("第", "3")), Term(("章",), is_prefix=True))),
    "": Query(),
    " - -- : * \" '": Query(),
}  # fmt: skip


@pytest.mark.parametrize(("query_text", "query"), OPERATORS.items(), ids=repr)
def test_query_operators_and_words_are_parsed(query_text: str, query: Query) -> None:
    assert parse_query(query_text, ZoneInfo("Europe/Berlin"), TODAY) == query
    assert bool(query) is (query != Query())


# Queries that are being typed, with the text of the condition at the end, and its parts.
OPEN_CONDITIONS = {
    "apple from:": ("from:", "from", "", False),
    "apple from:a": ("from:a", "from", "a", False),
    "from:  ": ("from:  ", "from", "", False),
    "apple -from: a": ("-from: a", "from", "a", True),
    "in：“the lib": ("in：“the lib", "in", "the lib", False),
    "FROM:ann": ("FROM:ann", "from", "ann", False),
}


@pytest.mark.parametrize(("query_text", "parts"), OPEN_CONDITIONS.items(), ids=repr)
def test_condition_at_the_end_of_a_query_is_open(
    query_text: str, parts: tuple[str, str, str, bool]
) -> None:
    found = open_condition(query_text)
    assert found is not None
    typed, *others = parts
    assert query_text[found.start :] == typed
    assert [found.operator, found.value, found.is_excluded] == others


@pytest.mark.parametrize(
    "query_text",
    [
        "",
        "apple",
        "from:ann ",
        "from:ann b",
        'from:"ann lee"',
        '"said from:',
        "from: -a",
        "xfrom:a",
    ],
)
def test_query_that_ends_otherwise_has_no_open_condition(query_text: str) -> None:
    assert open_condition(query_text) is None


@pytest.mark.parametrize("name", ["Ann", "Ann Lee", "梅 Mei", "O'Brien", "a:b", "-x", "A\u3000B"])
@pytest.mark.parametrize("begun", ["from:", "-from:"])
def test_completed_condition_names_the_person(begun: str, name: str) -> None:
    found = open_condition(begun)
    assert found is not None
    query = parse_query(f"{found.with_value(name)} apple", None)
    authors = query.excluded_authors if found.is_excluded else query.authors
    assert authors == (search_key(name),)
    assert query.terms == (Term(("apple",), is_prefix=True),)


# Queries that mean nothing, and a part of the sentence about each.
MEANINGLESS = {
    "from: before: x": "Write what you look for after from:, as in from:ann.",
    "in: -x": "after in:, as in in:lobby",
    'has: "" y': "after has:",
    "has:cat": "“has:cat” means nothing here. You can write has:link, has:file, has:image.",
    "has:li x": "has:link",
    "is:nice": "You can write is:pinned.",
    "mentions:bob": "You can write mentions:me.",
    "-has:cat": "has:link",
    "before:tomorrow": "“tomorrow” is not a day. Write it like this: before:2026-11-30",
    "before:20 x": "“20” is not a day",
    "on:2026-02-30": "on:yesterday",
    "after:2026-13": "after:2026-11-30",
    "on:9999-12-31": "is not a day",
    'on:"20"': "is not a day",
    "-before:2026-11-01": "A day cannot be excluded. Use before: and after: instead.",
}


@pytest.mark.parametrize("query_text", MEANINGLESS)
def test_condition_that_means_nothing_is_named(query_text: str) -> None:
    with pytest.raises(BadQuery) as error:
        parse_query(query_text, UTC, TODAY)
    assert MEANINGLESS[query_text] in str(error.value)


@pytest.mark.parametrize("space", ["", " ", "  ", "\t", "\u3000"])
@pytest.mark.parametrize("colon", [":", "："])
@pytest.mark.parametrize("minus", ["", "-"])
@pytest.mark.parametrize(
    "condition", ["from ann", "in lobby", "has link", "is pinned", "mentions me"]
)
def test_space_after_an_operator_changes_nothing(
    condition: str, minus: str, colon: str, space: str
) -> None:
    operator, value = condition.split()
    written = parse_query(f"apple {minus}{operator}{colon}{space}{value} pear", UTC)
    assert written == parse_query(f"apple {minus}{operator}:{value} pear", UTC)
    assert written != parse_query("apple pear", UTC)
    assert written.terms == parse_query("apple pear", UTC).terms


HIGHLIGHTS = {
    "cafe": ("Un CAFÉ, deux cafe\u0301s, ﬁn", ["CAFÉ", "cafe\u0301"]),
    "fin": ("ﬁn", ["ﬁn"]),
    "strasse": ("Straße", ["Straße"]),
    "lodz": ("Łódź", ["Łódź"]),
    "co\u00adop": ("co\u00adop", ["co\u00adop"]),
    "你好": ("大家你好，你好吗", ["你好", "你好"]),
    "好": ("大家你好", ["好"]),
    "中文字": ("中文字典和中文", ["中文字"]),
    "か": ("かが", ["か"]),
    "ガ": ("ｶﾞ", ["ｶﾞ"]),
    "안녕": ("여러분 안녕하세요", ["안녕"]),
    "\u1112\u1161\u11ab": ("한국", ["한"]),
    "สวัส": ("สวัสดี", ["สวัส"]),
    "he lo": ("he said hello, lo and behold", ["he", "lo"]),
    "hell yo": ("hello you", ["hell", "yo"]),
    '"b c"': ("a b c b", ["b c"]),
    "don't": ("don't dont", ["don't"]),
    "🎉": ("well 🎉!", ["🎉"]),
    "-hello": ("hello", []),
    "hello -you": ("hello you", ["hello"]),
}


@pytest.mark.parametrize(("query_text", "highlighted"), HIGHLIGHTS.items(), ids=list(HIGHLIGHTS))
def test_matches_are_highlighted_at_their_position(
    query_text: str, highlighted: tuple[str, list[str]]
) -> None:
    text, expected = highlighted
    assert highlighted_texts(text, query_text) == expected


@pytest.mark.parametrize("length", [2, 20, 160])
def test_excerpt_shows_the_first_match(length: int) -> None:
    text = "before\n" * 100 + "the Needle " + "after\n" * 100
    piece, marks = excerpt(text, parse_query("needle", None), length)
    assert len(piece) <= max(length, 3)
    assert "\n" not in piece
    if length > 2:
        assert [piece[start:end] for start, end in marks] == ["Needle"]
    assert excerpt("short", parse_query("needle", None)) == ("short", ())


@given(st.text(), st.text(), st.integers(min_value=2, max_value=60))
def test_random_text_and_query_give_valid_highlights_and_excerpts(
    text: str, query_text: str, length: int
) -> None:
    with suppress(BadQuery):
        parse_query(query_text, None)
    for run in script_runs(text):
        query = parse_query(run.text, None)
        marks = highlights(text, query)
        assert all(0 <= start < end <= len(text) for start, end in marks)
        assert all(one[1] < other[0] for one, other in pairwise(marks))
        assert marks or not query.terms
        piece, marks_in_piece = excerpt(text, query, length)
        assert len(piece) <= max(length, 3)
        assert all(0 <= start < end <= len(piece) for start, end in marks_in_piece)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_fast_path_gives_the_same_tokens(text: str) -> None:
    assert set(index_tokens(text)) | {"漢", "=漢"} == set(index_tokens(f"{text} 漢"))


@dataclass
class SearchScenario:
    """A workspace with Ann and Bob, and Eve, who is a member of the lobby only."""

    workspace: Workspace
    location: StoreLocation
    ann: Person
    bob: Person
    eve: Person
    lobby: Room
    count: int = 0

    async def post(self, room: Room, author: Person, text: str) -> int:
        """Post a message; returns its number."""
        self.count += 1
        return (await room.post(author, text, str(self.count))).number

    async def search(self, person: Person, query: str, room: Room | None = None) -> list[str]:
        """The texts that a person finds, in one room or in all."""
        _, hits = await self.workspace.search(person, query, UTC, room=room)
        assert [each.id for each in hits] == sorted((each.id for each in hits), reverse=True)
        assert all(each.room.id == each.message.room_id for each in hits)
        return [each.message.text for each in hits]

    def set_sent_at(self, text: str, sent_at: datetime) -> None:
        """Set the time of a message."""
        timestamp = int(sent_at.timestamp() * 1_000_000)
        is_it = schema.message.c.text == text
        with self.location.connected() as connection:
            connection.execute(update(schema.message).where(is_it).values(at=timestamp))


@pytest.fixture
async def scenario(location: StoreLocation) -> AsyncIterator[SearchScenario]:
    """A scenario without messages."""
    timings = Timings(activity=MANY_ACTS)
    store, storage = await location.open(), FolderStorage(location.folder / "files")
    workspace = await Workspace.start(store, storage, lambda topic, event: None, timings=timings)
    ann, bob, eve = [
        await workspace.identity.sign_in(name, f"token of {name}")
        for name in ("Ann Lee", "Bob", "Éve")
    ]
    lobby = await workspace.resolve(ann, "/")
    for person in (ann, bob, eve):
        await workspace.rooms.join(person, lobby, announce=False)
    yield SearchScenario(workspace, location, ann, bob, eve, lobby)
    await workspace.close()


async def test_search_returns_pages_newest_first(scenario: SearchScenario) -> None:
    texts = [f"hello number {n}" for n in range(70)]
    for text in texts:
        await scenario.post(scenario.lobby, scenario.ann, text)
    pages: list[str] = []
    before: int | None = None
    for size in (30, 30, 10, 0):
        _, hits = await scenario.workspace.search(scenario.bob, "hello", None, before, limit=1000)
        assert len(hits) == size
        pages += [each.message.text for each in hits]
        before = hits[-1].id if hits else before
    assert pages == texts[::-1]
    _, two = await scenario.workspace.search(scenario.bob, "hello", None, limit=2)
    assert [each.message.text for each in two] == texts[:-3:-1]
    assert await scenario.search(scenario.bob, "  ") == []
    for extreme in (0, -1, -(2**70), 2**70):
        await scenario.workspace.search(scenario.bob, "hello", None, extreme, limit=extreme)


async def test_search_finds_no_system_messages(scenario: SearchScenario) -> None:
    await scenario.lobby.post_system_message(scenario.ann, MessageKind.TOPIC_CHANGED, "hello")
    assert await scenario.search(scenario.bob, "hello") == []


async def test_edited_message_is_found_by_its_new_text_only(scenario: SearchScenario) -> None:
    number = await scenario.post(scenario.lobby, scenario.ann, "the cat is here")
    await scenario.lobby.edit(scenario.ann, number, "the dog is here @Bob")
    assert await scenario.search(scenario.bob, "cat") == []
    assert await scenario.search(scenario.bob, "dog mentions:me") == ["the dog is here @Bob"]
    await scenario.lobby.edit(scenario.ann, number, "nobody is here")
    assert await scenario.search(scenario.bob, "here") == ["nobody is here"]
    assert await scenario.search(scenario.bob, "mentions:me") == []


async def test_deleted_message_is_not_found(scenario: SearchScenario) -> None:
    number = await scenario.post(scenario.lobby, scenario.ann, "the cat @Bob https://example.org")
    await scenario.lobby.pin(scenario.ann, number, pinned=True)
    await scenario.lobby.delete(scenario.ann, number)
    for query_text in ("cat", "mentions:me", "has:link", "is:pinned", "from:bob", "in:lobby"):
        assert await scenario.search(scenario.bob, query_text) == []


async def test_search_operators_filter_the_results(scenario: SearchScenario) -> None:
    library = await scenario.workspace.rooms.create(scenario.ann, "The Library")
    await scenario.workspace.rooms.join(scenario.bob, library, announce=False)
    await scenario.post(scenario.lobby, scenario.ann, "one @Bob")
    two = await scenario.post(scenario.lobby, scenario.bob, "two https://example.org/cat.png")
    await scenario.post(library, scenario.bob, "three")
    await scenario.lobby.pin(scenario.ann, two, pinned=True)
    await scenario.post(scenario.lobby, scenario.eve, "four _pinned _link =one")
    four, three, one = "four _pinned _link =one", "three", "one @Bob"
    link = "two https://example.org/cat.png"
    for query_text, texts in {
        "from:bob": [three, link],
        'from:"ann LEE"': [one],
        "from:ann": [],
        "from:nobody": [],
        "from:eve from:bob": [four, three, link],
        'in:"the library"': [three],
        "in:the-library": [three],
        "in:lobby from:bob": [link],
        "in:lobby in:the-library": [four, three, link, one],
        "in:nowhere": [],
        "has:link": [link],
        "has:file": [],
        "has:image": [],
        "is:pinned": [link],
        "mentions:me": [one],
        "in: lobby from: bob": [link],
        "-in:lobby": [three],
        '-in: "the library"': [four, link, one],
        "-in:nowhere": [four, three, link, one],
        "-from:bob": [four, one],
        "-from: bob -from:éve": [one],
        "-has:link": [four, three, one],
        "-is:pinned -mentions:me": [four, three],
        "after:yesterday": [four, three, link, one],
        "before:yesterday": [],
        "cat -png": [],
        "-two -one": [three],
        "-png": [four, three, one],
        "o": [],
        "one": [four, one],
        "_link": [four],
        '"link one"': [four],
    }.items():
        assert await scenario.search(scenario.bob, query_text) == texts, query_text
    await scenario.lobby.pin(scenario.ann, two, pinned=False)
    assert await scenario.search(scenario.bob, "is:pinned") == []


async def test_date_operators_use_the_viewers_zone(scenario: SearchScenario) -> None:
    noon = datetime(2026, 11, 1, 12, tzinfo=UTC)
    texts = ["the day before", "early", "noon", "late", "the day after"]
    for text, hours in zip(texts, (-24, -11, 0, 11, 24), strict=True):
        await scenario.post(scenario.lobby, scenario.ann, text)
        scenario.set_sent_at(text, noon + timedelta(hours=hours))
    assert await scenario.search(scenario.bob, "on:2026-11-01") == ["late", "noon", "early"]
    assert await scenario.search(scenario.bob, "before:2026-11-01") == ["the day before"]
    assert await scenario.search(scenario.bob, "after:2026-11-01") == ["the day after"]
    assert await scenario.search(scenario.bob, "after:2026-10-31 before:2026-11-01") == []
    _, hits = await scenario.workspace.search(scenario.bob, "on:2026-11-01", ZoneInfo("Asia/Tokyo"))
    assert [each.message.text for each in hits] == ["noon", "early"]


async def test_search_finds_only_messages_of_readable_rooms(scenario: SearchScenario) -> None:
    rooms, ann, bob, eve = scenario.workspace.rooms, scenario.ann, scenario.bob, scenario.eve
    secret = await rooms.create(ann, "Secret", RoomKind.PRIVATE, invited=[bob])
    direct = await rooms.get_or_create_direct(ann, [bob])
    number = await scenario.post(secret, ann, "cat in private")
    thread = await rooms.get_or_create_thread(ann, secret, number)
    await scenario.post(thread, ann, "cat in a private thread")
    await scenario.post(direct, ann, "cat between two")
    number = await scenario.post(scenario.lobby, ann, "cat in public")
    open_thread = await rooms.get_or_create_thread(ann, scenario.lobby, number)
    await scenario.post(open_thread, ann, "cat in a public thread")
    public = ["cat in a public thread", "cat in public"]
    inside = ["cat in a private thread", "cat in private"]
    assert await scenario.search(bob, "cat") == [*public, "cat between two", *inside]
    assert await scenario.search(bob, "cat in:secret") == inside
    assert await scenario.search(bob, 'in:"Ann Lee"') == ["cat between two"]
    assert await scenario.search(eve, "cat") == public
    assert await scenario.search(eve, "cat in:lobby") == public
    # In one room with its threads, which needs no name; and it does not replace the rights.
    assert await scenario.search(bob, "cat", direct) == ["cat between two"]
    assert await scenario.search(bob, "cat", secret) == inside
    assert await scenario.search(bob, "cat in:lobby", secret) == []
    assert await scenario.search(eve, "cat", scenario.lobby) == public
    assert await scenario.search(eve, "cat", secret) == []
    assert await scenario.search(eve, "cat", direct) == []
    for query_text in (
        "in:secret",
        f"in:{direct.info.slug}",
        "cat in:bob",
        f"in:{thread.info.slug}",
    ):
        assert (
            await scenario.search(eve, query_text) == await scenario.search(eve, "in:nowhere") == []
        )
    await rooms.leave(bob, secret)
    assert await scenario.search(bob, "cat") == [*public, "cat between two"]
    assert await scenario.search(ann, "cat in:secret") == inside


HOSTILE_QUERIES = (
    '"',
    '""',
    "'; DROP TABLE search; --",
    "* ** a* *a",
    "NEAR(a b, 3) AND OR NOT ^a words:a {words}:a a+b",
    "\x00a\x00",
    "\ud83d hello \udc00",
    "from:\ud83d in:\x00",
    'from:"',
    "-",
    "-" * TEXT_LIMIT,
    "a " * (TEXT_LIMIT // 2),
    "语" * TEXT_LIMIT,
    '"' * TEXT_LIMIT,
    "from:a " * 2000,
    "e\u0301" * 5000,
    "\u0301" * TEXT_LIMIT,
    "before:0000-00-00 before:0001-01-01 after:9999-12-31 on:9999-12-31 on:9999-99-99",
)


@pytest.mark.parametrize(
    "query_text", HOSTILE_QUERIES, ids=lambda query_text: ascii(query_text)[:30]
)
async def test_hostile_query_is_treated_as_words(scenario: SearchScenario, query_text: str) -> None:
    await scenario.post(scenario.lobby, scenario.ann, "hello a b near words")
    started = time.process_time()
    with suppress(BadQuery):
        query, hits = await scenario.workspace.search(
            scenario.bob, query_text, ZoneInfo("Asia/Tokyo")
        )
        assert len(query.terms) <= MAX_TERMS
        for each in hits:
            highlights(each.message.text, query)
    assert time.process_time() - started < 2


@pytest.mark.parametrize("atom", ["😀", "你好", "ก", "a ", "👩‍👩‍👧", "\ufdfa"])
async def test_page_of_long_results_takes_little_time_of_the_loop(
    scenario: SearchScenario, atom: str
) -> None:
    text = (atom * TEXT_LIMIT)[:TEXT_LIMIT]
    for _ in range(RESULTS_PAGE_SIZE):
        await scenario.post(scenario.lobby, scenario.ann, text)
    query_text = (atom * MAX_QUERY_LENGTH)[:MAX_QUERY_LENGTH]
    loop_seconds, started = list[float](), time.monotonic()
    for _ in range(3):
        begun = time.thread_time()
        query, hits = await scenario.workspace.search(scenario.bob, query_text, UTC)
        loop_seconds.append(time.thread_time() - begun)
    assert len(hits) == RESULTS_PAGE_SIZE
    assert min(loop_seconds) < LOOP_BUDGET
    assert time.monotonic() - started < 3 * RESULT_SECONDS
    # The excerpts of a page are made in a thread.
    for hit in hits:
        piece, marks = excerpt(hit.message.text, query)
        assert 0 < len(marks) <= MAX_HIGHLIGHTS and len(piece) <= 160


@pytest.mark.parametrize("separator", ["", " ", "x", "-", "你"])
def test_query_of_five_hundred_emoji_has_few_tokens(separator: str) -> None:
    for sign in ("", "-", '"'):
        query = parse_query(sign + separator.join("😀🎉" * MAX_QUERY_LENGTH), None)
        for terms in (query.terms, query.excluded_terms):
            assert sum(len(term.tokens) for term in terms) <= MAX_TOKENS
        assert query.terms or query.excluded_terms


def test_highlights_of_overlapping_matches_are_merged() -> None:
    assert highlighted_texts("哈哈哈 哈", "哈哈") == ["哈哈哈"]
    assert highlighted_texts("a b a b a", '"a b a"') == ["a b a b a"]
    assert highlighted_texts("你好a b好", '"好a"') == ["好a"]
    assert highlighted_texts("x" * 70 + " y", "x" * 70) == ["x" * 70]
    assert highlighted_texts("abc abcd", "-x abc") == ["abc", "abc"]


def test_long_query_is_truncated() -> None:
    assert len(parse_query(" ".join(f"w{n}" for n in range(50)), None).terms) == MAX_TERMS
    assert parse_query("x" * MAX_QUERY_LENGTH + " more", None) == parse_query(
        "x" * MAX_QUERY_LENGTH, None
    )


class MemberAndOutsider:
    """A member of a private room and an outsider, with an event loop and a store."""

    def __init__(self, location: StoreLocation) -> None:
        self.runner = asyncio.Runner()
        self.store: Store = self.runner.run(location.open())
        self.member, self.outsider = [
            self.runner.run(self.store.add_person(name)).person for name in ("Ann", "Eve")
        ]
        new = NewRoom("secret", "Secret", "", RoomKind.PRIVATE, self.member, (self.member.id,))
        self.room = self.runner.run(self.store.create_room(new)).id
        self.count = 0

    def post(self, text: str) -> int:
        """Post a message of the member; returns its number."""
        self.count += 1
        new_message = NewMessage(self.room, self.member, MessageKind.TEXT, text, str(self.count))
        return self.runner.run(self.store.append(new_message)).number

    def search(self, person: Person, query_text: str) -> list[str]:
        """The texts that a person finds."""
        query = parse_query(query_text, None)
        hits = self.runner.run(self.store.search(query, person.id, None, 30))
        return [each.message.text for each in hits]


@pytest.fixture(scope="module", params=ENGINES)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MemberAndOutsider]:
    """A member and an outsider, on each engine."""
    with new_location(request, tmp_path_factory.mktemp("pair")) as location:
        pair = MemberAndOutsider(location)
        yield pair
        pair.runner.run(pair.store.close())
        pair.runner.close()


RANDOM_TEXT = st.text(
    st.one_of(
        st.sampled_from('aàAbß éﬁ中文字かがｶﾞ゙한국\u1112\u1161สวัདेि-:"_=.,🎉\u200d\u00ad\ufe0f'),
        st.characters(exclude_categories=["Cs"], exclude_characters="\x00"),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(text=RANDOM_TEXT)
@example(text="第3章节，ｶﾞ1 cafe\u0301 한국어")
def test_every_word_of_random_text_is_found_by_members_only(
    pair: MemberAndOutsider, text: str
) -> None:
    number = pair.post(text)
    queries = [run.text for run in script_runs(text)]
    queries += [
        run.text[start : start + 2]
        for run in script_runs(text)
        if run.is_unspaced
        for start in range(3)
    ]
    queries += [
        run.text[:length]
        for run in script_runs(text)
        if not run.is_unspaced
        for length in (2, 6, 9)
    ]
    # Also each word as it was typed, in quotes.
    queries += [f'"{piece}"' for piece in text.split() if not set(piece) & set('"“”„‟')]
    for each in filter(has_words, queries):
        assert text in pair.search(pair.member, each), each
        assert pair.search(pair.outsider, each) == []
    pair.runner.run(pair.store.delete(pair.room, number, pair.member.id))
    assert pair.search(pair.member, "in:secret") == []


def has_words(query: str) -> bool:
    """Whether a query has a word."""
    return bool(parse_query(query, None).terms)


@settings(max_examples=200, deadline=None)
@given(
    query_text=st.text(st.characters(), max_size=600) | st.text("\"-:()*^+'fromin ", max_size=60)
)
def test_random_query_finds_or_says_what_is_wrong(pair: MemberAndOutsider, query_text: str) -> None:
    with suppress(BadQuery):
        pair.search(pair.member, query_text)


def test_search_key_ignores_case_but_not_accents() -> None:
    assert search_key("José") == search_key("jose\u0301") == search_key("JOSE") != search_key("Jos")


def test_only_the_sqlite_store_knows_the_search_engine() -> None:
    folder = Path(store_package.__file__).parent
    engine = re.compile(
        r"chat\.store\.queries\.search\b|chat\.store\.queries import .*\bsearch\b|fts5", re.I
    )
    names = {path.name for path in folder.rglob("*.py") if engine.search(path.read_text("utf-8"))}
    assert names == {"search.py", "sqlite.py", "0004_search.py"}


def downgrade_database(path: Path, revision: str) -> None:
    """Copy the content of a database into one with the schema of an older revision."""
    new = path.with_name("new.db")
    path.rename(new)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection, connection.begin():
        migrations.upgrade(connection, revision)
    engine.dispose()
    with closing(sqlite3.connect(path)) as old:
        old.execute("ATTACH ? AS new", (str(new),))
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"
        for (table,) in old.execute(tables).fetchall():
            names = ", ".join(row[1] for row in old.execute(f"PRAGMA table_info({table})"))
            old.execute(f"DELETE FROM {table}")
            old.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM new.{table}")
        old.commit()


async def test_migrated_older_database_gives_the_same_results(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path)
    ann, bob = (await store.add_person("Ann")).person, (await store.add_person("Bob")).person
    room = (await store.public_rooms())[0].id
    for n in range(2500):
        mentioned = frozenset({bob.id}) if n % 1000 == 7 else frozenset()
        await store.append(
            NewMessage(room, ann, MessageKind.TEXT, f"hello {n}", str(n), mentions=mentioned)
        )
    await store.append(NewMessage(room, ann, MessageKind.JOINED, "", "joined"))
    await store.delete(room, 3, ann.id)
    queries = [parse_query(each, None) for each in ("hello -7", "mentions:me", "hello 3", "2")]
    results = [await store.search(each, bob.id, None, 30) for each in queries]
    await store.close()
    downgrade_database(tmp_path / "chat.db", "0003")
    migrated = await open_sqlite(tmp_path)
    assert [await migrated.search(each, bob.id, None, 30) for each in queries] == results
    await migrated.close()


async def test_idle_maintenance_merges_the_index_segments(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path)
    ann, room = (await store.add_person("Ann")).person, (await store.public_rooms())[0].id
    for n in range(60):
        await store.append(NewMessage(room, ann, MessageKind.TEXT, f"hello {n}", str(n)))

    def segment_count() -> int:
        (row,) = database.execute("SELECT count(DISTINCT segid) FROM search_idx")
        return int(row[0])

    with closing(sqlite3.connect(tmp_path / "chat.db")) as database:
        (settings,) = database.execute("SELECT v FROM search_config WHERE k = 'automerge'")
        assert settings == (0,)
        # Each commit writes one segment; FTS5 itself would merge from sixteen on.
        await wait_until(lambda: segment_count() < 8)
    await store.close()


async def test_unindexed_message_can_be_edited_and_deleted(location: StoreLocation) -> None:
    store = await location.open()
    ann, room = (await store.add_person("Ann")).person, (await store.public_rooms())[0].id
    for n in range(2):
        await store.append(NewMessage(room, ann, MessageKind.TEXT, f"hello {n}", str(n)))
    with location.connected() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        delete_all = "INSERT INTO search (search) VALUES ('delete-all')"
        connection.exec_driver_sql(delete_all if is_sqlite else "DELETE FROM search")
    await store.edit(room, 1, ann.id, "new words")
    await store.delete(room, 2, ann.id)
    (hit,) = await store.search(parse_query("new", None), ann.id, None, 30)
    assert hit.message.text == "new words"
    await store.close()
