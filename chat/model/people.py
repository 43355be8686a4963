"""People: frozen values without I/O."""

from dataclasses import dataclass
from datetime import datetime

PersonId = int


@dataclass(frozen=True, slots=True)
class Person:
    """One account.

    `avatar` is the hash of the person's picture, empty without one (see `avatar_url`). A bot is a
    program, which another person owns.
    """

    id: PersonId
    name: str
    avatar: str = ""
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """What a person says about themselves for a while: an emoji and some words.

    Either may be empty. It is over at `ends_at`; None means that it stays until it is changed.
    """

    emoji: str = ""
    text: str = ""
    ends_at: datetime | None = None

    @property
    def label(self) -> str:
        """The emoji and the words in one line."""
        return f"{self.emoji} {self.text}".strip()


NO_STATUS = Status()


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """What others see of a person besides name and picture.

    `time_zone` is a name of the IANA database, empty if nobody may know it. `last_seen_at` is None
    unless the person allows it; it is rounded down to some minutes.
    """

    status: Status = NO_STATUS
    time_zone: str = ""
    last_seen_at: datetime | None = None
