"""Compressed copies of the page's files, made before a server of this chat is measured."""

import threading
import time

from chat.web.http import static_files

# Seconds to wait for another process that makes the copies.
_TIMEOUT = 600.0
_RETRY_SECONDS = 1.0


def compress_page_files() -> None:
    """Make the copies that are missing from this person's cache folder. Raises TimeoutError.

    A server makes them in the background after its first start, with the lowest priority: half a
    minute of one core, several minutes on a busy machine. It would be measured with this work and
    with the 70 MB that it takes.
    """
    if _is_complete():
        return
    print("compressing the page's files, once for each version …", flush=True)
    files = static_files.PrecompressedFiles(
        static_files.cache_folder(), static_files.page_version()
    )
    deadline = time.monotonic() + _TIMEOUT
    while not _is_complete():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the page's files were not compressed in {_TIMEOUT:.0f} s")
        # A thread of its own: `build` lowers the priority of its thread for good. It returns at
        # once while another process makes the copies.
        thread = threading.Thread(target=files.build)
        thread.start()
        thread.join()
        if not _is_complete():
            time.sleep(_RETRY_SECONDS)


def _is_complete() -> bool:
    """Whether each file has both copies: those with gzip are made first, then those with Brotli."""
    folder = static_files.cache_folder() / static_files.page_version()
    gzip_count, brotli_count = (len(list(folder.rglob(f"*.{each}"))) for each in ("gz", "br"))
    return 0 < gzip_count == brotli_count
