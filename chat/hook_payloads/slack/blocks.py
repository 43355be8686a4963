"""Slack's Block Kit as pieces of markup.

The format: https://docs.slack.dev/reference/block-kit/blocks. A block of an unknown type is its
texts, whatever their fields are called.
"""

from collections.abc import Callable, Iterator

from chat.hook_payloads import markup_writer
from chat.hook_payloads.json_values import Fields, text_of
from chat.hook_payloads.limits import MAX_BLOCKS, MAX_ELEMENTS
from chat.hook_payloads.markup_writer import (
    bold,
    escape,
    escape_line,
    heading,
    joined,
    json_code,
    link,
)
from chat.hook_payloads.pieces import Piece
from chat.hook_payloads.slack.mrkdwn import to_markup
from chat.hook_payloads.slack.rich_text import rich_line, rich_text
from chat.text.emoji import replace_shortcodes

RULE = "---"

# Fields with text of the blocks that have no reader of their own, in the order of reading.
_TEXT_FIELDS = (
    *("title", "subtitle", "label", "text", "description", "details", "alt_text", "fallback"),
    *("body", "hint", "value", "author_name", "provider_name"),
)
_URL_FIELDS = ("title_url", "url", "image_url", "video_url", "thumbnail_url")
_NESTED_FIELDS = (
    "elements",
    "fields",
    "blocks",
    "items",
    "tasks",
    "sources",
    "actions",
    "accessory",
)


def blocks_as_pieces(blocks: list[object]) -> Iterator[Piece]:
    """The pieces of a list of blocks, at most `MAX_BLOCKS`; what is beyond is JSON."""
    for block in blocks[:MAX_BLOCKS]:
        fields = Fields(block)
        reader = _READERS.get(fields.text("type"), _unknown)
        pieces = reader(fields) if fields else _literal(text_of(block))
        yield from (each for each in pieces if each.text.strip())
    if blocks[MAX_BLOCKS:]:
        yield Piece(json_code(blocks[MAX_BLOCKS:]))


def text_object(value: object) -> Piece:
    """A text object: mrkdwn, or `plain_text`, which is literal and mentions nobody. A text without
    an object is mrkdwn."""
    fields = Fields(value)
    if not fields:
        return Piece(to_markup(text_of(value)), can_mention=True)
    text = fields.text("text")
    if fields.text("type") == "plain_text":
        return Piece(escape(_with_emoji(fields, text)))
    if fields.get("verbatim") is True or fields.text("type") == "mrkdwn" or "text" in fields:
        return Piece(to_markup(text), can_mention=True)
    return Piece("")


def text_line(value: object) -> str:
    """A text object as literal markup in one line."""
    fields = Fields(value)
    if fields.text("type") == "plain_text":
        return escape_line(_with_emoji(fields, fields.text("text")))
    return " ".join(text_object(value).text.split())


def link_button(button: Fields) -> str:
    """A button that opens an address; one without an address does nothing here, and is left out."""
    url = button.text("url")
    return link(_label(button.get("text")) or button.text("value"), url) if url else ""


def field_pieces(fields: list[Piece]) -> Iterator[Piece]:
    """Fields in two columns; a single one, and long ones, as paragraphs."""
    shown = [each for each in fields if each.text.strip()]
    can_mention = any(each.can_mention for each in shown)
    table = markup_writer.grid([each.text.strip() for each in shown])
    if table is not None:
        yield Piece(table, can_mention)
    else:
        yield from shown


def _with_emoji(fields: Fields, text: str) -> str:
    return text if fields.get("emoji") is False else replace_shortcodes(text)


def _label(value: object) -> str:
    """The text of a text object as it is, in one line."""
    fields = Fields(value)
    text = fields.text("text") if fields else text_of(value)
    return " ".join(replace_shortcodes(text).split())


def _literal(text: str) -> Iterator[Piece]:
    yield Piece(escape(text))


def _header(block: Fields) -> Iterator[Piece]:
    yield Piece(heading(text_line(block.get("text"))))


def _section(block: Fields) -> Iterator[Piece]:
    yield text_object(block.get("text"))
    fields = block.items("fields")
    yield from field_pieces([text_object(each) for each in fields[:MAX_ELEMENTS]])
    if fields[MAX_ELEMENTS:]:
        yield Piece(json_code(fields[MAX_ELEMENTS:]))
    accessory = block.of("accessory")
    if accessory.text("type") == "image":
        yield from _image(accessory)
    else:
        yield Piece(_links_of(accessory))


def _links_of(element: Fields) -> str:
    """The links of a button, or of the options of a menu."""
    options = [link_button(each) for each in element.objects("options")[:MAX_ELEMENTS]]
    return joined([link_button(element), *options])


def _context(block: Fields) -> Iterator[Piece]:
    texts, can_mention = list[str](), False
    elements = block.items("elements")
    for element in elements[:MAX_ELEMENTS]:
        fields = Fields(element)
        if fields.text("type") == "image":
            texts.append(link(fields.text("alt_text"), fields.text("image_url")))
        else:
            piece = text_object(element)
            texts.append(piece.text.strip())
            can_mention = can_mention or piece.can_mention
    has_lines = any("\n" in each for each in texts)
    yield Piece(joined(texts, "\n" if has_lines else " · "), can_mention)
    if elements[MAX_ELEMENTS:]:
        yield Piece(json_code(elements[MAX_ELEMENTS:]))


def _divider(block: Fields) -> Iterator[Piece]:
    yield Piece(RULE)


def _image(block: Fields) -> Iterator[Piece]:
    title, alt = _label(block.get("title")), block.line("alt_text")
    url = block.text("image_url") or block.text("slack_file", "url")
    yield Piece(joined([escape(title) if title != alt else "", link(alt, url)], "\n"))


def _actions(block: Fields) -> Iterator[Piece]:
    elements = block.objects("elements")
    yield Piece(joined(_links_of(each) for each in elements[:MAX_ELEMENTS]))
    if elements[MAX_ELEMENTS:]:
        yield Piece(json_code(block.items("elements")[MAX_ELEMENTS:]))


def _rich_text(block: Fields) -> Iterator[Piece]:
    for markup in rich_text(block):
        yield Piece(markup, can_mention=True)


def _markdown(block: Fields) -> Iterator[Piece]:
    """Markdown as ours; code that is not closed ends with the block."""
    text = block.text("text")
    yield Piece(markup_writer.closed(text), can_mention=True)


def _table(block: Fields) -> Iterator[Piece]:
    rows = [
        [_cell(each) for each in row[:MAX_ELEMENTS]]
        for row in block.items("rows")
        if isinstance(row, list) and row
    ]
    alignments = [Fields(each).text("align") for each in block.items("column_settings")]
    table = markup_writer.table(rows, alignments)
    if table is None:
        yield Piece("\n".join(filter(None, (joined(row, " · ") for row in rows))))
    else:
        yield Piece(table)


def _cell(value: object) -> str:
    fields = Fields(value)
    if fields.text("type") == "rich_text":
        lines = (rich_line(Fields(each).items("elements")) for each in fields.items("elements"))
        return " ".join(joined(lines, " ").split())
    return escape_line(fields.text("text") if fields else text_of(value))


def _video(block: Fields) -> Iterator[Piece]:
    url = block.text("title_url") or block.text("video_url")
    yield Piece(bold(link(_label(block.get("title")), url)))
    yield text_object(block.get("description"))
    names = [block.text("author_name"), block.text("provider_name"), block.text("alt_text")]
    yield Piece(escape(joined(dict.fromkeys(names))))


def _unknown(block: Fields) -> Iterator[Piece]:
    """The texts of a block of an unknown type, and its address."""
    url = next(filter(None, map(block.text, _URL_FIELDS)), "")
    seen = set[str]()
    for name in _TEXT_FIELDS:
        value = block.get(name)
        if isinstance(value, dict) and isinstance(value.get("elements"), list):
            yield from blocks_as_pieces([value])
            continue
        if isinstance(value, list):
            yield from blocks_as_pieces(value)
            continue
        piece = text_object(value)
        if piece.text and piece.text not in seen:
            seen.add(piece.text)
            yield piece
    if url:
        yield Piece(link("", url))
    for name in _NESTED_FIELDS:
        value = block.get(name)
        if isinstance(value, list):
            yield from blocks_as_pieces(value)
        elif isinstance(value, dict):
            yield from blocks_as_pieces([value])


_READERS: dict[str, Callable[[Fields], Iterator[Piece]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": _divider,
    "image": _image,
    "actions": _actions,
    "context_actions": _actions,
    "rich_text": _rich_text,
    "markdown": _markdown,
    "table": _table,
    "video": _video,
}
