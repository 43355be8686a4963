"""Whose page may open the socket: the chat's own, and those that its owner named.

A browser sends its cookies with a socket whatever page opens it, and only tells in `Origin` which
page that was. It also writes into `Host` the name that it was sent to: a foreign name that leads
here (DNS rebinding) would make a foreign page the chat's own, so that names count only where
nobody else can own them.
"""

import ipaddress
import re
import socket

import structlog
from starlette.types import Scope

log = structlog.get_logger(__name__)

_HOST = re.compile(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_SCHEMES = {"ws": ("http", "80"), "wss": ("https", "443")}
_SCHEMES |= {http: _SCHEMES[ws] for http, ws in (("http", "ws"), ("https", "wss"))}

# Names that no registry gives away: they mean something in this network only.
_LOCAL_ENDINGS = (".local", ".lan", ".home.arpa", ".internal")

# So many different pages are told of in the log.
_TOLD = 50


class Origins:
    """The origins that may open a socket or send a file; `others` are those besides the page's
    own."""

    def __init__(self, others: frozenset[str]) -> None:
        self._others = others
        self._told: set[tuple[str, str]] = set()

    def let_in(self, scope: Scope) -> bool:
        """Whether the page that asks for this may; who may not is told of in the log."""
        origins, hosts = _all(scope, b"origin"), _all(scope, b"host")
        if len(origins) > 1 or len(hosts) != 1:
            return False
        if not origins:
            # No browser leaves it out: the desktop window does, and it runs on this computer.
            return _is_loopback(_address(scope, "client"))
        if origins[0] in self._others or origins[0] == own_origin(scope, hosts[0]):
            return True
        self._tell(origins[0], hosts[0])
        return False

    def _tell(self, origin: str, host: str) -> None:
        if (origin, host) not in self._told and len(self._told) < _TOLD:
            self._told.add((origin, host))
            words = "a page of another origin was refused; --origin lets one in"
            log.warning(words, origin=origin[:200], host=host[:200])


def own_origin(scope: Scope, host: str) -> str | None:
    """The origin of the page at `host`, as browsers write it; None if the name is not ours."""
    found = _HOST.fullmatch(host)
    if found is None or not _is_ours(found[1], _address(scope, "server")):
        return None
    scheme, usual = _SCHEMES[scope["scheme"]]
    port = "" if found[2] in {None, usual} else f":{found[2]}"
    return f"{scheme}://{found[1]}{port}"


def _is_ours(name: str, reached_at: str) -> bool:
    own = socket.gethostname().lower()
    if name == "localhost" or _is_loopback(name.strip("[]")) or name in {own, f"{own}.local"}:
        return True
    if _is_loopback(reached_at):
        return False
    return _is_address(name.strip("[]")) or "." not in name or name.endswith(_LOCAL_ENDINGS)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    if not _is_address(name):
        return False
    address = ipaddress.ip_address(name)
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _address(scope: Scope, end: str) -> str:
    return str((scope.get(end) or ("",))[0])


def _all(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
