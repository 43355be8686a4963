"""Bots as files, in the process beside a running chat: the whole way from a saved file to a row."""

import asyncio
import contextlib
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from textwrap import dedent

import pytest

from chat.errors import CannotStart
from chat.model.people import Person
from chat.model.programs import FileState
from chat.model.rooms import RoomKind
from chat.server.app import ChatServer
from chat.server.bots_folder import require_bots
from chat.server.local_socket import SOCKET_NAME
from chat.workspace.timings import Timings
from tests.conftest import running_chat
from tests.harness.bots_folder import BotsFolder
from tests.harness.domain import create_empty_database, sign_in
from tests.harness.process import ROOT
from tests.harness.programs import Program, ann, ops, programs, workspace
from tests.harness.shell import Shell
from tests.harness.waiting import wait_until

__all__ = ["ann", "ops", "programs", "workspace"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it reads permissions of files")

HELLO = """
    from flet_chat import Bot

    bot = Bot("greeter", about="Greets.")


    @bot.command("hello", about="says hello")
    def hello(event):
        event.reply(f"Hello, {event.person.name}. {event.arguments}")
"""


@pytest.fixture
def timings() -> Timings:
    """Programs may ask often: this file is not about that."""
    return Timings(program_burst=1000, room_burst=1000)


@pytest.fixture
async def bots(tmp_path: Path, timings: Timings) -> AsyncIterator[BotsFolder]:
    """A chat with a folder of bots, which Ann owns."""
    folder = tmp_path / "bots"
    folder.mkdir(mode=0o755)
    data = await create_empty_database(tmp_path / "data")
    async with running_chat(data, timings, bots=str(folder)) as chat:
        (ann,) = await sign_in(chat.workspace, "Ann")
        yield BotsFolder(folder, chat.workspace, ann)


async def test_file_is_a_bot_of_the_owner_as_soon_as_it_is_saved(bots: BotsFolder) -> None:
    bots.saves("greeter.py", HELLO)
    await bots.until_is("greeter.py", FileState.RUNNING)
    await bots.says("!hello there")
    await bots.until_says(lambda text: text == "Hello, Ann. there")
    greeter = await bots.bot("greeter")
    assert (greeter.is_bot, bots.workspace.bots.owner_id(greeter.id)) == (True, bots.ann.id)
    await bots.says("@greeter help")
    assert await bots.until_says(lambda text: text.startswith("Greets.")) == (
        "Greets.\n- `!hello`: says hello"
    )
    await bots.says("hello directly", await bots.direct("greeter"))
    await bots.until_says(lambda text: text == "Hello, Ann. directly", await bots.direct("greeter"))


async def test_version_that_does_not_load_leaves_the_old_one(bots: BotsFolder) -> None:
    bots.saves("greeter.py", HELLO)
    await bots.until_is("greeter.py", FileState.RUNNING)
    direct = await bots.direct("greeter")
    bots.saves("greeter.py", HELLO + "\n    def broken(:\n")
    told = await bots.until_says(lambda text: "does not load" in text, direct, 3)
    assert "goes on" in told and "SyntaxError" in told and "def broken(:" in told
    await bots.says("!hello again")
    await bots.until_says(lambda text: text == "Hello, Ann. again")
    bots.saves("greeter.py", HELLO + "\n    1 / 0\n")
    told = await bots.until_says(lambda text: "ZeroDivisionError" in text, direct, 3)
    assert "greeter.py, line 11, in <module>\n    1 / 0" in told and "importlib" not in told
    bots.saves("greeter.py", HELLO.replace("from", "import nothing_of_the_kind\n    from", 1))
    await bots.until_says(lambda text: "pip install nothing_of_the_kind" in text, direct, 3)
    bots.saves("greeter.py", HELLO.replace("Hello,", "Good morning,"))
    await wait_until(lambda: bots.workspace.file_bots.files[0].reason == "")
    await bots.says("!hello there")
    await bots.until_says(lambda text: text == "Good morning, Ann. there")
    assert (await bots.texts()).count("Hello, Ann. again") == 1


async def test_file_that_never_loaded_is_told_by_the_script(bots: BotsFolder) -> None:
    bots.saves("wrong.py", "bot = 3\n")
    reason = await bots.until_is("wrong.py", FileState.BROKEN)
    assert "It has no bot" in reason
    await bots.until_says(lambda text: "wrong.py" in text, await bots.direct("script"))
    (bots.folder / "wrong.py").unlink()
    await wait_until(lambda: not bots.workspace.file_bots.files)


async def test_bot_that_fails_three_times_is_paused_until_it_is_saved(bots: BotsFolder) -> None:
    failing = HELLO.replace('event.reply(f"Hello', 'raise ValueError(f"Hello')
    bots.saves("greeter.py", failing)
    await bots.until_is("greeter.py", FileState.RUNNING)
    for _ in range(3):
        await bots.says("!hello")
    reason = await bots.until_is("greeter.py", FileState.PAUSED)
    assert reason == "It failed 3 times within a minute."
    direct = await bots.direct("greeter")
    told = await bots.until_says(lambda text: "ValueError" in text, direct)
    assert told.startswith("**greeter.py** failed in `hello`.\n```\ngreeter.py, line 9, in hello")
    await bots.until_says(lambda text: "Save the file to start it again" in text, direct)
    await bots.until_says(lambda text: text == "Something went wrong with `hello`. Ann was told.")
    bots.saves("greeter.py", HELLO)
    await bots.until_is("greeter.py", FileState.RUNNING)
    await bots.says("!hello once more")
    await bots.until_says(lambda text: text == "Hello, Ann. once more")


async def test_refusal_of_the_chat_is_a_sentence_to_the_owner(bots: BotsFolder) -> None:
    secret = await bots.workspace.rooms.create(bots.ann, "Secret", RoomKind.PRIVATE)
    bots.saves("greeter.py", HELLO.replace("event.reply(", 'event.chat.post("#secret", '))
    await bots.until_is("greeter.py", FileState.RUNNING)
    await bots.says("!hello")
    told = await bots.until_says(lambda text: "ChatError" in text, await bots.direct("greeter"))
    assert "no room" in told.lower() or "There is no" in told
    assert await bots.texts(secret) == []


BLOCKING = """
    import asyncio
    import time

    from flet_chat import Bot

    bot = Bot("blocker")


    @bot.command("block")
    async def block(event):
        time.sleep(0.3)
        await event.reply("done")
"""


async def test_bot_that_holds_the_loop_is_named_and_paused(bots: BotsFolder) -> None:
    bots.saves("blocker.py", BLOCKING)
    await bots.until_is("blocker.py", FileState.RUNNING)
    for _ in range(3):
        await bots.says("!block")
    reason = await bots.until_is("blocker.py", FileState.PAUSED)
    assert reason == "It held all bots 3 times (blocker.py, line 12, in block)."
    told = await bots.until_says(
        lambda text: "held all bots for" in text, await bots.direct("blocker")
    )
    assert "(blocker.py, line 12, in block)" in told


ENDLESS = """
    from pathlib import Path

    from flet_chat import Bot

    bot = Bot("spinner")


    @bot.command("spin")
    async def spin(event):
        Path(__file__).with_suffix(".begun").touch()
        while True:
            pass
"""

STUCK = """
    import re
    from pathlib import Path

    from flet_chat import Bot

    bot = Bot("stuck")


    @bot.command("stick")
    async def stick(event):
        Path(__file__).with_suffix(".begun").touch()
        re.match("(a+)+$", "a" * 60 + "b")
"""


@pytest.mark.parametrize(
    ("name", "text", "command", "place"),
    [
        ("spinner.py", ENDLESS, "!spin", "It did not come to an end (spinner.py, line"),
        ("stuck.py", STUCK, "!stick", "It held the whole process (stuck.py, line 13"),
    ],
)
async def test_endless_loop_is_found_and_only_its_bot_is_paused(
    bots: BotsFolder, name: str, text: str, command: str, place: str
) -> None:
    bots.saves("greeter.py", HELLO)
    bots.saves(name, text)
    await bots.until_is("greeter.py", FileState.RUNNING)
    await bots.until_is(name, FileState.RUNNING)
    await bots.says(command)
    # A command that has begun is not called for again: this one must come when nobody hears.
    await wait_until(
        (bots.folder / name).with_suffix(".begun").exists, description="the loop has begun"
    )
    await bots.says("!hello after that")
    reason = await bots.until_is(name, FileState.PAUSED, 40)
    assert reason.startswith(place)
    # What came meanwhile is answered after the restart, once.
    await bots.until_says(lambda text: text == "Hello, Ann. after that")
    await bots.says("!hello now")
    await bots.until_says(lambda text: text == "Hello, Ann. now")
    assert (await bots.texts()).count("Hello, Ann. after that") == 1
    bot = await bots.bot(name.removesuffix(".py"))
    await bots.workspace.file_bots.start(bots.ann, bot)
    await bots.until_is(name, FileState.RUNNING)


LEAKING = """
    import asyncio
    import threading

    from flet_chat import Bot

    bot = Bot("ticker")


    async def tick(chat, text):
        while True:
            await asyncio.sleep(0.05)
            bot.state["ticks"] = bot.state.get("ticks", 0) + 1
            await chat.post("#lobby", text)
            await asyncio.sleep(0.3)


    @bot.command("start")
    async def start(event):
        bot.state["started"] = event.arguments
        asyncio.create_task(tick(event.chat, "tick"))
        threading.Timer(60, start).start()
"""


async def test_tasks_and_timers_of_the_old_version_are_gone(bots: BotsFolder) -> None:
    bots.saves("ticker.py", LEAKING)
    await bots.until_is("ticker.py", FileState.RUNNING)
    await bots.says("!start now")
    await bots.until_says(lambda text: text == "tick")
    new = LEAKING.replace('"tick")', '"tack")') + (
        '\n\n    @bot.command("count")\n    async def count(event):\n'
        "        tasks = [each for each in asyncio.all_tasks() if 'tick()' in repr(each)]\n"
        "        timers = [t for t in threading.enumerate() if isinstance(t, threading.Timer)"
        " and not t.finished.is_set()]\n"
        '        started = bot.state["started"]\n'
        '        await event.reply(f"{len(tasks)} tasks, {len(timers)} timers, {started}")\n'
    )
    bots.saves("ticker.py", new)
    direct = await bots.direct("ticker")

    async def answer() -> str:
        before = len(await bots.texts(direct))
        # (The version before does not know the command.)
        while True:
            await bots.says("count", direct)
            with contextlib.suppress(AssertionError):
                return await bots.until_says(
                    lambda text: text.endswith("timers, now"), direct, seconds=0.5, after=before
                )

    assert await answer() == "0 tasks, 0 timers, now"


async def test_restart_of_the_chat_misses_and_repeats_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "bots"
    folder.mkdir(mode=0o755)
    data = await create_empty_database(tmp_path / "data")
    async with running_chat(data, bots=str(folder)) as chat:
        (ann,) = await sign_in(chat.workspace, "Ann")
        bots = BotsFolder(folder, chat.workspace, ann)
        bots.saves("greeter.py", HELLO)
        await bots.until_is("greeter.py", FileState.RUNNING)
        await bots.says("!hello one")
        await bots.until_says(lambda text: text == "Hello, Ann. one")
    async with running_chat(data) as chat:
        bots = BotsFolder(folder, chat.workspace, ann)
        await (await bots.lobby()).post(ann, "!hello two", "while it is off")
    async with running_chat(data, bots=str(folder)) as chat:
        bots = BotsFolder(folder, chat.workspace, ann)
        await bots.until_says(lambda text: text == "Hello, Ann. two")
        await (await bots.lobby()).post(ann, "!hello three", "and again")
        await bots.until_says(lambda text: text == "Hello, Ann. three")
        said = await bots.texts()
    assert [each for each in said if each.startswith("Hello")] == [
        "Hello, Ann. one",
        "Hello, Ann. two",
        "Hello, Ann. three",
    ]


async def test_bot_hears_rooms_that_it_is_in_and_who_writes_to_it(bots: BotsFolder) -> None:
    garden = await bots.workspace.rooms.create(bots.ann, "Garden")
    bots.saves("greeter.py", HELLO)
    await bots.until_is("greeter.py", FileState.RUNNING)
    await bots.says("!hello unseen", garden)
    await bots.says("@greeter hello seen", garden)
    await bots.until_says(lambda text: text == "Hello, Ann. seen", garden)
    # It has joined the room to answer.
    await bots.says("!hello within", garden)
    await bots.until_says(lambda text: text == "Hello, Ann. within", garden)
    assert "Hello, Ann. unseen" not in await bots.texts(garden)
    greeter = await bots.bot("greeter")
    await bots.workspace.rooms.remove(bots.ann, garden, greeter)
    await bots.says("!hello outside", garden)
    await bots.says("!hello")
    await bots.until_says(lambda text: text.startswith("Hello, Ann. ") and len(text) < 13)
    assert "Hello, Ann. outside" not in await bots.texts(garden)


async def test_two_bots_that_answer_each_other_stop(bots: BotsFolder) -> None:
    for name, word, answer in (("ping", "pong", "ping"), ("echo", "ping", "pong")):
        bots.saves(
            f"{name}.py",
            f"""
            from flet_chat import Bot

            bot = Bot("{name}", hears_bots=True)

            @bot.hears("{word}")
            def answer(event):
                event.say("{answer}")
            """,
        )
        await bots.until_is(f"{name}.py", FileState.RUNNING)
    await bots.says("ping")
    await asyncio.sleep(0)
    await wait_until_quiet(bots)
    said = [each for each in await bots.texts() if each in {"ping", "pong"}]
    assert 6 < len(said) < 20


async def wait_until_quiet(bots: BotsFolder) -> None:
    """Wait until nothing was said for a second."""
    last = -1
    while (count := len(await bots.texts())) != last:
        last = count
        await asyncio.sleep(1)


async def test_bot_that_is_deleted_or_doubled_is_refused_in_a_sentence(bots: BotsFolder) -> None:
    bots.saves("greeter.py", HELLO)
    await bots.until_is("greeter.py", FileState.RUNNING)
    bots.saves("second.py", HELLO)
    reason = await bots.until_is("second.py", FileState.BROKEN)
    assert reason == "Another file has a bot called greeter. Give this one another name."
    bots.saves("third.py", HELLO.replace('"greeter"', '"Ann"'))
    reason = await bots.until_is("third.py", FileState.BROKEN)
    assert reason.startswith("Somebody in the chat is called Ann already.")
    await bots.workspace.bots.delete(await bots.bot("greeter"))
    reason = await bots.until_is("greeter.py", FileState.PAUSED)
    assert reason.startswith("This token")


def test_folder_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "bots"
    with pytest.raises(CannotStart, match="There is no folder"):
        require_bots(folder)
    folder.mkdir(mode=0o755)
    (folder / "greeter.py").write_text(HELLO, "utf-8")
    require_bots(folder)
    for path in (folder / "greeter.py", folder):
        for mode in (0o775, 0o757):
            path.chmod(mode)
            with pytest.raises(CannotStart, match=f"chmod go-w {path}"):
                require_bots(folder)
        path.chmod(0o755)
    if os.getuid() == 0:
        os.chown(folder / "greeter.py", 12345, -1)
        with pytest.raises(CannotStart, match="belongs to another user"):
            require_bots(folder)


async def test_file_of_the_page_runs(bots: BotsFolder) -> None:
    page = (ROOT / "docs" / "bots.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    bots.saves("greeter.py", "\n\n".join(blocks))
    await bots.until_is("greeter.py", FileState.RUNNING)
    for n in (1, 2):
        await bots.says("!hello")
        await bots.until_says(lambda text, n=n: text == f"Hello, Ann, number {n}.")  # type: ignore[misc]
    await bots.says("!slowly")
    await bots.until_says(lambda text: text == "One after the other.")


async def test_file_of_the_readme_runs(bots: BotsFolder) -> None:
    part = (ROOT / "README.md").read_text("utf-8").partition("## Bots as files\n")[2]
    (block, *_) = re.findall(r"^```python\n(.*?)^```$", part, re.M | re.S)
    bots.saves("greeter.py", block)
    await bots.until_is("greeter.py", FileState.RUNNING)
    await bots.says("!hello")
    await bots.until_says(lambda text: text == "Hello, Ann.")


async def test_schedule_is_kept_over_versions(bots: BotsFolder) -> None:
    ticking = """
        from flet_chat import Bot

        bot = Bot("clock")


        @bot.every("1 second")
        async def tick(event):
            bot.state["count"] = bot.state.get("count", 0) + 1
            await event.chat.post("#lobby", f"tick {bot.state['count']}")


        @bot.joined
        def welcome(event):
            event.say(f"Welcome, {event.person.name}.")
    """
    bots.saves("clock.py", ticking)
    await bots.until_says(lambda text: text == "tick 2")
    bots.saves("clock.py", ticking.replace("tick {", "tock {"))
    said = await bots.until_says(lambda text: text.startswith("tock"))
    assert int(said.split()[1]) >= 3
    await sign_in(bots.workspace, "Bob")
    await bots.until_says(lambda text: text == "Welcome, Bob.")


async def test_same_file_runs_by_a_command_with_a_token(
    chat: ChatServer, ops: Program, ann: Person, tmp_path: Path
) -> None:
    """In another folder, as on another computer: with the address and the token of a bot."""
    shell = Shell(tmp_path / "data")
    code, printed = await shell.runs("flet-chat bot new my-bot && flet-chat bot new my-bot")
    assert code == 1
    assert printed.splitlines() == [
        "my_bot.py is a bot. Run it: flet-chat bot my_bot.py",
        "flet-chat: There is a file my_bot.py already.",
    ]
    bots = BotsFolder(tmp_path, chat.workspace, ann)
    await chat.workspace.rooms.enter(ops.bot, "lobby")
    running = await shell.starts(
        f"exec flet-chat bot my_bot.py --url {chat.url} --token {ops.secret}"
    )
    while not any(text.startswith("Hello") for text in await bots.texts()):
        await bots.says("!hello")
        with contextlib.suppress(AssertionError):
            await bots.until_says(lambda text: text == "Hello, Ann!", seconds=1)
    number = await bots.says("Good morning!")
    lobby = await bots.lobby()
    while True:
        if (await lobby.message(ann, number)).reactions:
            break
        await asyncio.sleep(0.02)
    (shell.folder / "my_bot.py").write_text("wrong\n", "utf-8")
    told = await bots.until_says(lambda text: "NameError" in text, await bots.direct("ops"))
    assert "**my_bot.py** does not load. The version before goes on." in told
    running.terminate()
    _, errors = await running.communicate()
    assert (running.returncode, b"my_bot.py is running as ops." in errors) == (0, True), errors
    assert (tmp_path / ".flet-chat" / "my_bot.position.json").is_file()


async def test_bot_that_ends_the_process_is_not_called_again_by_it(bots: BotsFolder) -> None:
    bots.saves("greeter.py", HELLO)
    bots.saves(
        "exits.py",
        """
        import os
        import sys

        from flet_chat import Bot

        bot = Bot("exits")


        @bot.command("crash")
        def crash(event):
            event.say("crashing")
            os._exit(7)


        @bot.command("leave")
        async def leave(event):
            sys.exit(7)
        """,
    )
    await bots.until_is("greeter.py", FileState.RUNNING)
    await bots.until_is("exits.py", FileState.RUNNING)
    await bots.says("!leave")
    await bots.until_says(lambda text: text == "Something went wrong with `leave`. Ann was told.")
    await bots.says("!crash")
    await bots.until_says(lambda text: text == "crashing")
    await bots.says("!hello after the crash")
    await bots.until_says(lambda text: text == "Hello, Ann. after the crash")
    assert (await bots.texts()).count("crashing") == 1


async def test_flood_of_a_bot_is_slowed_down_and_complete(tmp_path: Path) -> None:
    folder = tmp_path / "bots"
    folder.mkdir(mode=0o755)
    data = await create_empty_database(tmp_path / "data")
    async with running_chat(data, Timings(program_burst=8), bots=str(folder)) as chat:
        (ann,) = await sign_in(chat.workspace, "Ann")
        bots = BotsFolder(folder, chat.workspace, ann)
        bots.saves(
            "flood.py",
            """
            from flet_chat import Bot

            bot = Bot("flood")


            @bot.command("flood")
            def flood(event):
                for n in range(12):
                    event.say(f"flood {n}")
            """,
        )
        await bots.until_is("flood.py", FileState.RUNNING)
        await bots.says("!flood")
        await bots.until_says(lambda text: text == "flood 11")
        said = [each for each in await bots.texts() if each.startswith("flood")]
        assert said == [f"flood {n}" for n in range(12)]


async def test_chat_does_not_start_with_a_folder_of_others(tmp_path: Path) -> None:
    folder = tmp_path / "bots"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(CannotStart, match="chmod go-w"):
        async with running_chat(tmp_path / "data", bots=str(folder)):
            pass


async def test_shared_file_renews_the_bots_that_import_it(bots: BotsFolder) -> None:
    bots.saves("_words.py", 'GREETING = "Hello"\n')
    shared = HELLO.replace("from flet_chat", "from _words import GREETING\n    from flet_chat")
    bots.saves("greeter.py", shared.replace('f"Hello', 'f"{GREETING}'))
    await bots.until_is("greeter.py", FileState.RUNNING)
    await bots.says("!hello one")
    await bots.until_says(lambda text: text == "Hello, Ann. one")
    bots.saves("_words.py", 'GREETING = "Welcome"\n')
    while not any(text.startswith("Welcome") for text in await bots.texts()):
        await bots.says("!hello two")
        with contextlib.suppress(AssertionError):
            await bots.until_says(lambda text: text == "Welcome, Ann. two", seconds=0.5)


async def test_bot_waits_for_a_chat_that_does_not_run(tmp_path: Path) -> None:
    data = await create_empty_database(tmp_path / "data")
    async with running_chat(data) as chat:
        (ann,) = await sign_in(chat.workspace, "Ann")
    (tmp_path / "greeter.py").write_text(dedent(HELLO), "utf-8")
    shell = Shell(data)
    # (The socket of a process that was killed is still there.)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(data / SOCKET_NAME))
        running = await shell.starts("exec flet-chat bot greeter.py")
        assert running.stderr is not None
        while b"is started again" not in await running.stderr.readline():
            pass
    async with running_chat(data) as chat:
        bots = BotsFolder(tmp_path, chat.workspace, ann)
        while b"is running as script" not in await running.stderr.readline():
            pass
        await bots.says("@script hello from afar")
        await bots.says("hello from afar", await bots.direct("script"))
        await bots.until_says(
            lambda text: text == "Hello, Ann. from afar", await bots.direct("script")
        )
        running.terminate()
        await running.communicate()
    assert running.returncode == 0


async def test_file_that_does_not_end_to_load_is_paused(bots: BotsFolder) -> None:
    bots.saves("greeter.py", HELLO)
    await bots.until_is("greeter.py", FileState.RUNNING)
    bots.saves("greeter.py", HELLO + "\n    import time\n    time.sleep(600)\n")
    reason = await bots.until_is("greeter.py", FileState.PAUSED, 30)
    assert reason == "It did not come to an end (it was not loaded within 10 s)."
    direct = await bots.direct("greeter")
    await bots.until_says(lambda text: "is paused" in text, direct)
    bots.saves("greeter.py", HELLO)
    await bots.until_is("greeter.py", FileState.RUNNING)


async def test_state_that_is_written_at_the_last_moment_is_in_the_new_version(
    bots: BotsFolder,
) -> None:
    slow = """
        import time

        from flet_chat import Bot

        bot = Bot("slow")


        @bot.command("count")
        def count(event):
            event.say("counting")
            time.sleep(1.5)
            bot.state["count"] = bot.state.get("count", 0) + 1
            event.say(f"version 1: {bot.state['count']}")
    """
    bots.saves("slow.py", slow)
    await bots.until_is("slow.py", FileState.RUNNING)
    await bots.says("!count")
    await bots.until_says(lambda text: text == "counting")
    bots.saves("slow.py", slow.replace("version 1", "version 2"))
    await bots.until_says(lambda text: text == "version 1: 1")
    while not any(text.startswith("version 2") for text in await bots.texts()):
        await bots.says("!count")
        with contextlib.suppress(AssertionError):
            await bots.until_says(lambda text: text.startswith("version 2"), seconds=3)
    assert await bots.until_says(lambda text: text.startswith("version 2")) == "version 2: 2"


async def test_paused_bot_is_started_by_saving_the_same_text(bots: BotsFolder) -> None:
    failing = HELLO.replace('event.reply(f"Hello', 'raise ValueError(f"Hello')
    bots.saves("greeter.py", failing)
    await bots.until_is("greeter.py", FileState.RUNNING)
    for _ in range(3):
        await bots.says("!hello")
    await bots.until_is("greeter.py", FileState.PAUSED)
    bots.saves("greeter.py", failing)
    await bots.until_is("greeter.py", FileState.RUNNING)
