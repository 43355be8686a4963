"""Import layers: a package imports only from packages below it, and circles do not exist."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Packages and modules of `chat/`, lowest first. Each may import from those before it.
LAYERS = (
    "errors",
    "histogram",
    "loop_time",
    "tasks",
    "languages",
    "model",
    "action_limits",
    "activity",
    "text",
    "hook_payloads",
    "drawings",
    "store",
    "files",
    "people",
    "accounts",
    "devices",
    "rooms",
    "joining",
    "later",
    "programs",
    "outgoing",
    "workspace",
    "ui",
    "web",
    "mcp",
    "server",
    "__main__",
)

# The same inside the two packages that have sub-packages of their own.
UI_LAYERS = (
    "flet",
    "row_parts",
    "room_titles",
    "button_action",
    "theme",
    "chosen_row",
    "viewer",
    "author_line",
    "presence",
    "markup",
    "client",
    "views",
    "moderated_rows",
    "rows",
    "packing",
    "context",
    "autocomplete",
    "panels",
    "accounts",
    "moderation",
    "people",
    "joining",
    "programs",
    "dialogs",
    "devices",
    "notifications",
    "later",
    "emoji",
    "days",
    "timeline",
    "sidebar",
    "uploads",
    "compose_menu",
    "composer",
    "profile",
    "panes",
    "screen",
    "main",
)
WEB_LAYERS = (
    "guard",
    "http",
    "devices",
    "light",
    "accounts",
    "join",
    "api",
    "slack",
    "socket",
    "socketio",
    "local_socket",
    "trust",
    "monitoring",
    "application",
)

# Third-party packages that only some of our packages may import.
FLET = {"flet", "flet_charts", "flet_web", "flet_desktop", "flet_cli", "fastapi", "starlette"}
SQL = {"sqlalchemy", "alembic", "sqlite3"}
ALLOWED = {"ui": FLET, "web": FLET, "server": FLET, "store": SQL}

# Names that do not say what a module holds.
MEANINGLESS_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "base",
    "core",
    "common",
    "misc",
}

# A sub-package with more modules than this is hard to survey.
MOST_MODULES = 12


@dataclass(frozen=True)
class Import:
    """An import of `target` by the module `source`; `where` is its file and line."""

    source: str
    target: str
    where: str


@cache
def modules() -> dict[str, Path]:
    """Every module of the chat by its dotted name; a package stands for its `__init__`."""
    found = {}
    for path in sorted((ROOT / "chat").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(module: str) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(modules()[module].read_text("utf-8"))


def imports(module: str) -> Iterator[Import]:
    """All imports of a module, also those inside functions."""
    for node in ast.walk(tree(module)):
        for target in _imported(node, module):
            location = f"{modules()[module].relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            yield Import(module, target, f"{location} imports {target}")


def _imported(node: ast.AST, module: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"{module} imports relatively; write the whole name"
        origin = node.module or ""
        for alias in node.names:
            inner = f"{origin}.{alias.name}"
            yield inner if inner in modules() else origin


def internal_imports() -> Iterator[Import]:
    """Every import of one module of the chat by another."""
    for module in modules():
        for each in imports(module):
            if each.target in modules():
                yield each
            else:
                assert each.target.split(".")[0] != "chat", f"{each.where}, which does not exist"


def part(module: str, depth: int) -> str:
    """The package of a module below `chat` (depth 1) or below `chat.ui` (depth 2)."""
    return [*module.split("."), "", ""][depth]


def upward(layers: tuple[str, ...], depth: int, prefix: str = "chat") -> list[str]:
    """Imports inside `prefix` whose target is in a higher layer than their source."""
    found = []
    for each in internal_imports():
        if not (each.source.startswith(f"{prefix}.") and each.target.startswith(f"{prefix}.")):
            continue
        source, target = part(each.source, depth), part(each.target, depth)
        for name, module in ((source, each.source), (target, each.target)):
            assert name in layers, f"{module} has no layer: give “{name}” its place in {__file__}"
        if layers.index(target) > layers.index(source):
            found.append(each.where)
    return found


def test_packages_import_downward() -> None:
    assert upward(LAYERS, 1) == []


def test_ui_packages_import_downward() -> None:
    assert upward(UI_LAYERS, 2, "chat.ui") == []


def test_web_packages_import_downward() -> None:
    assert upward(WEB_LAYERS, 2, "chat.web") == []


@pytest.mark.parametrize(
    ("layers", "folder"), [(LAYERS, "chat"), (UI_LAYERS, "chat/ui"), (WEB_LAYERS, "chat/web")]
)
def test_every_layer_exists(layers: tuple[str, ...], folder: str) -> None:
    missing = [
        name
        for name in layers
        if not ((ROOT / folder / name).is_dir() or (ROOT / folder / f"{name}.py").is_file())
    ]
    assert missing == []


def test_no_circle_of_modules_exists() -> None:
    needs: dict[str, set[str]] = {module: set() for module in modules()}
    for each in internal_imports():
        needs[each.source].add(each.target)
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as cycle:
        pytest.fail(f"these modules import each other: {' → '.join(cycle.args[1])}")


@pytest.mark.parametrize("folder", ["ui", "web"])
def test_sub_packages_have_at_most_a_dozen_modules(folder: str) -> None:
    sizes = {
        path.name: len([each for each in path.glob("*.py") if each.name != "__init__.py"])
        for path in (ROOT / "chat" / folder).iterdir()
        if path.is_dir() and path.name != "__pycache__"
    }
    assert {name: size for name, size in sizes.items() if size > MOST_MODULES} == {}


def test_flet_and_sql_are_imported_only_where_they_belong() -> None:
    guarded = FLET | SQL
    strays = [
        each.where
        for module in modules()
        for each in imports(module)
        if (package := each.target.split(".")[0]) in guarded
        and package not in ALLOWED.get(part(module, 1), set())
    ]
    assert strays == []


def test_python_client_needs_httpx_only() -> None:
    allowed = {*sys.stdlib_module_names, "flet_chat", "httpx"}
    # What runs bots needs the extra, and says so where that is missing. Forms are made of Flet.
    allowed_for_bots = allowed | {"cronsim", "flet", "watchfiles"}
    folder = ROOT / "flet_chat"
    paths = sorted(folder.rglob("*.py"))
    assert paths
    strays = [
        f"{path.name} imports {name}"
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in _imported_names(node)
        if name.split(".")[0] not in (allowed_for_bots if path.parent != folder else allowed)
    ]
    assert strays == []


def _imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_only_settings_read_the_environment() -> None:
    readers = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
    found = [
        f"{modules()[module].relative_to(ROOT)}:{node.lineno} mentions {word}"
        for module in modules()
        if module != "chat.server.settings"
        for node in ast.walk(tree(module))
        if (word := _name_of_os(node)) in readers
        if isinstance(node, ast.Attribute | ast.alias)
    ]
    assert found == []


def _name_of_os(node: ast.AST) -> str:
    """`environ` of `os.environ`, and of `from os import environ`."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.attr if node.value.id == "os" else ""
    return node.name if isinstance(node, ast.alias) else ""


@pytest.mark.parametrize("module", modules())
def test_module_opens_with_a_sentence_that_says_what_it_holds(module: str) -> None:
    words = ast.get_docstring(tree(module))
    assert words, f"{modules()[module]} has no docstring"
    first = words.split("\n\n")[0]
    assert first.endswith("."), f"{modules()[module]} opens with “{first}”: end it with a full stop"
    assert first[0].isupper() or first[0] == "`"


def test_no_module_has_an_empty_name() -> None:
    assert [module for module in modules() if module.split(".")[-1] in MEANINGLESS_NAMES] == []
