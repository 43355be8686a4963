"""The certificate that the server shows: made at the start, and renewed while it runs."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ifaddr
import structlog
from cryptography import x509

from chat.errors import CannotStart
from chat.server.tls.authority import (
    RENEWAL_DAYS,
    Authority,
    ServerNames,
    names_of,
    write_secret,
)
from chat.server.tls.fingerprint import certificate_hash, certificate_words
from chat.web.trust.endpoint import Certificate

# Seconds between two looks at the addresses of this computer, and at the end of the certificate.
CHECK_INTERVAL = 30.0

TLS_FOLDER = "tls"

log = structlog.get_logger(__name__)


class Certificates:
    """The authority of a data folder, and the current certificate of the server.

    `addresses` are those of this computer at the moment. Raises CannotStart if the folder cannot be
    read or written.
    """

    def __init__(
        self,
        data_folder: Path,
        title: str,
        *,
        addresses: Callable[[], Collection[str]],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = data_folder / TLS_FOLDER
        self._addresses = addresses
        self._now = now
        self._host_name = socket.gethostname()
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            label = f"{title} ({self._host_name})"
            self.authority = Authority.open(self._folder, label, self._host_name, now())
            self.leaf = self._load_leaf()
            self.context = self._context()
        except (OSError, ValueError) as failure:
            raise CannotStart(
                f"The certificates in {self._folder} cannot be used ({failure}). Remove that "
                "folder: new ones are made, and every device has to trust them anew."
            ) from failure

    @property
    def names(self) -> set[str]:
        """The names and addresses of the current certificate."""
        return names_of(self.leaf)

    @staticmethod
    def describe(authority: Authority) -> Certificate:
        """What devices come to trust."""
        der = authority.der
        return Certificate(authority.pem, der, certificate_words(der), certificate_hash(der))

    async def keep_current(self) -> None:
        """Renew the certificate when the addresses change, and before it ends, for ever.

        New connections get the new one; those that are open go on.
        """
        while True:
            await asyncio.sleep(CHECK_INTERVAL)
            try:
                await asyncio.to_thread(self.renew_if_needed)
            except OSError as failure:
                log.warning("the certificate was not renewed", reason=str(failure))

    def renew_if_needed(self) -> bool:
        """Whether the certificate was renewed. Raises OSError."""
        if self._is_current(self.leaf):
            return False
        self.leaf = self._issue()
        self.context = self._context()
        return True

    def _load_leaf(self) -> x509.Certificate:
        """The stored leaf, so that whoever accepted it is not warned again; or a new one."""
        try:
            leaf = x509.load_pem_x509_certificate(self._path.read_bytes())
        except (OSError, ValueError):
            return self._issue()
        return leaf if self._is_current(leaf) else self._issue()

    def _is_current(self, leaf: x509.Certificate) -> bool:
        names = self._names()
        return (
            leaf.not_valid_after_utc - self._now() > timedelta(days=RENEWAL_DAYS)
            and names_of(leaf) == {*names.names, *names.addresses}
            and self.authority.has_issued(leaf)
        )

    def _issue(self) -> x509.Certificate:
        names = self._names()
        leaf = self.authority.issue(names, self._now())
        write_secret(self._path, leaf.pem)
        log.info("a certificate was made", names=" ".join((*names.names, *names.addresses)))
        return leaf.certificate

    def _names(self) -> ServerNames:
        return ServerNames.of(self._host_name, self._addresses())

    @property
    def _path(self) -> Path:
        return self._folder / "leaf.pem"

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(self._path)
        return context


def own_addresses() -> set[str]:
    """The addresses of this computer in all its networks."""
    found = set()
    for adapter in ifaddr.get_adapters():
        for each in adapter.ips:
            # Of IPv6 it is an address with its scope.
            text = each.ip if isinstance(each.ip, str) else each.ip[0]
            found.add(str(ipaddress.ip_address(text.partition("%")[0])))
    return found
