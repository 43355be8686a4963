"""One port for TLS and plain HTTP: the first byte of a connection says which of them it is.

A person who types the address without https, or has an old link, comes to the page that explains
(`chat/web/trust`), instead of an error of the browser. No second port has to be opened anywhere.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable

import structlog

from chat.server.tls.certificates import Certificates
from chat.tasks import Tasks
from chat.web.guard.address_limits import AddressLimits

# Seconds from a connection to its first byte, and then to the end of the TLS handshake.
FIRST_BYTE_TIMEOUT = 10.0
HANDSHAKE_TIMEOUT = 10.0

# The first byte of a TLS handshake (RFC 8446, 5.1). No method of HTTP begins with it.
_HANDSHAKE_RECORD = b"\x16"

# Seconds until the next attempt, where the system has no free file descriptor.
_ACCEPT_RETRY = 1.0

# Seconds between two looks for a first byte, on Windows.
_PEEK_INTERVAL = 0.02

log = structlog.get_logger(__name__)


class TlsListener:
    """Accepts the connections of a listening socket, and gives each to a protocol."""

    def __init__(
        self,
        server_socket: socket.socket,
        certificates: Certificates,
        limits: AddressLimits,
        *,
        make_protocol: Callable[[], asyncio.Protocol],
    ) -> None:
        server_socket.setblocking(False)
        self._socket = server_socket
        self._certificates = certificates
        self._limits = limits
        self._make_protocol = make_protocol
        self._tasks = Tasks()

    def start(self) -> None:
        """Accept connections from now on."""
        self._tasks.start(self._accept(), "accept connections")
        self._tasks.start(self._certificates.keep_current(), "renew the certificate")

    async def stop(self) -> None:
        """Accept none any more, and end those that are not a protocol's yet."""
        await self._tasks.stop()
        self._socket.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, address = await loop.sock_accept(self._socket)
            except OSError as failure:
                log.warning("a connection was not accepted", reason=str(failure))
                await asyncio.sleep(_ACCEPT_RETRY)
                continue
            if not self._limits.add_connection(address[0]):
                connection.close()
                continue
            self._tasks.start(self._connect(connection, address[0]), "begin a connection")

    async def _connect(self, connection: socket.socket, address: str) -> None:
        """Give the connection to a protocol, which counts it from then on."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(FIRST_BYTE_TIMEOUT):
                is_tls = await _peek(loop, connection) == _HANDSHAKE_RECORD
            if is_tls:
                await loop.connect_accepted_socket(
                    self._make_protocol,
                    connection,
                    ssl=self._certificates.context,
                    ssl_handshake_timeout=HANDSHAKE_TIMEOUT,
                )
            else:
                await loop.connect_accepted_socket(self._make_protocol, connection)
        except (OSError, TimeoutError):
            # The client is gone, says nothing, or does not trust the certificate.
            connection.close()
        except BaseException:
            connection.close()
            raise
        finally:
            self._limits.remove_connection(address)


async def _peek(loop: asyncio.AbstractEventLoop, connection: socket.socket) -> bytes:
    """The first byte, which stays to be read; b"" if the client has closed the connection."""
    connection.setblocking(False)
    while True:
        with contextlib.suppress(BlockingIOError):
            return connection.recv(1, socket.MSG_PEEK)
        await _wait_until_readable(loop, connection)


async def _wait_until_readable(loop: asyncio.AbstractEventLoop, connection: socket.socket) -> None:
    readable = loop.create_future()
    try:
        loop.add_reader(connection, readable.set_result, None)
    except NotImplementedError:
        # The loop of Windows waits for whole reads only.
        await asyncio.sleep(_PEEK_INTERVAL)
        return
    try:
        await readable
    finally:
        loop.remove_reader(connection)
