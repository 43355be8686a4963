"""The contract of the store, which every database engine fulfils."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from chat.errors import ChatError
from chat.histogram import HistogramCounts
from chat.model.accounts import NewPasskey, Passkey, ProviderAccount, SignInMethods
from chat.model.attachments import Attachment, Blob
from chat.model.devices import Device
from chat.model.events import MessageChanged
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
from chat.text.emoji import EmojiPreferences
from chat.text.search_query import Query

# All messages that changed. A change also affects the root message of a thread. Messages that quote
# the message are named by its event, and keep their change numbers.
Changes = tuple[MessageChanged, ...]


@dataclass(frozen=True, slots=True)
class StoreLoad:
    """What the store has to do: the writes that wait, and the commits since the start."""

    waiting_writes: int
    commits: HistogramCounts
    failed_commits: int


@dataclass(frozen=True, slots=True)
class DeletedMessage:
    """All that was deleted with a message, as rows by table. Only the store reads `rows`.

    `size` is in characters.
    """

    room_id: RoomId
    number: int
    blob_hashes: tuple[str, ...]
    size: int
    rows: Mapping[str, tuple[Mapping[str, Any], ...]] = field(repr=False)


class MessageStore(Protocol):
    """The messages of the rooms. The caller has checked the rights of the person."""

    async def append(self, new_message: NewMessage) -> Message:
        """Store a message under the next number of its room.

        A repeated `client_id` of the author returns the stored message. If the author's draft in
        the room is `new_message.draft`, the same commit deletes it. Raises NoSuchMessage if the
        quoted message does not exist.
        """

    async def is_stored(self, author_id: PersonId, client_id: str) -> bool:
        """Whether a message of this author has this client id."""

    async def append_reply(self, new_message: NewMessage) -> tuple[Message, Changes]:
        """As `append`, in a thread; also returns the changed root message.

        Raises NoSuchMessage, also if the root message is gone.
        """

    async def edit(
        self,
        room_id: RoomId,
        number: int,
        author_id: PersonId,
        text: str,
        mentions: frozenset[PersonId] = frozenset(),
        mention_names: MentionNames = (),
    ) -> Changes:
        """Change the text of a message of this author; the earlier text is kept.

        Raises NoSuchMessage, and BadPoll for a poll.
        """

    async def set_via(self, room_id: RoomId, number: int, author_id: PersonId, via: Via) -> Changes:
        """Replace how a program sent this message of the author. Raises NoSuchMessage."""

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
        """Replace the live controls of this message of the author, and its text with them.

        No earlier text is kept, and nothing counts as edited. Raises NoSuchMessage.
        """

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
        """Replace the text of this author's message that is being written.

        With another state it is complete, or interrupted: it is indexed then, and has mentions and
        files. Raises NoSuchMessage and StreamEnded.
        """

    async def interrupt_streams(self) -> None:
        """Mark all messages that are being written as interrupted."""

    async def stored_message(self, author_id: PersonId, client_id: str) -> Message | None:
        """The message of this author with this client id."""

    async def delete(
        self,
        room_id: RoomId,
        number: int,
        person_id: PersonId,
        *,
        any_author: bool = False,
        entry: NewAuditEntry | None = None,
    ) -> tuple[Changes, DeletedMessage]:
        """Delete all texts and files of a message for good. Raises NoSuchMessage.

        The person has to be its author, unless `any_author` is set. Also returns all that was
        deleted, for `restore`. An `entry` is appended to the audit log.
        """

    async def restore(self, deleted: DeletedMessage) -> Changes:
        """Undo a deletion: the message is as it was, with the files that are still stored.

        Raises NoSuchMessage if the message is not deleted any more.
        """

    async def react(
        self,
        room_id: RoomId,
        number: int,
        person_id: PersonId,
        emoji: str,
        *,
        present: bool | None = None,
    ) -> Changes:
        """Add (`present`) or remove a reaction of this person, or toggle it (None).

        Raises NoSuchMessage, and BadReaction if the message has too many different emoji.
        """

    async def vote(self, room_id: RoomId, number: int, person_id: PersonId, option: int) -> Changes:
        """Toggle a vote for an option of a poll (its index).

        Raises NoSuchMessage, also for an unknown option, and PollClosed.
        """

    async def close_poll(
        self, room_id: RoomId, number: int, person_id: PersonId, *, any_author: bool = False
    ) -> Changes:
        """Close a poll. The person and `any_author` are as for `delete`. Raises NoSuchMessage."""

    async def settle_report(
        self, room_id: RoomId, number: int, moderator: Person, *, settled: bool
    ) -> Changes:
        """Mark a report as settled, or open it again, with a row of the audit log.

        Raises NoSuchMessage, also for a message that is no report.
        """

    async def pin(self, room_id: RoomId, number: int, *, pinned: bool) -> Changes:
        """Pin or unpin a message. Raises NoSuchMessage."""

    async def revisions(
        self, room_id: RoomId, number: int, skipped: int, limit: int
    ) -> tuple[Revision, ...]:
        """At most `limit` earlier texts of a message, the latest first, after `skipped` ones."""

    async def changes(self, room_id: RoomId, change_number: int, limit: int) -> Changes:
        """The first `limit` messages changed after `change_number`, in order of change number."""

    async def last_sequence(self) -> int:
        """The number of the last post or change in the sequence of the store; 0 if none."""

    async def begin_sequence_run(self, run_id: str, limit: int) -> tuple[SequenceRun, ...]:
        """Note that a process begins to count on; returns the last `limit` runs, the newest last.

        Data that are restored from a copy lack the runs after it.
        """

    async def sequence_page(
        self,
        after: int,
        limit: int,
        span: int,
        *,
        reader_id: PersonId | None = None,
        room_ids: Collection[RoomId] | None = None,
    ) -> SequencePage:
        """The first `limit` posts and changes of the `span` numbers after `after`, in their order.

        Only of the rooms that `reader_id` may read, unless it is None; and only of `room_ids` and
        their threads, unless they are None. The post of a message that is deleted now is left out.
        """

    async def last_own_message(self, room_id: RoomId, author_id: PersonId) -> Message | None:
        """The author's last message that can be edited: not deleted, and not a poll."""

    async def newest(self, room_id: RoomId, limit: int) -> MessagePage:
        """The page of the newest messages."""

    async def before(self, room_id: RoomId, number: int, limit: int) -> MessagePage:
        """The page that ends just before `number`."""

    async def after(self, room_id: RoomId, number: int, limit: int) -> MessagePage:
        """The page that begins just after `number`."""

    async def around(self, room_id: RoomId, number: int, limit: int) -> MessagePage:
        """The page with `number` in its middle."""

    async def number_at(self, room_id: RoomId, moment: datetime) -> int | None:
        """The number of the first message that was sent at `moment` or later."""

    async def pinned(
        self, room_id: RoomId, skipped: int, limit: int, since: datetime | None = None
    ) -> tuple[Message, ...]:
        """At most `limit` pinned messages, the last pinned first, after `skipped` ones.

        None of those that were sent before `since`.
        """

    async def room_files(
        self, room_id: RoomId, *, pictures: bool, before: RoomFile | None, limit: int
    ) -> tuple[RoomFile, ...]:
        """At most `limit` files of the messages of a room, those of the newest message first.

        Only pictures, or only all others. `before` is the last file of the page before, None for
        the first page.
        """

    async def messages_mentioning(
        self, person_id: PersonId, before_id: int | None, limit: int
    ) -> tuple[tuple[int, Message], ...]:
        """The messages that mention a person in their rooms, newest first, each with its id.

        `before_id` is the last id of the page before, None for the first page.
        """

    async def save_message(
        self, person_id: PersonId, room_id: RoomId, number: int, limit: int
    ) -> None:
        """Keep a message for later, at most `limit` of a person.

        Raises NoSuchMessage and TooManySaved.
        """

    async def forget_saved(self, person_id: PersonId, room_id: RoomId, number: int) -> None:
        """Do not keep a message any more."""

    async def is_saved(self, person_id: PersonId, room_id: RoomId, number: int) -> bool:
        """Whether a person keeps a message for later."""

    async def saved_messages(
        self, person_id: PersonId, before_id: int | None, limit: int
    ) -> tuple[SearchHit, ...]:
        """The saved messages that are not deleted, of rooms that the person may read.

        The last saved is the first. `before_id` is the last id of the page before, None for the
        first page.
        """

    async def search(
        self, query: Query, person_id: PersonId, before_id: int | None, limit: int
    ) -> tuple[SearchHit, ...]:
        """At most `limit` messages, and no more than 30, of rooms that a person may read.

        The newest is the first. `before_id` is the last id of the page before, None for the first
        page. An empty query finds nothing.
        """


class RoomStore(Protocol):
    """The rooms, their members, and the read positions."""

    async def public_rooms(self) -> tuple[RoomInfo, ...]:
        """The public rooms, by title."""

    async def public_room_summaries(self) -> tuple[RoomSummary, ...]:
        """The public rooms with their members and their last activity, by title."""

    async def room(self, id_or_slug: RoomId | str) -> RoomInfo | None:
        """The room with this id or slug."""

    async def readable_room(
        self, slug: str, person_id: PersonId, *, is_guest: bool
    ) -> RoomInfo | None:
        """The room with this slug if a person may read it: a public one, or one that they are in.

        A guest reads only those that they are in. None takes as long for a room of others as for
        no room.
        """

    async def create_room(self, new_room: NewRoom) -> RoomInfo:
        """Create a room with its members.

        Raises SlugTaken and TitleTaken for a room that its creator may read. If another room has
        the address, this one gets a free one.
        """

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
        """Change the values that are not None. Raises TitleTaken.

        An `entry` is appended to the audit log.

        A public or private room cannot have a title that people read as that of another one
        (`name_key`), as far as the person who gives it may read that one.
        """

    async def members(self, room_id: RoomId) -> tuple[Person, ...]:
        """The members of a room."""

    async def rooms_in_common(
        self, person_id: PersonId, other_id: PersonId, limit: int
    ) -> tuple[RoomInfo, ...]:
        """At most `limit` public and private rooms that both are members of, by title.

        Archived ones are left out.
        """

    async def join(self, room_id: RoomId, person_id: PersonId) -> bool:
        """Make a person a member who has read everything; False if they were one already."""

    async def leave(
        self, room_id: RoomId | None, person_id: PersonId, entry: NewAuditEntry | None = None
    ) -> bool:
        """Remove a person from a room and its threads; False if they were not a member.

        Their role there ends. None means all rooms except direct conversations, whose titles are
        their members' names. An `entry` is appended to the audit log.
        """

    async def close_conversation(self, room_id: RoomId, person_id: PersonId) -> None:
        """Mark a membership as closed until there is a new message in the room."""

    async def memberships(
        self, person_id: PersonId, room_id: RoomId | None = None
    ) -> tuple[Membership, ...]:
        """The memberships of a person in all rooms, or in one, oldest room first."""

    async def save_read_positions(self, positions: Sequence[tuple[RoomId, PersonId, int]]) -> None:
        """Store read positions: for a room and a person, the number of the last read message."""

    async def set_notification_level(
        self, room_id: RoomId, person_id: PersonId, level: NotificationLevel
    ) -> None:
        """Set the notification level of a member. Raises NoSuchRoom if they are not a member."""

    async def set_favourite(self, room_id: RoomId, person_id: PersonId, *, favourite: bool) -> None:
        """Make a room a favourite of a member, or end that.

        Raises NoSuchRoom if they are not a member.
        """


class PeopleStore(Protocol):
    """The people, their tokens, drafts and preferences."""

    async def add_person(
        self, name: str, kept: KeptNames = ALL_KEPT, invitation_id: InvitationId | None = None
    ) -> NamedPerson:
        """Create a person. The name is looked up and taken in one transaction.

        With an invitation, a use of it is counted in the same transaction, and the person has its
        role. Raises NameTaken if somebody bears the name, or one that looks like it, and
        InvitationRefused if the invitation has ended.
        """

    async def require_free_name(self, name: str, kept: KeptNames) -> None:
        """Raises NameTaken if `add_person` would."""

    async def rename_person(
        self, person_id: PersonId, name: str, kept: KeptNames = ALL_KEPT
    ) -> NamedPerson:
        """Change the name of a person, also on past messages. Raises as `add_person`."""

    async def release_name(self, person_id: PersonId) -> None:
        """Let a person who leaves bear their name no more."""

    async def bearer_ids(self, name: str) -> frozenset[PersonId]:
        """The people who bear a name, or one that looks like it, and have not left."""

    async def set_seen(self, person_ids: Collection[PersonId]) -> None:
        """These people are seen now."""

    async def index_names(self, lobby_slug: str) -> None:
        """Store the keys of the names of a database of an earlier version."""

    async def owner_id(self) -> PersonId | None:
        """The id of the owner, None if there is none.

        Before the first `set_owner`, as in a database of an earlier version, it is the first
        person.
        """

    async def set_owner(
        self, person_id: PersonId | None, entry: NewAuditEntry | None = None
    ) -> None:
        """Make a person the owner; None makes it nobody.

        With an `entry` the chat passes to another owner, and the link of `set_owner_link` is spent.
        """

    async def set_owner_link(
        self, secret_hash: bytes, expires_at: datetime, entry: NewAuditEntry
    ) -> None:
        """Store the hash of the secret in a link for the owner, in place of an earlier one."""

    async def owner_link(self) -> bytes | None:
        """The hash of the secret in the link for the owner, unless it is spent or has expired."""

    async def add_token(self, token_hash: bytes, person_id: PersonId, label: str = "") -> None:
        """Store a token of a person by its hash (SHA-256, 32 bytes). An earlier owner loses it.

        `label` is the name of the device that has it. Raises TooManyDevices.
        """

    async def revoke_tokens(
        self, person_id: PersonId, token_hashes: Collection[bytes] | None = None
    ) -> None:
        """Revoke all tokens of this person for good, or only these."""

    async def person_for_token(self, token_hash: bytes) -> Person | None:
        """The person with this token, if it is not revoked or expired and they are not banned."""

    async def devices(self, person_id: PersonId) -> tuple[Device, ...]:
        """The devices of a person, the one that was used last first."""

    async def rename_device(self, person_id: PersonId, token_hash: bytes, label: str) -> None:
        """Give a device of a person another name."""

    async def set_devices_used(self, times: Mapping[bytes, datetime]) -> None:
        """Store when devices were used last, by the hashes of their tokens."""

    async def device_renewed_at(self, token_hash: bytes) -> datetime | None:
        """When the cookie of a device was set last; None if that is not known."""

    async def set_device_renewed(self, token_hash: bytes) -> None:
        """The cookie of a device is set now."""

    async def show_device_key(
        self, token_hash: bytes, key_hash: bytes, shown_before: datetime
    ) -> bool:
        """The page of a device shows its key (SHA-256, 32 bytes): whether it is right.

        The first key that a new device shows is right. Another one becomes right if it was shown
        for the first time before `shown_before`, and the right one was not shown since.
        """

    async def is_token_revoked(self, token_hash: bytes) -> bool:
        """Whether this token was revoked."""

    async def save_draft(self, room_id: RoomId, person_id: PersonId, text: str) -> None:
        """Store the draft of a person in a room; an empty text deletes it."""

    async def draft(self, room_id: RoomId, person_id: PersonId) -> str:
        """The draft of a person in a room, or an empty string."""

    async def save_emoji_preferences(
        self, person_id: PersonId, preferences: EmojiPreferences
    ) -> None:
        """Replace the emoji preferences of a person."""

    async def emoji_preferences(self, person_id: PersonId) -> EmojiPreferences:
        """The emoji preferences of a person, or the default."""

    async def set_preference(self, person_id: PersonId, name: str, value: str) -> None:
        """Replace one preference of a person."""

    async def preferences(self, person_id: PersonId) -> tuple[tuple[str, str], ...]:
        """The stored preferences of a person: names and values."""

    async def save_notification_settings(
        self, person_id: PersonId, settings: NotificationSettings
    ) -> None:
        """Replace the notification settings of a person. A keyword has no line break."""

    async def all_notification_settings(self) -> dict[PersonId, NotificationSettings]:
        """The notification settings of all people who have changed them."""

    async def all_details(self) -> Mapping[PersonId, PersonDetails]:
        """What people tell of themselves, by person, of those who ever did."""

    async def set_status(self, person_id: PersonId, status: Status) -> None:
        """Replace the status of a person."""

    async def set_time_zone(self, person_id: PersonId, time_zone: str) -> None:
        """Replace the time zone of a person; empty for none."""

    async def set_last_seen(self, times: Mapping[PersonId, datetime | None]) -> None:
        """Replace the last-seen times of these people; None removes one."""

    async def delete_details(self, person_id: PersonId) -> None:
        """Forget what a person told of themselves."""

    async def people_with_preference(self, name: str, value: str) -> frozenset[PersonId]:
        """The people who have stored this value of a preference."""


class LaterStore(Protocol):
    """Texts that are sent later, and reminders of messages. Times are in UTC."""

    async def add_scheduled(self, new: NewScheduledText, limit: int) -> int:
        """Store a text that is sent later, and delete its draft with the same commit.

        Returns its id. A repeated `client_id` of the author changes nothing. A person has at most
        `limit` of them. Raises TooManyScheduled.
        """

    async def scheduled(self, person_id: PersonId) -> tuple[ScheduledText, ...]:
        """The texts of a person that are sent later, the next one first."""

    async def due_scheduled(self, moment: datetime) -> ScheduledText | None:
        """The first text that has to be sent at `moment`, and was not refused."""

    async def next_scheduled(self) -> datetime | None:
        """When the next text has to be sent."""

    async def change_scheduled(self, person_id: PersonId, text_id: int, due_at: datetime) -> None:
        """Send a text of this person at another time. Raises TooLateToChange."""

    async def refuse_scheduled(self, text_id: int, problem: str) -> None:
        """Keep a text that was refused at its time, with the reason."""

    async def remove_scheduled(self, person_id: PersonId, text_id: int) -> None:
        """Delete a text of this person. Raises TooLateToChange."""

    async def add_reminder(
        self, person_id: PersonId, room_id: RoomId, number: int, due_at: datetime, limit: int
    ) -> None:
        """Set the reminder of a message, at most `limit` of a person.

        Raises NoSuchMessage and TooManyReminders.
        """

    async def reminders(self, person_id: PersonId) -> tuple[Reminder, ...]:
        """The reminders of a person, the next one first."""

    async def due_reminders(self, moment: datetime, limit: int) -> tuple[Reminder, ...]:
        """At most `limit` reminders that become due at `moment`; `mark_reminders` follows."""

    async def due_reminder_count(self, person_id: PersonId) -> int:
        """The number of a person's reminders that are marked as due."""

    async def next_reminder(self) -> datetime | None:
        """When the next reminder becomes due."""

    async def mark_reminders(self, moment: datetime) -> None:
        """Mark the reminders that are due at `moment`."""

    async def change_reminder(
        self, person_id: PersonId, reminder_id: int, due_at: datetime
    ) -> None:
        """Move a reminder of this person. Raises TooLateToChange."""

    async def remove_reminder(self, person_id: PersonId, reminder_id: int) -> None:
        """Delete a reminder of this person, if it is there."""

    async def blocks(self) -> tuple[tuple[PersonId, PersonId], ...]:
        """All blocks: who has blocked whom."""

    async def blocked_people(self, person_id: PersonId) -> tuple[Person, ...]:
        """The people whom a person has blocked, the last one first."""

    async def add_block(self, person_id: PersonId, blocked_id: PersonId) -> None:
        """Let a person block another one: searches, mentions and counts leave them out."""

    async def remove_block(self, person_id: PersonId, blocked_id: PersonId) -> None:
        """End a block."""

    async def forget_blocks(self, person_id: PersonId) -> None:
        """End all blocks of a person who has left."""

    async def forget_later(self, person_id: PersonId) -> None:
        """Delete all texts that are sent later, and all reminders, of a person."""


class FileStore(Protocol):
    """The blobs in the storage (`chat/files/storage.py`), and the references to them."""

    async def add_blob(self, blob: Blob) -> Blob:
        """Store a blob, unused until it is attached. A blob that is stored already is kept."""

    async def blob(self, blob_hash: str) -> Blob | None:
        """The blob with this hash."""

    async def blob_hashes(self) -> frozenset[str]:
        """The hashes of all blobs."""

    async def unused_blob_hashes(self) -> tuple[str, ...]:
        """The hashes of the blobs that no message and no person refers to."""

    async def delete_blob(self, blob_hash: str) -> bool:
        """Delete a blob, unless it is used; returns whether it is gone now."""

    async def attachment(self, attachment_id: str) -> tuple[RoomId, int, Attachment] | None:
        """The attachment with this id, and the room and the number of its message."""

    async def attached_bytes(self, person_id: PersonId) -> int:
        """The total size in bytes of the files on a person's messages."""

    async def blob_bytes(self) -> int:
        """The total size in bytes of all contents, without their thumbnails."""

    async def set_avatar(self, person_id: PersonId, blob_hash: str) -> Person:
        """Make a blob the avatar of a person; an empty hash removes the avatar."""

    async def avatar_blob(self, blob_hash: str) -> Blob | None:
        """The blob with this hash, if it is the avatar of a person."""


class ProgramStore(Protocol):
    """Bots, their tokens, and webhooks. A `limit` is the most that are stored, in whole."""

    async def add_bot(
        self, name: str, owner_id: PersonId, limit: int, kept: KeptNames = ALL_KEPT
    ) -> NamedPerson:
        """Create a bot of a person. Raises TooManyPrograms, and NameTaken as `add_person`."""

    async def bots(self, owner_id: PersonId | None = None) -> tuple[Bot, ...]:
        """The bots of a person, or all, in order of their creation."""

    async def disown_bot(self, bot_id: PersonId) -> None:
        """Let a bot belong to nobody, and bear its name no more; its messages stay."""

    async def add_api_token(self, new: NewApiToken, limit: int) -> ApiToken:
        """Store a token of a bot. Raises TooManyPrograms."""

    async def api_tokens(self, bot_id: PersonId) -> tuple[ApiToken, ...]:
        """The tokens of a bot that are not revoked, in order of their creation."""

    async def api_token_for_hash(self, token_hash: bytes) -> ApiToken | None:
        """The token with this SHA-256 (32 bytes), if it is not revoked. It may be expired."""

    async def mark_tokens_used(self, times: Mapping[ApiTokenId, datetime]) -> None:
        """Store when tokens were used last."""

    async def revoke_api_tokens(self, bot_id: PersonId, token_id: ApiTokenId | None = None) -> None:
        """Revoke all tokens of a bot, or one of them."""

    async def add_hook(
        self, key: str, room_id: RoomId, bot_id: PersonId, created_by: PersonId, limit: int
    ) -> Hook:
        """Store a webhook of a room. Raises TooManyPrograms."""

    async def hook_for_key(self, key: str) -> Hook | None:
        """The webhook with this key."""

    async def hooks(self, room_id: RoomId) -> tuple[Hook, ...]:
        """The webhooks of a room, in order of their creation."""

    async def hook_bot_ids(self, owner_id: PersonId) -> frozenset[PersonId]:
        """Those bots of a person that are the bots of webhooks, also of outgoing ones."""

    async def update_hook(
        self,
        hook_id: HookId,
        *,
        key: str | None = None,
        is_paused: bool | None = None,
        may_call: bool | None = None,
    ) -> None:
        """Change the values of a webhook that are not None."""

    async def delete_hooks_of(self, bot_id: PersonId) -> None:
        """Delete the webhooks of a bot, also outgoing ones, and their deliveries.

        The messages of the bot stay.
        """

    async def add_delivery(self, hook_id: HookId, new: Delivery, limit: int) -> None:
        """Store a request to a webhook; the last `limit` of them are kept."""

    async def deliveries(self, hook_id: HookId) -> tuple[Delivery, ...]:
        """The last requests to a webhook, the newest first."""


class ModerationStore(Protocol):
    """The roles and sanctions of people, and the audit log, whose rows are never changed.

    Methods with an `entry` append it in the same transaction.
    """

    async def roles(self) -> Mapping[tuple[PersonId, RoomId | None], Role]:
        """All roles that are not that of a member, by person and room; None is the whole chat."""

    async def set_role(
        self, person_id: PersonId, room_id: RoomId | None, role: Role, entry: NewAuditEntry
    ) -> None:
        """Give a person a role in a room, or in the whole chat."""

    async def sanctions(self) -> tuple[Sanction, ...]:
        """All sanctions, also those that are over."""

    async def set_sanction(self, sanction: Sanction, entry: NewAuditEntry) -> None:
        """Mute or ban a person. The tokens of a banned person, and of their bots, are not valid.

        Nobody else comes in with the invitations that a banned person made or used.
        """

    async def lift_sanction(
        self, person_id: PersonId, kind: SanctionKind, entry: NewAuditEntry
    ) -> None:
        """End a sanction; the tokens of a person who was banned are valid again."""

    async def ban_for_token(self, token_hash: bytes) -> Sanction | None:
        """The ban of the person who has this token, unless it is over."""

    async def append_audit(self, entry: NewAuditEntry) -> None:
        """Append a row to the audit log: of an act that is more than one transaction."""

    async def messages_since(
        self, author_id: PersonId, since: datetime, limit: int
    ) -> tuple[tuple[RoomId, int], ...]:
        """The last `limit` texts of an author since a time: room and number, the newest first."""

    async def forget_audit(self, before: datetime) -> None:
        """Delete the rows of the audit log that are older."""

    async def audit_page(self, before_id: int | None, limit: int) -> tuple[AuditEntry, ...]:
        """At most `limit` rows of the audit log, the newest first.

        `before_id` is the last id of the page before, None for the first page.
        """


class InvitationStore(Protocol):
    """Invitations, and who came in with them."""

    async def add_invitation(
        self, new: NewInvitation, entry: NewAuditEntry, limit: int
    ) -> Invitation:
        """Store an invitation; the row of the log gets its id as detail.

        Raises TooManyInvitations if `limit` of its maker are valid.
        """

    async def find_invitation(self, code_hash: bytes) -> Invitation | None:
        """The invitation whose code has this hash, whether it is valid or not."""

    async def invitation(self, invitation_id: InvitationId) -> Invitation | None:
        """An invitation; None if it is not kept any more."""

    async def invitations(
        self, made_by: PersonId | None, before_id: InvitationId | None, limit: int
    ) -> tuple[Invitation, ...]:
        """At most `limit` invitations, the newest first: of one person, or of all for None.

        `before_id` is the last id of the page before, None for the first page.
        """

    async def invitation_uses(
        self, invitation_id: InvitationId, limit: int
    ) -> tuple[InvitationUse, ...]:
        """The last people who came in with an invitation, the newest first."""

    async def guests_since(self) -> Mapping[PersonId, datetime]:
        """Since when the guests are here who came in with an invitation."""

    async def ended_guests(self) -> tuple[tuple[Person, ...], datetime | None]:
        """The guests whose invitation has expired or was revoked, and when the next one expires."""

    async def outsiders(self, lobby_slug: str) -> tuple[Person, ...]:
        """The guests who are not in the lobby."""

    async def revoke_invitation(self, invitation_id: InvitationId, entry: NewAuditEntry) -> bool:
        """Revoke an invitation; returns whether it was not revoked before."""


class OutgoingHookStore(Protocol):
    """Outgoing webhooks, and the last requests of each."""

    async def add_outgoing_hook(self, new: NewOutgoingHook, limit: int) -> OutgoingHook:
        """Store an outgoing webhook of a room, which has at most `limit` in whole.

        It is told what comes from now on. Raises TooManyPrograms.
        """

    async def outgoing_hooks(self, room_id: RoomId | None = None) -> tuple[OutgoingHook, ...]:
        """The outgoing webhooks of a room, or all, in order of their creation."""

    async def outgoing_hook(self, hook_id: OutgoingHookId) -> OutgoingHook | None:
        """The outgoing webhook with this id."""

    async def update_outgoing_hook(
        self,
        hook_id: OutgoingHookId,
        *,
        url: str | None = None,
        secret: str | None = None,
        trigger: Trigger | None = None,
    ) -> None:
        """Change the values of an outgoing webhook that are not None."""

    async def pause_outgoing_hook(self, hook_id: OutgoingHookId, reason: PauseReason) -> None:
        """Send nothing more to an outgoing webhook."""

    async def resume_outgoing_hook(
        self, hook_id: OutgoingHookId, responsible_id: PersonId, *, skip: bool
    ) -> None:
        """Send to an outgoing webhook again; with `skip`, only what comes from now on."""

    async def set_progress(self, hook_id: OutgoingHookId, progress: Progress) -> None:
        """Store how far an outgoing webhook has got."""

    async def add_attempt(
        self, hook_id: OutgoingHookId, new: Attempt, progress: Progress | None, limit: int
    ) -> None:
        """Store a request, and how far the webhook has got with it; the last `limit` are kept."""

    async def attempts(self, hook_id: OutgoingHookId) -> tuple[Attempt, ...]:
        """The last requests of an outgoing webhook, the newest first."""


class AccountStore(Protocol):
    """How people sign in on another device. The first way claims their name (`NAME_CLAIMED`)."""

    async def password_of(self, name: str) -> tuple[Person, str] | None:
        """The person who bears exactly this name and has a password, and its hash."""

    async def password_hash(self, person_id: PersonId) -> str | None:
        """The hash of the password of a person."""

    async def set_password(self, person_id: PersonId, new_hash: str | None) -> None:
        """Replace the password of a person, or remove it; the link for a new one is spent."""

    async def set_password_link(
        self,
        person_id: PersonId,
        secret_hash: bytes,
        expires_at: datetime,
        entry: NewAuditEntry | None,
    ) -> None:
        """Store the hash of the secret in a link for a new password, in place of an earlier one."""

    async def person_of_link(self, secret_hash: bytes) -> Person | None:
        """The person of a link for a new password that is neither spent nor expired."""

    async def spend_password_link(self, secret_hash: bytes, new_hash: str) -> Person:
        """Set the password of the person of a link. Raises PasswordLinkSpent."""

    async def add_passkey(self, new: NewPasskey, limit: int) -> None:
        """Store a passkey of a person, who has at most `limit`.

        Raises TooManyPasskeys, and PasskeyTaken if the chat knows it already.
        """

    async def remove_passkey(self, person_id: PersonId, passkey_id: int) -> None:
        """Remove a passkey of this person."""

    async def passkey(self, credential_id: bytes) -> Passkey | None:
        """The passkey with this id of its device."""

    async def use_passkey(self, passkey_id: int, sign_count: int) -> None:
        """A passkey was used now, and its device has counted so far."""

    async def person_of_account(self, issuer: str, subject: str) -> Person | None:
        """The person who has joined this account of a provider."""

    async def join_account(self, person_id: PersonId, account: ProviderAccount) -> None:
        """Join an account of a provider to a person, in place of an earlier one.

        Raises ProviderAccountTaken if it is joined to somebody else.
        """

    async def remove_account(self, person_id: PersonId) -> None:
        """Join a person to no account of a provider any more."""

    async def sign_in_methods(self, person_id: PersonId) -> SignInMethods:
        """How a person may sign in on another device."""

    async def has_sign_in_methods(self) -> bool:
        """Whether anybody can sign in on another device."""

    async def forget_sign_in(self, person_id: PersonId) -> None:
        """Let a person who leaves sign in no more."""


class Store(
    MessageStore,
    RoomStore,
    PeopleStore,
    LaterStore,
    FileStore,
    ProgramStore,
    ModerationStore,
    InvitationStore,
    OutgoingHookStore,
    AccountStore,
    Protocol,
):
    """All durable data of a workspace. A method that writes returns once it is on the disk.

    NotStored is raised when a write failed; nothing of it is kept then.
    """

    async def workspace_id(self) -> str:
        """The random id of this store, which never changes."""

    @property
    def load(self) -> StoreLoad:
        """What the store has to do, and how long it takes."""

    async def size_bytes(self) -> int:
        """The bytes of the database on the disk, without the files that people sent."""

    def problem(self) -> ChatError | None:
        """Why nothing can be stored now, as far as it is known: a lost folder, a failed write."""

    async def close(self) -> None:
        """Finish the writes that were begun, and close the files."""
