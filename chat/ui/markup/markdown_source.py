"""The input of Flet's Markdown control: code, tables and formulas, written anew for it.

The control never gets the text that a person typed. It would load pictures, follow every link, and
read markup of its own, so every other character becomes a character reference.
"""

import re

from chat.text.markup.links import host_of
from chat.text.markup.nodes import CodeBlock, Span, Spans, Style, Table

# The names of the client's highlighter, and other names of the same languages.
_LANGUAGES = {
    **dict.fromkeys(("python", "py", "python3"), "python"),
    **dict.fromkeys(("javascript", "js", "jsx", "node"), "javascript"),
    **dict.fromkeys(("typescript", "ts", "tsx"), "typescript"),
    **dict.fromkeys(("bash", "sh", "shell", "zsh"), "bash"),
    **dict.fromkeys(("cpp", "c", "c++", "h", "cc"), "cpp"),
    **dict.fromkeys(("cs", "csharp", "c#"), "cs"),
    **dict.fromkeys(("rust", "rs"), "rust"),
    **dict.fromkeys(("ruby", "rb"), "ruby"),
    **dict.fromkeys(("yaml", "yml"), "yaml"),
    **dict.fromkeys(("xml", "html", "svg"), "xml"),
    **dict.fromkeys(("kotlin", "kt"), "kotlin"),
    **dict.fromkeys(("ini", "toml"), "ini"),
    **dict.fromkeys(("diff", "patch"), "diff"),
    **{
        name: name
        for name in ("java", "go", "php", "sql", "json", "css", "scss", "dart", "swift", "lua", "r")
    },
}

# Longer code is not highlighted: some patterns of the client's highlighter backtrack.
MAX_HIGHLIGHTED_LENGTH = 4000

_MAX_TEX_LENGTH = 600
_MAX_TEX_DEPTH = 16
_TEX_COMMAND = re.compile(r"\\([a-zA-Z]+)")
# Commands that define, load or link, or that draw outside of their own place.
_FORBIDDEN_TEX = frozenset(
    [
        *("def", "gdef", "edef", "xdef", "let", "futurelet", "global", "long"),
        *("newcommand", "renewcommand", "providecommand", "char", "href", "url"),
        *("includegraphics", "htmlclass", "htmlid", "htmlstyle", "htmldata", "tag"),
        *("rule", "kern", "mkern", "mskip", "hskip", "hspace", "raisebox", "raise", "lower"),
        *("llap", "rlap", "clap", "mathllap", "mathrlap", "mathclap", "smash", "vcenter"),
        *("phantom", "vphantom", "hphantom", "huge"),
    ]
)

_PUNCTUATION = re.compile(r"[^\w\s]", re.ASCII)
_BACKTICKS = re.compile(r"`+")


def highlighter_language(code: CodeBlock) -> str:
    """The highlighter's name of the language of this code; "" if it does not know the language."""
    name = _LANGUAGES.get(code.language.partition(" ")[0].lower(), "")
    return name if len(code.text) <= MAX_HIGHLIGHTED_LENGTH else ""


def fenced_code(code: CodeBlock) -> str:
    """Code with its language."""
    longest = max((len(ticks) for ticks in _BACKTICKS.findall(code.text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{highlighter_language(code)}\n{code.text}\n{fence}"


def table(table: Table) -> str:
    """A table as in GitHub's Markdown. It has no spoilers: the control cannot open one."""
    alignment_markers = {"left": ":--", "right": "--:", "center": ":-:"}
    head, *rest = (_row(cells) for cells in table.rows)
    delimiter_row = "|" + "".join(
        f"{alignment_markers.get(alignment, '---')}|" for alignment in table.alignments
    )
    return "\n".join([head, delimiter_row, *rest])


def paragraph(spans: Spans) -> str:
    """A paragraph with formulas."""
    return _joined(spans).replace("\n", "  \n")


def formula(tex: str) -> str:
    """A formula on a line of its own."""
    return f"$${' '.join(tex.split())}$$"


def is_drawable(tex: str) -> bool:
    """Whether the client can draw a formula, and draws it in its own place."""
    if not 0 < len(tex) <= _MAX_TEX_LENGTH or "$" in tex or tex.rstrip().endswith("\\"):
        return False
    if not _FORBIDDEN_TEX.isdisjoint(map(str.lower, _TEX_COMMAND.findall(tex))) or (
        "\\" in tex and "@" in tex
    ):
        return False
    depth = deepest = 0
    for c in tex:
        depth += (c == "{") - (c == "}")
        deepest = max(deepest, depth)
        if depth < 0:
            return False
    return depth == 0 and deepest <= _MAX_TEX_DEPTH


def _row(cells: tuple[Spans, ...]) -> str:
    return "|" + "".join(f" {_cell(each)} |" for each in cells)


def _cell(spans: Spans) -> str:
    return _joined(spans).replace("\n", " ")


def _joined(spans: Spans) -> str:
    source = ""
    for part in map(_span, spans):
        # Without the space, two formulas in a row would be read as one with a "$$" inside, and two
        # pieces of code as one.
        separator = " " if source[-1:] == part[:1] and part[:1] in {"$", "`"} else ""
        source += separator + part
    return source


def _span(span: Span) -> str:
    if span.style & Style.FORMULA:
        tex = " ".join(span.text.split())
        if is_drawable(tex) and "|" not in tex:
            return f"${tex}$"
        return f"*{_escape(tex)}*"
    text = span.text
    if span.style & Style.CODE and "`" not in text and "|" not in text and text.strip():
        return f"`{text}`"
    inner = text.strip()
    if not inner:
        return text
    before, _, after = text.partition(inner)
    formatted = _escape(inner)
    for style, delimiter in ((Style.STRIKE, "~~"), (Style.ITALIC, "*"), (Style.BOLD, "**")):
        if span.style & style:
            formatted = f"{delimiter}{formatted}{delimiter}"
    if span.link is not None and span.link.part is None:
        formatted = f"[{formatted}](<{span.link.url}>)"
    elif span.link is not None:
        # The control cannot ask before it opens a link, so the host is shown.
        formatted = f"{formatted} ({_escape(host_of(span.link.url))})"
    return f"{before}{formatted}{after}"


def _escape(text: str) -> str:
    return _PUNCTUATION.sub(lambda c: f"&#{ord(c[0])};" if c[0].isascii() else c[0], text)
