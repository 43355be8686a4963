"""The room of the sidebar that is chosen with the keyboard, and the keys that act on it."""

from chat.model.rooms import RoomId
from chat.ui.client.list_keys import ListKey, steps
from chat.ui.sidebar.room_list import RoomList
from chat.ui.sidebar.sidebar_requests import OpenRoom, ShowRoomMenu

# The rooms that PageUp and PageDown pass over.
_PAGE_STEP = 10

_STEPS = steps(_PAGE_STEP)


class ChosenRoom:
    """Moves the ring among the rooms of the sidebar."""

    def __init__(self, room_list: RoomList) -> None:
        self._room_list = room_list

    async def enter(self) -> None:
        """Choose the room that is on the screen, or the first one."""
        rooms = self._room_list.room_ids
        current = self._room_list.current_room_id
        self._choose(current if current in rooms else next(iter(rooms), None))

    def leave(self) -> None:
        """Choose nothing."""
        self._room_list.set_chosen(None)

    async def press(self, key: ListKey) -> bool:
        """Act on a key; returns whether the next keys are for this list, too."""
        room_id, rooms = self._room_list.chosen, self._room_list.room_ids
        if room_id is None or room_id not in rooms:
            await self.enter()
        elif key in _STEPS:
            index = rooms.index(room_id) + _STEPS[key]
            self._choose(rooms[min(max(index, 0), len(rooms) - 1)])
        elif key in {ListKey.HOME, ListKey.END}:
            self._choose(rooms[0 if key is ListKey.HOME else -1])
        elif key is ListKey.ENTER:
            await self._room_list.perform(OpenRoom(room_id))
            return False
        elif key is ListKey.MENU:
            point = self._room_list.point_of(room_id)
            await self._room_list.perform(ShowRoomMenu(room_id, point, by_key=True))
        return True

    def _choose(self, room_id: RoomId | None) -> None:
        self._room_list.set_chosen(room_id)
        if room_id is not None:
            self._room_list.announce(room_id)
