"""Files that somebody chose, as their client tells of them, and what it can do with them."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """One file: what the client calls it, its name, and its size in bytes; -1 of a folder."""

    number: int
    name: str
    size: int


class FileClient(Protocol):
    """What a client can do with files; it tells of those that somebody chose, dropped or pasted."""

    def pick_files(self) -> bool:
        """Let the person choose. False if the client cannot by itself."""

    def accept_files(self, enabled: bool) -> None:
        """Whether files may be dropped or pasted now; they may not in each new connection."""

    def send_file(self, file_number: int, url: str) -> None:
        """Send a file to an address of the chat's: PUT, the bytes themselves."""

    def forget_file(self, file_number: int) -> None:
        """It is not wanted any more, or was not taken."""

    def save_file(self, url: str) -> bool:
        """Save what is at an address of the chat's. False if the client cannot by itself."""
