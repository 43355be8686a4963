"""About how high a row is. The client does not report it; the lines of the text tell most of it."""

import math
import unicodedata

from chat.model.messages import Message, MessageKind
from chat.text.folding import fold
from chat.ui.rows.attachments import attachments_height
from chat.ui.rows.event_runs import RowContent
from chat.ui.rows.message import begins_day, is_continuation
from chat.ui.theme import theme
from chat.ui.theme.density import folding_line_width
from chat.ui.viewer import ViewerContext

# In pixels, of the comfortable and of the compact density: the height of a line of text, and the
# width of a character with its share of the space that wrapping leaves at the end of a line.
_LINE_HEIGHTS, _CHARACTER_WIDTHS = (21.0, 18.2), (7.4, 6.9)

# In pixels: a line of small text, a divider, a quote of one line, the reactions, the link to a
# thread, an option of a poll, and the line below the options.
_SMALL_LINE, _DIVIDER, _QUOTE, _REACTIONS, _THREAD_LINK, _OPTION, _SUMMARY = (
    19,
    33,
    26,
    29,
    32,
    42,
    23,
)

# A row of a table, in pixels.
_TABLE_ROW = 31

# In pixels: a line of code, and what code has above and below its lines; with a language it has a
# line for that.
_CODE_LINE, _CODE_FRAME, _LABELLED_CODE_FRAME = 20, 18, 42
_FENCE = "```"

_WIDE = {"W", "F"}


def row_height(content: RowContent, viewer: ViewerContext, width: float) -> float:
    """About the height of a row in a timeline of this width, in pixels."""
    message, previous = content.message, content.previous
    divider = _DIVIDER if begins_day(message, previous, viewer) else 0
    if message.erased or content.run.is_folded:
        return divider
    if content.run.events or message.kind is not MessageKind.TEXT:
        padding = viewer.metrics.event_padding
        return divider + _SMALL_LINE + (padding.top or 0) + (padding.bottom or 0)
    continues = not divider and is_continuation(message, previous, viewer)
    return divider + _message_height(message, viewer, width, continues=continues)


def _message_height(
    message: Message, viewer: ViewerContext, width: float, *, continues: bool
) -> float:
    metrics = viewer.metrics
    is_compact = metrics.avatar_size < theme.AVATAR_SIZE
    line_height, character_width = _LINE_HEIGHTS[is_compact], _CHARACTER_WIDTHS[is_compact]
    padding = metrics.continuation_padding if continues else metrics.group_start_padding
    height = float((padding.top or 0) + (padding.bottom or 0))
    if not continues:
        height += line_height + 1
    if message.text:
        text_width = width - 2 * theme.PAGE_PADDING - metrics.avatar_size - theme.GAP
        if metrics.text_width:
            text_width = min(text_width, metrics.text_width)
        text = fold(message.text, folding_line_width(width)).text
        height += line_height * _line_count(text, text_width / character_width)
        height += _excess_of_code(text, line_height)
        if (table_lines := message.text.count("\n|")) and message.text.startswith("|"):
            # One of its lines has the alignments.
            height += table_lines * _TABLE_ROW - (table_lines + 1) * line_height
    if message.files:
        height += attachments_height(message)
    if message.quote is not None:
        height += _QUOTE
    if message.poll is not None:
        height += len(message.poll.options) * _OPTION + _SUMMARY
    if message.reactions:
        height += _REACTIONS
    if message.replies:
        height += _THREAD_LINK
    return height


def _line_count(text: str, line_width: float) -> int:
    """The number of lines on which a text of the chat is drawn."""
    width = max(1.0, line_width)
    return sum(
        1 if line.startswith("|") else max(1, math.ceil(_width(line) / width))
        for line in text.split("\n")
    )


def _excess_of_code(text: str, line_height: float) -> float:
    """How much higher the code in a text is than as many lines of text, in pixels."""
    excess, is_code = 0.0, False
    for line in text.split("\n"):
        if line.startswith(_FENCE):
            is_code = not is_code
            excess -= line_height
            if is_code:
                excess += _LABELLED_CODE_FRAME if line[len(_FENCE) :].strip() else _CODE_FRAME
        elif is_code:
            excess += _CODE_LINE - line_height
    return excess


def _width(line: str) -> int:
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(each) in _WIDE else 1 for each in line)
