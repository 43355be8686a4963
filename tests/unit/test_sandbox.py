"""The process that opens pictures can open nothing else: no files, no network, no children."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from chat.files import thumbnail_worker
from tests.harness.process import ROOT

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="other systems have no such rights"
)

# What a picture would do that takes over the process which opens it: each attempt, and its end.
_ATTACK = """
import json, os, socket, subprocess, sys, threading
from pathlib import Path
from PIL import Image
from chat.files import thumbnail_worker

database = sys.argv[1]
descriptor = os.open(os.path.dirname(database), os.O_RDONLY)
began = []

def attempt(name, act, *arguments):
    try:
        act(*arguments)
    except OSError as refusal:
        print(json.dumps([name, refusal.errno]), file=sys.stderr)
    except RuntimeError:
        print(json.dumps([name, -1]), file=sys.stderr)
    else:
        print(json.dumps([name, 0]), file=sys.stderr)

def attack():
    attempt("read the database", Path(database).read_bytes)
    attempt("read it in an open folder", lambda: os.open("chat.db", os.O_RDONLY, dir_fd=descriptor))
    attempt("write a file", lambda: os.open(database + ".new", os.O_CREAT | os.O_WRONLY))
    attempt("delete the database", os.unlink, database)
    attempt("rename the database", os.rename, database, database + ".old")
    attempt("change its rights", os.chmod, database, 0o777)
    attempt("open a TCP socket", socket.socket)
    attempt("open a UDP socket", socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    attempt("open a Unix socket", socket.socket, socket.AF_UNIX)
    attempt("fork", os.fork)
    attempt("start a program", os.execv, sys.executable, [sys.executable, "-c", ""])
    attempt("start a child", subprocess.run, [sys.executable, "-c", ""])
    attempt("end the parent", os.kill, os.getppid(), 0)
    attempt("begin a thread", lambda: threading.Thread(target=began.append, args=[1]).start())
    raise ValueError("this is no picture")

def open_or_attack(data, formats):
    # Before it has given up its rights, the process opens pictures of its own.
    return attack() if data.getvalue() == b"bytes" else open_picture(data, formats=formats)

open_picture, Image.open = Image.open, open_or_attack
thumbnail_worker.main("thumbnails", 1_000_000, 5, (480, 2048))
"""


def test_taken_over_process_reaches_no_files_no_network_and_no_children(tmp_path: Path) -> None:
    database = tmp_path / "chat.db"
    database.write_bytes(b"the messages of all rooms")
    process = subprocess.run(
        [sys.executable, "-c", _ATTACK, str(database)],
        input=b"bytes",
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    header = json.loads(process.stdout.partition(b"\n")[0])
    # Landlock is there if the kernel was started with it.
    assert {*header["restrictions"]} - {"landlock"} == {"no new privileges", "seccomp"}
    attempts = dict(map(json.loads, process.stderr.decode().splitlines()))
    # Threads of an encoder are no processes.
    assert attempts.pop("begin a thread") == 0
    assert len(attempts) == 13
    assert {name for name, error in attempts.items() if not error} == set()
    assert database.read_bytes() == b"the messages of all rooms"
    assert [each.name for each in tmp_path.iterdir()] == ["chat.db"]


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("PNG", "RGBA"),
        ("PNG", "I;16"),
        ("GIF", "P"),
        ("WEBP", "RGBA"),
        ("MPO", "RGB"),
    ],
)
def test_every_kind_of_picture_is_opened_with_these_rights(name: str, mode: str) -> None:
    content, options = io.BytesIO(), {}
    picture = Image.new(mode, (900, 700))
    if name == "MPO":
        options = {"save_all": True, "append_images": [picture]}
    picture.save(content, name, **options)
    arguments = ("thumbnails", "1000000", "5", "480", "2048")
    process = subprocess.run(
        [sys.executable, "-P", thumbnail_worker.__file__, *arguments],
        input=content.getvalue(),
        capture_output=True,
        check=True,
    )
    header = json.loads(process.stdout.partition(b"\n")[0])
    assert (header["width"], header["height"]) == (900, 700), header
    assert "seccomp" in header["restrictions"]
    assert process.stderr == b""
