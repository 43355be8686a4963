"""A shell on the computer of the chat, with `flet-chat` and `python` of this checkout."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from tests.harness.process import ROOT


class Shell:
    """Runs lines of bash in the folder that has the data folder."""

    def __init__(self, data: Path) -> None:
        self.folder = data.parent
        commands = self.folder / "commands"
        commands.mkdir()
        for name, line in (("python", ""), ("flet-chat", " -m chat")):
            command = commands / name
            command.write_text(f'#!/bin/sh\nexec "{sys.executable}"{line} "$@"\n')
            command.chmod(0o700)
        self._environment = {
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT),
            "CHAT_DATA": str(data),
            "NO_PROXY": "*",
        }

    async def starts(self, line: str, **environment: str) -> asyncio.subprocess.Process:
        """Start a line, as the leader of its own process group."""
        return await asyncio.create_subprocess_exec(
            "bash",
            "-c",
            line,
            cwd=self.folder,
            env=self._environment | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    async def runs(self, line: str, given: str = "", **environment: str) -> tuple[int, str]:
        """Run a line with this standard input; returns its exit code, and what it printed."""
        process = await self.starts(line, **environment)
        output, errors = await process.communicate(given.encode())
        assert process.returncode is not None
        return process.returncode, (output + errors).decode()
