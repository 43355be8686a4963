"""How much a person may send, and what is said to whoever wants to send more."""

import time
from collections import defaultdict, deque
from dataclasses import dataclass

from chat.errors import BadUpload, FileTooLarge, TooManyFiles
from chat.model.people import PersonId

_HOUR = 3600.0
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a person may send: bytes of a file, pixels of a picture, files in an hour, bytes of a
    person in all, files of a message."""

    file: int = 25 * _MIB
    pixels: int = 24_000_000
    an_hour: int = 50
    a_person: int = 1024 * _MIB
    a_message: int = 10


def check_size(size: int, limits: Limits) -> None:
    """Raises BadUpload unless one file of so many bytes may be sent."""
    if size <= 0:
        raise BadUpload("This file is empty. Choose another one.")
    if size > limits.file:
        raise FileTooLarge(limits.file)


def check_all(size: int, limits: Limits) -> None:
    """Raises TooManyFiles unless all files of a person may have so many bytes."""
    if size > limits.a_person:
        raise TooManyFiles(
            "Your files would take more than {limit} MiB. Delete some messages with files.",
            limit=f"{limits.a_person / _MIB:,.4g}",
        )


def check_number(files: int, limits: Limits) -> None:
    """Raises TooManyFiles unless so many files fit in one message."""
    if files > limits.a_message:
        raise TooManyFiles(
            "{limit} files fit in one message. Send the others in another one.",
            limit=limits.a_message,
        )


class Pace:
    """How many files everybody began to send within the last hour."""

    def __init__(self) -> None:
        self._begun = defaultdict[PersonId, deque[float]](deque)

    def begins(self, person: PersonId, limits: Limits) -> None:
        """A person begins one more. Raises TooManyFiles for who began too many."""
        begun, now = self._begun[person], time.monotonic()
        while begun and now - begun[0] > _HOUR:
            begun.popleft()
        if len(begun) >= limits.an_hour:
            wait = max(1, round((_HOUR - (now - begun[0])) / 60))
            raise TooManyFiles(
                "You sent {limit} files within an hour. Wait {minutes} minutes.",
                limit=limits.an_hour,
                minutes=wait,
            )
        begun.append(now)
