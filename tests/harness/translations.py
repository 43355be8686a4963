"""The catalogues and the code: what is said in it, and what the files in `chat/languages` lack.

`python -m tests.harness.translations` adds new sentences to each catalogue, to be translated, and
takes out those that the code does not have any more. A new language begins as a copy of `zh_CN.po`
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

CHAT = Path(__file__).parents[2] / "chat"

# What takes a sentence, and how many of them: in the code, and as a refusal.
_SAY = {"t": 1, "_t": 1, "gettext_noop": 1, "plural": 2}


# Nothing that changes with each writing: several people add sentences at the same time.
_HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def _refusals(tree: type) -> Iterator[str]:
    if not issubclass(tree, errors.CannotStart):
        yield tree.__name__
        for inner in tree.__subclasses__():
            yield from _refusals(inner)


def sentences(path: Path) -> Iterator[str | tuple[str, str]]:
    """All that is said to people in a file; as two where it depends on a number."""
    takes = _SAY | dict.fromkeys(_refusals(errors.ChatError), 1)
    if path.name == "errors.py":
        takes["__init__"] = 1
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and (count := takes.get(_name(node.func))):
            said = [text for each in node.args[:count] for text in _texts(each)]
            if count == 2 and len(said) == 2:
                yield said[0], said[1]
            else:
                yield from said


def _name(called: ast.expr) -> str:
    """`say` of `say(…)` and of `clock.say(…)`."""
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _texts(given: ast.expr) -> Iterator[str]:
    """A literal, or those between which a condition chooses."""
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield given.value
    elif isinstance(given, ast.IfExp):
        yield from _texts(given.body)
        yield from _texts(given.orelse)


# Where a text is shown: the names of arguments, and whose first ones (or second, of `tool`) are.
_SHOWN = {"tooltip", "hint_text", "label", "helper", "title", "semantics_label", "text", "words"}
_SHOW = {"Text", "TextSpan", "TextButton", "FilledButton", "OutlinedButton", "FilledTonalButton"}
_SHOW |= {"secondary_text", "LabelledDivider", "RoomBeginning", "section_heading"}
_SHOW |= {"icon_button", "one_line_text", "labelled_icon", "show_snackbar", "SnackBar"}

# What takes words that nobody sees: the log, tasks by their names, and what is a fault of ours.
_UNSEEN = {"debug", "info", "warning", "error", "exception", "start", "RuntimeError", "ValueError"}

_WORD = re.compile(r"[A-Za-z]{2,}")
_SENTENCE = re.compile(r"[A-Z][a-z]+\b[^/=]*$")


def unsaid(path: Path) -> Iterator[str]:
    """Literals of a file that a person sees, and that no catalogue knows of."""
    module = ast.parse(path.read_text("utf-8"))
    takes = {*_SAY, *_refusals(errors.ChatError), *_UNSEEN}
    hidden = {id(node) for each in ast.walk(module) for node in _hidden(each, takes)}
    shown = {id(node) for each in ast.walk(module) for node in _shown(each)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            seen = _WORD if id(node) in shown else _SENTENCE
            if id(node) not in hidden and seen.match(node.value.strip(" ,.…:;“”()")):
                yield f"{path.name}:{node.lineno} “{node.value}”"


def _hidden(node: ast.AST, takes: set[str]) -> Iterator[ast.AST]:
    """Docstrings, types, and what stands in a call that says it, or shows it to nobody."""
    if isinstance(node, ast.Call) and _name(node.func) in takes:
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


def _shown(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call):
        given = [each.value for each in node.keywords if each.arg in _SHOWN]
        if _name(node.func) in _SHOW:
            given += node.args[:2]
        for each in given:
            yield from _pieces(each)


def _pieces(given: ast.expr) -> Iterator[ast.AST]:
    """The literals that a text is made of."""
    if isinstance(given, ast.Constant):
        yield given
    elif isinstance(given, ast.JoinedStr):
        yield from given.values
    elif isinstance(given, ast.IfExp | ast.BoolOp | ast.BinOp):
        for inner in ast.iter_child_nodes(given):
            if isinstance(inner, ast.expr):
                yield from _pieces(inner)


def said() -> Catalog:
    """All that the chat says, as a catalogue without translations."""
    catalogue = Catalog()
    for path in sorted(CHAT.rglob("*.py")):
        for sentence in sentences(path):
            catalogue.add(sentence)
    for sentence in index_page.script_sentences():
        catalogue.add(sentence)
    return catalogue


def read(path: Path) -> Catalog:
    """One language."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def languages() -> list[Path]:
    """The file of each language but English."""
    return sorted(FOLDER.glob("*.po"))


def renew(path: Path) -> None:
    """Bring a catalogue up to what is said now."""
    catalogue = read(path)
    catalogue.update(said(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    written = io.BytesIO()
    write_po(written, catalogue, width=0, omit_header=True, sort_output=True, ignore_obsolete=True)
    header = _HEADER.format(language=path.stem, plurals=catalogue.plural_forms)
    path.write_text(header + written.getvalue().decode(), "utf-8")


if __name__ == "__main__":
    for each in map(Path, sys.argv[1:]) if sys.argv[1:] else languages():
        renew(each)
