"""The floors of the house: a file imports downward, and only some doors lead outside.

floor 0   errors  languages  messages  settings  text  tokens  query  mentions  slugs  tasks  logs
          emoji  attachments  files  pictures  thumbnails  dice  quoting  preferences  polls
          links  markdown  blocks  runs  markup  events  limits
floor 1   store/
floor 2   feed  typists  access  history  unsent  contents  upload  uploads  room  opening  people
          reading  seats  rooms  tastes  passes  downloads  portraits  house
floor 3   commands
floor 4   ui/  web/
floor 5   network  window  app  cli  __main__
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

FLOORS = {
    0: {"", "errors", "languages", "messages", "settings", "text", "tokens", "query", "mentions"}
    | {"slugs", "tasks", "logs", "emoji", "attachments", "files", "pictures", "thumbnails"}
    | {"dice", "quoting", "polls", "links", "markdown", "blocks", "runs", "markup"}
    | {"preferences", "events", "limits"},
    1: {"store"},
    2: {
        *("feed", "typists", "access", "history", "room", "opening"),
        *("people", "reading", "seats", "rooms", "tastes", "house"),
        *("upload", "uploads", "unsent", "contents", "passes", "downloads", "portraits"),
    },
    3: {"commands"},
    4: {"ui", "web"},
    5: {"memory", "network", "window", "app", "cli", "__main__"},
}

# What may be imported only here.
FLET = {"flet", "flet_web", "flet_desktop", "flet_cli", "fastapi", "starlette"}
SQL = {"sqlalchemy", "alembic", "sqlite3"}
DOORS = {"ui": FLET, "web": FLET, "app": FLET, "window": FLET, "store": SQL}

# A name that says nothing of what is inside.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "base", "core", "common", "misc"}


@dataclass(frozen=True)
class Import:
    """One file of the chat needs something; `line` says where."""

    here: str
    there: str
    line: str


@cache
def modules() -> dict[str, Path]:
    """Every module of the chat by its name: `chat.store.sql`, and `chat.store` for its door."""
    found = {}
    for path in sorted((ROOT / "chat").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(module: str) -> ast.Module:
    """A module, parsed."""
    return ast.parse(modules()[module].read_text("utf-8"))


def imports(module: str) -> Iterator[Import]:
    """All that a module imports, inside functions too."""
    for node in ast.walk(tree(module)):
        for there in _imported(node, module):
            where = f"{modules()[module].relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            yield Import(module, there, f"{where} imports {there}")


def _imported(node: ast.AST, module: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"{module} imports relatively; write the whole name"
        origin = node.module or ""
        for alias in node.names:
            inner = f"{origin}.{alias.name}"
            yield inner if inner in modules() else origin


def inside() -> Iterator[Import]:
    """Every import of one file of the chat by another."""
    for module in modules():
        for each in imports(module):
            if each.there in modules():
                yield each
            else:
                assert each.there.split(".")[0] != "chat", f"{each.line}, which is not there"


def home(module: str) -> str:
    """The file or folder of `chat/` that a module is, or is in: `store` for `chat.store.sql`."""
    return module.partition(".")[2].partition(".")[0]


def floor(module: str) -> int:
    """Which floor a module is on."""
    for number, homes in FLOORS.items():
        if home(module) in homes:
            return number
    pytest.fail(
        f"{modules()[module].relative_to(ROOT)} belongs to no floor. "
        f"Give “{home(module)}” its place in FLOORS of tests/test_floors.py: "
        "above all that it imports, below all that imports it."
    )


def test_every_file_belongs_to_a_floor() -> None:
    assert {floor(module) for module in modules()} == set(FLOORS)


def test_every_name_on_a_floor_is_a_file() -> None:
    assert {home for homes in FLOORS.values() for home in homes} == set(map(home, modules()))


def test_files_import_downward_or_inside_their_own_folder() -> None:
    upward = [
        each.line
        for each in inside()
        if home(each.here) != home(each.there) and floor(each.there) > floor(each.here)
    ]
    assert upward == []


def test_no_two_files_need_each_other() -> None:
    needs: dict[str, set[str]] = {module: set() for module in modules()}
    for each in inside():
        needs[each.here].add(each.there)
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as cycle:
        pytest.fail(f"these need each other: {' → '.join(cycle.args[1])}")


def test_the_screen_does_not_know_the_network() -> None:
    assert [e.line for e in inside() if (home(e.here), home(e.there)) == ("ui", "web")] == []


def test_only_the_right_doors_lead_outside() -> None:
    guarded = FLET | SQL
    strays = [
        each.line
        for module in modules()
        for each in imports(module)
        if (package := each.there.split(".")[0]) in guarded
        and package not in DOORS.get(home(module), set())
    ]
    assert strays == []


def test_only_settings_look_at_the_environment() -> None:
    looks = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
    found = [
        f"{modules()[module].relative_to(ROOT)}:{node.lineno} mentions {word}"
        for module in modules()
        if module != "chat.settings"
        for node in ast.walk(tree(module))
        if (word := _word_of_os(node)) in looks
        if isinstance(node, ast.Attribute | ast.alias)
    ]
    assert found == []


def _word_of_os(node: ast.AST) -> str:
    """`environ` of `os.environ`, and of `from os import environ`."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.attr if node.value.id == "os" else ""
    return node.name if isinstance(node, ast.alias) else ""


@pytest.mark.parametrize("module", modules())
def test_a_file_opens_with_one_sentence_that_says_what_it_holds(module: str) -> None:
    words = ast.get_docstring(tree(module))
    assert words, f"{modules()[module]} opens without a docstring"
    first = words.split("\n\n")[0]
    assert first.endswith("."), f"{modules()[module]} opens with “{first}”: end it with a full stop"
    assert first[0].isupper() or first[0] == "`"


def test_no_file_has_an_empty_name() -> None:
    assert [module for module in modules() if module.split(".")[-1] in EMPTY_NAMES] == []
