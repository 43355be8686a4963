"""The short way of what is said to a screen that shows all that was said before.

Of a thousand sessions nearly all stand at the end of the room, and what each of them needs is the
same frame. What is looked at for one of them is kept in one small place here: with a thousand
sessions it is the memory that is waited for, not the work.
"""

from collections.abc import Callable

from chat.model.events import MessagesPosted
from chat.model.messages import Message
from chat.ui.packing.row_cache import Newest

# Rows at most, and rows that may come before the oldest are let go of.
WINDOW = 200
SLACK = 50


class Follower:
    """Hears of a room for one session; what does not go the short way goes to `otherwise`.

    `calm` is whether the session is at the end and hears at once; `offer` sends a whole frame, or
    is False. `last` is the newest number on show, `tail` its message, and `until` the number after
    which old rows have to be let go of.
    """

    __slots__ = ("calm", "last", "newest", "offer", "otherwise", "tail", "until")

    def __init__(self, otherwise: Callable[[str, object], None]) -> None:
        self.calm = False
        self.last = 0
        self.until = -1
        self.tail: Message | None = None
        self.newest = Newest()
        self.offer: Callable[[bytes], bool] = lambda frame: False
        self.otherwise = otherwise

    def hear(self, topic: str, event: object) -> None:
        """What PubSub brings."""
        if self.calm and type(event) is MessagesPosted and not event.needs_own_rendering:
            messages = event.messages
            tail = messages[-1]
            if (
                self.newest.messages is messages
                and messages[0].number == self.last + 1
                and tail.number <= self.until
                and self.offer(self.newest.frame)
            ):
                self.tail = tail
                self.last = tail.number
                return
        self.otherwise(topic, event)

    def shows(self, first: int, tail: Message | None) -> None:
        """These rows are on show: from number `first` to `tail`."""
        self.tail = tail
        self.last = tail.number if tail is not None else 0
        self.until = first + WINDOW + SLACK - 1 if first else -1
