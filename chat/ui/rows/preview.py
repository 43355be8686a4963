"""A message in one line: its text, or the names of its files."""

from chat.languages import Language
from chat.model.messages import Message


def message_preview(message: Message, t: Language) -> str:
    """The text of a message, or "Picture: hills.jpg"."""
    if message.text or not message.files:
        return message.text
    first = message.files[0]
    if first.is_picture:
        return t("Picture: {name}", name=first.name)
    return t("File: {name}", name=first.name)
