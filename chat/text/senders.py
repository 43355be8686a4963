"""How the author of a message is named.

A program may say that it is called otherwise. Nobody has checked that: whoever reads such a name
reads beside it through which webhook, or by which bot, it came.
"""

import unicodedata

from chat.languages import Language
from chat.model.messages import Message
from chat.text.display import clamp_combining_marks

# The most characters of what a sender calls itself that are shown.
SENDER_LENGTH = 80

# Joiners belong to emoji and to letters. All other characters that draw nothing are left out.
_JOINERS = "\u200c\u200d"


def sender_name(message: Message) -> str:
    """The name in the row of a message: what its sender calls itself, or the author's name."""
    sender = "" if message.via is None else _one_line(message.via.sender)
    return sender or message.author.name


def sender_origin(message: Message, t: Language) -> str:
    """By whom a message is whose sender calls itself otherwise, as "by webhook ops"; else empty."""
    via = message.via
    if via is None or sender_name(message) in {message.author.name, via.hook_name}:
        return ""
    if via.hook_name:
        return t("by webhook {name}", name=via.hook_name)
    return t("by {name}", name=message.author.name)


def full_sender_name(message: Message, t: Language) -> str:
    """The name with its origin, as "Grafana · by webhook ops"."""
    return " · ".join(filter(None, (sender_name(message), sender_origin(message, t))))


def spoken_sender(message: Message, t: Language) -> str:
    """The full name as a screen reader reads it: that a bot is one, is in it."""
    name = full_sender_name(message, t)
    return t("{name}, bot", name=name) if message.author.is_bot else name


def has_same_sender(message: Message, other: Message) -> bool:
    """Whether two messages are by the same person, and by the same sender of a program."""
    return message.author.id == other.author.id and sender_name(message) == sender_name(other)


def _one_line(text: str) -> str:
    if not text.isascii():
        text = clamp_combining_marks(
            "".join(c for c in text if c in _JOINERS or unicodedata.category(c) != "Cf")
        )
    return " ".join(text.split())[:SENDER_LENGTH].rstrip()
