"""The scripts in `examples/`, and those in the page about the Python client, run as they are."""

import re
import sys
from pathlib import Path

import pytest

from chat.model.people import Person
from chat.server.app import ChatServer
from chat.workspace.timings import Timings
from tests.conftest import NewUser
from tests.harness.process import ROOT
from tests.harness.programs import ann, workspace
from tests.harness.shell import Shell

__all__ = ["ann", "workspace"]

PAGE = (ROOT / "docs" / "python-client.md").read_text("utf-8")
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.M | re.S)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets")


@pytest.fixture
def timings() -> Timings:
    """The examples follow each other faster than those of a person."""
    return Timings(program_burst=1000, room_burst=1000)


@pytest.fixture
def shell(chat: ChatServer, tmp_path: Path, ann: Person) -> Shell:
    """A shell on the computer of the chat, which Ann owns."""
    return Shell(tmp_path / "data")


async def test_text(shell: Shell, new_user: NewUser) -> None:
    bob = await new_user("Bob")
    path = ROOT / "examples" / "post_text.py"
    code, printed = await shell.runs(f"python {path} '#lobby' 'The backup is done.'")
    assert (code, printed[:8]) == (0, "message ")
    await bob.until(lambda: bob.sees("The backup is done."))
    code, printed = await shell.runs(f"python {path} '#nowhere'")
    assert (code, "no_such_room" in printed, "Traceback" in printed) == (1, True, False)


async def test_figure_and_table(shell: Shell, ann: Person, chat: ChatServer) -> None:
    path = ROOT / "examples" / "post_results.py"
    assert await shell.runs(f"python {path} '#lobby'") == (0, "")
    lobby = await chat.workspace.rooms.by_slug(ann, "lobby")
    message = await lobby.message(ann, lobby.last_number)
    assert message.text.startswith(
        "Epoch 8 is done.\n\n| epoch | loss |\n| ---: | ---: |\n| 1 | 1 |"
    )
    names = [each.name for each in message.files]
    assert names == ["figure.png", "table.csv", "post_results.py"]
    assert (message.files[0].width, message.files[0].height) == (420, 220)


async def test_stream(shell: Shell, ann: Person, chat: ChatServer) -> None:
    path = ROOT / "examples" / "stream_answer.py"
    assert await shell.runs(f"python {path} '#lobby'") == (0, "")
    lobby = await chat.workspace.rooms.by_slug(ann, "lobby")
    message = await lobby.message(ann, lobby.last_number)
    assert message.text.rstrip().endswith(
        "the disk of **runner 3** is full. I would delete its cache."
    )
    assert message.stream_state is None


async def test_page_about_the_client(shell: Shell, chat: ChatServer, ann: Person) -> None:
    blocks = BLOCK.findall(PAGE)
    script = shell.folder / "page.py"
    script.write_text("\n".join(code for kind, code in blocks if kind == "python"), "utf-8")
    code, printed = await shell.runs("python page.py")
    assert code == 0, printed
    lines = printed.splitlines()
    assert lines[0].endswith("['table.csv', 'train.log', 'note.txt']")
    assert lines[1:3] == ["script in ['lobby']", "['It is green.']"]
    assert lines[-1].startswith("no_such_room - ")
    lobby = await chat.workspace.rooms.by_slug(ann, "lobby")
    answer = await lobby.message(ann, lobby.last_number)
    assert answer.text == "Looking into it."
    tests = await lobby.message(ann, lobby.last_number - 1)
    assert tests.text == "```\ntest 0 passed\ntest 1 passed\ntest 2 passed\n```"
    (lines_of_shell,) = (code for kind, code in blocks if kind == "sh")
    assert await shell.runs(f"set -e\n{lines_of_shell}") == (0, "")
    numbers = await lobby.message(ann, lobby.last_number)
    assert numbers.text.startswith("```\n1\n2\n")
