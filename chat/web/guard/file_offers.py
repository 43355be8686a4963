"""What the page's script says of files that somebody chose: read with limits, or not at all."""

import json

from chat.ui.client.files import ChosenFile

# So many files at once, characters of a name, bytes of all of it: the script cuts before.
_MAX_FILES, _MAX_NAME_LENGTH, _MAX_PAYLOAD_SIZE = 50, 300, 100_000

# What JavaScript counts exactly.
_MAX_SAFE_INTEGER = 2**53


def parse_file_offer(payload: bytes) -> tuple[ChosenFile, ...] | int | None:
    """The files that `[[number, name, size], …]` tells of; the number alone of one that cannot be
    sent after all. None for anything else.
    """
    if len(payload) > _MAX_PAYLOAD_SIZE:
        return None
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if _is_safe_integer(value):
        return int(value)
    if not isinstance(value, list) or not 0 < len(value) <= _MAX_FILES:
        return None
    files = [ChosenFile(*each) for each in value if _is_file(each)]
    return tuple(files) if len(files) == len(value) else None


def _is_file(value: object) -> bool:
    match value:
        case [number, str(name), size]:
            # A size of -1 is a folder's.
            has_valid_size = type(size) is int and -1 <= size < _MAX_SAFE_INTEGER
            return _is_safe_integer(number) and len(name) <= _MAX_NAME_LENGTH and has_valid_size
    return False


def _is_safe_integer(value: object) -> bool:
    return type(value) is int and 0 <= value < _MAX_SAFE_INTEGER
