"""The sandbox of a process that opens what a stranger sent: no files, no network, no children.

Linux has Landlock (landlock(7), since 5.13) and seccomp filters (seccomp(2)); both need no rights.
Elsewhere, and in an older kernel, a process has its limits on memory and time only. What could be
applied is known from the names that `enter_sandbox` returns.
"""

import ctypes
import platform
import struct
import sys
from collections.abc import Iterator

# prctl(2).
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_SECCOMP_MODE_FILTER = 2

# landlock_create_ruleset(2), landlock_restrict_self(2): the numbers are the same everywhere.
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_RULESET_VERSION = 1
# The accesses to files that each version can deny, as the number of bits (linux/landlock.h).
_FILE_ACCESS_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
# From these versions on: to bind and connect TCP; abstract Unix sockets and signals to others.
_NETWORK_VERSION, _SCOPE_VERSION = 4, 6

# The system calls of a process that computes in memory and writes its result, by architecture: the
# names of both lists are the same (asm/unistd_64.h, asm-generic/unistd.h). All others fail.
_ALLOWED_CALLS = {
    "x86_64": {
        "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9,
        "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14,
        "rt_sigreturn": 15, "readv": 19, "writev": 20, "sched_yield": 24, "mremap": 25,
        "madvise": 28, "nanosleep": 35, "getpid": 39, "exit": 60,
        "gettimeofday": 96, "getrusage": 98, "sysinfo": 99, "times": 100, "sigaltstack": 131,
        "gettid": 186, "futex": 202, "sched_getaffinity": 204, "restart_syscall": 219,
        "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231,
        "set_robust_list": 273, "getrandom": 318, "membarrier": 324, "rseq": 334,
    },
    "aarch64": {
        "read": 63, "write": 64, "close": 57, "fstat": 80, "ppoll": 73, "lseek": 62, "mmap": 222,
        "mprotect": 226, "munmap": 215, "brk": 214, "rt_sigaction": 134, "rt_sigprocmask": 135,
        "rt_sigreturn": 139, "readv": 65, "writev": 66, "sched_yield": 124, "mremap": 216,
        "madvise": 233, "nanosleep": 101, "getpid": 172, "exit": 93,
        "gettimeofday": 169, "getrusage": 165, "sysinfo": 179, "times": 153, "sigaltstack": 132,
        "gettid": 178, "futex": 98, "sched_getaffinity": 123, "restart_syscall": 128,
        "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "exit_group": 94,
        "set_robust_list": 99, "getrandom": 278, "membarrier": 283, "rseq": 293,
    },
}  # fmt: skip

# The number of `clone`, which may begin a thread and no process, and the name of the architecture
# in a filter (linux/audit.h). `clone3` has its flags in memory, where a filter cannot read them.
_CLONE = {"x86_64": 56, "aarch64": 220}
_AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CLONE3 = 435
_CLONE_THREAD = 0x10000

# Classic BPF (linux/bpf_common.h), the fields of `seccomp_data` and the actions (linux/seccomp.h).
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET, _FIRST_ARGUMENT_OFFSET = 0, 4, 16
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS = 1, 38


class _Program(ctypes.Structure):
    """`struct sock_fprog` (linux/filter.h)."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def enter_sandbox() -> list[str]:
    """Give up, for good, all that this thread and those it begins do not need.

    From then on they open no file, no socket and no process; what is open stays open. The process
    must have one thread, and its modules imported. Returns the names of what the system has:
    "no new privileges", "landlock", "seccomp".
    """
    if not sys.platform.startswith("linux"):
        return []
    library = ctypes.CDLL(None, use_errno=True)
    applied = list[str]()
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        # Both others need it.
        return applied
    applied.append("no new privileges")
    if _deny_files(library):
        applied.append("landlock")
    if _filter_calls(library):
        applied.append("seccomp")
    return applied


def _deny_files(library: ctypes.CDLL) -> bool:
    """Deny every access that Landlock knows: a ruleset without rules."""
    version = library.syscall(_CREATE_RULESET, None, 0, _RULESET_VERSION)
    if version < 1:
        return False
    files = (1 << _FILE_ACCESS_BITS.get(version, max(_FILE_ACCESS_BITS.values()))) - 1
    network = 0b11 if version >= _NETWORK_VERSION else 0
    scope = 0b11 if version >= _SCOPE_VERSION else 0
    attributes = struct.pack("=QQQ", files, network, scope)
    ruleset = library.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    return ruleset >= 0 and bool(library.syscall(_RESTRICT_SELF, ruleset, 0) == 0)


def _filter_calls(library: ctypes.CDLL) -> bool:
    """Let all system calls fail but those of `_ALLOWED_CALLS`."""
    machine = platform.machine()
    if machine not in _ALLOWED_CALLS or sys.maxsize < 2**32:
        return False
    code = b"".join(_filter(machine))
    program = _Program(len(code) // 8, code)
    prctl = library.prctl
    return bool(prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _filter(machine: str) -> Iterator[bytes]:
    """The instructions of the filter; a jump skips so many of them."""
    yield _instruction(_LOAD, _ARCHITECTURE_OFFSET)
    yield _instruction(_JUMP_IF_EQUAL, _AUDIT_ARCHITECTURE[machine], 1, 0)
    # The numbers of a foreign architecture mean other calls.
    yield _instruction(_RETURN, _KILL)
    yield _instruction(_LOAD, _NUMBER_OFFSET)
    for number in _ALLOWED_CALLS[machine].values():
        yield _instruction(_JUMP_IF_EQUAL, number, 0, 1)
        yield _instruction(_RETURN, _ALLOW)
    # The C library tries `clone` next.
    yield _instruction(_JUMP_IF_EQUAL, _CLONE3, 0, 1)
    yield _instruction(_RETURN, _FAIL | _ENOSYS)
    yield _instruction(_JUMP_IF_EQUAL, _CLONE[machine], 0, 3)
    yield _instruction(_LOAD, _FIRST_ARGUMENT_OFFSET)
    yield _instruction(_JUMP_IF_SET, _CLONE_THREAD, 0, 1)
    yield _instruction(_RETURN, _ALLOW)
    yield _instruction(_RETURN, _FAIL | _EPERM)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """`struct sock_filter` (linux/filter.h)."""
    return struct.pack("=HBBI", code, if_true, if_false, value)
