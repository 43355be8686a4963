"""The files of bots in the settings of their owner: how each is, why, and the button to start."""

from chat.model.programs import BotFileState, FileState
from chat.server.app import ChatServer
from tests.app.test_bot_dialogs import opens_bots
from tests.conftest import NewUser

REASON = "It failed 3 times within a minute."


async def test_owner_sees_the_files_and_starts_a_paused_one(
    chat: ChatServer, new_user: NewUser
) -> None:
    """What the process of the bots reports, and asks, is in `test_bot_files.py`."""
    ann = await new_user("Ann")
    file_bots = chat.workspace.file_bots
    await file_bots.token("greeter.py", "greeter")
    file_bots.report("greeter.py", FileState.PAUSED, REASON)
    file_bots.report("wrong.py", FileState.BROKEN, "```\nNameError: x\n```")
    started = list[str]()

    def start(file: str) -> None:
        started.append(file)
        file_bots.report(file, FileState.RUNNING, "")

    file_bots.on_start = start
    dialogs = await opens_bots(ann)
    assert "greeter.py  ·  paused" in dialogs.texts
    assert dialogs.texts[dialogs.texts.index("wrong.py") :][:3] == [
        "wrong.py",
        "does not load",
        "NameError: x",
    ]
    await ann.fires(ann.dialog.items()[0], "click")
    await dialogs.waits_for("Bot greeter")
    assert REASON in dialogs.texts and "bots folder" in dialogs.texts
    await ann.clicks("Start")
    await ann.until(lambda: "running" in dialogs.texts)
    assert started == ["greeter.py"]
    assert file_bots.files[0] == BotFileState("greeter.py", FileState.RUNNING)
    file_bots.report("greeter.py", FileState.RUNNING, "```\nSyntaxError\n```")
    bob = await new_user("Bob")
    others = await opens_bots(bob)
    assert not {"wrong.py", "greeter.py"} & set(others.texts)
