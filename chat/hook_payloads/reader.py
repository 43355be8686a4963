"""The entry: from a request to `POST /hooks/<key>` to one message."""

from collections.abc import Callable, Mapping

from chat.errors import NoTextInPayload
from chat.hook_payloads.body import Json, decode_body
from chat.hook_payloads.composition import compose
from chat.hook_payloads.json_values import Fields, clean_text, text_of
from chat.hook_payloads.markup_writer import json_code
from chat.hook_payloads.message import HookMessage
from chat.hook_payloads.pieces import Content, Part, Piece
from chat.hook_payloads.senders import alertmanager, apprise, gitea, github, gitlab, sentry
from chat.hook_payloads.slack.message import (
    address_of,
    is_only_slack,
    is_slack,
    read_slack,
    sender_of,
)
from chat.text.message_text import is_blank

# An adapter: the content of a payload, or None if its program did not send it.
Adapter = Callable[[Fields, Mapping[str, str]], Content | None]

# In this order: Gitea also sends GitHub's header.
_ADAPTERS: tuple[Adapter, ...] = (
    gitea.read,
    github.read,
    gitlab.read,
    sentry.read,
    alertmanager.read,
    apprise.read,
)


def read_payload(
    content_type: str | None, body: bytes, headers: Mapping[str, str] | None = None
) -> HookMessage:
    """The message of a request: any body that says something is one.

    `headers` are those of the request, with names in any case; only those that tell the event of a
    program are read. Raises NoTextInPayload.

    The time grows with the length of the body: most take a few milliseconds, and the costliest of
    256 KiB half a second, which is not for the event loop.
    """
    names = {name.lower(): value for name, value in (headers or {}).items()}
    decoded = decode_body(content_type, body)
    content = _json_content(decoded.value, names) if isinstance(decoded, Json) else _typed(decoded)
    message = compose(content)
    if is_blank(message.text):
        raise NoTextInPayload
    return message


def _json_content(value: object, headers: Mapping[str, str]) -> Content:
    if not isinstance(value, dict):
        return _typed(text_of(value)) if isinstance(value, str) else _any_json(value)
    payload = Fields(value)
    for read in _ADAPTERS:
        if (content := read(payload, headers)) is not None:
            return content
    if is_slack(payload) or is_only_slack(payload):
        content = read_slack(payload)
        if content.parts or is_only_slack(payload):
            return content
    return _any_json(value)


def _typed(text: str) -> Content:
    """A text as a person types it: with markup, and with mentions."""
    return Content((Part((Piece(clean_text(text), can_mention=True),)),), is_typed=True)


def _any_json(value: object) -> Content:
    """JSON of an unknown program, as code: nothing of it is lost."""
    if not value:
        return Content()
    payload = Fields(value)
    part = Part((Piece(json_code(value)),))
    return Content((part,), sender=sender_of(payload), address=address_of(payload))
