"""The transaction in which a message operation runs, in the thread that writes."""

from dataclasses import dataclass

from sqlalchemy import Connection

from chat.store.search_index import SearchIndex


@dataclass(frozen=True, slots=True)
class Transaction:
    """A connection in a transaction, and the search index to update with it."""

    connection: Connection
    search_index: SearchIndex
