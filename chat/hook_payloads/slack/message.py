"""A payload of Slack or Mattermost: its text, blocks and attachments, and who it says it is from.

The format: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and
https://developers.mattermost.com/integrate/webhooks/incoming.
"""

import json

from chat.hook_payloads.json_values import Fields, clean_text, depth_of, items_of
from chat.hook_payloads.limits import CHANNEL_LIMIT, MAX_DEPTH, TIMESTAMP_LIMIT, USERNAME_LIMIT
from chat.hook_payloads.pieces import Address, Content, Part, Piece, Sender
from chat.hook_payloads.slack.attachments import (
    ATTACHMENT_FIELDS,
    attachment_as_parts,
    attachments_as_parts,
)
from chat.hook_payloads.slack.blocks import blocks_as_pieces
from chat.hook_payloads.slack.mrkdwn import to_markup
from chat.text.emoji import emoji_by_char, emoji_by_shortcode
from chat.text.markup.links import is_allowed_url
from chat.text.names import strip_invisible

_MESSAGE_FIELDS = ("text", "attachments", "blocks", "fallback", "pretext")

# Those that are a text: of another shape they are shown as JSON.
_TEXT_FIELDS = ("text", "fallback", "pretext", "title", "footer")

# Fields of a payload that are no text, of Slack's and of Mattermost's own.
_OTHER_FIELDS = (
    *("username", "icon_emoji", "icon_url", "channel", "thread_ts", "ts", "mrkdwn", "link_names"),
    *("unfurl_links", "unfurl_media", "parse", "response_type", "replace_original", "metadata"),
    *("delete_original", "reply_broadcast", "props", "type", "priority", "color", "mrkdwn_in"),
    *("title_link", "author_link", "author_icon", "actions", "footer_icon", "callback_id", "token"),
)


def is_slack(payload: Fields) -> bool:
    """Whether an object has a field with which Slack or Mattermost say something."""
    return any(name in payload for name in _MESSAGE_FIELDS) or bool(
        payload.items("props", "attachments")
    )


def is_only_slack(payload: Fields) -> bool:
    """Whether an object is Slack's without a doubt: then it says nothing if it has no text."""
    names = set(payload.names())
    known = {*_MESSAGE_FIELDS, *ATTACHMENT_FIELDS, *_OTHER_FIELDS}
    is_unread = any(isinstance(payload.get(name), dict | list) for name in _TEXT_FIELDS)
    is_marked = not names.isdisjoint({*_MESSAGE_FIELDS, "username", "channel"})
    return names <= known and is_marked and not is_unread


def read_slack(payload: Fields) -> Content:
    """The content of a payload. With blocks, `text` is the line of the notification only."""
    is_styled = payload.get("mrkdwn") is not False
    text = to_markup(payload.text("text"), is_styled=is_styled)
    blocks = tuple(blocks_as_pieces(_list_of(payload.get("blocks"))))
    # Mattermost's own API has them among the properties.
    attachments = _list_of(payload.get("attachments") or payload.get("props", "attachments"))
    is_attachment = not attachments and any(name in payload for name in ATTACHMENT_FIELDS)
    parts = list[Part]()
    if blocks:
        parts.append(Part(blocks))
    elif text.strip() and not is_attachment:
        parts.append(Part((Piece(text, can_mention=True),)))
    if is_attachment:
        parts += attachment_as_parts(payload.without("blocks", "text") if blocks else payload)
    parts += attachments_as_parts(attachments)
    summary = text if blocks and text.strip() else ""
    if not summary and not text.strip():
        fallbacks = (Fields(each).text("fallback") for each in [payload.get(), *attachments])
        summary = to_markup(next(filter(str.strip, fallbacks), ""), is_styled=False)
    # The time of an attachment is in its footer.
    address = address_of(payload.without("ts") if is_attachment else payload)
    return Content(tuple(parts), summary, sender_of(payload), address)


def sender_of(payload: Fields) -> Sender:
    """Whom a payload names as its sender; an emoji is taken before a picture, as by Slack."""
    url = payload.text("icon_url")
    return Sender(
        _cleaned(payload.text("username"), USERNAME_LIMIT),
        _emoji(payload.text("icon_emoji")),
        url if is_allowed_url(url) and url[:4].lower() == "http" else "",
    )


def address_of(payload: Fields) -> Address:
    """Where a payload asks to be posted, and which message it asks to change."""
    return Address(
        _cleaned(payload.text("channel"), CHANNEL_LIMIT),
        _cleaned(payload.text("thread_ts"), TIMESTAMP_LIMIT),
        _cleaned(payload.text("ts"), TIMESTAMP_LIMIT),
    )


def _list_of(value: object) -> list[object]:
    """A list, also one that a form sends as JSON in a text."""
    if not isinstance(value, str):
        return items_of(value)
    try:
        read = json.loads(value, strict=False)
    except (ValueError, RecursionError):
        read = None
    if isinstance(read, dict | list) and depth_of(read, MAX_DEPTH) <= MAX_DEPTH:
        return items_of(read)
    return [clean_text(value)] if value.strip() else []


def _emoji(text: str) -> str:
    """The emoji with a name such as “:ghost:”, or the emoji itself; else ""."""
    known = emoji_by_shortcode(text) or emoji_by_char(text.strip())
    return "" if known is None else known.char


def _cleaned(text: str, limit: int) -> str:
    """A text in one line of visible characters, at most `limit` of them."""
    visible = strip_invisible(" ".join(text.replace("\ufffd", "").split()))
    return " ".join(visible.split())[:limit].rstrip()
