"""The cache of packed rows: bounded by bytes, and what was used last stays."""

import gc
import weakref

import pytest

from chat.ui.packing.row_cache import ENTRY_BYTES, ByteCache, RowCache
from chat.ui.viewer import ViewerContext


@pytest.mark.parametrize("sizes", [[10], [5_000], [0, 100_000], [1, 10, 100, 1_000, 10_000]])
def test_cache_never_holds_more_than_its_bytes(sizes: list[int]) -> None:
    cache = ByteCache(50_000)
    for n in range(500):
        size = sizes[n % len(sizes)]
        cache.put(n % 311, bytes(size), size)
        assert cache.size <= 50_000
    assert cache.size == sum(
        len(found) + ENTRY_BYTES for n in range(311) if (found := cache.get(n)) is not None
    )


def test_entry_that_was_used_stays_and_the_others_go() -> None:
    cache = ByteCache(10 * (ENTRY_BYTES + 100))
    for n in range(100):
        cache.put(n, bytes(100), 100)
        assert cache.get(0) is not None
    assert len(cache) == 10


def test_frames_of_viewers_that_are_gone_are_not_kept() -> None:
    row_cache = RowCache()

    class Signer:
        def __call__(self, url: str) -> str:
            return url

    signer = Signer()
    frame = row_cache.last_frame(ViewerContext(sign_url=signer))
    assert row_cache.last_frame(ViewerContext(sign_url=signer)) is frame
    kept = weakref.ref(signer)
    del signer, frame
    gc.collect()
    assert kept() is None
