"""How one viewer sees a message, and the parts of its row that answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

# The parts of a row that answer: the whole of it to a mouse and to a finger, what stands left of
# the text, the line about its thread, what it quotes, what shows the rest of a long text, from CHIP
# on the reactions below it, from IN_TEXT on the parts of the text itself (`markup.Markup`), from
# OPTION on those of a poll, and from FILE on what hangs on it.
ROW, HOLD, ACTIONS, THREAD, QUOTE, CHIP = 1, 2, 3, 4, 5, 6
MORE, IN_TEXT, OPTION, FILE = 30, 31, 55, 72

Touched = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class View:
    """How one viewer sees a message: whether unread ones begin with it, whether an address led to
    it, whether it calls them, and which reactions below it are theirs. `anchor` is whether their
    list is to be scrolled to it, `opened` are the parts of it that they opened: spoilers, or the
    rest of a long text; `chosen` are the options of a poll that they voted for."""

    new: bool = False
    marked: bool = False
    called: bool = False
    anchor: bool = False
    mine: tuple[str, ...] = ()
    opened: tuple[int, ...] = ()
    chosen: tuple[int, ...] = ()


# How everyone sees nearly every message.
SAME = View()
