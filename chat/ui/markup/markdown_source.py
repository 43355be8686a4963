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
CODE_LENGTH = 4000

_TEX_LENGTH = 600
_TEX_DEPTH = 16
_TEX_WORD = re.compile(r"\\([a-zA-Z]+)")
# What defines, loads, links, or draws where it does not stand.
_NO_TEX = frozenset(
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
_TICKS = re.compile(r"`+")


def language(code: CodeBlock) -> str:
    """What the client's highlighter calls the language of this code; "" if it does not know it."""
    known = _LANGUAGES.get(code.language.lower(), "")
    return known if len(code.text) <= CODE_LENGTH else ""


def fence(code: CodeBlock) -> str:
    """Code in its language."""
    longest = max((len(ticks) for ticks in _TICKS.findall(code.text)), default=0)
    bar = "`" * max(3, longest + 1)
    return f"{bar}{language(code)}\n{code.text}\n{bar}"


def table(given: Table) -> str:
    """A table of GitHub's kind."""
    marks = {"left": ":--", "right": "--:", "center": ":-:"}
    head, *rest = (_row(cells) for cells in given.rows)
    between = "|" + "".join(f"{marks.get(side, '---')}|" for side in given.alignments)
    return "\n".join([head, between, *rest])


def line(runs: Spans) -> str:
    """A paragraph with formulas in it."""
    return "".join(map(_run, runs)).replace("\n", "  \n")


def formula(tex: str) -> str:
    """A formula on a line of its own."""
    return f"$${' '.join(tex.split())}$$"


def is_drawable(tex: str) -> bool:
    """Whether the client can draw a formula, and will draw it where it stands."""
    if not 0 < len(tex) <= _TEX_LENGTH or "$" in tex or tex.rstrip().endswith("\\"):
        return False
    if not _NO_TEX.isdisjoint(map(str.lower, _TEX_WORD.findall(tex))) or (
        "\\" in tex and "@" in tex
    ):
        return False
    depth = deepest = 0
    for c in tex:
        depth += (c == "{") - (c == "}")
        deepest = max(deepest, depth)
        if depth < 0:
            return False
    return depth == 0 and deepest <= _TEX_DEPTH


def _row(cells: tuple[Spans, ...]) -> str:
    return "|" + "".join(f" {_cell(each)} |" for each in cells)


def _cell(runs: Spans) -> str:
    return "".join(_run(run) for run in runs).replace("\n", " ")


def _run(run: Span) -> str:
    if run.style & Style.FORMULA:
        tex = " ".join(run.text.split())
        if is_drawable(tex) and "|" not in tex:
            return f"${tex}$"
        return f"*{_escaped(tex)}*"
    text = run.text
    if run.style & Style.CODE and "`" not in text and "|" not in text and text.strip():
        return f"`{text}`"
    inner = text.strip()
    if not inner:
        return text
    before, _, after = text.partition(inner)
    said = _escaped(inner)
    for style, mark in ((Style.STRIKE, "~~"), (Style.ITALIC, "*"), (Style.BOLD, "**")):
        if run.style & style:
            said = f"{mark}{said}{mark}"
    if run.link is not None and run.link.part is None:
        said = f"[{said}](<{run.link.url}>)"
    elif run.link is not None:
        # Here nothing could ask first.
        said = f"{said} ({_escaped(host_of(run.link.url))})"
    return f"{before}{said}{after}"


def _escaped(text: str) -> str:
    return _PUNCTUATION.sub(lambda c: f"&#{ord(c[0])};" if c[0].isascii() else c[0], text)
