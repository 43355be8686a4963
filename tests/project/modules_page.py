"""`docs/modules.md`: every module and script with its first sentence and its public names.

`python -m tests.project.modules_page` writes the page anew.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).parents[2]
PAGE = _ROOT / "docs" / "modules.md"

_INTRODUCTION = """# Modules

Every module and script, in one line: its first sentence, and the names that others use. A change
begins in the module whose line names its subject. `python -m tests.project.modules_page` writes
this page anew.
"""

_HEAD = "| module | subject | names |\n| --- | --- | --- |"

# Migrations are named by their numbers; an entry in this folder is never changed.
_LEFT_OUT = "migrations/"


def modules_page() -> str:
    """The text of the page."""
    folders = dict[str, list[str]]()
    for path, sentence, names in _modules():
        folder = path.parent.relative_to(_ROOT).as_posix()
        link = f"[{path.name}](../{path.relative_to(_ROOT).as_posix()})"
        cells = f"{link} | {sentence} | {' '.join(f'`{each}`' for each in names)}"
        folders.setdefault(folder, []).append(f"| {cells.rstrip()} |")
    sections = (
        "\n".join([f"\n## {folder}/\n", _HEAD, *lines, ""]) for folder, lines in folders.items()
    )
    return _INTRODUCTION + "".join(sections)


def _modules() -> Iterator[tuple[Path, str, list[str]]]:
    """Path, first sentence and public names of each module and script, folder by folder."""
    paths = [*(_ROOT / "chat").rglob("*.py"), *(_ROOT / "flet_chat").rglob("*.py")]
    for path in sorted(paths, key=lambda each: (each.parent, each.name)):
        if path.name != "__init__.py" and _LEFT_OUT not in path.as_posix():
            module = ast.parse(path.read_text("utf-8"))
            docstring = ast.get_docstring(module) or ""
            yield path, _first_paragraph(docstring.splitlines()), list(_public_names(module))
    for path in sorted((_ROOT / "assets").glob("*.js")):
        lines = path.read_text("utf-8").splitlines()
        comment = [line.removeprefix("//").strip() for line in lines if line.startswith("//")]
        yield path, _first_paragraph(comment), []


def _public_names(module: ast.Module) -> Iterator[str]:
    """The classes, functions and constants of a module that others may use."""
    for each in module.body:
        match each:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                names = [name]
            case ast.AsyncFunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                names = [name]
            case ast.Assign(targets=[ast.Name(id=name)]):
                names = [name]
            case _:
                names = []
        yield from (name for name in names if not name.startswith("_") and name != "log")


def _first_paragraph(lines: list[str]) -> str:
    end = lines.index("") if "" in lines else len(lines)
    return " ".join(line.strip() for line in lines[:end]).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(modules_page(), "utf-8")
