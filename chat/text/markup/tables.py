"""The table rule of the parser: tables as on GitHub, of which no cell is lost.

Unlike GitHub's, a table is as wide as its widest row, a row has at least one bar, and the bars of a
`||spoiler||` separate no cells.
"""

import re
from itertools import zip_longest

from markdown_it.rules_block import StateBlock

# The largest table.
MAX_COLUMNS, MAX_CELLS = 16, 400

_DELIMITER_ROW = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
# A spoiler has spaces or bars around it; two bars between two words are an empty cell.
_BAR = re.compile(r"\\.|(?:(?<=[\s|])|^)\|\|(?=[^\s|])[^|\n]*[^\s|]\|\|(?=[\s|]|$)|(\|)")


def table(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Parse a header, a row of dashes, and the rows below."""
    if start_line + 2 > end_line or _is_outside(state, start_line + 1):
        return False
    delimiters = _line(state, start_line + 1)
    if "|" not in (head := _line(state, start_line)) or not _DELIMITER_ROW.fullmatch(delimiters):
        return False
    if delimiters[:1] == "-" and delimiters[1:2].isspace():
        # This is a list.
        return False
    alignments = [_alignment(cell) for cell in _split_row(delimiters)]
    columns = _split_row(head)
    if not columns or len(columns) != len(alignments):
        return False
    if silent:
        return True
    rows, next_line = [columns], start_line + 2
    while next_line < end_line and not _ends_table(state, next_line, end_line):
        rows.append(_split_row(_line(state, next_line)))
        next_line += 1
    _push_table(state, rows, alignments, (start_line, next_line))
    state.line = next_line
    return True


def _push_table(
    state: StateBlock, rows: list[list[str]], alignments: list[str], lines: tuple[int, int]
) -> None:
    width = min(max(map(len, rows)), MAX_COLUMNS + 1)
    state.push("table_open", "table", 1).map = list(lines)
    for number, row in enumerate(rows):
        kind = "td" if number else "th"
        state.push("tr_open", "tr", 1)
        for _, cell, alignment in zip_longest(range(width), row[:width], alignments[:width]):
            opening = state.push(f"{kind}_open", kind, 1)
            if alignment:
                opening.attrs = {"style": f"text-align:{alignment}"}
            inline = state.push("inline", "", 0)
            inline.content, inline.children = (cell or "").strip(), []
            state.push(f"{kind}_close", kind, -1)
        state.push("tr_close", "tr", -1)
    state.push("table_close", "table", -1)


def _ends_table(state: StateBlock, line: int, end_line: int) -> bool:
    if _is_outside(state, line) or "|" not in _line(state, line):
        return True
    # The rules that end a list are those that may not be part of a row.
    return any(rule(state, line, end_line, True) for rule in state.md.block.ruler.getRules("list"))


def _is_outside(state: StateBlock, line: int) -> bool:
    return state.sCount[line] < state.blkIndent or state.sCount[line] - state.blkIndent > 3


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()


def _split_row(line: str) -> list[str]:
    """The cells of a row. The bars at both ends are optional."""
    cells, at = list[str](), 0
    for bar in _BAR.finditer(line):
        if bar[1]:
            cells.append(line[at : bar.start()].replace("\\|", "|"))
            at = bar.end()
    cells.append(line[at:].replace("\\|", "|"))
    if len(cells) > 1 and not cells[0].strip():
        del cells[0]
    if len(cells) > 1 and not cells[-1].strip():
        del cells[-1]
    return cells


def _alignment(dashes: str) -> str:
    begins, ends = dashes.strip().startswith(":"), dashes.strip().endswith(":")
    if begins and ends:
        return "center"
    return "left" if begins else "right" if ends else ""
