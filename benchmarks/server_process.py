"""A server in its own process, with its CPU time and memory as the kernel reports them."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from tests.harness.activity import MANY_POSTS_ENVIRONMENT

ROOT = Path(__file__).parents[1]

_START_TIMEOUT = 60.0
_REPORT_TIMEOUT = 60.0
_STOP_TIMEOUT = 6.0

_IDLE_TIMEOUT = 30.0
_IDLE_INTERVAL = 0.5


class ServerFailed(Exception):
    """A server ended or did not answer; the message is the last line of its output."""


def free_port() -> int:
    """A free TCP port on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def machine_cpu() -> float:
    """Seconds that all processors together were busy since the machine started."""
    user, nice, system, _, _, *interrupts = Path("/proc/stat").read_text("ascii").split()[1:9]
    busy = sum(map(int, (user, nice, system, *interrupts)))
    return busy / os.sysconf("SC_CLK_TCK")


class Server:
    """A server process; the `with` block begins when it accepts connections and ends it."""

    def __init__(
        self, command: Sequence[str], port: int, folder: Path, *, has_usual_limits: bool = False
    ) -> None:
        """Start the command; `folder` gets its output and its temporary files.

        This chat lets people post as fast as they can, unless it `has_usual_limits`.
        """
        self.port = port
        self._log = folder / "server.log"
        # Without a screen, and without settings of the chat from this shell.
        hidden = {"DISPLAY", "WAYLAND_DISPLAY"}
        env = {k: v for k, v in os.environ.items() if not k.startswith("CHAT_") and k not in hidden}
        if not has_usual_limits:
            env |= MANY_POSTS_ENVIRONMENT
        self._started = time.monotonic()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**env, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        try:
            self._wait_until_listening()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        if error is not None:
            error.add_note(f"The last line of the server: {self._last_log_line()}")
        self._stop()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while it runs."""
        return self._process.poll()

    def cpu_seconds(self) -> float:
        """CPU seconds of all its threads, in user and kernel mode. Raises ServerFailed.

        This is the CPU clock of the process, with the id that clock_getcpuclockid(3) computes. It
        counts nanoseconds; utime + stime in /proc/<pid>/stat count hundredths of a second.
        """
        self._require_running()
        return time.clock_gettime((~self.pid << 3) | 2)

    def memory_bytes(self) -> int:
        """Its resident memory (VmRSS) in bytes. Raises ServerFailed."""
        self._require_running()
        status = Path(f"/proc/{self.pid}/status").read_text("ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024

    def wait_until_idle(self) -> None:
        """Wait until it uses almost no CPU, as after the work of its start; 30 s at most."""
        deadline = time.monotonic() + _IDLE_TIMEOUT
        used = self.cpu_seconds()
        while time.monotonic() < deadline:
            time.sleep(_IDLE_INTERVAL)
            before, used = used, self.cpu_seconds()
            if used - before < 0.02 * _IDLE_INTERVAL:
                return

    def seconds_until_ok(self, path: str) -> float:
        """Seconds from its start to the first response 200 for `path`, requested every 10 ms.

        Raises ServerFailed.
        """
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode()
        while time.monotonic() - self._started < _START_TIMEOUT:
            with contextlib.suppress(OSError), self._connection() as connection:
                connection.sendall(request)
                if b" 200 " in connection.recv(1024):
                    return time.monotonic() - self._started
            time.sleep(0.01)
        raise ServerFailed(self._last_log_line())

    def _require_running(self) -> None:
        if self._process.poll() is not None:
            raise ServerFailed(self._last_log_line())

    def _wait_until_listening(self) -> None:
        while time.monotonic() - self._started < _START_TIMEOUT and self._process.poll() is None:
            with contextlib.suppress(OSError), self._connection():
                return
            time.sleep(0.02)
        raise ServerFailed(self._last_log_line())

    def _connection(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=_START_TIMEOUT)

    def _last_log_line(self) -> str:
        lines = self._log.read_text("utf-8", "replace").strip().splitlines()
        last_line = lines[-1] if lines else "no output"
        code = self._process.poll()
        return last_line if code is None else f"{last_line} (exit code {code})"

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class InstrumentedServer(Server):
    """This chat in a process that reports about itself on a second port."""

    def __init__(
        self, module: str, folder: Path, *arguments: str, has_usual_limits: bool = False
    ) -> None:
        """`module` is one of `benchmarks.servers`; `folder` is the data folder."""
        port, self._report_port = free_port(), free_port()
        command = [sys.executable, "-m", f"benchmarks.servers.{module}", str(port), str(folder)]
        command += [str(self._report_port), *arguments]
        super().__init__(command, port, folder, has_usual_limits=has_usual_limits)

    def fetch_report(self) -> Any:
        """What the server reports now. Raises OSError."""
        address = ("127.0.0.1", self._report_port)
        with socket.create_connection(address, timeout=_REPORT_TIMEOUT) as connection:
            data = b""
            while chunk := connection.recv(1 << 16):
                data += chunk
        return json.loads(data)
