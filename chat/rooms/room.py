"""Actions in a room. Each change is checked, stored and then published."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import structlog

from chat.activity.activity_limits import Act
from chat.drawings.views import require_drawable
from chat.errors import (
    BadBlock,
    BadReaction,
    BadReport,
    ManyPeopleCalled,
    NoSuchMessage,
    NotStored,
    SlowDown,
)
from chat.files.upload import Upload
from chat.model.events import MessageChanged, room_topic
from chat.model.messages import MentionNames, Message, MessageKind, NewMessage
from chat.model.moderation import AuditAct, NewAuditEntry
from chat.model.people import Person, PersonId
from chat.model.programs import StreamState, Via, View
from chat.model.reports import Report
from chat.model.rooms import RoomInfo, RoomKind
from chat.rooms.drafts import Drafts
from chat.rooms.history import RoomHistory
from chat.rooms.services import RoomServices
from chat.rooms.slow_mode import SlowMode
from chat.rooms.typing_status import TypingStatus
from chat.store.contract import Changes
from chat.tasks import Tasks
from chat.text.dice import Dice
from chat.text.emoji import canonical_emoji, is_emoji
from chat.text.forwarding import forwarded_text
from chat.text.mentions import Mentions, parse_mentions
from chat.text.message_text import TEXT_LIMIT, is_blank, validate_caption, validate_text
from chat.text.polls import validate_poll
from chat.text.snippets import SnippetLanguage, code_block, is_long, validate_snippet

log = structlog.get_logger(__name__)


class RoomHost(Protocol):
    """The directory, as a room knows it."""

    async def join(self, person: Person, room: "Room", *, announce: bool = True) -> None:
        """Add a person to a room, and post it there."""

    async def update_thread_title(self, room: "Room", number: int) -> None:
        """Give the thread about this message a title from its current text."""


class Room(RoomHistory):
    """An open room and its members.

    Every method raises NoSuchRoom for a person who may not read the room.
    """

    def __init__(
        self,
        info: RoomInfo,
        members: Iterable[Person],
        parent: "Room | None",
        *,
        host: RoomHost,
        services: RoomServices,
    ) -> None:
        super().__init__(info, members, parent, services=services)
        self.pubsub_topic = room_topic(info.id)
        self.typing_status = TypingStatus(
            services.typing_timings, publish=partial(services.feed.publish_ephemeral, info.id)
        )
        self._slow_mode = SlowMode()
        self._host = host
        self._presence = services.presence
        self._activity = services.activity
        self._owner_of_bot = services.sanctions.owner_of
        self._tasks = Tasks()
        self._identity = services.identity
        self._uploads = services.uploads
        self._memberships = services.memberships
        self._deletions = services.deletions
        self._call_confirmations = services.call_confirmations
        self._notification_settings = services.notification_settings
        self._blocks = services.blocks
        self._post_times = services.post_times
        self._drafts = Drafts(
            info.id,
            services.store,
            pace=services.activity.drafts,
            on_changed=partial(services.memberships.on_draft_changed, room_id=info.id),
        )

    async def begin_upload(self, person: Person, name: str, size: int) -> Upload:
        """Begin the upload of a file of `size` bytes for a message here.

        Raises BadUpload and RoomArchived.
        """
        self.require_post(person)
        network = self._activity.networks.of(person.id)
        return await self._uploads.begin(person, self.info.id, name, size, network=network)

    async def post(
        self,
        author: Person,
        text: str,
        client_id: str,
        quoted_number: int | None = None,
        upload_ids: Sequence[str] = (),
        *,
        draft: str = "",
        mentioning: str | None = None,
        via: Via | None = None,
        view: View | None = None,
    ) -> Message:
        """Post `text` with the files of `upload_ids`, as a reply to `quoted_number`.

        The names in `mentioning` are mentions, by default those in the whole text. `via` is how a
        program sent it, and `view` its live controls, which the text stands for elsewhere.

        With files the text may be empty. A repeated `client_id` of the author returns the stored
        message. If the author's stored draft is `draft`, the same commit deletes it. Raises
        BadText, BadView, ManyPeopleCalled, RoomArchived, Muted, SlowDown (of its author's rate and
        of slow mode), NoSuchMessage, BadUpload and NotStored. After NotStored and SlowDown the
        uploads can be sent again.
        """
        self.require_post(author)
        await self.require_visible(author, quoted_number)
        may_be_empty = upload_ids and view is None
        text = validate_caption(text) if may_be_empty else validate_text(text)
        if view is not None:
            require_drawable(view)
        calling_text = text if mentioning is None else mentioning
        mentions, names = self._find_mentions(author, calling_text)
        await self._require_confirmed(author, calling_text, client_id)
        await self._join_thread(author, {author.id, *mentions})
        files = self._uploads.attach(author.id, self.info.id, upload_ids, client_id)
        new_message = NewMessage(
            self.info.id,
            author,
            MessageKind.TEXT,
            text,
            client_id,
            quoted_number,
            mentions,
            files,
            draft=draft,
            mention_names=names,
            via=via,
            view=view,
        )
        self.typing_status.stopped(author)
        return await self._store_written(new_message, upload_ids)

    async def begin_stream(
        self,
        author: Person,
        text: str,
        client_id: str,
        quoted_number: int | None = None,
        *,
        via: Via | None = None,
    ) -> Message:
        """Post a message that is written piece by piece; `text` may be empty. Raises as `post`."""
        self.require_post(author)
        await self.require_visible(author, quoted_number)
        text = validate_caption(text)
        await self._join_thread(author, {author.id})
        new_message = NewMessage(
            self.info.id,
            author,
            MessageKind.TEXT,
            text,
            client_id,
            quoted_number,
            via=via,
            stream_state=StreamState.STREAMING,
        )
        return await self._store_written(new_message)

    async def write_stream(self, author: Person, number: int, text: str) -> None:
        """Replace the text of an own message that is being written.

        Raises BadText, RoomArchived, NoSuchMessage, StreamEnded and NotStored.
        """
        self.require_post(author)
        writing = self._store.write_stream(self.info.id, number, author.id, validate_caption(text))
        await self._store_change(writing)

    async def end_stream(
        self,
        author: Person,
        number: int,
        text: str,
        upload_ids: Sequence[str] = (),
        *,
        state: StreamState | None = None,
    ) -> None:
        """Complete an own message that is being written, or mark it as INTERRUPTED.

        It mentions people by name; nobody has confirmed that it calls everybody. That of an author
        who may not post any more can still be INTERRUPTED. Raises BadText, BadUpload, RoomArchived,
        NoSuchMessage, StreamEnded and NotStored.
        """
        if state is not StreamState.INTERRUPTED:
            self.require_post(author)
        text = validate_caption(text)
        mentions, names = self._find_mentions(author, text, calls=False)
        await self._join_thread(author, mentions)
        client_id = f"stream {number}"
        files = self._uploads.attach(author.id, self.info.id, upload_ids, client_id)
        ending = self._store.write_stream(
            self.info.id, number, author.id, text, state, mentions, names, files
        )
        try:
            await self._store_change(ending, retitled_number=number)
        except BaseException:
            self._uploads.detach(upload_ids)
            raise
        self._uploads.mark_sent(upload_ids)

    async def set_via(self, bot: Person, number: int, via: Via) -> None:
        """Replace how a program sent its message. Raises NoSuchMessage and NotStored."""
        self.require_post(bot)
        await self._store_change(self._store.set_via(self.info.id, number, bot.id, via))

    async def set_view(
        self, bot: Person, number: int, view: View | None, text: str | None = None
    ) -> None:
        """Replace the live controls of its message, and with `text` what stands for them.

        The text mentions people by name, and calls nobody. Raises BadText, BadView, RoomArchived,
        NoSuchMessage and NotStored.
        """
        self.require_post(bot)
        if view is not None:
            require_drawable(view)
        new_text = (await self.message(bot, number)).text if text is None else validate_text(text)
        mentions, names = self._find_mentions(bot, new_text, calls=False)
        await self._join_thread(bot, mentions)
        setting = self._store.set_view(
            self.info.id, number, bot.id, view, new_text, mentions, names
        )
        await self._store_change(setting, retitled_number=number)

    async def post_poll(
        self,
        author: Person,
        question: str,
        options: Sequence[str],
        client_id: str,
        quoted_number: int | None = None,
        *,
        draft: str = "",
    ) -> Message:
        """Post a poll, in which a person may vote for several options. Raises as `post`, and
        BadPoll."""
        self.require_post(author)
        await self.require_visible(author, quoted_number)
        question, options = validate_poll(question, options)
        mentions, names = self._find_mentions(author, question)
        await self._require_confirmed(author, question, client_id)
        await self._join_thread(author, {author.id, *mentions})
        fields = (
            self.info.id,
            author,
            MessageKind.TEXT,
            question,
            client_id,
            quoted_number,
            mentions,
        )
        new_message = NewMessage(*fields, options=options, draft=draft, mention_names=names)
        self.typing_status.stopped(author)
        return await self._store_written(new_message)

    async def upload_text(self, person: Person, name: str, text: str) -> Upload:
        """Make a text the file of a message here: an upload that is READY. Raises BadUpload."""
        content = text.encode()

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        upload = await self.begin_upload(person, name, len(content))
        await self._uploads.receive(upload, len(content), chunks())
        return upload

    async def post_snippet(
        self, author: Person, code: str, language: SnippetLanguage, client_id: str
    ) -> Message:
        """Post code as a block, or as a text file if it is long. Raises as `post`."""
        self.require_post(author)
        code = validate_snippet(code)
        block = code_block(code, language)
        if not is_long(code) and len(block) <= TEXT_LIMIT:
            return await self.post(author, block, client_id)
        upload = await self.upload_text(author, f"snippet.{language.extension}", code)
        return await self.post(author, "", client_id, upload_ids=[upload.id])

    async def forward(
        self, person: Person, number: int, target: "Room", url: str, comment: str, client_id: str
    ) -> Message:
        """Post the message of this number in another room, as a quote with author and room.

        `url` is the address of the message. Only the comment mentions people. Raises NoSuchMessage
        for a message that the person may not read, and as `post`.
        """
        self.require_read(person)
        target.require_post(person)
        message = await self.message(person, number)
        if message.kind is not MessageKind.TEXT or message.deleted:
            raise NoSuchMessage
        label = f"#{self.info.title}" if self.info.kind is RoomKind.PUBLIC else self.info.title
        text = forwarded_text(message, label or message.author.name, url, validate_caption(comment))
        return await target.post(person, text, client_id, mentioning=comment)

    async def vote(self, person: Person, number: int, option: int) -> None:
        """Toggle a vote for an option of a poll (its index).

        Raises NoSuchMessage, also for an unknown option, PollClosed, SlowDown and NotStored.
        """
        self.require_post(person)
        self._activity.act(person, Act.CHANGE)
        await self.require_visible(person, number)
        await self._store_change(self._store.vote(self.info.id, number, person.id, option))

    async def close_poll(self, person: Person, number: int) -> None:
        """Close a poll. A moderator may close any, all others only their own.

        Raises NoSuchMessage and NotStored."""
        self.require_post(person)
        any_author = self.can_moderate(person)
        await self._store_change(
            self._store.close_poll(self.info.id, number, person.id, any_author=any_author)
        )

    async def post_system_message(
        self, person: Person, kind: MessageKind, detail: str = ""
    ) -> Message:
        """Post a system message about an action of `person`."""
        return await self._store_message(
            NewMessage(self.info.id, person, kind, detail, secrets.token_hex(8))
        )

    async def post_report(
        self, reporter: Person, text: str, client_id: str, report: Report
    ) -> Message:
        """Post a report in the moderators' room, which calls all of them.

        Who reports need not be in this room; `Reports` has checked what they may. Raises NotStored.
        """
        assert self.info.is_of_moderators, "reports are posted nowhere else"
        mentions = self.called_by_everyone(reporter)
        fields = (self.info.id, reporter, MessageKind.TEXT, text, client_id)
        return await self._store_message(NewMessage(*fields, mentions=mentions, report=report))

    async def settle_report(self, moderator: Person, number: int, *, settled: bool) -> None:
        """Mark a report as settled, or open it again. Raises NoSuchMessage and NotStored."""
        self.require_member(moderator)
        current = self._feed.current_profile(moderator)
        settling = self._store.settle_report(self.info.id, number, current, settled=settled)
        await self._store_change(settling)

    async def _require_no_report(self, person: Person, number: int) -> None:
        """Raises BadReport if this message is a report, which nobody changes."""
        if not self.info.is_of_moderators:
            return
        if (await self.message(person, number)).report is not None:
            raise BadReport("A report stays as it is. Mark it as settled.")

    async def roll(self, person: Person, dice: Dice, client_id: str, *, draft: str = "") -> Message:
        """Roll dice and post the result; a repeated `client_id` does not roll again.

        Raises RoomArchived, SlowDown and NotStored.
        """
        self.require_post(person)
        await self._join_thread(person, {person.id})
        return await self._store_written(
            NewMessage(
                self.info.id,
                person,
                MessageKind.DICE_ROLLED,
                dice.roll(),
                client_id,
                draft=draft,
            )
        )

    async def edit(self, person: Person, number: int, text: str) -> None:
        """Change the text of an own message; its files and its earlier texts are kept.

        Raises BadText, NoSuchMessage, BadPoll for a poll, BadReport for a report, SlowDown and
        NotStored.
        """
        self.require_post(person)
        self._activity.free_space.require()
        self._activity.act(person, Act.CHANGE)
        await self._require_no_report(person, number)
        if is_blank(text) and (await self.message(person, number)).files:
            text = ""
        else:
            text = validate_text(text)
        mentions, names = self._find_mentions(person, text)
        await self._join_thread(person, mentions)
        editing = self._store.edit(self.info.id, number, person.id, text, mentions, names)
        await self._store_change(editing, retitled_number=number)

    async def delete(self, person: Person, number: int, *, is_audited: bool = True) -> None:
        """Delete a message with its files. A moderator may delete any, all others their own.

        For ten seconds the person may `restore` it. Who is muted may delete, too. What is a part of
        a larger act is not `is_audited`. Raises NoSuchMessage, BadReport for a report, and
        NotStored.
        """
        self.require_member(person)
        await self._require_no_report(person, number)
        any_author = self.can_moderate(person)
        entry = None
        if any_author and is_audited:
            entry = await self._deletion_entry(person, number)

        async def delete() -> Changes:
            changes, deleted = await self._store.delete(
                self.info.id, number, person.id, any_author=any_author, entry=entry
            )
            self._deletions.add(deleted, person.id)
            return changes

        await self._store_change(delete(), retitled_number=number)
        self._uploads.request_cleanup()

    async def _deletion_entry(self, moderator: Person, number: int) -> NewAuditEntry | None:
        """The row of the audit log for the deletion of somebody else's message."""
        author = (await self.message(moderator, number)).author
        if author.id == moderator.id:
            return None
        return NewAuditEntry(
            AuditAct.MESSAGE_DELETED, moderator.id, author.id, self.info.id, number
        )

    async def restore(self, person: Person, number: int) -> None:
        """Undo the deletion of a message by this person.

        Raises TooLateToUndo, RoomArchived, NoSuchMessage, SlowDown and NotStored.
        """
        self.require_post(person)
        self._activity.act(person, Act.CHANGE)
        deleted = self._deletions.take(self.info.id, number, person.id)

        async def restore() -> Changes:
            try:
                return await self._store.restore(deleted)
            except NotStored:
                self._deletions.add(deleted, person.id)
                raise

        await self._store_change(restore(), retitled_number=number)
        self._memberships.recount(self.info.id, number)

    async def react(
        self, person: Person, number: int, emoji: str, *, present: bool | None = None
    ) -> None:
        """Add (`present`) or remove a reaction to a message, or toggle it (None).

        Raises BadReaction, NoSuchMessage, SlowDown and NotStored.
        """
        self.require_post(person)
        if not is_emoji(emoji):
            raise BadReaction("This is not an emoji. Choose one from the list.")
        self._activity.act(person, Act.CHANGE)
        emoji = canonical_emoji(emoji)
        await self.require_visible(person, number)
        await self._store_change(
            self._store.react(self.info.id, number, person.id, emoji, present=present)
        )

    async def pin(self, person: Person, number: int, *, pinned: bool) -> None:
        """Pin or unpin a message. Raises NoSuchMessage, SlowDown and NotStored."""
        self.require_post(person)
        self._activity.act(person, Act.CHANGE)
        await self.require_visible(person, number)
        await self._store_change(self._store.pin(self.info.id, number, pinned=pinned))

    def report_typing(self, person: Person) -> None:
        """Count `person` as typing."""
        is_member = person.id in (self.parent or self).members
        if is_member and not self.info.archived and not self.sanctions.silences(person.id):
            self.typing_status.started(self._feed.current_profile(person))

    async def save_draft(self, person: Person, text: str) -> None:
        """Store the draft of `person`, up to 200,000 characters."""
        self.require_read(person)
        await self._drafts.save(person.id, text)

    async def draft(self, person: Person) -> str:
        """The draft of `person`, or an empty string."""
        self.require_read(person)
        return await self._drafts.get(person.id)

    async def close(self) -> None:
        """Wait for changes that are being stored."""
        self.typing_status.close()
        await self._tasks.finish()

    def confirm_call(self, person: Person, client_id: str) -> None:
        """Let the message of this person with this client id call many people at once."""
        self.require_post(person)
        self._call_confirmations.confirm(person.id, client_id)

    def called_by_everyone(self, author: Person) -> frozenset[PersonId]:
        """The people whom @everyone calls. In a thread, they are its followers. A bot is none."""
        people = (each.id for each in self.members.values() if not each.is_bot)
        return frozenset(people) - {author.id}

    def called_by_here(self, author: Person) -> frozenset[PersonId]:
        """Those of them who are online."""
        online_ids = {each.id for each in self._presence.online.people}
        return self.called_by_everyone(author) & online_ids

    async def _require_confirmed(self, author: Person, text: str, client_id: str) -> None:
        """Raises ManyPeopleCalled if a new message calls many people, unless it is confirmed."""
        if "@" not in text:
            return
        parsed = parse_mentions(text, ())
        count = len(self._called_ids(author, parsed))
        is_missing = self._call_confirmations.is_missing(author.id, client_id, count)
        # A retry of a stored message needs nothing.
        if is_missing and not await self._store.is_stored(author.id, client_id):
            raise ManyPeopleCalled(count, client_id)

    def _called_ids(self, author: Person, parsed: Mentions) -> frozenset[PersonId]:
        everyone = self.called_by_everyone(author) if parsed.everyone else frozenset()
        return everyone | (self.called_by_here(author) if parsed.here else frozenset())

    def _find_mentions(
        self, author: Person, text: str, *, calls: bool = True
    ) -> tuple[frozenset[PersonId], MentionNames]:
        """The people whom a text mentions, by name or by one of their keywords, and the names that
        do so.

        In a thread, everyone means its followers, and only they have keywords. Without `calls`,
        @everyone and @here call nobody.
        """
        parsed = parse_mentions(text, self.mentionable_people.values() if "@" in text else ())
        keyword_ids = self._notification_settings.people_with_keyword_in(text)
        called_ids = self.members.keys() & keyword_ids
        if calls:
            called_ids |= self._called_ids(author, parsed)
        person_ids = (parsed.person_ids | called_ids) - {author.id}
        names = tuple(each for each in parsed.names if each[1] in person_ids)
        return person_ids, names

    async def _join_thread(self, author: Person, person_ids: Iterable[PersonId]) -> None:
        """Let people who reply in a thread, or whom the author mentions there, follow it.

        Who has blocked the author is not made to.
        """
        if self.parent is not None:
            blockers = self._blocks.blockers_of((author.id,))
            for person in [
                self.mentionable_people[each]
                for each in person_ids
                if each not in self.members and each not in blockers
            ]:
                await self._host.join(person, self)

    async def _store_change(
        self,
        storing: Coroutine[Any, Any, Changes],
        retitled_number: int | None = None,
    ) -> None:
        """Store and publish changes; `retitled_number` is the message whose thread is retitled."""

        async def store_and_publish() -> None:
            for each in await storing:
                self._feed.publish(each)
            if retitled_number is not None and self.parent is None:
                await self._host.update_thread_title(self, retitled_number)

        await asyncio.shield(self._tasks.start(store_and_publish(), "change message"))

    def blocked_partner(self, person: Person) -> Person | None:
        """The other one in a conversation of two, if `person` has blocked them."""
        base = self.parent or self
        if base.info.kind is not RoomKind.DIRECT or not (blocked := self._blocks.of(person.id)):
            return None
        others = [each for each in base.members.values() if each.id != person.id]
        return others[0] if len(others) == 1 and others[0].id in blocked else None

    def slow_mode_wait(self, person: Person) -> float:
        """The seconds until a person may write here again; 0 without slow mode.

        A thread has that of its room. Those who moderate never wait.
        """
        base = self.parent if isinstance(self.parent, Room) else self
        seconds = base.info.slow_seconds
        if not seconds or self.can_moderate(person):
            return 0.0
        return base._slow_mode.wait(person.id, seconds)

    async def _store_written(
        self, new_message: NewMessage, upload_ids: Sequence[str] = ()
    ) -> Message:
        """Store what a person wrote. Raises SlowDown, unless it is stored already, and BadBlock
        in a conversation with somebody whom they have blocked."""
        if (partner := self.blocked_partner(new_message.author)) is not None:
            self._uploads.detach(upload_ids)
            raise BadBlock("You blocked {name}. Unblock them to write here.", name=partner.name)
        try:
            with self._turn(new_message.author):
                return await self._store_message(new_message, upload_ids)
        except SlowDown:
            # Nothing was tried: the answer to the first attempt may have been lost.
            if await self._store.is_stored(new_message.author.id, new_message.client_id):
                return await self._store_message(new_message, upload_ids)
            self._uploads.detach(upload_ids)
            raise

    @contextmanager
    def _turn(self, author: Person) -> Iterator[None]:
        """The block stores a message of a person: at their rate, and that of slow mode."""
        base = self.parent if isinstance(self.parent, Room) else self
        seconds = 0 if self.can_moderate(author) else base.info.slow_seconds
        slow_mode = base._slow_mode.turn(author.id, seconds) if seconds else nullcontext()
        with self._activity.post(author, self._owner_of_bot(author.id)), slow_mode:
            yield

    async def _store_message(
        self, new_message: NewMessage, upload_ids: Sequence[str] = ()
    ) -> Message:
        """Store, then publish, even if the caller is cancelled."""
        if (author := self._feed.current_profile(new_message.author)) is not new_message.author:
            new_message = replace(new_message, author=author)
        task = self._tasks.start(self._store_and_publish(new_message, upload_ids), "post message")
        return await asyncio.shield(task)

    async def _store_and_publish(
        self, new_message: NewMessage, upload_ids: Sequence[str]
    ) -> Message:
        changes: Changes = ()
        started = time.perf_counter()
        try:
            if self.parent is None:
                message = await self._store.append(new_message)
            else:
                message, changes = await self._store.append_reply(new_message)
        except BaseException:
            self._uploads.detach(upload_ids)
            raise
        self._post_times.on_stored(started)
        self._uploads.mark_sent(upload_ids)
        if message.kind is MessageKind.TEXT:
            self._identity.has_written(message.author)
        self._drafts.sent(new_message.author.id, new_message.draft)
        self._feed.publish(MessageChanged(message, None))
        for each in changes:
            self._feed.publish(each)
        self._post_times.on_published(started)
        log.debug("posted", room=message.room_id, number=message.number, kind=message.kind.value)
        return message
