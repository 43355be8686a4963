"""What the store asks of a search index; the engine of a database brings its own."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection

from chat.model.messages import NewMessage
from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.text.search_query import Query


@dataclass(frozen=True, slots=True)
class ReadableRoom:
    """The room that decides who may read a message: for a thread the one that it is in."""

    room_id: RoomId
    is_public: bool


class SearchIndex(Protocol):
    """Messages by what they are searched for. Changes may wait until the end of a transaction."""

    def add(
        self, connection: Connection, message_id: int, room: ReadableRoom, new_message: NewMessage
    ) -> None:
        """Let a message (id) that was just stored be found."""

    def remove(self, connection: Connection, message_id: int) -> None:
        """Let a message (id) not be found any more. It is not deleted yet, nor are its files."""

    def updated(self, connection: Connection, message_id: int) -> AbstractContextManager[None]:
        """A message (id) is changed inside, and found as it is afterwards."""

    def find(
        self,
        connection: Connection,
        query: Query,
        person_id: PersonId,
        before_id: int | None,
        limit: int,
    ) -> Sequence[int]:
        """The ids of at most `limit` messages that a person may read, newest first.

        `before_id` is the last id that is known, None for the first page.
        """

    def before_commit(self, connection: Connection, deferred: list[Any]) -> None:
        """Apply what the jobs of a transaction have deferred, in order."""

    def maintain(self, connection: Connection) -> None:
        """Tidy up in a few milliseconds, in a transaction of its own."""
