"""Requests to receivers that lie, stall, redirect, never end, or are not where they were."""

import asyncio
import gzip
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat
from cryptography.x509.oid import NameOID

from chat.model.outgoing import Problem
from chat.outgoing.addresses import AddressRules, AllowedHosts, parse_address
from chat.outgoing.requests import ANSWER_LIMIT, Answer, Requester
from tests.harness.process import free_port
from tests.harness.receiver import Request, Write, answer, receiving

LOCAL = AllowedHosts.parse(["127.0.0.1", "localhost", "::1"])

# For receivers that do not answer: the test waits for it.
SHORT = 0.5


async def post(url: str, seconds: float = 10, allowed: AllowedHosts = LOCAL) -> Answer:
    """What becomes of one request."""
    requester = Requester(AddressRules(allowed), seconds)
    try:
        return await requester.post(url, {"webhook-id": "msg_1"}, b'{"type":"test"}')
    finally:
        await requester.close()


async def test_request_is_whole_and_says_who_asks() -> None:
    async with receiving() as receiver:
        receiver.queued = [answer(202, b"thanks", content_type="text/plain")]
        result = await post(f"{receiver.url}?a=b%20c")
    (request,) = receiver.requests
    assert request.line == "POST /chat?a=b%20c HTTP/1.1"
    host = receiver.url.removeprefix("http://").removesuffix("/chat")
    assert request.headers["host"] == host
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["user-agent"].startswith("flet-chat/")
    assert (result.status, result.problem, result.body) == (202, None, b"thanks")


async def test_name_stays_in_the_request_when_its_address_is_connected_to() -> None:
    async with receiving() as receiver:
        url = receiver.url.replace("127.0.0.1", "localhost")
        assert (await post(url)).problem is None
    assert receiver.requests[0].headers["host"].startswith("localhost:")


async def test_no_proxy_and_no_cookie_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with receiving() as receiver:
        receiver.queued = [answer(200, set_cookie="seen=1; Path=/")]
        requester = Requester(AddressRules(LOCAL))
        for _ in range(2):
            assert (await requester.post(receiver.url, {}, b"{}")).problem is None
        await requester.close()
    assert receiver.connections == 2
    assert not any("cookie" in each.headers for each in receiver.requests)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_is_a_failure_and_is_not_followed(status: int) -> None:
    async with receiving() as inside, receiving() as receiver:
        receiver.queued = [answer(status, location=inside.url)]
        result = await post(receiver.url)
    assert (result.status, result.problem, result.details) == (
        status,
        Problem.REDIRECT,
        inside.url,
    )
    assert inside.requests == []


async def test_other_codes_are_failures_with_the_beginning_of_the_answer() -> None:
    async with receiving() as receiver:
        receiver.queued = [
            answer(503, b"come  later\r\n\x07" + b"x" * 500, retry_after="120"),
            answer(429, retry_after="99999999999999"),
            answer(500, retry_after="60"),
            answer(429, retry_after="Wed, 21 Oct 2026 07:28:00 GMT"),
            answer(410),
        ]
        results = [await post(receiver.url) for _ in range(5)]
    assert {each.problem for each in results} == {Problem.STATUS}
    assert results[0].details.startswith("come later x")
    assert len(results[0].details) == 200
    # A receiver may ask for hours, and not for years.
    assert [each.retry_after for each in results] == [120, 12 * 3600, 0, 0, 0]
    assert [each.is_gone for each in results] == [False] * 4 + [True]


async def test_answer_that_never_ends_is_cut_off() -> None:
    written = 0
    closed = asyncio.Event()

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
                await writer.drain()
                written += 0x10000
        finally:
            closed.set()

    async def respond(request: Request) -> Write:
        return endless

    async with receiving() as receiver:
        receiver.respond = respond
        result = await post(receiver.url)
        async with asyncio.timeout(10):
            await closed.wait()
    assert (result.status, result.problem, result.body) == (200, None, b"")
    # What the system buffers comes besides.
    assert written < 64 * 2**20


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [b"HTTP/1.1 200 OK\r\n", *[b"x-more: 1\r\n"] * 1000],
        [b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", *[b"x"] * 1000],
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * 1000,
    ],
    ids=["silent", "headers", "body", "continue"],
)
async def test_answer_that_trickles_ends_with_the_time_of_a_request(parts: list[bytes]) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)
        await asyncio.sleep(60)

    async def respond(request: Request) -> Write:
        return trickle

    async with receiving() as receiver:
        receiver.respond = respond
        result = await post(receiver.url, SHORT)
        assert result.problem is Problem.TOO_SLOW
        assert result.milliseconds < 5000


async def test_compressed_answer_is_not_decompressed() -> None:
    bomb = gzip.compress(b'{"text": "' + b"x" * 10**6 + b'"}')
    assert len(bomb) < ANSWER_LIMIT
    async with receiving() as receiver:
        receiver.queued = [answer(200, bomb, content_encoding="gzip")]
        result = await post(receiver.url)
    assert (result.status, result.body) == (200, b"")


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: " + b"x" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
        b"HTTP/1.1 999999 OK\r\n\r\n",
    ],
    ids=["ssh", "nothing", "header", "long header", "cut off", "code"],
)
async def test_what_is_no_http_is_a_failure(raw: bytes) -> None:
    async with receiving() as receiver:
        receiver.queued = [raw]
        result = await post(receiver.url)
    assert result.problem is Problem.NO_ANSWER, result


async def test_closed_port_and_unknown_host_are_told_apart() -> None:
    assert (await post(f"http://127.0.0.1:{free_port()}/")).problem is Problem.NOT_REACHED
    assert (await post("http://no-such-host.invalid/")).problem is Problem.UNKNOWN_HOST


async def test_server_without_a_trusted_certificate_is_refused(tmp_path: Path) -> None:
    async with receiving() as receiver:
        result = await post(receiver.url.replace("http:", "https:"))
    assert result.problem is Problem.CERTIFICATE
    assert receiver.requests == []


async def test_address_is_checked_again_at_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as receiver:
        port = int(receiver.url.rsplit(":", 1)[1].split("/")[0])
        answers = [["1.1.1.1"], ["127.0.0.1"]]
        asked = list[str]()

        def getaddrinfo(host: str, *arguments: Any, **options: Any) -> list[Any]:
            asked.append(host)
            # The first question is that of the check, all others are of a resolver that has changed
            # its mind.
            found = answers.pop(0) if len(answers) > 1 else answers[0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        rules = AddressRules(AllowedHosts())
        assert await rules.check(f"http://rebind.example:{port}/")
        result = await Requester(rules).post(f"http://rebind.example:{port}/", {}, b"{}")
    assert result.problem is Problem.REFUSED
    assert "--hook-addresses" in result.details
    assert asked == ["rebind.example", "rebind.example"]
    assert receiver.connections == 0


async def test_another_address_of_the_host_is_tried_if_one_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with receiving() as receiver:
        port = int(receiver.url.rsplit(":", 1)[1].split("/")[0])

        def getaddrinfo(host: str, *arguments: Any, **options: Any) -> list[Any]:
            found = ["127.9.9.9", "127.0.0.1"]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

        with monkeypatch.context() as patched:
            patched.setattr(socket, "getaddrinfo", getaddrinfo)
            rules = AddressRules(AllowedHosts.parse(["two.example"]))
            endpoint = await rules.endpoint(parse_address(f"http://two.example:{port}/"))
            assert len(endpoint.ip_addresses) == 2
            result = await Requester(rules).post(f"http://two.example:{port}/chat", {}, b"{}")
    assert (result.status, result.problem) == (200, None)
    assert receiver.requests[0].headers["host"] == f"two.example:{port}"


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for a host, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


async def test_certificate_is_that_of_the_name_although_its_address_is_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = make_certificate(tmp_path, "hooks.example")
    # The computer trusts it.
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    async with receiving(context=context) as receiver:
        port = receiver.url.rsplit(":", 1)[1].split("/")[0]
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        named = AllowedHosts.parse(["hooks.example", "other.example"])
        result = await post(f"https://hooks.example:{port}/chat", allowed=named)
        other = await post(f"https://other.example:{port}/chat", allowed=named)
    assert (result.status, result.problem) == (200, None)
    assert receiver.requests[0].headers["host"] == f"hooks.example:{port}"
    assert other.problem is Problem.CERTIFICATE
    assert len(receiver.requests) == 1
