"""Attachments of Slack and Mattermost: each is a part with a coloured bar.

The format: https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments and
https://developers.mattermost.com/integrate/reference/message-attachments.
"""

from collections.abc import Iterator

from chat.hook_payloads.colors import color_of
from chat.hook_payloads.json_values import Fields, text_of
from chat.hook_payloads.limits import MAX_ATTACHMENTS, MAX_ELEMENTS
from chat.hook_payloads.markup_writer import (
    bold,
    escape_line,
    italic,
    joined,
    json_code,
    link,
    safe_url,
    utc_time,
)
from chat.hook_payloads.pieces import Part, Piece
from chat.hook_payloads.slack.blocks import blocks_as_pieces, field_pieces, link_button
from chat.hook_payloads.slack.mrkdwn import to_label, to_markup

# The fields that make an object without `attachments` an attachment.
ATTACHMENT_FIELDS = (
    *("fallback", "pretext", "title", "fields", "footer", "author_name", "image_url", "thumb_url"),
)


def attachments_as_parts(attachments: list[object]) -> Iterator[Part]:
    """The parts of all attachments, at most `MAX_ATTACHMENTS`; what is beyond is JSON."""
    for each in attachments[:MAX_ATTACHMENTS]:
        fields = Fields(each)
        if fields:
            yield from attachment_as_parts(fields)
        elif text := text_of(each):
            yield Part((Piece(to_markup(text), can_mention=True),))
    if attachments[MAX_ATTACHMENTS:]:
        yield Part((Piece(json_code(attachments[MAX_ATTACHMENTS:])),))


def attachment_as_parts(attachment: Fields) -> Iterator[Part]:
    """The text above an attachment, and the attachment."""
    if pretext := attachment.text("pretext"):
        yield Part((Piece(to_markup(pretext), can_mention=True),))
    shown = [each for each in _pieces(attachment) if each.text.strip()]
    if not shown and not pretext:
        shown = [Piece(to_markup(attachment.text("fallback"), is_styled=False))]
    if any(each.text.strip() for each in shown):
        yield Part(tuple(shown), color_of(attachment.text("color")))


def _pieces(attachment: Fields) -> Iterator[Piece]:
    yield Piece(link(_line(attachment, "author_name"), attachment.text("author_link")))
    yield Piece(_title(attachment))
    yield Piece(to_markup(attachment.text("text")), can_mention=True)
    fields = attachment.items("fields")
    yield from _fields(fields[:MAX_ELEMENTS])
    if fields[MAX_ELEMENTS:]:
        yield Piece(json_code(fields[MAX_ELEMENTS:]))
    yield from blocks_as_pieces(attachment.items("blocks"))
    images = [attachment.text("image_url"), attachment.text("thumb_url")]
    yield Piece(joined(dict.fromkeys(link("", each) for each in images if each)))
    actions = attachment.objects("actions")
    yield Piece(joined(link_button(each) for each in actions[:MAX_ELEMENTS]))
    if actions[MAX_ELEMENTS:]:
        yield Piece(json_code(attachment.items("actions")[MAX_ELEMENTS:]))
    yield Piece(_footer(attachment))


def _line(attachment: Fields, name: str) -> str:
    return " ".join(attachment.text(name).split())


def _title(attachment: Fields) -> str:
    """The title in bold, as a link if it has an address."""
    title, url = attachment.text("title"), attachment.text("title_link")
    if target := safe_url(url):
        return bold(f"[{to_label(title)}]({target})" if title.strip() else link("", url))
    lines = (bold(line) for line in to_markup(title, is_styled=False).split("\n"))
    return joined([*lines, escape_line(url)], "\n")


def _fields(fields: list[object]) -> Iterator[Piece]:
    """Short fields side by side, others below each other."""
    short = list[Piece]()
    for each in fields:
        field = Fields(each)
        title, value = field.text("title"), field.text("value")
        markup = joined(
            [bold(" ".join(to_markup(title, is_styled=False).split())), to_markup(value)], "\n"
        )
        if not field:
            markup = to_markup(text_of(each))
        if field.get("short") is True or field.text("short") == "true":
            short.append(Piece(markup, can_mention=True))
        else:
            yield from field_pieces(short)
            short.clear()
            yield Piece(markup, can_mention=True)
    yield from field_pieces(short)


def _footer(attachment: Fields) -> str:
    text = " ".join(to_markup(attachment.text("footer"), is_styled=False).split())
    return italic(joined([text, _time(attachment.get("ts"))]))


def _time(value: object) -> str:
    """The time of `ts`: seconds as a number or in digits; any other text as it is."""
    try:
        seconds = float(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        seconds = None
    if seconds is None or isinstance(value, bool):
        return escape_line(text_of(value))
    return utc_time(seconds) or escape_line(text_of(value))
