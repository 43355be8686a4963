"""What was freed is the system's again."""

import asyncio
import platform
from pathlib import Path

import pytest

from chat.memory import Memory


def _resident() -> int:
    """Bytes of this process that are in memory."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) * 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others keep it, or give it back")
async def test_what_was_freed_between_what_is_kept_is_given_back() -> None:
    some = [bytes(1000) for _ in range(40_000)]
    # glibc itself gives back only what lies above all that is kept.
    kept, some = some[::200], []
    before, memory = _resident(), Memory()
    memory.give_back_soon()
    memory.give_back_soon()
    await asyncio.sleep(0.7)
    assert len(kept) == 200
    assert before - _resident() > 20_000_000
