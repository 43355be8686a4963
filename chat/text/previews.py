"""Previews of messages: the text, or the name of the first file of a message without text."""

from chat.languages import Language
from chat.model.messages import Message


def message_preview(message: Message, t: Language | None = None) -> str:
    """The text, or "hills.jpg"; with a language also the file's kind, "Picture: hills.jpg"."""
    if message.text or not message.files:
        return message.text
    first = message.files[0]
    if t is None:
        return first.name
    if first.is_picture:
        return t("Picture: {name}", name=first.name)
    return t("File: {name}", name=first.name)
