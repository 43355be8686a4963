"""Limits on uploads, and the checks of them."""

from dataclasses import dataclass

from chat.action_limits import ActionLimit
from chat.errors import BadUpload, FileTooLarge, TooManyFiles
from chat.model.people import PersonId

_HOUR = 3600.0
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """The limits: bytes of a file, pixels of a picture, files of a person in an hour, bytes of all
    files of a person, files of a message."""

    file_bytes: int = 25 * _MIB
    pixels: int = 24_000_000
    files_per_hour: int = 50
    bytes_per_person: int = 1024 * _MIB
    files_per_message: int = 10


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
