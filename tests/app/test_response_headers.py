"""Response headers: the same security headers on every response."""

import base64
import hashlib
import re
import socket
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from chat.server.app import ChatServer
from chat.server.network import network_address
from chat.web.guard.cookies import token_cookie_name
from tests.conftest import NewUser, running_chat
from tests.harness.domain import create_empty_database
from tests.harness.http import http_client

pytestmark = pytest.mark.usefixtures("no_sessions")


SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
}


async def test_every_response_has_the_security_headers(chat: ChatServer) -> None:
    draft = {"path": "/", "text": "x"}
    preflight = {"access-control-request-method": "PUT"}
    table: dict[tuple[str, str, int], dict[str, Any]] = {
        ("GET", "/", 200): {},
        ("HEAD", "/", 200): {},
        ("GET", "/chat?username=", 200): {},
        ("GET", "/favicon.png", 200): {},
        ("GET", "/favicon.png", 206): {"headers": {"range": "bytes=0-9"}},
        ("GET", "/favicon.png", 416): {"headers": {"range": "bytes=99999999-"}},
        ("GET", "/main.dart.wasm", 200): {},
        ("GET", "/nothing.js", 404): {},
        ("GET", "/openapi.json", 404): {},
        ("GET", "/..%2f..%2fetc%2fpasswd.txt", 404): {},
        ("GET", "/%00.js", 404): {},
        ("POST", "/", 405): {},
        ("OPTIONS", "/", 405): {"headers": preflight},
        ("OPTIONS", "/words", 405): {"headers": preflight},
        ("GET", "/healthz", 200): {},
        ("DELETE", "/healthz", 405): {},
        ("GET", "/readyz", 200): {},
        ("PUT", "/words", 401): {"json": draft},
    }
    async with AsyncClient(base_url=chat.url, trust_env=False) as http:
        tag = (await http.get("/favicon.png")).headers["etag"]
        table["GET", "/favicon.png", 304] = {"headers": {"if-none-match": tag}}
        for (method, path, status), options in table.items():
            headers = {"origin": "http://evil.example", **options.pop("headers", {})}
            response = await http.request(method, path, headers=headers, **options)
            request_line = f"{method} {path} got {response.status_code}"
            assert response.status_code == status, request_line
            assert SECURITY_HEADERS.items() <= dict(response.headers).items(), request_line
            policy = response.headers["content-security-policy"]
            for directive in ("default-src 'self'", "object-src 'none'", "frame-ancestors 'none'"):
                assert directive in policy, request_line
            sources = directives(policy)
            assert "'unsafe-inline'" not in sources["script-src"], request_line
            # Sockets of this chat only; `ws:` alone would be any host.
            host = chat.url.removeprefix("http://")
            sockets = {each for each in sources["connect-src"] if each.startswith("ws")}
            assert sockets == {f"ws://{host}", f"wss://{host}"}, request_line
            assert not [name for name in response.headers if name.startswith("access-control")], (
                request_line
            )
            # The response does not name the server software.
            assert "server" not in response.headers, request_line
        for path in ("/docs", "/redoc"):
            page = (await http.get(path)).text.lower()
            assert "swagger" not in page
            assert "redoc" not in page


async def test_inline_scripts_are_named_by_their_hashes(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    async with http_client(base_url=chat.url, cookies=ann.cookies) as http:
        for path in ("/", "/light/chat", "/light/rows"):
            page = await http.get(path)
            sources = directives(page.headers["content-security-policy"])["script-src"]
            scripts = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
            assert scripts, path
            for script in scripts:
                digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
                assert f"'sha256-{digest}'" in sources, path
            assert "'unsafe-inline'" not in sources, path


def directives(policy: str) -> dict[str, set[str]]:
    """The sources of each directive of a content security policy."""
    return {name: set(rest) for name, *rest in (each.split() for each in policy.split(";"))}


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8550", "localhost.", "[::2]"]
)
async def test_request_for_a_foreign_host_is_misdirected(chat: ChatServer, host: str) -> None:
    async with http_client(base_url=chat.url) as http:
        for path in ("/", "/favicon.png", "/healthz", "/api/me", "/light", "/first-view", "/x.js"):
            response = await http.get(path, headers={"host": host})
            assert response.status_code == 421, path
            assert "--origin" in response.text
            assert "set-cookie" not in response.headers
            assert SECURITY_HEADERS.items() <= dict(response.headers).items(), path
        chinese = await http.get("/", headers={"host": host, "accept-language": "zh-CN"})
        assert chinese.status_code == 421 and "另一个地址" in chinese.text


async def test_page_is_answered_under_each_name_of_the_chat(tmp_path: Path) -> None:
    data = await create_empty_database(tmp_path / "data")
    own = ["127.0.0.1", "localhost:8550", "[::1]", socket.gethostname().lower()]
    named = ["chat.example", "Chat.Example:443", "nas.local:8443"]
    local = ["192.168.1.5:8550", "nas.local", "[fd00::2]:8550", "chat"]
    async with running_chat(data, origin=HTTPS_ORIGINS, lan=True) as chat, http_client() as http:
        for address in {"127.0.0.1", network_address()}:
            # A name of the local network is no name of the loopback address.
            for name in own + named + (local if address != "127.0.0.1" else []):
                url = chat.url.replace("127.0.0.1", address)
                response = await http.get(url, headers={"host": name})
                assert response.status_code == 200, (address, name)


HTTPS_ORIGINS = "https://chat.example,https://nas.local:8443,http://plain.example"


@pytest.mark.parametrize(
    ("headers", "secure"),
    [
        ({"host": "chat.example"}, True),
        ({"host": "nas.local:8443"}, True),
        ({"host": "127.0.0.1:8550", "origin": "https://chat.example"}, True),
        ({"host": "127.0.0.1:8550", "origin": "http://plain.example"}, False),
        # It may be a browser on this computer, or a proxy that does not pass the name on.
        ({"host": "127.0.0.1:8550"}, None),
        ({"host": "localhost"}, None),
        ({"host": "[::1]:8550"}, None),
        # No proxy is named: whoever sends this header is not believed.
        ({"host": "plain.example", "x-forwarded-proto": "https"}, False),
        ({"host": "plain.example"}, False),
    ],
    ids=str,
)
async def test_chat_behind_https_has_a_secure_cookie_and_strict_transport_security(
    tmp_path: Path, headers: dict[str, str], secure: bool | None
) -> None:
    data = await create_empty_database(tmp_path / "data")
    async with (
        running_chat(data, origin=HTTPS_ORIGINS) as chat,
        http_client(base_url=chat.url) as http,
    ):
        for path in ("/", "/room/lobby", "/chat?username=Ann"):
            response = await http.get(path, headers=headers)
            http.cookies.clear()
            cookies = response.headers.get_list("set-cookie")
            for cookie in cookies:
                parts = {each.strip().lower() for each in cookie.split(";")}
                assert ("secure" in parts) is (secure is not False)
                assert {"httponly", "samesite=lax", "path=/"} <= parts
            names = {each.partition("=")[0] for each in cookies}
            plain = token_cookie_name(chat.workspace)
            both = {f"__Host-{plain}", plain}
            assert names == {True: {f"__Host-{plain}"}, None: both, False: {plain}}[secure]
        for path in ("/", "/healthz", "/favicon.png", "/nothing.js"):
            response = await http.get(path, headers=headers)
            assert response.headers["strict-transport-security"] == "max-age=31536000"


async def test_chat_without_https_has_neither(chat: ChatServer) -> None:
    async with http_client(base_url=chat.url) as http:
        response = await http.get("/", headers={"x-forwarded-proto": "https"})
        assert "secure" not in response.headers["set-cookie"].lower()
        assert "strict-transport-security" not in response.headers


async def test_planted_cookie_does_not_count_over_https(tmp_path: Path) -> None:
    data = await create_empty_database(tmp_path / "data")
    async with (
        running_chat(data, origin=HTTPS_ORIGINS, join="open") as chat,
        http_client(base_url=chat.url, headers={"host": "chat.example"}) as http,
    ):
        plain = token_cookie_name(chat.workspace)
        secure = f"__Host-{plain}"

        async def issued() -> str:
            cookies = (await http.get("/", headers={"cookie": ""})).cookies
            http.cookies.clear()
            return cookies[secure]

        # The test sends the cookies by hand: httpx keeps those over https to itself.
        headers = {"origin": "https://chat.example", "cookie": f"{secure}={await issued()}"}
        entered = await http.post("/sign-in", json={"name": "Thief"}, headers=headers)
        stolen = entered.cookies[secure]
        http.cookies.clear()
        own = {"cookie": f"{secure}={stolen}"}
        assert (await http.get("/first-view", headers=own)).status_code == 200
        # Another service of the host can plant any name but one with this prefix.
        for cookie in (f"{plain}={stolen}; {secure}={await issued()}", f"{plain}={stolen}"):
            view = await http.get("/first-view", headers={"cookie": cookie})
            assert view.status_code == 401
