"""Behind a proxy: the path prefix, the forwarded headers, and the configurations of the docs."""

import asyncio
import contextlib
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from chat.server.network import site_info
from chat.server.settings import Settings
from chat.server.tls.authority import Authority, ServerNames
from tests.conftest import running_chat
from tests.harness.domain import create_empty_database
from tests.harness.hostile_clients import REGISTER_FRAME
from tests.harness.http import http_client
from tests.harness.process import free_port
from tests.harness.reverse_proxy import reverse_proxy
from tests.harness.user import ChatUser

BASE = "/team"
PAGE = Path(__file__).parents[2] / "docs" / "https.md"
NAME = "chat.local"

# Each with its status, through any proxy.
PATHS = {
    "/": 200,
    "/room/lobby": 200,
    "/manifest.json": 200,
    "/sw.js": 200,
    "/favicon.png": 200,
    "/icons/icon-192.png": 200,
    "/healthz": 200,
    "/readyz": 200,
    "/light": 200,
    "/first-view": 401,
    "/api/me": 401,
    "/api/openapi.json": 200,
    "/hooks/none": 404,
    "/files/none/x": 404,
    "/pass/1.2.3/avatars/x": 404,
    "/socket.io/?EIO=4&transport=polling": 200,
}


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """The data folder of an empty chat."""
    return await create_empty_database(tmp_path / "data")


@pytest.mark.parametrize("base", [BASE, "/a/b.c"])
async def test_every_path_is_answered_below_the_prefix(data: Path, base: str) -> None:
    async with running_chat(data, base_path=f"{base}/", socketio=True) as chat:
        root = chat.url.removesuffix(base)
        with reverse_proxy(int(root.rsplit(":", 1)[1]), base) as proxied:
            async with http_client() as http:
                # The prefix as it is, removed by a proxy, and without a proxy.
                for address in (chat.url, proxied, root):
                    for path, status in PATHS.items():
                        assert (await http.get(address + path)).status_code == status, address
                    await assert_addresses_lead_below(http, address, base)
            for address in (chat.url, proxied):
                origin = address.removesuffix(base)
                url = address.replace("http", "ws", 1) + "/ws"
                async with connect(url, origin=origin, proxy=None) as websocket:  # type: ignore[arg-type]
                    await websocket.send(REGISTER_FRAME)
                    assert isinstance(await websocket.recv(), bytes)


async def test_person_who_leaves_stays_below_the_prefix(data: Path) -> None:
    async with running_chat(data, base_path=BASE) as chat:
        ann = ChatUser(chat.url)
        await ann.opens()
        await ann.signs_in("Ann")
        await ann.leaves_chat()
        await ann.until(lambda: ann.opened_urls == [f"{BASE}/"])
        await ann.disconnects()


async def assert_addresses_lead_below(http: httpx.AsyncClient, address: str, base: str) -> None:
    """Every address in the page and the light page is below the prefix and is answered."""
    page = (await http.get(f"{address}/room/lobby")).text
    assert f'<base href="{base}/">' in page
    assert f'flet.webSocketEndpoint="{base}/ws"' in page
    scripts = re.findall(r'<script src="([^"]+)"', page)
    assert len(scripts) > 10
    for path in (scripts[0], scripts[-1]):
        assert path.startswith(f"{base}/v")
        assert (await http.get(address + path.removeprefix(base))).status_code == 200
    manifest = (await http.get(f"{address}/manifest.json")).json()
    assert {manifest[key] for key in ("id", "scope", "start_url")} == {f"{base}/"}
    assert f'const ROOT = "{base}";' in (await http.get(f"{address}/sw.js")).text
    light = (await http.get(f"{address}/light")).text
    assert {path.partition("/light")[0] for path in re.findall(r'action="([^"]+)"', light)} == {
        base
    }
    refused = await http.post(f"{address}/light/leave")
    assert refused.headers["location"] == f"{base}/light"


async def test_prefix_alone_leads_to_the_page_with_its_query(data: Path) -> None:
    async with running_chat(data, base_path=BASE) as chat, http_client() as http:
        for query in ("", "?owner=x&y=%22"):
            answer = await http.get(f"{chat.url}{query}")
            assert answer.status_code == 307
            assert answer.headers["location"] == f"{BASE}/{query}"
        assert (await http.get(f"{chat.url}er/nothing.js")).status_code == 404


@pytest.mark.parametrize(
    ("proxy", "is_https"),
    [("127.0.0.1", True), ("10.0.0.0/8, 127.0.0.0/8", True), ("10.0.0.0/8", False), ("", False)],
)
async def test_forwarded_headers_count_only_from_a_named_proxy(
    data: Path, proxy: str, is_https: bool
) -> None:
    settings: dict[str, Any] = {"proxy": proxy, "sockets_an_address": 1}
    async with running_chat(data, origin="https://chat.example", **settings) as chat:
        port = int(chat.url.rsplit(":", 1)[1])
        with reverse_proxy(port, protocol="https") as address:
            async with http_client() as http:
                page = await http.get(f"{address}/")
                names = {each.partition("=")[0] for each in page.headers.get_list("set-cookie")}
                # Without a named proxy it cannot be known.
                assert len(names) == (1 if is_https else 2)
                assert any(each.startswith("__Host-") for each in names)
            origin = "https://chat.example"
            url = address.replace("http", "ws") + "/ws"
            async with (
                connect(url, origin=origin, proxy=None),  # type: ignore[arg-type]
                connect(url, origin=origin, proxy=None) as second,  # type: ignore[arg-type]
            ):
                if is_https:
                    # Both are of the address that the proxy names.
                    await asyncio.wait_for(second.wait_closed(), 20)
                    assert second.close_code == 1013
                else:
                    await second.send(REGISTER_FRAME)
                    assert isinstance(await second.recv(), bytes)
            # A program behind the proxy is not on this computer.
            if is_https:
                with pytest.raises(InvalidStatus):
                    async with connect(url, proxy=None):
                        pass


def test_named_address_is_in_invitations() -> None:
    settings = Settings(origin="http://b.example,https://a.example", base_path="team")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        site = site_info(settings, listening)
    assert (site.url, site.reachable) == ("https://a.example/team", True)


def configuration(language: str, number: int) -> str:
    """A configuration of the docs."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return str(blocks[number])


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """The files ca.crt, chat.crt and chat.key for the name of the test."""
    authority = Authority.create("test", "x", datetime.now(UTC))
    leaf = authority.issue(ServerNames((NAME,), ("127.0.0.1",)), datetime.now(UTC))
    (tmp_path / "ca.crt").write_bytes(authority.pem)
    for name in ("chat.crt", "chat.key"):
        (tmp_path / name).write_bytes(leaf.pem)
    return tmp_path


def caddy(folder: Path, chat_port: int, base: str) -> tuple[list[str], int]:
    """Caddy with the configuration of the docs; only names, ports and certificate differ."""
    port = free_port()
    text = configuration("caddy", 1 if base else 0)
    text = re.sub(
        r"(chat\.)?example\.org \{", f"https://{NAME}:{port} {{\n\ttls chat.crt chat.key", text
    )
    text = text.replace("127.0.0.1:8550", f"127.0.0.1:{chat_port}")
    options = "{\n\tadmin off\n\tauto_https off\n}\n"
    (folder / "Caddyfile").write_text(options + text)
    return ["caddy", "run", "--config", "Caddyfile"], port


def nginx(folder: Path, chat_port: int, base: str) -> tuple[list[str], int]:
    """nginx with the configuration of the docs; only names, ports and certificate differ."""
    port = free_port()
    text = configuration("nginx", 0)
    if base:
        lines = re.search(r"location / \{\n.*?proxy_pass .*?\n(.*?)\n    \}", text, re.DOTALL)
        assert lines is not None
        block = configuration("nginx", 1).replace(
            "        # The other lines are those of `location /` above.", lines[1]
        )
        text = re.sub(r"    location / \{.*?\n    \}\n", lambda _: block, text, flags=re.DOTALL)
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    text = text.replace("chat.example.org", NAME).replace("/etc/ssl/", f"{folder}/")
    text = text.replace("127.0.0.1:8550", f"127.0.0.1:{chat_port}")
    head = f"daemon off; pid {folder}/nginx.pid; events {{}}\nhttp {{ access_log off;\n"
    (folder / "nginx.conf").write_text(f"{head}{text}}}\n")
    return ["nginx", "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"], port


def is_listening(port: int) -> bool:
    """Whether a server of this computer accepts connections on a port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextlib.contextmanager
def running(command: list[str], folder: Path, port: int) -> Iterator[None]:
    """A proxy that listens on `port`."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/usr/local/bin:/bin", "HOME": str(folder)}
    process = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE)
    try:
        until = time.monotonic() + 20
        while not is_listening(port):
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < until
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=20)


@contextlib.asynccontextmanager
async def client_of(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client that trusts the certificate of the proxy."""
    verify = ssl.create_default_context(cafile=folder / "ca.crt")
    async with httpx.AsyncClient(verify=verify, trust_env=False) as http:
        yield http


@pytest.mark.parametrize("base", ["", BASE])
@pytest.mark.parametrize("proxy", [caddy, nginx])
async def test_configuration_of_the_docs_serves_the_chat(
    data: Path, certificate: Path, proxy: Any, base: str
) -> None:
    if shutil.which(proxy.__name__, path="/usr/sbin:/usr/bin:/usr/local/bin") is None:
        pytest.skip(f"{proxy.__name__} is not installed")
    chat_port = free_port()
    command, port = proxy(certificate, chat_port, base)
    origin = f"https://{NAME}:{port}"
    options: dict[str, Any] = {"origin": origin, "proxy": "127.0.0.1", "port": chat_port}
    async with running_chat(data, base_path=base, socketio=True, **options):
        with running(command, certificate, port):
            async with client_of(certificate) as http:
                await assert_is_served(http, certificate, port, base)


async def assert_is_served(http: httpx.AsyncClient, folder: Path, port: int, base: str) -> None:
    """A browser gets the page over https, comes in, and opens the socket."""
    host = {"host": f"{NAME}:{port}"}
    extensions = {"sni_hostname": NAME}
    address = f"https://127.0.0.1:{port}{base}"
    for path, status in PATHS.items():
        answer = await http.get(address + path, headers=host, extensions=extensions)
        assert answer.status_code == status, path
    http.cookies.clear()
    page = await http.get(f"{address}/", headers=host, extensions=extensions)
    http.cookies.clear()
    assert page.headers["strict-transport-security"]
    (cookie,) = page.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-flet_chat_")
    assert "Secure" in cookie
    origin = f"https://{NAME}:{port}"
    headers = {**host, "origin": origin, "cookie": cookie.partition(";")[0]}
    entered = await http.post(
        f"{address}/sign-in", json={"name": "Ann"}, headers=headers, extensions=extensions
    )
    assert entered.status_code == 204
    async with connect(
        f"wss://{NAME}:{port}{base}/ws",
        host="127.0.0.1",
        origin=origin,  # type: ignore[arg-type]
        ssl=ssl.create_default_context(cafile=folder / "ca.crt"),
        proxy=None,
    ) as websocket:
        await websocket.send(REGISTER_FRAME)
        assert isinstance(await websocket.recv(), bytes)
