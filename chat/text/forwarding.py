"""The text of a forwarded message: a comment, and a quote with author, room and link."""

import re
from collections.abc import Iterator

from chat.model.messages import Message
from chat.text.message_text import TEXT_LIMIT, emote_text

_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$@:])")


def forwarded_text(message: Message, room_label: str, url: str, comment: str = "") -> str:
    """The text of a message that forwards another one; at most as long as a message may be.

    `room_label` names the room in the language of the person, `url` is the address of the message.
    A text that does not fit is cut.
    """
    author = _escape(message.author.name)
    head = f"> **{author}** · [{_escape(room_label)}]({url})"
    parts = [comment.strip(), ""] if comment.strip() else []
    parts.append(head)
    left = TEXT_LIMIT - sum(len(each) + 1 for each in parts) - len("> …")
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
