"""`docs/api.md`: every call has an example for curl and for Python, and all of them run."""

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from chat.model.people import Person
from chat.server.app import ChatServer
from chat.web.api.errors import STATUS
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.http import request
from tests.harness.process import ROOT
from tests.harness.programs import Program, ann, ops, programs, workspace

__all__ = ["ann", "ops", "programs", "workspace"]

PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
CALL = re.compile(r"^### `(\w+) /api(\S+)`$(.*?)(?=^##)", re.M | re.S)
CALLS = {(method, path): text for method, path, text in CALL.findall(PAGE + "\n##")}
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.M | re.S)
ERROR_ROW = re.compile(r"^\| (\d{3}) \| (.+) \|$", re.M)

# Each block stops at its first error; curl reports that of the answer.
SHELL_START = 'set -euo pipefail\ncurl() { command curl --fail-with-body --noproxy "*" "$@"; }\n'


def blocks(language: str) -> list[str]:
    """The examples of the calls in a language, in their order."""
    return [
        code for text in CALLS.values() for found, code in BLOCK.findall(text) if found == language
    ]


@pytest.fixture
def timings() -> Timings:
    """The examples follow each other faster than those of a person."""
    return Timings(program_burst=10_000, room_burst=10_000)


async def run(chat: ChatServer, program: Program, folder: Path, *command: str) -> str:
    """Run a command with the environment of the page; returns its output."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "CHAT": chat.url.rstrip("/"),
        "TOKEN": program.secret,
        "NO_PROXY": "*",
        "PYTHONIOENCODING": "utf-8",
    }
    running = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = (await running.communicate())[0].decode()
    assert running.returncode == 0, f"{command[-1]}\n{output}"
    return output


@pytest.fixture
async def lobby_of_examples(ops: Program, ann: Person, workspace: Workspace) -> None:
    """The examples name messages up to 44 of the lobby; number 3 is by a person."""
    await workspace.ownership.claim_if_unowned(ann)
    lobby = await workspace.rooms.enter(ops.bot, "lobby")
    assert (await lobby.post(ann, "Buy this", "spam")).number == 3
    for n in range(45):
        await ops.posts(f"message {n}")


async def test_page_has_each_call_and_each_code(chat: ChatServer) -> None:
    document = (await request(chat, "/api/openapi.json")).json()
    assert CALLS.keys() == {
        (method.upper(), path) for path, calls in document["paths"].items() for method in calls
    }
    for call, text in CALLS.items():
        assert [language for language, _ in BLOCK.findall(text)] == ["sh", "python"], call
        scopes = document["paths"][call[1]][call[0].lower()]["description"]
        assert ("Scope: " in scopes) is ("Scope: " in text), call
    rows = {
        code: int(status)
        for status, codes in ERROR_ROW.findall(PAGE)
        for code in re.findall(r"`(\w+)`", codes)
    }
    assert rows == {code.value: status for code, status in STATUS.items()}


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
@pytest.mark.usefixtures("lobby_of_examples")
async def test_examples_for_curl_run(chat: ChatServer, ops: Program, tmp_path: Path) -> None:
    for code in blocks("sh"):
        await run(chat, ops, tmp_path, "bash", "-c", SHELL_START + code)
    assert (tmp_path / "plan.txt").read_text() == "one, two, three\n"
    message = await ops.gets("/rooms/lobby/messages/42")
    assert message["text"] == "Deployed **1.5** to production."
    assert (await ops.gets("/rooms/releases"))["topic"] == "What went out when"


@pytest.mark.usefixtures("lobby_of_examples")
async def test_examples_for_python_run(chat: ChatServer, ops: Program, tmp_path: Path) -> None:
    before_calls = PAGE[: PAGE.index("\n### ")]
    (start,) = (code for language, code in BLOCK.findall(before_calls) if language == "python")
    output = await run(
        chat, ops, tmp_path, sys.executable, "-c", "\n".join([start, *blocks("python")])
    )
    assert "ops of Ann" in output
    message = await ops.gets("/rooms/lobby/messages/42")
    assert (message["text"], message["replies"]) == ("Deployed **1.6** to production.", 1)
