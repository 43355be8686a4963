"""Reading a room: pages of messages, single messages, and the most recent ones."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime

from chat.errors import NoSuchMessage
from chat.model.messages import Message, MessagePage, Revision, RoomFile
from chat.model.people import Person
from chat.model.rooms import RoomInfo
from chat.rooms.access import Access
from chat.rooms.services import RoomServices

PAGE_SIZE = 50

_MAX_NUMBER = 2**53


class RoomHistory(Access):
    """The messages of a room. Every method raises NoSuchRoom for a person who may not read."""

    def __init__(
        self,
        info: RoomInfo,
        members: Iterable[Person],
        parent: Access | None,
        *,
        services: RoomServices,
    ) -> None:
        super().__init__(info, members, parent, roles=services.roles, sanctions=services.sanctions)
        self._store = services.store
        self._feed = services.feed

    async def revisions(
        self, person: Person, number: int, skipped: int = 0, limit: int = PAGE_SIZE
    ) -> tuple[Revision, ...]:
        """A page of the earlier texts of a message, the latest first, after `skipped` ones."""
        await self.require_visible(person, number)
        return await self._store.revisions(self.info.id, number, skipped, limit)

    async def last_own_message(self, person: Person) -> Message | None:
        """The last message of `person` that can be edited: not deleted, and not a poll."""
        self.require_read(person)
        return await self._store.last_own_message(self.info.id, person.id)

    async def newest(self, person: Person, limit: int = PAGE_SIZE) -> MessagePage:
        """The last page of the room. All who enter it share these messages."""
        self.require_read(person)
        room_id = self.info.id
        if (page := self._feed.newest(room_id, limit)) is None:
            page = await self._whole_page(lambda: self._store.newest(room_id, limit))
            self._feed.keep_newest(room_id, page)
        return self._visible_page(person, page)

    async def before(self, person: Person, number: int, limit: int = PAGE_SIZE) -> MessagePage:
        """The page that ends just before `number`."""
        number = _clamp_number(number)
        return await self._page(person, lambda: self._store.before(self.info.id, number, limit))

    async def after(self, person: Person, number: int, limit: int = PAGE_SIZE) -> MessagePage:
        """The page that begins just after `number`."""
        number = _clamp_number(number)
        return await self._page(person, lambda: self._store.after(self.info.id, number, limit))

    async def around(self, person: Person, number: int, limit: int = PAGE_SIZE) -> MessagePage:
        """The page with `number` in its middle."""
        number = _clamp_number(number)
        return await self._page(person, lambda: self._store.around(self.info.id, number, limit))

    async def number_at(self, person: Person, moment: datetime) -> int | None:
        """The number of the first message that was sent at `moment` or later."""
        self.require_read(person)
        if (since := self.roles.guest_since(person.id)) is not None:
            moment = max(moment, since)
        return await self._store.number_at(self.info.id, moment)

    async def pinned(
        self, person: Person, skipped: int = 0, limit: int = PAGE_SIZE
    ) -> tuple[Message, ...]:
        """A page of the pinned messages, the last pinned first, after `skipped` ones."""
        self.require_read(person)
        since = self.roles.guest_since(person.id)
        return await self._store.pinned(self.info.id, skipped, limit, since)

    async def files(
        self,
        person: Person,
        *,
        pictures: bool,
        before: RoomFile | None = None,
        limit: int = PAGE_SIZE,
    ) -> tuple[RoomFile, ...]:
        """A page of the files here, the newest first: only pictures, or only all others.

        `before` is the last file of the page before.
        """
        self.require_read(person)
        found = await self._store.room_files(
            self.info.id, pictures=pictures, before=before, limit=limit
        )
        since = self.roles.guest_since(person.id)
        return found if since is None else tuple(e for e in found if e.sent_at >= since)

    async def message(self, person: Person, number: int) -> Message:
        """The message with this number. Raises NoSuchMessage."""
        self.require_read(person)
        # A click on a recent message is the usual case, and needs no read from the store.
        if (recent := self._feed.message(self.info.id, number)) is not None:
            if not self.is_visible(person, recent):
                raise NoSuchMessage
            return recent
        return (await self._page_of_one(person, number)).messages[0]

    async def message_with_previous(
        self, person: Person, number: int
    ) -> tuple[Message | None, Message]:
        """The message with this number, and the one before it. Raises NoSuchMessage."""
        self.require_read(person)
        message = self._feed.message(self.info.id, number)
        previous = self._feed.message(self.info.id, number - 1)
        if message is not None and (previous is not None or number == 1):
            if not self.is_visible(person, message):
                raise NoSuchMessage
            is_shown = previous is not None and self.is_visible(person, previous)
            return previous if is_shown else None, message
        page = await self._page_of_one(person, number)
        return page.previous, page.messages[0]

    async def _page_of_one(self, person: Person, number: int) -> MessagePage:
        """The page of this message alone, from the store. Raises NoSuchMessage."""
        page = await self.after(person, number - 1, 1)
        if not page.messages or page.messages[0].number != number:
            raise NoSuchMessage
        return page

    def is_visible(self, person: Person, message: Message) -> bool:
        """Whether a person who may read here sees a message: a guest none from before they came."""
        since = self.roles.guest_since(person.id)
        return since is None or message.sent_at >= since

    async def require_visible(self, person: Person, number: int | None) -> None:
        """Raises NoSuchMessage for a message that a guest does not see, and NoSuchRoom."""
        self.require_read(person)
        if number is not None and self.roles.guest_since(person.id) is not None:
            await self.message(person, number)

    def recent(self, after: int) -> tuple[Message, ...] | None:
        """The messages after number `after`, or None if the feed does not hold all of them."""
        return self._feed.recent(self.info.id, after)

    @property
    def last_number(self) -> int:
        """The number of the newest message."""
        return self._feed.last_number(self.info.id)

    async def _page(
        self, person: Person, read: Callable[[], Awaitable[MessagePage]]
    ) -> MessagePage:
        """A page as a person sees it, with the changes that were published while it was read."""
        self.require_read(person)
        return self._visible_page(person, await self._whole_page(read))

    async def _whole_page(self, read: Callable[[], Awaitable[MessagePage]]) -> MessagePage:
        while (page := self._feed.catch_up(self.info.id, await read())) is None:
            pass
        return page

    def _visible_page(self, person: Person, page: MessagePage) -> MessagePage:
        """The page without what was said before a guest came."""
        since = self.roles.guest_since(person.id)
        if since is None or all(
            each is None or each.sent_at >= since for each in (page.previous, *page.messages)
        ):
            # Also of a guest nearly all pages.
            return page
        is_first = page.previous is None or page.previous.sent_at < since
        messages = tuple(each for each in page.messages if each.sent_at >= since)
        return replace(
            page,
            messages=messages,
            previous=None if is_first else page.previous,
            has_older=page.has_older and not is_first,
        )


def _clamp_number(number: int) -> int:
    """Limit a number from a path: it may be of any size, and the store counts to 2**63."""
    return max(0, min(number, _MAX_NUMBER))
