"""The drain: before the chat stops, its clients are told to connect again, one after the other.

Were all told at once, all would come at once to the process that takes over.
"""

import asyncio
import random
from collections.abc import Set

import structlog

from chat.web.socket.uvicorn_protocol import RateLimitedProtocol

log = structlog.get_logger(__name__)

# The clients that are told within a second, and the longest time for all of them, in seconds.
CLIENTS_PER_SECOND = 100
DRAIN_SECONDS = 5.0

# How often, and every how many seconds, the last sockets are looked at. One whose client does not
# answer ends by itself within a second.
_LOOKS, _LOOK_SECONDS = 75, 0.02


async def drain(connections: Set[asyncio.Protocol]) -> None:
    """Close every web socket of `connections` with 1012 (Service Restart), at random times.

    `connections` is the live set of the server. What a client has sent before its answer to the
    close frame is handled. The others work on until it is their turn.
    """
    loop = asyncio.get_running_loop()
    sockets = [each for each in connections if isinstance(each, RateLimitedProtocol)]
    random.shuffle(sockets)
    seconds = min(DRAIN_SECONDS, len(sockets) / CLIENTS_PER_SECOND)
    log.info("draining", clients=len(sockets), seconds=seconds)
    started = loop.time()
    offsets = sorted(random.uniform(0, seconds) for _ in sockets)
    for each, offset in zip(sockets, offsets, strict=True):
        await asyncio.sleep(max(0.0, started + offset - loop.time()))
        if each in connections:
            each.shutdown()
    for _ in range(_LOOKS):
        sockets = [each for each in sockets if each in connections]
        if not sockets:
            break
        await asyncio.sleep(_LOOK_SECONDS)
    log.info("drained", left=len(sockets))
