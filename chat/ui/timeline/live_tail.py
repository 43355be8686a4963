"""Fast path: a session at the live end of the room gets the shared frame of a new message.

Of a thousand sessions nearly all are at the end of their room, and each of them needs the same
frame. All that this path reads of a session is in one small object: with a thousand sessions the
time goes into memory access, not into computation.
"""

from collections.abc import Callable
from datetime import date

from chat.model.events import MessagesPosted
from chat.model.messages import Message
from chat.model.people import PersonId
from chat.ui.packing.row_cache import LastFrame
from chat.ui.timeline.history_window import MAX_ROWS, TRIM_SLACK


class LiveTail:
    """Receives the events of a room for one session; `fallback` gets what the fast path cannot
    send, as a message that mentions the person.

    `is_live` is whether the session is at the end of the room. `try_send` sends a whole frame, or
    returns False. `last_number` and `last_message` are the newest on the screen. After number
    `trim_after` old rows have to be removed. `day` is when the rows were drawn: a divider says
    "Today", and a frame of another day is not for them.
    """

    __slots__ = (
        "day",
        "fallback",
        "is_live",
        "last_frame",
        "last_message",
        "last_number",
        "person_id",
        "trim_after",
        "try_send",
    )

    def __init__(self, person_id: PersonId, *, fallback: Callable[[str, object], None]) -> None:
        self.person_id = person_id
        self.is_live = False
        self.last_number = 0
        self.trim_after = -1
        self.day = date.min
        self.last_message: Message | None = None
        self.last_frame = LastFrame()
        self.try_send: Callable[[bytes], bool] = lambda frame: False
        self.fallback = fallback

    def on_event(self, topic: str, event: object) -> None:
        """Handle an event of the room."""
        if (
            self.is_live
            and type(event) is MessagesPosted
            and not event.needs_own_rendering
            and self.person_id not in event.own_look_ids
        ):
            messages = event.messages
            last_message = messages[-1]
            if (
                self.last_frame.messages is messages
                and self.last_frame.day == self.day
                and messages[0].number == self.last_number + 1
                and last_message.number <= self.trim_after
                and self.try_send(self.last_frame.frame)
            ):
                self.last_message = last_message
                self.last_number = last_message.number
                return
        self.fallback(topic, event)

    def set_window(self, first_number: int, last_message: Message | None) -> None:
        """The rows from `first_number` to `last_message` are on the screen."""
        self.last_message = last_message
        self.last_number = last_message.number if last_message is not None else 0
        self.trim_after = first_number + MAX_ROWS + TRIM_SLACK - 1 if first_number else -1
