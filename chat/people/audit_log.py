"""The audit log: one row for each act of a moderator. Rows are appended, never changed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chat.model.moderation import AuditEntry
from chat.model.people import Person
from chat.model.rooms import RoomInfo
from chat.people.roles import Roles
from chat.store.contract import Store
from chat.tasks import Tasks

# Rows of one page in the app, and of one page that the export reads.
AUDIT_PAGE_SIZE, EXPORT_PAGE_SIZE = 50, 500

# Where owner and moderators fetch all of it as a file.
AUDIT_EXPORT_PATH = "/audit.jsonl"

# Days for which a row is kept, unless the owner says otherwise.
AUDIT_DAYS = 365

# Seconds between two looks for rows that are too old.
_FORGET_INTERVAL = 3600.0


class AuditLog:
    """The audit log of one chat. What an act changes is stored together with its row.

    `days` is how long a row is kept. Besides, the store keeps a number of rows
    (`store/queries/moderation.py`).
    """

    def __init__(self, store: Store, roles: Roles, *, days: int) -> None:
        self._store = store
        self._roles = roles
        self._lifetime = timedelta(days=days)
        self._tasks = Tasks()

    async def open(self) -> None:
        """Delete the rows that are too old, now and from time to time."""
        await self._store.forget_audit(self._oldest)
        self._tasks.start(self._forget_old(), "forget old rows of the audit log")

    async def page(
        self,
        reader: Person,
        may_read: Callable[[Person, RoomInfo], Awaitable[bool]],
        before_id: int | None = None,
        limit: int = AUDIT_PAGE_SIZE,
    ) -> tuple[AuditEntry, ...]:
        """A page of the log, the newest row first; `before_id` is the last id of the page before.

        Only owner and moderators read it. A row is without its room if `may_read` forbids that.
        Raises ChatModeratorRequired.
        """
        self._roles.require_moderator(reader)
        oldest, found = self._oldest, list[AuditEntry]()
        for each in await self._store.audit_page(before_id, limit):
            is_hidden = each.room is not None and not await may_read(reader, each.room)
            if each.at >= oldest:
                found.append(replace(each, room=None, number=None) if is_hidden else each)
        return tuple(found)

    async def close(self) -> None:
        """Look for old rows no more."""
        await self._tasks.stop()

    @property
    def _oldest(self) -> datetime:
        return datetime.now(UTC) - self._lifetime

    async def _forget_old(self) -> None:
        while True:
            await asyncio.sleep(_FORGET_INTERVAL)
            await self._store.forget_audit(self._oldest)
