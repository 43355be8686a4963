"""The bots of `examples/bots/`, each in the folder of a running chat."""

import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chat.model.messages import Message
from chat.model.programs import FileState
from chat.rooms.room import Room
from chat.workspace.timings import Timings
from tests.conftest import running_chat
from tests.harness.bots_folder import BotsFolder
from tests.harness.domain import create_empty_database, sign_in
from tests.harness.model_server import model_server
from tests.harness.process import ROOT
from tests.harness.user import ChatUser

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it reads permissions of files")

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>The &lt;b&gt;News&lt;/b&gt;</title>{items}</channel></rss>
"""
ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Releases</title>{items}</feed>
"""


@asynccontextmanager
async def example(tmp_path: Path, name: str) -> AsyncIterator[BotsFolder]:
    """A chat of Ann's with one of the examples, which runs."""
    folder = tmp_path / "bots"
    folder.mkdir(mode=0o755)
    shutil.copyfile(ROOT / "examples" / "bots" / name, folder / name)
    data = await create_empty_database(tmp_path / "data")
    timings = Timings(program_burst=1000, room_burst=1000)
    async with running_chat(data, timings, bots=str(folder)) as chat:
        (ann,) = await sign_in(chat.workspace, "Ann")
        bots = BotsFolder(folder, chat.workspace, ann, url=chat.url)
        await bots.until_is(name, FileState.RUNNING)
        yield bots


async def thread_of(bots: BotsFolder, number: int) -> Room:
    """The thread about a message of the lobby, once there is one."""
    lobby = await bots.lobby()
    while (thread := await bots.workspace.rooms.find_thread(bots.ann, lobby, number)) is None:
        await bots.until_has_replies(number)
    return thread


async def test_vote_is_drawn_and_used_before_and_after_the_bot_is_saved_again(
    tmp_path: Path,
) -> None:
    async with example(tmp_path, "vote.py") as bots:
        cem, ben = ChatUser(bots.url), ChatUser(bots.url)
        for user, name in ((cem, "Cem"), (ben, "Ben")):
            await user.opens()
            await user.signs_in(name)
        await cem.composer.posts("!vote Lunch: soup")
        await cem.waits_for_partial_text("Write a question and two")
        await cem.composer.posts("!vote Lunch: soup, salad")

        def heights(user: ChatUser) -> list[float]:
            return [each["to_y"] for each in user.find("BarChartRod")]

        for user, option in ((cem, "soup"), (ben, "salad")):
            await user.waits_for_control("OutlinedButton", content=option)
            await user.clicks(option)
            await user.waits_for_text(f"You chose {option}.")
        for user in (cem, ben):
            await user.until(lambda who=user: heights(who) == [1, 1])  # type: ignore[misc]
        path = bots.folder / "vote.py"
        bots.saves("vote.py", path.read_text("utf-8") + "\n# Saved again.\n")
        await ben.clicks("soup")
        for user in (cem, ben):
            await user.until(lambda who=user: heights(who) == [2, 0])  # type: ignore[misc]
        await ben.clicks("End the vote")
        await ben.waits_for_text("Only who has begun the vote ends it.")
        await cem.fills(cem.find("TextField", label="A last word")[0], "Enjoy!")
        await cem.clicks("End the vote")
        for user in (cem, ben):
            await user.waits_for_text("Closed. Enjoy!")
            assert not user.find("OutlinedButton", content="salad")
        await bots.until_says(lambda text: text == "Lunch: soup 2, salad 0")
        for user in (cem, ben):
            await user.disconnects()


async def test_standup_asks_collects_and_reminds(tmp_path: Path) -> None:
    async with example(tmp_path, "standup.py") as bots:
        await bots.says("!ask")
        await bots.until_says(lambda text: text.startswith("Which room?"))
        await bots.says("!standup")
        await bots.until_says(lambda text: text.startswith("I will ask here at nine"))
        await bots.says("!ask")
        await bots.until_says(lambda text: text.startswith("Good morning!"))
        lobby = await bots.lobby()
        question = lobby.last_number
        thread = await bots.workspace.rooms.get_or_create_thread(bots.ann, lobby, question)
        await bots.says("The release.", thread)
        await bots.says("!summary")
        said = await bots.until_says(lambda text: text.startswith("**Today**"), thread)
        assert "| Ann | The release. |" in said
        await bots.says("!remind tomorrow")
        await bots.until_says(lambda text: text.startswith("Write it like this"))
        await bots.says("!remind 1s look at the *oven*")
        direct = await bots.direct("standup")
        await bots.until_says(lambda text: text == "⏰ look at the *oven*", direct)
        await bots.says("!standup")
        await bots.until_says(lambda text: text.startswith("There is no stand-up"))


async def test_feeds_post_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED_FILES", "1")
    monkeypatch.setenv("FEED_EVERY", "1 second")
    rss, atom = tmp_path / "news.xml", tmp_path / "releases.xml"

    def item(number: int) -> str:
        return (
            f"<item><title>News {number} of @everyone</title><guid>{number}</guid>"
            f"<link>https://example.org/{number}</link></item>"
        )

    rss.write_text(FEED.format(items=item(1)), "utf-8")
    atom.write_text(ATOM.format(items=""), "utf-8")
    async with example(tmp_path, "feeds.py") as bots:
        await bots.says(f"!feed add {rss.as_uri()}")
        await bots.until_says(lambda text: text == "I will post what is new in **The News**.")
        await bots.says(f"!feed add {atom.as_uri()}")
        await bots.until_says(lambda text: text == "I will post what is new in **Releases**.")
        rss.write_text(FEED.format(items=item(3) + item(2) + item(1)), "utf-8")
        said = await bots.until_says(lambda text: text.startswith("**The News**"))
        assert said == (
            "**The News**\n- [News 3 of \\@everyone](https://example.org/3)\n"
            "- [News 2 of \\@everyone](https://example.org/2)"
        )
        entry = '<entry><id>a</id><title>1.4</title><link href="https://example.org/a"/></entry>'
        atom.write_text(ATOM.format(items=entry), "utf-8")
        await bots.until_says(lambda text: text == "**Releases**\n- [1.4](https://example.org/a)")
        rss.write_text('<!DOCTYPE x [<!ENTITY a "aaaa">]><rss></rss>', "utf-8")
        for wrong, reason in (
            (rss.as_uri(), "it has a DOCTYPE"),
            ("http://127.0.0.1:1/feed", "I cannot read that"),
            ("gopher://x", "write its address as"),
        ):
            await bots.says(f"!feed add {wrong}")
            await bots.until_says(lambda text, reason=reason: reason in text)  # type: ignore[misc]
        await bots.says("!feed list")
        await bots.until_says(lambda text: text.count("- file:") == 2)
        (bob,) = await sign_in(bots.workspace, "Bob")
        await (await bots.lobby()).post(bob, f"!feed add {atom.as_uri()}", "of Bob")
        await bots.until_says(lambda text: text.startswith("Only the owner"))
        await bots.says(f"!feed remove {atom.as_uri()}")
        await bots.until_says(lambda text: text == "It is not read any more.")
        assert sum(text.startswith("**The News**") for text in await bots.texts()) == 1


async def test_assistant_streams_an_answer_into_the_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with model_server() as model:
        monkeypatch.setenv("ASSISTANT_URL", model.url)
        monkeypatch.setenv("ASSISTANT_KEY", "secret")
        model.key = "secret"
        model.refusals = [(429, "1"), (503, "")]
        model.tokens = [f"token{n} " for n in range(500)]
        model.pace = 0.004
        states = set[str | None]()

        def watch(message: Message) -> bool:
            states.add(None if message.stream_state is None else message.stream_state.value)
            return message.stream_state is None

        async with example(tmp_path, "assistant.py") as bots:
            number = await bots.says("@assistant what is new?")
            thread = await thread_of(bots, number)
            message = await bots.until_message(thread, watch)
            assert message.text.split() == [f"token{n}" for n in range(500)]
            assert states == {"streaming", None} and thread.last_number == message.number
            assert model.asked[0]["messages"][-1] == {"role": "user", "content": "what is new?"}
            model.tokens, model.pace = ["It was ", "token 7."], 0.0
            await bots.says("@assistant and before that?", thread)
            await bots.until_says(lambda text: text == "It was token 7.", thread)
            roles = [each["role"] for each in model.asked[1]["messages"]]
            assert roles == ["system", "assistant", "user"]


async def test_assistant_says_why_it_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with model_server() as model:
        monkeypatch.setenv("ASSISTANT_URL", model.url)
        monkeypatch.delenv("ASSISTANT_KEY", raising=False)
        async with example(tmp_path, "assistant.py") as bots:
            direct = await bots.direct("assistant")
            model.key = "secret"
            await bots.says("hello", direct)
            await bots.until_says(lambda text: "It needs a key: ASSISTANT_KEY." in text, direct)
            model.key, model.refusals = "", [(404, "")]
            await bots.says("hello", direct)
            await bots.until_says(lambda text: "There is no model llama3.2" in text, direct)
            model.refusals = [(429, "0")] * 4
            await bots.says("hello", direct)
            await bots.until_says(lambda text: "It is too busy." in text, direct)
            model.tokens, model.breaks_after = ["one ", "two ", "three"], 2
            await bots.says("hello", direct)
            said = await bots.until_says(lambda text: "breaks off" in text, direct)
            assert said == "one two \n\n*The answer breaks off: out of memory*"
            model.tokens, model.breaks_after = [], None
            await bots.says("hello", direct)
            await bots.until_says(lambda text: text == "The model said nothing.", direct)
            assert bots.workspace.file_bots.files[0].state is FileState.RUNNING
