"""The network that each person was seen in last: what one address does is counted together."""

from collections import OrderedDict

from chat.model.people import PersonId

# The people whose network is remembered; who was seen last is the last one.
NETWORK_LIMIT = 20_000


class Networks:
    """The networks of people and of bots, in memory: an IPv4 address, or half of an IPv6 one."""

    def __init__(self) -> None:
        self._networks: OrderedDict[PersonId, str] = OrderedDict()

    def saw(self, person_id: PersonId, network: str | None) -> None:
        """A person sends something from a network; None is the computer that runs the chat."""
        self._networks.pop(person_id, None)
        if network is not None:
            self._networks[person_id] = network
            if len(self._networks) > NETWORK_LIMIT:
                self._networks.popitem(last=False)

    def of(self, person_id: PersonId) -> str | None:
        """The network of a person; None for the computer that runs the chat, which is not
        counted."""
        return self._networks.get(person_id)
