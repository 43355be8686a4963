"""The last messages of a room as plain text, for the page before Flutter draws."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from chat.model.messages import Message, MessageKind, MessagePage
from chat.model.people import PersonId
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import emote_text
from chat.text.previews import text_or_file
from chat.text.senders import full_sender_name, has_same_sender
from chat.ui.moderated_rows.hidden import follows_hidden, hidden_text
from chat.ui.rows.event_texts import event_text
from chat.ui.rows.message import GROUPING_WINDOW
from chat.ui.theme.widgets import avatar_colour, initials
from chat.ui.viewer import ViewerContext

# Messages, and characters of each.
PLAIN_ROWS = 20
PLAIN_TEXT_LIMIT = 600


@dataclass(frozen=True, slots=True)
class PlainRow:
    """A line: a day, a system message, or a message.

    Only a message has a `time`, and `name`, `initials` and `colour` if it is the first of some of
    its author; that of a bot has a `mark`, too.
    """

    text: str
    is_day: bool = False
    time: str = ""
    name: str = ""
    initials: str = ""
    colour: str = ""
    mark: str = ""


def plain_rows(
    page: MessagePage, viewer: ViewerContext, blocked_ids: frozenset[PersonId] = frozenset()
) -> Iterator[PlainRow]:
    """The lines of a page of messages. Spoilers stay hidden, and what is erased is left out.

    A line stands for messages of the same person whom the viewer has blocked.
    """
    day: date | None = None
    previous: Message | None = None
    for message in page.messages:
        if message.erased:
            continue
        if viewer.local_date(message.sent_at) != day:
            day, previous = viewer.local_date(message.sent_at), None
            yield PlainRow(viewer.format_day(message.sent_at), is_day=True)
        is_blocked = message.author.id in blocked_ids
        if is_blocked and message.is_written and message.report is None:
            if not follows_hidden(message, previous):
                yield PlainRow(hidden_text(viewer.t))
        elif message.kind is MessageKind.TEXT:
            yield _message_row(message, previous, viewer)
        elif message.kind is not MessageKind.DICE_ROLLED:
            yield PlainRow(event_text(message, viewer.t))
        previous = message


def _message_row(message: Message, previous: Message | None, viewer: ViewerContext) -> PlainRow:
    time, author = viewer.format_time(message.sent_at), message.author.name
    text = viewer.t("Message deleted") if message.deleted else _plain_text(message, viewer)
    if (
        previous is not None
        and previous.kind is MessageKind.TEXT
        and has_same_sender(message, previous)
        and message.sent_at - previous.sent_at < GROUPING_WINDOW
    ):
        return PlainRow(text, time=time)
    name, mark = full_sender_name(message, viewer.t), ""
    if message.author.is_bot:
        mark = viewer.t("BOT")
    return PlainRow(text, False, time, name, initials(author), avatar_colour(author), mark)


def _plain_text(message: Message, viewer: ViewerContext) -> str:
    whole = emote_text(message.author.name, text_or_file(message, viewer.t))
    return to_plain_text(whole[:PLAIN_TEXT_LIMIT], truncated=True)
