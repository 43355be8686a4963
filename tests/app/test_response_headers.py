"""Response headers: the same security headers on every response."""

from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from chat.server.app import ChatServer
from tests.conftest import running_chat
from tests.harness.domain import create_empty_database
from tests.harness.http import http_client

pytestmark = pytest.mark.usefixtures("no_sessions")


SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
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
            assert not [name for name in response.headers if name.startswith("access-control")], (
                request_line
            )
            # The response does not name the server software.
            assert "server" not in response.headers, request_line
        for path in ("/docs", "/redoc"):
            page = (await http.get(path)).text.lower()
            assert "swagger" not in page
            assert "redoc" not in page


HTTPS_ORIGINS = "https://chat.example,https://nas.local:8443,http://plain.example"


@pytest.mark.parametrize(
    ("headers", "secure"),
    [
        ({"host": "chat.example"}, True),
        ({"host": "nas.local:8443"}, True),
        ({"host": "nas.local:8443", "x-forwarded-proto": "https"}, True),
        ({"host": "127.0.0.1:8550", "x-forwarded-proto": "https"}, True),
        ({"host": "127.0.0.1:8550"}, True),
        ({"host": "localhost"}, True),
        ({"host": "[::1]:8550"}, True),
        ({"host": "127.0.0.1:8550", "x-forwarded-proto": "http"}, False),
        ({"host": "192.168.1.5:8550"}, False),
        ({"host": "nas.local:8550"}, False),
        ({"host": "plain.example"}, False),
    ],
    ids=str,
)
async def test_chat_behind_https_has_a_secure_cookie_and_strict_transport_security(
    tmp_path: Path, headers: dict[str, str], secure: bool
) -> None:
    data = await create_empty_database(tmp_path / "data")
    async with (
        running_chat(data, origin=HTTPS_ORIGINS) as chat,
        http_client(base_url=chat.url) as http,
    ):
        for path in ("/", "/room/lobby", "/chat?username=Ann"):
            response = await http.get(path, headers=headers)
            http.cookies.clear()
            cookie = {each.strip().lower() for each in response.headers["set-cookie"].split(";")}
            assert ("secure" in cookie) is secure
            assert {"httponly", "samesite=lax"} <= cookie
        for path in ("/", "/healthz", "/favicon.png", "/nothing.js"):
            response = await http.get(path, headers=headers)
            assert response.headers["strict-transport-security"] == "max-age=31536000"


async def test_chat_without_https_has_neither(chat: ChatServer) -> None:
    async with http_client(base_url=chat.url) as http:
        response = await http.get("/", headers={"x-forwarded-proto": "https"})
        assert "secure" not in response.headers["set-cookie"].lower()
        assert "strict-transport-security" not in response.headers
