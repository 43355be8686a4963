"""The certificate authority of one chat, which people let their devices trust.

It may sign for addresses of private networks and names of the local network only (critical name
constraints, RFC 5280, 4.2.1.10): whoever copied its key could impersonate no other site. Both files
are in the data folder, readable by the user of the process only.
"""

import ipaddress
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Apple refuses longer ones of public authorities, and ones twice as long of added authorities.
LEAF_DAYS = 397
AUTHORITY_DAYS = 3650

# A leaf and an authority are replaced when less than this is left.
RENEWAL_DAYS = 132

# Clocks of other devices may be behind.
_CLOCK_TOLERANCE = timedelta(days=1)

# RFC 1918, 3927, 6598 and 1122; RFC 4193, 4291. Nobody has them in the internet.
PERMITTED_NETWORKS = tuple(
    map(
        ipaddress.ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "fc00::/7",
            "fe80::/10",
            "::1/128",
        ),
    )
)

# Each stands for the names below it, too (RFC 6762, RFC 6761).
_PERMITTED_NAMES = ("local", "localhost")

_HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")

_MAX_COMMON_NAME = 64

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class ServerNames:
    """The names and addresses that a leaf is for, in their order in the certificate."""

    names: tuple[str, ...]
    addresses: tuple[str, ...]

    @classmethod
    def of(cls, host_name: str, addresses: Collection[str]) -> "ServerNames":
        """Those that the authority may sign for: `localhost`, `<host>.local` and private addresses.

        A host name with a dot is one, too. Without a dot it would be a top-level domain, and the
        authority could sign for all names below it: `studio`, `dev` and `app` are public ones.
        """
        host_name = host_name.lower().rstrip(".")
        first_label = host_name.partition(".")[0]
        names = ["localhost"]
        if _HOST_NAME.fullmatch(first_label):
            names.append(f"{first_label}.local")
        if is_full_name(host_name):
            names.append(host_name)
        private = {str(each) for each in map(ipaddress.ip_address, addresses) if is_permitted(each)}
        loopback = ("127.0.0.1", "::1")
        return cls(tuple(dict.fromkeys(names)), (*loopback, *sorted(private.difference(loopback))))


def is_permitted(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether the authority may sign for an address."""
    return any(address in each for each in PERMITTED_NETWORKS)


def is_full_name(host_name: str) -> bool:
    """Whether it has a domain of its own, as `laptop.example.org`."""
    labels = host_name.split(".")
    return len(labels) > 1 and all(map(_HOST_NAME.fullmatch, labels)) and not labels[-1].isdigit()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A certificate of the server with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        """Key and certificate, as `ssl` reads them."""
        return _key_pem(self.key) + self.certificate.public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate that devices trust, and the key that signs the leaves."""

    certificate: x509.Certificate
    key: Key

    @classmethod
    def open(cls, folder: Path, name: str, host_name: str, now: datetime) -> "Authority":
        """The authority of the folder; a new one if there is none, or it ends soon.

        `name` is what devices show. Raises OSError, and ValueError for damaged files.
        """
        certificate_path, key_path = folder / "ca.crt", folder / "ca.key"
        if certificate_path.exists() and key_path.exists():
            certificate = x509.load_pem_x509_certificate(certificate_path.read_bytes())
            key = serialization.load_pem_private_key(key_path.read_bytes(), None)
            if not isinstance(key, Key) or key.public_key() != certificate.public_key():
                raise ValueError("the key is not that of the certificate")
            if certificate.not_valid_after_utc - now > timedelta(days=RENEWAL_DAYS):
                return cls(certificate, key)
        authority = cls.create(name, host_name, now)
        write_secret(key_path, _key_pem(authority.key))
        write_secret(certificate_path, authority.pem)
        return authority

    @classmethod
    def create(cls, name: str, host_name: str, now: datetime) -> "Authority":
        """A new authority, valid for ten years."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Flet Chat"),
                x509.NameAttribute(NameOID.COMMON_NAME, name[:_MAX_COMMON_NAME]),
            ]
        )
        own_names = [host_name] if is_full_name(host_name) else []
        permitted = [
            *(x509.DNSName(each) for each in (*_PERMITTED_NAMES, *own_names)),
            *(x509.IPAddress(each) for each in PERMITTED_NETWORKS),
        ]
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        usage = _key_usage(key_cert_sign=True, crl_sign=True)
        builder = (
            _builder(subject, subject, key.public_key(), now, timedelta(days=AUTHORITY_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.NameConstraints(permitted, None), critical=True)
            .add_extension(identifier, critical=False)
        )
        return cls(builder.sign(key, hashes.SHA256()), key)

    @property
    def pem(self) -> bytes:
        """The certificate, for devices and programs."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        """The same in binary."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def issue(self, names: ServerNames, now: datetime) -> Leaf:
        """A certificate of the server for these names. It ends before the authority does."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names.names[-1][:64])])
        identifier = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
        alternatives = [
            *(x509.DNSName(each) for each in names.names),
            *(x509.IPAddress(ipaddress.ip_address(each)) for each in names.addresses),
        ]
        length = min(
            timedelta(days=LEAF_DAYS) - _CLOCK_TOLERANCE, self.certificate.not_valid_after_utc - now
        )
        builder = (
            _builder(subject, self.certificate.subject, key.public_key(), now, length)
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(issuer_key, critical=False)
        )
        return Leaf(builder.sign(self.key, hashes.SHA256()), key)

    def has_issued(self, leaf: x509.Certificate) -> bool:
        """Whether a leaf is of this authority."""
        try:
            leaf.verify_directly_issued_by(self.certificate)
        except Exception:
            # It names another issuer (ValueError, TypeError), or its signature is wrong.
            return False
        return True


def names_of(certificate: x509.Certificate) -> set[str]:
    """The names and addresses that a leaf is for."""
    extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return {str(each.value) for each in extension.value}


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only the user of this process may read, in full or not at all."""
    temporary = path.with_suffix(path.suffix + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime,
    length: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - _CLOCK_TOLERANCE)
        .not_valid_after(now.astimezone(UTC) + length)
    )


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
