"""Migrations: a database of every past step is upgraded, and keeps all its data.

`past_databases` has a dump for each step, and one for databases of a step that was edited after
some were made. A new step needs a new dump: a database of that step with rows in its new tables, as
`sqlite3 chat.db .dump` writes it.
"""

import hashlib
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from chat.model.messages import MessageKind, NewMessage
from chat.model.notification_settings import NotificationSettings
from chat.model.people import Person, PersonDetails
from chat.store import migrations
from chat.store.contract import Store
from chat.store.queries import search
from chat.store.sqlite import open_sqlite
from chat.text.emoji import EmojiPreferences
from chat.text.search_query import parse_query
from tests.golden.files import schema_of, stored_golden

PAST_DATABASES = Path(__file__).parent / "past_databases"
STEPS = sorted(path.stem for path in PAST_DATABASES.glob("*.sql"))

# The beginning of the SHA-256 of each step. A step runs once on a database: an edit would reach new
# databases only. What has to change goes into a new step.
STEP_HASHES = {
    "0001_first.py": "28a0044146803e8c",
    "0002_events.py": "67dfec9850baa484",
    "0003_conversations.py": "06200071067d5d2b",
    "0004_search.py": "f913a728049284d2",
    "0005_search_merges.py": "3fdde9435998730a",
    "0006_files.py": "963a599e19dee767",
    "0007_tastes.py": "cc13a12e2888886d",
    "0008_preferences.py": "6738b7a31ed4aad2",
    "0009_polls.py": "5591b80ad1a6825a",
    "0010_author_index.py": "8125d0e3b6c475d4",
    "0011_closed_conversations.py": "eb69c93a5453fe1f",
    "0018_favourites.py": "d4f5a3fca147f490",
    "0013_profiles.py": "d0490e78660e9ab6",
    "0014_saved_messages.py": "582707c4deb6a45b",
    "0015_notification_settings.py": "35789624698e6da0",
    "0016_mention_names.py": "8fc15a32444fa812",
    "0017_scheduled.py": "5ab80a8b4769cf82",
    "0019_files_of_a_room.py": "e63aa34cb1606c09",
    "0020_programs.py": "fb7b817b6906e3b7",
    "0021_sequence.py": "e3cd16099f841e72",
    "0022_roles.py": "8a35f18138bf3eee",
    "0023_sanctions.py": "108f858979902ae6",
    "0024_outgoing_hooks.py": "60fd9287fd572c84",
    "0025_names.py": "8efbfa407feaa9dc",
    "0026_slow_mode.py": "906a8d1a569afb80",
    "0027_views.py": "7131f6d555761507",
    "0028_devices.py": "dbf334c3bb113977",
    "0029_invitations.py": "d8a7c91fde58d920",
    "0030_accounts.py": "a861fd65be4daff0",
    "0031_reports.py": "9f6efa77e459fa2e",
    "0032_blocks.py": "22d21aa42e183d29",
    "tokens_0009.py": "2c32f07f079911f9",
}

# The step that creates the search index, and the step that fills an empty one.
SEARCH_STEP, INDEXING_STEP = "0004", "0009"

ANN, BOB = 1, 2


@dataclass(frozen=True, slots=True)
class PastDatabase:
    """A data folder with the database of a past step."""

    folder: Path
    step: str

    @property
    def path(self) -> Path:
        """The database file."""
        return self.folder / "chat.db"

    async def open(self) -> Store:
        """Open it with the current program."""
        return await open_sqlite(self.folder)

    def columns(self) -> dict[str, str]:
        """The names of the columns of each table, as they are now."""
        with closing(sqlite3.connect(self.path)) as database:
            tables = database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' "
                "AND name NOT LIKE 'search%' AND name <> 'alembic_version'"
            ).fetchall()
            return {
                table: ", ".join(row[1] for row in database.execute(f"PRAGMA table_info({table})"))
                for (table,) in tables
            }

    def rows(self, columns: dict[str, str]) -> dict[str, set[tuple[object, ...]]]:
        """The rows of these tables, with these columns."""
        with closing(sqlite3.connect(self.path)) as database:
            return {
                table: set(database.execute(f"SELECT {names} FROM {table}"))
                for table, names in columns.items()
            }

    def index_tokens(self) -> list[tuple[object, ...]]:
        """Every token of the search index, with its message and its position."""
        with closing(sqlite3.connect(self.path)) as database:
            database.execute("CREATE VIRTUAL TABLE temp.t USING fts5vocab(main, search, instance)")
            return database.execute("SELECT term, doc, offset FROM t ORDER BY 2, 3").fetchall()

    def empty_index(self) -> None:
        """Remove all messages from the search index."""
        with closing(sqlite3.connect(self.path)) as database, database:
            database.execute("INSERT INTO search (search) VALUES ('delete-all')")


def past_database(folder: Path, step: str) -> PastDatabase:
    """Create the database of a step from its dump."""
    database = PastDatabase(folder, step)
    folder.mkdir()
    with closing(sqlite3.connect(database.path)) as connection:
        connection.executescript((PAST_DATABASES / f"{step}.sql").read_text("utf-8"))
    return database


@pytest.fixture(params=STEPS)
def past(request: pytest.FixtureRequest, tmp_path: Path) -> PastDatabase:
    """A database of each step."""
    return past_database(tmp_path / "data", request.param)


def test_every_step_has_a_past_database() -> None:
    folder = Path(migrations.__file__).parent / "versions"
    assert {path.name[:4] for path in folder.glob("[0-9]*.py")} == {step[:4] for step in STEPS}


def test_no_step_was_edited() -> None:
    folder = Path(migrations.__file__).parent
    steps = [*folder.glob("versions/[0-9]*.py"), *folder.glob("*_[0-9]*.py")]
    hashes = {
        path.name: hashlib.sha256(path.read_text("utf-8").encode()).hexdigest()[:16]
        for path in steps
    }
    assert hashes == STEP_HASHES


def test_steps_import_no_current_code() -> None:
    folder = Path(migrations.__file__).parent
    imports = [
        (path.name, module)
        for path in [*folder.glob("versions/*.py"), *folder.glob("*_[0-9]*.py")]
        for module in re.findall(r"^ *(?:from|import) (chat\S*)", path.read_text("utf-8"), re.M)
    ]
    assert imports == [("0009_polls.py", "chat.store.migrations.tokens_0009")]


async def test_past_database_gets_the_schema_of_a_fresh_one(past: PastDatabase) -> None:
    await (await past.open()).close()
    assert schema_of(past.path) == stored_golden().schema


async def test_past_database_keeps_all_its_rows(past: PastDatabase) -> None:
    columns = past.columns()
    before = past.rows(columns)
    assert all(before.values())
    await (await past.open()).close()
    assert past.rows(columns) == before


async def test_past_database_is_read_by_the_store(past: PastDatabase) -> None:
    store = await past.open()
    ann = await store.person_for_token(hashlib.sha256(b"ann").digest())
    first, cafe, meeting, joined, *later = (await store.newest(1, 20)).messages
    (lobby, *rooms) = await store.memberships(ANN)
    content = {
        "workspace": await store.workspace_id(),
        "person": ann,
        "draft": await store.draft(1, ANN),
        "texts": [each.text for each in (first, cafe, meeting)],
        "joined": (joined.kind, joined.author.name),
        "revoked": await store.is_token_revoked(hashlib.sha256(b"cid").digest()),
        "lobby": (lobby.room.slug, lobby.last_number - lobby.last_read),
        "deleted": [each.number for each in later if each.deleted],
        "revisions": [each.text for each in await store.revisions(1, 1, 0, 50)],
        "rooms": [each.room.title for each in rooms],
        "pinned": [each.number for each in await store.pinned(1, 0, 50)],
        "reactions": [each.emoji for each in cafe.reactions],
        "quote": meeting.quote and meeting.quote.author_name,
        "files": [each.name for each in meeting.files],
        "emoji": await store.emoji_preferences(ANN),
        "preferences": await store.preferences(ANN),
        "saved": [each.message.number for each in await store.saved_messages(ANN, None, 50)],
        "scheduled": [each.text for each in await store.scheduled(ANN)],
        "reminders": [each.message.number for each in await store.reminders(ANN)],
        "status": (await store.all_details()).get(ANN, PersonDetails()).status.text,
        "poll": [len(each.people) for m in later if m.poll for each in m.poll.options],
        "notifications": await store.all_notification_settings(),
    }
    await store.close()

    def since(step: str, value: object, before: object) -> object:
        return value if past.step >= step else before

    paused_until = datetime(2026, 11, 30, 17, tzinfo=UTC)
    settings = NotificationSettings(False, ("garden", "release plan"), paused_until)
    lobby_unread = since("0009", 2, since("0003", 1, 0))
    assert content == {
        "workspace": "0123456789abcdef",
        "person": Person(ANN, "Ann"),
        "draft": "not sent yet",
        "texts": ["Hello from step 1", "Un CAFÉ: https://example.org", "明天会议 in the garden"],
        "joined": (MessageKind.JOINED, "Cid"),
        "revoked": True,
        "lobby": ("lobby", lobby_unread),
        "deleted": since("0002", [5], []),
        "revisions": since("0002", ["Hello"], []),
        "rooms": since("0003", ["Secret", "Un CAFÉ"], []),
        "pinned": since("0003", [2], []),
        "reactions": since("0003", ["🎉"], []),
        "quote": since("0003", "Bob", None),
        "files": since("0006", ["Garten.png"], []),
        "saved": since("0014", [2], []),
        "scheduled": since("0017", ["later"], []),
        "reminders": since("0017", [2], []),
        "emoji": since("0007", EmojiPreferences(("🎉", "👍"), 2), EmojiPreferences()),
        "preferences": since("0008", (("theme", "dark"),), ()),
        "status": since("0013", "On holiday", ""),
        "poll": since("0009", [0, 1], []),
        "notifications": since("0015", {ANN: settings}, {}),
    }


async def search_results(store: Store) -> dict[str, list[str]]:
    """The texts that Bob finds, newest first."""
    queries = ("hello", "cafe has:link", "会议", "garden", "reply mentions:me", "garten has:image")
    return {
        query: [
            hit.message.text for hit in await store.search(parse_query(query, None), BOB, None, 30)
        ]
        for query in queries
    }


async def test_past_messages_are_found(past: PastDatabase) -> None:
    store = await past.open()
    results = await search_results(store)
    await store.close()
    meeting = "明天会议 in the garden"
    assert results == {
        "hello": ["Hello from step 1"],
        "cafe has:link": ["Un CAFÉ: https://example.org"],
        "会议": [meeting],
        "garden": [meeting],
        "reply mentions:me": ["@Bob a reply"] if past.step >= "0003" else [],
        "garten has:image": [meeting] if past.step >= "0006" else [],
    }


async def test_past_database_takes_changes_and_new_messages(past: PastDatabase) -> None:
    store = await past.open()
    bob = Person(BOB, "Bob")
    message = await store.append(NewMessage(1, bob, MessageKind.TEXT, "hello again", "new"))
    await store.edit(1, 1, ANN, "good morning")
    await store.delete(1, 2, BOB)
    results = await search_results(store)
    page = await store.newest(1, 20)
    await store.close()
    assert message.number == page.messages[-2].number + 1
    assert (results["hello"], results["cafe has:link"]) == (["hello again"], [])


@pytest.mark.parametrize("step", [each for each in STEPS if SEARCH_STEP <= each < INDEXING_STEP])
async def test_past_database_with_an_empty_index_gets_a_whole_one(
    tmp_path: Path, step: str
) -> None:
    full = past_database(tmp_path / "whole", step)
    empty = past_database(tmp_path / "empty", step)
    empty.empty_index()
    for each in (full, empty):
        await (await each.open()).close()
    assert empty.index_tokens() == full.index_tokens() != []


async def test_migrated_index_is_what_the_program_would_write(past: PastDatabase) -> None:
    await (await past.open()).close()
    migrated = past.index_tokens()
    past.empty_index()
    engine = create_engine(f"sqlite:///{past.path}")
    with engine.begin() as connection:
        search.build_index(connection)
    engine.dispose()
    assert migrated == past.index_tokens() != []
