"""Draws the parts of a large control before it is shown, in several steps of the loop.

Flet prepares and encodes all that is added at once: a dialog of a hundred controls held the loop
for several milliseconds. Here its parts are prepared and encoded one after the other, and others
are served in between. When the control is added, what was prepared is taken as it is. The client
receives one frame, as always: a dialog opens as a whole.
"""

from collections.abc import Iterator
from typing import Any

import msgpack
from flet.controls.base_control import BaseControl

from chat import loop_time
from chat.ui.flet import comparison
from chat.ui.flet.encoding import EARLY_ENCODING, encode_control

# Controls that are prepared in one step: about half a millisecond.
STEP_CONTROLS = 40


async def draw_early(control: BaseControl) -> None:
    """Prepare the parts of `control`, which is shown next. They may not change until then."""
    # The step before has created all of them.
    count = STEP_CONTROLS
    for part, part_count in _parts(control):
        if count + part_count > STEP_CONTROLS:
            await loop_time.let_others_run()
            count = 0
        _draw(part)
        count += part_count
    await loop_time.let_others_run()


def _parts(control: BaseControl) -> Iterator[tuple[BaseControl, int]]:
    """The largest parts of `control` of no more than STEP_CONTROLS controls, with their number."""
    for child in comparison.child_controls(control):
        if (count := _count(child)) <= STEP_CONTROLS:
            yield child, count
        else:
            yield from _parts(child)


def _count(control: BaseControl) -> int:
    return 1 + sum(map(_count, comparison.child_controls(control)))


def _draw(control: BaseControl) -> None:
    comparison.configure_early(control)
    packed = msgpack.packb(control, default=encode_control)
    # Plain values: they are packed again without a call for each control.
    encoded: Any = msgpack.unpackb(packed, strict_map_key=False)
    setattr(control, EARLY_ENCODING, encoded)
