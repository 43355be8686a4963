"""People: frozen values without I/O."""

from dataclasses import dataclass
from datetime import UTC, datetime

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


_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class KeptNames:
    """Whose names nobody else may take: of those who are here, or were seen since a time.

    Who came in and was never seen keeps the name for a moment: they may have no connection yet, or
    none any more. The name of a bot is kept as long as there is the bot.
    """

    seen_since: datetime = _NEVER
    came_since: datetime = _NEVER
    present_ids: frozenset[PersonId] = frozenset()


# Names that stay until their bearers leave.
ALL_KEPT = KeptNames()


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A person who has taken a name.

    `former` are the people who had it before, under the names that they have from now on.
    """

    person: Person
    former: tuple[Person, ...] = ()


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
