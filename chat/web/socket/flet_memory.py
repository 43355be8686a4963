"""Reduces the memory of Flet's controls: nothing is kept for an empty dictionary or set.

For each control, Flet keeps copies of the dictionaries that it sent, to compare with, and a set of
the errors that it reported. Nearly all of them are empty, and take a tenth of a session's memory.
"""

from typing import Any

from flet.controls.base_control import BaseControl
from flet.utils.validation import _REPORTED_VALIDATION_ERRORS_KEY

from chat.ui.flet.encoding import encode_control

# The attribute in which Flet's encoder keeps the dictionaries that were sent.
_SENT_KEY = "__prev_dicts"


class _DiscardingSet(set[tuple[str, str]]):
    """A set that stays empty: an invalid control is reported each time."""

    def add(self, error: tuple[str, str]) -> None:
        """Discard the error."""


# Flet creates a set for each control that has none; this class attribute serves all of them.
setattr(BaseControl, _REPORTED_VALIDATION_ERRORS_KEY, _DiscardingSet())


def encode_for_session(control: Any) -> Any:
    """As `encode_control`, but Flet keeps no copy of an empty dictionary.

    (Flet treats a missing copy as an empty one.)
    """
    encoded = encode_control(control)
    sent = getattr(control, _SENT_KEY, None)
    if sent and not all(sent.values()):
        setattr(control, _SENT_KEY, {name: value for name, value in sent.items() if value})
    return encoded
