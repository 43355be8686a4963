"""The fast path: which sessions get the shared frame of a new message."""

from datetime import UTC, datetime

import pytest

from chat.model.events import MessagesPosted
from chat.model.messages import Message, MessageKind
from chat.model.people import Person
from chat.ui.timeline.live_tail import LiveTail

ANN, BOB = Person(1, "Ann"), Person(2, "Bob")
MESSAGE = Message(1, 6, BOB, MessageKind.TEXT, "hello", datetime(2026, 11, 30, tzinfo=UTC), 9)


@pytest.mark.parametrize(
    ("own_look_ids", "needs_own_rendering", "is_shared"),
    [
        (frozenset(), False, True),
        (frozenset({BOB.id}), False, True),
        (frozenset({ANN.id, BOB.id}), False, False),
        (frozenset(), True, False),
    ],
)
def test_only_people_whom_a_message_mentions_get_a_frame_of_their_own(
    own_look_ids: frozenset[int], needs_own_rendering: bool, is_shared: bool
) -> None:
    own, sent = list[object](), list[bytes]()

    def send(frame: bytes) -> bool:
        sent.append(frame)
        return True

    tail = LiveTail(ANN.id, fallback=lambda topic, event: own.append(event))
    tail.is_live, tail.last_number, tail.trim_after, tail.try_send = True, 5, 100, send
    messages = (MESSAGE,)
    tail.last_frame.store(messages, b"frame", tail.day)
    event = MessagesPosted(messages, needs_own_rendering, own_look_ids)
    tail.on_event("room/1", event)
    assert (sent, own) == (([b"frame"], []) if is_shared else ([], [event]))
