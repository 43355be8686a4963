"""The catalogues of `chat/languages`: the sentences in the code, and those that are missing.

`python -m tests.harness.translations` adds new sentences to each catalogue, to be translated, and
removes those that the code no longer has. A new language begins as a copy of `zh_CN.po`
without its translations.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from chat import errors
from chat.languages import FOLDER
from chat.web.http import index_page

CHAT_FOLDER = Path(__file__).parents[2] / "chat"

# The functions that translate, with the number of sentences that they take.
_TRANSLATING_CALLS = {"t": 1, "_t": 1, "gettext_noop": 1, "plural": 2}


# Without dates, which would conflict when several people add sentences at the same time.
_HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def _error_names(tree: type) -> Iterator[str]:
    if not issubclass(tree, errors.CannotStart):
        yield tree.__name__
        for inner in tree.__subclasses__():
            yield from _error_names(inner)


def source_messages(path: Path) -> Iterator[str | tuple[str, str]]:
    """The translated sentences in a file; a pair for a singular and a plural."""
    argument_counts = _TRANSLATING_CALLS | dict.fromkeys(_error_names(errors.ChatError), 1)
    if path.name == "errors.py":
        argument_counts["__init__"] = 1
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and (count := argument_counts.get(_callee_name(node.func))):
            literals = [text for each in node.args[:count] for text in _literals(each)]
            if count == 2 and len(literals) == 2:
                yield literals[0], literals[1]
            else:
                yield from literals


def _callee_name(callee: ast.expr) -> str:
    """The name of the called function: `t` of `t(…)` and of `viewer.t(…)`."""
    if isinstance(callee, ast.Attribute):
        return callee.attr
    return callee.id if isinstance(callee, ast.Name) else ""


def _literals(expression: ast.expr) -> Iterator[str]:
    """A literal, or both literals of a conditional expression."""
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        yield expression.value
    elif isinstance(expression, ast.IfExp):
        yield from _literals(expression.body)
        yield from _literals(expression.orelse)


# Arguments that are shown: by their names, and the first two of these calls.
_TEXT_ARGUMENTS = {
    "tooltip",
    "hint_text",
    "label",
    "helper",
    "title",
    "semantics_label",
    "text",
    "words",
}
_TEXT_CONTROLS = {
    "Text",
    "TextSpan",
    "TextButton",
    "FilledButton",
    "OutlinedButton",
    "FilledTonalButton",
}
_TEXT_CONTROLS |= {"secondary_text", "LabelledDivider", "RoomBeginning", "section_heading"}
_TEXT_CONTROLS |= {"icon_button", "one_line_text", "labelled_icon", "show_snackbar", "SnackBar"}

# Calls whose texts no person sees: the log, names of tasks and types, and internal errors.
_INTERNAL_CALLS = {
    "TypeVar",
    "debug",
    "info",
    "warning",
    "error",
    "exception",
    "start",
    "RuntimeError",
    "ValueError",
}

_WORD_PATTERN = re.compile(r"[A-Za-z]{2,}")
_SENTENCE_PATTERN = re.compile(r"[A-Z][a-z]+\b[^/=]*$")


def untranslated_literals(path: Path) -> Iterator[str]:
    """The literals of a file that a person sees and that are not translated."""
    module = ast.parse(path.read_text("utf-8"))
    ignored_calls = {*_TRANSLATING_CALLS, *_error_names(errors.ChatError), *_INTERNAL_CALLS}
    ignored_ids = {
        id(node) for each in ast.walk(module) for node in _ignored_nodes(each, ignored_calls)
    }
    displayed_ids = {id(node) for each in ast.walk(module) for node in _displayed_nodes(each)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            pattern = _WORD_PATTERN if id(node) in displayed_ids else _SENTENCE_PATTERN
            if id(node) not in ignored_ids and pattern.match(node.value.strip(" ,.…:;“”()")):
                yield f"{path.name}:{node.lineno} “{node.value}”"


def _ignored_nodes(node: ast.AST, ignored_calls: set[str]) -> Iterator[ast.AST]:
    """Docstrings, types, and the arguments of calls that translate or that no person sees."""
    if isinstance(node, ast.Call) and _callee_name(node.func) in ignored_calls:
        for each in (*node.args, *(keyword.value for keyword in node.keywords)):
            yield from ast.walk(each)
    elif isinstance(node, ast.Assert):
        yield from ast.walk(node)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
        yield from ast.walk(node.returns)
    elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
        yield from ast.walk(node.annotation)


def _displayed_nodes(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call):
        expressions = [each.value for each in node.keywords if each.arg in _TEXT_ARGUMENTS]
        if _callee_name(node.func) in _TEXT_CONTROLS:
            expressions += node.args[:2]
        for each in expressions:
            yield from _text_parts(each)


def _text_parts(expression: ast.expr) -> Iterator[ast.AST]:
    """The literals of a text."""
    if isinstance(expression, ast.Constant):
        yield expression
    elif isinstance(expression, ast.JoinedStr):
        yield from expression.values
    elif isinstance(expression, ast.IfExp | ast.BoolOp | ast.BinOp):
        for inner in ast.iter_child_nodes(expression):
            if isinstance(inner, ast.expr):
                yield from _text_parts(inner)


def extract_catalogue() -> Catalog:
    """All sentences of the chat, as a catalogue without translations."""
    catalogue = Catalog()
    for path in sorted(CHAT_FOLDER.rglob("*.py")):
        for message in source_messages(path):
            catalogue.add(message)
    for message in index_page.script_sentences():
        catalogue.add(message)
    return catalogue


def read_catalogue(path: Path) -> Catalog:
    """Read the catalogue of one language."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def catalogue_paths() -> list[Path]:
    """The file of each language but English."""
    return sorted(FOLDER.glob("*.po"))


def update_catalogue(path: Path) -> None:
    """Add new sentences to a catalogue, and remove old ones."""
    catalogue = read_catalogue(path)
    catalogue.update(extract_catalogue(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    output = io.BytesIO()
    write_po(output, catalogue, width=0, omit_header=True, sort_output=True, ignore_obsolete=True)
    header = _HEADER.format(language=path.stem, plurals=catalogue.plural_forms)
    path.write_text(header + output.getvalue().decode(), "utf-8")


if __name__ == "__main__":
    for each in map(Path, sys.argv[1:]) if sys.argv[1:] else catalogue_paths():
        update_catalogue(each)
