"""The send states: the way of a sent text through the machine, and what the field still has."""

from dataclasses import dataclass
from typing import cast

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chat.ui.composer.destination import Destination
from chat.ui.composer.send_states import EarlyText, Outgoing, SendStates


@dataclass(eq=False)
class Room:
    """A destination; only its identity counts here."""


GARDEN, KITCHEN = (cast(Destination, Room()) for _ in range(2))


def outgoing(text: str, destination: Destination = GARDEN) -> Outgoing:
    """A message that is stored as it is in the field."""
    return Outgoing(text, text, destination, quoted_number=None, draft="")


def test_stored_text_counts_as_sent_until_the_client_has_removed_it() -> None:
    states = SendStates()
    states.enqueue(outgoing("one"))
    assert states.start_next() == outgoing("one")
    states.stored()
    assert states.is_removing
    assert states.unsent_part("one and more") == " and more"
    assert states.unstored_length == 0
    states.removed()
    assert not states.is_removing
    assert states.unsent_part("one and more") == "one and more"


def test_messages_are_sent_one_after_the_other_without_waiting_for_the_client() -> None:
    states = SendStates()
    for text in ("one", "two"):
        states.enqueue(outgoing(text))
    assert states.start_next() == outgoing("one")
    assert states.start_next() is None
    states.stored()
    assert states.start_next() == outgoing("two"), "the client may still remove the first text"
    assert states.unsent_part("onetwo") == ""
    assert states.refused() == [outgoing("two")]
    assert states.unsent_part("onetwo") == "two"


def test_beginning_of_a_sent_text_is_not_unsent() -> None:
    states = SendStates()
    for text in ("/dm Bob", "hello"):
        states.enqueue(outgoing(text))
    assert states.unsent_part("/") == ""
    assert states.unsent_part("/dm Bob") == ""
    assert states.unsent_part("/dm Bobhe") == ""
    assert states.unsent_part("/dm Bobhello you") == " you"
    assert states.unsent_part("/x") == "/x"


def test_refusal_gives_back_the_messages_behind_it_to_the_same_room() -> None:
    states = SendStates()
    for each in (outgoing("one"), outgoing("two"), outgoing("three", KITCHEN)):
        states.enqueue(each)
    states.start_next()
    assert states.refused() == [outgoing("one"), outgoing("two")]
    assert states.start_next() == outgoing("three", KITCHEN)


def test_replaced_field_has_no_sent_text() -> None:
    states = SendStates()
    states.enqueue(outgoing("one"))
    states.start_next()
    states.field_replaced()
    assert states.unsent_part("one") == "one"
    states.enqueue(outgoing("two", KITCHEN))
    assert states.unsent_part("two words") == " words"


def test_early_texts_are_taken_once_and_only_if_the_field_still_has_them() -> None:
    states = SendStates()
    early = [EarlyText("a", "1"), EarlyText("a b", "2")]
    for each in early:
        states.send_early(each)
    assert states.early_part("a b c") == "a b"
    assert states.early_part("x") == ""
    assert states.take_early() == early
    assert states.take_early() == []


def test_message_that_waits_for_files_is_dropped_or_replaced() -> None:
    states = SendStates()
    states.wait_for_files(outgoing("one"))
    states.wait_for_files(outgoing("two"))
    assert states.waiting == outgoing("two")
    assert states.drop_waiting() == outgoing("two")
    assert states.drop_waiting() is None


@pytest.mark.parametrize("step", ["stored", "removed", "refused"])
def test_step_without_a_message_in_its_state_fails(step: str) -> None:
    states = SendStates()
    states.enqueue(outgoing("one"))
    with pytest.raises(AssertionError, match="no message is"):
        getattr(states, step)()


class FieldAndQueue(RuleBasedStateMachine):
    """A field, a queue and a store: each text is in one of them, in the order of typing."""

    def __init__(self) -> None:
        super().__init__()
        self.states = SendStates()
        self.field = self.typed = self.stored = ""
        self.sending: Outgoing | None = None
        self.removing: list[Outgoing] = []

    @rule(text=st.text("ab ", min_size=1, max_size=4))
    def types(self, text: str) -> None:
        """Text is typed behind what the field has."""
        self.field += text
        self.typed += text

    @rule()
    def sends(self) -> None:
        """The send key is pressed."""
        if text := self.states.unsent_part(self.field):
            self.states.enqueue(outgoing(text))

    @rule()
    def begins(self) -> None:
        """The next message is sent, unless another one is."""
        message = self.states.start_next()
        assert message is None or self.sending is None
        self.sending = message or self.sending

    @precondition(lambda self: self.sending is not None)
    @rule()
    def is_stored(self) -> None:
        """The room has stored the message."""
        self.states.stored()
        message, self.sending = cast(Outgoing, self.sending), None
        self.removing.append(message)
        self.stored += message.text

    @precondition(lambda self: self.removing)
    @rule()
    def is_removed(self) -> None:
        """The client has removed the text."""
        self.field = self.field.removeprefix(self.removing.pop(0).text)
        self.states.removed()

    @precondition(lambda self: self.sending is not None)
    @rule()
    def is_refused(self) -> None:
        """The room has refused the message: its text is not sent any more."""
        self.states.refused()
        self.sending = None

    @invariant()
    def nothing_is_lost_or_sent_twice(self) -> None:
        """The stored texts and the rest of the field are what was typed."""
        removing = "".join(each.text for each in self.removing)
        assert self.stored + self.field.removeprefix(removing) == self.typed
        assert self.typed.endswith(self.states.unsent_part(self.field))


TestFieldAndQueue = FieldAndQueue.TestCase
