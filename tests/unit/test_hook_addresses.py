"""The addresses of outgoing webhooks: which are refused, in each form that can be written."""

import asyncio
import ipaddress
import re
import socket
from typing import Any

import pytest

from chat.errors import BadHookAddress, HookAddressRefused, OwnHookAddress, SlowDown, UnknownHost
from chat.outgoing.addresses import (
    LOOKUP_LIMIT,
    URL_LIMIT,
    AddressRules,
    AllowedHosts,
    is_public,
    parse_address,
)
from chat.outgoing.deliveries import CONCURRENT_REQUESTS, CONCURRENT_RETRIES

# Forms of an address that lead into the own network, and are found out by what they resolve to.
PRIVATE_URLS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0/",
    "http://localhost/",
    "http://localhost./",
    "http://LOCALHOST/",
    "https://127.0.0.1:8443/path",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::10.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://192.88.99.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
]

# Texts that are no address of a receiver at all.
BAD_URLS = [
    "",
    "example.org/chat",
    "//example.org/chat",
    "ftp://example.org/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http:///chat",
    "http://",
    "http://user@example.org/",
    "http://user:secret@example.org/",
    "http://example.org@127.0.0.1/",
    "http://127.0.0.1\\@example.org/",
    "http://example.org\r\nHost: 127.0.0.1/",
    "http://exam\tple.org/",
    "http://exam ple.org/",
    "http://example.org/a\x00b",
    "http://example.org/a\u2028b",
    "http://%31%32%37.0.0.1/",
    "http://[fe80::1%25eth0]/",
    "http://[::1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://example.org:0/",
    "http://example.org:65536/",
    "http://example.org:-1/",
    "http://example.org/" + "a" * URL_LIMIT,
]


@pytest.mark.parametrize("url", PRIVATE_URLS)
async def test_address_of_the_own_network_is_refused_by_what_it_resolves_to(url: str) -> None:
    with pytest.raises((HookAddressRefused, UnknownHost)) as refusal:
        await AddressRules(AllowedHosts()).check(url)
    if isinstance(refusal.value, HookAddressRefused):
        # Whoever needs it reads how it is allowed.
        assert "--hook-addresses" in str(refusal.value)


@pytest.mark.parametrize("url", BAD_URLS)
async def test_text_that_is_no_address_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(BadHookAddress) as refusal:
        parse_address(url)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "1.1.1.1",
        "8.8.8.8",
        "2606:4700:4700::1111",
        # A translator of an IPv6 network leads to an address of IPv4.
        "64:ff9b::101:101",
        "::ffff:1.1.1.1",
    ],
)
def test_address_of_the_internet_is_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        *("0.0.0.0", "127.0.0.1", "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.31.0.1"),
        *("192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "203.0.113.1"),
        *("224.0.0.1", "233.252.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::7f00:1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1"),
        *("2001:0:101:101::", "2001:db8::1", "2002:101:101::1", "3fff::1", "5f00::1"),
        *("fc00::1", "fe80::1", "fe80::1%eth0", "2606:4700::1%eth0", "fec0::1", "ff0e::1"),
    ],
)
def test_other_addresses_are_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    ("named", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:9/"),
        ("127.0.0.1", "http://127.1:9/"),
        ("127.0.0.0/8", "http://127.8.9.1:9/"),
        ("localhost", "http://LocalHost.:9/"),
        ("::1", "http://[::1]:9/"),
        ("[::1]", "http://[::1]:9/"),
        ("::ffff:127.0.0.1", "http://[::ffff:127.0.0.1]:9/"),
        ("10.0.0.0/8", "http://10.1.2.3:9/"),
    ],
)
async def test_named_host_or_network_is_allowed(named: str, url: str) -> None:
    rules = AddressRules(AllowedHosts.parse(["elsewhere.internal", named]))
    assert (await rules.endpoint(parse_address(url))).ip_addresses


@pytest.mark.parametrize("value", ["a b", "http://x", "10.0.0.0/33", "*", "-x", "x/y"])
def test_value_of_the_setting_that_is_no_host_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=re.escape(value)):
        AllowedHosts.parse([value])


async def test_address_is_stored_as_receivers_read_it() -> None:
    rules = AddressRules(AllowedHosts.parse(["127.0.0.0/8"]))
    assert await rules.check("  http://127.0.0.1:8000/ä?q=ü#part ") == (
        "http://127.0.0.1:8000/%C3%A4?q=%C3%BC"
    )


async def test_chat_itself_is_refused_even_if_its_computer_is_named() -> None:
    rules = AddressRules(AllowedHosts.parse(["127.0.0.0/8", "localhost"]), own_port=8550)
    assert await rules.check("http://127.0.0.1:8551/")
    for url in ("http://127.0.0.1:8550/", "http://localhost:8550/", "http://127.7.7.7:8550/"):
        with pytest.raises(OwnHookAddress):
            await rules.check(url)


class Resolver:
    """The answers of the resolver: the addresses of each name, one list after the other."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.questions = 0

    def getaddrinfo(self, host: str, port: int, **options: Any) -> list[Any]:
        """As `socket.getaddrinfo`."""
        self.questions += 1
        if host not in self.answers:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        queue = self.answers[host]
        found = queue.pop(0) if len(queue) > 1 else queue[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    """A resolver that another person controls."""
    resolver = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", resolver.getaddrinfo)
    return resolver


async def test_host_with_one_private_address_among_public_ones_is_refused(
    resolver: Resolver,
) -> None:
    resolver.answers["mixed.example"] = [["1.1.1.1", "10.0.0.1"]]
    with pytest.raises(HookAddressRefused):
        await AddressRules(AllowedHosts()).check("http://mixed.example/")


async def test_host_of_the_chat_is_refused_by_its_name(resolver: Resolver) -> None:
    resolver.answers["chat.example.org"] = [["1.1.1.1"]]
    own = AddressRules(AllowedHosts(), ["chat.example.org"])
    with pytest.raises(HookAddressRefused):
        await own.check("https://CHAT.example.org./hooks/key")
    named = AddressRules(AllowedHosts.parse(["chat.example.org"]), ["chat.example.org"])
    assert await named.check("https://chat.example.org/other")


async def test_name_is_asked_for_once_and_its_checked_address_is_used(resolver: Resolver) -> None:
    resolver.answers["rebind.example"] = [["1.1.1.1"], ["127.0.0.1"]]
    rules = AddressRules(AllowedHosts())
    endpoint = await rules.endpoint(parse_address("http://rebind.example/"))
    assert [str(each) for each in endpoint.ip_addresses] == ["1.1.1.1"]
    assert resolver.questions == 1
    with pytest.raises(HookAddressRefused):
        await rules.endpoint(parse_address("http://rebind.example/"))


async def test_slow_resolver_holds_no_more_threads_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, released = asyncio.get_running_loop(), asyncio.Event()
    started = asyncio.Semaphore(0)

    def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        loop.call_soon_threadsafe(started.release)
        asyncio.run_coroutine_threadsafe(released.wait(), loop).result(20)
        raise socket.gaierror(socket.EAI_AGAIN, "later")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    rules = AddressRules(AllowedHosts())
    url = parse_address("http://slow.example/")
    asking = [asyncio.create_task(rules.endpoint(url)) for _ in range(LOOKUP_LIMIT)]
    for _ in asking:
        await started.acquire()
    with pytest.raises(SlowDown):
        await rules.endpoint(url)
    # The requests of all webhooks at once are fewer.
    assert LOOKUP_LIMIT > 2 * (CONCURRENT_REQUESTS + CONCURRENT_RETRIES)
    released.set()
    refusals = await asyncio.gather(*asking, return_exceptions=True)
    assert {type(each) for each in refusals} == {UnknownHost}
