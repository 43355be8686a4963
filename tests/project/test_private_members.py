"""Tests reach the product through its public members, and Flet's private ones in one file."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]

# The one file that knows private members of Flet.
FLET_INTERNALS = TESTS / "harness" / "flet_internals.py"

# "chat.module._NAME", as `monkeypatch.setattr` takes it.
_PRIVATE_PATH = re.compile(r"chat(\.\w+)*\._\w+(\.\w+)*")


def test_no_test_reads_a_private_member_of_another_object() -> None:
    found = {
        str(path.relative_to(TESTS)): uses
        for path in sorted(TESTS.rglob("*.py"))
        if path != FLET_INTERNALS
        and (uses := list(private_uses(ast.parse(path.read_text("utf-8")))))
    }
    assert found == {}


def test_private_uses_are_found_in_every_form() -> None:
    source = """
from chat.rooms.feed import _GAP_WAIT
workspace._store.close()
self._own, cls._own, super()._own
monkeypatch.setattr(feed, "_GAP_WAIT", 0)
monkeypatch.setattr("chat.rooms.feed._GAP_WAIT", 0)
vars(manager)["_FletAppManager__sessions"]
"""
    assert list(private_uses(ast.parse(source))) == [
        "2: _GAP_WAIT",
        "3: workspace._store",
        "5: _GAP_WAIT",
        "6: chat.rooms.feed._GAP_WAIT",
        "7: _FletAppManager__sessions",
    ]


def private_uses(tree: ast.AST) -> Iterator[str]:
    """The line and the name of each private member of another object that a file uses."""
    found = {(line, name) for node in ast.walk(tree) for line, name in _private_names(node)}
    yield from (f"{line}: {name}" for line, name in sorted(found))


def _private_names(node: ast.AST) -> Iterator[tuple[int, str]]:
    match node:
        case ast.Attribute(value=owner, attr=name) if _is_private(name) and not _is_own(owner):
            yield node.lineno, ast.unparse(node)
        case ast.ImportFrom(names=names):
            yield from ((node.lineno, each.name) for each in names if _is_private(each.name))
        case ast.Call(func=ast.Name("getattr" | "setattr") | ast.Attribute(attr="setattr")):
            for each in node.args[:2]:
                match each:
                    case ast.Constant(str() as text) if _is_private_text(text):
                        yield each.lineno, text
        case ast.Subscript(
            value=ast.Call(func=ast.Name("vars")), slice=ast.Constant(str() as name)
        ) if _is_private(name):
            yield node.lineno, name


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _is_private_text(text: str) -> bool:
    return _is_private(text) or _PRIVATE_PATH.fullmatch(text) is not None


def _is_own(owner: ast.expr) -> bool:
    """Whether a member is one of the object that the code belongs to."""
    match owner:
        case ast.Name("self" | "cls") | ast.Call(func=ast.Name("super")):
            return True
    return False
