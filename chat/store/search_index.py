"""The protocol of the search index; each database engine has its own implementation."""

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
    """The room whose access rights apply to a message: for a thread, its parent room."""

    room_id: RoomId
    is_public: bool


class SearchIndex(Protocol):
    """Finds messages.

    A transaction that changes messages changes the index, too. An implementation may do so at the
    end of the transaction: a search within it may find the former state.
    """

    def add(
        self, connection: Connection, message_id: int, room: ReadableRoom, new_message: NewMessage
    ) -> None:
        """Add a message (id) that was just stored."""

    def remove(self, connection: Connection, message_id: int) -> None:
        """Remove a message (id). The message and its files are not deleted yet."""

    def updated(self, connection: Connection, message_id: int) -> AbstractContextManager[None]:
        """A context in which a message (id) is changed; the index is updated at its end."""

    def find(
        self,
        connection: Connection,
        query: Query,
        person_id: PersonId,
        before_id: int | None,
        limit: int,
    ) -> Sequence[int]:
        """The ids of at most `limit` messages that a person may read, newest first.

        `before_id` is the last id of the page before, None for the first page.
        """

    def before_commit(self, connection: Connection, deferred: list[Any]) -> None:
        """Apply the deferred changes of a transaction, in order."""

    def maintain(self, connection: Connection) -> None:
        """Do maintenance for a few milliseconds, in a transaction of its own."""
