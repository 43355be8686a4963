"""People: frozen values without I/O."""

from dataclasses import dataclass

PersonId = int


@dataclass(frozen=True, slots=True)
class Person:
    """One account.

    `avatar` is the hash of the person's picture, empty without one (see `avatar_url`).
    """

    id: PersonId
    name: str
    avatar: str = ""
