"""A process that file permissions bind, also where the tests run as root."""

import ctypes
import os
import sys

_CAPABILITY_VERSION = 0x20080522
_PR_CAPBSET_DROP = 24

# CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH and CAP_FOWNER.
_FILE_CAPABILITIES = (1, 2, 3)


def obey_permissions() -> None:
    """Give up root's rights on files, in this thread and in what it starts.

    It may be the `preexec_fn` of a subprocess. Raises OSError where the system does not allow it.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    # Effective, permitted and inheritable capabilities: the lower 32, then the upper 32.
    sets = (ctypes.c_uint32 * 6)()
    _check(libc.capget(header, sets))
    for capability in _FILE_CAPABILITIES:
        _check(libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0))
        for index in range(3):
            sets[index] &= ~(1 << capability)
    _check(libc.capset(header, sets))


def _check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), "the rights of root could not be given up")
