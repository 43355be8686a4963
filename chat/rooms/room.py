"""What can be done in a room. Every change is: check, store, announce."""

import asyncio
import secrets
from collections.abc import Awaitable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import structlog

from chat.errors import BadReaction
from chat.files.upload import Upload
from chat.files.uploads import Uploads
from chat.model.events import Changed, room_topic
from chat.model.messages import Draft, Kind, Message
from chat.model.people import Person, PersonId
from chat.model.rooms import Room
from chat.rooms.drafts import Unsent
from chat.rooms.feed import Feed
from chat.rooms.history import Readable
from chat.rooms.typing_status import Typists
from chat.store.contract import Store
from chat.tasks import Tasks
from chat.text.dice import Dice
from chat.text.emoji import is_emoji
from chat.text.mentions import called
from chat.text.message_text import checked_caption, checked_text, is_blank
from chat.text.polls import checked_poll

log = structlog.get_logger(__name__)


class Household(Protocol):
    """What a room asks of the chat that it is in."""

    @property
    def owner(self) -> PersonId | None:
        """Who came in first: the chat is theirs."""

    def here(self) -> Iterable[PersonId]:
        """Who is connected now."""

    async def join(self, person: Person, room: "OpenRoom", *, aloud: bool = True) -> None:
        """Put a person into a room, and tell those in it."""

    async def retitle(self, room: "OpenRoom", number: int) -> None:
        """The thread about this message is called by what it says now."""


class OpenRoom(Readable):
    """A room that people talk in; `members` are those who are in it.

    Everything raises NoSuchRoom for somebody who may not read it.
    """

    def __init__(
        self,
        room: Room,
        members: Iterable[Person],
        parent: "OpenRoom | None",
        house: Household,
        store: Store,
        feed: Feed,
        uploads: Uploads,
    ) -> None:
        super().__init__(room, members, parent, lambda: house.owner, store, feed)
        self.topic = room_topic(room.id)
        self.typists = Typists(lambda typing: feed.tell(room.id, typing))
        self._house = house
        self._tasks = Tasks()
        self._uploads = uploads
        self._unsent = Unsent(room.id, store)

    async def begin_upload(self, person: Person, name: str, size: int) -> Upload:
        """Let `person` send a file of `size` bytes, to be part of a message here.

        Raises BadUpload and RoomArchived.
        """
        self.check_writing(person)
        return await self._uploads.begin(person, self.room.id, name, size)

    async def post(
        self,
        author: Person,
        text: str,
        client_id: str,
        quoted: int | None = None,
        uploads: Sequence[str] = (),
    ) -> Message:
        """Say `text`, in answer to the message `quoted`, with the files of `uploads` (ids).

        With files the text may be empty. A repeat of the author's `client_id` returns what is
        stored already. Raises BadText when it cannot be said, RoomArchived, NoSuchMessage,
        BadUpload, and NotStored when it could not be kept: the uploads can be sent again then.
        """
        self.check_writing(author)
        text = checked_caption(text) if uploads else checked_text(text)
        calls = self._calls(author, text)
        await self._follow({author.id, *calls})
        files = self._uploads.claim(author.id, self.room.id, uploads, client_id)
        draft = Draft(self.room.id, author, Kind.TEXT, text, client_id, quoted, calls, files)
        self.typists.stopped(author)
        return await self._put(draft, uploads)

    async def ask(
        self,
        author: Person,
        question: str,
        options: Sequence[str],
        client_id: str,
        quoted: int | None = None,
    ) -> Message:
        """Ask everybody here, who vote for one or several of the options. Raises as `post`, and
        BadPoll."""
        self.check_writing(author)
        question, options = checked_poll(question, options)
        calls = self._calls(author, question)
        await self._follow({author.id, *calls})
        said = self.room.id, author, Kind.TEXT, question, client_id, quoted, calls
        draft = Draft(*said, options=options)
        self.typists.stopped(author)
        return await self._put(draft)

    async def vote(self, person: Person, number: int, option: int) -> None:
        """Vote for an option of a poll (from 0 on), or take that vote back.

        Raises NoSuchMessage, also where there is no such option, PollClosed and NotStored.
        """
        self.check_writing(person)
        await self._change(_one(self._store.vote(self.room.id, number, person.id, option)))

    async def close_poll(self, person: Person, number: int) -> None:
        """Let nobody vote any more in an own poll; or in anybody's, for whoever looks after the
        room. Raises NoSuchMessage and NotStored."""
        self.check_writing(person)
        mine = {"any_author": self.moderates(person)}
        await self._change(_one(self._store.close_poll(self.room.id, number, person.id, **mine)))

    async def tell(self, person: Person, kind: Kind, what: str = "") -> Message:
        """Tell everyone here what `person` did to the room."""
        return await self._put(Draft(self.room.id, person, kind, what, secrets.token_hex(8)))

    async def roll(self, person: Person, dice: Dice, client_id: str) -> Message:
        """Throw dice here, for all to see; a repeat of the `client_id` throws none again.

        Raises RoomArchived and NotStored.
        """
        self.check_writing(person)
        await self._follow({person.id})
        return await self._put(Draft(self.room.id, person, Kind.ROLLED, dice.throw(), client_id))

    async def edit(self, person: Person, number: int, text: str) -> None:
        """Say something else in an own message; what it said is kept, and so are its files.

        Raises BadText, NoSuchMessage, BadPoll for a poll, and NotStored.
        """
        self.check_writing(person)
        if is_blank(text) and (await self.message(person, number)).files:
            text = ""
        else:
            text = checked_text(text)
        calls = self._calls(person, text)
        await self._follow(calls)
        editing = self._store.edit(self.room.id, number, person.id, text, calls)
        await self._change(editing, titles=number)

    async def delete(self, person: Person, number: int) -> None:
        """Take an own message with its files away; or anybody's, for whoever looks after the room.

        Raises NoSuchMessage and NotStored.
        """
        self.check_writing(person)
        any_author = self.moderates(person)
        deleting = self._store.delete(self.room.id, number, person.id, any_author=any_author)
        await self._change(deleting, titles=number)
        self._uploads.tidy()

    async def react(self, person: Person, number: int, emoji: str) -> None:
        """Put an emoji below a message, or take it away. Raises BadReaction, NoSuchMessage."""
        self.check_writing(person)
        if not is_emoji(emoji):
            raise BadReaction("This is not an emoji. Choose one from the list.")
        await self._change(_one(self._store.react(self.room.id, number, person.id, emoji)))

    async def pin(self, person: Person, number: int, *, pinned: bool) -> None:
        """Pin a message to the room, or take it down. Raises NoSuchMessage and NotStored."""
        self.check_writing(person)
        await self._change(_one(self._store.pin(self.room.id, number, pinned=pinned)))

    def type(self, person: Person) -> None:
        """`person` is writing."""
        if person.id in (self.parent or self).members and not self.room.archived:
            self.typists.writes(self._feed.known(person))

    async def keep_words(self, person: Person, text: str) -> None:
        """Keep what `person` typed and has not sent, up to 200,000 characters."""
        self.check_reading(person)
        await self._unsent.keep(person.id, text)

    async def rescue_words(self, person: Person, text: str) -> None:
        """Keep what stood in the field while the connection was away, unless it was sent."""
        self.check_reading(person)
        await self._unsent.rescue(person.id, text)

    async def words(self, person: Person) -> str:
        """The unsent words of `person`, or an empty string."""
        self.check_reading(person)
        return await self._unsent.of(person.id)

    async def close(self) -> None:
        """Wait for posts that are on their way."""
        self.typists.close()
        await self._tasks.finish()

    def _calls(self, author: Person, text: str) -> frozenset[PersonId]:
        """Whom a text calls, of those who may read it; all of a thread are who follow it."""
        found = called(text, self.people.values() if "@" in text else ())
        people = set(found.people)
        if found.everyone:
            people |= self.members.keys()
        if found.here:
            people |= self.members.keys() & set(self._house.here())
        return frozenset(people - {author.id})

    async def _follow(self, people: Iterable[PersonId]) -> None:
        """Whoever replies in a thread, or is called there, follows it."""
        if self.parent is not None:
            for person in [self.people[each] for each in people if each not in self.members]:
                await self._house.join(person, self)

    async def _change(
        self, storing: Coroutine[Any, Any, tuple[Changed, ...]], titles: int | None = None
    ) -> None:
        """Announce what is stored; `titles` is a message that gives its thread the title."""

        async def store_and_announce() -> None:
            for each in await storing:
                self._feed.ring(each)
            if titles is not None and self.parent is None:
                await self._house.retitle(self, titles)

        await asyncio.shield(self._tasks.start(store_and_announce(), "change"))

    async def _put(self, draft: Draft, uploads: Sequence[str] = ()) -> Message:
        """Store, then announce, even if the one who asked is gone before it is done."""
        if (author := self._feed.known(draft.author)) is not draft.author:
            draft = replace(draft, author=author)
        task = self._tasks.start(self._store_and_announce(draft, uploads), "post")
        return await asyncio.shield(task)

    async def _store_and_announce(self, draft: Draft, uploads: Sequence[str]) -> Message:
        above = None
        try:
            if self.parent is None:
                message = await self._store.append(draft)
            else:
                message, above = await self._store.reply(draft)
        except BaseException:
            self._uploads.release(uploads)
            raise
        self._uploads.sent(uploads)
        self._feed.ring(Changed(message, None))
        if above is not None:
            self._feed.ring(above)
        log.debug("said", room=message.room, number=message.number, kind=message.kind.value)
        return message


async def _one(changing: Awaitable[Changed]) -> tuple[Changed, ...]:
    return (await changing,)
