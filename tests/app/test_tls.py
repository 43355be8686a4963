"""`--tls`: the authority of the chat, its certificate, and one port for TLS and plain HTTP."""

import asyncio
import contextlib
import ipaddress
import plistlib
import re
import socket
import ssl
import stat
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from starlette.responses import PlainTextResponse
from websockets.asyncio.client import connect

from chat.model.site import SiteInfo
from chat.server.app import ChatServer
from chat.server.network import format_for_terminal
from chat.server.tls.authority import (
    LEAF_DAYS,
    Authority,
    Leaf,
    ServerNames,
    is_permitted,
    names_of,
)
from chat.server.tls.certificates import TLS_FOLDER, Certificates, own_addresses
from chat.server.tls.fingerprint import certificate_hash, certificate_words
from chat.web.trust.endpoint import TrustGate
from tests.conftest import NewUser, running_chat
from tests.harness.domain import create_empty_database
from tests.harness.hostile_clients import REGISTER_FRAME

NOW = datetime(2026, 11, 30, tzinfo=UTC)
HOST_NAME = f"{socket.gethostname().partition('.')[0].lower()}.local"


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """The data folder of an empty chat."""
    return await create_empty_database(tmp_path / "data")


@pytest.fixture
async def chat(data: Path) -> AsyncIterator[ChatServer]:
    """A chat with `--tls`, on this computer."""
    async with running_chat(data, tls=True) as chat:
        yield chat


def trusting(folder: Path) -> ssl.SSLContext:
    """The settings of a client that trusts the authority of a chat, and no other."""
    return ssl.create_default_context(cafile=folder / TLS_FOLDER / "ca.crt")


def https_url(chat: ChatServer, host: str = "127.0.0.1") -> str:
    """The address of the chat over https."""
    return chat.url.replace("http://127.0.0.1", f"https://{host}")


def openssl_verify(folder: Path, leaf: Leaf) -> str:
    """What `openssl verify` says about a leaf."""
    path = folder / "other.pem"
    path.write_bytes(leaf.certificate.public_bytes(Encoding.PEM))
    ca_file = str(folder / TLS_FOLDER / "ca.crt")
    command = ["openssl", "verify", "-x509_strict", "-CAfile", ca_file, str(path)]
    ended = subprocess.run(command, capture_output=True, text=True)
    return ended.stdout + ended.stderr


def authority_of(folder: Path) -> Authority:
    """The authority in a data folder."""
    return Authority.open(folder / TLS_FOLDER, "x", "x", datetime.now(UTC))


async def test_leaf_is_valid_for_every_name_of_this_computer(chat: ChatServer, data: Path) -> None:
    leaf = x509.load_pem_x509_certificate((data / TLS_FOLDER / "leaf.pem").read_bytes())
    assert {"localhost", HOST_NAME, "127.0.0.1", "::1"} <= names_of(leaf)
    own = {each for each in own_addresses() if is_permitted(ipaddress.ip_address(each))}
    assert own <= names_of(leaf)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=LEAF_DAYS)
    verifier = (
        PolicyBuilder()
        .store(Store([authority_of(data).certificate]))
        .build_server_verifier(x509.DNSName(HOST_NAME))
    )
    assert verifier.verify(leaf, [])
    for name in ("ca.key", "leaf.pem", "ca.crt"):
        assert stat.S_IMODE((data / TLS_FOLDER / name).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("names", "addresses"),
    [
        (("example.com",), ()),
        (("www.local.example.com",), ()),
        ((), ("8.8.8.8",)),
        ((), ("2001:db8::1",)),
    ],
)
async def test_authority_cannot_sign_for_a_public_name(
    chat: ChatServer, data: Path, names: tuple[str, ...], addresses: tuple[str, ...]
) -> None:
    authority = authority_of(data)
    good = authority.issue(ServerNames(("localhost",), ("127.0.0.1",)), datetime.now(UTC))
    bad = authority.issue(ServerNames(("localhost", *names), addresses), datetime.now(UTC))
    policy = PolicyBuilder().store(Store([authority.certificate]))
    assert policy.build_server_verifier(x509.DNSName("localhost")).verify(good.certificate, [])
    with pytest.raises(VerificationError):
        policy.build_server_verifier(x509.DNSName("localhost")).verify(bad.certificate, [])
    with contextlib.suppress(FileNotFoundError):
        assert "other.pem: OK" in openssl_verify(data, good)
        assert "permitted subtree violation" in openssl_verify(data, bad)


def test_host_name_is_certified_only_where_nobody_else_can_have_it() -> None:
    networks = ["192.168.1.5", "8.8.8.8", "fe80::1"]
    for host_name, names in (
        ("Laptop", ("localhost", "laptop.local")),
        # Public top-level domains: all names below them would be permitted, too.
        ("studio", ("localhost", "studio.local")),
        ("dev", ("localhost", "dev.local")),
        ("nas.home.example", ("localhost", "nas.local", "nas.home.example")),
        ("my_pc", ("localhost",)),
    ):
        found = ServerNames.of(host_name, networks)
        assert found.names == names
        assert found.addresses == ("127.0.0.1", "::1", "192.168.1.5", "fe80::1")
        authority = Authority.create("Chat", host_name, NOW)
        constraints = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints)
        assert constraints.critical
        permitted = [
            each.value
            for each in constraints.value.permitted_subtrees or ()
            if isinstance(each, x509.DNSName)
        ]
        assert permitted == ["local", "localhost", *names[2:]]


async def test_one_port_has_the_chat_over_https_and_plain_for_this_computer(
    chat: ChatServer, data: Path
) -> None:
    async with httpx.AsyncClient(verify=trusting(data), trust_env=False) as http:
        for url in (chat.url, https_url(chat), https_url(chat, "localhost")):
            assert (await http.get(f"{url}/healthz")).json()["status"] == "ok"
        page = await http.get(https_url(chat))
        assert page.headers["set-cookie"].startswith("__Host-flet_chat_")
        # Otherwise the trust page could not be opened any more.
        assert "strict-transport-security" not in page.headers
    async with connect(
        https_url(chat).replace("https", "wss") + "/ws",
        origin=https_url(chat),  # type: ignore[arg-type]
        ssl=trusting(data),
        proxy=None,
    ) as websocket:
        await websocket.send(REGISTER_FRAME)
        assert isinstance(await websocket.recv(), bytes)
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await http.get(https_url(chat))


async def test_authority_and_certificate_outlive_a_restart(data: Path) -> None:
    def files() -> list[bytes]:
        return [(data / TLS_FOLDER / each).read_bytes() for each in ("ca.crt", "leaf.pem")]

    async with running_chat(data, tls=True):
        first = files()
    # Whoever has accepted the certificate is not warned again.
    async with running_chat(data, tls=True):
        assert files() == first
    # One that ends soon is replaced, and the devices go on.
    authority = authority_of(data)
    old = authority.issue(ServerNames.of("x", []), datetime.now(UTC) - timedelta(days=300))
    (data / TLS_FOLDER / "leaf.pem").write_bytes(old.pem)
    async with (
        running_chat(data, tls=True) as chat,
        httpx.AsyncClient(verify=trusting(data), trust_env=False) as http,
    ):
        assert (await http.get(f"{https_url(chat)}/healthz")).status_code == 200
        assert files()[0] == first[0]
        assert files()[1] not in {first[1], old.pem}


async def test_certificate_is_renewed_while_the_chat_runs(tmp_path: Path) -> None:
    addresses, clock = ["192.168.1.5"], [NOW]
    certificates = Certificates(tmp_path, "Chat", addresses=lambda: addresses, now=lambda: clock[0])
    assert not certificates.renew_if_needed()
    context = certificates.context
    # The laptop comes into another network.
    addresses[:] = ["10.0.0.9"]
    assert certificates.renew_if_needed()
    assert "10.0.0.9" in certificates.names
    assert "192.168.1.5" not in certificates.names
    assert certificates.context is not context
    assert not certificates.renew_if_needed()
    clock[0] += timedelta(days=LEAF_DAYS - 30)
    assert certificates.renew_if_needed()
    assert certificates.leaf.not_valid_after_utc > clock[0] + timedelta(days=300)
    assert certificates.authority.has_issued(certificates.leaf)


async def test_damaged_files_are_refused_with_a_sentence(data: Path) -> None:
    async with running_chat(data, tls=True):
        pass
    (data / TLS_FOLDER / "ca.key").write_text("nothing")
    with pytest.raises(Exception, match="Remove that folder"):
        async with running_chat(data, tls=True):
            pass


async def test_silent_and_broken_connections_hold_nobody_up(chat: ChatServer, data: Path) -> None:
    port = int(chat.url.rsplit(":", 1)[1])
    writers = []
    for first_bytes in (b"", b"\x16", b"\x16\x03\x01\xff\xff" + 50 * b"x", b"\x00\x00"):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(first_bytes)
        await writer.drain()
        writers.append(writer)
    async with httpx.AsyncClient(verify=trusting(data), trust_env=False) as http:
        for _ in range(3):
            assert (await http.get(f"{https_url(chat)}/healthz")).status_code == 200
    for each in writers:
        each.close()


async def test_fingerprint_is_the_same_on_all_screens(data: Path) -> None:
    async with (
        running_chat(data, tls=True) as chat,
        httpx.AsyncClient(verify=trusting(data), trust_env=False) as http,
    ):
        der = authority_of(data).der
        words = certificate_words(der)
        assert len(words.split(" ")) == 6
        page = (await http.get(f"{https_url(chat)}/trust")).text
        shown = [part.partition("</li>")[0] for part in page.split("</span>")[1:]]
        assert " ".join(shown) == words
        digits = re.findall(r"\b[0-9A-F]{2}\b", page.partition("<code>")[2])
        assert certificate_hash(der) == ":".join(digits)
        site = chat.site_info
        assert site.certificate_words == words
        assert site.url.startswith("https://")
        profile = plistlib.loads(
            (await http.get(f"{https_url(chat)}/trust/ca.mobileconfig")).content
        )
        assert profile["PayloadContent"][0]["PayloadContent"] == der
        certificate = await http.get(f"{chat.url}/trust/ca.crt")
        assert certificate.content == authority_of(data).pem
        assert certificate.headers["content-type"] == "application/x-x509-ca-cert"


def test_invitation_in_the_terminal_names_the_trust_page_and_the_words() -> None:
    site = SiteInfo("Chat", "https://192.168.1.5:8550", True, certificate_words="six words")
    text = format_for_terminal(site)
    assert "https://192.168.1.5:8550" in text
    assert "http://192.168.1.5:8550 shows how" in text
    assert "six words: six words" in text


@contextlib.asynccontextmanager
async def gate_for(client: str, scheme: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client at this address of a chat in the network; what passes is answered with “passed”."""
    authority = Authority.create("Chat", "laptop", NOW)
    certificate = Certificates.describe(authority)
    app = TrustGate(PlainTextResponse("passed"), certificate, title="Ann & Bob", logo="")
    transport = httpx.ASGITransport(app, client=(client, 5))
    base_url = f"{scheme}://192.168.1.5:8550"
    async with httpx.AsyncClient(transport=transport, base_url=base_url) as http:
        yield http


@pytest.mark.parametrize(
    ("client", "scheme", "passes"),
    [
        ("192.168.1.7", "http", False),
        ("192.168.1.7", "https", True),
        ("127.0.0.1", "http", True),
        ("::1", "http", True),
        # The address of the server itself: it is the owner's own browser.
        ("192.168.1.5", "http", True),
    ],
)
async def test_plain_http_in_the_network_has_the_trust_page_only(
    client: str, scheme: str, passes: bool
) -> None:
    async with gate_for(client, scheme) as http:
        for path in ("/", "/room/lobby", "/main.dart.js", "/healthz"):
            answer = await http.get(path)
            assert (answer.text == "passed") is passes
            if not passes:
                assert f'href="https://192.168.1.5:8550{path}"' in answer.text
                assert "Ann &amp; Bob" in answer.text
        for method, path in (("POST", "/sign-in"), ("PUT", "/words"), ("GET", "/api/me")):
            answer = await http.request(method, path)
            assert (answer.text == "passed") is passes
            assert answer.status_code == (200 if passes else 403)
        assert (await http.get("/trust/ca.crt")).content.startswith(b"-----BEGIN CERTIFICATE")


@pytest.mark.parametrize(
    ("agent", "opened"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)", "iPhone and iPad"),
        ("Mozilla/5.0 (Linux; Android 16; Pixel)", "Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15)", "Mac"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64)", "Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Linux and ChromeOS"),
        ("curl/8", None),
    ],
)
async def test_trust_page_opens_the_part_of_the_own_system(agent: str, opened: str | None) -> None:
    async with gate_for("192.168.1.7", "http") as http:
        page = (await http.get("/", headers={"user-agent": agent})).text
        found = [part.partition("</summary>")[0] for part in page.split("<details open><summary>")]
        assert found[1:] == ([] if opened is None else [opened])
        address = (await http.get("/chat?owner=%22%3E%3Cx&b=1")).text
        assert 'href="https://192.168.1.5:8550/chat?owner=%22%3E%3Cx&amp;b=1"' in address


async def test_loop_without_readers_has_one_port_for_both_as_well(
    chat: ChatServer, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add_reader(*_: object) -> None:
        # As the loop of Windows does.
        raise NotImplementedError

    monkeypatch.setattr(asyncio.get_running_loop(), "add_reader", add_reader)
    async with httpx.AsyncClient(verify=trusting(data), trust_env=False) as http:
        for url in (chat.url, https_url(chat)):
            assert (await http.get(f"{url}/healthz")).status_code == 200


async def test_invitation_on_the_screen_has_the_same_words(data: Path, new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.clicks("Invite people")
    await ann.waits_for_partial_text(certificate_words(authority_of(data).der))
