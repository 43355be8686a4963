"""Writing our markup: text that means nothing but itself, links, headings, tables, code.

A backslash before an ASCII mark makes it a character (`chat/text/markup/parser.py`). So each
literal text can be written. Only the cell of a table cannot hold two bars beside each other.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from chat.hook_payloads.json_values import clean_text, depth_of
from chat.hook_payloads.limits import CELL_LIMIT
from chat.text.code_ranges import fenced_ranges
from chat.text.markup.bare_links import bare_links, link_href
from chat.text.markup.links import URL_LIMIT
from chat.text.markup.parser import bare_link_url
from chat.text.markup.tables import MAX_CELLS, MAX_COLUMNS
from chat.text.snippets import SnippetLanguage, code_block

_JSON = SnippetLanguage("JSON", "json", "json")
_NO_LANGUAGE = SnippetLanguage("", "", "txt")

# Marks that mean something within a line. An underscore within a word means nothing.
_ALL_MARKS = (
    r"\\(?=[!-/:-@\[-`{-~]|\Z)"
    r"|[*`]"
    r"|(?<![^\W_])_|_(?![^\W_])"
    r"|<(?=[^\s<>])"
    r"|\|(?=\|)|(?<=\|)\|"
    r"|\$(?=\$)|(?<=\$)\$"
    r"|~(?=~)|(?<=~)~"
    r"|(?<!\S)#(?=#*(?:\s|$))"
)
_MARKS = re.compile(_ALL_MARKS + r"|\](?=\()")
_MARKS_IN_LABEL = re.compile(_ALL_MARKS + r"|[\[\]]")
# Marks behind an address that are not part of it, with one that is escaped.
_MARKS_BEHIND_LINK = re.compile(r"[?!.,:;'-]*[*_~|\\]")
# Marks at the beginning of a line; and a line that would make a table of the one above.
_LINE_START = re.compile(
    r"^([ \t]*)(?:(>)|([-+])(?=\s|$)|(\d{1,9})([.)])(?=\s|$)|([-:|])(?=[-:| \t]*$))", re.MULTILINE
)

# What a link's address may not hold as it is within markup.
_URL_SAFE = str.maketrans({c: quote(c) for c in '()<>|`" \\'})

# Deeper JSON is in one line: each of its lines would be mostly indentation.
_MAX_INDENTED_DEPTH = 12

_FENCE = re.compile("`{3,}|~{3,}")
_EMOTE_START = re.compile(r"/me\s", re.IGNORECASE)


def escape(text: str) -> str:
    """A text whose marks mean nothing. Addresses in it are links."""
    escaped = list[str]()
    for is_link, piece in split_links(text):
        escaped.append(piece if is_link else _MARKS.sub(r"\\\g<0>", piece))
    return _LINE_START.sub(_escaped_start, "".join(escaped))


def split_links(text: str) -> Iterator[tuple[bool, str]]:
    """The addresses of a text that the parser takes for links, as markup, and the texts between.

    An address in angle brackets would be a link without them, and an escaped mark behind an address
    may be read as part of it. So such an address is a link that is marked as one.
    """
    at = 0
    for start, end in bare_links(text):
        address = text[start:end]
        if bare_link_url(address) is None:
            continue
        is_alone = text[start - 1 : start] != "<" and _MARKS_BEHIND_LINK.match(text, end) is None
        before = text[at:start]
        if is_alone:
            yield False, before
            yield True, address
        else:
            # A link behind an exclamation mark would be a picture.
            yield False, before.removesuffix("!")
            mark = "\\!" if before.endswith("!") else ""
            yield True, f"{mark}[{escape_label(address)}]({safe_url(link_href(address))})"
        at = end
    yield False, text[at:]


def escape_line(text: str) -> str:
    """As `escape`, in one line."""
    return escape(" ".join(text.split()))


def escape_label(text: str) -> str:
    """The text of a link, in one line: addresses in it are text.

    A bracket of an address would reach beyond the text of the link. It is encoded.
    """
    line = " ".join(text.split())
    pieces, at = list[str](), 0
    for start, end in bare_links(line):
        address = line[start:end].replace("[", "%5B").replace("]", "%5D")
        pieces += (line[at:start], address)
        at = end
    return _MARKS_IN_LABEL.sub(r"\\\g<0>", "".join([*pieces, line[at:]]))


def escape_start(text: str) -> str:
    """A text that is no emote (`chat/text/message_text.py`)."""
    return text if _EMOTE_START.match(text) is None else f"\\{text}"


def link(text: str, url: str) -> str:
    """A link; without a text, the address alone; an address that cannot be opened, as text."""
    target = safe_url(url)
    if not target:
        return " ".join(filter(None, (escape_line(text), f"({escape_line(url)})" if url else "")))
    if not text.strip() or text.strip() == url.strip():
        return target if _is_bare(target) else f"[{escape_label(url)}]({target})"
    return f"[{escape_label(text)}]({target})"


def safe_url(url: str) -> str:
    """An address that can stand within markup, or "" if it is none that a click may open."""
    target = url.strip().translate(_URL_SAFE)
    return target if ":" in target and bare_link_url(target) else ""


def bold(markup: str) -> str:
    """Markup of one line in bold."""
    inner = markup.strip()
    return f"**{inner}**" if inner else ""


def italic(markup: str) -> str:
    """Markup of one line in italics."""
    inner = markup.strip()
    return f"*{inner}*" if inner else ""


def heading(markup: str) -> str:
    """A heading."""
    line = " ".join(markup.split())
    return f"## {line}" if line else ""


def quoted(markup: str) -> str:
    """A quote. Code that is not closed ends with it."""
    return "\n".join(f"> {line}".rstrip() for line in markup.strip("\n").split("\n"))


def code(text: str) -> str:
    """A block of code, or "" if there is none."""
    return code_block(text, _NO_LANGUAGE) if text.strip() else ""


def inline_code(text: str) -> str:
    """Code within a line; the marks around it are longer than any in it."""
    line = " ".join(text.split())
    if not line:
        return ""
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def json_code(value: object) -> str:
    """Any JSON as a block of code, with an indentation."""
    is_flat = depth_of(value, _MAX_INDENTED_DEPTH) <= _MAX_INDENTED_DEPTH
    text = json.dumps(value, ensure_ascii=False, indent=2 if is_flat else None)
    return code_block(clean_text(text), _JSON)


def table(rows: Sequence[Sequence[str]], alignments: Sequence[str] = ()) -> str | None:
    """A table of cells of markup, the first row is its head. None if they do not fit in one."""
    width = max(map(len, rows), default=0)
    if not 0 < width <= MAX_COLUMNS or width * len(rows) > MAX_CELLS:
        return None
    if not all(_fits_cell(cell) for row in rows for cell in row):
        return None
    dashes = [_DASHES.get(each, "---") for each in [*alignments, *[""] * width][:width]]
    lines = [_table_row(rows[0], width), f"| {' | '.join(dashes)} |"]
    return "\n".join([*lines, *(_table_row(row, width) for row in rows[1:])])


def grid(cells: Sequence[str]) -> str | None:
    """Cells in two columns, row by row. The lines of a cell are in rows of their own."""
    if len(cells) < 2 or any(cell.count("\n") > 1 for cell in cells):
        return None
    rows = list[tuple[str, str]]()
    for left, right in zip(cells[::2], [*cells[1::2], ""], strict=False):
        heads, values = _two_lines(left), _two_lines(right)
        rows += zip(heads, values, strict=True) if heads[1] or values[1] else [(left, right)]
    return table(rows)


def closed(markup: str) -> str:
    """Markup whose last block of code ends, so that what follows is no code."""
    last = max(fenced_ranges(markup), default=None)
    if last is None or last[1] < len(markup.rstrip()):
        return markup
    opening = _FENCE.match(markup, last[0])
    assert opening is not None, "a block of code begins with a fence"
    lines = markup[last[0] :].rstrip().split("\n")
    if not "".join(lines[1:]).strip():
        # Code without a line would take the markup from the whole text.
        return f"{markup[: last[0]]}\\{markup[last[0] :]}"
    end = lines[-1].strip(" \t>")
    if len(lines) > 1 and end.startswith(opening[0]) and not end.strip(opening[0][0]):
        return markup
    return f"{markup.rstrip(chr(10))}\n{opening[0]}"


def joined(texts: Iterable[str], separator: str = " · ") -> str:
    """The texts that are not empty, with a separator between them."""
    return separator.join(filter(None, texts))


def utc_time(seconds: float) -> str:
    """A time of the clock, such as “2026-11-30 14:05 UTC”; "" for one that no calendar has."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return ""


_DASHES = {"left": ":--", "center": ":-:", "right": "--:"}


def _escaped_start(found: re.Match[str]) -> str:
    space, quote_mark, bullet, number, dot, dash = found.groups()
    if number:
        return f"{space}{number}\\{dot}"
    return f"{space}\\{quote_mark or bullet or dash}"


def _is_bare(target: str) -> bool:
    return list(bare_links(target)) == [(0, len(target))]


def _fits_cell(cell: str) -> bool:
    return not (
        "\n" in cell
        or len(cell) > CELL_LIMIT + cell.count("](") * URL_LIMIT
        or "||" in cell
        or "\\|" in cell
        or cell.endswith("\\")
    )


def _table_row(row: Sequence[str], width: int) -> str:
    cells = [each.replace("|", "\\|") for each in row] + [""] * (width - len(row))
    return f"| {' | '.join(cells)} |"


def _two_lines(cell: str) -> tuple[str, str]:
    first, _, second = cell.partition("\n")
    return first, second
