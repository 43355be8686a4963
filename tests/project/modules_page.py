"""`docs/modules.md`: every module and script in one line, from the first sentence of each.

`python -m tests.project.modules_page` writes the page anew.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).parents[2]
PAGE = _ROOT / "docs" / "modules.md"

_INTRODUCTION = """# Modules

Every module and script, in one line: its first sentence. A change begins in the module whose line
names its subject. `python -m tests.project.modules_page` writes this page anew.
"""

# Migrations are named by their numbers; an entry in this folder is never changed.
_LEFT_OUT = "migrations/"


def modules_page() -> str:
    """The text of the page."""
    folders = dict[str, list[str]]()
    for path, sentence in _modules():
        folder = path.parent.relative_to(_ROOT).as_posix()
        link = f"[{path.name}](../{path.relative_to(_ROOT).as_posix()})"
        folders.setdefault(folder, []).append(f"| {link} | {sentence} |")
    sections = (
        "\n".join([f"\n## {folder}/\n", "| module | subject |", "| --- | --- |", *lines, ""])
        for folder, lines in folders.items()
    )
    return _INTRODUCTION + "".join(sections)


def _modules() -> Iterator[tuple[Path, str]]:
    """The path and the first sentence of each module and script, folder by folder."""
    for path in sorted((_ROOT / "chat").rglob("*.py"), key=lambda each: (each.parent, each.name)):
        if path.name != "__init__.py" and _LEFT_OUT not in path.as_posix():
            docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
            yield path, _first_paragraph(docstring.splitlines())
    for path in sorted((_ROOT / "assets").glob("*.js")):
        lines = path.read_text("utf-8").splitlines()
        comment = [line.removeprefix("//").strip() for line in lines if line.startswith("//")]
        yield path, _first_paragraph(comment)


def _first_paragraph(lines: list[str]) -> str:
    end = lines.index("") if "" in lines else len(lines)
    return " ".join(line.strip() for line in lines[:end]).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(modules_page(), "utf-8")
