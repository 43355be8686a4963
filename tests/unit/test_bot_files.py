"""What a bot file says: its schedules, how it hears a message, and what it keeps."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flet_chat import Bot, Context, Event, Person
from flet_chat.bots.hearing import CHAIN_LIMIT, CHAIN_SECONDS, Chains, Hearing
from flet_chat.bots.schedule import Schedule
from flet_chat.bots.state import STATE_LIMIT, BotState

ME = Person(2, "Stand up", True)


def message_values(text: str, mentions: list[int]) -> dict[str, Any]:
    """A message of Ann's, as the chat tells it."""
    nothing = dict.fromkeys(
        ("edited_at", "quote", "last_reply_at", "poll", "sender", "stream_state")
    )
    empty: dict[str, Any] = {"reactions": [], "files": [], "mentions": mentions}
    return {
        **nothing,
        **empty,
        "room": "lobby",
        "number": 7,
        "author": {"id": 1, "name": "Ann", "is_bot": False},
        "kind": "text",
        "text": text,
        "sent_at": "2026-11-30T09:00:00Z",
        "deleted": False,
        "pinned": False,
        "replies": 0,
    }


def posted(text: str, kind: str = "public", mentions: list[int] | None = None) -> Event:
    """The event of a message in a room of a kind."""
    room = {"slug": "lobby", "title": "Lobby", "kind": kind, "thread_of": None}
    message = message_values(text, mentions or [])
    return Event.read({"type": "message_posted", "room": room, "number": 7, "message": message})


def utc(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "tz", "after", "due"),
    [
        ("mon-fri 09:00", "UTC", "2026-11-27T09:00", "2026-11-30T09:00"),
        ("Mon,Thu 9:05, 16:30", "UTC", "2026-11-30T09:05", "2026-11-30T16:30"),
        ("18:00", "Europe/Berlin", "2026-07-01T15:00", "2026-07-01T16:00"),
        # The clocks there are set back on October 25.
        ("18:00", "Europe/Berlin", "2026-10-24T16:00", "2026-10-25T17:00"),
        ("*/5 9-17 * * mon-fri", "UTC", "2026-11-30T09:03", "2026-11-30T09:05"),
        ("10 minutes", "", "2026-11-30T09:03", "2026-11-30T09:13"),
        ("hour", "", "2026-11-30T09:03", "2026-11-30T10:03"),
    ],
)
def test_schedule_is_due_next(text: str, tz: str, after: str, due: str) -> None:
    assert Schedule.parse(text, tz).next_after(utc(after)) == utc(due)


@pytest.mark.parametrize("text", ["", "tomorrow", "25:00", "mon-fry 09:00", "0 seconds", "* * *"])
def test_what_is_no_schedule_is_refused_when_the_file_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"schedule|often"):
        Bot("standup").every(text)
    with pytest.raises(ValueError, match="no time zone"):
        Bot("standup").every("09:00", tz="Mars/Olympus")


def calls_of(bot: Bot, event: Event) -> list[tuple[str, str]]:
    """The names of the handlers for an event, and the arguments of each."""
    hearing = Hearing(bot, ME)
    found = hearing.handlers(hearing.hear(event))
    return [(handler.name, part.arguments) for handler, part in found]


@pytest.fixture
def bot() -> Bot:
    """A bot with a handler of each kind."""
    bot = Bot("standup", about="Asks each morning.")

    @bot.command("deploy", about="deploys a version")
    def deploy(event: Context) -> None:
        pass

    @bot.hears("good  morning")
    def greet(event: Context) -> None:
        pass

    @bot.hears(re.compile(r"#(\d+)"))
    def number(event: Context) -> None:
        pass

    @bot.mentioned
    def answer(event: Context) -> None:
        pass

    @bot.on("message_posted")
    def log(event: Context) -> None:
        pass

    return bot


@pytest.mark.parametrize(
    ("text", "kind", "calls"),
    [
        ("!deploy 1.4 now", "public", [("deploy", "1.4 now")]),
        ("!DEPLOY", "public", [("deploy", "")]),
        ("deploy 1.4", "public", []),
        ("@stand up: deploy 1.4", "public", [("deploy", "1.4")]),
        ("@Stand up, !deploy\n1.4", "public", [("deploy", "1.4")]),
        ("deploy 1.4", "direct", [("deploy", "1.4")]),
        ("@stand upstairs deploy", "public", []),
        ("Good morning!", "public", [("greet", "")]),
        ("a good morningtide", "public", []),
        ("see #12 and #13", "public", [("number", "")]),
        ("@stand up what is due?", "public", [("answer", "")]),
        ("what is due?", "direct", [("answer", "")]),
        ("help me", "direct", [("answer", "")]),
        ("!unknown", "public", []),
        ("", "public", []),
    ],
)
def test_first_handler_of_a_message_is_called(
    bot: Bot, text: str, kind: str, calls: list[tuple[str, str]]
) -> None:
    assert calls_of(bot, posted(text, kind)) == [*calls, ("log", calls[0][1] if calls else "")]


def test_name_in_the_middle_addresses_the_bot_too(bot: Bot) -> None:
    event = posted("what says @Stand up to that?", mentions=[ME.id])
    assert calls_of(bot, event)[0] == ("answer", "")


def test_help_lists_the_commands(bot: Bot) -> None:
    hearing = Hearing(bot, ME)
    assert hearing.hear(posted("@Stand up help")).command == "help"
    assert hearing.help_text() == "Asks each morning.\n- `!deploy`: deploys a version"


def test_two_bots_that_answer_each_other_stop() -> None:
    now = 0.0
    chains = Chains(clock=lambda: now)
    heard = 0
    # What other bots say of themselves is no chain.
    assert all(chains.may_hear_bot("lobby") for _ in range(20))
    while chains.may_hear_bot("lobby"):
        chains.note_own("lobby")
        heard += 1
    assert heard == CHAIN_LIMIT + 1
    assert not chains.may_hear_bot("lobby")
    assert chains.may_hear_bot("elsewhere")
    chains.note_person("lobby")
    assert chains.may_hear_bot("lobby")
    for _ in range(CHAIN_LIMIT + 1):
        chains.note_own("lobby")
        chains.may_hear_bot("lobby")
    assert not chains.may_hear_bot("lobby")
    now += CHAIN_SECONDS + 1
    assert chains.may_hear_bot("lobby")


def test_what_is_wrong_in_a_file_is_a_sentence() -> None:
    bot = Bot("standup")
    bot.command("deploy")(lambda event: None)
    for wrong in (
        lambda: Bot(" "),
        lambda: bot.command("two words"),
        lambda: bot.command("!Deploy"),
        lambda: bot.hears(" "),
        lambda: bot.on(),
        lambda: bot.mentioned(lambda: None),  # type: ignore[type-var]
    ):
        with pytest.raises(ValueError, match=r"\.$"):
            wrong()


def test_state_is_kept_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "standup.json"
    state = BotState()
    state["done"] = {"Ann": ["the release"]}
    state.open(path)
    state.save()
    state["done"]["Ann"].append("the tests")
    state.save()
    again = BotState()
    again["done"], again["new"] = {}, 1
    again.open(path)
    assert dict(again) == {"done": {"Ann": ["the release", "the tests"]}, "new": 1}
    del again["new"]
    again["text"] = "x" * STATE_LIMIT
    with pytest.raises(ValueError, match="256 KiB fit"):
        again.save()
    again["text"] = object()
    with pytest.raises(ValueError, match="JSON cannot"):
        again.save()
    assert json.loads(path.read_text("utf-8")) == {"done": {"Ann": ["the release", "the tests"]}}
    assert [each.name for each in tmp_path.iterdir()] == ["standup.json"]


def test_zone_of_a_schedule_is_that_of_the_argument() -> None:
    assert Schedule.parse("09:00", "Asia/Tokyo").zone == ZoneInfo("Asia/Tokyo")
    assert Schedule.parse("2 days").interval == timedelta(days=2)
