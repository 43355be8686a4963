"""Where a timeline has its messages from."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chat.model.messages import Message


@dataclass(frozen=True, slots=True)
class Source:
    """What is read of a room, and how to go about in it.

    `last()` is the number of the newest, `recent(number)` what came after that number, None if it
    is not at hand any more: then `missing(number)` is called, which ends in `newer` or `show`.
    `older` and `newer` are asked for when the person comes near an end, `newest` and
    `first_unread` when they want to go there.
    """

    last: Callable[[], int]
    recent: Callable[[int], tuple[Message, ...] | None]
    missing: Callable[[int], None]
    older: Callable[[], Awaitable[None]]
    newer: Callable[[], Awaitable[None]]
    newest: Callable[[], Awaitable[None]]
    first_unread: Callable[[], Awaitable[None]]
