"""What Flet's own Markdown control is given: code, tables and formulas, written anew for it.

It never sees what a person typed. It fetches pictures, follows every link, and reads marks of its
own, so all that is not meant is a character reference.
"""

import re

from chat.text.markup.links import host_of
from chat.text.markup.nodes import CodeBlock, Span, Spans, Style, Table

# As its highlighter calls them, and what else people write.
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

# The client's highlighter is given no more: some of its patterns try every way.
MAX_HIGHLIGHTED_LENGTH = 4000

_MAX_TEX_LENGTH = 600
_MAX_TEX_DEPTH = 16
_TEX_COMMAND = re.compile(r"\\([a-zA-Z]+)")
# What defines, loads, links, or draws where it does not stand.
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
    """What the client's highlighter calls the language of this code; "" if it does not know it."""
    name = _LANGUAGES.get(code.language.lower(), "")
    return name if len(code.text) <= MAX_HIGHLIGHTED_LENGTH else ""


def fenced_code(code: CodeBlock) -> str:
    """Code in its language."""
    longest = max((len(ticks) for ticks in _BACKTICKS.findall(code.text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{highlighter_language(code)}\n{code.text}\n{fence}"


def table(table: Table) -> str:
    """A table of GitHub's kind."""
    alignment_markers = {"left": ":--", "right": "--:", "center": ":-:"}
    head, *rest = (_row(cells) for cells in table.rows)
    delimiter_row = "|" + "".join(
        f"{alignment_markers.get(alignment, '---')}|" for alignment in table.alignments
    )
    return "\n".join([head, delimiter_row, *rest])


def paragraph(spans: Spans) -> str:
    """A paragraph with formulas in it."""
    return "".join(map(_span, spans)).replace("\n", "  \n")


def formula(tex: str) -> str:
    """A formula on a line of its own."""
    return f"$${' '.join(tex.split())}$$"


def is_drawable(tex: str) -> bool:
    """Whether the client can draw a formula, and will draw it where it stands."""
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
    return "".join(_span(span) for span in spans).replace("\n", " ")


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
        # Here nothing could ask first.
        formatted = f"{formatted} ({_escape(host_of(span.link.url))})"
    return f"{before}{formatted}{after}"


def _escape(text: str) -> str:
    return _PUNCTUATION.sub(lambda c: f"&#{ord(c[0])};" if c[0].isascii() else c[0], text)
