"""The contract of the store on one SQL database: a short method for each query."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from chat.model.accounts import NewPasskey, Passkey, ProviderAccount, SignInMethods
from chat.model.attachments import Attachment, Blob
from chat.model.devices import Device
from chat.model.joining import Invitation, InvitationId, InvitationUse, NewInvitation
from chat.model.later import NewScheduledText, Reminder, ScheduledText
from chat.model.messages import (
    MentionNames,
    Message,
    MessagePage,
    NewMessage,
    Revision,
    RoomFile,
    SearchHit,
)
from chat.model.moderation import AuditEntry, NewAuditEntry, Role, Sanction, SanctionKind
from chat.model.notification_settings import NotificationSettings
from chat.model.outgoing import (
    Attempt,
    NewOutgoingHook,
    OutgoingHook,
    OutgoingHookId,
    PauseReason,
    Progress,
    Trigger,
)
from chat.model.people import (
    ALL_KEPT,
    KeptNames,
    NamedPerson,
    Person,
    PersonDetails,
    PersonId,
    Status,
)
from chat.model.programs import (
    ApiToken,
    ApiTokenId,
    Bot,
    Delivery,
    Hook,
    HookId,
    NewApiToken,
    StreamState,
    Via,
    View,
)
from chat.model.rooms import Membership, NewRoom, NotificationLevel, RoomId, RoomInfo, RoomSummary
from chat.model.sequence import SequencePage, SequenceRun
from chat.store import timestamps
from chat.store.contract import Changes, DeletedMessage
from chat.store.database import Database
from chat.store.queries import (
    accounts,
    blocks,
    devices,
    drafts,
    files,
    invitations,
    message_changes,
    messages,
    moderation,
    names,
    outgoing,
    people,
    programs,
    reminders,
    rooms,
    saved,
    scheduled,
    sequence,
)
from chat.store.transaction import Transaction
from chat.text.emoji import EmojiPreferences
from chat.text.search_query import Query

# The most results of one search.
SEARCH_LIMIT = 30


class SqlMessageStore(Database):
    """The messages of the rooms."""

    async def append(self, new_message: NewMessage) -> Message:
        return await self._run_operation(lambda t: message_changes.append(t, new_message))

    async def is_stored(self, author_id: PersonId, client_id: str) -> bool:
        return await self._run_read(lambda c: messages.is_stored(c, author_id, client_id))

    async def append_reply(self, new_message: NewMessage) -> tuple[Message, Changes]:
        return await self._run_operation(lambda t: message_changes.append_reply(t, new_message))

    async def edit(
        self,
        room_id: RoomId,
        number: int,
        author_id: PersonId,
        text: str,
        mentions: frozenset[PersonId] = frozenset(),
        mention_names: MentionNames = (),
    ) -> Changes:
        operation, actor = (
            message_changes.edit(text, mentions, mention_names),
            message_changes.Actor(author_id),
        )
        return await self._change(room_id, number, operation, actor)

    async def set_via(self, room_id: RoomId, number: int, author_id: PersonId, via: Via) -> Changes:
        actor = message_changes.Actor(author_id)
        return await self._change(room_id, number, message_changes.set_via(via), actor)

    async def set_view(
        self,
        room_id: RoomId,
        number: int,
        author_id: PersonId,
        view: View | None,
        text: str,
        mentions: frozenset[PersonId] = frozenset(),
        mention_names: MentionNames = (),
    ) -> Changes:
        operation = message_changes.set_view(view, text, mentions, mention_names)
        return await self._change(room_id, number, operation, message_changes.Actor(author_id))

    async def write_stream(
        self,
        room_id: RoomId,
        number: int,
        author_id: PersonId,
        text: str,
        state: StreamState | None = StreamState.STREAMING,
        mentions: frozenset[PersonId] = frozenset(),
        mention_names: MentionNames = (),
        attachments: Sequence[Attachment] = (),
    ) -> Changes:
        operation = message_changes.write_stream(text, state, mentions, mention_names, attachments)
        return await self._change(room_id, number, operation, message_changes.Actor(author_id))

    async def interrupt_streams(self) -> None:
        await self._run_operation(message_changes.interrupt_streams)

    async def stored_message(self, author_id: PersonId, client_id: str) -> Message | None:
        return await self._run_read(lambda c: messages.stored_message(c, author_id, client_id))

    async def delete(
        self,
        room_id: RoomId,
        number: int,
        person_id: PersonId,
        *,
        any_author: bool = False,
        entry: NewAuditEntry | None = None,
    ) -> tuple[Changes, DeletedMessage]:
        actor = message_changes.Actor(person_id, any_author)

        def delete(transaction: Transaction) -> tuple[Changes, DeletedMessage]:
            moderation.append_audit(transaction.connection, entry)
            return message_changes.delete_with_copy(transaction, room_id, number, actor)

        return await self._run_operation(delete)

    async def restore(self, deleted: DeletedMessage) -> Changes:
        return await self._run_operation(lambda t: message_changes.restore(t, deleted))

    async def react(
        self,
        room_id: RoomId,
        number: int,
        person_id: PersonId,
        emoji: str,
        *,
        present: bool | None = None,
    ) -> Changes:
        operation = message_changes.react(person_id, emoji, present=present)
        return await self._change(room_id, number, operation)

    async def vote(self, room_id: RoomId, number: int, person_id: PersonId, option: int) -> Changes:
        return await self._change(room_id, number, message_changes.vote(person_id, option))

    async def close_poll(
        self, room_id: RoomId, number: int, person_id: PersonId, *, any_author: bool = False
    ) -> Changes:
        actor = message_changes.Actor(person_id, any_author)
        return await self._change(room_id, number, message_changes.close_poll, actor)

    async def settle_report(
        self, room_id: RoomId, number: int, moderator: Person, *, settled: bool
    ) -> Changes:
        operation = message_changes.settle_report(moderator, settled=settled)
        return await self._change(room_id, number, operation)

    async def pin(self, room_id: RoomId, number: int, *, pinned: bool) -> Changes:
        return await self._change(room_id, number, message_changes.pin(pinned=pinned))

    async def revisions(
        self, room_id: RoomId, number: int, skipped: int, limit: int
    ) -> tuple[Revision, ...]:
        return await self._run_read(
            lambda c: messages.revisions(c, room_id, number, skipped, limit)
        )

    async def changes(self, room_id: RoomId, change_number: int, limit: int) -> Changes:
        return await self._run_read(lambda c: messages.changes(c, room_id, change_number, limit))

    async def last_sequence(self) -> int:
        return await self._run_read(sequence.last_number)

    async def begin_sequence_run(self, run_id: str, limit: int) -> tuple[SequenceRun, ...]:
        return await self._run_write(lambda c: sequence.begin_run(c, run_id, limit))

    async def sequence_page(
        self,
        after: int,
        limit: int,
        span: int,
        *,
        reader_id: PersonId | None = None,
        room_ids: Collection[RoomId] | None = None,
    ) -> SequencePage:
        return await self._run_read(
            lambda c: sequence.page(c, after, limit, span, reader_id, room_ids)
        )

    async def last_own_message(self, room_id: RoomId, author_id: PersonId) -> Message | None:
        return await self._run_read(lambda c: messages.last_own_message(c, room_id, author_id))

    async def newest(self, room_id: RoomId, limit: int) -> MessagePage:
        return await self._run_read(lambda c: messages.page_before(c, room_id, None, limit))

    async def before(self, room_id: RoomId, number: int, limit: int) -> MessagePage:
        return await self._run_read(
            lambda c: messages.page_before_number(c, room_id, number, limit)
        )

    async def after(self, room_id: RoomId, number: int, limit: int) -> MessagePage:
        return await self._run_read(lambda c: messages.page_after(c, room_id, number, limit))

    async def around(self, room_id: RoomId, number: int, limit: int) -> MessagePage:
        return await self._run_read(lambda c: messages.page_around(c, room_id, number, limit))

    async def number_at(self, room_id: RoomId, moment: datetime) -> int | None:
        at = timestamps.to_microseconds(moment)
        return await self._run_read(lambda c: messages.number_at(c, room_id, at))

    async def pinned(
        self, room_id: RoomId, skipped: int, limit: int, since: datetime | None = None
    ) -> tuple[Message, ...]:
        return await self._run_read(
            lambda c: messages.pinned_messages(c, room_id, skipped, limit, since)
        )

    async def room_files(
        self, room_id: RoomId, *, pictures: bool, before: RoomFile | None, limit: int
    ) -> tuple[RoomFile, ...]:
        return await self._run_read(
            lambda c: files.room_files(c, room_id, pictures=pictures, before=before, limit=limit)
        )

    async def messages_mentioning(
        self, person_id: PersonId, before_id: int | None, limit: int
    ) -> tuple[tuple[int, Message], ...]:
        return await self._run_read(
            lambda c: messages.messages_mentioning(c, person_id, before_id, limit)
        )

    async def save_message(
        self, person_id: PersonId, room_id: RoomId, number: int, limit: int
    ) -> None:
        await self._run_write(lambda c: saved.save(c, person_id, room_id, number, limit))

    async def forget_saved(self, person_id: PersonId, room_id: RoomId, number: int) -> None:
        await self._run_write(lambda c: saved.forget(c, person_id, room_id, number))

    async def is_saved(self, person_id: PersonId, room_id: RoomId, number: int) -> bool:
        return await self._run_read(lambda c: saved.is_saved(c, person_id, room_id, number))

    async def saved_messages(
        self, person_id: PersonId, before_id: int | None, limit: int
    ) -> tuple[SearchHit, ...]:
        return await self._run_read(lambda c: saved.page(c, person_id, before_id, limit))

    async def search(
        self, query: Query, person_id: PersonId, before_id: int | None, limit: int
    ) -> tuple[SearchHit, ...]:
        limit = min(limit, SEARCH_LIMIT)
        if not query or limit <= 0:
            return ()

        def job(connection: Connection) -> tuple[SearchHit, ...]:
            ids = self._search_index.find(connection, query, person_id, before_id, limit)
            return messages.search_hits(connection, ids)

        return await self._run_read(job)

    async def _change(
        self,
        room_id: RoomId,
        number: int,
        operation: message_changes.Operation,
        actor: message_changes.Actor | None = None,
    ) -> Changes:
        return await self._run_operation(
            lambda t: message_changes.change(t, room_id, number, operation, actor)
        )


class SqlRoomStore(Database):
    """The rooms, their members, and the read positions."""

    async def public_rooms(self) -> tuple[RoomInfo, ...]:
        return await self._run_read(rooms.public_rooms)

    async def public_room_summaries(self) -> tuple[RoomSummary, ...]:
        return await self._run_read(rooms.public_room_summaries)

    async def room(self, id_or_slug: RoomId | str) -> RoomInfo | None:
        return await self._run_read(lambda c: rooms.find_room(c, id_or_slug))

    async def readable_room(
        self, slug: str, person_id: PersonId, *, is_guest: bool
    ) -> RoomInfo | None:
        return await self._run_read(
            lambda c: rooms.find_readable_room(c, slug, person_id, is_guest=is_guest)
        )

    async def create_room(self, new_room: NewRoom) -> RoomInfo:
        return await self._run_write(lambda c: rooms.create_room(c, new_room))

    async def update_room(
        self,
        room_id: RoomId,
        *,
        new_title: tuple[str, PersonId] | None = None,
        topic: str | None = None,
        archived: bool | None = None,
        slow_seconds: int | None = None,
        entry: NewAuditEntry | None = None,
    ) -> RoomInfo:
        def update(connection: Connection) -> RoomInfo:
            moderation.append_audit(connection, entry)
            return rooms.update_room(connection, room_id, new_title, topic, archived, slow_seconds)

        return await self._run_write(update)

    async def members(self, room_id: RoomId) -> tuple[Person, ...]:
        return await self._run_read(lambda c: rooms.members(c, room_id))

    async def rooms_in_common(
        self, person_id: PersonId, other_id: PersonId, limit: int
    ) -> tuple[RoomInfo, ...]:
        return await self._run_read(lambda c: rooms.rooms_in_common(c, person_id, other_id, limit))

    async def join(self, room_id: RoomId, person_id: PersonId) -> bool:
        return await self._run_write(lambda c: rooms.join(c, room_id, person_id))

    async def leave(
        self, room_id: RoomId | None, person_id: PersonId, entry: NewAuditEntry | None = None
    ) -> bool:
        def leave(connection: Connection) -> bool:
            has_left = rooms.leave(connection, room_id, person_id)
            if has_left:
                moderation.append_audit(connection, entry)
            return has_left

        return await self._run_write(leave)

    async def close_conversation(self, room_id: RoomId, person_id: PersonId) -> None:
        await self._run_write(lambda c: rooms.close_conversation(c, room_id, person_id))

    async def memberships(
        self, person_id: PersonId, room_id: RoomId | None = None
    ) -> tuple[Membership, ...]:
        return await self._run_read(lambda c: rooms.memberships(c, person_id, room_id))

    async def save_read_positions(self, positions: Sequence[tuple[RoomId, PersonId, int]]) -> None:
        await self._run_write(lambda c: rooms.save_read_positions(c, positions))

    async def set_notification_level(
        self, room_id: RoomId, person_id: PersonId, level: NotificationLevel
    ) -> None:
        await self._run_write(lambda c: rooms.set_notification_level(c, room_id, person_id, level))

    async def set_favourite(self, room_id: RoomId, person_id: PersonId, *, favourite: bool) -> None:
        await self._run_write(lambda c: rooms.set_favourite(c, room_id, person_id, favourite))


class SqlPeopleStore(Database):
    """The people, their tokens, drafts and preferences."""

    async def add_person(
        self, name: str, kept: KeptNames = ALL_KEPT, invitation_id: InvitationId | None = None
    ) -> NamedPerson:
        def add(connection: Connection) -> NamedPerson:
            added = people.add_person(connection, name, kept)
            if invitation_id is not None:
                invitations.spend(connection, invitation_id, added.person.id)
            return added

        return await self._run_write(add)

    async def require_free_name(self, name: str, kept: KeptNames) -> None:
        def require_free(connection: Connection) -> None:
            names.require_free(connection, name, kept)

        await self._run_read(require_free)

    async def rename_person(
        self, person_id: PersonId, name: str, kept: KeptNames = ALL_KEPT
    ) -> NamedPerson:
        return await self._run_write(lambda c: people.rename_person(c, person_id, name, kept))

    async def release_name(self, person_id: PersonId) -> None:
        await self._run_write(lambda c: names.release_name(c, person_id))

    async def bearer_ids(self, name: str) -> frozenset[PersonId]:
        return await self._run_read(lambda c: names.bearer_ids(c, name))

    async def set_seen(self, person_ids: Collection[PersonId]) -> None:
        await self._run_write(lambda c: names.set_seen(c, person_ids))

    async def index_names(self, lobby_slug: str) -> None:
        await self._run_write(lambda c: names.index_names(c, lobby_slug))

    async def owner_id(self) -> PersonId | None:
        return await self._run_read(people.owner_id)

    async def set_owner(
        self, person_id: PersonId | None, entry: NewAuditEntry | None = None
    ) -> None:
        def set_owner(connection: Connection) -> None:
            people.set_owner(connection, person_id)
            if entry is not None:
                people.spend_owner_link(connection)
            moderation.append_audit(connection, entry)

        await self._run_write(set_owner)

    async def set_owner_link(
        self, secret_hash: bytes, expires_at: datetime, entry: NewAuditEntry
    ) -> None:
        def set_link(connection: Connection) -> None:
            people.set_owner_link(connection, secret_hash, expires_at)
            moderation.append_audit(connection, entry)

        await self._run_write(set_link)

    async def owner_link(self) -> bytes | None:
        return await self._run_read(people.owner_link)

    async def add_token(self, token_hash: bytes, person_id: PersonId, label: str = "") -> None:
        await self._run_write(lambda c: devices.add_token(c, token_hash, person_id, label))

    async def revoke_tokens(
        self, person_id: PersonId, token_hashes: Collection[bytes] | None = None
    ) -> None:
        await self._run_write(lambda c: devices.revoke_tokens(c, person_id, token_hashes))

    async def person_for_token(self, token_hash: bytes) -> Person | None:
        return await self._run_read(lambda c: devices.person_for_token(c, token_hash))

    async def is_token_revoked(self, token_hash: bytes) -> bool:
        return await self._run_read(lambda c: devices.is_token_revoked(c, token_hash))

    async def devices(self, person_id: PersonId) -> tuple[Device, ...]:
        return await self._run_read(lambda c: devices.of_person(c, person_id))

    async def rename_device(self, person_id: PersonId, token_hash: bytes, label: str) -> None:
        await self._run_write(lambda c: devices.rename(c, person_id, token_hash, label))

    async def set_devices_used(self, times: Mapping[bytes, datetime]) -> None:
        used = dict(times)
        await self._run_write(lambda c: devices.set_used(c, used))

    async def device_renewed_at(self, token_hash: bytes) -> datetime | None:
        return await self._run_read(lambda c: devices.renewed_at(c, token_hash))

    async def set_device_renewed(self, token_hash: bytes) -> None:
        await self._run_write(lambda c: devices.set_renewed(c, token_hash))

    async def show_device_key(
        self, token_hash: bytes, key_hash: bytes, shown_before: datetime
    ) -> bool:
        # Nearly always: nothing is to be written.
        if await self._run_read(lambda c: devices.is_key_current(c, token_hash, key_hash)):
            return True
        return await self._run_write(
            lambda c: devices.show_key(c, token_hash, key_hash, shown_before)
        )

    async def save_draft(self, room_id: RoomId, person_id: PersonId, text: str) -> None:
        await self._run_write(lambda c: drafts.save(c, room_id, person_id, text))

    async def draft(self, room_id: RoomId, person_id: PersonId) -> str:
        return await self._run_read(lambda c: drafts.find(c, room_id, person_id))

    async def save_emoji_preferences(
        self, person_id: PersonId, preferences: EmojiPreferences
    ) -> None:
        await self._run_write(lambda c: people.save_emoji_preferences(c, person_id, preferences))

    async def emoji_preferences(self, person_id: PersonId) -> EmojiPreferences:
        return await self._run_read(lambda c: people.emoji_preferences(c, person_id))

    async def set_preference(self, person_id: PersonId, name: str, value: str) -> None:
        await self._run_write(lambda c: people.set_preference(c, person_id, name, value))

    async def preferences(self, person_id: PersonId) -> tuple[tuple[str, str], ...]:
        return await self._run_read(lambda c: people.preferences(c, person_id))

    async def save_notification_settings(
        self, person_id: PersonId, settings: NotificationSettings
    ) -> None:
        await self._run_write(lambda c: people.save_notification_settings(c, person_id, settings))

    async def all_notification_settings(self) -> dict[PersonId, NotificationSettings]:
        return await self._run_read(people.all_notification_settings)

    async def people_with_preference(self, name: str, value: str) -> frozenset[PersonId]:
        return await self._run_read(lambda c: people.people_with_preference(c, name, value))

    async def delete_details(self, person_id: PersonId) -> None:
        await self._run_write(lambda c: people.delete_details(c, person_id))

    async def all_details(self) -> Mapping[PersonId, PersonDetails]:
        return await self._run_read(people.all_details)

    async def set_status(self, person_id: PersonId, status: Status) -> None:
        await self._run_write(lambda c: people.set_status(c, person_id, status))

    async def set_time_zone(self, person_id: PersonId, time_zone: str) -> None:
        await self._run_write(lambda c: people.set_time_zone(c, person_id, time_zone))

    async def set_last_seen(self, times: Mapping[PersonId, datetime | None]) -> None:
        await self._run_write(lambda c: people.set_last_seen(c, times))


class SqlLaterStore(Database):
    """Texts that are sent later, and reminders of messages."""

    async def add_scheduled(self, new: NewScheduledText, limit: int) -> int:
        return await self._run_write(lambda c: scheduled.add(c, new, limit))

    async def scheduled(self, person_id: PersonId) -> tuple[ScheduledText, ...]:
        return await self._run_read(lambda c: scheduled.of_person(c, person_id))

    async def due_scheduled(self, moment: datetime) -> ScheduledText | None:
        return await self._run_read(lambda c: scheduled.due(c, moment))

    async def next_scheduled(self) -> datetime | None:
        return await self._run_read(scheduled.next_due)

    async def change_scheduled(self, person_id: PersonId, text_id: int, due_at: datetime) -> None:
        await self._run_write(lambda c: scheduled.change(c, person_id, text_id, due_at))

    async def refuse_scheduled(self, text_id: int, problem: str) -> None:
        await self._run_write(lambda c: scheduled.refuse(c, text_id, problem))

    async def remove_scheduled(self, person_id: PersonId, text_id: int) -> None:
        await self._run_write(lambda c: scheduled.remove(c, person_id, text_id))

    async def add_reminder(
        self, person_id: PersonId, room_id: RoomId, number: int, due_at: datetime, limit: int
    ) -> None:
        await self._run_write(lambda c: reminders.add(c, person_id, room_id, number, due_at, limit))

    async def reminders(self, person_id: PersonId) -> tuple[Reminder, ...]:
        return await self._run_read(lambda c: reminders.of_person(c, person_id))

    async def due_reminders(self, moment: datetime, limit: int) -> tuple[Reminder, ...]:
        return await self._run_read(lambda c: reminders.due(c, moment, limit))

    async def due_reminder_count(self, person_id: PersonId) -> int:
        return await self._run_read(lambda c: reminders.due_count(c, person_id))

    async def next_reminder(self) -> datetime | None:
        return await self._run_read(reminders.next_due)

    async def mark_reminders(self, moment: datetime) -> None:
        await self._run_write(lambda c: reminders.mark_due(c, moment))

    async def change_reminder(
        self, person_id: PersonId, reminder_id: int, due_at: datetime
    ) -> None:
        await self._run_write(lambda c: reminders.change(c, person_id, reminder_id, due_at))

    async def remove_reminder(self, person_id: PersonId, reminder_id: int) -> None:
        await self._run_write(lambda c: reminders.remove(c, person_id, reminder_id))

    async def blocks(self) -> tuple[tuple[PersonId, PersonId], ...]:
        return await self._run_read(blocks.blocks)

    async def blocked_people(self, person_id: PersonId) -> tuple[Person, ...]:
        return await self._run_read(lambda c: blocks.blocked_people(c, person_id))

    async def add_block(self, person_id: PersonId, blocked_id: PersonId) -> None:
        await self._run_write(lambda c: blocks.add_block(c, person_id, blocked_id))

    async def remove_block(self, person_id: PersonId, blocked_id: PersonId) -> None:
        await self._run_write(lambda c: blocks.remove_block(c, person_id, blocked_id))

    async def forget_blocks(self, person_id: PersonId) -> None:
        await self._run_write(lambda c: blocks.forget_blocks(c, person_id))

    async def forget_later(self, person_id: PersonId) -> None:
        def forget(connection: Connection) -> None:
            scheduled.remove_all(connection, person_id)
            reminders.remove_all(connection, person_id)

        await self._run_write(forget)


class SqlFileStore(Database):
    """The blobs in the storage, and the references to them."""

    async def add_blob(self, blob: Blob) -> Blob:
        return await self._run_write(lambda c: files.add_blob(c, blob))

    async def blob(self, blob_hash: str) -> Blob | None:
        return await self._run_read(lambda c: files.find_blob(c, blob_hash))

    async def blob_hashes(self) -> frozenset[str]:
        return await self._run_read(files.blob_hashes)

    async def unused_blob_hashes(self) -> tuple[str, ...]:
        return await self._run_read(files.unused_blob_hashes)

    async def delete_blob(self, blob_hash: str) -> bool:
        return await self._run_write(lambda c: files.delete_blob(c, blob_hash))

    async def attachment(self, attachment_id: str) -> tuple[RoomId, int, Attachment] | None:
        return await self._run_read(lambda c: files.find_attachment(c, attachment_id))

    async def attached_bytes(self, person_id: PersonId) -> int:
        return await self._run_read(lambda c: files.attached_bytes(c, person_id))

    async def blob_bytes(self) -> int:
        return await self._run_read(files.blob_bytes)

    async def set_avatar(self, person_id: PersonId, blob_hash: str) -> Person:
        return await self._run_write(lambda c: files.set_avatar(c, person_id, blob_hash))

    async def avatar_blob(self, blob_hash: str) -> Blob | None:
        return await self._run_read(lambda c: files.find_avatar_blob(c, blob_hash))


class SqlProgramStore(Database):
    """Bots, their tokens, and webhooks."""

    async def add_bot(
        self, name: str, owner_id: PersonId, limit: int, kept: KeptNames = ALL_KEPT
    ) -> NamedPerson:
        return await self._run_write(lambda c: programs.add_bot(c, name, owner_id, limit, kept))

    async def bots(self, owner_id: PersonId | None = None) -> tuple[Bot, ...]:
        return await self._run_read(lambda c: programs.bots(c, owner_id))

    async def disown_bot(self, bot_id: PersonId) -> None:
        await self._run_write(lambda c: programs.disown_bot(c, bot_id))

    async def add_api_token(self, new: NewApiToken, limit: int) -> ApiToken:
        return await self._run_write(lambda c: programs.add_api_token(c, new, limit))

    async def api_tokens(self, bot_id: PersonId) -> tuple[ApiToken, ...]:
        return await self._run_read(lambda c: programs.api_tokens(c, bot_id))

    async def api_token_for_hash(self, token_hash: bytes) -> ApiToken | None:
        return await self._run_read(lambda c: programs.api_token_for_hash(c, token_hash))

    async def mark_tokens_used(self, times: Mapping[ApiTokenId, datetime]) -> None:
        used = [(each, timestamps.to_microseconds(at)) for each, at in times.items()]
        await self._run_write(lambda c: programs.mark_tokens_used(c, used))

    async def revoke_api_tokens(self, bot_id: PersonId, token_id: ApiTokenId | None = None) -> None:
        await self._run_write(lambda c: programs.revoke_api_tokens(c, bot_id, token_id))

    async def add_hook(
        self, key: str, room_id: RoomId, bot_id: PersonId, created_by: PersonId, limit: int
    ) -> Hook:
        return await self._run_write(
            lambda c: programs.add_hook(c, key, room_id, bot_id, created_by, limit)
        )

    async def hook_for_key(self, key: str) -> Hook | None:
        return await self._run_read(lambda c: programs.hook_for_key(c, key))

    async def hooks(self, room_id: RoomId) -> tuple[Hook, ...]:
        return await self._run_read(lambda c: programs.hooks(c, room_id))

    async def hook_bot_ids(self, owner_id: PersonId) -> frozenset[PersonId]:
        return await self._run_read(
            lambda c: programs.hook_bot_ids(c, owner_id) | outgoing.bot_ids(c, owner_id)
        )

    async def update_hook(
        self,
        hook_id: HookId,
        *,
        key: str | None = None,
        is_paused: bool | None = None,
        may_call: bool | None = None,
    ) -> None:
        await self._run_write(
            lambda c: programs.update_hook(
                c, hook_id, key=key, is_paused=is_paused, may_call=may_call
            )
        )

    async def delete_hooks_of(self, bot_id: PersonId) -> None:
        def delete(connection: Connection) -> None:
            programs.delete_hooks_of(connection, bot_id)
            outgoing.delete_hooks_of(connection, bot_id)

        await self._run_write(delete)

    async def add_delivery(self, hook_id: HookId, new: Delivery, limit: int) -> None:
        await self._run_write(lambda c: programs.add_delivery(c, hook_id, new, limit))

    async def deliveries(self, hook_id: HookId) -> tuple[Delivery, ...]:
        return await self._run_read(lambda c: programs.deliveries(c, hook_id))


class SqlModerationStore(Database):
    """The roles of people, and the audit log."""

    async def roles(self) -> Mapping[tuple[PersonId, RoomId | None], Role]:
        return await self._run_read(moderation.roles)

    async def set_role(
        self, person_id: PersonId, room_id: RoomId | None, role: Role, entry: NewAuditEntry
    ) -> None:
        await self._run_write(lambda c: moderation.set_role(c, person_id, room_id, role, entry))

    async def sanctions(self) -> tuple[Sanction, ...]:
        return await self._run_read(moderation.sanctions)

    async def set_sanction(self, sanction: Sanction, entry: NewAuditEntry) -> None:
        def set_sanction(connection: Connection) -> None:
            moderation.set_sanction(connection, sanction, entry)
            if sanction.kind is SanctionKind.BAN:
                invitations.close_known_to(connection, sanction.person_id)

        await self._run_write(set_sanction)

    async def lift_sanction(
        self, person_id: PersonId, kind: SanctionKind, entry: NewAuditEntry
    ) -> None:
        await self._run_write(lambda c: moderation.lift_sanction(c, person_id, kind, entry))

    async def ban_for_token(self, token_hash: bytes) -> Sanction | None:
        return await self._run_read(lambda c: moderation.ban_for_token(c, token_hash))

    async def append_audit(self, entry: NewAuditEntry) -> None:
        await self._run_write(lambda c: moderation.append_audit(c, entry))

    async def messages_since(
        self, author_id: PersonId, since: datetime, limit: int
    ) -> tuple[tuple[RoomId, int], ...]:
        return await self._run_read(lambda c: messages.since(c, author_id, since, limit))

    async def forget_audit(self, before: datetime) -> None:
        await self._run_write(lambda c: moderation.forget_audit(c, before))

    async def audit_page(self, before_id: int | None, limit: int) -> tuple[AuditEntry, ...]:
        return await self._run_read(lambda c: moderation.audit_page(c, before_id, limit))


class SqlInvitationStore(Database):
    """Invitations, and who came in with them."""

    async def add_invitation(
        self, new: NewInvitation, entry: NewAuditEntry, limit: int
    ) -> Invitation:
        return await self._run_write(lambda c: invitations.add(c, new, entry, limit))

    async def find_invitation(self, code_hash: bytes) -> Invitation | None:
        return await self._run_read(lambda c: invitations.find(c, code_hash))

    async def invitation(self, invitation_id: InvitationId) -> Invitation | None:
        return await self._run_read(lambda c: invitations.by_id(c, invitation_id))

    async def invitations(
        self, made_by: PersonId | None, before_id: InvitationId | None, limit: int
    ) -> tuple[Invitation, ...]:
        return await self._run_read(lambda c: invitations.page(c, made_by, before_id, limit))

    async def invitation_uses(
        self, invitation_id: InvitationId, limit: int
    ) -> tuple[InvitationUse, ...]:
        return await self._run_read(lambda c: invitations.uses(c, invitation_id, limit))

    async def guests_since(self) -> Mapping[PersonId, datetime]:
        return await self._run_read(invitations.guests_since)

    async def ended_guests(self) -> tuple[tuple[Person, ...], datetime | None]:
        return await self._run_read(invitations.ended_guests)

    async def outsiders(self, lobby_slug: str) -> tuple[Person, ...]:
        return await self._run_read(lambda c: invitations.outsiders(c, lobby_slug))

    async def revoke_invitation(self, invitation_id: InvitationId, entry: NewAuditEntry) -> bool:
        return await self._run_write(lambda c: invitations.revoke(c, invitation_id, entry))


class SqlOutgoingHookStore(Database):
    """Outgoing webhooks, and the last requests of each."""

    async def add_outgoing_hook(self, new: NewOutgoingHook, limit: int) -> OutgoingHook:
        return await self._run_write(lambda c: outgoing.add_hook(c, new, limit))

    async def outgoing_hooks(self, room_id: RoomId | None = None) -> tuple[OutgoingHook, ...]:
        return await self._run_read(lambda c: outgoing.hooks(c, room_id))

    async def outgoing_hook(self, hook_id: OutgoingHookId) -> OutgoingHook | None:
        return await self._run_read(lambda c: outgoing.find_hook(c, hook_id))

    async def update_outgoing_hook(
        self,
        hook_id: OutgoingHookId,
        *,
        url: str | None = None,
        secret: str | None = None,
        trigger: Trigger | None = None,
    ) -> None:
        await self._run_write(
            lambda c: outgoing.update_hook(c, hook_id, url=url, secret=secret, trigger=trigger)
        )

    async def pause_outgoing_hook(self, hook_id: OutgoingHookId, reason: PauseReason) -> None:
        await self._run_write(lambda c: outgoing.pause_hook(c, hook_id, reason))

    async def resume_outgoing_hook(
        self, hook_id: OutgoingHookId, responsible_id: PersonId, *, skip: bool
    ) -> None:
        await self._run_write(lambda c: outgoing.resume_hook(c, hook_id, responsible_id, skip=skip))

    async def set_progress(self, hook_id: OutgoingHookId, progress: Progress) -> None:
        await self._run_write(lambda c: outgoing.set_progress(c, hook_id, progress))

    async def add_attempt(
        self, hook_id: OutgoingHookId, new: Attempt, progress: Progress | None, limit: int
    ) -> None:
        await self._run_write(lambda c: outgoing.add_attempt(c, hook_id, new, progress, limit))

    async def attempts(self, hook_id: OutgoingHookId) -> tuple[Attempt, ...]:
        return await self._run_read(lambda c: outgoing.attempts(c, hook_id))


class SqlAccountStore(Database):
    """How people sign in on another device."""

    async def password_of(self, name: str) -> tuple[Person, str] | None:
        return await self._run_read(lambda c: accounts.password_of(c, name))

    async def password_hash(self, person_id: PersonId) -> str | None:
        return await self._run_read(lambda c: accounts.password_hash(c, person_id))

    async def set_password(self, person_id: PersonId, new_hash: str | None) -> None:
        await self._run_write(lambda c: accounts.set_password(c, person_id, new_hash))

    async def set_password_link(
        self,
        person_id: PersonId,
        secret_hash: bytes,
        expires_at: datetime,
        entry: NewAuditEntry | None,
    ) -> None:
        await self._run_write(
            lambda c: accounts.set_password_link(c, person_id, secret_hash, expires_at, entry)
        )

    async def person_of_link(self, secret_hash: bytes) -> Person | None:
        return await self._run_read(lambda c: accounts.person_of_link(c, secret_hash))

    async def spend_password_link(self, secret_hash: bytes, new_hash: str) -> Person:
        return await self._run_write(
            lambda c: accounts.spend_password_link(c, secret_hash, new_hash)
        )

    async def add_passkey(self, new: NewPasskey, limit: int) -> None:
        await self._run_write(lambda c: accounts.add_passkey(c, new, limit))

    async def remove_passkey(self, person_id: PersonId, passkey_id: int) -> None:
        await self._run_write(lambda c: accounts.remove_passkey(c, person_id, passkey_id))

    async def passkey(self, credential_id: bytes) -> Passkey | None:
        return await self._run_read(lambda c: accounts.passkey(c, credential_id))

    async def use_passkey(self, passkey_id: int, sign_count: int) -> None:
        await self._run_write(lambda c: accounts.use_passkey(c, passkey_id, sign_count))

    async def person_of_account(self, issuer: str, subject: str) -> Person | None:
        return await self._run_read(lambda c: accounts.person_of_account(c, issuer, subject))

    async def join_account(self, person_id: PersonId, account: ProviderAccount) -> None:
        await self._run_write(lambda c: accounts.join_account(c, person_id, account))

    async def remove_account(self, person_id: PersonId) -> None:
        await self._run_write(lambda c: accounts.remove_account(c, person_id))

    async def sign_in_methods(self, person_id: PersonId) -> SignInMethods:
        return await self._run_read(lambda c: accounts.methods(c, person_id))

    async def has_sign_in_methods(self) -> bool:
        return await self._run_read(accounts.has_any)

    async def forget_sign_in(self, person_id: PersonId) -> None:
        await self._run_write(lambda c: accounts.forget(c, person_id))


class SqlStore(
    SqlMessageStore,
    SqlRoomStore,
    SqlPeopleStore,
    SqlLaterStore,
    SqlFileStore,
    SqlProgramStore,
    SqlModerationStore,
    SqlInvitationStore,
    SqlOutgoingHookStore,
    SqlAccountStore,
):
    """The Store on SQLAlchemy Core."""
