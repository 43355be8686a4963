"""Where the chat is: an address with a token, or the socket of the chat on this computer."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from flet_chat.errors import ChatError

# The name of the socket in the data folder of the chat.
SOCKET_NAME = "chat.sock"


@dataclass(frozen=True, slots=True)
class Address:
    """Where requests go: to `url`, or through `socket_path` on this computer."""

    url: str
    token: str | None = field(default=None, repr=False)
    socket_path: Path | None = None


def find_chat(
    url: str | None = None,
    token: str | None = None,
    data: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Address:
    """The address from the arguments, then from `FLET_CHAT_URL` and `FLET_CHAT_TOKEN`.

    Without an address it is the chat on this computer: the socket in its data folder, which needs
    no token. Raises ChatError.
    """
    if url is None and data is None:
        url = environ.get("FLET_CHAT_URL") or None
    token = token or environ.get("FLET_CHAT_TOKEN") or None
    if url is not None:
        if not _is_address(url):
            raise ChatError("no_chat", f"“{url}” is no address. Write it as https://chat.example.")
        return Address(url.rstrip("/"), token)
    socket_path = (data or data_folder(environ)) / SOCKET_NAME
    if not socket_path.is_socket():
        raise ChatError(
            "no_chat",
            f"No chat runs on this computer with the folder {socket_path.parent}. Start it, or "
            "name another one with FLET_CHAT_URL and FLET_CHAT_TOKEN.",
        )
    return Address("http://localhost", token, socket_path)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of the port, or of brackets
        return False


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The data folder of the chat on this computer, as the chat itself chooses it."""
    if chosen := environ.get("CHAT_DATA"):
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        base = Path("~/Library/Application Support").expanduser()
    else:
        base = Path(environ.get("XDG_DATA_HOME", "").strip() or "~/.local/share").expanduser()
    return base / "flet-chat"
