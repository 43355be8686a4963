"""What a message operation works on: a transaction of the thread that writes."""

from dataclasses import dataclass

from sqlalchemy import Connection

from chat.store.search_index import SearchIndex


@dataclass(frozen=True, slots=True)
class Transaction:
    """A connection in a transaction, and the index in which its messages are found."""

    connection: Connection
    search_index: SearchIndex
