"""A clock of the chat that tests set. The timers of the event loop do not follow it."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, tzinfo
from unittest.mock import patch


class _AnyDatetime(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


class ShiftedDatetime(datetime, metaclass=_AnyDatetime):
    """The class `datetime` on that clock."""

    shift = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """The time on that clock."""
        return datetime.now(tz) + cls.shift


@contextmanager
def shifted_clock() -> Iterator[type[ShiftedDatetime]]:
    """All modules of the chat use the clock; its `shift` is what tests set."""
    ShiftedDatetime.shift = timedelta()
    with ExitStack() as patches:
        for name, module in list(sys.modules.items()):
            if name.startswith("chat.") and vars(module).get("datetime") is datetime:
                patches.enter_context(patch.object(module, "datetime", ShiftedDatetime))
        yield ShiftedDatetime
