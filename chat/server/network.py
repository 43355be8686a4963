"""Addresses: where the chat listens, and how others reach it."""

import errno
import io
import socket

import segno

from chat.errors import CannotStart, PortTaken
from chat.model.site import SiteInfo
from chat.server.settings import Settings

# An address for documentation (RFC 5737). Only its route is looked up; nothing is sent to it.
_PROBE_ADDRESS = ("192.0.2.1", 9)


def bind_error(failure: OSError, host: str, port: int) -> CannotStart:
    """The error for a socket that could not be bound."""
    if failure.errno in {errno.EADDRINUSE, errno.EACCES} and port:
        if failure.errno == errno.EACCES:
            return CannotStart(f"Port {port} may not be used. Choose one over 1024 with --port.")
        return PortTaken(port)
    return CannotStart(f"{host} is no address of this computer. Choose another with --host.")


def local_url(server_socket: socket.socket) -> str:
    """The URL for this computer."""
    host, port = server_socket.getsockname()[:2]
    return _url("127.0.0.1" if host in {"0.0.0.0", "::"} else host, port)


def site_info(settings: Settings, server_socket: socket.socket) -> SiteInfo:
    """The title and the URL for others."""
    host, port = server_socket.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:
        host = network_address()
    return SiteInfo(settings.title, _url(host, port), reachable=not _is_loopback(host))


def format_for_terminal(site: SiteInfo) -> str:
    """The invitation as lines of text with a QR code."""
    if not site.reachable:
        return "This computer is on no network: only it can reach the chat."
    out = io.StringIO()
    segno.make(site.url, micro=False).terminal(out, compact=True)
    return f"Others on your network join at {site.url}\n{out.getvalue()}"


def network_address() -> str:
    """The address of this computer in its network, 127.0.0.1 without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_PROBE_ADDRESS)
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def _is_loopback(host: str) -> bool:
    return host.startswith("127.") or host in {"::1", "localhost"}


def _url(host: str, port: int) -> str:
    bracketed_host = f"[{host}]" if ":" in host else host
    return f"http://{bracketed_host}:{port}"
