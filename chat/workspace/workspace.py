"""The workspace: opens the store, and owns the rooms, the people and the feed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

import structlog

from chat.accounts.passkeys import Passkeys
from chat.accounts.passwords import Passwords
from chat.accounts.provider_accounts import ProviderAccounts
from chat.activity.activity_limits import Act, ActivityLimits
from chat.activity.free_space import FreeSpace
from chat.activity.networks import Networks
from chat.activity.rate_limits import RateLimits
from chat.devices.devices import Devices
from chat.devices.pairing import Pairing
from chat.errors import AmbiguousName, ChatError, DiskNearlyFull, NoSuchPerson, NoSuchRoom
from chat.files.limits import UploadLimits
from chat.files.storage import FolderStorage, Storage
from chat.files.uploads import Uploads
from chat.joining.entrance import Entrance
from chat.joining.guests import Guests
from chat.joining.invitations import Invitations
from chat.joining.knocks import Knocks
from chat.later.due_loop import DueLoop
from chat.later.reminders import Reminders
from chat.later.saved_messages import SavedMessages
from chat.later.scheduled_texts import ScheduledTexts
from chat.model.accounts import SignInMethods
from chat.model.addresses import Address
from chat.model.events import (
    GuestEnded,
    MessageChanged,
    MessagesPosted,
    OnlinePeople,
    Publish,
    person_topic,
)
from chat.model.messages import Message, MessageKind, SearchHit
from chat.model.people import Person
from chat.model.rooms import RoomId, RoomInfo, RoomKind
from chat.outgoing.deliveries import Deliveries
from chat.outgoing.hooks import OutgoingHooks
from chat.people.arrivals import ArrivalLimits
from chat.people.audit_log import AuditLog
from chat.people.blocks import Blocks
from chat.people.emoji_preferences import EmojiPreferencesService
from chat.people.identity import Identity
from chat.people.names import Names
from chat.people.notification_settings import NotificationSettingsService
from chat.people.ownership import Ownership
from chat.people.person_details import PeopleDetails
from chat.people.presence import Presence
from chat.people.roles import Roles
from chat.people.sanctions import Sanctions
from chat.programs.actions import Actions
from chat.programs.api_tokens import ApiTokens
from chat.programs.bots import Bots
from chat.programs.file_bots import FileBots
from chat.programs.hooks import Hooks
from chat.programs.rate_limits import ROOM_MESSAGES_PER_SECOND
from chat.programs.requests import ProgramRequests
from chat.programs.script_bot import ScriptBot
from chat.programs.streams import Streams
from chat.rooms.call_confirmations import CallConfirmations
from chat.rooms.deletions import Deletions
from chat.rooms.directory import LOBBY, RoomDirectory
from chat.rooms.feed import Feed
from chat.rooms.memberships import Memberships
from chat.rooms.room import Room
from chat.rooms.services import RoomServices
from chat.store.contract import Store
from chat.store.opening import open_store
from chat.store.sqlite import SQLITE_VERSION
from chat.tasks import OnePlaceEach
from chat.text.names import cached_name_key, name_key, numbered_names, split_number
from chat.text.search_query import Query, parse_query
from chat.workspace.downloads import Downloads
from chat.workspace.figures import Figures
from chat.workspace.last_hour import LastHour
from chat.workspace.moderation import Moderation
from chat.workspace.profiles import Profiles
from chat.workspace.program_actions import ProgramActions
from chat.workspace.program_events import ProgramEvents
from chat.workspace.reports import Reports
from chat.workspace.submissions import Submissions
from chat.workspace.timings import DEFAULT_TIMINGS, Timings

log = structlog.get_logger(__name__)

# The number of search results or mentions of one page.
RESULTS_PAGE_SIZE = 30

_DEFAULT_LIMITS = UploadLimits()


class Workspace:
    """One chat: all that its sessions share."""

    def __init__(
        self,
        store: Store,
        workspace_id: str,
        ownership: Ownership,
        *,
        publish: Publish,
        uploads: Uploads,
        timings: Timings,
    ) -> None:
        self.id = workspace_id
        self._searches = OnePlaceEach()
        self._store = store
        self._publish = publish
        self.notification_settings = NotificationSettingsService(store, publish=publish)
        self.blocks = Blocks(store, publish=publish)
        self.memberships = Memberships(
            store,
            timings.memberships,
            notification_settings=self.notification_settings,
            blocks=self.blocks,
            publish=publish,
        )
        self.blocks.on_changed = self.memberships.on_blocks_changed
        self.people_details = PeopleDetails(store, publish=publish)
        self.presence = Presence(timings.presence, publish=self._publish_presence)
        self.ownership = ownership
        self.roles = Roles(store, ownership)
        self.sanctions = Sanctions(store)
        self.audit_log = AuditLog(store, self.roles, days=timings.audit_days)
        self.networks = Networks()
        self._activity = ActivityLimits(timings.activity, self.networks, uploads.free_space)
        self._names = Names(store, self.presence, timings.name_days)
        self.identity = Identity(
            store,
            self.presence,
            ownership,
            names=self._names,
            arrivals=ArrivalLimits(timings.new_people),
            publish=publish,
        )
        self.passwords = Passwords(store, self.roles, self.sanctions)
        self.passkeys = Passkeys(store, self.sanctions, workspace_id)
        self.provider_accounts = ProviderAccounts(store, self.roles, ownership)
        self.devices = Devices(store, publish=publish)
        self.identity.on_token_used = self.devices.saw
        self.pairing = Pairing(self.devices, publish=publish)
        self.submissions = Submissions()
        self.emoji_preferences = EmojiPreferencesService(store)
        self.saved_messages = SavedMessages(store)
        self._feed = Feed(
            store, timings.feed_gap_wait, blocks=self.blocks, publish=self._publish_and_count
        )
        self.uploads = uploads
        self._deletions = Deletions(timings.undo_time, on_dropped=uploads.request_cleanup)
        uploads.keep_blobs_of(self._deletions)
        services = RoomServices(
            store,
            self._feed,
            self.memberships,
            self.identity,
            self.presence,
            uploads,
            timings.typing,
            self._deletions,
            CallConfirmations(),
            self.notification_settings,
            self.roles,
            self.sanctions,
            self._activity,
            self.blocks,
        )
        self._post_times = services.post_times
        self.rooms = RoomDirectory(services)
        self.profiles = Profiles(
            services,
            self.rooms,
            names=self._names,
            publish=publish,
            rename_seconds=timings.rename_seconds,
        )
        self._names.on_former = self.profiles.on_former
        self._guests = Guests(store, end_account=self.end_guest)
        self.invitations = Invitations(
            services, self.rooms, guests=self._guests, policy=timings.join
        )
        self.knocks = Knocks(services, ownership, publish=publish, seconds=timings.knock_seconds)
        self.entrance = Entrance(
            services,
            self.rooms,
            ownership,
            invitations=self.invitations,
            knocks=self.knocks,
            policy=timings.join,
        )
        self.scheduled_texts = ScheduledTexts(store, self.rooms)
        self.reminders = Reminders(store, publish=publish)
        self._due_loop = DueLoop([self.scheduled_texts, self.reminders])
        self.scheduled_texts.on_changed = self.reminders.on_changed = self._due_loop.check
        self.downloads = Downloads(store, uploads, self.rooms)
        self.api_tokens = ApiTokens(store)
        self.streams = Streams()
        self.bots = Bots(
            store,
            self.rooms,
            self.api_tokens,
            names=self._names,
            roles=self.roles,
            sanctions=self.sanctions,
        )
        self.last_hour = LastHour(store, self.rooms)
        self.reports = Reports(store, self.rooms, self.roles)
        self.roles.on_changed = ownership.on_changed = self.rooms.on_roles_changed
        self.moderation = Moderation(
            self.sanctions,
            self.roles,
            bots=self.bots,
            api_tokens=self.api_tokens,
            presence=self.presence,
            publish=publish,
        )
        self.script_bot = ScriptBot(self.bots)
        self.file_bots = FileBots(ownership, self.bots, self.rooms, api_tokens=self.api_tokens)
        self.program_requests = ProgramRequests(timings.program_burst)
        # The messages of all programs of a room, also those of its webhooks.
        self.room_message_limits = RateLimits(timings.room_burst, ROOM_MESSAGES_PER_SECOND)
        self.hooks = Hooks(
            store,
            self.rooms,
            self.bots,
            room_messages=self.room_message_limits,
            posts_a_minute=timings.activity.program_posts_a_minute,
        )
        self.program_events = ProgramEvents(store, self.rooms, Actions(), timings=timings.events)
        self.deliveries = Deliveries(
            store,
            self.rooms,
            self.program_events.log,
            room_messages=self.room_message_limits,
            language_tag=self._language_tag,
            timings=timings.deliveries,
        )
        self.outgoing_hooks = OutgoingHooks(
            store, self.rooms, self.bots, deliveries=self.deliveries
        )
        self.bots.on_deleted = self.deliveries.on_bot_deleted
        self.program_actions = ProgramActions(
            self.rooms,
            self.bots,
            self.program_events,
            answer_seconds=timings.answer_seconds,
            back_seconds=timings.back_seconds,
        )
        self.api_tokens.on_revoked = self.program_events.on_revoked

    @classmethod
    async def open(
        cls,
        folder: Path,
        publish: Publish,
        limits: UploadLimits = _DEFAULT_LIMITS,
        timings: Timings = DEFAULT_TIMINGS,
        *,
        database: str = "",
    ) -> "Workspace":
        """Open the data in `folder`. `publish(topic, event)` reaches the sessions.

        With the address of a `database`, only the files are in `folder`. Raises CannotStart.
        """
        store = await open_store(folder, database)
        try:
            storage = await FolderStorage.open(folder / "files", timings.free_bytes)
        except BaseException:
            await store.close()
            raise
        workspace = await cls.start(store, storage, publish, limits, timings, folder=folder)
        engine = "postgresql" if database else f"sqlite {SQLITE_VERSION}"
        log.info("opened", folder=str(folder), engine=engine)
        return workspace

    @classmethod
    async def start(
        cls,
        store: Store,
        storage: Storage,
        publish: Publish,
        limits: UploadLimits = _DEFAULT_LIMITS,
        timings: Timings = DEFAULT_TIMINGS,
        *,
        folder: Path | None = None,
    ) -> "Workspace":
        """Start on an open store and storage. `close` closes them.

        The disk with `folder` keeps some free space.
        """
        free_space = FreeSpace(folder, timings.free_bytes)
        uploads = Uploads(store, storage, limits, free_space=free_space)
        ownership = Ownership(store)
        try:
            await uploads.open()
            await store.interrupt_streams()
            await ownership.open(await _all_people(store))
            workspace = cls(
                store,
                await store.workspace_id(),
                ownership,
                publish=publish,
                uploads=uploads,
                timings=timings,
            )
            await workspace.roles.open()
            await workspace.sanctions.open()
            await workspace.blocks.open()
            await workspace.audit_log.open()
            await workspace.notification_settings.open()
            await workspace._names.open(LOBBY)
            await workspace.people_details.open()
            await workspace.rooms.open()
            await workspace.bots.open()
            await workspace.rooms.follow_roles()
            await workspace.program_events.start()
        except BaseException:
            await store.close()
            raise
        await workspace._guests.check()
        workspace._due_loop.start()
        return workspace

    @property
    def is_idle(self) -> bool:
        """Whether no work is under way: nothing waits to be stored, published or counted."""
        return all(
            each.is_idle for each in (self.memberships, self._feed, self.rooms, self.program_events)
        )

    def figures(self) -> Figures:
        """The figures of this moment, from counters in memory."""
        free_space = self.uploads.free_space
        return Figures(
            people_online=self.presence.connected_count,
            stored=self._post_times.stored.counts(),
            delivered=self._post_times.delivered.counts(),
            store=self._store.load,
            free_bytes=free_space.free_bytes,
            refusals={
                **self._activity.refusals,
                "program_requests": self.program_requests.refused_count,
            },
            event_readers=self.program_events.reader_count,
            reading_programs=self.program_events.program_count,
        )

    async def stored_bytes(self) -> tuple[int, int]:
        """The bytes of the database, and of the files that people have sent."""
        return await self._store.size_bytes(), await self.uploads.stored_bytes()

    def problem(self) -> ChatError | None:
        """Why nothing can be stored now, as far as it is known."""
        is_low = self.uploads.free_space.is_low
        return self._store.problem() or (DiskNearlyFull() if is_low else None)

    async def on_signed_in(self, person: Person) -> None:
        """Add a new person to the lobby, and to the rooms of their invitation."""
        await self.entrance.arrive(person)

    async def sign_out(self, person: Person) -> None:
        """Sign a person out: they leave all rooms, and their tokens are revoked.

        Raises OwnerMustHandOver for the owner, unless nobody else is left.
        """
        await self.require_may_leave(person)
        await self.end_account(person)

    async def require_may_leave(self, person: Person) -> None:
        """Raises OwnerMustHandOver if `sign_out` would."""
        self.ownership.require_may_leave(person, await self.all_people())

    async def end_guest(self, person: Person) -> None:
        """End the account of a guest whose invitation has ended, and all their sessions."""
        self._publish(person_topic(person.id), GuestEnded(person))
        await self.end_account(person)

    async def end_account(self, person: Person) -> None:
        """As `sign_out`, for an account that cannot come back.

        If it owns the chat, somebody who stays owns it from now on.
        """
        try:
            # For a guest, the first of their rooms.
            home = await self.rooms.by_slug(person, LOBBY)
        except NoSuchRoom:
            log.info("in no room", person=person.id)
        else:
            await home.post_system_message(person, MessageKind.LEFT)
        await self.rooms.remove_person(person)
        online_ids = {each.id for each in self.presence.online.people}
        await self.ownership.pass_on(person, self.all_people, online_ids)
        self.uploads.cancel_all(person.id)
        for bot in self.bots.of_person(person):
            await self.bots.delete(bot)
        await self._store.forget_later(person.id)
        await self.blocks.forget(person.id)
        await self.people_details.remove(person)
        self.pairing.withdraw(person)
        await self.identity.sign_out(person)

    async def sign_in_methods(self, person: Person) -> SignInMethods:
        """How a person may sign in on another device."""
        return await self._store.sign_in_methods(person.id)

    async def offers_sign_in(self) -> bool:
        """Whether a stranger may be somebody here, who signs in."""
        return bool(self.provider_accounts.host) or await self._store.has_sign_in_methods()

    async def set_preference(self, person: Person, name: str, value: str) -> None:
        """Set a preference of a person, and follow what it says. Raises BadPreference."""
        await self.identity.set_preference(person, name, value)
        preferences = await self.identity.preferences(person)
        await self.people_details.apply_preferences(person, preferences)

    async def is_stored(self, person: Person, client_id: str) -> bool:
        """Whether a message of `person` with this client id is stored, in any room."""
        return await self._store.is_stored(person.id, client_id)

    async def stored_message(self, person: Person, client_id: str) -> Message | None:
        """The message of `person` with this client id, in any room."""
        return await self._store.stored_message(person.id, client_id)

    async def all_people(self) -> tuple[Person, ...]:
        """All people who have not signed out, in order of their first sign-in."""
        return await self.rooms.all_people()

    async def find_person(self, name: str) -> Person:
        """The person called `name`, or numbered so: “Ann#2” is the second Ann that signed in.

        Raises NoSuchPerson, and AmbiguousName for a name of several people without a number.
        """
        found = await self._namesakes(name)
        if (numbered := split_number(name)) is not None:
            namesakes = await self._namesakes(numbered[0])
            if len(namesakes) > 1:
                # A number that is too large is answered with those that there are.
                found = namesakes[numbered[1] - 1 : numbered[1]] or namesakes
        if not found:
            raise NoSuchPerson(name)
        if len(found) > 1:
            choices = numbered_names(found[0].name, len(found))
            online_ids = {each.id for each in self.presence.online.people}
            here = [
                choice for choice, each in zip(choices, found, strict=True) if each.id in online_ids
            ]
            raise AmbiguousName(found[0].name, choices, here)
        return found[0]

    async def _namesakes(self, name: str) -> list[Person]:
        """The people of a name, or of one that looks like it, in order of their first sign-in.

        Nobody, if no person has the name itself.
        """
        key, bearer_ids = name_key(name), await self._store.bearer_ids(name)
        people = sorted(await self.all_people(), key=lambda each: each.id)
        exact = [each for each in people if cached_name_key(each.name) == key]
        return exact and [each for each in people if each in exact or each.id in bearer_ids]

    async def find_room(self, person: Person, name: str) -> RoomInfo:
        """A room that `person` may read, with this title or address. Raises NoSuchRoom.

        Of several, one that the person is a member of is preferred.
        """
        key = name_key(name)
        for room in await self.titled_rooms(person):
            if key in (cached_name_key(room.title), room.slug):
                return room
        raise NoSuchRoom

    async def titled_rooms(self, person: Person) -> tuple[RoomInfo, ...]:
        """The rooms with titles that a connected person may read, first those that they are in."""
        own_rooms = [
            membership.room
            for membership in self.memberships.for_person(person)
            if membership.room.kind not in {RoomKind.DIRECT, RoomKind.THREAD}
        ]
        own_ids = {room.id for room in own_rooms}
        public_rooms = await self.rooms.public_rooms(person)
        return (*own_rooms, *(room for room in public_rooms if room.id not in own_ids))

    async def mentions(
        self, person: Person, before: int | None = None, limit: int = RESULTS_PAGE_SIZE
    ) -> tuple[tuple[int, Message], ...]:
        """Messages that mention `person`, newest first, each with an id for `before`."""
        return await self._store.messages_mentioning(person.id, before, limit)

    async def search(
        self,
        person: Person,
        text: str,
        zone: tzinfo | None,
        before: int | None = None,
        limit: int = RESULTS_PAGE_SIZE,
        room: Room | None = None,
        room_ids: frozenset[RoomId] | None = None,
    ) -> tuple[Query, tuple[SearchHit, ...]]:
        """Search the messages that `person` may read, newest first, 30 at most by default.

        With a `room`, only those of this room and its threads; with `room_ids`, only those of
        these rooms.

        A person has one search at a time, and a few a second. `zone` is the person's time zone;
        None is that of this machine. The returned query can highlight its words in a text
        (`chat.text.search_query.highlights`). Raises SlowDown.
        """
        query = parse_query(text, zone)
        if not query:
            return query, ()
        self._activity.act(person, Act.SEARCH)
        if room is not None:
            query = replace(query, room_ids=frozenset((room.info.id,)))
        elif room_ids is not None:
            query = replace(query, room_ids=room_ids)
        async with self._searches.of(person.id):
            return query, await self._store.search(query, person.id, before, limit)

    async def resolve(self, person: Person, path: str) -> Room:
        """The room that a path shows, without joining it. Raises NoSuchRoom and NoSuchPerson."""
        address = Address.parse(path)
        if address.person_name is not None:
            return await self.rooms.get_or_create_direct(
                person, [await self.find_person(address.person_name)]
            )
        return await self.rooms.by_slug(person, address.slug or LOBBY)

    async def open_path(self, person: Person, path: str) -> tuple[Room, int | None]:
        """The room and the message number that a path names. A public room is joined.

        Raises NoSuchRoom and NoSuchPerson.
        """
        address = Address.parse(path)
        if address.person_name is not None:
            return await self.resolve(person, path), None
        return await self.rooms.enter(person, address.slug or LOBBY), address.number

    async def close(self) -> None:
        """Wait for changes that are being stored, and close the store."""
        await self._guests.close()
        await self._due_loop.close()
        await self.audit_log.close()
        await self.streams.close()
        await self.hooks.close()
        await self.deliveries.close()
        await self.program_events.close()
        await self.program_actions.close()
        await self.api_tokens.close()
        await self.passwords.close()
        await self.submissions.close()
        await self.profiles.close()
        await self.rooms.close()
        await self._feed.close()
        self.presence.close()
        self.knocks.close()
        await self.people_details.close()
        await self._names.close()
        await self.devices.close()
        self._deletions.close()
        await self.memberships.close()
        await self.uploads.close()
        await self._store.close()

    async def _language_tag(self, person: Person) -> str:
        """The language that a person has chosen."""
        return (await self.identity.preferences(person)).language

    def _publish_presence(self, topic: str, event: object) -> None:
        """Publish who is online, also to programs, and remember when the others were."""
        self._publish(topic, event)
        self.program_events.on_published(topic, event)
        if isinstance(event, OnlinePeople):
            self.people_details.on_online_changed(event)

    def _publish_and_count(self, topic: str, event: object) -> None:
        """Publish an event of the feed, also to programs, and update the unread counts."""
        self._publish(topic, event)
        self.program_events.on_published(topic, event)
        self.deliveries.on_published(topic, event)
        if isinstance(event, MessagesPosted):
            self.memberships.on_messages(event.messages)
        elif isinstance(event, MessageChanged):
            self.memberships.on_change(event)


async def _all_people(store: Store) -> Sequence[Person]:
    """All people who have not signed out, in order of their first sign-in."""
    lobby = await store.room(LOBBY)
    assert lobby is not None, "every workspace has a lobby"
    return await store.members(lobby.id)
