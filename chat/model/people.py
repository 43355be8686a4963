"""People: frozen values without I/O."""

from dataclasses import dataclass

PersonId = int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who came in under a name.

    `avatar` is the content of their picture, empty if they have none (`avatar_url`).
    """

    id: PersonId
    name: str
    avatar: str = ""
