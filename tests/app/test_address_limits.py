"""What one address may have open: connections and web sockets."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

from chat.server.app import ChatServer
from chat.server.network import network_address
from chat.web.guard.address_limits import CONNECTIONS_PER_SOCKET, AddressLimits
from tests.conftest import running_chat
from tests.harness.domain import create_empty_database
from tests.harness.hostile_clients import REGISTER_FRAME
from tests.harness.http import http_client
from tests.harness.waiting import wait_until

SOCKETS = 4


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A chat for the network of this computer, which allows an address four pages."""
    if network_address() == "127.0.0.1":
        pytest.skip("this computer has no network")
    data = await create_empty_database(tmp_path / "data")
    async with running_chat(data, lan=True, sockets_an_address=SOCKETS) as chat:
        yield chat


def port_of(chat: ChatServer) -> int:
    """The port on which the chat listens."""
    return int(chat.url.rsplit(":", 1)[1])


@contextlib.asynccontextmanager
async def socket_from_the_network(chat: ChatServer) -> AsyncIterator[ClientConnection]:
    """A page's socket, from the address of this computer in its network."""
    address = f"{network_address()}:{port_of(chat)}"
    async with connect(f"ws://{address}/ws", origin=f"http://{address}", proxy=None) as websocket:  # type: ignore[arg-type]
        yield websocket


async def test_idle_connections_of_one_address_are_bounded(
    chat: ChatServer, capfd: pytest.CaptureFixture[str]
) -> None:
    limit = SOCKETS * CONNECTIONS_PER_SOCKET
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(5 * limit):
            _, writer = await asyncio.open_connection(network_address(), port_of(chat))
            stack.callback(writer.close)
        await wait_until(lambda: len(chat.connections) == limit)
        # Everybody else comes in, also a program on this computer.
        async with http_client() as http:
            assert (await http.get(f"{chat.url}/healthz")).status_code == 200
    lines = [each for each in capfd.readouterr() if "too many connections" in each]
    assert sum(each.count("too many connections") for each in lines) == 1
    # Their places are free again.
    await wait_until(lambda: not chat.connections)
    async with http_client() as http:
        url = f"http://{network_address()}:{port_of(chat)}/healthz"
        assert (await http.get(url)).status_code == 200


async def test_sockets_of_one_address_are_bounded_until_one_is_closed(chat: ChatServer) -> None:
    async with contextlib.AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(socket_from_the_network(chat)) for _ in range(SOCKETS)
        ]
        for each in opened:
            await each.send(REGISTER_FRAME)
            assert isinstance(await each.recv(), bytes)
        async with socket_from_the_network(chat) as refused:
            await asyncio.wait_for(refused.wait_closed(), 20)
            assert refused.close_code == 1013
        await opened[0].close()

        async def comes_in() -> bool:
            async with socket_from_the_network(chat) as websocket:
                await websocket.send(REGISTER_FRAME)
                with contextlib.suppress(Exception):
                    return isinstance(await websocket.recv(), bytes)
            return False

        # The server cleans up after the closed one first.
        assert any([await comes_in() for _ in range(20)])


@pytest.mark.parametrize(
    ("addresses", "accepted"),
    [
        (["192.168.1.5"] * 9, 8),
        (["::ffff:192.168.1.5", "192.168.1.5"] * 5, 8),
        # All addresses of a network of IPv6 are one computer's.
        ([f"2001:db8::{each}" for each in range(9)], 8),
        ([f"2001:db8:0:{each}::1" for each in range(9)], 9),
        ([f"192.168.1.{each}" for each in range(9)], 9),
        (["127.0.0.1"] * 9, 9),
        (["::1"] * 9, 9),
        ([""] * 9, 9),
    ],
)
def test_an_address_is_one_computer(addresses: list[str], accepted: int) -> None:
    limits = AddressLimits(SOCKETS)
    counted = [each for each in addresses if limits.add_connection(each)]
    assert len(counted) == accepted
    for each in counted:
        limits.remove_connection(each)
    assert all(limits.add_connection(each) for each in addresses[:accepted])
