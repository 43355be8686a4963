"""Where the unread messages of a room began, until the person has been there.

Opening a room reads all its messages at once: only the mark still tells what was new, also after a
reload and on another device. Marks are kept in memory.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from chat.model.people import PersonId
from chat.model.rooms import Membership, RoomId

# The most marks of all people; the oldest are dropped first.
MAX_UNREAD_MARKS = 20_000


@dataclass(frozen=True, slots=True)
class UnreadMark:
    """The first unread message is `number` or a later one; `count` messages were unread."""

    number: int
    count: int


class UnreadMarks:
    """The marks of all people, by person and room."""

    def __init__(self, max_marks: int = MAX_UNREAD_MARKS) -> None:
        self._max_marks = max_marks
        self._marks: OrderedDict[tuple[PersonId, RoomId], UnreadMark] = OrderedDict()

    def __len__(self) -> int:
        return len(self._marks)

    def open(self, person_id: PersonId, membership: Membership) -> UnreadMark | None:
        """The mark of a room that the person opens. Unread messages extend it, or make one."""
        key = (person_id, membership.room.id)
        mark = self._marks.get(key)
        if not membership.unread:
            return mark
        number, count = membership.last_read + 1, membership.unread
        if mark is not None and mark.number < number:
            number, count = mark.number, mark.count + count
        self._marks[key] = mark = UnreadMark(number, count)
        self._marks.move_to_end(key)
        while len(self._marks) > self._max_marks:
            self._marks.popitem(last=False)
        return mark

    def remove(self, person_id: PersonId, room_ids: Iterable[RoomId]) -> None:
        """Remove the marks of these rooms: the person has been there, or wants none."""
        for each in room_ids:
            self._marks.pop((person_id, each), None)
