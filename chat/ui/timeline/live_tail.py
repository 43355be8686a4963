"""The short way of what is said to a screen that shows all that was said before.

Of a thousand sessions nearly all stand at the end of the room, and what each of them needs is the
same frame. What is looked at for one of them is kept in one small place here: with a thousand
sessions it is the memory that is waited for, not the work.
"""

from collections.abc import Callable

from chat.model.events import MessagesPosted
from chat.model.messages import Message
from chat.ui.packing.row_cache import LastFrame

# Rows at most, and rows that may come before the oldest are let go of.
MAX_ROWS = 200
TRIM_SLACK = 50


class LiveTail:
    """Hears of a room for one session; what does not go the short way goes to `otherwise`.

    `calm` is whether the session is at the end and hears at once; `offer` sends a whole frame, or
    is False. `last` is the newest number on show, `tail` its message, and `until` the number after
    which old rows have to be let go of.
    """

    __slots__ = (
        "fallback",
        "is_live",
        "last_frame",
        "last_message",
        "last_number",
        "trim_after",
        "try_send",
    )

    def __init__(self, fallback: Callable[[str, object], None]) -> None:
        self.is_live = False
        self.last_number = 0
        self.trim_after = -1
        self.last_message: Message | None = None
        self.last_frame = LastFrame()
        self.try_send: Callable[[bytes], bool] = lambda frame: False
        self.fallback = fallback

    def on_event(self, topic: str, event: object) -> None:
        """What PubSub brings."""
        if self.is_live and type(event) is MessagesPosted and not event.needs_own_rendering:
            messages = event.messages
            last_message = messages[-1]
            if (
                self.last_frame.messages is messages
                and messages[0].number == self.last_number + 1
                and last_message.number <= self.trim_after
                and self.try_send(self.last_frame.frame)
            ):
                self.last_message = last_message
                self.last_number = last_message.number
                return
        self.fallback(topic, event)

    def set_window(self, first_number: int, last_message: Message | None) -> None:
        """These rows are on show: from number `first` to `tail`."""
        self.last_message = last_message
        self.last_number = last_message.number if last_message is not None else 0
        self.trim_after = first_number + MAX_ROWS + TRIM_SLACK - 1 if first_number else -1
