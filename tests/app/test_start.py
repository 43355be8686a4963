"""The start and the end of the command under odd conditions: no sentence is a traceback."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.harness.permissions import obey_permissions
from tests.harness.process import CACHE_FOLDER, ROOT, ServerProcess

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and permissions")

COMMAND = (sys.executable, "main.py", "--web", "--no-browser", "--port=0")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """The command with an empty data folder, not started yet."""
    server = ServerProcess(tmp_path / "data", "--web", "--no-browser")
    yield server
    server.kill_if_running()


def run_until_it_ends(data: Path, **options: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user whom file permissions bind."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(CACHE_FOLDER), **options}
    return subprocess.run(
        [*COMMAND, f"--data={data}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=obey_permissions,
    )


def database_without_rights(data: Path) -> None:
    (data / "chat.db").chmod(0o400)


def folder_without_rights(data: Path) -> None:
    data.chmod(0o500)


def files_without_rights(data: Path) -> None:
    (data / "files").mkdir(exist_ok=True)
    (data / "files").chmod(0o500)


def files_that_are_a_file(data: Path) -> None:
    (data / "files").rmdir()
    (data / "files").touch()


@pytest.mark.parametrize(
    "damage",
    [
        database_without_rights,
        folder_without_rights,
        files_without_rights,
        files_that_are_a_file,
    ],
    ids=lambda each: each.__name__,
)
def test_data_that_cannot_be_written_is_refused_at_the_start(
    server: ServerProcess, damage: Callable[[Path], None]
) -> None:
    server.start()
    assert server.stop() == 0
    damage(server.data_folder)
    try:
        ended = run_until_it_ends(server.data_folder)
    finally:
        server.data_folder.chmod(0o700)
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout == ""
    (line,) = [each for each in ended.stderr.splitlines() if not each.startswith("timestamp=")]
    assert line.startswith("flet-chat: ")
    assert str(server.data_folder) in line


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_signal_closes_the_chat_in_order(server: ServerProcess, number: signal.Signals) -> None:
    server.start()
    assert server.stop(number) == 0
    assert not (server.data_folder / "chat.db-wal").exists()


# Python names each module that it has loaded; before the first of these it has not come to ours.
@pytest.mark.parametrize("module", ["click", "chat.server.cli", "sqlalchemy", "starlette", "flet"])
def test_interrupt_while_the_program_loads_prints_no_traceback(tmp_path: Path, module: str) -> None:
    python, *arguments = COMMAND
    process = subprocess.Popen(
        [python, "-X", "importtime", *arguments, f"--data={tmp_path}"],
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(CACHE_FOLDER)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    assert any(line.split("|")[-1].strip() == module for line in process.stdout), module
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert "Traceback" not in output
    assert process.returncode in {0, 130}


CLOSED_STREAMS = ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "| true"]


@pytest.mark.parametrize("streams", CLOSED_STREAMS)
def test_chat_runs_with_closed_standard_streams(server: ServerProcess, streams: str) -> None:
    arguments = f"--web --no-browser --port={server.port} --data={server.data_folder}"
    pid_file = server.data_folder.with_name("pid")
    script = f"sh -c 'echo $$ > {pid_file}; exec {sys.executable} main.py {arguments}' {streams}"
    shell = subprocess.Popen(
        ["sh", "-c", script],
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(CACHE_FOLDER)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 40
    status = 0
    while status != 200 and time.monotonic() < deadline:
        try:
            status = httpx.get(server.address + "/healthz", trust_env=False).status_code
        except httpx.TransportError:
            time.sleep(0.1)
    os.kill(int(pid_file.read_text()), signal.SIGTERM)
    shell.wait(30)
    assert status == 200
    # Nothing was printed into the database.
    with (server.data_folder / "chat.db").open("rb") as file:
        assert file.read(15) == b"SQLite format 3"


def test_control_characters_of_a_header_reach_neither_the_terminal_nor_the_log(
    server: ServerProcess,
) -> None:
    server.start()
    request = b"POST /token HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nOrigin: %s\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        # C1: a terminal takes 9B for “ESC [”, and 85 for a new line.
        connection.sendall(request % b"http://\x9b31mred\x85second-line")
        assert b" 403 " in connection.recv(4096)
    assert server.stop() == 0
    log = (server.data_folder / "chat.log").read_text("utf-8")
    for lines in (log.splitlines(), server.output_lines):
        (line,) = [each for each in lines if "another origin" in each]
        assert r"http://\x9b31mred\x85second-line" in line


def test_control_characters_of_an_event_are_escaped_in_the_log(tmp_path: Path) -> None:
    script = (
        "import logging, pathlib, structlog; from chat.server.logs import set_up_logs\n"
        f"set_up_logs(pathlib.Path({str(tmp_path)!r}))\n"
        "text = ''.join(map(chr, [*range(32), *range(127, 160), 0x2028, 0x202e, 0x2066]))\n"
        "structlog.get_logger('chat').warning('one', host=text)\n"
        "logging.getLogger('uvicorn').warning('two %s', text)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    log = (tmp_path / "chat.log").read_text("utf-8")
    for text in (ended.stderr, log):
        one, two, end = text.split("\n")
        assert (one + two).isprintable()
        assert end == ""
        assert r"\x1b" in one
        assert r"\x9b" in two


def test_equal_lines_of_asyncio_are_logged_once_a_minute(tmp_path: Path) -> None:
    script = (
        "import logging, pathlib; from chat.server.logs import set_up_logs\n"
        f"set_up_logs(pathlib.Path({str(tmp_path)!r}))\n"
        "for text in [*50 * ['socket.accept() out of system resource'], 'other']:\n"
        "    logging.getLogger('asyncio').error(text)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True)
    lines = (tmp_path / "chat.log").read_text("utf-8").splitlines()
    assert ["out of system resource" in each for each in lines] == [True, False]


def test_chat_runs_without_a_home_folder(server: ServerProcess) -> None:
    server.env = {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": "", "XDG_DATA_HOME": ""}
    server.start()
    assert httpx.get(server.address, trust_env=False).status_code == 200
    assert server.stop() == 0
    log = (server.data_folder / "chat.log").read_text()
    assert "Traceback" not in log
    assert "not compressed" in log


def test_page_is_served_after_temporary_files_were_cleaned(
    server: ServerProcess, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    server.env = {"TMPDIR": str(temporary)}
    server.start()
    assert list(temporary.iterdir()) == [], "nothing is left there, also after a kill"
    temporary.rmdir()
    for path in ("/", "/room/lobby", "/manifest.json", "/sw.js", "/flutter_bootstrap.js"):
        response = httpx.get(server.address + path, trust_env=False)
        assert response.status_code == 200, path
        if etag := response.headers.get("etag"):
            again = httpx.get(
                server.address + path, headers={"if-none-match": etag}, trust_env=False
            )
            assert again.status_code == 304, path


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="only Linux tells the limits")
def test_command_allows_as_many_connections_as_the_system(tmp_path: Path) -> None:
    command = f'ulimit -Sn 256; exec "$0" "$@" --data={tmp_path / "data"}'
    with subprocess.Popen(
        ["/bin/sh", "-c", command, *COMMAND],
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(CACHE_FOLDER)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert "is ready at" in process.stdout.readline()
            limits = Path(f"/proc/{process.pid}/limits").read_text("utf-8")
        finally:
            process.terminate()
    (line,) = (each for each in limits.splitlines() if each.startswith("Max open files"))
    soft, hard = line.split()[3:5]
    assert soft == hard
