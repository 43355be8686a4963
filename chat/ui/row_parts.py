"""Clickable parts of a message row, as numbers.

A control id is made of a message number and one of these.
"""

from collections.abc import Awaitable, Callable

# The parts of a row that answer: the whole of it to a mouse and to a finger, what stands left of
# the text, the line about its thread, what it quotes, what shows the rest of a long text, from CHIP
# on the reactions below it, from IN_TEXT on the parts of the text itself (`markup.Markup`), from
# OPTION on those of a poll, and from FILE on what hangs on it.
ROW, TOUCH_AREA, MENU_BUTTON, THREAD_LINK, QUOTE, FIRST_REACTION = 1, 2, 3, 4, 5, 6


SHOW_MORE, FIRST_TEXT_PART, FIRST_OPTION, FIRST_FILE = 30, 31, 55, 72


OnPartClick = Callable[[int, int], Awaitable[None]]
