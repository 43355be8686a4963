"""The real command in its own process, for what only a process can show: signals and restarts."""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any, Protocol

ROOT = Path(__file__).parents[2]

# What chats keep for this person; those of other checkouts have their own.
CACHE = ROOT / ".pytest_cache" / "of-the-chat"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process(Protocol):
    """What `subprocess.Popen` can, as far as it is needed here."""

    def poll(self) -> int | None:
        """The exit code, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended. Raises TimeoutExpired."""

    def send_signal(self, sig: int) -> None:
        """Send a signal."""


class Server:
    """`python main.py`, started, killed and started again on one folder and one port."""

    def __init__(self, data: Path, *flags: str, env: dict[str, str] | None = None) -> None:
        self.data = data
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.flags = flags
        self.env = env or {}
        self.root = ROOT
        self.lines: list[str] = []
        self._process: Process | None = None

    def starts(self) -> "Server":
        """Start the command and wait until it says that it is ready."""
        # Without a screen, unless the test brings one.
        env = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY"}}
        env["XDG_CACHE_HOME"] = str(CACHE)
        words = [*self.flags, f"--port={self.port}", f"--data={self.data}"]
        self._process, printed = self._begins(words, env | self.env)
        ready = threading.Event()
        threading.Thread(target=self._read, args=(printed, ready), daemon=True).start()
        if not ready.wait(20):
            self.is_cleared_away()
            raise AssertionError(f"the server did not start: {self.lines}")
        return self

    def ends(self, number: int = signal.SIGTERM, seconds: float = 10) -> int:
        """Send a signal, and return the exit code. Raises TimeoutExpired."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(seconds)

    def dies(self) -> None:
        """SIGKILL, as when the power goes."""
        self.ends(signal.SIGKILL)

    def is_cleared_away(self) -> None:
        """End it if the test did not."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def _begins(self, words: Sequence[str], env: Mapping[str, str]) -> tuple[Process, IO[str]]:
        process = subprocess.Popen(
            [sys.executable, "main.py", *words],
            cwd=self.root,
            env={**env, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        return process, process.stdout

    def _read(self, printed: IO[str], ready: threading.Event) -> None:
        with printed:
            for line in printed:
                self.lines.append(line.rstrip())
                if " is ready at " in line:
                    ready.set()
        ready.set()


class Swift(Server):
    """The same command, forked off a process that has loaded it already: a second less each time.

    (Where nothing forks, and for another program or environment, it is the command itself.)
    """

    def _begins(self, words: Sequence[str], env: Mapping[str, str]) -> tuple[Process, IO[str]]:
        if "forkserver" not in multiprocessing.get_all_start_methods() or self.root != ROOT:
            return super()._begins(words, env)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(
            ["chat.server.app", "chat.server.cli", "tests.harness.process"]
        )
        printed, prints = context.Pipe(duplex=False)
        process = context.Process(target=_runs, args=(prints, list(words), dict(env)))
        process.start()
        prints.close()
        return _Forked(process), os.fdopen(os.dup(printed.fileno()), encoding="utf-8")


class _Forked:
    def __init__(self, process: Any) -> None:
        self._process = process

    def poll(self) -> int | None:
        code: int | None = self._process.exitcode
        return code

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("main.py", timeout or 0)
        return code

    def send_signal(self, sig: int) -> None:
        os.kill(self._process.pid, sig)


def _runs(prints: Connection, words: list[str], env: dict[str, str]) -> None:
    """In the process that was forked: what `main.py` does."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(ROOT)
    for number in (1, 2):
        os.dup2(prints.fileno(), number)
    prints.close()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    from chat.server.cli import run

    run(words)
