"""The addresses that outgoing webhooks may have: no host of the own network, unless it is named.

Whoever may make a webhook lets the chat send requests. Without a limit that would be to every
service that only the chat's computer can reach: databases, routers, the metadata of a cloud. A name
is looked up at each request, each address behind it is checked, and the connection is made to the
checked address, so that another answer to a second question changes nothing.
"""

import ipaddress
import re
import socket
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import httpx
import structlog

from chat.errors import (
    BadHookAddress,
    HookAddressRefused,
    OwnHookAddress,
    SlowDown,
    UnknownHost,
)
from chat.tasks import run_in_daemon_thread

log = structlog.get_logger(__name__)

# The longest address, in characters.
URL_LIMIT = 2000

# Names that are looked up at once, each in a thread. A resolver may take half a minute, and cannot
# be stopped: a request that gives up after ten seconds leaves its thread behind.
LOOKUP_LIMIT = 64

# When there are so many, a further one is to be tried again after this time, in seconds.
_LOOKUP_WAIT = 10.0

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

# White space, control characters, and what browsers and servers read differently.
_BAD_CHARACTERS = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"`{}|^\u2028\u2029]")

# The only addresses of IPv6 that are routed in the internet (RFC 4291). Of them, 2001::/32 (Teredo)
# and 2002::/16 (6to4) stand for addresses of IPv4, and 3fff::/20 is for documentation (RFC 9637).
_GLOBAL_IPV6 = IPv6Network("2000::/3")
_EXCEPTIONS = tuple(map(IPv6Network, ("2001::/32", "2002::/16", "3fff::/20")))

# IPv6 for an address of IPv4, through a translator (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")

# The former anycast address of 6to4 (RFC 7526).
_RELAYS = IPv4Network("192.88.99.0/24")

_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The checked addresses of a host, in order of preference, and the port."""

    url: httpx.URL
    ip_addresses: tuple[IpAddress, ...]


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """The hosts and networks that the owner of the chat has named."""

    names: frozenset[str] = frozenset()
    networks: tuple[IpNetwork, ...] = ()

    @classmethod
    def parse(cls, values: Iterable[str]) -> "AllowedHosts":
        """Names as `grafana.internal`, addresses as `10.0.0.5`, networks as `10.0.0.0/8`.

        Raises ValueError with the value that is none of these.
        """
        names, networks = set[str](), list[IpNetwork]()
        for value in values:
            host = value.strip().strip("[]")
            try:
                networks.append(_unmapped_network(host))
            except ValueError:
                name = host.lower().rstrip(".")
                if not _HOST_NAME.fullmatch(name):
                    raise ValueError(value) from None
                names.add(name)
        return cls(frozenset(names), tuple(networks))

    def have(self, host: str, ip_address: IpAddress) -> bool:
        """Whether a host is named, or a network that this address of it is in."""
        return host in self.names or any(
            ip_address.version == each.version and ip_address in each for each in self.networks
        )


class AddressRules:
    """Decides which addresses the chat connects to.

    `own_hosts` are the names at which the chat itself is opened, `own_port` is where it listens.
    """

    def __init__(
        self, allowed: AllowedHosts, own_hosts: Iterable[str] = (), own_port: int | None = None
    ) -> None:
        self._allowed = allowed
        self._own_hosts = frozenset(each.lower().rstrip(".") for each in own_hosts)
        self._own_port = own_port
        self._lookups = 0
        self._lock = threading.Lock()

    async def check(self, text: str) -> str:
        """An address as it is stored. Raises BadHookAddress and SlowDown."""
        url = parse_address(text)
        await self.endpoint(url)
        return str(url)

    async def endpoint(self, url: httpx.URL) -> Endpoint:
        """Where to connect for an address, at this moment. Raises BadHookAddress and SlowDown.

        All addresses of the host have to be allowed: which one is taken would be chance.
        """
        host, port = host_of(url), url.port or _DEFAULT_PORTS[url.scheme]
        found = await run_in_daemon_thread(partial(self._look_up, host, port))
        for ip_address, is_own in found:
            if is_own and port == self._own_port:
                raise OwnHookAddress
            is_refused = is_own or host in self._own_hosts or not is_public(ip_address)
            if is_refused and not self._allowed.have(host, ip_address):
                log.info("refused the address of a webhook", host=host, ip=str(ip_address))
                raise HookAddressRefused(host)
        return Endpoint(url, tuple(ip_address for ip_address, _ in found))

    def _look_up(self, host: str, port: int) -> list[tuple[IpAddress, bool]]:
        """The addresses of a host, each with whether it is one of this computer. Blocks."""
        with self._lock:
            if self._lookups >= LOOKUP_LIMIT:
                raise SlowDown(_LOOKUP_WAIT)
            self._lookups += 1
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            texts = dict.fromkeys(str(info[4][0]) for info in infos)
            ip_addresses = dict.fromkeys(_unmapped(ipaddress.ip_address(each)) for each in texts)
            return [(each, is_own(each)) for each in ip_addresses]
        except (OSError, ValueError, UnicodeError):
            raise UnknownHost(host) from None
        finally:
            with self._lock:
                self._lookups -= 1


_DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_address(text: str) -> httpx.URL:
    """The URL of a receiver, without its fragment. Raises BadHookAddress."""
    text = text.strip()
    if len(text) > URL_LIMIT:
        raise BadHookAddress(
            "This address is too long. Use one of at most {limit} characters.", limit=URL_LIMIT
        )
    try:
        url = httpx.URL(text)
        # (An IPv4 address with too many digits, as 1.2.3.4.5, is taken for a name here.)
        port = 1 if url.port is None else url.port
        is_whole = bool(url.host) and url.scheme in _DEFAULT_PORTS and 0 < port <= 65535
    except (httpx.InvalidURL, ValueError):
        is_whole = False
    if not is_whole or _BAD_CHARACTERS.search(text) or "%" in url.netloc.decode("ascii", "replace"):
        raise BadHookAddress(
            "This is no address of a receiver. Write it as https://example.org/chat."
        )
    if url.userinfo:
        raise BadHookAddress(
            "Leave the name and the password out of the address. The receiver knows the chat by "
            "the signature of its requests."
        )
    return url.copy_with(fragment=None)


def is_public(ip_address: IpAddress) -> bool:
    """Whether an address is one of the internet.

    `is_global` of the standard library is not enough: it is true for addresses that stand for
    others, and for some multicast.
    """
    if isinstance(ip_address, IPv6Address):
        if ip_address.scope_id is not None:
            return False
        if (mapped := ip_address.ipv4_mapped) is not None:
            return is_public(mapped)
        if ip_address in _NAT64:
            return is_public(IPv4Address(ip_address.packed[-4:]))
        if ip_address not in _GLOBAL_IPV6 or any(ip_address in each for each in _EXCEPTIONS):
            return False
    elif ip_address in _RELAYS:
        return False
    return ip_address.is_global and not ip_address.is_multicast and not ip_address.is_reserved


def is_own(ip_address: IpAddress) -> bool:
    """Whether an address is one of this computer. Nothing is sent: its route is looked up."""
    if ip_address.is_loopback or ip_address.is_unspecified:
        return True
    family = socket.AF_INET if ip_address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(ip_address), 9))
            return ipaddress.ip_address(probe.getsockname()[0]) == ip_address
    except (OSError, ValueError):
        return False


def host_of(url: httpx.URL) -> str:
    """The host as resolvers take it: ASCII, in lower case, without the dot at its end."""
    return url.raw_host.decode("ascii").strip("[]").lower().rstrip(".")


def _unmapped_network(text: str) -> IpNetwork:
    network = ipaddress.ip_network(text, strict=False)
    if network.num_addresses == 1:
        return ipaddress.ip_network(_unmapped(network.network_address))
    return network


def _unmapped(ip_address: IpAddress) -> IpAddress:
    """The address of IPv4 that an address of IPv6 stands for on this computer."""
    mapped = ip_address.ipv4_mapped if isinstance(ip_address, IPv6Address) else None
    return ip_address if mapped is None else mapped
