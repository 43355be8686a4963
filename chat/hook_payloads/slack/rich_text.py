"""Slack's `rich_text` block: a tree of sections, lists, quotes and code.

The format: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from chat.hook_payloads.json_values import Fields, text_of
from chat.hook_payloads.limits import MAX_ELEMENTS
from chat.hook_payloads.markup_writer import (
    code,
    escape,
    inline_code,
    joined,
    json_code,
    link,
    quoted,
    utc_time,
)
from chat.text.emoji import emoji_by_shortcode
from chat.text.names import EVERYONE, HERE

_BROADCASTS = {"here": HERE, "channel": EVERYONE, "everyone": EVERYONE}
_MAX_INDENT = 4


@dataclass(frozen=True, slots=True)
class _Run:
    """A piece of a line: its markup, and the marks around it by style, outermost first."""

    markup: str
    styles: tuple[str, ...] = ()


def rich_text(block: Fields) -> Iterator[str]:
    """The pieces of markup of a `rich_text` block."""
    elements = block.items("elements")
    for element in elements[:MAX_ELEMENTS]:
        yield from _element(Fields(element))
    if elements[MAX_ELEMENTS:]:
        yield json_code(elements[MAX_ELEMENTS:])


def rich_line(elements: list[object]) -> str:
    """The elements of a section, one after the other."""
    markup = _joined_runs([_run(Fields(each)) for each in elements])
    return markup.strip("\n")


def _element(element: Fields) -> Iterator[str]:
    children = element.items("elements")
    match element.text("type"):
        case "rich_text_list":
            yield _list(element, children)
        case "rich_text_quote":
            if markup := rich_line(children):
                yield quoted(markup)
        case "rich_text_preformatted":
            yield code("".join(_plain(Fields(each)) for each in children))
        case _:
            yield rich_line(children) if children else _run(element).markup


def _list(element: Fields, items: list[object]) -> str:
    is_numbered = element.text("style") == "ordered"
    indent, offset = element.get("indent"), element.get("offset")
    depth = min(indent, _MAX_INDENT) if isinstance(indent, int) and indent > 0 else 0
    first = offset + 1 if isinstance(offset, int) and 0 <= offset < 10**6 else 1
    lines = list[str]()
    for number, item in enumerate(items, first):
        fields = Fields(item)
        # An item of a list is a section; Slack never sends a list within a list.
        markup = rich_line(fields.items("elements")) or _run(fields).markup
        marker = f"{number}. " if is_numbered else "- "
        space = "   " * depth
        inner = markup.replace("\n", f"\n{space}{' ' * len(marker)}")
        lines.append(f"{space}{marker}{inner}")
    return "\n".join(lines)


def _run(element: Fields) -> _Run:
    """One element of a section."""
    styles = element.of("style")
    marks = tuple(
        mark
        for name, mark in (("bold", "**"), ("italic", "*"), ("strike", "~~"))
        if styles.get(name) is True
    )
    if styles.get("code") is True and (plain := _plain(element)).strip() and "\n" not in plain:
        return _Run(inline_code(plain), marks)
    match element.text("type"):
        case "link":
            return _Run(link(element.text("text"), element.text("url")), marks)
        case "date" if url := element.text("url"):
            return _Run(link(_plain(element), url), marks)
        case "user" | "usergroup" | "broadcast":
            return _Run(_plain(element))
    return _Run(escape(_plain(element)), marks)


def _plain(element: Fields) -> str:
    """The text of an element, without markup."""
    match element.text("type"):
        case "link":
            return joined([element.text("text"), element.text("url")], " ")
        case "emoji":
            return _emoji(element)
        case "user":
            return f"@{element.text('name') or element.text('user_id')}"
        case "usergroup":
            return f"@{element.text('name') or element.text('usergroup_id')}"
        case "channel":
            return f"#{element.text('name') or element.text('channel_id')}"
        case "broadcast":
            word = element.text("range")
            return f"@{_BROADCASTS.get(word, word)}"
        case "date":
            return element.text("fallback") or _date(element.get("timestamp"))
        case "color":
            return element.text("value")
    text = element.get("text")
    return text_of(text) or Fields(text).text("text")


def _emoji(element: Fields) -> str:
    """An emoji by its code points, `1f468-200d-1f469`, or by its name."""
    try:
        found = "".join(chr(int(each, 16)) for each in element.text("unicode").split("-"))
    except (ValueError, OverflowError):
        found = ""
    if found and not any("\ud800" <= c <= "\udfff" or c < " " for c in found):
        return found
    name = element.text("name")
    known = emoji_by_shortcode(name)
    return known.char if known is not None else f":{name}:" if name else ""


def _date(value: object) -> str:
    return utc_time(value) if isinstance(value, int | float) else text_of(value)


def _joined_runs(runs: list[_Run]) -> str:
    """Runs with the marks of their styles. Adjacent runs of one style have one pair of marks."""
    merged = list[_Run]()
    for run in runs:
        if merged and merged[-1].styles == run.styles:
            merged[-1] = _Run(merged[-1].markup + run.markup, run.styles)
        elif run.markup:
            merged.append(run)
    written = ""
    pieces = list[str]()
    for number, run in enumerate(merged):
        following = merged[number + 1].markup[:1] if number + 1 < len(merged) else ""
        written = _styled(run, written[-1:], following)
        pieces.append(written)
    return "".join(pieces)


def _styled(run: _Run, before: str, after: str) -> str:
    """A run between its marks, line by line. Marks touch the text, not the space around it."""
    if not run.styles:
        return run.markup
    lines = run.markup.split("\n")
    return "\n".join(
        _styled_line(
            line,
            run.styles,
            before if number == 0 else "",
            after if number == len(lines) - 1 else "",
        )
        for number, line in enumerate(lines)
    )


def _styled_line(line: str, styles: tuple[str, ...], before: str, after: str) -> str:
    inner = line.strip()
    if not inner:
        return line
    start = line.index(inner)
    space_before, space_after = line[:start], line[start + len(inner) :]
    before, after = space_before[-1:] or before, space_after[:1] or after
    # A mark between a letter and a mark of punctuation does not open or close a style.
    if (before.isalnum() and not inner[0].isalnum()) or (
        after.isalnum() and not inner[-1].isalnum()
    ):
        return line
    if not (before.isalnum() or after.isalnum()):
        # A star beside the two stars of bold would belong to them.
        styles = tuple("_" if each == "*" else each for each in styles)
    opening = "".join(styles)
    closing = "".join(reversed(styles))
    return f"{space_before}{opening}{inner}{closing}{space_after}"
