"""The socket in the data folder, through which programs on this computer reach the chat."""

import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

SOCKET_NAME = "chat.sock"

_BACKLOG = 128


@contextmanager
def local_socket(folder: Path) -> Iterator[socket.socket | None]:
    """The listening socket, which only the user of this process can open; removed at the end.

    There is none on Windows, nor where it cannot be made; the log says why. The caller holds the
    lock of the data folder, so a socket that is there was left by a process that was killed.
    """
    path = folder / SOCKET_NAME
    opened = _open(path)
    try:
        yield opened
    finally:
        if opened is not None:
            opened.close()
            path.unlink(missing_ok=True)


def _open(path: Path) -> socket.socket | None:
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        return None
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        if _is_socket(path):
            path.unlink()
        opened.bind(str(path))
        # Nobody can connect before it listens.
        path.chmod(0o600)
        opened.listen(_BACKLOG)
    except OSError as failure:
        opened.close()
        log.warning(
            "programs on this computer need a token: the socket was not made. A shorter path of "
            "the data folder, or a folder on a local disk, helps",
            path=str(path),
            reason=str(failure),
        )
        return None
    return opened


def _is_socket(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(path.lstat().st_mode)
    except FileNotFoundError:
        return False
