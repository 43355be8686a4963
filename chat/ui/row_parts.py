"""Clickable parts of a message row, as numbers.

A control id is made of a message number and one of these.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from zlib import crc32

from chat.drawings.limits import MAX_CONTROLS
from chat.model.messages import Reaction

# ROW is the whole row for a mouse, TOUCH_AREA for a finger, MENU_BUTTON is left of the text,
# THREAD_LINK is the line about the thread, QUOTE the quoted message, SHOW_MORE shows the rest of a
# long text. From FIRST_REACTION on these are reactions, from FIRST_TEXT_PART on parts of the text
# (`Markup.parts`), from FIRST_OPTION on options of the poll, and from FIRST_FILE on attachments.
ROW, TOUCH_AREA, MENU_BUTTON, THREAD_LINK, QUOTE, FIRST_REACTION = 1, 2, 3, 4, 5, 6
SHOW_MORE, FIRST_TEXT_PART, FIRST_OPTION, FIRST_FILE = 102, 103, 127, 144
# A report has no poll: its buttons have the parts of options.
REPORT_SHOW, REPORT_MODERATE, REPORT_DELETE, REPORT_SETTLE = range(FIRST_OPTION, FIRST_OPTION + 4)
# SHOW_EVENTS shows the events that a row sums up, BACKGROUND is the box of a message, whose colour
# changes, DAY_LINE the day above the first message of a day. CHOSEN reports that the row of the
# chosen message is drawn.
SHOW_EVENTS, BACKGROUND, DAY_LINE, CHOSEN = 137, 138, 139, 140
# SHOW_HIDDEN shows what somebody wrote here whom the viewer has blocked.
SHOW_HIDDEN = 141
# The author of the message. (These are behind the options of a poll, of which there are ten.)
AVATAR, AUTHOR_NAME = 142, 143
# From FIRST_MENTION on these are the names that mention people, behind the attachments.
FIRST_MENTION = 168
PART_LIMIT = 220

# The controls of a view have the parts -1, -2 … in the order of their numbers (`Node.number`).
VIEW_PARTS = MAX_CONTROLS

# A reaction has one of so many parts, by its emoji; or one of those behind them, by its index.
_EMOJI_PARTS = 72
_FIRST_INDEXED_REACTION = FIRST_REACTION + _EMOJI_PARTS

# A name has one of so many parts, by its key; or one of those behind them, by its index.
_NAME_PARTS = 32
_FIRST_INDEXED_NAME = FIRST_MENTION + _NAME_PARTS


def view_part(number: int) -> int:
    """The part of a control of a view."""
    return -1 - number


def view_control_of_part(part: int) -> int | None:
    """The number of the control of a view that a part is; None for any other part."""
    return -1 - part if part < 0 else None


OnPartClick = Callable[[int, int], Awaitable[None]]


def reaction_parts(reactions: Sequence[Reaction]) -> list[int]:
    """The part of each reaction of a message.

    It depends on the emoji, not on the index: a click that was on its way while another reaction
    disappeared still is for the emoji that the person saw. Only emoji with the same checksum are
    told apart by their index.
    """
    emoji = [each.emoji for each in reactions]
    return _parts_by_checksum(emoji, FIRST_REACTION, _EMOJI_PARTS, _FIRST_INDEXED_REACTION)


def mention_parts(name_keys: Iterable[str]) -> dict[str, int]:
    """The part of each name in a text that mentions somebody, by its key (of `name_key`).

    It depends on the name, not on its place: a click that was on its way while the text was edited
    still is for the name that the person saw.
    """
    keys = sorted(set(name_keys))
    parts = _parts_by_checksum(keys, FIRST_MENTION, _NAME_PARTS, _FIRST_INDEXED_NAME)
    return dict(zip(keys, parts, strict=True))


def _parts_by_checksum(
    texts: Sequence[str], first: int, count: int, first_indexed: int
) -> list[int]:
    by_checksum = [first + crc32(each.encode()) % count for each in texts]
    counts = Counter(by_checksum)
    return [part if counts[part] == 1 else first_indexed + n for n, part in enumerate(by_checksum)]
