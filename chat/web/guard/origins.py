"""The origins whose pages may open the socket: the chat's own, and those that the owner allowed.

A browser sends the cookies with a socket whatever page opens it; only `Origin` names that page.
`Host` is the name that the browser connected to. With a foreign name that resolves to this
computer (DNS rebinding), a foreign page would have the same origin as the chat. A name in `Host`
is therefore trusted only if nobody else can own it.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import structlog
from starlette.types import Scope

log = structlog.get_logger(__name__)

_HOST_PATTERN = re.compile(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_SCHEMES = {"ws": ("http", "80"), "wss": ("https", "443")}
_SCHEMES |= {http: _SCHEMES[ws] for http, ws in (("http", "ws"), ("https", "wss"))}

# Names that no registry assigns: they have a meaning in the local network only.
_LOCAL_SUFFIXES = (".local", ".lan", ".home.arpa", ".internal")

_HTTPS = "https://"

# Headers that only proxies add.
_PROXY_HEADERS = frozenset(
    {
        b"forwarded",
        b"via",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-real-ip",
    }
)

# The log names at most this many different pages.
_MAX_LOGGED = 50


class Origins:
    """The origins that may open a socket or send a file: the page's own, and `allowed`."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self.allowed = allowed
        self._allowed_hosts = _hosts_of(allowed)
        self._logged: set[tuple[str, str]] = set()

    def is_allowed(self, scope: Scope) -> bool:
        """Whether the request comes from an allowed page. A refusal is logged."""
        origins, hosts = _header_values(scope, b"origin"), _header_values(scope, b"host")
        if len(origins) > 1 or len(hosts) != 1:
            return False
        if not origins:
            # Every browser sends it. The desktop window does not, and runs on this computer.
            return _is_loopback(_scope_address(scope, "client"))
        if origins[0] in self.allowed or origins[0] == own_origin(scope, hosts[0]):
            return True
        self._log_refusal(origins[0], hosts[0])
        return False

    def is_allowed_without_cookies(self, scope: Scope) -> bool:
        """As `is_allowed`, where no cookie counts: a program on another computer may ask, too.

        It sends no `Origin`. Neither does a browser for some requests of the page's own origin; it
        says so, and the host has to be one that nobody else can own.
        """
        if _header_values(scope, b"origin"):
            return self.is_allowed(scope)
        if not {*_header_values(scope, b"sec-fetch-site")} <= {"same-origin", "none"}:
            return False
        return own_host(scope) is not None or self._names_allowed_host(scope)

    def has_own_host(self, scope: Scope) -> bool:
        """Whether a request asks for a name of the chat, which nobody else can own.

        One without a name (HTTP/1.0) is of no browser, so that no foreign page has sent it. The
        first refusals are logged.
        """
        hosts = _header_values(scope, b"host")
        if not hosts or own_host(scope) is not None or self._names_allowed_host(scope):
            return True
        self._log_refusal("", hosts[0])
        return False

    def _names_allowed_host(self, scope: Scope) -> bool:
        hosts = _header_values(scope, b"host")
        return len(hosts) == 1 and hosts[0].lower() in self._allowed_hosts

    @property
    def has_https(self) -> bool:
        """Whether people open the chat over https: behind a proxy, which talks http with us."""
        return any(each.startswith(_HTTPS) for each in self.allowed)

    def is_https(self, scope: Scope) -> bool | None:
        """Whether the browser sent this request over https; None if that cannot be known.

        A proxy passes on the name that the browser used, or is named by `--proxy` and says https in
        X-Forwarded-Proto. Some do neither, and ask for a loopback name, as a browser on this
        computer does.
        """
        if _SCHEMES[scope["scheme"]][0] == "https":
            return True
        if not self.has_https:
            return False
        if (origins := _header_values(scope, b"origin")) and origins[0] in self.allowed:
            return origins[0].startswith(_HTTPS)
        hosts = _header_values(scope, b"host")
        if len(hosts) == 1 and f"{_HTTPS}{hosts[0]}" in self.allowed:
            return True
        return None if len(hosts) == 1 and _is_loopback_host(hosts[0]) else False

    def page_origin(self, scope: Scope) -> str | None:
        """The origin of the page that sent a request, as browsers write it: one of the chat.

        A script's request names it. Of a page that is opened, the host tells it; behind a proxy
        that passes on no host, the page that led here. None where nothing tells it.
        """
        if named := _header_values(scope, b"origin"):
            return named[0] if self.is_allowed(scope) else None
        hosts = _header_values(scope, b"host")
        if len(hosts) != 1:
            return None
        listed = sorted(each for each in self.allowed if hosts[0].lower() in _hosts_of({each}))
        if listed:
            is_https = self.is_https(scope) is not False
            return next((e for e in listed if e.startswith(_HTTPS) == is_https), listed[0])
        if self.is_https(scope) is None:
            for referrer in _header_values(scope, b"referer"):
                parts = urlsplit(referrer)
                if (origin := f"{parts.scheme}://{parts.netloc}") in self.allowed:
                    return origin
        return own_origin(scope, hosts[0].lower())

    def is_in_the_clear(self, scope: Scope) -> bool:
        """Whether others in the network can read what the browser sends."""
        if self.is_https(scope) is not False:
            return False
        hosts = _header_values(scope, b"host")
        return not (len(hosts) == 1 and _is_loopback_host(hosts[0]))

    def _log_refusal(self, origin: str, host: str) -> None:
        if (origin, host) not in self._logged and len(self._logged) < _MAX_LOGGED:
            self._logged.add((origin, host))
            what = "a page of another origin" if origin else "a foreign host name"
            message = f"{what} was refused; --origin lets one in"
            log.warning(message, origin=origin[:200], host=host[:200])


def client_address(scope: Scope) -> str:
    """The address of the client; "" of one that came through a socket in a folder."""
    return _scope_address(scope, "client")


def is_same_computer(scope: Scope) -> bool:
    """Whether the connection comes from this computer; a proxy on it counts, too."""
    client = client_address(scope)
    return not client or _is_loopback(client) or client == _scope_address(scope, "server")


def is_from_this_computer(scope: Scope) -> bool:
    """Whether a client on this computer sent the request, and not a proxy for somebody else.

    The client of the desktop window sends no `Origin`.
    """
    headers = {key for key, _ in scope["headers"]}
    if headers & _PROXY_HEADERS or not _is_loopback(_scope_address(scope, "client")):
        return False
    hosts = _header_values(scope, b"host")
    origins = [urlsplit(each).netloc for each in _header_values(scope, b"origin")]
    return len(hosts) == 1 and all(map(_is_loopback_host, (*hosts, *origins)))


def client_network(scope: Scope) -> str | None:
    """The network that new people are counted by: an IPv4 address, or half of an IPv6 one.

    None for a client on this computer. A proxy on this computer names its client last in
    `X-Forwarded-For`. Whoever is not behind one has a connection, and so an address, of their own.
    """
    if is_from_this_computer(scope):
        return None
    address = _scope_address(scope, "client")
    if _is_loopback(address) and (forwarded := _header_values(scope, b"x-forwarded-for")):
        address = forwarded[-1].rpartition(",")[2].strip()
    if not _is_ip_address(address):
        return ""
    parsed = ipaddress.ip_address(address)
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    if parsed.version == 4:
        return str(parsed)
    # A household, or a single device, has 2⁶⁴ addresses.
    return str(ipaddress.ip_network((parsed.packed, 64), strict=False))


def _is_loopback_host(host: str) -> bool:
    match = _HOST_PATTERN.fullmatch(host)
    return match is not None and (match[1] == "localhost" or _is_loopback(match[1].strip("[]")))


def _hosts_of(origins: Iterable[str]) -> set[str]:
    """The values of `Host` for these origins: some proxies add the usual port."""
    hosts = set()
    for each in origins:
        parts = urlsplit(each)
        hosts.add(parts.netloc)
        if parts.port is None:
            hosts.add(f"{parts.netloc}:{_SCHEMES[parts.scheme][1]}")
    return hosts


def own_host(scope: Scope) -> str | None:
    """`Host` in small letters, as `laptop.local:8550`; None if the name is not trusted."""
    hosts = _header_values(scope, b"host")
    if len(hosts) != 1 or own_origin(scope, hosts[0].lower()) is None:
        return None
    return hosts[0].lower()


def own_origin(scope: Scope, host: str) -> str | None:
    """The origin of the page at `host`, as browsers write it; None if the name is not trusted."""
    match = _HOST_PATTERN.fullmatch(host)
    if match is None or not _is_own_host(match[1], _scope_address(scope, "server")):
        return None
    scheme, default_port = _SCHEMES[scope["scheme"]]
    port = "" if match[2] in {None, default_port} else f":{match[2]}"
    return f"{scheme}://{match[1]}{port}"


# A browser or a proxy sends one of these; the client of the desktop window sends none.
_BROWSER_HEADERS = {b"origin", b"cookie", b"forwarded", b"x-forwarded-for", b"via"}


def is_window_handshake(scope: Scope) -> bool:
    """Whether a client may be the desktop window: it runs on this computer, and is no browser."""
    return _is_loopback(_scope_address(scope, "client")) and not any(
        name.lower() in _BROWSER_HEADERS and value for name, value in scope["headers"]
    )


def _is_own_host(name: str, server_address: str) -> bool:
    hostname = socket.gethostname().lower()
    if (
        name == "localhost"
        or _is_loopback(name.strip("[]"))
        or name in {hostname, f"{hostname}.local"}
    ):
        return True
    if _is_loopback(server_address):
        return False
    return _is_ip_address(name.strip("[]")) or "." not in name or name.endswith(_LOCAL_SUFFIXES)


def _is_ip_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    if not _is_ip_address(name):
        return False
    address = ipaddress.ip_address(name)
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _scope_address(scope: Scope, key: str) -> str:
    return str((scope.get(key) or ("",))[0])


def _header_values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
