"""How one viewer sees a message, and the parts of its row that answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

# The parts of a row that answer: the whole of it to a mouse and to a finger, what stands left of
# the text, the line about its thread, what it quotes, and from CHIP on the reactions below it.
ROW, HOLD, ACTIONS, THREAD, QUOTE, CHIP = 1, 2, 3, 4, 5, 6

Touched = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class View:
    """How one viewer sees a message: whether unread ones begin with it, whether an address led to
    it, whether it calls them, and which reactions below it are theirs. `anchor` is whether their
    list is to be scrolled to it."""

    new: bool = False
    marked: bool = False
    called: bool = False
    anchor: bool = False
    mine: tuple[str, ...] = ()


# How everyone sees nearly every message.
SAME = View()
