"""Limits on uploads, and the checks of them."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from chat.action_limits import ActionLimit
from chat.errors import BadUpload, FileTooLarge, TooManyFiles
from chat.model.people import PersonId

# Networks whose uploads are counted; who sent something last is the last one.
NETWORK_LIMIT = 10_000

_HOUR = 3600.0
_HOURS_OF_A_DAY = 24
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """The limits: bytes of a file, pixels of a picture, files of a person in an hour, bytes of all
    files of a person, files of a message; bytes that come from one network within a day, and bytes
    of all files of the chat."""

    file_bytes: int = 25 * _MIB
    pixels: int = 24_000_000
    files_per_hour: int = 50
    bytes_per_person: int = 1024 * _MIB
    files_per_message: int = 10
    bytes_per_network: int = 4096 * _MIB
    bytes_in_all: int = 20 * 1024 * _MIB


def check_file_size(size: int, limits: UploadLimits) -> None:
    """Raises BadUpload unless a file may have `size` bytes."""
    if size <= 0:
        raise BadUpload("This file is empty. Choose another one.")
    if size > limits.file_bytes:
        raise FileTooLarge(limits.file_bytes)


def check_total_size(size: int, limits: UploadLimits) -> None:
    """Raises TooManyFiles unless all files of a person may have `size` bytes together."""
    if size > limits.bytes_per_person:
        raise TooManyFiles(
            "Your files would take more than {limit} MiB. Delete some messages with files.",
            limit=f"{limits.bytes_per_person / _MIB:,.4g}",
        )


def check_chat_size(size: int, limits: UploadLimits) -> None:
    """Raises TooManyFiles unless all files of the chat may have `size` bytes together."""
    if size > limits.bytes_in_all:
        raise TooManyFiles(
            "All files of this chat would take more than {limit} MiB. Delete some messages with "
            "files, or tell the person who runs the chat.",
            limit=f"{limits.bytes_in_all / _MIB:,.4g}",
        )


def check_file_count(count: int, limits: UploadLimits) -> None:
    """Raises TooManyFiles unless a message may have `count` files."""
    if count > limits.files_per_message:
        raise TooManyFiles(
            "{limit} files fit in one message. Send the others in another one.",
            limit=limits.files_per_message,
        )


class UploadRateLimit:
    """Counts the uploads that each person began within the last hour."""

    def __init__(self) -> None:
        self._action_limit = ActionLimit(_HOUR)

    def record_upload(self, person_id: PersonId, limits: UploadLimits) -> None:
        """Count one more upload of a person. Raises TooManyFiles above the limit."""
        if wait := self._action_limit.record(person_id, limits.files_per_hour):
            raise TooManyFiles(
                "You sent {limit} files within an hour. Wait {minutes} minutes.",
                limit=limits.files_per_hour,
                minutes=max(1, round(wait / 60)),
            )


class NetworkQuota:
    """Counts the bytes of uploads that each network began within a day, hour by hour.

    The files of a person have a limit of their own; it would begin anew with each new person.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._bytes: OrderedDict[str, dict[int, int]] = OrderedDict()

    def record_upload(self, network: str, size: int, limits: UploadLimits) -> None:
        """Count an upload. Raises TooManyFiles above the limit."""
        hour = int(self._clock() // _HOUR)
        hours = {
            each: count
            for each, count in self._bytes.pop(network, {}).items()
            if each > hour - _HOURS_OF_A_DAY
        }
        self._bytes[network] = hours
        while len(self._bytes) > NETWORK_LIMIT:
            self._bytes.popitem(last=False)
        if sum(hours.values()) + size > limits.bytes_per_network:
            raise TooManyFiles(
                "Within a day, {limit} MiB of files can come from your network. Wait {hours} h, or "
                "send a smaller one.",
                limit=f"{limits.bytes_per_network / _MIB:,.4g}",
                hours=min(hours, default=hour) + _HOURS_OF_A_DAY - hour,
            )
        hours[hour] = hours.get(hour, 0) + size
