"""The events of Socket.IO about messages, as plain data."""

from typing import Any

from chat.model.messages import Message, MessageKind
from chat.model.programs import StreamState


def is_shown(message: Message) -> bool:
    """Whether clients get a message: what a person or a program said, once it is complete."""
    return (
        message.kind is MessageKind.TEXT
        and not message.deleted
        and message.stream_state is not StreamState.STREAMING
    )


def line_of(message: Message) -> str:
    """The event `message`: one text, which a page can show as it is."""
    return f"{message.author.name}: {_shown_text(message)}"


def posted_data(message: Message, slug: str) -> dict[str, Any]:
    """The event `new_message`: what was said, by whom, and where."""
    return {
        **changed_data(message, slug),
        "sent_at": message.sent_at.isoformat(),
        "files": [each.name for each in message.files],
    }


def changed_data(message: Message, slug: str) -> dict[str, Any]:
    """The event `message_changed`: a message with its new text."""
    return {
        "room": slug,
        "number": message.number,
        "username": message.author.name,
        "text": message.text,
    }


def deleted_data(message: Message, slug: str) -> dict[str, Any]:
    """The event `message_deleted`."""
    return {"room": slug, "number": message.number}


def _shown_text(message: Message) -> str:
    """The text, and the names of the files."""
    return "\n".join([*filter(None, [message.text]), *(each.name for each in message.files)])
