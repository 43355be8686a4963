"""What was freed is the system's again, and a session holds no more than it needs."""

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
    """Bytes of this process that are in memory."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) * 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others keep it, or give it back")
async def test_trim_soon_returns_fragmented_free_memory_to_the_system() -> None:
    some = [bytes(1000) for _ in range(40_000)]
    # glibc itself gives back only what lies above all that is kept.
    kept, some = some[::200], []
    before, memory = _resident_bytes(), MemoryTrimmer()
    memory.trim_soon()
    memory.trim_soon()
    await asyncio.sleep(0.7)
    assert len(kept) == 200
    assert before - _resident_bytes() > 20_000_000


async def test_session_holds_at_most_31_controls_and_no_empty_bookkeeping(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    assert ann.session_id is not None
    session = flet_sessions()[ann.session_id]
    controls = list(session.index.values())
    # Two kilobytes each. Static controls are packed (`ui/packing/shared_view.py`); others are
    # made when they are needed.
    assert len(controls) <= 31, sorted(type(each).__name__ for each in controls)
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
