"""The number of files and connections that the process may have open."""

import sys


def raise_open_file_limit() -> None:
    """Allow as many open files as the system lets this user have.

    Each browser tab and each stream of events is one. Many systems begin with 256 or 1,024.
    """
    if sys.platform == "win32":
        # There is no such limit for sockets.
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == hard:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        # macOS has a lower limit than it says.
        with_less = min(hard, 10_240) if hard > 0 else 10_240
        if soft < with_less:
            resource.setrlimit(resource.RLIMIT_NOFILE, (with_less, hard))
