"""How many unread rooms are beyond the edges of the room list."""

import random

from chat.ui.button_action import ButtonAction
from chat.ui.sidebar.unread_pills import (
    LINE_SPACING,
    UnreadBeyond,
    UnreadRun,
    VisiblePart,
    unread_beyond,
)

HEIGHT = 34.0
STEP = HEIGHT + LINE_SPACING


def test_counts_of_runs_are_those_of_their_rooms() -> None:
    dice = random.Random(3)
    for _ in range(300):
        runs, top = list[UnreadRun](), 38.0
        for _ in range(dice.randrange(4)):
            count = dice.randrange(30)
            runs.append(UnreadRun(top, count))
            top += (count + dice.randrange(3)) * STEP
        visible = VisiblePart(dice.uniform(0, 1000), dice.uniform(50, 700))
        tops = [run.top + n * STEP for run in runs for n in range(run.count)]
        above = [each for each in tops if each + HEIGHT / 2 < visible.offset]
        below = [each for each in tops if each + HEIGHT / 2 > visible.offset + visible.height]
        assert unread_beyond(runs, HEIGHT, visible) == UnreadBeyond(
            len(above), len(below), above[0] if above else 0, below[0] if below else 0
        )


def test_first_hidden_room_is_scrolled_to_with_what_is_above_it() -> None:
    beyond = unread_beyond([UnreadRun(38, 30)], HEIGHT, VisiblePart(400, 300))
    assert beyond.scroll_offset(ButtonAction.UNREAD_ABOVE) == 0
    assert 600 < beyond.scroll_offset(ButtonAction.UNREAD_BELOW) < 700
