"""The real command in its own process, for what only a process can show: signals and restarts."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
        self._process: subprocess.Popen[str] | None = None

    def starts(self) -> "Server":
        """Start the command and wait until it says that it is ready."""
        # Without a screen, unless the test brings one.
        env = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY"}}
        process = subprocess.Popen(
            [sys.executable, "main.py", *self.flags, f"--port={self.port}", f"--data={self.data}"],
            cwd=self.root,
            env={**env, "PYTHONUNBUFFERED": "1", **self.env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._process = process
        ready = threading.Event()
        threading.Thread(target=self._read, args=(process, ready), daemon=True).start()
        if not ready.wait(20):
            process.kill()
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
            self._process.kill()
            self._process.wait()

    def _read(self, process: "subprocess.Popen[str]", ready: threading.Event) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self.lines.append(line.rstrip())
                if " is ready at " in line:
                    ready.set()
        ready.set()
