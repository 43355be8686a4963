"""The pages in `docs/` name only existing files, modules, link targets, classes and members."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import flet as ft
import pytest

from chat.web.http.index_page import flet_folder

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))

# The folders to which a path in a page may be relative; the last one is of Flet's own page.
FOLDERS = (ROOT, ROOT / "chat", ROOT / "assets", flet_folder())

CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")
PATH = re.compile(r"(?:[\w-]+/)*[\w-]+\.(?:py|js|html|tsv|po|md|zip)")
MODULE = re.compile(r"python -m ([\w.]*\w)")
MEMBER = re.compile(r"([A-Z]\w+)\.(\w+)(?:\(.*\))?")
CLASS = re.compile(r"(?:[A-Z][a-z0-9]+){2,}")


@cache
def class_members() -> dict[str, tuple[set[str], list[str]]]:
    """Each class of the chat and of its client: the names that it defines, and its base classes."""
    found = dict[str, tuple[set[str], list[str]]]()
    for path in (*(ROOT / "chat").rglob("*.py"), *(ROOT / "flet_chat").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases = [each.id for each in node.bases if isinstance(each, ast.Name)]
                names, others = found.get(node.name, (set[str](), list[str]()))
                found[node.name] = (names | set(_defined_names(node)), [*others, *bases])
    return found


def _defined_names(node: ast.ClassDef) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            yield each.name
        elif isinstance(each, ast.Name | ast.Attribute) and isinstance(each.ctx, ast.Store):
            yield each.id if isinstance(each, ast.Name) else each.attr


def has_member(class_name: str, member: str) -> bool:
    """Whether a class of the chat, or one that it inherits from, defines this name."""
    members, bases = class_members().get(class_name, (set[str](), []))
    return member in members or any(has_member(each, member) for each in bases)


def code_names(page: Path) -> list[str]:
    """The texts between backticks on one line, outside of code blocks."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S)
    return CODE.findall(text)


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_every_path_in_the_docs_exists(page: Path) -> None:
    for name in code_names(page):
        if PATH.fullmatch(name):
            assert any((folder / name).is_file() for folder in FOLDERS), name


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_every_module_that_the_docs_run_exists(page: Path) -> None:
    for name in MODULE.findall(page.read_text("utf-8")):
        assert find_spec(name) is not None, name


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_every_link_target_in_the_docs_exists(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


# The names in `modules.md` are those of the code: `test_modules_page.py`.
@pytest.mark.parametrize(
    "page", [each for each in DOCS if each.name != "modules.md"], ids=lambda page: page.name
)
def test_every_class_and_member_in_the_docs_exists(page: Path) -> None:
    for name in code_names(page):
        if PATH.fullmatch(name):
            continue
        if (found := MEMBER.fullmatch(name)) is not None:
            assert has_member(found[1], found[2]), name
        elif CLASS.fullmatch(name):
            assert name in class_members() or hasattr(ft, name), name
