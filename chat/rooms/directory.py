"""The room directory: finds, creates, joins and leaves rooms; changes titles and topics."""

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from typing import Any, TypeVar

import structlog

from chat.activity.activity_limits import Act
from chat.errors import (
    BadRole,
    BadRoom,
    ChatError,
    GuestRefused,
    NoSuchMessage,
    NoSuchRoom,
    TitleTaken,
    Translatable,
    gettext_noop,
)
from chat.model.events import MembersChanged, RoomUpdated
from chat.model.messages import MessageKind
from chat.model.moderation import AuditAct, NewAuditEntry, Role
from chat.model.people import Person, PersonId
from chat.model.rooms import (
    MODERATORS_SLUG,
    Membership,
    NewRoom,
    NotificationLevel,
    RoomId,
    RoomInfo,
    RoomKind,
    RoomSummary,
)
from chat.rooms.access import Access
from chat.rooms.open_rooms import RoomCache
from chat.rooms.room import Room
from chat.rooms.services import RoomServices
from chat.rooms.slow_mode import MAX_SLOW_SECONDS
from chat.tasks import Tasks
from chat.text.previews import message_preview
from chat.text.room_names import (
    direct_slug,
    private_slug,
    slug_of,
    thread_slug,
    thread_title,
    validate_title,
    validate_topic,
)

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

# The slug of the lobby, and the title that it has until somebody renames it.
LOBBY = "lobby"
LOBBY_TITLE = "Lobby"

# The first title of the moderators' room, unless another room has it.
MODERATORS_TITLE = "Moderators"

# The kinds of rooms that people create, name and leave.
_CREATED_KINDS = (RoomKind.PUBLIC, RoomKind.PRIVATE)

# The most people of a direct conversation; larger groups use private rooms.
DIRECT_MEMBER_LIMIT = 9

# The most people who are invited at once.
INVITATION_LIMIT = 50

# The rooms in common that are shown of a person.
COMMON_ROOMS_LIMIT = 12


def require_direct_size(count: int) -> None:
    """Raises BadRoom if a direct conversation cannot have this many people."""
    if count > DIRECT_MEMBER_LIMIT:
        raise BadRoom(
            "{limit} people fit in a direct conversation. Make a private room instead.",
            limit=DIRECT_MEMBER_LIMIT,
        )


def require_invitation_size(count: int) -> None:
    """Raises BadRoom if so many people cannot be invited at once."""
    if count > INVITATION_LIMIT:
        raise BadRoom(
            "{limit} people can be invited at once. Invite the others afterwards.",
            limit=INVITATION_LIMIT,
        )


class RoomDirectory:
    """All rooms of one process."""

    def __init__(self, services: RoomServices) -> None:
        self._store = services.store
        self._feed = services.feed
        self._memberships = services.memberships
        self._roles = services.roles
        self._sanctions = services.sanctions
        self._activity = services.activity
        self._blocks = services.blocks

        self._cache = RoomCache(services, self)
        # The guests who are not in the lobby.
        self._outsiders: dict[PersonId, Person] = {}
        self._title_lock = asyncio.Lock()
        self._moderators_lock = asyncio.Lock()
        self._tasks = Tasks()

    @property
    def is_idle(self) -> bool:
        """Whether no change of a room is being stored."""
        return self._tasks.is_idle

    async def enter(self, person: Person, slug: str) -> Room:
        """The room with this address. A person who enters a public room joins it.

        Raises NoSuchRoom.
        """
        room = await self.by_slug(person, slug)
        if room.info.kind is RoomKind.PUBLIC and not room.info.archived:
            await self.join(person, room)
        return room

    async def all_people(self) -> tuple[Person, ...]:
        """All people who have not signed out: the members of the lobby, and the guests outside."""
        lobby = await self._cache.by_slug(LOBBY)
        if not self._outsiders:
            return tuple(lobby.members.values())
        return tuple(({**self._outsiders, **lobby.members}).values())

    async def open(self) -> None:
        """Read who is not in the lobby."""
        found = await self._store.outsiders(LOBBY)
        self._outsiders = {each.id: each for each in found}

    async def admit_guest(self, guest: Person, host: Person, room_ids: Sequence[RoomId]) -> None:
        """Add a guest who has just come in to the rooms of their invitation, and to no other.

        `host` has made it. A room that they may add nobody to any more is passed over.
        """
        self._outsiders[guest.id] = guest
        for room_id in room_ids:
            try:
                await self.invite(host, await self.by_id(host, room_id), guest)
            except ChatError as error:
                log.info("a guest was not added", room=room_id, person=guest.id, why=str(error))

    async def by_slug(self, person: Person, slug: str) -> Room:
        """As `enter`, without joining.

        A room that the person may not read takes the same work as none: one look into the store,
        and it is not opened. The lobby of a guest who is not in it is the first of their rooms.
        """
        room = self._cache.opened_by_slug(slug)
        is_outside = slug == LOBBY and person.id in self._outsiders
        if is_outside and (room is None or not room.can_read(person)):
            room = await self._home(person)
        if room is None or not room.can_read(person):
            is_guest = self._roles.is_guest(person.id)
            info = await self._store.readable_room(slug, person.id, is_guest=is_guest)
            if info is None:
                raise NoSuchRoom
            room = await self._cache.by_id(info.id)
            room.require_read(person)
        await self._require_visible_root(person, room)
        return room

    async def _home(self, person: Person) -> Room:
        for each in await self._store.memberships(person.id):
            if each.room.kind in _CREATED_KINDS:
                return await self._cache.by_id(each.room.id)
        raise NoSuchRoom

    async def _require_visible_root(self, person: Person, room: Room) -> None:
        if not await self._sees_root(person, room):
            raise NoSuchRoom

    async def _sees_root(self, person: Person, room: Room) -> bool:
        """Whether a room is no thread about a message from before a guest came."""
        if room.info.thread_root is None or self._roles.guest_since(person.id) is None:
            return True
        parent_id, number = room.info.thread_root
        try:
            await (await self._cache.by_id(parent_id)).require_visible(person, number)
        except NoSuchMessage:
            return False
        return True

    async def by_id(self, person: Person, room_id: RoomId) -> Room:
        """As `by_slug`, for a room whose id is known."""
        found = await self._cache.by_id(room_id)
        found.require_read(person)
        await self._require_visible_root(person, found)
        return found

    def opened(self, room_id: RoomId) -> Room | None:
        """The room with this id, if it is open."""
        return self._cache.opened(room_id)

    async def access(self, info: RoomInfo) -> Access:
        """The rights in a room: its own, or those of the room of a thread."""
        return await self._cache.by_id(info.parent_id or info.id)

    async def is_public(self, slug: str) -> bool:
        """Whether this is the address of a public room: strangers may enter it as members."""
        found = await self._store.room(slug)
        return found is not None and found.kind is RoomKind.PUBLIC

    async def public_rooms(self, person: Person) -> tuple[RoomInfo, ...]:
        """The public rooms that `person` may read, in order of title, archived ones too."""
        rooms = await self._store.public_rooms()
        return tuple([each for each in rooms if await self._may_read(person, each)])

    async def public_room_summaries(self, person: Person) -> tuple[RoomSummary, ...]:
        """As `public_rooms`, with the number of members and the last activity of each."""
        summaries = await self._store.public_room_summaries()
        return tuple([each for each in summaries if await self._may_read(person, each.room)])

    async def may_read(self, person: Person, info: RoomInfo) -> bool:
        """Whether a person may read a room."""
        return (await self.access(info)).can_read(person)

    async def _may_read(self, person: Person, info: RoomInfo) -> bool:
        """As `may_read`, for a public room, which is not opened for a member of the chat."""
        return not self._roles.is_guest(person.id) or await self.may_read(person, info)

    async def memberships_of(self, person: Person) -> tuple[Membership, ...]:
        """The memberships of a person who need not be connected, oldest room first."""
        return await self._store.memberships(person.id)

    async def find_thread(self, person: Person, room: Room, number: int) -> Room | None:
        """The thread about a message, None if nobody has replied yet. Raises NoSuchMessage."""
        message = await room.message(person, number)
        if message.kind is not MessageKind.TEXT or message.erased or room.parent is not None:
            raise NoSuchMessage
        found = await self._store.room(thread_slug(room.info.id, number))
        return None if found is None else await self._cache.by_id(found.id)

    async def create(
        self,
        creator: Person,
        title: str,
        kind: RoomKind = RoomKind.PUBLIC,
        topic: str = "",
        invited: Sequence[Person] = (),
    ) -> Room:
        """Create a public or private room with its creator and the invited people.

        Raises GuestRefused, Muted, TooManyRooms, and BadRoom, whose children SlugTaken and
        TitleTaken have a suggestion.
        """
        self._require_no_guest(creator)
        self._sanctions.require_may_write(creator)
        title, topic = validate_title(title), validate_topic(topic)
        if kind not in _CREATED_KINDS:
            raise BadRoom("A room is public or private. Choose one of these.")
        people = {each.id: each for each in (creator, *invited)}
        slug = slug_of(title) if kind is RoomKind.PUBLIC else private_slug(title)
        new = NewRoom(slug, title, topic, kind, creator, tuple(people))
        with self._activity.new_room(creator, self._sanctions.owner_of(creator.id)):
            return await self._run_shielded(self._create(new, list(people.values())[1:]))

    async def get_or_create_direct(self, person: Person, others: Sequence[Person]) -> Room:
        """The direct conversation of these people, created on first use.

        Raises BadRoom, Muted, TooManyConversations, and GuestRefused: others begin a conversation
        with a guest.
        """
        people = {each.id: each for each in (person, *others)}
        require_direct_size(len(people))
        slug = direct_slug(frozenset(people))
        new = NewRoom(slug, "", "", RoomKind.DIRECT, person, tuple(people))
        if await self._store.room(slug) is not None:
            return await self._run_shielded(self._get_or_create(new))
        self._require_no_guest(person)
        self._sanctions.require_may_write(person)
        with self._activity.new_conversation(person, self._sanctions.owner_of(person.id)):
            return await self._run_shielded(self._get_or_create(new))

    async def get_or_create_thread(self, person: Person, room: Room, number: int) -> Room:
        """The thread about a message, created on first use. Raises NoSuchMessage and SlowDown.

        The author of the message follows it, unless they have blocked `person`, and so do all
        people who reply.
        """
        if (found := await self.find_thread(person, room, number)) is not None:
            return found
        room.require_post(person)
        message = await room.message(person, number)
        if message.deleted:
            raise NoSuchMessage
        self._activity.act(person, Act.ROOM_CHANGE)
        slug = thread_slug(room.info.id, number)
        followers = room.members.keys() - self._blocks.blockers_of((person.id,))
        author = (message.author.id,) if message.author.id in followers else ()
        title, thread_root = thread_title(message_preview(message)), (room.info.id, number)
        new = NewRoom(slug, title, "", RoomKind.THREAD, person, author, thread_root)
        return await self._run_shielded(self._get_or_create(new))

    async def join(self, person: Person, room: Room, *, announce: bool = True) -> None:
        """Add `person` to a room that they may read, and post it there. Raises SlowDown."""
        room.require_read(person)
        if room.parent is not None and person.id not in room.parent.members:
            raise NoSuchRoom
        if not await self._sees_root(person, room):
            # A guest who is mentioned in a thread about what was said before they came.
            return
        if person.id not in room.members:
            if room.parent is None and room.info.slug != LOBBY:
                self._activity.act(person, Act.ROOM_CHANGE)
            await self._run_shielded(self._join(person, room, announce))

    async def invite(self, person: Person, room: Room, *guests: Person) -> None:
        """Add other people to a room; those who are in it already are passed over.

        Raises BadRoom if all of them are, for too many, and for a direct conversation; and
        GuestRefused and SlowDown.
        """
        self.require_may_invite(person, room)
        require_invitation_size(len(guests))
        self._activity.act(person, Act.ROOM_CHANGE)
        new = [each for each in guests if each.id not in room.members]
        if not new or not await self._run_shielded(self._invite(person, room, new)):
            if len(guests) > 1:
                raise BadRoom("They are all in this room already. Choose others.")
            raise BadRoom("{name} is in this room already.", name=guests[0].name)

    def require_may_invite(self, person: Person, room: Room) -> None:
        """Raises as `invite` if a person may add nobody to a room."""
        room.require_post(person)
        room.require_no_guest(person)
        if room.info.kind not in _CREATED_KINDS:
            raise BadRoom("Nobody can be added here. Start another conversation with them.")
        if room.info.is_of_moderators:
            raise BadRoom("Owner and moderators of the chat are in this room, and nobody else.")

    async def remove(self, person: Person, room: Room, member: Person) -> None:
        """Remove another person from a room and its threads. A public room they may join again.

        Raises ModeratorRequired, and BadRoom where nobody, or this person, cannot be removed.
        """
        self._require_removable(person, room, member)
        await self._run_shielded(self._leave(member, room, moderator=person))

    def may_remove(self, person: Person, room: Room, member: Person) -> bool:
        """Whether `remove` would remove `member`."""
        try:
            self._require_removable(person, room, member)
        except ChatError:
            return False
        return True

    async def set_moderator(
        self, person: Person, room: Room, member: Person, *, moderates: bool
    ) -> None:
        """Make a member a moderator of a room, or end that.

        Raises ModeratorRequired, BadRole, and BadRoom for somebody who is not in the room.
        """
        self._require_room_moderator(person, room, gettext_noop("say who moderates it"))
        if member.id not in room.members:
            raise BadRoom("{name} is not in this room any more.", name=member.name)
        if self._roles.is_guest(member.id):
            raise BadRole("A guest cannot moderate. Make them a member first.")
        if not room.outranks(person, member):
            raise BadRole("{name} moderates this room in any case.", name=member.name)
        role = Role.MODERATOR if moderates else Role.MEMBER
        await self._roles.store_role(person, member, role, room.info.id)

    def may_set_moderator(self, person: Person, room: Room, member: Person) -> bool:
        """Whether `set_moderator` would make `member` a moderator, or end that."""
        return (
            room.info.kind in _CREATED_KINDS
            and not room.info.is_of_moderators
            and member.id in room.members
            and not self._roles.is_guest(member.id)
            and room.outranks(person, member)
        )

    async def rooms_in_common(self, person: Person, other: Person) -> tuple[RoomInfo, ...]:
        """Up to 12 rooms that both people are in, besides the lobby, where everybody is."""
        found = await self._store.rooms_in_common(person.id, other.id, COMMON_ROOMS_LIMIT + 1)
        return tuple(each for each in found if each.slug != LOBBY)[:COMMON_ROOMS_LIMIT]

    async def leave(self, person: Person, room: Room) -> None:
        """Remove `person` from a room and its threads. Raises BadRoom where nobody can leave."""
        room.require_read(person)
        if room.info.slug == LOBBY:
            raise BadRoom("Everybody is in this room. Mute it instead.")
        if room.info.kind is RoomKind.DIRECT:
            raise BadRoom("A direct conversation cannot be left. Close it instead.")
        if room.info.is_of_moderators and self._roles.of(person.id).moderates:
            raise BadRoom("You moderate this chat, so that you are in this room. Mute it instead.")
        if person.id in room.members:
            await self._run_shielded(self._leave(person, room))

    async def close_direct(self, person: Person, room: Room) -> None:
        """Take a direct conversation off the person's list until something new is said in it.

        Raises BadRoom for any other room.
        """
        room.require_read(person)
        if person.id not in room.members:
            raise NoSuchRoom
        if room.info.kind is not RoomKind.DIRECT:
            raise BadRoom("Only a direct conversation can be closed. Leave this room instead.")
        await self._store.close_conversation(room.info.id, person.id)
        await self._memberships.reload([person.id], room.info.id)

    async def moderators_room(self) -> Room | None:
        """The room of owner and moderators, made on first use; None while there are none."""
        people = await self.all_people()
        moderating = [each for each in people if self._roles.of(each.id).moderates]
        if not moderating:
            return None
        owners = [each for each in moderating if self._roles.of(each.id) is Role.OWNER]
        return await self._run_shielded(self._moderators_room((owners or moderating)[0]))

    def on_roles_changed(self) -> None:
        """Somebody has another role in the whole chat, or the chat another owner."""
        self._tasks.start(self.follow_roles(), "let owner and moderators into their room")

    async def follow_roles(self) -> None:
        """Put owner and moderators into their room, and all others out of it, if there is one."""
        async with self._moderators_lock:
            info = await self._store.room(MODERATORS_SLUG)
            if info is None:
                return
            room = await self._cache.by_id(info.id)
            people = await self.all_people()
            moderating = [each for each in people if self._roles.of(each.id).moderates]
            moderating_ids = {each.id for each in moderating}
            for each in [each for each in room.members.values() if each.id not in moderating_ids]:
                await self._leave(each, room, is_announced=False)
            for each in moderating:
                if each.id not in room.members:
                    await self._join(each, room, announce=False)

    async def remove_person(self, person: Person) -> None:
        """Remove a person who signs out from all rooms.

        They stay in direct conversations, whose titles are their names.
        """
        await self._store.leave(None, person.id)
        self._roles.left_chat(person.id)
        self._outsiders.pop(person.id, None)
        self._cache.remove_member(person.id, lambda each: each.info.kind is not RoomKind.DIRECT)

    async def set_notification_level(
        self, person: Person, room: Room, level: NotificationLevel
    ) -> None:
        """Set the notification level of `person`. Raises NoSuchRoom if they are no member."""
        room.require_read(person)
        await self._store.set_notification_level(room.info.id, person.id, level)
        await self._memberships.reload([person.id], room.info.id)

    async def set_favourite(self, person: Person, room: Room, *, favourite: bool) -> None:
        """Make a room a favourite of `person`, or end that.

        Raises NoSuchRoom if they are no member.
        """
        room.require_read(person)
        await self._store.set_favourite(room.info.id, person.id, favourite=favourite)
        await self._memberships.reload([person.id], room.info.id)

    async def rename(self, person: Person, room: Room, title: str) -> None:
        """Change the title; the address stays.

        Raises BadRoom, ModeratorRequired, SlowDown, and TitleTaken for the title of another room.
        """
        self._require_room_moderator(person, room, gettext_noop("rename it"))
        title = validate_title(title)
        if title != room.info.title:
            self._activity.act(person, Act.ROOM_CHANGE)
            change = self._store.update_room(room.info.id, new_title=(title, person.id))
            await self._run_shielded(
                self._change_room(room, change, person, MessageKind.ROOM_RENAMED, title)
            )

    async def set_topic(self, person: Person, room: Room, topic: str) -> None:
        """Change the topic of a room; every member may. Raises BadRoom, GuestRefused, SlowDown."""
        room.require_read(person)
        if person.id not in room.members or room.info.kind not in _CREATED_KINDS:
            raise NoSuchRoom
        room.require_no_guest(person)
        self._sanctions.require_may_write(person)
        topic = validate_topic(topic)
        if topic != room.info.topic:
            self._activity.act(person, Act.ROOM_CHANGE)
            change = self._store.update_room(room.info.id, topic=topic)
            await self._run_shielded(
                self._change_room(room, change, person, MessageKind.TOPIC_CHANGED, topic)
            )

    async def set_archived(self, person: Person, room: Room, *, archived: bool) -> None:
        """Close a room for new messages, or reopen it.

        Raises ModeratorRequired, BadRoom and SlowDown.
        """
        if room.info.slug == LOBBY:
            raise BadRoom("Everybody is in this room: it cannot be archived.")
        if room.info.is_of_moderators:
            raise BadRoom("Reports arrive in this room: it cannot be archived.")
        self._require_room_moderator(person, room, gettext_noop("archive or reopen it"))
        if archived != room.info.archived:
            self._activity.act(person, Act.ROOM_CHANGE)
            act = AuditAct.ARCHIVED if archived else AuditAct.REOPENED
            entry = NewAuditEntry(act, person.id, room_id=room.info.id)
            change = self._store.update_room(room.info.id, archived=archived, entry=entry)
            kind = MessageKind.ARCHIVED if archived else MessageKind.REOPENED
            await self._run_shielded(self._change_room(room, change, person, kind))

    async def set_slow_mode(self, person: Person, room: Room, seconds: int) -> None:
        """Set the time between two messages of a person in a room, in seconds; 0 ends that.

        Those who moderate the room write without waiting. Raises ModeratorRequired, BadRoom and
        SlowDown.
        """
        self._require_room_moderator(person, room, gettext_noop("slow it down"))
        if not 0 <= seconds <= MAX_SLOW_SECONDS:
            raise BadRoom("Slow mode takes 0 to {limit} seconds.", limit=MAX_SLOW_SECONDS)
        if seconds != room.info.slow_seconds:
            self._activity.act(person, Act.ROOM_CHANGE)
            entry = NewAuditEntry(
                AuditAct.SLOW_MODE, person.id, room_id=room.info.id, detail=str(seconds)
            )
            change = self._store.update_room(room.info.id, slow_seconds=seconds, entry=entry)
            await self._run_shielded(self._publish_change(room, change))

    async def update_thread_title(self, room: Room, number: int) -> None:
        """Publish the new title of the thread about a message that was edited or deleted."""
        async with self._title_lock:
            info = await self._store.room(thread_slug(room.info.id, number))
            if info is not None:
                # A thread that was not open has the title already, but its followers do not.
                self._publish_room(await self._cache.by_id(info.id), info)

    def update_person(self, person: Person) -> None:
        """Show the new profile of a person in all open rooms."""
        if person.id in self._outsiders:
            self._outsiders[person.id] = person
        for room in self._cache:
            if person.id in room.members:
                room.members[person.id] = person

    async def close(self) -> None:
        """Wait for changes that are being stored."""
        await self._tasks.finish()
        for room in self._cache:
            await room.close()

    def _require_room_moderator(self, person: Person, room: Room, action: Translatable) -> None:
        room.require_read(person)
        if room.info.kind not in _CREATED_KINDS:
            raise NoSuchRoom
        room.require_moderator(person, action)

    def _require_removable(self, person: Person, room: Room, member: Person) -> None:
        self._require_room_moderator(person, room, gettext_noop("remove somebody from it"))
        if room.info.slug == LOBBY:
            raise BadRoom("Everybody is in this room: nobody can be removed from it.")
        if room.info.is_of_moderators:
            raise BadRoom("Owner and moderators of the chat are in this room, and nobody else.")
        if member.id == person.id:
            raise BadRoom("You cannot remove yourself. Leave this room instead.")
        if self._roles.of(member.id) is Role.OWNER:
            raise BadRoom("The owner of the chat cannot be removed. Ask them to leave.")
        if member.id not in room.members:
            raise BadRoom("{name} is not in this room any more.", name=member.name)
        if not room.outranks(person, member):
            raise BadRoom("{name} moderates this room, too. Ask them to leave.", name=member.name)

    def _require_no_guest(self, person: Person) -> None:
        if self._roles.is_guest(person.id):
            raise GuestRefused

    async def _run_shielded(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Store and publish, even if the caller is cancelled."""
        return await asyncio.shield(self._tasks.start(work, "change room"))

    async def _create(self, new: NewRoom, invited: Sequence[Person]) -> Room:
        room = await self._cache.by_id((await self._store.create_room(new)).id)
        await room.post_system_message(new.creator, MessageKind.ROOM_CREATED)
        for each in invited:
            await room.post_system_message(new.creator, MessageKind.INVITED, each.name)
        await self._memberships.reload(new.member_ids, room.info.id)
        log.info("created a room", room=room.info.id, kind=new.kind.value, person=new.creator.id)
        return room

    async def _moderators_room(self, creator: Person) -> Room:
        title = MODERATORS_TITLE
        while True:
            new = NewRoom(MODERATORS_SLUG, title, "", RoomKind.PRIVATE, creator, ())
            try:
                room, _ = await self._cache.get_or_create(new)
            except TitleTaken as error:
                title = error.suggestion
                continue
            # They are in it before a report is counted for them.
            await self.follow_roles()
            return room

    async def _get_or_create(self, new: NewRoom) -> Room:
        room, is_new = await self._cache.get_or_create(new)
        if is_new:
            await self._memberships.reload(new.member_ids, room.info.id)
        return room

    async def _join(self, person: Person, room: Room, announce: bool) -> None:
        is_new = await self._store.join(room.info.id, person.id)
        room.members[person.id] = person = self._feed.current_profile(person)
        if is_new:
            self._publish_members(room)
            await self._memberships.reload([person.id], room.info.id)
            if announce and room.info.kind is not RoomKind.THREAD:
                await room.post_system_message(
                    person, MessageKind.JOINED, "" if room.info.slug == LOBBY else "room"
                )

    async def _invite(self, person: Person, room: Room, guests: Sequence[Person]) -> bool:
        new = list[Person]()
        for guest in guests:
            if await self._store.join(room.info.id, guest.id):
                new.append(guest)
            room.members[guest.id] = guest
        if new:
            self._publish_members(room)
            await self._memberships.reload([each.id for each in new], room.info.id)
            names = ", ".join(each.name for each in new)
            await room.post_system_message(person, MessageKind.INVITED, names)
        return bool(new)

    async def _leave(
        self,
        person: Person,
        room: Room,
        moderator: Person | None = None,
        *,
        is_announced: bool = True,
    ) -> None:
        entry = None
        if moderator is not None:
            entry = NewAuditEntry(AuditAct.REMOVED, moderator.id, person.id, room.info.id)
        if not await self._store.leave(room.info.id, person.id, entry):
            return
        self._roles.left_room(person.id, room.info.id)
        self._cache.remove_member(person.id, lambda each: each is room or each.parent is room)
        self._memberships.remove(person.id, room.info.id, moderator)
        self._publish_members(room)
        if moderator is not None:
            await room.post_system_message(moderator, MessageKind.REMOVED, person.name)
        elif is_announced and room.info.kind is not RoomKind.THREAD:
            await room.post_system_message(person, MessageKind.LEFT, "room")

    async def _change_room(
        self,
        room: Room,
        change: Awaitable[RoomInfo],
        person: Person,
        kind: MessageKind,
        detail: str = "",
    ) -> None:
        self._publish_room(room, await change)
        await room.post_system_message(person, kind, detail)

    async def _publish_change(self, room: Room, change: Awaitable[RoomInfo]) -> None:
        self._publish_room(room, await change)

    def _publish_members(self, room: Room) -> None:
        """Publish that the members have changed. (Of the lobby, presence tells everybody.)"""
        if room.info.slug != LOBBY and room.parent is None:
            self._feed.publish_ephemeral(room.info.id, MembersChanged())

    def _publish_room(self, room: Room, info: RoomInfo) -> None:
        """Publish a changed room to its viewers and its members."""
        if room.info != info:
            room.info = info
            self._feed.publish_ephemeral(info.id, RoomUpdated(info))
        self._memberships.room_updated(info)
