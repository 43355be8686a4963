"""The messages of a program: reading, posting, changing and searching them."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC

from chat.drawings.views import NewView
from chat.errors import BadKey, KeyReused, NoSuchMessage, SlowDown
from chat.model.messages import Message, MessagePage, SearchHit
from chat.model.programs import Scope, Via, View
from chat.model.reports import ReportKind
from chat.programs.actions import ActionAnswer
from chat.rooms.room import Room
from chat.workspace.program_session import ProgramSession
from chat.workspace.workspace import RESULTS_PAGE_SIZE

RoomSlug = str

# The messages of one page.
PAGE_LIMIT = 200

# Characters of a key.
KEY_LIMIT = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a page is: before, after or around the message of a number; else at the end."""

    before: int | None = None
    after: int | None = None
    around: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramText:
    """What a program posts: a text with files, in a room or in the thread about a message of it.

    A text that calls many people is posted only if it `confirms_calls`. The names in `mentioning`
    are mentions, by default those in the whole text; `via` is how it was sent, and `view` its
    live controls.
    """

    text: str = ""
    quoted_number: int | None = None
    upload_ids: tuple[str, ...] = ()
    thread_number: int | None = None
    confirms_calls: bool = False
    mentioning: str | None = None
    via: Via = field(default_factory=Via)
    view: NewView | None = None

    def content_hash(self, slug: str) -> str:
        """The hash of this text in this room: that of a repeated request is the same."""
        content = [slug, self.text, self.quoted_number, self.upload_ids, self.thread_number]
        if self.view is not None:
            content += [self.view.name, self.view.state, self.view.drawing]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def client_id_of(key: str | None) -> str:
    """The client id of a message with this key; without one, any. Raises BadKey."""
    if key is None:
        return secrets.token_hex(16)
    if not 0 < len(key) <= KEY_LIMIT:
        raise BadKey(KEY_LIMIT)
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class ProgramMessages:
    """The operations of a program on messages."""

    def __init__(self, session: ProgramSession) -> None:
        self._session = session
        self._workspace = session.workspace

    async def page(self, slug: str, position: Position, limit: int) -> tuple[RoomSlug, MessagePage]:
        """A page of a room or a thread, in order of number."""
        room = await self._session.room(slug)
        return room.info.slug, await self._page(room, position, limit)

    async def thread_page(
        self, slug: str, number: int, position: Position, limit: int
    ) -> tuple[RoomSlug | None, MessagePage]:
        """A page of the thread about a message, and the thread's address.

        The address is None, and the page empty, while nobody has replied. Raises NoSuchMessage.
        """
        room = await self._session.room(slug)
        thread = await self._workspace.rooms.find_thread(self._session.bot, room, number)
        if thread is None:
            return None, MessagePage()
        return thread.info.slug, await self._page(thread, position, limit)

    async def message(self, slug: str, number: int) -> Message:
        """One message. Raises NoSuchMessage."""
        room = await self._session.room(slug)
        return await room.message(self._session.bot, number)

    async def post(
        self, slug: str, new: ProgramText, key: str | None = None
    ) -> tuple[RoomSlug, Message, bool]:
        """Post a message; returns the address of its room, the message, and whether it is new.

        A repeated `key` of the bot returns the first message. Raises KeyReused if that had another
        content, BadKey, SlowDown, and as `Room.post`.
        """
        self._session.require(Scope.WRITE)
        room = await self._session.covered_room(slug)
        client_id, via = client_id_of(key), new.via
        if key is not None:
            via = replace(via, body_hash=new.content_hash(slug))
        is_new = False

        async def post() -> Message:
            nonlocal is_new
            if key is not None and (stored := await self._stored(client_id)) is not None:
                return stored
            message = await self._post(room, new, client_id, via)
            is_new = True
            return message

        # Requests with the same key at the same time are one, which goes on if its client is gone.
        # Of a message that is stored, the store knows the key.
        message = await self._workspace.submissions.run(
            self._session.bot.id, client_id, post, is_remembered=lambda _: False
        )
        if key is not None and (message.via is None or message.via.body_hash != via.body_hash):
            raise KeyReused
        target = await self._workspace.rooms.by_id(self._session.bot, message.room_id)
        return target.info.slug, message, is_new

    async def edit(self, slug: str, number: int, text: str) -> Message:
        """Change the text of a message of the bot. Raises as `Room.edit`."""
        room = await self._session.room(slug, Scope.WRITE)
        await room.edit(self._session.bot, number, text)
        return await room.message(self._session.bot, number)

    async def set_view(
        self, slug: str, number: int, view: NewView | None, text: str | None = None
    ) -> Message:
        """Replace the view of a message of the bot, and with `text` what stands for it.

        Without a view, its row shows the text. Raises as `Room.set_view`.
        """
        room = await self._session.room(slug, Scope.WRITE)
        checked = None if view is None else view.checked()
        await room.set_view(self._session.bot, number, checked, text)
        return await room.message(self._session.bot, number)

    async def view(self, slug: str, number: int) -> View:
        """The view of a message of the bot. Raises NoSuchMessage without one."""
        message = await self.message(slug, number)
        if message.author.id != self._session.bot.id or message.view is None:
            raise NoSuchMessage
        return message.view

    async def answer_action(
        self,
        action_id: str,
        answer: ActionAnswer,
        view: NewView | None = None,
        text: str | None = None,
    ) -> int:
        """Answer what a person did with a view, as `ProgramActions.answer`."""
        self._session.require(Scope.WRITE)
        actions = self._workspace.program_actions
        return await actions.answer(self._session.bot, action_id, answer, view, text)

    async def delete(self, slug: str, number: int) -> None:
        """Delete a message of the bot; as a moderator, with the scope MANAGE, that of anybody.

        Raises NoSuchMessage and NotStored.
        """
        room = await self._session.room(slug, Scope.WRITE)
        message = await room.message(self._session.bot, number)
        if message.author.id != self._session.bot.id:
            self._session.require(Scope.MANAGE)
        await room.delete(self._session.bot, number)

    async def react(self, slug: str, number: int, emoji: str, *, present: bool) -> Message:
        """Add or remove a reaction of the bot; a repetition changes nothing.

        Raises as `Room.react`.
        """
        room = await self._session.room(slug, Scope.REACT)
        await room.react(self._session.bot, number, emoji, present=present)
        return await room.message(self._session.bot, number)

    async def pin(self, slug: str, number: int, *, pinned: bool) -> Message:
        """Pin or unpin a message; a repetition changes nothing. Raises as `Room.pin`."""
        room = await self._session.room(slug, Scope.MANAGE)
        await room.pin(self._session.bot, number, pinned=pinned)
        return await room.message(self._session.bot, number)

    async def report(self, slug: str, number: int, kind: ReportKind, note: str = "") -> None:
        """Report a message to the moderators, from the bot. Raises as `Reports.report`."""
        self._session.require(Scope.WRITE)
        room = await self._session.covered_room(slug)
        await self._workspace.reports.report(self._session.bot, room, number, kind, note)

    async def search(
        self, words: str, before: int | None, limit: int, slug: str | None = None
    ) -> tuple[SearchHit, ...]:
        """Messages of the rooms that the token is valid in, the newest first; at most 30.

        With a `slug`, only those of this room and its threads. `before` is the id of the last hit
        of the page before. Raises BadQuery.
        """
        session = self._session
        session.require(Scope.READ)
        room = None if slug is None else await session.room(slug)
        limit = min(limit, RESULTS_PAGE_SIZE)
        _, hits = await self._workspace.search(
            session.bot, words, UTC, before, limit, room, session.token.rooms
        )
        # The index is asked for these rooms only; an outdated row of it must not disclose another.
        return tuple(each for each in hits if session.covers(each.room))

    async def _page(self, room: Room, position: Position, limit: int) -> MessagePage:
        bot, limit = self._session.bot, max(1, min(limit, PAGE_LIMIT))
        if position.before is not None:
            return await room.before(bot, position.before, limit)
        if position.after is not None:
            return await room.after(bot, position.after, limit)
        if position.around is not None:
            return await room.around(bot, position.around, limit)
        return await room.newest(bot, limit)

    async def _stored(self, client_id: str) -> Message | None:
        return await self._workspace.stored_message(self._session.bot, client_id)

    async def _post(self, room: Room, new: ProgramText, client_id: str, via: Via) -> Message:
        bot = self._session.bot
        view = None if new.view is None else new.view.checked()
        await self._session.enter(room)
        if wait := self._workspace.room_message_limits.take(room.info.parent_id or room.info.id):
            raise SlowDown(wait)
        if new.thread_number is not None:
            room = await self._session.thread(room, new.thread_number)
        if new.confirms_calls:
            room.confirm_call(bot, client_id)
        return await room.post(
            bot,
            new.text,
            client_id,
            new.quoted_number,
            new.upload_ids,
            mentioning=new.mentioning,
            via=via,
            view=view,
        )
