"""One request to a receiver: bounded in time and in what is read, to a checked address only."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import httpx

from chat import __version__
from chat.errors import BadHookAddress, SlowDown, UnknownHost
from chat.loop_time import run_in_thread
from chat.model.outgoing import Problem
from chat.outgoing.addresses import AddressRules, Endpoint, IpAddress, parse_address

# The time for a whole request, from the look-up of the name to the last byte of the answer, and
# that for one connection, in seconds.
REQUEST_SECONDS = 10.0
CONNECT_SECONDS = 4.0

# The addresses of a host that are tried, one after the other.
MAX_ADDRESSES = 3

# The most bytes of an answer that are read. Of a longer one nothing is used.
ANSWER_LIMIT = 64 * 1024

# The beginning of an answer that is shown, in characters.
SHOWN_LIMIT = 200

# The longest time that a receiver may ask the chat to wait, in seconds.
MAX_RETRY_AFTER = 12 * 3600.0

_GONE = 410
_BUSY = {429, 503}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request.

    `status` is the code of the answer, 0 without one. `body` is empty if the answer is longer than
    ANSWER_LIMIT. `retry_after` is in seconds, 0 if the receiver names no time.
    """

    status: int = 0
    problem: Problem | None = None
    details: str = ""
    body: bytes = b""
    retry_after: float = 0.0
    milliseconds: int = 0

    @property
    def is_gone(self) -> bool:
        """Whether the receiver says that it will never take anything again."""
        return self.status == _GONE


class Requester:
    """Sends requests. It follows no redirect, keeps no cookie and no connection, uses no proxy, and
    decompresses nothing."""

    def __init__(self, rules: AddressRules, seconds: float = REQUEST_SECONDS) -> None:
        self.rules = rules
        self._seconds = seconds
        self._transport: httpx.AsyncHTTPTransport | None = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a body of JSON. Each failure is an answer with a problem."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._post(url, headers, body)
        except TimeoutError:
            answer = Answer(problem=Problem.TOO_SLOW)
        milliseconds = round(1000 * (time.monotonic() - started))
        return replace(answer, milliseconds=milliseconds)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            endpoint = await self.rules.endpoint(parse_address(url))
        except UnknownHost as refusal:
            return Answer(problem=Problem.UNKNOWN_HOST, details=str(refusal))
        except BadHookAddress as refusal:
            return Answer(problem=Problem.REFUSED, details=str(refusal))
        except SlowDown:
            # All threads wait for a resolver.
            return Answer(problem=Problem.TOO_SLOW)
        answer = Answer(problem=Problem.NOT_REACHED)
        for ip_address in endpoint.ip_addresses[:MAX_ADDRESSES]:
            try:
                return await self._post_to(endpoint, ip_address, headers, body)
            except (httpx.ConnectError, httpx.ConnectTimeout) as failure:
                # Nothing was sent: another address of the host may answer.
                answer = _unconnected(failure)
            except httpx.TimeoutException:
                return Answer(problem=Problem.TOO_SLOW)
            except httpx.TransportError as failure:
                return Answer(problem=Problem.NO_ANSWER, details=_shown(str(failure)))
        return answer

    async def _post_to(
        self, endpoint: Endpoint, ip_address: IpAddress, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        url = endpoint.url
        request = httpx.Request(
            "POST",
            url.copy_with(host=str(ip_address)),
            headers={
                "host": url.netloc.decode("ascii"),
                "user-agent": f"flet-chat/{__version__}",
                "content-type": "application/json",
                "accept": "application/json",
                # What is compressed could be a thousand times as long as what was read.
                "accept-encoding": "identity",
                "connection": "close",
                **headers,
            },
            content=body,
            extensions={
                "sni_hostname": url.raw_host.decode("ascii").strip("[]").rstrip("."),
                "timeout": {
                    "connect": CONNECT_SECONDS,
                    "read": self._seconds,
                    "write": self._seconds,
                    "pool": self._seconds,
                },
            },
        )
        transport = await self._open_transport()
        response = await transport.handle_async_request(request)
        try:
            content = await _read(response)
        finally:
            await response.aclose()
        return _answer(response, content)

    async def _open_transport(self) -> httpx.AsyncHTTPTransport:
        if self._transport is None:
            # Reading the certificates takes 40 milliseconds.
            context = await run_in_thread(_ssl_context)
            self._transport = httpx.AsyncHTTPTransport(
                verify=context,
                trust_env=False,
                limits=httpx.Limits(max_keepalive_connections=0),
            )
        return self._transport

    async def close(self) -> None:
        """End the connections."""
        if self._transport is not None:
            await self._transport.aclose()


def _ssl_context() -> ssl.SSLContext:
    """The certificates of Mozilla, and those that this computer trusts besides."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


async def _read(response: httpx.Response) -> bytes | None:
    """The body as it was sent; None if it is longer than ANSWER_LIMIT."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    content = bytearray()
    async for chunk in response.stream:
        content += chunk
        if len(content) > ANSWER_LIMIT:
            return None
    return bytes(content)


def _answer(response: httpx.Response, content: bytes | None) -> Answer:
    is_plain = response.headers.get("content-encoding", "identity").lower() == "identity"
    body = content if content is not None and is_plain else b""
    answer = Answer(response.status_code, None, _shown(body.decode("utf-8", "replace")), body)
    if response.is_success:
        return answer
    if response.is_redirect:
        location = _shown(response.headers.get("location", ""))
        return replace(answer, problem=Problem.REDIRECT, details=location)
    after = response.headers.get("retry-after", "")
    if response.status_code in _BUSY and after.isascii() and after.isdecimal():
        seconds = min(float(after[:9]), MAX_RETRY_AFTER)
        answer = replace(answer, retry_after=seconds)
    return replace(answer, problem=Problem.STATUS)


def _unconnected(failure: Exception) -> Answer:
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            reason = getattr(cause, "verify_message", "") or cause.reason or ""
            return Answer(problem=Problem.CERTIFICATE, details=_shown(str(reason)))
        cause = cause.__cause__ or cause.__context__
    is_slow = isinstance(failure, httpx.ConnectTimeout)
    return Answer(problem=Problem.TOO_SLOW if is_slow else Problem.NOT_REACHED)


def _shown(text: str) -> str:
    """The beginning of a text of another server, in one line."""
    line = " ".join(text[: 4 * SHOWN_LIMIT].split())
    return "".join(each for each in line if each.isprintable())[:SHOWN_LIMIT]
