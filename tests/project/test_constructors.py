"""Constructors: at most six arguments, and by name beyond the third; callbacks always by name."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAX_ARGUMENTS, MAX_POSITIONAL = 6, 3


def constructors() -> Iterator[tuple[str, ast.arguments, set[str]]]:
    """Where each constructor of the chat is, its arguments, and the names of function types."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in (ROOT / "chat").rglob("*.py")}
    aliases = {name for tree in trees.values() for name in _function_types(tree)}
    for path, tree in trees.items():
        for each in ast.walk(tree):
            if isinstance(each, ast.FunctionDef) and each.name == "__init__":
                yield f"{path.relative_to(ROOT)}:{each.lineno}", each.args, aliases


def _function_types(tree: ast.Module) -> Iterator[str]:
    yield "Callable"
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        if targets and any(
            isinstance(name, ast.Name) and name.id == "Callable" for name in ast.walk(node)
        ):
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def _is_function(argument: ast.arg, aliases: set[str]) -> bool:
    return argument.annotation is not None and any(
        isinstance(name, ast.Name) and name.id in aliases for name in ast.walk(argument.annotation)
    )


def test_constructors_have_at_most_six_arguments() -> None:
    counts = {
        where: len(arguments.args) - 1 + len(arguments.kwonlyargs)
        for where, arguments, _ in constructors()
    }
    assert {where: count for where, count in counts.items() if count > MAX_ARGUMENTS} == {}


def test_constructors_take_callbacks_and_more_than_three_arguments_by_name() -> None:
    positional = {
        where: [each.arg for each in arguments.args[1:]]
        for where, arguments, aliases in constructors()
        if len(arguments.args) - 1 > MAX_POSITIONAL
        or any(_is_function(each, aliases) for each in arguments.args[1:])
    }
    assert positional == {}
