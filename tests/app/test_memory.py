"""Memory: freed memory returns to the system, and a session holds few objects."""

import asyncio
import gc
import platform
from pathlib import Path

import pytest

from chat.server.memory import MemoryTrimmer
from chat.web.socket.fast_writer import BatchingWebSocketProtocol
from tests.conftest import NewUser
from tests.harness.flet_internals import flet_sessions


def _resident_bytes() -> int:
    """The resident memory of this process, in bytes."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) * 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="malloc_trim is a function of glibc")
async def test_trim_soon_returns_fragmented_free_memory_to_the_system() -> None:
    blocks = [bytes(1000) for _ in range(40_000)]
    # By itself glibc returns only the memory above the last block in use.
    kept_blocks, blocks = blocks[::200], []
    before, memory = _resident_bytes(), MemoryTrimmer()
    memory.trim_soon()
    memory.trim_soon()
    await asyncio.sleep(0.7)
    assert len(kept_blocks) == 200
    assert before - _resident_bytes() > 20_000_000


async def test_session_holds_at_most_32_controls_and_no_empty_bookkeeping(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    assert ann.session_id is not None
    session = flet_sessions()[ann.session_id]
    controls = list(session.index.values())
    # A control takes two kilobytes. Static controls are packed (`ui/packing/shared_view.py`), and
    # others are created on first use.
    assert len(controls) <= 32, sorted(type(each).__name__ for each in controls)
    for each in controls:
        assert all(vars(each).get("__prev_dicts", {}).values())
        assert not any(isinstance(value, set) for value in vars(each).values())


async def test_handshake_headers_are_dropped_after_the_handshake(new_user: NewUser) -> None:
    await new_user("Ann")
    gc.collect()
    scopes = [
        each.scope
        for each in gc.get_objects()
        if isinstance(each, BatchingWebSocketProtocol)
        and each.handshake_complete
        and not each.disconnected
    ]
    assert scopes
    assert all(each["headers"] == [] for each in scopes)
