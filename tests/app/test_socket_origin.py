"""Origins: which pages may open the web socket."""

import pytest
from websockets.exceptions import InvalidStatus

from chat.errors import CannotStart
from chat.server.app import ChatServer
from chat.server.settings import Settings
from chat.web.guard.origins import Origins, client_network, is_from_this_computer
from tests.harness.flet_internals import flet_sessions
from tests.harness.hostile_clients import REGISTER_FRAME, raw_socket

pytestmark = pytest.mark.usefixtures("no_sessions")


FOREIGN_ORIGINS = {
    "null": "null",
    "empty": "",
    "other host": "http://evil.example",
    "same port elsewhere": "http://evil.example:{port}",
    "prefix": "http://127.0.0.1:{port}.evil.example",
    "suffix": "http://evil127.0.0.1:{port}",
    "subdomain": "http://sub.localhost:{port}",
    "no port": "http://127.0.0.1",
    "other port": "http://127.0.0.1:1",
    "longer port": "http://127.0.0.1:{port}0",
    "scheme": "https://127.0.0.1:{port}",
    "socket scheme": "ws://127.0.0.1:{port}",
    "case": "HTTP://127.0.0.1:{port}",
    "idn": "http://xn--127-9o0a.0.0.1:{port}",
    "userinfo": "http://127.0.0.1:{port}@evil.example",
    "userinfo before": "http://evil.example@127.0.0.1:{port}",
    "trailing dot": "http://127.0.0.1.:{port}",
    "slash": "http://127.0.0.1:{port}/",
    "other name of this computer": "http://localhost:{port}",
    "two": "http://127.0.0.1:{port} http://evil.example",
}


async def test_foreign_origin_is_answered_with_403_before_the_upgrade(chat: ChatServer) -> None:
    port = chat.url.rsplit(":", 1)[1]
    for name, origin in FOREIGN_ORIGINS.items():
        headers = {"Origin": origin.format(port=port)}
        with pytest.raises(InvalidStatus) as refused:
            async with raw_socket(chat, additional_headers=headers):
                raise AssertionError(f"{name} was accepted")
        assert refused.value.response.status_code == 403, name
    two_origins = [("Origin", chat.url), ("Origin", "http://evil.example")]
    with pytest.raises(InvalidStatus):
        async with raw_socket(chat, additional_headers=two_origins):
            pass
    assert flet_sessions() == {}


async def test_own_origin_is_accepted_under_each_host_name(chat: ChatServer) -> None:
    port = chat.url.rsplit(":", 1)[1]
    for host in ("127.0.0.1", "localhost"):
        headers = {"Origin": f"http://{host}:{port}"}
        async with raw_socket(chat, host, additional_headers=headers) as websocket:
            await websocket.send(REGISTER_FRAME)
            assert isinstance(await websocket.recv(), bytes)
    async with raw_socket(chat) as websocket:
        await websocket.send(REGISTER_FRAME)
        assert isinstance(await websocket.recv(), bytes)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.", "chat"])
async def test_foreign_host_name_that_resolves_here_is_refused(chat: ChatServer, host: str) -> None:
    port = chat.url.rsplit(":", 1)[1]
    with pytest.raises(InvalidStatus) as refused:
        async with raw_socket(chat, host, additional_headers={"Origin": f"http://{host}:{port}"}):
            pass
    assert refused.value.response.status_code == 421


def is_allowed(origin: str | None, host: str, client: str, server: str, scheme: str = "ws") -> bool:
    """Whether a page may connect from the address `client` to the address `server`."""
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    addresses = {"client": (client, 5), "server": (server, 8550)}
    origins = Settings(origin="HTTPS://Bücher.example:443/, http://[::1]:9").origins
    return Origins(origins).is_allowed({"scheme": scheme, "headers": headers, **addresses})


@pytest.mark.parametrize(
    ("origin", "host", "client", "server", "scheme", "allowed"),
    [
        (None, "10.0.0.2:8550", "10.0.0.7", "10.0.0.2", "ws", False),
        (None, "127.0.0.1:8550", "::ffff:127.0.0.1", "127.0.0.1", "ws", True),
        ("http://10.0.0.2:8550", "10.0.0.2:8550", "10.0.0.7", "10.0.0.2", "ws", True),
        ("http://laptop.local:8550", "laptop.local:8550", "10.0.0.7", "10.0.0.2", "ws", True),
        ("http://evil.example:8550", "evil.example:8550", "10.0.0.7", "10.0.0.2", "ws", False),
        ("https://10.0.0.2", "10.0.0.2:443", "10.0.0.7", "10.0.0.2", "wss", True),
        ("http://10.0.0.2", "10.0.0.2", "10.0.0.7", "10.0.0.2", "wss", False),
        ("http://[fd00::2]:8550", "[fd00::2]:8550", "fd00::7", "fd00::2", "ws", True),
        ("https://xn--bcher-kva.example", "x", "127.0.0.1", "127.0.0.1", "ws", True),
        ("http://[::1]:9", "anything", "10.0.0.7", "10.0.0.2", "ws", True),
        ("http://xn--bcher-kva.example", "x", "127.0.0.1", "127.0.0.1", "ws", False),
    ],
)
def test_origins_on_a_network_and_behind_a_proxy(
    origin: str | None, host: str, client: str, server: str, scheme: str, allowed: bool
) -> None:
    assert is_allowed(origin, host, client, server, scheme) is allowed


def test_duplicate_origin_or_host_header_is_refused() -> None:
    origin, host = (b"origin", b"http://localhost"), (b"host", b"localhost")
    addresses = {"client": ("127.0.0.1", 5), "server": ("127.0.0.1", 80)}
    for allowed, headers in (
        (True, [origin, host]),
        (False, [origin, origin, host]),
        (False, [origin, host, host]),
    ):
        scope = {"scheme": "ws", "headers": headers, **addresses}
        assert Origins(frozenset()).is_allowed(scope) is allowed


@pytest.mark.parametrize(
    "origin", ["chat.example", "ftp://a.example", "https://a@b.example", "http://a/b", "http://:x"]
)
def test_invalid_origin_setting_is_refused_at_start(origin: str) -> None:
    with pytest.raises(CannotStart):
        Settings(origin=origin)


@pytest.mark.parametrize("seconds", [0, -1, 10**9])
def test_invalid_session_timeout_setting_is_refused_at_start(seconds: int) -> None:
    with pytest.raises(CannotStart):
        Settings(session_timeout=seconds)


@pytest.mark.parametrize(
    ("headers", "client", "is_local"),
    [
        ({"host": "localhost:8550", "origin": "http://localhost:8550"}, "127.0.0.1", True),
        ({"host": "127.0.0.1:8550"}, "127.0.0.1", True),
        ({"host": "[::1]:8550", "origin": "http://[::1]:8550"}, "::1", True),
        ({"host": "127.0.0.1:8550"}, "192.168.1.7", False),
        ({"host": "192.168.1.5:8550", "origin": "http://192.168.1.5:8550"}, "127.0.0.1", False),
        ({"host": "chat.example", "origin": "https://chat.example"}, "127.0.0.1", False),
        ({"host": "127.0.0.1:8550", "origin": "https://chat.example"}, "127.0.0.1", False),
        ({"host": "127.0.0.1:8550", "x-forwarded-for": "9.9.9.9"}, "127.0.0.1", False),
        ({"host": "localhost", "forwarded": "for=9.9.9.9"}, "127.0.0.1", False),
        ({"host": "localhost", "origin": "null"}, "127.0.0.1", False),
        ({}, "127.0.0.1", False),
    ],
    ids=str,
)
def test_client_on_this_computer_is_told_from_one_behind_a_proxy(
    headers: dict[str, str], client: str, is_local: bool
) -> None:
    fields = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"scheme": "ws", "headers": fields, "client": (client, 5), "server": ("::", 8550)}
    assert is_from_this_computer(scope) is is_local
    assert (client_network(scope) is None) is is_local


@pytest.mark.parametrize(
    ("client", "forwarded", "network"),
    [
        ("192.168.1.7", None, "192.168.1.7"),
        ("::ffff:192.168.1.7", None, "192.168.1.7"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        ("192.168.1.7", "9.9.9.9", "192.168.1.7"),
        ("127.0.0.1", "9.9.9.9", "9.9.9.9"),
        ("127.0.0.1", "8.8.8.8, 9.9.9.9", "9.9.9.9"),
        ("127.0.0.1", "8.8.8.8, nonsense", ""),
    ],
)
def test_network_is_that_of_the_client_and_not_what_the_client_says(
    client: str, forwarded: str | None, network: str
) -> None:
    headers = [(b"host", b"chat.example")]
    if forwarded is not None:
        headers.append((b"x-forwarded-for", forwarded.encode()))
    scope = {"scheme": "ws", "headers": headers, "client": (client, 5), "server": ("::", 8550)}
    assert client_network(scope) == network
