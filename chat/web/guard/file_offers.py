"""What the page's script says of files that somebody chose: read with limits, or not at all."""

import json

from chat.ui.client.files import Offered

# So many files at once, characters of a name, bytes of all of it: the script cuts before.
_MOST, _NAME, _LENGTH = 50, 300, 100_000

# What JavaScript counts exactly.
_LARGEST = 2**53


def offer(said: bytes) -> tuple[Offered, ...] | int | None:
    """The files that `[[number, name, size], …]` tells of; the number alone of one that cannot be
    sent after all. None for anything else.
    """
    if len(said) > _LENGTH:
        return None
    try:
        told = json.loads(said)
    except (ValueError, RecursionError):
        return None
    if _is_number(told):
        return int(told)
    if not isinstance(told, list) or not 0 < len(told) <= _MOST:
        return None
    files = [Offered(*each) for each in told if _is_file(each)]
    return tuple(files) if len(files) == len(told) else None


def _is_file(told: object) -> bool:
    match told:
        case [number, str(name), size]:
            # A size of -1 is a folder's.
            sized = type(size) is int and -1 <= size < _LARGEST
            return _is_number(number) and len(name) <= _NAME and sized
    return False


def _is_number(told: object) -> bool:
    return type(told) is int and 0 <= told < _LARGEST
