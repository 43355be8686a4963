"""What Flet remembers of each control that a session has, as far as there is something of it.

It keeps a copy of what it sent, to compare with, and a set of the errors that were told. Nearly all
of both is empty, and an empty thing beside each of them is a tenth of a session.
"""

from typing import Any

from flet.controls.base_control import BaseControl
from flet.utils.validation import _REPORTED_VALIDATION_ERRORS_KEY

from chat.ui.packing.control_ids import encode_control

# Where Flet's encoder puts the dictionaries that were sent.
_SENT_KEY = "__prev_dicts"


class _DiscardingSet(set[tuple[str, str]]):
    """Remembers nothing: a control that is wrong is told of each time."""

    def add(self, error: tuple[str, str]) -> None:
        """Forget it."""


# Flet asks each control for its own set, and makes one for who has none.
setattr(BaseControl, _REPORTED_VALIDATION_ERRORS_KEY, _DiscardingSet())


def encode_for_session(control: Any) -> Any:
    """As `encode`, for what belongs to a session: empty dictionaries are not kept to compare with.

    (Flet compares with what it does not have as with nothing.)
    """
    encoded = encode_control(control)
    sent = getattr(control, _SENT_KEY, None)
    if sent and not all(sent.values()):
        setattr(control, _SENT_KEY, {name: value for name, value in sent.items() if value})
    return encoded
