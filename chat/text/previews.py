"""Previews of messages: the line that a program wrote for it, the text, or the name of the first
file of a message without text."""

from chat.languages import Language
from chat.model.messages import Message
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import emote_text


def text_or_file(message: Message, t: Language | None = None) -> str:
    """The text, or "hills.jpg"; with a language also the file's kind, "Picture: hills.jpg"."""
    if message.text or not message.files:
        return message.text
    first = message.files[0]
    if t is None:
        return first.name
    if first.is_picture:
        return t("Picture: {name}", name=first.name)
    return t("File: {name}", name=first.name)


def message_preview(message: Message, t: Language | None = None) -> str:
    """What a program wrote for notifications (`Via.summary`), else `text_or_file`."""
    if message.via is not None and message.via.summary and not message.deleted:
        return message.via.summary
    return text_or_file(message, t)


def plain_preview(message: Message, t: Language | None = None) -> str:
    """`message_preview` without markup; an emote begins with its author's name."""
    return to_plain_text(emote_text(message.author.name, message_preview(message, t)))


def plain_text(message: Message) -> str:
    """`text_or_file` without markup; an emote begins with its author's name."""
    return to_plain_text(emote_text(message.author.name, text_or_file(message)))


def preview_line(message: Message, t: Language | None = None) -> str:
    """`plain_preview` in one line."""
    return " ".join(plain_preview(message, t).split())
