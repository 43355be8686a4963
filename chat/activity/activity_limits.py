"""Activity limits: how often one person, one network and all people together may act.

Whoever acts too fast is told how long to wait, and nothing of it is stored. Moderators and the
owner of the chat have the same limits: their token may be stolen as well.
"""

import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from chat.action_limits import ActionLimit
from chat.activity.free_space import FreeSpace
from chat.activity.networks import Networks
from chat.activity.rate_limits import RateLimits
from chat.errors import (
    NetworkTooFast,
    PostingTooFast,
    SlowDown,
    TooManyConversations,
    TooManyPosts,
    TooManyRooms,
)
from chat.model.people import Person, PersonId

# The messages of a person at once, and within a minute for long: by all their tabs and devices.
POSTS_AT_ONCE, POSTS_A_MINUTE = 10, 60

# The messages of a bot, or of a webhook, within a minute for long. The growth of a message that is
# written piece by piece is none.
PROGRAM_POSTS_A_MINUTE = 60

# The messages of all programs of a person count as those of so many programs.
PROGRAMS_OF_OWNER = 5

# The messages of all people of one network, and of the whole chat, within a minute for long.
NETWORK_POSTS_A_MINUTE, ALL_POSTS_A_MINUTE = 1200, 6000

# Those that are let through at once are those of so many seconds.
PROGRAM_BURST_SECONDS, NETWORK_BURST_SECONDS = 40, 10

# New rooms, and new direct conversations, of a person within an hour.
ROOMS_AN_HOUR, CONVERSATIONS_AN_HOUR = 10, 20

# Edits, reactions, votes, pins and undone deletions of a person: at once, and a second for long.
CHANGE_BURST, CHANGES_PER_SECOND = 60, 4.0

# The same of what changes a room: who is in it, its title and topic, its threads.
ROOM_CHANGE_BURST, ROOM_CHANGES_PER_SECOND = 40, 1.0

# The same of searches, each of which reads the index.
SEARCH_BURST, SEARCHES_PER_SECOND = 40, 4.0

# The same of drafts that are stored. One that comes too fast waits, and a newer one replaces it.
DRAFT_BURST, DRAFTS_PER_SECOND = 30, 3.0

_HOUR = 3600.0

_EVERYBODY = "everybody"


class Act(Enum):
    """What a person does besides posting."""

    CHANGE = "change"
    ROOM_CHANGE = "room change"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class ActivityRates:
    """How much is let through: messages at once and within a minute, rooms and conversations
    within an hour; of all other acts, `act_factor` times the usual rate."""

    posts_at_once: int = POSTS_AT_ONCE
    posts_a_minute: int = POSTS_A_MINUTE
    program_posts_a_minute: int = PROGRAM_POSTS_A_MINUTE
    network_posts_a_minute: int = NETWORK_POSTS_A_MINUTE
    all_posts_a_minute: int = ALL_POSTS_A_MINUTE
    rooms_an_hour: int = ROOMS_AN_HOUR
    conversations_an_hour: int = CONVERSATIONS_AN_HOUR
    act_factor: float = 1.0


# The names of the limits in `ActivityLimits.refusals`.
_ACT_NAMES = {Act.CHANGE: "changes", Act.ROOM_CHANGE: "room_changes", Act.SEARCH: "searches"}
LIMIT_NAMES = (
    "person_posts",
    "program_posts",
    "network_posts",
    "all_posts",
    *_ACT_NAMES.values(),
    "rooms",
    "conversations",
)

# One bucket: where it is, its key, the refusal for whoever finds it empty, and its name.
_Bucket = tuple[RateLimits, Hashable, type[SlowDown], str]


class ActivityLimits:
    """Counts what people and programs do in one chat, by all ways in."""

    def __init__(
        self,
        rates: ActivityRates,
        networks: Networks,
        free_space: FreeSpace,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.networks = networks
        self.free_space = free_space
        self._rates = rates
        # How often each limit refused something.
        self.refusals = Counter[str](dict.fromkeys(LIMIT_NAMES, 0))
        self._posts = RateLimits(rates.posts_at_once, rates.posts_a_minute / 60, clock=clock)

        def minute(count: float, burst_seconds: float) -> RateLimits:
            burst = max(1.0, count * burst_seconds / 60)
            return RateLimits(burst, count / 60, clock=clock)

        program = rates.program_posts_a_minute
        self._program_posts = minute(program, PROGRAM_BURST_SECONDS)
        self._owner_posts = minute(program * PROGRAMS_OF_OWNER, PROGRAM_BURST_SECONDS)
        self._network_posts = minute(rates.network_posts_a_minute, NETWORK_BURST_SECONDS)
        self._all_posts = minute(rates.all_posts_a_minute, NETWORK_BURST_SECONDS)

        def acts(burst: float, per_second: float) -> RateLimits:
            factor = rates.act_factor
            return RateLimits(burst * factor, per_second * factor, clock=clock)

        self._acts = {
            Act.CHANGE: acts(CHANGE_BURST, CHANGES_PER_SECOND),
            Act.ROOM_CHANGE: acts(ROOM_CHANGE_BURST, ROOM_CHANGES_PER_SECOND),
            Act.SEARCH: acts(SEARCH_BURST, SEARCHES_PER_SECOND),
        }
        self.drafts = acts(DRAFT_BURST, DRAFTS_PER_SECOND)
        self._rooms = ActionLimit(_HOUR, clock=clock)
        self._conversations = ActionLimit(_HOUR, clock=clock)

    @contextmanager
    def post(self, author: Person, owner_id: PersonId | None) -> Iterator[None]:
        """The block stores a message; `owner_id` is whose bot the author is.

        Nothing is counted if the block fails; if it is cancelled, the message may be stored. Raises
        DiskNearlyFull, and SlowDown with its children PostingTooFast, NetworkTooFast and
        TooManyPosts.
        """
        self.free_space.require()
        buckets = list(self._post_buckets(author, owner_id))
        for limits, key, refusal, name in buckets:
            if wait := limits.wait(key):
                self.refusals[name] += 1
                raise refusal(wait)
        # Before the block: many may ask at once.
        for limits, key, *_ in buckets:
            limits.take(key)
        try:
            yield
        except Exception:
            for limits, key, *_ in buckets:
                limits.give_back(key)
            raise

    def act(self, person: Person, act: Act) -> None:
        """Count what a person does. Raises SlowDown."""
        if wait := self._acts[act].take(person.id):
            self.refusals[_ACT_NAMES[act]] += 1
            raise SlowDown(wait)

    @contextmanager
    def new_room(self, person: Person, owner_id: PersonId | None) -> Iterator[None]:
        """The block makes a room, of a person or of all programs of one.

        Raises TooManyRooms and DiskNearlyFull.
        """
        self.free_space.require()
        count = self._rates.rooms_an_hour
        with self._counted(self._rooms, _maker(person, owner_id), count, TooManyRooms):
            yield

    @contextmanager
    def new_conversation(self, person: Person, owner_id: PersonId | None) -> Iterator[None]:
        """The block begins a direct conversation.

        Raises TooManyConversations and DiskNearlyFull.
        """
        self.free_space.require()
        count = self._rates.conversations_an_hour
        maker = _maker(person, owner_id)
        with self._counted(self._conversations, maker, count, TooManyConversations):
            yield

    def _post_buckets(self, author: Person, owner_id: PersonId | None) -> Iterator[_Bucket]:
        if author.is_bot:
            yield self._program_posts, author.id, SlowDown, "program_posts"
            if owner_id is not None:
                yield self._owner_posts, owner_id, SlowDown, "program_posts"
        else:
            yield self._posts, author.id, PostingTooFast, "person_posts"
        if (network := self.networks.of(author.id)) is not None:
            yield self._network_posts, network, NetworkTooFast, "network_posts"
        yield self._all_posts, _EVERYBODY, TooManyPosts, "all_posts"

    @contextmanager
    def _counted(
        self, limit: ActionLimit, key: Hashable, count: int, refusal: type[TooManyRooms]
    ) -> Iterator[None]:
        """Count what the block makes, unless it fails."""
        if wait := limit.record(key, count):
            self.refusals["rooms" if limit is self._rooms else "conversations"] += 1
            raise refusal(wait, count)
        try:
            yield
        except Exception:
            limit.withdraw(key)
            raise


def _maker(person: Person, owner_id: PersonId | None) -> Hashable:
    """Who is counted: a person, or all programs of one together."""
    return person.id if owner_id is None else ("programs of", owner_id)
