"""A server in its own process, and what the kernel knows of it: CPU time and memory."""

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

ROOT = Path(__file__).parents[1]

_START_TIMEOUT = 60.0
_REPORT_TIMEOUT = 60.0
_STOP_TIMEOUT = 6.0

_IDLE_TIMEOUT = 30.0
_IDLE_INTERVAL = 0.5


class ServerFailed(Exception):
    """A server ended, or did not answer; the words are the last that it wrote."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def machine_cpu() -> float:
    """Seconds that all processors together have worked since the machine started."""
    user, nice, system, _, _, *interrupts = Path("/proc/stat").read_text("ascii").split()[1:9]
    busy = sum(map(int, (user, nice, system, *interrupts)))
    return busy / os.sysconf("SC_CLK_TCK")


class Server:
    """One server, from its start until it answers on its port, to its end."""

    def __init__(self, command: Sequence[str], port: int, folder: Path) -> None:
        """`folder` takes its output, and what it would leave in the folder for temporary files."""
        self.port = port
        self._log = folder / "server.log"
        # No screen, and no setting of the chat's that stands in this shell.
        hidden = {"DISPLAY", "WAYLAND_DISPLAY"}
        env = {k: v for k, v in os.environ.items() if not k.startswith("CHAT_") and k not in hidden}
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

    def __exit__(self, *_: object) -> None:
        self._stop()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """What it ended with; None while it runs."""
        return self._process.poll()

    def cpu_seconds(self) -> float:
        """Seconds that all its threads have used, in user and kernel mode. Raises ServerFailed.

        The same as utime + stime in /proc/<pid>/stat, but in nanoseconds, not in hundredths of a
        second: the process's own clock, whose number is made as clock_getcpuclockid(3) makes it.
        """
        self._require_running()
        return time.clock_gettime((~self.pid << 3) | 2)

    def memory_bytes(self) -> int:
        """Bytes of it that are in memory now. Raises ServerFailed."""
        self._require_running()
        status = Path(f"/proc/{self.pid}/status").read_text("ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024

    def wait_until_idle(self) -> None:
        """Wait until it has done what it does once after its start: almost no CPU for a while."""
        deadline = time.monotonic() + _IDLE_TIMEOUT
        used = self.cpu_seconds()
        while time.monotonic() < deadline:
            time.sleep(_IDLE_INTERVAL)
            before, used = used, self.cpu_seconds()
            if used - before < 0.02 * _IDLE_INTERVAL:
                return

    def seconds_until_ok(self, path: str) -> float:
        """How long after its start `path` was first answered with 200; asked every 10 ms."""
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
        last_line = lines[-1] if lines else "it said nothing"
        code = self._process.poll()
        return last_line if code is None else f"{last_line} (it ended with {code})"

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class InstrumentedServer(Server):
    """This chat in a process that reports about itself on a second port."""

    def __init__(self, module: str, folder: Path, *arguments: str) -> None:
        """`module` is one of `benchmarks.servers`; `folder` is the data folder."""
        port, self._report_port = free_port(), free_port()
        command = [sys.executable, "-m", f"benchmarks.servers.{module}", str(port), str(folder)]
        super().__init__([*command, str(self._report_port), *arguments], port, folder)

    def fetch_report(self) -> Any:
        """What the server reports now. Raises OSError."""
        address = ("127.0.0.1", self._report_port)
        with socket.create_connection(address, timeout=_REPORT_TIMEOUT) as connection:
            data = b""
            while chunk := connection.recv(1 << 16):
                data += chunk
        return json.loads(data)
