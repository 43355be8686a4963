"""Files that a person chose, and the file operations of a client."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """One file: the client's number for it, its name, and its size in bytes (-1 for a folder)."""

    number: int
    name: str
    size: int


class FileClient(Protocol):
    """The file operations of a client.

    It sends an event when files are chosen, dropped or pasted.
    """

    def pick_files(self) -> bool:
        """Let the person choose files. False if the client cannot do that by itself."""

    def accept_files(self, enabled: bool) -> None:
        """Allow or forbid files to be dropped or pasted. A new connection begins with forbidden."""

    def send_file(self, file_number: int, url: str) -> None:
        """Upload a file to an address of the chat: PUT with the plain bytes."""

    def forget_file(self, file_number: int) -> None:
        """Forget a file that was not accepted or is no longer wanted."""

    def save_file(self, url: str) -> bool:
        """Save the file at an address of the chat. False if the client cannot do that by itself."""
