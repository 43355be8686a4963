"""The real command in its own process, for what only a process can show: signals and restarts."""

import multiprocessing
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any, Protocol

from tests.harness.activity import MANY_POSTS_ENVIRONMENT

ROOT = Path(__file__).parents[2]

# The cache folder of the chats of this checkout.
CACHE_FOLDER = ROOT / ".pytest_cache" / "of-the-chat"


def free_port() -> int:
    """A port without a listener."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ProcessHandle(Protocol):
    """The methods of `subprocess.Popen` that are used here."""

    def poll(self) -> int | None:
        """The exit code, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended. Raises TimeoutExpired."""

    def send_signal(self, sig: int) -> None:
        """Send a signal."""


class ServerProcess:
    """`python main.py`, started, killed and started again on one folder and one port."""

    def __init__(self, data_folder: Path, *flags: str, env: dict[str, str] | None = None) -> None:
        self.data_folder = data_folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.flags = flags
        self.env = env or {}
        self.root = ROOT
        self.output_lines: list[str] = []
        self._process: ProcessHandle | None = None

    def start(self) -> "ServerProcess":
        """Start the command and wait until it says that it is ready."""
        # Without a display, unless the test sets one.
        env = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY"}}
        env |= {"XDG_CACHE_HOME": str(CACHE_FOLDER)} | MANY_POSTS_ENVIRONMENT
        arguments = [*self.flags, f"--port={self.port}", f"--data={self.data_folder}"]
        self._process, output = self._spawn(arguments, env | self.env)
        ready = threading.Event()
        threading.Thread(target=self._read_output, args=(output, ready), daemon=True).start()
        if not ready.wait(20):
            self.kill_if_running()
            raise AssertionError(f"the server did not start: {self.output_lines}")
        return self

    def stop(self, signal_number: int = signal.SIGTERM, timeout: float = 30) -> int:
        """Send a signal, and return the exit code. Raises TimeoutExpired."""
        assert self._process is not None
        self._process.send_signal(signal_number)
        return self._process.wait(timeout)

    def send_signal(self, signal_number: int) -> None:
        """Send a signal, and wait for nothing."""
        assert self._process is not None
        self._process.send_signal(signal_number)

    def wait(self, timeout: float = 30) -> int:
        """The exit code, once it has ended after a signal. Raises TimeoutExpired."""
        assert self._process is not None
        return self._process.wait(timeout)

    def kill(self) -> None:
        """SIGKILL, as when the power goes."""
        self.stop(signal.SIGKILL)

    def kill_if_running(self) -> None:
        """End it if the test did not."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def _spawn(
        self, arguments: Sequence[str], env: Mapping[str, str]
    ) -> tuple[ProcessHandle, IO[str]]:
        process = subprocess.Popen(
            [sys.executable, "main.py", *arguments],
            cwd=self.root,
            env={**env, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        return process, process.stdout

    def _read_output(self, output: IO[str], ready: threading.Event) -> None:
        with output:
            for line in output:
                self.output_lines.append(line.rstrip())
                if " is ready at " in line:
                    ready.set()
        ready.set()


class ForkedServer(ServerProcess):
    """The same command, forked off a process that has loaded it already: a second less each time.

    (Where nothing forks, and for another program or environment, it is the command itself.)
    """

    # What runs there, with the flags.
    entry = "chat.server.cli:run"

    def _spawn(
        self, arguments: Sequence[str], env: Mapping[str, str]
    ) -> tuple[ProcessHandle, IO[str]]:
        if "forkserver" not in multiprocessing.get_all_start_methods() or self.root != ROOT:
            return super()._spawn(arguments, env)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(
            ["chat.server.app", "chat.server.cli", "tests.harness.process"]
        )
        output, output_end = context.Pipe(duplex=False)
        process = context.Process(
            target=_run_forked, args=(output_end, list(arguments), dict(env), self.entry)
        )
        process.start()
        output_end.close()
        return _ForkedProcess(process), os.fdopen(os.dup(output.fileno()), encoding="utf-8")


class _ForkedProcess:
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


def _run_forked(
    output_end: Connection, arguments: list[str], env: dict[str, str], entry: str
) -> None:
    """Run the command in the forked process, as `main.py` does."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(ROOT)
    for number in (1, 2):
        os.dup2(output_end.fileno(), number)
    output_end.close()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    pkgutil.resolve_name(entry)(arguments)
