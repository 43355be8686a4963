"""The texts that quote a message elsewhere, forwarded or reported: with author, room and link."""

import re
from collections.abc import Iterator

from chat.model.messages import Message
from chat.text.message_text import TEXT_LIMIT, emote_text

# A reported text is whole, with a mark before each of its lines, and a note above it.
REPORT_LIMIT = 4 * TEXT_LIMIT

_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$@:])")


def forwarded_text(message: Message, room_label: str, url: str, comment: str = "") -> str:
    """The text of a message that forwards another one; at most as long as a message may be.

    `room_label` names the room in the language of the person, `url` is the address of the message.
    A text that does not fit is cut.
    """
    return _quoting(message, f" · [{_escape(room_label)}]({url})", comment, TEXT_LIMIT)


def reported_text(message: Message, room_label: str, url: str, note: str) -> str:
    """The text of a report: the words of a message as they are, below a note.

    An empty `room_label` tells nothing about the room; without a `url` there is no link.
    """
    place = f" · {_escape(room_label)}" if room_label else ""
    if room_label and url:
        place = f" · [{_escape(room_label)}]({url})"
    return _quoting(message, place, note, REPORT_LIMIT)


def _quoting(message: Message, place: str, comment: str, limit: int) -> str:
    parts = [comment.strip(), ""] if comment.strip() else []
    parts.append(f"> **{_escape(message.author.name)}**{place}")
    left = limit - sum(len(each) + 1 for each in parts) - len("> …")
    for line in _lines(message):
        quoted = f"> {line}" if line else ">"
        if len(quoted) + 1 > left:
            parts.append(f"{quoted[: max(left - 2, 0)]}…" if left > len("> …") else "> …")
            break
        parts.append(quoted)
        left -= len(quoted) + 1
    return "\n".join(parts)


def _lines(message: Message) -> Iterator[str]:
    text = emote_text(message.author.name, message.text)
    if text:
        # (The text begins a block of its own, so that a list or a fence at its beginning is one.)
        yield ""
        yield from text.splitlines()
    if message.poll is not None:
        yield ""
        for option in message.poll.options:
            yield f"- {_escape(option.text)}"
    if message.files:
        yield ""
        for file in message.files:
            yield f"📎 {_escape(file.name)}"


def _escape(text: str) -> str:
    """A text in which no character is markup, a mention or an address."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
