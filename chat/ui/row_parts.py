"""Clickable parts of a message row, as numbers.

A control id is made of a message number and one of these.
"""

from collections.abc import Awaitable, Callable

# ROW is the whole row for a mouse, TOUCH_AREA for a finger, MENU_BUTTON is left of the text,
# THREAD_LINK is the line about the thread, QUOTE the quoted message, SHOW_MORE shows the rest of a
# long text. From FIRST_REACTION on these are reactions, from FIRST_TEXT_PART on parts of the text
# (`Markup.parts`), from FIRST_OPTION on options of the poll, and from FIRST_FILE on attachments.
ROW, TOUCH_AREA, MENU_BUTTON, THREAD_LINK, QUOTE, FIRST_REACTION = 1, 2, 3, 4, 5, 6


SHOW_MORE, FIRST_TEXT_PART, FIRST_OPTION, FIRST_FILE = 30, 31, 55, 72


OnPartClick = Callable[[int, int], Awaitable[None]]
