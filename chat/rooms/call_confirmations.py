"""Messages that call many people at once: their authors have to confirm that."""

from collections import OrderedDict

from chat.model.people import PersonId

# From so many people on, @everyone and @here need a confirmation.
MANY_PEOPLE = 20

# The most confirmations of all rooms whose messages are not stored yet; the oldest go first.
MAX_CONFIRMATIONS = 1000


class CallConfirmations:
    """The messages that their authors have confirmed, by author and client id."""

    def __init__(self) -> None:
        self._confirmed: OrderedDict[tuple[PersonId, str], None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._confirmed)

    def confirm(self, person_id: PersonId, client_id: str) -> None:
        """This person lets their message with this client id call many people."""
        self._confirmed[person_id, client_id] = None
        while len(self._confirmed) > MAX_CONFIRMATIONS:
            self._confirmed.popitem(last=False)

    def is_missing(self, person_id: PersonId, client_id: str, count: int) -> bool:
        """Whether the message calls many people, and its author has not confirmed that."""
        return count >= MANY_PEOPLE and (person_id, client_id) not in self._confirmed
