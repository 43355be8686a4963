"""How many connections and web sockets one address may have open.

Each takes a file descriptor, and a web socket a session of about a hundred kilobytes. Without a
bound one computer could take all of them.
"""

import contextlib
import ipaddress
from collections import Counter
from collections.abc import Iterator
from time import monotonic

import structlog

log = structlog.get_logger(__name__)

# Connections of one address for each of its web sockets: pages, files and requests of programs.
CONNECTIONS_PER_SOCKET = 2

# Seconds between two lines about refusals in the log.
LOG_INTERVAL = 60.0

# A computer has all addresses of such a network (RFC 4291, 2.5.4).
_IPV6_PREFIX = 64

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class AddressLimits:
    """Counts what each address has open: at most `sockets` web sockets, and twice as many
    connections.

    Programs on this computer are not counted, nor are `proxies`, the networks of proxies: a proxy
    opens connections for everybody behind it. Their web sockets are counted by the address that the
    proxy names.
    """

    def __init__(self, sockets: int, proxies: tuple[Network, ...] = ()) -> None:
        self._max_sockets = sockets
        self._proxies = proxies
        self._connections: Counter[str] = Counter()
        self._sockets: Counter[str] = Counter()
        # Refusals since the last line in the log, and since the start.
        self._refused_count = 0
        self.refused_in_all = 0
        self._logged_at = -LOG_INTERVAL

    def add_connection(self, address: str) -> bool:
        """Count a connection; False if the address has too many, which is not counted.

        Each that was counted is to be removed once.
        """
        return self._add(self._connections, address, self._max_sockets * CONNECTIONS_PER_SOCKET)

    def remove_connection(self, address: str) -> None:
        """A counted connection has ended."""
        _remove(self._connections, _counted_address(address))

    @contextlib.contextmanager
    def socket(self, address: str) -> Iterator[bool]:
        """Count a web socket while it is open; False if the address has too many."""
        is_counted = self._add(self._sockets, address, self._max_sockets)
        try:
            yield is_counted
        finally:
            if is_counted:
                _remove(self._sockets, _counted_address(address))

    def _add(self, counts: Counter[str], address: str, limit: int) -> bool:
        counted = _counted_address(address)
        if counts[counted] >= limit and not self._is_exempt(address):
            self._log_refusal(counted)
            return False
        counts[counted] += 1
        return True

    def _is_exempt(self, address: str) -> bool:
        parsed = _parse(address)
        # A socket of the data folder has no address.
        return parsed is None or parsed.is_loopback or any(parsed in each for each in self._proxies)

    def _log_refusal(self, address: str) -> None:
        self._refused_count += 1
        self.refused_in_all += 1
        if monotonic() - self._logged_at >= LOG_INTERVAL:
            message = "an address has too many connections; --sockets-an-address allows more"
            log.warning(message, address=address, refused=self._refused_count)
            self._logged_at, self._refused_count = monotonic(), 0


def _remove(counts: Counter[str], address: str) -> None:
    counts[address] -= 1
    if not counts[address]:
        del counts[address]


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed


def _counted_address(address: str) -> str:
    """The address; of IPv6 its network, all of whose addresses one computer may take."""
    parsed = _parse(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))
    return address if parsed is None else str(parsed)
