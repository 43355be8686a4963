"""Addresses: where the chat listens, and how others reach it."""

import errno
import io
import socket
from collections.abc import Collection

import segno

from chat.errors import CannotStart, PortTaken
from chat.model.joining import JoinPolicy
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


def site_info(
    settings: Settings, server_socket: socket.socket, certified: Collection[str] | None = None
) -> SiteInfo:
    """The title and the URL for others.

    With a certificate, `certified` has its names and addresses: one of them is in the URL. An
    https address that the owner names is what people open.
    """
    if named := sorted(each for each in settings.origins if each.startswith("https:")):
        return SiteInfo(settings.title, named[0] + settings.base_path, reachable=True)
    host, port = server_socket.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:
        host = network_address()
    is_reachable = not _is_loopback(host)
    if certified is not None and host not in certified:
        host = next((each for each in sorted(certified) if each.endswith(".local")), host)
    scheme = "http" if certified is None else "https"
    url = _url(host, port, scheme) + settings.base_path
    return SiteInfo(settings.title, url, reachable=is_reachable)


# What strangers who open the address need, where it is not open to everybody.
_DOORS = {
    JoinPolicy.INVITE: "They need an invitation: “Invite” in the chat makes one.",
    JoinPolicy.APPROVE: "You let them in: the chat tells you who asks.",
}


def format_for_terminal(site: SiteInfo, policy: JoinPolicy = JoinPolicy.OPEN) -> str:
    """The address as lines of text with a QR code, and what the door asks of strangers."""
    if not site.reachable:
        return "This computer is on no network: only it can reach the chat."
    out = io.StringIO()
    segno.make(site.url, micro=False).terminal(out, compact=True)
    invitation = f"Others on your network join at {site.url}\n{out.getvalue()}"
    if policy in _DOORS:
        invitation += f"\n{_DOORS[policy]}"
    if not site.certificate_words:
        return invitation
    trust_url = site.url.replace("https:", "http:", 1)
    return (
        f"{invitation}\nTheir devices trust this chat once: {trust_url} shows how.\n"
        f"It has to show the same six words: {site.certificate_words}"
    )


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


def _url(host: str, port: int, scheme: str = "http") -> str:
    bracketed_host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{bracketed_host}:{port}"
