"""The store on PostgreSQL: its tables, several nodes, lost connections, and refused starts."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from structlog.testing import capture_logs
from structlog.typing import EventDict

from chat.errors import CannotStart, NoSuchMessage, NotRead
from chat.model.messages import Message, MessageKind, NewMessage
from chat.model.people import Person
from chat.model.rooms import NewRoom, RoomId, RoomKind
from chat.store.contract import Store
from chat.text.search_query import parse_query
from tests.harness.engines import PostgresqlLocation, PostgresqlServer, StoreLocation
from tests.harness.waiting import wait_until

LOBBY = 1


@pytest.fixture(autouse=True)
def captured_logs() -> Iterator[list[EventDict]]:
    """Capture the logs: expected failures must not fill the terminal with tracebacks."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def location(postgresql: PostgresqlServer, tmp_path: Path) -> Iterator[StoreLocation]:
    """A database with the tables."""
    with postgresql.database() as address:
        yield PostgresqlLocation(tmp_path, address)


@pytest.fixture
async def store(location: StoreLocation) -> AsyncIterator[Store]:
    """The store of the first node."""
    opened = await location.open()
    yield opened
    await opened.close()


@pytest.fixture
async def other(location: StoreLocation) -> AsyncIterator[Store]:
    """The store of the second node, on the same database."""
    opened = await location.open()
    yield opened
    await opened.close()


@pytest.fixture
async def ann(store: Store) -> Person:
    """A person who writes."""
    return (await store.add_person("Ann")).person


def message(author: Person, words: str, room: RoomId = LOBBY) -> NewMessage:
    """A message with its text as its client id."""
    return NewMessage(room, author, MessageKind.TEXT, words, words)


def structure(connection: Connection) -> dict[str, object]:
    """The tables with their columns, keys and indexes, without the types and the search index."""
    inspector = inspect(connection)
    tables = [each for each in inspector.get_table_names() if not each.startswith("search")]

    def of(table: str) -> object:
        uniques = [each["column_names"] for each in inspector.get_unique_constraints(table)]
        indexes = [
            (tuple(each["column_names"]), bool(each["unique"]))
            for each in inspector.get_indexes(table)
            # PostgreSQL lists the indexes of unique constraints, too.
            if each["column_names"] not in uniques
        ]
        return {
            "columns": {e["name"]: e["nullable"] for e in inspector.get_columns(table)},
            "key": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign": {
                (*e["constrained_columns"], e["referred_table"], *e["referred_columns"])
                for e in inspector.get_foreign_keys(table)
            },
            "unique": {tuple(each) for each in uniques},
            "indexes": set(indexes),
        }

    return {table: of(table) for table in tables}


async def test_fresh_databases_of_both_engines_have_the_same_tables(
    location: StoreLocation, tmp_path: Path
) -> None:
    sqlite = StoreLocation(tmp_path / "sqlite")
    await (await sqlite.open()).close()
    with sqlite.connected() as one, location.connected() as two:
        expected, found = structure(one), structure(two)
        version = text("SELECT version_num FROM alembic_version")
        assert one.execute(version).scalar_one() == two.execute(version).scalar_one()
    assert found == expected


async def test_empty_database_gets_its_tables_once(
    postgresql: PostgresqlServer, tmp_path: Path
) -> None:
    with postgresql.empty_database() as address:
        location = PostgresqlLocation(tmp_path, address)
        # Two nodes start at the same time.
        first, second = await asyncio.gather(location.open(), location.open())
        assert await first.workspace_id() == await second.workspace_id()
        assert [room.slug for room in await second.public_rooms()] == ["lobby"]
        await first.close()
        await second.close()


async def post_at_the_same_time(author: Person, rooms: dict[Store, RoomId]) -> list[Message]:
    """Post 40 messages on each node, one after the other there, all nodes at the same time."""

    async def post(node: Store, room: RoomId) -> list[Message]:
        texts = [f"{n} in {room} at {id(node)}" for n in range(40)]
        return [await node.append(message(author, each, room)) for each in texts]

    return [*chain(*await asyncio.gather(*(post(*each) for each in rooms.items())))]


async def test_nodes_number_the_messages_of_a_room_without_a_gap(
    store: Store, other: Store, ann: Person
) -> None:
    messages = await post_at_the_same_time(ann, {store: LOBBY, other: LOBBY})
    by_number = sorted(messages, key=lambda each: each.number)
    assert [each.number for each in by_number] == list(range(1, 81))
    assert by_number == sorted(messages, key=lambda each: each.post_sequence)
    assert (await other.newest(LOBBY, 200)).messages == tuple(by_number)


async def test_numbers_of_the_sequence_become_visible_in_order(
    store: Store, other: Store, ann: Person
) -> None:
    garden = await store.create_room(NewRoom("garden", "Garden", "", RoomKind.PUBLIC, ann, ()))
    seen: list[int] = []
    posting = asyncio.ensure_future(post_at_the_same_time(ann, {store: LOBBY, other: garden.id}))
    while True:
        is_last = posting.done()
        page = await other.sequence_page(seen[-1] if seen else 0, 500, 500)
        seen += [change.sequence for change in page.changes]
        if is_last and not page.changes:
            break
    assert seen == sorted(each.post_sequence for each in await posting)


async def test_name_is_taken_once_by_people_on_two_nodes(store: Store, other: Store) -> None:
    results = await asyncio.gather(
        *(node.add_person("Bob") for node in (store, other)), return_exceptions=True
    )
    assert sorted(isinstance(each, Exception) for each in results) == [False, True]


@contextmanager
def at_commit(act: str, server: PostgresqlServer) -> Iterator[list[int]]:
    """Cut the connection of the next commit, before the server has committed or after it."""
    cut: list[int] = []

    def on_commit(connection: Connection) -> None:
        if cut:
            return
        backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        cut.append(backend)
        if act == "after":
            connection.exec_driver_sql("COMMIT")
        server.execute(f"SELECT pg_terminate_backend({backend}, 5000)")
        # The answer to the commit is an error then.
        connection.exec_driver_sql("SELECT 1")

    event.listen(Engine, "commit", on_commit)
    try:
        yield cut
    finally:
        event.remove(Engine, "commit", on_commit)


@pytest.mark.parametrize("act", ["before", "after"])
async def test_connection_lost_at_a_commit_neither_loses_nor_doubles(
    act: str, postgresql: PostgresqlServer, store: Store, ann: Person
) -> None:
    posted = await store.append(message(ann, "hello"))
    # A toggle: to repeat it would undo it.
    with at_commit(act, postgresql) as cut:
        (change,) = await store.react(LOBBY, posted.number, ann.id, "👍")
    assert len(cut) == 1
    assert [each.emoji for each in change.message.reactions] == ["👍"]
    (kept,) = (await store.newest(LOBBY, 10)).messages
    assert [each.emoji for each in kept.reactions] == ["👍"]
    with at_commit(act, postgresql) as cut:
        again = await store.append(message(ann, "once"))
    assert len(cut) == 1
    assert [each.text for each in (await store.newest(LOBBY, 10)).messages] == ["hello", "once"]
    assert again.number == 2


async def test_post_waits_for_a_node_that_holds_the_lock_longer_than_its_time_limit(
    location: StoreLocation, store: Store, ann: Person, captured_logs: list[EventDict]
) -> None:
    with location.blocked():
        posting = asyncio.create_task(store.append(message(ann, "hello")))
        await wait_until(lambda: any("repeated" in each["event"] for each in captured_logs))
    assert (await posting).number == 1


async def test_group_of_posts_survives_the_loss_of_all_connections(
    postgresql: PostgresqlServer, location: StoreLocation, store: Store, ann: Person
) -> None:
    posting = [asyncio.create_task(store.append(message(ann, str(n)))) for n in range(300)]
    quoting_nothing = NewMessage(LOBBY, ann, MessageKind.TEXT, "x", "x", quoted_number=999)
    failing = asyncio.create_task(store.append(quoting_nothing))
    await asyncio.wait(posting, return_when=asyncio.FIRST_COMPLETED)
    name = make_url(location.address).database
    postgresql.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    messages = await asyncio.gather(*posting)
    with pytest.raises(NoSuchMessage):
        await failing
    assert sorted(each.number for each in messages) == list(range(1, 301))
    assert len((await store.newest(LOBBY, 400)).messages) == 300


async def test_server_that_was_away_is_used_again(
    postgresql: PostgresqlServer, location: StoreLocation, store: Store, ann: Person
) -> None:
    await store.append(message(ann, "before"))
    name = make_url(location.address).database
    postgresql.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    postgresql.execute(
        f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    with pytest.raises(NotRead, match="try again"):
        await store.newest(LOBBY, 10)
    posting = asyncio.create_task(store.append(message(ann, "meanwhile")))
    with pytest.raises(NotRead):
        await store.newest(LOBBY, 10)
    postgresql.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert (await posting).number == 2
    assert [each.text for each in (await store.newest(LOBBY, 10)).messages] == [
        "before",
        "meanwhile",
    ]
    assert store.problem() is None


async def test_text_with_nul_is_equal_to_no_stored_text(store: Store, ann: Person) -> None:
    assert await store.room("lobby\0") is None
    assert not await store.is_stored(ann.id, "\0")
    assert await store.search(parse_query("from:a\0nn", None), ann.id, None, 30) == ()


WORDS = [
    "the",
    "a",
    "of",
    "garden",
    "plan",
    "meeting",
    "meet",
    "café",
    "会议",
    "天气",
    "明天",
    "哈哈",
    "测试一下",
    "ab",
    "abc",
    "abcd",
    "👍",
    "한국어",
    "naïve",
    "x",
    "internationalization",
    "internationalizing",
]


def random_text(random: Random, length: int) -> str:
    """Words with and without spaces between them."""
    return "".join(
        random.choice(WORDS) + random.choice((" ", " ", "", ", ")) for _ in range(length)
    )


def random_query(random: Random) -> str:
    """A query of words, phrases, exclusions and conditions."""

    def part() -> str:
        word = random.choice(WORDS)
        return random.choice(
            (
                word,
                word[:2],
                word + random.choice(WORDS),
                f'"{word} {random.choice(WORDS)}"',
                f"-{word}",
                f'-"{word} {random.choice(WORDS)}"',
                random.choice(("from:ann", "-from:bob", "in:cellar", "-in:lobby", "mentions:me")),
            )
        )

    return " ".join(part() for _ in range(random.randint(1, 4)))


async def test_both_engines_find_the_same_messages(location: StoreLocation, tmp_path: Path) -> None:
    stores = [await StoreLocation(tmp_path / "sqlite").open(), await location.open()]
    for node in stores:
        random = Random(7)
        people = [(await node.add_person(name)).person for name in ("Ann", "Bob")]
        cellar = NewRoom("cellar", "Cellar", "", RoomKind.PRIVATE, people[0], (people[0].id,))
        rooms = [LOBBY, (await node.create_room(cellar)).id]
        # A word that stands in a message more often than a `tsvector` keeps its places.
        texts = ["the garden " * 400 + "the end", *(random_text(random, 9) for _ in range(300))]
        posts = []
        for n, each in enumerate(texts):
            mentions = frozenset({people[0].id} if n % 5 == 0 else ())
            author, room = random.choice(people), random.choice(rooms)
            new = NewMessage(room, author, MessageKind.TEXT, each, str(n), mentions=mentions)
            posts.append(node.append(new))
        await asyncio.gather(*posts)
    random = Random(8)
    found = 0
    for words in ('"the end"', *(random_query(random) for _ in range(80))):
        query = parse_query(words, None)
        for person in people:
            before = random.choice((None, 150))
            searches = (each.search(query, person.id, before, 30) for each in stores)
            one, two = [[hit.id for hit in each] for each in await asyncio.gather(*searches)]
            assert one == two, words
            found += len(one)
    assert found > 200
    for node in stores:
        await node.close()


async def refusal(address: str, tmp_path: Path) -> str:
    """The sentence with which a start is refused."""
    with pytest.raises(CannotStart) as raised:
        await PostgresqlLocation(tmp_path, address).open()
    return str(raised.value)


async def test_start_says_what_is_wrong_with_the_server(
    postgresql: PostgresqlServer, tmp_path: Path
) -> None:
    missing = await refusal(postgresql.address_of("nowhere"), tmp_path)
    assert "has no database nowhere. Create it with createdb --encoding=UTF8 nowhere" in missing
    unreachable = await refusal("postgresql://ann:secret@127.0.0.1:1/chat", tmp_path)
    assert unreachable.startswith("PostgreSQL at 127.0.0.1:1 cannot be reached (")
    assert "secret" not in unreachable
    for address in ("chat.db", "mysql://ann:secret@host/chat", "postgresql://host:port/chat"):
        assert "Write it as postgresql://USER:PASSWORD@HOST:PORT/NAME" in await refusal(
            address, tmp_path
        )


async def test_start_says_that_the_password_is_wrong(
    postgresql: PostgresqlServer, tmp_path: Path
) -> None:
    postgresql.execute("CREATE ROLE locked LOGIN PASSWORD 'right'")
    postgresql.ask_for_password("locked")
    url = make_url(postgresql.address_of("postgres")).set(username="locked", password="wrong")
    said = await refusal(url.render_as_string(hide_password=False), tmp_path)
    assert "refuses the password of the user locked" in said and "wrong" not in said
    postgresql.execute("DROP ROLE locked")


async def test_start_is_refused_for_an_encoding_that_lacks_characters(
    postgresql: PostgresqlServer, tmp_path: Path
) -> None:
    postgresql.execute(
        "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    )
    said = await refusal(postgresql.address_of("latin"), tmp_path)
    assert "has the encoding LATIN1" in said and "--encoding=UTF8" in said
    postgresql.execute("DROP DATABASE latin WITH (FORCE)")


async def test_start_is_refused_for_a_person_who_may_not_create_tables(
    postgresql: PostgresqlServer, tmp_path: Path
) -> None:
    postgresql.execute("CREATE ROLE weak LOGIN")
    with postgresql.empty_database() as address:
        weak = make_url(address).set(username="weak").render_as_string(hide_password=False)
        said = await refusal(weak, tmp_path)
    assert "may not create tables" in said and "OWNER TO weak" in said
    postgresql.execute("DROP ROLE weak")


async def test_node_is_refused_for_which_the_server_has_too_few_connections(
    location: StoreLocation, tmp_path: Path
) -> None:
    url = make_url(location.address).set(drivername="postgresql+psycopg")
    with ExitStack() as stack:
        for n in range(15):
            name = {"application_name": f"flet-chat {n}"}
            engine = create_engine(url, connect_args=name)
            stack.callback(engine.dispose)
            stack.enter_context(engine.connect())
        said = await refusal(location.address, tmp_path)
    assert said.startswith("16 nodes with 6 connections each need 96, and the server has 100")
    assert "Set max_connections to 106 or more" in said
